// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How the module makes keys of secrets, and the next secret. There are published vectors
 * for the first (RFC 8448 3, RFC 9001 A.5); for the second, OpenSSL's TLS13-KDF says what
 * is expected. The HMAC is OpenSSL's, in place of the kernel's.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/core_names.h>
#include <openssl/hmac.h>
#include <openssl/kdf.h>

#include "rig/link_rig.h"

/* ---- what the module has from the kernel ---------------------------------------------- */

#define SHA256_DIGEST_SIZE	32
#define SHA384_DIGEST_SIZE	48

static void memzero_explicit(void *p, size_t len)
{
	OPENSSL_cleanse(p, len);
}

static void hmac_sha256_usingrawkey(const uint8_t *key, size_t key_len, const uint8_t *data,
				    size_t len, uint8_t *out)
{
	assert_non_null(HMAC(EVP_sha256(), key, (int)key_len, data, len, out, NULL));
}

static void hmac_sha384_usingrawkey(const uint8_t *key, size_t key_len, const uint8_t *data,
				    size_t len, uint8_t *out)
{
	assert_non_null(HMAC(EVP_sha384(), key, (int)key_len, data, len, out, NULL));
}

#include "tls_derive.c"

/* ---- published ------------------------------------------------------------------------- */

static const struct {
	const char *name;
	const char *secret;
	const char *label;
	const char *out;
} published[] = {
	{ "RFC 8448 3, server application key",
	  "a11af9f05531f856ad47116b45a950328204b4f44bfb6b3a4b4f1f3fcb631643",
	  "key", "9f02283b6c9c07efc26bb9f2ac92e356" },
	{ "RFC 8448 3, server application iv",
	  "a11af9f05531f856ad47116b45a950328204b4f44bfb6b3a4b4f1f3fcb631643",
	  "iv", "cf782b88dd83549aadf1e984" },
	{ "RFC 8448 3, client application key",
	  "9e40646ce79a7f9dc05af8889bce6552875afa0b06df0087f792ebb7c17504a5",
	  "key", "17422dda596ed5d9acd890e3c63f5051" },
	{ "RFC 8448 3, client application iv",
	  "9e40646ce79a7f9dc05af8889bce6552875afa0b06df0087f792ebb7c17504a5",
	  "iv", "5b78923dee08579033e523d9" },
	{ "RFC 9001 A.5, key",
	  "9ac312a7f877468ebe69422748ad00a15443f18203a07d6060f688f30f21632b",
	  "quic key", "c6d98ff3441c3fe1b2182094f69caa2ed4b716b65488960a7a984979fb23e1c8" },
	{ "RFC 9001 A.5, the next secret",
	  "9ac312a7f877468ebe69422748ad00a15443f18203a07d6060f688f30f21632b",
	  "quic ku", "1223504755036d556342ee9361d253421a826c9ecdf3c7148684b36b714881f9" },
};

static void expand_as_published(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(published) / sizeof(published[0]); i++) {
		uint8_t out[SSTP_TLS_SECRET_MAX], *secret, *want;
		size_t secret_len, len;

		secret = unhex(published[i].secret, &secret_len);
		want = unhex(published[i].out, &len);
		sstp_tls_derive_expand(secret, (unsigned int)secret_len, published[i].label, out,
				       (unsigned int)len);
		if (memcmp(out, want, len))
			fail_msg("%s", published[i].name);
		free(secret);
		free(want);
	}
}

/* ---- as OpenSSL ------------------------------------------------------------------------ */

static void openssl_expand(const char *hash, const uint8_t *secret, size_t secret_len,
			   const char *label, uint8_t *out, size_t len)
{
	int mode = EVP_KDF_HKDF_MODE_EXPAND_ONLY;
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_int(OSSL_KDF_PARAM_MODE, &mode),
		OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, (char *)hash, 0),
		OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, (void *)secret, secret_len),
		OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_PREFIX, (char *)"tls13 ", 6),
		OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_LABEL, (char *)label,
						  strlen(label)),
		OSSL_PARAM_construct_end(),
	};
	EVP_KDF *kdf = EVP_KDF_fetch(NULL, "TLS13-KDF", NULL);
	EVP_KDF_CTX *ctx = EVP_KDF_CTX_new(kdf);

	assert_int_equal(EVP_KDF_derive(ctx, out, len, params), 1);
	EVP_KDF_CTX_free(ctx);
	EVP_KDF_free(kdf);
}

static const struct {
	uint16_t cipher;
	const char *hash;
	unsigned int secret_len;
	unsigned int key_len;
} suites[] = {
	{ TLS_CIPHER_AES_GCM_128, "SHA256", 32, 16 },
	{ TLS_CIPHER_AES_GCM_256, "SHA384", 48, 32 },
	{ TLS_CIPHER_CHACHA20_POLY1305, "SHA256", 32, 32 },
};

/* Generation after generation, each from the one before. */
static void next_as_openssl(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(suites) / sizeof(suites[0]); i++) {
		uint8_t ours[SSTP_TLS_SECRET_MAX], theirs[SSTP_TLS_SECRET_MAX];
		uint8_t next[SSTP_TLS_SECRET_MAX], key[SSTP_TLS_KEY_MAX];
		unsigned int len = suites[i].secret_len;
		uint8_t nonce[SSTP_TLS_NONCE_LEN];
		struct sstp_tls_key got;

		assert_int_equal(sstp_tls_derive_secret_len(suites[i].cipher), len);
		memset(theirs, (int)i + 1, len);
		memcpy(ours, theirs, len);
		for (int generation = 1; generation <= 3; generation++) {
			openssl_expand(suites[i].hash, theirs, len, "traffic upd", next, len);
			memcpy(theirs, next, len);
			openssl_expand(suites[i].hash, theirs, len, "key", key, suites[i].key_len);
			openssl_expand(suites[i].hash, theirs, len, "iv", nonce, sizeof(nonce));
			sstp_tls_derive_next(suites[i].cipher, ours, &got);
			assert_memory_equal(ours, theirs, len);
			assert_int_equal(got.len, suites[i].key_len);
			assert_memory_equal(got.key, key, got.len);
			assert_memory_equal(got.nonce, nonce, sizeof(nonce));
		}
	}
}

static void no_keys_for_others(void **state)
{
	(void)state;
	assert_int_equal(sstp_tls_derive_secret_len(TLS_CIPHER_AES_CCM_128), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(expand_as_published),
		cmocka_unit_test(next_as_openssl),
		cmocka_unit_test(no_keys_for_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
