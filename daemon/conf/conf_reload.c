// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Everything in [server] can change, but for what sessions and processes hold on to:
 * the pools' addresses and our own in the tunnels, who decides about logins, whose a
 * name is, and all of [radius].
 * Of [client NAME] only the password can, and what is in its files: what a client is made
 * of is in use all the time, by its interface and its routes.
 */
#include "conf/conf_reload.h"

#include <stdio.h>
#include <string.h>

#include <openssl/crypto.h>

struct conf_reload {
	unsigned int refused;
	conf_report report;
	void *ctx;
};

/* @advice: how it can change */
static void conf_reload_same_until(struct conf_reload *r, bool same, const char *section,
				   const char *what, const char *advice)
{
	char text[200];

	if (same)
		return;
	snprintf(text, sizeof(text), "[%s] %s cannot change while sstpd runs; %s", section,
		 what, advice);
	r->refused++;
	r->report(r->ctx, text);
}

static void conf_reload_same(struct conf_reload *r, bool same,
			     const char *section, const char *what)
{
	conf_reload_same_until(r, same, section, what, "restart it");
}

static void conf_reload_main(struct conf_reload *r, const struct conf_main *now,
			     const struct conf_main *next)
{
	conf_reload_same(r, !strcmp(now->user, next->user), "global",
			 "\"user\"");
	/* Whoever follows keeps it: succession_control(). */
	conf_reload_same_until(r, !strcmp(now->control, next->control), "global",
			       "\"control\"", "stop and start it, a restart keeps it");
	conf_reload_same(r, now->rekey == next->rekey, "global", "\"rekey\"");
	conf_reload_same(r, !strcmp(now->keylog, next->keylog), "global",
			 "\"tls-keylog\"");
}

static void conf_reload_server(struct conf_reload *r,
			       const struct conf_server *now,
			       const struct conf_server *next)
{
	/* An engine that has none cannot make connections. */
	conf_reload_same(r, now->web.has_server || !next->web.has_server, "server",
			 "\"web-server\", set or not,");
	conf_reload_same(r, now->backends == next->backends, "server",
			 "\"auth-backend\"");
	/* Who is connected is known by what it said then. */
	conf_reload_same(r, now->fold_names == next->fold_names, "server",
			 "\"user-names\"");
}

static bool conf_reload_same_addresses(const struct conf_pool *now,
				       const struct conf_pool *next)
{
	return now->n_addresses == next->n_addresses &&
	       !memcmp(now->addresses, next->addresses,
		       sizeof(now->addresses)) &&
	       now->n_excluded == next->n_excluded &&
	       !memcmp(now->excluded, next->excluded, sizeof(now->excluded));
}

static bool conf_reload_same_prefix6(const struct conf_pool *now,
				     const struct conf_pool *next)
{
	return !memcmp(&now->prefix6, &next->prefix6, sizeof(now->prefix6)) &&
	       now->n_excluded6 == next->n_excluded6 &&
	       !memcmp(now->excluded6, next->excluded6,
		       sizeof(now->excluded6));
}

static void conf_reload_pool(struct conf_reload *r, const struct conf_pool *now,
			     const struct conf_pool *next)
{
	char section[CONF_NAME_MAX + 6];

	snprintf(section, sizeof(section), *now->name ? "pool %s" : "pool",
		 now->name);
	conf_reload_same(r, conf_reload_same_addresses(now, next), section,
			 "\"addresses\" or \"exclude\"");
	conf_reload_same(r, conf_reload_same_prefix6(now, next), section,
			 "\"ipv6-prefix\" or \"ipv6-exclude\"");
	conf_reload_same(r, now->local.s_addr == next->local.s_addr, section,
			 "\"local\"");
}

static void conf_reload_pools(struct conf_reload *r, const struct conf *now,
			      const struct conf *next)
{
	bool same = now->n_pools == next->n_pools;

	for (uint32_t i = 0; same && i < now->n_pools; i++)
		same = !strcmp(now->pools[i].name, next->pools[i].name);
	if (!same)
		conf_reload_same(r, false, "pool NAME",
				 "is new, gone, or in another order, which");
	for (uint32_t i = 0; same && i < now->n_pools; i++)
		conf_reload_pool(r, &now->pools[i], &next->pools[i]);
}

static bool conf_reload_same_radius(const struct conf *now,
				    const struct conf *next)
{
	return now->has_radius == next->has_radius &&
	       !memcmp(&now->radius, &next->radius, sizeof(now->radius)) &&
	       !CRYPTO_memcmp(&now->radius_secret, &next->radius_secret,
			      sizeof(now->radius_secret));
}

static void conf_reload_client(struct conf_reload *r,
			       const struct conf_client *now,
			       const struct conf_client *next)
{
	char section[CONF_NAME_MAX + 10];

	snprintf(section, sizeof(section), "client %s", now->name);
	conf_reload_same(r, !memcmp(now, next, sizeof(*now)), section,
			 "has changed, which");
}

unsigned int conf_reload_check(const struct conf *now, const struct conf *next,
			       conf_report report, void *ctx)
{
	struct conf_reload r = { .report = report, .ctx = ctx };

	conf_reload_main(&r, &now->main, &next->main);
	if (now->has_server != next->has_server)
		conf_reload_same(&r, false, "server", "is new or gone, which");
	else if (now->has_server)
		conf_reload_server(&r, &now->server, &next->server);
	conf_reload_same(&r, conf_has_eap_tls(now) == conf_has_eap_tls(next),
			 "server", "\"auth\" with or without eap-tls");
	if (now->has_server && next->has_server)
		conf_reload_pools(&r, now, next);
	conf_reload_same(&r, conf_reload_same_radius(now, next), "radius",
			 "has changed, which");
	if (now->n_clients != next->n_clients) {
		conf_reload_same(&r, false, "client NAME",
				 "is new or gone, which");
		return r.refused;
	}
	for (uint32_t i = 0; i < now->n_clients && !now->clients[i].lane; i++)
		conf_reload_client(&r, &now->clients[i], &next->clients[i]);
	return r.refused;
}
