// SPDX-License-Identifier: GPL-2.0-or-later
#include "parent/kernel_floor.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

static void known_kernels(void **state)
{
	static const struct {
		const char *release;
		const char *version;
		bool ok;
	} kernels[] = {
		{ "6.1.0-50-amd64", "#1 SMP PREEMPT_DYNAMIC Debian 6.1.176-1 (2026-07-01)", false },
		{ "6.1.0-57-amd64", "#1 SMP PREEMPT_DYNAMIC Debian 6.1.192-3 (2026-11-01)", true },
		{ "6.12.107+deb13-amd64", "#1 SMP Debian 6.12.107-1 (2026-08-01)", false },
		{ "6.12.118+deb13-amd64", "#1 SMP Debian 6.12.118-1 (2026-11-01)", true },
		{ "6.12.114", "#1 SMP", false },
		{ "6.12.115", "#1 SMP", true },
		{ "7.3.4+deb13-amd64", "#1 SMP Debian 7.3.4-1~bpo13+1", true },
		{ "6.18.44", "#1 SMP", true },
		{ "strange", "#1", true },
	};
	char text[200];

	(void)state;
	for (size_t i = 0; i < sizeof(kernels) / sizeof(kernels[0]); i++) {
		*text = '\0';
		assert_int_equal(kernel_floor_ok(kernels[i].release, kernels[i].version,
						 text, sizeof(text)), kernels[i].ok);
		assert_int_equal(!*text, kernels[i].ok);
	}
}

static void says_which_would_do(void **state)
{
	char text[200];

	(void)state;
	assert_false(kernel_floor_ok("6.1.0-50-amd64", "#1 SMP Debian 6.1.176-1",
				     text, sizeof(text)));
	assert_string_equal(text, "kernel 6.1.176 has bugs in kTLS that lose sessions and data; 6.1.192 or newer has not");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_kernels),
		cmocka_unit_test(says_which_would_do),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
