// SPDX-License-Identifier: GPL-2.0-only
/*
 * The sstp network device: link kind "sstp", its queues towards and from a
 * session. The device outlives sessions: it has carrier while one is
 * attached.
 */
#include "device.h"

#include <linux/if_arp.h>
#include <linux/if_ether.h>
#include <linux/netfilter.h>
#include <linux/skbuff.h>
#include <net/pkt_sched.h>
#include <net/rtnetlink.h>

#include <linux/sstp.h>

#include "drop.h"
#include "proto.h"
#include "session.h"

#define SSTP_DEFAULT_MTU	1400

/* Memory of packets that may wait for NAPI before the socket is left unread. */
#define SSTP_RX_HIGH	(512 * 1024)
#define SSTP_RX_LOW	(128 * 1024)

/* Memory of packets that may wait to be sent: small ones take much more than their bytes. */
#define SSTP_TX_HIGH	(512 * 1024)

static struct rtnl_link_ops sstp_link_ops;
static const struct ethtool_ops *sstp_dev_ethtool;

/* Nothing is queued, no work kicked, for a session that is ending. */
static struct sstp_session *sstp_dev_session(struct sstp_dev *sd)
{
	lockdep_assert_held(&sd->lock);
	if (!sd->session || sstp_session_end_reason(sd->session))
		return NULL;
	return sd->session;
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

static netdev_tx_t sstp_start_xmit(struct sk_buff *skb, struct net_device *dev)
{
	struct sstp_dev *sd = netdev_priv(dev);
	struct sstp_session *s;

	nf_reset_ct(skb);

	spin_lock(&sd->lock);
	s = sstp_dev_session(sd);
	if (!s || !sstp_protocol_up(s, skb->protocol) || !sstp_tx_fits(skb, dev)) {
		sstp_tx_refuse(s, dev, skb);
		spin_unlock(&sd->lock);
		kfree_skb(skb);
		return NETDEV_TX_OK;
	}

	__skb_queue_tail(&sd->tx_queue, skb);
	sd->tx_bytes += skb->len;
	sd->tx_memory += skb->truesize;
	if (sd->tx_bytes >= sd->tx_limit || sd->tx_memory >= SSTP_TX_HIGH)
		netif_stop_queue(dev);
	if (netif_queue_stopped(dev) || sd->tx_bytes >= SSTP_TURN_MUCH)
		sstp_turn_now(&s->tx_turn);
	else
		sstp_turn_soon(&s->tx_turn, READ_ONCE(sd->tx_usecs));
	spin_unlock(&sd->lock);
	return NETDEV_TX_OK;
}

/* One that was replaced gets none. */
struct sk_buff *sstp_dev_tx_next(const struct sstp_session *s)
{
	struct sstp_dev *sd = netdev_priv(s->dev);
	struct sk_buff *skb = NULL;

	spin_lock_bh(&sd->lock);
	if (sd->session == s)
		skb = __skb_dequeue(&sd->tx_queue);
	if (skb)
		sd->tx_memory -= skb->truesize;
	spin_unlock_bh(&sd->lock);
	return skb;
}

/* Whether the qdisc may go on: not at each packet, hence half of what may wait. */
static bool sstp_dev_tx_room(const struct sstp_dev *sd)
{
	return sd->up && sd->tx_bytes < sd->tx_limit / 2 && sd->tx_memory < SSTP_TX_HIGH / 2;
}

/* What one that was replaced has in hand is not waited for: it may never get rid of it. */
void sstp_dev_tx_done(const struct sstp_session *s, unsigned int len)
{
	struct sstp_dev *sd = netdev_priv(s->dev);

	spin_lock_bh(&sd->lock);
	if (sd->session == s) {
		sd->tx_bytes -= len;
		if (netif_queue_stopped(sd->dev) && sstp_dev_tx_room(sd))
			netif_wake_queue(sd->dev);
	}
	spin_unlock_bh(&sd->lock);
}

/**
 * sstp_dev_tx_limit - how much may wait here; all else waits above, in the qdisc
 * @s: its session
 * @limit: bytes at which the qdisc is told to wait; below half of it, to go on
 */
void sstp_dev_tx_limit(const struct sstp_session *s, unsigned int limit)
{
	struct sstp_dev *sd = netdev_priv(s->dev);

	spin_lock_bh(&sd->lock);
	if (sd->session == s)
		sd->tx_limit = limit;
	spin_unlock_bh(&sd->lock);
}

/** sstp_dev_tx_queued - bytes that wait in the device to be sent by a session */
unsigned int sstp_dev_tx_queued(const struct sstp_session *s)
{
	struct sstp_dev *sd = netdev_priv(s->dev);
	unsigned int queued;

	spin_lock_bh(&sd->lock);
	queued = sd->session == s ? sd->tx_bytes : 0;
	spin_unlock_bh(&sd->lock);
	return queued;
}

bool sstp_dev_rx_full(struct net_device *dev)
{
	struct sstp_dev *sd = netdev_priv(dev);
	bool full;

	spin_lock_bh(&sd->lock);
	full = sd->rx_bytes >= SSTP_RX_HIGH;
	if (full)
		sd->rx_stalled = true;
	spin_unlock_bh(&sd->lock);
	return full;
}

static void sstp_dev_count_rx(struct net_device *dev, u64 packets, u64 bytes)
{
	struct pcpu_sw_netstats *stats = this_cpu_ptr(dev->tstats);

	u64_stats_update_begin(&stats->syncp);
	u64_stats_add(&stats->rx_packets, packets);
	u64_stats_add(&stats->rx_bytes, bytes);
	u64_stats_update_end(&stats->syncp);
}

/**
 * sstp_dev_rx - deliver packets, by way of NAPI
 * @s: the session; if its device is down they are dropped, as on any other
 * @list: the packets, some of them joined; consumed
 * @packets: how many were received
 * @bytes: bytes of those
 *
 * Context: rx_work.
 */
void sstp_dev_rx(struct sstp_session *s, struct sk_buff_head *list, u64 packets,
		 u64 bytes)
{
	struct sstp_dev *sd = netdev_priv(s->dev);
	struct sk_buff *skb;

	spin_lock_bh(&sd->lock);
	if (sd->up) {
		sstp_dev_count_rx(s->dev, packets, bytes);
		skb_queue_walk(list, skb)
			sd->rx_bytes += skb->truesize;
		skb_queue_splice_tail_init(list, &sd->rx_queue);
		napi_schedule(&sd->napi);
	}
	spin_unlock_bh(&sd->lock);

	while ((skb = __skb_dequeue(list))) {
		sstp_drop(s, SSTP_A_DROPS_RX_DOWN);
		kfree_skb(skb);
	}
}

/* Give a turn to the rx_work of whoever there is. */
static void sstp_dev_rx_turns(struct sstp_dev *sd)
{
	struct sstp_session *of[] = { sd->session, sd->old };
	int i;

	lockdep_assert_held(&sd->lock);
	for (i = 0; i < ARRAY_SIZE(of); i++)
		if (of[i] && !sstp_session_end_reason(of[i]))
			sstp_turn_now(&of[i]->rx_turn);
}

/* Take what one poll may deliver; let rx_work go on when little is left. */
static int sstp_poll_take(struct sstp_dev *sd, struct sk_buff_head *list,
			  int budget)
{
	struct sk_buff *skb;
	int n;

	spin_lock(&sd->lock);
	for (n = 0; n < budget; n++) {
		skb = __skb_dequeue(&sd->rx_queue);
		if (!skb)
			break;
		sd->rx_bytes -= skb->truesize;
		__skb_queue_tail(list, skb);
	}
	if (sd->rx_stalled && sd->rx_bytes < SSTP_RX_LOW) {
		sd->rx_stalled = false;
		sstp_dev_rx_turns(sd);
	}
	spin_unlock(&sd->lock);
	return n;
}

static int sstp_poll(struct napi_struct *napi, int budget)
{
	struct sstp_dev *sd = container_of(napi, struct sstp_dev, napi);
	struct sk_buff_head list;
	LIST_HEAD(deliver);
	struct sk_buff *skb;
	int n;

	__skb_queue_head_init(&list);
	n = sstp_poll_take(sd, &list, budget);
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

/**
 * sstp_dev_may_attach - can a device have a session?
 * @dev: the device
 * @s: the session
 * @extack: says why not
 *
 * Context: process, RTNL held.
 * Return: 0, -EBUSY, or -EINVAL when the MTU is above the peer's MRU.
 */
int sstp_dev_may_attach(const struct net_device *dev, const struct sstp_session *s,
			struct netlink_ext_ack *extack)
{
	const struct sstp_dev *sd = netdev_priv(dev);

	ASSERT_RTNL();
	if (dev->mtu > s->peer_mru) {
		NL_SET_ERR_MSG(extack, "the device's MTU is above peer-mru");
		return -EINVAL;
	}
	/* Only with the RTNL do these become one. */
	if (READ_ONCE(sd->session) && !s->replace) {
		NL_SET_ERR_MSG(extack, "the device already has a session");
		return -EBUSY;
	}
	if (READ_ONCE(sd->session) && READ_ONCE(sd->old)) {
		NL_SET_ERR_MSG(extack, "the device has a session that was replaced and goes on");
		return -EBUSY;
	}
	return 0;
}

/**
 * sstp_dev_mtu_limit - have a larger MTU refused, with that limit as the reason
 * @s: the session, of which it is the limit unless it was replaced
 * @peer_mru: of that
 *
 * Context: RTNL held.
 */
void sstp_dev_mtu_limit(const struct sstp_session *s, u32 peer_mru)
{
	struct sstp_dev *sd = netdev_priv(s->dev);

	ASSERT_RTNL();
	spin_lock_bh(&sd->lock);
	if (sd->session == s)
		WRITE_ONCE(s->dev->max_mtu, peer_mru);
	spin_unlock_bh(&sd->lock);
}

/* Without what a session has in hand. */
static unsigned int sstp_dev_tx_sum(const struct sstp_dev *sd)
{
	const struct sk_buff *skb;
	unsigned int sum = 0;

	lockdep_assert_held(&sd->lock);
	skb_queue_walk(&sd->tx_queue, skb)
		sum += skb->len;
	return sum;
}

/**
 * sstp_dev_attach - let a session use a device
 * @dev: the device
 * @s: the session; its peer_mru, protocols and replace are set
 * @extack: says why not
 *
 * What waits in the queue it gets from the one that it replaces.
 *
 * Context: process, RTNL held.
 * Return: as of sstp_dev_may_attach().
 */
int sstp_dev_attach(struct net_device *dev, struct sstp_session *s,
		    struct netlink_ext_ack *extack)
{
	struct sstp_dev *sd = netdev_priv(dev);
	int err = sstp_dev_may_attach(dev, s, extack);

	if (err)
		return err;
	spin_lock_bh(&sd->lock);
	if (sd->session)
		WRITE_ONCE(sd->old, sd->session);
	WRITE_ONCE(sd->session, s);
	sd->tx_bytes = sstp_dev_tx_sum(sd);
	WRITE_ONCE(dev->max_mtu, s->peer_mru);
	sd->tx_limit = SSTP_DEV_TX_MAX;
	if (sstp_dev_tx_room(sd))
		netif_wake_queue(dev);
	spin_unlock_bh(&sd->lock);
	return 0;
}

/**
 * sstp_dev_can_answer - whether what the stack sends gets to the device
 * @dev: the device
 *
 * With the carrier the qdisc comes to life in a work of the kernel's own, and until
 * then the stack throws away what it sends: say, the answer to the first packet of
 * the peer. When that changes, sstp_dev_event() or sstp_stop() gives the session's
 * rx_work a turn.
 */
bool sstp_dev_can_answer(const struct net_device *dev)
{
	return !netif_running(dev) || !qdisc_tx_is_noop(dev);
}

static int sstp_dev_event(struct notifier_block *nb, unsigned long event, void *ptr)
{
	struct net_device *dev = netdev_notifier_info_to_dev(ptr);
	struct sstp_dev *sd;

	if (!sstp_dev_is(dev) || (event != NETDEV_CHANGE && event != NETDEV_UP))
		return NOTIFY_DONE;

	sd = netdev_priv(dev);
	spin_lock_bh(&sd->lock);
	sstp_dev_rx_turns(sd);
	spin_unlock_bh(&sd->lock);
	return NOTIFY_DONE;
}

static struct notifier_block sstp_dev_notifier = {
	.notifier_call = sstp_dev_event,
};

/**
 * sstp_dev_quiesce - stop kicking an ending session's works
 * @s: the session
 *
 * Once this returns, whoever takes the lock sees that the session has an end
 * reason, so that its works can be cancelled for good. A device that another
 * session has taken over keeps its carrier.
 */
void sstp_dev_quiesce(const struct sstp_session *s)
{
	struct sstp_dev *sd = netdev_priv(s->dev);

	spin_lock_bh(&sd->lock);
	/* Of one that is being deleted nobody wants to know; a late answer does no harm. */
	if (sd->session == s && data_race(s->dev->reg_state == NETREG_REGISTERED))
		netif_carrier_off(s->dev);
	spin_unlock_bh(&sd->lock);
}

/* Its session goes, and nobody is there to send what is queued. */
static void sstp_dev_empty(struct sstp_dev *sd, struct sk_buff_head *drop)
{
	WRITE_ONCE(sd->session, NULL);
	WRITE_ONCE(sd->dev->max_mtu, SSTP_MAX_MRU);
	sd->tx_bytes = 0;
	sd->tx_memory = 0;
	skb_queue_splice_init(&sd->tx_queue, drop);
	/* One that is down, or being deleted, has a queue that nobody waits for. */
	if (sd->up)
		netif_wake_queue(sd->dev);
}

/**
 * sstp_dev_detach - let the device be used by another session
 * @s: its session, which is ending; its works are cancelled
 *
 * Drops what is queued, unless that is for the session that has replaced it.
 *
 * Context: process.
 */
void sstp_dev_detach(const struct sstp_session *s)
{
	struct sstp_dev *sd = netdev_priv(s->dev);
	struct sk_buff_head drop;

	__skb_queue_head_init(&drop);

	spin_lock_bh(&sd->lock);
	if (sd->session == s)
		sstp_dev_empty(sd, &drop);
	else
		WRITE_ONCE(sd->old, NULL);
	spin_unlock_bh(&sd->lock);

	__skb_queue_purge(&drop);
}

static int sstp_init(struct net_device *dev)
{
	struct sstp_dev *sd = netdev_priv(dev);

	netif_napi_add(dev, &sd->napi, sstp_poll);
	netif_carrier_off(dev);
	return 0;
}

static int sstp_open(struct net_device *dev)
{
	struct sstp_dev *sd = netdev_priv(dev);

	napi_enable(&sd->napi);
	spin_lock_bh(&sd->lock);
	sd->up = true;
	spin_unlock_bh(&sd->lock);
	netif_start_queue(dev);
	return 0;
}

static int sstp_stop(struct net_device *dev)
{
	struct sstp_dev *sd = netdev_priv(dev);
	struct sk_buff_head drop;

	netif_stop_queue(dev);
	__skb_queue_head_init(&drop);

	spin_lock_bh(&sd->lock);
	sd->up = false;
	skb_queue_splice_init(&sd->rx_queue, &drop);
	sd->rx_bytes = 0;
	sstp_dev_rx_turns(sd);
	sd->rx_stalled = false;
	spin_unlock_bh(&sd->lock);

	__skb_queue_purge(&drop);
	napi_disable(&sd->napi);
	return 0;
}

/*
 * The device is there, if not seen, until end_work gives up its reference. Between this
 * and free_netdev(), which would wait for a grace period to rid each device of its NAPI
 * context, is one for all devices that go together.
 */
static void sstp_uninit(struct net_device *dev)
{
	struct sstp_dev *sd = netdev_priv(dev);

	__netif_napi_del(&sd->napi);

	spin_lock_bh(&sd->lock);
	if (sd->session)
		sstp_session_end(sd->session, SSTP_END_REASON_LINK_DELETED, 0);
	if (sd->old)
		sstp_session_end(sd->old, SSTP_END_REASON_LINK_DELETED, 0);
	spin_unlock_bh(&sd->lock);
}

/*
 * As many segments to a GSO packet as fill tx_work's buffer. The stack's limit would
 * leave one or two of them for a record, and a turn, of their own. Who has set less
 * (ip link set gso_max_segs) keeps that.
 */
static void sstp_limit_gso(struct net_device *dev, unsigned int mtu)
{
	unsigned int segs = SSTP_TX_SIZE / (SSTP_FRAME_HLEN + mtu);
	bool ours = dev->gso_max_segs == dev->tso_max_segs;

	netif_set_tso_max_segs(dev, segs);
	if (ours)
		WRITE_ONCE(dev->gso_max_segs, segs);
}

/* The stack has looked at the limits, see sstp_dev_mtu_limit(). */
static int sstp_change_mtu(struct net_device *dev, int mtu)
{
	WRITE_ONCE(dev->mtu, mtu);
	sstp_limit_gso(dev, mtu);
	return 0;
}

static const struct net_device_ops sstp_netdev_ops = {
	.ndo_init = sstp_init,
	.ndo_uninit = sstp_uninit,
	.ndo_open = sstp_open,
	.ndo_stop = sstp_stop,
	.ndo_start_xmit = sstp_start_xmit,
	.ndo_change_mtu = sstp_change_mtu,
	.ndo_get_stats64 = dev_get_tstats64,
};

bool sstp_dev_is(const struct net_device *dev)
{
	return dev->netdev_ops == &sstp_netdev_ops;
}

static void sstp_setup(struct net_device *dev)
{
	const netdev_features_t features = NETIF_F_SG | NETIF_F_FRAGLIST |
					   NETIF_F_HW_CSUM | NETIF_F_RXCSUM |
					   NETIF_F_GSO_SOFTWARE;
	struct sstp_dev *sd = netdev_priv(dev);

	dev->netdev_ops = &sstp_netdev_ops;
	dev->ethtool_ops = sstp_dev_ethtool;
	dev->needs_free_netdev = true;
	dev->pcpu_stat_type = NETDEV_PCPU_STAT_TSTATS;

	dev->type = ARPHRD_PPP;
	dev->flags = IFF_POINTOPOINT | IFF_NOARP | IFF_MULTICAST;
	dev->hard_header_len = 0;
	dev->addr_len = 0;
	dev->tx_queue_len = DEFAULT_TX_QUEUE_LEN;
	dev->mtu = SSTP_DEFAULT_MTU;
	dev->min_mtu = ETH_MIN_MTU;
	dev->max_mtu = SSTP_MAX_MRU;
	sstp_limit_gso(dev, SSTP_DEFAULT_MTU);
	dev->features |= features;
	dev->hw_features |= features;

	sd->dev = dev;
	sd->rx_usecs = SSTP_TURN_USECS;
	sd->tx_usecs = SSTP_TURN_USECS;
	spin_lock_init(&sd->lock);
	__skb_queue_head_init(&sd->tx_queue);
	__skb_queue_head_init(&sd->rx_queue);
}

static struct rtnl_link_ops sstp_link_ops __read_mostly = {
	.kind = "sstp",
	.priv_size = sizeof(struct sstp_dev),
	.setup = sstp_setup,
};

/** sstp_dev_register - offer the link kind, whose devices answer ethtool so */
int sstp_dev_register(const struct ethtool_ops *ethtool)
{
	int err;

	sstp_dev_ethtool = ethtool;
	err = register_netdevice_notifier(&sstp_dev_notifier);
	if (err)
		return err;
	err = rtnl_link_register(&sstp_link_ops);
	if (err)
		unregister_netdevice_notifier(&sstp_dev_notifier);
	return err;
}

/* Deletes the devices that are left, in every namespace. */
void sstp_dev_unregister(void)
{
	rtnl_link_unregister(&sstp_link_ops);
	unregister_netdevice_notifier(&sstp_dev_notifier);
}
