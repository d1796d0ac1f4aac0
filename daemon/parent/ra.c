// SPDX-License-Identifier: GPL-2.0-or-later
#include "parent/ra.h"

#include <netinet/icmp6.h>

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
