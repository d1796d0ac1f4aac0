// SPDX-License-Identifier: GPL-2.0-or-later
/* Interfaces that go: together, all of them once, and at once where another is in need. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/loop.h"
#include "netlink/netcfg.h"
#include "parent/removal.h"

#define INTERFACES	1000

static unsigned int deleted[INTERFACES + 1];
static unsigned int freed[INTERFACES + 1];
static unsigned int requests, most;

/* In place of the kernel. */
void netcfg_links_del(const uint32_t *ifindexes, size_t n)
{
	requests++;
	most = n > most ? (unsigned int)n : most;
	for (size_t i = 0; i < n; i++)
		deleted[ifindexes[i]]++;
}

static void gone(uint32_t number)
{
	/* A name may not be given again before its interface is gone. */
	assert_int_equal(deleted[number], 1);
	freed[number]++;
}

static int begin(void **state)
{
	(void)state;
	memset(deleted, 0, sizeof(deleted));
	memset(freed, 0, sizeof(freed));
	requests = most = 0;
	removal_init(gone);
	return 0;
}

static struct entry *ended(uint32_t i)
{
	static struct entry e;

	e = (struct entry){ .ifindex = i, .numbered = true, .ifnumber = i, .tun = -1 };
	snprintf(e.ifname, sizeof(e.ifname), "sstp%u", i);
	snprintf(e.user, sizeof(e.user), "user%u", i);
	e.net.peer.s_addr = i;
	return &e;
}

static void assert_all_gone_once(void)
{
	for (uint32_t i = 1; i <= INTERFACES; i++) {
		assert_int_equal(deleted[i], 1);
		assert_int_equal(freed[i], 1);
	}
}

static void many_go_together(void **state)
{
	(void)state;
	for (uint32_t i = 1; i <= INTERFACES; i++)
		removal_add(ended(i));
	assert_int_equal(requests, 0);
	for (unsigned int turns = 0; !deleted[INTERFACES]; turns++) {
		assert_in_range(turns, 0, 10000);
		assert_true(loop_once());
	}
	assert_all_gone_once();
	/* The loop has had turns between them. */
	assert_in_range(requests, 10, 20);
	assert_int_equal(most, 64);
	removal_flush();
	assert_in_range(requests, 10, 20);
}

static void the_end_waits_for_all(void **state)
{
	(void)state;
	for (uint32_t i = 1; i <= INTERFACES; i++)
		removal_add(ended(i));
	removal_flush();
	assert_all_gone_once();
}

static void who_is_in_the_way_goes_at_once(void **state)
{
	struct entry e = { 0 };
	int tun[2];

	(void)state;
	for (uint32_t i = 1; i <= 10; i++)
		removal_add(ended(i));
	strcpy(e.ifname, "sstp3");
	assert_true(removal_make_way(&e, true));
	assert_false(removal_make_way(&e, true));
	/* The account alone is no reason: there may be a thousand sessions of it. */
	strcpy(e.user, "user4");
	assert_false(removal_make_way(&e, false));
	e.grant.user.n_routes = 1;
	assert_true(removal_make_way(&e, false));
	e.net.peer.s_addr = 5;
	assert_true(removal_make_way(&e, false));
	assert_false(removal_make_way(&e, false));
	for (uint32_t i = 1; i <= 10; i++)
		assert_int_equal(deleted[i], i >= 3 && i <= 5);
	assert_int_equal(pipe(tun), 0);
	e = *ended(11);
	e.tun = tun[0];
	removal_add(&e);
	removal_flush();
	for (uint32_t i = 1; i <= 11; i++)
		assert_int_equal(freed[i], 1);
	assert_int_equal(close(tun[0]), -1);
	close(tun[1]);
}

static void a_user_of_many(void **state)
{
	struct entry e;

	(void)state;
	for (uint32_t i = 1; i <= INTERFACES; i++) {
		e = *ended(i);
		strcpy(e.user, i % 2 ? "odd" : "even");
		e.prefix6 = (struct conf_route){ .family = AF_INET6, .len = 64 };
		e.prefix6.addr[7] = (uint8_t)i;
		removal_add(&e);
	}
	e = (struct entry){ .grant.user.n_routes = 1, .user = "odd" };
	assert_true(removal_make_way(&e, false));
	for (uint32_t i = 1; i <= INTERFACES; i++)
		assert_int_equal(deleted[i], i % 2);
	/* Not a request for each of them. */
	assert_in_range(requests, 1, INTERFACES / 2 / 64 + 1);
	e = (struct entry){ .prefix6 = { .family = AF_INET6, .len = 64 } };
	e.prefix6.addr[7] = 4;
	assert_true(removal_make_way(&e, false));
	for (uint32_t i = 2; i <= INTERFACES; i += 2)
		assert_int_equal(deleted[i], i % 256 == 4);
	removal_flush();
	assert_all_gone_once();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(many_go_together, begin),
		cmocka_unit_test_setup(the_end_waits_for_all, begin),
		cmocka_unit_test_setup(who_is_in_the_way_goes_at_once, begin),
		cmocka_unit_test_setup(a_user_of_many, begin),
	};

	loop_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
