/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _SSTP_CTRL_H
#define _SSTP_CTRL_H

#include <linux/types.h>

struct file;
struct sk_buff;
struct sstp_session;

void sstp_ctrl_init(struct sstp_session *s,
		    void (*released)(struct sstp_session *s));
void sstp_ctrl_close(struct sstp_session *s);
void sstp_ctrl_free(struct sstp_session *s);

struct file *sstp_ctrl_file(struct sstp_session *s);
struct sstp_session *sstp_ctrl_session(struct file *file);

/* For rx_work. */
int sstp_ctrl_rx(struct sstp_session *s, u16 type, u32 detail, const u8 *body,
		 unsigned int len);

/* For tx_work. */
struct sk_buff *sstp_ctrl_tx_next(struct sstp_session *s, unsigned int room);

#endif /* _SSTP_CTRL_H */
