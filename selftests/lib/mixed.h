/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A mix of packets of several flows, determined by a seed: mostly runs of full
 * TCP segments that a receiver may merge, and between them everything that must
 * keep it from merging or from changing what it merged. Made to be forwarded:
 * whatever the stack did to them, they must come out as they went in.
 */
#ifndef SELFTESTS_MIXED_H
#define SELFTESTS_MIXED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MIXED_FLOWS	6
#define MIXED_MAX_LEN	1400

/**
 * struct mixed_flow - one TCP connection or UDP association, one way
 * @seq: next sequence number
 * @ack: acknowledgment number
 * @stamp: timestamp option
 * @id: next IPv4 id
 * @ttl: time to live
 * @tos: type of service
 * @fixed_id: the id stays
 * @df: not to be made fragments
 */
struct mixed_flow {
	uint32_t seq;
	uint32_t ack;
	uint32_t stamp;
	uint16_t id;
	uint8_t ttl;
	uint8_t tos;
	bool fixed_id;
	bool df;
};

struct mixed {
	uint64_t random;
	unsigned int flow;
	unsigned int run;
	struct mixed_flow flows[MIXED_FLOWS];
};

/**
 * struct mixed_packet - one of them
 * @flow: whose it is
 * @len: its length
 * @data: its bytes
 */
struct mixed_packet {
	unsigned int flow;
	size_t len;
	uint8_t data[MIXED_MAX_LEN];
};

/* @fixed_ids: of all flows; otherwise of some. */
void mixed_init(struct mixed *m, uint64_t seed, bool fixed_ids);
void mixed_next(struct mixed *m, struct mixed_packet *packet);

/* What one hop of forwarding does to it. */
void mixed_forward(struct mixed_packet *packet);

/* Flow of a packet on the way, or -1. */
int mixed_flow_of(const uint8_t *packet, size_t len);

#endif /* SELFTESTS_MIXED_H */
