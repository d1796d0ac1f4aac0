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
#include "netlink/trust.h"
#include "parent/autoconf.h"
#include "parent/tun.h"

/* The configured routes, two halves of each default route, the host route. */
#define LINK_ROUTES_MAX	(CONF_ROUTES_MAX + 5)

/** struct link_route - a route that we laid; @inner: into the tunnel */
struct link_route {
	struct conf_route dst;
	struct netcfg_via via;
	bool inner;
};

struct client_link {
	const struct conf_client *conf;
	bool exists;
	bool adopted;		/* someone else made it */
	bool up;		/* a session is */
	bool restoring;		/* whatever has to be said has been said */
	bool resuming;		/* what is there is ours */
	struct sockaddr_storage server;
	uint32_t kind;
	uint32_t ifindex;
	int tun;
	struct ppp_network net;	/* addresses that are set; the peer's if it is */
	unsigned int n_routes;
	struct link_route routes[LINK_ROUTES_MAX];
	struct conf_route host;	/* the server's address, last session */
	struct autoconf autoconf;
	bool router6;		/* the server is one, and may be */
	bool router6_said;	/* the log has heard what there is to say of that */
};

static struct client_link client_links[CONF_CLIENTS_MAX];
static uint32_t client_link_n;
static const char *client_link_alias;

/* ---- routes ------------------------------------------------------------------- */

static bool client_link_route_known(const struct client_link *l,
				    const struct conf_route *dst,
				    const struct netcfg_via *via, bool inner)
{
	for (unsigned int i = 0; i < l->n_routes; i++)
		if (!memcmp(&l->routes[i].dst, dst, sizeof(*dst)) &&
		    l->routes[i].via.ifindex == via->ifindex &&
		    !memcmp(l->routes[i].via.gateway, via->gateway,
			    sizeof(via->gateway)) &&
		    l->routes[i].inner == inner)
			return true;
	return false;
}

static void client_link_route_add(struct client_link *l,
				  const struct conf_route *dst,
				  const struct netcfg_via *via, bool inner)
{
	struct link_route *r;
	struct nl_err err;
	char text[64];

	bool known;

	/* What is in the list need not be in the kernel: it is asked each time. */
	known = client_link_route_known(l, dst, via, inner);
	if (!known && l->n_routes == LINK_ROUTES_MAX)
		return;
	if (netcfg_route(dst, via, true, &err) < 0) {
		if (err.code == EEXIST && l->resuming)
			goto ours;
		if (err.code == EEXIST && (known || l->restoring))
			return;
		addr_prefix_text(dst->family, dst->addr, dst->len, text);
		/* Somebody wants it so: neither changed now nor removed later. */
		log_warn("client %s: route %s: %s", l->conf->name, text,
			 err.code == EEXIST ? "there is one already, left alone" :
			 err.text);
		return;
	}
	if (known)
		return;
ours:
	r = &l->routes[l->n_routes++];
	r->dst = *dst;
	r->via = *via;
	r->inner = inner;
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

/* Two halves win over any default route and leave that one alone. */
static void client_link_default(struct client_link *l, uint8_t family)
{
	const struct netcfg_via via = { .ifindex = l->ifindex };
	struct conf_route half = { .family = family, .len = 1 };

	client_link_route_add(l, &half, &via, true);
	half.addr[0] = 0x80;
	client_link_route_add(l, &half, &via, true);
}

static bool client_link_covers_server(const struct client_link *l)
{
	const struct conf_client *conf = l->conf;

	if (conf->default_route && (l->host.family == AF_INET || l->router6))
		return true;
	for (uint32_t i = 0; i < conf->n_routes; i++)
		if (netcfg_route_covers(&conf->routes[i], &l->host))
			return true;
	return false;
}

/* The way to the server must stay what it is before the tunnel's routes come. */
static bool client_link_host_route(struct client_link *l)
{
	struct netcfg_via via;
	struct nl_err err;

	if (netcfg_route_to(&l->host, &via, &err) < 0) {
		if (!l->restoring)
			log_warn("client %s: no route to the server: %s",
				 l->conf->name, err.text);
		return false;
	}
	if (via.ifindex == l->ifindex) {
		if (!l->restoring)
			log_warn("client %s: the route to the server leads into the tunnel already",
				 l->conf->name);
		return false;
	}
	client_link_route_add(l, &l->host, &via, false);
	return true;
}

/* IPv6 goes through the tunnel as far as default-route and routes say. */
static bool client_link_wants_ipv6(const struct client_link *l)
{
	bool wanted = l->conf->default_route;

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

void client_link_routes(uint32_t client, const struct sockaddr_storage *server)
{
	struct client_link *l = &client_links[client];
	const struct netcfg_via via = { .ifindex = l->ifindex };
	bool host_ok = true;
	unsigned int i;

	l->up = true;
	l->server = *server;
	netcfg_route_host(server, &l->host);
	if (client_link_covers_server(l))
		host_ok = client_link_host_route(l);
	for (i = 0; i < l->conf->n_routes; i++)
		if (host_ok ||
		    !netcfg_route_covers(&l->conf->routes[i], &l->host))
			client_link_route_add(l, &l->conf->routes[i], &via,
					      true);
	if (l->conf->default_route && host_ok)
		client_link_default(l, AF_INET);
	if (l->router6 && host_ok)
		client_link_default(l, AF_INET6);
	client_link_autoconf(l);
}

/* A route that leads a reconnect into the dead tunnel must not stay. */
static void client_link_withdraw(struct client_link *l, bool all)
{
	unsigned int i = 0;

	while (i < l->n_routes) {
		if (all || !l->routes[i].inner || l->routes[i].dst.len == 1 ||
		    netcfg_route_covers(&l->routes[i].dst, &l->host))
			client_link_route_del(l, i);
		else
			i++;
	}
}

static bool client_link_is_configured(const struct client_link *l,
				      const struct conf_route *dst)
{
	for (uint32_t i = 0; i < l->conf->n_routes; i++)
		if (!memcmp(&l->conf->routes[i], dst, sizeof(*dst)))
			return true;
	return false;
}

static void client_link_no_router6(struct client_link *l)
{
	const struct conf_route *dst;
	unsigned int i = 0;

	l->router6 = false;
	while (i < l->n_routes) {
		dst = &l->routes[i].dst;
		if (dst->family == AF_INET6 && dst->len == 1 &&
		    !client_link_is_configured(l, dst))
			client_link_route_del(l, i);
		else
			i++;
	}
}

/* With `default-route` the server's word counts, and only on whether there is IPv6. */
static void client_link_on_router(void *arg, bool is)
{
	struct client_link *l = arg;

	if (!l->conf->default_route || is == l->router6)
		return;
	if (!is) {
		client_link_no_router6(l);
		return;
	}
	/* It may say so, and the contrary, four times a second. */
	l->restoring = l->router6_said;
	l->router6 = l->host.family != AF_INET6 || client_link_host_route(l);
	if (l->router6)
		client_link_default(l, AF_INET6);
	l->restoring = false;
	l->router6_said = true;
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

void client_link_init(const struct conf *conf, const char *alias)
{
	client_link_alias = alias;
	client_link_n = conf->n_clients;
	for (uint32_t i = 0; i < client_link_n; i++) {
		client_links[i].conf = &conf->clients[i];
		client_links[i].tun = -1;
		client_links[i].autoconf.name = conf->clients[i].name;
		client_links[i].autoconf.router = client_link_on_router;
		client_links[i].autoconf.arg = &client_links[i];
	}
}

/* ---- an earlier run --------------------------------------------------------------- */

/* The links themselves are gone, but for those that we only use. */
void client_link_sweep(void)
{
	uint32_t own[CONF_CLIENTS_MAX];
	unsigned int n = 0;
	struct nl_err err;

	for (uint32_t i = 0; i < client_link_n; i++)
		if (!client_links[i].exists &&
		    netcfg_link_find(client_links[i].conf->link.ifname, NULL, &own[n],
				     &err) == 0)
			n++;
	netcfg_sweep(own, n);
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

void client_link_exit(bool leaves)
{
	const struct client_link *l;

	for (uint32_t i = 0; i < client_link_n; i++) {
		l = &client_links[i];
		if (!leaves || !l->up || l->kind != MSG_PATH_KERNEL)
			client_link_remove(&client_links[i]);
	}
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
	if (netcfg_link_add(name, "sstp", client_link_alias, err) < 0) {
		if (err->code != EEXIST)
			return -1;
		l->adopted = true;
	}
	return netcfg_link_find(name, "sstp", &l->ifindex, err);
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
	}
	if (l->tun >= 0)
		tun_carrier(l->tun, true);
	*ifindex = l->ifindex;
	*tun = l->tun;
	return netcfg_link_name(l->ifindex, ifname, err);
}

void client_link_resume(uint32_t client, uint32_t ifindex, const struct ppp_network *net,
			const struct sockaddr_storage *server)
{
	struct client_link *l = &client_links[client];

	l->exists = true;
	l->kind = MSG_PATH_KERNEL;
	l->ifindex = ifindex;
	l->adopted = !netcfg_link_has_alias(ifindex, client_link_alias);
	l->net = *net;
	l->net.peer = client_link_peer(l, net, server);
	l->resuming = true;
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
	struct in_addr peer = client_link_peer(l, net, server);
	struct ppp_network old = l->net;
	struct nl_err ignored;

	if (net->ipv4 && netcfg_addr4(l->ifindex, net->local, peer, true, err) < 0)
		return -1;
	if (old.ipv4 && (!net->ipv4 || old.local.s_addr != net->local.s_addr ||
			 old.peer.s_addr != peer.s_addr))
		netcfg_addr4(l->ifindex, old.local, old.peer, false, &ignored);
	if (net->ipv6 && netcfg_addr6(l->ifindex, net->ifid, true, err) < 0)
		return -1;
	if (old.ipv6 && (!net->ipv6 ||
			 memcmp(old.ifid, net->ifid, sizeof(old.ifid))))
		netcfg_addr6(l->ifindex, old.ifid, false, &ignored);
	l->net = *net;
	l->net.peer = peer;
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
		if (!l->up || l->ifindex != ifindex)
			continue;
		if (client_link_addresses(i, &l->net, &l->server, &err) < 0)
			log_warn("client %s: addresses: %s", l->conf->name, err.text);
		l->restoring = true;
		client_link_routes(i, &l->server);
		l->restoring = false;
	}
}
