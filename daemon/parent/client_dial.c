// SPDX-License-Identifier: GPL-2.0-or-later
#include "parent/client_dial.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/addr.h"
#include "lib/log.h"
#include "netlink/netcfg.h"
#include "parent/client_rules.h"

/**
 * struct client_dial - one client's
 * @addrs: of its server, or proxy, as they were resolved last
 * @host: the one that it connects to, or is connected to; family 0 = none yet
 * @has_way: there was a way there, @way
 */
struct client_dial {
	const struct conf_client *conf;
	struct msg_resolved addrs;
	struct conf_route host;
	bool has_way;
	struct netcfg_way way;
};

static struct client_dial client_dials[CONF_CLIENTS_MAX];

void client_dial_init(const struct conf *conf)
{
	for (uint32_t i = 0; i < conf->n_clients; i++)
		client_dials[i].conf = &conf->clients[i];
}

void client_dial_resolved(struct msg_resolved *m)
{
	struct client_dial *d = &client_dials[m->client];

	if (m->n) {
		d->addrs = *m;
	} else if (d->addrs.n) {
		log_info("client %s: its server's name does not resolve (%s), the addresses of the last time are tried",
			 d->conf->name, m->error);
		*m = d->addrs;
	}
}

static bool client_dial_way(const struct client_dial *d, struct netcfg_way *way)
{
	struct nl_err err;

	memset(way, 0, sizeof(*way));
	return netcfg_way_to(&d->host, client_rules_mark(d->conf), way, &err) == 0;
}

static int client_dial_open(const struct client_dial *d)
{
	const uint32_t mark = client_rules_mark(d->conf);
	int fd = socket(d->host.family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_MARK, &mark, sizeof(mark)) == 0)
		return fd;
	close(fd);
	return -1;
}

/* Nothing comes in from there without a rule for it. */
static void client_dial_note(uint32_t client, struct client_dial *d)
{
	d->has_way = client_dial_way(d, &d->way);
	client_rules_server(client, &d->way.local, &d->host);
}

bool client_dial_is_to(uint32_t client, const struct sockaddr_storage *peer)
{
	struct conf_route host;

	netcfg_route_host(peer, &host);
	return !memcmp(&host, &client_dials[client].host, sizeof(host));
}

void client_dial_resume(uint32_t client, const struct sockaddr_storage *peer)
{
	struct client_dial *d = &client_dials[client];

	if (!peer->ss_family)
		return;
	netcfg_route_host(peer, &d->host);
	client_dial_note(client, d);
}

/* Packets of the connection that is there come in by a rule for its server alone. */
static bool client_dial_is_elsewhere(const struct client_dial *d, const struct msg_dial *m)
{
	struct conf_route host;

	netcfg_route_host(&d->addrs.addrs[m->at], &host);
	return memcmp(&host, &d->host, sizeof(host)) != 0;
}

int client_dial_socket(const struct msg_dial *m, bool busy, bool again,
		       struct msg_dialled *answer)
{
	struct client_dial *d = &client_dials[m->client];
	int fd = -1;

	memset(answer, 0, sizeof(*answer));
	answer->client = m->client;
	errno = busy ? EBUSY : EADDRNOTAVAIL;
	if (again && m->at < d->addrs.n && client_dial_is_elsewhere(d, m)) {
		snprintf(answer->error, sizeof(answer->error),
			 "another connection to the same server is wanted, this is not its address");
		return -1;
	}
	if (!busy && m->at < d->addrs.n) {
		netcfg_route_host(&d->addrs.addrs[m->at], &d->host);
		client_dial_note(m->client, d);
		fd = client_dial_open(d);
	}
	if (fd < 0)
		snprintf(answer->error, sizeof(answer->error), "%s", strerror(errno));
	return fd;
}

/*
 * Another gateway is no matter, as long as it is by the same interface: TCP goes on with
 * the address that it has.
 */
static bool client_dial_same_way(const struct client_dial *d, const struct netcfg_way *now)
{
	if (d->way.ifindex != now->ifindex)
		return false;
	return !d->way.local.family || netcfg_is_local(&d->way.local);
}

bool client_dial_look(uint32_t client)
{
	struct client_dial *d = &client_dials[client];
	struct netcfg_way now;

	/* None: there may be one in a moment, and it may be the old one. */
	if (!d->host.family || !client_dial_way(d, &now))
		return false;
	if (d->has_way && client_dial_same_way(d, &now))
		return false;
	d->has_way = true;
	d->way = now;
	return true;
}
