// SPDX-License-Identifier: GPL-2.0-only
/*
 * Recycled buffers for payload.
 *
 * What is received is copied out of kTLS's records, back to back: so what belongs
 * together becomes one piece of memory, however it was cut into packets and records,
 * and no packet keeps more memory than it is charged for, save the rest of one buffer.
 * What is sent is encrypted to there by kTLS.
 */
#include "store.h"

#include <linux/skbuff.h>

/**
 * sstp_store_advance - go on to the next buffer
 * @store: the store
 *
 * Return: false when there is no memory.
 */
bool sstp_store_advance(struct sstp_store *store)
{
	unsigned int next = store->cur;
	struct page *page;

	if (store->pages[next])
		next = (next + 1) % SSTP_STORE_PAGES;
	page = store->pages[next];
	/* Its packets are gone if ours is the only reference. */
	if (!page || page_ref_count(page) != 1) {
		page = alloc_pages(GFP_ATOMIC | __GFP_COMP | __GFP_NOWARN,
				   get_order(SSTP_STORE_SIZE));
		if (!page)
			return false;
		if (store->pages[next])
			put_page(store->pages[next]);
		else
			store->count++;
		store->pages[next] = page;
	}
	store->cur = next;
	store->used = 0;
	return true;
}

/**
 * sstp_store_add - make the piece that was copied last a packet's
 * @store: the store
 * @skb: gets it at its end
 * @len: bytes of it
 *
 * Return: false if the packet cannot take another piece; the room is free still.
 */
bool sstp_store_add(struct sstp_store *store, struct sk_buff *skb,
		    unsigned int len)
{
	struct page *page = store->pages[store->cur];
	unsigned int n = skb_shinfo(skb)->nr_frags;

	if (skb_can_coalesce(skb, n, page, store->used)) {
		skb_coalesce_rx_frag(skb, n - 1, len, len);
	} else {
		if (n == MAX_SKB_FRAGS)
			return false;
		get_page(page); /* put when the skb is freed */
		skb_add_rx_frag(skb, n, page, store->used, len, len);
	}
	store->used += len;
	return true;
}

/**
 * sstp_store_trim - give up the buffers that nothing refers to
 * @store: the store
 *
 * For a session with little to receive.
 */
void sstp_store_trim(struct sstp_store *store)
{
	unsigned int i;

	if (store->count < 2)
		return;
	for (i = 0; i < SSTP_STORE_PAGES; i++) {
		if (i == store->cur || !store->pages[i] ||
		    page_ref_count(store->pages[i]) != 1)
			continue;
		put_page(store->pages[i]);
		store->pages[i] = NULL;
		store->count--;
	}
}

/**
 * sstp_store_free - give up the buffers; packets keep theirs
 * @store: the store
 */
void sstp_store_free(struct sstp_store *store)
{
	int i;

	for (i = 0; i < SSTP_STORE_PAGES; i++)
		if (store->pages[i])
			put_page(store->pages[i]);
}
