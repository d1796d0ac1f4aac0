// SPDX-License-Identifier: GPL-2.0-or-later
#include "parent/client_rules.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "boundary/proc.h"
#include "lib/log.h"

/*
 * Each daemon on this machine has a slot, by its control socket, and by that its rules,
 * its table and its mark. The first is that of the one at the usual place.
 */
#define CLIENT_RULES_SLOTS	400u
#define CLIENT_RULES_PREF	28000u
#define CLIENT_RULES_PER_SLOT	4u
#define CLIENT_RULES_TABLE	4430u

/* What is shorter in the main table is no nearer way than a default route. */
#define CLIENT_RULES_NEAR_LEN	4

#define CLIENT_RULES_LENGTHS	129
#define CLIENT_RULES_PORT_DNS	53

static const uint8_t client_rules_families[] = { AF_INET, AF_INET6 };

static struct {
	const struct conf *conf;
	uint32_t slot;
	bool used;
	struct rule servers[CONF_CLIENTS_MAX];	/* family 0 = none */
	unsigned int n_dns;
	struct rule dns[4];
} client_rules;

/* ---- numbers ------------------------------------------------------------------- */

/* @which: 0 = for servers and DNS, 1 and 2 = for tables */
static uint32_t client_rules_pref(unsigned int which)
{
	return CLIENT_RULES_PREF + CLIENT_RULES_PER_SLOT * client_rules.slot + which;
}

bool client_rules_wanted(const struct conf_client *client)
{
	return !*client->vrf && !*client->netns && client->table != CONF_TABLE_MAIN &&
	       (client->default_route || client->n_routes);
}

uint32_t client_rules_table(const struct conf_client *client)
{
	if (!client_rules_wanted(client))
		return 0;
	return client->table == CONF_TABLE_AUTO ? CLIENT_RULES_TABLE + client_rules.slot :
						  client->table;
}

uint32_t client_rules_mark(const struct conf_client *client)
{
	return client->fwmark ? client->fwmark : CLIENT_RULES_TABLE + client_rules.slot;
}

/* ---- which rules there have to be ------------------------------------------------ */

bool client_rules_has_default(const struct conf_client *client, uint8_t family)
{
	if (!client->default_route)
		return false;
	return family == AF_INET || client->link.ipv6 || !client->leak6;
}

static void client_rules_lengths(const struct conf_client *client, uint8_t family,
				 bool lengths[static CLIENT_RULES_LENGTHS])
{
	for (uint32_t i = 0; i < client->n_routes; i++)
		if (client->routes[i].family == family)
			lengths[client->routes[i].len] = true;
	if (client_rules_has_default(client, family))
		lengths[0] = true;
}

static unsigned int client_rules_main(struct rule *rule, uint8_t family, unsigned int len)
{
	const unsigned int least = len < CLIENT_RULES_NEAR_LEN ? CLIENT_RULES_NEAR_LEN : len;

	*rule = (struct rule){
		.family = family,
		.table = CONF_TABLE_MAIN,
		.longer_than = (int32_t)least - 1,
	};
	return 1;
}

/* Several clients may share a table, and mostly do. */
static bool client_rules_known(const struct rule *rules, unsigned int n,
			       const struct rule *rule)
{
	for (unsigned int i = 0; i < n; i++)
		if (rule_same(&rules[i], rule))
			return true;
	return false;
}

static unsigned int client_rules_tables(const struct conf *conf, struct rule *rules,
					uint8_t family, unsigned int len)
{
	const struct conf_client *client = conf->clients;
	unsigned int n = 0;

	for (uint32_t i = 0; i < conf->n_clients; i++, client++) {
		const struct rule rule = {
			.family = family,
			.table = client_rules_table(client),
			.longer_than = (int32_t)len - 1,
			.but_mark = client_rules_mark(client),
		};

		if (client_rules_wanted(client) && !client_rules_known(rules, n, &rule))
			rules[n++] = rule;
	}
	return n;
}

unsigned int client_rules_plan(const struct conf *conf, uint8_t family, struct rule **rules)
{
	bool lengths[CLIENT_RULES_LENGTHS] = { false };
	unsigned int n_lengths = 0, n = 0;

	for (uint32_t i = 0; i < conf->n_clients; i++)
		if (client_rules_wanted(&conf->clients[i]))
			client_rules_lengths(&conf->clients[i], family, lengths);
	for (unsigned int len = 0; len < CLIENT_RULES_LENGTHS; len++)
		n_lengths += lengths[len];
	*rules = calloc(n_lengths * (1 + conf->n_clients) + 1, sizeof(**rules));
	if (!*rules)
		log_fatal("out of memory");
	for (unsigned int len = CLIENT_RULES_LENGTHS; len-- > 0; ) {
		if (!lengths[len])
			continue;
		n += client_rules_main(*rules + n, family, len);
		n += client_rules_tables(conf, *rules + n, family, len);
	}
	return n;
}

/* ---- in the kernel ----------------------------------------------------------------- */

static bool client_rules_add(const struct rule *rule)
{
	struct nl_err err;

	if (rule_add(rule, &err) == 0 || err.code == EEXIST)
		return true;
	/* No IPv6 here, and nothing to be led anywhere. */
	if (err.code != EAFNOSUPPORT && err.code != EOPNOTSUPP)
		log_err("clients: a routing rule: %s", err.text);
	return false;
}

/* Our rules at @pref. Return: how many of @rules, which the caller frees. */
static unsigned int client_rules_at(uint8_t family, uint32_t pref, struct rule **rules)
{
	struct nl_err err;
	int n;

	*rules = NULL;
	n = rule_list(family, pref, pref, NULL, 0, &err);
	if (n <= 0)
		return 0;
	*rules = calloc((size_t)n, sizeof(**rules));
	if (!*rules)
		log_fatal("out of memory");
	/* More have not come since: there is nobody else to make them. */
	n = rule_list(family, pref, pref, *rules, (unsigned int)n, &err);
	return n < 0 ? 0 : (unsigned int)n;
}

static void client_rules_delete(uint8_t family, uint32_t pref)
{
	struct nl_err err;
	struct rule *rules;
	unsigned int n = client_rules_at(family, pref, &rules);

	for (unsigned int i = 0; i < n; i++)
		if (rule_del(&rules[i], &err) < 0)
			log_warn("clients: removing a routing rule: %s", err.text);
	free(rules);
}

static bool client_rules_are(uint8_t family, uint32_t pref, const struct rule *plan,
			     unsigned int n)
{
	struct rule *rules;
	bool same = client_rules_at(family, pref, &rules) == n;

	for (unsigned int i = 0; same && i < n; i++)
		same = rule_same(&rules[i], &plan[i]);
	free(rules);
	return same;
}

/* Whole sets only, and the old one goes last: nothing slips through in between. */
static void client_rules_ensure_tables(uint8_t family)
{
	struct rule *plan;
	unsigned int n = client_rules_plan(client_rules.conf, family, &plan);
	unsigned int which = 1;

	if (client_rules_are(family, client_rules_pref(2), plan, n))
		which = 2;
	else if (!client_rules_are(family, client_rules_pref(1), plan, n)) {
		struct rule *there;

		/* Where there is none, or else but part of one. */
		which = client_rules_at(family, client_rules_pref(1), &there) ? 2 : 1;
		free(there);
		client_rules_delete(family, client_rules_pref(which));
		for (unsigned int i = 0; i < n; i++) {
			plan[i].pref = client_rules_pref(which);
			client_rules_add(&plan[i]);
		}
	}
	client_rules_delete(family, client_rules_pref(3 - which));
	free(plan);
}

/*
 * The name of the server has to be found while nothing may leave. Only where clients are
 * not to leak: else a name server in the tunnel of another client may be the one.
 */
static void client_rules_plan_dns(void)
{
	static const uint8_t protos[] = { IPPROTO_UDP, IPPROTO_TCP };
	const struct conf *conf = client_rules.conf;
	bool killed = false;
	uint32_t uid;

	for (uint32_t i = 0; i < conf->n_clients; i++)
		killed |= conf->clients[i].kill_switch;
	if (!killed || !proc_uid(*conf->main.user ? conf->main.user : proc_default_user(),
				 "resolver", &uid))
		return;
	for (unsigned int i = 0; i < 4; i++)
		client_rules.dns[client_rules.n_dns++] = (struct rule){
			.family = client_rules_families[i / 2],
			.pref = client_rules_pref(0),
			.table = CONF_TABLE_MAIN,
			.longer_than = RULE_ANY_LENGTH,
			.has_uid = true,
			.uid = uid,
			.proto = protos[i % 2],
			.port = CLIENT_RULES_PORT_DNS,
		};
}

void client_rules_init(const struct conf *conf)
{
	client_rules.conf = conf;
	client_rules.slot = conf_instance(&conf->main, CLIENT_RULES_SLOTS - 1);
	client_rules.used = false;
	for (uint32_t i = 0; i < conf->n_clients; i++)
		client_rules.used |= client_rules_wanted(&conf->clients[i]);
	client_rules.n_dns = 0;
	client_rules_plan_dns();
}

void client_rules_ensure(void)
{
	for (int i = 0; i < 2; i++)
		client_rules_ensure_tables(client_rules_families[i]);
	for (unsigned int i = 0; i < client_rules.n_dns; i++)
		client_rules_add(&client_rules.dns[i]);
	for (uint32_t i = 0; i < CONF_CLIENTS_MAX; i++)
		if (client_rules.servers[i].family)
			client_rules_add(&client_rules.servers[i]);
}

void client_rules_sweep(void)
{
	for (int i = 0; i < 2; i++)
		client_rules_delete(client_rules_families[i], client_rules_pref(0));
}

/* Two clients may have the same server. */
static void client_rules_forget_server(uint32_t client)
{
	const struct rule old = client_rules.servers[client];
	struct nl_err err;

	client_rules.servers[client].family = 0;
	if (!old.family || client_rules_known(client_rules.servers, CONF_CLIENTS_MAX, &old))
		return;
	if (rule_del(&old, &err) < 0)
		log_debug("clients: removing a routing rule: %s", err.text);
}

void client_rules_server(uint32_t client, const struct conf_route *from,
			 const struct conf_route *to)
{
	const struct rule rule = {
		.family = to->family,
		.pref = client_rules_pref(0),
		.table = CONF_TABLE_MAIN,
		.longer_than = RULE_ANY_LENGTH,
		.from = *from,
		.to = *to,
	};

	if (!client_rules.used || !from->family || !to->family)
		return;
	if (client_rules.servers[client].family &&
	    rule_same(&client_rules.servers[client], &rule))
		return;
	client_rules_forget_server(client);
	if (client_rules_add(&rule))
		client_rules.servers[client] = rule;
}

void client_rules_exit(void)
{
	for (int i = 0; i < 2; i++)
		for (unsigned int which = 0; which < 3; which++)
			client_rules_delete(client_rules_families[i],
					    client_rules_pref(which));
}
