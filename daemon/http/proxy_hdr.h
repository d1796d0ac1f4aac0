/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The PROXY protocol of HAProxy, versions 1 (a line of text) and 2 (binary): a
 * header in front of everything else, by which a proxy tells who its client is.
 * Only what an SSTP server needs is understood: TCP over IPv4 or IPv6. To the web
 * server behind us we are such a proxy.
 */
#ifndef SSTPD_PROXY_HDR_H
#define SSTPD_PROXY_HDR_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

#include "lib/buf.h"

/* Version 1: 107 bytes. Version 2: addresses, then extensions, which we skip. */
#define PROXY_HDR_MAX	1024

enum proxy_hdr_state {
	PROXY_HDR_READING,
	PROXY_HDR_DONE,
	PROXY_HDR_BAD,
};

/**
 * struct proxy_hdr - collects a header
 * @buf: its bytes so far
 * @len: bytes in @buf
 * @state: of the parser
 * @has_source: PROXY_HDR_DONE: @source is the client; else the proxy speaks
 *	for itself (a health check), or does not know
 */
struct proxy_hdr {
	uint8_t buf[PROXY_HDR_MAX];
	size_t len;
	enum proxy_hdr_state state;
	bool has_source;
	struct sockaddr_storage source;
};

void proxy_hdr_init(struct proxy_hdr *h);

/*
 * Takes bytes off @in up to the end of the header, and not one more: TLS begins
 * with the next.
 */
enum proxy_hdr_state proxy_hdr_input(struct proxy_hdr *h, struct rbuf *in);

/* Room for what proxy_hdr_put() writes. */
#define PROXY_HDR_PUT_MAX	(16 + 36)

/**
 * proxy_hdr_put() - write a header of version 2: @source talks to @dest
 *
 * If one is IPv4 and the other IPv6 both are written as IPv6, IPv4 mapped. An address of
 * another family is left out: "does not know".
 */
void proxy_hdr_put(struct wbuf *w, const struct sockaddr_storage *source,
		   const struct sockaddr_storage *dest);

#endif /* SSTPD_PROXY_HDR_H */
