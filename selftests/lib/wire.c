// SPDX-License-Identifier: GPL-2.0-or-later
#include "wire.h"

#include <ctype.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SSTP_HDR 4
#define PPP_HDR 4
#define IP4_HDR 20
#define IP6_HDR 40
#define UDP_HDR 8

void wire_add(struct wire_buf *buf, const void *data, size_t len)
{
	if (!len)
		return;
	if (buf->len + len > buf->cap) {
		buf->cap = 2 * (buf->len + len) + 256;
		buf->data = realloc(buf->data, buf->cap);
		if (!buf->data)
			abort();
	}
	memcpy(buf->data + buf->len, data, len);
	buf->len += len;
}

void wire_pull(struct wire_buf *buf, size_t len)
{
	if (!len)
		return;
	memmove(buf->data, buf->data + len, buf->len - len);
	buf->len -= len;
}

void wire_free(struct wire_buf *buf)
{
	free(buf->data);
	memset(buf, 0, sizeof(*buf));
}

uint64_t wire_sum(const void *data, size_t len, uint64_t sum)
{
	const uint8_t *p = data;

	for (; len > 1; len -= 2, p += 2)
		sum += (uint64_t)p[0] << 8 | p[1];
	if (len)
		sum += (uint64_t)p[0] << 8;
	return sum;
}

uint16_t wire_fold(uint64_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return ~sum & 0xffff;
}

uint16_t wire_l4_check(const uint8_t *packet, size_t len)
{
	bool v6 = packet[0] >> 4 == 6;
	size_t off = v6 ? IP6_HDR : (packet[0] & 0xf) * 4u;
	uint8_t proto = v6 ? packet[6] : packet[9];
	uint64_t sum;

	sum = v6 ? wire_sum(packet + 8, 32, 0) : wire_sum(packet + 12, 8, 0);
	sum += proto + (len - off);
	return wire_fold(wire_sum(packet + off, len - off, sum));
}

static void put16(uint8_t *p, unsigned int v)
{
	p[0] = v >> 8;
	p[1] = v;
}

static uint8_t pattern(size_t i, unsigned int seed)
{
	return (i * 31 + seed * 101 + (i >> 8)) & 0xff;
}

static void fill_udp(uint8_t *p, size_t off, size_t len, unsigned int seed)
{
	uint16_t check;

	put16(p + off, 4000);
	put16(p + off + 2, 9);
	put16(p + off + 4, len - off);
	for (size_t i = off + UDP_HDR; i < len; i++)
		p[i] = pattern(i - off, seed);
	check = wire_l4_check(p, len);
	put16(p + off + 6, check ? check : 0xffff);
}

static void fill_ip4(uint8_t *p, size_t len, unsigned int seed)
{
	static const uint8_t addrs[] = { 10, 77, 0, 2, 10, 77, 0, 1 };

	p[0] = 0x45;
	put16(p + 2, len);
	put16(p + 4, seed);
	p[8] = 64;
	p[9] = IPPROTO_UDP;
	memcpy(p + 12, addrs, sizeof(addrs));
	put16(p + 10, wire_fold(wire_sum(p, IP4_HDR, 0)));
	if (len >= IP4_HDR + UDP_HDR)
		fill_udp(p, IP4_HDR, len, seed);
}

static void fill_ip6(uint8_t *p, size_t len, unsigned int seed)
{
	p[0] = 0x60;
	put16(p + 2, seed);
	put16(p + 4, len - IP6_HDR);
	p[6] = IPPROTO_UDP;
	p[7] = 64;
	p[8] = 0xfd;
	p[24] = 0xfd;
	p[9] = 0x77;
	p[25] = 0x77;
	p[23] = 2;
	p[39] = 1;
	if (len >= IP6_HDR + UDP_HDR)
		fill_udp(p, IP6_HDR, len, seed);
}

/* xorshift32 */
static uint32_t draw(uint32_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state;
}

/*
 * Random contents behind an IP header that is right in most respects, so that
 * whoever looks further is reached; then some of its fields lie.
 */
static void make_odd(uint8_t *p, bool v6, size_t len, unsigned int seed)
{
	static const uint8_t protos[] = { 0, 1, 2, 4, 6, 6, 6, 17, 17, 41, 43, 44,
					  47, 50, 51, 58, 59, 60, 132, 136 };
	uint32_t state = seed * 2654435761u + 1;
	size_t hdr = v6 ? IP6_HDR : IP4_HDR;

	for (size_t i = hdr; i < len; i++)
		p[i] = draw(&state);
	p[v6 ? 6 : 9] = protos[draw(&state) % sizeof(protos)];
	if (draw(&state) % 4 == 0)
		put16(p + (v6 ? 4 : 2), draw(&state) % 4096);
	/* More header than there is, options of any kind, fragments. */
	if (!v6 && draw(&state) % 4 == 0)
		p[0] = 0x40 | (draw(&state) % 16);
	if (!v6 && draw(&state) % 4 == 0)
		put16(p + 6, draw(&state));
	/* TCP with a data offset that may point anywhere. */
	if (len > hdr + 12 && draw(&state) % 2)
		p[hdr + 12] = 0x50 | p[hdr + 12];
	if (!v6 && (p[0] & 0xf) * 4u <= len) {
		put16(p + 10, 0);
		put16(p + 10, wire_fold(wire_sum(p, (p[0] & 0xf) * 4u, 0)));
	}
}

static void add_ip(struct wire_buf *buf, bool v6, bool frame, bool odd, size_t len,
		   unsigned int seed)
{
	uint8_t packet[65536] = { 0 };

	if (frame) {
		uint8_t hdr[] = { 0x10, 0, 0, 0, 0xff, 3, 0, v6 ? 0x57 : 0x21 };

		put16(hdr + 2, len + SSTP_HDR + PPP_HDR);
		wire_add(buf, hdr, sizeof(hdr));
	}
	if (v6)
		fill_ip6(packet, len, seed);
	else
		fill_ip4(packet, len, seed);
	if (odd)
		make_odd(packet, v6, len, seed);
	wire_add(buf, packet, len);
}

static bool add_packet_word(struct wire_buf *buf, const char *word)
{
	unsigned int len, seed = 0;
	char kind[8];
	int end = 0;
	bool v6;

	if (sscanf(word, "%5[a-z]%*[46]:%u%n:%u%n", kind, &len, &end, &seed, &end) < 2 ||
	    word[end] ||
	    (strcmp(kind, "ip") && strcmp(kind, "data") && strcmp(kind, "odd")))
		return false;
	v6 = word[strlen(kind)] == '6';
	if (len < (v6 ? IP6_HDR : IP4_HDR) || len > 65535)
		return false;
	add_ip(buf, v6, kind[0] != 'i', kind[0] == 'o', len, seed);
	return true;
}

static bool add_fill_word(struct wire_buf *buf, const char *word)
{
	unsigned int byte, len;
	int end = 0;
	uint8_t b;

	if (sscanf(word, "fill:%2x:%u%n", &byte, &len, &end) < 2 || word[end] ||
	    len > 1 << 24)
		return false;
	b = byte;
	while (len--)
		wire_add(buf, &b, 1);
	return true;
}

static bool add_hex_word(struct wire_buf *buf, const char *word)
{
	if (strlen(word) % 2 || strspn(word, "0123456789abcdefABCDEF") != strlen(word))
		return false;
	for (; *word; word += 2) {
		char digits[3] = { word[0], word[1], 0 };
		uint8_t b = strtoul(digits, NULL, 16);

		wire_add(buf, &b, 1);
	}
	return true;
}

int wire_word(struct wire_buf *buf, const char *word, size_t *open_frame,
	      char *err, size_t err_len)
{
	bool opens = !strcmp(word, "[") || !strcmp(word, "{");
	bool closes = !strcmp(word, "]") || !strcmp(word, "}");

	if (opens && *open_frame == WIRE_CLOSED) {
		uint8_t hdr[SSTP_HDR] = { 0x10, word[0] == '{' };

		*open_frame = buf->len;
		wire_add(buf, hdr, sizeof(hdr));
		return 0;
	}
	if (closes && *open_frame != WIRE_CLOSED) {
		put16(buf->data + *open_frame + 2, buf->len - *open_frame);
		*open_frame = WIRE_CLOSED;
		return 0;
	}
	if (!opens && !closes &&
	    (add_packet_word(buf, word) || add_fill_word(buf, word) ||
	     add_hex_word(buf, word)))
		return 0;
	snprintf(err, err_len, "\"%s\" stands for no bytes", word);
	return -1;
}

int wire_packet_len(const uint8_t *data, size_t len)
{
	size_t need;

	if (len < SSTP_HDR)
		return 0;
	need = (data[2] & 0xf) << 8 | data[3];
	if (data[0] != 0x10 || need < SSTP_HDR)
		return -1;
	return len >= need ? (int)need : 0;
}
