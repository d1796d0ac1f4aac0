// SPDX-License-Identifier: GPL-2.0-or-later
/* Requests that come again: known for their time, and no longer; none is pushed out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "radiusd/radius_seen.h"

static struct radius_seen seen;

static const uint8_t *number(uint32_t n)
{
	static uint8_t authenticator[RADIUS_AUTHENTICATOR_LEN];

	memcpy(authenticator, &n, sizeof(n));
	return authenticator;
}

static const struct radius_clocks *at(uint64_t ms, int64_t s)
{
	static struct radius_clocks now;

	now = (struct radius_clocks){ ms, s };
	return &now;
}

static void remembers_for_its_time(void **state)
{
	(void)state;
	memset(&seen, 0, sizeof(seen));
	assert_null(radius_seen_get(&seen, number(0), at(0, 0)));
	radius_seen_add(&seen, number(0), 0, at(1000, 0), 500, 0);
	radius_seen_add(&seen, number(1), 503, at(1000, 0), 2000, 0);
	assert_non_null(radius_seen_get(&seen, number(0), at(1499, 0)));
	assert_null(radius_seen_get(&seen, number(0), at(1500, 0)));
	assert_int_equal(radius_seen_get(&seen, number(1), at(2999, 0))->error, 503);
	assert_null(radius_seen_get(&seen, number(1), at(3000, 0)));
	assert_null(radius_seen_get(&seen, number(2), at(1000, 0)));
}

/* Done at 900, it is of now until 1000, by a clock that is put forward and back. */
static void remembers_what_is_of_now(void **state)
{
	(void)state;
	memset(&seen, 0, sizeof(seen));
	radius_seen_add(&seen, number(0), 0, at(1000, 900), 500, 1000);
	assert_non_null(radius_seen_get(&seen, number(0), at(1499, 5000)));
	assert_null(radius_seen_get(&seen, number(0), at(1500, 5000)));
	assert_null(radius_seen_get(&seen, number(0), at(1500, 1001)));
	assert_non_null(radius_seen_get(&seen, number(0), at(100000, 1000)));
	assert_non_null(radius_seen_get(&seen, number(0), at(100000, 700)));
	/* Its place is not another one's. */
	radius_seen_add(&seen, number(1), 0, at(100000, 700), 500, 0);
	assert_non_null(radius_seen_get(&seen, number(0), at(100000, 700)));
}

static void is_full_rather_than_forgetful(void **state)
{
	(void)state;
	memset(&seen, 0, sizeof(seen));
	for (uint32_t i = 0; i < RADIUS_SEEN_MAX; i++) {
		assert_true(radius_seen_has_room(&seen, at(1000, 0)));
		radius_seen_add(&seen, number(i), 0, at(1000, 0), i ? 600 : 300, 0);
	}
	assert_false(radius_seen_has_room(&seen, at(1299, 0)));
	assert_true(radius_seen_has_room(&seen, at(1300, 0)));
	radius_seen_add(&seen, number(RADIUS_SEEN_MAX), 0, at(1300, 0), 600, 0);
	assert_false(radius_seen_has_room(&seen, at(1599, 0)));
	for (uint32_t i = 1; i <= RADIUS_SEEN_MAX; i++)
		assert_non_null(radius_seen_get(&seen, number(i), at(1599, 0)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(remembers_for_its_time),
		cmocka_unit_test(remembers_what_is_of_now),
		cmocka_unit_test(is_full_rather_than_forgetful),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
