/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _SSTP_SOURCE_H
#define _SSTP_SOURCE_H

#include <linux/in6.h>
#include <linux/types.h>

struct genl_info;
struct sk_buff;
struct sstp_session;

/**
 * struct sstp_source - a prefix that packets of the peer may come from
 * @addr: an address of it; IPv4 is in the first four bytes, and the others are zero
 * @len: bits of that
 * @ipv6: it is one of IPv6
 */
struct sstp_source {
	struct in6_addr addr;
	u8 len;
	bool ipv6;
};

/**
 * struct sstp_sources - all of them; read under RCU and never changed
 * @rcu: for its end
 * @n: how many
 * @of: each
 */
struct sstp_sources {
	struct rcu_head rcu;
	unsigned int n;
	struct sstp_source of[];
};

struct sstp_sources *sstp_source_parse(const struct genl_info *info);
void sstp_source_set(struct sstp_session *s, struct sstp_sources *sources);
int sstp_source_put(struct sk_buff *msg, const struct sstp_session *s);
bool sstp_source_allowed(const struct sstp_session *s, const u8 *ip, bool ipv6);
void sstp_source_free(struct sstp_session *s);

#endif /* _SSTP_SOURCE_H */
