/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reads tests/vectors/NAME.json. The tests are run from the top of the tree;
 * SSTP_VECTORS names the directory if they are not. Whatever is missing or
 * unreadable fails the test: no vector is skipped.
 */
#ifndef SSTPD_TESTS_VECTORS_H
#define SSTPD_TESTS_VECTORS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <json-c/json.h>

static inline struct json_object *vectors_load(const char *name)
{
	const char *dir = getenv("SSTP_VECTORS");
	struct json_object *o;
	char path[512];

	snprintf(path, sizeof(path), "%s/%s.json", dir ? dir : "tests/vectors", name);
	o = json_object_from_file(path);
	if (!o)
		fail_msg("cannot read %s: run from the top of the tree, or set "
			 "SSTP_VECTORS", path);
	return o;
}

static inline struct json_object *vec_get(struct json_object *o, const char *key)
{
	struct json_object *v = NULL;

	if (!json_object_object_get_ex(o, key, &v))
		fail_msg("vector lacks \"%s\": %s", key, json_object_to_json_string(o));
	return v;
}

static inline bool vec_has(struct json_object *o, const char *key)
{
	return json_object_object_get_ex(o, key, NULL);
}

static inline const char *vec_str(struct json_object *o, const char *key)
{
	return json_object_get_string(vec_get(o, key));
}

static inline int vec_int(struct json_object *o, const char *key)
{
	return json_object_get_int(vec_get(o, key));
}

static inline unsigned int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	fail_msg("'%c' is not a hex digit", c);
	return 0;
}

/* Bytes of lower-case hex; fails if they do not fit. */
static inline size_t hex_decode(const char *hex, uint8_t *out, size_t size)
{
	size_t n = strlen(hex) / 2;
	size_t i;

	assert_int_equal(strlen(hex) % 2, 0);
	assert_true(n <= size);
	for (i = 0; i < n; i++)
		out[i] = hex_digit(hex[2 * i]) << 4 | hex_digit(hex[2 * i + 1]);
	return n;
}

static inline size_t vec_hex(struct json_object *o, const char *key,
			     uint8_t *out, size_t size)
{
	return hex_decode(vec_str(o, key), out, size);
}

/* The same, and the number of bytes is known. */
static inline void vec_bytes(struct json_object *o, const char *key,
			     uint8_t *out, size_t size)
{
	assert_int_equal(vec_hex(o, key, out, size), size);
}

/* A packet: "hex", zero bytes up to "len" if that is given. */
static inline size_t vec_packet(struct json_object *o, uint8_t *out, size_t size)
{
	size_t n = vec_hex(o, "hex", out, size);
	size_t len = vec_has(o, "len") ? (size_t)vec_int(o, "len") : n;

	assert_true(len >= n && len <= size);
	memset(out + n, 0, len - n);
	return len;
}

#endif /* SSTPD_TESTS_VECTORS_H */
