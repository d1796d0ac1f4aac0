// SPDX-License-Identifier: GPL-2.0-or-later
/* Numbers of sessions: none twice, and none that an engine cannot have come to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "data/session_id.h"
#include "parent/numbers.h"

static struct numbers n;

static void in_any_order_but_once(void **state)
{
	(void)state;
	numbers_init(&n, 1, 3, 0);
	assert_int_equal(numbers_next(&n), 2);
	/* Logins come in another order than connections. */
	assert_true(numbers_may_ask(&n, 8, 0));
	assert_true(numbers_may_ask(&n, 2, 0));
	assert_true(numbers_may_ask(&n, 5, 0));
	numbers_use(&n, 2);
	numbers_use(&n, 8);
	assert_false(numbers_may_ask(&n, 2, 0));
	assert_false(numbers_may_ask(&n, 8, 0));
	/* A login that has failed: who came by it may try again. */
	assert_true(numbers_may_ask(&n, 5, 0));
	assert_int_equal(numbers_next(&n), 11);
	/* Those of other engines, and none. */
	assert_false(numbers_may_ask(&n, 9, 0));
	assert_false(numbers_may_ask(&n, 10, 0));
	assert_false(numbers_may_ask(&n, 0, 0));
}

static void not_from_long_ago(void **state)
{
	(void)state;
	numbers_init(&n, 0, 1, 0);
	assert_true(numbers_may_ask(&n, 1, 0));
	numbers_use(&n, 1);
	assert_true(numbers_may_ask(&n, NUMBERS_WINDOW, 0));
	assert_false(numbers_may_ask(&n, 1, 0));
	assert_true(numbers_may_ask(&n, 2, 0));
	assert_true(numbers_may_ask(&n, NUMBERS_WINDOW + 2, 0));
	/* What nobody remembers may have been in use. */
	assert_false(numbers_may_ask(&n, 1, 0));
	assert_false(numbers_may_ask(&n, 2, 0));
	/* The same bit of the window as 3 */
	numbers_use(&n, 3);
	assert_true(numbers_may_ask(&n, NUMBERS_WINDOW + 3, 0));
	assert_true(numbers_may_ask(&n, 3 * NUMBERS_WINDOW, 5000));
	assert_true(numbers_may_ask(&n, 2 * NUMBERS_WINDOW + 3, 5000));
}

static void not_too_far(void **state)
{
	(void)state;
	numbers_init(&n, 0, 2, 1000);
	assert_false(numbers_may_ask(&n, UINT32_MAX, 1000));
	assert_false(numbers_may_ask(&n, 2 * NUMBERS_BURST + 1, 1000));
	assert_true(numbers_may_ask(&n, 2 * NUMBERS_BURST - 1, 1000));
	assert_false(numbers_may_ask(&n, 4 * NUMBERS_BURST + 1, 1000));
	assert_true(numbers_may_ask(&n, 4 * NUMBERS_BURST + 1, 1001));
	/* However long nothing came */
	assert_false(numbers_may_ask(&n, UINT32_MAX - 2, UINT64_MAX / 1000));
}

/* From the last number to the first one, in steps that are allowed. */
static void all_around(void **state)
{
	(void)state;
	for (uint32_t engines = 1; engines <= 7; engines++) {
		uint32_t id, last, steps = 0;

		numbers_init(&n, engines - 1, engines, 0);
		id = numbers_next(&n);
		do {
			assert_true(numbers_may_ask(&n, id, ++steps * UINT64_C(20000000)));
			numbers_use(&n, id);
			last = id;
			id = session_id_after(id, engines - 1, engines);
			if (id > last && UINT32_MAX - id > 2000000000 / engines * engines)
				id += 1000000000 / engines * engines;
			else if (id > last && UINT32_MAX - id > 10 * engines)
				id += (UINT32_MAX - id - 5 * engines) / engines * engines;
		} while (id > last);
		assert_int_equal(id, engines);
		assert_true(numbers_may_ask(&n, id, ++steps * UINT64_C(20000000)));
		assert_false(numbers_may_ask(&n, last, steps * UINT64_C(20000000)));
		assert_int_equal(numbers_next(&n), 2 * engines);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(in_any_order_but_once),
		cmocka_unit_test(not_from_long_ago),
		cmocka_unit_test(not_too_far),
		cmocka_unit_test(all_around),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
