// SPDX-License-Identifier: GPL-2.0-only
/*
 * Write packets as SSTP data frames; take GSO packets apart while copying.
 *
 * TCP and UDP super-packets become their segments in one pass over the payload
 * that copies and sums it: no skb per segment, no second pass for the checksum.
 * The rules are those of tcp_gso_segment() and __udp_gso_segment(): headers are
 * the packet's own, but for lengths, IPv4 id, sequence number, flags that
 * belong to the first or last segment, and checksums. Rare kinds (tunnels,
 * fragment lists, fixed ids, extension headers) are left to the stack.
 */
#include "segment.h"

#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/netdevice.h>
#include <linux/skbuff.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <net/checksum.h>
#include <net/gso.h>
#include <net/ip.h>
#include <net/ip6_checksum.h>

#include <linux/sstp.h>

#include "frame.h"
#include "session.h"

#define SSTP_SEG_GSO_TCP	(SKB_GSO_TCPV4 | SKB_GSO_TCPV6 | SKB_GSO_TCP_ECN)
#define SSTP_SEG_GSO_KNOWN	(SSTP_SEG_GSO_TCP | SKB_GSO_UDP_L4 | SKB_GSO_DODGY)

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
	return skb->len > hlen ? hlen : 0;
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

	*seg = (struct sstp_seg) {
		.skb = skb,
		.proto = skb->protocol == htons(ETH_P_IP) ? SSTP_PPP_IPV4 :
							    SSTP_PPP_IPV6,
		.gso = hlen,
		.hlen = hlen,
		.off = hlen,
	};
	if (hlen)
		seg->thoff = skb_transport_offset(skb);
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
		part = csum_partial_copy_nocheck(from, to + done, n);
		sum = done ? csum_block_add(sum, part, done) : part;
		done += n;
		seg->off += n;
	}
	return sum;
}

static void sstp_seg_fix_ip(const struct sstp_seg *seg, u8 *net, unsigned int len)
{
	struct ipv6hdr *ip6 = (struct ipv6hdr *)net;
	struct iphdr *ip = (struct iphdr *)net;

	if (seg->proto == SSTP_PPP_IPV6) {
		ip6->payload_len = htons(len - sizeof(*ip6));
		return;
	}
	ip->tot_len = htons(len);
	ip->id = htons(ntohs(ip->id) + seg->index);
	ip->check = 0;
	ip->check = ip_fast_csum(net, ip->ihl);
}

/* Checksum over @len bytes from the transport header, its own field zero. */
static __sum16 sstp_seg_check(const struct sstp_seg *seg, const u8 *net,
			      unsigned int len, u8 proto, __wsum sum)
{
	const struct ipv6hdr *ip6 = (const struct ipv6hdr *)net;
	const struct iphdr *ip = (const struct iphdr *)net;

	sum = csum_partial(net + seg->thoff, seg->hlen - seg->thoff, sum);
	if (seg->proto == SSTP_PPP_IPV6)
		return csum_ipv6_magic(&ip6->saddr, &ip6->daddr, len, proto, sum);
	return csum_tcpudp_magic(ip->saddr, ip->daddr, len, proto, sum);
}

static void sstp_seg_fix_tcp(const struct sstp_seg *seg, u8 *net,
			     unsigned int len, __wsum sum, bool last)
{
	unsigned int size = skb_shinfo(seg->skb)->gso_size;
	struct tcphdr *th = (struct tcphdr *)(net + seg->thoff);

	th->seq = htonl(ntohl(th->seq) + seg->index * size);
	if (seg->index)
		th->cwr = 0;
	if (!last) {
		th->fin = 0;
		th->psh = 0;
	}
	th->check = 0;
	th->check = sstp_seg_check(seg, net, len - seg->thoff, IPPROTO_TCP, sum);
}

static void sstp_seg_fix_udp(const struct sstp_seg *seg, u8 *net,
			     unsigned int len, __wsum sum)
{
	struct udphdr *uh = (struct udphdr *)(net + seg->thoff);

	uh->len = htons(len - seg->thoff);
	uh->check = 0;
	uh->check = sstp_seg_check(seg, net, len - seg->thoff, IPPROTO_UDP, sum);
	if (!uh->check)
		uh->check = CSUM_MANGLED_0;
}

/* The next segment of a GSO packet. Headers first, so that they can be fixed. */
static int sstp_seg_write_gso(struct sstp_seg *seg, u8 *net, unsigned int room)
{
	const struct sk_buff *skb = seg->skb;
	unsigned int left = skb->len - seg->off;
	unsigned int size = min_t(unsigned int, left, skb_shinfo(skb)->gso_size);
	unsigned int len = seg->hlen + size;
	bool last = size == left;
	__wsum sum;

	if (len > SSTP_MAX_MRU)
		return -EMSGSIZE;
	if (len > room)
		return -ENOSPC;

	memcpy(net, skb->data, seg->hlen);
	sum = sstp_seg_copy(seg, net + seg->hlen, size);
	sstp_seg_fix_ip(seg, net, len);
	if (sstp_seg_is_tcp(skb))
		sstp_seg_fix_tcp(seg, net, len, sum, last);
	else
		sstp_seg_fix_udp(seg, net, len, sum);
	seg->index++;
	return len;
}

static int sstp_seg_write_whole(struct sstp_seg *seg, u8 *net, unsigned int room)
{
	struct sk_buff *skb = seg->skb;
	unsigned int len = skb->len;

	if (len > SSTP_MAX_MRU)
		return -EMSGSIZE;
	if (len > room)
		return -ENOSPC;

	if (skb->ip_summed == CHECKSUM_PARTIAL)
		skb_copy_and_csum_dev(skb, net);
	else if (skb_copy_bits(skb, 0, net, len))
		return -EFAULT;
	seg->off = len;
	return len;
}

/**
 * sstp_seg_write - write the next frame of the packet in hand
 * @seg: the packet
 * @to: where to
 * @room: bytes of room there
 *
 * Return: bytes written, SSTP and PPP headers included; -ENOSPC when there is
 * not enough room; another negative errno when the packet cannot be sent.
 */
int sstp_seg_write(struct sstp_seg *seg, u8 *to, unsigned int room)
{
	int len;

	if (room <= SSTP_FRAME_HLEN)
		return -ENOSPC;
	room -= SSTP_FRAME_HLEN;

	if (seg->gso)
		len = sstp_seg_write_gso(seg, to + SSTP_FRAME_HLEN, room);
	else
		len = sstp_seg_write_whole(seg, to + SSTP_FRAME_HLEN, room);
	if (len < 0)
		return len;
	sstp_frame_put_header(to, seg->proto, len);
	return len + SSTP_FRAME_HLEN;
}

bool sstp_seg_is_done(const struct sstp_seg *seg)
{
	return seg->off == seg->skb->len;
}
