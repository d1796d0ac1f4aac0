/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The PPP link inside a call: phases of RFC 1661 section 3, demultiplexing of
 * protocols, and the owner of LCP, authentication, IPCP and IPV6CP. Pure: see
 * call.h for the rules, which are the same here (ops may call back in, must
 * not free; finished() comes at most once per ppp_up(), last).
 *
 * One deliberate departure from RFC 1661: LCP is not renegotiated. The crypto
 * binding belongs to the first authentication, so a peer that restarts LCP
 * after Opened ends the link (REASON_LCP_RENEGOTIATION).
 */
#ifndef SSTPD_PPP_H
#define SSTPD_PPP_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "data/network.h"
#include "data/ppp_state.h"
#include "lib/reason.h"
#include "ppp/auth.h"
#include "ppp/ipcp.h"
#include "ppp/ipv6cp.h"
#include "ppp/lcp.h"
#include "ppp/ppp_pkt.h"

enum ppp_phase {
	PPP_DEAD,
	PPP_ESTABLISH,
	PPP_AUTHENTICATE,
	PPP_NETWORK,
	PPP_TERMINATE,
};

enum ppp_timer {
	PPP_TIMER_LCP,		/* restart timer of LCP */
	PPP_TIMER_AUTH,
	PPP_TIMER_IPCP,
	PPP_TIMER_IPV6CP,
	PPP_TIMER_ECHO,
	PPP_TIMER_REJECT,	/* one-second window of the Protocol-Reject limit */
	PPP_TIMER_NETWORK,	/* the peer has terminated the last NCP, and may come back */
	PPP_TIMERS,
};

/**
 * struct ppp_cfg - fixed for the life of a link
 * @server: we authenticate the peer and hand out addresses
 * @mru: what we ask LCP for, 576..4087
 * @auth_methods: server: those to ask for, in this order; client: that may be
 *	used, the first is named to a server that asks for another one
 * @eap_no_key: EAP-MSCHAPv2 gives the crypto binding no key
 * @allow_no_auth: client: go on with a server that asks for none
 * @name: client: user name; server: name sent in Challenges, "sstpd"
 * @identity: client: what EAP says first, in the clear; empty = @name
 * @endpoint: client: what its connections have in common, none = nothing
 * @lane: client: which of several connections for one tunnel it is; with @lane.joins it
 *	ends before the login at a server that does not know of such
 * @lanes_max: server: so many a client may have, 0 = one
 * @auth_tries: server: wrong answers before the link ends
 * @auth_ms: patience with the peer and with the password holder, each step
 * @echo_ms: interval of LCP Echo-Request once Opened, 0 = never
 * @echo_failures: unanswered ones before the link ends
 * @ipv4: run IPCP
 * @ipv6: run IPV6CP (interface identifier only)
 */
struct ppp_cfg {
	bool server;
	uint16_t mru;
	struct auth_methods auth_methods;
	bool eap_no_key;
	bool allow_no_auth;
	char name[AUTH_NAME_MAX + 1];
	char identity[AUTH_NAME_MAX + 1];
	struct endpoint endpoint;
	struct lane lane;
	uint8_t lanes_max;
	unsigned int auth_tries;
	unsigned int auth_ms;
	unsigned int echo_ms;
	unsigned int echo_failures;
	bool ipv4;
	bool ipv6;
};

struct ppp_ops {
	/* A frame FF 03 pp pp ...: give it to call_ppp_output(). */
	void (*send)(void *ctx, const uint8_t *frame, size_t len);
	/* Re-arm @which to fire ppp_timeout() in @ms; 0 stops it. */
	void (*timer)(void *ctx, enum ppp_timer which, unsigned int ms);
	int (*random)(void *ctx, uint8_t *p, size_t len);
	/*
	 * Server: what is sent as a challenge, which the password holder will
	 * only take if it comes from him. 0, -1 = never, 1 = ppp_challenge_ready()
	 * will say when.
	 */
	int (*challenge)(void *ctx, uint8_t *p, size_t len);
	/* Copy @req, ask the password holder, answer with ppp_auth_result(). */
	void (*auth_request)(void *ctx, const struct auth_request *req);
	/*
	 * Authentication is over and good: call_auth_done(@hlak), and
	 * ppp_network_start() now or as soon as addresses are known. @user is
	 * the name as received (server) or ours (client); @method 0 if the
	 * server asked for none and that is allowed.
	 */
	void (*auth_done)(void *ctx, const char *user, enum auth_method_id method,
			  const uint8_t hlak[static BINDING_HLAK_LEN]);
	/* An NCP opened. Comes again, cumulative, when a further one does. */
	void (*network_up)(void *ctx, const struct ppp_network *net);
	/* None is open any more. */
	void (*network_down)(void *ctx);
	/* The link is dead: call_disconnect(@reason, @text). */
	void (*finished)(void *ctx, enum reason reason, const char *text);
};

/**
 * struct ppp - one link
 * @phase: RFC 1661 section 3
 * @net: what was negotiated so far
 * @network_started: ppp_network_start() was called
 * @network_is_up: network_up() was reported and not taken back
 * @network_was_up: it was reported
 * @authenticated: the Authenticate phase was passed
 * @rejects_in_window: Protocol-Rejects sent in this second
 * @reason: why the link is ending, known before finished(); REASON_NONE if PPP
 *	had no part in it. Of a call that ended while this was set it is the
 *	better explanation: servers hang up right after a failed login.
 * @text: the same in words
 * @dropped_frames: broken, out of phase, or over the reject limit
 * @rejected_frames: answered by a Protocol-Reject
 */
struct ppp {
	struct ppp_cfg cfg;
	const struct ppp_ops *ops;
	void *ctx;
	enum ppp_phase phase;
	struct lcp lcp;
	struct auth auth;
	struct ipcp ipcp;
	struct ipv6cp ipv6cp;
	struct ppp_network net;
	bool network_started;
	bool network_is_up;
	bool network_was_up;
	bool authenticated;
	unsigned int rejects_in_window;
	enum reason reason;
	char text[160];
	uint64_t dropped_frames;
	uint64_t rejected_frames;
};

void ppp_cfg_default(struct ppp_cfg *cfg, bool server);
void ppp_init(struct ppp *p, const struct ppp_cfg *cfg,
	      const struct ppp_ops *ops, void *ctx);
/* The lower layer is up (call_ops.lower_up): LCP starts. */
void ppp_up(struct ppp *p);
/* The lower layer is gone (call_ops.lower_down): everything stops, silently. */
void ppp_down(struct ppp *p);
/* A frame that is not IP (call_ops.ppp_input). */
void ppp_input(struct ppp *p, const uint8_t *frame, size_t len);
void ppp_timeout(struct ppp *p, enum ppp_timer which);
/* Answer to auth_request. Stale serials are ignored. Wipe @res afterwards. */
void ppp_auth_result(struct ppp *p, uint32_t serial, const struct auth_result *res);
void ppp_challenge_ready(struct ppp *p);
/*
 * Starts the NCPs; once per link, in or after auth_done(). A server that has
 * to wait for addresses should fetch them before ppp_auth_result(ok): until the
 * NCPs run, the peer's first Configure-Requests are dropped and it repeats
 * them only after 3 s.
 */
void ppp_network_start(struct ppp *p, const struct ppp_addrs *addrs);
/* What the NCPs are to agree upon; ppp_network_start() does this. */
void ppp_set_addrs(struct ppp *p, const struct ppp_addrs *addrs);
/*
 * Of a link in the Network phase: what it remembers. Whoever has that, and what was
 * negotiated (@net), goes on with it, in another process, by ppp_resume() in place of
 * ppp_up(). False, and nothing can be done with @p, if the state is none
 * (ppp_state_ok()). A server that asks for the login anew gets no answer then.
 */
void ppp_save(const struct ppp *p, struct ppp_state *st);
bool ppp_resume(struct ppp *p, const struct ppp_state *st, const struct ppp_addrs *addrs,
		const struct ppp_network *net);
/*
 * LCP Terminate-Request, up to 2 x 3 s for its Ack, then finished(@reason).
 * @text may be NULL.
 */
void ppp_terminate(struct ppp *p, enum reason reason, const char *text);
/* Wipes keys. */
void ppp_clear(struct ppp *p);

const char *ppp_phase_name(enum ppp_phase phase);

#endif /* SSTPD_PPP_H */
