// SPDX-License-Identifier: GPL-2.0-or-later
/* When the log is told that a certificate ends: at thirty, seven and one day, once each. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "parent/cert_expiry.h"
#include "parent/cert_renew.h"

#define DAY	86400

static void at_steps(void **state)
{
	unsigned int said = 0, times = 0, due;

	(void)state;
	for (time_t left = 90 * DAY; left > -10 * DAY; left -= 3600) {
		due = cert_expiry_due(left, said);
		if (!due)
			continue;
		assert_true(due == 30 || due == 7 || due == 1);
		assert_in_range(left, (due - 1) * DAY + 1, due * DAY);
		said = due;
		times++;
	}
	assert_int_equal(times, 3);
}

/* Whoever starts the daemon, or reloads it, hears of it at any time. */
static void at_a_start(void **state)
{
	(void)state;
	assert_int_equal(cert_expiry_due(31 * DAY, 0), 0);
	assert_int_equal(cert_expiry_due(20 * DAY, 0), 20);
	assert_int_equal(cert_expiry_due(3 * DAY + 1, 0), 4);
	assert_int_equal(cert_expiry_due(1, 0), 1);
	assert_int_equal(cert_expiry_due(0, 0), 0);
	assert_int_equal(cert_expiry_due(20 * DAY, 25), 0);
	assert_int_equal(cert_expiry_due(5 * DAY, 25), 5);
}

/* One is made for a few days: thirty would be said all the time. */
static void of_ocsp(void **state)
{
	(void)state;
	assert_int_equal(cert_expiry_ocsp_due(7 * DAY, 0), 0);
	assert_int_equal(cert_expiry_ocsp_due(DAY, 0), 1);
	assert_int_equal(cert_expiry_ocsp_due(-DAY, 0), 1);
	assert_int_equal(cert_expiry_ocsp_due(-DAY, 1), 0);
}

static void renewed_before(void **state)
{
	(void)state;
	assert_int_equal(cert_renew_next_s(30 * DAY, 7 * DAY), 3600);
	assert_int_equal(cert_renew_next_s(7 * DAY + 60, 7 * DAY), 60);
	assert_int_equal(cert_renew_next_s(7 * DAY, 7 * DAY), 0);
	assert_int_equal(cert_renew_next_s(-DAY, 7 * DAY), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(at_steps),
		cmocka_unit_test(at_a_start),
		cmocka_unit_test(of_ocsp),
		cmocka_unit_test(renewed_before),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
