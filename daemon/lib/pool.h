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

/** struct pool_range - from @first to @last, both included */
struct pool_range {
	uint32_t first;
	uint32_t last;
};

/**
 * pool_range_parse() - "10.8.0.0/24" (network and broadcast address left out
 * below /31), "10.8.0.10-10.8.0.200" or a single address
 *
 * Return: false with a text saying what would be right in @err.
 */
bool pool_range_parse(struct pool_range *range, const char *text, char *err,
		      size_t err_len);

/** pool_new() - of all these; NULL with the reason in @err */
struct pool *pool_new(const struct pool_range *ranges, size_t n, char *err,
		      size_t err_len);
void pool_free(struct pool *p);

/** pool_exclude() - never give these out; no-op for those outside the pool */
void pool_exclude(struct pool *p, struct pool_range range);

/** pool_reserve() - only pool_claim() gives it out from now on; no-op outside the pool */
void pool_reserve(struct pool *p, uint32_t addr);
/** pool_reserve_none() - whoever comes may have what was reserved */
void pool_reserve_none(struct pool *p);

/* Is @addr in use by somebody that the pool does not know of? */
typedef bool (*pool_taken)(void *ctx, uint32_t addr);

/**
 * pool_get() - an address for @owner
 * @taken: those it says true for are passed over; NULL = none are
 *
 * Return: the address, 0 if there is none.
 */
uint32_t pool_get(struct pool *p, const char *owner, pool_taken taken, void *ctx);

/** pool_claim() - a certain address; false if it is taken or not in the pool */
bool pool_claim(struct pool *p, uint32_t addr, const char *owner);
/** pool_put() - give back; no-op if it was not given out by this pool */
void pool_put(struct pool *p, uint32_t addr);
bool pool_contains(const struct pool *p, uint32_t addr);
size_t pool_size(const struct pool *p);	/* exclusions not counted */
size_t pool_used(const struct pool *p);
size_t pool_left(const struct pool *p);	/* free, and not reserved */

#endif /* SSTPD_POOL_H */
