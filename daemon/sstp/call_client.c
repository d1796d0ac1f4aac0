// SPDX-License-Identifier: GPL-2.0-or-later
/* The client's side of a call, MS-SSTP 3.2. */
#include "sstp/call_priv.h"
#include "sstp/call_table.h"

static void client_send_request(struct call *c)
{
	uint8_t pkt[32];
	struct wbuf w = wbuf_of(pkt, sizeof(pkt));

	sstp_put_request(&w);
	call_send(c, &w);
}

static void client_ack(struct call *c, const struct sstp_ctrl *m)
{
	struct sstp_fault fault;
	uint8_t mask;

	if (sstp_ack_check(m, &mask, c->nonce, &fault) != SSTP_OK) {
		call_cause(c, REASON_PROTOCOL, "CALL_CONNECT_ACK: %s",
			   sstp_status_name(fault.status));
		call_abort(c, fault.attr, fault.status);
		return;
	}
	/* With both in common the client must take SHA-256; unknown bits are ignored. */
	mask &= c->cfg.hash_mask;
	c->hash = mask & SSTP_HASH_SHA256 ? SSTP_HASH_SHA256 : mask & SSTP_HASH_SHA1;
	if (!c->hash) {
		call_cause(c, REASON_NO_HASH, "%s", reason_text(REASON_NO_HASH));
		call_abort(c, SSTP_ATTR_CRYPTO_BINDING_REQ,
			   SSTP_STATUS_VALUE_NOT_SUPPORTED);
		return;
	}
	c->lower_is_up = true;
	if (call_enter(c, CALL_ACK_RECEIVED))
		c->ops->lower_up(c->ctx);
}

static void client_nak(struct call *c, const struct sstp_ctrl *m)
{
	uint32_t status = SSTP_STATUS_NO_ERROR;
	uint8_t attr = SSTP_ATTR_NO_ERROR;

	if (c->naks++ < CALL_NAKS_MAX) {
		client_send_request(c);
		call_enter(c, CALL_REQUEST_SENT);
		return;
	}
	sstp_status_read(m, &attr, &status);
	call_cause(c, REASON_REFUSED, "call request refused: %s (attribute %u)",
		   sstp_status_name(status), attr);
	call_abort(c, SSTP_ATTR_STATUS_INFO, SSTP_STATUS_RETRY_COUNT_EXCEEDED);
}

static void client_auth_done(struct call *c, const struct sstp_ctrl *m)
{
	uint8_t pkt[SSTP_CONNECTED_LEN];
	struct wbuf w = wbuf_of(pkt, sizeof(pkt));

	(void)m;
	sstp_put_connected(&w, c->hash, c->nonce, binding_cert_hash(&c->cfg.cert, c->hash),
			   binding_hash_len(c->hash));
	if (binding_sign(pkt, c->hlak)) {
		call_cause(c, REASON_INTERNAL, "%s", binding_result_text(BINDING_ERROR));
		call_stop(c, NULL);
		return;
	}
	call_send(c, &w);
	call_clear(c);
	if (call_enter(c, CALL_CONNECTED))
		c->ops->connected(c->ctx);
}

/* Columns: Request_Sent, Ack_Received, Connected, and the four of teardown. */
#define ROW(event, ...) \
	CALL_ROW(CALL_REQUEST_SENT, CALL_ACK_RECEIVED, event, __VA_ARGS__)

const struct call_table call_client_table = { {
ROW(REQUEST,		UNEXP,	UNEXP,	UNEXP,	IGN,	IGN,	IGN,	IGN),
ROW(ACK,		client_ack, UNEXP, UNEXP, IGN,	IGN,	IGN,	IGN),
ROW(NAK,		client_nak, UNEXP, UNEXP, IGN,	IGN,	IGN,	IGN),
ROW(CONNECTED,		UNEXP,	UNEXP,	UNEXP,	IGN,	IGN,	IGN,	IGN),
ROW(ABORT,		ABORT2,	ABORT2,	ABORT2,	LATE,	IGN,	ABORT2,	IGN),
ROW(DISCONNECT,		DISC2,	DISC2,	DISC2,	IGN,	IGN,	DISC2,	IGN),
ROW(DISCONNECT_ACK,	UNEXP,	UNEXP,	UNEXP,	IGN,	IGN,	END,	IGN),
ROW(ECHO_REQUEST,	ECHO_RQ,	ECHO_RQ,	ECHO_RQ,	IGN,	IGN,	IGN,	IGN),
ROW(ECHO_RESPONSE,	ECHO_RP,	ECHO_RP,	ECHO_RP,	IGN,	IGN,	IGN,	IGN),
ROW(BAD_MESSAGE,	BAD,	BAD,	BAD,	IGN,	IGN,	IGN,	IGN),
ROW(AUTH_DONE,		IGN,	client_auth_done, IGN, IGN, IGN, IGN,	IGN),
ROW(STOP,		HALT,	HALT,	HALT,	IGN,	IGN,	IGN,	IGN),
ROW(NEGOTIATION_TIMER,	NEGO,	NEGO,	IGN,	IGN,	IGN,	IGN,	IGN),
ROW(HELLO_TIMER,	IGN,	IGN,	HELLO,	IGN,	IGN,	IGN,	IGN),
ROW(ABORT_TIMER,	IGN,	IGN,	IGN,	END,	END,	IGN,	IGN),
ROW(DISCONNECT_TIMER,	IGN,	IGN,	IGN,	IGN,	IGN,	END,	END),
ROW(CLOSED,		LOST,	LOST,	LOST,	END,	END,	END,	END),
} };
