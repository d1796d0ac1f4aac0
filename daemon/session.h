/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A session: one remote end from its TCP connection to its data path. This is
 * the only place where TLS, the SSTP call, the PPP link and the data path meet;
 * each of them knows nothing of the others.
 *
 *	TLS handshake -> HTTP exchange -> SSTP call + PPP link	(over TLS)
 *		-> data path	(kernel: session fd; TUN: packets over TLS)
 *
 * At a server a connection may turn out to be no session at all, but one for
 * the web server that shares the port.
 *
 * The hand-over (session_path.c) begins when the call is Connected and an NCP
 * is Opened. From then on received bytes are kept instead of acted upon, until
 * the parent has built the path; they are the first thing it gets.
 *
 * Files: session.c (life, TLS), session_http.c (HTTP), session_link.c (operations of the call
 * and PPP machines), session_path.c (hand-over and data path).
 */
#ifndef SSTPD_SESSION_H
#define SSTPD_SESSION_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>
#include <sys/socket.h>

#include "call.h"
#include "conf.h"
#include "http_msg.h"
#include "msg.h"
#include "path.h"
#include "ppp.h"
#include "sstp_pkt.h"
#include "tls.h"
#include "web.h"

struct session;

/* What a request over HTTP turned out to be. */
enum session_use {
	SESSION_USE_CALL,	/* an SSTP call begins, if there is room */
	SESSION_USE_WEB,	/* something for the web server, the same */
	SESSION_USE_HEALTH,	/* would there be room for a call? */
	SESSION_USE_OTHER,	/* something that is answered and closed */
};

/* What the server or client that made a session hears of it. */
struct session_owner {
	/* Server: false = there is no room for that. */
	bool (*admit)(void *ctx, struct session *s, enum session_use use);
	/* It proved who it is: no longer half open. May be NULL. */
	void (*authenticated)(void *ctx, struct session *s);
	/* The data path is there. May be NULL. */
	void (*up)(void *ctx, struct session *s);
	/* It is over; the struct goes away after this call. */
	void (*ended)(void *ctx, struct session *s, enum reason reason);
};

/**
 * struct session_cfg - fixed for the life of a session
 * @server: role
 * @client: number of the client, client role
 * @link: interface and protocol settings; must outlive the session
 * @host: server: only name served or empty; client: name dialled
 * @port: client: port dialled, host order
 * @user: client: user name
 * @cert_is_user: server: who shows a certificate can log in by its name only
 * @web: server: what others than SSTP clients get; must outlive the session
 * @deadline_s: limit for TLS handshake and HTTP exchange together
 */
struct session_cfg {
	bool server;
	uint32_t client;
	const struct conf_link *link;
	const char *host;
	uint16_t port;
	const char *user;
	const struct conf_web *web;
	bool cert_is_user;
	uint32_t deadline_s;
};

enum session_stage {
	SESSION_TLS,		/* handshake */
	SESSION_HTTP,		/* SSTP_DUPLEX_POST */
	SESSION_WEB,		/* no SSTP: the web server's */
	SESSION_LINK,		/* call and PPP run over TLS */
	SESSION_BOUNDARY,	/* waiting for a TLS record boundary */
	SESSION_ASKED,		/* the parent builds the data path */
	SESSION_UP,		/* data path runs */
	SESSION_ENDED,		/* about to be freed */
};

/* One timer of a machine. */
struct session_timer {
	struct session *s;
	unsigned int which;
	struct event *ev;
};

/**
 * struct session
 * @id: number shown to the operator; never 0
 * @stage: how far it is
 * @stopping: session_stop() was called
 * @asked_authd: the parent knows of this session
 * @authenticated: PPP authentication is over and good
 * @up: the data path has been there
 * @tls: NULL on the kernel path
 * @head: HTTP head while it is read, then NULL
 * @web: SESSION_WEB: connection to the web server
 * @open: the request to the parent, with the bytes received meanwhile
 * @have_addrs: @addrs came with the verdict
 * @net: what the NCPs agreed upon
 * @told: the same as the parent knows it
 * @waited: IPv6 alone will do, IPv4 did not come
 * @held: our own packets that wait for the end of the hand-over
 * @last_rx: loop_now_ms() of the last bytes received over TLS
 */
struct session {
	TAILQ_ENTRY(session) next;
	uint32_t id;
	struct session_cfg cfg;
	const struct session_owner *owner;
	void *owner_ctx;
	enum session_stage stage;
	bool stopping;
	bool asked_authd;
	bool authenticated;
	bool up;
	bool skipped_1xx;
	struct sockaddr_storage remote;
	char remote_text[64];
	struct tls *tls;
	struct http_head *head;
	struct web *web;
	struct sstp_stream stream;
	struct call call;
	struct ppp ppp;
	struct session_timer call_timers[CALL_TIMERS];
	struct session_timer ppp_timers[PPP_TIMERS];
	struct event *deadline;
	struct event *advance;		/* hand-over, outside of any callback */
	struct event *reap;
	bool have_addrs;
	struct ppp_addrs addrs;
	struct ppp_network net;
	struct ppp_network told;
	bool waited;
	struct msg_path_open *open;
	uint8_t held[1024];
	size_t held_len;
	struct path *path;
	uint64_t last_rx;
	enum reason reason;
	char text[MSG_TEXT_MAX];
};

/** session_number() - before the first: its id, and from there to the next */
void session_number(uint32_t first, uint32_t step);

/**
 * session_new() - take over a TCP connection
 * @fd: connected, non-blocking; owned by the session from now on
 * @verify: client role, NULL = server role
 *
 * Return: the session, or NULL (@fd is closed then).
 */
struct session *session_new(int fd, SSL_CTX *ctx,
			    const struct tls_verify *verify,
			    const struct session_cfg *cfg,
			    const struct sockaddr_storage *remote,
			    const struct session_owner *owner, void *owner_ctx);

/** session_stop() - end in good order, with everything the peer is owed */
void session_stop(struct session *s, enum reason reason);
/** session_hurry() - skip LCP's part of that, CALL_DISCONNECT now */
void session_hurry(struct session *s, enum reason reason);

struct session *session_find(uint32_t id);
/** session_each() - call @cb for every session that is not ended */
void session_each(void (*cb)(struct session *s, void *arg), void *arg);
unsigned int session_count(void);

/* Answers of the parent. */
void session_auth_answer(struct session *s, const struct msg_auth_answer *m);
void session_path_opened(struct session *s, const struct msg_path_opened *m,
			 int *fd);
void session_idle(struct session *s, uint32_t ms);

/* ---- between the files of a session ------------------------------------ */

/* End without another word to the peer; @text may be NULL. */
void session_fail(struct session *s, enum reason reason, const char *text);
/* TLS is up: HTTP begins. */
void session_http_start(struct session *s);
/* Bytes of the HTTP exchange. */
void session_http_input(struct session *s, struct rbuf *in);
/* Bytes of the SSTP stream. */
void session_stream(struct session *s, const uint8_t *data, size_t len);
/* Starts call and PPP: the HTTP exchange is over. 0 or -1. */
int session_link_start(struct session *s);
void session_link_free(struct session *s);
/* Looks whether the hand-over may begin. */
void session_path_check(struct session *s);
/* Goes on with it. */
void session_path_advance(struct session *s);
/* Bytes that came during the hand-over. */
void session_path_readable(struct session *s);
/* Keeps a packet of ours until it is known who sends next. */
void session_path_hold(struct session *s, const uint8_t *pkt, size_t len);
/* A further NCP opened or one closed. */
void session_path_protocols(struct session *s);
/* The path ends now; the struct goes later, for callers may be inside it. */
void session_path_close(struct session *s);
void session_path_free(struct session *s);

#endif /* SSTPD_SESSION_H */
