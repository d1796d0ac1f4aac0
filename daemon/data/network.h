/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The Network phase as it crosses between engine and parent: what a session may
 * have, and what IPCP and IPV6CP made of it. Plain data.
 */
#ifndef SSTPD_DATA_NETWORK_H
#define SSTPD_DATA_NETWORK_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

/**
 * struct ppp_addrs - input to the Network phase, from the owner
 * @local: our address; client: 0.0.0.0 asks the server, else insisted upon
 * @peer: server: assigned to the peer, nothing else is accepted; client: 0.0.0.0
 *	takes whatever the server names, else insisted upon
 * @dns: server: handed out, 0.0.0.0 = none
 * @nbns: server: handed out, 0.0.0.0 = none
 * @ask_dns: client: ask for DNS servers
 * @ifid: our IPv6 interface identifier; all zero = random
 * @peer_ifid: server: suggested to the peer; all zero = peer's choice
 */
struct ppp_addrs {
	struct in_addr local;
	struct in_addr peer;
	struct in_addr dns[2];
	struct in_addr nbns[2];
	bool ask_dns;
	uint8_t ifid[8];
	uint8_t peer_ifid[8];
};

/**
 * struct ppp_network - what was negotiated
 * @ipv4: IPCP is Opened, the IPv4 fields are valid
 * @ipv6: IPV6CP is Opened, the interface identifiers are valid
 * @local: our IPv4 address
 * @peer: the peer's; 0.0.0.0 if a server did not tell
 * @dns: client: what the server named, 0.0.0.0 = none
 * @nbns: unused by the client for now
 * @ifid: our interface identifier
 * @peer_ifid: the peer's
 * @peer_mru: largest IP packet to send: min(peer's MRU, 4087)
 * @mru: largest that the peer may send
 */
struct ppp_network {
	bool ipv4;
	bool ipv6;
	struct in_addr local;
	struct in_addr peer;
	struct in_addr dns[2];
	struct in_addr nbns[2];
	uint8_t ifid[8];
	uint8_t peer_ifid[8];
	uint16_t peer_mru;
	uint16_t mru;
};

#endif /* SSTPD_DATA_NETWORK_H */
