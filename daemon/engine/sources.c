// SPDX-License-Identifier: GPL-2.0-or-later
#include "engine/sources.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/addr.h"
#include "lib/container.h"
#include "lib/hash.h"
#include "lib/log.h"

/* Bytes of the prefix of a site. */
#define SOURCES_SITE_LEN	6

struct source {
	struct hash_node node;
	uint8_t key[ADDR_SOURCE_LEN];
	unsigned int n;
	struct source *site;	/* NULL: it is one, or IPv4 */
};

static struct hash sources;

static struct source *sources_of(struct hash_node *node)
{
	return node ? container_of(node, struct source, node) : NULL;
}

static struct source *sources_find(const uint8_t *key)
{
	struct hash_node *node = hash_first(&sources, hash_bytes(key, ADDR_SOURCE_LEN));

	while (node && memcmp(sources_of(node)->key, key, ADDR_SOURCE_LEN))
		node = hash_same(node);
	return sources_of(node);
}

/* One more of what has that key, which begins with the length of the prefix. */
static struct source *sources_take(const uint8_t *key)
{
	struct source *s = sources_find(key);

	if (!s) {
		s = calloc(1, sizeof(*s));
		if (!s)
			log_fatal("out of memory");
		memcpy(s->key, key, ADDR_SOURCE_LEN);
		hash_add(&sources, &s->node, hash_bytes(key, ADDR_SOURCE_LEN));
	}
	s->n++;
	return s;
}

/* Return: false if it is in no site. */
static bool sources_site_key(const struct sockaddr_storage *addr,
			     uint8_t key[static ADDR_SOURCE_LEN])
{
	addr_source(addr, key);
	if (addr->ss_family != AF_INET6)
		return false;
	key[0] = SOURCES_SITE_LEN;
	memset(key + 1 + SOURCES_SITE_LEN, 0, ADDR_SOURCE_LEN - 1 - SOURCES_SITE_LEN);
	return true;
}

struct source *sources_get(const struct sockaddr_storage *addr)
{
	uint8_t key[ADDR_SOURCE_LEN], site[ADDR_SOURCE_LEN];
	struct source *s;

	addr_source(addr, key);
	s = sources_take(key);
	if (sources_site_key(addr, site))
		s->site = sources_take(site);
	return s;
}

void sources_put(struct source *source)
{
	if (!source)
		return;
	sources_put(source->site);
	if (--source->n)
		return;
	hash_remove(&sources, &source->node);
	free(source);
}

static unsigned int sources_n(const uint8_t *key)
{
	const struct source *s = sources_find(key);

	return s ? s->n : 0;
}

unsigned int sources_count(const struct sockaddr_storage *addr)
{
	uint8_t key[ADDR_SOURCE_LEN];

	addr_source(addr, key);
	return sources_n(key);
}

unsigned int sources_site_count(const struct sockaddr_storage *addr)
{
	uint8_t key[ADDR_SOURCE_LEN];

	return sources_site_key(addr, key) ? sources_n(key) : 0;
}
