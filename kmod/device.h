/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _SSTP_DEVICE_H
#define _SSTP_DEVICE_H

#include <linux/netdevice.h>
#include <linux/sizes.h>
#include <linux/skbuff.h>

struct ethtool_ops;
struct sstp_session;

/* What its queue may hold on a fast path: two full GSO packets. */
#define SSTP_DEV_TX_MAX	SZ_128K

/**
 * struct sstp_dev - private part of an sstp network device
 * @dev: the device
 * @napi: delivers received packets
 * @rx_usecs: at least so long between two turns of rx_turn that receive little
 * @tx_usecs: likewise tx_turn; both are read and written without a lock
 * @lock: protects everything below
 * @session: the session that uses the device, or NULL
 * @old: the one that it has replaced, while that goes on, or NULL: what it receives is
 *	delivered, and it sends nothing more of the device
 * @up: the device is up and @napi enabled
 * @tx_queue: packets that wait for tx_work
 * @tx_bytes: bytes of @tx_queue and of what the tx_work of @session has taken but not
 *	staged
 * @tx_limit: of @tx_bytes, see sstp_dev_tx_limit()
 * @tx_memory: memory of @tx_queue
 * @rx_queue: packets that wait for @napi
 * @rx_bytes: memory of @rx_queue
 * @rx_stalled: rx_work stopped because @rx_queue was full
 */
struct sstp_dev {
	struct net_device *dev;
	struct napi_struct napi;
	u32 rx_usecs;
	u32 tx_usecs;

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
};

bool sstp_dev_is(const struct net_device *dev);
int sstp_dev_may_attach(const struct net_device *dev, const struct sstp_session *s,
			struct netlink_ext_ack *extack);
int sstp_dev_attach(struct net_device *dev, struct sstp_session *s,
		    struct netlink_ext_ack *extack);
void sstp_dev_mtu_limit(const struct sstp_session *s, u32 peer_mru);
bool sstp_dev_can_answer(const struct net_device *dev);
void sstp_dev_quiesce(const struct sstp_session *s);
void sstp_dev_detach(const struct sstp_session *s);

void sstp_dev_tx_limit(const struct sstp_session *s, unsigned int limit);
unsigned int sstp_dev_tx_queued(const struct sstp_session *s);

/* For tx_work: one packet at a time; each is accounted until it is done. */
struct sk_buff *sstp_dev_tx_next(const struct sstp_session *s);
void sstp_dev_tx_done(const struct sstp_session *s, unsigned int len);

static inline u32 sstp_dev_rx_usecs(const struct net_device *dev)
{
	const struct sstp_dev *sd = netdev_priv(dev);

	return READ_ONCE(sd->rx_usecs);
}

/* For rx_work. */
bool sstp_dev_rx_full(struct net_device *dev);
void sstp_dev_rx(struct sstp_session *s, struct sk_buff_head *list, u64 packets,
		 u64 bytes);

int sstp_dev_register(const struct ethtool_ops *ethtool);
void sstp_dev_unregister(void);

#endif /* _SSTP_DEVICE_H */
