/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _SSTP_COPY_H
#define _SSTP_COPY_H

/* ahead of checksum.h, which wants it */
#include <linux/bitops.h>
#include <linux/sizes.h>
#include <net/checksum.h>

/* A run of copies ends with the frame that goes beyond: so is no longer than 16 KiB. */
#define SSTP_COPY_RUN	(12 * SZ_1K)

void sstp_copy_init(void);
void sstp_copy_begin(void);
void sstp_copy_end(void);
__wsum sstp_copy_sum(void *to, const void *from, unsigned int len);
__wsum sstp_copy_sum_once(void *to, const void *from, unsigned int len);

#endif /* _SSTP_COPY_H */
