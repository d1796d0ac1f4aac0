/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _SSTP_COPY_H
#define _SSTP_COPY_H

#include <linux/minmax.h>
#include <linux/string.h>
#include <net/checksum.h>

#include "proto.h"

/**
 * sstp_copy_sum - copy a piece of a packet and sum it
 * @to: where to
 * @from: the bytes; must not overlap @to
 * @len: how many, at most SSTP_MAX_LEN
 *
 * The sum is taken over the copy, which is in the nearest cache then. That beats
 * csum_partial_copy_nocheck(), which moves eight bytes at a time to do both in
 * one pass.
 *
 * Return: the sum, as of csum_partial().
 */
static inline __wsum sstp_copy_sum(void *to, const void *from, unsigned int len)
{
	/* A bound that the compiler sees lets it copy in line. */
	memcpy(to, from, min_t(unsigned int, len, SSTP_MAX_LEN));
	return csum_partial(to, len, 0);
}

#endif /* _SSTP_COPY_H */
