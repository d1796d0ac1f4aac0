/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * TCP super-packets for segmentation offload, and the segments they must
 * become (RFC 9293 for the flags, RFC 3168 for CWR). Both come from the same
 * description, the segments fully built, so a comparison is byte for byte.
 */
#ifndef SELFTESTS_SEGMENTS_H
#define SELFTESTS_SEGMENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire.h"

enum {
	SEG_FIN = 0x01,
	SEG_PSH = 0x08,
	SEG_ACK = 0x10,
	SEG_CWR = 0x80,
};

/**
 * struct seg_spec - a TCP super-packet
 * @v6: IPv6, else IPv4
 * @mss: payload bytes per segment
 * @len: payload bytes in all
 * @flags: SEG_* besides ACK
 * @seed: varies contents, sequence number and IPv4 id
 */
struct seg_spec {
	bool v6;
	size_t mss;
	size_t len;
	uint8_t flags;
	unsigned int seed;
};

size_t seg_count(const struct seg_spec *spec);

/* Segment @i as it must appear on the wire. Its length. */
size_t seg_build(const struct seg_spec *spec, size_t i, uint8_t *out);

/*
 * struct virtio_net_hdr and the super-packet, as a packet socket with
 * PACKET_VNET_HDR takes them; checksum left to the device.
 */
void seg_build_super(const struct seg_spec *spec, struct wire_buf *out);

#endif /* SELFTESTS_SEGMENTS_H */
