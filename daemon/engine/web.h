/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A connection that is not SSTP, passed on to a web server: what TLS decrypts
 * goes there, what it answers goes back, byte by byte, until either side
 * closes. Neither direction holds more than WEB_QUEUE_MAX and one read.
 */
#ifndef SSTPD_WEB_H
#define SSTPD_WEB_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

#include "tls/tls.h"

#define WEB_QUEUE_MAX	65536

struct web;

/* May free neither the struct web nor its TLS connection. */
struct web_events {
	/* Bytes went one way or the other. */
	void (*active)(void *ctx);
	/* It is over: the web server closed, and all it said was sent. */
	void (*ended)(void *ctx, const char *why);
};

/**
 * web_new() - connect to @server; NULL if there is no socket to be had
 * @tls: must outlive it
 */
struct web *web_new(const struct sockaddr_storage *server, struct tls *tls,
		    const struct web_events *events, void *arg);
void web_free(struct web *w);

/** web_input() - bytes of the client, queued whatever their number */
void web_input(struct web *w, const void *data, size_t len);

/** web_full() - no more of those now; @tls is paused until there is room */
bool web_full(struct web *w);

/** web_drained() - the send queue of @tls has become empty */
void web_drained(struct web *w);

#endif /* SSTPD_WEB_H */
