/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _SSTP_DEVICE_H
#define _SSTP_DEVICE_H

#include <linux/netdevice.h>

#include <linux/sstp.h>

#include "slot.h"

struct ethtool_ops;
struct sstp_session;

/**
 * struct sstp_dev - private part of an sstp network device
 * @dev: the device
 * @rx_usecs: at least so long between two turns of rx_turn that receive little
 * @tx_usecs: likewise tx_turn; both are read and written without a lock
 * @n_slots: as many as transmit queues
 * @slots: freed with the device, when no session has it any more
 * @lock: protects everything below, and the carrier; ahead of a slot's lock
 * @live: bit by bit, the slots with a session that has not ended; read without the lock
 *	for each packet
 * @mru: the largest IP packet that the peer of each slot's session takes, 0 without one
 */
struct sstp_dev {
	struct net_device *dev;
	u32 rx_usecs;
	u32 tx_usecs;
	unsigned int n_slots;
	struct sstp_slot *slots;

	spinlock_t lock; /* see above */
	u32 live;
	u32 mru[SSTP_MAX_SLOTS];
};

bool sstp_dev_is(const struct net_device *dev);
int sstp_dev_may_attach(const struct net_device *dev, const struct sstp_session *s,
			struct netlink_ext_ack *extack);
int sstp_dev_attach(struct net_device *dev, struct sstp_session *s,
		    struct netlink_ext_ack *extack);
void sstp_dev_begun(const struct sstp_session *s);
void sstp_dev_mtu_limit(const struct sstp_session *s, u32 peer_mru);
bool sstp_dev_can_answer(const struct net_device *dev);
void sstp_dev_quiesce(const struct sstp_session *s);
void sstp_dev_detach(const struct sstp_session *s);

static inline u32 sstp_dev_rx_usecs(const struct net_device *dev)
{
	const struct sstp_dev *sd = netdev_priv(dev);

	return READ_ONCE(sd->rx_usecs);
}

int sstp_dev_register(const struct ethtool_ops *ethtool);
void sstp_dev_unregister(void);

#endif /* _SSTP_DEVICE_H */
