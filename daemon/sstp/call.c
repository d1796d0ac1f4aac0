// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What both roles of a call share: state changes, teardown, hello, and the
 * dispatch of packets into the tables of call_client.c and call_server.c.
 *
 * Timers. Every state has at most one, armed by entering it:
 *
 *	before Connected	negotiation	60 s; ends a call that hangs
 *	Connected		hello		60 s without any received packet:
 *						ECHO_REQUEST; 60 s more: END
 *	Abort_Pending		abort		3 s for the peer's answer
 *	Abort_Timeout_Pending	abort		1 s for the peer to close
 *	Disc_Ack_Pending	disconnect	5 s for CALL_DISCONNECT_ACK
 *	Disc_Timeout_Pending	disconnect	1 s for the peer to close
 *
 * Received packets do not touch the hello timer: with the kernel path nobody
 * here sees them. When it fires the owner is asked how long the silence lasts
 * and the timer is set to what is left of the interval.
 *
 * Echo before Connected is answered, against the letter of MS-SSTP 3.3.5.2.7:
 * clients are known to send it while a slow authentication runs.
 */
#include "sstp/call.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <openssl/crypto.h>

#include "ppp/ppp_pkt.h"
#include "sstp/call_priv.h"

#define ABORT_TIMER_1_MS	3000
#define ABORT_TIMER_2_MS	1000
#define DISCONNECT_TIMER_1_MS	5000
#define DISCONNECT_TIMER_2_MS	1000
#define RATE_WINDOW_MS		1000
#define ECHO_ANSWERS_MAX	10	/* per window; more are ignored */
#define CONTROL_MAX		50	/* per window; more end the call */

void call_cfg_default(struct call_cfg *cfg, enum call_role role)
{
	*cfg = (struct call_cfg){
		.role = role,
		.hash_mask = SSTP_HASH_SHA256,
		.negotiation_ms = 60000,
		.hello_ms = 60000,
	};
}

void call_init(struct call *c, const struct call_cfg *cfg,
	       const struct call_ops *ops, void *ctx)
{
	memset(c, 0, sizeof(*c));
	c->cfg = *cfg;
	c->ops = ops;
	c->ctx = ctx;
	c->table = cfg->role == CALL_SERVER ? &call_server_table : &call_client_table;
}

void call_clear(struct call *c)
{
	OPENSSL_cleanse(c->hlak, sizeof(c->hlak));
}

/* ---- state changes --------------------------------------------------- */

bool call_is_live(const struct call *c)
{
	return c->state >= CALL_REQUEST_SENT && c->state <= CALL_CONNECTED;
}

/* The timer of a state; 0 ms if it has none. */
static unsigned int call_state_timer(const struct call *c, enum call_state state,
				     enum call_timer *which)
{
	switch (state) {
	case CALL_REQUEST_SENT:
	case CALL_ACK_RECEIVED:
	case CALL_REQUEST_PENDING:
	case CALL_CONNECTED_PENDING:
		*which = CALL_TIMER_NEGOTIATION;
		return c->cfg.negotiation_ms;
	case CALL_CONNECTED:
		*which = CALL_TIMER_HELLO;
		return c->cfg.hello_ms;
	case CALL_ABORT_PENDING:
		*which = CALL_TIMER_ABORT;
		return ABORT_TIMER_1_MS;
	case CALL_ABORT_TIMEOUT_PENDING:
		*which = CALL_TIMER_ABORT;
		return ABORT_TIMER_2_MS;
	case CALL_DISC_ACK_PENDING:
		*which = CALL_TIMER_DISCONNECT;
		return DISCONNECT_TIMER_1_MS;
	case CALL_DISC_TIMEOUT_PENDING:
		*which = CALL_TIMER_DISCONNECT;
		return DISCONNECT_TIMER_2_MS;
	default:
		return 0;
	}
}

bool call_enter(struct call *c, enum call_state next)
{
	enum call_timer old_timer = CALL_TIMERS, new_timer = CALL_TIMERS;
	unsigned int old_ms = call_state_timer(c, c->state, &old_timer);
	unsigned int new_ms = call_state_timer(c, next, &new_timer);

	/* The op just called may have ended the call: a failed send, say. */
	if (c->state == CALL_ENDED)
		return false;
	c->state = next;
	if (old_ms && old_timer != new_timer)
		c->ops->timer(c->ctx, old_timer, 0);
	if (new_ms)
		c->ops->timer(c->ctx, new_timer, new_ms);
	if (c->lower_is_up && !call_is_live(c)) {
		c->lower_is_up = false;
		c->ops->lower_down(c->ctx);
	}
	return c->state == next;
}

void call_cause(struct call *c, enum reason reason, const char *fmt, ...)
{
	va_list ap;

	if (c->reason != REASON_NONE)
		return;
	c->reason = reason;
	va_start(ap, fmt);
	vsnprintf(c->text, sizeof(c->text), fmt, ap);
	va_end(ap);
}

void call_send(struct call *c, const struct wbuf *w)
{
	c->ops->send(c->ctx, w->p, w->len);
}

static void call_send_abort(struct call *c, uint8_t attr, uint32_t status)
{
	uint8_t pkt[32];
	struct wbuf w = wbuf_of(pkt, sizeof(pkt));

	sstp_put_abort(&w, attr, status);
	call_send(c, &w);
}

static void call_send_empty(struct call *c, enum sstp_msg_type type)
{
	uint8_t pkt[SSTP_CTRL_HDR_LEN];
	struct wbuf w = wbuf_of(pkt, sizeof(pkt));

	sstp_put_empty(&w, type);
	call_send(c, &w);
}

void call_abort(struct call *c, uint8_t attr, uint32_t status)
{
	call_send_abort(c, attr, status);
	call_enter(c, CALL_ABORT_PENDING);
}

void call_end(struct call *c)
{
	if (!call_enter(c, CALL_ENDED))
		return;
	c->ops->timer(c->ctx, CALL_TIMER_RATE, 0);
	call_clear(c);
	c->ops->ended(c->ctx, c->reason, c->text[0] ? c->text : reason_text(c->reason));
}

/* ---- handlers of both roles ------------------------------------------ */

void call_ignore(struct call *c, const struct sstp_ctrl *m)
{
	(void)c;
	(void)m;
}

void call_unexpected(struct call *c, const struct sstp_ctrl *m)
{
	call_cause(c, REASON_PROTOCOL, "unexpected %s in state %s",
		   sstp_msg_name(m->type), call_state_name(c->state));
	call_abort(c, SSTP_ATTR_STATUS_INFO, SSTP_STATUS_UNACCEPTED_FRAME);
}

void call_bad_message(struct call *c, const struct sstp_ctrl *m)
{
	if (m->len < SSTP_CTRL_HDR_LEN)
		call_cause(c, REASON_PROTOCOL, "control message of %zu bytes", m->len);
	else if (m->type < SSTP_CALL_CONNECT_REQUEST || m->type > SSTP_ECHO_RESPONSE)
		call_cause(c, REASON_PROTOCOL, "unknown message type %u", m->type);
	else
		call_cause(c, REASON_PROTOCOL, "malformed %s", sstp_msg_name(m->type));
	call_abort(c, SSTP_ATTR_STATUS_INFO, SSTP_STATUS_INVALID_FRAME);
}

void call_peer_abort(struct call *c, const struct sstp_ctrl *m)
{
	uint32_t status;
	uint8_t attr;

	/* Real peers send no, short or odd attributes here: only the type counts. */
	if (sstp_status_read(m, &attr, &status))
		call_cause(c, REASON_PEER_ABORT, "the peer aborted the call: %s (attribute %u)",
			   sstp_status_name(status), attr);
	else
		call_cause(c, REASON_PEER_ABORT, "the peer aborted the call without a status");
	call_send_abort(c, SSTP_ATTR_STATUS_INFO, SSTP_STATUS_UNACCEPTED_FRAME);
	call_enter(c, CALL_ABORT_TIMEOUT_PENDING);
}

/* The answer to our own CALL_ABORT, or one that crossed it. */
void call_peer_abort_late(struct call *c, const struct sstp_ctrl *m)
{
	(void)m;
	call_enter(c, CALL_ABORT_TIMEOUT_PENDING);
}

void call_peer_disconnect(struct call *c, const struct sstp_ctrl *m)
{
	(void)m;
	call_cause(c, REASON_PEER_DISCONNECT, "the peer disconnected");
	call_send_empty(c, SSTP_CALL_DISCONNECT_ACK);
	call_enter(c, CALL_DISC_TIMEOUT_PENDING);
}

void call_echo_request(struct call *c, const struct sstp_ctrl *m)
{
	struct sstp_fault fault;

	if (sstp_empty_check(m, &fault) != SSTP_OK)
		call_bad_message(c, m);
	else if (c->ctrl_in_window <= ECHO_ANSWERS_MAX)
		call_send_empty(c, SSTP_ECHO_RESPONSE);
}

void call_echo_response(struct call *c, const struct sstp_ctrl *m)
{
	struct sstp_fault fault;

	/* Having arrived is all it is for. */
	if (sstp_empty_check(m, &fault) != SSTP_OK)
		call_bad_message(c, m);
}

void call_stop(struct call *c, const struct sstp_ctrl *m)
{
	uint8_t pkt[32];
	struct wbuf w = wbuf_of(pkt, sizeof(pkt));

	(void)m;
	sstp_put_disconnect(&w);
	call_send(c, &w);
	call_enter(c, CALL_DISC_ACK_PENDING);
}

void call_negotiation_timeout(struct call *c, const struct sstp_ctrl *m)
{
	(void)m;
	call_cause(c, REASON_NEGOTIATION_TIMEOUT, "call set-up took too long, in state %s",
		   call_state_name(c->state));
	call_abort(c, SSTP_ATTR_STATUS_INFO, SSTP_STATUS_NEGOTIATION_TIMEOUT);
}

void call_hello_timeout(struct call *c, const struct sstp_ctrl *m)
{
	(void)m;
	/* Armed before asking: an answer that never comes must not end the hello. */
	c->ops->timer(c->ctx, CALL_TIMER_HELLO, c->cfg.hello_ms);
	c->idle_asked = true;
	c->ops->idle_query(c->ctx);
}

void call_idle(struct call *c, unsigned int ms)
{
	if (!c->idle_asked || c->state != CALL_CONNECTED)
		return;
	c->idle_asked = false;
	/*
	 * An answer comes right behind the ECHO_REQUEST, and the timer after it
	 * fires a little late: by then its age is one interval and a bit. Only
	 * well above that has nothing come.
	 */
	if (c->echo_pending && ms >= c->cfg.hello_ms + c->cfg.hello_ms / 2) {
		call_cause(c, REASON_HELLO_TIMEOUT, "nothing received for %u s", ms / 1000);
		call_end(c);
	} else if (ms >= c->cfg.hello_ms) {
		c->echo_pending = true;
		c->ops->timer(c->ctx, CALL_TIMER_HELLO, c->cfg.hello_ms);
		call_send_empty(c, SSTP_ECHO_REQUEST);
	} else {
		c->echo_pending = false;
		c->ops->timer(c->ctx, CALL_TIMER_HELLO, c->cfg.hello_ms - ms);
	}
}

void call_finish(struct call *c, const struct sstp_ctrl *m)
{
	(void)m;
	call_end(c);
}

void call_lost(struct call *c, const struct sstp_ctrl *m)
{
	(void)m;
	call_cause(c, REASON_CLOSED, "%s", reason_text(REASON_CLOSED));
	call_end(c);
}

/* ---- events ---------------------------------------------------------- */

static void call_event(struct call *c, enum call_event ev, const struct sstp_ctrl *m)
{
	call_handler handler = c->table->handler[ev][c->state];

	/* Idle and Ended have no handlers: nothing happens there. */
	if (handler)
		handler(c, m);
}

void call_start(struct call *c)
{
	uint8_t pkt[32];
	struct wbuf w = wbuf_of(pkt, sizeof(pkt));

	if (c->state != CALL_IDLE)
		return;
	if (c->cfg.role == CALL_SERVER) {
		call_enter(c, CALL_REQUEST_PENDING);
		return;
	}
	sstp_put_request(&w);
	call_send(c, &w);
	call_enter(c, CALL_REQUEST_SENT);
}

void call_resume(struct call *c)
{
	c->lower_is_up = true;
	c->have_hlak = true;
	call_enter(c, CALL_CONNECTED);
}

void call_timeout(struct call *c, enum call_timer which)
{
	static const enum call_event events[CALL_TIMERS] = {
		[CALL_TIMER_NEGOTIATION]	= CALL_EV_NEGOTIATION_TIMER,
		[CALL_TIMER_HELLO]		= CALL_EV_HELLO_TIMER,
		[CALL_TIMER_ABORT]		= CALL_EV_ABORT_TIMER,
		[CALL_TIMER_DISCONNECT]		= CALL_EV_DISCONNECT_TIMER,
	};

	if (which == CALL_TIMER_RATE)
		c->ctrl_in_window = 0;
	else
		call_event(c, events[which], NULL);
}

static enum call_event call_msg_event(const struct sstp_ctrl *m)
{
	switch (m->type) {
	case SSTP_CALL_CONNECT_REQUEST:
		return CALL_EV_REQUEST;
	case SSTP_CALL_CONNECT_ACK:
		return CALL_EV_ACK;
	case SSTP_CALL_CONNECT_NAK:
		return CALL_EV_NAK;
	case SSTP_CALL_CONNECTED:
		return CALL_EV_CONNECTED;
	case SSTP_CALL_ABORT:
		return CALL_EV_ABORT;
	case SSTP_CALL_DISCONNECT:
		return CALL_EV_DISCONNECT;
	case SSTP_CALL_DISCONNECT_ACK:
		return CALL_EV_DISCONNECT_ACK;
	case SSTP_ECHO_REQUEST:
		return CALL_EV_ECHO_REQUEST;
	case SSTP_ECHO_RESPONSE:
		return CALL_EV_ECHO_RESPONSE;
	default:
		return CALL_EV_BAD_MESSAGE;
	}
}

/* True if the peer keeps to what the window allows. */
static bool call_rate_ok(struct call *c)
{
	if (!c->ctrl_in_window++)
		c->ops->timer(c->ctx, CALL_TIMER_RATE, RATE_WINDOW_MS);
	if (c->ctrl_in_window <= CONTROL_MAX)
		return true;
	call_cause(c, REASON_FLOOD, "more than %u control messages within a second",
		   CONTROL_MAX);
	call_abort(c, SSTP_ATTR_STATUS_INFO, SSTP_STATUS_UNACCEPTED_FRAME);
	return false;
}

static void call_input_control(struct call *c, const uint8_t *pkt, size_t len)
{
	struct sstp_ctrl m = { 0 };

	if (call_is_live(c) && !call_rate_ok(c))
		return;
	if (sstp_ctrl_parse(&m, pkt, len))
		call_event(c, call_msg_event(&m), &m);
	else
		call_event(c, CALL_EV_BAD_MESSAGE, &m);
}

/*
 * MS-SSTP 3.3.7.2: PPP control passes once the call request is acknowledged,
 * anything else only in Connected. The first test is the fast path.
 */
static void call_input_data(struct call *c, struct rbuf frame)
{
	struct rbuf info = frame;
	uint16_t proto;

	if (!ppp_frame_proto(&info, &proto) || info.len > PPP_INFO_MAX)
		c->dropped_frames++;
	else if (c->state == CALL_CONNECTED &&
		 (proto == PPP_PROTO_IP || proto == PPP_PROTO_IPV6))
		c->ops->ip_input(c->ctx, proto, info.p, info.len);
	else if (c->state == CALL_CONNECTED ||
		 (c->lower_is_up && ppp_proto_is_control(proto)))
		c->ops->ppp_input(c->ctx, frame.p, frame.len);
	else
		c->dropped_frames++;
}

void call_input(struct call *c, const uint8_t *pkt, size_t len)
{
	if (len < SSTP_HDR_LEN || pkt[0] != SSTP_VERSION)
		call_stream_error(c);
	else if (sstp_is_control(pkt))
		call_input_control(c, pkt, len);
	else
		call_input_data(c, rbuf_of(pkt + SSTP_HDR_LEN, len - SSTP_HDR_LEN));
}

void call_stream_error(struct call *c)
{
	call_cause(c, REASON_STREAM, "%s", reason_text(REASON_STREAM));
	call_event(c, CALL_EV_CLOSED, NULL);
}

void call_closed(struct call *c, const char *detail)
{
	if (detail)
		call_cause(c, REASON_CLOSED, "%s", detail);
	call_event(c, CALL_EV_CLOSED, NULL);
}

void call_ppp_output(struct call *c, const uint8_t *frame, size_t len)
{
	uint8_t pkt[SSTP_PKT_MAX];

	if (!c->lower_is_up || len > SSTP_PAYLOAD_MAX)
		return;
	sstp_put_hdr(pkt, false, SSTP_HDR_LEN + len);
	memcpy(pkt + SSTP_HDR_LEN, frame, len);
	c->ops->send(c->ctx, pkt, SSTP_HDR_LEN + len);
}

void call_auth_done(struct call *c, const uint8_t hlak[static BINDING_HLAK_LEN])
{
	/* The binding belongs to the first authentication; there is no second. */
	if (c->have_hlak || !c->lower_is_up)
		return;
	memcpy(c->hlak, hlak, sizeof(c->hlak));
	c->have_hlak = true;
	call_event(c, CALL_EV_AUTH_DONE, NULL);
}

void call_disconnect(struct call *c, enum reason reason, const char *text)
{
	if (!call_is_live(c))
		return;
	call_cause(c, reason, "%s", text ? text : reason_text(reason));
	call_event(c, CALL_EV_STOP, NULL);
}

const char *call_state_name(enum call_state s)
{
	static const char *const names[CALL_STATES] = {
		[CALL_IDLE]			= "Call_Disconnected",
		[CALL_REQUEST_SENT]		= "Client_Connect_Request_Sent",
		[CALL_ACK_RECEIVED]		= "Client_Connect_Ack_Received",
		[CALL_REQUEST_PENDING]		= "Server_Connect_Request_Pending",
		[CALL_CONNECTED_PENDING]	= "Server_Call_Connected_Pending",
		[CALL_CONNECTED]		= "Call_Connected",
		[CALL_ABORT_PENDING]		= "Call_Abort_Pending",
		[CALL_ABORT_TIMEOUT_PENDING]	= "Call_Abort_Timeout_Pending",
		[CALL_DISC_ACK_PENDING]		= "Call_Disconnect_Ack_Pending",
		[CALL_DISC_TIMEOUT_PENDING]	= "Call_Disconnect_Timeout_Pending",
		[CALL_ENDED]			= "Ended",
	};

	return (unsigned int)s < CALL_STATES ? names[s] : "unknown";
}
