// SPDX-License-Identifier: GPL-2.0-or-later
#include "rtnl.h"

#include <arpa/inet.h>
#include <linux/net_namespace.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>

struct nl_sock *rtnl_open(void)
{
	struct nl_sock *sk = nl_socket_alloc();

	if (sk && nl_connect(sk, NETLINK_ROUTE) < 0) {
		nl_socket_free(sk);
		return NULL;
	}
	return sk;
}

void rtnl_close(struct nl_sock *sk)
{
	nl_socket_free(sk);
}

/* NULL if memory is short, which call() minds. */
static struct nl_msg *link_msg(int type, int flags, const struct ifinfomsg *info)
{
	struct nl_msg *msg = nlmsg_alloc_simple(type, flags);

	if (msg)
		nlmsg_append(msg, (void *)info, sizeof(*info), NLMSG_ALIGNTO);
	return msg;
}

/* Send, and wait for the kernel's answer. */
static int call(struct nl_sock *sk, struct nl_msg *msg)
{
	return msg && nl_send_sync(sk, msg) >= 0 ? 0 : -1;
}

int rtnl_add_sstp(struct nl_sock *sk, const char *name, unsigned int mtu)
{
	struct ifinfomsg info = { .ifi_flags = IFF_UP, .ifi_change = IFF_UP };
	struct nl_msg *msg = link_msg(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &info);
	struct nlattr *link;

	if (!msg)
		return -1;
	nla_put_string(msg, IFLA_IFNAME, name);
	nla_put_u32(msg, IFLA_MTU, mtu);
	link = nla_nest_start(msg, IFLA_LINKINFO);
	nla_put_string(msg, IFLA_INFO_KIND, "sstp");
	nla_nest_end(msg, link);
	return call(sk, msg);
}

int rtnl_add_address(struct nl_sock *sk, int ifindex, const char *addr, int prefix)
{
	struct ifaddrmsg info = {
		.ifa_family = AF_INET, .ifa_prefixlen = prefix, .ifa_index = ifindex,
	};
	struct nl_msg *msg = nlmsg_alloc_simple(RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL);
	struct in_addr in;

	if (!msg || inet_pton(AF_INET, addr, &in) != 1) {
		nlmsg_free(msg);
		return -1;
	}
	nlmsg_append(msg, &info, sizeof(info), NLMSG_ALIGNTO);
	nla_put(msg, IFA_LOCAL, sizeof(in), &in);
	return call(sk, msg);
}

int rtnl_set_up(struct nl_sock *sk, int ifindex, bool up)
{
	struct ifinfomsg info = {
		.ifi_index = ifindex, .ifi_flags = up ? IFF_UP : 0, .ifi_change = IFF_UP,
	};

	return call(sk, link_msg(RTM_NEWLINK, 0, &info));
}

int rtnl_delete(struct nl_sock *sk, int ifindex)
{
	struct ifinfomsg info = { .ifi_index = ifindex };

	return call(sk, link_msg(RTM_DELLINK, 0, &info));
}

static struct nl_msg *netns_msg(int type, int id)
{
	struct rtgenmsg info = { .rtgen_family = AF_UNSPEC };
	struct nl_msg *msg = nlmsg_alloc_simple(type, 0);

	if (msg) {
		nlmsg_append(msg, &info, sizeof(info), NLMSG_ALIGNTO);
		nla_put_s32(msg, NETNSA_NSID, id);
	}
	return msg;
}

int rtnl_name_netns(struct nl_sock *sk, int netns, int id)
{
	struct nl_msg *msg = netns_msg(RTM_NEWNSID, id);

	if (msg)
		nla_put_u32(msg, NETNSA_FD, netns);
	return call(sk, msg);
}

int rtnl_find_netns(struct nl_sock *sk, int id)
{
	return call(sk, netns_msg(RTM_GETNSID, id));
}
