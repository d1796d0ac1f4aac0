// SPDX-License-Identifier: GPL-2.0-only
/*
 * How much may wait on this host before it is on the wire.
 *
 *	qdisc -> device queue -> staging buffer -> unsent in the socket -> wire
 *
 * Whatever is behind the qdisc is first in, first out: no fq_codel gets at it, and
 * each packet that comes later waits for all of it. But too little there leaves the
 * connection idle. Both are a matter of time, not of bytes, so that each of the
 * three holds what TCP sends in a few milliseconds: as byte queue limits do for a
 * card. TCP's pacing rate tells how much that is. It is kept up to date whether TCP
 * paces or not, and is a little above the rate at which data leaves.
 *
 * On a fast path the limits are those of a path without any; there they have to be
 * large, for full TLS records and few wake-ups.
 */
#include "limit.h"

#include <linux/minmax.h>
#include <linux/tcp.h>
#include <linux/time64.h>
#include <net/sock.h>
#include <net/tcp.h>

#include "session.h"
#include "slot.h"

/* What each queue may hold, in time. */
#define SSTP_LIMIT_MS	3

/* Two packets of the usual size: one being sent, one behind it. */
#define SSTP_LIMIT_MIN	3072

static u32 sstp_limit_of_rate(unsigned long bytes_per_s)
{
	/* At this rate and above it is SSTP_SLOT_TX_MAX; ~0 means unlimited. */
	const unsigned long full = SSTP_SLOT_TX_MAX / SSTP_LIMIT_MS * MSEC_PER_SEC;
	u32 limit;

	limit = min(bytes_per_s, full) / MSEC_PER_SEC * SSTP_LIMIT_MS;
	return max_t(u32, limit, SSTP_LIMIT_MIN);
}

/**
 * sstp_limit_update - adapt the queues to the rate of the connection
 * @s: the session
 *
 * Context: tx_work.
 */
void sstp_limit_update(struct sstp_session *s)
{
	struct sock *sk = s->sock->sk;
	u32 limit = sstp_limit_of_rate(READ_ONCE(sk->sk_pacing_rate));

	if (limit == s->tx.limit)
		return;
	s->tx.limit = limit;
	sstp_slot_tx_limit(s, limit);
	/* Read without the socket lock, as TCP_NOTSENT_LOWAT is in TCP itself. */
	WRITE_ONCE(tcp_sk(sk)->notsent_lowat, limit);
}
