// SPDX-License-Identifier: GPL-2.0-only
/*
 * Transmit: turn packets of the device, and packets from the session fd, into
 * the SSTP stream, and let kTLS encrypt and send it.
 *
 * Frames are copied back to back into a staging buffer, and one sendmsg() for each
 * record has kTLS encrypt straight out of it. The inner checksum, which has to touch
 * the bytes anyway, is summed on the way, and kTLS gets one large piece instead of
 * many small ones.
 *
 * The cipher works in pieces that lie in one page of what it reads and in one page of
 * what it writes, and in blocks of 16 bytes, of which one that lies in two pages is
 * copied. So a record lies in a slot of the staging buffer as its ciphertext will lie
 * in memory of ours that kTLS is lent for it, and its payload begins with a block:
 *
 *	0   16                                              16368  16384
 *	|...|payload                                        |......|	staged
 *	|.HH|payload                                        |TT....|	encrypted
 *
 * HH is the header of the record, with TLS 1.2's nonce, TT the tag, with the type of
 * TLS 1.3 before it.
 *
 * Only sendmsg() may be used: the _locked send helpers of a kTLS socket are
 * TCP's own, and would put plaintext into the stream.
 */
#include "tx.h"

#include <linux/bvec.h>
#include <linux/jiffies.h>
#include <linux/mm.h>
#include <linux/net.h>
#include <linux/netdevice.h>
#include <linux/sched/mm.h>
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
#include "rekey.h"
#include "segment.h"
#include "session.h"
#include "slot.h"
#include "socket.h"

#define SSTP_TX_SLOT	SSTP_STORE_SIZE
#define SSTP_TX_HEAD	16
#define SSTP_TX_GAP	(SSTP_TX_SLOT - SSTP_TX_RECORD)

/* A shorter record is encrypted to wherever kTLS has room. */
#define SSTP_TX_LEND_MIN	SZ_4K

/*
 * For all of the staging buffer: no reserves, which are for those who cannot do
 * without, and no waiting.
 */
#define SSTP_TX_GROW_GFP	((GFP_KERNEL_ACCOUNT & ~__GFP_DIRECT_RECLAIM) | \
				 __GFP_NORETRY | __GFP_NOMEMALLOC)

/* Bytes after which other work on this CPU gets a turn. */
#define SSTP_TX_BUDGET	SZ_256K

int sstp_tx_init(struct sstp_session *s)
{
	struct sstp_tx *tx = &s->tx;

	BUILD_BUG_ON(SSTP_TX_RECORDS * SSTP_TX_SLOT > SSTP_BUFFER_SIZE);
	u64_stats_init(&tx->syncp);
	__skb_queue_head_init(&tx->segs);
	return sstp_buffer_init(&tx->buf, GFP_KERNEL_ACCOUNT);
}

void sstp_tx_free(struct sstp_session *s)
{
	struct sstp_tx *tx = &s->tx;

	kfree_skb(tx->seg.skb);
	__skb_queue_purge(&tx->segs);
	/* kTLS is done with these, but for references on their way to the NIC. */
	sstp_store_free(&tx->store);
	sstp_buffer_free(&tx->buf);
}

/* Where in the staging buffer a byte of what is staged lies. */
static unsigned int sstp_tx_pos(unsigned int off)
{
	return SSTP_TX_HEAD + off + off / SSTP_TX_RECORD * SSTP_TX_GAP;
}

static u8 *sstp_tx_at(const struct sstp_tx *tx, unsigned int off)
{
	return tx->buf.data + sstp_tx_pos(off);
}

/* The first byte behind the record that a byte of what is staged belongs to. */
static unsigned int sstp_tx_record_end(unsigned int off)
{
	return (off / SSTP_TX_RECORD + 1) * SSTP_TX_RECORD;
}

/* Bytes of frames that it has room for now. */
static unsigned int sstp_tx_size(const struct sstp_tx *tx)
{
	return tx->buf.size / SSTP_TX_SLOT * SSTP_TX_RECORD;
}

/* A frame was written at the end, as if slots had no gaps between them. */
static void sstp_tx_staged(struct sstp_tx *tx, unsigned int len)
{
	unsigned int next = sstp_tx_record_end(tx->end);
	u8 *to;

	WRITE_ONCE(tx->end, tx->end + len);
	if (tx->end > next) {
		to = sstp_tx_at(tx, next);
		memmove(to, to - SSTP_TX_GAP, tx->end - next);
	}
}

/**
 * sstp_tx_waiting - bytes of frames that are staged and kTLS has not taken
 * @tx: transmit state
 *
 * Context: any. tx_work moves both ends meanwhile, so it may be a turn old.
 */
unsigned int sstp_tx_waiting(const struct sstp_tx *tx)
{
	unsigned int start = READ_ONCE(tx->start), end = READ_ONCE(tx->end);

	return end > start ? end - start : 0;
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

	while ((skb = sstp_ctrl_tx_next(s, sstp_tx_size(tx) - tx->end))) {
		skb_copy_bits(skb, 0, sstp_tx_at(tx, tx->end), skb->len);
		sstp_tx_staged(tx, skb->len);
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
			sstp_slot_tx_done(s, tx->segs_len);
			tx->segs_len = 0;
		}
	} else {
		sstp_slot_tx_done(s, skb->len);
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
		if (!skb) {
			skb = sstp_slot_tx_next(s);
			if (!skb)
				return false;
			skb_tx_timestamp(skb);
		}
		if (sstp_seg_init(&tx->seg, skb))
			return true;

		len = skb->len;
		if (sstp_seg_split(skb, &tx->segs)) {
			sstp_drop(s, SSTP_A_DROPS_TX_MALFORMED);
			sstp_slot_tx_done(s, len);
		} else {
			tx->segs_len = len;
		}
	}
}

/*
 * Write frames of the packet in hand, as many as a run of copies may. Half of what may
 * wait unsent is staged, which is what there is room for when the socket says so.
 *
 * Return: 0, or a negative errno as of sstp_seg_write().
 */
static int sstp_tx_stage_run(struct sstp_session *s)
{
	unsigned int mru = READ_ONCE(s->peer_mru), run = 0;
	struct sstp_tx *tx = &s->tx;
	int len;

	sstp_seg_begin(&tx->seg);
	do {
		len = sstp_seg_write(&tx->seg, sstp_tx_at(tx, tx->end),
				     sstp_tx_size(tx) - tx->end, mru);
		if (len < 0)
			break;
		sstp_tx_staged(tx, len);
		sstp_tx_count_packet(s, len - SSTP_FRAME_HLEN);
		run += len;
	} while (!sstp_seg_is_done(&tx->seg) && tx->end < tx->limit / 2 &&
		 run < SSTP_COPY_RUN);
	sstp_seg_end(&tx->seg);
	return min(len, 0);
}

/*
 * One slot is enough for who has little to send. Without memory for more it has to be,
 * for anybody: more and shorter turns.
 */
static void sstp_tx_fit(struct sstp_tx *tx)
{
	if (!tx->cramped)
		return;
	tx->cramped = false;
	sstp_buffer_grow(&tx->buf, SSTP_TX_GROW_GFP);
}

/* Of who is idle. Return: whether to ask again, as sstp_store_tidy(). */
static bool sstp_tx_tidy(struct sstp_tx *tx)
{
	bool again = sstp_store_tidy(&tx->store);

	if (tx->buf.size == SSTP_BUFFER_PIECE)
		return again;
	if (time_before(jiffies, tx->large + msecs_to_jiffies(SSTP_STORE_IDLE_MS)))
		return true;
	sstp_buffer_shrink(&tx->buf);
	return again;
}

/* Return: whether anything was staged, or has been before; at least a packet. */
static bool sstp_tx_stage(struct sstp_session *s)
{
	struct sstp_tx *tx = &s->tx;
	int err;

	sstp_tx_fit(tx);
	sstp_tx_stage_control(s);
	while (tx->end < tx->limit / 2) {
		if (!tx->seg.skb && !sstp_tx_seg_next(s))
			break;
		err = sstp_tx_stage_run(s);
		if (err == -ENOSPC) {
			tx->cramped = true;
			break;
		}
		if (err)
			sstp_drop(s, err == -EMSGSIZE ? SSTP_A_DROPS_TX_SIZE :
							SSTP_A_DROPS_TX_MALFORMED);
		if (err || sstp_seg_is_done(&tx->seg))
			sstp_tx_seg_done(s);
	}
	if (tx->cramped || tx->end > SSTP_TX_RECORD)
		tx->large = jiffies;
	return tx->end > tx->start;
}

/*
 * kTLS takes memory for a record from the page fragment of this task: have that be a
 * slot of ours. It is used again when TCP and what is below have let go of it, which
 * spares an allocation; most distributions' kernels also clear what they allocate.
 *
 * Return: whether it is.
 */
static bool sstp_tx_lend(struct sstp_session *s, struct page_frag *frag)
{
	struct sstp_store *store = &s->tx.store;
	struct sock *sk = s->sock->sk;
	unsigned int head = tls_get_ctx(sk)->prot_info.prepend_size;

	if (sk_page_frag(sk) != frag || head > SSTP_TX_HEAD ||
	    !sstp_store_room(store, SSTP_TX_SLOT))
		return false;
	frag->page = sstp_store_page(store);
	get_page(frag->page); /* put by whoever replaces it there */
	frag->offset = SSTP_TX_HEAD - head;
	frag->size = SSTP_TX_SLOT;
	store->used = SSTP_TX_SLOT;
	return true;
}

static int sstp_tx_sendmsg(struct sstp_session *s, struct msghdr *msg,
			   unsigned int len)
{
	struct page_frag *frag = &current->task_frag;
	struct page_frag own = *frag;
	bool lent = len >= SSTP_TX_LEND_MIN && sstp_tx_lend(s, frag);
	int sent = sock_sendmsg(s->sock, msg);

	if (lent) {
		/* Without memory for another one, there is none. */
		if (frag->page)
			put_page(frag->page);
		*frag = own;
	}
	return sent;
}

/*
 * Have kTLS take a record of what is staged.
 *
 * Return: bytes taken, -EAGAIN when the socket is full (write_space will kick
 * tx_work), -EPIPE when the session has ended.
 */
static int sstp_tx_send_staged(struct sstp_session *s)
{
	struct sstp_tx *tx = &s->tx;
	unsigned int len = min3(sstp_tx_record_end(tx->start) - tx->start,
				tx->end - tx->start, s->record_size);
	struct msghdr msg = { .msg_flags = MSG_DONTWAIT | MSG_NOSIGNAL };
	unsigned int pos = sstp_tx_pos(tx->start);
	struct bio_vec bv;
	int sent;

	bvec_set_page(&bv, tx->buf.pieces[pos / SSTP_BUFFER_PIECE].bv_page, len,
		      pos % SSTP_BUFFER_PIECE);
	iov_iter_bvec(&msg.msg_iter, ITER_SOURCE, &bv, 1, len);
	sent = sstp_tx_sendmsg(s, &msg, len);
	if (sent == -EAGAIN || sent == -EINTR || sent == -ERESTARTSYS)
		return -EAGAIN;
	if (sent < 0) {
		sstp_socket_failed(s, -sent);
		return -EPIPE;
	}

	WRITE_ONCE(tx->start, tx->start + sent);
	if (tx->start == tx->end) {
		WRITE_ONCE(tx->start, 0);
		WRITE_ONCE(tx->end, 0);
	}
	u64_stats_update_begin(&tx->syncp);
	u64_stats_add(&tx->stream, sent);
	u64_stats_inc(&tx->records);
	u64_stats_update_end(&tx->syncp);
	return sent;
}

/* As sstp_tx_send_staged(), or 0 when the key was changed, which comes first. */
static int sstp_tx_send(struct sstp_session *s)
{
	if (unlikely(sstp_rekey_tx_is_due(s)))
		return sstp_rekey_tx(s);
	/* Nothing but an update was due, and rx_work has withdrawn it. */
	if (unlikely(!s->tx.end))
		return 0;
	return sstp_tx_send_staged(s);
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

/*
 * The socket took nothing. If it is full it tells when there is room; room may have
 * come before anyone looked for it. TCP without memory, though, tells nobody when it
 * has some.
 */
static void sstp_tx_again(struct sstp_session *s, bool sent)
{
	if (!sk_stream_is_writeable(s->sock->sk))
		return;
	if (sent)
		sstp_turn_now(&s->tx_turn);
	else
		sstp_turn_pause(&s->tx_turn);
}

static void sstp_tx_run(struct sstp_session *s)
{
	int budget = SSTP_TX_BUDGET;
	int sent;

	sstp_limit_update(s);
	while (!sstp_session_end_reason(s)) {
		/* New frames only behind an empty buffer keep records full. */
		if (!s->tx.end && !sstp_tx_stage(s) && !sstp_rekey_tx_is_due(s))
			break;
		if (budget <= 0) {
			sstp_turn_now(&s->tx_turn);
			return;
		}
		sent = sstp_tx_send(s);
		if (sent == -EAGAIN) {
			sstp_tx_again(s, budget < SSTP_TX_BUDGET);
			return;
		}
		if (sent < 0)
			return;
		sstp_turn_went_well(&s->tx_turn);
		budget -= sent;
	}
	if (!s->tx.end && sstp_tx_tidy(&s->tx))
		sstp_turn_later(&s->tx_turn, SSTP_STORE_IDLE_MS);
}

void sstp_tx_work(struct work_struct *work)
{
	struct sstp_session *s = container_of(work, struct sstp_session, tx_turn.work);
	u64 packets = sstp_tx_packets(&s->tx);
	u64 bytes = u64_stats_read(&s->tx.bytes);
	unsigned int noreclaim;
	struct mem_cgroup *old;

	if (!READ_ONCE(s->started))
		return;
	noreclaim = memalloc_noreclaim_save(); /* see sstp_socket_take() */
	old = set_active_memcg(s->memcg);
	sstp_tx_run(s);
	set_active_memcg(old);
	memalloc_noreclaim_restore(noreclaim);
	sstp_tx_report(s, packets, bytes);
	sstp_turn_ended(&s->tx_turn);
}
