// SPDX-License-Identifier: GPL-2.0-or-later
#include "parent/client_link.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "boundary/msg.h"
#include "lib/addr.h"
#include "lib/log.h"
#include "netlink/nl_sstp.h"
#include "netlink/trust.h"
#include "parent/autoconf.h"
#include "parent/client_dial.h"
#include "parent/client_rules.h"
#include "parent/tun.h"

/* The configured routes, and a default route of each family. */
#define LINK_ROUTES_MAX	(CONF_ROUTES_MAX + 2)
/* Of what is unreachable, if nothing better is there: one for each client. */
#define LINK_LAST_METRIC	4000000000u

/** struct link_route - a route into the tunnel that we laid */
struct link_route {
	struct conf_route dst;
	struct netcfg_via via;
};

/**
 * struct client_link - what a client has in the kernel
 * @adopted: someone else made the interface
 * @up: a session is
 * @restoring: whatever has to be said has been said
 * @resuming: what is there is ours, another process has laid it
 * @closed: what `default-route` takes is unreachable, but for what @routes carry
 * @table: its VRF's; 0 = none
 * @netns: where all that is, NULL = in ours
 * @net: addresses that are set; the peer's if it is
 * @heard: what the server advertises; @ipv6: as it was when that was told
 * @ready6: this session has an address of IPv6, or has waited for one long enough
 * @router6: the server is one, and may be
 * @router6_said: the log has heard what there is to say of that
 */
struct client_link {
	const struct conf_client *conf;
	bool exists;
	bool adopted;
	bool up;
	bool restoring;
	bool resuming;
	bool closed;
	struct sockaddr_storage server;
	uint32_t kind;
	uint32_t ifindex;
	uint32_t table;
	struct netns *netns;
	int tun;
	struct ppp_network net;
	unsigned int n_routes;
	struct link_route routes[LINK_ROUTES_MAX];
	struct autoconf autoconf;
	struct client_link_ipv6 heard;
	struct client_link_ipv6 ipv6;
	bool ready6;
	bool router6;
	bool router6_said;
};

static struct client_link client_links[CONF_CLIENTS_MAX];
static uint32_t client_link_n;
static const char *client_link_alias;
static void (*client_link_names)(uint32_t client, const struct in6_addr *servers,
				 unsigned int n);
static void (*client_link_ipv6_changed)(uint32_t client);

static const struct conf_route client_link_all[] = {
	{ .family = AF_INET },
	{ .family = AF_INET6 },
};

static uint32_t client_link_table(const struct client_link *l)
{
	return l->table ? l->table : client_rules_table(l->conf);
}

static bool client_link_same(const struct conf_route *a, const struct conf_route *b)
{
	return !memcmp(a, b, sizeof(*a));
}

/* ---- routes ------------------------------------------------------------------- */

static bool client_link_route_known(const struct client_link *l,
				    const struct conf_route *dst)
{
	for (unsigned int i = 0; i < l->n_routes; i++)
		if (client_link_same(&l->routes[i].dst, dst) &&
		    l->routes[i].via.ifindex == l->ifindex)
			return true;
	return false;
}

static void client_link_route_add(struct client_link *l, const struct conf_route *dst)
{
	const struct netcfg_via via = {
		.ifindex = l->ifindex,
		.table = client_link_table(l),
		.metric = l->conf->metric,
	};
	bool known = client_link_route_known(l, dst);
	char text[ADDR_PREFIX_MAX];
	struct nl_err err;

	/* What is in the list need not be in the kernel: it is asked each time. */
	if (!known && l->n_routes == LINK_ROUTES_MAX)
		return;
	if (netcfg_route(dst, &via, true, &err) < 0 &&
	    (err.code != EEXIST || !l->resuming)) {
		if (err.code == EEXIST && (known || l->restoring))
			return;
		addr_prefix_text(dst->family, dst->addr, dst->len, text);
		/* Somebody wants it so: neither changed now nor removed later. */
		log_warn("client %s: route %s: %s", l->conf->name, text,
			 err.code == EEXIST ? "there is one already, left alone" :
			 err.text);
		return;
	}
	if (!known)
		l->routes[l->n_routes++] = (struct link_route){ .dst = *dst, .via = via };
}

static void client_link_route_del(struct client_link *l, unsigned int i)
{
	struct nl_err err;

	if (netcfg_route(&l->routes[i].dst, &l->routes[i].via, false,
			 &err) < 0)
		log_debug("client %s: removing a route: %s", l->conf->name,
			  err.text);
	l->routes[i] = l->routes[--l->n_routes];
}

/* In the main table nothing keeps the way to the server out of it. */
static bool client_link_covers_server(const struct client_link *l,
				      const struct conf_route *dst)
{
	struct conf_route host;

	if (l->conf->table != CONF_TABLE_MAIN)
		return false;
	netcfg_route_host(&l->server, &host);
	if (!netcfg_route_covers(dst, &host))
		return false;
	if (!l->restoring && !l->ready6)
		log_warn("client %s: a route to the server itself cannot be in \"table = main\", left out",
			 l->conf->name);
	return true;
}

/* ---- what is unreachable ----------------------------------------------------------- */

/* @dst: goes nowhere, unless it goes into the tunnel. */
static void client_link_close_one(struct client_link *l, const struct conf_route *dst,
				  bool close)
{
	const struct netcfg_via via = {
		.unreachable = true,
		.table = client_link_table(l),
		.metric = LINK_LAST_METRIC + (uint32_t)(l - client_links),
	};
	struct nl_err err;

	if (netcfg_route(dst, &via, close, &err) == 0 || !close ||
	    err.code == EEXIST)
		return;
	/* Where there is no IPv6 nothing can leave by it. */
	if (dst->family == AF_INET || err.code != EOPNOTSUPP)
		log_err("client %s: an unreachable route: %s", l->conf->name, err.text);
}

/* What the tunnel does not carry of a default route, and with @leak6 only what is IPv4. */
static void client_link_close_default(struct client_link *l, bool close)
{
	/* What else leads out of a namespace is up to who made it. */
	if (!l->conf->default_route || l->netns)
		return;
	l->closed = close;
	client_link_close_one(l, &client_link_all[0], close);
	if (!l->conf->leak6)
		client_link_close_one(l, &client_link_all[1], close);
}

static void client_link_kill_switch(struct client_link *l, bool on)
{
	client_link_close_default(l, on);
	for (uint32_t i = 0; i < l->conf->n_routes; i++)
		client_link_close_one(l, &l->conf->routes[i], on);
}

/* Routes that the kill switch, or a session that goes on, has laid, or would lay now. */
static bool client_link_keeps(const struct netcfg_left_route *route)
{
	uint32_t i = route->via.metric - LINK_LAST_METRIC;
	const struct client_link *l = &client_links[i];

	if (i >= client_link_n || route->via.table != client_link_table(l))
		return false;
	if (!route->dst.len)
		return (l->conf->kill_switch || l->closed) && l->conf->default_route &&
		       (route->dst.family == AF_INET || !l->conf->leak6);
	if (!l->conf->kill_switch)
		return false;
	for (uint32_t n = 0; n < l->conf->n_routes; n++)
		if (client_link_same(&l->conf->routes[n], &route->dst))
			return true;
	return false;
}

void client_link_begin(void)
{
	client_rules_sweep();
	client_link_ensure();
	for (uint32_t i = 0; i < client_link_n; i++)
		if (client_links[i].conf->kill_switch)
			log_info("client %s: the kill switch is on until sstpd is stopped",
				 client_links[i].conf->name);
}

void client_link_ensure(void)
{
	for (uint32_t i = 0; i < client_link_n; i++)
		if (client_links[i].conf->kill_switch)
			client_link_kill_switch(&client_links[i], true);
	client_rules_ensure();
}

/* ---- of a session ------------------------------------------------------------------ */

/* IPv6 goes through the tunnel as far as default-route and routes say, or others do. */
static bool client_link_wants_ipv6(const struct client_link *l)
{
	bool wanted = l->conf->default_route || !l->conf->addresses;

	for (uint32_t i = 0; i < l->conf->n_routes; i++)
		wanted |= l->conf->routes[i].family == AF_INET6;
	return wanted && l->conf->link.ipv6;
}

/* Only then there is use for addresses that the server offers. */
static void client_link_autoconf(struct client_link *l)
{
	if (l->net.ipv6 && client_link_wants_ipv6(l))
		autoconf_start(&l->autoconf, l->ifindex);
	else
		autoconf_stop(&l->autoconf);
}

/*
 * Before it has an address of the server's prefix this host would send with one of another
 * interface: the server drops that, and a connection keeps the address that it began with.
 */
static bool client_link_waits(const struct client_link *l, const struct conf_route *dst)
{
	return dst->family == AF_INET6 && l->conf->link.ipv6 && !l->ready6 &&
	       !client_link_route_known(l, dst);
}

/*
 * Of @family, or all if that is AF_UNSPEC. What waits is unreachable: it leaves neither so
 * nor outside.
 */
static void client_link_lay(struct client_link *l, uint8_t family)
{
	for (uint32_t i = 0; i < l->conf->n_routes; i++) {
		const struct conf_route *dst = &l->conf->routes[i];

		if ((family && dst->family != family) || client_link_covers_server(l, dst))
			continue;
		if (client_link_waits(l, dst))
			client_link_close_one(l, dst, true);
		else
			client_link_route_add(l, dst);
	}
}

static void client_link_open_waiting(struct client_link *l)
{
	if (l->conf->kill_switch || !l->conf->link.ipv6)
		return;
	for (uint32_t i = 0; i < l->conf->n_routes; i++)
		if (l->conf->routes[i].family == AF_INET6)
			client_link_close_one(l, &l->conf->routes[i], false);
}

static void client_link_on_ready(void *arg)
{
	struct client_link *l = arg;

	if (l->ready6)
		return;
	l->ready6 = true;
	client_link_lay(l, AF_INET6);
	client_link_open_waiting(l);
}

/* None is in the way of the connection itself: that does not see them. */
void client_link_routes(uint32_t client, const struct sockaddr_storage *server)
{
	struct client_link *l = &client_links[client];

	l->up = true;
	l->server = *server;
	client_link_close_default(l, true);
	client_link_lay(l, AF_UNSPEC);
	if (l->conf->default_route)
		client_link_route_add(l, &client_link_all[0]);
	if (l->router6)
		client_link_route_add(l, &client_link_all[1]);
	client_link_autoconf(l);
}

static void client_link_no_router6(struct client_link *l)
{
	unsigned int i = 0;

	l->router6 = false;
	while (i < l->n_routes) {
		if (client_link_same(&l->routes[i].dst, &client_link_all[1]))
			client_link_route_del(l, i);
		else
			i++;
	}
}

/* With `default-route` the server's word counts, and only on whether there is IPv6. */
static void client_link_on_router(void *arg, bool is)
{
	struct client_link *l = arg;

	l->heard.router = is;
	if (!l->conf->default_route || is == l->router6)
		return;
	if (!is) {
		client_link_no_router6(l);
		return;
	}
	/* It may say so, and the contrary, four times a second. */
	l->restoring = l->router6_said;
	l->router6 = true;
	client_link_route_add(l, &client_link_all[1]);
	l->restoring = false;
	l->router6_said = true;
}

static void client_link_on_advertised(void *arg, const struct in6_addr *servers, unsigned int n)
{
	struct client_link *l = arg;

	l->heard.n_dns = n;
	memset(l->heard.dns, 0, sizeof(l->heard.dns));
	if (n)
		memcpy(l->heard.dns, servers, n * sizeof(*servers));
	if (client_link_names)
		client_link_names((uint32_t)(l - client_links), servers, n);
}

static void client_link_on_heard_all(void *arg)
{
	struct client_link *l = arg;
	const struct in6_addr *addr = autoconf_address(&l->autoconf);

	l->heard.heard = true;
	l->heard.addr = addr ? *addr : in6addr_any;
	if (!memcmp(&l->heard, &l->ipv6, sizeof(l->ipv6)))
		return;
	l->ipv6 = l->heard;
	if (client_link_ipv6_changed)
		client_link_ipv6_changed((uint32_t)(l - client_links));
}

const struct client_link_ipv6 *client_link_ipv6(uint32_t client)
{
	return &client_links[client].ipv6;
}

void client_link_on_ipv6(void (*changed)(uint32_t client))
{
	client_link_ipv6_changed = changed;
}

void client_link_on_names(void (*names)(uint32_t client, const struct in6_addr *servers,
					unsigned int n))
{
	client_link_names = names;
}

/* Another client leads there, too. */
static bool client_link_has_rival(const struct client_link *l, const struct conf_route *dst)
{
	for (uint32_t i = 0; i < client_link_n; i++) {
		const struct client_link *other = &client_links[i];

		if (other == l || other->netns != l->netns ||
		    client_link_table(other) != client_link_table(l))
			continue;
		for (uint32_t n = 0; n < other->conf->n_routes; n++)
			if (client_link_same(&other->conf->routes[n], dst))
				return true;
	}
	return false;
}

/*
 * The session is over. `routes` stay, and lead to an interface without carrier, unless
 * another client could take over; a default route does not.
 */
static void client_link_withdraw(struct client_link *l, bool all)
{
	unsigned int i = 0;

	while (i < l->n_routes) {
		if (all || !l->routes[i].dst.len ||
		    client_link_has_rival(l, &l->routes[i].dst))
			client_link_route_del(l, i);
		else
			i++;
	}
	if (!l->ready6)
		client_link_open_waiting(l);
	l->ready6 = false;
	if (l->closed && !l->conf->kill_switch)
		client_link_close_default(l, false);
}

/*
 * The peer's address makes a route, to any machine that the server likes to be: so it
 * is set only if `routes` have it anyway, for routing daemons, which take a link with
 * two ends as such. Never if that is the machine that the tunnel leads to.
 */
static struct in_addr client_link_peer(const struct client_link *l,
				       const struct ppp_network *net,
				       const struct sockaddr_storage *server)
{
	struct conf_route peer = { .family = AF_INET, .len = 32 };
	struct conf_route host;

	netcfg_route_host(server, &host);
	memcpy(peer.addr, &net->peer, sizeof(net->peer));
	if (netcfg_route_covers(&host, &peer))
		return (struct in_addr){ 0 };
	for (uint32_t i = 0; i < l->conf->n_routes; i++)
		if (netcfg_route_covers(&l->conf->routes[i], &peer))
			return net->peer;
	return (struct in_addr){ 0 };
}

/* What of @net is ours to set. */
static struct ppp_network client_link_own(const struct client_link *l,
					  const struct ppp_network *net,
					  const struct sockaddr_storage *server)
{
	struct ppp_network own = *net;

	own.peer = client_link_peer(l, net, server);
	own.ipv4 = net->ipv4 && l->conf->addresses;
	return own;
}

void client_link_init(const struct conf *conf, const char *alias)
{
	client_link_alias = alias;
	client_link_n = conf->n_clients;
	client_rules_init(conf);
	client_dial_init(conf);
	for (uint32_t i = 0; i < client_link_n; i++) {
		client_links[i].conf = &conf->clients[i];
		client_links[i].tun = -1;
		client_links[i].autoconf.name = conf->clients[i].name;
		client_links[i].autoconf.router = client_link_on_router;
		client_links[i].autoconf.names = client_link_on_advertised;
		client_links[i].autoconf.ready = client_link_on_ready;
		client_links[i].autoconf.heard_all = client_link_on_heard_all;
		client_links[i].autoconf.only_told = !conf->clients[i].addresses;
		client_links[i].autoconf.arg = &client_links[i];
		client_links[i].autoconf.mark = client_rules_mark(&conf->clients[i]);
	}
}

/* ---- an earlier run --------------------------------------------------------------- */

/* The links themselves are gone, but for those that we only use. */
void client_link_sweep(const char *netns)
{
	uint32_t own[CONF_CLIENTS_MAX];
	unsigned int n = 0;
	struct nl_err err;

	for (uint32_t i = 0; i < client_link_n; i++)
		if (!client_links[i].conf->lane && !client_links[i].exists &&
		    !strcmp(client_links[i].conf->netns, netns) &&
		    netcfg_link_find(client_links[i].conf->link.ifname, NULL, &own[n],
				     &err) == 0)
			n++;
	netcfg_sweep(own, n, client_link_keeps);
}

/* ---- interface ------------------------------------------------------------------- */

static void client_link_remove(struct client_link *l)
{
	struct nl_err err;

	if (!l->exists)
		return;
	autoconf_forget(&l->autoconf);
	client_link_withdraw(l, true);
	if (l->tun >= 0) {
		close(l->tun);
	} else if (l->adopted) {
		if (l->net.ipv4)
			netcfg_addr4(l->ifindex, l->net.local, l->net.peer, false,
				     &err);
		if (l->net.ipv6)
			netcfg_addr6(l->ifindex, l->net.ifid, false, &err);
	} else if (netcfg_link_del(l->ifindex, &err) < 0 &&
		   err.code != ENODEV) {
		log_warn("cannot remove %s: %s", l->conf->link.ifname,
			 err.text);
	}
	l->tun = -1;
	l->exists = false;
	l->adopted = false;
	memset(&l->net, 0, sizeof(l->net));
}

void client_link_settle(uint32_t client, struct netns *ns)
{
	struct client_link *l = &client_links[client];

	if (l->netns == ns)
		return;
	netns_enter(l->netns);
	client_link_remove(l);
	netns_leave();
	netns_put(l->netns);
	l->netns = netns_share(ns);
	l->autoconf.netns = ns;
}

void client_link_exit(bool failed, bool leaves)
{
	bool kept = leaves;

	for (uint32_t i = 0; i < client_link_n; i++) {
		if (leaves && client_links[i].up && client_links[i].kind == MSG_PATH_KERNEL)
			continue;
		netns_enter(client_links[i].netns);
		client_link_remove(&client_links[i]);
		netns_leave();
		if (!client_links[i].conf->kill_switch || leaves)
			continue;
		kept |= failed;
		if (!failed)
			client_link_kill_switch(&client_links[i], false);
	}
	if (!kept)
		client_rules_exit();
	else if (!leaves)
		log_warn("the kill switch of clients stays on, until sstpd is started and stopped");

}

static int client_link_make(struct client_link *l, uint32_t kind,
			    struct nl_err *err)
{
	const char *name = l->conf->link.ifname;

	if (kind == MSG_PATH_TUN) {
		l->tun = tun_open(name, err);
		if (l->tun < 0)
			return -1;
		tun_carrier(l->tun, false);
		return netcfg_link_find(name, NULL, &l->ifindex, err);
	}
	if (netcfg_link_add(name, "sstp", client_link_alias,
			    nl_sstp_has_slots() ? l->conf->connections : 1, &l->ifindex,
			    err) == 0)
		return 0;
	if (err->code != EEXIST)
		return -1;
	l->adopted = true;
	return netcfg_link_find(name, "sstp", &l->ifindex, err);
}

static int client_link_vrf(struct client_link *l, struct nl_err *err)
{
	if (!*l->conf->vrf)
		return 0;
	return netcfg_link_enslave(l->ifindex, l->conf->vrf, &l->table, err);
}

/* Whatever it is called by now. An operator may also have deleted it. */
static bool client_link_there(const struct client_link *l)
{
	char name[IFNAMSIZ];
	struct nl_err err;

	return netcfg_link_name(l->ifindex, name, &err) == 0;
}

int client_link_get(uint32_t client, uint32_t kind, uint32_t *ifindex,
		    char ifname[IFNAMSIZ], int *tun, struct nl_err *err)
{
	struct client_link *l = &client_links[client];

	if (l->exists && (l->kind != kind || !client_link_there(l)))
		client_link_remove(l);
	if (!l->exists) {
		if (client_link_make(l, kind, err) < 0) {
			if (l->tun >= 0)
				close(l->tun);
			l->tun = -1;
			l->adopted = false;
			return -1;
		}
		l->exists = true;
		l->kind = kind;
		if (client_link_vrf(l, err) < 0) {
			client_link_remove(l);
			return -1;
		}
	}
	if (l->tun >= 0)
		tun_carrier(l->tun, true);
	*ifindex = l->ifindex;
	*tun = l->tun;
	return netcfg_link_name(l->ifindex, ifname, err);
}

void client_link_ifid(uint32_t client, uint8_t ifid[static 8])
{
	memcpy(ifid, client_links[client].autoconf.ifid, 8);
}

void client_link_set_ifid(uint32_t client, const uint8_t ifid[static 8])
{
	memcpy(client_links[client].autoconf.ifid, ifid, 8);
}

void client_link_resume(uint32_t client, uint32_t ifindex, const struct ppp_network *net,
			const struct sockaddr_storage *server)
{
	struct client_link *l = &client_links[client];
	struct nl_err err;

	l->exists = true;
	l->kind = MSG_PATH_KERNEL;
	l->ifindex = ifindex;
	l->adopted = !netcfg_link_has_alias(ifindex, client_link_alias);
	if (client_link_vrf(l, &err) < 0)
		log_warn("client %s: vrf: %s", l->conf->name, err.text);
	l->net = client_link_own(l, net, server);
	l->resuming = true;
	l->ready6 = true;
	client_link_routes(client, server);
	l->resuming = false;
}

void client_link_idle(uint32_t client)
{
	struct client_link *l = &client_links[client];

	l->up = false;
	l->router6 = false;
	l->router6_said = false;
	autoconf_stop(&l->autoconf);
	memset(&l->heard, 0, sizeof(l->heard));
	memset(&l->ipv6, 0, sizeof(l->ipv6));
	client_link_withdraw(l, false);
	if (l->tun >= 0)
		tun_carrier(l->tun, false);
}

int client_link_trust(uint32_t client, const char *ifname, struct nl_err *err)
{
	return client_links[client].conf->link.ipv6 ? trust_server(ifname, err) : 0;
}

/* New addresses come before the old ones go: routes over the link survive. */
int client_link_addresses(uint32_t client, const struct ppp_network *net,
			  const struct sockaddr_storage *server, struct nl_err *err)
{
	struct client_link *l = &client_links[client];
	struct ppp_network own = client_link_own(l, net, server);
	struct ppp_network old = l->net;
	struct nl_err ignored;

	if (own.ipv4 && netcfg_addr4(l->ifindex, own.local, own.peer, true, err) < 0)
		return -1;
	if (old.ipv4 && (!own.ipv4 || old.local.s_addr != own.local.s_addr ||
			 old.peer.s_addr != own.peer.s_addr))
		netcfg_addr4(l->ifindex, old.local, old.peer, false, &ignored);
	if (own.ipv6 && netcfg_addr6(l->ifindex, own.ifid, true, err) < 0)
		return -1;
	if (old.ipv6 && (!own.ipv6 ||
			 memcmp(old.ifid, own.ifid, sizeof(old.ifid))))
		netcfg_addr6(l->ifindex, old.ifid, false, &ignored);
	l->net = own;
	if (l->up)
		client_link_autoconf(l);
	return 0;
}

/* Down takes routes away, and addresses of IPv6; up does not bring them back. */
void client_link_restore(uint32_t ifindex)
{
	struct client_link *l;
	struct nl_err err;

	for (uint32_t i = 0; i < client_link_n; i++) {
		l = &client_links[i];
		if (!l->up || l->netns || l->ifindex != ifindex)
			continue;
		if (client_link_addresses(i, &l->net, &l->server, &err) < 0)
			log_warn("client %s: addresses: %s", l->conf->name, err.text);
		l->restoring = true;
		client_link_routes(i, &l->server);
		l->restoring = false;
	}
}
