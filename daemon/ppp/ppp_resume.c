// SPDX-License-Identifier: GPL-2.0-or-later
/* A link that goes on in another process, as if nothing had been. */
#include "ppp/ppp.h"

#include <string.h>

/* So far ahead that no answer is taken for one to a packet of the process before. */
#define RESUME_ID_STEP	64

_Static_assert(PPP_STATE_OPTIONS == FSM_REQUEST_MAX, "options of a request");
_Static_assert(PPP_STATE_MRU_MIN == PPP_MRU_MIN && PPP_STATE_MRU_MAX == PPP_INFO_MAX, "MRU");

static void resume_save_fsm(const struct ppp_fsm *f, struct ppp_fsm_state *st)
{
	st->opened = f->state == FSM_OPENED;
	st->id = f->id;
	st->req_id = f->req_id;
	st->req_len = (uint8_t)f->req_len;
	st->peer_req_len = (uint8_t)f->peer_req_len;
	memcpy(st->req, f->req, f->req_len);
	memcpy(st->peer_req, f->peer_req, f->peer_req_len);
}

void ppp_save(const struct ppp *p, struct ppp_state *st)
{
	const struct lcp *l = &p->lcp;

	memset(st, 0, sizeof(*st));
	resume_save_fsm(&l->fsm, &st->lcp);
	resume_save_fsm(&p->ipcp.fsm, &st->ipcp);
	resume_save_fsm(&p->ipv6cp.fsm, &st->ipv6cp);
	st->ask_mru = l->ask_mru;
	st->asked_mru = l->asked_mru;
	st->peer_mru = l->peer_mru;
	st->magic = l->magic;
	st->peer_magic = l->peer_magic;
}

/* One that was not Opened waits for the peer, who repeats what had no answer. */
static void resume_fsm(struct ppp_fsm *f, const struct ppp_fsm_state *st)
{
	f->state = st->opened ? FSM_OPENED : FSM_STOPPED;
	f->restart = FSM_MAX_CONFIGURE;
	f->id = (uint8_t)(st->id + RESUME_ID_STEP);
	f->req_id = st->req_id;
	f->req_len = st->req_len;
	f->peer_req_len = st->peer_req_len;
	memcpy(f->req, st->req, st->req_len);
	memcpy(f->peer_req, st->peer_req, st->peer_req_len);
}

static void resume_lcp(struct lcp *l, const struct ppp_state *st)
{
	resume_fsm(&l->fsm, &st->lcp);
	l->ask_mru = st->ask_mru;
	l->asked_mru = st->asked_mru;
	l->peer_mru = st->peer_mru;
	l->magic = st->magic;
	l->ask_magic = st->magic;
	l->peer_magic = st->peer_magic;
	/* Nobody remembers whether that was granted: the next connection finds out. */
	l->ask_lane = !l->server && l->lane.of;
}

static void resume_network(struct ppp *p, const struct ppp_state *st,
			   const struct ppp_network *net)
{
	if (p->cfg.ipv4)
		resume_fsm(&p->ipcp.fsm, &st->ipcp);
	if (p->cfg.ipv6)
		resume_fsm(&p->ipv6cp.fsm, &st->ipv6cp);
	p->net = *net;
	p->net.ipv4 &= p->ipcp.fsm.state == FSM_OPENED;
	p->net.ipv6 &= p->ipv6cp.fsm.state == FSM_OPENED;
	p->ipcp.local = net->local;
	p->ipcp.peer = net->peer;
	memcpy(p->ipcp.dns, net->dns, sizeof(p->ipcp.dns));
	memcpy(p->ipv6cp.ifid, net->ifid, sizeof(p->ipv6cp.ifid));
	memcpy(p->ipv6cp.peer_ifid, net->peer_ifid, sizeof(p->ipv6cp.peer_ifid));
}

bool ppp_resume(struct ppp *p, const struct ppp_state *st, const struct ppp_addrs *addrs,
		const struct ppp_network *net)
{
	if (p->phase != PPP_DEAD || !ppp_state_ok(st))
		return false;
	p->phase = PPP_NETWORK;
	p->authenticated = true;
	p->network_started = true;
	ppp_set_addrs(p, addrs);
	resume_lcp(&p->lcp, st);
	resume_network(p, st, net);
	p->network_is_up = p->net.ipv4 || p->net.ipv6;
	p->network_was_up = p->network_is_up;
	if (p->cfg.echo_ms)
		p->ops->timer(p->ctx, PPP_TIMER_ECHO, p->cfg.echo_ms);
	return p->network_is_up;
}
