// SPDX-License-Identifier: GPL-2.0-only
#include "tls_keys.h"

#include <crypto/aead.h>
#include <crypto/sha2.h>
#include <linux/sched/mm.h>
#include <linux/string.h>
#include <linux/unaligned.h>
#include <net/sock.h>
#include <net/tls.h>

#define SSTP_TLS_KEY_MAX	32
#define SSTP_TLS_NONCE_LEN	12
#define SSTP_TLS_LABEL_PREFIX	"tls13 "
#define SSTP_TLS_LABEL_MAX	sizeof("traffic upd")

/**
 * struct sstp_tls_key - to be wiped after use
 * @key: the key
 * @len: bytes of it
 * @nonce: of record 0
 */
struct sstp_tls_key {
	u8 key[SSTP_TLS_KEY_MAX];
	unsigned int len;
	u8 nonce[SSTP_TLS_NONCE_LEN];
};

/** sstp_tls_keys_can - whether keys can be derived, and changed, on this kernel */
bool sstp_tls_keys_can(void)
{
	return true;
}

/**
 * sstp_tls_keys_secret_len - length of the hash that goes with a cipher
 * @cipher: as in struct tls_crypto_info
 *
 * Return: bytes, 0 if keys for it are not made here.
 */
unsigned int sstp_tls_keys_secret_len(u16 cipher)
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
static void sstp_tls_keys_expand(const u8 *secret, unsigned int secret_len,
				 const char *label, u8 *out, unsigned int len)
{
	u8 info[2 + 1 + sizeof(SSTP_TLS_LABEL_PREFIX) + SSTP_TLS_LABEL_MAX + 1 + 1];
	unsigned int prefix_len = strlen(SSTP_TLS_LABEL_PREFIX);
	unsigned int label_len = strlen(label);
	u8 hash[SSTP_TLS_SECRET_MAX];
	u8 *p = info;

	put_unaligned_be16(len, p);
	p[2] = prefix_len + label_len;
	p += 3;
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

static void sstp_tls_keys_next(u16 cipher, u8 *secret, struct sstp_tls_key *key)
{
	unsigned int len = sstp_tls_keys_secret_len(cipher);
	u8 next[SSTP_TLS_SECRET_MAX];

	sstp_tls_keys_expand(secret, len, "traffic upd", next, len);
	memcpy(secret, next, len);
	memzero_explicit(next, sizeof(next));

	key->len = cipher == TLS_CIPHER_AES_GCM_128 ? TLS_CIPHER_AES_GCM_128_KEY_SIZE :
						      SSTP_TLS_KEY_MAX;
	sstp_tls_keys_expand(secret, len, "key", key->key, key->len);
	sstp_tls_keys_expand(secret, len, "iv", key->nonce, sizeof(key->nonce));
}

/* kTLS keeps what it was given first, too; nobody can ask for it. */
static void sstp_tls_keys_forget(union tls_crypto_context *crypto)
{
	memzero_explicit((u8 *)crypto + sizeof(crypto->info),
			 sizeof(*crypto) - sizeof(crypto->info));
}

static int sstp_tls_keys_set(struct tls_context *ctx, bool tx,
			     const struct sstp_tls_key *key)
{
	struct cipher_context *cipher = tx ? &ctx->tx : &ctx->rx;
	int err;

	err = crypto_aead_setkey(tx ? tls_sw_ctx_tx(ctx)->aead_send :
				      tls_sw_ctx_rx(ctx)->aead_recv, key->key, key->len);
	if (err)
		return err;
	memcpy(cipher->iv, key->nonce, sizeof(key->nonce));
	memset(cipher->rec_seq, 0, sizeof(u64));
	sstp_tls_keys_forget(tx ? &ctx->crypto_send : &ctx->crypto_recv);
	/* It has not received since the KeyUpdate. */
	if (!tx)
		WRITE_ONCE(tls_sw_ctx_rx(ctx)->key_update_pending, false);
	return 0;
}

/**
 * sstp_tls_keys_change - have kTLS use the next key from the next record on
 * @sk: the socket, TLS 1.3 with a cipher that there is a secret for, not in a card
 * @tx: for sending, otherwise for receiving
 * @secret: the traffic secret of the key in use; becomes the next one
 *
 * What setsockopt() does with a key of a process. It cannot be had for one of the
 * kernel's: it copies that to behind a field, which the kernel's own checks
 * (FORTIFY_SOURCE) take for an overflow.
 *
 * Some ciphers need memory for a moment, and ask for it as a process does: a work that
 * reclaimed some could wait for itself, see sstp_socket_take().
 *
 * Context: process; the work that sends, or receives: no record is being made.
 * Return: 0 or a negative errno.
 */
int sstp_tls_keys_change(struct sock *sk, bool tx, u8 secret[SSTP_TLS_SECRET_MAX])
{
	struct tls_context *ctx = tls_get_ctx(sk);
	struct sstp_tls_key key;
	unsigned int noreclaim;
	int err;

	sstp_tls_keys_next(ctx->prot_info.cipher_type, secret, &key);
	noreclaim = memalloc_noreclaim_save();
	lock_sock(sk);
	err = sstp_tls_keys_set(ctx, tx, &key);
	release_sock(sk);
	memalloc_noreclaim_restore(noreclaim);
	memzero_explicit(&key, sizeof(key));
	return err;
}
