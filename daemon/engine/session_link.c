// SPDX-License-Identifier: GPL-2.0-or-later
/* What the call and PPP machines of a session ask for, and their timers. */
#include "engine/session_priv.h"

#include <stdio.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include "engine/uplink.h"
#include "lib/log.h"
#include "lib/loop.h"

static int session_random(void *ctx, uint8_t *p, size_t len)
{
	(void)ctx;
	return RAND_bytes(p, (int)len) == 1 ? 0 : -1;
}

/* ---- call ------------------------------------------------------------------ */

/*
 * Control frames that a peer lets pile up. Each of its own may cause one of
 * ours: who sends without reading would make us keep all of them.
 */
#define SESSION_UNREAD_MAX	(256 * 1024)

static void session_call_send(void *ctx, const uint8_t *pkt, size_t len)
{
	struct session *s = ctx;

	if (s->stage == SESSION_ENDED)
		return;
	if (s->tls && tls_queued(s->tls) + len > SESSION_UNREAD_MAX)
		session_fail(s, REASON_FLOOD,
			     "the peer does not read what it is sent");
	else if (s->path)
		s->path->ops->send(s->path, pkt, len);
	else if (s->stage == SESSION_ASKED && s->open->kind == MSG_PATH_KERNEL)
		session_path_hold(s, pkt, len);
	else if (s->tls)
		tls_write(s->tls, pkt, len);
}

static void session_call_timer(void *ctx, enum call_timer which,
			       unsigned int ms)
{
	struct session *s = ctx;

	loop_arm(s->call_timers[which].ev, ms);
}

static void session_on_call_timer(int fd, short what, void *arg)
{
	struct session_timer *timer = arg;

	(void)fd;
	(void)what;
	call_timeout(&timer->s->call, (enum call_timer)timer->which);
}

static void session_lower_up(void *ctx)
{
	ppp_up(&((struct session *)ctx)->ppp);
}

static void session_lower_down(void *ctx)
{
	ppp_down(&((struct session *)ctx)->ppp);
}

static void session_ppp_input(void *ctx, const uint8_t *frame, size_t len)
{
	ppp_input(&((struct session *)ctx)->ppp, frame, len);
}

static void session_ip_input(void *ctx, uint16_t proto, const uint8_t *ip,
			     size_t len)
{
	struct session *s = ctx;

	if (s->path)
		s->path->ops->ip_input(s->path, proto, ip, len);
}

static void session_idle_query(void *ctx)
{
	struct session *s = ctx;

	if (s->tls)
		call_idle(&s->call,
			  (unsigned int)(loop_now_ms() - s->last_rx));
	else
		uplink_tell(MSG_IDLE_ASK, &(struct msg_session){ .id = s->id });
}

void session_idle(struct session *s, uint32_t ms)
{
	if (s->stage == SESSION_UP)
		call_idle(&s->call, ms);
}

static void session_connected(void *ctx)
{
	session_path_check(ctx);
}

static void session_call_ended(void *ctx, enum reason reason, const char *text)
{
	struct session *s = ctx;
	bool hung_up = reason == REASON_CLOSED || reason == REASON_PEER_ABORT ||
		       reason == REASON_PEER_DISCONNECT;

	/* The peer hangs up because of what PPP has just told it, or it us. */
	if (hung_up && s->ppp.reason != REASON_NONE)
		session_fail(s, s->ppp.reason, s->ppp.text);
	else
		session_fail(s, reason, text);
}

static const struct call_ops session_call_ops = {
	.send = session_call_send,
	.timer = session_call_timer,
	.random = session_random,
	.lower_up = session_lower_up,
	.lower_down = session_lower_down,
	.ppp_input = session_ppp_input,
	.ip_input = session_ip_input,
	.idle_query = session_idle_query,
	.connected = session_connected,
	.ended = session_call_ended,
};

/* ---- PPP --------------------------------------------------------------------- */

static void session_ppp_send(void *ctx, const uint8_t *frame, size_t len)
{
	call_ppp_output(&((struct session *)ctx)->call, frame, len);
}

static void session_ppp_timer(void *ctx, enum ppp_timer which, unsigned int ms)
{
	struct session *s = ctx;

	loop_arm(s->ppp_timers[which].ev, ms);
}

static void session_on_ppp_timer(int fd, short what, void *arg)
{
	struct session_timer *timer = arg;

	(void)fd;
	(void)what;
	ppp_timeout(&timer->s->ppp, (enum ppp_timer)timer->which);
}

/* Is the user the one of the certificate, if there is one? */
static bool session_user_ok(struct session *s, const char *user)
{
	char name[AUTH_NAME_MAX + 1];
	char text[MSG_TEXT_MAX];

	if (!s->cfg.cert_is_user || !s->tls ||
	    !tls_peer_name(s->tls, name, sizeof(name)) ||
	    account_same_name(s->cfg.fold_names, name, account_name(user)))
		return true;
	snprintf(text, sizeof(text),
		 "user %.60s has shown the certificate of %.60s", user, name);
	session_fail(s, REASON_AUTH_FAILED, text);
	return false;
}

/* Early, so that it is there when LCP is done: a round trip of the peer's later. */
static void session_ask_challenge(struct session *s)
{
	if (s->asked_challenge)
		return;
	s->asked_challenge = true;
	uplink_tell(MSG_CHALLENGE_ASK, &(struct msg_session){ .id = s->id });
}

static int session_take_challenge(void *ctx, uint8_t *p, size_t len)
{
	struct session *s = ctx;

	if (len != sizeof(s->challenge))
		return -1;
	if (!s->has_challenge) {
		session_ask_challenge(s);
		return 1;
	}
	memcpy(p, s->challenge, len);
	s->has_challenge = false;
	return 0;
}

static void session_keep_challenge(struct session *s,
				   const uint8_t challenge[static MSCHAP_CHALLENGE_LEN])
{
	memcpy(s->challenge, challenge, sizeof(s->challenge));
	s->has_challenge = true;
	s->asked_challenge = false;
}

void session_challenge(struct session *s, const struct msg_challenge *m)
{
	if (s->stage == SESSION_ENDED)
		return;
	session_keep_challenge(s, m->challenge);
	ppp_challenge_ready(&s->ppp);
}

static void session_auth_request(void *ctx, const struct auth_request *req)
{
	struct session *s = ctx;
	struct msg_auth_ask ask = {
		.id = s->id,
		.client = s->cfg.client,
		.remote = s->remote,
		.endpoint = s->ppp.lcp.endpoint,
		.lane = s->ppp.lcp.lane,
		.req = *req,
	};

	if (!s->cfg.server && !s->ppp.lcp.ask_lane)
		ask.lane = (struct lane){ 0 };
	if (s->cfg.server && !session_user_ok(s, req->name))
		return;
	s->asked_authd = true;
	uplink_tell(MSG_AUTH_ASK, &ask);
	OPENSSL_cleanse(&ask, sizeof(ask));
}

void session_auth_answer(struct session *s, const struct msg_auth_answer *m)
{
	struct auth_result res = m->res;

	if (s->stage == SESSION_ENDED)
		return;
	if (res.ok && s->cfg.server) {
		s->addrs = m->addrs;
		s->have_addrs = true;
	} else if (s->cfg.server) {
		session_keep_challenge(s, m->challenge);
	}
	ppp_auth_result(&s->ppp, m->serial, &res);
	OPENSSL_cleanse(&res, sizeof(res));
}

static void session_auth_done(void *ctx, const char *user,
			      enum auth_method_id method,
			      const uint8_t hlak[static BINDING_HLAK_LEN])
{
	struct session *s = ctx;

	log_debug("session %u: user %s authenticated by %s", s->id, user,
		  auth_method_name(method));
	s->authenticated = true;
	if (s->owner->authenticated)
		s->owner->authenticated(s->owner_ctx, s);
	call_auth_done(&s->call, hlak);
	if (!call_is_live(&s->call))
		return;
	if (s->cfg.server && !s->have_addrs) {
		call_disconnect(&s->call, REASON_INTERNAL, "no address");
		return;
	}
	if (!s->cfg.server) {
		s->addrs.ask_dns = true;
		memcpy(s->addrs.ifid, s->cfg.ifid, sizeof(s->addrs.ifid));
	}
	ppp_network_start(&s->ppp, &s->addrs);
}

static void session_network_up(void *ctx, const struct ppp_network *net)
{
	struct session *s = ctx;

	s->net = *net;
	if (s->stage == SESSION_UP)
		session_path_protocols(s);
	else
		session_path_check(s);
	session_path_remember(s);
}

static void session_network_down(void *ctx)
{
	struct session *s = ctx;

	/*
	 * It is negotiated anew: network_up() comes again, or PPP ends the link.
	 * A data path stays as it is meanwhile, and lets pass what it let before.
	 */
	s->net.ipv4 = false;
	s->net.ipv6 = false;
}

static void session_ppp_finished(void *ctx, enum reason reason,
				 const char *text)
{
	call_disconnect(&((struct session *)ctx)->call, reason, text);
}

static const struct ppp_ops session_ppp_ops = {
	.send = session_ppp_send,
	.timer = session_ppp_timer,
	.random = session_random,
	.challenge = session_take_challenge,
	.auth_request = session_auth_request,
	.auth_done = session_auth_done,
	.network_up = session_network_up,
	.network_down = session_network_down,
	.finished = session_ppp_finished,
};

/* ---- life ---------------------------------------------------------------------- */

static void session_timer_init(struct session_timer *timer, struct session *s,
			       unsigned int which, event_callback_fn cb)
{
	timer->s = s;
	timer->which = which;
	timer->ev = loop_event(-1, 0, cb, timer);
}

static void session_ppp_cfg(const struct session *s, struct ppp_cfg *cfg)
{
	const struct conf_link *link = s->cfg.link;

	ppp_cfg_default(cfg, s->cfg.server);
	/* Two ends of ours that are set to more than 1500 bytes agree on it. */
	if (link->mtu > cfg->mru)
		cfg->mru = link->mtu;
	cfg->auth_methods = link->auth;
	cfg->eap_no_key = link->eap_no_key;
	cfg->echo_ms = link->echo_s * 1000;
	cfg->ipv6 = link->ipv6;
	cfg->endpoint = s->cfg.endpoint;
	if (session_has_slots() && link->path != CONF_PATH_TUN) {
		cfg->lane = s->cfg.lane;
		cfg->lanes_max = (uint8_t)s->cfg.lanes_max;
	}
	if (s->cfg.user)
		snprintf(cfg->name, sizeof(cfg->name), "%s", s->cfg.user);
	if (s->cfg.identity)
		snprintf(cfg->identity, sizeof(cfg->identity), "%s", s->cfg.identity);
}

/* @cert: NULL = the binding was verified long ago */
static void session_link_init(struct session *s, const struct binding_cert *cert)
{
	const struct conf_link *link = s->cfg.link;
	struct ppp_cfg ppp_cfg;
	struct call_cfg cfg;
	unsigned int i;

	call_cfg_default(&cfg, s->cfg.server ? CALL_SERVER : CALL_CLIENT);
	cfg.hash_mask = (uint8_t)link->hashes;
	cfg.hello_ms = link->hello_s * 1000;
	if (cert)
		cfg.cert = *cert;
	for (i = 0; i < CALL_TIMERS; i++)
		session_timer_init(&s->call_timers[i], s, i,
				   session_on_call_timer);
	for (i = 0; i < PPP_TIMERS; i++)
		session_timer_init(&s->ppp_timers[i], s, i,
				   session_on_ppp_timer);
	sstp_stream_init(&s->stream);
	call_init(&s->call, &cfg, &session_call_ops, s);
	session_ppp_cfg(s, &ppp_cfg);
	ppp_init(&s->ppp, &ppp_cfg, &session_ppp_ops, s);
}

int session_link_start(struct session *s)
{
	struct binding_cert cert;

	if (tls_cert(s->tls, &cert) < 0)
		return -1;
	session_link_init(s, &cert);
	if (s->cfg.server)
		session_ask_challenge(s);
	call_start(&s->call);
	return 0;
}

int session_link_adopt(struct session *s, const struct msg_adopt *m)
{
	session_link_init(s, NULL);
	call_resume(&s->call);
	if (!ppp_resume(&s->ppp, &m->state, &m->addrs, &m->net))
		return -1;
	s->net = s->told = s->ppp.net;
	session_path_remember(s);
	return 0;
}

void session_link_free(struct session *s)
{
	unsigned int i;

	if (!s->call_timers[0].ev)
		return;
	/* A machine in the middle of something stops its timer. */
	ppp_clear(&s->ppp);
	call_clear(&s->call);
	for (i = 0; i < CALL_TIMERS; i++)
		loop_free(&s->call_timers[i].ev);
	for (i = 0; i < PPP_TIMERS; i++)
		loop_free(&s->ppp_timers[i].ev);
}
