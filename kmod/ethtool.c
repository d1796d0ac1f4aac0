// SPDX-License-Identifier: GPL-2.0-only
/*
 * ethtool on an sstp device. Its -S shows what the link counters cannot: the
 * stream around the packets. Counters are those of the session that is attached,
 * and zero without one.
 */
#include "ethtool.h"

#include <linux/netdevice.h>
#include <linux/u64_stats_sync.h>

#include "device.h"
#include "session.h"

#define SSTP_COUNTER(_name, _dir, _field) {				\
	.name = _name,							\
	.syncp = offsetof(struct sstp_session, _dir.syncp),		\
	.counter = offsetof(struct sstp_session, _dir._field),		\
}

static const struct sstp_ethtool_counter {
	char name[ETH_GSTRING_LEN];
	size_t syncp;
	size_t counter;
} sstp_ethtool_counters[] = {
	SSTP_COUNTER("rx_stream_bytes", rx, stream),
	SSTP_COUNTER("rx_control", rx, control),
	SSTP_COUNTER("rx_dropped", rx, dropped),
	SSTP_COUNTER("tx_stream_bytes", tx, stream),
	SSTP_COUNTER("tx_control", tx, control),
	SSTP_COUNTER("tx_dropped", tx, dropped),
	SSTP_COUNTER("tx_records", tx, records),
};

/* Of the device, behind those of the session. */
static const char sstp_ethtool_device[][ETH_GSTRING_LEN] = {
	"tx_refused",
	"tx_queue_bytes",
};

#define SSTP_N_COUNTERS		ARRAY_SIZE(sstp_ethtool_counters)
#define SSTP_N_STATS		(SSTP_N_COUNTERS + ARRAY_SIZE(sstp_ethtool_device))

static int sstp_ethtool_sset_count(struct net_device *dev, int set)
{
	return set == ETH_SS_STATS ? SSTP_N_STATS : -EOPNOTSUPP;
}

static void sstp_ethtool_strings(struct net_device *dev, u32 set, u8 *data)
{
	int i;

	if (set != ETH_SS_STATS)
		return;
	for (i = 0; i < SSTP_N_COUNTERS; i++, data += ETH_GSTRING_LEN)
		memcpy(data, sstp_ethtool_counters[i].name, ETH_GSTRING_LEN);
	memcpy(data, sstp_ethtool_device, sizeof(sstp_ethtool_device));
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

/* @data is zero at first. */
static void sstp_ethtool_stats(struct net_device *dev, struct ethtool_stats *stats,
			       u64 *data)
{
	struct sstp_dev *sd = netdev_priv(dev);
	int i;

	spin_lock_bh(&sd->lock);
	if (sd->session) {
		for (i = 0; i < SSTP_N_COUNTERS; i++)
			data[i] = sstp_ethtool_read(sd->session,
						    &sstp_ethtool_counters[i]);
		data[SSTP_N_COUNTERS] = sd->tx_refused;
		data[SSTP_N_COUNTERS + 1] = sd->tx_bytes;
	}
	spin_unlock_bh(&sd->lock);
}

const struct ethtool_ops sstp_ethtool_ops = {
	.get_link = ethtool_op_get_link,
	.get_sset_count = sstp_ethtool_sset_count,
	.get_strings = sstp_ethtool_strings,
	.get_ethtool_stats = sstp_ethtool_stats,
};
