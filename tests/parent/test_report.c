// SPDX-License-Identifier: GPL-2.0-or-later
/* What sstpctl, and whoever reads its JSON, is told of strangers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "parent/report.h"

static void names_are_clean(void **state)
{
	struct entry e = { .id = 7, .server = true, .user = "a\x1b]0;owned\x07\xff" };
	struct json_object *o = report_failed(&e);
	struct json_object *user;

	(void)state;
	assert_true(json_object_object_get_ex(o, "user", &user));
	assert_string_equal(json_object_get_string(user),
			    "a\xef\xbf\xbd]0;owned\xef\xbf\xbd\xef\xbf\xbd");
	json_object_put(o);
}

static void the_longest_name_has_room(void **state)
{
	struct entry e = { .id = 7, .server = true };
	struct json_object *o, *user;

	(void)state;
	memset(e.user, 0x1b, sizeof(e.user) - 1);
	o = report_failed(&e);
	assert_true(json_object_object_get_ex(o, "user", &user));
	assert_int_equal(json_object_get_string_len(user), 3 * (sizeof(e.user) - 1));
	json_object_put(o);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_clean),
		cmocka_unit_test(the_longest_name_has_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
