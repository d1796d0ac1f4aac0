/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A hash table of structs that have a struct hash_node in them. It grows with what
 * is in it, so that a look-up stays one step; nothing is allocated for an element.
 */
#ifndef SSTPD_HASH_H
#define SSTPD_HASH_H

#include <stddef.h>
#include <stdint.h>

/** struct hash_node - @link: what points to it, so that it goes in one step, too */
struct hash_node {
	struct hash_node *next;
	struct hash_node **link;
	uint64_t hash;
};

/**
 * struct hash - zeroed is empty
 * @n: elements
 */
struct hash {
	struct hash_node **buckets;
	size_t n_buckets;
	size_t n;
};

/** hash_add() - @hash: of the key; there may be several with the same */
void hash_add(struct hash *h, struct hash_node *node, uint64_t hash);
/** hash_remove() - no-op if @node is not in there, and was never, or has been removed */
void hash_remove(struct hash *h, struct hash_node *node);
/** hash_first() - the first of those with @hash, NULL if there is none */
struct hash_node *hash_first(const struct hash *h, uint64_t hash);
/** hash_same() - the next one with the hash of @node, NULL after the last */
struct hash_node *hash_same(const struct hash_node *node);
/** hash_any() - walk over all: the first; NULL if there is none */
struct hash_node *hash_any(const struct hash *h);
/** hash_after() - the one after @node; take it before removing that */
struct hash_node *hash_after(const struct hash *h, const struct hash_node *node);
/** hash_free() - the table, not what was in it */
void hash_free(struct hash *h);

/** hash_bytes() - FNV-1a; never where a stranger gains by a collision */
uint64_t hash_bytes(const void *bytes, size_t len);
/** hash_text() - the same, of a string */
uint64_t hash_text(const char *text);
/** hash_u32() - of a number: each bit of it changes half of the bits */
uint64_t hash_u32(uint32_t n);

#endif /* SSTPD_HASH_H */
