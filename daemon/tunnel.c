// SPDX-License-Identifier: GPL-2.0-or-later
#include "tunnel.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <linux/sstp.h>

#include "client_link.h"
#include "log.h"
#include "loop.h"
#include "nl_sstp.h"
#include "tun.h"

/* Numbers for the template of the server's interface names. */
#define TUNNEL_NUMBERS	65536

static const struct conf *tunnel_conf;
static bool tunnel_used[TUNNEL_NUMBERS];

/*
 * Marks the interfaces of this daemon. The path of the control socket is what
 * tells two daemons on one machine apart.
 */
static const char *tunnel_alias(void)
{
	static char alias[128];

	snprintf(alias, sizeof(alias), "sstpd %s", tunnel_conf->main.control);
	return alias;
}

void tunnel_init(const struct conf *conf)
{
	tunnel_conf = conf;
	netcfg_init();
	client_link_init(conf, tunnel_alias());
}

void tunnel_sweep(void)
{
	netcfg_link_sweep("sstp", tunnel_alias());
}

void tunnel_exit(void)
{
	client_link_exit();
}

static const struct conf_link *tunnel_link(const struct entry *e)
{
	return e->server ? &tunnel_conf->server.link :
			   &tunnel_conf->clients[e->client].link;
}

const char *tunnel_client_name(const struct entry *e)
{
	return tunnel_conf->clients[e->client].name;
}

/* ---- interface ----------------------------------------------------------------- */

/* "Unknown device type" alone would not tell an operator what to do. */
static void tunnel_explain(struct nl_err *err)
{
	char text[NL_ERR_MAX];

	if (err->code == EEXIST)
		return;
	snprintf(text, sizeof(text), "%s", err->text);
	snprintf(err->text, sizeof(err->text),
		 "cannot make an sstp interface: %.100s", text);
}

static int tunnel_make(struct entry *e, struct nl_err *err)
{
	if (e->kind == MSG_PATH_TUN) {
		e->tun = tun_open(e->ifname, err);
		if (e->tun < 0)
			return -1;
	} else if (netcfg_link_add(e->ifname, "sstp", tunnel_alias(),
				   err) < 0) {
		tunnel_explain(err);
		return -1;
	}
	if (netcfg_link_find(e->ifname, NULL, &e->ifindex, err) == 0)
		return 0;
	if (e->tun >= 0)
		close(e->tun);
	e->tun = -1;
	return -1;
}

/* Server: the first name of the template that nobody has. */
static int tunnel_make_named(struct entry *e, struct nl_err *err)
{
	const char *tmpl = tunnel_link(e)->ifname;
	const char *percent = strchr(tmpl, '%');
	uint32_t i;

	for (i = 0; i < TUNNEL_NUMBERS; i++) {
		if (tunnel_used[i])
			continue;
		snprintf(e->ifname, sizeof(e->ifname), "%.*s%u%s",
			 (int)(percent - tmpl), tmpl, i, percent + 2);
		if (tunnel_make(e, err) == 0) {
			tunnel_used[i] = true;
			e->ifnumber = i;
			return 0;
		}
		/* Someone else's interface: the next number then. */
		if (err->code != EEXIST)
			return -1;
	}
	return -1;
}

static void tunnel_unmake(struct entry *e)
{
	struct nl_err err;

	if (!e->server) {
		client_link_idle(e->client);
		return;
	}
	if (e->tun >= 0)
		close(e->tun);
	else if (netcfg_link_del(e->ifindex, &err) < 0 && err.code != ENODEV)
		log_warn("cannot remove %s: %s", e->ifname, err.text);
	e->tun = -1;
	tunnel_used[e->ifnumber] = false;
}

static int tunnel_interface(struct entry *e, struct nl_err *err)
{
	if (e->server)
		return tunnel_make_named(e, err);
	snprintf(e->ifname, sizeof(e->ifname), "%s", tunnel_link(e)->ifname);
	return client_link_get(e->client, e->kind, &e->ifindex, &e->tun, err);
}

/* ---- addresses ------------------------------------------------------------------- */

/* Server: what the client makes its addresses of. Gone with the interface. */
static int tunnel_prefix(struct entry *e, struct nl_err *err)
{
	const struct netcfg_via via = { .ifindex = e->ifindex };

	if (netcfg_route(&e->prefix6, &via, true, err) < 0 && err->code != EEXIST)
		return -1;
	return 0;
}

static int tunnel_addresses(struct entry *e, struct nl_err *err)
{
	if (!e->server)
		return client_link_addresses(e->client, &e->net, err);
	if (e->net.ipv4 && netcfg_addr4(e->ifindex, e->net.local, e->net.peer,
					true, err) < 0)
		return -1;
	if (e->net.ipv6 && netcfg_addr6(e->ifindex, e->net.ifid, true, err) < 0)
		return -1;
	if (e->net.ipv6 && e->prefix6_number)
		return tunnel_prefix(e, err);
	return 0;
}

/* ---- data path --------------------------------------------------------------------- */

static uint32_t tunnel_protocols(const struct ppp_network *net)
{
	return (net->ipv4 ? SSTP_PROTOCOLS_IPV4 : 0) |
	       (net->ipv6 ? SSTP_PROTOCOLS_IPV6 : 0);
}

static int tunnel_attach(struct entry *e, const struct msg_path_open *req,
			 int sock, int *fd, struct nl_err *err)
{
	const struct nl_sstp_new new = {
		.ifindex = e->ifindex,
		.fd = sock,
		.protocols = tunnel_protocols(&e->net),
		.peer_mru = e->net.peer_mru,
		.pending = req->pending,
		.pending_len = req->pending_len,
	};

	if (e->kind == MSG_PATH_KERNEL)
		return nl_sstp_session_new(&new, &e->kernel_id, fd, err);
	*fd = fcntl(e->tun, F_DUPFD_CLOEXEC, 0);
	if (*fd >= 0)
		return 0;
	err->code = errno;
	snprintf(err->text, sizeof(err->text), "%s", strerror(errno));
	return -1;
}

static uint32_t tunnel_mtu(const struct entry *e)
{
	uint32_t mtu = tunnel_link(e)->mtu;

	if (e->grant.mtu && e->grant.mtu < mtu)
		mtu = e->grant.mtu;
	return mtu < e->net.peer_mru ? mtu : e->net.peer_mru;
}

int tunnel_up(struct entry *e, const struct msg_path_open *req, int sock,
	      int *fd, struct nl_err *err)
{
	e->kind = req->kind;
	e->net = req->net;
	memcpy(e->why, req->why, sizeof(e->why));
	memcpy(e->tls, req->tls, sizeof(e->tls));
	e->tcp_local = req->tcp_local;
	e->tcp_peer = req->tcp_peer;
	e->mtu = tunnel_mtu(e);
	if (tunnel_interface(e, err) < 0)
		return -1;
	if (netcfg_link_up(e->ifindex, e->mtu, err) < 0 ||
	    tunnel_addresses(e, err) < 0)
		goto unmake;
	netcfg_link_counts(e->ifindex, &e->base);
	if (tunnel_attach(e, req, sock, fd, err) < 0)
		goto unmake;
	if (!e->server)
		client_link_routes(e->client, &e->remote);
	e->up = true;
	e->since = time(NULL);
	e->since_ms = loop_now_ms();
	return 0;
unmake:
	tunnel_unmake(e);
	return -1;
}

/* Addresses that were there stay; the engine cannot change them. */
static void tunnel_update_addresses(struct entry *e,
				    const struct ppp_network *net)
{
	struct nl_err err;

	if (net->ipv4 && !e->net.ipv4) {
		e->net.ipv4 = true;
		e->net.local = net->local;
		e->net.peer = net->peer;
		memcpy(e->net.dns, net->dns, sizeof(e->net.dns));
	}
	if (net->ipv6 && !e->net.ipv6) {
		e->net.ipv6 = true;
		memcpy(e->net.ifid, net->ifid, sizeof(e->net.ifid));
		memcpy(e->net.peer_ifid, net->peer_ifid,
		       sizeof(e->net.peer_ifid));
	}
	if (tunnel_addresses(e, &err) < 0)
		log_warn("session %u: addresses of %s: %s", e->id, e->ifname,
			 err.text);
}

void tunnel_update(struct entry *e, const struct ppp_network *net)
{
	struct nl_err err;

	if (!e->up)
		return;
	tunnel_update_addresses(e, net);
	if (e->kind == MSG_PATH_KERNEL &&
	    nl_sstp_session_set(e->kernel_id, tunnel_protocols(net),
				e->net.peer_mru, &err) < 0)
		log_warn("session %u: session-set: %s", e->id, err.text);
}

void tunnel_counts(const struct entry *e, struct netcfg_counts *counts)
{
	memset(counts, 0, sizeof(*counts));
	if (!e->up || netcfg_link_counts(e->ifindex, counts) < 0)
		return;
	counts->rx_bytes -= e->base.rx_bytes;
	counts->tx_bytes -= e->base.tx_bytes;
	counts->rx_packets -= e->base.rx_packets;
	counts->tx_packets -= e->base.tx_packets;
}

void tunnel_down(struct entry *e)
{
	if (!e->up)
		return;
	e->up = false;
	tunnel_unmake(e);
}
