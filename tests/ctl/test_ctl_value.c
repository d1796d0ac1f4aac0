// SPDX-License-Identifier: GPL-2.0-or-later
/* Figures as people read them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ctl/ctl_value.h"

static void bytes(void **state)
{
	static const struct {
		double bytes;
		const char *text;
	} cases[] = {
		{ 0, "0 B" }, { 999, "999 B" }, { 1000, "1.0 kB" },
		{ 1500000, "1.5 MB" }, { 2.5e9, "2.5 GB" }, { 7e18, "7000.0 PB" },
	};
	char text[16];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		ctl_show_bytes(cases[i].bytes, text, sizeof(text));
		assert_string_equal(text, cases[i].text);
	}
}

static void durations(void **state)
{
	static const struct {
		long seconds;
		const char *text;
	} cases[] = {
		{ 0, "0 s" }, { 59, "59 s" }, { 60, "1 min 0 s" },
		{ 3600, "1 h 0 min" }, { 86400, "1 day 0 h" },
		{ 2 * 86400 + 7200, "2 days 2 h" },
	};
	char text[40];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		ctl_show_duration(cases[i].seconds, text, sizeof(text));
		assert_string_equal(text, cases[i].text);
	}
}

static void short_ones_fit_a_cell(void **state)
{
	char text[64];

	(void)state;
	ctl_short_number(999949, text, sizeof(text));
	assert_string_equal(text, "999.9k");
	ctl_short_number(12, text, sizeof(text));
	assert_string_equal(text, "12");
	ctl_short_duration(9, text, sizeof(text));
	assert_string_equal(text, "9s");
	ctl_short_duration(23 * 3600 + 59 * 60, text, sizeof(text));
	assert_string_equal(text, "23h59m");
	ctl_short_duration(99 * 86400L + 23 * 3600, text, sizeof(text));
	assert_string_equal(text, "99d23h");
	ctl_short_duration(1000 * 86400L, text, sizeof(text));
	assert_string_equal(text, "1000d");
	ctl_short_delay(240, text, sizeof(text));
	assert_string_equal(text, "0.2ms");
	ctl_short_delay(123456, text, sizeof(text));
	assert_string_equal(text, "123ms");
	ctl_short_delay(12345678, text, sizeof(text));
	assert_string_equal(text, "12.3s");
	ctl_show_bits(8 * 125e6, text, sizeof(text));
	assert_string_equal(text, "1.0 Gbit/s");
}

static void hosts(void **state)
{
	char text[64];

	(void)state;
	ctl_host("192.0.2.1:443", text, sizeof(text));
	assert_string_equal(text, "192.0.2.1");
	ctl_host("[2001:db8::1]:443", text, sizeof(text));
	assert_string_equal(text, "2001:db8::1");
	ctl_host("2001:db8::1", text, sizeof(text));
	assert_string_equal(text, "2001:db8::1");
	ctl_host("", text, sizeof(text));
	assert_string_equal(text, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bytes),
		cmocka_unit_test(durations),
		cmocka_unit_test(short_ones_fit_a_cell),
		cmocka_unit_test(hosts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
