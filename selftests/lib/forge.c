// SPDX-License-Identifier: GPL-2.0-or-later
#include "forge.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

void forge_init(struct forge *f, bool client)
{
	ktls_default_key(client, f->key, f->iv);
	f->seq = 0;
}

/* @out: room for @in_len bytes and the tag */
static void seal(const struct forge *f, const uint8_t hdr[FORGE_HDR], const uint8_t *in,
		 size_t in_len, uint8_t *out)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	uint8_t nonce[KTLS_IV_LEN];
	int n;

	memcpy(nonce, f->iv, sizeof(nonce));
	for (int i = 0; i < 8; i++)
		nonce[KTLS_IV_LEN - 1 - i] ^= f->seq >> 8 * i;
	if (!ctx || !EVP_EncryptInit_ex(ctx, EVP_aes_128_gcm(), NULL, f->key, nonce) ||
	    !EVP_EncryptUpdate(ctx, NULL, &n, hdr, FORGE_HDR) ||
	    !EVP_EncryptUpdate(ctx, out, &n, in, (int)in_len) ||
	    !EVP_EncryptFinal_ex(ctx, out + n, &n) ||
	    !EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, FORGE_TAG, out + in_len))
		abort();
	EVP_CIPHER_CTX_free(ctx);
}

void forge_record(struct forge *f, uint8_t type, const void *data, size_t len,
		  size_t pad, struct wire_buf *out)
{
	size_t inner_len = len + 1 + pad, sealed_len = inner_len + FORGE_TAG;
	uint8_t hdr[FORGE_HDR] = { KTLS_DATA, 3, 3, sealed_len >> 8, sealed_len };
	uint8_t *inner = calloc(1, inner_len);
	uint8_t *sealed = malloc(sealed_len);

	if (!inner || !sealed)
		abort();
	memcpy(inner, data, len);
	inner[len] = type;
	seal(f, hdr, inner, inner_len, sealed);
	f->seq++;
	wire_add(out, hdr, sizeof(hdr));
	wire_add(out, sealed, sealed_len);
	free(inner);
	free(sealed);
}
