// SPDX-License-Identifier: GPL-2.0-or-later
/* The table of `sstpctl show`, and which sessions are in it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <json-c/json.h>

#include "ctl/ctl_list.h"
#include "ctl/ctl_rig.h"

static char *print(struct json_object *sessions)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	assert_non_null(out);
	ctl_list_print(out, sessions, 80);
	fclose(out);
	return text;
}

static struct json_object *four(void)
{
	struct json_object *list = json_tokener_parse("["
		"{\"id\":2,\"role\":\"server\",\"user\":\"bob\",\"remote\":\"192.0.2.7:50000\","
		"\"interface\":\"sstp10\",\"peer\":\"10.8.0.10\",\"group\":\"staff\",\"path\":\"kernel\","
		"\"path_reason\":\"\",\"rx_bytes\":1500000,\"tx_bytes\":10,\"seconds\":61},"
		"{\"id\":3,\"role\":\"server\",\"user\":\"alice\",\"remote\":\"[2001:db8::7]:50000\","
		"\"interface\":\"sstp9\",\"ipv6_prefix\":\"2001:db8:1:7::/64\",\"path\":\"tun\","
		"\"path_reason\":\"cipher AES256-SHA is not supported by kTLS\",\"rx_bytes\":5,"
		"\"tx_bytes\":999,\"seconds\":90000},"
		"{\"id\":10,\"role\":\"server\",\"user\":\"bob\",\"remote\":\"192.0.2.30:50000\","
		"\"interface\":\"sstp2\",\"peer\":\"10.8.0.9\",\"group\":\"guests\",\"path\":\"tun\","
		"\"path_reason\":\"cipher AES256-SHA is not supported by kTLS\",\"seconds\":5},"
		"{\"id\":11,\"role\":\"client\",\"client\":\"office\",\"user\":\"branch\","
		"\"remote\":\"192.0.2.1:443\",\"interface\":\"sstp0\",\"local\":\"10.9.0.2\","
		"\"peer\":\"10.9.0.1\",\"path\":\"kernel\",\"path_reason\":\"\"}]");

	assert_non_null(list);
	return list;
}

static void a_line_a_session(void **state)
{
	struct json_object *list = four();
	char *text = print(list);

	(void)state;
	assert_eighty_columns(text);
	assert_string_equal(text,
		"ID USER   REMOTE      ADDRESS           INTERFACE PATH     RX  TX TIME\n"
		" 2 bob    192.0.2.7   10.8.0.10         sstp10    kernel 1.5M  10 1m1s\n"
		" 3 alice  2001:db8::7 2001:db8:1:7::/64 sstp9     tun       5 999 1d1h\n"
		"10 bob    192.0.2.30  10.8.0.9          sstp2     tun       0   0   5s\n"
		"11 branch 192.0.2.1   10.9.0.2          sstp0     kernel    0   0   0s\n"
		"    path tun    cipher AES256-SHA is not supported by kTLS (3, 10)\n");
	free(text);
	json_object_put(list);
}

static void the_worst_fits_too(void **state)
{
	struct json_object *list = json_tokener_parse("[{\"id\":4294967295,"
		"\"user\":\"\u00e4-user-name-that-is-long-\u4e2d\u4e2d\u4e2d\u4e2d\u4e2d\u4e2d\","
		"\"remote\":\"[2001:db8:1111:2222:3333:4444:5555:6666]:65535\","
		"\"role\":\"server\",\"ipv6_prefix\":\"2001:db8:1111:2222::/64\","
		"\"interface\":\"sstp1234567890\",\"path\":\"kernel\","
		"\"rx_bytes\":999900000000,\"tx_bytes\":999900000000,\"seconds\":8639000}]");
	char *text = print(list);

	(void)state;
	assert_eighty_columns(text);
	assert_non_null(strstr(text, "4294967295 \u00e4-"));
	assert_non_null(strstr(text, "+ "));
	assert_non_null(strstr(text, " kernel 999.9G 999.9G 99d23h\n"));
	free(text);
	json_object_put(list);
}

static void says_so_if_there_is_none(void **state)
{
	struct json_object *list = json_object_new_array();
	char *text = print(list);

	(void)state;
	assert_string_equal(text, "no session\n");
	free(text);
	json_object_put(list);
}

/* "2 3 10": the numbers of the sessions, in their order */
static void assert_ids(struct json_object *list, const char *want)
{
	char text[100] = "";
	size_t len = 0;

	for (size_t i = 0; i < json_object_array_length(list); i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%d", i ? " " : "",
					json_object_get_int(json_object_object_get(
						json_object_array_get_idx(list, i), "id")));
	assert_string_equal(text, want);
}

static void assert_chosen(const struct ctl_wish *wish, const char *want)
{
	struct json_object *list = four();
	struct json_object *chosen = ctl_list_choose(list, wish);

	assert_ids(chosen, want);
	json_object_put(chosen);
	json_object_put(list);
}

static void choice(void **state)
{
	(void)state;
	assert_chosen(&(struct ctl_wish){ NULL }, "2 3 10 11");
	assert_chosen(&(struct ctl_wish){ .user = "bob" }, "2 10");
	assert_chosen(&(struct ctl_wish){ .user = "bob", .path = "tun" }, "10");
	assert_chosen(&(struct ctl_wish){ .group = "staff" }, "2");
	assert_chosen(&(struct ctl_wish){ .user = "bo" }, "");
}

static void order(void **state)
{
	static const char *const cases[][2] = {
		{ "id", "2 3 10 11" }, { "user", "3 2 10 11" }, { "group", "3 11 10 2" },
		{ "path", "2 11 3 10" }, { "remote", "11 2 10 3" },
		{ "interface", "11 10 3 2" }, { "address", "10 2 11 3" },
		{ "rx", "2 3 10 11" }, { "tx", "3 2 10 11" }, { "traffic", "2 3 10 11" },
		{ "time", "3 2 10 11" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct json_object *list = four();

		assert_true(ctl_list_sort(list, cases[i][0]));
		assert_ids(list, cases[i][1]);
		json_object_put(list);
	}
	assert_false(ctl_list_sort(NULL, "colour"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_a_session),
		cmocka_unit_test(the_worst_fits_too),
		cmocka_unit_test(says_so_if_there_is_none),
		cmocka_unit_test(choice),
		cmocka_unit_test(order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
