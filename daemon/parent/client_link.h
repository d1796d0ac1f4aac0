/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The lasting interface of a client, its addresses and its routes. Clients are
 * named by their number.
 */
#ifndef SSTPD_CLIENT_LINK_H
#define SSTPD_CLIENT_LINK_H

#include <stdint.h>

#include "conf/conf.h"
#include "data/network.h"
#include "netlink/netcfg.h"
#include "netlink/netns.h"
#include "parent/ra.h"

/*
 * Routes lie in a table of their own (client_rules.h), or in that of a VRF. What of them
 * is unreachable, and goes nowhere but into the tunnel, comes last there: while a session
 * is up all of a default route, with a kill switch everything from the start to the end.
 */

/**
 * struct client_link_ipv6 - what the server of a client has advertised, besides routes
 * @heard: something: what is not here, it does not advertise
 * @addr: that was made of it, :: = none
 * @router: the server is a default router
 */
struct client_link_ipv6 {
	bool heard;
	struct in6_addr addr;
	bool router;
	unsigned int n_dns;
	struct in6_addr dns[RA_DNS_MAX];
};

/* @alias: mark of interfaces made here; must stay valid */
void client_link_init(const struct conf *conf, const char *alias);
/** client_link_on_names() - whom to tell of name servers that are advertised to a client */
void client_link_on_names(void (*names)(uint32_t client, const struct in6_addr *servers,
					unsigned int n));
/** client_link_ipv6() - of the session that is up; all zero = nothing has been heard */
const struct client_link_ipv6 *client_link_ipv6(uint32_t client);
/** client_link_on_ipv6() - whom to tell that it is other now */
void client_link_on_ipv6(void (*changed)(uint32_t client));
/** client_link_begin() - rules, and kill switches: before anything else is done */
void client_link_begin(void);
/** client_link_ensure() - somebody has removed a rule, or a route, of ours */
void client_link_ensure(void);
/**
 * client_link_exit() - remove all routes, rules, addresses and interfaces of ours
 * @failed: nobody wanted the daemon to end: kill switches stay
 * @leaves: another process goes on: what is of its sessions stays, and all rules
 */
void client_link_exit(bool failed, bool leaves);

/**
 * client_link_sweep() - delete the routes and addresses that an earlier run left
 * @netns: name of the namespace that has been entered, empty = none
 */
void client_link_sweep(const char *netns);

/**
 * client_link_settle() - the interface is to be in @ns, NULL = here
 *
 * One that is elsewhere is removed. From here on to client_link_routes(), whoever calls
 * has entered that namespace.
 */
void client_link_settle(uint32_t client, struct netns *ns);

/**
 * client_link_get() - the interface, made if need be
 * @kind: enum msg_path_kind; an interface of the other kind is replaced
 * @ifname: receives its name, which an operator may have changed
 * @tun: receives its descriptor (owned here) or -1
 *
 * An sstp interface of that name that someone else made is used as it is, and
 * left there at the end.
 */
int client_link_get(uint32_t client, uint32_t kind, uint32_t *ifindex,
		    char ifname[IFNAMSIZ], int *tun, struct nl_err *err);

/** client_link_trust() - the kernel believes the server nothing on @ifname; before it is up */
int client_link_trust(uint32_t client, const char *ifname, struct nl_err *err);

/**
 * client_link_addresses() - set the addresses; earlier ones go
 *
 * With `addresses = no` only the link-local one of IPv6, without which advertisements are
 * not heard.
 */
int client_link_addresses(uint32_t client, const struct ppp_network *net,
			  const struct sockaddr_storage *server, struct nl_err *err);

/** client_link_routes() - lay the configured routes; trouble is logged */
void client_link_routes(uint32_t client, const struct sockaddr_storage *server);

/**
 * client_link_ifid() - what the addresses end in that it makes of advertised prefixes
 *
 * Zero as long as it has made none; whoever goes on with its session is to make the same.
 */
void client_link_ifid(uint32_t client, uint8_t ifid[static 8]);
/** client_link_set_ifid() - of the process before, ahead of client_link_resume() */
void client_link_set_ifid(uint32_t client, const uint8_t ifid[static 8]);

/**
 * client_link_resume() - a session that another process made is up on @ifindex: its
 *	addresses and routes are there
 */
void client_link_resume(uint32_t client, uint32_t ifindex, const struct ppp_network *net,
			const struct sockaddr_storage *server);

/** client_link_restore() - interface @ifindex was down, and is up again */
void client_link_restore(uint32_t ifindex);

/** client_link_idle() - the session is over, the interface stays */
void client_link_idle(uint32_t client);

#endif /* SSTPD_CLIENT_LINK_H */
