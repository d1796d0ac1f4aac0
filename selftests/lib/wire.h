/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bytes of the SSTP stream, for tests: building them from text and checking
 * them. Written from MS-SSTP and the RFCs, independently of the module.
 */
#ifndef SELFTESTS_WIRE_H
#define SELFTESTS_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A growing byte string. */
struct wire_buf {
	uint8_t *data;
	size_t len;
	size_t cap;
};

void wire_add(struct wire_buf *buf, const void *data, size_t len);
/* Drop the first @len bytes. */
void wire_pull(struct wire_buf *buf, size_t len);
void wire_free(struct wire_buf *buf);

/*
 * Append what one word of a script stands for; -1 and @err if it has none.
 *
 *	1000ff		hex digits
 *	ip4:LEN[:SEED]	an IPv4 UDP packet of LEN bytes, contents from SEED
 *	ip6:LEN[:SEED]	the same for IPv6
 *	data4:LEN[:SEED] data6:LEN[:SEED]
 *			that packet in the SSTP packet the module sends
 *	odd4:LEN:SEED odd6:LEN:SEED
 *			the same with random contents and a header that may lie
 *	fill:XX:LEN	LEN times the byte XX
 *	[ ... ]		an SSTP data packet around the words between
 *	{ ... }		an SSTP control packet around the words between
 */
int wire_word(struct wire_buf *buf, const char *word, size_t *open_frame,
	      char *err, size_t err_len);

/* @open_frame before the first word, and after a complete sequence. */
#define WIRE_CLOSED SIZE_MAX

/* Whole SSTP packet at the start of @data? Its length, 0 if more is needed, or
 * -1 if the bytes are no SSTP packet.
 */
int wire_packet_len(const uint8_t *data, size_t len);

/* RFC 1071 sum of @len bytes, not folded or complemented, on top of @sum. */
uint64_t wire_sum(const void *data, size_t len, uint64_t sum);
uint16_t wire_fold(uint64_t sum);

/* UDP or TCP sum with pseudo header over the IP packet; 0 if correct. */
uint16_t wire_l4_check(const uint8_t *packet, size_t len);

#endif /* SELFTESTS_WIRE_H */
