/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of a session share; nobody else's business. */
#ifndef SSTPD_SESSION_PRIV_H
#define SSTPD_SESSION_PRIV_H

#include "engine/path.h"
#include "engine/session.h"
#include "engine/web.h"
#include "http/http_msg.h"
#include "lib/hash.h"
#include "ppp/ppp.h"
#include "sstp/call.h"
#include "sstp/sstp_pkt.h"

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
 * @challenge: server: from the parent, if @has_challenge; @asked_challenge: it comes
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
 * @busy: how often the kernel has said that somebody else holds the socket, in a row
 * @held: our own packets that wait for the end of the hand-over
 * @last_rx: loop_now_ms() of the last bytes received over TLS
 */
struct session {
	struct hash_node node;
	uint32_t id;
	struct session_cfg cfg;
	const struct session_owner *owner;
	void *owner_ctx;
	enum session_stage stage;
	bool stopping;
	bool asked_authd;
	bool asked_challenge;
	bool has_challenge;
	uint8_t challenge[MSCHAP_CHALLENGE_LEN];
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
	unsigned int busy;
	struct msg_path_open *open;
	uint8_t held[1024];
	size_t held_len;
	struct path *path;
	uint64_t last_rx;
	enum reason reason;
	char text[MSG_TEXT_MAX];
};

/* Why no session can take the kernel path; empty: it can. */
const char *session_kernel_lacks(void);
bool session_kernel_rekeys(void);
/* Can there be several sessions for one tunnel? */
bool session_has_slots(void);
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
/* The same, where it has been up before. 0 or -1. */
int session_link_adopt(struct session *s, const struct msg_adopt *m);
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
/* Goes on with a path that is there; @fd: session fd. */
void session_path_adopt(struct session *s, int fd);
/* Tells the parent what a successor of this engine has to know. */
void session_path_remember(const struct session *s);
/* The path ends now; the struct goes later, for callers may be inside it. */
void session_path_close(struct session *s);
void session_path_free(struct session *s);

#endif /* SSTPD_SESSION_PRIV_H */
