// SPDX-License-Identifier: GPL-2.0-only
/*
 * ethtool on an sstp device. Its -S shows what the link counters cannot: the
 * stream around the packets. Counters are those of the session that is attached, or of
 * all of them together, and zero without one.
 */
#include "ethtool.h"

#include <linux/netdevice.h>
#include <linux/u64_stats_sync.h>

#include <linux/sstp.h>

#include "device.h"
#include "session.h"
#include "slot.h"

#define SSTP_COUNTER(_name, _syncp, _field) {				\
	.name = _name,							\
	.syncp = offsetof(struct sstp_session, _syncp),			\
	.counter = offsetof(struct sstp_session, _field),		\
}

static const struct sstp_ethtool_counter {
	char name[ETH_GSTRING_LEN];
	size_t syncp;
	size_t counter;
} sstp_ethtool_counters[] = {
	SSTP_COUNTER("rx_stream_bytes", rx.syncp, rx.stream),
	SSTP_COUNTER("rx_control", rx.syncp, rx.control),
	SSTP_COUNTER("tx_stream_bytes", tx.syncp, tx.stream),
	SSTP_COUNTER("tx_control", tx.syncp, tx.control),
	SSTP_COUNTER("tx_records", tx.syncp, tx.records),
};

/* Behind those: packets dropped, in the order of their attributes. */
static const char sstp_ethtool_drops[][ETH_GSTRING_LEN] = {
	"rx_drop_malformed",
	"rx_drop_protocol",
	"rx_drop_memory",
	"rx_drop_down",
	"tx_drop_protocol",
	"tx_drop_size",
	"tx_drop_malformed",
	"rx_drop_source",
};

/* Last, of the device. */
static const char sstp_ethtool_queued[ETH_GSTRING_LEN] = "tx_queue_bytes";

#define SSTP_N_COUNTERS		ARRAY_SIZE(sstp_ethtool_counters)
#define SSTP_N_DROPS		ARRAY_SIZE(sstp_ethtool_drops)
#define SSTP_N_STATS		(SSTP_N_COUNTERS + SSTP_N_DROPS + 1)

static int sstp_ethtool_sset_count(struct net_device *dev, int set)
{
	return set == ETH_SS_STATS ? SSTP_N_STATS : -EOPNOTSUPP;
}

static void sstp_ethtool_strings(struct net_device *dev, u32 set, u8 *data)
{
	int i;

	BUILD_BUG_ON(SSTP_A_DROPS_MAX - SSTP_A_DROPS_PAD != SSTP_N_DROPS);
	if (set != ETH_SS_STATS)
		return;
	for (i = 0; i < SSTP_N_COUNTERS; i++, data += ETH_GSTRING_LEN)
		memcpy(data, sstp_ethtool_counters[i].name, ETH_GSTRING_LEN);
	memcpy(data, sstp_ethtool_drops, sizeof(sstp_ethtool_drops));
	data += sizeof(sstp_ethtool_drops);
	memcpy(data, sstp_ethtool_queued, sizeof(sstp_ethtool_queued));
}

static u64 sstp_ethtool_read(const struct sstp_session *s,
			     const struct sstp_ethtool_counter *c)
{
	const struct u64_stats_sync *syncp = (void *)s + c->syncp;
	const u64_stats_t *counter = (void *)s + c->counter;
	unsigned int start;
	u64 value;

	do {
		start = u64_stats_fetch_begin(syncp);
		value = u64_stats_read(counter);
	} while (u64_stats_fetch_retry(syncp, start));
	return value;
}

static void sstp_ethtool_add(struct sstp_slot *slot, u64 *data)
{
	const struct sstp_session *s;
	int i;

	spin_lock_bh(&slot->lock);
	s = slot->session;
	if (s) {
		for (i = 0; i < SSTP_N_COUNTERS; i++)
			*data++ += sstp_ethtool_read(s, &sstp_ethtool_counters[i]);
		for (i = 0; i < SSTP_N_DROPS; i++)
			*data++ += atomic64_read(&s->drops[SSTP_A_DROPS_PAD + 1 + i]);
		*data += slot->tx_bytes;
	}
	spin_unlock_bh(&slot->lock);
}

/* @data is zero at first. */
static void sstp_ethtool_stats(struct net_device *dev, struct ethtool_stats *stats,
			       u64 *data)
{
	const struct sstp_dev *sd = netdev_priv(dev);
	unsigned int i;

	for (i = 0; i < sd->n_slots; i++)
		sstp_ethtool_add(&sd->slots[i], data);
}

static int sstp_ethtool_coalesce(struct net_device *dev,
				 struct ethtool_coalesce *coalesce,
				 struct kernel_ethtool_coalesce *kernel_coalesce,
				 struct netlink_ext_ack *extack)
{
	const struct sstp_dev *sd = netdev_priv(dev);

	coalesce->rx_coalesce_usecs = sd->rx_usecs;
	coalesce->tx_coalesce_usecs = sd->tx_usecs;
	return 0;
}

static int sstp_ethtool_set_coalesce(struct net_device *dev,
				     struct ethtool_coalesce *coalesce,
				     struct kernel_ethtool_coalesce *kernel_coalesce,
				     struct netlink_ext_ack *extack)
{
	struct sstp_dev *sd = netdev_priv(dev);

	if (coalesce->rx_coalesce_usecs > SSTP_TURN_USECS_MAX ||
	    coalesce->tx_coalesce_usecs > SSTP_TURN_USECS_MAX) {
		NL_SET_ERR_MSG(extack, "more than 1000 microseconds");
		return -ERANGE;
	}
	WRITE_ONCE(sd->rx_usecs, coalesce->rx_coalesce_usecs);
	WRITE_ONCE(sd->tx_usecs, coalesce->tx_coalesce_usecs);
	return 0;
}

const struct ethtool_ops sstp_ethtool_ops = {
	.supported_coalesce_params = ETHTOOL_COALESCE_USECS,
	.get_coalesce = sstp_ethtool_coalesce,
	.set_coalesce = sstp_ethtool_set_coalesce,
	.get_link = ethtool_op_get_link,
	.get_sset_count = sstp_ethtool_sset_count,
	.get_strings = sstp_ethtool_strings,
	.get_ethtool_stats = sstp_ethtool_stats,
	.get_ts_info = ethtool_op_get_ts_info,
};
