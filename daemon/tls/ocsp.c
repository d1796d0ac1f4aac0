// SPDX-License-Identifier: GPL-2.0-or-later
#include "tls/ocsp.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/ocsp.h>

#include "lib/log.h"

/* Responses have some hundred bytes, with the responder's chain some thousand. */
#define OCSP_MAX	32768
/* Clocks may differ by this much, seconds. */
#define OCSP_SKEW	300

/* Is this answer about @cert? By serial number and issuer's name. */
static bool ocsp_is_about(const OCSP_CERTID *id, X509 *cert)
{
	unsigned char hash[EVP_MAX_MD_SIZE];
	ASN1_OCTET_STRING *name;
	ASN1_INTEGER *serial;
	ASN1_OBJECT *md;
	unsigned int len;

	return OCSP_id_get0_info(&name, &md, NULL, &serial, (OCSP_CERTID *)id) &&
	       ASN1_INTEGER_cmp(serial, X509_get0_serialNumber(cert)) == 0 &&
	       EVP_get_digestbyobj(md) &&
	       X509_NAME_digest(X509_get_issuer_name(cert), EVP_get_digestbyobj(md), hash,
				&len) &&
	       ASN1_STRING_length(name) == (int)len &&
	       !memcmp(ASN1_STRING_get0_data(name), hash, len);
}

static OCSP_SINGLERESP *ocsp_find(OCSP_BASICRESP *basic, X509 *cert)
{
	for (int i = 0; i < OCSP_resp_count(basic); i++) {
		OCSP_SINGLERESP *one = OCSP_resp_get0(basic, i);

		if (ocsp_is_about(OCSP_SINGLERESP_get0_id(one), cert))
			return one;
	}
	return NULL;
}

/* What is inside of @der; NULL if it says that there is no answer. */
static OCSP_BASICRESP *ocsp_parse(const unsigned char *der, size_t len)
{
	OCSP_RESPONSE *response = d2i_OCSP_RESPONSE(NULL, &der, (long)len);
	OCSP_BASICRESP *basic = NULL;

	if (response && OCSP_response_status(response) == OCSP_RESPONSE_STATUS_SUCCESSFUL)
		basic = OCSP_response_get1_basic(response);
	OCSP_RESPONSE_free(response);
	ERR_clear_error();
	return basic;
}

/* ---- server ------------------------------------------------------------------------ */

static time_t ocsp_time(const ASN1_GENERALIZEDTIME *asn1)
{
	struct tm tm;

	return asn1 && ASN1_TIME_to_tm(asn1, &tm) ? timegm(&tm) : 0;
}

bool ocsp_staple_read(struct ocsp_staple *staple, int fd, X509 *cert, char *err,
		      size_t err_len)
{
	unsigned char der[OCSP_MAX];
	ssize_t len = read(fd, der, sizeof(der));
	OCSP_BASICRESP *basic = len > 0 ? ocsp_parse(der, (size_t)len) : NULL;
	OCSP_SINGLERESP *one = basic ? ocsp_find(basic, cert) : NULL;
	ASN1_GENERALIZEDTIME *until = NULL;
	int status = -1;

	if (one)
		status = OCSP_single_get0_status(one, NULL, NULL, NULL, &until);
	staple->until = ocsp_time(until);
	OCSP_BASICRESP_free(basic);
	if (!basic)
		snprintf(err, err_len, "the file is no successful OCSP response (DER)");
	else if (!one)
		snprintf(err, err_len, "the OCSP response is not about this certificate");
	else if (status == V_OCSP_CERTSTATUS_REVOKED)
		snprintf(err, err_len, "the OCSP response says that the certificate is revoked");
	if (status != V_OCSP_CERTSTATUS_GOOD && status != V_OCSP_CERTSTATUS_UNKNOWN)
		return false;
	staple->len = (size_t)len;
	staple->der = OPENSSL_memdup(der, (size_t)len);
	return staple->der;
}

bool ocsp_until(int fd, time_t *until)
{
	unsigned char der[OCSP_MAX];
	ssize_t len = read(fd, der, sizeof(der));
	OCSP_BASICRESP *basic = len > 0 ? ocsp_parse(der, (size_t)len) : NULL;
	OCSP_SINGLERESP *one = basic ? OCSP_resp_get0(basic, 0) : NULL;
	ASN1_GENERALIZEDTIME *next = NULL;

	if (one)
		OCSP_single_get0_status(one, NULL, NULL, NULL, &next);
	*until = ocsp_time(next);
	OCSP_BASICRESP_free(basic);
	return *until;
}

void ocsp_staple_free(struct ocsp_staple *staple)
{
	OPENSSL_free(staple->der);
	*staple = (struct ocsp_staple){ .der = NULL };
}

int ocsp_staple_show(SSL *ssl, const struct ocsp_staple *staple)
{
	unsigned char *copy;

	/* To a client an old one is worse than none. */
	if (!staple->der || (staple->until && staple->until < time(NULL)))
		return SSL_TLSEXT_ERR_NOACK;
	copy = OPENSSL_memdup(staple->der, staple->len);
	if (!copy)
		return SSL_TLSEXT_ERR_NOACK;
	SSL_set_tlsext_status_ocsp_resp(ssl, copy, (long)staple->len);
	return SSL_TLSEXT_ERR_OK;
}

/* ---- client ------------------------------------------------------------------------ */

/* Return: what is wrong with it as evidence, NULL = @status is what it says. */
static const char *ocsp_judge(SSL *ssl, OCSP_BASICRESP *basic, int *status)
{
	STACK_OF(X509) *chain = SSL_get0_verified_chain(ssl);
	X509_STORE *store = SSL_CTX_get_cert_store(SSL_get_SSL_CTX(ssl));
	ASN1_GENERALIZEDTIME *since, *until = NULL;
	OCSP_SINGLERESP *one;

	one = ocsp_find(basic, SSL_get0_peer_certificate(ssl));
	if (!one)
		return "it is about another certificate";
	if (OCSP_basic_verify(basic, chain, store, 0) <= 0)
		return "its signature is not good";
	*status = OCSP_single_get0_status(one, NULL, NULL, &since, &until);
	if (!OCSP_check_validity(since, until, OCSP_SKEW, -1))
		return "it is out of date";
	return NULL;
}

/*
 * A response that proves nothing is like none, for an attacker would leave it out;
 * only what the CA says against a certificate counts.
 */
static int ocsp_on_response(SSL *ssl, void *arg)
{
	const unsigned char *der;
	long len = SSL_get_tlsext_status_ocsp_resp(ssl, &der);
	OCSP_BASICRESP *basic = der && len > 0 ? ocsp_parse(der, (size_t)len) : NULL;
	int status = V_OCSP_CERTSTATUS_UNKNOWN;
	const char *bad = "it is none";

	(void)arg;
	if (!der || !SSL_get0_verified_chain(ssl))
		goto out;
	if (basic)
		bad = ocsp_judge(ssl, basic, &status);
	ERR_clear_error();
	if (bad)
		log_warn("the server's OCSP response is ignored: %s", bad);
	else if (status == V_OCSP_CERTSTATUS_REVOKED)
		SSL_set_verify_result(ssl, X509_V_ERR_CERT_REVOKED);
out:
	OCSP_BASICRESP_free(basic);
	return bad || status != V_OCSP_CERTSTATUS_REVOKED;
}

void ocsp_ask(SSL_CTX *ctx)
{
	SSL_CTX_set_tlsext_status_type(ctx, TLSEXT_STATUSTYPE_ocsp);
	SSL_CTX_set_tlsext_status_cb(ctx, ocsp_on_response);
}
