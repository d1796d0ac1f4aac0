/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a session may have, from three scopes: [server], then the [group NAME] of
 * the user, then the user's own, of the users file or of RADIUS. What a narrower
 * scope says counts. Pure.
 */
#ifndef SSTPD_POLICY_H
#define SSTPD_POLICY_H

#include <net/if.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

#include "conf.h"

#define POLICY_ROUTES_MAX	16

/**
 * struct policy_user - what an account says about its sessions
 * @group: [group NAME], empty = none
 * @policy: the account's own
 * @fixed: its IPv4 address, 0.0.0.0 = any of the pool
 * @prefix6: its /64, family 0 = any of the pool
 * @routes: networks behind the client
 */
struct policy_user {
	char group[CONF_NAME_MAX];
	struct conf_policy policy;
	struct in_addr fixed;
	struct conf_route prefix6;
	uint32_t n_routes;
	struct conf_route routes[POLICY_ROUTES_MAX];
};

/** policy_ok() - strings end, names can be names; for what a process was sent */
bool policy_ok(const struct policy_user *user);

/**
 * policy_resolve() - all three scopes in one
 *
 * Return: false if there is no group of that name; @out is as without it then.
 */
bool policy_resolve(const struct conf *conf, const struct policy_user *user,
		    struct conf_policy *out);

/**
 * policy_ifname() - name of an interface by a template
 * @number: for %d
 * @user: for %u; a domain is left out, what cannot be in a name becomes "_",
 *	and what does not fit is cut off
 */
void policy_ifname(const char *tmpl, uint32_t number, const char *user,
		   char name[static IFNAMSIZ]);

#endif /* SSTPD_POLICY_H */
