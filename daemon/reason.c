// SPDX-License-Identifier: GPL-2.0-or-later
#include "reason.h"

static const char *const reason_texts[REASON_COUNT] = {
	[REASON_NONE]			= "no reason given",
	[REASON_ADMIN]			= "disconnected by the operator",
	[REASON_SHUTDOWN]		= "the daemon is stopping",
	[REASON_RADIUS]			= "disconnected by the RADIUS server",
	[REASON_SESSION_TIMEOUT]	= "Session-Timeout reached",
	[REASON_IDLE_TIMEOUT]		= "Idle-Timeout reached",
	[REASON_CLOSED]			= "the peer closed the connection",
	[REASON_STREAM]			= "the peer does not speak SSTP",
	[REASON_PROTOCOL]		= "SSTP protocol error",
	[REASON_NEGOTIATION_TIMEOUT]	= "call set-up took too long",
	[REASON_HELLO_TIMEOUT]		= "the peer does not answer any more",
	[REASON_PEER_ABORT]		= "the peer aborted the call",
	[REASON_PEER_DISCONNECT]	= "the peer disconnected",
	[REASON_REFUSED]		= "call request refused",
	[REASON_NO_HASH]		= "no crypto binding hash in common",
	[REASON_BINDING]		= "crypto binding failed",
	[REASON_FLOOD]			= "too many control messages",
	[REASON_LCP_FAILED]		= "LCP negotiation failed",
	[REASON_LCP_TERMINATED]		= "the peer terminated the PPP link",
	[REASON_LCP_RENEGOTIATION]	= "the peer restarted LCP",
	[REASON_LCP_LOOPBACK]		= "PPP link is looped back",
	[REASON_LCP_ECHO_TIMEOUT]	= "the peer does not answer LCP echo requests",
	[REASON_LCP_REJECTED]		= "the peer rejected a required protocol",
	[REASON_AUTH_METHOD]		= "no authentication method in common",
	[REASON_AUTH_FAILED]		= "authentication failed",
	[REASON_AUTH_SERVER]		= "the server could not prove its identity",
	[REASON_AUTH_TIMEOUT]		= "authentication took too long",
	[REASON_NCP_FAILED]		= "no network protocol came up",
	[REASON_INTERNAL]		= "internal error",
};

const char *reason_text(enum reason reason)
{
	if ((unsigned int)reason >= REASON_COUNT)
		return "unknown reason";
	return reason_texts[reason];
}
