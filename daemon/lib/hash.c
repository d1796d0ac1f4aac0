// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/hash.h"

#include <stdlib.h>
#include <string.h>

#include "lib/log.h"

#define HASH_BUCKETS_MIN	64

static size_t hash_bucket(const struct hash *h, uint64_t hash)
{
	return hash & (h->n_buckets - 1);
}

static void hash_link(struct hash *h, struct hash_node *node)
{
	struct hash_node **bucket = &h->buckets[hash_bucket(h, node->hash)];

	node->next = *bucket;
	node->link = bucket;
	if (node->next)
		node->next->link = &node->next;
	*bucket = node;
}

/* Twice as many buckets, a power of two always. */
static void hash_grow(struct hash *h)
{
	struct hash old = *h;
	struct hash_node *node, *next;

	h->n_buckets = old.n_buckets ? 2 * old.n_buckets : HASH_BUCKETS_MIN;
	h->buckets = calloc(h->n_buckets, sizeof(*h->buckets));
	if (!h->buckets)
		log_fatal("out of memory");
	for (size_t i = 0; i < old.n_buckets; i++) {
		for (node = old.buckets[i]; node; node = next) {
			next = node->next;
			hash_link(h, node);
		}
	}
	free(old.buckets);
}

void hash_add(struct hash *h, struct hash_node *node, uint64_t hash)
{
	if (h->n >= h->n_buckets)
		hash_grow(h);
	node->hash = hash;
	hash_link(h, node);
	h->n++;
}

void hash_remove(struct hash *h, struct hash_node *node)
{
	if (!node->link)
		return;
	*node->link = node->next;
	if (node->next)
		node->next->link = node->link;
	node->link = NULL;
	h->n--;
}

static struct hash_node *hash_skip(struct hash_node *node, uint64_t hash)
{
	while (node && node->hash != hash)
		node = node->next;
	return node;
}

struct hash_node *hash_first(const struct hash *h, uint64_t hash)
{
	return h->n ? hash_skip(h->buckets[hash_bucket(h, hash)], hash) : NULL;
}

struct hash_node *hash_same(const struct hash_node *node)
{
	return hash_skip(node->next, node->hash);
}

static struct hash_node *hash_from(const struct hash *h, size_t bucket)
{
	for (; bucket < h->n_buckets; bucket++)
		if (h->buckets[bucket])
			return h->buckets[bucket];
	return NULL;
}

struct hash_node *hash_any(const struct hash *h)
{
	return hash_from(h, 0);
}

struct hash_node *hash_after(const struct hash *h, const struct hash_node *node)
{
	return node->next ? node->next :
			    hash_from(h, hash_bucket(h, node->hash) + 1);
}

void hash_free(struct hash *h)
{
	free(h->buckets);
	*h = (struct hash){ 0 };
}

uint64_t hash_bytes(const void *bytes, size_t len)
{
	const uint8_t *p = bytes;
	uint64_t hash = 0xcbf29ce484222325;

	for (size_t i = 0; i < len; i++)
		hash = (hash ^ p[i]) * 0x100000001b3;
	return hash;
}

uint64_t hash_text(const char *text)
{
	return hash_bytes(text, strlen(text));
}

uint64_t hash_u32(uint32_t n)
{
	uint64_t hash = n * UINT64_C(0x9e3779b97f4a7c15);

	return hash ^ hash >> 32;
}
