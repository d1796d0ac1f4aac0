// SPDX-License-Identifier: GPL-2.0-or-later
#include "sources.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "addr.h"
#include "log.h"

#define SOURCES_BUCKETS	1024

struct source {
	LIST_ENTRY(source) next;
	uint8_t key[ADDR_SOURCE_LEN];
	unsigned int n;
};

LIST_HEAD(sources_list, source);

static struct sources_list sources[SOURCES_BUCKETS];

/* A source has few connections; one in a crowded bucket costs a longer walk. */
static struct sources_list *sources_bucket(const uint8_t *key)
{
	uint32_t hash = 2166136261;

	for (int i = 0; i < ADDR_SOURCE_LEN; i++)
		hash = (hash ^ key[i]) * 16777619;
	return &sources[hash % SOURCES_BUCKETS];
}

static struct source *sources_find(const uint8_t *key)
{
	struct source *s;

	LIST_FOREACH(s, sources_bucket(key), next)
		if (!memcmp(s->key, key, ADDR_SOURCE_LEN))
			return s;
	return NULL;
}

struct source *sources_get(const struct sockaddr_storage *addr)
{
	uint8_t key[ADDR_SOURCE_LEN];
	struct source *s;

	addr_source(addr, key);
	s = sources_find(key);
	if (!s) {
		s = calloc(1, sizeof(*s));
		if (!s)
			log_fatal("out of memory");
		memcpy(s->key, key, sizeof(key));
		LIST_INSERT_HEAD(sources_bucket(key), s, next);
	}
	s->n++;
	return s;
}

void sources_put(struct source *source)
{
	if (!source || --source->n)
		return;
	LIST_REMOVE(source, next);
	free(source);
}

unsigned int sources_count(const struct sockaddr_storage *addr)
{
	uint8_t key[ADDR_SOURCE_LEN];
	struct source *s;

	addr_source(addr, key);
	s = sources_find(key);
	return s ? s->n : 0;
}
