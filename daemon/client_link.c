// SPDX-License-Identifier: GPL-2.0-or-later
#include "client_link.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "log.h"
#include "msg.h"
#include "tun.h"

/* The configured routes, two halves of the default route, the host route. */
#define LINK_ROUTES_MAX	(CONF_ROUTES_MAX + 3)

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
	uint32_t kind;
	uint32_t ifindex;
	int tun;
	struct ppp_network net;	/* addresses that are set */
	unsigned int n_routes;
	struct link_route routes[LINK_ROUTES_MAX];
	struct conf_route host;	/* the server's address, last session */
};

static struct client_link client_links[CONF_CLIENTS_MAX];
static uint32_t client_link_n;
static const char *client_link_alias;

void client_link_init(const struct conf *conf, const char *alias)
{
	client_link_alias = alias;
	client_link_n = conf->n_clients;
	for (uint32_t i = 0; i < client_link_n; i++) {
		client_links[i].conf = &conf->clients[i];
		client_links[i].tun = -1;
	}
}

/* ---- routes ------------------------------------------------------------------- */

static void client_link_route_text(const struct conf_route *r, char *text,
				   size_t size)
{
	char addr[INET6_ADDRSTRLEN] = "";

	inet_ntop(r->family, r->addr, addr, sizeof(addr));
	snprintf(text, size, "%s/%u", addr, r->len);
}

static void client_link_route_add(struct client_link *l,
				  const struct conf_route *dst,
				  const struct netcfg_via *via, bool inner)
{
	struct link_route *r;
	struct nl_err err;
	char text[64];

	for (unsigned int i = 0; i < l->n_routes; i++)
		if (!memcmp(&l->routes[i].dst, dst, sizeof(*dst)) &&
		    l->routes[i].inner == inner)
			return;
	if (l->n_routes == LINK_ROUTES_MAX)
		return;
	if (netcfg_route(dst, via, true, &err) < 0) {
		client_link_route_text(dst, text, sizeof(text));
		/* Somebody wants it so: neither changed now nor removed later. */
		log_warn("client %s: route %s: %s", l->conf->name, text,
			 err.code == EEXIST ? "there is one already, left alone" :
			 err.text);
		return;
	}
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
static unsigned int client_link_default(struct conf_route halves[2])
{
	memset(halves, 0, 2 * sizeof(halves[0]));
	halves[0].family = AF_INET;
	halves[0].len = 1;
	halves[1] = halves[0];
	halves[1].addr[0] = 0x80;
	return 2;
}

static bool client_link_covers_server(const struct client_link *l)
{
	const struct conf_client *conf = l->conf;

	if (conf->default_route && l->host.family == AF_INET)
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
		log_warn("client %s: no route to the server: %s",
			 l->conf->name, err.text);
		return false;
	}
	if (via.ifindex == l->ifindex) {
		log_warn("client %s: the route to the server leads into the tunnel already",
			 l->conf->name);
		return false;
	}
	client_link_route_add(l, &l->host, &via, false);
	return true;
}

void client_link_routes(uint32_t client, const struct sockaddr_storage *server)
{
	struct client_link *l = &client_links[client];
	const struct netcfg_via via = { .ifindex = l->ifindex };
	struct conf_route halves[2];
	bool host_ok = true;
	unsigned int i, n;

	netcfg_route_host(server, &l->host);
	if (client_link_covers_server(l))
		host_ok = client_link_host_route(l);
	for (i = 0; i < l->conf->n_routes; i++)
		if (host_ok ||
		    !netcfg_route_covers(&l->conf->routes[i], &l->host))
			client_link_route_add(l, &l->conf->routes[i], &via,
					      true);
	if (!l->conf->default_route || !host_ok)
		return;
	n = client_link_default(halves);
	for (i = 0; i < n; i++)
		client_link_route_add(l, &halves[i], &via, true);
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

/* ---- interface ------------------------------------------------------------------- */

static void client_link_remove(struct client_link *l)
{
	struct nl_err err;

	if (!l->exists)
		return;
	client_link_withdraw(l, true);
	if (l->tun >= 0) {
		close(l->tun);
	} else if (l->adopted) {
		if (l->net.ipv4)
			netcfg_addr4(l->ifindex, l->net.local, l->net.peer,
				     false, &err);
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

void client_link_exit(void)
{
	for (uint32_t i = 0; i < client_link_n; i++)
		client_link_remove(&client_links[i]);
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

/* Is it still the interface that we know? An operator may have deleted it. */
static bool client_link_there(const struct client_link *l)
{
	struct nl_err err;
	uint32_t ifindex;

	return netcfg_link_find(l->conf->link.ifname, NULL, &ifindex,
				&err) == 0 && ifindex == l->ifindex;
}

int client_link_get(uint32_t client, uint32_t kind, uint32_t *ifindex, int *tun,
		    struct nl_err *err)
{
	struct client_link *l = &client_links[client];

	if (l->exists && !client_link_there(l)) {
		if (l->tun >= 0)
			close(l->tun);
		l->tun = -1;
		l->exists = false;
		l->adopted = false;
		l->n_routes = 0;
		memset(&l->net, 0, sizeof(l->net));
	}
	if (l->exists && l->kind != kind)
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
	return 0;
}

void client_link_idle(uint32_t client)
{
	struct client_link *l = &client_links[client];

	client_link_withdraw(l, false);
	if (l->tun >= 0)
		tun_carrier(l->tun, false);
}

/* New addresses come before the old ones go: routes over the link survive. */
int client_link_addresses(uint32_t client, const struct ppp_network *net,
			  struct nl_err *err)
{
	struct client_link *l = &client_links[client];
	struct ppp_network old = l->net;
	struct nl_err ignored;

	if (net->ipv4 && netcfg_addr4(l->ifindex, net->local, net->peer, true,
				      err) < 0)
		return -1;
	if (old.ipv4 && (!net->ipv4 ||
			 old.local.s_addr != net->local.s_addr ||
			 old.peer.s_addr != net->peer.s_addr))
		netcfg_addr4(l->ifindex, old.local, old.peer, false, &ignored);
	if (net->ipv6 && netcfg_addr6(l->ifindex, net->ifid, true, err) < 0)
		return -1;
	if (old.ipv6 && (!net->ipv6 ||
			 memcmp(old.ifid, net->ifid, sizeof(old.ifid))))
		netcfg_addr6(l->ifindex, old.ifid, false, &ignored);
	l->net = *net;
	return 0;
}
