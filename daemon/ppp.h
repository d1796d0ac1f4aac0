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

#include "auth.h"
#include "ipcp.h"
#include "ipv6cp.h"
#include "lcp.h"
#include "ppp_pkt.h"
#include "reason.h"

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
	unsigned int auth_tries;
	unsigned int auth_ms;
	unsigned int echo_ms;
	unsigned int echo_failures;
	bool ipv4;
	bool ipv6;
};

/**
 * struct ppp_addrs - input to the Network phase, from the owner
 * @local: our address; client: 0.0.0.0 asks the server, else insisted upon
 * @peer: server: assigned to the peer, nothing else is accepted; client: 0.0.0.0
 *	takes whatever the server names, else insisted upon
 * @dns: server: handed out, 0.0.0.0 = none
 * @nbns: server: handed out, 0.0.0.0 = none
 * @ask_dns: client: ask for DNS servers
 * @ifid: our IPv6 interface identifier; all zero = random
 * @peer_ifid: server: suggested to the peer; all zero = peer's choice
 */
struct ppp_addrs {
	struct in_addr local;
	struct in_addr peer;
	struct in_addr dns[2];
	struct in_addr nbns[2];
	bool ask_dns;
	uint8_t ifid[8];
	uint8_t peer_ifid[8];
};

/**
 * struct ppp_network - what was negotiated
 * @ipv4: IPCP is Opened, the IPv4 fields are valid
 * @ipv6: IPV6CP is Opened, the interface identifiers are valid
 * @local: our IPv4 address
 * @peer: the peer's; 0.0.0.0 if a server did not tell
 * @dns: client: what the server named, 0.0.0.0 = none
 * @nbns: unused by the client for now
 * @ifid: our interface identifier
 * @peer_ifid: the peer's
 * @peer_mru: largest IP packet to send: min(peer's MRU, 4087)
 * @mru: largest that the peer may send
 */
struct ppp_network {
	bool ipv4;
	bool ipv6;
	struct in_addr local;
	struct in_addr peer;
	struct in_addr dns[2];
	struct in_addr nbns[2];
	uint8_t ifid[8];
	uint8_t peer_ifid[8];
	uint16_t peer_mru;
	uint16_t mru;
};

struct ppp_ops {
	/* A frame FF 03 pp pp ...: give it to call_ppp_output(). */
	void (*send)(void *ctx, const uint8_t *frame, size_t len);
	/* Re-arm @which to fire ppp_timeout() in @ms; 0 stops it. */
	void (*timer)(void *ctx, enum ppp_timer which, unsigned int ms);
	int (*random)(void *ctx, uint8_t *p, size_t len);
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
/*
 * Starts the NCPs; once per link, in or after auth_done(). A server that has
 * to wait for addresses should fetch them before ppp_auth_result(ok): until the
 * NCPs run, the peer's first Configure-Requests are dropped and it repeats
 * them only after 3 s.
 */
void ppp_network_start(struct ppp *p, const struct ppp_addrs *addrs);
/*
 * LCP Terminate-Request, up to 2 x 3 s for its Ack, then finished(@reason).
 * @text may be NULL.
 */
void ppp_terminate(struct ppp *p, enum reason reason, const char *text);
/* Wipes keys. */
void ppp_clear(struct ppp *p);

const char *ppp_phase_name(enum ppp_phase phase);

#endif /* SSTPD_PPP_H */
