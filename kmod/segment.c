// SPDX-License-Identifier: GPL-2.0-only
/*
 * Write packets as SSTP data frames; take GSO packets apart while copying.
 *
 * TCP and UDP super-packets become their segments while they are copied, and the
 * copy is summed while it is in the cache: no skb per segment. Headers are made once
 * for all segments, with their sums, and only what differs is added for each.
 * The rules are those of tcp_gso_segment() and __udp_gso_segment(): headers are
 * the packet's own, but for lengths, IPv4 id, sequence number, flags that
 * belong to the first or last segment, and checksums. Rare kinds (tunnels,
 * fragment lists, extension headers) are left to the stack.
 */
#include "segment.h"

#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/netdevice.h>
#include <linux/skbuff.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <linux/unaligned.h>
#include <net/checksum.h>
#include <net/gso.h>
#include <net/ip.h>
#include <net/ip6_checksum.h>

#include <linux/sstp.h>

#include "copy.h"
#include "frame.h"
#include "session.h"

#define SSTP_SEG_GSO_TCP	(SKB_GSO_TCPV4 | SKB_GSO_TCPV6 | SKB_GSO_TCP_ECN | \
				 SKB_GSO_TCP_FIXEDID)
#define SSTP_SEG_GSO_KNOWN	(SSTP_SEG_GSO_TCP | SKB_GSO_UDP_L4 | SKB_GSO_DODGY)

/* Flags that belong to the first segment, and to the last (RFC 3168 6.1.2). */
#define SSTP_SEG_FIRST_FLAGS	TCP_FLAG_CWR
#define SSTP_SEG_LAST_FLAGS	(TCP_FLAG_FIN | TCP_FLAG_PSH)

static bool sstp_seg_is_tcp(const struct sk_buff *skb)
{
	return skb_shinfo(skb)->gso_type & (SKB_GSO_TCPV4 | SKB_GSO_TCPV6);
}

/* The transport header must follow the plain IP header that frames it. */
static bool sstp_seg_ip_is_plain(const struct sk_buff *skb, u8 transport)
{
	const struct ipv6hdr *ip6;
	const struct iphdr *ip;

	if (skb->protocol == htons(ETH_P_IP)) {
		ip = (const struct iphdr *)skb->data;
		return ip->version == 4 && ip->protocol == transport &&
		       skb_transport_offset(skb) == ip->ihl * 4;
	}
	ip6 = (const struct ipv6hdr *)skb->data;
	return ip6->version == 6 && ip6->nexthdr == transport &&
	       skb_transport_offset(skb) == sizeof(*ip6);
}

/* Return: bytes of headers in front of the payload, 0 if the stack must do it. */
static unsigned int sstp_seg_headers(struct sk_buff *skb)
{
	unsigned int type = skb_shinfo(skb)->gso_type;
	bool tcp = sstp_seg_is_tcp(skb);
	unsigned int thoff, hlen;

	if (type & ~SSTP_SEG_GSO_KNOWN || skb_has_frag_list(skb) ||
	    skb->encapsulation || skb->ip_summed != CHECKSUM_PARTIAL ||
	    !skb_transport_header_was_set(skb) || skb_network_offset(skb) ||
	    !skb_frags_readable(skb))
		return 0;

	thoff = skb_transport_offset(skb);
	hlen = thoff + (tcp ? sizeof(struct tcphdr) : sizeof(struct udphdr));
	if (thoff < sizeof(struct iphdr) || !pskb_may_pull(skb, hlen) ||
	    !sstp_seg_ip_is_plain(skb, tcp ? IPPROTO_TCP : IPPROTO_UDP))
		return 0;
	if (tcp) {
		hlen = thoff + tcp_hdrlen(skb);
		if (hlen < thoff + sizeof(struct tcphdr) ||
		    !pskb_may_pull(skb, hlen))
			return 0;
	}
	return skb->len > hlen && hlen <= SSTP_SEG_MAX_HLEN ? hlen : 0;
}

static void sstp_seg_make_ip(struct sstp_seg *seg)
{
	u8 *net = seg->head + SSTP_FRAME_HLEN;
	struct ipv6hdr *ip6 = (struct ipv6hdr *)net;
	struct iphdr *ip = (struct iphdr *)net;
	u8 proto = seg->tcp ? IPPROTO_TCP : IPPROTO_UDP;

	if (seg->proto == SSTP_PPP_IPV6) {
		ip6->payload_len = 0;
		seg->th_sum = csum_unfold(~csum_ipv6_magic(&ip6->saddr, &ip6->daddr, 0,
							   proto, 0));
		return;
	}
	seg->id = ntohs(ip->id);
	ip->id = 0;
	ip->tot_len = 0;
	ip->check = 0;
	seg->ip_sum = csum_partial(ip, ip->ihl * 4, 0);
	seg->th_sum = csum_tcpudp_nofold(ip->saddr, ip->daddr, 0, proto, 0);
}

static void sstp_seg_make_tcp(struct sstp_seg *seg, struct tcphdr *th)
{
	__be32 first = tcp_flag_word(th) & SSTP_SEG_FIRST_FLAGS;
	__be32 last = tcp_flag_word(th) & SSTP_SEG_LAST_FLAGS;

	tcp_flag_word(th) &= ~(SSTP_SEG_FIRST_FLAGS | SSTP_SEG_LAST_FLAGS);
	seg->flags = htons(ntohl(first) >> 16);
	seg->last_flags = htons(ntohl(last) >> 16);
	seg->seq = ntohl(th->seq);
	th->seq = 0;
	th->check = 0;
}

/* What all segments have in common. */
static void sstp_seg_make_head(struct sstp_seg *seg)
{
	void *transport = seg->head + SSTP_FRAME_HLEN + seg->thoff;
	struct udphdr *uh = transport;

	memcpy(seg->head + SSTP_FRAME_HLEN, seg->skb->data, seg->hlen);
	sstp_seg_make_ip(seg);
	if (seg->tcp) {
		sstp_seg_make_tcp(seg, transport);
	} else {
		uh->len = 0;
		uh->check = 0;
	}
	seg->th_sum = csum_partial(transport, seg->hlen - seg->thoff, seg->th_sum);
}

/**
 * sstp_seg_init - take a packet in hand
 * @seg: gets the packet and its reference
 * @skb: IPv4 or IPv6 packet, skb->data at its header
 *
 * Return: false for a GSO packet that only sstp_seg_split() can take apart;
 * then @skb is the caller's still.
 */
bool sstp_seg_init(struct sstp_seg *seg, struct sk_buff *skb)
{
	unsigned int hlen = 0;

	if (skb_is_gso(skb)) {
		hlen = sstp_seg_headers(skb);
		if (!hlen)
			return false;
	}

	seg->skb = skb;
	seg->proto = skb->protocol == htons(ETH_P_IP) ? SSTP_PPP_IPV4 : SSTP_PPP_IPV6;
	seg->gso = hlen;
	seg->off = hlen;
	if (hlen) {
		seg->tcp = sstp_seg_is_tcp(skb);
		seg->thoff = skb_transport_offset(skb);
		seg->hlen = hlen;
		seg->size = skb_shinfo(skb)->gso_size;
		seg->frag = 0;
		sstp_seg_make_head(seg);
	}
	return true;
}

/**
 * sstp_seg_split - let the stack take a GSO packet apart
 * @skb: the packet; always consumed
 * @list: gets the parts, which share the packet's payload
 *
 * Return: 0 or a negative errno.
 */
int sstp_seg_split(struct sk_buff *skb, struct sk_buff_head *list)
{
	struct sk_buff *segs, *part, *next;

	segs = skb_gso_segment(skb, NETIF_F_SG | NETIF_F_HW_CSUM);
	if (IS_ERR_OR_NULL(segs)) {
		kfree_skb(skb);
		return segs ? PTR_ERR(segs) : -EINVAL;
	}
	consume_skb(skb);
	skb_list_walk_safe(segs, part, next) {
		skb_mark_not_on_list(part);
		__skb_queue_tail(list, part);
	}
	return 0;
}

/* Where the piece that holds seg->off lies, and how many bytes of it follow. */
static const u8 *sstp_seg_piece(struct sstp_seg *seg, unsigned int *len)
{
	const struct sk_buff *skb = seg->skb;
	const skb_frag_t *frag;

	if (!seg->frag) {
		if (seg->off < skb_headlen(skb)) {
			*len = skb_headlen(skb) - seg->off;
			return skb->data + seg->off;
		}
		seg->frag = 1;
		seg->frag_start = skb_headlen(skb);
	}
	frag = &skb_shinfo(skb)->frags[seg->frag - 1];
	while (seg->off >= seg->frag_start + skb_frag_size(frag)) {
		seg->frag_start += skb_frag_size(frag++);
		seg->frag++;
	}
	*len = seg->frag_start + skb_frag_size(frag) - seg->off;
	return skb_frag_address(frag) + seg->off - seg->frag_start;
}

/* Copy @len bytes of payload. Return: their sum. */
static __wsum sstp_seg_copy(struct sstp_seg *seg, u8 *to, unsigned int len)
{
	unsigned int done = 0, n;
	__wsum sum = 0, part;
	const u8 *from;

	while (done < len) {
		from = sstp_seg_piece(seg, &n);
		n = min(n, len - done);
		part = sstp_copy_sum(to + done, from, n);
		sum = done ? csum_block_add(sum, part, done) : part;
		done += n;
		seg->off += n;
	}
	return sum;
}

static __wsum sstp_seg_add16(__wsum sum, __be16 n)
{
	return csum_add(sum, (__force __wsum)n);
}

static void sstp_seg_put_ip(struct sstp_seg *seg, u8 *net, unsigned int len)
{
	struct ipv6hdr *ip6 = (struct ipv6hdr *)net;
	struct iphdr *ip = (struct iphdr *)net;

	if (seg->proto == SSTP_PPP_IPV6) {
		ip6->payload_len = htons(len - sizeof(*ip6));
		return;
	}
	ip->tot_len = htons(len);
	ip->id = htons(seg->id);
	if (!(skb_shinfo(seg->skb)->gso_type & SKB_GSO_TCP_FIXEDID))
		seg->id++;
	ip->check = csum_fold(sstp_seg_add16(sstp_seg_add16(seg->ip_sum, ip->tot_len),
					     ip->id));
}

/* @sum: of the payload and all that is the same in every segment. */
static void sstp_seg_put_tcp(struct sstp_seg *seg, struct tcphdr *th,
			     unsigned int len, __wsum sum, bool last)
{
	__be16 flags = seg->flags | (last ? seg->last_flags : 0);

	th->seq = htonl(seg->seq);
	tcp_flag_word(th) |= htonl(ntohs(flags) << 16);
	sum = csum_add(sum, (__force __wsum)th->seq);
	sum = sstp_seg_add16(sum, flags);
	th->check = csum_fold(sstp_seg_add16(sum, htons(len)));
	seg->seq += seg->size;
	seg->flags = 0;
}

static void sstp_seg_put_udp(struct udphdr *uh, unsigned int len, __wsum sum)
{
	uh->len = htons(len);
	/* In the header, and in the pseudo header. */
	sum = sstp_seg_add16(sstp_seg_add16(sum, uh->len), uh->len);
	uh->check = csum_fold(sum);
	if (!uh->check)
		uh->check = CSUM_MANGLED_0;
}

/* The next segment of a GSO packet, all headers included. */
static int sstp_seg_write_gso(struct sstp_seg *seg, u8 *to, unsigned int room,
			      unsigned int mru)
{
	unsigned int left = seg->skb->len - seg->off;
	unsigned int size = min(left, seg->size);
	unsigned int len = seg->hlen + size;
	u8 *net = to + SSTP_FRAME_HLEN;
	__wsum sum;

	if (len > mru)
		return -EMSGSIZE;
	if (len > room)
		return -ENOSPC;

	memcpy(to, seg->head, SSTP_FRAME_HLEN + seg->hlen);
	sum = csum_add(seg->th_sum, sstp_seg_copy(seg, net + seg->hlen, size));
	sstp_seg_put_ip(seg, net, len);
	if (seg->tcp)
		sstp_seg_put_tcp(seg, (struct tcphdr *)(net + seg->thoff),
				 len - seg->thoff, sum, size == left);
	else
		sstp_seg_put_udp((struct udphdr *)(net + seg->thoff),
				 len - seg->thoff, sum);
	return len;
}

/*
 * As skb_checksum_help() does it: for UDP a checksum of 0 means that there is none,
 * which IPv6 does not take.
 */
static void sstp_seg_copy_and_sum(const struct sk_buff *skb, u8 *net)
{
	unsigned int at = skb_checksum_start_offset(skb) + skb->csum_offset;

	skb_copy_and_csum_dev(skb, net);
	if (!get_unaligned((__sum16 *)(net + at)))
		put_unaligned(CSUM_MANGLED_0, (__sum16 *)(net + at));
}

static int sstp_seg_write_whole(struct sstp_seg *seg, u8 *to, unsigned int room,
				unsigned int mru)
{
	struct sk_buff *skb = seg->skb;
	u8 *net = to + SSTP_FRAME_HLEN;
	unsigned int len = skb->len;

	if (len > mru)
		return -EMSGSIZE;
	if (len > room)
		return -ENOSPC;

	if (skb->ip_summed == CHECKSUM_PARTIAL)
		sstp_seg_copy_and_sum(skb, net);
	else if (skb_copy_bits(skb, 0, net, len))
		return -EFAULT;
	seg->off = len;
	return len;
}

/**
 * sstp_seg_begin - before sstp_seg_write(), once for several frames
 * @seg: the packet
 *
 * A run of copies, if it takes any: see sstp_copy_begin().
 */
void sstp_seg_begin(const struct sstp_seg *seg)
{
	if (seg->gso)
		sstp_copy_begin();
}

/** sstp_seg_end - undo sstp_seg_begin() */
void sstp_seg_end(const struct sstp_seg *seg)
{
	if (seg->gso)
		sstp_copy_end();
}

/**
 * sstp_seg_write - write the next frame of the packet in hand
 * @seg: the packet
 * @to: where to
 * @room: bytes of room there
 * @mru: bytes of the longest packet that the peer takes
 *
 * Return: bytes written, SSTP and PPP headers included; -ENOSPC when there is
 * not enough room; another negative errno when the packet cannot be sent, -EMSGSIZE
 * when that is for its size.
 */
int sstp_seg_write(struct sstp_seg *seg, u8 *to, unsigned int room, unsigned int mru)
{
	int len;

	if (room <= SSTP_FRAME_HLEN)
		return -ENOSPC;
	room -= SSTP_FRAME_HLEN;

	if (seg->gso)
		len = sstp_seg_write_gso(seg, to, room, mru);
	else
		len = sstp_seg_write_whole(seg, to, room, mru);
	if (len < 0)
		return len;
	sstp_frame_put_header(to, seg->proto, len);
	return len + SSTP_FRAME_HLEN;
}

bool sstp_seg_is_done(const struct sstp_seg *seg)
{
	return seg->off == seg->skb->len;
}
