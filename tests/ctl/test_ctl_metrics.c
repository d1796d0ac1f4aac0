// SPDX-License-Identifier: GPL-2.0-or-later
/* What `sstpctl metrics` prints is OpenMetrics, or Prometheus' own format, to the letter. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <json-c/json.h>

#include "ctl/ctl_metrics.h"

static char *metrics(const char *json, const char *shown, enum ctl_metrics_format format)
{
	struct json_object *stats = json_tokener_parse(json);
	struct json_object *sessions = shown ? json_tokener_parse(shown) : NULL;
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	assert_non_null(stats);
	assert_non_null(out);
	ctl_metrics(out, stats, sessions, format);
	fclose(out);
	json_object_put(stats);
	json_object_put(sessions);
	return text;
}

#define SERVER \
	"{\"version\": \"1.2\", \"sessions\": [" \
	"{\"role\": \"server\", \"path\": \"kernel\", \"value\": 3}," \
	"{\"role\": \"server\", \"path\": \"tun\", \"value\": 0}]," \
	"\"failed\": [{\"reason\": \"auth-failed\", \"value\": 7}]," \
	"\"received_bytes\": 9007199254740993," \
	"\"pool_free\": 12}"

static void a_server(void **state)
{
	char *text = metrics(SERVER, NULL, CTL_METRICS_OPEN);

	(void)state;
	assert_string_equal(text,
		"# TYPE sstpd_build info\n"
		"# HELP sstpd_build Version of the daemon.\n"
		"sstpd_build_info{version=\"1.2\"} 1\n"
		"# TYPE sstpd_sessions gauge\n"
		"# HELP sstpd_sessions Sessions that are up, by role and data path.\n"
		"sstpd_sessions{role=\"server\",path=\"kernel\"} 3\n"
		"sstpd_sessions{role=\"server\",path=\"tun\"} 0\n"
		"# TYPE sstpd_sessions_failed counter\n"
		"# HELP sstpd_sessions_failed Sessions that ended before they were up, by reason.\n"
		"sstpd_sessions_failed_total{reason=\"auth-failed\"} 7\n"
		"# TYPE sstpd_received_bytes counter\n"
		"# UNIT sstpd_received_bytes bytes\n"
		"# HELP sstpd_received_bytes IP bytes received in all sessions.\n"
		"sstpd_received_bytes_total 9007199254740993\n"
		"# TYPE sstpd_pool_free_addresses gauge\n"
		"# UNIT sstpd_pool_free_addresses addresses\n"
		"# HELP sstpd_pool_free_addresses Addresses of the pool that nobody has.\n"
		"sstpd_pool_free_addresses 12\n"
		"# EOF\n");
	free(text);
}

/* The node exporter drops a whole file for one type that it does not know. */
static void for_the_node_exporter(void **state)
{
	char *text = metrics(SERVER, NULL, CTL_METRICS_PLAIN);

	(void)state;
	assert_string_equal(text,
		"# HELP sstpd_build_info Version of the daemon.\n"
		"# TYPE sstpd_build_info gauge\n"
		"sstpd_build_info{version=\"1.2\"} 1\n"
		"# HELP sstpd_sessions Sessions that are up, by role and data path.\n"
		"# TYPE sstpd_sessions gauge\n"
		"sstpd_sessions{role=\"server\",path=\"kernel\"} 3\n"
		"sstpd_sessions{role=\"server\",path=\"tun\"} 0\n"
		"# HELP sstpd_sessions_failed_total Sessions that ended before they were up, by reason.\n"
		"# TYPE sstpd_sessions_failed_total counter\n"
		"sstpd_sessions_failed_total{reason=\"auth-failed\"} 7\n"
		"# HELP sstpd_received_bytes_total IP bytes received in all sessions.\n"
		"# TYPE sstpd_received_bytes_total counter\n"
		"sstpd_received_bytes_total 9007199254740993\n"
		"# HELP sstpd_pool_free_addresses Addresses of the pool that nobody has.\n"
		"# TYPE sstpd_pool_free_addresses gauge\n"
		"sstpd_pool_free_addresses 12\n");
	free(text);
}

/* A name may hold what ends a label. */
static void of_each_session(void **state)
{
	char *text = metrics("{}", "[{\"id\": 7, \"user\": \"a\\\"} 1\\n\\\\\", "
			     "\"interface\": \"sstp0\", \"path\": \"kernel\", \"role\": \"server\", "
			     "\"rx_bytes\": 5, \"tx_bytes\": 6, \"seconds\": 9, "
			     "\"tls_key_records\": 8}]",
			     CTL_METRICS_OPEN);

	(void)state;
	assert_non_null(strstr(text, "# TYPE sstpd_session_received_bytes counter\n"));
	assert_non_null(strstr(text, "\nsstpd_session_received_bytes_total{session=\"7\","
			       "user=\"a\\\"} 1\\n\\\\\",interface=\"sstp0\",path=\"kernel\","
			       "role=\"server\"} 5\n"));
	assert_non_null(strstr(text, "\nsstpd_session_duration_seconds{session=\"7\","));
	assert_non_null(strstr(text, "\nsstpd_session_tls_key_records{session=\"7\","));
	assert_non_null(strstr(text, "role=\"server\"} 8\n"));
	free(text);
}

/* An older daemon, or a client without a pool: what is not told is left out. */
static void nothing(void **state)
{
	char *text = metrics("{}", NULL, CTL_METRICS_OPEN);

	(void)state;
	assert_string_equal(text, "# EOF\n");
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_server),
		cmocka_unit_test(for_the_node_exporter),
		cmocka_unit_test(of_each_session),
		cmocka_unit_test(nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
