/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Router Advertisement, RFC 4861 4.2, with RDNSS of RFC 8106: the message, both ways. */
#ifndef SSTPD_RA_H
#define SSTPD_RA_H

#include <netinet/in.h>
#include <stdbool.h>
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

/* Prefixes of one advertisement that are looked at. */
#define RA_PREFIXES_MAX	4

/**
 * struct ra_prefix - a /64 to make an address of, RFC 4862 5.5.3
 * @preferred_s: seconds, no more than @valid_s; 0xffffffff = for ever
 * @valid_s: seconds; 0 = no longer
 */
struct ra_prefix {
	struct in6_addr prefix;
	uint32_t preferred_s;
	uint32_t valid_s;
};

/* Name servers that are looked at. */
#define RA_DNS_MAX	2

/**
 * struct ra_offer - what a router says, as far as it is of use here
 * @router_s: seconds for which it is a default router, 0 = it is none
 * @has_dns: it speaks of name servers; @n_dns: that many there are from now on
 * @dns_s: seconds for which all of them are; 0xffffffff = for ever
 */
struct ra_offer {
	uint16_t router_s;
	unsigned int n;
	struct ra_prefix prefixes[RA_PREFIXES_MAX];
	bool has_dns;
	uint32_t dns_s;
	unsigned int n_dns;
	struct in6_addr dns[RA_DNS_MAX];
};

/**
 * ra_get() - read the ICMPv6 message @r, whose checksum the kernel has verified
 *
 * Prefixes that are no /64 for autoconfiguration, or that no address of a host is made
 * of (link-local, multicast), are left out; so are name servers of such addresses.
 *
 * Return: false if it is none, or malformed; then nothing of it counts.
 */
bool ra_get(struct rbuf *r, struct ra_offer *offer);

#endif /* SSTPD_RA_H */
