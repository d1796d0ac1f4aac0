/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _SSTP_STORE_H
#define _SSTP_STORE_H

#include <linux/mm.h>
#include <linux/sizes.h>

#include "copy.h"

struct sk_buff;

/* What the stack's own page fragments are cut from, and no larger. */
#define SSTP_STORE_SIZE		SZ_32K
#define SSTP_STORE_PAGES	32

/**
 * struct sstp_store - buffers for payload; only the work that fills them uses it
 * @pages: the buffers, each allocated when it is first needed
 * @count: how many there are
 * @cur: index of the one in use
 * @used: bytes of it that are taken
 *
 * Packets refer to the buffers: on receive those for the stack, on transmit those of
 * the outer TCP. One is used again when no packet refers to it any more, which spares
 * an allocation; most distributions' kernels also clear what they allocate.
 */
struct sstp_store {
	struct page *pages[SSTP_STORE_PAGES];
	unsigned int count;
	unsigned int cur;
	unsigned int used;
};

bool sstp_store_advance(struct sstp_store *store);
bool sstp_store_add(struct sstp_store *store, struct sk_buff *skb,
		    unsigned int len);
void sstp_store_trim(struct sstp_store *store);
void sstp_store_free(struct sstp_store *store);

/**
 * sstp_store_room - have room for a piece of payload
 * @store: the store
 * @len: its length in bytes, at most SSTP_MAX_LEN
 *
 * Return: false when there is no memory.
 */
static inline bool sstp_store_room(struct sstp_store *store, unsigned int len)
{
	if (likely(store->used + len <= SSTP_STORE_SIZE && store->pages[store->cur]))
		return true;
	return sstp_store_advance(store);
}

/**
 * sstp_store_copy - copy a piece of payload, without taking its room yet
 * @store: the store, which has room for it
 * @data: the payload
 * @len: bytes of it
 *
 * Context: as of sstp_copy_sum().
 * Return: the sum of the bytes, as of csum_partial().
 */
static inline __wsum sstp_store_copy(struct sstp_store *store, const u8 *data,
				     unsigned int len)
{
	u8 *page = page_address(store->pages[store->cur]);

	return sstp_copy_sum(page + store->used, data, len);
}

#endif /* _SSTP_STORE_H */
