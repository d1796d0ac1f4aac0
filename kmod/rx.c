// SPDX-License-Identifier: GPL-2.0-only
/*
 * Receive: read the kTLS socket, delimit packets, hand IP packets to the device
 * and all else to the session fd.
 *
 * Records are read into buffers of our own with recvmsg(), the one way that
 * works on every kernel: before 6.6 read_sock() of a kTLS socket returns
 * ciphertext. A buffer holds several records, and small records follow each
 * other in one buffer. A packet that is not complete when the buffer is full is
 * moved in front of the next one, so that packets are always contiguous.
 *
 *	 0          HEADROOM    start         end                  SIZE
 *	 | moved in |  parsed   | not parsed  | room to receive    |
 *
 * Large packets refer to the buffer they arrived in; a buffer is used again
 * when no packet refers to it any more. That spares an allocation, which most
 * distributions' kernels also clear, for each record.
 */
#include "rx.h"

#include <linux/bvec.h>
#include <linux/ipv6.h>
#include <linux/jiffies.h>
#include <linux/mm.h>
#include <linux/net.h>
#include <linux/uio.h>
#include <linux/unaligned.h>
#include <net/checksum.h>
#include <net/sock.h>
#include <net/tls.h>

#include <linux/if_sstp.h>
#include <linux/sstp.h>

#include "ctrl.h"
#include "device.h"
#include "drop.h"
#include "frame.h"
#include "join.h"
#include "session.h"

#define SSTP_RX_ORDER		get_order(SZ_64K)
#define SSTP_RX_SIZE		SZ_64K
#define SSTP_RX_HEADROOM	SZ_4K	/* holds SSTP_MAX_LEN - 1 bytes */

/* Below this much room a full record would have to be copied twice. */
#define SSTP_RX_MIN_ROOM	TLS_MAX_PAYLOAD_SIZE

/* Shorter packets are copied: they would keep 64 KiB for the sake of little. */
#define SSTP_RX_COPYBREAK	256

/* Linear room for the stack to pull headers into. */
#define SSTP_RX_HEAD		(MAX_HEADER + 128)

/* Bytes after which other work on this CPU gets a turn. */
#define SSTP_RX_BUDGET		SZ_1M

/* Longest part of an unexpected TLS record that the owner is shown. */
#define SSTP_RX_RECORD_SHOWN	64

static struct page *sstp_rx_alloc(gfp_t gfp)
{
	return alloc_pages(gfp | __GFP_COMP | __GFP_NOWARN, SSTP_RX_ORDER);
}

int sstp_rx_init(struct sstp_session *s)
{
	struct sstp_rx *rx = &s->rx;

	u64_stats_init(&rx->syncp);
	rx->pages[0] = sstp_rx_alloc(GFP_KERNEL);
	rx->start = SSTP_RX_HEADROOM;
	rx->end = SSTP_RX_HEADROOM;
	return rx->pages[0] ? 0 : -ENOMEM;
}

void sstp_rx_free(struct sstp_session *s)
{
	int i;

	for (i = 0; i < SSTP_RX_RING; i++)
		if (s->rx.pages[i])
			put_page(s->rx.pages[i]);
}

static u8 *sstp_rx_at(const struct sstp_rx *rx, unsigned int off)
{
	return (u8 *)page_address(rx->pages[rx->cur]) + off;
}

/**
 * sstp_rx_pending - bytes of the stream that were received before the hand-over
 * @s: the session, not started
 * @data: the bytes
 * @len: how many, at most SSTP_MAX_RX_PENDING
 */
void sstp_rx_pending(struct sstp_session *s, const void *data, unsigned int len)
{
	BUILD_BUG_ON(SSTP_RX_HEADROOM + SSTP_MAX_RX_PENDING > SSTP_RX_SIZE);
	memcpy(sstp_rx_at(&s->rx, s->rx.end), data, len);
	s->rx.end += len;
}

/* Return: a free page for the ring's slot @i, whose old page is in use or none. */
static bool sstp_rx_refill(struct sstp_rx *rx, unsigned int i)
{
	struct page *page = rx->pages[i];

	/* Its packets are gone if ours is the only reference. */
	if (page && page_ref_count(page) == 1)
		return true;

	page = sstp_rx_alloc(GFP_KERNEL | __GFP_NORETRY);
	if (!page)
		return false;
	if (rx->pages[i])
		put_page(rx->pages[i]);
	rx->pages[i] = page;
	return true;
}

/*
 * Make room for a full record. The rest of an incomplete packet is moved in
 * front of the new room.
 */
static bool sstp_rx_make_room(struct sstp_rx *rx)
{
	unsigned int rest = rx->end - rx->start;
	unsigned int next = rx->cur;
	const u8 *from;

	if (SSTP_RX_SIZE - rx->end >= SSTP_RX_MIN_ROOM)
		return true;

	if (page_ref_count(rx->pages[rx->cur]) != 1) {
		next = (rx->cur + 1) % SSTP_RX_RING;
		if (!sstp_rx_refill(rx, next))
			return false;
	}
	from = sstp_rx_at(rx, rx->start);
	rx->cur = next;
	rx->start = SSTP_RX_HEADROOM - rest;
	rx->end = SSTP_RX_HEADROOM;
	memcpy(sstp_rx_at(rx, rx->start), from, rest);
	return true;
}

static struct sk_buff *sstp_rx_copy(const u8 *ip, unsigned int len)
{
	struct sk_buff *skb = alloc_skb(NET_SKB_PAD + len, GFP_KERNEL);

	if (!skb)
		return NULL;
	skb_reserve(skb, NET_SKB_PAD);
	skb->csum = csum_partial_copy_nocheck(ip, skb_put(skb, len), len);
	return skb;
}

static struct sk_buff *sstp_rx_refer(struct page *page, const u8 *ip,
				     unsigned int len)
{
	struct sk_buff *skb = alloc_skb(NET_SKB_PAD + SSTP_RX_HEAD, GFP_KERNEL);

	if (!skb)
		return NULL;
	skb_reserve(skb, NET_SKB_PAD);
	get_page(page); /* put when the skb is freed */
	skb_add_rx_frag(skb, 0, page, ip - (u8 *)page_address(page), len,
			SKB_DATA_ALIGN(len));
	skb->csum = csum_partial(ip, len, 0);
	return skb;
}

/*
 * TLS vouches for what the peer sent, not for what it was given to send: inner
 * checksums are summed here, while the bytes are in the cache, and verified by
 * the stack, so that a packet that was broken before the tunnel stays broken.
 */
static struct sk_buff *sstp_rx_skb(struct sstp_session *s, const u8 *ip,
				   unsigned int len, enum sstp_frame_kind kind)
{
	struct sk_buff *skb;

	if (len <= SSTP_RX_COPYBREAK)
		skb = sstp_rx_copy(ip, len);
	else
		skb = sstp_rx_refer(s->rx.pages[s->rx.cur], ip, len);
	if (!skb)
		return NULL;

	skb->dev = s->dev;
	skb->protocol = kind == SSTP_FRAME_IPV4 ? htons(ETH_P_IP) :
						  htons(ETH_P_IPV6);
	skb->ip_summed = s->dev->features & NETIF_F_RXCSUM ? CHECKSUM_COMPLETE :
							     CHECKSUM_NONE;
	skb_reset_mac_header(skb);
	skb_reset_network_header(skb);
	skb_record_rx_queue(skb, 0);
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

static bool sstp_rx_queue(struct sstp_session *s, const u8 *ip, unsigned int len,
			  enum sstp_frame_kind kind, struct sk_buff_head *list)
{
	struct sstp_rx *rx = &s->rx;
	struct sk_buff *skb;

	if (sstp_rx_may_join(s->dev) &&
	    sstp_join_add(&rx->join, s->dev, rx->pages[rx->cur], ip, len, list))
		return true;

	skb = sstp_rx_skb(s, ip, len, kind);
	if (!skb)
		return false;
	__skb_queue_tail(list, skb);
	return true;
}

static void sstp_rx_ip(struct sstp_session *s, const u8 *ip, unsigned int len,
		       enum sstp_frame_kind kind, struct sk_buff_head *list)
{
	u32 protocol = kind == SSTP_FRAME_IPV4 ? SSTP_PROTOCOLS_IPV4 :
						 SSTP_PROTOCOLS_IPV6;

	if (!(READ_ONCE(s->protocols) & protocol)) {
		sstp_drop(s, SSTP_A_DROPS_RX_PROTOCOL);
		return;
	}
	if (!sstp_rx_queue(s, ip, len, kind, list)) {
		sstp_drop(s, SSTP_A_DROPS_RX_MEMORY);
		return;
	}
	u64_stats_update_begin(&s->rx.syncp);
	u64_stats_inc(&s->rx.packets);
	u64_stats_add(&s->rx.bytes, len);
	u64_stats_update_end(&s->rx.syncp);
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
			  const struct sstp_frame *f, struct sk_buff_head *list)
{
	switch (f->kind) {
	case SSTP_FRAME_IPV4:
	case SSTP_FRAME_IPV6:
		sstp_rx_ip(s, p + f->off, f->len - f->off, f->kind, list);
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

/* Handle every complete packet. Return: whether the stream goes on. */
static bool sstp_rx_parse(struct sstp_session *s)
{
	struct sstp_rx *rx = &s->rx;
	u64 packets = u64_stats_read(&rx->packets);
	u64 bytes = u64_stats_read(&rx->bytes);
	struct sk_buff_head list;
	struct sstp_frame f;
	bool ok = true;
	const u8 *p;

	__skb_queue_head_init(&list);
	while (ok && rx->start < rx->end) {
		p = sstp_rx_at(rx, rx->start);
		f = sstp_frame_parse(p, rx->end - rx->start);
		if (f.kind == SSTP_FRAME_MORE)
			break;
		ok = sstp_rx_frame(s, p, &f, &list);
		rx->start += f.len;
	}
	sstp_join_flush(&rx->join, &list);
	if (!skb_queue_empty(&list))
		sstp_dev_rx(s->dev, &list, u64_stats_read(&rx->packets) - packets,
			    u64_stats_read(&rx->bytes) - bytes);
	return ok;
}

static bool sstp_rx_alert(struct sstp_session *s, const u8 *alert, int len)
{
	if (len < 2) {
		sstp_session_end(s, SSTP_END_REASON_TLS_UNEXPECTED_RECORD,
				 SSTP_TLS_ALERT);
		return false;
	}
	switch (alert[1]) {
	case SSTP_TLS_CLOSE_NOTIFY:
		sstp_session_end(s, SSTP_END_REASON_TLS_CLOSE_NOTIFY, 0);
		return false;
	case SSTP_TLS_USER_CANCELED:
		return true;
	default:
		sstp_session_end(s, SSTP_END_REASON_TLS_ALERT, alert[1]);
		return false;
	}
}

/*
 * Handshake messages after the handshake (RFC 8446 4.6). Several may share a
 * record. One that goes on in the next record is none a peer of ours sends.
 */
static bool sstp_rx_handshake(struct sstp_session *s, const u8 *record, int len)
{
	enum sstp_end_reason reason = SSTP_END_REASON_TLS_UNEXPECTED_RECORD;
	u32 detail = SSTP_TLS_HANDSHAKE;
	const u8 *msg = record;
	int left = len;

	while (left >= SSTP_TLS_HANDSHAKE_HLEN &&
	       msg[0] == SSTP_TLS_NEW_SESSION_TICKET) {
		int size = SSTP_TLS_HANDSHAKE_HLEN + get_unaligned_be24(msg + 1);

		if (size > left)
			break;
		msg += size;
		left -= size;
	}
	if (!left)
		return true;

	if (msg[0] == SSTP_TLS_KEY_UPDATE) {
		reason = SSTP_END_REASON_TLS_KEY_UPDATE;
		detail = 0;
	}
	sstp_ctrl_rx(s, SSTP_FD_TYPE_TLS_RECORD, SSTP_TLS_HANDSHAKE, record,
		     min(len, SSTP_RX_RECORD_SHOWN));
	sstp_session_end(s, reason, detail);
	return false;
}

/*
 * A record that is not data. It was read to where data would go and is
 * forgotten when this returns.
 */
static bool sstp_rx_record(struct sstp_session *s, u8 type, int len)
{
	const u8 *record = sstp_rx_at(&s->rx, s->rx.end);

	switch (type) {
	case SSTP_TLS_ALERT:
		return sstp_rx_alert(s, record, len);
	case SSTP_TLS_HANDSHAKE:
		return sstp_rx_handshake(s, record, len);
	default:
		sstp_session_end(s, SSTP_END_REASON_TLS_UNEXPECTED_RECORD, type);
		return false;
	}
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
 * Read what there is, up to the room in the buffer.
 *
 * Return: bytes read, -EAGAIN when there is nothing to read now, -EPIPE when
 * the session has ended.
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
	struct bio_vec bv;
	u8 type;
	int len;

	bvec_set_page(&bv, rx->pages[rx->cur], SSTP_RX_SIZE - rx->end, rx->end);
	iov_iter_bvec(&msg.msg_iter, ITER_DEST, &bv, 1, bv.bv_len);

	len = sock_recvmsg(s->sock, &msg, MSG_DONTWAIT);
	if (len == -EAGAIN || len == -EINTR || len == -ERESTARTSYS)
		return -EAGAIN;
	if (len <= 0) {
		sstp_rx_failed(s, len);
		return -EPIPE;
	}
	WRITE_ONCE(s->last_rx, jiffies);

	type = sstp_rx_record_type(&msg, &control.hdr, sizeof(control.buf));
	if (type != SSTP_TLS_APPLICATION_DATA)
		return sstp_rx_record(s, type, len) ? len : -EPIPE;

	rx->end += len;
	u64_stats_update_begin(&rx->syncp);
	u64_stats_add(&rx->stream, len);
	u64_stats_update_end(&rx->syncp);
	return len;
}

/*
 * kTLS may hold records that it has parsed and will not announce again, so this
 * ends only when there is nothing to read, or queues itself, or leaves that to
 * the device, whose queue is full.
 */
void sstp_rx_work(struct work_struct *work)
{
	struct sstp_session *s = container_of(to_delayed_work(work),
					      struct sstp_session, rx_work);
	int budget = SSTP_RX_BUDGET;
	int len;

	if (!READ_ONCE(s->started))
		return;

	while (sstp_rx_parse(s)) {
		if (sstp_session_end_reason(s) || sstp_dev_rx_full(s->dev))
			return;
		if (!sstp_rx_make_room(&s->rx)) {
			queue_delayed_work(sstp_wq, &s->rx_work, HZ / 50);
			return;
		}
		if (budget <= 0) {
			queue_delayed_work(sstp_wq, &s->rx_work, 0);
			return;
		}
		len = sstp_rx_read(s);
		if (len < 0)
			return;
		budget -= len;
	}
}
