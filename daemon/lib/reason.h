/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Why a call, a PPP link or a whole session ended. One enum for all layers, so
 * that the first cause travels unchanged from where it was seen to the log.
 */
#ifndef SSTPD_REASON_H
#define SSTPD_REASON_H

enum reason {
	REASON_NONE,
	/* by decision of this side */
	REASON_ADMIN,			/* operator: sstpctl disconnect */
	REASON_SHUTDOWN,		/* the daemon is stopping */
	REASON_RADIUS,			/* Disconnect-Request of a RADIUS server */
	REASON_SESSION_TIMEOUT,		/* granted time is over */
	REASON_IDLE_TIMEOUT,		/* no IP packet from the peer for so long */
	REASON_KEY_LIMIT,		/* its TLS keys have been used often enough */
	REASON_REPLACED,		/* a connection: another one has taken its place */
	/* transport */
	REASON_WAY,			/* a client: the way to its server is another one now */
	REASON_CLOSED,			/* peer closed TCP/TLS without SSTP teardown */
	REASON_STREAM,			/* bytes are not SSTP: MS-SSTP 3.1.5.1 */
	/* SSTP call */
	REASON_PROTOCOL,		/* malformed or unexpected control message */
	REASON_NEGOTIATION_TIMEOUT,
	REASON_HELLO_TIMEOUT,
	REASON_PEER_ABORT,
	REASON_PEER_DISCONNECT,
	REASON_REFUSED,			/* CALL_CONNECT_NAK until we gave up */
	REASON_NO_HASH,			/* no crypto binding hash in common */
	REASON_BINDING,			/* crypto binding did not verify */
	REASON_FLOOD,			/* too many control messages */
	/* PPP link */
	REASON_LCP_FAILED,		/* LCP did not converge */
	REASON_LCP_TERMINATED,		/* peer sent Terminate-Request */
	REASON_LCP_RENEGOTIATION,	/* peer restarted LCP after Opened */
	REASON_LCP_LOOPBACK,		/* our own magic number came back */
	REASON_LCP_ECHO_TIMEOUT,
	REASON_LCP_REJECTED,		/* peer rejected a protocol we need */
	/* authentication */
	REASON_AUTH_METHOD,		/* no method in common, or peer skips it */
	REASON_AUTH_FAILED,		/* wrong name or password */
	REASON_AUTH_SERVER,		/* server does not know our password */
	REASON_AUTH_TIMEOUT,
	REASON_FULL,			/* the login was good, but max-sessions are there */
	/* network */
	REASON_NCP_FAILED,		/* no network protocol came up */
	/* our own fault */
	REASON_INTERNAL,
	REASON_ALONE,			/* one of several connections, and the others are not here */
	REASON_COUNT,
};

/* Static one-line text for logs, never NULL, also for values out of range. */
const char *reason_text(enum reason reason);

/* The same as one word, for programs: "peer-disconnect"; it never changes. */
const char *reason_name(enum reason reason);

#endif /* SSTPD_REASON_H */
