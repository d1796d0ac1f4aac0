// SPDX-License-Identifier: GPL-2.0-or-later
/* Router Advertisements, byte by byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <arpa/inet.h>

#include <cmocka.h>

#include "parent/ra.h"
#include "rig/vectors.h"

#define HEAD		"86000000" "40000708" "0000000000000000"
#define PREFIX		"030440c0" "00001c20" "00001c20" "00000000" \
			"20010db8000100020000000000000000"
#define MTU		"05010000" "00000578"

static void expect_ra(const char *dns0, const char *dns1, const char *hex)
{
	struct ra ra = { .mtu = 1400 };
	uint8_t want[RA_LEN_MAX], got[RA_LEN_MAX];
	struct wbuf w = wbuf_of(got, sizeof(got));
	size_t len = hex_decode(hex, want, sizeof(want));

	inet_pton(AF_INET6, "2001:db8:1:2::", &ra.prefix);
	inet_pton(AF_INET6, dns0, &ra.dns[0]);
	inet_pton(AF_INET6, dns1, &ra.dns[1]);
	ra_put(&w, &ra);
	assert_false(w.bad);
	assert_int_equal(w.len, len);
	assert_memory_equal(got, want, len);
}

static void without_name_servers(void **state)
{
	(void)state;
	expect_ra("::", "::", HEAD PREFIX MTU);
}

static void with_name_servers(void **state)
{
	(void)state;
	expect_ra("2001:db8::53", "::", HEAD PREFIX MTU
		  "19030000" "00000708" "20010db8000000000000000000000053");
	expect_ra("2001:db8::53", "2001:db8::54", HEAD PREFIX MTU
		  "19050000" "00000708" "20010db8000000000000000000000053"
		  "20010db8000000000000000000000054");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_name_servers),
		cmocka_unit_test(with_name_servers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
