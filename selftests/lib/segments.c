// SPDX-License-Identifier: GPL-2.0-or-later
#include "segments.h"

#include <linux/virtio_net.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#define IP4_HDR		20
#define IP6_HDR		40
#define TCP_HDR		32	/* with a timestamp option */
#define TCP_CHECK	16

static void put16(uint8_t *p, unsigned int v)
{
	p[0] = v >> 8;
	p[1] = v;
}

static void put32(uint8_t *p, uint32_t v)
{
	put16(p, v >> 16);
	put16(p + 2, v & 0xffff);
}

size_t seg_count(const struct seg_spec *spec)
{
	return (spec->len + spec->mss - 1) / spec->mss;
}

static size_t ip_hdr_len(const struct seg_spec *spec)
{
	return spec->v6 ? IP6_HDR : IP4_HDR;
}

static void fill_ip(const struct seg_spec *spec, uint8_t *p, size_t len, uint16_t id)
{
	static const uint8_t addrs[] = { 10, 77, 0, 1, 10, 77, 0, 2 };

	if (spec->v6) {
		put32(p, 0x60200000 | (spec->seed & 0xfffff));
		put16(p + 4, len - IP6_HDR);
		p[6] = IPPROTO_TCP;
		p[7] = 64;
		p[8] = 0xfd;
		p[24] = 0xfd;
		p[9] = 0x77;
		p[25] = 0x77;
		p[23] = 1;
		p[39] = 2;
		return;
	}
	p[0] = 0x45;
	p[1] = 0x02;
	put16(p + 2, len);
	put16(p + 4, id);
	p[6] = 0x40;
	p[8] = 64;
	p[9] = IPPROTO_TCP;
	memcpy(p + 12, addrs, sizeof(addrs));
	put16(p + 10, wire_fold(wire_sum(p, IP4_HDR, 0)));
}

static void fill_tcp(const struct seg_spec *spec, uint8_t *tcp, uint32_t seq,
		     uint8_t flags)
{
	put16(tcp, 40001);
	put16(tcp + 2, 40002);
	put32(tcp + 4, seq);
	put32(tcp + 8, 0x01020304);
	tcp[12] = TCP_HDR / 4 << 4;
	tcp[13] = SEG_ACK | flags;
	put16(tcp + 14, 501);
	/* NOP NOP Timestamps */
	put32(tcp + 20, 0x0101080a);
	put32(tcp + 24, 0x10000000 + spec->seed);
	put32(tcp + 28, 0x20000000);
}

/* Payload bytes @from to @from + @len and the headers for them. */
static size_t build(const struct seg_spec *spec, size_t from, size_t len, uint16_t id,
		    uint8_t flags, uint8_t *p)
{
	size_t ip = ip_hdr_len(spec);
	size_t total = ip + TCP_HDR + len;

	memset(p, 0, ip + TCP_HDR);
	for (size_t i = 0; i < len; i++)
		p[ip + TCP_HDR + i] = ((from + i) * 7 + spec->seed) ^ ((from + i) >> 8);
	fill_ip(spec, p, total, id);
	/* Starts just below the wrap, so that long packets cross it. */
	fill_tcp(spec, p + ip, 0xfffff000u + spec->seed * 4096 + from, flags);
	return total;
}

size_t seg_build(const struct seg_spec *spec, size_t i, uint8_t *out)
{
	size_t from = i * spec->mss, len = spec->len - from;
	bool last = i + 1 == seg_count(spec);
	uint8_t flags = spec->flags;
	size_t total;

	if (!last) {
		len = spec->mss;
		flags &= ~(SEG_FIN | SEG_PSH);
	}
	if (i)
		flags &= ~SEG_CWR;
	total = build(spec, from, len, 0xfffe + spec->seed + i, flags, out);
	put16(out + ip_hdr_len(spec) + TCP_CHECK, wire_l4_check(out, total));
	return total;
}

/* What a stack leaves in the field for the device to complete. */
static uint16_t pseudo_sum(const struct seg_spec *spec, const uint8_t *p, size_t total)
{
	size_t ip = ip_hdr_len(spec);
	uint64_t sum = IPPROTO_TCP + (total - ip);

	sum = spec->v6 ? wire_sum(p + 8, 32, sum) : wire_sum(p + 12, 8, sum);
	return ~wire_fold(sum);
}

void seg_build_super(const struct seg_spec *spec, struct wire_buf *out)
{
	struct virtio_net_hdr vnet = {
		.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
		.gso_type = spec->v6 ? VIRTIO_NET_HDR_GSO_TCPV6 :
				       VIRTIO_NET_HDR_GSO_TCPV4,
		.hdr_len = ip_hdr_len(spec) + TCP_HDR,
		.gso_size = spec->mss,
		.csum_start = ip_hdr_len(spec),
		.csum_offset = TCP_CHECK,
	};
	uint8_t *packet = calloc(1, 65536);
	size_t total;

	if (!packet)
		abort();
	if (spec->flags & SEG_CWR)
		vnet.gso_type |= VIRTIO_NET_HDR_GSO_ECN;
	if (spec->len <= spec->mss)
		vnet.gso_type = VIRTIO_NET_HDR_GSO_NONE;
	total = build(spec, 0, spec->len, 0xfffe + spec->seed, spec->flags, packet);
	put16(packet + ip_hdr_len(spec) + TCP_CHECK, pseudo_sum(spec, packet, total));
	wire_add(out, &vnet, sizeof(vnet));
	wire_add(out, packet, total);
	free(packet);
}
