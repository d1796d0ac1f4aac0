// SPDX-License-Identifier: GPL-2.0-or-later
/* Which certificate a client gets, and that the server knows which it was. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include "tls/tls_certs.h"
#include "tls/tls_ctx.h"

#define RSA_ONLY	"rsa_pss_rsae_sha256:RSA+SHA256"
#define ECDSA_ONLY	"ECDSA+SHA256"

/* CN tells the certificates apart, SAN is what they are for. */
static const struct {
	const char *cn;
	const char *san;
	bool rsa;
} made[] = {
	{ "main-ec", "DNS:vpn.example.com", false },
	{ "main-rsa", "DNS:vpn.example.com,DNS:www.example.com", true },
	{ "wild-ec", "DNS:*.example.org", false },
	{ "other-rsa", "DNS:other.test", true },
	{ "main-ec-2", "DNS:vpn.example.com", false },
};

#define N_MADE	(sizeof(made) / sizeof(made[0]))

static EVP_PKEY *rsa, *ec;
static struct tls_cert_files files[N_MADE];

static const struct conf_tls any_tls = {
	.min_version = TLS1_2_VERSION,
	.max_version = TLS1_3_VERSION,
	.ciphers = "ECDHE+AESGCM",
	.ciphersuites = "TLS_AES_128_GCM_SHA256",
};

static X509 *make_cert(const char *cn, const char *san, EVP_PKEY *key)
{
	X509 *cert = X509_new();
	X509_NAME *name = X509_get_subject_name(cert);
	X509_EXTENSION *ext;

	X509_set_version(cert, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(cert), 1);
	X509_gmtime_adj(X509_getm_notBefore(cert), -60);
	X509_gmtime_adj(X509_getm_notAfter(cert), 3600);
	X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
				   (const unsigned char *)cn, -1, -1, 0);
	X509_set_issuer_name(cert, name);
	X509_set_pubkey(cert, key);
	ext = X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, san);
	assert_non_null(ext);
	X509_add_ext(cert, ext, -1);
	X509_EXTENSION_free(ext);
	assert_true(X509_sign(cert, key, EVP_sha256()) > 0);
	return cert;
}

static int key_fd(EVP_PKEY *key)
{
	int fd = memfd_create("key", 0);
	FILE *f = fdopen(dup(fd), "w");

	PEM_write_PrivateKey(f, key, NULL, NULL, 0, NULL, NULL);
	fclose(f);
	return fd;
}

static int cert_fd(const char *cn, const char *san, EVP_PKEY *key)
{
	int fd = memfd_create("cert", 0);
	FILE *f = fdopen(dup(fd), "w");
	X509 *cert = make_cert(cn, san, key);

	PEM_write_X509(f, cert);
	fclose(f);
	X509_free(cert);
	return fd;
}

static int group_setup(void **state)
{
	(void)state;
	rsa = EVP_RSA_gen(2048);
	ec = EVP_EC_gen("P-256");
	for (size_t i = 0; i < N_MADE; i++) {
		EVP_PKEY *key = made[i].rsa ? rsa : ec;

		files[i].cert = cert_fd(made[i].cn, made[i].san, key);
		files[i].key = key_fd(key);
	}
	return 0;
}

static int group_teardown(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_MADE; i++) {
		close(files[i].cert);
		close(files[i].key);
	}
	EVP_PKEY_free(rsa);
	EVP_PKEY_free(ec);
	return 0;
}

static SSL_CTX *server_with(unsigned int first, unsigned int n)
{
	char err[200];
	SSL_CTX *ctx;

	for (unsigned int i = first; i < first + n; i++) {
		lseek(files[i].cert, 0, SEEK_SET);
		lseek(files[i].key, 0, SEEK_SET);
	}
	ctx = tls_ctx_server(&any_tls, &files[first], n, err, sizeof(err));
	assert_non_null(ctx);
	return ctx;
}

static void cn_of(X509 *cert, char *cn, size_t size)
{
	X509_NAME_get_text_by_NID(X509_get_subject_name(cert), NID_commonName,
				  cn, (int)size);
}

/* The CN of what a client gets that dials @sni and can check @sigalgs. */
static void dial(SSL_CTX *server_ctx, const char *sni, const char *sigalgs,
		 int version, char cn[static 64])
{
	SSL_CTX *client_ctx = SSL_CTX_new(TLS_client_method());
	SSL *client = SSL_new(client_ctx);
	SSL *server = SSL_new(server_ctx);
	BIO *a, *b;
	char ours[64];
	X509 *got;

	assert_true(BIO_new_bio_pair(&a, 65536, &b, 65536));
	SSL_set_bio(client, a, a);
	SSL_set_bio(server, b, b);
	SSL_set_max_proto_version(client, version);
	if (sni)
		SSL_set_tlsext_host_name(client, sni);
	if (sigalgs)
		assert_true(SSL_set1_sigalgs_list(client, sigalgs));
	SSL_set_connect_state(client);
	SSL_set_accept_state(server);
	for (int i = 0; i < 10; i++) {
		SSL_do_handshake(client);
		SSL_do_handshake(server);
	}
	got = SSL_get0_peer_certificate(client);
	strcpy(cn, "none");
	if (SSL_is_init_finished(client) && SSL_is_init_finished(server)) {
		cn_of(got, cn, 64);
		/* What the crypto binding of this connection will use. */
		cn_of(SSL_get_certificate(server), ours, sizeof(ours));
		assert_string_equal(ours, cn);
	}
	SSL_free(client);
	SSL_free(server);
	SSL_CTX_free(client_ctx);
}

static void by_name_and_key_type(void **state)
{
	static const struct {
		const char *sni;
		const char *sigalgs;
		const char *cn;
	} cases[] = {
		{ "vpn.example.com", NULL, "main-ec" },
		{ "vpn.example.com", RSA_ONLY, "main-rsa" },
		{ "vpn.example.com", ECDSA_ONLY, "main-ec" },
		{ "VPN.Example.COM", RSA_ONLY, "main-rsa" },
		{ "www.example.com", NULL, "main-rsa" },
		{ "a.example.org", NULL, "wild-ec" },
		{ "other.test", NULL, "other-rsa" },
		{ "other.test", RSA_ONLY, "other-rsa" },
		/* no other name's certificate in place of one that fits */
		{ "other.test", ECDSA_ONLY, "none" },
		{ "a.example.org", RSA_ONLY, "none" },
		/* strangers, and clients without SNI, get the first */
		{ "unknown.test", NULL, "main-ec" },
		{ "a.b.example.org", NULL, "main-ec" },
		{ NULL, NULL, "main-ec" },
		{ NULL, RSA_ONLY, "main-rsa" },
		{ "unknown.test", RSA_ONLY, "main-rsa" },
	};
	static const int versions[] = { TLS1_2_VERSION, TLS1_3_VERSION };
	SSL_CTX *ctx = server_with(0, N_MADE);
	char cn[64];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		for (int v = 0; v < 2; v++) {
			dial(ctx, cases[i].sni, cases[i].sigalgs, versions[v],
			     cn);
			if (strcmp(cn, cases[i].cn))
				fail_msg("%s with %s: %s, expected %s",
					 cases[i].sni ? cases[i].sni : "no SNI",
					 cases[i].sigalgs ? cases[i].sigalgs :
							    "all", cn,
					 cases[i].cn);
		}
	}
	SSL_CTX_free(ctx);
}

static void one_certificate_is_for_all(void **state)
{
	SSL_CTX *ctx = server_with(3, 1);
	char cn[64];

	(void)state;
	dial(ctx, "vpn.example.com", NULL, TLS1_3_VERSION, cn);
	assert_string_equal(cn, "other-rsa");
	dial(ctx, NULL, NULL, TLS1_2_VERSION, cn);
	assert_string_equal(cn, "other-rsa");
	SSL_CTX_free(ctx);
}

/* A connection that began before a reload keeps its certificates. */
static void certificates_live_as_long_as_connections(void **state)
{
	SSL_CTX *ctx = server_with(0, 2);
	SSL *ssl = SSL_new(ctx);

	(void)state;
	SSL_CTX_free(ctx);
	assert_non_null(SSL_get_SSL_CTX(ssl));
	SSL_free(ssl);
}

static void wrong_files(void **state)
{
	struct tls_cert_files wrong[2] = { files[0], files[1] };
	char err[200];

	(void)state;
	for (int i = 0; i < 2; i++) {
		lseek(files[i].cert, 0, SEEK_SET);
		lseek(files[i].key, 0, SEEK_SET);
	}
	/* The second certificate with the key of the first. */
	wrong[1].key = key_fd(ec);
	lseek(wrong[1].key, 0, SEEK_SET);
	assert_null(tls_ctx_server(&any_tls, wrong, 2, err, sizeof(err)));
	assert_non_null(strstr(err, "private key number 2"));
	/* At its end: nothing to read. */
	assert_null(tls_ctx_server(&any_tls, wrong, 1, err, sizeof(err)));
	assert_non_null(strstr(err, "cannot use the certificate"));
	close(wrong[1].key);
}

static void the_same_files_are_known(void **state)
{
	uint8_t first[TLS_CERTS_DIGEST], again[TLS_CERTS_DIGEST];
	int all[] = { -1, files[0].cert, files[0].key };
	char c;

	(void)state;
	assert_true(tls_certs_digest(all, 3, first));
	assert_true(tls_certs_digest(all, 3, again));
	assert_memory_equal(first, again, sizeof(first));
	/* They are at their beginning. */
	assert_int_equal(read(files[0].cert, &c, 1), 1);
	assert_int_equal(c, '-');
	all[2] = files[1].key;
	assert_true(tls_certs_digest(all, 3, again));
	assert_memory_not_equal(first, again, sizeof(first));
	all[0] = files[0].cert;
	all[1] = -1;
	all[2] = files[0].key;
	assert_true(tls_certs_digest(all, 3, again));
	assert_memory_not_equal(first, again, sizeof(first));
	all[0] = 9999;
	assert_false(tls_certs_digest(all, 3, again));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(by_name_and_key_type),
		cmocka_unit_test(one_certificate_is_for_all),
		cmocka_unit_test(certificates_live_as_long_as_connections),
		cmocka_unit_test(wrong_files),
		cmocka_unit_test(the_same_files_are_known),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
