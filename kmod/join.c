// SPDX-License-Identifier: GPL-2.0-only
/*
 * Join TCP segments of a flow as they are taken out of the stream.
 *
 * This is GRO before there is an skb: headers once, and the payload of all segments
 * back to back behind them (store.c), finished as tcp_gro_complete() would. It takes
 * the place of the stack's GRO, which has to be given an skb for each segment: that
 * costs more than all else on the receive path but decryption.
 *
 * The rules are GRO's, or stricter: same addresses, ports, type of service or
 * traffic class and flow label, time to live, ack, window, options; sequence
 * numbers in line; IPv4 ids that go up by one, or stay where nothing may be made a
 * fragment; no flags but ACK, and PSH at the
 * end; full size but for the last. So taking the packet apart again restores
 * the segments. What is not eligible is passed on alone, behind what was joined
 * before it. Every checksum has been verified: a segment whose own is wrong is
 * not joined, since that would mend it.
 */
#include "join.h"

#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/netdevice.h>
#include <linux/skbuff.h>
#include <linux/tcp.h>
#include <linux/unaligned.h>
#include <net/checksum.h>
#include <net/ip6_checksum.h>
#include <net/tcp.h>

/* Shorter payloads are not worth keeping a flow for. */
#define SSTP_JOIN_MIN_PAYLOAD	256

#define SSTP_JOIN_MAX_HLEN	(sizeof(struct ipv6hdr) + 60)

/* What the length fields of IP can say. */
#define SSTP_JOIN_MAX_LEN	65535U

/**
 * struct sstp_join_seg - a segment that may be joined
 * @ip: its IP header
 * @th: its TCP header
 * @thoff: offset of that
 * @hlen: bytes of headers
 * @len: bytes in all
 * @v6: IPv6
 */
struct sstp_join_seg {
	const u8 *ip;
	const struct tcphdr *th;
	unsigned int thoff;
	unsigned int hlen;
	unsigned int len;
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

/*
 * Copy the payload to the store, which has room, and verify the checksums: a right IPv4
 * header sums to nothing, IPv6 has no sum of its own. To be called in a run of copies.
 *
 * Return: false if a checksum is wrong; then nothing has been taken from the store.
 */
static bool sstp_join_copy(struct sstp_store *store, const u8 *ip,
			   unsigned int thoff, unsigned int hlen, unsigned int len)
{
	const struct ipv6hdr *ip6 = (const struct ipv6hdr *)ip;
	const struct iphdr *ip4 = (const struct iphdr *)ip;
	__wsum sum;

	sum = sstp_store_copy(store, ip + hlen, len - hlen);
	sum = csum_partial(ip + thoff, hlen - thoff, sum);
	if (thoff == sizeof(*ip6))
		return !csum_ipv6_magic(&ip6->saddr, &ip6->daddr, len - thoff,
					IPPROTO_TCP, sum);
	return !ip_fast_csum(ip4, sizeof(*ip4) / 4) &&
	       !csum_tcpudp_magic(ip4->saddr, ip4->daddr, len - thoff,
				  IPPROTO_TCP, sum);
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

/* For headers, whose words may lie anywhere. */
static u32 sstp_join_word(const void *p)
{
	return get_unaligned((const u32 *)p);
}

static u32 sstp_join_words_differ(const u8 *a, const u8 *b, unsigned int from,
				  unsigned int to)
{
	u32 diff = 0;

	for (; from < to; from += 4)
		diff |= sstp_join_word(a + from) ^ sstp_join_word(b + from);
	return diff;
}

/* The second segment says whether ids go up. */
static bool sstp_join_id_is_fixed(const struct sstp_join_flow *flow,
				  const struct iphdr *a, const struct iphdr *b)
{
	if (flow->segs > 1)
		return flow->fixed_id;
	return a->frag_off & htons(IP_DF) && a->id == b->id;
}

/*
 * Return: 0 if a packet's IPv4 header is as that of the next segment has to be. Its
 * own checksum is not looked at.
 */
static u32 sstp_join_ip4_differs(const struct sstp_join_flow *flow, const u8 *ip,
				 unsigned int len)
{
	const struct iphdr *a = (const struct iphdr *)flow->skb->data;
	const struct iphdr *b = (const struct iphdr *)ip;
	u16 id = ntohs(a->id);

	if (!sstp_join_id_is_fixed(flow, a, b))
		id += flow->segs;
	return (*(const u16 *)a ^ *(const u16 *)b) | /* version, ihl, tos */
	       (ntohs(b->tot_len) ^ len) |
	       (ntohs(b->id) ^ id) |
	       (__force u16)(a->frag_off ^ b->frag_off) |
	       (a->ttl ^ b->ttl) | (a->protocol ^ b->protocol) |
	       (__force u32)(a->saddr ^ b->saddr) |
	       (__force u32)(a->daddr ^ b->daddr);
}

static u32 sstp_join_ip6_differs(const struct sstp_join_flow *flow, const u8 *ip,
				 unsigned int len)
{
	const struct ipv6hdr *b = (const struct ipv6hdr *)ip;
	const u8 *a = flow->skb->data;

	return sstp_join_words_differ(a, ip, 0, 4) |
	       (ntohs(b->payload_len) ^ (len - sizeof(*b))) |
	       (*(const u16 *)(a + offsetof(struct ipv6hdr, nexthdr)) ^
		*(const u16 *)(ip + offsetof(struct ipv6hdr, nexthdr))) |
	       sstp_join_words_differ(a, ip, offsetof(struct ipv6hdr, saddr),
				      sizeof(struct ipv6hdr));
}

/* Whether the packet of a flow stays one that IP, and the user, let be. */
static bool sstp_join_fits(const struct sstp_join_flow *flow, unsigned int size)
{
	unsigned int max = min(READ_ONCE(flow->skb->dev->gro_max_size),
			       SSTP_JOIN_MAX_LEN);

	return flow->skb->len + size <= max;
}

/*
 * Return: whether a packet continues a flow: every field of its headers but the
 * checksums is what that of the next segment has to be.
 */
static bool sstp_join_follows(const struct sstp_join_flow *flow, const u8 *ip,
			      unsigned int len)
{
	const u8 *first = flow->skb->data;
	const struct tcphdr *a = (const struct tcphdr *)(first + flow->thoff);
	const struct tcphdr *b = (const struct tcphdr *)(ip + flow->thoff);
	unsigned int size = len - flow->hlen;
	u32 diff;

	if (flow->last || len < flow->hlen + SSTP_JOIN_MIN_PAYLOAD ||
	    size > flow->size)
		return false;

	if (flow->thoff == sizeof(struct iphdr))
		diff = sstp_join_ip4_differs(flow, ip, len);
	else
		diff = sstp_join_ip6_differs(flow, ip, len);
	diff |= sstp_join_words_differ(first, ip, flow->thoff, flow->thoff + 4);
	diff |= ntohl(b->seq) ^ flow->next_seq;
	diff |= (__force u32)(a->ack_seq ^ b->ack_seq);
	diff |= (__force u32)((tcp_flag_word(a) ^ tcp_flag_word(b)) & ~TCP_FLAG_PSH);
	diff |= sstp_join_words_differ(first, ip, flow->thoff + sizeof(*a),
				       flow->hlen);
	return !diff && sstp_join_fits(flow, size);
}

/* What was copied last becomes the end of a flow's packet. */
static bool sstp_join_take(struct sstp_join *join, struct sstp_join_flow *flow,
			   const struct tcphdr *th, unsigned int size)
{
	if (!sstp_store_add(&join->store, flow->skb, size))
		return false;
	flow->segs++;
	flow->next_seq += size;
	if (th->psh || size < flow->size)
		flow->last = true;
	if (th->psh)
		((struct tcphdr *)(flow->skb->data + flow->thoff))->psh = 1;
	return true;
}

/*
 * In a run of copies; there is room for the payload.
 *
 * Return: whether the packet has become part of the flow's.
 */
static bool sstp_join_append(struct sstp_join *join, struct sstp_join_flow *flow,
			     const u8 *ip, unsigned int len)
{
	const struct tcphdr *th = (const struct tcphdr *)(ip + flow->thoff);
	unsigned int size = len - flow->hlen;

	if (!sstp_join_copy(&join->store, ip, flow->thoff, flow->hlen, len) ||
	    !sstp_join_take(join, flow, th, size))
		return false;
	if (flow->segs == 2 && flow->thoff == sizeof(struct iphdr))
		flow->fixed_id = ((const struct iphdr *)ip)->id == ip_hdr(flow->skb)->id;
	return true;
}

/* The same, whatever there is to be done for it. */
static bool sstp_join_try(struct sstp_join *join, struct sstp_join_flow *flow,
			  const u8 *ip, unsigned int len)
{
	bool ok;

	if (!sstp_join_follows(flow, ip, len) ||
	    !sstp_store_room(&join->store, len - flow->hlen))
		return false;
	sstp_copy_begin();
	ok = sstp_join_append(join, flow, ip, len);
	sstp_copy_end();
	return ok;
}

static bool sstp_join_begin(struct sstp_join *join, struct sstp_join_flow *flow,
			    struct net_device *dev, const struct sstp_join_seg *seg)
{
	struct sk_buff *skb;
	bool ok;

	if (!sstp_store_room(&join->store, seg->len - seg->hlen))
		return false;
	sstp_copy_begin();
	ok = sstp_join_copy(&join->store, seg->ip, seg->thoff, seg->hlen, seg->len);
	sstp_copy_end();
	if (!ok)
		return false;
	skb = alloc_skb(NET_SKB_PAD + SSTP_JOIN_MAX_HLEN, GFP_ATOMIC | __GFP_NOWARN);
	if (!skb)
		return false;
	skb_reserve(skb, NET_SKB_PAD);
	skb_put_data(skb, seg->ip, seg->hlen);
	skb->dev = dev;
	skb->protocol = seg->v6 ? htons(ETH_P_IPV6) : htons(ETH_P_IP);
	skb->ip_summed = CHECKSUM_UNNECESSARY;
	skb_reset_mac_header(skb);
	skb_reset_network_header(skb);
	skb_set_transport_header(skb, seg->thoff);

	*flow = (struct sstp_join_flow) {
		.skb = skb,
		.size = seg->len - seg->hlen,
		.thoff = seg->thoff,
		.hlen = seg->hlen,
		.next_seq = ntohl(seg->th->seq),
	};
	return sstp_join_take(join, flow, seg->th, flow->size);
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
		if (flow->fixed_id)
			skb_shinfo(skb)->gso_type |= SKB_GSO_TCP_FIXEDID;
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

/* A packet that does not continue the flow of the one before it. */
static bool sstp_join_add_other(struct sstp_join *join, struct net_device *dev,
				const u8 *ip, unsigned int len,
				struct sk_buff_head *list)
{
	struct sstp_join_flow *flow;
	struct sstp_join_seg seg;

	if (!sstp_join_parse(&seg, ip, len))
		return false;
	flow = sstp_join_find(join, &seg);
	if (flow) {
		join->recent = flow - join->flows;
		if (sstp_join_try(join, flow, ip, len))
			return true;
		sstp_join_finish(flow, list);
	}
	if (!sstp_join_is_data(&seg))
		return false;
	if (!flow)
		flow = sstp_join_make_room(join, list);
	join->recent = flow - join->flows;
	return sstp_join_begin(join, flow, dev, &seg);
}

/**
 * sstp_join_add - join a segment to those before it, or begin with it
 * @join: the flows
 * @dev: where it was received
 * @ip: the packet; a complete IPv4 or IPv6 header is there
 * @len: bytes of it, at most SSTP_MAX_LEN
 * @list: gets packets that are finished
 *
 * Context: process.
 * Return: false if the packet is not eligible; then it is the caller's to put
 * on @list, where everything of its flow that came before is by now.
 */
bool sstp_join_add(struct sstp_join *join, struct net_device *dev, const u8 *ip,
		   unsigned int len, struct sk_buff_head *list)
{
	struct sstp_join_flow *flow = &join->flows[join->recent];

	/* Mostly segments come in trains. */
	if (flow->skb && sstp_join_try(join, flow, ip, len))
		return true;
	return sstp_join_add_other(join, dev, ip, len, list);
}

/**
 * sstp_join_goes_on - whether sstp_join_go_on() may follow
 * @join: the flows
 * @ip: the packet, as above
 * @len: bytes of it
 *
 * Context: any.
 * Return: whether it continues the flow of the one before it, and there is room.
 */
bool sstp_join_goes_on(const struct sstp_join *join, const u8 *ip, unsigned int len)
{
	const struct sstp_join_flow *flow = &join->flows[join->recent];

	return flow->skb && sstp_join_follows(flow, ip, len) &&
	       sstp_store_has_room(&join->store, len - flow->hlen);
}

/**
 * sstp_join_go_on - join a segment to the one before it
 * @join: the flows
 * @ip: the packet, for which sstp_join_goes_on()
 * @len: bytes of it
 *
 * Context: as of sstp_copy_sum().
 * Return: false if that is not possible; then it is for sstp_join_add().
 */
bool sstp_join_go_on(struct sstp_join *join, const u8 *ip, unsigned int len)
{
	return sstp_join_append(join, &join->flows[join->recent], ip, len);
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

/**
 * sstp_join_free - give up what is kept for joining
 * @join: the flows, flushed
 */
void sstp_join_free(struct sstp_join *join)
{
	sstp_store_free(&join->store);
}
