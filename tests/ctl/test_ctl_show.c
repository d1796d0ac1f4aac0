// SPDX-License-Identifier: GPL-2.0-or-later
/* What sstpctl prints: right figures, and never wider than 80 columns. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <json-c/json.h>

#include "ctl/ctl_show.h"
#include "ctl/ctl_rig.h"

static char *show(const char *json)
{
	struct json_object *answer = json_tokener_parse(json);
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	assert_non_null(answer);
	ctl_show(out, answer);
	fclose(out);
	json_object_put(answer);
	return text;
}

#define REASON "cipher ECDHE-RSA-AES256-SHA is not supported by kTLS, " \
	"and this goes on for long enough to need a second and a third line " \
	"of the terminal"

static void fits_eighty_columns(void **state)
{
	char *text = show("{\"sessions\":[{\"id\":4294967295,"
		"\"role\":\"server\",\"user\":\""
		"a-user-name-that-is-much-longer-than-anybody-would-want-to-type\","
		"\"remote\":\"[2001:db8:1111:2222:3333:4444:5555:6666]:65535\","
		"\"interface\":\"sstp1234567890\",\"local\":\"255.255.255.255\","
		"\"peer\":\"255.255.255.255\","
		"\"local_ipv6\":\"fe80::1111:2222:3333:4444\","
		"\"peer_ipv6\":\"fe80::5555:6666:7777:8888\","
		"\"ipv6_prefix\":\"2001:db8:1111:2222::/64\","
		"\"group\":\"staff\",\"vrf\":\"blue\",\"netns\":\"a-namespace\","
		"\"rate_down\":10000000000,\"rate_up\":512000,"
		"\"tls\":\"TLSv1.2 ECDHE-ECDSA-CHACHA20-POLY1305\","
		"\"tls_key_limit\":23726566,\"tls_keys_change\":false,"
		"\"tls_keys_reason\":\"" REASON "\","
		"\"path\":\"tun\",\"path_reason\":\"" REASON "\",\"mtu\":4087,"
		"\"mru\":4087,\"peer_mru\":4087,"
		"\"rx_bytes\":9223372036854775807,\"tx_bytes\":1,"
		"\"tcp\":{\"rtt_us\":4294967295,\"min_rtt_us\":4294967295,"
		"\"retransmits\":4294967295,\"lost\":4294967295,"
		"\"cwnd\":4294967295,\"mss\":65535,\"unacked\":4294967295,"
		"\"delivery_rate\":9223372036854775807,"
		"\"unsent_bytes\":4294967295},"
		"\"stream\":{\"tx_records\":9223372036854775807,"
		"\"tls_tx_updates\":7,\"tls_rx_updates\":9223372036854775807,"
		"\"tls_tx_seq\":23726566,\"tls_rx_seq\":9223372036854775807,"
		"\"tx_bytes_per_record\":16384,\"queue_bytes\":4294967295,"
		"\"queue_delay_us\":4294967295,\"rx_control\":4294967295,"
		"\"tx_control\":4294967295,\"idle_ms\":4294967295},"
		"\"drops\":{\"rx_malformed\":9223372036854775807,"
		"\"rx_protocol\":9223372036854775807,\"rx_memory\":0,"
		"\"tx_size\":9223372036854775807,"
		"\"tx_malformed\":9223372036854775807,"
		"\"rx_source\":9223372036854775807},"
		"\"since\":\"2026-01-01T00:00:00Z\",\"seconds\":86399999}]}");

	(void)state;
	assert_eighty_columns(text);
	assert_non_null(strstr(text, "dropped     rx malformed 9223372036854775807,"));
	assert_null(strstr(text, "memory"));
	assert_non_null(strstr(text, "tun (cipher ECDHE-RSA-AES256-SHA is not"));
	assert_non_null(strstr(text, "terminal)\n"));
	assert_non_null(strstr(text, "fe80::1111:2222:3333:4444"));
	assert_non_null(strstr(text, "used for 23726566 records, 0 left\n"));
	assert_non_null(strstr(text, "prefix      2001:db8:1111:2222::/64\n"));
	assert_non_null(strstr(text, "policy      group staff, VRF blue, namespace a-namespace"));
	assert_non_null(strstr(text, "10000"));
	assert_non_null(strstr(text, "0.512"));
	free(text);
}

static void kernel_path_has_no_reason(void **state)
{
	char *text = show("{\"sessions\":[{\"id\":1,\"client\":\"home\","
			  "\"role\":\"client\",\"user\":\"alice\","
			  "\"remote\":\"192.0.2.1:443\",\"path\":\"kernel\","
			  "\"auth\":\"MS-CHAPv2\","
			  "\"path_reason\":\"\"}]}");

	(void)state;
	assert_non_null(strstr(text, "session 1: client home, user alice\n"));
	assert_non_null(strstr(text, "data path   kernel\n"));
	assert_non_null(strstr(text, "login       MS-CHAPv2\n"));
	assert_null(strstr(text, "IPv4"));
	free(text);
}

static void events_say_who_where_and_why(void **state)
{
	struct json_object *event = json_tokener_parse("{\"event\":\"session-end\","
		"\"time\":\"2026-01-31T23:59:59Z\",\"reason\":\"hello-timeout\","
		"\"text\":\"the peer does not answer any more, and this is long "
		"enough for another line of the terminal\",\"session\":{\"id\":7,"
		"\"user\":\"alice\",\"remote\":\"192.0.2.1:443\","
		"\"interface\":\"sstp0\",\"peer\":\"10.8.0.2\","
		"\"path\":\"kernel\",\"rx_bytes\":1500,\"tx_bytes\":0,"
		"\"seconds\":61}}");
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	(void)state;
	ctl_show_event(out, event);
	fclose(out);
	assert_eighty_columns(text);
	assert_non_null(strstr(text, "2026-01-31T23:59:59Z session-end 7\n"));
	assert_non_null(strstr(text, "who         alice from 192.0.2.1:443\n"));
	assert_non_null(strstr(text, "where       sstp0, 10.8.0.2, data path kernel\n"));
	assert_non_null(strstr(text, "why         hello-timeout: the peer does"));
	assert_non_null(strstr(text, "1.5 kB received, 0 B sent in 1 min 1 s\n"));
	free(text);
	json_object_put(event);
}

static void the_daemon_and_its_certificates(void **state)
{
	struct json_object *answer = json_tokener_parse("{\"server\":{\"version\":\"1.2\","
		"\"since\":\"2026-01-31T23:59:59Z\",\"seconds\":61,\"sessions\":3,"
		"\"certificates\":[{\"file\":\"/etc/letsencrypt/live/vpn.example.com/fullchain.pem\","
		"\"use\":\"server\",\"until\":\"2026-03-01T00:00:00Z\",\"seconds_left\":2505600},"
		"{\"file\":\"/o\",\"use\":\"ocsp\",\"until\":\"2026-01-30T00:00:00Z\","
		"\"seconds_left\":-86400}],\"certificates_refused\":true}}");
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	(void)state;
	ctl_show(out, answer);
	fclose(out);
	assert_eighty_columns(text);
	assert_non_null(strstr(text, "sstpd 1.2\n"));
	assert_non_null(strstr(text, "server      /etc/letsencrypt/live/vpn.example.com/fullchain.pem\n"));
	assert_non_null(strstr(text, "good until 2026-03-01T00:00:00Z (29 days 0 h)"));
	assert_non_null(strstr(text, "ocsp        /o\n                OVER since 2026-01-30T00:00:00Z (1 day 0 h)"));
	assert_non_null(strstr(text, "refused     files of certificates have changed"));
	free(text);
	json_object_put(answer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fits_eighty_columns),
		cmocka_unit_test(kernel_path_has_no_reason),
		cmocka_unit_test(events_say_who_where_and_why),
		cmocka_unit_test(the_daemon_and_its_certificates),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
