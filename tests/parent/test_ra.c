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

static bool get_ra(const char *hex, struct ra_offer *offer)
{
	uint8_t *bytes = malloc(strlen(hex) / 2);
	size_t len = hex_decode(hex, bytes, strlen(hex) / 2);
	struct rbuf r = rbuf_of(bytes, len);
	bool ok = ra_get(&r, offer);

	free(bytes);
	return ok;
}

static void what_we_say_is_understood(void **state)
{
	struct ra_offer offer;
	struct in6_addr prefix;

	(void)state;
	assert_true(get_ra(HEAD PREFIX MTU, &offer));
	assert_int_equal(offer.router_s, 1800);
	assert_int_equal(offer.n, 1);
	inet_pton(AF_INET6, "2001:db8:1:2::", &prefix);
	assert_memory_equal(&offer.prefixes[0].prefix, &prefix, sizeof(prefix));
	assert_int_equal(offer.prefixes[0].preferred_s, 7200);
	assert_int_equal(offer.prefixes[0].valid_s, 7200);
}

/* Bits behind the 64th are no prefix. */
#define PREFIX_OF(len, flags, preferred, valid, first) \
	"0304" len flags valid preferred "00000000" first "000000000000000000000007"

static void prefixes_that_count(void **state)
{
	static const char * const none[] = {
		PREFIX_OF("3f", "c0", "00000001", "00000001", "20010db8"),
		PREFIX_OF("80", "c0", "00000001", "00000001", "20010db8"),
		PREFIX_OF("40", "80", "00000001", "00000001", "20010db8"),
		PREFIX_OF("40", "c0", "00000002", "00000001", "20010db8"),
		PREFIX_OF("40", "c0", "00000001", "00000001", "fe800000"),
		PREFIX_OF("40", "c0", "00000001", "00000001", "ff020000"),
		PREFIX_OF("40", "c0", "00000001", "00000001", "00000000"),
	};
	struct ra_offer offer;
	char hex[600];

	(void)state;
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
		snprintf(hex, sizeof(hex), HEAD "%s", none[i]);
		assert_true(get_ra(hex, &offer));
		assert_int_equal(offer.n, 0);
	}
	assert_true(get_ra(HEAD PREFIX_OF("40", "40", "00000000", "ffffffff", "fd000000"),
			   &offer));
	assert_int_equal(offer.n, 1);
	assert_int_equal(offer.prefixes[0].valid_s, 0xffffffff);
	assert_int_equal(offer.prefixes[0].prefix.s6_addr[15], 0);
	/* More than are looked at. */
	assert_true(get_ra(HEAD PREFIX PREFIX PREFIX PREFIX PREFIX PREFIX, &offer));
	assert_int_equal(offer.n, RA_PREFIXES_MAX);
}

#define DNS_A		"20010db8000000000000000000000053"
#define DNS_B		"fd000000000000000000000000000053"

static void assert_dns(const char *hex, unsigned int n, uint32_t seconds)
{
	struct ra_offer offer;
	char text[600];

	snprintf(text, sizeof(text), HEAD PREFIX "%s", hex);
	assert_true(get_ra(text, &offer));
	assert_true(offer.has_dns);
	assert_int_equal(offer.n_dns, n);
	assert_int_equal(offer.dns_s, seconds);
}

static void name_servers_that_count(void **state)
{
	struct ra_offer offer;
	struct in6_addr server;

	(void)state;
	assert_true(get_ra(HEAD PREFIX MTU, &offer));
	assert_false(offer.has_dns);
	assert_true(get_ra(HEAD "19050000" "00000708" DNS_A DNS_B PREFIX, &offer));
	assert_int_equal(offer.n_dns, 2);
	assert_int_equal(offer.dns_s, 1800);
	inet_pton(AF_INET6, "fd00::53", &server);
	assert_memory_equal(&offer.dns[1], &server, sizeof(server));
	assert_dns("19030000" "ffffffff" DNS_A, 1, 0xffffffff);
	assert_dns("19030000" "00000002" DNS_A "19030000" "00000001" DNS_B, 2, 1);
	/* Not any more */
	assert_dns("19030000" "00000000" DNS_A, 0, 0);
	assert_dns("19030000" "00000000" DNS_A "19030000" "00000009" DNS_B, 1, 9);
	/* Nobody's */
	assert_dns("19030000" "00000009" "fe800000000000000000000000000001", 0, 0);
	assert_dns("19030000" "00000009" "ff020000000000000000000000000001", 0, 0);
	/* One and a half; more than are looked at */
	assert_dns("19040000" "00000009" DNS_A "20010db800000000", 1, 9);
	assert_dns("19070000" "00000009" DNS_A DNS_B DNS_A, 2, 9);
	/* Without an address it is none. */
	assert_true(get_ra(HEAD "19010000" "00000009", &offer));
	assert_false(offer.has_dns);
}

static void malformed(void **state)
{
	struct ra_offer offer;

	(void)state;
	assert_false(get_ra("85" "000000" "40000708" "0000000000000000", &offer));
	assert_false(get_ra("8601" "0000" "40000708" "0000000000000000", &offer));
	assert_false(get_ra("86000000" "40000708" "00000000000000", &offer));
	assert_false(get_ra(HEAD "03", &offer));
	assert_false(get_ra(HEAD "0300" "000000000000", &offer));
	assert_false(get_ra(HEAD "0304" "40c000001c20", &offer));
	assert_false(get_ra(HEAD PREFIX "ff02" "000000000000", &offer));
	assert_true(get_ra(HEAD "ff01" "000000000000", &offer));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_name_servers),
		cmocka_unit_test(with_name_servers),
		cmocka_unit_test(what_we_say_is_understood),
		cmocka_unit_test(prefixes_that_count),
		cmocka_unit_test(name_servers_that_count),
		cmocka_unit_test(malformed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
