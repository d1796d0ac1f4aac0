// SPDX-License-Identifier: GPL-2.0-only
#include "buffer.h"

#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/vmalloc.h>

static int sstp_buffer_add(struct sstp_buffer *buf, unsigned int piece, gfp_t gfp)
{
	struct page *page = alloc_pages(gfp | __GFP_COMP | __GFP_NOWARN,
					get_order(SSTP_BUFFER_PIECE));

	if (!page)
		return -ENOMEM;
	bvec_set_page(&buf->pieces[piece], page, SSTP_BUFFER_PIECE, 0);
	return 0;
}

static void sstp_buffer_remove(struct sstp_buffer *buf, unsigned int piece)
{
	if (buf->pieces[piece].bv_page)
		put_page(buf->pieces[piece].bv_page);
	buf->pieces[piece] = (struct bio_vec) {};
}

static void *sstp_buffer_map(const struct sstp_buffer *buf)
{
	const unsigned int each = SSTP_BUFFER_PIECE / PAGE_SIZE;
	struct page *pages[SSTP_BUFFER_SIZE / PAGE_SIZE];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(pages); i++)
		pages[i] = buf->pieces[i / each].bv_page + i % each;
	return vmap(pages, ARRAY_SIZE(pages), VM_MAP, PAGE_KERNEL);
}

/**
 * sstp_buffer_init - allocate a buffer of one piece
 * @buf: zero
 * @gfp: with __GFP_ACCOUNT it is charged to the memory control group of the caller
 *
 * Context: process.
 * Return: 0 or -ENOMEM; then there is nothing to be freed.
 */
int sstp_buffer_init(struct sstp_buffer *buf, gfp_t gfp)
{
	if (sstp_buffer_add(buf, 0, gfp))
		return -ENOMEM;
	buf->data = page_address(buf->pieces[0].bv_page);
	buf->size = SSTP_BUFFER_PIECE;
	return 0;
}

/**
 * sstp_buffer_grow - give it all its pieces
 * @buf: the buffer, in which there is nothing
 * @gfp: as above
 *
 * Context: process.
 * Return: 0 or -ENOMEM; then it is as it was.
 */
int sstp_buffer_grow(struct sstp_buffer *buf, gfp_t gfp)
{
	unsigned int i;
	void *data;

	if (buf->size == SSTP_BUFFER_SIZE)
		return 0;
	for (i = 1; i < SSTP_BUFFER_PIECES; i++)
		if (sstp_buffer_add(buf, i, gfp))
			goto err;
	data = sstp_buffer_map(buf);
	if (!data)
		goto err;
	buf->data = data;
	buf->size = SSTP_BUFFER_SIZE;
	return 0;
err:
	for (i = 1; i < SSTP_BUFFER_PIECES; i++)
		sstp_buffer_remove(buf, i);
	return -ENOMEM;
}

/**
 * sstp_buffer_shrink - leave it one piece; whoever refers to another keeps that
 * @buf: the buffer, in which there is nothing
 *
 * Context: process.
 */
void sstp_buffer_shrink(struct sstp_buffer *buf)
{
	unsigned int i;

	if (buf->size <= SSTP_BUFFER_PIECE)
		return;
	vunmap(buf->data);
	for (i = 1; i < SSTP_BUFFER_PIECES; i++)
		sstp_buffer_remove(buf, i);
	buf->data = page_address(buf->pieces[0].bv_page);
	buf->size = SSTP_BUFFER_PIECE;
}

/**
 * sstp_buffer_free - give up a buffer; whoever refers to a piece keeps that
 * @buf: the buffer
 *
 * Context: process.
 */
void sstp_buffer_free(struct sstp_buffer *buf)
{
	sstp_buffer_shrink(buf);
	sstp_buffer_remove(buf, 0);
	*buf = (struct sstp_buffer) {};
}
