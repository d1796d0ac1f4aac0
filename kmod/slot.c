// SPDX-License-Identifier: GPL-2.0-only
/*
 * One of a device's connections: its queues towards and from a session, which comes
 * and goes. Slots share nothing: one CPU each can be busy with them.
 */
#include "slot.h"

#include <linux/if_ether.h>
#include <linux/minmax.h>
#include <linux/netfilter.h>
#include <net/rtnetlink.h>

#include <linux/sstp.h>

#include "drop.h"
#include "session.h"

/* Memory of packets that may wait for NAPI before the socket is left unread. */
#define SSTP_RX_HIGH	(512 * 1024)
#define SSTP_RX_LOW	(128 * 1024)

/* Memory of packets that may wait to be sent: small ones take much more than their bytes. */
#define SSTP_TX_HIGH	(512 * 1024)

/* ---- towards the session ---------------------------------------------------------- */

/* Nothing is queued, no work kicked, for a session that is ending. */
static struct sstp_session *sstp_slot_session(struct sstp_slot *slot)
{
	lockdep_assert_held(&slot->lock);
	if (!slot->session || sstp_session_end_reason(slot->session))
		return NULL;
	return slot->session;
}

static bool sstp_protocol_up(const struct sstp_session *s, __be16 protocol)
{
	u32 up = READ_ONCE(s->protocols);

	switch (protocol) {
	case htons(ETH_P_IP):
		return up & SSTP_PROTOCOLS_IPV4;
	case htons(ETH_P_IPV6):
		return up & SSTP_PROTOCOLS_IPV6;
	default:
		return false;
	}
}

static bool sstp_tx_fits(const struct sk_buff *skb, const struct net_device *dev)
{
	return skb_is_gso(skb) || skb->len <= READ_ONCE(dev->mtu);
}

/* Without a session there is nothing to count it for but the device. */
static void sstp_tx_refuse(struct sstp_session *s, struct net_device *dev,
			   const struct sk_buff *skb)
{
	if (!s)
		dev_core_stats_tx_dropped_inc(dev);
	else if (!sstp_protocol_up(s, skb->protocol))
		sstp_drop(s, SSTP_A_DROPS_TX_PROTOCOL);
	else
		sstp_drop(s, SSTP_A_DROPS_TX_SIZE);
}

/**
 * sstp_slot_xmit - queue a packet for tx_work
 * @slot: the slot; without a session the packet is dropped
 * @skb: the packet; consumed
 * @usecs: at least so long between two turns of tx_work that send little
 *
 * Context: ndo_start_xmit().
 */
void sstp_slot_xmit(struct sstp_slot *slot, struct sk_buff *skb, unsigned int usecs)
{
	struct net_device *dev = slot->dev;
	struct sstp_session *s;

	nf_reset_ct(skb);

	spin_lock(&slot->lock);
	s = sstp_slot_session(slot);
	if (!s || !sstp_protocol_up(s, skb->protocol) || !sstp_tx_fits(skb, dev)) {
		sstp_tx_refuse(s, dev, skb);
		spin_unlock(&slot->lock);
		kfree_skb(skb);
		return;
	}

	__skb_queue_tail(&slot->tx_queue, skb);
	slot->tx_bytes += skb->len;
	slot->tx_memory += skb->truesize;
	if (slot->tx_bytes >= slot->tx_limit || slot->tx_memory >= SSTP_TX_HIGH)
		netif_stop_subqueue(dev, slot->index);
	if (__netif_subqueue_stopped(dev, slot->index) || slot->tx_bytes >= SSTP_TURN_MUCH)
		sstp_turn_now(&s->tx_turn);
	else
		sstp_turn_soon(&s->tx_turn, usecs);
	spin_unlock(&slot->lock);
}

/* One that was replaced gets none. */
struct sk_buff *sstp_slot_tx_next(const struct sstp_session *s)
{
	struct sstp_slot *slot = s->slot;
	struct sk_buff *skb = NULL;

	spin_lock_bh(&slot->lock);
	if (slot->session == s)
		skb = __skb_dequeue(&slot->tx_queue);
	if (skb)
		slot->tx_memory -= skb->truesize;
	spin_unlock_bh(&slot->lock);
	return skb;
}

/* Whether the qdisc may go on: not at each packet, hence half of what may wait. */
static bool sstp_slot_tx_room(const struct sstp_slot *slot)
{
	return slot->up && slot->tx_bytes < slot->tx_limit / 2 &&
	       slot->tx_memory < SSTP_TX_HIGH / 2;
}

/* What one that was replaced has in hand is not waited for: it may never get rid of it. */
void sstp_slot_tx_done(const struct sstp_session *s, unsigned int len)
{
	struct sstp_slot *slot = s->slot;

	spin_lock_bh(&slot->lock);
	if (slot->session == s) {
		slot->tx_bytes -= len;
		if (__netif_subqueue_stopped(slot->dev, slot->index) &&
		    sstp_slot_tx_room(slot))
			netif_wake_subqueue(slot->dev, slot->index);
	}
	spin_unlock_bh(&slot->lock);
}

/**
 * sstp_slot_tx_limit - how much may wait here; all else waits above, in the qdisc
 * @s: its session
 * @limit: bytes at which the qdisc is told to wait; below half of it, to go on
 */
void sstp_slot_tx_limit(const struct sstp_session *s, unsigned int limit)
{
	struct sstp_slot *slot = s->slot;

	spin_lock_bh(&slot->lock);
	if (slot->session == s)
		slot->tx_limit = limit;
	spin_unlock_bh(&slot->lock);
}

/** sstp_slot_tx_queued - bytes that wait to be sent by a session */
unsigned int sstp_slot_tx_queued(const struct sstp_session *s)
{
	struct sstp_slot *slot = s->slot;
	unsigned int queued;

	spin_lock_bh(&slot->lock);
	queued = slot->session == s ? slot->tx_bytes : 0;
	spin_unlock_bh(&slot->lock);
	return queued;
}

/* ---- from the session ------------------------------------------------------------- */

bool sstp_slot_rx_full(struct sstp_slot *slot)
{
	bool full;

	spin_lock_bh(&slot->lock);
	full = slot->rx_bytes >= SSTP_RX_HIGH;
	if (full)
		slot->rx_stalled = true;
	spin_unlock_bh(&slot->lock);
	return full;
}

static void sstp_slot_count_rx(struct net_device *dev, u64 packets, u64 bytes)
{
	struct pcpu_sw_netstats *stats = this_cpu_ptr(dev->tstats);

	u64_stats_update_begin(&stats->syncp);
	u64_stats_add(&stats->rx_packets, packets);
	u64_stats_add(&stats->rx_bytes, bytes);
	u64_stats_update_end(&stats->syncp);
}

/**
 * sstp_slot_rx - deliver packets, by way of NAPI
 * @s: the session; if its device is down they are dropped, as on any other
 * @list: the packets, some of them joined; consumed
 * @packets: how many were received
 * @bytes: bytes of those
 *
 * Context: rx_work.
 */
void sstp_slot_rx(struct sstp_session *s, struct sk_buff_head *list, u64 packets,
		  u64 bytes)
{
	struct sstp_slot *slot = s->slot;
	struct sk_buff *skb;

	spin_lock_bh(&slot->lock);
	if (slot->up) {
		sstp_slot_count_rx(slot->dev, packets, bytes);
		skb_queue_walk(list, skb) {
			skb_record_rx_queue(skb, slot->rx_index);
			slot->rx_bytes += skb->truesize;
		}
		skb_queue_splice_tail_init(list, &slot->rx_queue);
		napi_schedule(&slot->napi);
	}
	spin_unlock_bh(&slot->lock);

	while ((skb = __skb_dequeue(list))) {
		sstp_drop(s, SSTP_A_DROPS_RX_DOWN);
		kfree_skb(skb);
	}
}

static void sstp_slot_rx_turns_locked(struct sstp_slot *slot)
{
	struct sstp_session *of[] = { slot->session, slot->old };
	int i;

	lockdep_assert_held(&slot->lock);
	for (i = 0; i < ARRAY_SIZE(of); i++)
		if (of[i] && !sstp_session_end_reason(of[i]))
			sstp_turn_now(&of[i]->rx_turn);
}

/** sstp_slot_rx_turns - give a turn to the rx_work of whoever there is */
void sstp_slot_rx_turns(struct sstp_slot *slot)
{
	spin_lock_bh(&slot->lock);
	sstp_slot_rx_turns_locked(slot);
	spin_unlock_bh(&slot->lock);
}

/* Take what one poll may deliver; let rx_work go on when little is left. */
static int sstp_poll_take(struct sstp_slot *slot, struct sk_buff_head *list,
			  int budget)
{
	struct sk_buff *skb;
	int n;

	spin_lock(&slot->lock);
	for (n = 0; n < budget; n++) {
		skb = __skb_dequeue(&slot->rx_queue);
		if (!skb)
			break;
		slot->rx_bytes -= skb->truesize;
		__skb_queue_tail(list, skb);
	}
	if (slot->rx_stalled && slot->rx_bytes < SSTP_RX_LOW) {
		slot->rx_stalled = false;
		sstp_slot_rx_turns_locked(slot);
	}
	spin_unlock(&slot->lock);
	return n;
}

static int sstp_poll(struct napi_struct *napi, int budget)
{
	struct sstp_slot *slot = container_of(napi, struct sstp_slot, napi);
	struct sk_buff_head list;
	LIST_HEAD(deliver);
	struct sk_buff *skb;
	int n;

	__skb_queue_head_init(&list);
	n = sstp_poll_take(slot, &list, budget);
	/*
	 * What may be merged has been (join.c). The stack's GRO would merge
	 * merged packets again, and does not keep their IPv4 ids apart.
	 */
	while ((skb = __skb_dequeue(&list)))
		list_add_tail(&skb->list, &deliver);
	netif_receive_skb_list(&deliver);
	if (n < budget)
		napi_complete_done(napi, n);
	return n;
}

/* ---- a session comes and goes ----------------------------------------------------- */

/**
 * sstp_slot_may_attach - can a slot have a session?
 * @slot: the slot
 * @s: the session
 * @extack: says why not
 *
 * Context: process, RTNL held.
 * Return: 0 or -EBUSY.
 */
int sstp_slot_may_attach(const struct sstp_slot *slot, const struct sstp_session *s,
			 struct netlink_ext_ack *extack)
{
	ASSERT_RTNL();
	/* Only with the RTNL do these become one. */
	if (READ_ONCE(slot->session) && !s->replace) {
		NL_SET_ERR_MSG(extack, "the device already has a session");
		return -EBUSY;
	}
	if (READ_ONCE(slot->session) && READ_ONCE(slot->old)) {
		NL_SET_ERR_MSG(extack, "the device has a session that was replaced and goes on");
		return -EBUSY;
	}
	return 0;
}

/* Without what a session has in hand. */
static unsigned int sstp_slot_tx_sum(const struct sstp_slot *slot)
{
	const struct sk_buff *skb;
	unsigned int sum = 0;

	lockdep_assert_held(&slot->lock);
	skb_queue_walk(&slot->tx_queue, skb)
		sum += skb->len;
	return sum;
}

/**
 * sstp_slot_attach - let a session use a slot, which it may
 * @slot: the slot
 * @s: the session
 *
 * What waits in the queue it gets from the one that it replaces.
 *
 * Context: process, RTNL held.
 */
void sstp_slot_attach(struct sstp_slot *slot, struct sstp_session *s)
{
	ASSERT_RTNL();
	spin_lock_bh(&slot->lock);
	if (slot->session)
		WRITE_ONCE(slot->old, slot->session);
	WRITE_ONCE(slot->session, s);
	slot->tx_bytes = sstp_slot_tx_sum(slot);
	slot->tx_limit = SSTP_SLOT_TX_MAX;
	if (sstp_slot_tx_room(slot))
		netif_wake_subqueue(slot->dev, slot->index);
	spin_unlock_bh(&slot->lock);
}

/**
 * sstp_slot_quiesce - stop kicking an ending session's works
 * @s: the session
 *
 * Once this returns, whoever takes the lock sees that the session has an end
 * reason, so that its works can be cancelled for good.
 *
 * Return: whether the slot has no other one.
 */
bool sstp_slot_quiesce(const struct sstp_session *s)
{
	struct sstp_slot *slot = s->slot;
	bool last;

	spin_lock_bh(&slot->lock);
	last = slot->session == s;
	spin_unlock_bh(&slot->lock);
	return last;
}

/* Its session goes, and nobody is there to send what is queued. */
static void sstp_slot_empty(struct sstp_slot *slot, struct sk_buff_head *drop)
{
	WRITE_ONCE(slot->session, NULL);
	slot->tx_bytes = 0;
	slot->tx_memory = 0;
	skb_queue_splice_init(&slot->tx_queue, drop);
	/* One that is down, or being deleted, has a queue that nobody waits for. */
	if (slot->up)
		netif_wake_subqueue(slot->dev, slot->index);
}

/**
 * sstp_slot_detach - let the slot be used by another session
 * @s: its session, which is ending; its works are cancelled
 * @drop: gets what is queued, unless that is for the session that has replaced it
 *
 * Return: whether the slot has none now.
 */
bool sstp_slot_detach(const struct sstp_session *s, struct sk_buff_head *drop)
{
	struct sstp_slot *slot = s->slot;
	bool last;

	spin_lock_bh(&slot->lock);
	last = slot->session == s;
	if (last)
		sstp_slot_empty(slot, drop);
	else
		WRITE_ONCE(slot->old, NULL);
	spin_unlock_bh(&slot->lock);
	return last;
}

/* ---- of a device ------------------------------------------------------------------ */

/**
 * sstp_slot_init - of a device that is being made
 * @slot: zero
 * @dev: the device
 * @index: which one
 */
void sstp_slot_init(struct sstp_slot *slot, struct net_device *dev, unsigned int index)
{
	slot->dev = dev;
	slot->index = index;
	slot->rx_index = min(index, dev->num_rx_queues - 1);
	spin_lock_init(&slot->lock);
	__skb_queue_head_init(&slot->tx_queue);
	__skb_queue_head_init(&slot->rx_queue);
	netif_napi_add(dev, &slot->napi, sstp_poll);
}

/** sstp_slot_open - the device comes up */
void sstp_slot_open(struct sstp_slot *slot)
{
	napi_enable(&slot->napi);
	spin_lock_bh(&slot->lock);
	slot->up = true;
	spin_unlock_bh(&slot->lock);
}

/** sstp_slot_stop - the device goes down; its transmit queues are stopped */
void sstp_slot_stop(struct sstp_slot *slot)
{
	struct sk_buff_head drop;

	__skb_queue_head_init(&drop);

	spin_lock_bh(&slot->lock);
	slot->up = false;
	skb_queue_splice_init(&slot->rx_queue, &drop);
	slot->rx_bytes = 0;
	sstp_slot_rx_turns_locked(slot);
	slot->rx_stalled = false;
	spin_unlock_bh(&slot->lock);

	__skb_queue_purge(&drop);
	napi_disable(&slot->napi);
}

/**
 * sstp_slot_uninit - the device is being deleted
 * @slot: used by its sessions until they have ended
 *
 * Between this and free_netdev(), which would wait for a grace period to rid each
 * device of its NAPI context, is one for all devices that go together.
 */
void sstp_slot_uninit(struct sstp_slot *slot)
{
	__netif_napi_del(&slot->napi);

	spin_lock_bh(&slot->lock);
	if (slot->session)
		sstp_session_end(slot->session, SSTP_END_REASON_LINK_DELETED, 0);
	if (slot->old)
		sstp_session_end(slot->old, SSTP_END_REASON_LINK_DELETED, 0);
	spin_unlock_bh(&slot->lock);
}
