// SPDX-License-Identifier: GPL-2.0-only
/*
 * Receive: read the kTLS socket, delimit packets, hand IP packets to the device
 * and all else to the session fd.
 *
 * recvmsg() has kTLS decrypt into a buffer of ours. The stream comes in pieces that end
 * anywhere: packets are handled where they lie, and copied from there to where the
 * stack gets them; one that goes on in the next piece is put together first.
 */
#include "rx.h"

#include <linux/bvec.h>
#include <linux/ipv6.h>
#include <linux/jiffies.h>
#include <linux/mm.h>
#include <linux/net.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/tcp.h>
#include <linux/uio.h>
#include <net/checksum.h>
#include <net/sock.h>
#include <net/tls.h>

#include <linux/if_sstp.h>
#include <linux/sstp.h>

#include "copy.h"
#include "ctrl.h"
#include "device.h"
#include "drop.h"
#include "frame.h"
#include "join.h"
#include "pool.h"
#include "rekey.h"
#include "session.h"
#include "slot.h"
#include "source.h"
#include "tls.h"

/* Bytes after which other work on this CPU gets a turn. */
#define SSTP_RX_BUDGET		SZ_256K

/* What a read of less is charged: it takes its time, whatever there was. */
#define SSTP_RX_LITTLE		SZ_1K

/* A record that was announced to nobody is read so late. */
#define SSTP_RX_LATE_MS		100

/* Longest part of an unexpected TLS record that the owner is shown. */
#define SSTP_RX_RECORD_SHOWN	64

void sstp_rx_init(struct sstp_session *s)
{
	struct sstp_rx *rx = &s->rx;

	u64_stats_init(&rx->syncp);
	__skb_queue_head_init(&rx->list);
}

void sstp_rx_free(struct sstp_session *s)
{
	sstp_join_free(&s->rx.join);
	kfree(s->rx.pending);
}

/**
 * sstp_rx_pending - bytes of the stream that were received before the hand-over
 * @s: the session, not started
 * @data: the bytes
 * @len: how many, at most SSTP_MAX_RX_PENDING
 *
 * Return: 0 or -ENOMEM.
 */
int sstp_rx_pending(struct sstp_session *s, const void *data, unsigned int len)
{
	s->rx.pending = kmemdup(data, len, GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
	if (!s->rx.pending)
		return -ENOMEM;
	s->rx.pending_len = len;
	return 0;
}

static void sstp_rx_count_stream(struct sstp_rx *rx, unsigned int len)
{
	u64_stats_update_begin(&rx->syncp);
	u64_stats_add(&rx->stream, len);
	u64_stats_update_end(&rx->syncp);
}

/*
 * TLS vouches for what the peer sent, not for what it was given to send: inner
 * checksums are summed here, while the bytes are in the cache, and verified by
 * the stack, so that a packet that was broken before the tunnel stays broken.
 */
static struct sk_buff *sstp_rx_skb(struct sstp_session *s, const u8 *ip,
				   unsigned int len, enum sstp_frame_kind kind)
{
	struct sk_buff *skb = alloc_skb(NET_SKB_PAD + len, GFP_ATOMIC | __GFP_NOWARN);

	if (!skb)
		return NULL;
	skb_reserve(skb, NET_SKB_PAD);
	skb->csum = sstp_copy_sum_once(skb_put(skb, len), ip, len);
	skb->ip_summed = s->dev->features & NETIF_F_RXCSUM ? CHECKSUM_COMPLETE :
							     CHECKSUM_NONE;
	skb->dev = s->dev;
	skb->protocol = kind == SSTP_FRAME_IPV4 ? htons(ETH_P_IP) :
						  htons(ETH_P_IPV6);
	skb_reset_mac_header(skb);
	skb_reset_network_header(skb);
	return skb;
}

/*
 * Joining is GRO, so it is off when GRO is; and it verifies checksums, so it
 * is off when the device is not to.
 */
static bool sstp_rx_may_join(const struct net_device *dev)
{
	const netdev_features_t need = NETIF_F_GRO | NETIF_F_RXCSUM;

	return (dev->features & need) == need;
}

/* Whether it is a packet of a protocol that may pass. */
static bool sstp_rx_may_pass(const struct sstp_session *s, enum sstp_frame_kind kind)
{
	u32 protocols = READ_ONCE(s->protocols);

	return (kind == SSTP_FRAME_IPV4 && protocols & SSTP_PROTOCOLS_IPV4) ||
	       (kind == SSTP_FRAME_IPV6 && protocols & SSTP_PROTOCOLS_IPV6);
}

static void sstp_rx_ip(struct sstp_session *s, const u8 *ip, unsigned int len,
		       enum sstp_frame_kind kind)
{
	struct sstp_rx *rx = &s->rx;
	struct sk_buff *skb;

	if (!sstp_rx_may_pass(s, kind)) {
		sstp_drop(s, SSTP_A_DROPS_RX_PROTOCOL);
		return;
	}
	if (!sstp_source_allowed(s, ip, kind == SSTP_FRAME_IPV6)) {
		sstp_drop(s, SSTP_A_DROPS_RX_SOURCE);
		return;
	}
	if (!sstp_rx_may_join(s->dev) ||
	    !sstp_join_add(&rx->join, s->dev, ip, len, &rx->list)) {
		skb = sstp_rx_skb(s, ip, len, kind);
		if (!skb) {
			sstp_drop(s, SSTP_A_DROPS_RX_MEMORY);
			return;
		}
		__skb_queue_tail(&rx->list, skb);
	}
	rx->turn_packets++;
	rx->turn_bytes += len;
}

static bool sstp_rx_owner(struct sstp_session *s, const u8 *packet,
			  unsigned int len)
{
	int err = sstp_ctrl_rx(s, SSTP_FD_TYPE_PACKET, 0, packet, len);

	if (err == -ENOBUFS) {
		sstp_session_end(s, SSTP_END_REASON_CONTROL_OVERFLOW, 0);
		return false;
	}
	if (err) {
		/* PPP and SSTP retransmit. */
		sstp_drop(s, SSTP_A_DROPS_RX_MEMORY);
		return true;
	}
	u64_stats_update_begin(&s->rx.syncp);
	u64_stats_inc(&s->rx.control);
	u64_stats_update_end(&s->rx.syncp);
	return true;
}

/* Return: whether the stream goes on. */
static bool sstp_rx_frame(struct sstp_session *s, const u8 *p,
			  const struct sstp_frame *f)
{
	switch (f->kind) {
	case SSTP_FRAME_IPV4:
	case SSTP_FRAME_IPV6:
		sstp_rx_ip(s, p + f->off, f->len - f->off, f->kind);
		return true;
	case SSTP_FRAME_OWNER:
		return sstp_rx_owner(s, p, f->len);
	case SSTP_FRAME_INVALID:
		sstp_drop(s, SSTP_A_DROPS_RX_MALFORMED);
		return true;
	case SSTP_FRAME_BAD_VERSION:
		sstp_session_end(s, SSTP_END_REASON_BAD_VERSION, p[0]);
		return false;
	case SSTP_FRAME_BAD_LENGTH:
		sstp_session_end(s, SSTP_END_REASON_BAD_LENGTH, f->len);
		return false;
	case SSTP_FRAME_MORE:
		break;
	}
	return true;
}

/* Add to an incomplete packet what it lacks. Return: bytes taken. */
static unsigned int sstp_rx_complete(struct sstp_rx *rx, const u8 *p,
				     unsigned int len)
{
	struct sstp_frame f = sstp_frame_parse(rx->partial, rx->have);
	unsigned int want = f.len ? f.len : SSTP_HLEN;

	len = min(len, want - rx->have);
	memcpy(rx->partial + rx->have, p, len);
	rx->have += len;
	return len;
}

/*
 * Whether the next frame continues the flow of the one before it, whose source address
 * it has, and there is room.
 */
static bool sstp_rx_goes_on(struct sstp_session *s, const u8 *p, unsigned int len,
			    struct sstp_frame *f)
{
	*f = sstp_frame_next(p, len);
	return sstp_rx_may_pass(s, f->kind) &&
	       sstp_join_goes_on(&s->rx.join, p + f->off, f->len - f->off);
}

/*
 * As many of such frames as there are, and as a run of copies may have: what most of a
 * bulk transfer is.
 *
 * Return: bytes of them.
 */
static unsigned int sstp_rx_train(struct sstp_session *s, const u8 *p, unsigned int len)
{
	struct sstp_rx *rx = &s->rx;
	unsigned int taken = 0, size;
	struct sstp_frame f;

	if (!sstp_rx_goes_on(s, p, len, &f))
		return 0;
	sstp_copy_begin();
	do {
		size = f.len - f.off;
		if (!sstp_join_go_on(&rx->join, p + taken + f.off, size))
			break;
		rx->turn_packets++;
		rx->turn_bytes += size;
		taken += f.len;
	} while (taken < len && taken < SSTP_COPY_RUN &&
		 sstp_rx_goes_on(s, p + taken, len - taken, &f));
	sstp_copy_end();
	return taken;
}

/*
 * Take a piece of the stream. What is left of it is the beginning of a packet, and kept.
 *
 * Return: whether the stream goes on.
 */
static bool sstp_rx_parse(struct sstp_session *s, const u8 *p, unsigned int len)
{
	struct sstp_rx *rx = &s->rx;
	struct sstp_frame f;
	unsigned int n;

	while (rx->have && len) {
		n = sstp_rx_complete(rx, p, len);
		p += n;
		len -= n;
		f = sstp_frame_parse(rx->partial, rx->have);
		if (f.kind == SSTP_FRAME_MORE)
			continue;
		rx->have = 0;
		if (!sstp_rx_frame(s, rx->partial, &f))
			return false;
	}
	while (len) {
		n = sstp_rx_train(s, p, len);
		p += n;
		len -= n;
		if (!len)
			break;
		f = sstp_frame_next(p, len);
		if (f.kind == SSTP_FRAME_MORE) {
			memcpy(rx->partial, p, len);
			rx->have = len;
			break;
		}
		if (!sstp_rx_frame(s, p, &f))
			return false;
		p += f.len;
		len -= f.len;
	}
	return true;
}

/* The end of a turn: nothing that was received stays here. */
static void sstp_rx_deliver(struct sstp_session *s)
{
	struct sstp_rx *rx = &s->rx;

	sstp_join_flush(&rx->join, &rx->list);
	if (!rx->turn_packets)
		return;
	u64_stats_update_begin(&rx->syncp);
	u64_stats_add(&rx->packets, rx->turn_packets);
	u64_stats_add(&rx->bytes, rx->turn_bytes);
	u64_stats_update_end(&rx->syncp);
	sstp_slot_rx(s, &rx->list, rx->turn_packets, rx->turn_bytes);
	rx->turn_packets = 0;
	rx->turn_bytes = 0;
}

/* A record that is not data. Return: whether the stream goes on. */
static bool sstp_rx_record(struct sstp_session *s, u8 type, int len)
{
	const u8 *record = s->rx.buf->data;
	enum sstp_tls_verdict verdict = SSTP_TLS_UNEXPECTED;
	struct sstp_tls *tls = &s->rx.tls;

	if (type == SSTP_TLS_HANDSHAKE && sstp_rekey_rx(s, record, len))
		return true;
	if (type == SSTP_TLS_ALERT)
		verdict = sstp_tls_alert(tls, record, len);
	else if (type == SSTP_TLS_HANDSHAKE)
		verdict = sstp_tls_handshake(tls, record, len);

	switch (verdict) {
	case SSTP_TLS_GO_ON:
		return true;
	case SSTP_TLS_CLOSED:
		sstp_session_end(s, SSTP_END_REASON_TLS_CLOSE_NOTIFY, 0);
		return false;
	case SSTP_TLS_FAILED:
		sstp_session_end(s, SSTP_END_REASON_TLS_ALERT, tls->alert);
		return false;
	case SSTP_TLS_REKEYED:
	case SSTP_TLS_UNEXPECTED:
		break;
	}
	if (type == SSTP_TLS_HANDSHAKE)
		sstp_ctrl_rx(s, SSTP_FD_TYPE_TLS_RECORD, type, record,
			     min(len, SSTP_RX_RECORD_SHOWN));
	if (verdict == SSTP_TLS_REKEYED)
		sstp_session_end(s, SSTP_END_REASON_TLS_KEY_UPDATE, 0);
	else
		sstp_session_end(s, SSTP_END_REASON_TLS_UNEXPECTED_RECORD, type);
	return false;
}

static void sstp_rx_failed(struct sstp_session *s, int err)
{
	switch (err) {
	case 0:
		sstp_session_end(s, SSTP_END_REASON_PEER_FIN, 0);
		break;
	case -EKEYEXPIRED:
		sstp_session_end(s, SSTP_END_REASON_TLS_KEY_UPDATE, 0);
		break;
	case -EBADMSG:
	case -EINVAL:
	case -EMSGSIZE:
		sstp_session_end(s, SSTP_END_REASON_TLS_ERROR, -err);
		break;
	default:
		sstp_session_end(s, SSTP_END_REASON_TCP_ERROR, -err);
		break;
	}
}

/* kTLS names the type of what it returned in a control message. */
static u8 sstp_rx_record_type(const struct msghdr *msg, struct cmsghdr *cmsg,
			      size_t len)
{
	if (msg->msg_controllen == len || cmsg->cmsg_level != SOL_TLS ||
	    cmsg->cmsg_type != TLS_GET_RECORD_TYPE)
		return SSTP_TLS_APPLICATION_DATA;
	return *(u8 *)CMSG_DATA(cmsg);
}

/*
 * Read what records there are, of one type, into our buffer.
 *
 * kTLS says "0 bytes" at the end of the stream, and, with a control message, of empty
 * records that one of another type comes after.
 *
 * Return: what to charge for it, 0 at the end of the stream, or a negative errno,
 * -EAGAIN when there is nothing to read now.
 */
static int sstp_rx_read(struct sstp_session *s)
{
	union {
		struct cmsghdr hdr;
		u8 buf[CMSG_SPACE(sizeof(u8))];
	} control = {};
	struct msghdr msg = {
		.msg_control = &control,
		.msg_controllen = sizeof(control.buf),
	};
	struct sstp_rx *rx = &s->rx;
	unsigned int noreclaim;
	int len;
	u8 type;
	bool ok;

	iov_iter_bvec(&msg.msg_iter, ITER_DEST, rx->buf->pieces, SSTP_BUFFER_PIECES,
		      SSTP_BUFFER_SIZE);

	noreclaim = memalloc_noreclaim_save(); /* see sstp_socket_take() */
	len = sock_recvmsg(s->sock, &msg, MSG_DONTWAIT);
	memalloc_noreclaim_restore(noreclaim);
	if (len == -EINTR || len == -ERESTARTSYS)
		return -EAGAIN;
	if (len < 0 || (!len && msg.msg_controllen == sizeof(control.buf)))
		return len;

	type = sstp_rx_record_type(&msg, &control.hdr, sizeof(control.buf));
	if (type != SSTP_TLS_APPLICATION_DATA || sstp_tls_is_amid(&rx->tls)) {
		ok = sstp_rx_record(s, type, len);
	} else {
		sstp_rx_count_stream(rx, len);
		ok = sstp_rx_parse(s, rx->buf->data, len);
	}
	return ok ? max(len, SSTP_RX_LITTLE) : -EPIPE;
}

/*
 * A part of a record waits in TCP. kTLS announces it when it is whole, unless it had no
 * memory to parse it when that came: then it tries again by itself, and tells others.
 */
static void sstp_rx_look_again(struct sstp_session *s)
{
	const struct tcp_sock *tp = tcp_sk(s->sock->sk);

	if (READ_ONCE(tp->rcv_nxt) != READ_ONCE(tp->copied_seq))
		sstp_turn_later(&s->rx_turn, SSTP_RX_LATE_MS);
}

/*
 * kTLS may hold records that it has parsed and will not announce again, so this
 * ends only when there is nothing to read, or queues itself, or leaves that to
 * the device, whose queue is full.
 */
static void sstp_rx_run(struct sstp_session *s)
{
	int budget = SSTP_RX_BUDGET;
	int len;

	while (!sstp_session_end_reason(s) && !sstp_slot_rx_full(s->slot)) {
		if (budget <= 0) {
			sstp_turn_now(&s->rx_turn);
			return;
		}
		len = sstp_rx_read(s);
		sstp_rx_deliver(s);
		if (len == -EAGAIN) {
			sstp_rx_look_again(s);
			break;
		}
		if (len <= 0) {
			sstp_rx_failed(s, len);
			return;
		}
		if (unlikely(sstp_rekey_rx_is_late(s)))
			sstp_rekey_ask(s);
		WRITE_ONCE(s->last_rx, jiffies);
		budget -= len;
	}
	if (sstp_store_tidy(&s->rx.join.store))
		sstp_turn_later(&s->rx_turn, SSTP_STORE_IDLE_MS);
}

static void sstp_rx_take_pending(struct sstp_session *s)
{
	struct sstp_rx *rx = &s->rx;

	sstp_rx_parse(s, rx->pending, rx->pending_len);
	sstp_rx_deliver(s);
	kfree(rx->pending);
	rx->pending = NULL;
}

void sstp_rx_work(struct work_struct *work)
{
	struct sstp_session *s = container_of(work, struct sstp_session, rx_turn.work);
	struct mem_cgroup *old;

	if (!READ_ONCE(s->started))
		return;
	/* Asked once only: a qdisc that is being replaced tells nobody. */
	if (!s->rx.can_answer)
		s->rx.can_answer = sstp_dev_can_answer(s->dev);
	if (!s->rx.can_answer)
		return;
	s->rx.buf = sstp_pool_get();
	if (!s->rx.buf) {
		sstp_turn_later(&s->rx_turn, SSTP_RX_LATE_MS);
		return;
	}
	old = set_active_memcg(s->memcg);
	if (s->rx.pending)
		sstp_rx_take_pending(s);
	sstp_rx_run(s);
	set_active_memcg(old);
	sstp_pool_put(s->rx.buf);
	sstp_turn_ended(&s->rx_turn);
}
