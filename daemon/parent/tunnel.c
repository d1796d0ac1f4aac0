// SPDX-License-Identifier: GPL-2.0-or-later
#include "parent/tunnel.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <linux/sstp.h>

#include "lib/addr.h"
#include "lib/container.h"
#include "lib/log.h"
#include "lib/loop.h"
#include "netlink/netns.h"
#include "netlink/nl_sstp.h"
#include "netlink/tc.h"
#include "netlink/trust.h"
#include "parent/client_dial.h"
#include "parent/client_link.h"
#include "parent/ifname.h"
#include "parent/removal.h"
#include "parent/source_check.h"
#include "parent/tun.h"

/* Numbers for the template of the server's interface names. */
#define TUNNEL_NUMBERS	65536
/* As the kernel does, unless it is told: a third of what is safe. */
#define TUNNEL_REKEY_RECORDS	(1u << 23)

static const struct conf *tunnel_conf;
/* Those that are up, by the number of their interface; each namespace counts anew. */
static struct hash tunnel_entries;
/* How often all of them were counted. */
static uint64_t tunnel_counted;
/* What has a number of the template; the rest is free. */
enum {
	TUNNEL_FREE,
	TUNNEL_USED,
	TUNNEL_FOREIGN,	/* of somebody else, when it was last tried */
};

static uint8_t tunnel_numbers[TUNNEL_NUMBERS];

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

/*
 * And its routes and addresses: the protocol numbers from 200 on are nobody's. One that
 * is not at the usual place gets one of the others, mostly its own.
 */
#define TUNNEL_MARK		200
#define TUNNEL_MARK_OTHERS	16

static uint8_t tunnel_mark(void)
{
	return (uint8_t)(TUNNEL_MARK + conf_instance(&tunnel_conf->main, TUNNEL_MARK_OTHERS));
}

static void tunnel_number_free(uint32_t number)
{
	tunnel_numbers[number] = TUNNEL_FREE;
}

void tunnel_init(const struct conf *conf)
{
	tunnel_conf = conf;
	netcfg_init(tunnel_mark());
	removal_init(tunnel_number_free);
	client_link_init(conf, tunnel_alias());
}

static void tunnel_set_up(struct entry *e, bool up)
{
	e->up = up;
	if (up)
		hash_add(&tunnel_entries, &e->by_ifindex, hash_u32(e->ifindex));
	else
		hash_remove(&tunnel_entries, &e->by_ifindex);
}

struct entry *tunnel_find(const struct netns *ns, uint32_t ifindex)
{
	struct hash_node *node = hash_first(&tunnel_entries, hash_u32(ifindex));
	struct entry *e;

	for (; node; node = hash_same(node)) {
		e = container_of(node, struct entry, by_ifindex);
		if (e->ifindex == ifindex && e->netns == ns)
			return e;
	}
	return NULL;
}

/* @ns: where that interface is */
static bool tunnel_is_used(const void *ns, uint32_t ifindex)
{
	return tunnel_find(ns, ifindex);
}

static void tunnel_sweep_links(const struct netns *ns)
{
	netns_enter(ns);
	netcfg_link_sweep("sstp", tunnel_alias(), tunnel_is_used, ns);
	netns_leave();
}

static void tunnel_sweep_client(const char *name)
{
	struct netns *ns;
	struct nl_err err;

	ns = netns_hold(name, &err);
	/* Nothing can be left where nothing is; else its client will say the same. */
	if (!ns)
		return;
	tunnel_sweep_links(ns);
	netns_enter(ns);
	client_link_sweep(name);
	netns_leave();
	netns_put(ns);
}

void tunnel_sweep(void)
{
	const struct netns *last = NULL;

	tunnel_sweep_links(NULL);
	client_link_sweep("");
	for (uint32_t i = 0; i < tunnel_conf->n_clients; i++)
		if (*tunnel_conf->clients[i].netns)
			tunnel_sweep_client(tunnel_conf->clients[i].netns);
	/* Of sessions that go on: what is left beside them. */
	for (struct entry *e = table_first(); e; e = table_next(e)) {
		if (e->netns && e->netns != last)
			tunnel_sweep_links(e->netns);
		last = e->netns;
	}
}

static const struct conf_link *tunnel_link(const struct entry *e)
{
	return e->server ? &tunnel_conf->server.link :
			   &tunnel_conf->clients[e->client].link;
}

const char *tunnel_client_name(const struct entry *e)
{
	return tunnel_conf->clients[e->link].name;
}

static struct nl_sstp_session tunnel_session(const struct entry *e)
{
	return (struct nl_sstp_session){ .fd = e->session_fd, .id = e->kernel_id };
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

static int tunnel_make_tun(struct entry *e, struct nl_err *err)
{
	e->tun = tun_open(e->ifname, err);
	if (e->tun < 0)
		return -1;
	if (netcfg_link_find(e->ifname, NULL, &e->ifindex, err) == 0)
		return 0;
	close(e->tun);
	e->tun = -1;
	return -1;
}

static int tunnel_make_once(struct entry *e, struct nl_err *err)
{
	if (e->kind == MSG_PATH_TUN)
		return tunnel_make_tun(e, err);
	if (netcfg_link_add(e->ifname, "sstp", tunnel_alias(), e->slots, &e->ifindex, err) == 0)
		return 0;
	tunnel_explain(err);
	return -1;
}

/* One that is about to go anyway must not cost a session its name. */
static int tunnel_make(struct entry *e, struct nl_err *err)
{
	int rc = tunnel_make_once(e, err);

	if (rc < 0 && err->code == EEXIST && !e->netns && removal_make_way(e, true))
		rc = tunnel_make_once(e, err);
	return rc;
}

/* @from: where to begin; TUNNEL_NUMBERS = there is none from there on */
static uint32_t tunnel_number_next(uint32_t from)
{
	const uint8_t *at = memchr(tunnel_numbers + from, TUNNEL_FREE, TUNNEL_NUMBERS - from);

	return at ? (uint32_t)(at - tunnel_numbers) : TUNNEL_NUMBERS;
}

/* The others may have gone since. */
static void tunnel_numbers_again(void)
{
	for (uint32_t i = 0; i < TUNNEL_NUMBERS; i++)
		if (tunnel_numbers[i] == TUNNEL_FOREIGN)
			tunnel_numbers[i] = TUNNEL_FREE;
}

/*
 * The first name of the template that nobody has. What another daemon has would else cost
 * each session a request for each of its names.
 */
static int tunnel_make_first(struct entry *e, const char *tmpl, struct nl_err *err)
{
	err->code = EEXIST;
	snprintf(err->text, sizeof(err->text), "all names of %s are taken", tmpl);
	for (uint32_t i = tunnel_number_next(0); i < TUNNEL_NUMBERS;
	     i = tunnel_number_next(i)) {
		ifname_from(tmpl, i, e->user, e->ifname);
		if (tunnel_make(e, err) == 0) {
			tunnel_numbers[i] = TUNNEL_USED;
			e->numbered = true;
			e->ifnumber = i;
			return 0;
		}
		if (err->code != EEXIST)
			return -1;
		tunnel_numbers[i] = TUNNEL_FOREIGN;
	}
	return -1;
}

static int tunnel_make_numbered(struct entry *e, const char *tmpl, struct nl_err *err)
{
	if (tunnel_make_first(e, tmpl, err) == 0)
		return 0;
	if (err->code != EEXIST)
		return -1;
	tunnel_numbers_again();
	return tunnel_make_first(e, tmpl, err);
}

/* Two users may come out as one name, and a user may come twice. */
static int tunnel_make_named(struct entry *e, struct nl_err *err)
{
	const char *tmpl = e->policy.ifname;

	if (strstr(tmpl, "%d"))
		return tunnel_make_numbered(e, tmpl, err);
	ifname_from(tmpl, 0, e->user, e->ifname);
	if (tunnel_make(e, err) == 0)
		return 0;
	if (err->code != EEXIST)
		return -1;
	log_info("session %u: there is an interface %s already, it gets a number",
		 e->id, e->ifname);
	return tunnel_make_numbered(e, "sstp%d", err);
}

void tunnel_cut(struct entry *e)
{
	const struct nl_sstp_session session = tunnel_session(e);
	struct nl_err err;

	if (e->session_fd < 0)
		return;
	nl_sstp_session_del(&session, &err);
	close(e->session_fd);
	e->session_fd = -1;
}

static void tunnel_unmake(struct entry *e)
{
	if (!e->server) {
		tunnel_cut(e);
		client_link_idle(e->link);
		return;
	}
	/* The kernel's session goes with the interface. */
	if (e->session_fd >= 0)
		close(e->session_fd);
	e->session_fd = -1;
	if (!e->netns) {
		removal_add(e);
	} else {
		netcfg_links_del(&e->ifindex, 1);
		if (e->tun >= 0)
			close(e->tun);
		if (e->numbered)
			tunnel_number_free(e->ifnumber);
	}
	e->tun = -1;
	e->numbered = false;
}

static int tunnel_interface(struct entry *e, struct nl_err *err)
{
	if (e->server)
		return tunnel_make_named(e, err);
	return client_link_get(e->link, e->kind, &e->ifindex, e->ifname, &e->tun, err);
}

/* ---- rules of the policy ----------------------------------------------------------- */

static int tunnel_fail(struct nl_err *err, const char *what)
{
	char text[NL_ERR_MAX];

	snprintf(text, sizeof(text), "%s", err->text);
	snprintf(err->text, sizeof(err->text), "%s: %.80s", what, text);
	return -1;
}

/* And not a network, behind which there may be any number of flows. */
static bool tunnel_to_one_machine(const struct entry *e)
{
	return !e->grant.user.n_routes;
}

static int tunnel_rates(const struct entry *e, struct nl_err *err)
{
	const struct conf_policy *p = &e->policy;

	if (p->rate_down && tc_shape(e->ifindex, p->rate_down, tunnel_to_one_machine(e), err) < 0)
		return tunnel_fail(err, "rate-down (needs sch_tbf, sch_fq_codel)");
	if (p->rate_up && tc_police(e->ifindex, p->rate_up, err) < 0)
		return tunnel_fail(err, "rate-up (needs cls_matchall, act_police)");
	return 0;
}

/* Before the interface is up: nothing passes that has not been allowed. */
static int tunnel_rules(struct entry *e, struct nl_err *err)
{
	const struct conf_policy *p = &e->policy;

	if (trust_nothing(e->ifname, err) < 0)
		return tunnel_fail(err, "what the kernel believes a client");
	if (*p->vrf && netcfg_link_enslave(e->ifindex, p->vrf, &e->table, err) < 0)
		return tunnel_fail(err, "vrf");
	if (p->ifgroup && netcfg_link_group(e->ifindex, p->ifgroup, err) < 0)
		return tunnel_fail(err, "interface-group");
	if ((p->rate_up || source_check_by_filters(e)) &&
	    tc_ingress(e->ifindex, err) < 0)
		return tunnel_fail(err, "rate-up or source-check (needs sch_ingress)");
	if (source_check_begin(e, err) < 0)
		return -1;
	/* Several transmit queues have one each, by the kernel's choice. */
	if (!p->rate_down && e->slots < 2 && tunnel_to_one_machine(e) && tc_is_fair() &&
	    tc_few_flows(e->ifindex, err) < 0)
		return tunnel_fail(err, "queue (needs sch_fq_codel)");
	return tunnel_rates(e, err);
}

/* @again: it may well be there */
static void tunnel_route(const struct entry *e, const struct conf_route *route, bool again)
{
	const struct netcfg_via via = {
		.ifindex = e->ifindex,
		.table = e->table,
	};
	char text[ADDR_PREFIX_MAX];
	struct nl_err err;

	if (netcfg_route(route, &via, true, &err) == 0 || (again && err.code == EEXIST))
		return;
	addr_prefix_text(route->family, route->addr, route->len, text);
	log_err("session %u: route %s to user %s: %s", e->id, text, e->user, err.text);
}

/* Networks behind the client, of one family. They go with the interface. */
static void tunnel_routes(const struct entry *e, uint8_t family)
{
	const struct policy_user *user = &e->grant.user;

	for (uint32_t i = 0; i < user->n_routes; i++)
		if (user->routes[i].family == family)
			tunnel_route(e, &user->routes[i], e->up);
}

/* ---- addresses ------------------------------------------------------------------- */

static int tunnel_ipv4(struct entry *e, struct nl_err *err)
{
	if (netcfg_addr4(e->ifindex, e->net.local, e->net.peer, true, err) < 0 ||
	    source_check_allow(e, AF_INET, false, err) < 0)
		return -1;
	tunnel_routes(e, AF_INET);
	return 0;
}

/* What the client makes its addresses of. The route goes with the interface. */
static int tunnel_prefix(struct entry *e, struct nl_err *err)
{
	const struct netcfg_via via = {
		.ifindex = e->ifindex,
		.table = e->table,
	};

	if (netcfg_route(&e->prefix6, &via, true, err) < 0 && err->code != EEXIST)
		return -1;
	return 0;
}

/* @again: it had some */
static int tunnel_ipv6(struct entry *e, bool again, struct nl_err *err)
{
	if (netcfg_addr6(e->ifindex, e->net.ifid, true, err) < 0 ||
	    source_check_allow(e, AF_INET6, again, err) < 0)
		return -1;
	if (e->prefix6.family && tunnel_prefix(e, err) < 0)
		return -1;
	tunnel_routes(e, AF_INET6);
	return 0;
}

static int tunnel_addresses(struct entry *e, struct nl_err *err)
{
	if (!e->server)
		return client_link_addresses(e->link, &e->net, &e->remote, err);
	if (e->net.ipv4 && tunnel_ipv4(e, err) < 0)
		return -1;
	if (e->net.ipv6 && tunnel_ipv6(e, false, err) < 0)
		return -1;
	return 0;
}

/* ---- data path --------------------------------------------------------------------- */

static uint32_t tunnel_protocols(const struct ppp_network *net)
{
	return (net->ipv4 ? SSTP_PROTOCOLS_IPV4 : 0) |
	       (net->ipv6 ? SSTP_PROTOCOLS_IPV6 : 0);
}

/* Half of what is allowed: a peer is asked, and has time to answer, before the end. */
static uint32_t tunnel_rekey_records(void)
{
	uint32_t half = tunnel_conf->main.key_limit / 2;

	return half < TUNNEL_REKEY_RECORDS ? half : TUNNEL_REKEY_RECORDS;
}

static int tunnel_attach(struct entry *e, const struct msg_path_open *req, bool replace,
			 int *fd, struct nl_err *err)
{
	const bool rekeys = tunnel_conf->main.rekey && nl_sstp_rekeys();
	struct conf_route sources[SOURCE_CHECK_MAX];
	const struct nl_sstp_new new = {
		.ifindex = e->ifindex,
		.fd = &e->sock,
		.protocols = tunnel_protocols(&e->net),
		.peer_mru = e->net.peer_mru,
		.record_size = req->record_size,
		.client = !e->server,
		.replace = replace,
		.slot = e->lane.number,
		.pending = req->pending,
		.pending_len = req->pending_len,
		.secret_len = rekeys ? req->secret_len : 0,
		.tx_secret = req->tx_secret,
		.rx_secret = req->rx_secret,
		.rekey_records = tunnel_rekey_records(),
		.rekey_seconds = tunnel_conf->main.rekey_interval,
		.sources = sources,
		.n_sources = source_check_list(e, sources),
	};

	if (e->kind == MSG_PATH_KERNEL) {
		if (nl_sstp_session_new(&new, &e->kernel_id, fd, err) < 0)
			return -1;
		e->session_fd = fcntl(*fd, F_DUPFD_CLOEXEC, 0);
		e->rekeys = new.secret_len;
		return 0;
	}
	*fd = fcntl(e->tun, F_DUPFD_CLOEXEC, 0);
	if (*fd >= 0)
		return 0;
	err->code = errno;
	snprintf(err->text, sizeof(err->text), "%s", strerror(errno));
	return -1;
}

uint32_t tunnel_mtu_of(const struct entry *e, const struct ppp_network *net)
{
	uint32_t mtu = tunnel_link(e)->mtu;

	if (e->grant.mtu && e->grant.mtu < mtu)
		mtu = e->grant.mtu;
	return mtu < net->peer_mru ? mtu : net->peer_mru;
}

static bool tunnel_has_socket(const struct entry *e, const struct msg_path_open *req,
			      struct nl_err *err)
{
	if (req->kind != MSG_PATH_KERNEL || e->sock >= 0)
		return true;
	err->code = EMFILE;
	snprintf(err->text, sizeof(err->text), "no descriptor left for its socket");
	return false;
}

static int tunnel_build(struct entry *e, const struct msg_path_open *req,
			int *fd, struct nl_err *err)
{
	if (!tunnel_has_socket(e, req, err))
		return -1;
	if (!e->netns)
		removal_make_way(e, false);
	if (tunnel_interface(e, err) < 0)
		return -1;
	source_check_choose(e);
	if ((e->server ? tunnel_rules(e, err) :
			 client_link_trust(e->link, e->ifname, err)) < 0 ||
	    netcfg_link_up(e->ifindex, e->mtu, err) < 0 ||
	    tunnel_addresses(e, err) < 0)
		goto unmake;
	/* A server's is new, and has carried nothing. */
	if (!e->server)
		netcfg_link_counts(e->ifindex, &e->base);
	if (tunnel_attach(e, req, false, fd, err) < 0)
		goto unmake;
	return 0;
unmake:
	tunnel_unmake(e);
	return -1;
}

static void tunnel_note(struct entry *e, const struct msg_path_open *req)
{
	e->kind = req->kind;
	e->net = req->net;
	memcpy(e->why, req->why, sizeof(e->why));
	memcpy(e->tls, req->tls, sizeof(e->tls));
	e->tcp_local = req->tcp_local;
	e->tcp_peer = req->tcp_peer;
	/* An engine's word; the next sstpd lays a rule for what was dialled, and nothing else. */
	if (!e->server && !client_dial_is_to(e->client, &e->tcp_peer))
		e->tcp_peer.ss_family = AF_UNSPEC;
	if (!e->server)
		strcpy(e->policy.netns, tunnel_conf->clients[e->client].netns);
	e->mtu = tunnel_mtu_of(e, &e->net);
	e->slots = e->kind == MSG_PATH_KERNEL && e->lane.of && nl_sstp_has_slots() ?
		   e->lane.of : 1;
}

/* Return: 0, or -1 if it is not there */
static int tunnel_find_netns(struct entry *e, struct nl_err *err)
{
	if (*e->policy.netns) {
		e->netns = netns_hold(e->policy.netns, err);
		if (!e->netns)
			return -1;
	}
	return 0;
}

int tunnel_up(struct entry *e, const struct msg_path_open *req, int *fd,
	      struct nl_err *err)
{
	int rc;

	tunnel_note(e, req);
	if (tunnel_find_netns(e, err) < 0)
		return -1;
	/* No session is there: our interfaces are those of an earlier run. */
	if (netns_is_new(e->netns))
		tunnel_sweep_links(e->netns);
	if (!e->server)
		client_link_settle(e->link, e->netns);
	netns_enter(e->netns);
	rc = tunnel_build(e, req, fd, err);
	if (rc == 0 && !e->server)
		client_link_routes(e->link, &e->remote);
	netns_leave();
	if (rc < 0) {
		netns_put(e->netns);
		e->netns = NULL;
		return -1;
	}
	tunnel_set_up(e, true);
	e->since = time(NULL);
	e->since_ms = loop_now_ms();
	return 0;
}

/* All that is @old's of the interface is that of @e. */
static void tunnel_inherit(struct entry *e, struct entry *old)
{
	memcpy(e->ifname, old->ifname, sizeof(e->ifname));
	e->ifindex = old->ifindex;
	e->numbered = old->numbered;
	e->ifnumber = old->ifnumber;
	e->netns = old->netns;
	memcpy(e->policy.netns, old->policy.netns, sizeof(e->policy.netns));
	e->table = old->table;
	e->slots = old->slots;
	tunnel_set_up(old, false);
	tunnel_set_up(e, true);
	old->numbered = false;
	old->netns = NULL;
}

/* It has a slot of the interface of @there, which it shares, or is to have for itself. */
static int tunnel_attach_to(struct entry *e, const struct entry *there,
			    const struct msg_path_open *req, bool replace, int *fd,
			    struct nl_err *err)
{
	int rc;

	tunnel_note(e, req);
	if (!tunnel_has_socket(e, req, err))
		return -1;
	e->ifindex = there->ifindex;
	e->source_in_module = there->source_in_module;
	netns_enter(there->netns);
	rc = tunnel_attach(e, req, replace, fd, err);
	netns_leave();
	return rc;
}

int tunnel_take_over(struct entry *e, struct entry *old, const struct msg_path_open *req,
		     int *fd, struct nl_err *err)
{
	if (tunnel_attach_to(e, old, req, true, fd, err) < 0)
		return -1;
	tunnel_inherit(e, old);
	return 0;
}

/* A connection that had joined has nothing of the interface any more. */
static void tunnel_let_go(struct entry *e)
{
	e->up = false;
	netns_put(e->netns);
	e->netns = NULL;
}

int tunnel_join(struct entry *e, const struct entry *leader, struct entry *old,
		const struct msg_path_open *req, int *fd, struct nl_err *err)
{
	if (tunnel_attach_to(e, leader, req, old, fd, err) < 0)
		return -1;
	memcpy(e->ifname, leader->ifname, sizeof(e->ifname));
	e->slots = leader->slots;
	e->table = leader->table;
	e->netns = netns_share(leader->netns);
	e->leader = leader->id;
	e->up = true;
	e->since = time(NULL);
	e->since_ms = loop_now_ms();
	if (old)
		tunnel_let_go(old);
	return 0;
}

void tunnel_part(struct entry *e)
{
	tunnel_cut(e);
	tunnel_let_go(e);
}

void tunnel_bequeath(struct entry *e, struct entry *old)
{
	netns_put(e->netns);
	e->netns = NULL;
	e->leader = 0;
	tunnel_inherit(e, old);
}

void tunnel_protocols_of(struct entry *e, const struct ppp_network *net)
{
	const struct nl_sstp_session session = tunnel_session(e);
	struct conf_route sources[SOURCE_CHECK_MAX];
	struct nl_err err;

	netns_enter(e->netns);
	if (nl_sstp_session_set(&session, tunnel_protocols(net), e->net.peer_mru, sources,
				source_check_list(e, sources), &err) < 0)
		log_warn("session %u: session-set: %s", e->id, err.text);
	netns_leave();
}

/* Neither a file of another kind, nor of another session than what was kept of it says. */
static int tunnel_is_its_own(const struct entry *e, struct nl_err *err)
{
	uint32_t id, ifindex;

	err->code = EINVAL;
	snprintf(err->text, sizeof(err->text), "its descriptor is not there, or another one's");
	if (e->session_fd < 0)
		return -1;
	if (nl_sstp_session_is(e->session_fd, &id, &ifindex, err) < 0)
		return -1;
	return id == e->kernel_id && ifindex == e->ifindex ? 0 : -1;
}

/* Return: 0, 1 = only its interface, whatever its name, is there, -1 = not even that */
static int tunnel_is_there(struct entry *e, struct nl_err *err)
{
	bool ended = tunnel_is_its_own(e, err) < 0;
	struct nl_err ignored;

	if (netcfg_link_name(e->ifindex, e->ifname, ended ? &ignored : err) < 0)
		return -1;
	/* There may have been time for somebody else to take its place. */
	if (ended && !netcfg_link_has_alias(e->ifindex, tunnel_alias()))
		return -1;
	return ended;
}

int tunnel_resume(struct entry *e, struct nl_err *err)
{
	int rc;

	if (tunnel_find_netns(e, err) < 0)
		return -1;
	netns_enter(e->netns);
	rc = tunnel_is_there(e, err);
	netns_leave();
	if (rc < 0) {
		netns_put(e->netns);
		e->netns = NULL;
		return -1;
	}
	if (!e->server) {
		client_dial_resume(e->client, &e->tcp_peer);
		client_link_settle(e->link, e->netns);
		client_link_set_ifid(e->link, e->own_ifid);
		netns_enter(e->netns);
		client_link_resume(e->link, e->ifindex, &e->net, &e->remote);
		netns_leave();
	} else if (e->numbered && e->ifnumber < TUNNEL_NUMBERS) {
		tunnel_numbers[e->ifnumber] = TUNNEL_USED;
	}
	tunnel_set_up(e, true);
	return rc;
}

/*
 * It was down, and is up again: its IPv4 addresses have stayed, with their routes, all
 * else went.
 */
void tunnel_restore(struct entry *e)
{
	const struct policy_user *user = &e->grant.user;
	struct nl_err err;

	if (!e->up || e->replaced || e->netns)
		return;
	if (!e->server) {
		client_link_restore(e->ifindex);
		return;
	}
	if (e->net.ipv6 && netcfg_addr6(e->ifindex, e->net.ifid, true, &err) < 0)
		log_warn("session %u: addresses of %s: %s", e->id, e->ifname, err.text);
	if (e->net.ipv6 && e->prefix6.family)
		tunnel_route(e, &e->prefix6, true);
	for (uint32_t i = 0; i < user->n_routes; i++)
		if (user->routes[i].family == AF_INET ? e->net.ipv4 : e->net.ipv6)
			tunnel_route(e, &user->routes[i], true);
}

/* A client has another identifier than before: what it had is not allowed any more. */
static int tunnel_ipv6_again(struct entry *e, const struct ppp_network *old,
			     struct nl_err *err)
{
	struct nl_err ignored;

	if (tunnel_ipv6(e, true, err) < 0)
		return -1;
	if (memcmp(old->ifid, e->net.ifid, sizeof(old->ifid)))
		netcfg_addr6(e->ifindex, old->ifid, false, &ignored);
	return 0;
}

/*
 * A further NCP opened, or one was negotiated anew. A server's IPv4 addresses are
 * what they were: the client gets no other. Those of an NCP that is gone stay.
 */
static int tunnel_take_addresses(struct entry *e, const struct ppp_network *net,
				 struct nl_err *err)
{
	const struct ppp_network old = e->net;
	bool ipv4 = net->ipv4, ipv6 = net->ipv6;

	if (ipv4) {
		e->net.ipv4 = true;
		e->net.local = net->local;
		e->net.peer = net->peer;
		memcpy(e->net.dns, net->dns, sizeof(e->net.dns));
	}
	if (ipv6) {
		e->net.ipv6 = true;
		memcpy(e->net.ifid, net->ifid, sizeof(e->net.ifid));
		memcpy(e->net.peer_ifid, net->peer_ifid,
		       sizeof(e->net.peer_ifid));
	}
	if (!e->server)
		return tunnel_addresses(e, err);
	if (ipv4 && !old.ipv4 && tunnel_ipv4(e, err) < 0)
		return -1;
	if (ipv6 && !old.ipv6)
		return tunnel_ipv6(e, false, err);
	if (ipv6 && (memcmp(old.ifid, e->net.ifid, sizeof(old.ifid)) ||
		     memcmp(old.peer_ifid, e->net.peer_ifid, sizeof(old.peer_ifid))))
		return tunnel_ipv6_again(e, &old, err);
	return 0;
}

void tunnel_update(struct entry *e, const struct ppp_network *net)
{
	const struct nl_sstp_session session = tunnel_session(e);
	struct conf_route sources[SOURCE_CHECK_MAX];
	struct nl_err err;

	if (!e->up)
		return;
	netns_enter(e->netns);
	if (tunnel_take_addresses(e, net, &err) < 0)
		log_warn("session %u: addresses of %s: %s", e->id, e->ifname,
			 err.text);
	if (e->kind == MSG_PATH_KERNEL &&
	    nl_sstp_session_set(&session, tunnel_protocols(net), e->net.peer_mru,
				sources, source_check_list(e, sources), &err) < 0)
		log_warn("session %u: session-set: %s", e->id, err.text);
	netns_leave();
}

bool tunnel_set_rates(struct entry *e, uint64_t down, uint64_t up)
{
	struct conf_policy *p = &e->policy;
	struct nl_err err = { 0 };
	bool ok = true;

	if (!e->up)
		return false;
	netns_enter(e->netns);
	if (up && !p->rate_up && !source_check_by_filters(e))
		ok = tc_ingress(e->ifindex, &err) == 0;
	p->rate_down = down ? down : p->rate_down;
	p->rate_up = up ? up : p->rate_up;
	ok = ok && tunnel_rates(e, &err) == 0;
	netns_leave();
	if (!ok)
		log_err("session %u: %s", e->id, err.text);
	return ok;
}

int tunnel_idle(const struct entry *e, uint32_t *ms, struct nl_err *err)
{
	const struct nl_sstp_session session = tunnel_session(e);
	int rc;

	netns_enter(e->netns);
	rc = nl_sstp_session_idle(&session, ms, err);
	netns_leave();
	return rc;
}

int tunnel_stats(const struct entry *e, struct nl_sstp_stats *stats,
		 struct nl_err *err)
{
	const struct nl_sstp_session session = tunnel_session(e);
	int rc;

	netns_enter(e->netns);
	rc = nl_sstp_session_stats(&session, stats, err);
	netns_leave();
	return rc;
}

static struct netcfg_counts tunnel_since(const struct entry *e,
					 const struct netcfg_counts *counts)
{
	return (struct netcfg_counts){
		.rx_bytes = counts->rx_bytes - e->base.rx_bytes,
		.tx_bytes = counts->tx_bytes - e->base.tx_bytes,
		.rx_packets = counts->rx_packets - e->base.rx_packets,
		.tx_packets = counts->tx_packets - e->base.tx_packets,
	};
}

void tunnel_counts(const struct entry *e, struct netcfg_counts *counts)
{
	int rc;

	*counts = e->counted ? e->last : (struct netcfg_counts){ 0 };
	if (!e->up || e->counted || e->leader)
		return;
	netns_enter(e->netns);
	rc = netcfg_link_counts(e->ifindex, counts);
	netns_leave();
	if (rc == 0)
		*counts = tunnel_since(e, counts);
}

static void tunnel_take_counts(void *arg, uint32_t ifindex, const struct netcfg_counts *counts)
{
	struct entry *e = tunnel_find(NULL, ifindex);

	(void)arg;
	if (!e || e->counted)
		return;
	e->last = tunnel_since(e, counts);
	e->counted_in = tunnel_counted;
}

/* Whom that has missed, for it is in a namespace or links come and go, is asked for. */
static struct netcfg_counts tunnel_counts_now(const struct entry *e)
{
	struct netcfg_counts counts = e->last;

	if (e->counted_in != tunnel_counted)
		tunnel_counts(e, &counts);
	return counts;
}

void tunnel_count_all(struct netcfg_counts *sum)
{
	struct netcfg_counts one;

	tunnel_counted++;
	netcfg_links_counts(tunnel_take_counts, NULL);
	for (struct entry *e = table_first(); e; e = table_next(e)) {
		if (!e->up || e->leader)
			continue;
		one = tunnel_counts_now(e);
		sum->rx_bytes += one.rx_bytes;
		sum->tx_bytes += one.tx_bytes;
		sum->rx_packets += one.rx_packets;
		sum->tx_packets += one.tx_packets;
	}
}

void tunnel_count_last(struct entry *e)
{
	tunnel_counts(e, &e->last);
	e->counted |= e->up;
}

void tunnel_retire(struct entry *e)
{
	struct nl_err err;

	if (!e->up || !e->server)
		return;
	netns_enter(e->netns);
	if (netcfg_link_down(e->ifindex, &err) < 0)
		log_warn("cannot set %s down: %s", e->ifname, err.text);
	netns_leave();
}

void tunnel_down(struct entry *e)
{
	if (!e->up)
		return;
	tunnel_set_up(e, false);
	netns_enter(e->netns);
	tunnel_unmake(e);
	netns_leave();
	netns_put(e->netns);
	e->netns = NULL;
}
