/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * IPv4 address pool: which address does the next peer get. Addresses are in
 * host byte order here; only text and struct in_addr at the edges are not.
 *
 * A returning owner (user name) gets the address it had last, if that is
 * free; everyone else gets the one that has been free for longest, so an
 * address is reused as late as possible.
 */
#ifndef SSTPD_POOL_H
#define SSTPD_POOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define POOL_SIZE_MAX	65536

struct pool;

/*
 * @spec: "10.8.0.0/24" (network and broadcast address left out below /31) or
 * "10.8.0.10-10.8.0.200". NULL on error, with a text saying what would be right
 * in @err.
 */
struct pool *pool_new(const char *spec, char *err, size_t err_len);
void pool_free(struct pool *p);
/* Never give out @addr (our own, a router). No-op outside the pool or twice. */
void pool_exclude(struct pool *p, uint32_t addr);
/* An address for @owner, 0 if there is none. */
uint32_t pool_get(struct pool *p, const char *owner);
/* A certain address (fixed by user file or RADIUS). False if it is taken. */
bool pool_claim(struct pool *p, uint32_t addr, const char *owner);
/* Gives back. No-op if it was not given out by this pool. */
void pool_put(struct pool *p, uint32_t addr);
bool pool_contains(const struct pool *p, uint32_t addr);
size_t pool_size(const struct pool *p);	/* exclusions not counted */
size_t pool_used(const struct pool *p);

#endif /* SSTPD_POOL_H */
