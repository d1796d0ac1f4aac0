// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Who may speak when (RFC 1661 section 3, the parts that bite):
 *
 *	protocol		passed on		else
 *	LCP			from ppp_up() on	-
 *	PAP, CHAP, EAP		once LCP is Opened, if	dropped: a Protocol-Reject for
 *				it was negotiated	a stray one confuses real peers
 *	IPCP, IPV6CP		Network phase, if on	dropped before, rejected if off
 *	anything else		-			dropped before the Network
 *							phase, rejected in it
 */
#include "ppp/ppp.h"

#include <stdio.h>
#include <string.h>

/* Whoever has terminated the last NCP may open it again for so long. */
#define NETWORK_AGAIN_MS	10000
#define REJECT_WINDOW_MS	1000
#define REJECTS_MAX		10	/* per window */

static const struct fsm_link ppp_link;
static const struct auth_ops ppp_auth_ops;

void ppp_cfg_default(struct ppp_cfg *cfg, bool server)
{
	*cfg = (struct ppp_cfg){
		.server = server,
		.mru = PPP_MRU_DEFAULT,
		.auth_methods = AUTH_METHODS(AUTH_MSCHAPV2),
		.auth_tries = 3,
		.auth_ms = 30000,
		.echo_ms = 0,
		.echo_failures = 4,
		.ipv4 = true,
	};
	/* Some peers look a password up by the name in the Challenge. */
	if (server)
		strcpy(cfg->name, "sstpd");
}

void ppp_init(struct ppp *p, const struct ppp_cfg *cfg,
	      const struct ppp_ops *ops, void *ctx)
{
	struct auth_cfg auth_cfg = {
		.client = !cfg->server,
		.methods = cfg->auth_methods,
		.eap_no_key = cfg->eap_no_key,
		.max_failures = cfg->auth_tries,
		.wait_ms = cfg->auth_ms,
	};

	memset(p, 0, sizeof(*p));
	p->cfg = *cfg;
	p->ops = ops;
	p->ctx = ctx;
	memcpy(auth_cfg.name, cfg->name, sizeof(auth_cfg.name));
	memcpy(auth_cfg.identity, cfg->identity, sizeof(auth_cfg.identity));
	auth_init(&p->auth, &auth_cfg, &ppp_auth_ops, p);
	lcp_init(&p->lcp, cfg->server, cfg->mru, &cfg->auth_methods, &ppp_link, p);
	p->lcp.endpoint = cfg->endpoint;
	p->lcp.lane = cfg->lane;
	p->lcp.lanes_max = cfg->lanes_max;
	ipcp_init(&p->ipcp, cfg->server, &ppp_link, p);
	ipv6cp_init(&p->ipv6cp, &ppp_link, p);
}

void ppp_clear(struct ppp *p)
{
	auth_clear(&p->auth);
}

/* ---- ending ---------------------------------------------------------- */

static void ppp_cause(struct ppp *p, enum reason reason, const char *text)
{
	if (p->reason != REASON_NONE)
		return;
	p->reason = reason;
	snprintf(p->text, sizeof(p->text), "%s", text ? text : reason_text(reason));
}

static void ppp_stop_network(struct ppp *p)
{
	p->network_started = false;
	fsm_down(&p->ipcp.fsm);
	fsm_down(&p->ipv6cp.fsm);
}

static void ppp_stop_all(struct ppp *p)
{
	ppp_stop_network(p);
	auth_clear(&p->auth);
	p->ops->timer(p->ctx, PPP_TIMER_ECHO, 0);
	p->ops->timer(p->ctx, PPP_TIMER_REJECT, 0);
	p->ops->timer(p->ctx, PPP_TIMER_NETWORK, 0);
}

static void ppp_finish(struct ppp *p)
{
	if (p->phase == PPP_DEAD)
		return;
	p->phase = PPP_DEAD;
	ppp_stop_all(p);
	fsm_down(&p->lcp.fsm);
	p->ops->finished(p->ctx, p->reason, p->text);
}

void ppp_terminate(struct ppp *p, enum reason reason, const char *text)
{
	if (p->phase == PPP_DEAD || p->phase == PPP_TERMINATE)
		return;
	ppp_cause(p, reason, text);
	p->phase = PPP_TERMINATE;
	ppp_stop_all(p);
	fsm_close(&p->lcp.fsm);
}

/* The peer goes; if its last login failed, that is why. */
static void ppp_cause_peer_left(struct ppp *p)
{
	if (p->phase == PPP_AUTHENTICATE && p->auth.failures)
		ppp_cause(p, REASON_AUTH_FAILED, p->auth.may_change ?
			  "the password has expired, the peer gave up" :
			  "wrong user name or password, the peer gave up");
	else if (p->lcp.fsm.peer_terminated)
		ppp_cause(p, REASON_LCP_TERMINATED, NULL);
}

/* LCP gave up, or has said goodbye. */
static void ppp_lcp_finished(struct ppp *p)
{
	const struct lcp *l = &p->lcp;

	if (l->auth_failed)
		ppp_cause(p, REASON_AUTH_METHOD,
			  "the peer accepts no authentication method of ours");
	ppp_cause_peer_left(p);
	ppp_cause(p, REASON_LCP_FAILED, l->fsm.why);
	ppp_finish(p);
}

static void ppp_ncp_finished(struct ppp *p, const struct ppp_fsm *f)
{
	char text[sizeof(p->text)];

	if (fsm_is_alive(&p->ipcp.fsm) || fsm_is_alive(&p->ipv6cp.fsm))
		return;
	/* RFC 1661 3.5: it may be opened again, the link is there still. */
	if (p->network_was_up && f->peer_terminated && !f->why) {
		p->ops->timer(p->ctx, PPP_TIMER_NETWORK, NETWORK_AGAIN_MS);
		return;
	}
	snprintf(text, sizeof(text), "%s: %s", f->proto->name,
		 f->why ? f->why : "terminated by the peer");
	ppp_terminate(p, REASON_NCP_FAILED, text);
}

/* ---- phases ---------------------------------------------------------- */

void ppp_up(struct ppp *p)
{
	if (p->phase != PPP_DEAD || p->reason != REASON_NONE)
		return;
	p->phase = PPP_ESTABLISH;
	fsm_open(&p->lcp.fsm);
	fsm_up(&p->lcp.fsm);
}

void ppp_down(struct ppp *p)
{
	if (p->phase == PPP_DEAD)
		return;
	ppp_cause_peer_left(p);
	p->phase = PPP_DEAD;
	ppp_stop_all(p);
	fsm_down(&p->lcp.fsm);
}

static void ppp_authenticated(struct ppp *p, enum auth_method_id method,
			      const uint8_t hlak[static BINDING_HLAK_LEN])
{
	const char *user = p->cfg.server ? p->auth.req.name : p->cfg.name;

	p->phase = PPP_NETWORK;
	p->authenticated = true;
	p->ops->auth_done(p->ctx, user, method, hlak);
}

static void ppp_lcp_up(struct ppp *p)
{
	static const uint8_t no_hlak[BINDING_HLAK_LEN];

	p->phase = PPP_AUTHENTICATE;
	/* The others are not there: it would be a session of its own. */
	if (!p->cfg.server && p->cfg.lane.joins && !p->lcp.ask_lane) {
		ppp_terminate(p, REASON_LCP_FAILED,
			      "this server does not take it as one of several connections");
		return;
	}
	if (p->cfg.echo_ms)
		p->ops->timer(p->ctx, PPP_TIMER_ECHO, p->cfg.echo_ms);
	if (p->lcp.auth)
		auth_start(&p->auth, p->lcp.auth);
	else if (!p->cfg.server && p->cfg.allow_no_auth)
		ppp_authenticated(p, 0, no_hlak);
	else
		ppp_terminate(p, REASON_AUTH_METHOD, "the server asks for no authentication");
}

void ppp_set_addrs(struct ppp *p, const struct ppp_addrs *addrs)
{
	int i;

	p->ipcp.want_local = addrs->local;
	p->ipcp.want_peer = addrs->peer;
	p->ipcp.ask_dns = addrs->ask_dns;
	for (i = 0; i < 2; i++) {
		p->ipcp.give[2 * i] = addrs->dns[i];
		p->ipcp.give[2 * i + 1] = addrs->nbns[i];
	}
	memcpy(p->ipv6cp.ifid, addrs->ifid, sizeof(p->ipv6cp.ifid));
	memcpy(p->ipv6cp.suggest, addrs->peer_ifid, sizeof(p->ipv6cp.suggest));
}

void ppp_network_start(struct ppp *p, const struct ppp_addrs *addrs)
{
	if (p->phase != PPP_NETWORK || p->network_started)
		return;
	p->network_started = true;
	ppp_set_addrs(p, addrs);
	if (p->cfg.ipv4) {
		fsm_open(&p->ipcp.fsm);
		fsm_up(&p->ipcp.fsm);
	}
	if (p->cfg.ipv6) {
		fsm_open(&p->ipv6cp.fsm);
		fsm_up(&p->ipv6cp.fsm);
	}
}

static void ppp_network_up(struct ppp *p)
{
	p->net.peer_mru = p->lcp.peer_mru;
	p->net.mru = p->lcp.ask_mru ? p->lcp.asked_mru : PPP_MRU_DEFAULT;
	p->network_is_up = true;
	p->network_was_up = true;
	p->ops->timer(p->ctx, PPP_TIMER_NETWORK, 0);
	p->ops->network_up(p->ctx, &p->net);
}

static void ppp_ipcp_up(struct ppp *p)
{
	/* Some servers acknowledge 0.0.0.0. */
	if (!p->ipcp.local.s_addr && !p->cfg.server) {
		fsm_fail(&p->ipcp.fsm, "the server gave no address");
		return;
	}
	p->net.ipv4 = true;
	p->net.local = p->ipcp.local;
	p->net.peer = p->ipcp.peer;
	memcpy(p->net.dns, p->ipcp.dns, sizeof(p->net.dns));
	ppp_network_up(p);
}

static void ppp_ipv6cp_up(struct ppp *p)
{
	p->net.ipv6 = true;
	memcpy(p->net.ifid, p->ipv6cp.ifid, sizeof(p->net.ifid));
	memcpy(p->net.peer_ifid, p->ipv6cp.peer_ifid, sizeof(p->net.peer_ifid));
	ppp_network_up(p);
}

static void ppp_ncp_down(struct ppp *p, bool *which)
{
	*which = false;
	if (!p->network_is_up || p->net.ipv4 || p->net.ipv6)
		return;
	p->network_is_up = false;
	p->ops->network_down(p->ctx);
}

/* ---- what the automata see of us ------------------------------------- */

static void ppp_link_send(void *ctx, uint16_t proto, const uint8_t *pkt, size_t len)
{
	uint8_t frame[PPP_FRAME_MAX];
	struct wbuf w = wbuf_of(frame, sizeof(frame));
	struct ppp *p = ctx;

	ppp_put_hdr(&w, proto);
	buf_put(&w, pkt, len);
	if (!w.bad)
		p->ops->send(p->ctx, frame, w.len);
}

static void ppp_link_timer(void *ctx, uint16_t proto, unsigned int ms)
{
	struct ppp *p = ctx;
	enum ppp_timer which;

	switch (proto) {
	case PPP_PROTO_IPCP:
		which = PPP_TIMER_IPCP;
		break;
	case PPP_PROTO_IPV6CP:
		which = PPP_TIMER_IPV6CP;
		break;
	default:
		which = PPP_TIMER_LCP;
		break;
	}
	p->ops->timer(p->ctx, which, ms);
}

static int ppp_link_random(void *ctx, uint8_t *out, size_t len)
{
	struct ppp *p = ctx;

	return p->ops->random(p->ctx, out, len);
}

static void ppp_link_up(void *ctx, struct ppp_fsm *f)
{
	struct ppp *p = ctx;

	if (f == &p->lcp.fsm)
		ppp_lcp_up(p);
	else if (f == &p->ipcp.fsm)
		ppp_ipcp_up(p);
	else
		ppp_ipv6cp_up(p);
}

static void ppp_link_down(void *ctx, struct ppp_fsm *f)
{
	struct ppp *p = ctx;

	if (f == &p->ipcp.fsm) {
		ppp_ncp_down(p, &p->net.ipv4);
	} else if (f == &p->ipv6cp.fsm) {
		ppp_ncp_down(p, &p->net.ipv6);
	} else if (p->phase != PPP_DEAD) {
		/* By whichever side: whatever ran above it is over. */
		ppp_cause_peer_left(p);
		p->phase = PPP_TERMINATE;
		ppp_stop_all(p);
	}
}

static void ppp_link_finished(void *ctx, struct ppp_fsm *f)
{
	struct ppp *p = ctx;

	if (f == &p->lcp.fsm)
		ppp_lcp_finished(p);
	else
		ppp_ncp_finished(p, f);
}

static const struct fsm_link ppp_link = {
	.send = ppp_link_send,
	.timer = ppp_link_timer,
	.random = ppp_link_random,
	.up = ppp_link_up,
	.down = ppp_link_down,
	.finished = ppp_link_finished,
};

/* ---- what the authentication sees of us ------------------------------- */

static void ppp_auth_timer(void *ctx, unsigned int ms)
{
	struct ppp *p = ctx;

	p->ops->timer(p->ctx, PPP_TIMER_AUTH, ms);
}

static int ppp_auth_challenge(void *ctx, uint8_t *out, size_t len)
{
	struct ppp *p = ctx;

	return p->ops->challenge(p->ctx, out, len);
}

static void ppp_auth_request(void *ctx, const struct auth_request *req)
{
	struct ppp *p = ctx;

	p->ops->auth_request(p->ctx, req);
}

static void ppp_auth_success(void *ctx)
{
	struct ppp *p = ctx;

	ppp_authenticated(p, p->auth.method, p->auth.hlak);
}

static void ppp_auth_failure(void *ctx, enum reason reason, const char *text)
{
	ppp_terminate(ctx, reason, text);
}

static const struct auth_ops ppp_auth_ops = {
	.send = ppp_link_send,
	.timer = ppp_auth_timer,
	.random = ppp_link_random,
	.challenge = ppp_auth_challenge,
	.request = ppp_auth_request,
	.success = ppp_auth_success,
	.failure = ppp_auth_failure,
};

void ppp_auth_result(struct ppp *p, uint32_t serial, const struct auth_result *res)
{
	auth_result(&p->auth, serial, res);
}

void ppp_challenge_ready(struct ppp *p)
{
	auth_challenge_ready(&p->auth);
}

/* ---- input ----------------------------------------------------------- */

static bool ppp_restarts_lcp(const struct ppp *p, struct rbuf info)
{
	struct ppp_pkt pkt;

	return p->lcp.fsm.state == FSM_OPENED && ppp_pkt_parse(&pkt, info) &&
	       pkt.code == PPP_CONF_REQ && !fsm_is_repetition(&p->lcp.fsm, pkt.data);
}

static void ppp_protocol_rejected(struct ppp *p, uint16_t proto)
{
	char text[64];

	if (proto == PPP_PROTO_IPCP) {
		fsm_protocol_rejected(&p->ipcp.fsm);
	} else if (proto == PPP_PROTO_IPV6CP) {
		fsm_protocol_rejected(&p->ipv6cp.fsm);
	} else if (proto == PPP_PROTO_LCP || (p->auth.m && proto == p->auth.m->proto)) {
		snprintf(text, sizeof(text), "the peer rejected protocol 0x%04x", proto);
		ppp_terminate(p, REASON_LCP_REJECTED, text);
	}
}

static void ppp_input_lcp(struct ppp *p, struct rbuf info)
{
	uint16_t rejected;

	if (ppp_restarts_lcp(p, info)) {
		ppp_terminate(p, REASON_LCP_RENEGOTIATION, NULL);
		return;
	}
	if (!fsm_input(&p->lcp.fsm, info))
		p->dropped_frames++;
	/* RFC 1661 would go on asking a peer that has just said goodbye. */
	if (p->lcp.fsm.peer_terminated && p->phase == PPP_ESTABLISH)
		ppp_lcp_finished(p);
	if (p->lcp.looped)
		ppp_terminate(p, REASON_LCP_LOOPBACK, NULL);
	rejected = p->lcp.rejected_proto;
	p->lcp.rejected_proto = 0;
	if (rejected)
		ppp_protocol_rejected(p, rejected);
}

static void ppp_reject(struct ppp *p, uint16_t proto, struct rbuf info)
{
	if (p->phase != PPP_NETWORK || p->rejects_in_window >= REJECTS_MAX) {
		p->dropped_frames++;
		return;
	}
	if (!p->rejects_in_window++)
		p->ops->timer(p->ctx, PPP_TIMER_REJECT, REJECT_WINDOW_MS);
	p->rejected_frames++;
	lcp_protocol_reject(&p->lcp, proto, info);
}

static void ppp_input_auth(struct ppp *p, uint16_t proto, struct rbuf info)
{
	if (p->auth.m && p->auth.m->proto == proto)
		auth_input(&p->auth, info);
	else
		p->dropped_frames++;
}

static void ppp_input_ncp(struct ppp *p, bool enabled, struct ppp_fsm *f, struct rbuf info)
{
	if (!enabled)
		ppp_reject(p, f->proto->proto, info);
	else if (p->phase != PPP_NETWORK || !fsm_input(f, info))
		p->dropped_frames++;
}

void ppp_input(struct ppp *p, const uint8_t *frame, size_t len)
{
	struct rbuf info = rbuf_of(frame, len);
	uint16_t proto;

	if (p->phase == PPP_DEAD || !ppp_frame_proto(&info, &proto)) {
		p->dropped_frames++;
		return;
	}
	switch (proto) {
	case PPP_PROTO_LCP:
		ppp_input_lcp(p, info);
		break;
	case PPP_PROTO_PAP:
	case PPP_PROTO_CHAP:
	case PPP_PROTO_EAP:
		ppp_input_auth(p, proto, info);
		break;
	case PPP_PROTO_IPCP:
		ppp_input_ncp(p, p->cfg.ipv4, &p->ipcp.fsm, info);
		break;
	case PPP_PROTO_IPV6CP:
		ppp_input_ncp(p, p->cfg.ipv6, &p->ipv6cp.fsm, info);
		break;
	default:
		ppp_reject(p, proto, info);
		break;
	}
}

static void ppp_echo_timeout(struct ppp *p)
{
	if (p->lcp.fsm.state != FSM_OPENED)
		return;
	if (p->lcp.echoes >= p->cfg.echo_failures) {
		ppp_terminate(p, REASON_LCP_ECHO_TIMEOUT, NULL);
		return;
	}
	p->ops->timer(p->ctx, PPP_TIMER_ECHO, p->cfg.echo_ms);
	lcp_echo(&p->lcp);
}

void ppp_timeout(struct ppp *p, enum ppp_timer which)
{
	switch (which) {
	case PPP_TIMER_LCP:
		fsm_timeout(&p->lcp.fsm);
		break;
	case PPP_TIMER_AUTH:
		auth_timeout(&p->auth);
		break;
	case PPP_TIMER_IPCP:
		fsm_timeout(&p->ipcp.fsm);
		break;
	case PPP_TIMER_IPV6CP:
		fsm_timeout(&p->ipv6cp.fsm);
		break;
	case PPP_TIMER_ECHO:
		ppp_echo_timeout(p);
		break;
	case PPP_TIMER_REJECT:
		p->rejects_in_window = 0;
		break;
	case PPP_TIMER_NETWORK:
		/* One that is alive ends by itself, or is up. */
		if (!fsm_is_alive(&p->ipcp.fsm) && !fsm_is_alive(&p->ipv6cp.fsm))
			ppp_terminate(p, REASON_NCP_FAILED,
				      "the peer has terminated all network protocols");
		break;
	case PPP_TIMERS:
		break;
	}
}

const char *ppp_phase_name(enum ppp_phase phase)
{
	static const char *const names[] = {
		"Dead", "Establish", "Authenticate", "Network", "Terminate",
	};

	return (unsigned int)phase < sizeof(names) / sizeof(names[0]) ?
	       names[phase] : "unknown";
}
