// SPDX-License-Identifier: GPL-2.0-or-later
/* Rules for the routes of clients: the longest prefix wins, in whichever table it is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "parent/client_rules.h"

#define MAIN		CONF_TABLE_MAIN
#define OURS		4430
#define MARK		4430

static struct conf conf;
static struct rule *rules;
static unsigned int n;

static struct conf_client *client(uint32_t i)
{
	if (conf.n_clients <= i)
		conf.n_clients = i + 1;
	return &conf.clients[i];
}

static void route(uint32_t i, uint8_t family, uint8_t len)
{
	struct conf_client *c = client(i);

	c->routes[c->n_routes++] = (struct conf_route){ .family = family, .len = len };
}

static void plan(uint8_t family)
{
	free(rules);
	client_rules_init(&conf);
	n = client_rules_plan(&conf, family, &rules);
}

static int fresh(void **state)
{
	(void)state;
	memset(&conf, 0, sizeof(conf));
	strcpy(conf.main.control, CONF_CONTROL_DEFAULT);
	return 0;
}

static int tidy(void **state)
{
	(void)state;
	free(rules);
	rules = NULL;
	return 0;
}

static void assert_rule(unsigned int i, uint32_t table, uint32_t but_mark, int32_t longer_than)
{
	assert_true(i < n);
	assert_int_equal(rules[i].table, table);
	assert_int_equal(rules[i].but_mark, but_mark);
	assert_int_equal(rules[i].longer_than, longer_than);
}

static void the_longest_first(void **state)
{
	(void)state;
	route(0, AF_INET, 8);
	route(0, AF_INET, 24);
	route(0, AF_INET, 24);
	route(0, AF_INET6, 48);
	plan(AF_INET);
	assert_int_equal(n, 4);
	assert_rule(0, MAIN, 0, 23);
	assert_rule(1, OURS, MARK, 23);
	assert_rule(2, MAIN, 0, 7);
	assert_rule(3, OURS, MARK, 7);
	plan(AF_INET6);
	assert_int_equal(n, 2);
	assert_rule(0, MAIN, 0, 47);
}

/* 0.0.0.0/1 in the main table is no nearer way, nor is 2000::/3. */
static void a_default_route_last(void **state)
{
	(void)state;
	client(0)->default_route = true;
	route(0, AF_INET, 1);
	plan(AF_INET);
	assert_int_equal(n, 4);
	assert_rule(0, MAIN, 0, 3);
	assert_rule(1, OURS, MARK, 0);
	assert_rule(2, MAIN, 0, 3);
	assert_rule(3, OURS, MARK, RULE_ANY_LENGTH);
	plan(AF_INET6);
	assert_int_equal(n, 2);
	assert_rule(1, OURS, MARK, RULE_ANY_LENGTH);
}

static void ipv6_may_leak(void **state)
{
	(void)state;
	client(0)->default_route = true;
	client(0)->leak6 = true;
	plan(AF_INET6);
	assert_int_equal(n, 0);
	/* What the tunnel carries goes into it all the same. */
	client(0)->link.ipv6 = true;
	plan(AF_INET6);
	assert_int_equal(n, 2);
}

static void tables_of_several(void **state)
{
	(void)state;
	route(0, AF_INET, 16);
	route(1, AF_INET, 16);
	route(2, AF_INET, 16);
	client(2)->table = 77;
	client(2)->fwmark = 0x77;
	plan(AF_INET);
	/* The first two share one. */
	assert_int_equal(n, 3);
	assert_rule(1, OURS, MARK, 15);
	assert_rule(2, 77, 0x77, 15);
}

static void none_without_a_table(void **state)
{
	(void)state;
	route(0, AF_INET, 16);
	client(0)->table = CONF_TABLE_MAIN;
	route(1, AF_INET, 16);
	strcpy(client(1)->vrf, "red");
	client(2)->fwmark = 1;
	plan(AF_INET);
	assert_int_equal(n, 0);
	assert_int_equal(client_rules_table(client(0)), 0);
	assert_int_equal(client_rules_table(client(1)), 0);
	assert_int_equal(client_rules_mark(client(1)), MARK);
	assert_int_equal(client_rules_mark(client(2)), 1);
}

/* Another daemon on this machine must not share our table, nor think ours its own. */
static void another_daemon_another_table(void **state)
{
	(void)state;
	route(0, AF_INET, 16);
	strcpy(conf.main.control, "/run/sstpd/office.sock");
	client_rules_init(&conf);
	assert_int_not_equal(client_rules_table(client(0)), OURS);
	assert_in_range(client_rules_table(client(0)), OURS + 1, OURS + 399);
	assert_int_equal(client_rules_mark(client(0)), client_rules_table(client(0)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_longest_first, fresh, tidy),
		cmocka_unit_test_setup_teardown(a_default_route_last, fresh, tidy),
		cmocka_unit_test_setup_teardown(ipv6_may_leak, fresh, tidy),
		cmocka_unit_test_setup_teardown(tables_of_several, fresh, tidy),
		cmocka_unit_test_setup_teardown(none_without_a_table, fresh, tidy),
		cmocka_unit_test_setup_teardown(another_daemon_another_table, fresh, tidy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
