/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _SSTP_STORE_H
#define _SSTP_STORE_H

#include <linux/mm.h>
#include <linux/sizes.h>

#include "copy.h"

struct sk_buff;

/* As many full records are sent from one; 32 packets of the usual size fit into three. */
#define SSTP_STORE_SIZE		SZ_16K
#define SSTP_STORE_PAGES	32

/*
 * What a received packet is charged for a buffer, however little of it is the packet's:
 * it may be the last that keeps the buffer. So no more than four times is held of what
 * is charged, and a segment of the usual size is charged what a card's driver charges.
 */
#define SSTP_STORE_CHARGE	(SSTP_STORE_SIZE / 4)

/* Who has taken no buffer for so long is idle. */
#define SSTP_STORE_IDLE_MS	100

/**
 * struct sstp_store - buffers for payload; only the work that fills them uses it
 * @pages: the buffers, each allocated when it is first needed; the one that was taken
 *	last is the last, and in use
 * @count: how many there are
 * @used: bytes of the one in use that are taken
 * @taken: jiffies when one was taken last
 *
 * Packets refer to the buffers: on receive those for the stack, on transmit those of
 * the outer TCP. One is used again when no packet refers to it any more, which spares
 * an allocation; most distributions' kernels also clear what they allocate. Packets go
 * in the order in which they came, so of those that are free the one that was taken last
 * became free last: it is in the cache, if any is.
 */
struct sstp_store {
	struct page *pages[SSTP_STORE_PAGES];
	unsigned int count;
	unsigned int used;
	unsigned long taken;
};

bool sstp_store_advance(struct sstp_store *store);
bool sstp_store_add(struct sstp_store *store, struct sk_buff *skb,
		    unsigned int len);
bool sstp_store_tidy(struct sstp_store *store);
void sstp_store_free(struct sstp_store *store);

/* Context: there is one. Return: the buffer in use. */
static inline struct page *sstp_store_page(const struct sstp_store *store)
{
	return store->pages[store->count - 1];
}

/* Return: whether there is room for so many bytes where the last piece was put. */
static inline bool sstp_store_has_room(const struct sstp_store *store, unsigned int len)
{
	return store->used + len <= SSTP_STORE_SIZE && store->count;
}

/**
 * sstp_store_room - have room for a piece of payload
 * @store: the store
 * @len: its length in bytes, at most SSTP_MAX_LEN
 *
 * Return: false when there is no memory.
 */
static inline bool sstp_store_room(struct sstp_store *store, unsigned int len)
{
	return likely(sstp_store_has_room(store, len)) || sstp_store_advance(store);
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
	u8 *page = page_address(sstp_store_page(store));

	return sstp_copy_sum(page + store->used, data, len);
}

#endif /* _SSTP_STORE_H */
