// SPDX-License-Identifier: GPL-2.0-only
/*
 * Delimit SSTP packets and look into the PPP frame of data packets.
 *
 * Pure: built into the module and into the unit tests alike. Whatever the bytes
 * are, only p[0 .. len - 1] is read.
 */
#include "frame.h"

/* A PPP protocol number never starts with FF, so FF 03 is unambiguous. */
static unsigned int ppp_skip_address(const __u8 *p, unsigned int len)
{
	if (len >= 2 && p[0] == SSTP_PPP_ADDRESS && p[1] == SSTP_PPP_CONTROL)
		return 2;
	return 0;
}

/*
 * Return the protocol, or 0 (which is no protocol) if there is none; *off is
 * moved behind it. An odd first octet is a compressed protocol; the last octet
 * of any protocol is odd.
 */
static __u16 ppp_protocol(const __u8 *p, unsigned int len, unsigned int *off)
{
	unsigned int i = *off;

	if (i < len && (p[i] & 1)) {
		*off = i + 1;
		return p[i];
	}
	if (i + 1 < len && (p[i + 1] & 1)) {
		*off = i + 2;
		return p[i] << 8 | p[i + 1];
	}
	return 0;
}

static enum sstp_frame_kind ip_kind(const __u8 *ip, unsigned int len,
				    unsigned int version)
{
	unsigned int min = version == 4 ? SSTP_IPV4_MIN_HLEN : SSTP_IPV6_HLEN;

	if (len < min || ip[0] >> 4 != version)
		return SSTP_FRAME_INVALID;
	return version == 4 ? SSTP_FRAME_IPV4 : SSTP_FRAME_IPV6;
}

static enum sstp_frame_kind ppp_kind(const __u8 *p, unsigned int len,
				     unsigned int *off)
{
	__u16 proto;

	*off = ppp_skip_address(p, len);
	if (!*off && len && p[0] == SSTP_PPP_ADDRESS)
		return SSTP_FRAME_INVALID;
	proto = ppp_protocol(p, len, off);
	switch (proto) {
	case 0:
		return SSTP_FRAME_INVALID;
	case SSTP_PPP_IPV4:
		return ip_kind(p + *off, len - *off, 4);
	case SSTP_PPP_IPV6:
		return ip_kind(p + *off, len - *off, 6);
	default:
		return SSTP_FRAME_OWNER;
	}
}

struct sstp_frame sstp_frame_parse(const __u8 *p, unsigned int len)
{
	struct sstp_frame f = { .kind = SSTP_FRAME_MORE };

	if (len && p[0] != SSTP_VERSION) {
		f.kind = SSTP_FRAME_BAD_VERSION;
		return f;
	}
	if (len < SSTP_HLEN)
		return f;

	f.len = (p[2] << 8 | p[3]) & SSTP_LENGTH_MASK;
	if (f.len < SSTP_HLEN) {
		f.kind = SSTP_FRAME_BAD_LENGTH;
		return f;
	}
	if (f.len > len)
		return f;

	if (p[1] & SSTP_CONTROL) {
		f.kind = SSTP_FRAME_OWNER;
		return f;
	}
	f.kind = ppp_kind(p + SSTP_HLEN, f.len - SSTP_HLEN, &f.off);
	f.off += SSTP_HLEN;
	return f;
}
