// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Keys and record numbers derived for kTLS. Two OpenSSL ends shake hands over
 * memory; what each end derives must agree with the other end, and must open
 * the next record that OpenSSL really sends.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include "conf/conf.h"
#include "tls/ktls.h"
#include "tls/tls_ctx.h"

#define TAG_LEN	16

/* One cipher to run everything with. */
struct variant {
	const char *name;
	unsigned int version;
	const char *ciphers;
	const char *suites;
};

static const struct variant variants[] = {
	{ "1.3 AES-128-GCM", TLS1_3_VERSION, "ALL", "TLS_AES_128_GCM_SHA256" },
	{ "1.3 AES-256-GCM", TLS1_3_VERSION, "ALL", "TLS_AES_256_GCM_SHA384" },
	{ "1.3 ChaCha20", TLS1_3_VERSION, "ALL",
	  "TLS_CHACHA20_POLY1305_SHA256" },
	{ "1.2 AES-128-GCM", TLS1_2_VERSION, "ECDHE+AESGCM+AES128", "" },
	{ "1.2 AES-256-GCM", TLS1_2_VERSION, "ECDHE+AESGCM+AES256", "" },
	{ "1.2 ChaCha20", TLS1_2_VERSION, "ECDHE+CHACHA20", "" },
};

struct end {
	SSL_CTX *ctx;
	SSL *ssl;
	struct ktls_watch watch;
};

struct pair {
	struct end client;
	struct end server;
};

/* ---- set-up -------------------------------------------------------------- */

static EVP_PKEY *test_key;

static int pem_fd(void (*put)(FILE *f))
{
	int fd = memfd_create("pem", 0);
	FILE *f = fdopen(dup(fd), "w");

	assert_non_null(f);
	put(f);
	fclose(f);
	lseek(fd, 0, SEEK_SET);
	return fd;
}

static void put_key(FILE *f)
{
	PEM_write_PrivateKey(f, test_key, NULL, NULL, 0, NULL, NULL);
}

static void put_cert(FILE *f)
{
	X509 *cert = X509_new();
	X509_NAME *name = X509_get_subject_name(cert);

	X509_set_version(cert, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(cert), 1);
	X509_gmtime_adj(X509_getm_notBefore(cert), -60);
	X509_gmtime_adj(X509_getm_notAfter(cert), 3600);
	X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
				   (const unsigned char *)"test", -1, -1, 0);
	X509_set_issuer_name(cert, name);
	X509_set_pubkey(cert, test_key);
	assert_true(X509_sign(cert, test_key, EVP_sha256()) > 0);
	PEM_write_X509(f, cert);
	X509_free(cert);
}

static int group_setup(void **state)
{
	(void)state;
	ktls_init();
	test_key = EVP_RSA_gen(2048);
	return test_key ? 0 : -1;
}

static int group_teardown(void **state)
{
	(void)state;
	EVP_PKEY_free(test_key);
	return 0;
}

static void end_new(struct end *e, SSL_CTX *ctx)
{
	e->ctx = ctx;
	e->ssl = SSL_new(ctx);
	assert_non_null(e->ssl);
	SSL_set_bio(e->ssl, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
	ktls_watch(e->ssl, &e->watch);
}

/* What one end has written is what the other can read. */
static void carry(struct end *from, struct end *to)
{
	uint8_t buf[65536];
	int n;

	while ((n = BIO_read(SSL_get_wbio(from->ssl), buf, sizeof(buf))) > 0)
		assert_int_equal(BIO_write(SSL_get_rbio(to->ssl), buf, n), n);
}

static void pair_new(struct pair *p, const struct variant *v, bool tickets)
{
	struct conf_tls conf = {
		.min_version = v->version,
		.max_version = v->version,
	};
	struct tls_cert_files files = {
		.cert = pem_fd(put_cert),
		.key = pem_fd(put_key),
	};
	char err[200] = "";

	snprintf(conf.ciphers, sizeof(conf.ciphers), "%s", v->ciphers);
	snprintf(conf.ciphersuites, sizeof(conf.ciphersuites), "%s", v->suites);
	end_new(&p->server, tls_ctx_server(&conf, &files, 1, err,
					   sizeof(err)));
	end_new(&p->client, tls_ctx_client(&conf, -1, err, sizeof(err)));
	close(files.key);
	close(files.cert);
	if (tickets) {
		/* A foreign server may send them: they count as records. */
		SSL_clear_options(p->server.ssl, SSL_OP_NO_TICKET);
		SSL_set_num_tickets(p->server.ssl, 2);
	}
	SSL_set_connect_state(p->client.ssl);
	SSL_set_accept_state(p->server.ssl);
	for (int i = 0; i < 10; i++) {
		SSL_do_handshake(p->client.ssl);
		carry(&p->client, &p->server);
		SSL_do_handshake(p->server.ssl);
		carry(&p->server, &p->client);
	}
	assert_true(SSL_is_init_finished(p->client.ssl));
	assert_true(SSL_is_init_finished(p->server.ssl));
}

static void pair_free(struct pair *p)
{
	SSL_free(p->client.ssl);
	SSL_free(p->server.ssl);
	SSL_CTX_free(p->client.ctx);
	SSL_CTX_free(p->server.ctx);
}

static void talk(struct end *from, struct end *to, const char *text)
{
	char got[64];

	assert_int_equal(SSL_write(from->ssl, text, (int)strlen(text)),
			 strlen(text));
	carry(from, to);
	assert_int_equal(SSL_read(to->ssl, got, sizeof(got)), strlen(text));
	assert_memory_equal(got, text, strlen(text));
}

/* ---- opening a record by hand ------------------------------------------------ */

static const uint8_t *info_key(const struct ktls_info *ki)
{
	switch (ki->info.cipher_type) {
	case TLS_CIPHER_AES_GCM_128:
		return ki->gcm128.key;
	case TLS_CIPHER_AES_GCM_256:
		return ki->gcm256.key;
	default:
		return ki->chacha.key;
	}
}

static const uint8_t *info_seq(const struct ktls_info *ki)
{
	switch (ki->info.cipher_type) {
	case TLS_CIPHER_AES_GCM_128:
		return ki->gcm128.rec_seq;
	case TLS_CIPHER_AES_GCM_256:
		return ki->gcm256.rec_seq;
	default:
		return ki->chacha.rec_seq;
	}
}

/* Salt and IV side by side, 12 bytes. */
static void info_iv(const struct ktls_info *ki, uint8_t iv[12])
{
	switch (ki->info.cipher_type) {
	case TLS_CIPHER_AES_GCM_128:
		memcpy(iv, ki->gcm128.salt, 4);
		memcpy(iv + 4, ki->gcm128.iv, 8);
		break;
	case TLS_CIPHER_AES_GCM_256:
		memcpy(iv, ki->gcm256.salt, 4);
		memcpy(iv + 4, ki->gcm256.iv, 8);
		break;
	default:
		memcpy(iv, ki->chacha.iv, 12);
	}
}

static const EVP_CIPHER *info_cipher(const struct ktls_info *ki)
{
	switch (ki->info.cipher_type) {
	case TLS_CIPHER_AES_GCM_128:
		return EVP_aes_128_gcm();
	case TLS_CIPHER_AES_GCM_256:
		return EVP_aes_256_gcm();
	default:
		return EVP_chacha20_poly1305();
	}
}

static bool is_tls13(const struct ktls_info *ki)
{
	return ki->info.version == TLS_1_3_VERSION;
}

/* RFC 8446 5.3, RFC 5288 3, RFC 7905 2 */
static void record_nonce(const struct ktls_info *ki, const uint8_t *explicit,
			 uint8_t nonce[12])
{
	const uint8_t *seq = info_seq(ki);

	info_iv(ki, nonce);
	if (explicit) {
		memcpy(nonce + 4, explicit, 8);
		return;
	}
	for (int i = 0; i < 8; i++)
		nonce[4 + i] ^= seq[i];
}

/* Return: length of the plaintext, -1 if the record does not open. */
static int record_open(const struct ktls_info *ki, const uint8_t *rec,
		       int rec_len, uint8_t *out)
{
	bool gcm12 = !is_tls13(ki) &&
		     ki->info.cipher_type != TLS_CIPHER_CHACHA20_POLY1305;
	const uint8_t *body = rec + 5 + (gcm12 ? 8 : 0);
	int len = rec_len - (int)(body - rec) - TAG_LEN;
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	uint8_t nonce[12], aad[13];
	int aad_len = 5;
	int n, rc = -1;

	record_nonce(ki, gcm12 ? rec + 5 : NULL, nonce);
	memcpy(aad, rec, 5);
	if (!is_tls13(ki)) {
		memcpy(aad, info_seq(ki), 8);
		memcpy(aad + 8, rec, 3);
		aad[11] = (uint8_t)(len >> 8);
		aad[12] = (uint8_t)len;
		aad_len = 13;
	}
	if (EVP_DecryptInit_ex(ctx, info_cipher(ki), NULL, info_key(ki),
			       nonce) == 1 &&
	    EVP_DecryptUpdate(ctx, NULL, &n, aad, aad_len) == 1 &&
	    EVP_DecryptUpdate(ctx, out, &n, body, len) == 1 &&
	    EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, TAG_LEN,
				(void *)(uintptr_t)(body + len)) == 1 &&
	    EVP_DecryptFinal_ex(ctx, out + n, &n) == 1)
		rc = len;
	EVP_CIPHER_CTX_free(ctx);
	return rc;
}

/* The next record of @from must open with @ki and carry @text. */
static void assert_opens(struct end *from, const struct ktls_info *ki,
			 const char *text)
{
	int want = (int)strlen(text);
	uint8_t rec[4096], out[4096];
	int len, n;

	assert_int_equal(SSL_write(from->ssl, text, want), want);
	len = BIO_read(SSL_get_wbio(from->ssl), rec, sizeof(rec));
	assert_int_equal(len, 5 + rec[3] * 256 + rec[4]);
	n = record_open(ki, rec, len, out);
	/* TLS 1.3 ends the plaintext with its content type. */
	assert_int_equal(n, want + is_tls13(ki));
	assert_memory_equal(out, text, (size_t)want);
}

/* ---- tests ---------------------------------------------------------------------- */

static void assert_same_direction(const struct ktls_info *tx,
				  const struct ktls_info *rx)
{
	assert_int_equal(tx->info.version, rx->info.version);
	assert_int_equal(tx->info.cipher_type, rx->info.cipher_type);
	assert_int_equal(tx->size, rx->size);
	assert_memory_equal(info_key(tx), info_key(rx), 16);
	assert_memory_equal(info_seq(tx), info_seq(rx), 8);
}

static void run_variant(const struct variant *v, bool tickets)
{
	struct ktls_keys client, server;
	char why[100] = "";
	struct pair p;

	print_message("  %s%s\n", v->name, tickets ? ", with tickets" : "");
	pair_new(&p, v, tickets);
	talk(&p.client, &p.server, "one");
	talk(&p.client, &p.server, "two");
	talk(&p.server, &p.client, "three");
	assert_true(ktls_possible(p.client.ssl, &p.client.watch, why,
				  sizeof(why)));
	assert_int_equal(ktls_derive(p.client.ssl, &p.client.watch, &client), 0);
	assert_int_equal(ktls_derive(p.server.ssl, &p.server.watch, &server), 0);
	assert_same_direction(&client.tx, &server.rx);
	assert_same_direction(&server.tx, &client.rx);
	assert_opens(&p.client, &server.rx, "from the client");
	assert_opens(&p.server, &client.rx, "from the server");
	pair_free(&p);
}

static void derived_keys_open_records(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(variants) / sizeof(variants[0]); i++)
		run_variant(&variants[i], false);
}

static void tickets_are_counted(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(variants) / sizeof(variants[0]); i++)
		run_variant(&variants[i], true);
}

/* The numbers are absolute, not just equal at both ends. */
static void record_numbers(void **state)
{
	struct pair p;

	(void)state;
	pair_new(&p, &variants[0], false);
	assert_int_equal(p.client.watch.tx_seq, 0);
	talk(&p.client, &p.server, "one");
	assert_int_equal(p.client.watch.tx_seq, 1);
	assert_int_equal(p.server.watch.rx_seq, 1);
	assert_int_equal(p.server.watch.tx_seq, 0);
	pair_free(&p);

	/* TLS 1.2: Finished was number 0. */
	pair_new(&p, &variants[3], false);
	assert_int_equal(p.client.watch.tx_seq, 1);
	assert_int_equal(p.client.watch.rx_seq, 1);
	pair_free(&p);
}

static void cbc_is_refused(void **state)
{
	const struct variant cbc = {
		"1.2 AES-256-CBC", TLS1_2_VERSION, "AES256-SHA", "",
	};
	struct ktls_keys keys;
	char why[200];
	struct pair p;

	(void)state;
	pair_new(&p, &cbc, false);
	talk(&p.client, &p.server, "one");
	assert_false(ktls_possible(p.client.ssl, &p.client.watch, why,
				   sizeof(why)));
	assert_string_equal(why, "cipher AES256-SHA is not supported by kTLS; "
				 "have the peer use AES-GCM "
				 "(MikroTik: ciphers=aes256-gcm-sha384)");
	assert_int_equal(ktls_derive(p.client.ssl, &p.client.watch, &keys), -1);
	pair_free(&p);
}

static void key_update_is_refused(void **state)
{
	char why[100];
	struct pair p;

	(void)state;
	pair_new(&p, &variants[0], false);
	talk(&p.client, &p.server, "one");
	assert_int_equal(SSL_key_update(p.client.ssl,
					SSL_KEY_UPDATE_NOT_REQUESTED), 1);
	talk(&p.client, &p.server, "two");
	assert_false(ktls_possible(p.server.ssl, &p.server.watch, why,
				   sizeof(why)));
	assert_false(ktls_possible(p.client.ssl, &p.client.watch, why,
				   sizeof(why)));
	pair_free(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(derived_keys_open_records),
		cmocka_unit_test(tickets_are_counted),
		cmocka_unit_test(record_numbers),
		cmocka_unit_test(cbc_is_refused),
		cmocka_unit_test(key_update_is_refused),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
