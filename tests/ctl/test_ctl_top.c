// SPDX-License-Identifier: GPL-2.0-or-later
/* The screen of `sstpctl top`. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <json-c/json.h>

#include "ctl/ctl_rig.h"
#include "ctl/ctl_top.h"

static struct json_object *sessions(int alice, int bob)
{
	char text[800];

	snprintf(text, sizeof(text), "[{\"id\":1,\"user\":\"alice\",\"remote\":\"192.0.2.7:5\","
		 "\"path\":\"kernel\",\"rx_bytes\":%d,\"tx_bytes\":0,"
		 "\"tcp\":{\"rtt_us\":12345},\"stream\":{\"queue_delay_us\":700}},"
		 "{\"id\":2,\"user\":\"bob\",\"remote\":\"192.0.2.8:5\",\"path\":\"tun\","
		 "\"rx_bytes\":0,\"tx_bytes\":%d}]", alice, bob);
	return json_tokener_parse(text);
}

static char *top(int alice, int bob, unsigned int rows, unsigned int width,
		 enum ctl_bars bars)
{
	struct json_object *before = sessions(1000, 1000);
	struct json_object *now = sessions(1000 + alice, 1000 + bob);
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	ctl_top_rates(now, before, 2000);
	ctl_top_print(out, now, rows, width, bars);
	fclose(out);
	json_object_put(before);
	json_object_put(now);
	return text;
}

static void rates_totals_and_delays(void **state)
{
	char *text = top(1000000, 4000000, 24, 80, CTL_BARS_NO);

	(void)state;
	assert_eighty_columns(text);
	/* Behind the clock. */
	assert_string_equal(text + 8,
		"  2 sessions  RX 4.0 Mbit/s (1.0 MB)  TX 16.0 Mbit/s (4.0 MB)\n"
		"ID USER  REMOTE    PATH   RX b/s TX b/s TOTAL    RTT QUEUE\n"
		" 2 bob   192.0.2.8 tun         0  16.0M  4.0M      -     -\n"
		" 1 alice 192.0.2.7 kernel   4.0M      0  1.0M 12.3ms 0.7ms\n");
	free(text);
}

static void bars(void **state)
{
	char *text = top(1000000, 4000000, 24, 80, CTL_BARS_ASCII);

	(void)state;
	assert_eighty_columns(text);
	assert_non_null(strstr(text, "     - #####################\n"));
	assert_non_null(strstr(text, " 0.7ms #####\n"));
	free(text);
	text = top(1000000, 3200000, 24, 80, CTL_BARS_BLOCKS);
	assert_eighty_columns(text);
	/* Of 21 columns 6.56: six whole ones, and five eighths. */
	assert_non_null(strstr(text, " 0.7ms \u2588\u2588\u2588\u2588\u2588\u2588\u258b\n"));
	free(text);
	text = top(0, 0, 24, 80, CTL_BARS_BLOCKS);
	assert_null(strstr(text, "\u2588"));
	free(text);
	/* A terminal that is too narrow for anything. */
	free(top(1000000, 4000000, 1, 3, CTL_BARS_BLOCKS));
}

static void what_does_not_fit_is_counted(void **state)
{
	char *text = top(1000000, 4000000, 5, 80, CTL_BARS_NO);

	(void)state;
	assert_non_null(strstr(text, "bob"));
	assert_null(strstr(text, "alice"));
	assert_non_null(strstr(text, "\n1 more\n"));
	free(text);
}

static void nobody(void **state)
{
	struct json_object *none = json_object_new_array();
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	(void)state;
	ctl_top_rates(none, NULL, 2000);
	ctl_top_print(out, none, 24, 80, CTL_BARS_BLOCKS);
	fclose(out);
	assert_string_equal(text + 8, "  0 sessions  RX 0 bit/s (0 B)  TX 0 bit/s (0 B)\n");
	free(text);
	json_object_put(none);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rates_totals_and_delays),
		cmocka_unit_test(bars),
		cmocka_unit_test(what_does_not_fit_is_counted),
		cmocka_unit_test(nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
