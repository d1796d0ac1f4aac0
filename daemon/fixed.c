// SPDX-License-Identifier: GPL-2.0-or-later
#include "fixed.h"

#include <arpa/inet.h>
#include <stdlib.h>

#include "log.h"

/* Sorted, each one once. */
struct fixed_list {
	uint64_t *what;
	size_t n;
};

static struct {
	struct fixed_list addresses;
	struct fixed_list prefixes;	/* upper halves of addresses */
} fixed;

uint64_t fixed_bits(const struct conf_route *prefix6)
{
	uint64_t bits = 0;

	for (int i = 0; i < 8; i++)
		bits = bits << 8 | prefix6->addr[i];
	return bits;
}

static int fixed_compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* Room for @n, of which there are none yet. */
static void fixed_begin(struct fixed_list *list, size_t n)
{
	free(list->what);
	list->n = 0;
	list->what = n ? calloc(n, sizeof(*list->what)) : NULL;
	if (n && !list->what)
		log_fatal("out of memory");
}

static void fixed_end(struct fixed_list *list)
{
	size_t n = 0;

	if (!list->n)
		return;
	qsort(list->what, list->n, sizeof(*list->what), fixed_compare);
	for (size_t i = 0; i < list->n; i++)
		if (!n || list->what[n - 1] != list->what[i])
			list->what[n++] = list->what[i];
	list->n = n;
}

void fixed_set(const struct userdb *db)
{
	size_t n = db ? userdb_size(db) : 0;

	fixed_begin(&fixed.addresses, n);
	fixed_begin(&fixed.prefixes, n);
	for (size_t i = 0; i < n; i++) {
		const struct policy_user *user = &userdb_at(db, i)->grant;

		if (user->fixed.s_addr)
			fixed.addresses.what[fixed.addresses.n++] = ntohl(user->fixed.s_addr);
		if (user->prefix6.family)
			fixed.prefixes.what[fixed.prefixes.n++] = fixed_bits(&user->prefix6);
	}
	fixed_end(&fixed.addresses);
	fixed_end(&fixed.prefixes);
}

static bool fixed_find(const struct fixed_list *list, uint64_t what)
{
	return list->n && bsearch(&what, list->what, list->n, sizeof(*list->what),
				  fixed_compare);
}

bool fixed_has(uint32_t addr)
{
	return fixed_find(&fixed.addresses, addr);
}

bool fixed_has6(const struct conf_route *prefix6)
{
	return fixed_find(&fixed.prefixes, fixed_bits(prefix6));
}

bool fixed_address(size_t i, uint32_t *addr)
{
	if (i >= fixed.addresses.n)
		return false;
	*addr = (uint32_t)fixed.addresses.what[i];
	return true;
}
