// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * RADIUS packets: the example of RFC 2865 section 7.1, and values that a
 * program with nothing in common with ours has computed (secret "radius
 * secret", request authenticator 00 01 .. 0f).
 */
#include "rig/vectors.h"

#include "radius/radius_pkt.h"

#define RFC_SECRET	"xyzzy5461"
#define RFC_REQUEST	"010000380f403f9473978057bd83d5cb98f4227a01066e656d6f" \
			"02120dbe708d93d413ce3196e43f782a0aee0406c0a801100506" \
			"00000003"
#define RFC_ACCEPT	"0200002686fe220e7624ba2a1005f6bf9b55e0b2060600000001" \
			"0f06000000000e06c0a80103"
#define SECRET		"radius secret"
#define ACCEPT		"0207002cdae4114c8aed9b1adb4a6102f0790a695012e3f84a7e" \
			"a6237d323aba0f951b853ba708060a580707"
#define ACCEPT_NO_MAC	"0207001a8bda0f4ba79d3ea3c9d5604dfeb21faf08060a580707"

static const uint8_t authenticator[RADIUS_AUTHENTICATOR_LEN] = {
	0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,
};

static uint8_t bytes[RADIUS_PACKET_MAX];

static bool parse(struct radius_pkt *pkt, const char *hex)
{
	return radius_parse(pkt, rbuf_of(bytes, hex_decode(hex, bytes,
							   sizeof(bytes))));
}

static void assert_hex(const struct wbuf *w, size_t off, const char *hex)
{
	uint8_t want[RADIUS_PACKET_MAX];
	size_t len = hex_decode(hex, want, sizeof(want));

	assert_false(w->bad);
	assert_int_equal(w->len - off, len);
	assert_memory_equal(w->p + off, want, len);
}

static void rfc_request(void **state)
{
	uint8_t random[RADIUS_AUTHENTICATOR_LEN];
	uint8_t out[RADIUS_PACKET_MAX];
	struct wbuf w = wbuf_of(out, sizeof(out));

	(void)state;
	hex_decode("0f403f9473978057bd83d5cb98f4227a", random, sizeof(random));
	radius_begin(&w, RADIUS_ACCESS_REQUEST, 0, random);
	radius_put_str(&w, RADIUS_USER_NAME, "nemo");
	radius_put_password(&w, "arctangent", RFC_SECRET);
	radius_put_u32(&w, RADIUS_NAS_IP_ADDRESS, 0xc0a80110);
	radius_put_u32(&w, RADIUS_NAS_PORT, 3);
	assert_true(radius_sign_access(&w, RFC_SECRET));
	assert_hex(&w, 0, RFC_REQUEST);
}

static void rfc_answer(void **state)
{
	struct radius_pkt request, answer;
	uint8_t asked[RADIUS_AUTHENTICATOR_LEN];

	(void)state;
	assert_true(parse(&request, RFC_REQUEST));
	memcpy(asked, request.authenticator, sizeof(asked));
	assert_true(parse(&answer, RFC_ACCEPT));
	assert_int_equal(answer.code, RADIUS_ACCESS_ACCEPT);
	assert_true(radius_response_ok(&answer, asked, RFC_SECRET, false));
	assert_false(radius_response_ok(&answer, asked, RFC_SECRET, true));
	assert_false(radius_response_ok(&answer, asked, "xyzzy5462", false));
	asked[15] ^= 1;
	assert_false(radius_response_ok(&answer, asked, RFC_SECRET, false));
}

static void passwords(void **state)
{
	static const struct {
		const char *password;
		const char *hidden;
	} cases[] = {
		{ "", "0e0f62c03d7fa0128dfb883025994774" },
		{ "exactly 16 bytes", "6b7703a34913d932bccda8525ced2207" },
		{ "twenty characters ok",
		  "7a7807ae49068071e59afa5146ed2206"
		  "17879932c7c8ee69c24ba46cec673177" },
	};
	char longest[RADIUS_PASSWORD_MAX + 2];
	uint8_t out[RADIUS_PACKET_MAX];
	struct wbuf w;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		w = wbuf_of(out, sizeof(out));
		radius_begin(&w, RADIUS_ACCESS_REQUEST, 0, authenticator);
		radius_put_password(&w, cases[i].password, SECRET);
		assert_hex(&w, 22, cases[i].hidden);
	}
	memset(longest, 'x', sizeof(longest));
	longest[RADIUS_PASSWORD_MAX] = '\0';
	w = wbuf_of(out, sizeof(out));
	radius_begin(&w, RADIUS_ACCESS_REQUEST, 0, authenticator);
	radius_put_password(&w, longest, SECRET);
	assert_false(w.bad);
	longest[RADIUS_PASSWORD_MAX] = 'x';
	longest[RADIUS_PASSWORD_MAX + 1] = '\0';
	radius_put_password(&w, longest, SECRET);
	assert_true(w.bad);
}

static void message_authenticator(void **state)
{
	uint8_t out[RADIUS_PACKET_MAX];
	struct wbuf w = wbuf_of(out, sizeof(out));
	struct radius_pkt pkt;

	(void)state;
	radius_begin(&w, RADIUS_ACCESS_REQUEST, 9, authenticator);
	radius_put_mac(&w);
	radius_put_str(&w, RADIUS_USER_NAME, "bob");
	assert_true(radius_sign_access(&w, SECRET));
	assert_hex(&w, 0, "0109002b000102030405060708090a0b0c0d0e0f5012536687"
			  "19d9d898287cd11f9f264f31360105626f62");

	assert_true(parse(&pkt, ACCEPT));
	assert_true(radius_response_ok(&pkt, authenticator, SECRET, true));
	assert_true(parse(&pkt, ACCEPT_NO_MAC));
	assert_true(radius_response_ok(&pkt, authenticator, SECRET, false));
	assert_false(radius_response_ok(&pkt, authenticator, SECRET, true));
}

/* Every single bit of an authentic answer counts. */
static void flipped_bits(void **state)
{
	struct radius_pkt pkt;
	size_t len = hex_decode(ACCEPT, bytes, sizeof(bytes));

	(void)state;
	for (size_t i = 0; i < len * 8; i++) {
		bytes[i / 8] ^= 1 << (i % 8);
		assert_false(radius_parse(&pkt, rbuf_of(bytes, len)) &&
			     radius_response_ok(&pkt, authenticator, SECRET,
						true));
		bytes[i / 8] ^= 1 << (i % 8);
	}
}

static void requests_are_signed(void **state)
{
	uint8_t out[RADIUS_PACKET_MAX];
	struct wbuf w = wbuf_of(out, sizeof(out));
	struct radius_pkt pkt;

	(void)state;
	radius_begin(&w, RADIUS_ACCOUNTING_REQUEST, 3, NULL);
	radius_put_u32(&w, RADIUS_ACCT_STATUS_TYPE, 1);
	assert_true(radius_sign_request(&w, SECRET));
	assert_hex(&w, 0, "0403001a5f6e25de81208c8326f10a75b4b811352806"
			  "00000001");
	assert_true(radius_parse(&pkt, rbuf_of(out, w.len)));
	assert_true(radius_request_ok(&pkt, SECRET));
	assert_false(radius_request_ok(&pkt, "other"));
}

/* Our answers, read as the other side would. */
static void responses_are_signed(void **state)
{
	uint8_t out[RADIUS_PACKET_MAX];
	struct wbuf w = wbuf_of(out, sizeof(out));
	struct radius_pkt pkt;

	(void)state;
	radius_begin(&w, RADIUS_ACCESS_ACCEPT, 7, NULL);
	radius_put_mac(&w);
	radius_put_u32(&w, RADIUS_FRAMED_IP_ADDRESS, 0x0a580707);
	assert_true(radius_sign_response(&w, authenticator, SECRET));
	assert_hex(&w, 0, ACCEPT);
	assert_true(radius_parse(&pkt, rbuf_of(out, w.len)));
}

static void keys(void **state)
{
	static const struct {
		const char *value;
		size_t len;
		uint8_t first;
	} cases[] = {
		{ "8001a90b173b892cc51505dc2eed865647887f44fcda82c6816f52f0997c"
		  "dc92c87c", 16, 0x40 },
		{ "80026c39c3e249568533645fbbca0a08400e193f5841fe9a6b599023f04a"
		  "b1d4d1c5305489be6dbc989768a5dddaed4fd0c1", 32, 0x60 },
		/* a length that is greater than what follows */
		{ "8003dd01345f5397fa23513f09b6c86a9dd7", 0, 0 },
		/* no whole blocks, or none */
		{ "8001a90b173b892cc51505dc2eed865647887f44", 0, 0 },
		{ "8001", 0, 0 },
		{ "80", 0, 0 },
		{ "", 0, 0 },
	};
	uint8_t key[RADIUS_KEY_MAX];
	uint8_t value[64];
	size_t i, j, n;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		n = hex_decode(cases[i].value, value, sizeof(value));
		assert_int_equal(radius_mppe_key(rbuf_of(value, n),
						 authenticator, SECRET, key),
				 cases[i].len);
		for (j = 0; j < cases[i].len; j++)
			assert_int_equal(key[j], cases[i].first + j);
	}
}

static void broken_packets(void **state)
{
	static const char *const broken[] = {
		"",
		"02",
		"0207001300000000000000000000000000000000",	/* length 19 */
		"0207001500000000000000000000000000000000",	/* more than there is */
		"020700140000000000000000000000000000",		/* cut header */
		"020710010000000000000000000000000000000000",	/* length 4097 */
		"020700150000000000000000000000000000000008",	/* half an attribute */
		"02070016000000000000000000000000000000000800",	/* attribute of 0 */
		"02070016000000000000000000000000000000000801",	/* of 1 */
		"02070016000000000000000000000000000000000803",	/* too long */
	};
	struct radius_pkt pkt;

	(void)state;
	for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++)
		if (parse(&pkt, broken[i]))
			fail_msg("taken as a packet: %s", broken[i]);
	/* Padding behind the packet is not looked at. */
	assert_true(parse(&pkt, "0207001400000000000000000000000000000000ffff"));
	assert_int_equal(pkt.raw.len, 20);
	assert_int_equal(pkt.attrs.len, 0);
}

#define HEAD	"00000000000000000000000000000000"

static void attributes(void **state)
{
	/* User-Name, two of Microsoft in one, one of Cisco, Class */
	static const char hex[] = "02070047" HEAD "0105626f62"
		"1a1200000137" "1c060a580036" "1d060a580037"
		"1a0b00000009" "0105616263" "190300" "1a0400ff" "1a0a00000137"
		"1a04ab99";
	static const struct {
		uint32_t vendor;
		uint8_t type;
		size_t len;
	} want[] = {
		{ 0, RADIUS_USER_NAME, 3 },
		{ RADIUS_MICROSOFT, RADIUS_MS_PRIMARY_DNS, 4 },
		{ RADIUS_MICROSOFT, RADIUS_MS_SECONDARY_DNS, 4 },
		{ 9, 0, 9 },
		{ 0, RADIUS_CLASS, 1 },
		{ 0, 0, 2 },	/* too short for a vendor */
		{ RADIUS_MICROSOFT, RADIUS_MS_CHAP2_SUCCESS, 2 },
	};
	struct radius_iter it;
	struct radius_attr attr;
	struct radius_pkt pkt;
	struct rbuf value;

	(void)state;
	assert_true(parse(&pkt, hex));
	it = (struct radius_iter){ .attrs = pkt.attrs };
	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		assert_true(radius_next(&it, &attr));
		assert_int_equal(attr.vendor, want[i].vendor);
		assert_int_equal(attr.type, want[i].type);
		assert_int_equal(attr.value.len, want[i].len);
	}
	assert_false(radius_next(&it, &attr));
	assert_true(radius_find(&pkt, RADIUS_CLASS, &value));
	assert_false(radius_find(&pkt, RADIUS_STATE, &value));
}

/* A broken inside of a vendor's attribute does not hide what follows it. */
static void broken_vendor(void **state)
{
	static const char *const inner[] = {
		"1a0a00000137" "1c000a58",	/* length 0 */
		"1a0a00000137" "1c010a58",	/* length 1 */
		"1a0a00000137" "1c090a58",	/* longer than its attribute */
		"1a0700000137" "1c",
		"1a0600000137",
	};
	struct radius_iter it;
	struct radius_attr attr;
	struct radius_pkt pkt;
	char hex[200];

	(void)state;
	for (size_t i = 0; i < sizeof(inner) / sizeof(inner[0]); i++) {
		snprintf(hex, sizeof(hex), "0207%04zx" HEAD "%s" "0105626f62",
			 20 + strlen(inner[i]) / 2 + 5, inner[i]);
		assert_true(parse(&pkt, hex));
		it = (struct radius_iter){ .attrs = pkt.attrs };
		assert_true(radius_next(&it, &attr));
		assert_int_equal(attr.vendor, 0);
		assert_int_equal(attr.type, RADIUS_USER_NAME);
		assert_false(radius_next(&it, &attr));
	}
}

static void limits(void **state)
{
	uint8_t out[RADIUS_PACKET_MAX];
	uint8_t value[RADIUS_VALUE_MAX + 1] = { 0 };
	struct wbuf w = wbuf_of(out, sizeof(out));
	char text[5];
	uint32_t n;

	(void)state;
	radius_begin(&w, RADIUS_ACCESS_REQUEST, 0, authenticator);
	radius_put(&w, RADIUS_CLASS, value, RADIUS_VALUE_MAX);
	assert_false(w.bad);
	radius_put(&w, RADIUS_CLASS, value, RADIUS_VALUE_MAX + 1);
	assert_true(w.bad);
	assert_false(radius_sign_access(&w, SECRET));
	assert_false(radius_u32(rbuf_of(value, 3), &n));
	assert_false(radius_u32(rbuf_of(value, 5), &n));
	assert_true(radius_u32(rbuf_of(value, 4), &n));
	radius_text(rbuf_of("a\nb\0c\x7f", 6), text, sizeof(text));
	assert_string_equal(text, "a?b?");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rfc_request),
		cmocka_unit_test(rfc_answer),
		cmocka_unit_test(passwords),
		cmocka_unit_test(message_authenticator),
		cmocka_unit_test(flipped_bits),
		cmocka_unit_test(requests_are_signed),
		cmocka_unit_test(responses_are_signed),
		cmocka_unit_test(keys),
		cmocka_unit_test(broken_packets),
		cmocka_unit_test(attributes),
		cmocka_unit_test(broken_vendor),
		cmocka_unit_test(limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
