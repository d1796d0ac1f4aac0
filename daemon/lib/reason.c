// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/reason.h"

static const struct reason_words {
	const char *name;
	const char *text;
} reason_words[REASON_COUNT] = {
	[REASON_NONE] = { "none",
		"no reason given" },
	[REASON_ADMIN] = { "admin",
		"disconnected by the operator" },
	[REASON_SHUTDOWN] = { "shutdown",
		"the daemon is stopping" },
	[REASON_RADIUS] = { "radius",
		"disconnected by the RADIUS server" },
	[REASON_SESSION_TIMEOUT] = { "session-timeout",
		"Session-Timeout reached" },
	[REASON_IDLE_TIMEOUT] = { "idle-timeout",
		"Idle-Timeout reached" },
	[REASON_KEY_LIMIT] = { "key-limit",
		"its TLS keys have been used as often as they may" },
	[REASON_REPLACED] = { "replaced",
		"another connection has taken its place" },
	[REASON_WAY] = { "way-changed",
		"the way to the server has changed" },
	[REASON_CLOSED] = { "closed",
		"the peer closed the connection" },
	[REASON_STREAM] = { "stream",
		"the peer does not speak SSTP" },
	[REASON_PROTOCOL] = { "protocol",
		"SSTP protocol error" },
	[REASON_NEGOTIATION_TIMEOUT] = { "negotiation-timeout",
		"call set-up took too long" },
	[REASON_HELLO_TIMEOUT] = { "hello-timeout",
		"the peer does not answer any more" },
	[REASON_PEER_ABORT] = { "peer-abort",
		"the peer aborted the call" },
	[REASON_PEER_DISCONNECT] = { "peer-disconnect",
		"the peer disconnected" },
	[REASON_REFUSED] = { "refused",
		"call request refused" },
	[REASON_NO_HASH] = { "no-hash",
		"no crypto binding hash in common" },
	[REASON_BINDING] = { "binding",
		"crypto binding failed" },
	[REASON_FLOOD] = { "flood",
		"too many control messages" },
	[REASON_LCP_FAILED] = { "lcp-failed",
		"LCP negotiation failed" },
	[REASON_LCP_TERMINATED] = { "lcp-terminated",
		"the peer terminated the PPP link" },
	[REASON_LCP_RENEGOTIATION] = { "lcp-renegotiation",
		"the peer restarted LCP" },
	[REASON_LCP_LOOPBACK] = { "lcp-loopback",
		"PPP link is looped back" },
	[REASON_LCP_ECHO_TIMEOUT] = { "lcp-echo-timeout",
		"the peer does not answer LCP echo requests" },
	[REASON_LCP_REJECTED] = { "lcp-rejected",
		"the peer rejected a required protocol" },
	[REASON_AUTH_METHOD] = { "auth-method",
		"no authentication method in common" },
	[REASON_AUTH_FAILED] = { "auth-failed",
		"authentication failed" },
	[REASON_AUTH_SERVER] = { "auth-server",
		"the server could not prove its identity" },
	[REASON_AUTH_TIMEOUT] = { "auth-timeout",
		"authentication took too long" },
	[REASON_FULL] = { "full",
		"no room for another session" },
	[REASON_NCP_FAILED] = { "ncp-failed",
		"no network protocol came up" },
	[REASON_INTERNAL] = { "internal",
		"internal error" },
	[REASON_ALONE] = { "alone",
		"one of several connections, and the others are not here" },
};

const char *reason_text(enum reason reason)
{
	if ((unsigned int)reason >= REASON_COUNT)
		return "unknown reason";
	return reason_words[reason].text;
}

const char *reason_name(enum reason reason)
{
	if ((unsigned int)reason >= REASON_COUNT)
		return "unknown";
	return reason_words[reason].name;
}
