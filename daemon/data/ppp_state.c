// SPDX-License-Identifier: GPL-2.0-or-later
#include "data/ppp_state.h"

static bool ppp_state_fsm_ok(const struct ppp_fsm_state *st)
{
	return st->req_len <= PPP_STATE_OPTIONS && st->peer_req_len <= PPP_STATE_OPTIONS;
}

static bool ppp_state_mru_ok(uint16_t mru)
{
	return mru >= PPP_STATE_MRU_MIN && mru <= PPP_STATE_MRU_MAX;
}

bool ppp_state_ok(const struct ppp_state *st)
{
	return ppp_state_fsm_ok(&st->lcp) && ppp_state_fsm_ok(&st->ipcp) &&
	       ppp_state_fsm_ok(&st->ipv6cp) &&
	       st->lcp.opened && (st->ipcp.opened || st->ipv6cp.opened) &&
	       (!st->ask_mru || ppp_state_mru_ok(st->asked_mru)) &&
	       ppp_state_mru_ok(st->peer_mru);
}
