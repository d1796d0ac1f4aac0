// SPDX-License-Identifier: GPL-2.0-or-later
/* The server's side of a call, MS-SSTP 3.3. */
#include "sstp/call_priv.h"
#include "sstp/call_table.h"

#include <string.h>

static void server_accept(struct call *c)
{
	uint8_t pkt[64];
	struct wbuf w = wbuf_of(pkt, sizeof(pkt));

	if (c->ops->random(c->ctx, c->nonce, sizeof(c->nonce))) {
		call_cause(c, REASON_INTERNAL, "no random nonce");
		call_stop(c, NULL);
		return;
	}
	sstp_put_ack(&w, c->cfg.hash_mask, c->nonce);
	call_send(c, &w);
	if (c->state != CALL_REQUEST_PENDING)
		return;
	c->lower_is_up = true;
	if (call_enter(c, CALL_CONNECTED_PENDING))
		c->ops->lower_up(c->ctx);
}

static void server_refuse(struct call *c, const struct sstp_faults *faults)
{
	uint8_t pkt[SSTP_CTRL_HDR_LEN + SSTP_FAULTS_MAX * (12 + SSTP_NAK_VALUE_MAX)];
	struct wbuf w = wbuf_of(pkt, sizeof(pkt));

	if (c->naks++ < CALL_NAKS_MAX) {
		sstp_put_nak(&w, faults);
		call_send(c, &w);
		return;
	}
	call_cause(c, REASON_REFUSED, "call request refused: %s (attribute %u)",
		   sstp_status_name(faults->f[0].status), faults->f[0].attr);
	call_abort(c, SSTP_ATTR_STATUS_INFO, SSTP_STATUS_RETRY_COUNT_EXCEEDED);
}

static void server_request(struct call *c, const struct sstp_ctrl *m)
{
	struct sstp_faults faults;

	switch (sstp_request_check(m, &faults)) {
	case SSTP_OK:
		server_accept(c);
		break;
	case SSTP_NAK:
		server_refuse(c, &faults);
		break;
	case SSTP_BAD:
		call_bad_message(c, m);
		break;
	}
}

static void server_binding_failed(struct call *c, enum binding_result result)
{
	call_cause(c, result == BINDING_ERROR ? REASON_INTERNAL : REASON_BINDING,
		   "crypto binding failed: %s", binding_result_text(result));
	call_abort(c, SSTP_ATTR_CRYPTO_BINDING, SSTP_STATUS_VALUE_NOT_SUPPORTED);
}

/* Both are there now: CALL_CONNECTED and the key. */
static void server_verify(struct call *c)
{
	enum binding_result result;

	result = binding_verify(c->parked_pkt, c->cfg.hash_mask, c->nonce,
				&c->cfg.cert, c->hlak);
	if (result != BINDING_OK) {
		server_binding_failed(c, result);
		return;
	}
	call_clear(c);
	if (call_enter(c, CALL_CONNECTED))
		c->ops->connected(c->ctx);
}

/*
 * CALL_CONNECTED may come before the key: authentication is still being
 * decided, or the client sends it early. It then waits, once, for the key. What
 * can be judged without a key is judged at once.
 */
static void server_connected(struct call *c, const struct sstp_ctrl *m)
{
	enum binding_result result;
	struct sstp_fault fault;

	if (c->parked) {
		call_unexpected(c, m);
		return;
	}
	if (sstp_connected_check(m, &fault) != SSTP_OK) {
		call_cause(c, REASON_PROTOCOL, "CALL_CONNECTED: %s",
			   sstp_status_name(fault.status));
		call_abort(c, fault.attr, fault.status);
		return;
	}
	result = binding_check(m->pkt, c->cfg.hash_mask, c->nonce, &c->cfg.cert);
	if (result != BINDING_OK) {
		server_binding_failed(c, result);
		return;
	}
	memcpy(c->parked_pkt, m->pkt, sizeof(c->parked_pkt));
	c->parked = true;
	if (c->have_hlak)
		server_verify(c);
}

static void server_auth_done(struct call *c, const struct sstp_ctrl *m)
{
	(void)m;
	if (c->parked)
		server_verify(c);
}

/* Who has not even asked for a call is not told anything. */
static void server_no_request(struct call *c, const struct sstp_ctrl *m)
{
	(void)m;
	call_cause(c, REASON_NEGOTIATION_TIMEOUT, "no call request came");
	call_end(c);
}

/* Columns: Request_Pending, Connected_Pending, Connected, and the four of teardown. */
#define ROW(event, ...) \
	CALL_ROW(CALL_REQUEST_PENDING, CALL_CONNECTED_PENDING, event, __VA_ARGS__)

const struct call_table call_server_table = { {
ROW(REQUEST,		server_request, UNEXP, UNEXP, IGN, IGN,	IGN,	IGN),
ROW(ACK,		UNEXP,	UNEXP,	UNEXP,	IGN,	IGN,	IGN,	IGN),
ROW(NAK,		UNEXP,	UNEXP,	UNEXP,	IGN,	IGN,	IGN,	IGN),
ROW(CONNECTED,		UNEXP,	server_connected, UNEXP, IGN, IGN, IGN,	IGN),
ROW(ABORT,		ABORT2,	ABORT2,	ABORT2,	LATE,	IGN,	ABORT2,	IGN),
ROW(DISCONNECT,		DISC2,	DISC2,	DISC2,	IGN,	IGN,	DISC2,	IGN),
ROW(DISCONNECT_ACK,	UNEXP,	UNEXP,	UNEXP,	IGN,	IGN,	END,	IGN),
ROW(ECHO_REQUEST,	ECHO_RQ,	ECHO_RQ,	ECHO_RQ,	IGN,	IGN,	IGN,	IGN),
ROW(ECHO_RESPONSE,	ECHO_RP,	ECHO_RP,	ECHO_RP,	IGN,	IGN,	IGN,	IGN),
ROW(BAD_MESSAGE,	BAD,	BAD,	BAD,	IGN,	IGN,	IGN,	IGN),
ROW(AUTH_DONE,		IGN,	server_auth_done, IGN, IGN, IGN, IGN,	IGN),
ROW(STOP,		HALT,	HALT,	HALT,	IGN,	IGN,	IGN,	IGN),
ROW(NEGOTIATION_TIMER,	server_no_request, NEGO, IGN, IGN, IGN,	IGN,	IGN),
ROW(HELLO_TIMER,	IGN,	IGN,	HELLO,	IGN,	IGN,	IGN,	IGN),
ROW(ABORT_TIMER,	IGN,	IGN,	IGN,	END,	END,	IGN,	IGN),
ROW(DISCONNECT_TIMER,	IGN,	IGN,	IGN,	IGN,	IGN,	END,	END),
ROW(CLOSED,		LOST,	LOST,	LOST,	END,	END,	END,	END),
} };
