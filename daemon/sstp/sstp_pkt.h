/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SSTP packets, MS-SSTP 2.2: delineation of the byte stream, control messages
 * and their attributes. Bytes in, structs out, and back; no state machine here
 * (that is call.h) and no cryptography (binding.h).
 *
 * Tolerance follows the specification: reserved bits are ignored on receipt
 * and zero when sent; the length is the low 12 bits of its field.
 */
#ifndef SSTPD_SSTP_PKT_H
#define SSTPD_SSTP_PKT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "data/settings.h"
#include "lib/buf.h"

#define SSTP_VERSION		0x10
#define SSTP_HDR_LEN		4
#define SSTP_CTRL_HDR_LEN	8
#define SSTP_PKT_MAX		4095	/* whole packet, header included */
#define SSTP_PAYLOAD_MAX	(SSTP_PKT_MAX - SSTP_HDR_LEN)
#define SSTP_NONCE_LEN		32
#define SSTP_CONNECTED_LEN	112	/* the one legal CALL_CONNECTED */
#define SSTP_NAK_VALUE_MAX	64

enum sstp_msg_type {
	SSTP_CALL_CONNECT_REQUEST	= 1,
	SSTP_CALL_CONNECT_ACK		= 2,
	SSTP_CALL_CONNECT_NAK		= 3,
	SSTP_CALL_CONNECTED		= 4,
	SSTP_CALL_ABORT			= 5,
	SSTP_CALL_DISCONNECT		= 6,
	SSTP_CALL_DISCONNECT_ACK	= 7,
	SSTP_ECHO_REQUEST		= 8,
	SSTP_ECHO_RESPONSE		= 9,
};

enum sstp_attr_id {
	SSTP_ATTR_NO_ERROR		= 0,
	SSTP_ATTR_ENCAP_PROTOCOL	= 1,
	SSTP_ATTR_STATUS_INFO		= 2,
	SSTP_ATTR_CRYPTO_BINDING	= 3,
	SSTP_ATTR_CRYPTO_BINDING_REQ	= 4,
};

enum sstp_status {
	SSTP_STATUS_NO_ERROR			= 0x0,
	SSTP_STATUS_DUPLICATE_ATTRIBUTE		= 0x1,
	SSTP_STATUS_UNRECOGNIZED_ATTRIBUTE	= 0x2,
	SSTP_STATUS_INVALID_VALUE_LENGTH	= 0x3,
	SSTP_STATUS_VALUE_NOT_SUPPORTED		= 0x4,
	SSTP_STATUS_UNACCEPTED_FRAME		= 0x5,
	SSTP_STATUS_RETRY_COUNT_EXCEEDED	= 0x6,
	SSTP_STATUS_INVALID_FRAME		= 0x7,
	SSTP_STATUS_NEGOTIATION_TIMEOUT		= 0x8,
	SSTP_STATUS_ATTR_NOT_SUPPORTED		= 0x9,
	SSTP_STATUS_REQUIRED_ATTR_MISSING	= 0xA,
	SSTP_STATUS_STATUS_INFO_NOT_SUPPORTED	= 0xB,
};

#define SSTP_PROTOCOL_PPP	1

/* ---- stream ---------------------------------------------------------- */

/**
 * struct sstp_stream - cuts a byte stream into packets
 * @carry: the beginning of a packet that is not complete yet
 * @len: bytes in @carry
 * @taken: the packet in @carry has been handed out and is to be forgotten
 *
 * TLS record boundaries mean nothing. A packet that lies whole inside the
 * input is handed out in place; only one cut by the end of the input is copied.
 */
struct sstp_stream {
	uint8_t carry[SSTP_PKT_MAX];
	size_t len;
	bool taken;
};

void sstp_stream_init(struct sstp_stream *s);

/*
 * Takes the next whole packet off @in. Returns
 *   1  *@pkt, *@len are one packet, header included (4..4095 bytes); valid
 *      until the next call or until the storage under @in goes away
 *   0  @in is used up, more bytes are needed
 *  -1  not SSTP (wrong version, length below 4): close, send nothing
 */
int sstp_stream_next(struct sstp_stream *s, struct rbuf *in,
		     const uint8_t **pkt, size_t *len);

/*
 * Bytes received but not handed out as packets: the carry, then what is left
 * of @in (may be NULL). Written to @out, which is what SESSION_NEW takes as
 * rx-pending at the hand-over. The stream is empty afterwards. Returns false
 * (nothing taken) if @out is too small; SSTP_PKT_MAX + what you read is enough.
 */
bool sstp_stream_drain(struct sstp_stream *s, struct rbuf *in, struct wbuf *out);

/* ---- packets --------------------------------------------------------- */

static inline bool sstp_is_control(const uint8_t *pkt)
{
	return pkt[1] & 1;
}

/* Writes the 4-byte header; @len counts the whole packet, header included. */
static inline void sstp_put_hdr(uint8_t *hdr, bool control, size_t len)
{
	hdr[0] = SSTP_VERSION;
	hdr[1] = control;
	hdr[2] = (len >> 8) & 0x0f;
	hdr[3] = len & 0xff;
}

/* SSTP header plus uncompressed PPP header in front of an IP packet. */
#define SSTP_DATA_HDR_LEN	8

/*
 * The fast path of TUN: header for one IP packet of @ip_len bytes (at most
 * SSTP_PKT_MAX - SSTP_DATA_HDR_LEN = 4087), @proto 0x0021 or 0x0057.
 */
static inline void sstp_put_data_hdr(uint8_t hdr[static SSTP_DATA_HDR_LEN],
				     uint16_t proto, size_t ip_len)
{
	sstp_put_hdr(hdr, false, SSTP_DATA_HDR_LEN + ip_len);
	hdr[4] = 0xff;
	hdr[5] = 0x03;
	hdr[6] = proto >> 8;
	hdr[7] = proto & 0xff;
}

/* ---- control messages: decoding -------------------------------------- */

/**
 * struct sstp_ctrl - a control message, attributes not looked at yet
 * @type: message type as received, may be none of enum sstp_msg_type
 * @nattr: the NumAttributes field; a claim of the peer, not a fact
 * @attrs: the attribute bytes
 * @pkt: the whole packet as received (the Compound MAC covers these bytes)
 * @len: length of @pkt
 */
struct sstp_ctrl {
	uint16_t type;
	uint16_t nattr;
	struct rbuf attrs;
	const uint8_t *pkt;
	size_t len;
};

struct sstp_attr {
	uint8_t id;
	struct rbuf value;
};

/* What to make of a control message. */
enum sstp_verdict {
	SSTP_OK,
	SSTP_NAK,		/* CALL_CONNECT_REQUEST to be answered by a NAK */
	SSTP_BAD,		/* abort with the AttribID and Status given */
};

/* AttribID + Status of a Status Info attribute, and the text for the log. */
struct sstp_fault {
	uint8_t attr;
	uint32_t status;
	uint8_t value_len;	/* NAK only: bytes of the rejected value */
	uint8_t value[SSTP_NAK_VALUE_MAX];
};

#define SSTP_FAULTS_MAX	8

struct sstp_faults {
	unsigned int n;
	struct sstp_fault f[SSTP_FAULTS_MAX];
};

/* False if the packet is too short to be a control message (C1). */
bool sstp_ctrl_parse(struct sstp_ctrl *m, const uint8_t *pkt, size_t len);
/* 1 = *@a filled, 0 = no bytes left, -1 = the chain cannot be walked. */
int sstp_attr_next(struct rbuf *attrs, struct sstp_attr *a);
/* True if the attributes can be walked and are @nattr in number, no surplus. */
bool sstp_attrs_well_formed(const struct sstp_ctrl *m);

enum sstp_verdict sstp_request_check(const struct sstp_ctrl *m,
				     struct sstp_faults *faults);
enum sstp_verdict sstp_ack_check(const struct sstp_ctrl *m, uint8_t *hash_mask,
				 uint8_t nonce[static SSTP_NONCE_LEN],
				 struct sstp_fault *fault);
/* Form only (one binding attribute, right size); binding.h judges content. */
enum sstp_verdict sstp_connected_check(const struct sstp_ctrl *m,
				       struct sstp_fault *fault);
/* Echo and Disconnect-Ack: no attributes allowed. */
enum sstp_verdict sstp_empty_check(const struct sstp_ctrl *m,
				   struct sstp_fault *fault);
/* Best effort, for the log only: false if there is no readable Status Info. */
bool sstp_status_read(const struct sstp_ctrl *m, uint8_t *attr, uint32_t *status);

const char *sstp_msg_name(uint16_t type);
const char *sstp_status_name(uint32_t status);

/* ---- control messages: encoding (each a whole packet) ----------------- */

void sstp_put_request(struct wbuf *w);
void sstp_put_ack(struct wbuf *w, uint8_t hash_mask,
		  const uint8_t nonce[static SSTP_NONCE_LEN]);
void sstp_put_nak(struct wbuf *w, const struct sstp_faults *faults);
/* Compound MAC field left zero; binding_sign() completes it. */
void sstp_put_connected(struct wbuf *w, enum sstp_hash hash,
			const uint8_t nonce[static SSTP_NONCE_LEN],
			const uint8_t *cert_hash, size_t cert_hash_len);
void sstp_put_abort(struct wbuf *w, uint8_t attr, uint32_t status);
void sstp_put_disconnect(struct wbuf *w);
/* DISCONNECT_ACK, ECHO_REQUEST, ECHO_RESPONSE. */
void sstp_put_empty(struct wbuf *w, enum sstp_msg_type type);

#endif /* SSTPD_SSTP_PKT_H */
