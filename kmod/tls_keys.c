// SPDX-License-Identifier: GPL-2.0-only
#include "tls_keys.h"

#include <crypto/aead.h>
#include <linux/sched/mm.h>
#include <linux/string.h>
#include <net/sock.h>
#include <net/tls.h>

/** sstp_tls_keys_can - whether keys can be derived, and changed, on this kernel */
bool sstp_tls_keys_can(void)
{
	return true;
}

/** sstp_tls_keys_secret_len - as sstp_tls_derive_secret_len(), 0 where keys do not change */
unsigned int sstp_tls_keys_secret_len(u16 cipher)
{
	return sstp_tls_derive_secret_len(cipher);
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

	sstp_tls_derive_next(ctx->prot_info.cipher_type, secret, &key);
	noreclaim = memalloc_noreclaim_save();
	lock_sock(sk);
	err = sstp_tls_keys_set(ctx, tx, &key);
	release_sock(sk);
	memalloc_noreclaim_restore(noreclaim);
	memzero_explicit(&key, sizeof(key));
	return err;
}
