// SPDX-License-Identifier: GPL-2.0-or-later
#include "hostile.h"

#include <stdio.h>
#include <string.h>

#include "rnd.h"

#define SSTP_HDR	4
#define SSTP_LONGEST	4095

static uint32_t draw(struct hostile *h, uint32_t below)
{
	return rnd(&h->random, below);
}

void hostile_init(struct hostile *h, uint64_t seed)
{
	h->random = seed;
	mixed_init(&h->mixed, seed, false);
}

static void random_bytes(struct hostile *h, struct wire_buf *out, size_t len)
{
	while (len--) {
		uint8_t byte = draw(h, 256);

		wire_add(out, &byte, 1);
	}
}

/* An SSTP header; @kind is its second byte, most bits of which are reserved. */
static void header(struct wire_buf *out, uint8_t kind, size_t len)
{
	uint8_t hdr[SSTP_HDR] = { 0x10, kind, len >> 8, len };

	wire_add(out, hdr, sizeof(hdr));
}

static void add_word(struct wire_buf *out, const char *kind, unsigned int len,
		     unsigned int seed)
{
	size_t open_frame = WIRE_CLOSED;
	char word[64], err[64];

	snprintf(word, sizeof(word), "%s:%u:%u", kind, len, seed);
	wire_word(out, word, &open_frame, err, sizeof(err));
}

/* IP packets in the form we send ourselves; "odd" ones have headers that lie. */
static void ip(struct hostile *h, struct wire_buf *out)
{
	static const char *const kinds[] = { "data4", "data6", "odd4", "odd6" };
	unsigned int most = draw(h, 20) ? 1400 : 4087;

	add_word(out, kinds[draw(h, 4)], 40 + draw(h, most - 39), draw(h, UINT32_MAX));
}

/* Segments that the receiver may join, or must not. */
static void tcp(struct hostile *h, struct wire_buf *out)
{
	struct mixed_packet p;

	mixed_next(&h->mixed, &p);
	header(out, 0, SSTP_HDR + 4 + p.len);
	wire_add(out, (uint8_t[]){ 0xff, 3, 0, p.data[0] >> 4 == 6 ? 0x57 : 0x21 }, 4);
	wire_add(out, p.data, p.len);
}

/* The compressed forms of RFC 1661 6.5 and 6.6. */
static void compressed(struct hostile *h, struct wire_buf *out)
{
	static const char *const ppp[] = { "21", "57", "0021", "0057", "ff0321", "ff0357" };
	const char *form = ppp[draw(h, 6)];
	bool v6 = strstr(form, "57");
	unsigned int len = 40 + draw(h, 1000);
	struct wire_buf packet = { 0 };
	size_t open_frame = WIRE_CLOSED;
	char err[64];

	wire_word(&packet, form, &open_frame, err, sizeof(err));
	add_word(&packet, v6 ? "ip6" : "ip4", len, draw(h, UINT32_MAX));
	header(out, 0, SSTP_HDR + packet.len);
	wire_add(out, packet.data, packet.len);
	wire_free(&packet);
}

/* Nothing, or too little for what it says it is. */
static void stub(struct hostile *h, struct wire_buf *out)
{
	static const uint8_t start[] = { 0xff, 3, 0, 0x21, 0x45, 0, 0, 20 };
	size_t len = draw(h, sizeof(start) + 1);

	header(out, 0, SSTP_HDR + len);
	wire_add(out, start, len);
}

/* Messages that have no business in an established call, or exist nowhere. */
static void control(struct hostile *h, struct wire_buf *out)
{
	size_t len = draw(h, 4) ? draw(h, 120) : draw(h, 4);
	size_t at = out->len;

	header(out, 1, SSTP_HDR + len);
	random_bytes(h, out, len);
	if (len >= 2) {
		out->data[at + 4] = 0;
		out->data[at + 5] = 1 + draw(h, 10);
	}
}

static void other_protocol(struct hostile *h, struct wire_buf *out)
{
	static const uint8_t protocols[][2] = {
		{ 0xc0, 0x21 }, { 0xc0, 0x23 }, { 0xc2, 0x23 }, { 0x80, 0x21 },
		{ 0x80, 0x57 }, { 0x80, 0xfd }, { 0x00, 0xfd }, { 0x00, 0x2d },
	};
	size_t len = draw(h, 60);

	header(out, 0, SSTP_HDR + 4 + len);
	wire_add(out, (uint8_t[]){ 0xff, 3 }, 2);
	wire_add(out, protocols[draw(h, 8)], 2);
	random_bytes(h, out, len);
}

static void noise(struct hostile *h, struct wire_buf *out)
{
	size_t len = draw(h, 8) ? draw(h, 300) : SSTP_LONGEST - SSTP_HDR;

	header(out, 0, SSTP_HDR + len);
	random_bytes(h, out, len);
}

/* Bits that change behind the header, or in the part of it that is reserved. */
static void flip(struct hostile *h, uint8_t *packet, size_t len)
{
	if (!draw(h, 4))
		packet[1] |= draw(h, 128) << 1;
	if (!draw(h, 4))
		packet[2] |= draw(h, 16) << 4;
	for (uint32_t n = draw(h, 4); n && len > SSTP_HDR; n--) {
		size_t near = len - SSTP_HDR < 64 || draw(h, 2) ? len - SSTP_HDR : 64;

		packet[SSTP_HDR + draw(h, near)] ^= 1 << draw(h, 8);
	}
}

void hostile_packet(struct hostile *h, struct wire_buf *out)
{
	static void (*const kinds[])(struct hostile *h, struct wire_buf *out) = {
		ip, ip, ip, tcp, tcp, tcp, tcp, tcp, tcp, compressed, stub,
		stub, control, other_protocol, noise,
	};
	size_t at = out->len;

	kinds[draw(h, sizeof(kinds) / sizeof(*kinds))](h, out);
	if (!draw(h, 4))
		flip(h, out->data + at, out->len - at);
}

void hostile_poison(struct hostile *h, struct wire_buf *out)
{
	size_t at = out->len;

	header(out, draw(h, 2), draw(h, 2) ? draw(h, SSTP_HDR) : SSTP_LONGEST);
	if (out->data[at + 2] || out->data[at + 3] >= SSTP_HDR)
		out->data[at] ^= 1 + draw(h, 255);
	random_bytes(h, out, draw(h, 3000));
}
