// SPDX-License-Identifier: GPL-2.0-or-later
#include "conf/policy.h"

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
