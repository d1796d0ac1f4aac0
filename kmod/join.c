// SPDX-License-Identifier: GPL-2.0-only
/*
 * Join TCP segments of a flow while they lie side by side in a receive buffer.
 *
 * This is GRO before there is an skb: headers once, payloads as page fragments,
 * finished as tcp_gro_complete() would. It takes the place of the stack's GRO,
 * which has to be given an skb for each segment: that costs more than all else
 * on the receive path but decryption.
 *
 * The rules are GRO's, or stricter: same addresses, ports, type of service or
 * traffic class and flow label, time to live, ack, window, options; sequence
 * numbers in line; IPv4 ids that go up by one; no flags but ACK, and PSH at the
 * end; full size but for the last. So taking the packet apart again restores
 * the segments. What is not eligible is passed on alone, behind what was joined
 * before it. Every checksum has been verified: a segment whose own is wrong is
 * not joined, since that would mend it.
 */
#include "join.h"

#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/mm.h>
#include <linux/netdevice.h>
#include <linux/skbuff.h>
#include <linux/tcp.h>
#include <net/checksum.h>
#include <net/ip6_checksum.h>
#include <net/tcp.h>

/* Shorter payloads are cheaper to copy than to refer to. */
#define SSTP_JOIN_MIN_PAYLOAD	256

#define SSTP_JOIN_MAX_HLEN	(sizeof(struct ipv6hdr) + 60)

/**
 * struct sstp_join_seg - a segment that may be joined
 * @ip: its IP header
 * @th: its TCP header
 * @thoff: offset of that
 * @hlen: bytes of headers
 * @len: bytes in all
 * @csum: sum over all of them
 * @v6: IPv6
 */
struct sstp_join_seg {
	const u8 *ip;
	const struct tcphdr *th;
	unsigned int thoff;
	unsigned int hlen;
	unsigned int len;
	__wsum csum;
	bool v6;
};

/* Return: whether this is TCP behind a plain IP header, whole and undivided. */
static bool sstp_join_parse(struct sstp_join_seg *seg, const u8 *ip,
			    unsigned int len)
{
	const struct ipv6hdr *ip6 = (const struct ipv6hdr *)ip;
	const struct iphdr *ip4 = (const struct iphdr *)ip;

	seg->ip = ip;
	seg->len = len;
	seg->v6 = ip4->version == 6;
	if (seg->v6) {
		if (ip6->nexthdr != IPPROTO_TCP ||
		    ntohs(ip6->payload_len) + sizeof(*ip6) != len)
			return false;
		seg->thoff = sizeof(*ip6);
	} else {
		if (ip4->protocol != IPPROTO_TCP || ip4->ihl != 5 ||
		    ntohs(ip4->tot_len) != len || ip_is_fragment(ip4))
			return false;
		seg->thoff = sizeof(*ip4);
	}
	if (len < seg->thoff + sizeof(struct tcphdr))
		return false;
	seg->th = (const struct tcphdr *)(ip + seg->thoff);
	seg->hlen = seg->thoff + seg->th->doff * 4;
	return seg->th->doff >= 5 && seg->hlen <= len;
}

/* Only plain data: what says anything else is for the stack to see alone. */
static bool sstp_join_is_data(const struct sstp_join_seg *seg)
{
	__be32 flags = tcp_flag_word(seg->th) &
		       (TCP_FLAG_CWR | TCP_FLAG_ECE | TCP_FLAG_URG | TCP_FLAG_ACK |
			TCP_FLAG_RST | TCP_FLAG_SYN | TCP_FLAG_FIN);

	return flags == TCP_FLAG_ACK && !seg->th->res1 &&
	       seg->len - seg->hlen >= SSTP_JOIN_MIN_PAYLOAD;
}

/* A right IPv4 header sums to nothing; IPv6 has no sum of its own. */
static bool sstp_join_verify(struct sstp_join_seg *seg)
{
	const struct ipv6hdr *ip6 = (const struct ipv6hdr *)seg->ip;
	const struct iphdr *ip4 = (const struct iphdr *)seg->ip;
	unsigned int len = seg->len - seg->thoff;
	__wsum sum;

	seg->csum = csum_partial(seg->ip, seg->len, 0);
	if (!seg->v6)
		return !ip_fast_csum(ip4, ip4->ihl) &&
		       !csum_tcpudp_magic(ip4->saddr, ip4->daddr, len,
					  IPPROTO_TCP, seg->csum);

	sum = csum_sub(seg->csum, csum_partial(ip6, sizeof(*ip6), 0));
	return !csum_ipv6_magic(&ip6->saddr, &ip6->daddr, len, IPPROTO_TCP, sum);
}

static bool sstp_join_same_flow(const struct sstp_join_flow *flow,
				const struct sstp_join_seg *seg)
{
	const u8 *ip = flow->skb->data;
	bool v6 = ((const struct iphdr *)ip)->version == 6;

	if (v6 != seg->v6)
		return false;
	if (memcmp(ip + flow->thoff, seg->th, 4)) /* both ports */
		return false;
	if (v6)
		return !memcmp(ip + offsetof(struct ipv6hdr, saddr),
			       seg->ip + offsetof(struct ipv6hdr, saddr), 32);
	return !memcmp(ip + offsetof(struct iphdr, saddr),
		       seg->ip + offsetof(struct iphdr, saddr), 8);
}

static bool sstp_join_ip_follows(const struct sstp_join_flow *flow,
				 const struct sstp_join_seg *seg)
{
	const struct ipv6hdr *a6 = (const struct ipv6hdr *)flow->skb->data;
	const struct ipv6hdr *b6 = (const struct ipv6hdr *)seg->ip;
	const struct iphdr *a4 = (const struct iphdr *)flow->skb->data;
	const struct iphdr *b4 = (const struct iphdr *)seg->ip;

	if (seg->v6)
		return *(const __be32 *)a6 == *(const __be32 *)b6 &&
		       a6->hop_limit == b6->hop_limit;
	return a4->tos == b4->tos && a4->ttl == b4->ttl &&
	       a4->frag_off == b4->frag_off &&
	       ntohs(b4->id) == (u16)(ntohs(a4->id) + flow->segs);
}

static bool sstp_join_tcp_follows(const struct sstp_join_flow *flow,
				  const struct sstp_join_seg *seg)
{
	const u8 *header = flow->skb->data + flow->thoff;
	const struct tcphdr *th = (const struct tcphdr *)header;

	return ntohl(seg->th->seq) == flow->next_seq &&
	       th->ack_seq == seg->th->ack_seq && seg->hlen == flow->hlen &&
	       !((tcp_flag_word(th) ^ tcp_flag_word(seg->th)) & ~TCP_FLAG_PSH) &&
	       !memcmp(th + 1, seg->th + 1, flow->hlen - flow->thoff - sizeof(*th));
}

static bool sstp_join_follows(const struct sstp_join_flow *flow,
			      const struct sstp_join_seg *seg)
{
	return !flow->last && flow->segs < MAX_SKB_FRAGS &&
	       seg->len - seg->hlen <= flow->size &&
	       sstp_join_ip_follows(flow, seg) && sstp_join_tcp_follows(flow, seg);
}

/* The buffer's reference is put when the skb is freed. */
static void sstp_join_append(struct sstp_join_flow *flow, struct page *page,
			     const struct sstp_join_seg *seg)
{
	unsigned int off = seg->ip + seg->hlen - (const u8 *)page_address(page);
	unsigned int size = seg->len - seg->hlen;
	struct tcphdr *th;

	get_page(page);
	skb_add_rx_frag(flow->skb, flow->segs, page, off, size, SKB_DATA_ALIGN(size));
	flow->segs++;
	flow->next_seq += size;
	if (seg->th->psh || size < flow->size)
		flow->last = true;
	if (seg->th->psh) {
		th = (struct tcphdr *)(flow->skb->data + flow->thoff);
		th->psh = 1;
	}
}

static bool sstp_join_begin(struct sstp_join_flow *flow, struct net_device *dev,
			    struct page *page, const struct sstp_join_seg *seg)
{
	struct sk_buff *skb = alloc_skb(NET_SKB_PAD + SSTP_JOIN_MAX_HLEN, GFP_KERNEL);

	if (!skb)
		return false;
	skb_reserve(skb, NET_SKB_PAD);
	skb_put_data(skb, seg->ip, seg->hlen);
	skb->dev = dev;
	skb->protocol = seg->v6 ? htons(ETH_P_IPV6) : htons(ETH_P_IP);
	skb->ip_summed = CHECKSUM_COMPLETE;
	skb->csum = seg->csum;
	skb_reset_mac_header(skb);
	skb_reset_network_header(skb);
	skb_set_transport_header(skb, seg->thoff);
	skb_record_rx_queue(skb, 0);

	*flow = (struct sstp_join_flow) {
		.skb = skb,
		.size = seg->len - seg->hlen,
		.thoff = seg->thoff,
		.hlen = seg->hlen,
		.next_seq = ntohl(seg->th->seq),
	};
	sstp_join_append(flow, page, seg);
	return true;
}

static void sstp_join_finish_ip(struct sk_buff *skb, struct tcphdr *th,
				unsigned int len)
{
	struct ipv6hdr *ip6 = ipv6_hdr(skb);
	struct iphdr *ip4 = ip_hdr(skb);

	if (skb->protocol == htons(ETH_P_IPV6)) {
		ip6->payload_len = htons(len);
		th->check = ~tcp_v6_check(len, &ip6->saddr, &ip6->daddr, 0);
		skb_shinfo(skb)->gso_type = SKB_GSO_TCPV6;
		return;
	}
	ip4->tot_len = htons(skb->len);
	ip_send_check(ip4);
	th->check = ~tcp_v4_check(len, ip4->saddr, ip4->daddr, 0);
	skb_shinfo(skb)->gso_type = SKB_GSO_TCPV4;
}

/* Pass a flow's packet on; one of a single segment is as it came. */
static void sstp_join_finish(struct sstp_join_flow *flow, struct sk_buff_head *list)
{
	struct sk_buff *skb = flow->skb;
	struct tcphdr *th;

	flow->skb = NULL;
	if (flow->segs > 1) {
		th = tcp_hdr(skb);
		sstp_join_finish_ip(skb, th, skb->len - flow->thoff);
		skb_shinfo(skb)->gso_size = flow->size;
		skb_shinfo(skb)->gso_segs = flow->segs;
		skb->ip_summed = CHECKSUM_PARTIAL;
		skb->csum_start = (unsigned char *)th - skb->head;
		skb->csum_offset = offsetof(struct tcphdr, check);
	}
	__skb_queue_tail(list, skb);
}

static struct sstp_join_flow *sstp_join_find(struct sstp_join *join,
					     const struct sstp_join_seg *seg)
{
	int i;

	for (i = 0; i < SSTP_JOIN_FLOWS; i++)
		if (join->flows[i].skb && sstp_join_same_flow(&join->flows[i], seg))
			return &join->flows[i];
	return NULL;
}

static struct sstp_join_flow *sstp_join_make_room(struct sstp_join *join,
						  struct sk_buff_head *list)
{
	struct sstp_join_flow *flow;
	int i;

	for (i = 0; i < SSTP_JOIN_FLOWS; i++)
		if (!join->flows[i].skb)
			return &join->flows[i];
	flow = &join->flows[join->evict++ % SSTP_JOIN_FLOWS];
	sstp_join_finish(flow, list);
	return flow;
}

/**
 * sstp_join_add - join a segment to those before it, or begin with it
 * @join: the flows
 * @dev: where it was received
 * @page: the buffer it lies in
 * @ip: the packet; a complete IPv4 or IPv6 header is there
 * @len: bytes of it
 * @list: gets packets that are finished
 *
 * Return: false if the packet is not eligible; then it is the caller's to put
 * on @list, where everything of its flow that came before is by now.
 */
bool sstp_join_add(struct sstp_join *join, struct net_device *dev,
		   struct page *page, const u8 *ip, unsigned int len,
		   struct sk_buff_head *list)
{
	struct sstp_join_flow *flow;
	struct sstp_join_seg seg;
	bool data;

	if (!sstp_join_parse(&seg, ip, len))
		return false;
	flow = sstp_join_find(join, &seg);
	data = sstp_join_is_data(&seg) && sstp_join_verify(&seg);
	if (flow && data && sstp_join_follows(flow, &seg)) {
		sstp_join_append(flow, page, &seg);
		return true;
	}
	if (flow)
		sstp_join_finish(flow, list);
	if (!data)
		return false;
	if (!flow)
		flow = sstp_join_make_room(join, list);
	return sstp_join_begin(flow, dev, page, &seg);
}

/**
 * sstp_join_flush - pass on everything
 * @join: the flows
 * @list: gets the packets
 */
void sstp_join_flush(struct sstp_join *join, struct sk_buff_head *list)
{
	int i;

	for (i = 0; i < SSTP_JOIN_FLOWS; i++)
		if (join->flows[i].skb)
			sstp_join_finish(&join->flows[i], list);
}
