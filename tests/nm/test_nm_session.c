// SPDX-License-Identifier: GPL-2.0-or-later
/* What sstpd says of a session, and what of that NetworkManager is told. */
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "nm/nm_session.h"

#define SESSION \
	"{\"id\": 1, \"role\": \"client\", \"remote\": \"192.0.2.1:443\", " \
	"\"interface\": \"sstp-1234abcd\", \"local\": \"10.8.0.2\", \"peer\": \"10.8.0.1\", " \
	"\"local_ipv6\": \"fe80::1:2:3:4\", \"dns1\": \"10.8.0.53\", \"dns2\": \"10.8.0.54\", " \
	"\"mtu\": 1400}"

static void assert_addr(struct in_addr addr, const char *text)
{
	char is[INET_ADDRSTRLEN];

	assert_string_equal(inet_ntop(AF_INET, &addr, is, sizeof(is)), text);
}

static void all_of_it(void **state)
{
	struct nm_session s;

	(void)state;
	assert_true(nm_session_of_show("{\n\"sessions\": [\n" SESSION "\n]\n}\n", &s));
	assert_string_equal(s.ifname, "sstp-1234abcd");
	assert_addr(s.local, "10.8.0.2");
	assert_addr(s.peer, "10.8.0.1");
	assert_addr(s.dns[0], "10.8.0.53");
	assert_addr(s.dns[1], "10.8.0.54");
	assert_int_equal(s.mtu, 1400);
	assert_int_equal(s.server.ss_family, AF_INET);
	assert_addr(((struct sockaddr_in *)&s.server)->sin_addr, "192.0.2.1");
	assert_true(s.ipv6);
	assert_true(IN6_IS_ADDR_UNSPECIFIED(&s.local6));
}

/* What is advertised in the tunnel comes later. */
static void more_of_it(void **state)
{
	char text[INET6_ADDRSTRLEN];
	struct nm_session s;

	(void)state;
	assert_true(nm_session_of_event(
		"{\"event\": \"session-ipv6\", \"session\": {\"interface\": \"sstp0\", "
		"\"local_ipv6\": \"fe80::1\", \"ipv6_address\": \"2001:db8::2\", "
		"\"ipv6_router\": true, \"ipv6_dns1\": \"2001:db8::53\"}}", &s));
	assert_string_equal(inet_ntop(AF_INET6, &s.local6, text, sizeof(text)), "2001:db8::2");
	assert_true(s.router6);
	assert_string_equal(inet_ntop(AF_INET6, &s.dns6[0], text, sizeof(text)), "2001:db8::53");
	assert_true(IN6_IS_ADDR_UNSPECIFIED(&s.dns6[1]));
}

/* An event of a session that has IPv6, with this of it. */
static struct nm_session told_of(const char *ipv6)
{
	struct nm_session s;
	char text[400];

	snprintf(text, sizeof(text),
		 "{\"event\": \"session-ipv6\", \"session\": {\"interface\": \"sstp0\", "
		 "\"local_ipv6\": \"fe80::1\"%s}}", ipv6);
	assert_true(nm_session_of_event(text, &s));
	return s;
}

#define ROUTER		", \"ipv6_router\": true"
#define ADDRESS		", \"ipv6_address\": \"2001:db8::2\""
#define NAMES		", \"ipv6_dns1\": \"2001:db8::53\""

static void withdrawn(void **state)
{
	struct nm_session before = told_of(ROUTER ADDRESS NAMES), s;

	(void)state;
	s = told_of(ROUTER NAMES);
	assert_true(IN6_IS_ADDR_UNSPECIFIED(&s.local6));
	nm_session_go_on(&s, &before);
	assert_memory_equal(&s.local6, &before.local6, sizeof(s.local6));
	assert_false(s.router6);
	assert_true(IN6_IS_ADDR_UNSPECIFIED(&s.dns6[0]));

	/* There was none to begin with. */
	before = s = told_of(ROUTER NAMES);
	nm_session_go_on(&s, &before);
	assert_memory_equal(&s, &before, sizeof(s));
}

/* Another sstpd has taken over, and knows nothing yet. */
static void not_heard(void **state)
{
	struct nm_session before = told_of(ROUTER ADDRESS NAMES), s = told_of("");

	(void)state;
	nm_session_go_on(&s, &before);
	assert_memory_equal(&s, &before, sizeof(s));
}

static void another_address(void **state)
{
	struct nm_session before = told_of(ROUTER ADDRESS NAMES), s, is;

	(void)state;
	is = s = told_of(", \"ipv6_router\": false, \"ipv6_address\": \"2001:db8:1::2\"");
	nm_session_go_on(&s, &before);
	assert_memory_equal(&s, &is, sizeof(s));
}

static void less_of_it(void **state)
{
	struct nm_session s;
	char text[INET6_ADDRSTRLEN];

	(void)state;
	assert_true(nm_session_of_event("{\"event\": \"session-up\", \"session\": "
					"{\"remote\": \"[2001:db8::1]:443\", "
					"\"interface\": \"sstp0\"}}", &s));
	assert_int_equal(s.server.ss_family, AF_INET6);
	assert_string_equal(inet_ntop(AF_INET6, &((struct sockaddr_in6 *)&s.server)->sin6_addr,
				      text, sizeof(text)), "2001:db8::1");
	assert_int_equal(s.local.s_addr, 0);
	assert_int_equal(s.mtu, 0);
	assert_false(s.ipv6);
	assert_false(s.router6);
}

/* Over another connection, to another address of its server, with other name servers. */
static void goes_on(void **state)
{
	static const char *const events[] = { "session-moved", "session-addresses" };
	struct nm_session s;
	char text[600];

	(void)state;
	for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++) {
		snprintf(text, sizeof(text), "{\"event\": \"%s\", \"session\": " SESSION "}",
			 events[i]);
		assert_true(nm_session_of_event(text, &s));
		assert_addr(((struct sockaddr_in *)&s.server)->sin_addr, "192.0.2.1");
		assert_addr(s.dns[0], "10.8.0.53");
	}
}

static void none(void **state)
{
	struct nm_session s;

	(void)state;
	assert_false(nm_session_of_show("", &s));
	assert_false(nm_session_of_show("{\"sessions\": []}", &s));
	assert_false(nm_session_of_show("{\"sessions\": 7}", &s));
	assert_false(nm_session_of_show("{\"error\": \"x\"}", &s));
	assert_false(nm_session_of_show("{\"sessions\": [" SESSION, &s));
	assert_false(nm_session_of_event("{\"event\": \"reload\"}", &s));
	assert_false(nm_session_of_event("{\"event\": \"session-end\", \"session\": " SESSION "}",
					 &s));
	assert_false(nm_session_of_event("7", &s));
	/* One that did not come up has no interface. */
	assert_false(nm_session_of_event("{\"event\": \"session-up\", \"session\": {}}", &s));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_of_it),
		cmocka_unit_test(less_of_it),
		cmocka_unit_test(more_of_it),
		cmocka_unit_test(withdrawn),
		cmocka_unit_test(not_heard),
		cmocka_unit_test(another_address),
		cmocka_unit_test(goes_on),
		cmocka_unit_test(none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
