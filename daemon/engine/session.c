// SPDX-License-Identifier: GPL-2.0-or-later
#include "engine/session_priv.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/crypto.h>

#include "data/session_id.h"
#include "engine/uplink.h"
#include "lib/addr.h"
#include "lib/congestion.h"
#include "lib/container.h"
#include "lib/hash.h"
#include "lib/log.h"
#include "lib/loop.h"

/*
 * Records handled per wake-up, so that one session does not starve others; and no
 * further one after so long: one full of small packets may want a thousand answers.
 */
#define SESSION_ROUNDS		16
#define SESSION_TURN_MS		5
/* One TLS record. */
#define SESSION_READ_MAX	16384

static struct hash sessions;	/* by number */
static uint32_t session_next_id = 1;
static struct session_ids session_ids;
static struct msg_conf_engine session_conf;

/* ---- end ------------------------------------------------------------------ */

static void session_free(struct session *s)
{
	hash_remove(&sessions, &s->node);
	session_path_free(s);
	session_link_free(s);
	web_free(s->web);
	tls_close(s->tls);
	loop_free(&s->deadline);
	loop_free(&s->advance);
	loop_free(&s->reap);
	free(s->head);
	OPENSSL_cleanse(s, sizeof(*s));
	free(s);
}

static void session_on_reap(int fd, short what, void *arg)
{
	struct session *s = arg;

	(void)fd;
	(void)what;
	s->owner->ended(s->owner_ctx, s, s->reason);
	session_free(s);
	uplink_quiet();
}

static bool session_is_silent(const struct session *s)
{
	return s->cfg.server && s->reason == REASON_CLOSED && s->tls && !tls_heard(s->tls);
}

static void session_report(struct session *s)
{
	struct msg_session_end end = { .id = s->id, .reason = s->reason };
	char why[sizeof(s->text) + 80];

	if (*s->text)
		snprintf(why, sizeof(why), "%s", s->text);
	else
		snprintf(why, sizeof(why), "%s", reason_text(s->reason));
	if (!s->asked_authd) {
		/* Web servers log by themselves, and whoever said nothing wanted nothing. */
		log_limited(s->web || session_is_silent(s) ? LOG_DEBUG : LOG_INFO,
			    (&(struct log_about){
				.peer = s->remote_text,
				.reason = reason_name(s->reason),
			    }), "%s: %s", s->remote_text, why);
		/* It remembers a challenge. */
		if (s->cfg.server && s->call_timers[0].ev)
			uplink_tell(MSG_SESSION_END, &end);
		return;
	}
	snprintf(end.why, sizeof(end.why), "%.*s", (int)sizeof(end.why) - 1,
		 why);
	uplink_tell(MSG_SESSION_END, &end);
}

void session_fail(struct session *s, enum reason reason, const char *text)
{
	if (s->stage == SESSION_ENDED)
		return;
	s->stage = SESSION_ENDED;
	s->reason = reason;
	snprintf(s->text, sizeof(s->text), "%s", text ? text : "");
	loop_arm(s->deadline, 0);
	event_del(s->advance);
	/* The data path goes first: the parent is told when it is gone. */
	session_path_close(s);
	session_report(s);
	event_active(s->reap, EV_TIMEOUT, 0);
}

void session_stop(struct session *s, enum reason reason)
{
	if (s->stage == SESSION_ENDED || s->stopping)
		return;
	s->stopping = true;
	if (s->stage < SESSION_LINK || !call_is_live(&s->call))
		session_fail(s, reason, NULL);
	else if (s->ppp.phase == PPP_DEAD)
		call_disconnect(&s->call, reason, NULL);
	else
		ppp_terminate(&s->ppp, reason, NULL);
}

void session_hurry(struct session *s, enum reason reason)
{
	if (s->stage == SESSION_ENDED)
		return;
	if (s->stage < SESSION_LINK)
		session_fail(s, reason, NULL);
	else
		call_disconnect(&s->call, reason, NULL);
}

void session_drop(struct session *s, enum reason reason)
{
	session_fail(s, reason, NULL);
}

/* ---- SSTP stream ------------------------------------------------------------ */

/* During the hand-over packets are kept, not acted upon. */
static bool session_keeps(const struct session *s)
{
	return s->stage == SESSION_BOUNDARY || s->stage == SESSION_ASKED;
}

static void session_keep(struct session *s, struct rbuf *in)
{
	struct wbuf out = wbuf_of(s->open->pending + s->open->pending_len,
				  MSG_PENDING_MAX - s->open->pending_len);

	if (!sstp_stream_drain(&s->stream, in, &out)) {
		session_fail(s, REASON_INTERNAL, "too much data at hand-over");
		return;
	}
	s->open->pending_len += (uint32_t)out.len;
}

void session_stream(struct session *s, const uint8_t *data, size_t len)
{
	struct rbuf in = rbuf_of(data, len);
	const uint8_t *pkt;
	int rc = 0;

	while (!session_keeps(s) && s->stage != SESSION_ENDED &&
	       (rc = sstp_stream_next(&s->stream, &in, &pkt, &len)) > 0)
		call_input(&s->call, pkt, len);
	if (s->stage == SESSION_ENDED)
		return;
	if (session_keeps(s))
		session_keep(s, &in);
	else if (rc < 0)
		call_stream_error(&s->call);
}

/* ---- TLS -------------------------------------------------------------------------- */

static void session_on_tls_up(void *ctx)
{
	struct session *s = ctx;
	char tls[64];

	tls_describe(s->tls, tls, sizeof(tls));
	log_debug("%s: session %u: %s", s->remote_text, s->id, tls);
	session_http_start(s);
}

static void session_input(struct session *s, const uint8_t *data, size_t len)
{
	struct rbuf in = rbuf_of(data, len);

	s->last_rx = loop_now_ms();
	if (s->stage == SESSION_HTTP)
		session_http_input(s, &in);
	else if (s->stage == SESSION_WEB)
		web_input(s->web, data, len);
	else
		session_stream(s, data, len);
}

static void session_on_tls_readable(void *ctx)
{
	static uint8_t buf[SESSION_READ_MAX];
	uint64_t until = loop_now_ms() + SESSION_TURN_MS;
	struct session *s = ctx;
	ssize_t n;

	for (int i = 0; i < SESSION_ROUNDS && (!i || loop_now_ms() < until); i++) {
		if (s->stage == SESSION_ENDED)
			return;
		if (session_keeps(s)) {
			session_path_readable(s);
			return;
		}
		if (s->stage == SESSION_WEB && web_full(s->web))
			return;
		n = tls_read(s->tls, buf, sizeof(buf));
		if (n <= 0)
			return;
		session_input(s, buf, (size_t)n);
	}
}

static void session_on_tls_drained(void *ctx)
{
	struct session *s = ctx;

	if (s->stage == SESSION_WEB)
		web_drained(s->web);
	else if (s->stage == SESSION_BOUNDARY)
		event_active(s->advance, EV_TIMEOUT, 0);
	else if (s->path)
		s->path->ops->drained(s->path);
}

static void session_on_tls_ended(void *ctx, const char *why)
{
	struct session *s = ctx;

	if (s->stage >= SESSION_LINK && s->stage != SESSION_ENDED)
		call_closed(&s->call, why);
	else
		session_fail(s, REASON_CLOSED, why);
}

static const struct tls_events session_tls_events = {
	.up = session_on_tls_up,
	.readable = session_on_tls_readable,
	.drained = session_on_tls_drained,
	.ended = session_on_tls_ended,
};

/* ---- life -------------------------------------------------------------------------- */

static void session_on_deadline(int fd, short what, void *arg)
{
	struct session *s = arg;

	(void)fd;
	(void)what;
	if (s->stage == SESSION_WEB)
		session_fail(s, REASON_CLOSED, "web connection idle");
	else
		session_fail(s, REASON_NEGOTIATION_TIMEOUT,
			     s->stage == SESSION_TLS ?
			     "TLS handshake not complete in time" :
			     "HTTP exchange not complete in time");
}

static void session_on_advance(int fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	session_path_advance(arg);
}

static void session_tune_socket(int fd, const struct conf_link *link)
{
	/*
	 * Bytes that TCP holds unsent are delay; back-pressure needs few. On
	 * the kernel path the module adapts this to the rate.
	 */
	int unsent = 128 * 1024;
	/*
	 * The peer acknowledges nothing, or leaves its window closed, which
	 * it may do for ever by TCP's own rules: give up after this long.
	 */
	unsigned int timeout_ms = link->stall_s * 1000;
	int on = 1;

	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	setsockopt(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &unsent,
		   sizeof(unsent));
	setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &timeout_ms,
		   sizeof(timeout_ms));
	congestion_set(fd, link->congestion);
}

static struct session *session_of(struct hash_node *node)
{
	return node ? container_of(node, struct session, node) : NULL;
}

/* Those that have ended and are not freed yet included. */
static struct session *session_by_id(uint32_t id)
{
	struct hash_node *node = hash_first(&sessions, hash_u32(id));

	while (node && session_of(node)->id != id)
		node = hash_same(node);
	return session_of(node);
}

/* After a long time numbers come again, but not those of sessions that are there. */
static uint32_t session_new_id(void)
{
	uint32_t id;

	do {
		id = session_next_id;
		session_next_id = session_ids_after(&session_ids, id);
	} while (session_by_id(id));
	return id;
}

static struct session *session_make(uint32_t id, const struct session_cfg *cfg,
				    const struct sockaddr_storage *remote,
				    const struct session_owner *owner, void *owner_ctx)
{
	struct session *s = calloc(1, sizeof(*s));

	if (!s)
		log_fatal("out of memory");
	s->id = id;
	s->cfg = *cfg;
	s->owner = owner;
	s->owner_ctx = owner_ctx;
	s->remote = *remote;
	addr_text(remote, s->remote_text, sizeof(s->remote_text));
	s->last_rx = loop_now_ms();
	s->deadline = loop_event(-1, 0, session_on_deadline, s);
	s->advance = loop_event(-1, 0, session_on_advance, s);
	s->reap = loop_event(-1, 0, session_on_reap, s);
	hash_add(&sessions, &s->node, hash_u32(s->id));
	return s;
}

struct session *session_new(int fd, SSL_CTX *ctx,
			    const struct tls_verify *verify,
			    const struct session_cfg *cfg,
			    const struct sockaddr_storage *remote,
			    const struct session_owner *owner, void *owner_ctx)
{
	struct session *s = session_make(session_new_id(), cfg, remote, owner, owner_ctx);

	session_tune_socket(fd, cfg->link);
	s->tls = tls_new(ctx, fd, verify, &session_tls_events, s);
	if (!s->tls) {
		session_free(s);
		return NULL;
	}
	loop_arm(s->deadline, cfg->deadline_s * 1000);
	return s;
}

void session_adopt(const struct msg_adopt *m, int fd, const struct session_cfg *cfg,
		   const struct session_owner *owner, void *owner_ctx)
{
	struct session *s = session_make(m->id, cfg, &m->remote, owner, owner_ctx);

	s->asked_authd = true;
	s->authenticated = true;
	session_path_adopt(s, fd);
	if (session_link_adopt(s, m) < 0)
		session_fail(s, REASON_INTERNAL, "what is known of it is not enough to go on");
}

void session_configure(const struct msg_conf_engine *conf)
{
	session_conf = *conf;
	session_ids = session_ids_of(conf->number, conf->n_engines);
	session_next_id = conf->first_id;
}

const char *session_kernel_lacks(void)
{
	return session_conf.no_kernel;
}

bool session_kernel_rekeys(void)
{
	return session_conf.rekey;
}

const struct ppp_network *session_network(const struct session *s)
{
	return &s->net;
}

bool session_has_slots(void)
{
	return session_conf.slots && !*session_conf.no_kernel;
}

/* Only the kernel's devices have slots. */
uint32_t session_lanes(const struct session *s)
{
	return s->tls || !s->ppp.lcp.ask_lane ? 1 : s->ppp.lcp.lane.of;
}

struct session *session_find(uint32_t id)
{
	struct session *s = session_by_id(id);

	return s && s->stage != SESSION_ENDED ? s : NULL;
}

bool session_tls_failed(const struct session *s)
{
	return !s->head && s->tls && tls_heard(s->tls);
}

void session_each(void (*cb)(struct session *s, void *arg), void *arg)
{
	struct hash_node *node;

	/* Nothing is removed here: freeing happens from the event loop. */
	for (node = hash_any(&sessions); node; node = hash_after(&sessions, node))
		if (session_of(node)->stage != SESSION_ENDED)
			cb(session_of(node), arg);
}

unsigned int session_count(void)
{
	return (unsigned int)sessions.n;
}
