// SPDX-License-Identifier: GPL-2.0-or-later
#include "conf/conf_policy.h"

#include "conf/conf.h"

#define FIELD(field)	offsetof(struct conf_policy, field), \
			sizeof(((struct conf_policy *)0)->field)
#define RANGE(field, lo, hi)	offsetof(struct conf_policy, field), hi, lo

const struct conf_key conf_policy_keys[] = {
	{ "pool", conf_text, FIELD(pool), 0, false },
	{ "ipv6-pool", conf_text, FIELD(pool6), 0, false },
	{ "rate-down", conf_rate, FIELD(rate_down), 0, false },
	{ "rate-up", conf_rate, FIELD(rate_up), 0, false },
	{ "interface", conf_ifname_tmpl, FIELD(ifname), 0, false },
	{ "interface-group", conf_number, RANGE(ifgroup, 1, INT32_MAX), false },
	{ "vrf", conf_ifname, FIELD(vrf), 0, false },
	{ "netns", conf_netns, FIELD(netns), 0, false },
	{ "sessions-per-user", conf_number, RANGE(sessions, 1, 60000), false },
	{ "same-user", conf_same_user, FIELD(same_user), 0, false },
	{ "source-check", conf_tristate, FIELD(source_check), 0, false },
	{ 0 },
};
