// SPDX-License-Identifier: GPL-2.0-or-later
#include "netlink/netcfg.h"

#include <errno.h>
#include <linux/if_link.h>
#include <linux/ip.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include <netlink/route/addr.h>
#include <netlink/route/link.h>
#include <netlink/route/link/inet.h>
#include <netlink/route/link/inet6.h>
#include <netlink/route/link/vrf.h>
#include <netlink/route/route.h>

#include "lib/log.h"

#ifndef IFA_PROTO
#define IFA_PROTO	11 /* since Linux 5.18 */
#endif

/*
 * An interface that is in there is about to be deleted. Each request to delete takes the
 * kernel some grace periods, of however many interfaces: those of a group are one request.
 */
#define NETCFG_GROUP_GONE	0x73737470

/* So many at a time: others want to change interfaces, too. */
#define NETCFG_SWEEP_BATCH	64

static struct nl_sock *netcfg_sk;
static uint8_t netcfg_proto;

void netcfg_init(uint8_t mark)
{
	netcfg_proto = mark;
	netcfg_sk = nl_open(NETLINK_ROUTE);
}

uint8_t netcfg_mark(void)
{
	return netcfg_proto;
}

struct nl_sock *netcfg_use(struct nl_sock *sk)
{
	struct nl_sock *old = netcfg_sk;

	netcfg_sk = sk;
	return old;
}

struct nl_sock *netcfg_sock(void)
{
	return netcfg_sk;
}

/* Sends what a libnl "build request" function made, or says why it did not. */
static int netcfg_ask(int rc, struct nl_msg *msg, nl_recvmsg_msg_cb_t reply, void *arg,
		      struct nl_err *err)
{
	if (rc < 0) {
		err->code = EINVAL;
		snprintf(err->text, sizeof(err->text), "netlink: %s",
			 nl_geterror(rc));
		return -1;
	}
	return nl_talk(netcfg_sk, msg, reply, arg, err);
}

static int netcfg_send(int rc, struct nl_msg *msg, struct nl_err *err)
{
	return netcfg_ask(rc, msg, NULL, NULL, err);
}

static void *netcfg_need(void *object)
{
	if (!object)
		log_fatal("out of memory");
	return object;
}

/* ---- links ------------------------------------------------------------------ */

int netcfg_link_del(uint32_t ifindex, struct nl_err *err)
{
	struct rtnl_link *link = netcfg_need(rtnl_link_alloc());
	struct nl_msg *msg = NULL;
	int rc;

	rtnl_link_set_ifindex(link, (int)ifindex);
	rc = rtnl_link_build_delete_request(link, &msg);
	rtnl_link_put(link);
	return netcfg_send(rc, msg, err);
}

/* All interfaces of NETCFG_GROUP_GONE, by one request. */
static int netcfg_group_del(struct nl_err *err)
{
	struct nl_msg *msg = netcfg_need(nlmsg_alloc_simple(RTM_DELLINK, 0));
	struct ifinfomsg head = { .ifi_family = AF_UNSPEC };

	nlmsg_append(msg, &head, sizeof(head), NLMSG_ALIGNTO);
	nla_put_u32(msg, IFLA_GROUP, NETCFG_GROUP_GONE);
	return nl_talk(netcfg_sk, msg, NULL, NULL, err);
}

static void netcfg_links_del_each(const uint32_t *ifindexes, size_t n)
{
	struct nl_err err;

	for (size_t i = 0; i < n; i++)
		if (netcfg_link_del(ifindexes[i], &err) < 0 && err.code != ENODEV)
			log_warn("cannot remove interface number %u: %s", ifindexes[i],
				 err.text);
}

static bool netcfg_links_del_together(const uint32_t *ifindexes, size_t n)
{
	struct nl_err err;

	for (size_t i = 0; i < n; i++)
		if (netcfg_link_group(ifindexes[i], NETCFG_GROUP_GONE, &err) < 0 &&
		    err.code != ENODEV)
			return false;
	return netcfg_group_del(&err) == 0 || err.code == ENODEV;
}

void netcfg_links_del(const uint32_t *ifindexes, size_t n)
{
	if (n < 2 || !netcfg_links_del_together(ifindexes, n))
		netcfg_links_del_each(ifindexes, n);
}

/*
 * NULL if there is none, or the answer was lost; libnl then may well say that all
 * went well, and give no link.
 */
static struct rtnl_link *netcfg_link_get(uint32_t ifindex, const char *name)
{
	struct rtnl_link *link = NULL;

	if (rtnl_link_get_kernel(netcfg_sk, (int)ifindex, name, &link) == 0 &&
	    link)
		return link;
	nl_drain(netcfg_sk);
	return NULL;
}

static bool netcfg_link_is_called(struct rtnl_link *link, const char *alias)
{
	const char *has = rtnl_link_get_ifalias(link);

	return has && !strcmp(has, alias);
}

static bool netcfg_link_is(struct rtnl_link *link, const char *kind,
			   const char *alias)
{
	const char *has_kind = rtnl_link_get_type(link);

	return has_kind && !strcmp(has_kind, kind) && netcfg_link_is_called(link, alias);
}

bool netcfg_link_has_alias(uint32_t ifindex, const char *alias)
{
	struct rtnl_link *link = netcfg_link_get(ifindex, NULL);
	bool same = link && netcfg_link_is_called(link, alias);

	if (link)
		rtnl_link_put(link);
	return same;
}

void netcfg_link_sweep(const char *kind, const char *alias,
		       bool (*used)(const void *arg, uint32_t ifindex), const void *arg)
{
	uint32_t unused[NETCFG_SWEEP_BATCH] = { 0 };
	struct nl_cache *links;
	struct rtnl_link *link;
	uint32_t n = 0;

	if (rtnl_link_alloc_cache(netcfg_sk, AF_UNSPEC, &links) < 0)
		return;
	for (struct nl_object *o = nl_cache_get_first(links); o; o = nl_cache_get_next(o)) {
		link = (struct rtnl_link *)o;
		if (!netcfg_link_is(link, kind, alias) ||
		    used(arg, (uint32_t)rtnl_link_get_ifindex(link)))
			continue;
		log_info("removing %s, left by an earlier run", rtnl_link_get_name(link));
		unused[n++] = (uint32_t)rtnl_link_get_ifindex(link);
		if (n == NETCFG_SWEEP_BATCH) {
			netcfg_links_del(unused, n);
			n = 0;
		}
	}
	netcfg_links_del(unused, n);
	nl_cache_free(links);
}

int netcfg_link_find(const char *name, const char *kind, uint32_t *ifindex,
		     struct nl_err *err)
{
	struct rtnl_link *link = netcfg_link_get(0, name);
	const char *is;
	int rc = 0;

	if (!link) {
		err->code = ENODEV;
		snprintf(err->text, sizeof(err->text), "no interface %s", name);
		return -1;
	}
	is = rtnl_link_get_type(link);
	if (kind && (!is || strcmp(is, kind))) {
		err->code = EEXIST;
		snprintf(err->text, sizeof(err->text),
			 "interface %s exists and is not of type %s", name,
			 kind);
		rc = -1;
	}
	*ifindex = (uint32_t)rtnl_link_get_ifindex(link);
	rtnl_link_put(link);
	return rc;
}

int netcfg_link_name(uint32_t ifindex, char name[IFNAMSIZ], struct nl_err *err)
{
	struct rtnl_link *link = netcfg_link_get(ifindex, NULL);

	if (!link) {
		err->code = ENODEV;
		snprintf(err->text, sizeof(err->text), "no interface number %u", ifindex);
		return -1;
	}
	snprintf(name, IFNAMSIZ, "%s", rtnl_link_get_name(link));
	rtnl_link_put(link);
	return 0;
}

static int netcfg_link_change(uint32_t ifindex, struct rtnl_link *change,
			      struct nl_err *err)
{
	struct rtnl_link *which = netcfg_need(rtnl_link_alloc());
	struct nl_msg *msg = NULL;
	int rc;

	rtnl_link_set_ifindex(which, (int)ifindex);
	rc = rtnl_link_build_change_request(which, change, 0, &msg);
	rtnl_link_put(which);
	rtnl_link_put(change);
	return netcfg_send(rc, msg, err);
}

/* A request of its own: the kernel ignores an alias while it makes a link. */
static void netcfg_link_mark(uint32_t ifindex, const char *alias)
{
	struct rtnl_link *change = netcfg_need(rtnl_link_alloc());
	struct nl_err err;

	rtnl_link_set_ifalias(change, alias);
	if (netcfg_link_change(ifindex, change, &err) < 0)
		log_warn("alias of interface number %u: %s", ifindex, err.text);
}

static int netcfg_on_added(struct nl_msg *msg, void *arg)
{
	const struct ifinfomsg *ifi = nlmsg_data(nlmsg_hdr(msg));

	if (nlmsg_hdr(msg)->nlmsg_type == RTM_NEWLINK)
		*(uint32_t *)arg = (uint32_t)ifi->ifi_index;
	return NL_OK;
}

int netcfg_link_add(const char *name, const char *kind, const char *alias,
		    uint32_t queues, uint32_t *ifindex, struct nl_err *err)
{
	struct rtnl_link *link = netcfg_need(rtnl_link_alloc());
	struct nl_msg *msg = NULL;
	int rc;

	*ifindex = 0;
	rtnl_link_set_name(link, name);
	if (queues > 1) {
		rtnl_link_set_num_tx_queues(link, queues);
		rtnl_link_set_num_rx_queues(link, queues);
	}
	rc = rtnl_link_set_type(link, kind);
	if (rc >= 0)
		rc = rtnl_link_build_add_request(link, NLM_F_CREATE | NLM_F_EXCL | NLM_F_ECHO,
						 &msg);
	rtnl_link_put(link);
	if (netcfg_ask(rc, msg, netcfg_on_added, ifindex, err) < 0)
		return -1;
	/* Kernels before 6.2 do not say. */
	if (!*ifindex && netcfg_link_find(name, NULL, ifindex, err) < 0)
		return -1;
	netcfg_link_mark(*ifindex, alias);
	return 0;
}

int netcfg_link_up(uint32_t ifindex, uint32_t mtu, struct nl_err *err)
{
	struct rtnl_link *change;

	/*
	 * The link-local address is the one IPV6CP negotiated, or none. A
	 * request of its own: the kernel would act on IFF_UP first. It fails
	 * where there is no IPv6, and then it is not needed.
	 */
	change = netcfg_need(rtnl_link_alloc());
	rtnl_link_inet6_set_addr_gen_mode(change, IN6_ADDR_GEN_MODE_NONE);
	if (netcfg_link_change(ifindex, change, err) < 0)
		log_debug("IPv6 address generation: %s", err->text);

	change = netcfg_need(rtnl_link_alloc());
	rtnl_link_set_mtu(change, mtu);
	rtnl_link_set_flags(change, IFF_UP);
	/*
	 * A new address with the old one's peer is a secondary of that to the
	 * kernel, and without this would go with it, and all routes with both.
	 */
	rtnl_link_inet_set_conf(change, IPV4_DEVCONF_PROMOTE_SECONDARIES, 1);
	return netcfg_link_change(ifindex, change, err);
}

int netcfg_link_down(uint32_t ifindex, struct nl_err *err)
{
	struct rtnl_link *change = netcfg_need(rtnl_link_alloc());

	rtnl_link_unset_flags(change, IFF_UP);
	return netcfg_link_change(ifindex, change, err);
}

int netcfg_link_group(uint32_t ifindex, uint32_t group, struct nl_err *err)
{
	struct rtnl_link *change = netcfg_need(rtnl_link_alloc());

	rtnl_link_set_group(change, group);
	return netcfg_link_change(ifindex, change, err);
}

int netcfg_link_enslave(uint32_t ifindex, const char *vrf, uint32_t *table,
			struct nl_err *err)
{
	struct rtnl_link *master, *change;
	uint32_t index;

	if (netcfg_link_find(vrf, "vrf", &index, err) < 0)
		return -1;
	if (rtnl_link_get_kernel(netcfg_sk, (int)index, NULL, &master) < 0) {
		err->code = ENODEV;
		snprintf(err->text, sizeof(err->text), "no interface %s", vrf);
		return -1;
	}
	*table = 0;
	rtnl_link_vrf_get_tableid(master, table);
	rtnl_link_put(master);
	change = netcfg_need(rtnl_link_alloc());
	rtnl_link_set_master(change, (int)index);
	return netcfg_link_change(ifindex, change, err);
}

/* ---- counters ------------------------------------------------------------------ */

struct netcfg_counting {
	netcfg_count_fn each;
	void *arg;
};

static int netcfg_on_stats(struct nl_msg *msg, void *arg)
{
	const struct if_stats_msg *head = nlmsg_data(nlmsg_hdr(msg));
	const struct netcfg_counting *counting = arg;
	struct rtnl_link_stats64 stats = { 0 };
	const struct nlattr *attr;
	struct netcfg_counts counts;

	attr = nlmsg_find_attr(nlmsg_hdr(msg), sizeof(*head), IFLA_STATS_LINK_64);
	if (!attr)
		return NL_OK;
	nla_memcpy(&stats, attr, sizeof(stats));
	counts = (struct netcfg_counts){
		.rx_bytes = stats.rx_bytes,
		.tx_bytes = stats.tx_bytes,
		.rx_packets = stats.rx_packets,
		.tx_packets = stats.tx_packets,
	};
	counting->each(counting->arg, head->ifindex, &counts);
	return NL_OK;
}

/* All that RTM_GETLINK would say takes the kernel many times as long. */
static int netcfg_get_stats(uint32_t ifindex, int flags, netcfg_count_fn each, void *arg)
{
	struct nl_msg *msg = netcfg_need(nlmsg_alloc_simple(RTM_GETSTATS, flags));
	struct netcfg_counting counting = { .each = each, .arg = arg };
	struct if_stats_msg head = {
		.ifindex = ifindex,
		.filter_mask = IFLA_STATS_FILTER_BIT(IFLA_STATS_LINK_64),
	};
	struct nl_err err;

	nlmsg_append(msg, &head, sizeof(head), NLMSG_ALIGNTO);
	return nl_talk(netcfg_sk, msg, netcfg_on_stats, &counting, &err);
}

static void netcfg_take_counts(void *arg, uint32_t ifindex, const struct netcfg_counts *counts)
{
	(void)ifindex;
	*(struct netcfg_counts *)arg = *counts;
}

int netcfg_link_counts(uint32_t ifindex, struct netcfg_counts *counts)
{
	memset(counts, 0, sizeof(*counts));
	return netcfg_get_stats(ifindex, 0, netcfg_take_counts, counts);
}

int netcfg_links_counts(netcfg_count_fn each, void *arg)
{
	return netcfg_get_stats(0, NLM_F_DUMP, each, arg);
}

/* ---- addresses ----------------------------------------------------------------- */

/* @how: NLM_F_*, 0 = delete */
static int netcfg_addr_do(struct rtnl_addr *addr, int how, struct nl_err *err)
{
	struct nl_msg *msg = NULL;
	int rc;

	if (how)
		rc = rtnl_addr_build_add_request(addr, how, &msg);
	else
		rc = rtnl_addr_build_delete_request(addr, 0, &msg);
	rtnl_addr_put(addr);
	if (how && rc >= 0 && nla_put_u8(msg, IFA_PROTO, netcfg_proto) < 0)
		log_fatal("out of memory");
	return netcfg_send(rc, msg, err);
}

static int netcfg_addr(struct rtnl_addr *addr, bool add, struct nl_err *err)
{
	return netcfg_addr_do(addr, add ? NLM_F_CREATE | NLM_F_REPLACE : 0, err);
}

int netcfg_addr4(uint32_t ifindex, struct in_addr local, struct in_addr peer,
		 bool add, struct nl_err *err)
{
	struct rtnl_addr *addr = netcfg_need(rtnl_addr_alloc());
	struct nl_addr *nl;

	rtnl_addr_set_ifindex(addr, (int)ifindex);
	nl = netcfg_need(nl_addr_build(AF_INET, &local, sizeof(local)));
	rtnl_addr_set_local(addr, nl);
	nl_addr_put(nl);
	/* A server need not tell its own address. */
	if (peer.s_addr) {
		nl = netcfg_need(nl_addr_build(AF_INET, &peer, sizeof(peer)));
		rtnl_addr_set_peer(addr, nl);
		nl_addr_put(nl);
	}
	rtnl_addr_set_prefixlen(addr, 32);
	return netcfg_addr(addr, add, err);
}

int netcfg_addr6(uint32_t ifindex, const uint8_t ifid[8], bool add,
		 struct nl_err *err)
{
	struct rtnl_addr *addr = netcfg_need(rtnl_addr_alloc());
	uint8_t bytes[16] = { 0xfe, 0x80 };
	struct nl_addr *nl;

	memcpy(bytes + 8, ifid, 8);
	nl = netcfg_need(nl_addr_build(AF_INET6, bytes, sizeof(bytes)));
	nl_addr_set_prefixlen(nl, 64);
	rtnl_addr_set_ifindex(addr, (int)ifindex);
	rtnl_addr_set_local(addr, nl);
	nl_addr_put(nl);
	rtnl_addr_set_prefixlen(addr, 64);
	/* There is nobody else on this link to collide with. */
	rtnl_addr_set_flags(addr, IFA_F_NODAD);
	return netcfg_addr(addr, add, err);
}

/* No prefix route: who has an address of a prefix need not have all the others there. */
int netcfg_addr6_prefix(uint32_t ifindex, const struct in6_addr *local, bool ours,
			uint32_t preferred_s, uint32_t valid_s, struct nl_err *err)
{
	int how = NLM_F_CREATE | (ours ? NLM_F_REPLACE : NLM_F_EXCL);
	struct rtnl_addr *addr = netcfg_need(rtnl_addr_alloc());
	struct nl_addr *nl;

	nl = netcfg_need(nl_addr_build(AF_INET6, local, sizeof(*local)));
	rtnl_addr_set_ifindex(addr, (int)ifindex);
	rtnl_addr_set_local(addr, nl);
	nl_addr_put(nl);
	rtnl_addr_set_prefixlen(addr, 64);
	rtnl_addr_set_flags(addr, IFA_F_NODAD | IFA_F_NOPREFIXROUTE);
	rtnl_addr_set_preferred_lifetime(addr, preferred_s);
	rtnl_addr_set_valid_lifetime(addr, valid_s);
	return netcfg_addr_do(addr, valid_s ? how : 0, err);
}

/* ---- routes ---------------------------------------------------------------------- */

static size_t netcfg_addr_size(uint8_t family)
{
	return family == AF_INET ? 4 : 16;
}

static struct nl_addr *netcfg_prefix(const struct conf_route *route)
{
	struct nl_addr *nl;

	nl = netcfg_need(nl_addr_build(route->family, route->addr,
				       netcfg_addr_size(route->family)));
	nl_addr_set_prefixlen(nl, route->len);
	return nl;
}

/* As long as nothing is said, the kernel's are 0 for IPv4, 1024 for IPv6. */
static void netcfg_route_leads(struct rtnl_route *route, const struct netcfg_via *via)
{
	struct rtnl_nexthop *nh;

	if (via->table)
		rtnl_route_set_table(route, via->table);
	if (via->metric)
		rtnl_route_set_priority(route, via->metric);
	if (via->unreachable) {
		rtnl_route_set_type(route, RTN_UNREACHABLE);
		return;
	}
	nh = netcfg_need(rtnl_route_nh_alloc());
	rtnl_route_nh_set_ifindex(nh, (int)via->ifindex);
	rtnl_route_set_scope(route, RT_SCOPE_LINK);
	rtnl_route_add_nexthop(route, nh);
}

int netcfg_route(const struct conf_route *dst, const struct netcfg_via *via,
		 bool add, struct nl_err *err)
{
	struct rtnl_route *route = netcfg_need(rtnl_route_alloc());
	struct nl_addr *nl = netcfg_prefix(dst);
	struct nl_msg *msg = NULL;
	int rc;

	rtnl_route_set_family(route, dst->family);
	rtnl_route_set_protocol(route, netcfg_proto);
	rtnl_route_set_dst(route, nl);
	nl_addr_put(nl);
	netcfg_route_leads(route, via);
	if (add)
		rc = rtnl_route_build_add_request(route, NLM_F_CREATE |
						  NLM_F_EXCL, &msg);
	else
		rc = rtnl_route_build_del_request(route, 0, &msg);
	rtnl_route_put(route);
	return netcfg_send(rc, msg, err);
}

/* ---- which way? -------------------------------------------------------------------- */

static void netcfg_get_addr(struct conf_route *route, const struct nlattr *attr)
{
	if (!attr || (nla_len(attr) != 4 && nla_len(attr) != 16))
		return;
	route->family = nla_len(attr) == 4 ? AF_INET : AF_INET6;
	route->len = (uint8_t)(8 * nla_len(attr));
	memcpy(route->addr, nla_data(attr), (size_t)nla_len(attr));
}

/** struct netcfg_found - an answer to RTM_GETROUTE; @type: RTN_* */
struct netcfg_found {
	struct netcfg_way way;
	unsigned char type;
	unsigned char len;
	bool gateway;
};

static int netcfg_on_found(struct nl_msg *msg, void *arg)
{
	struct rtmsg *rtm = nlmsg_data(nlmsg_hdr(msg));
	struct nlattr *tb[RTA_MAX + 1];
	struct netcfg_found *found = arg;

	if (nlmsg_parse(nlmsg_hdr(msg), sizeof(*rtm), tb, RTA_MAX, NULL) < 0)
		return NL_SKIP;
	found->type = rtm->rtm_type;
	found->len = rtm->rtm_dst_len;
	found->gateway = tb[RTA_GATEWAY] || tb[RTA_VIA] || tb[RTA_MULTIPATH];
	if (tb[RTA_OIF])
		found->way.ifindex = nla_get_u32(tb[RTA_OIF]);
	netcfg_get_addr(&found->way.gateway, tb[RTA_GATEWAY]);
	netcfg_get_addr(&found->way.local, tb[RTA_PREFSRC]);
	return NL_OK;
}

/* @flags: RTM_F_* */
static int netcfg_find(const struct conf_route *host, uint32_t mark, unsigned int flags,
		       struct netcfg_found *found, struct nl_err *err)
{
	struct nl_msg *msg = nlmsg_alloc_simple(RTM_GETROUTE, 0);
	struct rtmsg rtm = { .rtm_family = host->family, .rtm_flags = flags };

	rtm.rtm_dst_len = (unsigned char)(8 * netcfg_addr_size(host->family));
	memset(found, 0, sizeof(*found));
	if (!msg || nlmsg_append(msg, &rtm, sizeof(rtm), NLMSG_ALIGNTO) < 0 ||
	    nla_put(msg, RTA_DST, (int)netcfg_addr_size(host->family),
		    host->addr) < 0 ||
	    (mark && nla_put_u32(msg, RTA_MARK, mark) < 0))
		log_fatal("out of memory");
	return nl_talk(netcfg_sk, msg, netcfg_on_found, found, err);
}

int netcfg_way_to(const struct conf_route *host, uint32_t mark, struct netcfg_way *way,
		  struct nl_err *err)
{
	struct netcfg_found found;

	if (netcfg_find(host, mark, 0, &found, err) < 0)
		return -1;
	*way = found.way;
	if (found.type == RTN_UNICAST || found.type == RTN_LOCAL)
		return 0;
	err->code = EHOSTUNREACH;
	snprintf(err->text, sizeof(err->text), "%s", strerror(EHOSTUNREACH));
	return -1;
}

bool netcfg_is_local(const struct conf_route *host)
{
	struct netcfg_found found;
	struct nl_err err;

	return netcfg_find(host, 0, 0, &found, &err) == 0 && found.type == RTN_LOCAL;
}

/* A route that is shorter is that of a tunnel which takes all, or half of it. */
#define NETCFG_NEAR_LEN	4

/*
 * There need not be any. One that forbids to go there is somebody's wish, unless it is
 * one of ours: only those without the mark see these.
 */
static bool netcfg_is_near_for(const struct conf_route *host, uint32_t ifindex,
			       uint32_t mark)
{
	struct netcfg_found found;
	struct nl_err err;

	if (netcfg_find(host, mark, RTM_F_FIB_MATCH, &found, &err) < 0)
		return mark && err.code != ENETUNREACH;
	if (!mark && found.type == RTN_UNREACHABLE)
		return false;
	return found.way.ifindex && found.way.ifindex != ifindex && !found.gateway &&
	       found.len >= NETCFG_NEAR_LEN;
}

bool netcfg_is_near(const struct in6_addr *addr, uint32_t ifindex, uint32_t mark)
{
	struct conf_route host = { .family = AF_INET6, .len = 128 };

	memcpy(host.addr, addr, sizeof(*addr));
	return netcfg_is_near_for(&host, ifindex, mark) ||
	       netcfg_is_near_for(&host, ifindex, 0);
}

/* ---- what an earlier run left ------------------------------------------------------ */

#define NETCFG_LEFT_MAX	256

/*
 * Requests to delete: they cannot be sent while the list still comes. @own: interfaces
 * that are ours, whatever they are. @ifindex: 0 = it has none, and was looked at.
 */
struct netcfg_left {
	const uint32_t *own;
	unsigned int n_own;
	bool (*keep)(const struct netcfg_left_route *route);
	struct nl_msg *del[NETCFG_LEFT_MAX];
	uint32_t ifindex[NETCFG_LEFT_MAX];
	unsigned int n;
};

/* Another daemon may have the same mark; what is on its tunnels is its own. */
static bool netcfg_left_is_ours(const struct netcfg_left *left, uint32_t ifindex)
{
	struct rtnl_link *link;
	const char *kind;
	bool tunnel;

	if (!ifindex)
		return true;
	for (unsigned int i = 0; i < left->n_own; i++)
		if (left->own[i] == ifindex)
			return true;
	link = netcfg_link_get(ifindex, NULL);
	if (!link)
		return true;
	kind = rtnl_link_get_type(link);
	tunnel = kind && (!strcmp(kind, "sstp") || !strcmp(kind, "tun"));
	rtnl_link_put(link);
	return !tunnel;
}

static void netcfg_left_add(struct netcfg_left *left, struct nl_msg *msg, int type,
			    uint32_t ifindex)
{
	struct nlmsghdr *nlh = nlmsg_hdr(msg);
	struct nl_msg *del;

	if (left->n == NETCFG_LEFT_MAX)
		return;
	del = nlmsg_alloc_simple(type, 0);
	if (!del || nlmsg_append(del, nlmsg_data(nlh), (size_t)nlmsg_datalen(nlh),
				 NLMSG_ALIGNTO) < 0)
		log_fatal("out of memory");
	left->ifindex[left->n] = ifindex;
	left->del[left->n++] = del;
}

/* IPv6 has them on lo. */
static bool netcfg_left_keeps(const struct netcfg_left *left, const struct rtmsg *rtm,
			      struct nlattr **tb)
{
	struct netcfg_left_route route = {
		.dst.family = rtm->rtm_family,
		.via = { .unreachable = true, .table = rtm->rtm_table },
	};

	netcfg_get_addr(&route.dst, tb[RTA_DST]);
	route.dst.len = rtm->rtm_dst_len;
	if (tb[RTA_TABLE])
		route.via.table = nla_get_u32(tb[RTA_TABLE]);
	if (tb[RTA_PRIORITY])
		route.via.metric = nla_get_u32(tb[RTA_PRIORITY]);
	return left->keep(&route);
}

static int netcfg_on_left_route(struct nl_msg *msg, void *arg)
{
	const struct rtmsg *rtm = nlmsg_data(nlmsg_hdr(msg));
	struct nlattr *tb[RTA_MAX + 1];

	if (rtm->rtm_protocol != netcfg_proto || rtm->rtm_flags & RTM_F_CLONED ||
	    nlmsg_parse(nlmsg_hdr(msg), sizeof(*rtm), tb, RTA_MAX, NULL) < 0)
		return NL_OK;
	if (rtm->rtm_type == RTN_UNREACHABLE) {
		if (!netcfg_left_keeps(arg, rtm, tb))
			netcfg_left_add(arg, msg, RTM_DELROUTE, 0);
	} else if (tb[RTA_OIF]) {
		netcfg_left_add(arg, msg, RTM_DELROUTE, nla_get_u32(tb[RTA_OIF]));
	}
	return NL_OK;
}

static int netcfg_on_left_addr(struct nl_msg *msg, void *arg)
{
	const struct ifaddrmsg *ifa = nlmsg_data(nlmsg_hdr(msg));
	struct nlattr *proto = nlmsg_find_attr(nlmsg_hdr(msg), sizeof(*ifa), IFA_PROTO);

	if (proto && nla_get_u8(proto) == netcfg_proto)
		netcfg_left_add(arg, msg, RTM_DELADDR, ifa->ifa_index);
	return NL_OK;
}

/* @type: RTM_GETROUTE or RTM_GETADDR; @head: its header, of @size bytes */
static void netcfg_sweep_some(int type, const void *head, size_t size,
			      nl_recvmsg_msg_cb_t on_one, struct netcfg_left *left)
{
	struct nl_msg *msg = nlmsg_alloc_simple(type, NLM_F_DUMP);
	int fd = nl_socket_get_fd(netcfg_sk);
	int strict = 1;
	struct nl_err err;
	unsigned int gone = 0;

	if (!msg || nlmsg_append(msg, (void *)head, size, NLMSG_ALIGNTO) < 0)
		log_fatal("out of memory");
	left->n = 0;
	/* The kernel looks at the protocol then: a router has a million others. */
	setsockopt(fd, SOL_NETLINK, NETLINK_GET_STRICT_CHK, &strict, sizeof(strict));
	nl_talk(netcfg_sk, msg, on_one, left, &err);
	strict = 0;
	setsockopt(fd, SOL_NETLINK, NETLINK_GET_STRICT_CHK, &strict, sizeof(strict));
	for (unsigned int i = 0; i < left->n; i++)
		if (netcfg_left_is_ours(left, left->ifindex[i]))
			gone += nl_talk(netcfg_sk, left->del[i], NULL, NULL, &err) == 0;
		else
			nlmsg_free(left->del[i]);
	if (gone)
		log_info("removed %u %s, left by an earlier run", gone,
			 type == RTM_GETROUTE ? "routes" : "addresses");
}

void netcfg_sweep(const uint32_t *own, unsigned int n,
		  bool (*keep)(const struct netcfg_left_route *route))
{
	static const uint8_t families[] = { AF_INET, AF_INET6 };
	struct netcfg_left left = { .own = own, .n_own = n, .keep = keep };

	for (int i = 0; i < 2; i++) {
		const struct rtmsg rtm = {
			.rtm_family = families[i],
			.rtm_protocol = netcfg_proto,
		};
		const struct ifaddrmsg ifa = { .ifa_family = families[i] };

		netcfg_sweep_some(RTM_GETROUTE, &rtm, sizeof(rtm), netcfg_on_left_route,
				  &left);
		netcfg_sweep_some(RTM_GETADDR, &ifa, sizeof(ifa), netcfg_on_left_addr,
				  &left);
	}
}

/* ---- prefixes ---------------------------------------------------------------------- */

void netcfg_route_host(const struct sockaddr_storage *ss,
		       struct conf_route *route)
{
	memset(route, 0, sizeof(*route));
	route->family = (uint8_t)ss->ss_family;
	route->len = (uint8_t)(8 * netcfg_addr_size(route->family));
	if (ss->ss_family == AF_INET)
		memcpy(route->addr,
		       &((const struct sockaddr_in *)ss)->sin_addr, 4);
	else
		memcpy(route->addr,
		       &((const struct sockaddr_in6 *)ss)->sin6_addr, 16);
}

bool netcfg_route_covers(const struct conf_route *route,
			 const struct conf_route *host)
{
	unsigned int i;

	if (route->family != host->family)
		return false;
	for (i = 0; i < route->len; i++)
		if ((route->addr[i / 8] ^ host->addr[i / 8]) & (0x80 >> (i % 8)))
			return false;
	return true;
}
