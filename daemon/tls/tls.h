/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One TLS connection on a non-blocking TCP socket: handshake, a queue of bytes
 * to send, and the hand-over of the record layer to kTLS. After the hand-over
 * the same calls go on working on the kTLS socket, for the case that sstp.ko
 * then refuses it.
 */
#ifndef SSTPD_TLS_H
#define SSTPD_TLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <openssl/ssl.h>

#include "data/settings.h"
#include "sstp/binding.h"

struct tls;

/*
 * Called from the event loop or from tls_write(). They must not free the
 * connection they are called for.
 */
struct tls_events {
	/* Handshake done, the server's certificate accepted. */
	void (*up)(void *ctx);
	/* tls_read() may have something. */
	void (*readable)(void *ctx);
	/* The send queue has become empty. */
	void (*drained)(void *ctx);
	/* Closed by the peer or failed; nothing comes after it. */
	void (*ended)(void *ctx, const char *why);
};

/**
 * struct tls_verify - what a client demands of the server
 * @name: name or address the certificate must be for, also sent as SNI
 * @ca: check the chain and @name (the context has the CAs)
 * @pin: SHA-256 the leaf must have, NULL = no pin
 */
struct tls_verify {
	const char *name;
	bool ca;
	const uint8_t *pin;
};

/**
 * tls_new() - begin a handshake
 * @fd: connected, non-blocking TCP socket; owned by the connection from now on
 * @verify: client role; NULL = server role. Strings are copied, @pin is not.
 *
 * Return: the connection, NULL if memory ran out (@fd is closed then).
 */
struct tls *tls_new(SSL_CTX *ctx, int fd, const struct tls_verify *verify,
		    const struct tls_events *events, void *arg);

/** tls_close() - close; sends close_notify if the connection is in good order */
void tls_close(struct tls *t);

/** tls_heard() - has the peer sent anything at all? */
bool tls_heard(const struct tls *t);

/**
 * tls_read() - decrypted bytes
 *
 * Return: > 0 bytes; 0 = none now, readable() will tell; -1 = ended() was or
 * will be called.
 */
ssize_t tls_read(struct tls *t, void *buf, size_t size);

/** tls_pause() - stop or resume reading from the socket */
void tls_pause(struct tls *t, bool pause);

/** tls_write() - queue bytes for sending, in order */
void tls_write(struct tls *t, const void *data, size_t len);

/**
 * tls_reserve() - room for up to @len bytes at the end of the send queue
 *
 * Return: where to write them, NULL if memory ran out. Followed by
 * tls_commit() with what was written, before any other call.
 */
uint8_t *tls_reserve(struct tls *t, size_t len);
void tls_commit(struct tls *t, size_t len);

/** tls_queued() - bytes that wait for being sent */
size_t tls_queued(const struct tls *t);

/** tls_cert() - fingerprints of the server's leaf certificate; 0 or -1 */
int tls_cert(struct tls *t, struct binding_cert *cert);

/** tls_peer_name() - common name of the client's certificate; false if none */
bool tls_peer_name(struct tls *t, char *name, size_t size);

/** tls_describe() - "TLSv1.3 TLS_AES_128_GCM_SHA256 x25519", the last if it is known */
void tls_describe(const struct tls *t, char *text, size_t size);

/** tls_at_boundary() - nothing unsent, nothing received and not yet read */
bool tls_at_boundary(const struct tls *t);

/**
 * tls_kernel_possible() - could kTLS take over this connection?
 * @why: if not, the reason
 */
bool tls_kernel_possible(const struct tls *t, char *why, size_t size);

/**
 * tls_to_kernel() - hand the record layer to kTLS, at a boundary only
 *
 * Return: 0 = done; -1 = OpenSSL goes on; -2 = the connection is lost.
 */
int tls_to_kernel(struct tls *t, char *why, size_t size);

/**
 * tls_secrets() - the traffic secrets that the keys in use are made of
 * @tx: of ours, KTLS_SECRET_MAX bytes; to be wiped after use
 * @rx: of the peer's
 *
 * Before tls_to_kernel(), which forgets them.
 *
 * Return: bytes of each, 0 before TLS 1.3.
 */
size_t tls_secrets(const struct tls *t, uint8_t *tx, uint8_t *rx);

/** tls_fd() - the socket, still owned by the connection */
int tls_fd(const struct tls *t);

/** tls_record_size() - most payload of a record that the peer takes, in bytes */
uint32_t tls_record_size(const struct tls *t);

/**
 * tls_lend() - the one descriptor of the socket, which is the caller's from now on
 *
 * kTLS has the keys. Only tls_give_back() may follow, or tls_close(), which then
 * sends no close_notify.
 */
int tls_lend(struct tls *t);

/** tls_give_back() - the socket is ours again; reading is paused */
void tls_give_back(struct tls *t, int fd);

#endif /* SSTPD_TLS_H */
