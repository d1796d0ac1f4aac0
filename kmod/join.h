/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _SSTP_JOIN_H
#define _SSTP_JOIN_H

#include <linux/types.h>

#include "store.h"

struct net_device;
struct sk_buff;
struct sk_buff_head;

#define SSTP_JOIN_FLOWS		4

/**
 * struct sstp_join_flow - segments of one TCP flow that follow each other
 * @skb: headers of the first segment and the payload of all, or NULL
 * @segs: how many
 * @size: payload of every segment but the last, in bytes
 * @thoff: offset of the TCP header
 * @hlen: bytes of IP and TCP headers
 * @next_seq: sequence number of the segment that would follow
 * @fixed_id: all have the same IPv4 id
 * @last: no segment may follow: it was short, or pushed
 */
struct sstp_join_flow {
	struct sk_buff *skb;
	unsigned int segs;
	unsigned int size;
	unsigned int thoff;
	unsigned int hlen;
	u32 next_seq;
	bool fixed_id;
	bool last;
};

/**
 * struct sstp_join - segments being joined; only rx_work uses it
 * @flows: one for each of the flows seen last
 * @recent: the one that the last segment belonged to
 * @evict: which of them has to go next
 * @store: where their payload is
 */
struct sstp_join {
	struct sstp_join_flow flows[SSTP_JOIN_FLOWS];
	unsigned int recent;
	unsigned int evict;
	struct sstp_store store;
};

bool sstp_join_add(struct sstp_join *join, struct net_device *dev, const u8 *ip,
		   unsigned int len, struct sk_buff_head *list);
bool sstp_join_goes_on(const struct sstp_join *join, const u8 *ip, unsigned int len);
bool sstp_join_go_on(struct sstp_join *join, const u8 *ip, unsigned int len);
void sstp_join_flush(struct sstp_join *join, struct sk_buff_head *list);
void sstp_join_free(struct sstp_join *join);

#endif /* _SSTP_JOIN_H */
