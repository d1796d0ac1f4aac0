// SPDX-License-Identifier: GPL-2.0-only
/*
 * Packets that go nowhere, counted by reason. The reasons are the attributes of
 * the set "drops" of the spec: those of receive first, then those of
 * transmit, and what was added later behind them.
 */
#include "drop.h"

#include <linux/atomic.h>
#include <linux/netdevice.h>

#include <linux/sstp.h>

#include "session.h"

#define CREATE_TRACE_POINTS
#include "trace.h"

#define SSTP_DROPS_FIRST	SSTP_A_DROPS_RX_MALFORMED
#define SSTP_DROPS_TX_FIRST	SSTP_A_DROPS_TX_PROTOCOL
#define SSTP_DROPS_TX_LAST	SSTP_A_DROPS_TX_MALFORMED

static bool sstp_drop_is_tx(unsigned int why)
{
	return why >= SSTP_DROPS_TX_FIRST && why <= SSTP_DROPS_TX_LAST;
}

/**
 * sstp_drop - count a packet that is dropped
 * @s: its session
 * @why: SSTP_A_DROPS_*
 *
 * Context: any in which @s and its device cannot go away. Rare, and from
 *	several contexts: hence an atomic counter.
 */
void sstp_drop(struct sstp_session *s, unsigned int why)
{
	atomic64_inc(&s->drops[why]);
	if (sstp_drop_is_tx(why))
		dev_core_stats_tx_dropped_inc(s->dev);
	else
		dev_core_stats_rx_dropped_inc(s->dev);
	trace_sstp_drop(s, why);
}

static u64 sstp_drops_sum(const struct sstp_session *s, bool tx)
{
	unsigned int why;
	u64 sum = 0;

	for (why = SSTP_DROPS_FIRST; why <= SSTP_A_DROPS_MAX; why++)
		if (sstp_drop_is_tx(why) == tx)
			sum += atomic64_read(&s->drops[why]);
	return sum;
}

/** sstp_drops_rx - packets dropped on receive */
u64 sstp_drops_rx(const struct sstp_session *s)
{
	return sstp_drops_sum(s, false);
}

/** sstp_drops_tx - packets dropped on transmit */
u64 sstp_drops_tx(const struct sstp_session *s)
{
	return sstp_drops_sum(s, true);
}
