// SPDX-License-Identifier: GPL-2.0-or-later
/* When a session's keys have been used often enough: never later than they may. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "parent/key_limit.h"

/* As fast as the fastest machine, what is looked at never comes to the limit. */
static void assert_never_reached(uint64_t limit, uint64_t per_ms)
{
	uint64_t used = 0, before = 0;
	uint32_t ms = key_limit_next_ms(0, 0, limit);
	unsigned int looks = 0;

	while (ms) {
		before = used;
		used += per_ms * ms;
		assert_true(used < limit);
		ms = key_limit_next_ms(used, before, limit);
		looks++;
	}
	/* Nor is it given up much too early, or looked at all the time (6 hours). */
	assert_true(used >= limit / 4);
	assert_in_range(looks, 1, 5000);
}

static void reached(void **state)
{
	(void)state;
	for (uint64_t per_ms = 1; per_ms <= 500; per_ms++)
		assert_never_reached(CONF_KEY_LIMIT, per_ms);
	/* 900 Mbit/s in full records: nearly all of it is used. */
	assert_never_reached(CONF_KEY_LIMIT, 7);
}

/* One that was idle so far, and then is as fast as it can be. */
static void bursts(void **state)
{
	(void)state;
	for (uint64_t used = 0; used <= CONF_KEY_LIMIT; used += 13) {
		uint32_t ms = key_limit_next_ms(used, used, CONF_KEY_LIMIT);

		assert_true(!ms || used + UINT64_C(500) * ms <= CONF_KEY_LIMIT);
	}
}

static void looks(void **state)
{
	(void)state;
	assert_int_equal(key_limit_next_ms(0, 0, CONF_KEY_LIMIT), 47453);
	assert_int_equal(key_limit_next_ms(23000000, 23000000, CONF_KEY_LIMIT), 1453);
	assert_int_equal(key_limit_next_ms(23660000, 23660000, CONF_KEY_LIMIT), 133);
	assert_int_equal(key_limit_next_ms(23660000, 23630000, CONF_KEY_LIMIT), 133);
	assert_int_equal(key_limit_next_ms(23660000, 23620000, CONF_KEY_LIMIT), 0);
	assert_int_equal(key_limit_next_ms(23700000, 23700000, CONF_KEY_LIMIT), 0);
	assert_int_equal(key_limit_next_ms(CONF_KEY_LIMIT, CONF_KEY_LIMIT, CONF_KEY_LIMIT), 0);
	assert_int_equal(key_limit_next_ms(UINT64_MAX, 0, CONF_KEY_LIMIT), 0);
}

static void applies(void **state)
{
	(void)state;
	assert_true(key_limit_applies("TLSv1.3 TLS_AES_128_GCM_SHA256"));
	assert_true(key_limit_applies("TLSv1.2 ECDHE-RSA-AES256-GCM-SHA384"));
	assert_false(key_limit_applies("TLSv1.3 TLS_CHACHA20_POLY1305_SHA256"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reached),
		cmocka_unit_test(bursts),
		cmocka_unit_test(looks),
		cmocka_unit_test(applies),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
