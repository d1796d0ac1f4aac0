/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Interfaces, addresses and routes of the network namespace that the socket in
 * use belongs to, through rtnetlink. Runs in the parent. Functions return 0, or -1 with the reason.
 */
#ifndef SSTPD_NETCFG_H
#define SSTPD_NETCFG_H

#include <net/if.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include "data/settings.h"
#include "netlink/nl.h"

/**
 * netcfg_init() - @mark: who made a route or an address, RTA_PROTOCOL and IFA_PROTO;
 *	what carries it when the daemon starts is of an earlier run
 */
void netcfg_init(uint8_t mark);
/** netcfg_mark() - what was given to netcfg_init() */
uint8_t netcfg_mark(void);
/** netcfg_use() - send requests by this socket, return the one before */
struct nl_sock *netcfg_use(struct nl_sock *sk);
/** netcfg_sock() - the one in use */
struct nl_sock *netcfg_sock(void);

/**
 * netcfg_link_add() - make a link of @kind; err->code is EEXIST if it exists
 * @alias: says who made it (ip link show)
 * @queues: so many it has in each direction
 * @ifindex: receives its number
 */
int netcfg_link_add(const char *name, const char *kind, const char *alias,
		    uint32_t queues, uint32_t *ifindex, struct nl_err *err);

/** netcfg_link_sweep() - delete every link of @kind and @alias that is not @used */
void netcfg_link_sweep(const char *kind, const char *alias,
		       bool (*used)(const void *arg, uint32_t ifindex), const void *arg);
/** netcfg_link_has_alias() - is @ifindex there, and called so? */
bool netcfg_link_has_alias(uint32_t ifindex, const char *alias);
int netcfg_link_del(uint32_t ifindex, struct nl_err *err);
/**
 * netcfg_links_del() - delete these, in the time that it takes for one
 *
 * Those that are not there are no error; of others the log tells.
 */
void netcfg_links_del(const uint32_t *ifindexes, size_t n);

/**
 * netcfg_link_find() - index of a link
 * @kind: what it must be, NULL = anything
 */
int netcfg_link_find(const char *name, const char *kind, uint32_t *ifindex,
		     struct nl_err *err);

/** netcfg_link_name() - what it is called now; fails if it is gone */
int netcfg_link_name(uint32_t ifindex, char name[IFNAMSIZ], struct nl_err *err);

/** netcfg_link_up() - set the MTU, no automatic IPv6 address, up */
int netcfg_link_up(uint32_t ifindex, uint32_t mtu, struct nl_err *err);

/** netcfg_link_down() - its addresses of IPv6 and its routes go, too */
int netcfg_link_down(uint32_t ifindex, struct nl_err *err);

/** netcfg_link_group() - what firewall rules know it by */
int netcfg_link_group(uint32_t ifindex, uint32_t group, struct nl_err *err);

/**
 * netcfg_link_enslave() - make it part of a VRF
 * @table: receives the VRF's routing table
 */
int netcfg_link_enslave(uint32_t ifindex, const char *vrf, uint32_t *table,
			struct nl_err *err);

/** struct netcfg_counts - IP packets and bytes that a link has carried */
struct netcfg_counts {
	uint64_t rx_bytes;
	uint64_t tx_bytes;
	uint64_t rx_packets;
	uint64_t tx_packets;
};

/** netcfg_link_counts() - since the link exists; zeros if it does not */
int netcfg_link_counts(uint32_t ifindex, struct netcfg_counts *counts);

typedef void (*netcfg_count_fn)(void *arg, uint32_t ifindex,
				const struct netcfg_counts *counts);
/** netcfg_links_counts() - of all links, by one request; @each: called for each of them */
int netcfg_links_counts(netcfg_count_fn each, void *arg);

/* Point-to-point IPv4 address; link-local IPv6 address from an identifier. */
int netcfg_addr4(uint32_t ifindex, struct in_addr local, struct in_addr peer,
		 bool add, struct nl_err *err);
int netcfg_addr6(uint32_t ifindex, const uint8_t ifid[8], bool add,
		 struct nl_err *err);

/**
 * netcfg_addr6_prefix() - set, renew, or delete an address made of a /64
 * @ours: it was set by us; else err->code is EEXIST if it is there
 * @preferred_s: seconds, 0xffffffff = for ever
 * @valid_s: seconds, after which the kernel removes it; 0 = now
 *
 * It makes no route to the prefix.
 */
int netcfg_addr6_prefix(uint32_t ifindex, const struct in6_addr *local, bool ours,
			uint32_t preferred_s, uint32_t valid_s, struct nl_err *err);

/**
 * struct netcfg_via - where a route leads
 * @ifindex: interface
 * @unreachable: nowhere: who sends there is told so; no interface then
 * @table: routing table, 0 = main
 * @metric: of several to the same destination the least counts, 0 = as the kernel does
 */
struct netcfg_via {
	uint32_t ifindex;
	bool unreachable;
	uint32_t table;
	uint32_t metric;
};

/** netcfg_route() - add or delete; err->code is EEXIST if there is one */
int netcfg_route(const struct conf_route *dst, const struct netcfg_via *via,
		 bool add, struct nl_err *err);

/** struct netcfg_left_route - one that carries our mark */
struct netcfg_left_route {
	struct conf_route dst;
	struct netcfg_via via;
};

/**
 * netcfg_sweep() - delete the routes and addresses that carry our mark
 * @own: @n tunnels that are ours; what is on those of others stays
 * @keep: says which of the unreachable ones stay
 */
void netcfg_sweep(const uint32_t *own, unsigned int n,
		  bool (*keep)(const struct netcfg_left_route *route));

/**
 * struct netcfg_way - how packets leave this host
 * @ifindex: by which interface
 * @gateway: to which router, family 0 = to the destination itself
 * @local: from which of our addresses, family 0 = not said
 */
struct netcfg_way {
	uint32_t ifindex;
	struct conf_route gateway;
	struct conf_route local;
};

/** netcfg_way_to() - how those to @host leave now, if they carry @mark */
int netcfg_way_to(const struct conf_route *host, uint32_t mark, struct netcfg_way *way,
		  struct nl_err *err);

/** netcfg_is_local() - is @host an address of ours? */
bool netcfg_is_local(const struct conf_route *host);

/**
 * netcfg_is_near() - does @addr belong to this host, or to the network of an interface
 *	other than @ifindex?
 * @mark: packets with it do not go through tunnels
 */
bool netcfg_is_near(const struct in6_addr *addr, uint32_t ifindex, uint32_t mark);

/** netcfg_route_host() - the route that covers the host of @ss alone */
void netcfg_route_host(const struct sockaddr_storage *ss,
		       struct conf_route *route);

/** netcfg_route_covers() - is @host inside @route? */
bool netcfg_route_covers(const struct conf_route *route,
			 const struct conf_route *host);

#endif /* SSTPD_NETCFG_H */
