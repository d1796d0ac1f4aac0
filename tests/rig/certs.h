/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Certificates that a test makes for itself, valid for an hour. */
#ifndef TESTS_RIG_CERTS_H
#define TESTS_RIG_CERTS_H

#include <openssl/x509v3.h>

static inline void add_ext(X509 *cert, int nid, const char *value)
{
	X509_EXTENSION *ext = X509V3_EXT_conf_nid(NULL, NULL, nid, value);

	assert_non_null(ext);
	X509_add_ext(cert, ext, -1);
	X509_EXTENSION_free(ext);
}

/**
 * signed_cert() - a certificate, which is the caller's
 * @key: its key
 * @issuer: NULL = it is a CA of its own
 * @signer: the issuer's key
 * @san: alternative names, "DNS:srv.test", or NULL
 */
static inline X509 *signed_cert(const char *cn, EVP_PKEY *key, X509 *issuer, EVP_PKEY *signer,
				const char *san)
{
	X509 *cert = X509_new();
	X509_NAME *name = X509_get_subject_name(cert);
	static long serial = 1;

	X509_set_version(cert, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(cert), serial++);
	X509_gmtime_adj(X509_getm_notBefore(cert), -60);
	X509_gmtime_adj(X509_getm_notAfter(cert), 3600);
	X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)cn, -1, -1, 0);
	X509_set_issuer_name(cert, issuer ? X509_get_subject_name(issuer) : name);
	X509_set_pubkey(cert, key);
	if (!issuer)
		add_ext(cert, NID_basic_constraints, "critical,CA:TRUE");
	if (san)
		add_ext(cert, NID_subject_alt_name, san);
	assert_true(X509_sign(cert, signer, EVP_sha256()) > 0);
	return cert;
}

#endif /* TESTS_RIG_CERTS_H */
