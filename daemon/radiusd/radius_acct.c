// SPDX-License-Identifier: GPL-2.0-or-later
/* Accounting-Requests. */
#include "radiusd/radius_session.h"

#include <arpa/inet.h>

#include "lib/reason.h"

enum radius_acct_status {
	RADIUS_ACCT_START	= 1,
	RADIUS_ACCT_STOP	= 2,
	RADIUS_ACCT_INTERIM	= 3,
	RADIUS_ACCT_ON		= 7,
	RADIUS_ACCT_OFF		= 8,
};

/* RFC 2866 5.10 */
enum radius_cause {
	RADIUS_CAUSE_USER_REQUEST	= 1,
	RADIUS_CAUSE_LOST_CARRIER	= 2,
	RADIUS_CAUSE_IDLE_TIMEOUT	= 4,
	RADIUS_CAUSE_SESSION_TIMEOUT	= 5,
	RADIUS_CAUSE_ADMIN_RESET	= 6,
	RADIUS_CAUSE_ADMIN_REBOOT	= 7,
	RADIUS_CAUSE_NAS_ERROR		= 9,
	RADIUS_CAUSE_NAS_REQUEST	= 10,
	RADIUS_CAUSE_USER_ERROR		= 17,
};

static uint32_t radius_cause(enum reason reason)
{
	switch (reason) {
	case REASON_PEER_DISCONNECT:
	case REASON_LCP_TERMINATED:
		return RADIUS_CAUSE_USER_REQUEST;
	case REASON_CLOSED:
	case REASON_HELLO_TIMEOUT:
	case REASON_LCP_ECHO_TIMEOUT:
		return RADIUS_CAUSE_LOST_CARRIER;
	case REASON_IDLE_TIMEOUT:
		return RADIUS_CAUSE_IDLE_TIMEOUT;
	case REASON_SESSION_TIMEOUT:
		return RADIUS_CAUSE_SESSION_TIMEOUT;
	case REASON_ADMIN:
	case REASON_RADIUS:
		return RADIUS_CAUSE_ADMIN_RESET;
	case REASON_SHUTDOWN:
		return RADIUS_CAUSE_ADMIN_REBOOT;
	case REASON_INTERNAL:
		return RADIUS_CAUSE_NAS_ERROR;
	case REASON_KEY_LIMIT:
	case REASON_REPLACED:
	case REASON_WAY:
		return RADIUS_CAUSE_NAS_REQUEST;
	default:
		/* What is left are things the peer did wrong. */
		return RADIUS_CAUSE_USER_ERROR;
	}
}

/* RFC 2869 5.1: the upper half has an attribute of its own. */
static void radius_put_octets(struct wbuf *w, enum radius_type low,
			      enum radius_type high, uint64_t n)
{
	radius_put_u32(w, low, (uint32_t)n);
	if (n >> 32)
		radius_put_u32(w, high, (uint32_t)(n >> 32));
}

/* Reserved, length, the bytes that count: RFC 3162 2.3 */
static void radius_put_prefix(struct wbuf *w, const struct conf_route *prefix)
{
	uint8_t value[2 + 16];
	struct wbuf v = wbuf_of(value, sizeof(value));

	if (!prefix->family)
		return;
	buf_put_u8(&v, 0);
	buf_put_u8(&v, prefix->len);
	buf_put(&v, prefix->addr, (prefix->len + 7u) / 8);
	radius_put(w, RADIUS_FRAMED_IPV6_PREFIX, value, v.len);
}

static void radius_put_usage(struct wbuf *w, const struct msg_acct *acct)
{
	radius_put_u32(w, RADIUS_ACCT_SESSION_TIME, acct->seconds);
	radius_put_octets(w, RADIUS_ACCT_INPUT_OCTETS,
			  RADIUS_ACCT_INPUT_GIGAWORDS, acct->in_bytes);
	radius_put_octets(w, RADIUS_ACCT_OUTPUT_OCTETS,
			  RADIUS_ACCT_OUTPUT_GIGAWORDS, acct->out_bytes);
	radius_put_u32(w, RADIUS_ACCT_INPUT_PACKETS,
		       (uint32_t)acct->in_packets);
	radius_put_u32(w, RADIUS_ACCT_OUTPUT_PACKETS,
		       (uint32_t)acct->out_packets);
}

bool radius_put_acct(struct wbuf *w, const struct radius_nas *nas,
		     const struct msg_acct *acct, time_t when, uint8_t id,
		     const char *secret)
{
	static const uint32_t status[] = {
		[MSG_ACCT_START] = RADIUS_ACCT_START,
		[MSG_ACCT_INTERIM] = RADIUS_ACCT_INTERIM,
		[MSG_ACCT_STOP] = RADIUS_ACCT_STOP,
	};

	radius_begin(w, RADIUS_ACCOUNTING_REQUEST, id, NULL);
	radius_put_u32(w, RADIUS_ACCT_STATUS_TYPE, status[acct->kind]);
	/* Says more than Acct-Delay-Time, and need not change in repetitions. */
	radius_put_u32(w, RADIUS_EVENT_TIMESTAMP, (uint32_t)when);
	radius_put_str(w, RADIUS_USER_NAME, acct->user);
	radius_put_session(w, nas, acct->id, &acct->remote);
	radius_put_str(w, RADIUS_NAS_PORT_ID, acct->ifname);
	if (acct->address.s_addr)
		radius_put_u32(w, RADIUS_FRAMED_IP_ADDRESS,
			       ntohl(acct->address.s_addr));
	radius_put_prefix(w, &acct->prefix6);
	buf_put(w, acct->class, acct->class_len);
	if (acct->kind != MSG_ACCT_START)
		radius_put_usage(w, acct);
	if (acct->kind == MSG_ACCT_STOP)
		radius_put_u32(w, RADIUS_ACCT_TERMINATE_CAUSE,
			       radius_cause((enum reason)acct->reason));
	return radius_sign_request(w, secret);
}

bool radius_put_acct_nas(struct wbuf *w, const struct radius_nas *nas, bool on,
			 time_t when, uint8_t id, const char *secret)
{
	char session[RADIUS_SESSION_ID_LEN + 1];

	radius_session_id(nas, 0, session);
	radius_begin(w, RADIUS_ACCOUNTING_REQUEST, id, NULL);
	radius_put_u32(w, RADIUS_ACCT_STATUS_TYPE,
		       on ? RADIUS_ACCT_ON : RADIUS_ACCT_OFF);
	radius_put_u32(w, RADIUS_EVENT_TIMESTAMP, (uint32_t)when);
	radius_put_nas(w, nas);
	radius_put_str(w, RADIUS_ACCT_SESSION_ID, session);
	return radius_sign_request(w, secret);
}
