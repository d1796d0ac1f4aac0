// SPDX-License-Identifier: GPL-2.0-or-later
#include "parent/dns_plan.h"

#include <arpa/inet.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "netlink/netcfg.h"

bool dns_is_wanted(const struct conf_client *client)
{
	return client->dns != CONF_DNS_NO && !*client->netns &&
	       (client->default_route || client->n_domains);
}

static bool dns_is_root(const char *domain)
{
	return !strcmp(domain, "~.");
}

bool dns_all_are_wanted(const struct conf_client *client)
{
	bool all = client->default_route;

	for (uint32_t i = 0; i < client->n_domains; i++)
		all |= dns_is_root(client->domains[i]);
	return all;
}

static uint32_t dns_whom(const struct conf_client *client, const struct dns_host *host)
{
	if (!dns_is_wanted(client))
		return DNS_NOBODY;
	if (*host->resolvectl && (client->dns == CONF_DNS_RESOLVED ||
				  (client->dns == CONF_DNS_AUTO && host->resolved)))
		return DNS_RESOLVED;
	if (*host->resolvconf && client->dns != CONF_DNS_RESOLVED)
		return DNS_RESOLVCONF;
	return DNS_NOBODY;
}

static bool dns_may_ask(const struct conf_client *client, const struct conf_route *server)
{
	for (uint32_t i = 0; i < client->n_routes; i++)
		if (netcfg_route_covers(&client->routes[i], server))
			return true;
	return client->default_route;
}

void dns_want(const struct conf_client *client, const struct dns_host *host,
	      const struct dns_offer *offer, struct dns_told *told)
{
	memset(told, 0, sizeof(*told));
	for (unsigned int i = 0; i < offer->n; i++)
		if (dns_may_ask(client, &offer->servers[i]))
			told->servers[told->n_servers++] = offer->servers[i];
	if (told->n_servers)
		told->whom = dns_whom(client, host);
	told->all = dns_all_are_wanted(client) ||
		    (told->whom == DNS_RESOLVCONF && host->debian);
	for (uint32_t i = 0; i < client->n_domains; i++)
		if (!dns_is_root(client->domains[i]))
			strcpy(told->domains[told->n_domains++], client->domains[i]);
}

/* ---- commands --------------------------------------------------------------------- */

static void __attribute__((format(printf, 2, 3)))
dns_word(struct dns_command *c, const char *fmt, ...)
{
	va_list ap;

	if (c->n == HOOK_ARGS_MAX)
		return;
	va_start(ap, fmt);
	vsnprintf(c->words[c->n++], sizeof(c->words[0]), fmt, ap);
	va_end(ap);
}

static void __attribute__((format(printf, 2, 3)))
dns_input(struct dns_command *c, const char *fmt, ...)
{
	size_t len = strlen(c->input);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(c->input + len, sizeof(c->input) - len, fmt, ap);
	va_end(ap);
}

static const char *dns_server_text(const struct dns_told *told, uint32_t i,
				   char text[INET6_ADDRSTRLEN])
{
	return inet_ntop(told->servers[i].family, told->servers[i].addr, text,
			 INET6_ADDRSTRLEN);
}

/* By number: somebody may give the interface another name. */
static void dns_resolvectl(struct dns_command *c, const struct dns_host *host,
			   const char *what, const struct dns_told *told)
{
	dns_word(c, "%s", host->resolvectl);
	dns_word(c, "%s", what);
	dns_word(c, "%u", told->ifindex);
}

/* The servers last: until then nothing is asked of this link. */
static unsigned int dns_tell_resolved(const struct dns_told *told, const struct dns_host *host,
				      struct dns_command *c)
{
	char text[INET6_ADDRSTRLEN];

	dns_resolvectl(&c[0], host, "default-route", told);
	dns_word(&c[0], "%s", told->all ? "yes" : "no");
	dns_resolvectl(&c[1], host, "domain", told);
	for (uint32_t i = 0; i < told->n_domains; i++)
		dns_word(&c[1], "%s", told->domains[i]);
	/* No other link's servers hear of the rest, either. */
	if (told->all)
		dns_word(&c[1], "~.");
	dns_resolvectl(&c[2], host, "dns", told);
	for (uint32_t i = 0; i < told->n_servers; i++)
		dns_word(&c[2], "%s", dns_server_text(told, i, text));
	return 3;
}

/* Debian's puts tun* before what is Ethernet; openresolv goes by -m. */
static void dns_resolvconf(struct dns_command *c, const struct dns_host *host,
			   const char *what, const struct dns_told *told)
{
	dns_word(c, "%s", host->resolvconf);
	dns_word(c, "%s", what);
	dns_word(c, "tun.%s", told->ifname);
}

/*
 * -x: no other's servers; -p: these for their domains alone. Openresolv's they are, and it
 * knows no domains that are not searched in. Debian's takes no notice, and puts the others
 * behind these.
 */
static unsigned int dns_tell_resolvconf(const struct dns_told *told,
					const struct dns_host *host, struct dns_command *c)
{
	char text[INET6_ADDRSTRLEN];
	bool searched = false;

	dns_resolvconf(c, host, "-a", told);
	dns_word(c, "-m");
	dns_word(c, "0");
	dns_word(c, told->all ? "-x" : "-p");
	for (uint32_t i = 0; i < told->n_servers; i++)
		dns_input(c, "nameserver %s\n", dns_server_text(told, i, text));
	for (uint32_t i = 0; i < told->n_domains; i++) {
		const char *domain = told->domains[i];
		bool routed = *domain == '~';

		if (routed && told->all)
			continue;
		dns_input(c, "%s %s", searched ? "" : "search", domain + routed);
		searched = true;
	}
	if (searched)
		dns_input(c, "\n");
	return 1;
}

unsigned int dns_plan_tell(const struct dns_told *told, const struct dns_host *host,
			   struct dns_command commands[static DNS_COMMANDS_MAX])
{
	memset(commands, 0, DNS_COMMANDS_MAX * sizeof(*commands));
	switch (told->whom) {
	case DNS_RESOLVED:
		return dns_tell_resolved(told, host, commands);
	case DNS_RESOLVCONF:
		return dns_tell_resolvconf(told, host, commands);
	}
	return 0;
}

unsigned int dns_plan_undo(const struct dns_told *told, const struct dns_host *host,
			   struct dns_command commands[static DNS_COMMANDS_MAX])
{
	memset(commands, 0, DNS_COMMANDS_MAX * sizeof(*commands));
	if (told->whom == DNS_RESOLVED && *host->resolvectl) {
		dns_resolvectl(commands, host, "revert", told);
		return 1;
	}
	if (told->whom == DNS_RESOLVCONF && *host->resolvconf) {
		dns_resolvconf(commands, host, "-d", told);
		/* No trouble if somebody else has. */
		dns_word(commands, "-f");
		return 1;
	}
	return 0;
}
