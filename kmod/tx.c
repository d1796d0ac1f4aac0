// SPDX-License-Identifier: GPL-2.0-only
/*
 * Transmit: turn packets of the device, and packets from the session fd, into
 * the SSTP stream, and let kTLS encrypt and send it.
 *
 * Frames are copied back to back into a contiguous staging buffer, and one
 * sendmsg() has kTLS encrypt straight out of it into full records. The inner
 * checksum, which has to touch the bytes anyway, is summed on the way, and kTLS gets
 * a few large pieces instead of many small ones.
 *
 * Only sendmsg() may be used: the _locked send helpers of a kTLS socket are
 * TCP's own, and would put plaintext into the stream.
 */
#include "tx.h"

#include <linux/bvec.h>
#include <linux/mm.h>
#include <linux/net.h>
#include <linux/netdevice.h>
#include <linux/uio.h>
#include <net/sock.h>
#include <net/tls.h>

#include <linux/sstp.h>

#include "copy.h"
#include "ctrl.h"
#include "device.h"
#include "drop.h"
#include "frame.h"
#include "limit.h"
#include "segment.h"
#include "session.h"

#define SSTP_TX_ORDER	get_order(SSTP_TX_SIZE)

/* Bytes after which other work on this CPU gets a turn. */
#define SSTP_TX_BUDGET	SZ_256K

int sstp_tx_init(struct sstp_session *s)
{
	struct sstp_tx *tx = &s->tx;

	u64_stats_init(&tx->syncp);
	__skb_queue_head_init(&tx->segs);
	tx->page = alloc_pages(GFP_KERNEL | __GFP_COMP, SSTP_TX_ORDER);
	return tx->page ? 0 : -ENOMEM;
}

void sstp_tx_free(struct sstp_session *s)
{
	struct sstp_tx *tx = &s->tx;

	kfree_skb(tx->seg.skb);
	__skb_queue_purge(&tx->segs);
	/* kTLS is done with it, but for references on their way to the NIC. */
	put_page(tx->page);
}

static u8 *sstp_tx_at(const struct sstp_tx *tx, unsigned int off)
{
	return (u8 *)page_address(tx->page) + off;
}

static void sstp_tx_count_packet(struct sstp_session *s, unsigned int len)
{
	u64_stats_update_begin(&s->tx.syncp);
	u64_stats_inc(&s->tx.packets);
	u64_stats_add(&s->tx.bytes, len);
	u64_stats_update_end(&s->tx.syncp);
}

static void sstp_tx_stage_control(struct sstp_session *s)
{
	struct sstp_tx *tx = &s->tx;
	struct sk_buff *skb;

	while ((skb = sstp_ctrl_tx_next(s, SSTP_TX_SIZE - tx->end))) {
		skb_copy_bits(skb, 0, sstp_tx_at(tx, tx->end), skb->len);
		tx->end += skb->len;
		consume_skb(skb);
		u64_stats_update_begin(&tx->syncp);
		u64_stats_inc(&tx->control);
		u64_stats_update_end(&tx->syncp);
	}
}

/* The packet in hand is staged, or given up. */
static void sstp_tx_seg_done(struct sstp_session *s)
{
	struct sstp_tx *tx = &s->tx;
	struct sk_buff *skb = tx->seg.skb;

	tx->seg.skb = NULL;
	/* A part of what the stack took apart is accounted with its last part. */
	if (tx->segs_len) {
		if (skb_queue_empty(&tx->segs)) {
			sstp_dev_tx_done(s->dev, tx->segs_len);
			tx->segs_len = 0;
		}
	} else {
		sstp_dev_tx_done(s->dev, skb->len);
	}
	consume_skb(skb);
}

/*
 * Take the next packet in hand. One that segment.c cannot take apart is taken
 * apart by the stack, and its parts come first.
 *
 * Return: whether there is one.
 */
static bool sstp_tx_seg_next(struct sstp_session *s)
{
	struct sstp_tx *tx = &s->tx;
	struct sk_buff *skb;
	unsigned int len;

	for (;;) {
		skb = __skb_dequeue(&tx->segs);
		if (!skb)
			skb = sstp_dev_tx_next(s->dev);
		if (!skb)
			return false;
		if (sstp_seg_init(&tx->seg, skb))
			return true;

		len = skb->len;
		if (sstp_seg_split(skb, &tx->segs)) {
			sstp_drop(s, SSTP_A_DROPS_TX_MALFORMED);
			sstp_dev_tx_done(s->dev, len);
		} else {
			tx->segs_len = len;
		}
	}
}

/*
 * Half of what may wait unsent, which is what there is room for when the socket
 * says so, and at least one packet.
 *
 * Return: whether anything was staged, or has been before.
 */
static bool sstp_tx_stage(struct sstp_session *s)
{
	struct sstp_tx *tx = &s->tx;
	unsigned int room;
	int len;

	sstp_tx_stage_control(s);
	while (tx->end < tx->limit / 2) {
		if (!tx->seg.skb && !sstp_tx_seg_next(s))
			break;

		room = SSTP_TX_SIZE - tx->end;
		len = sstp_seg_write(&tx->seg, sstp_tx_at(tx, tx->end), room);
		if (len == -ENOSPC)
			break;
		if (len < 0) {
			sstp_drop(s, SSTP_A_DROPS_TX_MALFORMED);
			sstp_tx_seg_done(s);
			continue;
		}
		tx->end += len;
		sstp_tx_count_packet(s, len - SSTP_FRAME_HLEN);
		if (sstp_seg_is_done(&tx->seg))
			sstp_tx_seg_done(s);
	}
	return tx->end > tx->start;
}

/*
 * Have kTLS take what is staged.
 *
 * Return: bytes taken, -EAGAIN when the socket is full (write_space will kick
 * tx_work), -EPIPE when the session has ended.
 */
static int sstp_tx_send(struct sstp_session *s)
{
	struct sstp_tx *tx = &s->tx;
	unsigned int len = tx->end - tx->start;
	struct msghdr msg = { .msg_flags = MSG_DONTWAIT | MSG_NOSIGNAL };
	struct bio_vec bv;
	int sent;

	bvec_set_page(&bv, tx->page, len, tx->start);
	iov_iter_bvec(&msg.msg_iter, ITER_SOURCE, &bv, 1, len);
	sent = sock_sendmsg(s->sock, &msg);
	if (sent == -EAGAIN || sent == -EINTR || sent == -ERESTARTSYS)
		return -EAGAIN;
	if (sent < 0) {
		if (sent == -EBADMSG || sent == -EINVAL || sent == -EMSGSIZE)
			sstp_session_end(s, SSTP_END_REASON_TLS_ERROR, -sent);
		else
			sstp_session_end(s, SSTP_END_REASON_TCP_ERROR, -sent);
		return -EPIPE;
	}

	tx->start += sent;
	if (tx->start == tx->end) {
		tx->start = 0;
		tx->end = 0;
	}
	u64_stats_update_begin(&tx->syncp);
	u64_stats_add(&tx->stream, sent);
	u64_stats_add(&tx->records, DIV_ROUND_UP(sent, TLS_MAX_PAYLOAD_SIZE));
	u64_stats_update_end(&tx->syncp);
	return sent;
}

static u64 sstp_tx_packets(const struct sstp_tx *tx)
{
	return u64_stats_read(&tx->packets);
}

/* The device's counters move once a turn: they are per CPU. */
static void sstp_tx_report(struct sstp_session *s, u64 packets, u64 bytes)
{
	packets = sstp_tx_packets(&s->tx) - packets;
	bytes = u64_stats_read(&s->tx.bytes) - bytes;
	if (!packets)
		return;
	local_bh_disable();
	dev_sw_netstats_tx_add(s->dev, packets, bytes);
	local_bh_enable();
}

static void sstp_tx_run(struct sstp_session *s)
{
	int budget = SSTP_TX_BUDGET;
	bool staged;
	int sent;

	sstp_limit_update(s);
	while (!sstp_session_end_reason(s)) {
		/* New frames only behind an empty buffer keep records full. */
		if (!s->tx.end) {
			sstp_copy_begin();
			staged = sstp_tx_stage(s);
			sstp_copy_end();
			if (!staged)
				return;
		}
		if (budget <= 0) {
			sstp_turn_now(&s->tx_turn);
			return;
		}
		sent = sstp_tx_send(s);
		if (sent == -EAGAIN) {
			/* Room may have come before anyone looked for it. */
			if (!sk_stream_is_writeable(s->sock->sk))
				return;
			sstp_turn_now(&s->tx_turn);
			return;
		}
		if (sent < 0)
			return;
		budget -= sent;
	}
}

void sstp_tx_work(struct work_struct *work)
{
	struct sstp_session *s = container_of(work, struct sstp_session, tx_turn.work);
	u64 packets = sstp_tx_packets(&s->tx);
	u64 bytes = u64_stats_read(&s->tx.bytes);

	if (!READ_ONCE(s->started))
		return;
	sstp_tx_run(s);
	sstp_tx_report(s, packets, bytes);
	sstp_turn_ended(&s->tx_turn);
}
