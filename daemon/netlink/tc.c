// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The messages are put together here: libnl knows no police action, and takes the
 * length of a tick from a file that a sandbox may hide. It is 64 ns everywhere.
 */
#include "netlink/tc.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_ether.h>
#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <linux/tc_act/tc_gact.h>
#include <netinet/in.h>
#include <string.h>
#include <unistd.h>

#include <netlink/attr.h>
#include <netlink/msg.h>

#include "lib/log.h"
#include "netlink/netcfg.h"

#define TC_ROOT		TC_H_MAKE(1u << 16, 0)
#define TC_INGRESS	TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_INGRESS)
#define TC_TICK_NS	64
/* A GSO packet must fit; beyond that, what comes in so many ms. */
#define TC_BURST_MIN	131072
#define TC_BURST_MS	50
#define TC_QUEUE_MAX	1048576
#define TC_DEFAULT	"/proc/sys/net/core/default_qdisc"
/* Of fq_codel, which has 1024 unasked, each of 64 bytes. */
#define TC_FEW_FLOWS	64

enum tc_prio {
	TC_PRIO_POLICE = 1,
	TC_PRIO_IPV4,
	TC_PRIO_IPV6,
	TC_PRIO_DROP,
};

/* ---- messages ------------------------------------------------------------------ */

static struct nl_msg *tc_msg(int type, int flags, const struct tcmsg *tcm,
			     const char *kind)
{
	struct nl_msg *msg = nlmsg_alloc_simple(type, flags);

	if (!msg || nlmsg_append(msg, (void *)(uintptr_t)tcm, sizeof(*tcm),
				 NLMSG_ALIGNTO) < 0 ||
	    nla_put_string(msg, TCA_KIND, kind) < 0)
		log_fatal("out of memory");
	return msg;
}

/* A message has room for all that is put into it here. */
static struct nlattr *tc_nest(struct nl_msg *msg, int type)
{
	struct nlattr *nest = nla_nest_start(msg, type);

	if (!nest)
		log_fatal("out of memory");
	return nest;
}

static int tc_send(struct nl_msg *msg, struct nl_err *err)
{
	return nl_talk(netcfg_sock(), msg, NULL, NULL, err);
}

static struct nl_msg *tc_qdisc(uint32_t ifindex, uint32_t parent, uint32_t handle,
			       const char *kind)
{
	const struct tcmsg tcm = {
		.tcm_ifindex = (int)ifindex,
		.tcm_parent = parent,
		.tcm_handle = handle,
	};

	return tc_msg(RTM_NEWQDISC, NLM_F_CREATE | NLM_F_EXCL, &tcm, kind);
}

static int tc_fq_codel(uint32_t ifindex, uint32_t parent, bool few, struct nl_err *err)
{
	struct nl_msg *msg = tc_qdisc(ifindex, parent, 0, "fq_codel");
	struct nlattr *options = tc_nest(msg, TCA_OPTIONS);

	if (few)
		nla_put_u32(msg, TCA_FQ_CODEL_FLOWS, TC_FEW_FLOWS);
	nla_nest_end(msg, options);
	return tc_send(msg, err);
}

static struct nl_msg *tc_filter(int type, uint32_t ifindex, enum tc_prio prio,
				uint16_t protocol, const char *kind)
{
	const struct tcmsg tcm = {
		.tcm_ifindex = (int)ifindex,
		.tcm_parent = TC_INGRESS,
		.tcm_info = TC_H_MAKE((uint32_t)prio << 16, htons(protocol)),
	};

	return tc_msg(type, type == RTM_NEWTFILTER ? NLM_F_CREATE | NLM_F_EXCL :
		      0, &tcm, kind);
}

/* ---- rates --------------------------------------------------------------------- */

static struct tc_ratespec tc_rate(uint64_t bits)
{
	return (struct tc_ratespec){
		.rate = (uint32_t)(bits / 8),
		.linklayer = TC_LINKLAYER_ETHERNET,
		/* Of a table that nobody looks at, but it must be valid. */
		.cell_log = 3,
	};
}

static uint32_t tc_burst(uint64_t bits)
{
	uint64_t bytes = bits / 8 * TC_BURST_MS / 1000;

	return bytes > TC_BURST_MIN ? (uint32_t)bytes : TC_BURST_MIN;
}

/* How long @bytes take at that rate. */
static uint32_t tc_ticks(uint64_t bits, uint32_t bytes)
{
	return (uint32_t)(UINT64_C(8000000000) * bytes / bits / TC_TICK_NS);
}

bool tc_is_fair(void)
{
	char text[32] = "";
	int fd = open(TC_DEFAULT, O_RDONLY | O_CLOEXEC);
	bool fair;

	if (fd < 0)
		return false;
	fair = read(fd, text, sizeof(text) - 1) > 0 && !strcmp(text, "fq_codel\n");
	close(fd);
	return fair;
}

int tc_few_flows(uint32_t ifindex, struct nl_err *err)
{
	return tc_fq_codel(ifindex, TC_H_ROOT, true, err);
}

int tc_shape(uint32_t ifindex, uint64_t rate, bool few, struct nl_err *err)
{
	const struct tcmsg tcm = {
		.tcm_ifindex = (int)ifindex,
		.tcm_parent = TC_H_ROOT,
		.tcm_handle = TC_ROOT,
	};
	const struct tc_tbf_qopt tbf = {
		.rate = tc_rate(rate),
		.limit = TC_QUEUE_MAX,
		.buffer = tc_ticks(rate, tc_burst(rate)),
	};
	struct nl_msg *msg = tc_msg(RTM_NEWQDISC, NLM_F_CREATE | NLM_F_REPLACE,
				    &tcm, "tbf");
	struct nlattr *options = tc_nest(msg, TCA_OPTIONS);

	nla_put(msg, TCA_TBF_PARMS, sizeof(tbf), &tbf);
	nla_put_u32(msg, TCA_TBF_BURST, tc_burst(rate));
	nla_nest_end(msg, options);
	if (tc_send(msg, err) < 0)
		return -1;
	/* When the rate is changed it is there already. */
	if (tc_fq_codel(ifindex, TC_ROOT | 1, few, err) < 0 && err->code != EEXIST)
		return -1;
	return 0;
}

static void tc_put_police(struct nl_msg *msg, uint64_t rate)
{
	static const uint8_t table[1024];
	const struct tc_police police = {
		.action = TC_ACT_SHOT,
		.burst = tc_ticks(rate, tc_burst(rate)),
		.mtu = UINT16_MAX,
		.rate = tc_rate(rate),
	};
	struct nlattr *action = tc_nest(msg, 1);
	struct nlattr *options;

	nla_put_string(msg, TCA_ACT_KIND, "police");
	options = tc_nest(msg, TCA_ACT_OPTIONS);
	nla_put(msg, TCA_POLICE_TBF, sizeof(police), &police);
	nla_put(msg, TCA_POLICE_RATE, sizeof(table), table);
	/* Below the rate: on to the next filter. */
	nla_put_u32(msg, TCA_POLICE_RESULT, (uint32_t)TC_ACT_UNSPEC);
	nla_nest_end(msg, options);
	nla_nest_end(msg, action);
}

int tc_police(uint32_t ifindex, uint64_t rate, struct nl_err *err)
{
	struct nlattr *options, *actions;
	struct nl_msg *msg;

	/* One that is there cannot be changed. */
	msg = tc_filter(RTM_DELTFILTER, ifindex, TC_PRIO_POLICE, ETH_P_ALL,
			"matchall");
	if (tc_send(msg, err) < 0 && err->code != ENOENT)
		return -1;
	msg = tc_filter(RTM_NEWTFILTER, ifindex, TC_PRIO_POLICE, ETH_P_ALL,
			"matchall");
	options = tc_nest(msg, TCA_OPTIONS);
	actions = tc_nest(msg, TCA_MATCHALL_ACT);
	tc_put_police(msg, rate);
	nla_nest_end(msg, actions);
	nla_nest_end(msg, options);
	return tc_send(msg, err);
}

/* ---- sources ------------------------------------------------------------------- */

int tc_ingress(uint32_t ifindex, struct nl_err *err)
{
	return tc_send(tc_qdisc(ifindex, TC_H_CLSACT, TC_H_MAKE(TC_H_CLSACT, 0), "clsact"), err);
}

int tc_drop(uint32_t ifindex, struct nl_err *err)
{
	const struct tc_gact drop = { .action = TC_ACT_SHOT };
	struct nl_msg *msg = tc_filter(RTM_NEWTFILTER, ifindex, TC_PRIO_DROP,
				       ETH_P_ALL, "matchall");
	struct nlattr *options = tc_nest(msg, TCA_OPTIONS);
	struct nlattr *actions = tc_nest(msg, TCA_MATCHALL_ACT);
	struct nlattr *action = tc_nest(msg, 1);
	struct nlattr *parms;

	nla_put_string(msg, TCA_ACT_KIND, "gact");
	parms = tc_nest(msg, TCA_ACT_OPTIONS);
	nla_put(msg, TCA_GACT_PARMS, sizeof(drop), &drop);
	nla_nest_end(msg, parms);
	nla_nest_end(msg, action);
	nla_nest_end(msg, actions);
	nla_nest_end(msg, options);
	return tc_send(msg, err);
}

/* A key for each word of the source address that counts. */
static struct tc_u32_key tc_key(const struct conf_route *source, int word)
{
	struct tc_u32_key key = {
		.off = (source->family == AF_INET ? 12 : 8) + 4 * word,
	};
	int bits = source->len - 32 * word;

	key.mask = htonl(bits < 32 ? UINT32_MAX << (32 - bits) : UINT32_MAX);
	memcpy(&key.val, source->addr + 4 * word, 4);
	return key;
}

static void tc_put_selector(struct nl_msg *msg, const struct conf_route *source)
{
	const struct tc_u32_sel head = {
		.flags = TC_U32_TERMINAL,
		.nkeys = (unsigned char)((source->len + 31) / 32),
	};
	uint8_t selector[sizeof(head) + 4 * sizeof(struct tc_u32_key)];
	size_t len = sizeof(head);

	memcpy(selector, &head, sizeof(head));
	for (int i = 0; i < head.nkeys; i++) {
		struct tc_u32_key key = tc_key(source, i);

		memcpy(selector + len, &key, sizeof(key));
		len += sizeof(key);
	}
	nla_put(msg, TCA_U32_SEL, (int)len, selector);
}

int tc_forget6(uint32_t ifindex, struct nl_err *err)
{
	struct nl_msg *msg = tc_filter(RTM_DELTFILTER, ifindex, TC_PRIO_IPV6, ETH_P_IPV6,
				       "u32");

	return tc_send(msg, err) < 0 && err->code != ENOENT ? -1 : 0;
}

int tc_allow(uint32_t ifindex, const struct conf_route *source,
	     struct nl_err *err)
{
	bool ipv4 = source->family == AF_INET;
	struct nl_msg *msg = tc_filter(RTM_NEWTFILTER, ifindex,
				       ipv4 ? TC_PRIO_IPV4 : TC_PRIO_IPV6,
				       ipv4 ? ETH_P_IP : ETH_P_IPV6, "u32");
	struct nlattr *options = tc_nest(msg, TCA_OPTIONS);

	nla_put_u32(msg, TCA_U32_CLASSID, TC_ROOT | 1);
	tc_put_selector(msg, source);
	nla_nest_end(msg, options);
	return tc_send(msg, err);
}
