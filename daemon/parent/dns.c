// SPDX-License-Identifier: GPL-2.0-or-later
#include "parent/dns.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/log.h"
#include "lib/loop.h"
#include "netlink/netcfg.h"
#include "parent/dns_note.h"
#include "parent/dns_plan.h"
#include "parent/hook.h"
#include "parent/ra.h"

#define DNS_RESOLVED_SOCKET	"/run/systemd/resolve/io.systemd.Resolve"
/* Of a client that is not in the configuration any more. */
#define DNS_FORMER		CONF_CLIENTS_MAX
#define DNS_FORMER_S		10
/* A server may change its mind as often as it likes: programs are run for it so often. */
#define DNS_PAUSE_MS		2000

/**
 * struct dns_client - of one client
 * @session: that is up, 0 = none; @explained: of which the log says why nothing is told
 * @advertised: name servers of IPv6
 * @told: what was said last, and not taken back
 * @calm_ms: nothing else is said of this session until then; @later: timer of that
 */
struct dns_client {
	uint32_t session;
	uint32_t explained;
	struct dns_offer advertised;
	struct dns_told told;
	uint64_t calm_ms;
	struct event *later;
};

static struct {
	const struct conf *conf;
	char path[CONF_PATH_MAX + 8];
	struct dns_client clients[CONF_CLIENTS_MAX];
} dns;

/* ---- what there is on this host ---------------------------------------------------- */

/* The resolvconf of systemd is resolvectl by another name: it is no other way. */
static bool dns_is_resolvectl(const char *path)
{
	char *real = realpath(path, NULL);
	bool is = real && strstr(real, "/resolvectl");

	free(real);
	return is;
}

static void dns_find(char path[CONF_PATH_MAX], const char *name, bool resolvectl)
{
	static const char *const folders[] = { "/usr/sbin", "/usr/bin", "/sbin", "/bin" };

	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		snprintf(path, CONF_PATH_MAX, "%s/%s", folders[i], name);
		if (access(path, X_OK) == 0 && dns_is_resolvectl(path) == resolvectl)
			return;
	}
	*path = '\0';
}

/* The file of its socket stays when it has ended. */
static bool dns_resolved_runs(void)
{
	const struct sockaddr_un addr = {
		.sun_family = AF_UNIX,
		.sun_path = DNS_RESOLVED_SOCKET,
	};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	bool runs = fd >= 0 &&
		    (connect(fd, (const struct sockaddr *)&addr, sizeof(addr)) == 0 ||
		     errno == EAGAIN);	/* and is busy */

	if (fd >= 0)
		close(fd);
	return runs;
}

/* Two programs have that name; this is a part of Debian's alone. */
static bool dns_resolvconf_is_debian(void)
{
	return access("/usr/lib/resolvconf/list-records", X_OK) == 0 ||
	       access("/lib/resolvconf/list-records", X_OK) == 0;
}

static void dns_look_around(struct dns_host *host)
{
	memset(host, 0, sizeof(*host));
	dns_find(host->resolvectl, "resolvectl", true);
	dns_find(host->resolvconf, "resolvconf", false);
	host->resolved = dns_resolved_runs();
	host->debian = dns_resolvconf_is_debian();
}

/* ---- saying it --------------------------------------------------------------------- */

static void dns_run(uint32_t client, const char *name, const struct dns_command *commands,
		    unsigned int n)
{
	uint32_t timeout_s = client == DNS_FORMER ? DNS_FORMER_S :
			     dns.conf->clients[client].link.script_s;
	const char *args[HOOK_ARGS_MAX + 1];

	for (unsigned int i = 0; i < n; i++) {
		memset(args, 0, sizeof(args));
		for (unsigned int w = 0; w < commands[i].n; w++)
			args[w] = commands[i].words[w];
		hook_program(client, name, args, commands[i].input, timeout_s);
	}
}

static void dns_note(void)
{
	static struct dns_note notes[CONF_CLIENTS_MAX];
	unsigned int n = 0;

	for (uint32_t i = 0; i < dns.conf->n_clients; i++) {
		if (dns.clients[i].told.whom == DNS_NOBODY)
			continue;
		strcpy(notes[n].name, dns.conf->clients[i].name);
		notes[n++].told = dns.clients[i].told;
	}
	dns_note_write(dns.path, notes, n);
}

static bool dns_link_is_there(uint32_t ifindex)
{
	char name[IFNAMSIZ];
	struct nl_err err;

	return netcfg_link_name(ifindex, name, &err) == 0;
}

/* systemd-resolved forgets by itself what it has heard of an interface that is gone. */
static void dns_take_back(uint32_t client, const char *name, const struct dns_told *told,
			  const struct dns_host *host)
{
	struct dns_command commands[DNS_COMMANDS_MAX];

	if (told->whom == DNS_RESOLVED && !dns_link_is_there(told->ifindex))
		return;
	dns_run(client, name, commands, dns_plan_undo(told, host, commands));
}

/* In the log: what names are asked where now. */
static void dns_report(const struct conf_client *client, const struct dns_told *told)
{
	char servers[DNS_SERVERS_MAX * (INET6_ADDRSTRLEN + 1)] = "";
	char text[INET6_ADDRSTRLEN];
	size_t len = 0;

	for (uint32_t i = 0; i < told->n_servers; i++)
		len += (size_t)snprintf(servers + len, sizeof(servers) - len, "%s%s",
					len ? " " : "",
					inet_ntop(told->servers[i].family,
						  told->servers[i].addr, text,
						  sizeof(text)));
	log_info("client %s: %s is told of name servers %s, for %s", client->name,
		 told->whom == DNS_RESOLVED ? "systemd-resolved" : "resolvconf", servers,
		 told->all ? "all names" : "\"dns-domains\"");
	if (told->all && !dns_all_are_wanted(client))
		log_warn("client %s: Debian's resolvconf cannot ask for \"dns-domains\" alone: all names are asked in the tunnel; systemd-resolved can, or openresolv with a resolver on this host",
			 client->name);
}

/* Why nobody was told anything, if somebody might have thought so. */
static void dns_explain(const struct conf_client *client, const struct dns_host *host,
			const struct dns_offer *offer)
{
	if (client->dns == CONF_DNS_RESOLVED && !*host->resolvectl)
		log_warn("client %s: there is no resolvectl here, the name servers stay what they are",
			 client->name);
	else if (client->dns == CONF_DNS_RESOLVCONF && !*host->resolvconf)
		log_warn("client %s: there is no resolvconf here, the name servers stay what they are",
			 client->name);
	else if (!host->resolved && !*host->resolvconf)
		log_info("client %s: neither systemd-resolved nor resolvconf is here, the name servers stay what they are",
			 client->name);
	else
		log_info("client %s: the server has named %s, the name servers stay what they are",
			 client->name, offer->n ? "only name servers that are not in \"routes\"" :
			 "no name server");
}

static bool dns_same_place(const struct dns_told *a, const struct dns_told *b)
{
	return a->whom == b->whom && a->ifindex == b->ifindex &&
	       !strcmp(a->ifname, b->ifname);
}

/* What was said before is replaced by what is said of the same, or taken back. */
static void dns_say(uint32_t client, const struct dns_told *want, const struct dns_host *host)
{
	const char *name = dns.conf->clients[client].name;
	struct dns_client *c = &dns.clients[client];
	struct dns_command commands[DNS_COMMANDS_MAX];

	if (!dns_same_place(&c->told, want))
		dns_take_back(client, name, &c->told, host);
	c->told = *want;
	/* First of all: whatever happens now, it is known that it has to be undone. */
	dns_note();
	dns_run(client, name, commands, dns_plan_tell(want, host, commands));
}

/* ---- sessions ---------------------------------------------------------------------- */

static void dns_offer_ipv4(const struct ppp_network *net, struct dns_offer *offer)
{
	for (int i = 0; net->ipv4 && i < 2; i++) {
		if (!net->dns[i].s_addr)
			continue;
		offer->servers[offer->n] = (struct conf_route){ .family = AF_INET, .len = 32 };
		memcpy(offer->servers[offer->n++].addr, &net->dns[i], sizeof(net->dns[i]));
	}
}

static void dns_offer_ipv6(struct dns_offer *offer, const struct in6_addr *servers,
			   unsigned int n)
{
	memset(offer, 0, sizeof(*offer));
	for (; offer->n < n && offer->n < RA_DNS_MAX; offer->n++) {
		struct conf_route *server = &offer->servers[offer->n];

		server->family = AF_INET6;
		server->len = 128;
		memcpy(server->addr, &servers[offer->n], sizeof(*servers));
	}
}

static void dns_nothing(uint32_t client)
{
	static const struct dns_told nothing;
	struct dns_host host;

	if (dns.clients[client].told.whom == DNS_NOBODY)
		return;
	dns_look_around(&host);
	dns_say(client, &nothing, &host);
}

/* What there is to be told of @e; all zero = nothing. */
static void dns_look(const struct entry *e, const struct dns_host *host, struct dns_told *want)
{
	const struct conf_client *client = &dns.conf->clients[e->link];
	struct dns_client *c = &dns.clients[e->link];
	struct dns_offer offer = { 0 };

	dns_offer_ipv4(&e->net, &offer);
	for (unsigned int i = 0; e->net.ipv6 && i < c->advertised.n; i++)
		offer.servers[offer.n++] = c->advertised.servers[i];
	dns_want(client, host, &offer, want);
	if (want->whom != DNS_NOBODY) {
		want->ifindex = e->ifindex;
		memcpy(want->ifname, e->ifname, sizeof(want->ifname));
		return;
	}
	memset(want, 0, sizeof(*want));
	if (e->net.ipv4 && c->explained != e->id) {
		dns_explain(client, host, &offer);
		c->explained = e->id;
	}
}

static void dns_again(const struct dns_client *c)
{
	const struct entry *e = table_find(c->session);

	if (e)
		dns_up(e);
}

static void dns_on_later(int fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	dns_again(arg);
}

/* Is it too soon? Then it will be done. */
static bool dns_must_wait(struct dns_client *c)
{
	uint64_t now = loop_now_ms();

	if (now >= c->calm_ms)
		return false;
	if (!c->later)
		c->later = loop_event(-1, 0, dns_on_later, c);
	loop_arm(c->later, (uint32_t)(c->calm_ms - now));
	return true;
}

void dns_up(const struct entry *e)
{
	struct dns_client *c;
	struct dns_told want;
	struct dns_host host;

	if (e->server || !e->up || !dns.conf)
		return;
	c = &dns.clients[e->link];
	if (c->session != e->id)
		c->calm_ms = 0;
	c->session = e->id;
	if (!dns_is_wanted(&dns.conf->clients[e->link])) {
		dns_nothing(e->link);
		return;
	}
	dns_look_around(&host);
	dns_look(e, &host, &want);
	if (!memcmp(&want, &c->told, sizeof(want)) || dns_must_wait(c))
		return;
	if (want.whom != DNS_NOBODY)
		dns_report(&dns.conf->clients[e->link], &want);
	dns_say(e->link, &want, &host);
	c->calm_ms = loop_now_ms() + DNS_PAUSE_MS;
}

void dns_advertised(uint32_t client, const struct in6_addr *servers, unsigned int n)
{
	struct dns_client *c = &dns.clients[client];

	dns_offer_ipv6(&c->advertised, servers, n);
	dns_again(c);
}

void dns_down(const struct entry *e)
{
	struct dns_client *c = &dns.clients[e->link];

	if (e->server || c->session != e->id)
		return;
	c->session = 0;
	c->advertised.n = 0;
	loop_free(&c->later);
	dns_nothing(e->link);
}

/* ---- an earlier run ---------------------------------------------------------------- */

/* If the session goes on: until something else is advertised it is these. */
static void dns_recall(struct dns_client *c, const struct dns_told *told)
{
	c->told = *told;
	for (uint32_t i = 0; i < told->n_servers && c->advertised.n < RA_DNS_MAX; i++)
		if (told->servers[i].family == AF_INET6)
			c->advertised.servers[c->advertised.n++] = told->servers[i];
}

static void dns_find_client(const struct dns_note *note, const struct dns_host *host)
{
	for (uint32_t i = 0; i < dns.conf->n_clients; i++)
		if (!strcmp(dns.conf->clients[i].name, note->name)) {
			dns_recall(&dns.clients[i], &note->told);
			return;
		}
	/* It is not in the configuration any more. */
	dns_take_back(DNS_FORMER, note->name, &note->told, host);
}

void dns_init(const struct conf *conf)
{
	static struct dns_note notes[CONF_CLIENTS_MAX];
	struct dns_host host;
	unsigned int n;

	dns.conf = conf;
	snprintf(dns.path, sizeof(dns.path), "%s.dns", conf->main.control);
	n = dns_note_read(dns.path, notes, CONF_CLIENTS_MAX);
	if (!n)
		return;
	dns_look_around(&host);
	for (unsigned int i = 0; i < n; i++)
		dns_find_client(&notes[i], &host);
}

void dns_sweep(void)
{
	for (uint32_t i = 0; i < dns.conf->n_clients; i++) {
		if (dns.clients[i].session)
			continue;
		dns.clients[i].advertised.n = 0;
		dns_nothing(i);
	}
	dns_note();
}
