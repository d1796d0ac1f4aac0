// SPDX-License-Identifier: GPL-2.0-or-later
/* What systemd-resolved and resolvconf are told of a tunnel's name servers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <arpa/inet.h>

#include <cmocka.h>

#include "parent/dns_plan.h"

static const struct dns_host both = { "/bin/resolvectl", "/sbin/resolvconf", true, false };
static const struct dns_host idle = { "/bin/resolvectl", "/sbin/resolvconf", false, false };
static const struct dns_host old = { "", "/sbin/resolvconf", false, false };
static const struct dns_host debian = { "", "/sbin/resolvconf", false, true };

static struct conf_client client;
static struct dns_offer offer;
static struct dns_told told;
static struct dns_command commands[DNS_COMMANDS_MAX];

static void offered(const char *address)
{
	struct conf_route *server = &offer.servers[offer.n++];

	server->family = strchr(address, ':') ? AF_INET6 : AF_INET;
	server->len = server->family == AF_INET ? 32 : 128;
	inet_pton(server->family, address, server->addr);
}

static int fresh(void **state)
{
	(void)state;
	memset(&client, 0, sizeof(client));
	memset(&offer, 0, sizeof(offer));
	offered("10.0.0.53");
	offered("192.0.2.53");
	return 0;
}

static void domain(const char *name)
{
	strcpy(client.domains[client.n_domains++], name);
}

static void route_ten(void)
{
	client.routes[client.n_routes++] = (struct conf_route){
		.family = AF_INET, .len = 8, .addr = { 10 },
	};
}

static uint32_t want(const struct dns_host *host)
{
	dns_want(&client, host, &offer, &told);
	told.ifindex = 7;
	strcpy(told.ifname, "sstp0");
	return told.whom;
}

static void assert_command(unsigned int i, const char *expected)
{
	char text[1024] = "";

	for (unsigned int n = 0; n < commands[i].n; n++) {
		strcat(text, n ? " " : "");
		strcat(text, commands[i].words[n]);
	}
	assert_string_equal(text, expected);
}

static void all_names(void **state)
{
	(void)state;
	client.default_route = true;
	domain("corp.example");
	offered("fd00::53");
	assert_int_equal(want(&both), DNS_RESOLVED);
	assert_int_equal(dns_plan_tell(&told, &both, commands), 3);
	assert_command(0, "/bin/resolvectl default-route 7 yes");
	assert_command(1, "/bin/resolvectl domain 7 corp.example ~.");
	assert_command(2, "/bin/resolvectl dns 7 10.0.0.53 192.0.2.53 fd00::53");
	assert_int_equal(dns_plan_undo(&told, &both, commands), 1);
	assert_command(0, "/bin/resolvectl revert 7");
}

/* A server outside `routes` is none: it would say where questions go. */
static void some_names(void **state)
{
	(void)state;
	route_ten();
	domain("~corp.example");
	domain("lab.example");
	offered("fd00::53");
	assert_int_equal(want(&both), DNS_RESOLVED);
	assert_int_equal(dns_plan_tell(&told, &both, commands), 3);
	assert_command(0, "/bin/resolvectl default-route 7 no");
	assert_command(1, "/bin/resolvectl domain 7 ~corp.example lab.example");
	assert_command(2, "/bin/resolvectl dns 7 10.0.0.53");
	client.n_routes = 0;
	assert_int_equal(want(&both), DNS_NOBODY);
}

static void most_names(void **state)
{
	char domain63[] = "~a23456789012345678901234567890123456789012345678901234567890.b";

	(void)state;
	client.default_route = true;
	for (int i = 0; i < CONF_DOMAINS_MAX; i++)
		domain(domain63);
	offered("2001:db8:1111:2222:3333:4444:5555:6666");
	offered("2001:db8:1111:2222:3333:4444:5555:7777");
	assert_int_equal(want(&both), DNS_RESOLVED);
	assert_int_equal(dns_plan_tell(&told, &both, commands), 3);
	assert_string_equal(commands[1].words[commands[1].n - 1], "~.");
	assert_string_equal(commands[1].words[commands[1].n - 2], domain63);
	for (int i = 0; i < CONF_DOMAINS_MAX; i++)
		client.domains[i][0] = 'x';
	assert_int_equal(want(&old), DNS_RESOLVCONF);
	assert_int_equal(dns_plan_tell(&told, &old, commands), 1);
	assert_int_equal(commands[0].input[strlen(commands[0].input) - 1], '\n');
}

static void all_names_by_resolvconf(void **state)
{
	(void)state;
	client.default_route = true;
	domain("~corp.example");
	domain("lab.example");
	assert_int_equal(want(&old), DNS_RESOLVCONF);
	assert_int_equal(dns_plan_tell(&told, &old, commands), 1);
	assert_command(0, "/sbin/resolvconf -a tun.sstp0 -m 0 -x");
	assert_string_equal(commands[0].input, "nameserver 10.0.0.53\n"
			    "nameserver 192.0.2.53\nsearch lab.example\n");
	assert_int_equal(dns_plan_undo(&told, &old, commands), 1);
	assert_command(0, "/sbin/resolvconf -d tun.sstp0 -f");
}

/* It has no other domains than those that are searched in. */
static void some_names_by_resolvconf(void **state)
{
	(void)state;
	route_ten();
	domain("~corp.example");
	domain("lab.example");
	assert_int_equal(want(&old), DNS_RESOLVCONF);
	assert_int_equal(dns_plan_tell(&told, &old, commands), 1);
	assert_command(0, "/sbin/resolvconf -a tun.sstp0 -m 0 -p");
	assert_string_equal(commands[0].input,
			    "nameserver 10.0.0.53\nsearch corp.example lab.example\n");
}

/* It knows no domains: all names are asked there, and those of ~ need not be searched in. */
static void some_names_by_debians_resolvconf(void **state)
{
	(void)state;
	route_ten();
	domain("~corp.example");
	domain("lab.example");
	assert_int_equal(want(&debian), DNS_RESOLVCONF);
	assert_true(told.all);
	assert_false(dns_all_are_wanted(&client));
	assert_int_equal(dns_plan_tell(&told, &debian, commands), 1);
	assert_command(0, "/sbin/resolvconf -a tun.sstp0 -m 0 -x");
	assert_string_equal(commands[0].input, "nameserver 10.0.0.53\nsearch lab.example\n");
}

/* The root's domain has all names, whoever is told. */
static void the_root(void **state)
{
	(void)state;
	route_ten();
	domain("~.");
	domain("lab.example");
	assert_true(dns_all_are_wanted(&client));
	assert_int_equal(want(&old), DNS_RESOLVCONF);
	assert_int_equal(dns_plan_tell(&told, &old, commands), 1);
	assert_command(0, "/sbin/resolvconf -a tun.sstp0 -m 0 -x");
	assert_string_equal(commands[0].input, "nameserver 10.0.0.53\nsearch lab.example\n");
	assert_int_equal(want(&both), DNS_RESOLVED);
	assert_int_equal(dns_plan_tell(&told, &both, commands), 3);
	assert_command(0, "/bin/resolvectl default-route 7 yes");
	assert_command(1, "/bin/resolvectl domain 7 lab.example ~.");
}

static void whom_to_tell(void **state)
{
	static const struct dns_host none;

	(void)state;
	client.default_route = true;
	assert_int_equal(want(&both), DNS_RESOLVED);
	assert_int_equal(want(&idle), DNS_RESOLVCONF);
	assert_int_equal(want(&none), DNS_NOBODY);
	client.dns = CONF_DNS_RESOLVED;
	assert_int_equal(want(&idle), DNS_RESOLVED);
	assert_int_equal(want(&old), DNS_NOBODY);
	client.dns = CONF_DNS_RESOLVCONF;
	assert_int_equal(want(&both), DNS_RESOLVCONF);
	assert_int_equal(want(&none), DNS_NOBODY);
	/* What was told, by a program that is not there any more */
	client.dns = CONF_DNS_AUTO;
	want(&both);
	assert_int_equal(dns_plan_undo(&told, &none, commands), 0);
}

static void nothing_to_say(void **state)
{
	(void)state;
	route_ten();
	assert_int_equal(want(&both), DNS_NOBODY);
	client.default_route = true;
	client.dns = CONF_DNS_NO;
	assert_int_equal(want(&both), DNS_NOBODY);
	client.dns = CONF_DNS_AUTO;
	offer.n = 0;
	assert_int_equal(want(&both), DNS_NOBODY);
	memset(&told, 0, sizeof(told));
	assert_int_equal(dns_plan_tell(&told, &both, commands), 0);
	assert_int_equal(dns_plan_undo(&told, &both, commands), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(all_names, fresh),
		cmocka_unit_test_setup(some_names, fresh),
		cmocka_unit_test_setup(most_names, fresh),
		cmocka_unit_test_setup(all_names_by_resolvconf, fresh),
		cmocka_unit_test_setup(some_names_by_resolvconf, fresh),
		cmocka_unit_test_setup(some_names_by_debians_resolvconf, fresh),
		cmocka_unit_test_setup(the_root, fresh),
		cmocka_unit_test_setup(whom_to_tell, fresh),
		cmocka_unit_test_setup(nothing_to_say, fresh),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
