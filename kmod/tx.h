/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _SSTP_TX_H
#define _SSTP_TX_H

struct sstp_session;
struct sstp_tx;
struct work_struct;

int sstp_tx_init(struct sstp_session *s);
void sstp_tx_free(struct sstp_session *s);
void sstp_tx_work(struct work_struct *work);
unsigned int sstp_tx_waiting(const struct sstp_tx *tx);

#endif /* _SSTP_TX_H */
