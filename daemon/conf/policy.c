// SPDX-License-Identifier: GPL-2.0-or-later
#include "conf/policy.h"

#include <stdio.h>
#include <string.h>

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

/* ---- what is not there -------------------------------------------------------------- */

static void policy_miss(const char *kind, const char *name, const char *with,
			policy_report report, void *ctx)
{
	char what[CONF_NAME_MAX + 40];

	snprintf(what, sizeof(what), "[%s %s]%s", kind, name, with);
	report(ctx, what);
}

static bool policy_wants_ipv6(const struct policy_user *user)
{
	bool wants = user->prefix6.family || *user->policy.pool6;

	for (uint32_t i = 0; i < user->n_routes; i++)
		wants |= user->routes[i].family == AF_INET6;
	return wants;
}

void policy_check_names(const struct conf *conf, const struct policy_user *user,
			policy_report report, void *ctx)
{
	const char *name = user->policy.pool, *name6 = user->policy.pool6;
	const struct conf_pool *pool = conf_pool_find(conf, name);
	const struct conf_pool *pool6 = conf_pool_find(conf, name6);

	if (*user->group && !conf_group_find(conf, user->group))
		policy_miss("group", user->group, "", report, ctx);
	if (*name && (!pool || !pool->n_addresses))
		policy_miss("pool", name, pool ? " with \"addresses\"" : "", report, ctx);
	if (*name6 && (!pool6 || !pool6->prefix6.family))
		policy_miss("pool", name6, pool6 ? " with \"ipv6-prefix\"" : "", report, ctx);
	if (policy_wants_ipv6(user) && !conf->server.link.ipv6)
		report(ctx, "\"ipv6 = yes\"");
}
