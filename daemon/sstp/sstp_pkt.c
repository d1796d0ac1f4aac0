// SPDX-License-Identifier: GPL-2.0-or-later
#include "sstp/sstp_pkt.h"

#include <string.h>

/* Attribute sizes on the wire, 4-byte attribute header included. */
#define ENCAP_LEN		6
#define STATUS_INFO_LEN		12
#define BINDING_LEN		104
#define BINDING_REQ_LEN		40

#define ATTR_HDR_LEN		4
#define LEN_MASK		0x0fff

/* ---- stream ---------------------------------------------------------- */

void sstp_stream_init(struct sstp_stream *s)
{
	s->len = 0;
	s->taken = false;
}

/* Length of the packet that begins with @hdr, 0 if this is not SSTP. */
static size_t sstp_pkt_len(const uint8_t *hdr)
{
	size_t len = (hdr[2] << 8 | hdr[3]) & LEN_MASK;

	if (hdr[0] != SSTP_VERSION || len < SSTP_HDR_LEN)
		return 0;
	return len;
}

/* Moves bytes from @in to the carry until it holds @want. */
static bool sstp_stream_fill(struct sstp_stream *s, struct rbuf *in, size_t want)
{
	size_t n = want - s->len;

	if (n > in->len)
		n = in->len;
	buf_copy(in, s->carry + s->len, n);
	s->len += n;
	return s->len == want;
}

/* Goes on with the packet that an earlier input has begun. */
static int sstp_stream_next_carried(struct sstp_stream *s, struct rbuf *in,
				    const uint8_t **pkt, size_t *len)
{
	/* A wrong version shows in the first byte: do not wait for the fourth. */
	if (s->carry[0] != SSTP_VERSION)
		return -1;
	if (s->len < SSTP_HDR_LEN && !sstp_stream_fill(s, in, SSTP_HDR_LEN))
		return 0;
	*len = sstp_pkt_len(s->carry);
	if (!*len)
		return -1;
	if (!sstp_stream_fill(s, in, *len))
		return 0;
	*pkt = s->carry;
	s->taken = true;
	return 1;
}

int sstp_stream_next(struct sstp_stream *s, struct rbuf *in,
		     const uint8_t **pkt, size_t *len)
{
	if (s->taken)
		sstp_stream_init(s);
	if (s->len)
		return sstp_stream_next_carried(s, in, pkt, len);
	if (!in->len)
		return 0;
	if (in->len >= SSTP_HDR_LEN) {
		*len = sstp_pkt_len(in->p);
		if (!*len)
			return -1;
		if (*len <= in->len) {
			*pkt = buf_get(in, *len);
			return 1;
		}
	}
	sstp_stream_fill(s, in, in->len);
	return s->carry[0] == SSTP_VERSION ? 0 : -1;
}

bool sstp_stream_drain(struct sstp_stream *s, struct rbuf *in, struct wbuf *out)
{
	size_t rest = in ? in->len : 0;
	size_t carried = s->taken ? 0 : s->len;

	if (carried + rest > out->cap - out->len)
		return false;
	buf_put(out, s->carry, carried);
	if (rest)
		buf_put(out, buf_get(in, rest), rest);
	sstp_stream_init(s);
	return true;
}

/* ---- control messages: decoding -------------------------------------- */

bool sstp_ctrl_parse(struct sstp_ctrl *m, const uint8_t *pkt, size_t len)
{
	struct rbuf r = rbuf_of(pkt, len);

	m->pkt = pkt;
	m->len = len;
	buf_get(&r, SSTP_HDR_LEN);
	m->type = buf_get_u16(&r);
	m->nattr = buf_get_u16(&r);
	m->attrs = r;
	return !r.bad;
}

int sstp_attr_next(struct rbuf *attrs, struct sstp_attr *a)
{
	size_t len;

	if (attrs->bad)
		return -1;
	if (!attrs->len)
		return 0;
	buf_get_u8(attrs);
	a->id = buf_get_u8(attrs);
	len = buf_get_u16(attrs) & LEN_MASK;
	if (attrs->bad || len < ATTR_HDR_LEN)
		return -1;
	a->value = buf_split(attrs, len - ATTR_HDR_LEN);
	return attrs->bad ? -1 : 1;
}

bool sstp_attrs_well_formed(const struct sstp_ctrl *m)
{
	struct rbuf attrs = m->attrs;
	struct sstp_attr a;
	unsigned int n = 0;
	int rc;

	/* By bytes, not by count: the count may claim 65535. */
	while ((rc = sstp_attr_next(&attrs, &a)) > 0)
		n++;
	return !rc && n == m->nattr;
}

static void sstp_fault_set(struct sstp_fault *f, uint8_t attr, uint32_t status)
{
	f->attr = attr;
	f->status = status;
	f->value_len = 0;
}

/* One more fault for the NAK; @value is echoed, cut to what a NAK may hold. */
static void sstp_faults_add(struct sstp_faults *faults, uint8_t attr,
			    enum sstp_status status, struct rbuf value)
{
	struct sstp_fault *f;

	/* A request with more faults than this is understood well enough. */
	if (faults->n == SSTP_FAULTS_MAX)
		return;
	f = &faults->f[faults->n++];
	sstp_fault_set(f, attr, status);
	f->value_len = value.len < SSTP_NAK_VALUE_MAX ? value.len : SSTP_NAK_VALUE_MAX;
	buf_copy(&value, f->value, f->value_len);
}

/* Status field of a Status Info attribute; false if it is too short for one. */
static bool sstp_status_value(struct rbuf value, uint8_t *attr, uint32_t *status)
{
	buf_get(&value, 3);
	*attr = buf_get_u8(&value);
	*status = buf_get_u32(&value);
	return !value.bad;
}

/* Judges one attribute of a CALL_CONNECT_REQUEST, MS-SSTP 3.3.5.2.2. */
static void sstp_request_attr(const struct sstp_attr *a, bool *have_protocol,
			      struct sstp_faults *faults)
{
	const struct rbuf none = { 0 };
	struct rbuf value = a->value;
	uint32_t status;
	uint8_t attr;

	switch (a->id) {
	case SSTP_ATTR_ENCAP_PROTOCOL:
		if (*have_protocol)
			sstp_faults_add(faults, a->id,
					SSTP_STATUS_DUPLICATE_ATTRIBUTE, none);
		else if (value.len != ENCAP_LEN - ATTR_HDR_LEN)
			sstp_faults_add(faults, a->id,
					SSTP_STATUS_INVALID_VALUE_LENGTH, value);
		else if (buf_get_u16(&value) != SSTP_PROTOCOL_PPP)
			sstp_faults_add(faults, a->id,
					SSTP_STATUS_VALUE_NOT_SUPPORTED, a->value);
		*have_protocol = true;
		break;
	case SSTP_ATTR_STATUS_INFO:
		if (!sstp_status_value(value, &attr, &status))
			sstp_faults_add(faults, a->id,
					SSTP_STATUS_INVALID_VALUE_LENGTH, value);
		else if (status)
			sstp_faults_add(faults, a->id,
					SSTP_STATUS_STATUS_INFO_NOT_SUPPORTED, none);
		break;
	default:
		sstp_faults_add(faults, a->id,
				SSTP_STATUS_UNRECOGNIZED_ATTRIBUTE, none);
		break;
	}
}

enum sstp_verdict sstp_request_check(const struct sstp_ctrl *m,
				     struct sstp_faults *faults)
{
	const struct rbuf none = { 0 };
	struct rbuf attrs = m->attrs;
	bool have_protocol = false;
	struct sstp_attr a;

	faults->n = 0;
	if (!sstp_attrs_well_formed(m))
		return SSTP_BAD;
	while (sstp_attr_next(&attrs, &a) > 0)
		sstp_request_attr(&a, &have_protocol, faults);
	if (!have_protocol)
		sstp_faults_add(faults, SSTP_ATTR_ENCAP_PROTOCOL,
				SSTP_STATUS_REQUIRED_ATTR_MISSING, none);
	return faults->n ? SSTP_NAK : SSTP_OK;
}

enum sstp_verdict sstp_ack_check(const struct sstp_ctrl *m, uint8_t *hash_mask,
				 uint8_t nonce[static SSTP_NONCE_LEN],
				 struct sstp_fault *fault)
{
	struct rbuf attrs = m->attrs;
	struct sstp_attr a = { 0 };

	sstp_fault_set(fault, SSTP_ATTR_STATUS_INFO, SSTP_STATUS_INVALID_FRAME);
	if (!sstp_attrs_well_formed(m))
		return SSTP_BAD;
	fault->attr = SSTP_ATTR_CRYPTO_BINDING_REQ;
	if (!m->nattr || sstp_attr_next(&attrs, &a) <= 0 ||
	    (m->nattr == 1 && a.id != SSTP_ATTR_CRYPTO_BINDING_REQ)) {
		fault->status = SSTP_STATUS_ATTR_NOT_SUPPORTED;
		return SSTP_BAD;
	}
	if (m->nattr != 1 || a.value.len != BINDING_REQ_LEN - ATTR_HDR_LEN)
		return SSTP_BAD;
	buf_get(&a.value, 3);
	*hash_mask = buf_get_u8(&a.value);
	buf_copy(&a.value, nonce, SSTP_NONCE_LEN);
	return SSTP_OK;
}

enum sstp_verdict sstp_connected_check(const struct sstp_ctrl *m,
				       struct sstp_fault *fault)
{
	struct rbuf attrs = m->attrs;
	struct sstp_attr a = { 0 };

	sstp_fault_set(fault, SSTP_ATTR_STATUS_INFO, SSTP_STATUS_INVALID_FRAME);
	if (!sstp_attrs_well_formed(m))
		return SSTP_BAD;
	fault->status = SSTP_STATUS_ATTR_NOT_SUPPORTED;
	if (m->nattr != 1 || sstp_attr_next(&attrs, &a) <= 0 ||
	    a.id != SSTP_ATTR_CRYPTO_BINDING ||
	    a.value.len != BINDING_LEN - ATTR_HDR_LEN)
		return SSTP_BAD;
	return SSTP_OK;
}

enum sstp_verdict sstp_empty_check(const struct sstp_ctrl *m,
				   struct sstp_fault *fault)
{
	sstp_fault_set(fault, SSTP_ATTR_STATUS_INFO, SSTP_STATUS_INVALID_FRAME);
	return m->nattr || m->attrs.len ? SSTP_BAD : SSTP_OK;
}

bool sstp_status_read(const struct sstp_ctrl *m, uint8_t *attr, uint32_t *status)
{
	struct rbuf attrs = m->attrs;
	struct sstp_attr a;

	while (sstp_attr_next(&attrs, &a) > 0) {
		if (a.id == SSTP_ATTR_STATUS_INFO &&
		    sstp_status_value(a.value, attr, status))
			return true;
	}
	return false;
}

static const char *const sstp_msg_names[] = {
	[SSTP_CALL_CONNECT_REQUEST]	= "CALL_CONNECT_REQUEST",
	[SSTP_CALL_CONNECT_ACK]		= "CALL_CONNECT_ACK",
	[SSTP_CALL_CONNECT_NAK]		= "CALL_CONNECT_NAK",
	[SSTP_CALL_CONNECTED]		= "CALL_CONNECTED",
	[SSTP_CALL_ABORT]		= "CALL_ABORT",
	[SSTP_CALL_DISCONNECT]		= "CALL_DISCONNECT",
	[SSTP_CALL_DISCONNECT_ACK]	= "CALL_DISCONNECT_ACK",
	[SSTP_ECHO_REQUEST]		= "ECHO_REQUEST",
	[SSTP_ECHO_RESPONSE]		= "ECHO_RESPONSE",
};

static const char *const sstp_status_names[] = {
	[SSTP_STATUS_NO_ERROR]			= "no error",
	[SSTP_STATUS_DUPLICATE_ATTRIBUTE]	= "duplicate attribute",
	[SSTP_STATUS_UNRECOGNIZED_ATTRIBUTE]	= "unrecognized attribute",
	[SSTP_STATUS_INVALID_VALUE_LENGTH]	= "invalid attribute length",
	[SSTP_STATUS_VALUE_NOT_SUPPORTED]	= "value not supported",
	[SSTP_STATUS_UNACCEPTED_FRAME]		= "message not acceptable now",
	[SSTP_STATUS_RETRY_COUNT_EXCEEDED]	= "retry count exceeded",
	[SSTP_STATUS_INVALID_FRAME]		= "invalid message",
	[SSTP_STATUS_NEGOTIATION_TIMEOUT]	= "negotiation timeout",
	[SSTP_STATUS_ATTR_NOT_SUPPORTED]	= "attribute not supported in message",
	[SSTP_STATUS_REQUIRED_ATTR_MISSING]	= "required attribute missing",
	[SSTP_STATUS_STATUS_INFO_NOT_SUPPORTED]	= "status info not supported in message",
};

#define NAME_OF(table, i) \
	((i) < sizeof(table) / sizeof((table)[0]) && (table)[i] ? (table)[i] : "unknown")

const char *sstp_msg_name(uint16_t type)
{
	return NAME_OF(sstp_msg_names, type);
}

const char *sstp_status_name(uint32_t status)
{
	return NAME_OF(sstp_status_names, status);
}

/* ---- control messages: encoding -------------------------------------- */

static size_t sstp_ctrl_begin(struct wbuf *w, enum sstp_msg_type type, uint16_t nattr)
{
	size_t start = w->len;

	buf_put_u8(w, SSTP_VERSION);
	buf_put_u8(w, 1);
	buf_put_u16(w, 0);
	buf_put_u16(w, type);
	buf_put_u16(w, nattr);
	return start;
}

static void sstp_ctrl_end(struct wbuf *w, size_t start)
{
	buf_set_u16(w, start + 2, w->len - start);
}

static void sstp_put_attr_hdr(struct wbuf *w, enum sstp_attr_id id, uint16_t len)
{
	buf_put_u8(w, 0);
	buf_put_u8(w, id);
	buf_put_u16(w, len);
}

static void sstp_put_status_info(struct wbuf *w, uint8_t attr, uint32_t status,
				 const uint8_t *value, size_t value_len)
{
	sstp_put_attr_hdr(w, SSTP_ATTR_STATUS_INFO, STATUS_INFO_LEN + value_len);
	buf_put_zero(w, 3);
	buf_put_u8(w, attr);
	buf_put_u32(w, status);
	buf_put(w, value, value_len);
}

void sstp_put_request(struct wbuf *w)
{
	size_t start = sstp_ctrl_begin(w, SSTP_CALL_CONNECT_REQUEST, 1);

	sstp_put_attr_hdr(w, SSTP_ATTR_ENCAP_PROTOCOL, ENCAP_LEN);
	buf_put_u16(w, SSTP_PROTOCOL_PPP);
	sstp_ctrl_end(w, start);
}

void sstp_put_ack(struct wbuf *w, uint8_t hash_mask,
		  const uint8_t nonce[static SSTP_NONCE_LEN])
{
	size_t start = sstp_ctrl_begin(w, SSTP_CALL_CONNECT_ACK, 1);

	sstp_put_attr_hdr(w, SSTP_ATTR_CRYPTO_BINDING_REQ, BINDING_REQ_LEN);
	buf_put_zero(w, 3);
	buf_put_u8(w, hash_mask);
	buf_put(w, nonce, SSTP_NONCE_LEN);
	sstp_ctrl_end(w, start);
}

void sstp_put_nak(struct wbuf *w, const struct sstp_faults *faults)
{
	size_t start = sstp_ctrl_begin(w, SSTP_CALL_CONNECT_NAK, faults->n);
	unsigned int i;

	for (i = 0; i < faults->n; i++)
		sstp_put_status_info(w, faults->f[i].attr, faults->f[i].status,
				     faults->f[i].value, faults->f[i].value_len);
	sstp_ctrl_end(w, start);
}

void sstp_put_connected(struct wbuf *w, enum sstp_hash hash,
			const uint8_t nonce[static SSTP_NONCE_LEN],
			const uint8_t *cert_hash, size_t cert_hash_len)
{
	size_t start = sstp_ctrl_begin(w, SSTP_CALL_CONNECTED, 1);

	sstp_put_attr_hdr(w, SSTP_ATTR_CRYPTO_BINDING, BINDING_LEN);
	buf_put_zero(w, 3);
	buf_put_u8(w, hash);
	buf_put(w, nonce, SSTP_NONCE_LEN);
	buf_put(w, cert_hash, cert_hash_len);
	buf_put_zero(w, SSTP_CONNECTED_LEN - (w->len - start));
	sstp_ctrl_end(w, start);
}

void sstp_put_abort(struct wbuf *w, uint8_t attr, uint32_t status)
{
	size_t start = sstp_ctrl_begin(w, SSTP_CALL_ABORT, 1);

	sstp_put_status_info(w, attr, status, NULL, 0);
	sstp_ctrl_end(w, start);
}

void sstp_put_disconnect(struct wbuf *w)
{
	size_t start = sstp_ctrl_begin(w, SSTP_CALL_DISCONNECT, 1);

	sstp_put_status_info(w, SSTP_ATTR_NO_ERROR, SSTP_STATUS_NO_ERROR, NULL, 0);
	sstp_ctrl_end(w, start);
}

void sstp_put_empty(struct wbuf *w, enum sstp_msg_type type)
{
	size_t start = sstp_ctrl_begin(w, type, 0);

	sstp_ctrl_end(w, start);
}
