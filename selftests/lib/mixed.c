// SPDX-License-Identifier: GPL-2.0-or-later
#include "mixed.h"

#include <netinet/in.h>
#include <string.h>

#include "rnd.h"
#include "wire.h"

#define IP4_HDR		20
#define IP6_HDR		40
#define TCP_HDR		32
#define UDP_HDR		8
#define PORT		20000	/* and up: the flow is the destination port */
#define FULL		1300

enum {
	FIN = 0x01,
	RST = 0x04,
	PSH = 0x08,
	ACK = 0x10,
	URG = 0x20,
	ECE = 0x40,
	CWR = 0x80,
};

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

static uint32_t draw(struct mixed *m, uint32_t below)
{
	return rnd(&m->random, below);
}

/* Every other flow is IPv6; the last two are UDP. */
static bool is_v6(unsigned int flow)
{
	return flow & 1;
}

static bool is_udp(unsigned int flow)
{
	return flow >= MIXED_FLOWS - 2;
}

void mixed_init(struct mixed *m, uint64_t seed, bool fixed_ids)
{
	memset(m, 0, sizeof(*m));
	m->random = seed;
	for (unsigned int i = 0; i < MIXED_FLOWS; i++) {
		m->flows[i].seq = draw(m, UINT32_MAX);
		m->flows[i].ack = draw(m, UINT32_MAX);
		m->flows[i].id = draw(m, 65536);
		m->flows[i].ttl = 64;
		m->flows[i].df = fixed_ids || draw(m, 4);
		m->flows[i].fixed_id = fixed_ids || !draw(m, 2);
	}
}

static void fill_ip(const struct mixed_flow *f, bool v6, uint8_t proto, uint8_t *p,
		    size_t len)
{
	if (v6) {
		put32(p, 0x60000000 | (uint32_t)f->tos << 20 | 0x12345);
		put16(p + 4, len - IP6_HDR);
		p[6] = proto;
		p[7] = f->ttl;
		p[8] = 0xfd;
		p[24] = 0xfd;
		p[9] = 0x77;
		p[25] = 0x78;
		p[23] = 2;
		p[39] = 2;
		return;
	}
	p[0] = 0x45;
	p[1] = f->tos;
	put16(p + 2, len);
	put16(p + 4, f->id);
	p[6] = f->df ? 0x40 : 0;
	p[8] = f->ttl;
	p[9] = proto;
	put32(p + 12, 0x0a4d0002);
	put32(p + 16, 0x0a4e0002);
	put16(p + 10, wire_fold(wire_sum(p, IP4_HDR, 0)));
}

static void fill_tcp(const struct mixed_flow *f, unsigned int flow, uint8_t *tcp,
		     uint8_t flags, uint16_t window)
{
	put16(tcp, 30000);
	put16(tcp + 2, PORT + flow);
	put32(tcp + 4, f->seq);
	put32(tcp + 8, f->ack);
	tcp[12] = TCP_HDR / 4 << 4;
	tcp[13] = flags;
	put16(tcp + 14, window);
	put32(tcp + 20, 0x0101080a);
	put32(tcp + 24, f->stamp);
	put32(tcp + 28, 0x77777777);
}

/* Payload, then the checksum; wrong once in a while, and it must stay wrong. */
static void finish(struct mixed *m, struct mixed_packet *p, size_t from, size_t check)
{
	uint8_t base = draw(m, 256);
	uint16_t sum;

	for (size_t i = from; i < p->len; i++)
		p->data[i] = base + i * 5;
	put16(p->data + check, 0);
	sum = wire_l4_check(p->data, p->len);
	if (!sum && is_udp(p->flow))
		sum = 0xffff;
	if (!draw(m, 40))
		sum ^= 0x0100 << draw(m, 4);
	put16(p->data + check, sum);
}

static size_t payload_len(struct mixed *m)
{
	uint32_t what = draw(m, 20);

	if (what < 15)
		return FULL;
	if (what == 15)
		return 0;
	return 1 + draw(m, FULL);
}

static uint8_t tcp_flags(struct mixed *m)
{
	static const uint8_t rare[] = { FIN, RST, URG, ECE, CWR, ECE | CWR, PSH | FIN };
	uint8_t flags = ACK;

	if (!draw(m, 10))
		flags |= PSH;
	if (!draw(m, 25))
		flags |= rare[draw(m, sizeof(rare))];
	return flags;
}

/* Something that merging must respect changes between two packets of a flow. */
static void disturb(struct mixed *m, struct mixed_flow *f)
{
	if (!draw(m, 12))
		f->seq += draw(m, 2) ? 1 + draw(m, 5000) : -draw(m, 3000);
	if (!draw(m, 12))
		f->id += draw(m, 3) - 1; /* also one that was there already */
	if (!draw(m, 12))
		f->ack += draw(m, 3000);
	if (!draw(m, 12))
		f->stamp++;
	if (!draw(m, 20))
		f->ttl = 32 + draw(m, 64);
	if (!draw(m, 20))
		f->tos = draw(m, 256);
}

static void next_tcp(struct mixed *m, struct mixed_packet *p)
{
	struct mixed_flow *f = &m->flows[p->flow];
	bool v6 = is_v6(p->flow);
	size_t ip = v6 ? IP6_HDR : IP4_HDR, data = payload_len(m);

	disturb(m, f);
	p->len = ip + TCP_HDR + data;
	fill_ip(f, v6, IPPROTO_TCP, p->data, p->len);
	fill_tcp(f, p->flow, p->data + ip, tcp_flags(m), draw(m, 15) ? 500 : draw(m, 65536));
	finish(m, p, ip + TCP_HDR, ip + 16);
	f->seq += data;
	f->id += !f->fixed_id;
}

static void next_udp(struct mixed *m, struct mixed_packet *p)
{
	struct mixed_flow *f = &m->flows[p->flow];
	bool v6 = is_v6(p->flow);
	size_t ip = v6 ? IP6_HDR : IP4_HDR, data = payload_len(m);

	p->len = ip + UDP_HDR + data;
	fill_ip(f, v6, IPPROTO_UDP, p->data, p->len);
	put16(p->data + ip, 30000);
	put16(p->data + ip + 2, PORT + p->flow);
	put16(p->data + ip + 4, UDP_HDR + data);
	finish(m, p, ip + UDP_HDR, ip + 6);
	f->id += !f->fixed_id;
}

void mixed_next(struct mixed *m, struct mixed_packet *packet)
{
	if (!m->run) {
		m->flow = draw(m, MIXED_FLOWS);
		m->run = 1 + draw(m, draw(m, 2) ? 30 : 2);
	}
	m->run--;
	memset(packet, 0, sizeof(*packet));
	packet->flow = m->flow;
	if (is_udp(packet->flow))
		next_udp(m, packet);
	else
		next_tcp(m, packet);
}

void mixed_forward(struct mixed_packet *packet)
{
	uint8_t *p = packet->data;

	if (p[0] >> 4 == 6) {
		p[7]--;
		return;
	}
	p[8]--;
	put16(p + 10, 0);
	put16(p + 10, wire_fold(wire_sum(p, IP4_HDR, 0)));
}

int mixed_flow_of(const uint8_t *packet, size_t len)
{
	size_t ip = packet[0] >> 4 == 6 ? IP6_HDR : IP4_HDR;
	unsigned int port;

	uint8_t proto = ip == IP6_HDR ? packet[6] : packet[9];

	if (len < ip + UDP_HDR || (proto != IPPROTO_TCP && proto != IPPROTO_UDP))
		return -1;
	port = packet[ip + 2] << 8 | packet[ip + 3];
	return port >= PORT && port < PORT + MIXED_FLOWS ? (int)(port - PORT) : -1;
}
