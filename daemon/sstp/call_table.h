/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How the transition tables of both roles are written: a row for an event, a
 * column for a state. Short names, so that a table can be seen at once.
 */
#ifndef SSTPD_CALL_TABLE_H
#define SSTPD_CALL_TABLE_H

/* @first, @second: the states before Connected, which differ by role. */
#define CALL_ROW(first, second, event, a, b, connected, ap, atp, dap, dtp) \
	[CALL_EV_##event] = { \
		[first] = a, \
		[second] = b, \
		[CALL_CONNECTED] = connected, \
		[CALL_ABORT_PENDING] = ap, \
		[CALL_ABORT_TIMEOUT_PENDING] = atp, \
		[CALL_DISC_ACK_PENDING] = dap, \
		[CALL_DISC_TIMEOUT_PENDING] = dtp, \
	}

#define UNEXP	call_unexpected
#define BAD	call_bad_message
#define IGN	call_ignore
#define ABORT2	call_peer_abort
#define LATE	call_peer_abort_late
#define DISC2	call_peer_disconnect
#define ECHO_RQ	call_echo_request
#define ECHO_RP	call_echo_response
#define HALT	call_stop
#define NEGO	call_negotiation_timeout
#define HELLO	call_hello_timeout
#define END	call_finish
#define LOST	call_lost

#endif /* SSTPD_CALL_TABLE_H */
