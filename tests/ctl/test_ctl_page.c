// SPDX-License-Identifier: GPL-2.0-or-later
/* The status page: what it says, and that a hostile name stays text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <json-c/json.h>
#include <openssl/evp.h>

#include "ctl/ctl_page.h"

#define NOW	1800000000
#define HOSTILE	"</td><script>alert(1)</script><img src=x onerror='x' a=\\\"&amp;"

#define METRICS "{\"version\": \"1.2\", \"start_time\": 1799996400, \"sessions\": [" \
	"{\"role\": \"server\", \"path\": \"kernel\", \"value\": 2}," \
	"{\"role\": \"server\", \"path\": \"tun\", \"value\": 1}]," \
	"\"received_bytes\": 5000000, \"sent_bytes\": 7, \"pool_free\": 0, \"tls_failed\": 4," \
	"\"logins\": [{\"result\": \"ok\", \"value\": 11}, {\"result\": \"failed\", \"value\": 12}]," \
	"\"refused\": [{\"limit\": \"source\", \"value\": 13}, {\"limit\": \"proxy\", \"value\": 1}]," \
	"\"certificates\": [{\"file\": \"/etc/a.pem\", \"value\": 1808640000}," \
	"{\"file\": \"/etc/b.pem\", \"value\": 1800864000}," \
	"{\"file\": \"/etc/<c>.pem\", \"value\": 1799913600}]}"

static char *page(const char *metrics, const char *sessions, const char *why)
{
	struct ctl_page p = {
		.why = why,
		.metrics = metrics ? json_tokener_parse(metrics) : NULL,
		.sessions = sessions ? json_tokener_parse(sessions) : NULL,
		.rx_rate = 125000,
		.seconds = 5,
		.now = NOW,
	};
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	ctl_page(out, &p);
	fclose(out);
	json_object_put(p.metrics);
	json_object_put(p.sessions);
	return text;
}

static void assert_has(char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("\"%s\" is not in:\n%s", part, text);
}

static void a_server(void **state)
{
	char *text = page(METRICS, NULL, NULL);

	(void)state;
	assert_has(text, "<title>sstpd: 3 sessions</title>");
	assert_has(text, "<th>Running for</th><td class=\"good\">1 h 0 min</td>");
	assert_has(text, "<th>of them not on the kernel path</th><td class=\"soon\">1</td>");
	assert_has(text, "<th>Received</th><td>1.0 Mbit/s over the last 5 s, 5.0 MB in all</td>");
	assert_has(text, "<th>Free addresses</th><td class=\"bad\">0</td>");
	assert_has(text, "<th>Logins that failed</th><td>12</td>");
	assert_has(text, "<th>TLS handshakes that failed</th><td>4</td>");
	assert_has(text, "<th>Connections refused by a limit</th><td>14</td>");
	assert_has(text, "<td data-title=\"Left\" class=\"good\">100 days 0 h</td>");
	assert_has(text, "<td data-title=\"Left\" class=\"soon\">10 days 0 h</td>");
	assert_has(text, "<td data-title=\"Certificate\">/etc/&lt;c&gt;.pem</td>");
	assert_has(text, "<td data-title=\"Left\" class=\"bad\">expired for 1 day 0 h</td>");
	assert_null(strstr(text, "<h2>Sessions"));
	free(text);
}

static void hostile_names_stay_text(void **state)
{
	char *text = page(METRICS, "[{\"id\": 1, \"user\": \"" HOSTILE "\", \"remote\": \"192.0.2.1:5\","
			  "\"role\": \"server\", \"peer\": \"10.8.0.2\", \"path\": \"kernel\","
			  "\"interface\": \"<b>\", \"rx_rate\": 250, \"tx_rate\": 0}]", NULL);

	(void)state;
	assert_has(text, "<td data-title=\"User\">&lt;/td&gt;&lt;script&gt;alert(1)&lt;/script&gt;"
			 "&lt;img src=x onerror=&#39;x&#39; a=&quot;&amp;amp;</td>"
			 "<td data-title=\"From\">192.0.2.1</td><td data-title=\"Address\">10.8.0.2</td>"
			 "<td data-title=\"Interface\">&lt;b&gt;</td><td data-title=\"Path\">kernel</td>"
			 "<td data-title=\"Received\" class=\"n\">2.0 kbit/s</td>");
	assert_has(text, "<meter min=\"0\" max=\"250\" value=\"250\"></meter>");
	assert_null(strstr(text, "<script"));
	assert_null(strstr(text, "<img"));
	free(text);
}

static void no_daemon(void **state)
{
	char *text = page(NULL, NULL, "nobody serves <here>");

	(void)state;
	assert_has(text, "<title>sstpd does not answer</title>");
	assert_has(text, "<p class=\"bad\">nobody serves &lt;here&gt;</p>");
	free(text);
}

/* The style that the policy allows is the one that is there. */
static void policy(void **state)
{
	char *text = page(METRICS, NULL, NULL), *style = strstr(text, "<style>") + 7;
	unsigned char digest[32];
	char want[100], hash[48], is[300];

	(void)state;
	EVP_Digest(style, (size_t)(strstr(style, "</style>") - style), digest, NULL, EVP_sha256(),
		   NULL);
	EVP_EncodeBlock((unsigned char *)hash, digest, sizeof(digest));
	snprintf(want, sizeof(want), "default-src 'none'; style-src 'sha256-%s';", hash);
	ctl_page_policy(is, sizeof(is));
	assert_int_equal(strncmp(is, want, strlen(want)), 0);
	assert_null(strstr(text, " style="));
	assert_null(strstr(text, "http:"));
	free(text);
}

static void bytes_that_are_no_text(void **state)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	(void)state;
	ctl_page_text(out, "a\x80\x1b[31m\xc3\xa4");
	fclose(out);
	assert_string_equal(text, "a\ufffd\ufffd[31m\u00e4");
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_server),
		cmocka_unit_test(hostile_names_stay_text),
		cmocka_unit_test(no_daemon),
		cmocka_unit_test(policy),
		cmocka_unit_test(bytes_that_are_no_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
