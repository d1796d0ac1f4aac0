// SPDX-License-Identifier: GPL-2.0-only
/*
 * Pure but for the HMAC, which is the kernel's library's, and another one in the unit
 * tests: these bring what the kernel's headers have.
 */
#include "tls_derive.h"

#include <linux/string.h>
#include <linux/tls.h>
#ifdef __KERNEL__
#include <crypto/sha2.h>
#endif

#define SSTP_TLS_LABEL_PREFIX	"tls13 "
#define SSTP_TLS_LABEL_MAX	sizeof("traffic upd")

/**
 * sstp_tls_derive_secret_len - length of the hash that goes with a cipher
 * @cipher: as in struct tls_crypto_info
 *
 * Return: bytes, 0 if keys for it are not made here.
 */
unsigned int sstp_tls_derive_secret_len(__u16 cipher)
{
	switch (cipher) {
	case TLS_CIPHER_AES_GCM_128:
	case TLS_CIPHER_CHACHA20_POLY1305:
		return SHA256_DIGEST_SIZE;
	case TLS_CIPHER_AES_GCM_256:
		return SHA384_DIGEST_SIZE;
	default:
		return 0;
	}
}

/*
 * HKDF-Expand-Label(@secret, @label, "", @len): no more than one hash is wanted, which
 * makes it a single HMAC.
 */
static void sstp_tls_derive_expand(const __u8 *secret, unsigned int secret_len,
				   const char *label, __u8 *out, unsigned int len)
{
	__u8 info[2 + 1 + sizeof(SSTP_TLS_LABEL_PREFIX) + SSTP_TLS_LABEL_MAX + 1 + 1];
	unsigned int prefix_len = strlen(SSTP_TLS_LABEL_PREFIX);
	unsigned int label_len = strlen(label);
	__u8 hash[SSTP_TLS_SECRET_MAX];
	__u8 *p = info;

	*p++ = 0; /* two octets of length */
	*p++ = len;
	*p++ = prefix_len + label_len;
	memcpy(p, SSTP_TLS_LABEL_PREFIX, prefix_len);
	p += prefix_len;
	memcpy(p, label, label_len);
	p += label_len;
	*p++ = 0; /* no context */
	*p++ = 1; /* the first block of HKDF-Expand */

	if (secret_len == SHA384_DIGEST_SIZE)
		hmac_sha384_usingrawkey(secret, secret_len, info, p - info, hash);
	else
		hmac_sha256_usingrawkey(secret, secret_len, info, p - info, hash);
	memcpy(out, hash, len);
	memzero_explicit(hash, sizeof(hash));
}

/**
 * sstp_tls_derive_next - what comes after a KeyUpdate
 * @cipher: one for which keys are made here
 * @secret: the traffic secret of the key in use; becomes the next one
 * @key: gets the key and the nonce that are made of that
 */
void sstp_tls_derive_next(__u16 cipher, __u8 *secret, struct sstp_tls_key *key)
{
	unsigned int len = sstp_tls_derive_secret_len(cipher);
	__u8 next[SSTP_TLS_SECRET_MAX];

	sstp_tls_derive_expand(secret, len, "traffic upd", next, len);
	memcpy(secret, next, len);
	memzero_explicit(next, sizeof(next));

	key->len = cipher == TLS_CIPHER_AES_GCM_128 ? TLS_CIPHER_AES_GCM_128_KEY_SIZE :
						      SSTP_TLS_KEY_MAX;
	sstp_tls_derive_expand(secret, len, "key", key->key, key->len);
	sstp_tls_derive_expand(secret, len, "iv", key->nonce, sizeof(key->nonce));
}
