// SPDX-License-Identifier: GPL-2.0-or-later
#include "parent/ra.h"

#include <netinet/icmp6.h>
#include <string.h>

#define HOP_LIMIT	64
#define OPT_RDNSS	25

/* Lengths of options count units of eight bytes. */
static void ra_put_opt(struct wbuf *w, uint8_t type, uint8_t units)
{
	buf_put_u8(w, type);
	buf_put_u8(w, units);
}

static void ra_put_prefix(struct wbuf *w, const struct in6_addr *prefix)
{
	ra_put_opt(w, ND_OPT_PREFIX_INFORMATION, 4);
	buf_put_u8(w, 64);
	buf_put_u8(w, ND_OPT_PI_FLAG_ONLINK | ND_OPT_PI_FLAG_AUTO);
	buf_put_u32(w, RA_PREFIX_S);
	buf_put_u32(w, RA_PREFIX_S);
	buf_put_zero(w, 4);
	buf_put(w, prefix, sizeof(*prefix));
}

static void ra_put_mtu(struct wbuf *w, uint32_t mtu)
{
	ra_put_opt(w, ND_OPT_MTU, 1);
	buf_put_zero(w, 2);
	buf_put_u32(w, mtu);
}

static void ra_put_dns(struct wbuf *w, const struct in6_addr dns[static 2])
{
	int i, n = 0;

	for (i = 0; i < 2; i++)
		n += !IN6_IS_ADDR_UNSPECIFIED(&dns[i]);
	if (!n)
		return;
	ra_put_opt(w, OPT_RDNSS, 1 + 2 * n);
	buf_put_zero(w, 2);
	buf_put_u32(w, RA_ROUTER_S);
	for (i = 0; i < 2; i++)
		if (!IN6_IS_ADDR_UNSPECIFIED(&dns[i]))
			buf_put(w, &dns[i], sizeof(dns[i]));
}

void ra_put(struct wbuf *w, const struct ra *ra)
{
	buf_put_u8(w, ND_ROUTER_ADVERT);
	buf_put_u8(w, 0);
	buf_put_zero(w, 2);
	buf_put_u8(w, HOP_LIMIT);
	buf_put_u8(w, 0);		/* no DHCPv6, neither for addresses nor beside */
	buf_put_u16(w, RA_ROUTER_S);
	buf_put_zero(w, 8);		/* reachable time, retransmission: as it is */
	ra_put_prefix(w, &ra->prefix);
	ra_put_mtu(w, ra->mtu);
	ra_put_dns(w, ra->dns);
}

/* Global addresses, those of sites (fc00::/7) included: what a prefix is for. */
static bool ra_prefix_is_global(const struct in6_addr *prefix)
{
	return !IN6_IS_ADDR_UNSPECIFIED(prefix) && !IN6_IS_ADDR_LOOPBACK(prefix) &&
	       !IN6_IS_ADDR_MULTICAST(prefix) && !IN6_IS_ADDR_LINKLOCAL(prefix) &&
	       !IN6_IS_ADDR_V4MAPPED(prefix) && !IN6_IS_ADDR_V4COMPAT(prefix);
}

/* What is behind type and length. */
static void ra_get_prefix(struct rbuf *r, struct ra_offer *offer)
{
	struct ra_prefix p;
	uint8_t len = buf_get_u8(r);
	uint8_t flags = buf_get_u8(r);

	p.valid_s = buf_get_u32(r);
	p.preferred_s = buf_get_u32(r);
	buf_get_u32(r);
	if (!buf_copy(r, &p.prefix, sizeof(p.prefix)) || len != 64 ||
	    !(flags & ND_OPT_PI_FLAG_AUTO) || p.preferred_s > p.valid_s ||
	    offer->n == RA_PREFIXES_MAX)
		return;
	memset(p.prefix.s6_addr + 8, 0, 8);
	if (ra_prefix_is_global(&p.prefix))
		offer->prefixes[offer->n++] = p;
}

/* RFC 8106 5.1; lifetime 0: not any more. */
static void ra_get_dns(struct rbuf *r, struct ra_offer *offer)
{
	struct in6_addr dns;
	uint32_t lifetime_s;

	buf_get(r, 2);
	lifetime_s = buf_get_u32(r);
	offer->has_dns = true;
	while (lifetime_s && offer->n_dns < RA_DNS_MAX && buf_copy(r, &dns, sizeof(dns))) {
		if (!ra_prefix_is_global(&dns))
			continue;
		if (!offer->n_dns || lifetime_s < offer->dns_s)
			offer->dns_s = lifetime_s;
		offer->dns[offer->n_dns++] = dns;
	}
}

bool ra_get(struct rbuf *r, struct ra_offer *offer)
{
	struct rbuf opt;
	uint8_t type, units;

	memset(offer, 0, sizeof(*offer));
	if (buf_get_u8(r) != ND_ROUTER_ADVERT || buf_get_u8(r) != 0)
		return false;
	buf_get(r, 4);			/* checksum, hop limit, DHCPv6 */
	offer->router_s = buf_get_u16(r);
	buf_get(r, 8);			/* reachable time, retransmission */
	while (r->len && !r->bad) {
		type = buf_get_u8(r);
		units = buf_get_u8(r);
		/* RFC 4861 6.1.2: an option without a length spoils all of it. */
		if (!units)
			return false;
		opt = buf_split(r, (size_t)units * 8 - 2);
		if (type == ND_OPT_PREFIX_INFORMATION && units == 4 && !r->bad)
			ra_get_prefix(&opt, offer);
		if (type == OPT_RDNSS && units >= 3 && !r->bad)
			ra_get_dns(&opt, offer);
	}
	return !r->bad;
}
