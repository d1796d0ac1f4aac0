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

#define unexp	call_unexpected
#define bad	call_bad_message
#define ign	call_ignore
#define abort2	call_peer_abort
#define late	call_peer_abort_late
#define disc2	call_peer_disconnect
#define echo	call_echo_request
#define reply	call_echo_response
#define stop	call_stop
#define nego	call_negotiation_timeout
#define hello	call_hello_timeout
#define end	call_finish
#define lost	call_lost

#endif /* SSTPD_CALL_TABLE_H */
