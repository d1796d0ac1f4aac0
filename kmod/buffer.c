// SPDX-License-Identifier: GPL-2.0-only
#include "buffer.h"

#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/vmalloc.h>

static int sstp_buffer_map(struct sstp_buffer *buf)
{
	const unsigned int each = SSTP_BUFFER_PIECE / PAGE_SIZE;
	struct page *pages[SSTP_BUFFER_SIZE / PAGE_SIZE];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(pages); i++)
		pages[i] = buf->pieces[i / each].bv_page + i % each;
	buf->data = vmap(pages, ARRAY_SIZE(pages), VM_MAP, PAGE_KERNEL);
	return buf->data ? 0 : -ENOMEM;
}

/**
 * sstp_buffer_init - allocate a buffer
 * @buf: zero
 * @gfp: with __GFP_ACCOUNT it is charged to the memory control group of the caller
 *
 * Context: process.
 * Return: 0 or -ENOMEM; then there is nothing to be freed.
 */
int sstp_buffer_init(struct sstp_buffer *buf, gfp_t gfp)
{
	struct page *page;
	unsigned int i;

	for (i = 0; i < SSTP_BUFFER_PIECES; i++) {
		page = alloc_pages(gfp | __GFP_COMP | __GFP_NOWARN,
				   get_order(SSTP_BUFFER_PIECE));
		if (!page)
			goto err;
		bvec_set_page(&buf->pieces[i], page, SSTP_BUFFER_PIECE, 0);
	}
	if (!sstp_buffer_map(buf))
		return 0;
err:
	sstp_buffer_free(buf);
	return -ENOMEM;
}

/**
 * sstp_buffer_free - give up a buffer; whoever refers to a piece keeps that
 * @buf: the buffer
 *
 * Context: process.
 */
void sstp_buffer_free(struct sstp_buffer *buf)
{
	unsigned int i;

	vunmap(buf->data);
	for (i = 0; i < SSTP_BUFFER_PIECES && buf->pieces[i].bv_page; i++)
		put_page(buf->pieces[i].bv_page);
	*buf = (struct sstp_buffer) {};
}
