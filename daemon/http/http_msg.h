/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The one HTTP exchange in front of an SSTP stream, MS-SSTP 3.2.4.1/3.3.2.1:
 * SSTP_DUPLEX_POST and its 200. Not a general HTTP parser: whatever is not
 * that exchange gets an error status and the connection is closed.
 */
#ifndef SSTPD_HTTP_MSG_H
#define SSTPD_HTTP_MSG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "lib/buf.h"

#define HTTP_HEAD_MAX		8192	/* whole head, both roles */
#define HTTP_LINE_MAX		1024	/* one line, CRLF not counted */
#define HTTP_HEADERS_MAX	32
#define HTTP_HOST_MAX		255
#define HTTP_USER_MAX		400	/* of a proxy: user, colon, password */
#define HTTP_SSTP_PATH		"/sra_{BA195980-CD49-458b-9E23-C84EE0ADCD75}/"

enum http_state {
	HTTP_READING,
	HTTP_DONE,
	HTTP_FAILED,
};

/**
 * struct http_head - collects a head byte by byte until its blank line
 * @buf: the bytes so far
 * @len: bytes in @buf
 * @line: offset at which the current line starts
 * @lines: complete lines so far
 * @state: HTTP_DONE once the blank line was seen
 * @status: with HTTP_FAILED, the HTTP status that describes why (400, 431)
 *
 * Each byte is looked at once, so a peer that sends single bytes costs no
 * more than one that does not.
 */
struct http_head {
	char buf[HTTP_HEAD_MAX];
	size_t len;
	size_t line;
	unsigned int lines;
	enum http_state state;
	int status;
};

/**
 * struct http_request - what the server keeps of a request
 * @host: Host header without port, lower case, empty if absent
 * @correlation_id: SSTPCORRELATIONID as received (braces or not), may be empty
 * @no_length: Content-Length was absent (tolerated, worth a log line)
 */
struct http_request {
	char host[HTTP_HOST_MAX + 1];
	char correlation_id[64];
	bool no_length;
};

void http_head_init(struct http_head *h);

/*
 * Takes bytes off @in up to and including the blank line; what is left in @in
 * after HTTP_DONE is the beginning of the SSTP stream and must be kept.
 */
enum http_state http_head_input(struct http_head *h, struct rbuf *in);

/*
 * Server: judges a complete head. Returns the status to answer with: 200, or
 * an error after which the connection is closed. @host (may be NULL) is the
 * only name served, compared without case; a port in the header is ignored.
 * @prefix, if not empty, is a secret in front of the path: to who does not know
 * it the answer is that of a server which has never heard of SSTP.
 */
int http_request_check(const struct http_head *h, const char *host,
		       const char *prefix, struct http_request *req);

/* What a request is, as far as its first bytes tell. */
enum http_kind {
	HTTP_KIND_OPEN,		/* too few bytes */
	HTTP_KIND_SSTP,		/* the method is SSTP's, and the prefix right */
	HTTP_KIND_HEALTH,	/* GET or HEAD of the health URI */
	HTTP_KIND_OTHER,
};

/*
 * Server: looks at what @h has read, and at what is to follow. Never anything
 * but HTTP_KIND_OPEN until the bytes differ from all that are of interest, or
 * are one of them. @health is empty if there is no such URI. With a @prefix it
 * waits for the whole line, of all alike: when it stops waiting tells nothing.
 */
enum http_kind http_request_kind(const struct http_head *h, struct rbuf in,
				 const char *health, const char *prefix);

/*
 * Server: writes a complete answer. @now is UTC for the Date header. 200 opens
 * the stream; everything else says Content-Length: 0 and Connection: close.
 * 1024 bytes of room are enough. Deliberately few header lines: sstp-client
 * reads at most seven.
 */
void http_put_response(struct wbuf *w, int status, time_t now);

/*
 * Server: an answer after which the connection is closed, whatever the status.
 * @location: where to go instead, or NULL
 */
void http_put_closing(struct wbuf *w, int status, const char *location,
		      time_t now);

/*
 * Client: writes the request. @host as dialled (an IPv6 literal gets its
 * brackets here), @port is named in Host only when it is not 443. @guid is 16
 * random bytes, sent as SSTPCORRELATIONID.
 */
void http_put_request(struct wbuf *w, const char *host, uint16_t port,
		      const char *prefix, const uint8_t guid[static 16]);

/*
 * Client: status of a complete response head (100..599), -1 if it is not an
 * HTTP/1.1 response. Headers are ignored. A 1xx is for the caller to skip once.
 */
int http_response_status(const struct http_head *h);

/*
 * Client: asks a proxy for a connection to @host and @port, MS-SSTP 3.2.4.1.
 * @user is empty where the proxy wants no authentication. 2048 bytes of room
 * are enough.
 */
void http_put_connect(struct wbuf *w, const char *host, uint16_t port,
		      const char *user, const char *password);

/* Client: status of a proxy's answer to that, which may be HTTP/1.0, or -1. */
int http_connect_status(const struct http_head *h);

#endif /* SSTPD_HTTP_MSG_H */
