/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _SSTP_BUFFER_H
#define _SSTP_BUFFER_H

#include <asm/page.h>
#include <linux/bvec.h>
#include <linux/sizes.h>
#include <linux/types.h>

#define SSTP_BUFFER_SIZE	SZ_64K

/* A piece holds the longest TLS record; no allocation is larger. */
#if PAGE_SHIFT > 14
#define SSTP_BUFFER_PIECE	PAGE_SIZE
#else
#define SSTP_BUFFER_PIECE	SZ_16K
#endif
#define SSTP_BUFFER_PIECES	(SSTP_BUFFER_SIZE / SSTP_BUFFER_PIECE)

/**
 * struct sstp_buffer - room for four TLS records, or one
 * @data: @size bytes, in a row
 * @size: of all its pieces, or of the first
 * @pieces: the same for who wants pages
 *
 * The pages lie anywhere: so much in one piece is not to be had on a machine that has
 * been up for long.
 */
struct sstp_buffer {
	u8 *data;
	unsigned int size;
	struct bio_vec pieces[SSTP_BUFFER_PIECES];
};

int sstp_buffer_init(struct sstp_buffer *buf, gfp_t gfp);
int sstp_buffer_grow(struct sstp_buffer *buf, gfp_t gfp);
void sstp_buffer_shrink(struct sstp_buffer *buf);
void sstp_buffer_free(struct sstp_buffer *buf);

#endif /* _SSTP_BUFFER_H */
