// SPDX-License-Identifier: GPL-2.0-or-later
/* What three scopes make together, and names of interfaces. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "boundary/msg.h"
#include "conf/policy.h"
#include "parent/ifname.h"

static struct conf conf = {
	.server.policy = {
		.ifname = "sstp%d",
		.source_check = CONF_YES,
		.rate_down = 1000000,
		.same_user = CONF_SAME_REPLACE,
	},
	.n_pools = 1,
	.n_groups = 1,
	.groups = { {
		.name = "staff",
		.policy = {
			.pool = "staff",
			.rate_down = 2000000,
			.rate_up = 3000000,
			.vrf = "blue",
			.source_check = CONF_NO,
			.sessions = 2,
		},
	} },
};

static char missing[400];

static void note_missing(void *ctx, const char *what)
{
	(void)ctx;
	strcat(missing, what);
	strcat(missing, ";");
}

static const char *misses(const struct policy_user *user)
{
	*missing = '\0';
	policy_check_names(&conf, user, note_missing, NULL);
	return missing;
}

static void names_of_sections(void **state)
{
	struct policy_user user = { .group = "" };

	(void)state;
	assert_string_equal(misses(&user), "");
	strcpy(user.group, "staff");
	assert_string_equal(misses(&user), "");
	strcpy(user.group, "guests");
	strcpy(user.policy.pool, "guests");
	strcpy(user.policy.pool6, "guests6");
	assert_string_equal(misses(&user), "[group guests];[pool guests];[pool guests6];\"ipv6 = yes\";");
	/* One that there is need not be of use. */
	conf.server.link.ipv6 = true;
	*user.group = '\0';
	strcpy(conf.pools[1].name, "guests");
	strcpy(user.policy.pool6, "guests");
	conf.n_pools = 2;
	assert_string_equal(misses(&user), "[pool guests] with \"addresses\";"
					   "[pool guests] with \"ipv6-prefix\";");
	conf.pools[1].n_addresses = 1;
	conf.pools[1].prefix6.family = AF_INET6;
	assert_string_equal(misses(&user), "");
	*user.policy.pool6 = '\0';
	user.routes[user.n_routes++].family = AF_INET6;
	assert_string_equal(misses(&user), "");
	conf.server.link.ipv6 = false;
	assert_string_equal(misses(&user), "\"ipv6 = yes\";");
	conf.n_pools = 1;
}

static void scopes(void **state)
{
	struct policy_user user = { .group = "" };
	struct conf_policy p;

	(void)state;
	assert_true(policy_resolve(&conf, &user, &p));
	assert_memory_equal(&p, &conf.server.policy, sizeof(p));

	strcpy(user.group, "staff");
	user.policy.rate_up = 4000000;
	strcpy(user.policy.ifname, "boss");
	assert_true(policy_resolve(&conf, &user, &p));
	assert_string_equal(p.pool, "staff");
	assert_string_equal(p.pool6, "");
	assert_string_equal(p.vrf, "blue");
	assert_string_equal(p.ifname, "boss");
	assert_int_equal(p.rate_down, 2000000);
	assert_int_equal(p.rate_up, 4000000);
	assert_int_equal(p.source_check, CONF_NO);
	assert_int_equal(p.sessions, 2);
	assert_int_equal(p.same_user, CONF_SAME_REPLACE);

	/* What the rest says still holds. */
	strcpy(user.group, "stuff");
	assert_false(policy_resolve(&conf, &user, &p));
	assert_string_equal(p.ifname, "boss");
	assert_string_equal(p.vrf, "");
}

static void names(void **state)
{
	static const struct {
		const char *tmpl;
		uint32_t number;
		const char *user;
		const char *want;
	} cases[] = {
		{ "sstp%d", 0, "alice", "sstp0" },
		{ "sstp%d", 65535, "alice", "sstp65535" },
		{ "v%dx", 7, "alice", "v7x" },
		{ "vpn-%u", 7, "alice", "vpn-alice" },
		{ "vpn-%u", 7, "CORP\\alice", "vpn-alice" },
		{ "%u.%d", 12, "alice", "alice.12" },
		{ "%d-%u", 12, "alice", "12-alice" },
		/* The number is never cut. */
		{ "%u-%d", 123, "christopherson", "christopher-123" },
		{ "s%u", 0, "christopherson1", "schristopherson" },
		{ "s%u", 0, "a b/c;$(reboot)%d\n", "sa_b_c___reboot" },
		{ "s%u", 0, "\xc3\xa4", "s__" },
		{ "boss", 3, "alice", "boss" },
		{ "averylongname%u", 0, "alice", "averylongnameal" },
	};
	char name[IFNAMSIZ];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		memset(name, 'x', sizeof(name));
		ifname_from(cases[i].tmpl, cases[i].number, cases[i].user, name);
		assert_string_equal(name, cases[i].want);
	}
}

/* What a process that was taken over could send. */
static void impossible(void **state)
{
	struct policy_user good = { .n_routes = 1 };
	struct policy_user bad;

	(void)state;
	good.routes[0] = (struct conf_route){ .family = AF_INET, .len = 32 };
	good.prefix6 = (struct conf_route){ .family = AF_INET6, .len = 64 };
	strcpy(good.policy.netns, "blue");
	assert_true(msg_policy_ok(&good));
	bad = good;
	strcpy(bad.policy.netns, "../../etc/passwd");
	assert_false(msg_policy_ok(&bad));
	bad = good;
	strcpy(bad.policy.ifname, "a/b");
	assert_false(msg_policy_ok(&bad));
	bad = good;
	memset(bad.policy.vrf, 'x', sizeof(bad.policy.vrf));
	assert_false(msg_policy_ok(&bad));
	bad = good;
	memset(bad.group, 'x', sizeof(bad.group));
	assert_false(msg_policy_ok(&bad));
	bad = good;
	bad.prefix6.len = 48;
	assert_false(msg_policy_ok(&bad));
	bad = good;
	bad.routes[0].len = 33;
	assert_false(msg_policy_ok(&bad));
	bad = good;
	bad.n_routes = POLICY_ROUTES_MAX + 1;
	assert_false(msg_policy_ok(&bad));
	bad = good;
	bad.policy.rate_up = CONF_RATE_MAX + 1;
	assert_false(msg_policy_ok(&bad));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_of_sections),
		cmocka_unit_test(scopes),
		cmocka_unit_test(names),
		cmocka_unit_test(impossible),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
