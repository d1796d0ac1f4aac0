/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * RADIUS packets: RFC 2865 (authentication), 2866 (accounting), 2869 and 3579
 * (Message-Authenticator), 2548 (Microsoft's attributes), 5176 (dynamic
 * authorization). Pure; what is secret is the caller's to wipe.
 *
 * A builder fills a struct wbuf: radius_begin(), attributes, then the
 * radius_sign_...() of that kind of packet. Overflow shows as wbuf.bad at the
 * end. Shared secrets are NUL-terminated text.
 */
#ifndef SSTPD_RADIUS_PKT_H
#define SSTPD_RADIUS_PKT_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "data/settings.h"
#include "lib/buf.h"

#define RADIUS_PACKET_MAX		4096
#define RADIUS_VALUE_MAX		253
#define RADIUS_AUTHENTICATOR_LEN	16
#define RADIUS_PASSWORD_MAX		128
#define RADIUS_KEY_MAX			32


enum radius_code {
	RADIUS_ACCESS_REQUEST		= 1,
	RADIUS_ACCESS_ACCEPT		= 2,
	RADIUS_ACCESS_REJECT		= 3,
	RADIUS_ACCOUNTING_REQUEST	= 4,
	RADIUS_ACCOUNTING_RESPONSE	= 5,
	RADIUS_ACCESS_CHALLENGE		= 11,
	RADIUS_DISCONNECT_REQUEST	= 40,
	RADIUS_DISCONNECT_ACK		= 41,
	RADIUS_DISCONNECT_NAK		= 42,
	RADIUS_COA_REQUEST		= 43,
	RADIUS_COA_ACK			= 44,
	RADIUS_COA_NAK			= 45,
};

enum radius_type {
	RADIUS_USER_NAME		= 1,
	RADIUS_USER_PASSWORD		= 2,
	RADIUS_CHAP_PASSWORD		= 3,
	RADIUS_NAS_IP_ADDRESS		= 4,
	RADIUS_NAS_PORT			= 5,
	RADIUS_SERVICE_TYPE		= 6,
	RADIUS_FRAMED_PROTOCOL		= 7,
	RADIUS_FRAMED_IP_ADDRESS	= 8,
	RADIUS_FRAMED_IP_NETMASK	= 9,
	RADIUS_FILTER_ID		= 11,
	RADIUS_FRAMED_MTU		= 12,
	RADIUS_FRAMED_COMPRESSION	= 13,
	RADIUS_REPLY_MESSAGE		= 18,
	RADIUS_FRAMED_ROUTE		= 22,
	RADIUS_STATE			= 24,
	RADIUS_CLASS			= 25,
	RADIUS_VENDOR_SPECIFIC		= 26,
	RADIUS_SESSION_TIMEOUT		= 27,
	RADIUS_IDLE_TIMEOUT		= 28,
	RADIUS_CALLED_STATION_ID	= 30,
	RADIUS_CALLING_STATION_ID	= 31,
	RADIUS_NAS_IDENTIFIER		= 32,
	RADIUS_PROXY_STATE		= 33,
	RADIUS_ACCT_STATUS_TYPE		= 40,
	RADIUS_ACCT_DELAY_TIME		= 41,
	RADIUS_ACCT_INPUT_OCTETS	= 42,
	RADIUS_ACCT_OUTPUT_OCTETS	= 43,
	RADIUS_ACCT_SESSION_ID		= 44,
	RADIUS_ACCT_SESSION_TIME	= 46,
	RADIUS_ACCT_INPUT_PACKETS	= 47,
	RADIUS_ACCT_OUTPUT_PACKETS	= 48,
	RADIUS_ACCT_TERMINATE_CAUSE	= 49,
	RADIUS_ACCT_INPUT_GIGAWORDS	= 52,
	RADIUS_ACCT_OUTPUT_GIGAWORDS	= 53,
	RADIUS_EVENT_TIMESTAMP		= 55,
	RADIUS_CHAP_CHALLENGE		= 60,
	RADIUS_NAS_PORT_TYPE		= 61,
	RADIUS_EAP_MESSAGE		= 79,
	RADIUS_MESSAGE_AUTHENTICATOR	= 80,
	RADIUS_ACCT_INTERIM_INTERVAL	= 85,
	RADIUS_NAS_PORT_ID		= 87,
	RADIUS_FRAMED_POOL		= 88,
	RADIUS_NAS_IPV6_ADDRESS		= 95,
	RADIUS_FRAMED_IPV6_PREFIX	= 97,
	RADIUS_FRAMED_IPV6_ROUTE	= 99,
	RADIUS_FRAMED_IPV6_POOL		= 100,
	RADIUS_ERROR_CAUSE		= 101,
	RADIUS_DELEGATED_IPV6_PREFIX	= 123,
	RADIUS_DNS_SERVER_IPV6		= 169,
};

#define RADIUS_MICROSOFT	311

enum radius_ms_type {
	RADIUS_MS_CHAP_ERROR		= 2,
	RADIUS_MS_CHAP_NT_ENC_PW	= 6,
	RADIUS_MS_MPPE_POLICY		= 7,
	RADIUS_MS_MPPE_TYPES		= 8,
	RADIUS_MS_CHAP_DOMAIN		= 10,
	RADIUS_MS_CHAP_CHALLENGE	= 11,
	RADIUS_MS_MPPE_SEND_KEY		= 16,
	RADIUS_MS_MPPE_RECV_KEY		= 17,
	RADIUS_MS_CHAP2_RESPONSE	= 25,
	RADIUS_MS_CHAP2_SUCCESS		= 26,
	RADIUS_MS_CHAP2_CPW		= 27,
	RADIUS_MS_PRIMARY_DNS		= 28,
	RADIUS_MS_SECONDARY_DNS		= 29,
	RADIUS_MS_PRIMARY_NBNS		= 30,
	RADIUS_MS_SECONDARY_NBNS	= 31,
};

/* The Wi-Fi Alliance's best practices for WISP roaming; both in bit/s. */
#define RADIUS_WISPR		14122

enum radius_wispr_type {
	RADIUS_WISPR_MAX_UP		= 7,
	RADIUS_WISPR_MAX_DOWN		= 8,
};

/* "UP/DOWN", as the router receives and sends */
#define RADIUS_MIKROTIK		14988
#define RADIUS_MIKROTIK_RATE_LIMIT	8

/* ---- parser ---------------------------------------------------------------- */

/**
 * struct radius_pkt - a packet whose attributes all have sane lengths
 * @raw: all of it, as long as its Length field says
 * @attrs: for radius_next()
 */
struct radius_pkt {
	uint8_t code;
	uint8_t id;
	uint8_t authenticator[RADIUS_AUTHENTICATOR_LEN];
	struct rbuf raw;
	struct rbuf attrs;
};

/** radius_parse() - bytes behind the packet are padding, RFC 2865 section 3 */
bool radius_parse(struct radius_pkt *pkt, struct rbuf in);

/**
 * struct radius_attr - one attribute
 * @vendor: 0 for RADIUS' own; of one of the vendors above: @type is that
 *	vendor's type; any other: @type is 0
 */
struct radius_attr {
	uint32_t vendor;
	uint8_t type;
	struct rbuf value;
};

/** struct radius_iter - position among the attributes; set .attrs */
struct radius_iter {
	struct rbuf attrs;
	uint32_t vendor;
	struct rbuf inner;
};

/** radius_next() - false at the end */
bool radius_next(struct radius_iter *it, struct radius_attr *attr);

/** radius_find() - first attribute of RADIUS' own @type */
bool radius_find(const struct radius_pkt *pkt, enum radius_type type,
		 struct rbuf *value);

/** radius_u32() - value of an integer or address attribute, host order */
bool radius_u32(struct rbuf value, uint32_t *out);

/** radius_text() - value as text; control characters become "?" */
void radius_text(struct rbuf value, char *text, size_t size);

/* ---- who made it? ---------------------------------------------------------- */

/**
 * radius_response_ok() - does @pkt answer our request, from the right server?
 * @authenticator: of the request
 * @need_mac: it must have a Message-Authenticator; if it has one that must be
 *	right in any case
 */
bool radius_response_ok(const struct radius_pkt *pkt,
			const uint8_t authenticator[static RADIUS_AUTHENTICATOR_LEN],
			const char *secret, bool need_mac);

/** radius_request_ok() - the same for CoA-Request and Disconnect-Request */
bool radius_request_ok(const struct radius_pkt *pkt, const char *secret);

/* ---- builder ---------------------------------------------------------------- */

/** radius_begin() - header; @authenticator NULL = zero, signing fills it in */
void radius_begin(struct wbuf *w, enum radius_code code, uint8_t id,
		  const uint8_t *authenticator);
void radius_put(struct wbuf *w, enum radius_type type, const void *value,
		size_t len);
void radius_put_u32(struct wbuf *w, enum radius_type type, uint32_t value);
void radius_put_str(struct wbuf *w, enum radius_type type, const char *text);
void radius_put_vendor(struct wbuf *w, uint32_t vendor, uint8_t type,
		       const void *value, size_t len);
void radius_put_ms(struct wbuf *w, enum radius_ms_type type, const void *value,
		   size_t len);
/** radius_put_mac() - Message-Authenticator, as the first attribute */
void radius_put_mac(struct wbuf *w);
/** radius_put_password() - User-Password; its authenticator is in @w already */
void radius_put_password(struct wbuf *w, const char *password,
			 const char *secret);

/** radius_sign_access() - Access-Request, with random authenticator */
bool radius_sign_access(struct wbuf *w, const char *secret);
/** radius_sign_request() - Accounting-Request and the like */
bool radius_sign_request(struct wbuf *w, const char *secret);
/** radius_sign_response() - @authenticator: of the request */
bool radius_sign_response(struct wbuf *w,
			  const uint8_t authenticator[static RADIUS_AUTHENTICATOR_LEN],
			  const char *secret);

/**
 * radius_mppe_key() - decrypt MS-MPPE-Send-Key or -Recv-Key, RFC 2548 2.4.2
 * @authenticator: of the request
 * @key: RADIUS_KEY_MAX bytes
 *
 * Return: length of the key, 0 if there is none in @value.
 */
size_t radius_mppe_key(struct rbuf value,
		       const uint8_t authenticator[static RADIUS_AUTHENTICATOR_LEN],
		       const char *secret, uint8_t key[static RADIUS_KEY_MAX]);

#endif /* SSTPD_RADIUS_PKT_H */
