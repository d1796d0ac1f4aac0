// SPDX-License-Identifier: GPL-2.0-or-later
/* The client's side of a call, MS-SSTP 3.2. */
#include "call_priv.h"
#include "call_table.h"

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
ROW(REQUEST,		unexp,	unexp,	unexp,	ign,	ign,	ign,	ign),
ROW(ACK,		client_ack, unexp, unexp, ign,	ign,	ign,	ign),
ROW(NAK,		client_nak, unexp, unexp, ign,	ign,	ign,	ign),
ROW(CONNECTED,		unexp,	unexp,	unexp,	ign,	ign,	ign,	ign),
ROW(ABORT,		abort2,	abort2,	abort2,	late,	ign,	abort2,	ign),
ROW(DISCONNECT,		disc2,	disc2,	disc2,	ign,	ign,	disc2,	ign),
ROW(DISCONNECT_ACK,	unexp,	unexp,	unexp,	ign,	ign,	end,	ign),
ROW(ECHO_REQUEST,	echo,	echo,	echo,	ign,	ign,	ign,	ign),
ROW(ECHO_RESPONSE,	reply,	reply,	reply,	ign,	ign,	ign,	ign),
ROW(BAD_MESSAGE,	bad,	bad,	bad,	ign,	ign,	ign,	ign),
ROW(AUTH_DONE,		ign,	client_auth_done, ign, ign, ign, ign,	ign),
ROW(STOP,		stop,	stop,	stop,	ign,	ign,	ign,	ign),
ROW(NEGOTIATION_TIMER,	nego,	nego,	ign,	ign,	ign,	ign,	ign),
ROW(HELLO_TIMER,	ign,	ign,	hello,	ign,	ign,	ign,	ign),
ROW(ABORT_TIMER,	ign,	ign,	ign,	end,	end,	ign,	ign),
ROW(DISCONNECT_TIMER,	ign,	ign,	ign,	ign,	ign,	end,	end),
ROW(CLOSED,		lost,	lost,	lost,	end,	end,	end,	end),
} };
