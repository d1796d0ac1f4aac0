// SPDX-License-Identifier: GPL-2.0-or-later
#include "policy.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

static bool policy_name_ok(const char *name, size_t size)
{
	return memchr(name, '\0', size) && !strchr(name, '/') && *name != '.';
}

static bool policy_route_ok(const struct conf_route *route)
{
	return (route->family == AF_INET && route->len <= 32) ||
	       (route->family == AF_INET6 && route->len <= 128);
}

bool policy_ok(const struct policy_user *user)
{
	const struct conf_policy *p = &user->policy;

	if (!memchr(user->group, '\0', sizeof(user->group)) ||
	    !memchr(p->pool, '\0', sizeof(p->pool)) ||
	    !memchr(p->pool6, '\0', sizeof(p->pool6)) ||
	    !policy_name_ok(p->ifname, sizeof(p->ifname)) ||
	    !policy_name_ok(p->vrf, sizeof(p->vrf)) ||
	    !policy_name_ok(p->netns, sizeof(p->netns)) ||
	    p->rate_down > CONF_RATE_MAX || p->rate_up > CONF_RATE_MAX ||
	    user->n_routes > POLICY_ROUTES_MAX ||
	    (user->prefix6.family && (user->prefix6.family != AF_INET6 ||
				      user->prefix6.len != 64)))
		return false;
	for (uint32_t i = 0; i < user->n_routes; i++)
		if (!policy_route_ok(&user->routes[i]))
			return false;
	return true;
}

/* ---- scopes ------------------------------------------------------------------- */

static void policy_text(char *out, const char *in, size_t size)
{
	if (*in)
		memcpy(out, in, size);
}

static void policy_u32(uint32_t *out, uint32_t in)
{
	if (in)
		*out = in;
}

static void policy_u64(uint64_t *out, uint64_t in)
{
	if (in)
		*out = in;
}

static void policy_overlay(struct conf_policy *out, const struct conf_policy *in)
{
	policy_text(out->pool, in->pool, sizeof(out->pool));
	policy_text(out->pool6, in->pool6, sizeof(out->pool6));
	policy_u64(&out->rate_down, in->rate_down);
	policy_u64(&out->rate_up, in->rate_up);
	policy_text(out->ifname, in->ifname, sizeof(out->ifname));
	policy_u32(&out->ifgroup, in->ifgroup);
	policy_text(out->vrf, in->vrf, sizeof(out->vrf));
	policy_text(out->netns, in->netns, sizeof(out->netns));
	policy_u32(&out->sessions, in->sessions);
	policy_u32(&out->same_user, in->same_user);
	policy_u32(&out->source_check, in->source_check);
}

bool policy_resolve(const struct conf *conf, const struct policy_user *user,
		    struct conf_policy *out)
{
	const struct conf_group *group = conf_group_find(conf, user->group);

	*out = conf->server.policy;
	if (group)
		policy_overlay(out, &group->policy);
	policy_overlay(out, &user->policy);
	return group || !*user->group;
}

/* ---- names -------------------------------------------------------------------- */

static size_t policy_put_user(char *name, size_t room, const char *user)
{
	const char *plain = strrchr(user, '\\');
	size_t n = 0;

	if (plain && plain[1])
		user = plain + 1;
	for (; *user && n < room; user++)
		name[n++] = isalnum((unsigned char)*user) ||
			    strchr("-._", *user) ? *user : '_';
	return n;
}

void policy_ifname(const char *tmpl, uint32_t number, const char *user,
		   char name[static IFNAMSIZ])
{
	char digits[12];
	size_t n = 0, after;

	snprintf(digits, sizeof(digits), "%u", number);
	memset(name, 0, IFNAMSIZ);
	for (; *tmpl && n < IFNAMSIZ - 1; tmpl++) {
		if (*tmpl != '%') {
			name[n++] = *tmpl;
			continue;
		}
		if (*++tmpl == 'd') {
			n += (size_t)snprintf(name + n, IFNAMSIZ - n, "%s",
					      digits);
		} else {
			/* The user is what is cut: the rest tells them apart. */
			after = strlen(tmpl + 1);
			if (strstr(tmpl + 1, "%d"))
				after += strlen(digits) - 2;
			if (n + after < IFNAMSIZ - 1)
				n += policy_put_user(name + n,
						     IFNAMSIZ - 1 - n - after,
						     user);
		}
	}
	name[IFNAMSIZ - 1] = '\0';
}
