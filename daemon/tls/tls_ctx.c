// SPDX-License-Identifier: GPL-2.0-or-later
#include "tls/tls_ctx.h"

#include <errno.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "lib/log.h"
#include "tls/ktls.h"
#include "tls/ocsp.h"
#include "tls/tls_error.h"

static int tls_ctx_keylog_fd = -1;

/*
 * OpenSSL wipes keys, but not the secrets they are made of, which are part of an SSL
 * when that is freed. Larger blocks are buffers of records: data, and there are many.
 */
#define TLS_CTX_WIPE_MAX	12288

static void *tls_ctx_malloc(size_t size, const char *file, int line)
{
	(void)file;
	(void)line;
	return malloc(size);
}

static void tls_ctx_free(void *p, const char *file, int line)
{
	size_t size = p ? malloc_usable_size(p) : 0;

	(void)file;
	(void)line;
	if (size && size <= TLS_CTX_WIPE_MAX)
		explicit_bzero(p, size);
	free(p);
}

static void *tls_ctx_realloc(void *p, size_t size, const char *file, int line)
{
	size_t had = p ? malloc_usable_size(p) : 0;
	void *q;

	if (p && size && size <= had)
		return p;
	q = size ? malloc(size) : NULL;
	if (size && !q)
		return NULL;
	if (had && size)
		memcpy(q, p, had);
	tls_ctx_free(p, file, line);
	return q;
}

void tls_ctx_wipe_freed(void)
{
	if (!CRYPTO_set_mem_functions(tls_ctx_malloc, tls_ctx_realloc,
				      tls_ctx_free))
		log_fatal("OpenSSL was in use before it could be told to wipe");
}

void tls_ctx_keylog(int fd)
{
	tls_ctx_keylog_fd = fd;
}

static void tls_ctx_on_secret(const SSL *ssl, const char *line)
{
	char text[512];
	int len;

	ktls_secret(ssl, line);
	if (tls_ctx_keylog_fd < 0)
		return;
	len = snprintf(text, sizeof(text), "%s\n", line);
	if (len > 0 && (size_t)len < sizeof(text) &&
	    write(tls_ctx_keylog_fd, text, (size_t)len) != len) {
		log_warn("tls-keylog: %s; from now on nothing is written there",
			 strerror(errno));
		tls_ctx_keylog_fd = -1;
	}
	OPENSSL_cleanse(text, sizeof(text));
}

/* No SSTP client is known to offer ALPN; if one does, this is HTTP/1.1. */
static int tls_ctx_on_alpn(SSL *ssl, const unsigned char **out,
			   unsigned char *out_len, const unsigned char *in,
			   unsigned int in_len, void *arg)
{
	static const unsigned char protos[] = "\x08http/1.1";
	unsigned char *chosen;

	(void)ssl;
	(void)arg;
	if (SSL_select_next_proto(&chosen, out_len, protos, sizeof(protos) - 1,
				  in, in_len) != OPENSSL_NPN_NEGOTIATED)
		return SSL_TLSEXT_ERR_NOACK;
	*out = chosen;
	return SSL_TLSEXT_ERR_OK;
}

static SSL_CTX *tls_ctx_new(const SSL_METHOD *method,
			    const struct conf_tls *conf, char *err,
			    size_t err_len)
{
	SSL_CTX *ctx = SSL_CTX_new(method);

	if (!ctx ||
	    !SSL_CTX_set_min_proto_version(ctx, (int)conf->min_version) ||
	    !SSL_CTX_set_max_proto_version(ctx, (int)conf->max_version)) {
		tls_error_text(err, err_len);
		SSL_CTX_free(ctx);
		return NULL;
	}
	if (!SSL_CTX_set_cipher_list(ctx, conf->ciphers) ||
	    !SSL_CTX_set_ciphersuites(ctx, conf->ciphersuites)) {
		snprintf(err, err_len,
			 "tls-ciphers or tls-ciphersuites names no cipher that OpenSSL knows");
		SSL_CTX_free(ctx);
		return NULL;
	}
	if (*conf->groups && !SSL_CTX_set1_groups_list(ctx, conf->groups)) {
		snprintf(err, err_len, "tls-groups names a group that OpenSSL does not know");
		SSL_CTX_free(ctx);
		return NULL;
	}
	/*
	 * No resumption: the crypto binding needs the certificate of this very
	 * handshake. No renegotiation: keys must not change under kTLS.
	 */
	SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_TICKET |
			    SSL_OP_NO_COMPRESSION |
			    SSL_OP_CIPHER_SERVER_PREFERENCE |
			    SSL_OP_PRIORITIZE_CHACHA);
	SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_num_tickets(ctx, 0);
	SSL_CTX_set_mode(ctx, SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
			 SSL_MODE_RELEASE_BUFFERS);
	/* Read-ahead would take bytes off the socket that kTLS must see. */
	SSL_CTX_set_read_ahead(ctx, 0);
	SSL_CTX_set_keylog_callback(ctx, tls_ctx_on_secret);
	return ctx;
}

SSL_CTX *tls_ctx_server(const struct conf_tls *conf,
			const struct tls_cert_files *files, unsigned int n,
			char *err, size_t err_len)
{
	SSL_CTX *ctx = tls_ctx_new(TLS_server_method(), conf, err, err_len);

	if (!ctx)
		return NULL;
	if (tls_certs_use(ctx, files, n, err, err_len) < 0) {
		SSL_CTX_free(ctx);
		return NULL;
	}
	SSL_CTX_set_alpn_select_cb(ctx, tls_ctx_on_alpn, NULL);
	return ctx;
}

/* A list of revoked certificates in the file means that it counts. */
static void tls_ctx_add_crl(X509_STORE *store, X509_CRL *crl)
{
	if (X509_STORE_add_crl(store, crl) == 1)
		X509_STORE_set_flags(store, X509_V_FLAG_CRL_CHECK);
}

static unsigned int tls_ctx_add_cas(SSL_CTX *ctx, int ca)
{
	X509_STORE *store = SSL_CTX_get_cert_store(ctx);
	BIO *bio = BIO_new_fd(ca, BIO_NOCLOSE);
	STACK_OF(X509_INFO) *all = NULL;
	const X509_INFO *info;
	unsigned int n = 0;

	if (bio)
		all = PEM_X509_INFO_read_bio(bio, NULL, tls_no_passphrase, NULL);
	for (int i = 0; i < sk_X509_INFO_num(all); i++) {
		info = sk_X509_INFO_value(all, i);
		if (info->x509)
			n += X509_STORE_add_cert(store, info->x509) == 1;
		if (info->crl)
			tls_ctx_add_crl(store, info->crl);
	}
	sk_X509_INFO_pop_free(all, X509_INFO_free);
	BIO_free(bio);
	ERR_clear_error();
	return n;
}

bool tls_ctx_has_ca(int ca)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_method());
	bool has = ctx && tls_ctx_add_cas(ctx, ca);

	SSL_CTX_free(ctx);
	lseek(ca, 0, SEEK_SET);
	return has;
}

bool tls_ctx_ask_clients(SSL_CTX *ctx, int ca, bool require, char *err,
			 size_t err_len)
{
	if (!tls_ctx_add_cas(ctx, ca)) {
		snprintf(err, err_len, "no certificate in the client-ca file");
		return false;
	}
	SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER |
			   (require ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0),
			   NULL);
	return true;
}

SSL_CTX *tls_ctx_client(const struct conf_tls *conf, int ca, char *err,
			size_t err_len)
{
	SSL_CTX *ctx = tls_ctx_new(TLS_client_method(), conf, err, err_len);

	if (!ctx || ca < 0)
		return ctx;
	if (!tls_ctx_add_cas(ctx, ca)) {
		snprintf(err, err_len, "no certificate in the tls-ca file");
		SSL_CTX_free(ctx);
		return NULL;
	}
	SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, NULL);
	ocsp_ask(ctx);
	return ctx;
}

SSL_CTX *tls_ctx_eap(bool server, const struct tls_cert_files *files, int ca, char *err,
		     size_t err_len)
{
	static const struct conf_tls conf = {
		.min_version = TLS1_2_VERSION,
		.max_version = TLS1_3_VERSION,
		.ciphers = "ECDHE+AESGCM:ECDHE+CHACHA20:DHE+AESGCM:ECDHE+AES",
		.ciphersuites = "TLS_AES_256_GCM_SHA384:TLS_AES_128_GCM_SHA256:"
				"TLS_CHACHA20_POLY1305_SHA256",
	};
	SSL_CTX *ctx = tls_ctx_new(server ? TLS_server_method() : TLS_client_method(),
				   &conf, err, err_len);

	if (ctx && (!files || tls_certs_show(ctx, files, err, err_len) == 0)) {
		if (tls_ctx_add_cas(ctx, ca)) {
			SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER |
					   SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
			return ctx;
		}
		snprintf(err, err_len, "no certificate in the eap-tls-ca file");
	}
	SSL_CTX_free(ctx);
	return NULL;
}
