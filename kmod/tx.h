/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _SSTP_TX_H
#define _SSTP_TX_H

#include <linux/sizes.h>

struct sstp_session;
struct sstp_tx;
struct work_struct;

/* Payload of a full TLS record, in bytes: a little less than TLS allows, see tx.c. */
#define SSTP_TX_RECORD	(SZ_16K - 48)

/* The staging buffer holds as many. */
#define SSTP_TX_RECORDS	4
#define SSTP_TX_SIZE	(SSTP_TX_RECORDS * SSTP_TX_RECORD)

int sstp_tx_init(struct sstp_session *s);
void sstp_tx_free(struct sstp_session *s);
void sstp_tx_work(struct work_struct *work);
unsigned int sstp_tx_waiting(const struct sstp_tx *tx);

#endif /* _SSTP_TX_H */
