// SPDX-License-Identifier: GPL-2.0-or-later
/* Commands that send a mix of flows and check what became of it on the way. */
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "ktls.h"
#include "mixed.h"
#include "net.h"
#include "script.h"

#define PPP_FRAME 8

struct mix {
	uint32_t seed;
	uint32_t count;
	uint32_t size;
	bool fixed_ids;
};

static int parse(struct script *s, int argc, char **argv, struct mix *mix)
{
	*mix = (struct mix){ .count = 100, .size = KTLS_RECORD_MAX };
	mix->fixed_ids = !strcmp(script_option(argc, argv, "ids", ""), "fixed");
	return script_option_uint(s, argc, argv, "seed", &mix->seed) ||
	       script_option_uint(s, argc, argv, "count", &mix->count) ||
	       script_option_uint(s, argc, argv, "size", &mix->size) ? -1 : 0;
}

static int cmd_send_mix(struct script *s, struct end *end, int argc, char **argv)
{
	struct mixed_packet packet;
	struct wire_buf buf = { 0 };
	struct mixed mixed;
	struct mix mix;
	ssize_t n = 0;

	if (parse(s, argc, argv, &mix))
		return -1;
	mixed_init(&mixed, mix.seed, mix.fixed_ids);
	for (uint32_t i = 0; i < mix.count; i++) {
		mixed_next(&mixed, &packet);

		const size_t len = packet.len + PPP_FRAME;
		const uint8_t hdr[PPP_FRAME] = { 0x10, 0, len >> 8, len, 0xff, 3, 0,
						 packet.data[0] >> 4 == 6 ? 0x57 : 0x21 };

		wire_add(&buf, hdr, sizeof(hdr));
		wire_add(&buf, packet.data, packet.len);
	}
	for (size_t at = 0; at < buf.len && n >= 0; at += mix.size)
		n = ktls_send(end->sock, KTLS_DATA, buf.data + at,
			      buf.len - at < mix.size ? buf.len - at : mix.size);
	wire_free(&buf);
	return n < 0 ? script_fail(s, "send: %s", strerror(-n)) : 0;
}

/* The next packet of the stream into end->rx: its length with framing, or -1. */
static int next_frame(struct script *s, struct end *end, uint32_t i)
{
	static uint8_t chunk[65536];
	uint8_t type;
	ssize_t n;
	int len;

	while ((len = wire_packet_len(end->rx.data, end->rx.len)) == 0) {
		if (net_wait(end->sock, POLLIN, s->timeout_ms) <= 0)
			return script_fail(s, "%u packets came, then no more", i);
		n = ktls_recv(end->sock, &type, chunk, sizeof(chunk));
		if (n <= 0 || type != KTLS_DATA)
			return script_fail(s, "the stream ended or is no data");
		wire_add(&end->rx, chunk, n);
	}
	return len <= PPP_FRAME ? script_fail(s, "the stream is no SSTP data") : len;
}

/* The next packet of @flow whose checksum is right, or wrong. */
static void next_of(struct mixed *cursor, int flow, bool bad, struct mixed_packet *p)
{
	do {
		mixed_next(cursor, p);
	} while ((int)p->flow != flow || !wire_l4_check(p->data, p->len) == bad);
}

/*
 * The packets of each flow in order, the flows in any order to one another. A
 * packet with a wrong checksum has an order of its own: the stack's GRO lets it
 * overtake what it holds of the flow, and its receiver drops it anyway.
 */
static int cmd_recv_mix(struct script *s, struct end *end, int argc, char **argv)
{
	struct mixed cursor[MIXED_FLOWS][2];
	struct mix mix;

	if (parse(s, argc, argv, &mix))
		return -1;
	for (int i = 0; i < MIXED_FLOWS * 2; i++)
		mixed_init(&cursor[i / 2][i % 2], mix.seed, mix.fixed_ids);
	for (uint32_t i = 0; i < mix.count; i++) {
		int len = next_frame(s, end, i), flow;
		const uint8_t *got = end->rx.data + PPP_FRAME;
		struct mixed_packet want;
		char what[64];
		bool bad;

		if (len < 0)
			return -1;
		len -= PPP_FRAME;
		flow = mixed_flow_of(got, len);
		if (flow < 0) {
			/* Neighbour and multicast messages of the host's own. */
			wire_pull(&end->rx, len + PPP_FRAME);
			i--;
			continue;
		}
		bad = wire_l4_check(got, len) != 0;
		next_of(&cursor[flow][bad], flow, bad, &want);
		mixed_forward(&want);
		snprintf(what, sizeof(what), "packet %u, of flow %d", i, flow);
		if (script_compare(s, what, want.data, want.len, got, len))
			return -1;
		wire_pull(&end->rx, len + PPP_FRAME);
	}
	return 0;
}

const struct command cmd_mixed_table[] = {
	{ "send-mix", true, cmd_send_mix, "[seed=N] [count=N] [size=N] [ids=fixed]" },
	{ "recv-mix", true, cmd_recv_mix, "[seed=N] [count=N] [ids=fixed]" },
	{ 0 },
};
