// SPDX-License-Identifier: GPL-2.0-only
/*
 * The sstp network device: link kind "sstp". It outlives sessions, and has carrier
 * while one is attached.
 *
 * With several transmit queues it has several sessions, one in each slot (slot.c). A
 * flow's packets go by one of them, so that they stay in order; another one only if
 * that ends, or one that it went by before is back.
 */
#include "device.h"

#include <linux/if_arp.h>
#include <linux/if_ether.h>
#include <linux/jhash.h>
#include <linux/kernel.h>
#include <linux/skbuff.h>
#include <linux/slab.h>
#include <net/pkt_sched.h>
#include <net/rtnetlink.h>

#include <linux/sstp.h>

#include "proto.h"
#include "session.h"
#include "slot.h"

#define SSTP_DEFAULT_MTU	1400

static struct rtnl_link_ops sstp_link_ops;
static const struct ethtool_ops *sstp_dev_ethtool;

/* ---- packets ---------------------------------------------------------------------- */

/*
 * A flow has a slot of its own as long as that has a session; otherwise one of the
 * others, where it stays until its own is back, or a newcomer is its next choice: whoever
 * comes or goes moves no flow between two others.
 */
static u16 sstp_dev_slot_of_flow(const struct sstp_dev *sd, u32 hash)
{
	unsigned long live = READ_ONCE(sd->live);
	unsigned int own = reciprocal_scale(hash, sd->n_slots), best = own, i;
	u32 weight, most = 0;

	if (likely(test_bit(own, &live)))
		return own;
	for_each_set_bit(i, &live, sd->n_slots) {
		weight = jhash_1word(hash, i);
		if (weight >= most) {
			most = weight;
			best = i;
		}
	}
	return best;
}

static u16 sstp_select_queue(struct net_device *dev, struct sk_buff *skb,
			     struct net_device *sb_dev)
{
	return sstp_dev_slot_of_flow(netdev_priv(dev), skb_get_hash(skb));
}

static netdev_tx_t sstp_start_xmit(struct sk_buff *skb, struct net_device *dev)
{
	struct sstp_dev *sd = netdev_priv(dev);

	sstp_slot_xmit(&sd->slots[skb_get_queue_mapping(skb)], skb, READ_ONCE(sd->tx_usecs));
	return NETDEV_TX_OK;
}

/* ---- sessions --------------------------------------------------------------------- */

/* It may have a larger MTU when nobody's peer is in the way. */
static void sstp_dev_set_mru(struct sstp_dev *sd, unsigned int slot, u32 mru)
{
	u32 max = SSTP_MAX_MRU;
	unsigned int i;

	lockdep_assert_held(&sd->lock);
	sd->mru[slot] = mru;
	for (i = 0; i < sd->n_slots; i++)
		if (sd->mru[i])
			max = min(max, sd->mru[i]);
	WRITE_ONCE(sd->dev->max_mtu, max);
}

/**
 * sstp_dev_may_attach - can a device have a session?
 * @dev: the device
 * @s: the session; its peer_mru, replace and slot_index are set
 * @extack: says why not
 *
 * Context: process, RTNL held.
 * Return: 0, -EBUSY, or -EINVAL when the MTU is above the peer's MRU, or there is no
 *	such slot.
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
	if (s->slot_index >= sd->n_slots) {
		NL_SET_ERR_MSG(extack, "no such slot: a device has as many as transmit queues");
		return -EINVAL;
	}
	return sstp_slot_may_attach(&sd->slots[s->slot_index], s, extack);
}

/**
 * sstp_dev_attach - let a session use a device
 * @dev: the device
 * @s: the session; its peer_mru, protocols, replace and slot_index are set
 * @extack: says why not
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
	s->slot = &sd->slots[s->slot_index];
	spin_lock_bh(&sd->lock);
	sstp_slot_attach(s->slot, s);
	sstp_dev_set_mru(sd, s->slot_index, s->peer_mru);
	spin_unlock_bh(&sd->lock);
	return 0;
}

static void sstp_dev_set_live(struct sstp_dev *sd, unsigned int slot, bool live)
{
	lockdep_assert_held(&sd->lock);
	if (live)
		WRITE_ONCE(sd->live, sd->live | BIT(slot));
	else
		WRITE_ONCE(sd->live, sd->live & ~BIT(slot));
	if (sd->live) {
		netif_carrier_on(sd->dev);
		return;
	}
	/* Of one that is being deleted nobody wants to know; a late answer does no harm. */
	if (data_race(sd->dev->reg_state == NETREG_REGISTERED))
		netif_carrier_off(sd->dev);
}

/**
 * sstp_dev_begun - an attached session takes packets from now on
 * @s: the session, which cannot end meanwhile
 */
void sstp_dev_begun(const struct sstp_session *s)
{
	struct sstp_dev *sd = netdev_priv(s->dev);

	spin_lock_bh(&sd->lock);
	sstp_dev_set_live(sd, s->slot_index, true);
	spin_unlock_bh(&sd->lock);
}

/**
 * sstp_dev_quiesce - stop kicking an ending session's works
 * @s: the session
 *
 * As sstp_slot_quiesce(). A device with another session keeps its carrier.
 */
void sstp_dev_quiesce(const struct sstp_session *s)
{
	struct sstp_dev *sd = netdev_priv(s->dev);

	spin_lock_bh(&sd->lock);
	if (sstp_slot_quiesce(s))
		sstp_dev_set_live(sd, s->slot_index, false);
	spin_unlock_bh(&sd->lock);
}

/**
 * sstp_dev_detach - let its slot be used by another session
 * @s: its session, which is ending; its works are cancelled
 *
 * Context: process.
 */
void sstp_dev_detach(const struct sstp_session *s)
{
	struct sstp_dev *sd = netdev_priv(s->dev);
	struct sk_buff_head drop;

	__skb_queue_head_init(&drop);
	spin_lock_bh(&sd->lock);
	if (sstp_slot_detach(s, &drop))
		sstp_dev_set_mru(sd, s->slot_index, 0);
	spin_unlock_bh(&sd->lock);
	__skb_queue_purge(&drop);
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
	if (READ_ONCE(s->slot->session) == s)
		sstp_dev_set_mru(sd, s->slot_index, peer_mru);
	spin_unlock_bh(&sd->lock);
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
	unsigned int i;

	if (!sstp_dev_is(dev) || (event != NETDEV_CHANGE && event != NETDEV_UP))
		return NOTIFY_DONE;

	sd = netdev_priv(dev);
	for (i = 0; i < sd->n_slots; i++)
		sstp_slot_rx_turns(&sd->slots[i]);
	return NOTIFY_DONE;
}

static struct notifier_block sstp_dev_notifier = {
	.notifier_call = sstp_dev_event,
};

/* ---- the device ------------------------------------------------------------------- */

static int sstp_open(struct net_device *dev)
{
	struct sstp_dev *sd = netdev_priv(dev);
	unsigned int i;

	for (i = 0; i < sd->n_slots; i++)
		sstp_slot_open(&sd->slots[i]);
	netif_tx_start_all_queues(dev);
	return 0;
}

static int sstp_stop(struct net_device *dev)
{
	struct sstp_dev *sd = netdev_priv(dev);
	unsigned int i;

	netif_tx_stop_all_queues(dev);
	for (i = 0; i < sd->n_slots; i++)
		sstp_slot_stop(&sd->slots[i]);
	return 0;
}

/* The device is there, if not seen, until end_work gives up its reference. */
static void sstp_uninit(struct net_device *dev)
{
	struct sstp_dev *sd = netdev_priv(dev);
	unsigned int i;

	for (i = 0; i < sd->n_slots; i++)
		sstp_slot_uninit(&sd->slots[i]);
}

/* No session has it any more. */
static void sstp_destroy(struct net_device *dev)
{
	struct sstp_dev *sd = netdev_priv(dev);

	kfree(sd->slots);
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

/* Whoever makes a device may name its MTU, and limits of his own, which are set by now. */
static int sstp_init(struct net_device *dev)
{
	struct sstp_dev *sd = netdev_priv(dev);
	unsigned int i;

	sstp_limit_gso(dev, dev->mtu);
	sd->slots = kzalloc_objs(*sd->slots, dev->num_tx_queues, GFP_KERNEL_ACCOUNT);
	if (!sd->slots)
		return -ENOMEM;
	sd->n_slots = dev->num_tx_queues;
	for (i = 0; i < sd->n_slots; i++)
		sstp_slot_init(&sd->slots[i], dev, i);
	netif_carrier_off(dev);
	return 0;
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
	.ndo_select_queue = sstp_select_queue,
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
	dev->priv_destructor = sstp_destroy;
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
}

static int sstp_validate(struct nlattr *tb[], struct nlattr *data[],
			 struct netlink_ext_ack *extack)
{
	const struct nlattr *queues = tb[IFLA_NUM_TX_QUEUES];

	if (queues && nla_get_u32(queues) > SSTP_MAX_SLOTS) {
		NL_SET_ERR_MSG_ATTR(extack, queues, "at most 16 queues, a session each");
		return -EINVAL;
	}
	return 0;
}

static struct rtnl_link_ops sstp_link_ops __read_mostly = {
	.kind = "sstp",
	.priv_size = sizeof(struct sstp_dev),
	.setup = sstp_setup,
	.validate = sstp_validate,
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
