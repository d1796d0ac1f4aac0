/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What call.c, call_client.c and call_server.c share; nobody else's business. */
#ifndef SSTPD_CALL_PRIV_H
#define SSTPD_CALL_PRIV_H

#include "sstp/call.h"

#define CALL_NAKS_MAX	3	/* MS-SSTP 3.2.2, 3.3.2: what Windows allows */

/* Rows of the state tables. */
enum call_event {
	/* messages, whatever their content; a handler judges it */
	CALL_EV_REQUEST,
	CALL_EV_ACK,
	CALL_EV_NAK,
	CALL_EV_CONNECTED,
	CALL_EV_ABORT,
	CALL_EV_DISCONNECT,
	CALL_EV_DISCONNECT_ACK,
	CALL_EV_ECHO_REQUEST,
	CALL_EV_ECHO_RESPONSE,
	CALL_EV_BAD_MESSAGE,		/* unknown type, or too short to have one */
	/* PPP and owner */
	CALL_EV_AUTH_DONE,
	CALL_EV_STOP,
	/* timers */
	CALL_EV_NEGOTIATION_TIMER,
	CALL_EV_HELLO_TIMER,
	CALL_EV_ABORT_TIMER,
	CALL_EV_DISCONNECT_TIMER,
	/* transport */
	CALL_EV_CLOSED,
	CALL_EVENTS,
};

/* @m is NULL but for the message events. */
typedef void (*call_handler)(struct call *c, const struct sstp_ctrl *m);

struct call_table {
	call_handler handler[CALL_EVENTS][CALL_STATES];
};

extern const struct call_table call_client_table;
extern const struct call_table call_server_table;

/*
 * Changes the state, and with it the running timer and the lower layer. False
 * if the call has ended, or moved on, meanwhile.
 */
bool call_enter(struct call *c, enum call_state next);
/* Remembers why the call ends; only the first cause counts. */
void call_cause(struct call *c, enum reason reason, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* ABORT1: CALL_ABORT(attr, status), abort timer 1. */
void call_abort(struct call *c, uint8_t attr, uint32_t status);
/* END: no more words. */
void call_end(struct call *c);
void call_send(struct call *c, const struct wbuf *w);

/* Handlers common to both roles. */
void call_ignore(struct call *c, const struct sstp_ctrl *m);
void call_unexpected(struct call *c, const struct sstp_ctrl *m);
void call_bad_message(struct call *c, const struct sstp_ctrl *m);
void call_peer_abort(struct call *c, const struct sstp_ctrl *m);
void call_peer_abort_late(struct call *c, const struct sstp_ctrl *m);
void call_peer_disconnect(struct call *c, const struct sstp_ctrl *m);
void call_echo_request(struct call *c, const struct sstp_ctrl *m);
void call_echo_response(struct call *c, const struct sstp_ctrl *m);
void call_stop(struct call *c, const struct sstp_ctrl *m);
void call_negotiation_timeout(struct call *c, const struct sstp_ctrl *m);
void call_hello_timeout(struct call *c, const struct sstp_ctrl *m);
void call_finish(struct call *c, const struct sstp_ctrl *m);
void call_lost(struct call *c, const struct sstp_ctrl *m);

#endif /* SSTPD_CALL_PRIV_H */
