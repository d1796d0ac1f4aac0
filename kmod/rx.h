/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _SSTP_RX_H
#define _SSTP_RX_H

#include <linux/types.h>

struct sstp_session;
struct work_struct;

void sstp_rx_init(struct sstp_session *s);
void sstp_rx_free(struct sstp_session *s);
void sstp_rx_work(struct work_struct *work);
int sstp_rx_pending(struct sstp_session *s, const void *data, unsigned int len);

#endif /* _SSTP_RX_H */
