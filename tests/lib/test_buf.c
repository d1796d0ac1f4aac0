// SPDX-License-Identifier: GPL-2.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lib/buf.h"

static const uint8_t bytes[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9 };

static void reads_in_order(void **state)
{
	struct rbuf r = rbuf_of(bytes, sizeof(bytes));
	uint8_t out[2];

	(void)state;
	assert_int_equal(buf_get_u8(&r), 0x01);
	assert_int_equal(buf_get_u16(&r), 0x0203);
	assert_int_equal(buf_get_u32(&r), 0x04050607);
	assert_true(buf_copy(&r, out, 2));
	assert_memory_equal(out, bytes + 7, 2);
	assert_int_equal(r.len, 0);
	assert_false(r.bad);
}

static void reading_past_the_end_sticks(void **state)
{
	struct rbuf r = rbuf_of(bytes, 3);
	uint8_t out[4] = { 9, 9, 9, 9 };

	(void)state;
	assert_int_equal(buf_get_u32(&r), 0);
	assert_true(r.bad);
	/* Three bytes are there, but the structure was not. */
	assert_int_equal(buf_get_u8(&r), 0);
	assert_null(buf_get(&r, 1));
	assert_false(buf_copy(&r, out, 4));
	assert_int_equal(out[0] | out[1] | out[2] | out[3], 0);
	assert_true(buf_split(&r, 0).bad);
}

static void split_bounds_the_part(void **state)
{
	struct rbuf r = rbuf_of(bytes, sizeof(bytes));
	struct rbuf part = buf_split(&r, 2);

	(void)state;
	assert_int_equal(buf_get_u16(&part), 0x0102);
	assert_int_equal(buf_get_u8(&part), 0);
	assert_true(part.bad);
	assert_false(r.bad);
	assert_int_equal(buf_get_u8(&r), 3);
}

static void empty_reader_holds_null(void **state)
{
	struct rbuf r = rbuf_of(NULL, 0);

	(void)state;
	assert_false(buf_split(&r, 0).bad);
	assert_false(r.bad);
	assert_int_equal(buf_get_u16(&r), 0);
	assert_true(r.bad);
}

static void writes_in_order(void **state)
{
	uint8_t out[10];
	struct wbuf w = wbuf_of(out, sizeof(out));

	(void)state;
	buf_put_u8(&w, 1);
	buf_put_u16(&w, 0xffff);
	buf_put_u32(&w, 0x04050607);
	buf_put_str(&w, "\x08");
	buf_put_zero(&w, 2);
	buf_set_u16(&w, 1, 0x0203);
	assert_false(w.bad);
	assert_int_equal(w.len, 10);
	assert_memory_equal(out, "\x01\x02\x03\x04\x05\x06\x07\x08\x00\x00", 10);
}

static void writing_past_the_end_writes_nothing(void **state)
{
	uint8_t out[4] = { 9, 9, 9, 9 };
	struct wbuf w = wbuf_of(out, 3);

	(void)state;
	buf_put_u32(&w, 0x01020304);
	assert_true(w.bad);
	assert_int_equal(w.len, 0);
	buf_put_u8(&w, 1);
	assert_int_equal(w.len, 0);
	assert_int_equal(out[0], 9);
	assert_int_equal(out[3], 9);
}

static void set_outside_of_what_is_written(void **state)
{
	uint8_t out[4];
	struct wbuf w = wbuf_of(out, 4);

	(void)state;
	buf_put_u16(&w, 0);
	buf_set_u16(&w, 1, 0);
	assert_true(w.bad);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_in_order),
		cmocka_unit_test(reading_past_the_end_sticks),
		cmocka_unit_test(split_bounds_the_part),
		cmocka_unit_test(empty_reader_holds_null),
		cmocka_unit_test(writes_in_order),
		cmocka_unit_test(writing_past_the_end_writes_nothing),
		cmocka_unit_test(set_outside_of_what_is_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
