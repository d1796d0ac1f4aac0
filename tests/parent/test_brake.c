// SPDX-License-Identifier: GPL-2.0-or-later
/* The brake on guessing passwords, and the count of connections per source. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <arpa/inet.h>
#include <netinet/in.h>

#include <cmocka.h>

#include "engine/sources.h"
#include "lib/addr.h"
#include "parent/brake.h"

#define T0	1000000

static const struct brake_cfg cfg = {
	.user_free = 3,
	.source_free = 6,
	.delay_ms = 1000,
	.delay_max_ms = 8000,
	.memory_ms = 600000,
	.hold_max_ms = 20000,
};

static struct brake *g;

static int brake_setup(void **state)
{
	(void)state;
	g = brake_new();
	return 0;
}

static int brake_teardown(void **state)
{
	(void)state;
	brake_free(g);
	return 0;
}

static struct sockaddr_storage from(const char *host)
{
	struct sockaddr_storage ss = { 0 };

	if (strchr(host, ':')) {
		ss.ss_family = AF_INET6;
		inet_pton(AF_INET6, host,
			  &((struct sockaddr_in6 *)&ss)->sin6_addr);
	} else {
		ss.ss_family = AF_INET;
		inet_pton(AF_INET, host, &((struct sockaddr_in *)&ss)->sin_addr);
	}
	return ss;
}

static uint32_t admit(const char *host, const char *user, uint64_t now)
{
	struct sockaddr_storage ss = from(host);

	return brake_admit(g, &cfg, &ss, user, now);
}

static void wrong(const char *host, const char *user, uint64_t now, int times)
{
	struct sockaddr_storage ss = from(host);

	while (times--)
		brake_failed(g, &cfg, &ss, user, now);
}

static void succeeded(const char *host, const char *user, uint64_t now)
{
	struct sockaddr_storage ss = from(host);

	brake_succeeded(g, &cfg, &ss, user, now);
}

static void the_first_failures_are_free(void **state)
{
	(void)state;
	for (int i = 0; i < 4; i++) {
		assert_int_equal(admit("192.0.2.1", "alice", T0), 0);
		wrong("192.0.2.1", "alice", T0, 1);
	}
	assert_int_equal(admit("192.0.2.1", "alice", T0), 1000);
	assert_int_equal(admit("192.0.2.1", "bob", T0), 0);
}

static void delays_double_up_to_the_longest(void **state)
{
	static const uint32_t delays[] = { 1000, 2000, 4000, 8000, 8000 };
	uint64_t now = T0;

	(void)state;
	wrong("192.0.2.1", "alice", now, 3);
	for (size_t i = 0; i < sizeof(delays) / sizeof(delays[0]); i++) {
		/* From elsewhere each time: this is about the user. */
		char host[16];

		snprintf(host, sizeof(host), "198.51.100.%zu", i);
		wrong(host, "alice", now, 1);
		assert_int_equal(admit("192.0.2.9", "alice", now), delays[i]);
		now += 100000;
		assert_int_equal(admit("192.0.2.9", "alice", now), 0);
	}
	/* However many there are. */
	wrong("192.0.2.1", "alice", now, 1000);
	now += 8000;
	assert_int_equal(admit("192.0.2.9", "alice", now), 0);
}

static void attempts_stand_in_line(void **state)
{
	(void)state;
	wrong("192.0.2.1", "alice", T0, 5);
	assert_int_equal(admit("192.0.2.1", "alice", T0), 2000);
	assert_int_equal(admit("192.0.2.2", "alice", T0), 4000);
	assert_int_equal(admit("192.0.2.3", "alice", T0 + 500), 5500);
}

static void a_long_line_is_refused(void **state)
{
	uint32_t last = 0;
	int n;

	(void)state;
	wrong("192.0.2.1", "alice", T0, 5);
	for (n = 0; n < 100; n++) {
		uint32_t ms = admit("192.0.2.1", "alice", T0);

		if (ms == BRAKE_REFUSE)
			break;
		assert_true(ms > last);
		last = ms;
	}
	assert_int_equal(last, 20000);
	assert_int_equal(n, 10);
	/* Who was refused does not make the line longer. */
	assert_int_equal(admit("192.0.2.1", "alice", T0 + 2000), 20000);
}

static void sources_count_for_all_their_users(void **state)
{
	char user[8];

	(void)state;
	for (int i = 0; i < 7; i++) {
		snprintf(user, sizeof(user), "user%d", i);
		wrong("192.0.2.1", user, T0, 1);
	}
	assert_int_equal(admit("192.0.2.1", "another", T0), 1000);
	assert_int_equal(admit("192.0.2.2", "another", T0), 0);
}

static void a_source_is_a_network_of_ipv6(void **state)
{
	(void)state;
	for (int i = 0; i < 7; i++) {
		char host[40], user[8];

		snprintf(host, sizeof(host), "2001:db8:0:1::%d", i);
		snprintf(user, sizeof(user), "user%d", i);
		wrong(host, user, T0, 1);
	}
	assert_int_equal(admit("2001:db8:0:1:ffff::1", "another", T0), 1000);
	assert_int_equal(admit("2001:db8:0:2::1", "another", T0), 0);
}

static void success_clears_the_user_not_the_source(void **state)
{
	char user[8];

	(void)state;
	for (int i = 0; i < 7; i++) {
		snprintf(user, sizeof(user), "user%d", i);
		wrong("192.0.2.1", user, T0, 4);
	}
	succeeded("192.0.2.99", "user0", T0);
	assert_int_equal(admit("192.0.2.2", "user0", T0), 0);
	assert_int_equal(admit("192.0.2.1", "another", T0), 1000);
	/* Who has an account cannot buy guesses by it. */
	for (int i = 0; i < 100; i++)
		succeeded("192.0.2.1", "user1", T0);
	wrong("192.0.2.1", "user7", T0, 1);
	succeeded("192.0.2.1", "user1", T0);
	assert_int_equal(admit("192.0.2.1", "another", T0), 2000);
}

/* Neither guesses from elsewhere, nor those of others at the same address. */
static void who_was_here_before_is_not_delayed(void **state)
{
	char user[8], host[20];

	(void)state;
	succeeded("192.0.2.1", "alice", T0);
	for (int i = 0; i < 100; i++) {
		snprintf(user, sizeof(user), "user%d", i);
		snprintf(host, sizeof(host), "198.51.100.%d", i);
		wrong("192.0.2.1", user, T0, 5);
		wrong(host, "alice", T0, 5);
		admit("192.0.2.1", "bob", T0);
		admit("192.0.2.77", "alice", T0);
		assert_int_equal(admit("192.0.2.1", "CORP\\Alice", T0), 0);
	}
	assert_int_equal(admit("192.0.2.1", "bob", T0), BRAKE_REFUSE);
	assert_int_equal(admit("192.0.2.77", "alice", T0), BRAKE_REFUSE);
	/* However many others fail: they are not in the same table. */
	for (int i = 0; i < 20000; i++) {
		snprintf(user, sizeof(user), "%d", i);
		wrong("192.0.2.1", user, T0 + 1000, 1);
	}
	assert_int_equal(admit("192.0.2.1", "alice", T0 + 1000), 0);
}

/* But whoever guesses at that address is: it may be shared. */
static void what_fails_where_one_was_before_counts(void **state)
{
	(void)state;
	succeeded("192.0.2.1", "alice", T0);
	wrong("192.0.2.1", "alice", T0, 3);
	assert_int_equal(admit("192.0.2.1", "alice", T0), 0);
	wrong("192.0.2.1", "alice", T0, 2);
	assert_int_equal(admit("192.0.2.1", "alice", T0), 2000);
	assert_int_equal(admit("192.0.2.1", "alice", T0), 4000);
	/* Both are forgotten, each in its time. */
	assert_int_equal(admit("192.0.2.1", "alice", T0 + 700000), 0);
	wrong("192.0.2.1", "alice", T0 + 700000, 3);
	assert_int_equal(admit("192.0.2.1", "alice", T0 + 700000), 0);
}

/* An office: one device has an old password, and tries all the time. */
static void one_wrong_device_is_one(void **state)
{
	char user[8];

	(void)state;
	wrong("192.0.2.1", "bob", T0, 1000);
	for (int i = 0; i < 50; i++) {
		snprintf(user, sizeof(user), "user%d", i);
		assert_int_equal(admit("192.0.2.1", user, T0), 0);
		succeeded("192.0.2.1", user, T0);
	}
	assert_int_equal(admit("192.0.2.1", "bob", T0), 8000);
}

/* Behind somebody who guesses: each waits for who is before him, as long as it takes. */
static void good_logins_give_back_their_place(void **state)
{
	char user[8];

	(void)state;
	for (int i = 0; i < 8; i++) {
		snprintf(user, sizeof(user), "user%d", i);
		wrong("192.0.2.1", user, T0, 1);
	}
	assert_int_equal(admit("192.0.2.1", "alice", T0), 2000);
	succeeded("192.0.2.1", "alice", T0 + 2000);
	assert_int_equal(admit("192.0.2.1", "bob", T0 + 2000), 0);
	succeeded("192.0.2.1", "bob", T0 + 2000);
	assert_int_equal(admit("192.0.2.1", "carol", T0 + 2000), 0);
}

static void names_of_one_account_are_one(void **state)
{
	(void)state;
	wrong("192.0.2.1", "alice", T0, 1);
	wrong("192.0.2.2", "CORP\\alice", T0, 1);
	wrong("192.0.2.3", "Alice", T0, 1);
	wrong("192.0.2.4", "x\\ALICE", T0, 1);
	assert_int_equal(admit("192.0.2.5", "alice", T0), 1000);
	succeeded("192.0.2.99", "CORP\\Alice", T0);
	assert_int_equal(admit("192.0.2.5", "alice", T0), 0);
}

static void failures_are_forgotten(void **state)
{
	(void)state;
	wrong("192.0.2.1", "alice", T0, 100);
	wrong("192.0.2.1", "alice", T0 + 599999, 1);
	assert_int_equal(admit("192.0.2.1", "alice", T0 + 600000), 7999);
	assert_int_equal(admit("192.0.2.1", "alice", T0 + 2000000), 0);
	wrong("192.0.2.1", "alice", T0 + 2000000, 3);
	assert_int_equal(admit("192.0.2.1", "alice", T0 + 2000000), 0);
}

static void no_delay_configured(void **state)
{
	struct brake_cfg off = cfg;
	struct sockaddr_storage ss = from("192.0.2.1");

	(void)state;
	off.delay_ms = 0;
	for (int i = 0; i < 100; i++)
		brake_failed(g, &off, &ss, "alice", T0);
	assert_int_equal(brake_admit(g, &off, &ss, "alice", T0), 0);
}

/* Many names do not push out one that fails all the time, nor break anything. */
static void more_names_than_room(void **state)
{
	char user[260];

	(void)state;
	memset(user, 'u', sizeof(user));
	user[255] = '\0';
	for (int i = 0; i < 50000; i++) {
		snprintf(user, 10, "%d", i);
		user[strlen(user)] = 'u';
		wrong("192.0.2.1", user, T0 + (uint64_t)i, 1);
		if (i % 100 == 0)
			wrong("192.0.2.2", "alice", T0 + (uint64_t)i, 1);
	}
	assert_int_equal(admit("192.0.2.3", "alice", T0 + 50000), 7900);
	assert_int_equal(admit("192.0.2.3", "", T0), 0);
}

static void connections_per_source(void **state)
{
	struct sockaddr_storage a = from("192.0.2.1"), b = from("192.0.2.2");
	struct sockaddr_storage c = from("2001:db8::1");
	struct sockaddr_storage d = from("2001:db8::2");
	struct source *of[4];

	(void)state;
	assert_int_equal(sources_count(&a), 0);
	of[0] = sources_get(&a);
	of[1] = sources_get(&a);
	assert_ptr_equal(of[0], of[1]);
	of[2] = sources_get(&c);
	of[3] = sources_get(&d);
	assert_int_equal(sources_count(&a), 2);
	assert_int_equal(sources_count(&b), 0);
	assert_int_equal(sources_count(&d), 2);
	for (int i = 0; i < 4; i++)
		sources_put(of[i]);
	sources_put(NULL);
	assert_int_equal(sources_count(&a), 0);
	assert_int_equal(sources_count(&c), 0);
}

/* Who has a site of IPv6 has 65536 networks. */
static void connections_per_site(void **state)
{
	struct sockaddr_storage in = from("2001:db8:0:ffff::1"), out = from("2001:db8:1::1");
	struct sockaddr_storage v4 = from("192.0.2.1");
	struct source *of[100];
	char host[40];

	(void)state;
	for (int i = 0; i < 100; i++) {
		struct sockaddr_storage ss;

		snprintf(host, sizeof(host), "2001:db8:0:%x::1", i / 2);
		ss = from(host);
		of[i] = sources_get(&ss);
		assert_int_equal(sources_count(&ss), 1 + i % 2);
		assert_int_equal(sources_site_count(&ss), i + 1);
	}
	assert_int_equal(sources_site_count(&in), 100);
	assert_int_equal(sources_site_count(&out), 0);
	assert_int_equal(sources_site_count(&v4), 0);
	for (int i = 0; i < 100; i++)
		sources_put(of[i]);
	assert_int_equal(sources_site_count(&in), 0);
}

static void prefixes(void **state)
{
	static const struct {
		const char *addr;
		const char *prefix;
		unsigned int len;
		bool within;
	} cases[] = {
		{ "10.1.2.3", "10.0.0.0", 8, true },
		{ "11.1.2.3", "10.0.0.0", 8, false },
		{ "10.1.2.3", "10.1.2.3", 32, true },
		{ "10.1.2.2", "10.1.2.3", 32, false },
		{ "10.1.2.3", "0.0.0.0", 0, true },
		{ "10.127.0.1", "10.64.0.0", 10, true },
		{ "10.128.0.1", "10.64.0.0", 10, false },
		{ "2001:db8::1", "2001:db8::", 32, true },
		{ "2001:db9::1", "2001:db8::", 32, false },
		{ "2001:db8::1", "2001:db8::1", 128, true },
		{ "2001:db8::1", "0.0.0.0", 0, false },
		{ "10.1.2.3", "::", 0, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int family = strchr(cases[i].prefix, ':') ? AF_INET6 : AF_INET;
		struct sockaddr_storage ss = from(cases[i].addr);
		uint8_t prefix[16];

		inet_pton(family, cases[i].prefix, prefix);
		assert_int_equal(addr_within(&ss, family, prefix, cases[i].len),
				 cases[i].within);
	}
}

#define BRAKE_TEST(f)	cmocka_unit_test_setup_teardown(f, brake_setup, \
							brake_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		BRAKE_TEST(the_first_failures_are_free),
		BRAKE_TEST(delays_double_up_to_the_longest),
		BRAKE_TEST(attempts_stand_in_line),
		BRAKE_TEST(a_long_line_is_refused),
		BRAKE_TEST(sources_count_for_all_their_users),
		BRAKE_TEST(a_source_is_a_network_of_ipv6),
		BRAKE_TEST(success_clears_the_user_not_the_source),
		BRAKE_TEST(names_of_one_account_are_one),
		BRAKE_TEST(who_was_here_before_is_not_delayed),
		BRAKE_TEST(what_fails_where_one_was_before_counts),
		BRAKE_TEST(one_wrong_device_is_one),
		BRAKE_TEST(good_logins_give_back_their_place),
		BRAKE_TEST(failures_are_forgotten),
		BRAKE_TEST(no_delay_configured),
		BRAKE_TEST(more_names_than_room),
		cmocka_unit_test(connections_per_source),
		cmocka_unit_test(connections_per_site),
		cmocka_unit_test(prefixes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
