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
#include <sys/socket.h>

#include "boundary/msg.h"
#include "data/settings.h"
#include "lib/reason.h"
#include "tls/tls.h"

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
 * @path_prefix: what stands before the path of SSTP, may be empty
 * @user: client: user name; @identity: what EAP says first, empty = the same
 * @endpoint: client: what its connections have in common
 * @lane: client: which of them it is
 * @lanes_max: server: so many a client may have
 * @ifid: client: interface identifier to ask for, all zero = any
 * @cert_is_user: server: who shows a certificate can log in by its name only
 * @fold_names: server: see account_of()
 * @web: server: what others than SSTP clients get; must outlive the session
 * @deadline_s: limit for TLS handshake and HTTP exchange together
 */
struct session_cfg {
	bool server;
	uint32_t client;
	const struct conf_link *link;
	const char *host;
	uint16_t port;
	const char *path_prefix;
	const char *user;
	const char *identity;
	struct endpoint endpoint;
	struct lane lane;
	uint32_t lanes_max;
	uint8_t ifid[8];
	const struct conf_web *web;
	bool cert_is_user;
	bool fold_names;
	uint32_t deadline_s;
};

/** session_configure() - before the first: numbers, and which data paths there are */
void session_configure(const struct msg_conf_engine *conf);

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

/**
 * session_adopt() - go on with a session whose engine is gone
 * @m: what the parent knows of it; @fd: session fd, ours from now on
 *
 * On the kernel path only. It may end at once, as any session may.
 */
void session_adopt(const struct msg_adopt *m, int fd, const struct session_cfg *cfg,
		   const struct session_owner *owner, void *owner_ctx);

/** session_stop() - end in good order, with everything the peer is owed */
void session_stop(struct session *s, enum reason reason);
/** session_hurry() - skip LCP's part of that, CALL_DISCONNECT now */
void session_hurry(struct session *s, enum reason reason);
/** session_drop() - at once, without a farewell: nothing gets through any more */
void session_drop(struct session *s, enum reason reason);

/** session_network() - what was agreed upon with the peer, as far as it was */
const struct ppp_network *session_network(const struct session *s);

/** session_lanes() - client: of how many connections it may be one, once it is up */
uint32_t session_lanes(const struct session *s);

struct session *session_find(uint32_t id);

/** session_challenge() - the parent's answer to MSG_CHALLENGE_ASK */
void session_challenge(struct session *s, const struct msg_challenge *m);
/** session_each() - call @cb for every session that is not ended */
void session_each(void (*cb)(struct session *s, void *arg), void *arg);
unsigned int session_count(void);
/**
 * session_tls_failed() - of one that has ended: in the midst of its TLS handshake
 *
 * Not of a peer that has said nothing: so load balancers find out whether we are there.
 */
bool session_tls_failed(const struct session *s);

/* Answers of the parent. */
void session_auth_answer(struct session *s, const struct msg_auth_answer *m);
void session_path_opened(struct session *s, const struct msg_path_opened *m,
			 int *fd);
void session_idle(struct session *s, uint32_t ms);

#endif /* SSTPD_SESSION_H */
