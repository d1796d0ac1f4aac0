/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _SSTP_TX_H
#define _SSTP_TX_H

#include <linux/sizes.h>

struct sstp_session;
struct work_struct;

/* The staging buffer: four full records, what one sendmsg() takes. */
#define SSTP_TX_SIZE	SZ_64K

int sstp_tx_init(struct sstp_session *s);
void sstp_tx_free(struct sstp_session *s);
void sstp_tx_work(struct work_struct *work);

#endif /* _SSTP_TX_H */
