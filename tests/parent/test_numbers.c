// SPDX-License-Identifier: GPL-2.0-or-later
/* Numbers of sessions: none twice, and none that an engine cannot have come to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "data/session_id.h"
#include "parent/numbers.h"

#define assert_verdict(id, now, verdict) \
	assert_int_equal(numbers_ask(&n, id, now), NUMBERS_##verdict)

static struct numbers n;

static void in_any_order_but_once(void **state)
{
	(void)state;
	numbers_init(&n, 1, 3, 0);
	assert_int_equal(numbers_next(&n), 2);
	/* Logins come in another order than connections. */
	assert_verdict(8, 0, GOOD);
	assert_verdict(2, 0, GOOD);
	assert_verdict(5, 0, GOOD);
	numbers_use(&n, 2);
	numbers_use(&n, 8);
	assert_verdict(2, 0, FORGED);
	assert_verdict(8, 0, FORGED);
	/* A login that has failed: who came by it may try again. */
	assert_verdict(5, 0, GOOD);
	assert_int_equal(numbers_next(&n), 11);
	/* Those of other engines, and none. */
	assert_verdict(9, 0, FORGED);
	assert_verdict(10, 0, FORGED);
	assert_verdict(0, 0, FORGED);
}

/* Another sstpd has given some, which may have had more or fewer engines. */
static void after_those_of_another_process(void **state)
{
	(void)state;
	numbers_init(&n, 1, 3, 0);
	numbers_resume(&n, 100);
	assert_int_equal(numbers_next(&n), 101);
	assert_verdict(98, 0, FORGED);
	assert_verdict(101, 0, GOOD);
	numbers_resume(&n, SESSION_ID_LATER - 1);
	assert_int_equal(numbers_next(&n), 2);
	numbers_resume(&n, 101);
	assert_int_equal(numbers_next(&n), 104);
	/* None has been given. */
	numbers_init(&n, 1, 3, 0);
	numbers_resume(&n, 0);
	assert_int_equal(numbers_next(&n), 2);
}

/* A stranger who waits while others come is no proof against the engine. */
static void not_from_long_ago(void **state)
{
	(void)state;
	numbers_init(&n, 0, 1, 0);
	assert_verdict(1, 0, GOOD);
	numbers_use(&n, 1);
	assert_verdict(NUMBERS_WINDOW, 0, GOOD);
	assert_verdict(1, 0, FORGED);
	assert_verdict(2, 0, GOOD);
	assert_verdict(NUMBERS_WINDOW + 2, 5000, GOOD);
	assert_verdict(1, 5000, LATE);
	assert_verdict(2, 5000, LATE);
	/* The verdict on a login was slow: the same bit of the window as 2 */
	numbers_use(&n, 2);
	assert_verdict(NUMBERS_WINDOW + 2, 5000, GOOD);
	/* Or one was let in that nobody has asked about. */
	numbers_use(&n, NUMBERS_WINDOW + 9);
	assert_verdict(9, 5000, GOOD);
}

static void not_too_far(void **state)
{
	uint32_t id = 1;
	uint64_t now;

	(void)state;
	numbers_init(&n, 0, 2, 1000);
	assert_verdict(SESSION_ID_LATER - 1, 1000, FORGED);
	assert_verdict(2 * NUMBERS_BURST + 1, 1000, FORGED);
	assert_verdict(2 * NUMBERS_BURST - 1, 1000, GOOD);
	/* What is used up comes back with time, and with nothing else. */
	assert_verdict(2 * NUMBERS_BURST + 1, 1000, FORGED);
	assert_verdict(2 * NUMBERS_BURST - 1 + 2 * NUMBERS_PER_MS, 1001, GOOD);
	assert_verdict(2 * NUMBERS_BURST + 1 + 2 * NUMBERS_PER_MS, 1001, FORGED);
	/* However long nothing came */
	assert_verdict(3000001, UINT64_MAX / 1000, FORGED);
	/* All of them take hours. */
	numbers_init(&n, 0, 1, 0);
	for (now = 0; id < SESSION_ID_LATER - NUMBERS_BURST; now += 1000, id += NUMBERS_BURST)
		assert_verdict(id, now, GOOD);
	assert_in_range(now, 8 * 3600000, 9 * 3600000);
}

/* From the last number to the first one. */
static void goes_around(uint32_t engine, uint32_t n_engines)
{
	const struct session_ids ids = session_ids_of(engine, n_engines);
	uint32_t id, last = 0;
	uint64_t now = 0;

	numbers_init(&n, engine, n_engines, 0);
	for (id = ids.first; id >= last; last = id, id = session_ids_after(&ids, id)) {
		if (id > ids.first + 100 && ids.last - id > 2 * NUMBERS_BURST * ids.step)
			id += (NUMBERS_BURST - 1) * ids.step;
		assert_verdict(id, now += 1000, GOOD);
		assert_int_equal(session_id_engine(id, n_engines), engine);
		numbers_use(&n, id);
		assert_verdict(id, now, FORGED);
	}
	assert_int_equal(id, ids.first);
	assert_int_equal(numbers_next(&n), ids.first);
	assert_verdict(id, now, GOOD);
	assert_verdict(last, now, FORGED);
	assert_int_equal(numbers_next(&n), ids.first + ids.step);
}

static void all_around(void **state)
{
	(void)state;
	for (uint32_t engines = 1; engines <= 7; engines++)
		goes_around(engines - 1, engines);
}

/* Those that were there before keep theirs, whatever came with a reload. */
static void came_later(void **state)
{
	(void)state;
	goes_around(1, 1);
	goes_around(SESSION_ENGINES_MAX - 1, 1);
	goes_around(4, 3);
	numbers_init(&n, 0, 1, 0);
	assert_verdict(SESSION_ID_LATER, 0, FORGED);
	assert_verdict(SESSION_ID_LATER + SESSION_ENGINES_MAX, 0, FORGED);
	numbers_init(&n, 1, 1, 0);
	assert_verdict(2, 0, FORGED);
	assert_verdict(SESSION_ID_LATER, 0, FORGED);
	assert_verdict(SESSION_ID_LATER + 1, 0, GOOD);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(in_any_order_but_once),
		cmocka_unit_test(after_those_of_another_process),
		cmocka_unit_test(not_from_long_ago),
		cmocka_unit_test(not_too_far),
		cmocka_unit_test(all_around),
		cmocka_unit_test(came_later),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
