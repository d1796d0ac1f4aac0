// SPDX-License-Identifier: GPL-2.0-or-later
/* Delineation, and the checks that vectors do not reach. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sstp/sstp_pkt.h"

/* ---- stream ---------------------------------------------------------- */

/* Packets of many sizes back to back; byte i of the payload is i. */
static size_t fill(uint8_t *out, const size_t *sizes, size_t n)
{
	size_t i, j, off = 0;

	for (i = 0; i < n; i++) {
		sstp_put_hdr(out + off, i & 1, sizes[i]);
		for (j = SSTP_HDR_LEN; j < sizes[i]; j++)
			out[off + j] = j + i;
		off += sizes[i];
	}
	return off;
}

static const size_t sizes[] = { 4, 5, 8, 112, 4095, 1404, 4, 4, 4095, 4095, 20, 9, 4 };

#define N_SIZES (sizeof(sizes) / sizeof(sizes[0]))

static void any_chunk_size_gives_the_same_packets(void **state)
{
	static uint8_t bytes[N_SIZES * SSTP_PKT_MAX];
	static struct sstp_stream s;
	size_t total = fill(bytes, sizes, N_SIZES);
	size_t chunk, off, start, n, len;
	const uint8_t *pkt;
	struct rbuf in;

	(void)state;
	for (chunk = 1; chunk <= total; chunk += chunk < 20 ? 1 : 97) {
		sstp_stream_init(&s);
		for (off = start = n = 0; off < total; off += chunk) {
			size_t take = total - off < chunk ? total - off : chunk;
			uint8_t *copy = malloc(take);

			memcpy(copy, bytes + off, take);
			in = rbuf_of(copy, take);
			while (sstp_stream_next(&s, &in, &pkt, &len) == 1) {
				assert_true(n < N_SIZES);
				assert_int_equal(len, sizes[n]);
				assert_memory_equal(pkt, bytes + start, len);
				start += len;
				n++;
			}
			assert_int_equal(in.len, 0);
			free(copy);
		}
		assert_int_equal(n, N_SIZES);
	}
}

static void whole_packets_are_not_copied(void **state)
{
	static const uint8_t bytes[] = { 0x10, 1, 0, 8, 0, 8, 0, 0 };
	struct rbuf in = rbuf_of(bytes, sizeof(bytes));
	static struct sstp_stream s;
	const uint8_t *pkt;
	size_t len;

	(void)state;
	sstp_stream_init(&s);
	assert_int_equal(sstp_stream_next(&s, &in, &pkt, &len), 1);
	assert_ptr_equal(pkt, bytes);
}

static int feed(struct sstp_stream *s, const void *bytes, size_t len)
{
	struct rbuf in = rbuf_of(bytes, len);
	const uint8_t *pkt;
	size_t pkt_len;

	return sstp_stream_next(s, &in, &pkt, &pkt_len);
}

static void wrong_bytes_end_the_stream(void **state)
{
	static struct sstp_stream s;

	(void)state;
	sstp_stream_init(&s);
	assert_int_equal(feed(&s, "\x11\x01\x00\x08", 4), -1);
	sstp_stream_init(&s);
	assert_int_equal(feed(&s, "\x10\x01\x00\x03", 4), -1);
	sstp_stream_init(&s);
	assert_int_equal(feed(&s, "\x10\x01\xf0\x03", 4), -1);
	/* One wrong byte is enough: nothing to wait for. */
	sstp_stream_init(&s);
	assert_int_equal(feed(&s, "G", 1), -1);
	sstp_stream_init(&s);
	assert_int_equal(feed(&s, "\x10\x01", 2), 0);
	assert_int_equal(feed(&s, "\x00", 1), 0);
	assert_int_equal(feed(&s, "\x00", 1), -1);
}

static void drain_returns_what_was_not_handed_out(void **state)
{
	static const uint8_t bytes[] = {
		0x10, 1, 0, 8, 0, 8, 0, 0, 0x10, 0, 0, 6, 0xff, 3, 0x10, 1,
	};
	struct rbuf in = rbuf_of(bytes, sizeof(bytes));
	static struct sstp_stream s;
	uint8_t out[32];
	struct wbuf w = wbuf_of(out, sizeof(out));
	struct wbuf small = wbuf_of(out, 3);
	const uint8_t *pkt;
	size_t len;

	(void)state;
	sstp_stream_init(&s);
	assert_int_equal(sstp_stream_next(&s, &in, &pkt, &len), 1);
	assert_false(sstp_stream_drain(&s, &in, &small));
	assert_true(sstp_stream_drain(&s, &in, &w));
	assert_int_equal(w.len, 8);
	assert_memory_equal(out, bytes + 8, 8);
	/* Nothing stays behind. */
	w = wbuf_of(out, sizeof(out));
	assert_true(sstp_stream_drain(&s, NULL, &w));
	assert_int_equal(w.len, 0);
}

static void drain_includes_the_carry(void **state)
{
	static struct sstp_stream s;
	uint8_t out[32];
	struct wbuf w = wbuf_of(out, sizeof(out));
	struct rbuf rest = rbuf_of("\x00\x08\x00", 3);

	(void)state;
	sstp_stream_init(&s);
	assert_int_equal(feed(&s, "\x10\x01\x00\x08\x00\x08\x00\x00\x10\x01", 10), 1);
	assert_int_equal(feed(&s, "\x10\x01", 2), 0);
	assert_true(sstp_stream_drain(&s, &rest, &w));
	assert_int_equal(w.len, 5);
	assert_memory_equal(out, "\x10\x01\x00\x08\x00", 5);
}

/* A packet that was handed out from the carry is not pending any more. */
static void drain_leaves_out_a_taken_carry(void **state)
{
	static struct sstp_stream s;
	struct rbuf in = rbuf_of("\x09\x00\x00\x10", 4);
	uint8_t out[32];
	struct wbuf w = wbuf_of(out, sizeof(out));
	const uint8_t *pkt;
	size_t len;

	(void)state;
	sstp_stream_init(&s);
	assert_int_equal(feed(&s, "\x10\x01\x00\x08\x00", 5), 0);
	assert_int_equal(sstp_stream_next(&s, &in, &pkt, &len), 1);
	assert_int_equal(pkt[5], 9);
	assert_true(sstp_stream_drain(&s, &in, &w));
	assert_int_equal(w.len, 1);
	assert_int_equal(out[0], 0x10);
}

/* ---- messages --------------------------------------------------------- */

static enum sstp_verdict check_request(const void *attrs, size_t len, uint16_t nattr,
				       struct sstp_faults *faults)
{
	struct sstp_ctrl m = {
		.type = SSTP_CALL_CONNECT_REQUEST,
		.nattr = nattr,
		.attrs = rbuf_of(attrs, len),
	};

	return sstp_request_check(&m, faults);
}

static void every_fault_of_a_request_is_named(void **state)
{
	static const uint8_t attrs[] = {
		0, 0x77, 0, 4,
		0, 1, 0, 6, 0, 2,
		0, 1, 0, 6, 0, 1,
		0, 2, 0, 5, 9,
	};
	struct sstp_faults f;

	(void)state;
	assert_int_equal(check_request(attrs, sizeof(attrs), 4, &f), SSTP_NAK);
	assert_int_equal(f.n, 4);
	assert_int_equal(f.f[0].attr, 0x77);
	assert_int_equal(f.f[0].status, SSTP_STATUS_UNRECOGNIZED_ATTRIBUTE);
	assert_int_equal(f.f[1].status, SSTP_STATUS_VALUE_NOT_SUPPORTED);
	assert_int_equal(f.f[2].status, SSTP_STATUS_DUPLICATE_ATTRIBUTE);
	assert_int_equal(f.f[3].attr, SSTP_ATTR_STATUS_INFO);
	assert_int_equal(f.f[3].status, SSTP_STATUS_INVALID_VALUE_LENGTH);
	assert_int_equal(f.f[3].value_len, 1);
}

static void faults_and_values_are_bounded(void **state)
{
	uint8_t attrs[4 * 200 + 4 + 100] = { 0 };
	uint8_t buf[SSTP_PKT_MAX];
	struct wbuf w = wbuf_of(buf, sizeof(buf));
	struct sstp_faults f;
	size_t i;

	(void)state;
	attrs[1] = SSTP_ATTR_ENCAP_PROTOCOL;
	attrs[3] = 104;
	for (i = 104; i < sizeof(attrs); i += 4) {
		attrs[i + 1] = 0x50;
		attrs[i + 3] = 4;
	}
	assert_int_equal(check_request(attrs, sizeof(attrs), 201, &f), SSTP_NAK);
	assert_int_equal(f.n, SSTP_FAULTS_MAX);
	assert_int_equal(f.f[0].value_len, SSTP_NAK_VALUE_MAX);
	sstp_put_nak(&w, &f);
	assert_false(w.bad);
}

static void zero_status_info_in_a_request_is_harmless(void **state)
{
	static const uint8_t attrs[] = {
		0, 1, 0, 6, 0, 1, 0, 2, 0, 12, 0, 0, 0, 0, 0, 0, 0, 0,
	};
	struct sstp_faults f;

	(void)state;
	assert_int_equal(check_request(attrs, sizeof(attrs), 2, &f), SSTP_OK);
}

static void status_is_read_if_there_is_one(void **state)
{
	static const uint8_t abort[] = {
		0x10, 1, 0, 20, 0, 5, 0, 1, 0, 2, 0, 12, 0, 0, 0, 3, 0, 0, 0, 4,
	};
	struct sstp_ctrl m;
	uint32_t status;
	uint8_t attr;

	(void)state;
	assert_true(sstp_ctrl_parse(&m, abort, sizeof(abort)));
	assert_true(sstp_status_read(&m, &attr, &status));
	assert_int_equal(attr, 3);
	assert_int_equal(status, 4);
	assert_true(sstp_ctrl_parse(&m, abort, 16));
	assert_false(sstp_status_read(&m, &attr, &status));
	assert_true(sstp_ctrl_parse(&m, abort, 8));
	assert_false(sstp_status_read(&m, &attr, &status));
}

static void names_of_anything(void **state)
{
	uint32_t i;

	(void)state;
	for (i = 0; i < 70000; i += i < 20 ? 1 : 331) {
		assert_non_null(sstp_msg_name(i));
		assert_non_null(sstp_status_name(i));
	}
	assert_string_equal(sstp_msg_name(0), "unknown");
	assert_string_equal(sstp_msg_name(4), "CALL_CONNECTED");
}

static void data_header(void **state)
{
	uint8_t hdr[SSTP_DATA_HDR_LEN];

	(void)state;
	sstp_put_data_hdr(hdr, 0x0021, 4087);
	assert_memory_equal(hdr, "\x10\x00\x0f\xff\xff\x03\x00\x21", 8);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_chunk_size_gives_the_same_packets),
		cmocka_unit_test(whole_packets_are_not_copied),
		cmocka_unit_test(wrong_bytes_end_the_stream),
		cmocka_unit_test(drain_returns_what_was_not_handed_out),
		cmocka_unit_test(drain_includes_the_carry),
		cmocka_unit_test(drain_leaves_out_a_taken_carry),
		cmocka_unit_test(every_fault_of_a_request_is_named),
		cmocka_unit_test(faults_and_values_are_bounded),
		cmocka_unit_test(zero_status_info_in_a_request_is_harmless),
		cmocka_unit_test(status_is_read_if_there_is_one),
		cmocka_unit_test(names_of_anything),
		cmocka_unit_test(data_header),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
