/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Handing the record layer of an OpenSSL connection to the kernel (kTLS). The
 * daemon derives keys and counts records itself instead of using OpenSSL's own
 * kTLS: that decides at handshake time, while we know only after PPP whether
 * the session goes to the kernel; and OpenSSL 3.0 cannot do TLS 1.3 receive.
 *
 * When may a connection be handed over?
 *  - cipher AES-128-GCM, AES-256-GCM or ChaCha20-Poly1305, TLS 1.2 or 1.3;
 *  - no KeyUpdate seen (the secrets would be of a later generation);
 *  - OpenSSL holds no received bytes (SSL_has_pending() is 0: the socket is at
 *    a record boundary) and no unsent ones (the caller's queue is empty).
 *
 * Keys: TLS 1.3 from the traffic secrets of the key log callback, RFC 8446
 * 7.3; TLS 1.2 from the master secret, RFC 5246 6.3. Record sequence numbers
 * are counted from the record headers OpenSSL reports. TLS 1.3 counts from the
 * record after Finished, TLS 1.2 from the record after ChangeCipherSpec, so
 * that its Finished is number 0.
 */
#ifndef SSTPD_KTLS_H
#define SSTPD_KTLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/tls.h>
#include <openssl/ssl.h>

#define KTLS_SECRET_MAX	48

/**
 * struct ktls_watch - what is known about a connection while OpenSSL runs it
 * @rx_seq: sequence number of the next record to receive
 * @tx_seq: sequence number of the next record to send
 * @secret_len: length of the TLS 1.3 secrets, 0 = not known
 * @client_secret: client_application_traffic_secret_0
 * @server_secret: server_application_traffic_secret_0
 * @key_update: either side changed keys after the handshake
 * @rx_other: records received that are no application data
 */
struct ktls_watch {
	uint64_t rx_seq;
	uint64_t tx_seq;
	size_t secret_len;
	uint8_t client_secret[KTLS_SECRET_MAX];
	uint8_t server_secret[KTLS_SECRET_MAX];
	bool key_update;
	uint64_t rx_other;
};

/** struct ktls_info - argument of setsockopt(TLS_TX or TLS_RX) */
struct ktls_info {
	union {
		struct tls_crypto_info info;
		struct tls12_crypto_info_aes_gcm_128 gcm128;
		struct tls12_crypto_info_aes_gcm_256 gcm256;
		struct tls12_crypto_info_chacha20_poly1305 chacha;
	};
	size_t size;
};

/** struct ktls_keys - secret: wipe after use */
struct ktls_keys {
	struct ktls_info tx;
	struct ktls_info rx;
};

/** ktls_init() - once per process, before the first ktls_watch() */
void ktls_init(void);

/** ktls_watch() - observe @ssl from before its handshake; @w outlives it */
void ktls_watch(SSL *ssl, struct ktls_watch *w);

/** ktls_secret() - one line of the key log callback */
void ktls_secret(const SSL *ssl, const char *line);

/**
 * ktls_possible() - can this connection be handed over at all?
 * @why: if not, the reason for the operator
 */
bool ktls_possible(const SSL *ssl, const struct ktls_watch *w, char *why,
		   size_t size);

/**
 * ktls_derive() - keys, IVs and sequence numbers as they are now
 *
 * Return: 0, or -1 if the cipher is not known to kTLS or OpenSSL failed.
 */
int ktls_derive(const SSL *ssl, const struct ktls_watch *w,
		struct ktls_keys *keys);

/**
 * ktls_enable() - give the socket to kTLS, both directions
 *
 * Return: 0 = done; -1 = not done, the socket is as before; -2 = half done, the
 * connection is lost. @why holds the reason.
 */
int ktls_enable(int fd, const struct ktls_keys *keys, char *why, size_t size);

#endif /* SSTPD_KTLS_H */
