// SPDX-License-Identifier: GPL-2.0-or-later
#include "parent/reserved.h"

#include <arpa/inet.h>
#include <stdlib.h>

#include "lib/log.h"

/* Sorted, each one once. */
struct reserved_list {
	uint64_t *what;
	size_t n;
};

static struct {
	struct reserved_list addresses;
	struct reserved_list prefixes;	/* upper halves of addresses */
} reserved;

uint64_t reserved_bits(const struct conf_route *prefix6)
{
	uint64_t bits = 0;

	for (int i = 0; i < 8; i++)
		bits = bits << 8 | prefix6->addr[i];
	return bits;
}

static int reserved_compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* Room for @n, of which there are none yet. */
static void reserved_begin(struct reserved_list *list, size_t n)
{
	free(list->what);
	list->n = 0;
	list->what = n ? calloc(n, sizeof(*list->what)) : NULL;
	if (n && !list->what)
		log_fatal("out of memory");
}

static void reserved_end(struct reserved_list *list)
{
	size_t n = 0;

	if (!list->n)
		return;
	qsort(list->what, list->n, sizeof(*list->what), reserved_compare);
	for (size_t i = 0; i < list->n; i++)
		if (!n || list->what[n - 1] != list->what[i])
			list->what[n++] = list->what[i];
	list->n = n;
}

void reserved_set(const struct userdb *db)
{
	size_t n = db ? userdb_size(db) : 0;

	reserved_begin(&reserved.addresses, n);
	reserved_begin(&reserved.prefixes, n);
	for (size_t i = 0; i < n; i++) {
		const struct policy_user *user = &userdb_at(db, i)->grant;

		if (user->fixed.s_addr)
			reserved.addresses.what[reserved.addresses.n++] = ntohl(user->fixed.s_addr);
		if (user->prefix6.family)
			reserved.prefixes.what[reserved.prefixes.n++] = reserved_bits(&user->prefix6);
	}
	reserved_end(&reserved.addresses);
	reserved_end(&reserved.prefixes);
}

static bool reserved_find(const struct reserved_list *list, uint64_t what)
{
	return list->n && bsearch(&what, list->what, list->n, sizeof(*list->what),
				  reserved_compare);
}

bool reserved_has(uint32_t addr)
{
	return reserved_find(&reserved.addresses, addr);
}

bool reserved_has6(const struct conf_route *prefix6)
{
	return reserved_find(&reserved.prefixes, reserved_bits(prefix6));
}

bool reserved_address(size_t i, uint32_t *addr)
{
	if (i >= reserved.addresses.n)
		return false;
	*addr = (uint32_t)reserved.addresses.what[i];
	return true;
}
