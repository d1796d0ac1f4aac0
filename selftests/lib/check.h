/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Judges every IP packet that comes out of a tunnel: lengths, checksums, and
 * per TCP flow whether sequence numbers and IPv4 ids go on where they were.
 */
#ifndef SELFTESTS_CHECK_H
#define SELFTESTS_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define CHECK_FLOWS 64

struct check_flow {
	uint8_t key[38];
	uint32_t next_seq;
	uint16_t next_id;
};

/**
 * struct check - verdict so far
 * @packets: IP packets seen
 * @bad_ip: wrong version, length or header checksum
 * @bad_sum: wrong TCP or UDP checksum
 * @seq_gaps: TCP segments that left out bytes after all before them
 * @id_breaks: TCP over IPv4 segments with data whose id did not follow the previous one
 * @data: TCP segments with data
 * @pushed: those of them with PSH
 * @max_len: longest IP packet
 */
struct check {
	uint64_t packets;
	uint64_t bad_ip;
	uint64_t bad_sum;
	uint64_t seq_gaps;
	uint64_t id_breaks;
	uint64_t data;
	uint64_t pushed;
	size_t max_len;
	size_t n_flows;
	struct check_flow flows[CHECK_FLOWS];
};

/* @v6: what the PPP protocol announced. */
void check_packet(struct check *c, bool v6, const uint8_t *packet, size_t len);

/* "name=value" for each counter, one line, after @prefix. */
void check_print(const struct check *c, const char *prefix, FILE *out);

#endif /* SELFTESTS_CHECK_H */
