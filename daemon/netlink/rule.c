// SPDX-License-Identifier: GPL-2.0-or-later
#include "netlink/rule.h"

#include <linux/fib_rules.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <string.h>
#include <sys/socket.h>

#include <netlink/attr.h>
#include <netlink/msg.h>

#include "lib/log.h"
#include "netlink/netcfg.h"

static void rule_put(struct nl_msg *msg, int type, const void *data, size_t len)
{
	if (nla_put(msg, type, (int)len, data) < 0)
		log_fatal("out of memory");
}

static void rule_put_u32(struct nl_msg *msg, int type, uint32_t value)
{
	rule_put(msg, type, &value, sizeof(value));
}

static void rule_put_prefix(struct nl_msg *msg, int type, const struct conf_route *prefix)
{
	if (prefix->family)
		rule_put(msg, type, prefix->addr, prefix->family == AF_INET ? 4 : 16);
}

/*
 * What is only for our own packets says so by "iif lo": for all others the kernel would
 * have to look at the ports of each packet that comes in.
 */
static void rule_put_origin(struct nl_msg *msg, const struct rule *rule)
{
	const struct fib_rule_uid_range uids = { rule->uid, rule->uid };
	const struct fib_rule_port_range ports = { rule->port, rule->port };

	if (!rule->has_uid)
		return;
	rule_put(msg, FRA_IIFNAME, "lo", sizeof("lo"));
	rule_put(msg, FRA_UID_RANGE, &uids, sizeof(uids));
	rule_put(msg, FRA_IP_PROTO, &rule->proto, sizeof(rule->proto));
	rule_put(msg, FRA_DPORT_RANGE, &ports, sizeof(ports));
}

static int rule_do(const struct rule *rule, int type, int flags, struct nl_err *err)
{
	struct nl_msg *msg = nlmsg_alloc_simple(type, flags);
	const uint8_t proto = netcfg_mark();
	const struct fib_rule_hdr head = {
		.family = rule->family,
		.action = FR_ACT_TO_TBL,
		.src_len = rule->from.len,
		.dst_len = rule->to.len,
		.flags = rule->but_mark ? FIB_RULE_INVERT : 0,
	};

	if (!msg || nlmsg_append(msg, (void *)&head, sizeof(head), NLMSG_ALIGNTO) < 0)
		log_fatal("out of memory");
	rule_put_u32(msg, FRA_PRIORITY, rule->pref);
	rule_put_u32(msg, FRA_TABLE, rule->table);
	rule_put(msg, FRA_PROTOCOL, &proto, sizeof(proto));
	if (rule->longer_than != RULE_ANY_LENGTH)
		rule_put_u32(msg, FRA_SUPPRESS_PREFIXLEN, (uint32_t)rule->longer_than);
	if (rule->but_mark)
		rule_put_u32(msg, FRA_FWMARK, rule->but_mark);
	rule_put_prefix(msg, FRA_SRC, &rule->from);
	rule_put_prefix(msg, FRA_DST, &rule->to);
	rule_put_origin(msg, rule);
	return nl_talk(netcfg_sock(), msg, NULL, NULL, err);
}

int rule_add(const struct rule *rule, struct nl_err *err)
{
	return rule_do(rule, RTM_NEWRULE, NLM_F_CREATE | NLM_F_EXCL, err);
}

int rule_del(const struct rule *rule, struct nl_err *err)
{
	return rule_do(rule, RTM_DELRULE, 0, err);
}

static bool rule_same_prefix(const struct conf_route *a, const struct conf_route *b)
{
	return a->family == b->family && a->len == b->len &&
	       !memcmp(a->addr, b->addr, sizeof(a->addr));
}

bool rule_same(const struct rule *a, const struct rule *b)
{
	return a->family == b->family && a->table == b->table &&
	       a->longer_than == b->longer_than && a->but_mark == b->but_mark &&
	       rule_same_prefix(&a->from, &b->from) && rule_same_prefix(&a->to, &b->to) &&
	       a->has_uid == b->has_uid && a->uid == b->uid && a->proto == b->proto &&
	       a->port == b->port;
}

struct rule_find {
	uint32_t first;
	uint32_t last;
	struct rule *rules;
	unsigned int max;
	unsigned int n;
};

static void rule_get_prefix(struct conf_route *prefix, uint8_t family, uint8_t len,
			    const struct nlattr *attr)
{
	size_t size = family == AF_INET ? 4 : 16;

	if (!attr || (size_t)nla_len(attr) != size)
		return;
	prefix->family = family;
	prefix->len = len;
	memcpy(prefix->addr, nla_data(attr), size);
}

static void rule_get_origin(struct rule *rule, struct nlattr **tb)
{
	const struct fib_rule_port_range *ports;

	if (!tb[FRA_UID_RANGE])
		return;
	rule->has_uid = true;
	rule->uid = ((const struct fib_rule_uid_range *)nla_data(tb[FRA_UID_RANGE]))->start;
	if (tb[FRA_IP_PROTO])
		rule->proto = nla_get_u8(tb[FRA_IP_PROTO]);
	if (tb[FRA_DPORT_RANGE]) {
		ports = nla_data(tb[FRA_DPORT_RANGE]);
		rule->port = ports->start;
	}
}

static void rule_get(struct rule *rule, const struct fib_rule_hdr *head, struct nlattr **tb)
{
	memset(rule, 0, sizeof(*rule));
	rule->family = head->family;
	rule->table = tb[FRA_TABLE] ? nla_get_u32(tb[FRA_TABLE]) : head->table;
	rule->longer_than = RULE_ANY_LENGTH;
	if (tb[FRA_SUPPRESS_PREFIXLEN])
		rule->longer_than = (int32_t)nla_get_u32(tb[FRA_SUPPRESS_PREFIXLEN]);
	if (tb[FRA_PRIORITY])
		rule->pref = nla_get_u32(tb[FRA_PRIORITY]);
	if (tb[FRA_FWMARK])
		rule->but_mark = nla_get_u32(tb[FRA_FWMARK]);
	rule_get_prefix(&rule->from, head->family, head->src_len, tb[FRA_SRC]);
	rule_get_prefix(&rule->to, head->family, head->dst_len, tb[FRA_DST]);
	rule_get_origin(rule, tb);
}

static int rule_on_one(struct nl_msg *msg, void *arg)
{
	const struct fib_rule_hdr *head = nlmsg_data(nlmsg_hdr(msg));
	struct nlattr *tb[FRA_MAX + 1];
	struct rule_find *find = arg;
	struct rule rule;

	if (nlmsg_parse(nlmsg_hdr(msg), sizeof(*head), tb, FRA_MAX, NULL) < 0 ||
	    !tb[FRA_PROTOCOL] || nla_get_u8(tb[FRA_PROTOCOL]) != netcfg_mark())
		return NL_OK;
	rule_get(&rule, head, tb);
	if (rule.pref < find->first || rule.pref > find->last)
		return NL_OK;
	if (find->n < find->max)
		find->rules[find->n] = rule;
	find->n++;
	return NL_OK;
}

int rule_list(uint8_t family, uint32_t first, uint32_t last, struct rule *rules,
	      unsigned int max, struct nl_err *err)
{
	struct nl_msg *msg = nlmsg_alloc_simple(RTM_GETRULE, NLM_F_DUMP);
	const struct fib_rule_hdr head = { .family = family };
	struct rule_find find = {
		.first = first,
		.last = last,
		.rules = rules,
		.max = max,
	};

	if (!msg || nlmsg_append(msg, (void *)&head, sizeof(head), NLMSG_ALIGNTO) < 0)
		log_fatal("out of memory");
	if (nl_talk(netcfg_sock(), msg, rule_on_one, &find, err) < 0)
		return -1;
	return (int)find.n;
}
