/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _SSTP_COPY_H
#define _SSTP_COPY_H

/* ahead of checksum.h, which wants it */
#include <linux/bitops.h>
#include <net/checksum.h>

void sstp_copy_init(void);
void sstp_copy_begin(void);
void sstp_copy_end(void);
__wsum sstp_copy_sum(void *to, const void *from, unsigned int len);
__wsum sstp_copy_sum_once(void *to, const void *from, unsigned int len);

#endif /* _SSTP_COPY_H */
