/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _SSTP_LIMIT_H
#define _SSTP_LIMIT_H

#include <linux/sizes.h>

struct sstp_session;

/* What each queue may hold on a fast path: two full GSO packets. */
#define SSTP_LIMIT_MAX	SZ_128K

void sstp_limit_update(struct sstp_session *s);

#endif /* _SSTP_LIMIT_H */
