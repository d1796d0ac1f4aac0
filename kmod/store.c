// SPDX-License-Identifier: GPL-2.0-only
/*
 * Recycled buffers for payload.
 *
 * What is received is copied out of kTLS's records, back to back: so what belongs
 * together becomes one piece of memory, however it was cut into packets and records.
 * What is sent is encrypted to there by kTLS.
 */
#include "store.h"

#include <linux/jiffies.h>
#include <linux/skbuff.h>

#include "proto.h"

/* As the stack's own page fragments: no reserves, no waiting; charged to the session. */
#define SSTP_STORE_GFP	((GFP_KERNEL_ACCOUNT & ~__GFP_DIRECT_RECLAIM) | __GFP_COMP | \
			 __GFP_NOWARN | __GFP_NORETRY)

/* Its packets are gone, and it is of this node, and not of the reserves. */
static bool sstp_store_is_free(struct page *page)
{
	return page_ref_count(page) == 1 && dev_page_is_reusable(page);
}

/* Take out the last that is free, or the first if there may be no more. */
static struct page *sstp_store_take(struct sstp_store *store)
{
	unsigned int i = store->count;
	struct page *page = NULL;

	while (i && !sstp_store_is_free(store->pages[i - 1]))
		i--;
	if (i)
		page = store->pages[--i];
	else if (store->count == SSTP_STORE_PAGES)
		put_page(store->pages[0]);
	else
		return NULL;
	store->count--;
	memmove(store->pages + i, store->pages + i + 1,
		(store->count - i) * sizeof(*store->pages));
	return page;
}

/**
 * sstp_store_advance - go on to another buffer
 * @store: the store
 *
 * Context: as the works: what is allocated is charged to set_active_memcg().
 * Return: false when there is no memory.
 */
bool sstp_store_advance(struct sstp_store *store)
{
	struct page *page = sstp_store_take(store);

	if (!page)
		page = alloc_pages(SSTP_STORE_GFP, get_order(SSTP_STORE_SIZE));
	if (!page)
		return false;
	store->pages[store->count++] = page;
	store->used = 0;
	store->taken = jiffies;
	return true;
}

/**
 * sstp_store_add - make the piece that was copied last a packet's
 * @store: the store
 * @skb: gets it at its end
 * @len: bytes of it, at most SSTP_MAX_LEN
 *
 * Return: false if the packet cannot take another piece; the room is free still.
 */
bool sstp_store_add(struct sstp_store *store, struct sk_buff *skb,
		    unsigned int len)
{
	struct page *page = sstp_store_page(store);
	unsigned int n = skb_shinfo(skb)->nr_frags;
	unsigned int charge = len;

	BUILD_BUG_ON(SSTP_MAX_LEN > SSTP_STORE_CHARGE);
	if (skb_can_coalesce(skb, n, page, store->used)) {
		skb_coalesce_rx_frag(skb, n - 1, len, len);
	} else {
		if (n == MAX_SKB_FRAGS)
			return false;
		if (!n || skb_frag_page(&skb_shinfo(skb)->frags[n - 1]) != page)
			charge = SSTP_STORE_CHARGE;
		get_page(page); /* put when the skb is freed */
		skb_add_rx_frag(skb, n, page, store->used, len, charge);
	}
	store->used += len;
	return true;
}

/**
 * sstp_store_free - give up the buffers; packets keep theirs
 * @store: the store, which may be used again
 */
void sstp_store_free(struct sstp_store *store)
{
	while (store->count)
		put_page(store->pages[--store->count]);
}

/**
 * sstp_store_tidy - give up the buffers of who is idle
 * @store: the store
 *
 * At the end of a turn. Not as soon as one did without: the next needs them, and they
 * are warm.
 *
 * Return: whether to ask again, SSTP_STORE_IDLE_MS later.
 */
bool sstp_store_tidy(struct sstp_store *store)
{
	if (time_after_eq(jiffies, store->taken + msecs_to_jiffies(SSTP_STORE_IDLE_MS)))
		sstp_store_free(store);
	return store->count;
}
