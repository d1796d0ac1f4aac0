/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The SSTP call: MS-SSTP 3.1 to 3.3 as a pure state machine, one table per
 * role. It sees whole packets (sstp_stream_next(), or read() of the session fd
 * after the hand-over: the machine does not know the difference) and talks
 * through struct call_ops.
 *
 * Rules for the owner
 *  - Ops may call back into the machine. They must not free or re-init the
 *    struct call they were called for; do that from the event loop.
 *  - ended() comes exactly once per started call, last. Timers are stopped by
 *    then. Close the transport on it.
 *  - Until connected() no IP packet passes in either direction; the machine
 *    drops those of the peer, the owner must not send any.
 */
#ifndef SSTPD_CALL_H
#define SSTPD_CALL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/reason.h"
#include "sstp/binding.h"
#include "sstp/sstp_pkt.h"

enum call_role {
	CALL_CLIENT,
	CALL_SERVER,
};

/* The states of MS-SSTP 3.1.1; the InProgress ones are instantaneous there. */
enum call_state {
	CALL_IDLE,			/* before call_start() */
	/* live: from here ... */
	CALL_REQUEST_SENT,		/* Client_Connect_Request_Sent */
	CALL_ACK_RECEIVED,		/* Client_Connect_Ack_Received */
	CALL_REQUEST_PENDING,		/* Server_Connect_Request_Pending */
	CALL_CONNECTED_PENDING,		/* Server_Call_Connected_Pending */
	CALL_CONNECTED,			/* {Client,Server}_Call_Connected */
	/* ... to here */
	CALL_ABORT_PENDING,		/* we aborted first */
	CALL_ABORT_TIMEOUT_PENDING,	/* both aborted */
	CALL_DISC_ACK_PENDING,		/* we disconnected first */
	CALL_DISC_TIMEOUT_PENDING,	/* we acknowledged the peer's disconnect */
	CALL_ENDED,
	CALL_STATES,
};

enum call_timer {
	CALL_TIMER_NEGOTIATION,
	CALL_TIMER_HELLO,
	CALL_TIMER_ABORT,
	CALL_TIMER_DISCONNECT,
	CALL_TIMER_RATE,		/* one-second window of the echo limit */
	CALL_TIMERS,
};

struct call_ops {
	/* One whole SSTP packet for the transport (or session fd). */
	void (*send)(void *ctx, const uint8_t *pkt, size_t len);
	/* Re-arm @which to fire call_timeout() in @ms; 0 stops it. */
	void (*timer)(void *ctx, enum call_timer which, unsigned int ms);
	/* Cryptographic randomness; 0 or -1. */
	int (*random)(void *ctx, uint8_t *p, size_t len);
	/* PPP may start: call ppp_up(). */
	void (*lower_up)(void *ctx);
	/* The call is no longer live, PPP is cut off: call ppp_down(). */
	void (*lower_down)(void *ctx);
	/* A PPP frame that is not IP, as received (with or without FF 03). */
	void (*ppp_input)(void *ctx, const uint8_t *frame, size_t len);
	/*
	 * An IP packet, PPP header stripped; @proto is 0x0021 or 0x0057. Only
	 * in CALL_CONNECTED. Drop it if the NCP is not up. TUN path only: with
	 * the kernel path IP never reaches the machine.
	 */
	void (*ip_input)(void *ctx, uint16_t proto, const uint8_t *ip, size_t len);
	/*
	 * The hello timer wants to know for how long nothing was received, by
	 * whatever path. Answer with call_idle(), now or later.
	 */
	void (*idle_query)(void *ctx);
	/* Server: binding verified. Client: CALL_CONNECTED sent. */
	void (*connected)(void *ctx);
	/* @text: specific one-line text, valid as long as the struct call. */
	void (*ended)(void *ctx, enum reason reason, const char *text);
};

/**
 * struct call_cfg - fixed for the life of a call
 * @role: client or server
 * @hash_mask: server: hashes offered; client: hashes accepted (SSTP_HASH_*)
 * @cert: fingerprints of the server certificate of this TLS connection
 * @negotiation_ms: MS-SSTP default 60000
 * @hello_ms: silence after which ECHO_REQUEST is sent; default 60000
 *
 * call_cfg_default() fills everything but @role and @cert.
 */
struct call_cfg {
	enum call_role role;
	uint8_t hash_mask;
	struct binding_cert cert;
	unsigned int negotiation_ms;
	unsigned int hello_ms;
};

struct call_table;	/* call_priv.h */

struct call {
	struct call_cfg cfg;
	const struct call_ops *ops;
	void *ctx;
	const struct call_table *table;
	enum call_state state;
	uint8_t nonce[SSTP_NONCE_LEN];
	uint8_t hash;			/* client: the one chosen */
	uint8_t hlak[BINDING_HLAK_LEN];
	bool have_hlak;			/* "no key yet" is not "zero key" */
	bool parked;			/* server: early CALL_CONNECTED kept */
	uint8_t parked_pkt[SSTP_CONNECTED_LEN];
	unsigned int naks;		/* sent (server) or received (client) */
	unsigned int ctrl_in_window;	/* for the echo limit */
	bool echo_pending;		/* hello: ECHO_REQUEST sent, silence since */
	bool idle_asked;		/* hello: idle_query not answered yet */
	bool lower_is_up;
	enum reason reason;		/* first cause, reported by ended() */
	char text[160];
	/* counters, for sstpctl show */
	uint64_t dropped_frames;	/* empty, bad PPP header, gated */
};

void call_cfg_default(struct call_cfg *cfg, enum call_role role);
void call_init(struct call *c, const struct call_cfg *cfg,
	       const struct call_ops *ops, void *ctx);
/* HTTP exchange done. The client sends its request, the server waits for one. */
void call_start(struct call *c);
/*
 * In place of call_start(): it has long been Connected, in another process. That is all
 * there is to know: hello and echo begin anew.
 */
void call_resume(struct call *c);
/* One whole packet. Cheap for IP packets in CALL_CONNECTED. */
void call_input(struct call *c, const uint8_t *pkt, size_t len);
/* The stream cannot be delineated any more: ends without sending. */
void call_stream_error(struct call *c);
/* TCP or TLS was closed by the peer or failed: ends without sending. */
void call_closed(struct call *c, const char *detail);
void call_timeout(struct call *c, enum call_timer which);

/* A PPP frame from ppp_ops.send (FF 03 first): wrapped and sent if allowed. */
void call_ppp_output(struct call *c, const uint8_t *frame, size_t len);
/*
 * PPP authentication succeeded with this key (all zero for PAP, by rule). The
 * client sends CALL_CONNECTED now; the server verifies, now or when it comes.
 */
void call_auth_done(struct call *c, const uint8_t hlak[static BINDING_HLAK_LEN]);
/* Answer to idle_query: @ms since the last received packet. */
void call_idle(struct call *c, unsigned int ms);
/*
 * Ends the call in good order: CALL_DISCONNECT, at most 5 s for its ACK, then
 * ended(@reason). @text may be NULL. No-op if the call is already ending.
 */
void call_disconnect(struct call *c, enum reason reason, const char *text);
/* Wipes keys. The owner calls it when done with the struct. */
void call_clear(struct call *c);

/* Not aborting, disconnecting or ended. */
bool call_is_live(const struct call *c);
const char *call_state_name(enum call_state s);

#endif /* SSTPD_CALL_H */
