// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/pool.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/container.h"
#include "lib/hash.h"

#define NIL	UINT32_MAX

enum slot_state {
	SLOT_FREE,
	SLOT_USED,
	SLOT_EXCLUDED,
};

/**
 * struct slot - one address
 * @owner: hash of who has it, or had it last; 0 = nobody yet
 * @prev, @next: list of free slots, the one free for longest first
 * @node: in the table of owners, if there is one and it is in the list
 * @reserved: it is in neither: only pool_claim() takes it
 */
struct slot {
	uint64_t owner;
	uint32_t prev;
	uint32_t next;
	struct hash_node node;
	enum slot_state state;
	bool reserved;
};

/**
 * struct pool
 * @ranges: slot 0 is the first address of the first, and so on
 * @n: slots
 * @head, @tail: list of free slots, of which there are @left
 * @owners: the same by owner
 */
struct pool {
	struct pool_range *ranges;
	size_t n_ranges;
	uint32_t n;
	uint32_t used;
	uint32_t excluded;
	uint32_t left;
	uint32_t head;
	uint32_t tail;
	struct hash owners;
	struct slot *slot;
};

/* ---- lists ----------------------------------------------------------- */

static void pool_unlink(struct pool *p, uint32_t i)
{
	struct slot *s = &p->slot[i];

	if (s->prev == NIL)
		p->head = s->next;
	else
		p->slot[s->prev].next = s->next;
	if (s->next == NIL)
		p->tail = s->prev;
	else
		p->slot[s->next].prev = s->prev;
	p->left--;
	hash_remove(&p->owners, &s->node);
}

static void pool_append(struct pool *p, uint32_t i)
{
	struct slot *s = &p->slot[i];

	s->prev = p->tail;
	s->next = NIL;
	if (p->tail == NIL)
		p->head = i;
	else
		p->slot[p->tail].next = i;
	p->tail = i;
	p->left++;
	if (s->owner)
		hash_add(&p->owners, &s->node, s->owner);
}

/* A collision costs a user the habitual address, nothing else. */
static uint64_t pool_hash(const char *owner)
{
	uint64_t h = hash_text(owner);

	return h ? h : 1;
}

static bool pool_is_listed(const struct slot *s)
{
	return s->state == SLOT_FREE && !s->reserved;
}

/* ---- addresses ------------------------------------------------------- */

static uint32_t pool_range_size(const struct pool_range *range)
{
	return range->last - range->first + 1;
}

static uint32_t pool_addr(const struct pool *p, uint32_t i)
{
	const struct pool_range *range = p->ranges;

	for (; i >= pool_range_size(range); range++)
		i -= pool_range_size(range);
	return range->first + i;
}

/* NIL if it is not in the pool. */
static uint32_t pool_index(const struct pool *p, uint32_t addr)
{
	uint32_t base = 0;

	for (size_t r = 0; r < p->n_ranges; r++) {
		const struct pool_range *range = &p->ranges[r];

		if (addr >= range->first && addr <= range->last)
			return base + (addr - range->first);
		base += pool_range_size(range);
	}
	return NIL;
}

bool pool_contains(const struct pool *p, uint32_t addr)
{
	return pool_index(p, addr) != NIL;
}

/* ---- life ------------------------------------------------------------ */

static bool parse_addr(const char *text, uint32_t *addr)
{
	struct in_addr in;

	if (inet_pton(AF_INET, text, &in) != 1)
		return false;
	*addr = ntohl(in.s_addr);
	return true;
}

/* "a.b.c.d/len": the hosts of that network. */
static bool parse_cidr(char *text, char *slash, uint32_t *first, uint32_t *last)
{
	unsigned long len;
	char *end;
	uint32_t mask;

	*slash = '\0';
	len = strtoul(slash + 1, &end, 10);
	if (!parse_addr(text, first) || end == slash + 1 || *end || len > 32)
		return false;
	mask = len ? UINT32_MAX << (32 - len) : 0;
	if (*first & ~mask)
		return false;
	*last = *first | ~mask;
	if (len < 31) {
		++*first;
		--*last;
	}
	return true;
}

static bool parse_range(char *text, char *dash, uint32_t *first, uint32_t *last)
{
	*dash = '\0';
	return parse_addr(text, first) && parse_addr(dash + 1, last) && *first <= *last;
}

static bool parse_spec(const char *spec, uint32_t *first, uint32_t *last)
{
	char text[40];
	char *sep;

	if (snprintf(text, sizeof(text), "%s", spec) >= (int)sizeof(text))
		return false;
	sep = strchr(text, '/');
	if (sep)
		return parse_cidr(text, sep, first, last);
	sep = strchr(text, '-');
	if (sep)
		return parse_range(text, sep, first, last);
	if (!parse_addr(text, first))
		return false;
	*last = *first;
	return true;
}

bool pool_range_parse(struct pool_range *range, const char *text, char *err,
		      size_t err_len)
{
	if (!parse_spec(text, &range->first, &range->last)) {
		snprintf(err, err_len, "\"%s\" is not an address range: write "
			 "10.8.0.0/24 or 10.8.0.10-10.8.0.200", text);
		return false;
	}
	if (range->first && range->last - range->first < POOL_SIZE_MAX)
		return true;
	snprintf(err, err_len, "\"%s\" is too large: a pool holds at most "
		 "%u addresses", text, POOL_SIZE_MAX);
	return false;
}

static bool pool_overlaps(const struct pool_range *ranges, size_t n)
{
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < i; j++)
			if (ranges[i].first <= ranges[j].last &&
			    ranges[j].first <= ranges[i].last)
				return true;
	return false;
}

static struct pool *pool_alloc(const struct pool_range *ranges, size_t n_ranges,
			       uint32_t n)
{
	struct pool *p = calloc(1, sizeof(*p));
	uint32_t i;

	if (!p)
		return NULL;
	p->n = n;
	p->head = p->tail = NIL;
	p->slot = calloc(n, sizeof(*p->slot));
	p->ranges = calloc(n_ranges, sizeof(*p->ranges));
	if (!p->slot || !p->ranges) {
		pool_free(p);
		return NULL;
	}
	memcpy(p->ranges, ranges, n_ranges * sizeof(*ranges));
	p->n_ranges = n_ranges;
	for (i = 0; i < n; i++)
		pool_append(p, i);
	return p;
}

struct pool *pool_new(const struct pool_range *ranges, size_t n, char *err,
		      size_t err_len)
{
	uint64_t size = 0;
	struct pool *p;

	for (size_t i = 0; i < n; i++)
		size += (uint64_t)ranges[i].last - ranges[i].first + 1;
	if (!size || size > POOL_SIZE_MAX) {
		snprintf(err, err_len, "a pool holds 1 to %u addresses, not %llu",
			 POOL_SIZE_MAX, (unsigned long long)size);
		return NULL;
	}
	if (pool_overlaps(ranges, n)) {
		snprintf(err, err_len, "its ranges overlap");
		return NULL;
	}
	p = pool_alloc(ranges, n, (uint32_t)size);
	if (!p)
		snprintf(err, err_len, "out of memory");
	return p;
}

void pool_free(struct pool *p)
{
	if (!p)
		return;
	hash_free(&p->owners);
	free(p->slot);
	free(p->ranges);
	free(p);
}

/* ---- use ------------------------------------------------------------- */

static void pool_exclude_slot(struct pool *p, uint32_t i)
{
	struct slot *s = &p->slot[i];

	if (s->state == SLOT_EXCLUDED)
		return;
	if (pool_is_listed(s))
		pool_unlink(p, i);
	p->used -= s->state == SLOT_USED;
	s->state = SLOT_EXCLUDED;
	p->excluded++;
}

void pool_exclude(struct pool *p, struct pool_range range)
{
	uint32_t addr;

	for (uint32_t i = 0; i < p->n; i++) {
		addr = pool_addr(p, i);
		if (addr >= range.first && addr <= range.last)
			pool_exclude_slot(p, i);
	}
}

static void pool_reserve_slot(struct pool *p, uint32_t i, bool reserved)
{
	struct slot *s = &p->slot[i];
	bool was = pool_is_listed(s);

	s->reserved = reserved;
	if (was && reserved)
		pool_unlink(p, i);
	else if (!was && pool_is_listed(s))
		pool_append(p, i);
}

void pool_reserve(struct pool *p, uint32_t addr)
{
	uint32_t i = pool_index(p, addr);

	if (i != NIL)
		pool_reserve_slot(p, i, true);
}

void pool_reserve_none(struct pool *p)
{
	for (uint32_t i = 0; i < p->n; i++)
		pool_reserve_slot(p, i, false);
}

static void pool_take(struct pool *p, uint32_t i, uint64_t owner)
{
	struct slot *s = &p->slot[i];

	if (pool_is_listed(s))
		pool_unlink(p, i);
	s->state = SLOT_USED;
	s->owner = owner;
	p->used++;
}

static bool pool_may_take(const struct pool *p, uint32_t i, pool_taken taken,
			  void *ctx)
{
	return !(taken && taken(ctx, pool_addr(p, i)));
}

/* The slot that @owner had last, if it may be had; else NIL. */
static uint32_t pool_find_owned(const struct pool *p, uint64_t owner,
				pool_taken taken, void *ctx)
{
	struct hash_node *node;
	uint32_t i;

	for (node = hash_first(&p->owners, owner); node; node = hash_same(node)) {
		i = (uint32_t)(container_of(node, struct slot, node) - p->slot);
		if (pool_may_take(p, i, taken, ctx))
			return i;
	}
	return NIL;
}

uint32_t pool_get(struct pool *p, const char *owner, pool_taken taken, void *ctx)
{
	uint64_t hash = pool_hash(owner);
	uint32_t i = pool_find_owned(p, hash, taken, ctx);

	if (i == NIL)
		i = p->head;
	while (i != NIL && !pool_may_take(p, i, taken, ctx))
		i = p->slot[i].next;
	if (i == NIL)
		return 0;
	pool_take(p, i, hash);
	return pool_addr(p, i);
}

bool pool_claim(struct pool *p, uint32_t addr, const char *owner)
{
	uint32_t i = pool_index(p, addr);

	if (i == NIL || p->slot[i].state != SLOT_FREE)
		return false;
	pool_take(p, i, pool_hash(owner));
	return true;
}

void pool_put(struct pool *p, uint32_t addr)
{
	uint32_t i = pool_index(p, addr);

	if (i == NIL || p->slot[i].state != SLOT_USED)
		return;
	p->slot[i].state = SLOT_FREE;
	p->used--;
	if (!p->slot[i].reserved)
		pool_append(p, i);
}

size_t pool_size(const struct pool *p)
{
	return p->n - p->excluded;
}

size_t pool_used(const struct pool *p)
{
	return p->used;
}

size_t pool_left(const struct pool *p)
{
	return p->left;
}
