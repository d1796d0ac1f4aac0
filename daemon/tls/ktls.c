// SPDX-License-Identifier: GPL-2.0-or-later
#include "tls/ktls.h"

#include <endian.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/kdf.h>
#include <openssl/rand.h>

#include "lib/hex.h"
#include "lib/log.h"

#define KTLS_KEY_MAX	32
#define KTLS_IV_LEN	12

/** struct ktls_cipher - what kTLS and the key schedules need of a cipher */
struct ktls_cipher {
	int nid;
	uint16_t type;
	size_t key_len;
	size_t fixed_iv_len;	/* TLS 1.2: IV bytes in the key block */
};

static const struct ktls_cipher ktls_ciphers[] = {
	{ NID_aes_128_gcm, TLS_CIPHER_AES_GCM_128, 16, 4 },
	{ NID_aes_256_gcm, TLS_CIPHER_AES_GCM_256, 32, 4 },
	{ NID_chacha20_poly1305, TLS_CIPHER_CHACHA20_POLY1305, 32, 12 },
};

/* Key and IV of one direction. */
struct ktls_material {
	uint8_t key[KTLS_KEY_MAX];
	uint8_t iv[KTLS_IV_LEN];
};

static int ktls_index = -1;

void ktls_init(void)
{
	ktls_index = SSL_get_ex_new_index(0, NULL, NULL, NULL, NULL);
	if (ktls_index < 0)
		log_fatal("OpenSSL: no ex_data index");
}

/* ---- watching ---------------------------------------------------------- */

static void ktls_on_header(struct ktls_watch *w, bool sent, bool tls13,
			   uint8_t type)
{
	uint64_t *seq = sent ? &w->tx_seq : &w->rx_seq;

	/* TLS 1.3 has ChangeCipherSpec only for show, never encrypted. */
	if (type == SSL3_RT_CHANGE_CIPHER_SPEC)
		*seq = tls13 ? *seq : 0;
	else
		(*seq)++;
}

/* Of TLS 1.3 the type within: all its headers say that it is data. */
static void ktls_on_type(struct ktls_watch *w, bool sent, uint8_t type)
{
	if (!sent && type != SSL3_RT_APPLICATION_DATA)
		w->rx_other++;
}

static void ktls_on_handshake(struct ktls_watch *w, bool sent, bool tls13,
			      uint8_t type)
{
	if (!tls13)
		return;
	if (type == SSL3_MT_FINISHED && sent)
		w->tx_seq = 0;
	else if (type == SSL3_MT_FINISHED)
		w->rx_seq = 0;
	else if (type == SSL3_MT_KEY_UPDATE)
		w->key_update = true;
}

static void ktls_on_message(int sent, int version, int content,
			    const void *buf, size_t len, SSL *ssl, void *arg)
{
	bool tls13 = SSL_version(ssl) == TLS1_3_VERSION;
	const uint8_t *p = buf;

	(void)version;
	if (!len)
		return;
	if (content == SSL3_RT_HEADER)
		ktls_on_header(arg, sent, tls13, p[0]);
	if (content == SSL3_RT_HEADER || content == SSL3_RT_INNER_CONTENT_TYPE)
		ktls_on_type(arg, sent, p[0]);
	else if (content == SSL3_RT_HANDSHAKE)
		ktls_on_handshake(arg, sent, tls13, p[0]);
}

void ktls_watch(SSL *ssl, struct ktls_watch *w)
{
	memset(w, 0, sizeof(*w));
	SSL_set_ex_data(ssl, ktls_index, w);
	SSL_set_msg_callback(ssl, ktls_on_message);
	SSL_set_msg_callback_arg(ssl, w);
}

/* "LABEL CLIENT-RANDOM SECRET", all in hex. */
void ktls_secret(const SSL *ssl, const char *line)
{
	static const char client[] = "CLIENT_TRAFFIC_SECRET_0 ";
	static const char server[] = "SERVER_TRAFFIC_SECRET_0 ";
	struct ktls_watch *w = SSL_get_ex_data(ssl, ktls_index);
	const char *hex = strrchr(line, ' ');
	uint8_t *out;
	size_t len;

	if (!w || !hex)
		return;
	if (!strncmp(line, client, sizeof(client) - 1))
		out = w->client_secret;
	else if (!strncmp(line, server, sizeof(server) - 1))
		out = w->server_secret;
	else
		return;
	len = strlen(++hex) / 2;
	if (len <= KTLS_SECRET_MAX && hex_decode(hex, out, len))
		w->secret_len = len;
}

/* ---- key schedules ------------------------------------------------------ */

static const struct ktls_cipher *ktls_cipher(const SSL *ssl)
{
	const SSL_CIPHER *cipher = SSL_get_current_cipher(ssl);
	int nid = cipher ? SSL_CIPHER_get_cipher_nid(cipher) : NID_undef;
	size_t i;

	for (i = 0; i < sizeof(ktls_ciphers) / sizeof(ktls_ciphers[0]); i++)
		if (ktls_ciphers[i].nid == nid)
			return &ktls_ciphers[i];
	return NULL;
}

static int ktls_kdf(const char *name, const OSSL_PARAM *params, uint8_t *out,
		    size_t len)
{
	EVP_KDF *kdf = EVP_KDF_fetch(NULL, name, NULL);
	EVP_KDF_CTX *ctx = kdf ? EVP_KDF_CTX_new(kdf) : NULL;
	int rc = -1;

	if (ctx && EVP_KDF_derive(ctx, out, len, params) == 1)
		rc = 0;
	EVP_KDF_CTX_free(ctx);
	EVP_KDF_free(kdf);
	return rc;
}

static const char *ktls_digest(const SSL *ssl)
{
	return EVP_MD_get0_name(SSL_CIPHER_get_handshake_digest(
					SSL_get_current_cipher(ssl)));
}

static OSSL_PARAM ktls_param(const char *name, const void *p, size_t len)
{
	return OSSL_PARAM_construct_octet_string(name, (void *)(uintptr_t)p,
						 len);
}

/* HKDF-Expand-Label(secret, label, "", len), RFC 8446 7.1 */
static int ktls_expand(const char *digest, const uint8_t *secret,
		       size_t secret_len, const char *label, uint8_t *out,
		       size_t len)
{
	int mode = EVP_KDF_HKDF_MODE_EXPAND_ONLY;
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_int(OSSL_KDF_PARAM_MODE, &mode),
		OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST,
						 (char *)(uintptr_t)digest, 0),
		ktls_param(OSSL_KDF_PARAM_KEY, secret, secret_len),
		ktls_param(OSSL_KDF_PARAM_PREFIX, "tls13 ", 6),
		ktls_param(OSSL_KDF_PARAM_LABEL, label, strlen(label)),
		OSSL_PARAM_construct_end(),
	};

	return ktls_kdf("TLS13-KDF", params, out, len);
}

static int ktls_derive_13(const SSL *ssl, const struct ktls_watch *w,
			  const struct ktls_cipher *cipher,
			  struct ktls_material *client,
			  struct ktls_material *server)
{
	const char *digest = ktls_digest(ssl);
	const struct {
		const uint8_t *secret;
		struct ktls_material *m;
	} sides[] = {
		{ w->client_secret, client },
		{ w->server_secret, server },
	};

	/* A KeyUpdate since somebody looked: those are the secrets of keys before that. */
	if (!w->secret_len || w->key_update)
		return -1;
	for (int i = 0; i < 2; i++)
		if (ktls_expand(digest, sides[i].secret, w->secret_len, "key",
				sides[i].m->key, cipher->key_len) < 0 ||
		    ktls_expand(digest, sides[i].secret, w->secret_len, "iv",
				sides[i].m->iv, KTLS_IV_LEN) < 0)
			return -1;
	return 0;
}

static int ktls_key_block(const SSL *ssl, uint8_t *block, size_t len)
{
	uint8_t master[SSL_MAX_MASTER_KEY_LENGTH];
	const char *digest = ktls_digest(ssl);
	uint8_t seed[2 * SSL3_RANDOM_SIZE];
	size_t master_len;
	int rc;

	SSL_get_server_random(ssl, seed, SSL3_RANDOM_SIZE);
	SSL_get_client_random(ssl, seed + SSL3_RANDOM_SIZE, SSL3_RANDOM_SIZE);
	master_len = SSL_SESSION_get_master_key(SSL_get_session(ssl), master,
						sizeof(master));
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST,
						 (char *)(uintptr_t)digest, 0),
		ktls_param(OSSL_KDF_PARAM_SECRET, master, master_len),
		ktls_param(OSSL_KDF_PARAM_SEED, "key expansion", 13),
		ktls_param(OSSL_KDF_PARAM_SEED, seed, sizeof(seed)),
		OSSL_PARAM_construct_end(),
	};
	rc = ktls_kdf("TLS1-PRF", params, block, len);
	OPENSSL_cleanse(master, sizeof(master));
	return rc;
}

/* An AEAD cipher has no MAC keys: two keys, then two fixed IVs. */
static int ktls_derive_12(const SSL *ssl, const struct ktls_cipher *cipher,
			  struct ktls_material *client,
			  struct ktls_material *server)
{
	uint8_t block[2 * KTLS_KEY_MAX + 2 * KTLS_IV_LEN];
	size_t iv_len = cipher->fixed_iv_len;
	size_t key_len = cipher->key_len;
	const uint8_t *p = block;

	if (ktls_key_block(ssl, block, 2 * key_len + 2 * iv_len) < 0)
		return -1;
	memcpy(client->key, p, key_len);
	memcpy(server->key, p + key_len, key_len);
	p += 2 * key_len;
	memcpy(client->iv, p, iv_len);
	memcpy(server->iv, p + iv_len, iv_len);
	OPENSSL_cleanse(block, sizeof(block));
	/*
	 * The explicit part of a GCM nonce travels in the record: receiving
	 * reads it there, sending may start anywhere. OpenSSL too counts up
	 * from a random number, so the ranges do not meet (2^-64 per record).
	 */
	if (iv_len < KTLS_IV_LEN &&
	    (RAND_bytes(client->iv + iv_len, (int)(KTLS_IV_LEN - iv_len)) != 1 ||
	     RAND_bytes(server->iv + iv_len, (int)(KTLS_IV_LEN - iv_len)) != 1))
		return -1;
	return 0;
}

static void ktls_fill(struct ktls_info *ki, const SSL *ssl,
		      const struct ktls_cipher *cipher,
		      const struct ktls_material *m, uint64_t seq)
{
	uint64_t rec_seq = htobe64(seq);

	memset(ki, 0, sizeof(*ki));
	ki->info.version = SSL_version(ssl) == TLS1_3_VERSION ?
			   TLS_1_3_VERSION : TLS_1_2_VERSION;
	ki->info.cipher_type = cipher->type;
	switch (cipher->type) {
	case TLS_CIPHER_AES_GCM_128:
		ki->size = sizeof(ki->gcm128);
		memcpy(ki->gcm128.key, m->key, sizeof(ki->gcm128.key));
		memcpy(ki->gcm128.salt, m->iv, sizeof(ki->gcm128.salt));
		memcpy(ki->gcm128.iv, m->iv + 4, sizeof(ki->gcm128.iv));
		memcpy(ki->gcm128.rec_seq, &rec_seq, sizeof(rec_seq));
		break;
	case TLS_CIPHER_AES_GCM_256:
		ki->size = sizeof(ki->gcm256);
		memcpy(ki->gcm256.key, m->key, sizeof(ki->gcm256.key));
		memcpy(ki->gcm256.salt, m->iv, sizeof(ki->gcm256.salt));
		memcpy(ki->gcm256.iv, m->iv + 4, sizeof(ki->gcm256.iv));
		memcpy(ki->gcm256.rec_seq, &rec_seq, sizeof(rec_seq));
		break;
	case TLS_CIPHER_CHACHA20_POLY1305:
		ki->size = sizeof(ki->chacha);
		memcpy(ki->chacha.key, m->key, sizeof(ki->chacha.key));
		memcpy(ki->chacha.iv, m->iv, sizeof(ki->chacha.iv));
		memcpy(ki->chacha.rec_seq, &rec_seq, sizeof(rec_seq));
		break;
	}
}

int ktls_derive(const SSL *ssl, const struct ktls_watch *w,
		struct ktls_keys *keys)
{
	const struct ktls_cipher *cipher = ktls_cipher(ssl);
	struct ktls_material client, server;
	bool is_server = SSL_is_server(ssl);
	int rc = -1;

	memset(&client, 0, sizeof(client));
	memset(&server, 0, sizeof(server));
	if (cipher && SSL_version(ssl) == TLS1_3_VERSION)
		rc = ktls_derive_13(ssl, w, cipher, &client, &server);
	else if (cipher && SSL_version(ssl) == TLS1_2_VERSION)
		rc = ktls_derive_12(ssl, cipher, &client, &server);
	if (!rc) {
		ktls_fill(&keys->tx, ssl, cipher,
			  is_server ? &server : &client, w->tx_seq);
		ktls_fill(&keys->rx, ssl, cipher,
			  is_server ? &client : &server, w->rx_seq);
	}
	OPENSSL_cleanse(&client, sizeof(client));
	OPENSSL_cleanse(&server, sizeof(server));
	return rc;
}

/* ---- hand-over ----------------------------------------------------------- */

bool ktls_possible(const SSL *ssl, const struct ktls_watch *w, char *why,
		   size_t size)
{
	if (!ktls_cipher(ssl)) {
		snprintf(why, size,
			 "cipher %s is not supported by kTLS; have the peer use AES-GCM (MikroTik: ciphers=aes256-gcm-sha384)",
			 SSL_get_cipher_name(ssl));
		return false;
	}
	if (w->key_update) {
		snprintf(why, size, "TLS keys were updated before the hand-over");
		return false;
	}
	if (SSL_version(ssl) == TLS1_3_VERSION && !w->secret_len) {
		snprintf(why, size, "OpenSSL did not report the TLS secrets");
		return false;
	}
	return true;
}

int ktls_enable(int fd, const struct ktls_keys *keys, char *why, size_t size)
{
	if (setsockopt(fd, IPPROTO_TCP, TCP_ULP, "tls", sizeof("tls")) < 0) {
		snprintf(why, size, "no kTLS in this kernel (TCP_ULP: %s)",
			 strerror(errno));
		return -1;
	}
	/*
	 * Receiving first: a kernel that lacks the cipher refuses here. The
	 * socket without TLS_TX and TLS_RX still is a plain TCP socket.
	 */
	if (setsockopt(fd, SOL_TLS, TLS_RX, &keys->rx.info,
		       (socklen_t)keys->rx.size) < 0) {
		snprintf(why, size, "kTLS refused the cipher (TLS_RX: %s)",
			 strerror(errno));
		return -1;
	}
	if (setsockopt(fd, SOL_TLS, TLS_TX, &keys->tx.info,
		       (socklen_t)keys->tx.size) < 0) {
		snprintf(why, size, "kTLS refused the cipher (TLS_TX: %s)",
			 strerror(errno));
		return -2;
	}
	return 0;
}
