// SPDX-License-Identifier: GPL-2.0-or-later
#include "ppp/ipv6cp.h"

#include <string.h>

#include "lib/container.h"

static const uint8_t no_ifid[IPV6CP_IFID_LEN];

static struct ipv6cp *ipv6cp_of(struct ppp_fsm *f)
{
	return container_of(f, struct ipv6cp, fsm);
}

static bool ifid_equal(const uint8_t *a, const uint8_t *b)
{
	return !memcmp(a, b, IPV6CP_IFID_LEN);
}

/* A random one, marked as locally administered; none without randomness. */
static void ipv6cp_random(struct ipv6cp *c, uint8_t ifid[static IPV6CP_IFID_LEN])
{
	if (c->fsm.link->random(c->fsm.ctx, ifid, IPV6CP_IFID_LEN))
		memset(ifid, 0, IPV6CP_IFID_LEN);
	else
		ifid[0] &= ~0x02;
}

static void ipv6cp_reset(struct ppp_fsm *f)
{
	struct ipv6cp *c = ipv6cp_of(f);

	memset(c->peer_ifid, 0, sizeof(c->peer_ifid));
	if (ifid_equal(c->ifid, no_ifid))
		ipv6cp_random(c, c->ifid);
}

static void ipv6cp_put(struct wbuf *w, const uint8_t ifid[static IPV6CP_IFID_LEN])
{
	ppp_opt_put_hdr(w, IPV6CP_OPT_IFID, 2 + IPV6CP_IFID_LEN);
	buf_put(w, ifid, IPV6CP_IFID_LEN);
}

static void ipv6cp_put_request(struct ppp_fsm *f, struct wbuf *w)
{
	ipv6cp_put(w, ipv6cp_of(f)->ifid);
}

static bool ipv6cp_nak(struct ppp_fsm *f, const struct ppp_opt *opt)
{
	struct ipv6cp *c = ipv6cp_of(f);
	struct rbuf data = opt->data;

	if (opt->type != IPV6CP_OPT_IFID || data.len != IPV6CP_IFID_LEN)
		return true;
	buf_copy(&data, c->ifid, IPV6CP_IFID_LEN);
	if (ifid_equal(c->ifid, no_ifid) || ifid_equal(c->ifid, c->peer_ifid))
		ipv6cp_random(c, c->ifid);
	return true;
}

static bool ipv6cp_rej(struct ppp_fsm *f, const struct ppp_opt *opt)
{
	(void)f;
	(void)opt;
	return false;	/* without identifiers there are no link-local addresses */
}

static enum opt_verdict ipv6cp_option(struct ppp_fsm *f, const struct ppp_opt *opt,
				      struct wbuf *nak)
{
	struct ipv6cp *c = ipv6cp_of(f);
	uint8_t ifid[IPV6CP_IFID_LEN];
	struct rbuf data = opt->data;

	if (opt->type != IPV6CP_OPT_IFID || data.len != IPV6CP_IFID_LEN)
		return OPT_REJ;
	buf_copy(&data, ifid, sizeof(ifid));
	if (!ifid_equal(ifid, no_ifid) && !ifid_equal(ifid, c->ifid)) {
		memcpy(c->peer_ifid, ifid, sizeof(ifid));
		return OPT_ACK;
	}
	memcpy(ifid, c->suggest, sizeof(ifid));
	if (ifid_equal(ifid, no_ifid) || ifid_equal(ifid, c->ifid))
		ipv6cp_random(c, ifid);
	ipv6cp_put(nak, ifid);
	return OPT_NAK;
}

static const struct fsm_proto ipv6cp_proto = {
	.name = "IPV6CP",
	.proto = PPP_PROTO_IPV6CP,
	.again = true,
	.reset = ipv6cp_reset,
	.put_request = ipv6cp_put_request,
	.option = ipv6cp_option,
	.nak = ipv6cp_nak,
	.rej = ipv6cp_rej,
};

void ipv6cp_init(struct ipv6cp *c, const struct fsm_link *link, void *ctx)
{
	memset(c, 0, sizeof(*c));
	fsm_init(&c->fsm, &ipv6cp_proto, link, ctx);
}
