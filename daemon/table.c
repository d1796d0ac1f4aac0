// SPDX-License-Identifier: GPL-2.0-or-later
#include "table.h"

#include <stdlib.h>

#include "log.h"

#define TABLE_BUCKETS	1024

static LIST_HEAD(, entry) table[TABLE_BUCKETS];
static unsigned int table_n;

struct entry *table_add(uint32_t id)
{
	struct entry *e = calloc(1, sizeof(*e));

	if (!e)
		log_fatal("out of memory");
	e->id = id;
	e->tun = -1;
	LIST_INSERT_HEAD(&table[id % TABLE_BUCKETS], e, next);
	table_n++;
	return e;
}

struct entry *table_find(uint32_t id)
{
	struct entry *e;

	LIST_FOREACH(e, &table[id % TABLE_BUCKETS], next)
		if (e->id == id)
			return e;
	return NULL;
}

void table_remove(struct entry *e)
{
	LIST_REMOVE(e, next);
	table_n--;
	free(e);
}

static struct entry *table_from(unsigned int bucket)
{
	for (; bucket < TABLE_BUCKETS; bucket++)
		if (!LIST_EMPTY(&table[bucket]))
			return LIST_FIRST(&table[bucket]);
	return NULL;
}

struct entry *table_first(void)
{
	return table_from(0);
}

struct entry *table_next(struct entry *e)
{
	struct entry *next = LIST_NEXT(e, next);

	return next ? next : table_from(e->id % TABLE_BUCKETS + 1);
}

unsigned int table_count(void)
{
	return table_n;
}
