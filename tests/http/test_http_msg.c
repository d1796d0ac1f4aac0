// SPDX-License-Identifier: GPL-2.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "http/http_msg.h"

#define LINE	"SSTP_DUPLEX_POST " HTTP_SSTP_PATH " HTTP/1.1\r\n"
#define LENGTH	"Content-Length: 18446744073709551615\r\n"
#define HOST	"Host: vpn.example.org\r\n"
#define END	"\r\n"

/* Reads a head given as @text, @chunk bytes at a time, from exact copies. */
static enum http_state read_head(struct http_head *h, const char *text, size_t chunk)
{
	size_t len = strlen(text);
	size_t off, n;

	http_head_init(h);
	for (off = 0; off < len && h->state == HTTP_READING; off += n) {
		uint8_t *copy;
		struct rbuf in;

		n = len - off < chunk ? len - off : chunk;
		copy = malloc(n);
		memcpy(copy, text + off, n);
		in = rbuf_of(copy, n);
		http_head_input(h, &in);
		free(copy);
	}
	return h->state;
}

/* The status a server gives to a request, whatever stage finds it. */
static int answer(const char *text, const char *host)
{
	static struct http_head h;
	struct http_request req;
	int whole, single;

	if (read_head(&h, text, SIZE_MAX) == HTTP_READING)
		return 0;
	whole = h.state == HTTP_FAILED ? h.status : http_request_check(&h, host, "", &req);
	read_head(&h, text, 1);
	single = h.state == HTTP_FAILED ? h.status : http_request_check(&h, host, "", &req);
	assert_int_equal(whole, single);
	return whole;
}

static void requests_and_their_answers(void **state)
{
	static const struct {
		const char *request;
		int status;
	} cases[] = {
		/* what real clients send */
		{ LINE HOST LENGTH "SSTPCORRELATIONID: {0}\r\n" END, 200 },
		{ LINE LENGTH HOST END, 200 },
		{ LINE HOST "content-length:18446744073709551615\r\n" END, 200 },
		{ LINE HOST "CONTENT-LENGTH: \t18446744073709551615 \t\r\n" END, 200 },
		{ LINE HOST "Cookie: a=b; c=\"d\"\r\n" LENGTH END, 200 },
		{ LINE HOST END, 200 },
		{ LINE HOST "X-Forwarded-For: 203.0.113.9\r\n" LENGTH END, 200 },
		{ "SSTP_DUPLEX_POST " HTTP_SSTP_PATH "?tenantid=x HTTP/1.1\r\n" HOST LENGTH END,
		  200 },
		/* somebody else */
		{ "GET / HTTP/1.1\r\n" HOST END, 404 },
		{ "GET " HTTP_SSTP_PATH " HTTP/1.1\r\n" HOST END, 404 },
		{ "POST " HTTP_SSTP_PATH " HTTP/1.1\r\n" HOST END, 404 },
		{ "HEAD / HTTP/1.1\r\n" HOST END, 404 },
		{ "BREW / HTTP/1.1\r\n" HOST END, 501 },
		{ "sstp_duplex_post " HTTP_SSTP_PATH " HTTP/1.1\r\n" HOST END, 501 },
		{ "SSTP_DUPLEX_POST / HTTP/1.1\r\n" HOST LENGTH END, 404 },
		{ "SSTP_DUPLEX_POST " HTTP_SSTP_PATH "x HTTP/1.1\r\n" HOST LENGTH END, 404 },
		{ "SSTP_DUPLEX_POST /SRA_{BA195980-CD49-458B-9E23-C84EE0ADCD75}/ HTTP/1.1\r\n"
		  HOST END, 404 },
		/* versions */
		{ "GET / HTTP/1.0\r\n" END, 505 },
		{ "SSTP_DUPLEX_POST " HTTP_SSTP_PATH " HTTP/1.0\r\n" END, 505 },
		{ "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505 },
		{ "GET / HTTP/1.1 \r\n" END, 400 },
		{ "GET / http/1.1\r\n" END, 400 },
		{ "GET / HTTP/11\r\n" END, 400 },
		{ "GET / HTTP/1.10\r\n" END, 400 },
		{ "GET /\r\n" END, 400 },
		/* request line */
		{ "\r\n" LINE END, 400 },
		{ "GET  / HTTP/1.1\r\n" END, 400 },
		{ " GET / HTTP/1.1\r\n" END, 400 },
		{ "GE(T / HTTP/1.1\r\n" END, 400 },
		{ "GET\r\n" END, 400 },
		{ "GET / x HTTP/1.1\r\n" END, 400 },
		/* fields */
		{ LINE "Host\r\n" END, 400 },
		{ LINE ": x\r\n" END, 400 },
		{ LINE "Ho st: x\r\n" END, 400 },
		{ LINE "Host : x\r\n" END, 400 },
		{ LINE HOST " folded\r\n" END, 400 },
		{ LINE HOST "\tfolded\r\n" END, 400 },
		{ LINE HOST HOST LENGTH END, 400 },
		{ LINE HOST LENGTH LENGTH END, 400 },
		{ LINE HOST LENGTH "Content-Length: 0\r\n" END, 400 },
		{ LINE HOST "Content-Length: 0\r\n" END, 400 },
		{ LINE HOST "Content-Length: 18446744073709551616\r\n" END, 400 },
		{ LINE HOST "Content-Length: +18446744073709551615\r\n" END, 400 },
		{ LINE HOST "Content-Length:\r\n" END, 400 },
		{ LINE HOST LENGTH "Transfer-Encoding: chunked\r\n" END, 400 },
		{ "GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n" END, 400 },
		{ LINE "Host: [::1\r\n" LENGTH END, 400 },
		/* bytes */
		{ LINE "Host: a\rb\r\n" END, 400 },
		{ "GET / HTTP/1.1\nHost: x\n\n", 400 },
		{ LINE "Host: \x80\r\n" END, 400 },
		{ LINE "Host: \x7f\r\n" END, 400 },
		{ LINE "Host: \x01\r\n" END, 400 },
		{ "\x16\x03\x01", 400 },
		/* not complete: no verdict */
		{ LINE HOST, 0 },
		{ LINE HOST LENGTH "\r", 0 },
		{ "", 0 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int got = answer(cases[i].request, NULL);

		if (got != cases[i].status)
			fail_msg("expected %d, got %d for:\n%s", cases[i].status, got,
				 cases[i].request);
	}
}

static void nul_is_refused(void **state)
{
	static const char bytes[] = LINE "Host: a\0b\r\n" END;
	struct rbuf in = rbuf_of(bytes, sizeof(bytes) - 1);
	static struct http_head h;

	(void)state;
	http_head_init(&h);
	assert_int_equal(http_head_input(&h, &in), HTTP_FAILED);
	assert_int_equal(h.status, 400);
}

static void host_decides_if_configured(void **state)
{
	(void)state;
	assert_int_equal(answer(LINE HOST LENGTH END, "vpn.example.org"), 200);
	assert_int_equal(answer(LINE HOST LENGTH END, "VPN.example.org"), 200);
	assert_int_equal(answer(LINE "Host: VPN.EXAMPLE.ORG:8443\r\n" END, "vpn.example.org"), 200);
	assert_int_equal(answer(LINE "Host: [2001:DB8::1]:443\r\n" END, "2001:db8::1"), 200);
	assert_int_equal(answer(LINE "Host: other\r\n" LENGTH END, "vpn.example.org"), 404);
	assert_int_equal(answer(LINE LENGTH END, "vpn.example.org"), 404);
	assert_int_equal(answer(LINE "Host: vpn.example.org.evil\r\n" END, "vpn.example.org"), 404);
}

static void what_is_kept_of_a_request(void **state)
{
	static struct http_head h;
	struct http_request req;

	(void)state;
	read_head(&h, LINE "Host: Vpn.Example.ORG:443\r\n"
		  "sstpcorrelationid: {F7FC0718-C386-4D9A-B529-973927075AA7}\r\n" END, SIZE_MAX);
	assert_int_equal(http_request_check(&h, NULL, "", &req), 200);
	assert_string_equal(req.host, "vpn.example.org");
	assert_string_equal(req.correlation_id, "{F7FC0718-C386-4D9A-B529-973927075AA7}");
	assert_true(req.no_length);
	read_head(&h, LINE LENGTH END, SIZE_MAX);
	assert_int_equal(http_request_check(&h, NULL, "", &req), 200);
	assert_string_equal(req.host, "");
	assert_string_equal(req.correlation_id, "");
	assert_false(req.no_length);
}

/* Script clients send the first SSTP packets along with the head. */
static void bytes_behind_the_head_are_kept(void **state)
{
	static const char bytes[] = LINE HOST LENGTH END "\x10\x01\x00\x0e";
	struct rbuf in = rbuf_of(bytes, sizeof(bytes) - 1);
	static struct http_head h;

	(void)state;
	http_head_init(&h);
	assert_int_equal(http_head_input(&h, &in), HTTP_DONE);
	assert_int_equal(in.len, 4);
	assert_memory_equal(in.p, "\x10\x01\x00\x0e", 4);
	assert_int_equal(http_head_input(&h, &in), HTTP_DONE);
	assert_int_equal(in.len, 4);
}

/* ---- limits ----------------------------------------------------------- */

static int fields(unsigned int n, size_t value_len)
{
	static char text[100000];
	static char value[2000];
	char *p = text;
	unsigned int i;

	memset(value, 'v', sizeof(value));
	value[value_len] = '\0';
	p += sprintf(p, LINE);
	for (i = 0; i < n; i++)
		p += sprintf(p, "a: %s\r\n", value);
	sprintf(p, END);
	return answer(text, NULL);
}

static void limits(void **state)
{
	(void)state;
	assert_int_equal(fields(32, 1), 200);
	assert_int_equal(fields(33, 1), 431);
	assert_int_equal(fields(1, HTTP_LINE_MAX - 3), 200);
	assert_int_equal(fields(1, HTTP_LINE_MAX - 2), 431);
	/* 7 lines of 1026 and the request line fit into 8192 bytes, 8 do not. */
	assert_int_equal(fields(7, HTTP_LINE_MAX - 3), 200);
	assert_int_equal(fields(8, HTTP_LINE_MAX - 3), 431);
}

static void no_line_end_is_no_way_around(void **state)
{
	static char text[HTTP_HEAD_MAX + 2];

	(void)state;
	memset(text, 'a', sizeof(text) - 1);
	assert_int_equal(answer(text, NULL), 431);
}

static void long_names_in_fields(void **state)
{
	char text[HTTP_LINE_MAX + 100];
	char name[300];

	(void)state;
	memset(name, 'h', sizeof(name));
	name[HTTP_HOST_MAX] = '\0';
	snprintf(text, sizeof(text), LINE "Host: %s\r\n" END, name);
	assert_int_equal(answer(text, NULL), 200);
	name[HTTP_HOST_MAX] = 'h';
	name[HTTP_HOST_MAX + 1] = '\0';
	snprintf(text, sizeof(text), LINE "Host: %s\r\n" END, name);
	assert_int_equal(answer(text, NULL), 400);
	snprintf(text, sizeof(text), LINE "SSTPCORRELATIONID: %s\r\n" END, name);
	assert_int_equal(answer(text, NULL), 200);
}

/* ---- answers ----------------------------------------------------------- */

static void response_text(int status, char out[static 1024])
{
	struct wbuf w = wbuf_of(out, 1023);

	http_put_response(&w, status, 784111777);	/* RFC 9110 5.6.7 */
	assert_false(w.bad);
	out[w.len] = '\0';
}

static void success_response(void **state)
{
	char text[1024];

	(void)state;
	response_text(200, text);
	assert_string_equal(text, "HTTP/1.1 200 OK\r\n"
			    "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
			    "Content-Length: 18446744073709551615\r\n\r\n");
}

static void error_responses_close(void **state)
{
	static const int all[] = { 400, 404, 408, 431, 501, 503, 505 };
	char text[1024], line[32];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		response_text(all[i], text);
		snprintf(line, sizeof(line), "HTTP/1.1 %d ", all[i]);
		assert_memory_equal(text, line, strlen(line));
		assert_null(strstr(text, " Error\r\n"));
		assert_non_null(strstr(text, "\r\nContent-Length: 0\r\n"));
		assert_non_null(strstr(text, "\r\nConnection: close\r\n\r\n"));
	}
}

static void other_answers(void **state)
{
	char text[1024];
	struct wbuf w = wbuf_of(text, sizeof(text) - 1);

	(void)state;
	http_put_closing(&w, 302, "https://www.example.com/", 784111777);
	text[w.len] = '\0';
	assert_string_equal(text, "HTTP/1.1 302 Found\r\n"
			    "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
			    "Location: https://www.example.com/\r\n"
			    "Content-Length: 0\r\nConnection: close\r\n\r\n");
	/* A health check must not look like the beginning of a stream. */
	w.len = 0;
	http_put_closing(&w, 200, NULL, 784111777);
	text[w.len] = '\0';
	assert_memory_equal(text, "HTTP/1.1 200 OK\r\n", 17);
	assert_non_null(strstr(text, "\r\nContent-Length: 0\r\n"));
}

/* @text in two parts, cut at every place. */
static void assert_kind(const char *text, const char *health,
			enum http_kind kind)
{
	size_t len = strlen(text);
	static struct http_head h;

	for (size_t cut = 0; cut <= len; cut++) {
		struct rbuf first = rbuf_of(text, cut);
		struct rbuf rest = rbuf_of(text + cut, len - cut);

		http_head_init(&h);
		if (http_request_kind(&h, first, health, "") != HTTP_KIND_OPEN)
			break;
		http_head_input(&h, &first);
		if (http_request_kind(&h, rest, health, "") != kind)
			fail_msg("%s, cut at %zu", text, cut);
	}
}

static void kinds_of_requests(void **state)
{
	static char uri[HTTP_LINE_MAX];

	(void)state;
	assert_kind(LINE, "/health", HTTP_KIND_SSTP);
	assert_kind("SSTP_DUPLEX_POST ", "", HTTP_KIND_SSTP);
	assert_kind("SSTP_DUPLEX_POST", "", HTTP_KIND_OPEN);
	assert_kind("S", "", HTTP_KIND_OPEN);
	assert_kind("", "/health", HTTP_KIND_OPEN);
	assert_kind("SSTP_DUPLEX_PUT ", "", HTTP_KIND_OTHER);
	assert_kind("GET /health HTTP/1.0\r\n", "/health", HTTP_KIND_HEALTH);
	assert_kind("HEAD /health HTTP/1.1\r\n", "/health", HTTP_KIND_HEALTH);
	assert_kind("GET /heal", "/health", HTTP_KIND_OPEN);
	assert_kind("GET /healthy HTTP/1.1\r\n", "/health", HTTP_KIND_OTHER);
	assert_kind("POST /health HTTP/1.1\r\n", "/health", HTTP_KIND_OTHER);
	assert_kind("GET /health HTTP/1.1\r\n", "", HTTP_KIND_OTHER);
	assert_kind("GE", "", HTTP_KIND_OTHER);
	assert_kind("GE", "/", HTTP_KIND_OPEN);
	assert_kind("\x16\x03\x01", "/", HTTP_KIND_OTHER);
	/* A target as long as a line can be: not one byte past the buffers. */
	memset(uri, 'u', sizeof(uri) - 1);
	assert_kind("GET uuuuuuuu", uri, HTTP_KIND_OPEN);
}

static void our_request_is_accepted_by_our_server(void **state)
{
	static const struct {
		const char *host;
		uint16_t port;
		const char *line;
	} cases[] = {
		{ "vpn.example.org", 443, "\r\nHost: vpn.example.org\r\n" },
		{ "vpn.example.org", 8443, "\r\nHost: vpn.example.org:8443\r\n" },
		{ "2001:db8::1", 443, "\r\nHost: [2001:db8::1]\r\n" },
		{ "2001:db8::1", 444, "\r\nHost: [2001:db8::1]:444\r\n" },
	};
	uint8_t guid[16];
	char text[1024];
	struct wbuf w;
	size_t i;

	(void)state;
	memset(guid, 0xff, sizeof(guid));
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		w = wbuf_of(text, sizeof(text) - 1);
		http_put_request(&w, cases[i].host, cases[i].port, "", guid);
		assert_false(w.bad);
		text[w.len] = '\0';
		assert_memory_equal(text, LINE, strlen(LINE));
		assert_non_null(strstr(text, cases[i].line));
		assert_non_null(strstr(text, "SSTPCORRELATIONID: "
				"{FFFFFFFF-FFFF-4FFF-BFFF-FFFFFFFFFFFF}\r\n"));
		assert_int_equal(answer(text, cases[i].host), 200);
	}
}

static int status_of(const char *text)
{
	static struct http_head h;

	return read_head(&h, text, SIZE_MAX) == HTTP_DONE ? http_response_status(&h) : -2;
}

static void connect_text(const char *host, uint16_t port, const char *user,
			 const char *password, char text[static 2048])
{
	struct wbuf w = wbuf_of(text, 2047);

	http_put_connect(&w, host, port, user, password);
	assert_false(w.bad);
	text[w.len] = '\0';
}

static void requests_to_a_proxy(void **state)
{
	static char long_host[201], long_password[257];
	char text[2048];

	(void)state;
	connect_text("vpn.example.org", 443, "", "", text);
	assert_string_equal(text, "CONNECT vpn.example.org:443 HTTP/1.1\r\n"
			    "Host: vpn.example.org:443\r\n"
			    "SSTPVERSION: 1.0\r\n\r\n");
	/* the example of RFC 7617 */
	connect_text("2001:db8::1", 8443, "Aladdin", "open sesame", text);
	assert_string_equal(text, "CONNECT [2001:db8::1]:8443 HTTP/1.1\r\n"
			    "Host: [2001:db8::1]:8443\r\n"
			    "SSTPVERSION: 1.0\r\n"
			    "Proxy-Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n"
			    "\r\n");
	memset(long_host, 'h', 200);
	memset(long_password, 'p', 255);
	connect_text(long_host, 65535, "0123456789012345678901234567890123456789"
		     "01234567890123456789012", long_password, text);
	assert_non_null(strstr(text, "cHBwcA==\r\n\r\n"));
}

static void answers_of_a_proxy(void **state)
{
	static struct http_head h;

	(void)state;
	read_head(&h, "HTTP/1.0 200 Connection established\r\n\r\n", SIZE_MAX);
	assert_int_equal(http_connect_status(&h), 200);
	assert_int_equal(http_response_status(&h), -1);
	read_head(&h, "HTTP/1.1 407 x\r\nProxy-Authenticate: Basic\r\n\r\n",
		  SIZE_MAX);
	assert_int_equal(http_connect_status(&h), 407);
	read_head(&h, "HTTP/2.0 200 x\r\n\r\n", SIZE_MAX);
	assert_int_equal(http_connect_status(&h), -1);
}

static void response_statuses(void **state)
{
	(void)state;
	assert_int_equal(status_of("HTTP/1.1 200 OK\r\n\r\n"), 200);
	assert_int_equal(status_of("HTTP/1.1 200\r\nServer: x\r\n\r\n"), 200);
	assert_int_equal(status_of("HTTP/1.1 200 \r\n\r\n"), 200);
	assert_int_equal(status_of("HTTP/1.1 100 Continue\r\n\r\n"), 100);
	assert_int_equal(status_of("HTTP/1.1 503 x\r\n\r\n"), 503);
	assert_int_equal(status_of("HTTP/1.0 200 OK\r\n\r\n"), -1);
	assert_int_equal(status_of("HTTP/1.1 2000 OK\r\n\r\n"), -1);
	assert_int_equal(status_of("HTTP/1.1 20\r\n\r\n"), -1);
	assert_int_equal(status_of("HTTP/1.1 099 x\r\n\r\n"), -1);
	assert_int_equal(status_of("HTTP/1.1 -20 x\r\n\r\n"), -1);
	assert_int_equal(status_of("ICY 200 OK\r\n\r\n"), -1);
	assert_int_equal(status_of("HTTP/1.1 200 OK\n\n"), -2);
}

/* ---- a secret in front of the path --------------------------------------------- */

#define DOOR	"/a-secret"

static int answer_at_door(const char *method, const char *target, const char *fields)
{
	static struct http_head h;
	struct http_request req;
	char text[1024];

	snprintf(text, sizeof(text), "%s %s HTTP/1.1\r\n%s\r\n", method, target, fields);
	assert_int_equal(read_head(&h, text, SIZE_MAX), HTTP_DONE);
	return http_request_check(&h, NULL, DOOR, &req);
}

/* Who does not know it gets for SSTP's own request what he gets for any other. */
static void nothing_tells_of_the_door(void **state)
{
	static const char *const targets[] = {
		"/", HTTP_SSTP_PATH, DOOR, DOOR "/", "/a-secre" HTTP_SSTP_PATH,
		"/a-secreT" HTTP_SSTP_PATH, DOOR "x" HTTP_SSTP_PATH, DOOR HTTP_SSTP_PATH "x",
		"/x" DOOR HTTP_SSTP_PATH,
	};
	static const char *const fields[] = {
		"", "Host: a\r\n", "Content-Length: 18446744073709551615\r\n",
		"Content-Length: 5\r\n", "Host: a\r\nHost: b\r\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) {
		for (size_t j = 0; j < sizeof(fields) / sizeof(fields[0]); j++) {
			assert_int_equal(answer_at_door("SSTP_DUPLEX_POST", targets[i],
							fields[j]),
					 answer_at_door("SSTP_DUPLEX_PUT", targets[i],
							fields[j]));
			assert_int_equal(answer_at_door("GET", targets[i], fields[j]), 404);
		}
	}
	assert_int_equal(answer_at_door("SSTP_DUPLEX_POST", DOOR HTTP_SSTP_PATH, ""), 200);
	assert_int_equal(answer_at_door("SSTP_DUPLEX_POST", DOOR HTTP_SSTP_PATH "?tenantid=1",
					""), 200);
}

static enum http_kind kind_at_door(const char *text)
{
	static struct http_head h;

	http_head_init(&h);
	return http_request_kind(&h, rbuf_of(text, strlen(text)), "/health", DOOR);
}

/* The web server gets a request when its line is complete, whatever it is. */
static void lines_are_complete_at_the_door(void **state)
{
	static char line[HTTP_LINE_MAX + 1];

	(void)state;
	assert_int_equal(kind_at_door(""), HTTP_KIND_OPEN);
	assert_int_equal(kind_at_door("GET /"), HTTP_KIND_OPEN);
	assert_int_equal(kind_at_door("GET / HTTP/1.1\r\n"), HTTP_KIND_OTHER);
	assert_int_equal(kind_at_door("GET /health HTTP/1.1\r\n"), HTTP_KIND_HEALTH);
	assert_int_equal(kind_at_door("SSTP_DUPLEX_POST /a-sec"), HTTP_KIND_OPEN);
	assert_int_equal(kind_at_door("SSTP_DUPLEX_POST /b-sec"), HTTP_KIND_OPEN);
	assert_int_equal(kind_at_door("SSTP_DUPLEX_POST " HTTP_SSTP_PATH " HTTP/1.1\r\n"),
			 HTTP_KIND_OTHER);
	assert_int_equal(kind_at_door("SSTP_DUPLEX_POST " DOOR HTTP_SSTP_PATH
				      " HTTP/1.1\r\n"), HTTP_KIND_SSTP);
	memset(line, 'x', HTTP_LINE_MAX);
	assert_int_equal(kind_at_door(line), HTTP_KIND_OTHER);
}

static void our_client_knows_the_door(void **state)
{
	static struct http_head h;
	const uint8_t guid[16] = { 0 };
	struct http_request req;
	char text[1024];
	struct wbuf w = wbuf_of(text, sizeof(text) - 1);

	(void)state;
	http_put_request(&w, "vpn.example.org", 443, DOOR, guid);
	text[w.len] = '\0';
	assert_int_equal(read_head(&h, text, SIZE_MAX), HTTP_DONE);
	assert_int_equal(http_request_check(&h, NULL, DOOR, &req), 200);
	assert_int_equal(http_request_check(&h, NULL, "", &req), 404);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(requests_and_their_answers),
		cmocka_unit_test(nul_is_refused),
		cmocka_unit_test(host_decides_if_configured),
		cmocka_unit_test(what_is_kept_of_a_request),
		cmocka_unit_test(bytes_behind_the_head_are_kept),
		cmocka_unit_test(limits),
		cmocka_unit_test(no_line_end_is_no_way_around),
		cmocka_unit_test(long_names_in_fields),
		cmocka_unit_test(success_response),
		cmocka_unit_test(error_responses_close),
		cmocka_unit_test(other_answers),
		cmocka_unit_test(kinds_of_requests),
		cmocka_unit_test(our_request_is_accepted_by_our_server),
		cmocka_unit_test(requests_to_a_proxy),
		cmocka_unit_test(answers_of_a_proxy),
		cmocka_unit_test(response_statuses),
		cmocka_unit_test(nothing_tells_of_the_door),
		cmocka_unit_test(lines_are_complete_at_the_door),
		cmocka_unit_test(our_client_knows_the_door),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
