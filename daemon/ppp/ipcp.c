// SPDX-License-Identifier: GPL-2.0-or-later
#include "ppp/ipcp.h"

#include <string.h>

#include "lib/container.h"

static struct ipcp *ipcp_of(struct ppp_fsm *f)
{
	return container_of(f, struct ipcp, fsm);
}

/* Options 129 to 132 alternate: primary DNS, NBNS, secondary DNS, NBNS. */
static const uint8_t dns_option[2] = { IPCP_OPT_DNS1, IPCP_OPT_DNS2 };

static void ipcp_put(struct wbuf *w, uint8_t type, struct in_addr addr)
{
	ppp_opt_put_hdr(w, type, 6);
	buf_put(w, &addr.s_addr, 4);
}

/* The address in an option; false if that is not its size. */
static bool ipcp_get(struct rbuf data, struct in_addr *addr)
{
	return data.len == 4 && buf_copy(&data, &addr->s_addr, 4);
}

/* An address a host can have. */
static bool ipcp_is_host(struct in_addr addr)
{
	uint8_t first = ntohl(addr.s_addr) >> 24;

	return first != 0 && first != 127 && first < 224;
}

static void ipcp_reset(struct ppp_fsm *f)
{
	struct ipcp *c = ipcp_of(f);

	c->local = c->want_local;
	c->peer = (struct in_addr){ 0 };
	memset(c->dns, 0, sizeof(c->dns));
	/* A server without an address of its own just does not name one. */
	c->ask_address = !c->server || c->local.s_addr;
	c->ask_dns_slot[0] = c->ask_dns_slot[1] = !c->server && c->ask_dns;
}

/* ---- our request ----------------------------------------------------- */

static void ipcp_put_request(struct ppp_fsm *f, struct wbuf *w)
{
	struct ipcp *c = ipcp_of(f);
	int i;

	if (c->ask_address)
		ipcp_put(w, IPCP_OPT_ADDRESS, c->local);
	for (i = 0; i < 2; i++)
		if (c->ask_dns_slot[i])
			ipcp_put(w, dns_option[i], c->dns[i]);
}

/* A server insists on its own address; a client on a configured one. */
static bool ipcp_nak_address(struct ipcp *c, struct in_addr addr)
{
	if (c->server)
		return true;
	if (c->want_local.s_addr || !ipcp_is_host(addr))
		return false;
	c->local = addr;
	return true;
}

static bool ipcp_nak(struct ppp_fsm *f, const struct ppp_opt *opt)
{
	struct ipcp *c = ipcp_of(f);
	struct in_addr addr;
	int i;

	if (!ipcp_get(opt->data, &addr))
		return true;
	if (opt->type == IPCP_OPT_ADDRESS)
		return ipcp_nak_address(c, addr);
	for (i = 0; i < 2; i++) {
		if (opt->type != dns_option[i] || !c->ask_dns_slot[i])
			continue;
		c->ask_dns_slot[i] = ipcp_is_host(addr);
		c->dns[i] = c->ask_dns_slot[i] ? addr : (struct in_addr){ 0 };
	}
	return true;
}

static bool ipcp_rej(struct ppp_fsm *f, const struct ppp_opt *opt)
{
	struct ipcp *c = ipcp_of(f);
	int i;

	if (opt->type == IPCP_OPT_ADDRESS) {
		c->ask_address = false;
		return c->server;
	}
	for (i = 0; i < 2; i++) {
		if (opt->type != dns_option[i])
			continue;
		c->ask_dns_slot[i] = false;
		c->dns[i] = (struct in_addr){ 0 };
	}
	return true;
}

/* ---- the peer's request ---------------------------------------------- */

/* RFC 1332 3.3, RFC 1877: who asks for 0.0.0.0 wants to be told. */
static enum opt_verdict ipcp_other(struct in_addr asked)
{
	return asked.s_addr ? OPT_NAK : OPT_TELL;
}

static enum opt_verdict ipcp_opt_address(struct ipcp *c, struct rbuf data,
					 struct wbuf *nak)
{
	struct in_addr addr;

	if (!ipcp_get(data, &addr))
		return OPT_REJ;
	if (c->want_peer.s_addr && addr.s_addr != c->want_peer.s_addr) {
		ipcp_put(nak, IPCP_OPT_ADDRESS, c->want_peer);
		return ipcp_other(addr);
	}
	/* We have none to give to a peer that asks. */
	if (!ipcp_is_host(addr))
		return OPT_REJ;
	c->peer = addr;
	return OPT_ACK;
}

static enum opt_verdict ipcp_opt_server(struct ipcp *c, uint8_t type,
					struct rbuf data, struct wbuf *nak)
{
	struct in_addr give = c->give[type - IPCP_OPT_DNS1];
	struct in_addr addr;

	if (!ipcp_get(data, &addr) || !give.s_addr)
		return OPT_REJ;
	if (addr.s_addr == give.s_addr)
		return OPT_ACK;
	ipcp_put(nak, type, give);
	return ipcp_other(addr);
}

static enum opt_verdict ipcp_option(struct ppp_fsm *f, const struct ppp_opt *opt,
				    struct wbuf *nak)
{
	struct ipcp *c = ipcp_of(f);

	switch (opt->type) {
	case IPCP_OPT_ADDRESS:
		return ipcp_opt_address(c, opt->data, nak);
	case IPCP_OPT_DNS1:
	case IPCP_OPT_NBNS1:
	case IPCP_OPT_DNS2:
	case IPCP_OPT_NBNS2:
		return ipcp_opt_server(c, opt->type, opt->data, nak);
	default:
		return OPT_REJ;		/* header compression, among others */
	}
}

/* A client that names no address would use one of its own choice. */
static void ipcp_missing(struct ppp_fsm *f, const uint8_t seen[static 32],
			 struct wbuf *nak)
{
	struct ipcp *c = ipcp_of(f);

	if (seen[0] & 1 << IPCP_OPT_ADDRESS)
		return;
	c->peer = (struct in_addr){ 0 };
	if (c->server)
		ipcp_put(nak, IPCP_OPT_ADDRESS, c->want_peer);
}

static const struct fsm_proto ipcp_proto = {
	.name = "IPCP",
	.proto = PPP_PROTO_IPCP,
	.again = true,
	.reset = ipcp_reset,
	.put_request = ipcp_put_request,
	.option = ipcp_option,
	.missing = ipcp_missing,
	.nak = ipcp_nak,
	.rej = ipcp_rej,
};

void ipcp_init(struct ipcp *c, bool server, const struct fsm_link *link, void *ctx)
{
	memset(c, 0, sizeof(*c));
	c->server = server;
	fsm_init(&c->fsm, &ipcp_proto, link, ctx);
}
