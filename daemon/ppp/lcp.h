/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * LCP, RFC 1661 sections 5 and 6. Options we ask for: MRU, Magic-Number, and
 * as a server Authentication-Protocol, as a client Endpoint-Discriminator. Options we
 * grant: those, ACCM (without meaning here), PFC and ACFC (we read compressed headers,
 * we never send them).
 *
 * The Endpoint-Discriminator (RFC 1990 5.1.3) is one of ours only: class 1, "kstp" and
 * the endpoint. Servers that do not know it reject it; without MRRU it asks for nothing.
 *
 * A client that wants several connections for one tunnel says which one this is in a
 * vendor's option (RFC 2153): an OUI that is nobody's, "ks", and kind 1. An Ack of that is
 * not to be had from anybody but a server of ours, as one of the option above is.
 */
#ifndef SSTPD_LCP_H
#define SSTPD_LCP_H

#include "data/endpoint.h"
#include "data/lane.h"
#include "ppp/auth.h"
#include "ppp/ppp_fsm.h"

enum lcp_option {
	LCP_OPT_VENDOR	= 0,
	LCP_OPT_MRU	= 1,
	LCP_OPT_ACCM	= 2,
	LCP_OPT_AUTH	= 3,
	LCP_OPT_MAGIC	= 5,
	LCP_OPT_PFC	= 7,
	LCP_OPT_ACFC	= 8,
	LCP_OPT_ENDPOINT = 19,
};

/**
 * struct lcp - LCP of one link
 * @server: we ask for authentication
 * @auth_methods: methods allowed, in the order we ask for them
 * @mru: the MRU we are configured to ask for
 * @asked_mru: the one we ask for now, after a Nak
 * @peer_mru: largest information field the peer takes (never above 4087)
 * @magic: our magic number, 0 if the peer rejected the option
 * @endpoint: client: what the server may know us by, if it is set; server: the peer's
 * @lane: client: which connection this is, and of how many it is allowed to be, as long as
 *	@ask_lane; server: what the peer has said of that
 * @lanes_max: server: so many it may have, 0 = one
 * @auth: server: asked for now; client: asked of us and acknowledged
 * @auth_refused: server: methods the peer turned down, enum auth_method_id bits
 * @auth_failed: no method in common
 * @echoes: Echo-Requests sent since the last Echo-Reply
 * @looped: our own magic number came back
 * @rejected_proto: the peer sent a Protocol-Reject for this; ppp.c acts on it
 */
struct lcp {
	struct ppp_fsm fsm;
	bool server;
	struct auth_methods auth_methods;
	uint16_t mru;
	uint16_t asked_mru;
	uint16_t peer_mru;
	uint32_t magic;
	uint32_t peer_magic;
	bool ask_mru;
	bool ask_magic;
	bool ask_endpoint;
	struct endpoint endpoint;
	bool ask_lane;
	struct lane lane;
	uint8_t lanes_max;
	const struct auth_method *auth;
	uint8_t auth_refused;
	bool auth_failed;
	unsigned int echoes;
	bool looped;
	uint16_t rejected_proto;
};

void lcp_init(struct lcp *l, bool server, uint16_t mru,
	      const struct auth_methods *auth_methods,
	      const struct fsm_link *link, void *ctx);
/* Sends an Echo-Request (only in Opened) and counts it in l->echoes. */
void lcp_echo(struct lcp *l);
/* Rejects a frame of an unknown protocol; @info is its information field. */
void lcp_protocol_reject(struct lcp *l, uint16_t proto, struct rbuf info);

#endif /* SSTPD_LCP_H */
