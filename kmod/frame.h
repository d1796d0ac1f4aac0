/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _SSTP_FRAME_H
#define _SSTP_FRAME_H

#include "proto.h"

/**
 * enum sstp_frame_kind - what sstp_frame_parse() found
 * @SSTP_FRAME_MORE: the packet is not complete yet
 * @SSTP_FRAME_IPV4: a data packet that carries IPv4
 * @SSTP_FRAME_IPV6: a data packet that carries IPv6
 * @SSTP_FRAME_OWNER: for the owner of the session: an SSTP control packet, or a
 *	PPP frame of any other protocol
 * @SSTP_FRAME_INVALID: delimited, but not a PPP frame, or too short to be the
 *	IP packet it claims to be; to be dropped
 * @SSTP_FRAME_BAD_VERSION: the stream is not SSTP (any more)
 * @SSTP_FRAME_BAD_LENGTH: a length below the header's own; nothing that
 *	follows can be delimited
 */
enum sstp_frame_kind {
	SSTP_FRAME_MORE,
	SSTP_FRAME_IPV4,
	SSTP_FRAME_IPV6,
	SSTP_FRAME_OWNER,
	SSTP_FRAME_INVALID,
	SSTP_FRAME_BAD_VERSION,
	SSTP_FRAME_BAD_LENGTH,
};

/**
 * struct sstp_frame - one packet of the stream
 * @kind: what it is
 * @len: length of the whole packet in bytes, SSTP header included
 * @off: where the IP packet starts, for the two IP kinds
 */
struct sstp_frame {
	enum sstp_frame_kind kind;
	unsigned int len;
	unsigned int off;
};

/**
 * sstp_frame_parse - delimit and classify the packet at the start of a stream
 * @p: the stream
 * @len: bytes present
 *
 * Reserved bits are ignored, compressed address, control and protocol fields
 * are accepted (MS-SSTP 2.2.1, RFC 1661 6.5 and 6.6).
 *
 * Return: the packet. @len and @off are set for the kinds IPV4, IPV6, OWNER and
 * INVALID; @len also for BAD_LENGTH, and for MORE once the header is complete.
 */
struct sstp_frame sstp_frame_parse(const __u8 *p, unsigned int len);

/**
 * sstp_frame_next - sstp_frame_parse(), short for IPv4 as it mostly comes
 * @p: the stream
 * @len: bytes present
 */
static inline struct sstp_frame sstp_frame_next(const __u8 *p, unsigned int len)
{
	struct sstp_frame f = { .kind = SSTP_FRAME_IPV4, .off = SSTP_FRAME_HLEN };

	if (len > SSTP_FRAME_HLEN && p[0] == SSTP_VERSION && !p[1] &&
	    p[4] == SSTP_PPP_ADDRESS && p[5] == SSTP_PPP_CONTROL && !p[6] &&
	    p[7] == SSTP_PPP_IPV4 && p[8] == 0x45) {
		f.len = (p[2] << 8 | p[3]) & SSTP_LENGTH_MASK;
		if (f.len >= SSTP_FRAME_HLEN + SSTP_IPV4_MIN_HLEN && f.len <= len)
			return f;
	}
	return sstp_frame_parse(p, len);
}

/**
 * sstp_frame_put_header - write the headers of a data packet
 * @p: SSTP_FRAME_HLEN bytes of room
 * @proto: PPP protocol, host byte order
 * @len: bytes of the IP packet that follows, at most SSTP_MAX_MRU
 */
static inline void sstp_frame_put_header(__u8 *p, __u16 proto, unsigned int len)
{
	len += SSTP_FRAME_HLEN;
	p[0] = SSTP_VERSION;
	p[1] = 0;
	p[2] = len >> 8;
	p[3] = len;
	p[4] = SSTP_PPP_ADDRESS;
	p[5] = SSTP_PPP_CONTROL;
	p[6] = proto >> 8;
	p[7] = proto;
}

#endif /* _SSTP_FRAME_H */
