/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _SSTP_SEGMENT_H
#define _SSTP_SEGMENT_H

#include <linux/types.h>

struct sk_buff;
struct sk_buff_head;
struct sstp_seg;

bool sstp_seg_init(struct sstp_seg *seg, struct sk_buff *skb);
void sstp_seg_begin(const struct sstp_seg *seg);
void sstp_seg_end(const struct sstp_seg *seg);
int sstp_seg_write(struct sstp_seg *seg, u8 *to, unsigned int room, unsigned int mru);
bool sstp_seg_is_done(const struct sstp_seg *seg);
int sstp_seg_split(struct sk_buff *skb, struct sk_buff_head *list);

#endif /* _SSTP_SEGMENT_H */
