/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _SSTP_POOL_H
#define _SSTP_POOL_H

#include "buffer.h"

int sstp_pool_init(void);
void sstp_pool_exit(void);
struct sstp_buffer *sstp_pool_get(void);
void sstp_pool_put(struct sstp_buffer *buf);

#endif /* _SSTP_POOL_H */
