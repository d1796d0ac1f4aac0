/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Wire format of SSTP data packets (MS-SSTP 2.2.1 to 2.2.3) and the PPP frame
 * inside (RFC 1661 2, RFC 1662 3.1). Shared with the unit tests: no kernel
 * types beyond <linux/types.h>.
 */
#ifndef _SSTP_PROTO_H
#define _SSTP_PROTO_H

#include <linux/types.h>

#define SSTP_VERSION		0x10	/* octet 0 */
#define SSTP_CONTROL		0x01	/* octet 1, bit C */
#define SSTP_LENGTH_MASK	0x0fff	/* octets 2 and 3, big endian */
#define SSTP_HLEN		4
#define SSTP_MAX_LEN		4095	/* whole packet, header included */

/* FF 03 and a two-octet protocol: the form every peer understands. */
#define SSTP_PPP_HLEN		4
#define SSTP_FRAME_HLEN		(SSTP_HLEN + SSTP_PPP_HLEN)

#define SSTP_PPP_ADDRESS	0xff
#define SSTP_PPP_CONTROL	0x03

#define SSTP_PPP_IPV4		0x0021
#define SSTP_PPP_IPV6		0x0057

#define SSTP_IPV4_MIN_HLEN	20
#define SSTP_IPV6_HLEN		40

#endif /* _SSTP_PROTO_H */
