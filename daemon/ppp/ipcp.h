/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * IPCP, RFC 1332, with the name server options of RFC 1877. Addresses are in
 * network byte order (struct in_addr). No header compression.
 */
#ifndef SSTPD_IPCP_H
#define SSTPD_IPCP_H

#include <netinet/in.h>

#include "ppp/ppp_fsm.h"

enum ipcp_option {
	IPCP_OPT_ADDRESS	= 3,
	IPCP_OPT_DNS1		= 129,
	IPCP_OPT_NBNS1		= 130,
	IPCP_OPT_DNS2		= 131,
	IPCP_OPT_NBNS2		= 132,
};

/**
 * struct ipcp - IPCP of one link
 * @server: we hand out addresses
 * @want_local: address of ours to insist on, 0 = ask the peer (client)
 * @want_peer: address the peer must use, 0 = any (client)
 * @give: name servers to hand out: dns1, nbns1, dns2, nbns2 (server)
 * @ask_dns: ask for name servers (client)
 * @local: result: our address
 * @peer: result: the peer's address, 0 if not told
 * @dns: result (client)
 * @ask_address: our request names an address
 * @ask_dns_slot: our request asks for this name server
 */
struct ipcp {
	struct ppp_fsm fsm;
	bool server;
	struct in_addr want_local;
	struct in_addr want_peer;
	struct in_addr give[4];
	bool ask_dns;
	struct in_addr local;
	struct in_addr peer;
	struct in_addr dns[2];
	bool ask_address;
	bool ask_dns_slot[2];
};

void ipcp_init(struct ipcp *c, bool server, const struct fsm_link *link, void *ctx);

#endif /* SSTPD_IPCP_H */
