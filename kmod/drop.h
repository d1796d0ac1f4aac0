/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _SSTP_DROP_H
#define _SSTP_DROP_H

#include <linux/types.h>

struct sstp_session;

void sstp_drop(struct sstp_session *s, unsigned int why);
u64 sstp_drops_rx(const struct sstp_session *s);
u64 sstp_drops_tx(const struct sstp_session *s);

#endif /* _SSTP_DROP_H */
