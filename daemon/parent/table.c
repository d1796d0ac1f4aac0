// SPDX-License-Identifier: GPL-2.0-or-later
#include "parent/table.h"

#include <stdlib.h>
#include <unistd.h>

#include "lib/container.h"
#include "lib/log.h"

static struct hash table;

static struct entry *table_entry(struct hash_node *node)
{
	return node ? container_of(node, struct entry, node) : NULL;
}

struct entry *table_add(uint32_t id)
{
	struct entry *e = calloc(1, sizeof(*e));

	if (!e)
		log_fatal("out of memory");
	e->id = id;
	e->sock = -1;
	e->tun = -1;
	e->session_fd = -1;
	hash_add(&table, &e->node, hash_u32(id));
	return e;
}

struct entry *table_find(uint32_t id)
{
	struct hash_node *node = hash_first(&table, hash_u32(id));

	while (node && table_entry(node)->id != id)
		node = hash_same(node);
	return table_entry(node);
}

struct entry *table_find_session(uint32_t id)
{
	struct entry *e = table_find(id);

	if (!id || (e && !e->moved))
		return e;
	if (e)
		id = table_number(e);
	for (e = table_first(); e; e = table_next(e))
		if (e->began_as == id && !e->moved)
			return e;
	return NULL;
}

struct entry *table_client(uint32_t client)
{
	for (struct entry *e = table_first(); e; e = table_next(e))
		if (!e->server && e->client == client && e->up)
			return e;
	return NULL;
}

unsigned int table_connections(const struct entry *leader)
{
	unsigned int n = 1;

	for (struct entry *e = table_first(); e; e = table_next(e))
		n += e->leader == leader->id && e->up;
	return n;
}

void table_remove(struct entry *e)
{
	hash_remove(&table, &e->node);
	if (e->sock >= 0)
		close(e->sock);
	free(e->state);
	free(e);
}

struct entry *table_first(void)
{
	return table_entry(hash_any(&table));
}

struct entry *table_next(struct entry *e)
{
	return table_entry(hash_after(&table, &e->node));
}

unsigned int table_count(void)
{
	return (unsigned int)table.n;
}
