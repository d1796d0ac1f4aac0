// SPDX-License-Identifier: GPL-2.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lib/text.h"

#define BAD	"\xef\xbf\xbd"

static void expect(const char *in, const char *want)
{
	char out[80];

	text_clean(in, out, sizeof(out));
	assert_string_equal(out, want);
}

static void what_people_are_called(void **state)
{
	(void)state;
	expect("", "");
	expect("alice@example.org", "alice@example.org");
	expect("J\xc3\xbcrgen \xe6\x9d\x8e \xf0\x9f\x98\x80 ~",
	       "J\xc3\xbcrgen \xe6\x9d\x8e \xf0\x9f\x98\x80 ~");
	expect("\xc2\xa0\xed\x9f\xbf\xee\x80\x80\xf4\x8f\xbf\xbf",
	       "\xc2\xa0\xed\x9f\xbf\xee\x80\x80\xf4\x8f\xbf\xbf");
}

static void what_drives_a_terminal(void **state)
{
	(void)state;
	expect("a\x1b]0;owned\x07", "a" BAD "]0;owned" BAD);
	expect("a\r\nb\tc\x7f", "a" BAD BAD "b" BAD "c" BAD);
	/* CSI and NEL as characters of Latin-1 */
	expect("\xc2\x9b" "2J\xc2\x85", BAD BAD "2J" BAD BAD);
	expect("\x9b" "2J", BAD "2J");
}

static void what_is_no_utf_8(void **state)
{
	static const char *const bad[] = {
		"\x80", "\xbf", "\xc0\xaf", "\xc1\xbf", "\xe0\x80\xaf", "\xe0\x9f\xbf",
		"\xf0\x8f\xbf\xbf", "\xed\xa0\x80", "\xed\xbf\xbf", "\xf4\x90\x80\x80",
		"\xf8\x88\x80\x80\x80", "\xff", "\xc3", "\xe6\x9d", "\xf0\x9f\x98",
	};
	char want[80];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		want[0] = '\0';
		for (size_t n = strlen(bad[i]); n; n--)
			strcat(want, BAD);
		expect(bad[i], want);
	}
	expect("\xc3" "a", BAD "a");
}

/* Never half a character at the end. */
static void what_does_not_fit(void **state)
{
	char out[6];

	(void)state;
	text_clean("abcde", out, sizeof(out));
	assert_string_equal(out, "abcde");
	text_clean("abcd\xc3\xbc", out, sizeof(out));
	assert_string_equal(out, "abcd");
	text_clean("abc\x01", out, sizeof(out));
	assert_string_equal(out, "abc");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_people_are_called),
		cmocka_unit_test(what_drives_a_terminal),
		cmocka_unit_test(what_is_no_utf_8),
		cmocka_unit_test(what_does_not_fit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
