/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A TLS engine as tls-relay sees it: one of those that are not OpenSSL.
 */
#ifndef TLS_ENGINES_ENGINE_H
#define TLS_ENGINES_ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* What read, write and handshake return beside a number of bytes. */
#define TLS_ENDED	0	/* read: close_notify */
#define TLS_AGAIN	(-1)	/* when the socket is ready again */
#define TLS_BROKEN	(-2)	/* for good; the reason has been printed */

#define TLS_RECORD_HEADER	5

/**
 * struct wire - the socket below, and what is seen of the records that come
 * @largest: of them, without the header
 * @left: bytes of the record at hand that have not come yet
 */
struct wire {
	const char *name;
	int fd;
	unsigned int largest;
	unsigned int left;
	unsigned int header_len;
	unsigned char header[TLS_RECORD_HEADER];
};

/* As recv(2). */
ssize_t wire_recv(struct wire *w, void *buf, size_t len);

/* wire_broken() - print why, return TLS_BROKEN */
int wire_broken(const struct wire *w, const char *what, const char *why);

/**
 * struct tls_setup - what a connection is to be
 * @server: the role in TLS, which decides who shows @cert and who checks it
 * @version: 12 or 13, and no other
 * @fragment: to ask for by max_fragment_length, or 0
 * @limit: to ask for by record_size_limit, or 0
 * @host: who the certificate has to be for
 */
struct tls_setup {
	bool server;
	int version;
	unsigned int fragment;
	unsigned int limit;
	const char *cert;
	const char *key;
	const char *ca;
	const char *host;
};

/**
 * struct tls_engine - how it does what all of them do
 * @open: a connection; NULL if the engine has not what the setup asks for
 * @handshake: 1 when it is done; the socket may block
 * @update_keys: KeyUpdate, and ask the peer for the same; NULL if it cannot
 * @send_tickets: NewSessionTicket, as a server of TLS 1.3; NULL if it has none
 * @end: send close_notify
 */
struct tls_engine {
	const char *name;
	void *(*open)(const struct tls_setup *setup, struct wire *w);
	int (*handshake)(void *conn);
	ssize_t (*read)(void *conn, void *buf, size_t len);
	ssize_t (*write)(void *conn, const void *buf, size_t len);
	int (*update_keys)(void *conn);
	int (*send_tickets)(void *conn);
	void (*end)(void *conn);
	const char *(*cipher)(void *conn);
};

extern const struct tls_engine gnutls_engine;
extern const struct tls_engine mbedtls_engine;
extern const struct tls_engine wolfssl_engine;

#endif
