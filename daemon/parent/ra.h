/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Router Advertisement, RFC 4861 4.2, with RDNSS of RFC 8106: the message. */
#ifndef SSTPD_RA_H
#define SSTPD_RA_H

#include <netinet/in.h>
#include <stdint.h>

#include "lib/buf.h"

/* Lifetimes, seconds; the longest pause between two of them is a third. */
#define RA_ROUTER_S	1800
#define RA_PREFIX_S	7200
#define RA_LEN_MAX	128

/**
 * struct ra - what a client is told
 * @prefix: a /64, from which it makes its address
 * @mtu: of the tunnel, bytes
 * @dns: name servers, :: = none
 */
struct ra {
	struct in6_addr prefix;
	uint32_t mtu;
	struct in6_addr dns[2];
};

/* The ICMPv6 message; its checksum is left to the kernel. */
void ra_put(struct wbuf *w, const struct ra *ra);

#endif /* SSTPD_RA_H */
