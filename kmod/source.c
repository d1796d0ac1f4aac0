// SPDX-License-Identifier: GPL-2.0-only
/*
 * Source addresses that the peer may have: what a filter on each device would do, for
 * those who have thousands of devices, and before a packet costs anything.
 */
#include "source.h"

#include <linux/ip.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <net/genetlink.h>
#include <net/ipv6.h>

#include <linux/sstp.h>

#include "netlink-gen.h"
#include "session.h"

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

static int sstp_source_parse_one(struct sstp_source *source, const struct nlattr *attr,
				 struct netlink_ext_ack *extack)
{
	struct nlattr *tb[SSTP_A_SOURCE_MAX + 1];
	const struct nlattr *addr, *len;
	unsigned int bits;
	int err;

	err = nla_parse_nested(tb, SSTP_A_SOURCE_MAX, attr, sstp_source_nl_policy, extack);
	if (err)
		return err;
	addr = tb[SSTP_A_SOURCE_ADDRESS];
	len = tb[SSTP_A_SOURCE_PREFIX_LEN];
	if (!addr || (nla_len(addr) != sizeof(struct in_addr) &&
		      nla_len(addr) != sizeof(struct in6_addr))) {
		NL_SET_ERR_MSG_ATTR(extack, attr, "neither an IPv4 nor an IPv6 address");
		return -EINVAL;
	}
	bits = BITS_PER_BYTE * nla_len(addr);
	source->ipv6 = nla_len(addr) == sizeof(struct in6_addr);
	source->len = len ? nla_get_u8(len) : bits;
	if (source->len > bits) {
		NL_SET_ERR_MSG_ATTR(extack, attr, "the prefix is longer than the address");
		return -EINVAL;
	}
	memcpy(&source->addr, nla_data(addr), nla_len(addr));
	return 0;
}

static unsigned int sstp_source_count(const struct genl_info *info)
{
	const struct nlattr *attr;
	unsigned int n = 0;
	int left;

	nlmsg_for_each_attr(attr, info->nlhdr, GENL_HDRLEN, left)
		n += nla_type(attr) == SSTP_A_SESSION_SOURCE;
	return n;
}

/**
 * sstp_source_parse - the sources that a request names
 * @info: the request, whose attributes have passed their policy
 *
 * Return: those, for sstp_source_set() or kfree(); NULL without any; or an ERR_PTR.
 */
struct sstp_sources *sstp_source_parse(const struct genl_info *info)
{
	unsigned int n = sstp_source_count(info);
	struct sstp_sources *sources;
	const struct nlattr *attr;
	int left, err;

	if (!n)
		return NULL;
	if (n > SSTP_MAX_SOURCES) {
		NL_SET_ERR_MSG_ATTR(info->extack, info->attrs[SSTP_A_SESSION_SOURCE],
				    "too many sources");
		return ERR_PTR(-E2BIG);
	}
	sources = kzalloc_flex(*sources, of, n, GFP_KERNEL_ACCOUNT);
	if (!sources)
		return ERR_PTR(-ENOMEM);

	nlmsg_for_each_attr(attr, info->nlhdr, GENL_HDRLEN, left) {
		if (nla_type(attr) != SSTP_A_SESSION_SOURCE)
			continue;
		err = sstp_source_parse_one(&sources->of[sources->n++], attr, info->extack);
		if (err) {
			kfree(sources);
			return ERR_PTR(err);
		}
	}
	return sources;
}

/**
 * sstp_source_set - from now on it is those
 * @s: the session
 * @sources: the session's from now on, or NULL: no change
 *
 * Context: nobody else sets them: registry locked, or a session that is not in it.
 */
void sstp_source_set(struct sstp_session *s, struct sstp_sources *sources)
{
	struct sstp_sources *old;

	if (!sources)
		return;
	old = rcu_replace_pointer(s->sources, sources, true);
	if (old)
		kfree_rcu(old, rcu);
}

/* A session that nobody sees any more. */
void sstp_source_free(struct sstp_session *s)
{
	kfree(rcu_dereference_protected(s->sources, true));
}

static int sstp_source_put_one(struct sk_buff *msg, const struct sstp_source *source)
{
	size_t size = source->ipv6 ? sizeof(struct in6_addr) : sizeof(struct in_addr);
	struct nlattr *nest = nla_nest_start(msg, SSTP_A_SESSION_SOURCE);

	if (!nest || nla_put(msg, SSTP_A_SOURCE_ADDRESS, size, &source->addr) ||
	    nla_put_u8(msg, SSTP_A_SOURCE_PREFIX_LEN, source->len))
		return -EMSGSIZE;
	nla_nest_end(msg, nest);
	return 0;
}

/** sstp_source_put - add them to a message that is thrown away if that fails */
int sstp_source_put(struct sk_buff *msg, const struct sstp_session *s)
{
	const struct sstp_sources *sources;
	unsigned int i;
	int err = 0;

	rcu_read_lock();
	sources = rcu_dereference(s->sources);
	for (i = 0; sources && i < sources->n && !err; i++)
		err = sstp_source_put_one(msg, &sources->of[i]);
	rcu_read_unlock();
	return err;
}

static bool sstp_sources_have(const struct sstp_sources *sources,
			      const struct in6_addr *addr, bool ipv6)
{
	const struct sstp_source *source = sources->of;
	const struct sstp_source *end = source + sources->n;

	for (; source < end; source++)
		if (source->ipv6 == ipv6 &&
		    ipv6_prefix_equal(&source->addr, addr, source->len))
			return true;
	return false;
}

/**
 * sstp_source_allowed - whether a packet comes from where it may
 * @s: its session
 * @ip: the packet, at any address; its header is whole
 * @ipv6: of IPv6, otherwise of IPv4
 *
 * Context: rx_work.
 */
bool sstp_source_allowed(const struct sstp_session *s, const u8 *ip, bool ipv6)
{
	const struct sstp_sources *sources;
	struct in6_addr addr = {};
	bool allowed = true;

	rcu_read_lock();
	sources = rcu_dereference(s->sources);
	if (sources) {
		if (ipv6)
			memcpy(&addr, ip + offsetof(struct ipv6hdr, saddr), 16);
		else
			memcpy(&addr, ip + offsetof(struct iphdr, saddr), 4);
		allowed = sstp_sources_have(sources, &addr, ipv6);
	}
	rcu_read_unlock();
	return allowed;
}
