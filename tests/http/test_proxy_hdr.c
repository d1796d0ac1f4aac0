// SPDX-License-Identifier: GPL-2.0-or-later
/* PROXY protocol headers, whole and byte by byte, good and bad. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "http/proxy_hdr.h"
#include "lib/addr.h"

#define V2	"\r\n\r\n\0\r\nQUIT\n"
#define TLS	"\x16\x03\x01\x02\x00\x01"
#define BYTES(s)	(s), sizeof(s) - 1

static struct proxy_hdr hdr;

/* Reads @data in pieces of @chunk, from exact copies; what is left over. */
static size_t feed(const void *data, size_t len, size_t chunk)
{
	size_t left = len;

	proxy_hdr_init(&hdr);
	for (size_t off = 0; off < len && hdr.state == PROXY_HDR_READING;
	     off += chunk) {
		size_t n = len - off < chunk ? len - off : chunk;
		uint8_t *copy = malloc(n);
		struct rbuf in = rbuf_of(copy, n);

		memcpy(copy, (const uint8_t *)data + off, n);
		proxy_hdr_input(&hdr, &in);
		left -= n - in.len;
		free(copy);
	}
	return left;
}

/* @source is "" where the proxy speaks for itself. */
static const struct {
	const char *data;
	size_t len;
	const char *source;
} good[] = {
	{ BYTES("PROXY TCP4 198.51.100.7 192.0.2.1 56324 443\r\n"),
	  "198.51.100.7:56324" },
	{ BYTES("PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535\r\n"),
	  "255.255.255.255:65535" },
	{ BYTES("PROXY TCP4 10.0.0.1 10.0.0.2 0 0\r\n"), "10.0.0.1:0" },
	{ BYTES("PROXY TCP6 2001:db8::7 2001:db8::1 56324 443\r\n"),
	  "[2001:db8::7]:56324" },
	{ BYTES("PROXY TCP6 ::ffff:198.51.100.7 ::1 5 443\r\n"),
	  "198.51.100.7:5" },
	{ BYTES("PROXY UNKNOWN\r\n"), "" },
	{ BYTES("PROXY UNKNOWN ffff::1 ffff::2 65535 65535\r\n"), "" },
	{ BYTES(V2 "\x21\x11\0\x0c\xc6\x33\x64\x07\xc0\0\x02\x01\xdc\x04\x01\xbb"),
	  "198.51.100.7:56324" },
	{ BYTES(V2 "\x21\x21\0\x24"
		"\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x07"
		"\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01\xdc\x04\x01\xbb"),
	  "[2001:db8::7]:56324" },
	{ BYTES(V2 "\x21\x21\0\x24"
		"\0\0\0\0\0\0\0\0\0\0\xff\xff\xc6\x33\x64\x07"
		"\0\0\0\0\0\0\0\0\0\0\xff\xff\xc0\0\x02\x01\xdc\x04\x01\xbb"),
	  "198.51.100.7:56324" },
	/* with an extension (CRC32c) behind the addresses */
	{ BYTES(V2 "\x21\x11\0\x13\xc6\x33\x64\x07\xc0\0\x02\x01\xdc\x04\x01\xbb"
		"\x03\0\x04\x01\x02\x03\x04"), "198.51.100.7:56324" },
	/* a health check of the proxy */
	{ BYTES(V2 "\x20\0\0\0"), "" },
	{ BYTES(V2 "\x20\x11\0\x0c\0\0\0\0\0\0\0\0\0\0\0\0"), "" },
	{ BYTES(V2 "\x21\0\0\0"), "" },
};

static void good_headers(void **state)
{
	static const size_t chunks[] = { 1, 7, SIZE_MAX };
	uint8_t data[200];
	char text[ADDR_TEXT_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		for (int c = 0; c < 3; c++) {
			memcpy(data, good[i].data, good[i].len);
			memcpy(data + good[i].len, TLS, sizeof(TLS) - 1);
			/* TLS stays where it is, all of it. */
			assert_int_equal(feed(data, good[i].len +
					      sizeof(TLS) - 1, chunks[c]),
					 sizeof(TLS) - 1);
			assert_int_equal(hdr.state, PROXY_HDR_DONE);
			assert_int_equal(hdr.has_source, *good[i].source != 0);
			if (!hdr.has_source)
				continue;
			addr_text(&hdr.source, text, sizeof(text));
			assert_string_equal(text, good[i].source);
		}
	}
}

static void cut_headers_wait(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		for (size_t len = 0; len < good[i].len; len++) {
			assert_int_equal(feed(good[i].data, len, SIZE_MAX), 0);
			assert_int_equal(hdr.state, PROXY_HDR_READING);
		}
	}
}

static void bad_headers(void **state)
{
	static const struct {
		const char *data;
		size_t len;
	} bad[] = {
		/* no header at all */
		{ BYTES(TLS) },
		{ BYTES("GET / HTTP/1.1\r\n") },
		{ BYTES("\r\n\r\n\r") },
		{ BYTES("PROXZ") },
		{ BYTES("proxy TCP4 ") },
		/* version 1 */
		{ BYTES("PROXY TCP4 198.51.100.7 192.0.2.1 56324 443\n") },
		{ BYTES("PROXY TCP4 198.51.100.7 192.0.2.1 56324\r\n") },
		{ BYTES("PROXY TCP4 198.51.100.7 192.0.2.1 56324 443 \r\n") },
		{ BYTES("PROXY TCP4 198.51.100.7 192.0.2.1 56324 443 x\r\n") },
		{ BYTES("PROXY TCP4  198.51.100.7 192.0.2.1 56324 443\r\n") },
		{ BYTES("PROXY TCP4 198.51.100.7 192.0.2.1 65536 443\r\n") },
		{ BYTES("PROXY TCP4 198.51.100.7 192.0.2.1 -1 443\r\n") },
		{ BYTES("PROXY TCP4 198.51.100.7 192.0.2.1 01 443\r\n") },
		{ BYTES("PROXY TCP4 198.51.100.7 192.0.2.1 99999999999 443\r\n") },
		{ BYTES("PROXY TCP4 2001:db8::7 2001:db8::1 56324 443\r\n") },
		{ BYTES("PROXY TCP6 198.51.100.7 192.0.2.1 56324 443\r\n") },
		{ BYTES("PROXY TCP4 198.51.100 192.0.2.1 56324 443\r\n") },
		{ BYTES("PROXY TCP4 198.51.100.7\0 192.0.2.1 56324 443\r\n") },
		{ BYTES("PROXY UDP4 198.51.100.7 192.0.2.1 56324 443\r\n") },
		{ BYTES("PROXY TCP4\r\n") },
		{ BYTES("PROXY \r\n") },
		{ BYTES("PROXY UNKNOWN aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
			"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa") },
		/* version 2 */
		{ BYTES(V2 "\x11\x11\0\0") },
		{ BYTES(V2 "\x22\x11\0\0") },
		{ BYTES(V2 "\x21\x11\0\x0b\xc6\x33\x64\x07\xc0\0\x02\x01\xdc\x04\x01") },
		{ BYTES(V2 "\x21\x21\0\x0c\xc6\x33\x64\x07\xc0\0\x02\x01\xdc\x04\x01\xbb") },
		{ BYTES(V2 "\x21\x12\0\x0c\xc6\x33\x64\x07\xc0\0\x02\x01\xdc\x04\x01\xbb") },
		{ BYTES(V2 "\x21\x31\0\0") },
		{ BYTES(V2 "\x21\x11\xff\xff") },
		{ BYTES(V2 "\x20\0\x03\xf1") },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		feed(bad[i].data, bad[i].len, SIZE_MAX);
		if (hdr.state != PROXY_HDR_BAD)
			fail_msg("case %zu: state %d", i, hdr.state);
		feed(bad[i].data, bad[i].len, 1);
		assert_int_equal(hdr.state, PROXY_HDR_BAD);
		assert_false(hdr.has_source);
	}
}

/* As long as a header may be, and not longer. */
static void long_extensions(void **state)
{
	static uint8_t data[PROXY_HDR_MAX + 1];
	size_t len = PROXY_HDR_MAX - 16;

	(void)state;
	memcpy(data, good[7].data, good[7].len);
	data[14] = (uint8_t)(len >> 8);
	data[15] = (uint8_t)len;
	assert_int_equal(feed(data, sizeof(data), SIZE_MAX), 1);
	assert_int_equal(hdr.state, PROXY_HDR_DONE);
	data[15]++;
	feed(data, sizeof(data), SIZE_MAX);
	assert_int_equal(hdr.state, PROXY_HDR_BAD);
}

static void random_bytes(void **state)
{
	uint8_t data[300];

	(void)state;
	srand(1);
	for (int round = 0; round < 20000; round++) {
		size_t i = (size_t)rand() % (sizeof(good) / sizeof(good[0]));
		size_t len = good[i].len;

		memcpy(data, good[i].data, len);
		for (int n = 1 + rand() % 3; n; n--)
			data[(size_t)rand() % len] = (uint8_t)rand();
		feed(data, len, 1 + (size_t)rand() % len);
	}
}

/* ---- what we write ------------------------------------------------------------------ */

static struct sockaddr_storage address(const char *ip, uint16_t port)
{
	struct sockaddr_storage ss = { .ss_family = AF_UNSPEC };
	struct sockaddr_in6 *sin6 = (struct sockaddr_in6 *)&ss;
	struct sockaddr_in *sin = (struct sockaddr_in *)&ss;

	if (inet_pton(AF_INET, ip, &sin->sin_addr) == 1) {
		sin->sin_family = AF_INET;
		sin->sin_port = htons(port);
	} else if (inet_pton(AF_INET6, ip, &sin6->sin6_addr) == 1) {
		sin6->sin6_family = AF_INET6;
		sin6->sin6_port = htons(port);
	}
	return ss;
}

static const struct {
	const char *source, *dest;
	const char *data;
	size_t len;
} written[] = {
	{ "198.51.100.7", "192.0.2.1",
	  BYTES(V2 "\x21\x11\0\x0c\xc6\x33\x64\x07\xc0\0\x02\x01\xdc\x04\x01\xbb") },
	{ "2001:db8::7", "2001:db8::1",
	  BYTES(V2 "\x21\x21\0\x24"
		"\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x07"
		"\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01\xdc\x04\x01\xbb") },
	/* A proxy in front of us, which is reached over IPv4, has a client of IPv6. */
	{ "2001:db8::7", "192.0.2.1",
	  BYTES(V2 "\x21\x21\0\x24"
		"\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x07"
		"\0\0\0\0\0\0\0\0\0\0\xff\xff\xc0\0\x02\x01\xdc\x04\x01\xbb") },
	{ "nobody", "192.0.2.1", BYTES(V2 "\x21\0\0\0") },
	{ "192.0.2.1", "nobody", BYTES(V2 "\x21\0\0\0") },
};

static void ours(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(written) / sizeof(written[0]); i++) {
		struct sockaddr_storage source = address(written[i].source, 56324);
		struct sockaddr_storage dest = address(written[i].dest, 443);
		uint8_t out[PROXY_HDR_PUT_MAX];
		struct wbuf w = wbuf_of(out, sizeof(out));

		proxy_hdr_put(&w, &source, &dest);
		assert_false(w.bad);
		assert_int_equal(w.len, written[i].len);
		assert_memory_equal(out, written[i].data, w.len);
		/* And our own reader takes it. */
		assert_int_equal(feed(out, w.len, 1), 0);
		assert_int_equal(hdr.state, PROXY_HDR_DONE);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_headers),
		cmocka_unit_test(cut_headers_wait),
		cmocka_unit_test(bad_headers),
		cmocka_unit_test(long_extensions),
		cmocka_unit_test(random_bytes),
		cmocka_unit_test(ours),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
