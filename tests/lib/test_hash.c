// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/hash.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lib/addr.h"
#include "lib/container.h"
#include "lib/hex.h"

#define THINGS	5000

struct thing {
	struct hash_node node;
	uint32_t id;
	bool seen;
};

static struct thing things[THINGS];

static struct thing *thing_of(struct hash_node *node)
{
	return container_of(node, struct thing, node);
}

/* Every third has a hash that others have, too. */
static uint64_t hash_of(uint32_t id)
{
	return id % 3 ? hash_u32(id) : 7;
}

static struct thing *find(const struct hash *h, uint32_t id)
{
	struct hash_node *node = hash_first(h, hash_of(id));

	while (node && thing_of(node)->id != id)
		node = hash_same(node);
	return node ? thing_of(node) : NULL;
}

static void fill(struct hash *h)
{
	for (uint32_t i = 0; i < THINGS; i++) {
		things[i] = (struct thing){ .id = i };
		hash_add(h, &things[i].node, hash_of(i));
	}
}

static void found_until_removed(void **state)
{
	struct hash h = { 0 };

	(void)state;
	assert_null(hash_first(&h, 7));
	assert_null(hash_any(&h));
	fill(&h);
	for (uint32_t i = 0; i < THINGS; i += 2)
		hash_remove(&h, &things[i].node);
	assert_int_equal(h.n, THINGS / 2);
	/* Once more makes no difference. */
	hash_remove(&h, &things[0].node);
	assert_int_equal(h.n, THINGS / 2);
	for (uint32_t i = 0; i < THINGS; i++)
		assert_ptr_equal(find(&h, i), i % 2 ? &things[i] : NULL);
	hash_free(&h);
}

static void walk_meets_each_once(void **state)
{
	struct hash_node *node, *next;
	struct hash h = { 0 };
	size_t n = 0;

	(void)state;
	fill(&h);
	for (node = hash_any(&h); node; node = next) {
		next = hash_after(&h, node);
		assert_false(thing_of(node)->seen);
		thing_of(node)->seen = true;
		hash_remove(&h, node);
		n++;
	}
	assert_int_equal(n, THINGS);
	assert_int_equal(h.n, 0);
	hash_free(&h);
}

static void hex_is_exact(void **state)
{
	uint8_t out[3];

	(void)state;
	assert_true(hex_decode("00aFf9", out, sizeof(out)));
	assert_memory_equal(out, "\x00\xaf\xf9", sizeof(out));
	assert_false(hex_decode("00aFf", out, sizeof(out)));
	assert_false(hex_decode("00aFf9a", out, sizeof(out)));
	assert_false(hex_decode("00aFg9", out, sizeof(out)));
	assert_false(hex_decode("+1aFf9", out, sizeof(out)));
	assert_false(hex_decode("", out, sizeof(out)));
	assert_true(hex_decode("", out, 0));
}

static void prefixes(void **state)
{
	const uint8_t net4[] = { 192, 0, 2, 0 };
	const uint8_t net6[16] = { 0x20, 0x01, 0x0d, 0xb8 };
	char text[ADDR_PREFIX_MAX];

	(void)state;
	addr_prefix_text(AF_INET, net4, 24, text);
	assert_string_equal(text, "192.0.2.0/24");
	addr_prefix_text(AF_INET6, net6, 32, text);
	assert_string_equal(text, "2001:db8::/32");
	addr_prefix_text(0, net6, 0, text);
	assert_string_equal(text, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(found_until_removed),
		cmocka_unit_test(walk_meets_each_once),
		cmocka_unit_test(hex_is_exact),
		cmocka_unit_test(prefixes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
