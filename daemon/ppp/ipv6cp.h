/* SPDX-License-Identifier: GPL-2.0-or-later */
/* IPV6CP, RFC 5072: agrees on two different interface identifiers. */
#ifndef SSTPD_IPV6CP_H
#define SSTPD_IPV6CP_H

#include "ppp/ppp_fsm.h"

#define IPV6CP_IFID_LEN		8
#define IPV6CP_OPT_IFID		1

/**
 * struct ipv6cp - IPV6CP of one link
 * @ifid: our interface identifier
 * @peer_ifid: the peer's
 * @suggest: what we name to a peer that has none, all zero = random
 */
struct ipv6cp {
	struct ppp_fsm fsm;
	uint8_t ifid[IPV6CP_IFID_LEN];
	uint8_t peer_ifid[IPV6CP_IFID_LEN];
	uint8_t suggest[IPV6CP_IFID_LEN];
};

void ipv6cp_init(struct ipv6cp *c, const struct fsm_link *link, void *ctx);

#endif /* SSTPD_IPV6CP_H */
