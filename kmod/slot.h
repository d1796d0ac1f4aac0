/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A slot: what a device has for each of its connections, a session and the queues
 * towards and from it. A device has one, or as many as it has transmit queues.
 */
#ifndef _SSTP_SLOT_H
#define _SSTP_SLOT_H

#include <linux/cache.h>
#include <linux/netdevice.h>
#include <linux/sizes.h>
#include <linux/skbuff.h>

struct sstp_session;

/* What its queue may hold on a fast path: two full GSO packets. */
#define SSTP_SLOT_TX_MAX	SZ_128K

/**
 * struct sstp_slot - one of a device's connections
 * @dev: the device, which it is a part of
 * @index: which one, as is its transmit queue
 * @rx_index: its receive queue: the same, if the device has as many of those
 * @napi: delivers received packets
 * @lock: protects everything below
 * @session: the session that uses the slot, or NULL
 * @old: the one that it has replaced, while that goes on, or NULL: what it receives is
 *	delivered, and it sends nothing more of the device
 * @up: the device is up and @napi enabled
 * @tx_queue: packets that wait for tx_work
 * @tx_bytes: bytes of @tx_queue and of what the tx_work of @session has taken but not
 *	staged
 * @tx_limit: of @tx_bytes, see sstp_slot_tx_limit()
 * @tx_memory: memory of @tx_queue
 * @rx_queue: packets that wait for @napi
 * @rx_bytes: memory of @rx_queue
 * @rx_stalled: rx_work stopped because @rx_queue was full
 */
struct sstp_slot {
	struct net_device *dev;
	unsigned int index;
	u16 rx_index;
	struct napi_struct napi;

	spinlock_t lock; /* see above */
	struct sstp_session *session;
	struct sstp_session *old;
	bool up;
	struct sk_buff_head tx_queue;
	unsigned int tx_bytes;
	unsigned int tx_limit;
	unsigned int tx_memory;
	struct sk_buff_head rx_queue;
	unsigned int rx_bytes;
	bool rx_stalled;
} ____cacheline_aligned_in_smp;

/* The device is made, comes up, goes down, is deleted. */
void sstp_slot_init(struct sstp_slot *slot, struct net_device *dev, unsigned int index);
void sstp_slot_open(struct sstp_slot *slot);
void sstp_slot_stop(struct sstp_slot *slot);
void sstp_slot_uninit(struct sstp_slot *slot);

int sstp_slot_may_attach(const struct sstp_slot *slot, const struct sstp_session *s,
			 struct netlink_ext_ack *extack);
void sstp_slot_attach(struct sstp_slot *slot, struct sstp_session *s);
bool sstp_slot_detach(const struct sstp_session *s, struct sk_buff_head *drop);
bool sstp_slot_quiesce(const struct sstp_session *s);

void sstp_slot_xmit(struct sstp_slot *slot, struct sk_buff *skb, unsigned int usecs);
void sstp_slot_tx_limit(const struct sstp_session *s, unsigned int limit);
unsigned int sstp_slot_tx_queued(const struct sstp_session *s);

/* For tx_work: one packet at a time; each is accounted until it is done. */
struct sk_buff *sstp_slot_tx_next(const struct sstp_session *s);
void sstp_slot_tx_done(const struct sstp_session *s, unsigned int len);

/* For rx_work, of whoever there is. */
void sstp_slot_rx_turns(struct sstp_slot *slot);
bool sstp_slot_rx_full(struct sstp_slot *slot);
void sstp_slot_rx(struct sstp_session *s, struct sk_buff_head *list, u64 packets,
		  u64 bytes);

#endif /* _SSTP_SLOT_H */
