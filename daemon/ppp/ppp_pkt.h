/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PPP encodings: protocol numbers, the frame header as SSTP carries it (no
 * flags, no FCS, no escaping), the code/id/length packet of RFC 1661 section 5
 * and its option lists.
 */
#ifndef SSTPD_PPP_PKT_H
#define SSTPD_PPP_PKT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/buf.h"

enum ppp_proto {
	PPP_PROTO_IP		= 0x0021,
	PPP_PROTO_IPV6		= 0x0057,
	PPP_PROTO_IPCP		= 0x8021,
	PPP_PROTO_IPV6CP	= 0x8057,
	PPP_PROTO_CCP		= 0x80fd,
	PPP_PROTO_LCP		= 0xc021,
	PPP_PROTO_PAP		= 0xc023,
	PPP_PROTO_CHAP		= 0xc223,
	PPP_PROTO_EAP		= 0xc227,
};

enum ppp_code {
	PPP_CONF_REQ		= 1,
	PPP_CONF_ACK		= 2,
	PPP_CONF_NAK		= 3,
	PPP_CONF_REJ		= 4,
	PPP_TERM_REQ		= 5,
	PPP_TERM_ACK		= 6,
	PPP_CODE_REJ		= 7,
	LCP_PROTO_REJ		= 8,
	LCP_ECHO_REQ		= 9,
	LCP_ECHO_REP		= 10,
	LCP_DISCARD_REQ		= 11,
	LCP_IDENTIFICATION	= 12,
	LCP_TIME_REMAINING	= 13,
};

#define PPP_HDR_LEN		4	/* FF 03 and two bytes of protocol */
#define PPP_MRU_DEFAULT		1500
#define PPP_MRU_MIN		576
/* What fits behind the PPP header in one SSTP packet: 4095 - 4 - 4. */
#define PPP_INFO_MAX		4087
#define PPP_FRAME_MAX		(PPP_HDR_LEN + PPP_INFO_MAX)

/*
 * Reads the frame header off @frame, which is left at the information field.
 * Accepts address/control and protocol both full and compressed, whatever was
 * negotiated: in SSTP the forms cannot be confused. False: too short, or not a
 * protocol number.
 */
bool ppp_frame_proto(struct rbuf *frame, uint16_t *proto);

/* Link control, network control and authentication, as opposed to data. */
static inline bool ppp_proto_is_control(uint16_t proto)
{
	return proto & 0x8000;
}

static inline void ppp_put_hdr(struct wbuf *w, uint16_t proto)
{
	buf_put_u16(w, 0xff03);
	buf_put_u16(w, proto);
}

/**
 * struct ppp_pkt - code, identifier, data of a control protocol packet
 */
struct ppp_pkt {
	uint8_t code;
	uint8_t id;
	struct rbuf data;	/* what the Length field covers; surplus cut off */
};

/* False if Length is below 4 or beyond the bytes present. */
bool ppp_pkt_parse(struct ppp_pkt *pkt, struct rbuf in);

/* Starts a packet at w->len; ppp_pkt_end() fills in its length. */
size_t ppp_pkt_begin(struct wbuf *w, uint8_t code, uint8_t id);
void ppp_pkt_end(struct wbuf *w, size_t start);

/**
 * struct ppp_opt - one configuration option
 * @raw: the whole option, type and length included
 */
struct ppp_opt {
	uint8_t type;
	struct rbuf data;
	struct rbuf raw;
};

/* 1 = *@opt filled, 0 = end of list, -1 = broken list. */
int ppp_opt_next(struct rbuf *opts, struct ppp_opt *opt);
/* The whole list can be walked. To be asked before acting on any option. */
bool ppp_opts_valid(struct rbuf opts);

static inline void ppp_opt_put_hdr(struct wbuf *w, uint8_t type, uint8_t len)
{
	buf_put_u8(w, type);
	buf_put_u8(w, len);
}

#endif /* SSTPD_PPP_PKT_H */
