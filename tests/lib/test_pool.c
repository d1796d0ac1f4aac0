// SPDX-License-Identifier: GPL-2.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "lib/pool.h"

#define NET	0x0a080000	/* 10.8.0.0 */

static struct pool *make(const char *spec)
{
	char err[200] = "";
	struct pool_range range;
	struct pool *p = NULL;

	if (pool_range_parse(&range, spec, err, sizeof(err)))
		p = pool_new(&range, 1, err, sizeof(err));

	if (!p)
		fail_msg("%s: %s", spec, err);
	return p;
}

static void exclude(struct pool *p, uint32_t addr)
{
	pool_exclude(p, (struct pool_range){ addr, addr });
}

static void sizes(void **state)
{
	static const struct {
		const char *spec;
		size_t size;
		uint32_t first;
	} cases[] = {
		{ "10.8.0.0/24", 254, NET + 1 },
		{ "10.8.0.0/30", 2, NET + 1 },
		{ "10.8.0.0/31", 2, NET },
		{ "10.8.0.7/32", 1, NET + 7 },
		{ "10.8.0.7", 1, NET + 7 },
		{ "10.8.0.10-10.8.0.20", 11, NET + 10 },
		{ "10.8.0.10-10.8.0.10", 1, NET + 10 },
		{ "10.8.0.0/16", 65534, NET + 1 },
		{ "255.255.255.0-255.255.255.255", 256, 0xffffff00 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct pool *p = make(cases[i].spec);

		assert_int_equal(pool_size(p), cases[i].size);
		assert_int_equal(pool_get(p, "u", NULL, NULL), cases[i].first);
		assert_true(pool_contains(p, cases[i].first + cases[i].size - 1));
		assert_false(pool_contains(p, cases[i].first + cases[i].size));
		assert_false(pool_contains(p, cases[i].first - 1));
		pool_free(p);
	}
}

static void bad_ranges(void **state)
{
	static const char *const bad[] = {
		"", "x", "10.8.0", "10.8.0.0/", "10.8.0.0/33", "10.8.0.0/-1", "10.8.0.0/24x",
		"10.8.0.1/24", "10.8.0.9-10.8.0.1", "10.8.0.1-", "-10.8.0.1", "10.8.0.1-x",
		"10.0.0.0/15", "10.0.0.0-10.255.255.255", "0.0.0.0/0", "0.0.0.0-0.0.0.9",
		"0.0.0.0-255.255.255.255", "10.8.0.256", "::1", "10.8.0.0/24 ",
		"10.8.0.0/24-10.8.0.0/24-and-then-much-more-text-than-any-address-range-needs",
	};
	struct pool_range range;
	char err[200];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		err[0] = '\0';
		if (pool_range_parse(&range, bad[i], err, sizeof(err)))
			fail_msg("\"%s\" was taken", bad[i]);
		assert_true(strlen(err) > 20);
	}
}

static void all_once_and_then_none(void **state)
{
	struct pool *p = make("10.8.0.0/29");
	bool seen[8] = { false };
	char name[16];
	unsigned int i;
	uint32_t a;

	(void)state;
	for (i = 0; i < 6; i++) {
		snprintf(name, sizeof(name), "u%u", i);
		a = pool_get(p, name, NULL, NULL);
		assert_true(a > NET && a < NET + 7);
		assert_false(seen[a - NET]);
		seen[a - NET] = true;
	}
	assert_int_equal(pool_used(p), 6);
	assert_int_equal(pool_get(p, "u9", NULL, NULL), 0);
	pool_put(p, NET + 3);
	assert_int_equal(pool_get(p, "u9", NULL, NULL), NET + 3);
	pool_free(p);
}

static void returning_owner_gets_the_same(void **state)
{
	struct pool *p = make("10.8.0.0/28");
	uint32_t alice = pool_get(p, "alice", NULL, NULL);
	uint32_t bob = pool_get(p, "bob", NULL, NULL);

	(void)state;
	pool_put(p, bob);
	pool_put(p, alice);
	assert_int_equal(pool_get(p, "alice", NULL, NULL), alice);
	assert_int_equal(pool_get(p, "bob", NULL, NULL), bob);
	/* A second session of the same user gets another one. */
	assert_int_not_equal(pool_get(p, "alice", NULL, NULL), alice);
	pool_free(p);
}

static void free_for_longest_goes_first(void **state)
{
	struct pool *p = make("10.8.0.1-10.8.0.3");
	uint32_t a = pool_get(p, "a", NULL, NULL), b = pool_get(p, "b", NULL, NULL), c = pool_get(p, "c", NULL, NULL);

	(void)state;
	pool_put(p, b);
	pool_put(p, a);
	pool_put(p, c);
	assert_int_equal(pool_get(p, "x", NULL, NULL), b);
	assert_int_equal(pool_get(p, "y", NULL, NULL), a);
	/* x now holds what was b's. */
	assert_int_equal(pool_get(p, "b", NULL, NULL), c);
	pool_free(p);
}

static void excluded_addresses(void **state)
{
	struct pool *p = make("10.8.0.0/29");
	int i;

	(void)state;
	exclude(p, NET + 1);
	exclude(p, NET + 1);
	exclude(p, NET + 100);
	exclude(p, 0);
	assert_int_equal(pool_size(p), 5);
	for (i = 0; i < 5; i++)
		assert_int_not_equal(pool_get(p, "u", NULL, NULL), NET + 1);
	assert_int_equal(pool_get(p, "u", NULL, NULL), 0);
	assert_false(pool_claim(p, NET + 1, "u"));
	pool_put(p, NET + 1);
	assert_int_equal(pool_get(p, "u", NULL, NULL), 0);
	/* One in use: gone for good. */
	exclude(p, NET + 2);
	pool_put(p, NET + 2);
	assert_int_equal(pool_get(p, "u", NULL, NULL), 0);
	assert_int_equal(pool_used(p), 4);
	pool_free(p);
}

static void several_ranges(void **state)
{
	static const struct pool_range ranges[] = {
		{ NET + 10, NET + 11 }, { NET + 5, NET + 5 }, { NET + 256, NET + 257 },
	};
	static const uint32_t want[] = { NET + 10, NET + 11, NET + 5, NET + 256, NET + 257 };
	struct pool_range again[] = { { NET, NET + 9 }, { NET + 9, NET + 12 } };
	char err[200];
	struct pool *p = pool_new(ranges, 3, err, sizeof(err));

	(void)state;
	assert_non_null(p);
	assert_int_equal(pool_size(p), 5);
	assert_true(pool_contains(p, NET + 257));
	assert_false(pool_contains(p, NET + 6));
	assert_true(pool_claim(p, NET + 256, "x"));
	pool_put(p, NET + 256);
	for (int i = 0; i < 5; i++)
		assert_int_equal(pool_get(p, "u", NULL, NULL),
				 i < 3 ? want[i] : i == 3 ? NET + 257 : NET + 256);
	pool_free(p);

	p = pool_new(ranges, 3, err, sizeof(err));
	pool_exclude(p, (struct pool_range){ NET + 11, NET + 256 });
	assert_int_equal(pool_size(p), 3);
	assert_int_equal(pool_get(p, "u", NULL, NULL), NET + 10);
	assert_int_equal(pool_get(p, "u", NULL, NULL), NET + 5);
	assert_int_equal(pool_get(p, "u", NULL, NULL), NET + 257);
	assert_int_equal(pool_get(p, "u", NULL, NULL), 0);
	pool_free(p);

	assert_null(pool_new(again, 2, err, sizeof(err)));
	assert_non_null(strstr(err, "overlap"));
	assert_null(pool_new(again, 0, err, sizeof(err)));
	again[1] = (struct pool_range){ NET + 10, NET + 10 + POOL_SIZE_MAX };
	assert_null(pool_new(again, 2, err, sizeof(err)));
}

static bool is_odd(void *ctx, uint32_t addr)
{
	(void)ctx;
	return addr & 1;
}

static void taken_by_others(void **state)
{
	struct pool *p = make("10.8.0.0/29");
	uint32_t a = pool_get(p, "alice", NULL, NULL);

	(void)state;
	pool_put(p, a);
	assert_int_equal(a, NET + 1);
	/* Not even the one she had. */
	assert_int_equal(pool_get(p, "alice", is_odd, NULL), NET + 2);
	assert_int_equal(pool_get(p, "bob", is_odd, NULL), NET + 4);
	assert_int_equal(pool_get(p, "carol", is_odd, NULL), NET + 6);
	assert_int_equal(pool_get(p, "dave", is_odd, NULL), 0);
	assert_int_equal(pool_used(p), 3);
	assert_int_equal(pool_get(p, "alice", NULL, NULL), NET + 1);
	pool_free(p);
}

static void claims(void **state)
{
	struct pool *p = make("10.8.0.0/29");

	(void)state;
	assert_true(pool_claim(p, NET + 4, "fixed"));
	assert_false(pool_claim(p, NET + 4, "other"));
	assert_false(pool_claim(p, NET + 9, "other"));
	assert_int_equal(pool_used(p), 1);
	pool_put(p, NET + 4);
	assert_int_equal(pool_get(p, "fixed", NULL, NULL), NET + 4);
	pool_free(p);
}

/* Not one look at what is reserved, or at what its owner has in use. */
static bool never_asked(void *ctx, uint32_t addr)
{
	assert_int_equal(addr, *(uint32_t *)ctx);
	return false;
}

static void reserved(void **state)
{
	struct pool *p = make("10.8.0.0/24");
	uint32_t next = NET + 101;

	(void)state;
	for (uint32_t i = 1; i <= 100; i++)
		pool_reserve(p, NET + i);
	pool_reserve(p, NET + 7);
	pool_reserve(p, NET + 256);
	assert_int_equal(pool_left(p), 154);
	for (; next <= NET + 200; next++)
		assert_int_equal(pool_get(p, "alice", never_asked, &next), next);
	assert_int_equal(pool_left(p), 54);
	/* It is somebody's, and comes back as that. */
	assert_true(pool_claim(p, NET + 7, "bob"));
	assert_false(pool_claim(p, NET + 7, "carol"));
	pool_put(p, NET + 7);
	assert_int_equal(pool_get(p, "bob", never_asked, &next), next);
	/* In use when it is reserved, and when it is no more. */
	pool_reserve(p, NET + 150);
	pool_put(p, NET + 150);
	assert_int_equal(pool_left(p), 53);
	assert_true(pool_claim(p, NET + 150, "alice"));
	pool_reserve_none(p);
	assert_int_equal(pool_left(p), 153);
	assert_int_equal(pool_used(p), 101);
	pool_put(p, NET + 150);
	next = NET + 150;
	assert_int_equal(pool_get(p, "alice", never_asked, &next), next);
	next = NET + 7;
	assert_int_equal(pool_get(p, "bob", never_asked, &next), next);
	pool_exclude(p, (struct pool_range){ NET + 8, NET + 8 });
	pool_reserve(p, NET + 8);
	pool_reserve_none(p);
	assert_int_equal(pool_left(p), 151);
	pool_free(p);
}

static void stray_returns(void **state)
{
	struct pool *p = make("10.8.0.0/29");
	uint32_t a = pool_get(p, "a", NULL, NULL);

	(void)state;
	pool_put(p, a);
	pool_put(p, a);
	pool_put(p, NET + 6);
	pool_put(p, 0);
	pool_put(p, UINT32_MAX);
	assert_int_equal(pool_used(p), 0);
	pool_free(p);
	pool_free(NULL);
}

/* Any order of everything: never one address twice, lists stay whole. */
static void long_random_life(void **state)
{
	struct pool *p = make("10.8.0.0/25");
	bool used[128] = { false }, kept[128] = { false };
	unsigned int seed = 1, n = 0, i;
	char name[16];

	(void)state;
	for (i = 0; i < 200000; i++) {
		size_t n_left, left = 0;
		uint32_t a;

		seed = seed * 1103515245 + 12345;
		snprintf(name, sizeof(name), "u%u", seed >> 16 & 255);
		switch (seed >> 8 & 7) {
		case 0:
		case 1:
		case 2:
			n_left = pool_left(p);
			a = pool_get(p, name, NULL, NULL);
			assert_int_equal(a != 0, n_left != 0);
			assert_true(!a || !kept[a - NET]);
			break;
		case 3:
			a = 0;
			if (!(seed >> 16 & 63)) {
				pool_reserve_none(p);
				memset(kept, 0, sizeof(kept));
			} else if (!(seed >> 16 & 3)) {
				pool_reserve(p, NET + (seed >> 20 & 127));
				kept[seed >> 20 & 127] = true;
			}
			break;
		case 4:
			a = NET + (seed >> 20 & 127);
			a = pool_claim(p, a, name) ? a : 0;
			break;
		default:
			a = 0;
			pool_put(p, NET + (seed >> 20 & 127));
			n -= used[seed >> 20 & 127];
			used[seed >> 20 & 127] = false;
			break;
		}
		if (a) {
			assert_true(a > NET && a < NET + 127);
			assert_false(used[a - NET]);
			used[a - NET] = true;
			n++;
		}
		assert_int_equal(pool_used(p), n);
		for (int k = 1; k < 127; k++)
			left += !used[k] && !kept[k];
		assert_int_equal(pool_left(p), left);
	}
	pool_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sizes),
		cmocka_unit_test(bad_ranges),
		cmocka_unit_test(all_once_and_then_none),
		cmocka_unit_test(returning_owner_gets_the_same),
		cmocka_unit_test(free_for_longest_goes_first),
		cmocka_unit_test(excluded_addresses),
		cmocka_unit_test(several_ranges),
		cmocka_unit_test(taken_by_others),
		cmocka_unit_test(claims),
		cmocka_unit_test(reserved),
		cmocka_unit_test(stray_returns),
		cmocka_unit_test(long_random_life),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
