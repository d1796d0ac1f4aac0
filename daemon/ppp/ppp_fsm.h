/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The option negotiation automaton, RFC 1661 section 4, shared by LCP, IPCP
 * and IPV6CP. The automaton owns states, timers, identifiers and the framing of
 * codes 1 to 7; a protocol says what its options mean.
 */
#ifndef SSTPD_PPP_FSM_H
#define SSTPD_PPP_FSM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/buf.h"
#include "ppp/ppp_pkt.h"

#define FSM_RESTART_MS		3000
#define FSM_MAX_CONFIGURE	10
#define FSM_MAX_TERMINATE	2
#define FSM_MAX_FAILURE		5
/* Rounds of Nak or Reject, either way, before we give up on the protocol. */
#define FSM_MAX_ROUNDS		20
#define FSM_REQUEST_MAX		128

enum fsm_state {
	FSM_INITIAL,
	FSM_STARTING,
	FSM_CLOSED,
	FSM_STOPPED,
	FSM_CLOSING,
	FSM_STOPPING,
	FSM_REQ_SENT,
	FSM_ACK_RCVD,
	FSM_ACK_SENT,
	FSM_OPENED,
	FSM_STATES,
};

enum fsm_event {
	FSM_EV_UP,
	FSM_EV_DOWN,
	FSM_EV_OPEN,
	FSM_EV_CLOSE,
	FSM_EV_TIMEOUT_MORE,	/* TO+ */
	FSM_EV_TIMEOUT_LAST,	/* TO- */
	FSM_EV_RCR_GOOD,	/* RCR+ */
	FSM_EV_RCR_BAD,		/* RCR- */
	FSM_EV_RCA,
	FSM_EV_RCN,
	FSM_EV_RTR,
	FSM_EV_RTA,
	FSM_EV_RUC,
	FSM_EV_RXJ_PERMITTED,	/* RXJ+ */
	FSM_EV_RXJ_FATAL,	/* RXJ- */
	FSM_EV_RXR,
	FSM_EVENTS,
};

/* Actions, RFC 1661 4.4; carried out in the order of these bits. */
enum fsm_action {
	FSM_TLD	= 1 << 0,	/* this layer down */
	FSM_IRC	= 1 << 1,	/* initialize restart count */
	FSM_ZRC	= 1 << 2,	/* zero restart count */
	FSM_SCR	= 1 << 3,	/* send Configure-Request */
	FSM_SCA	= 1 << 4,	/* send Configure-Ack */
	FSM_SCN	= 1 << 5,	/* send Configure-Nak or -Reject */
	FSM_STR	= 1 << 6,	/* send Terminate-Request */
	FSM_STA	= 1 << 7,	/* send Terminate-Ack */
	FSM_SCJ	= 1 << 8,	/* send Code-Reject */
	FSM_SER	= 1 << 9,	/* send Echo-Reply */
	FSM_TLU	= 1 << 10,	/* this layer up */
	FSM_TLS	= 1 << 11,	/* this layer started */
	FSM_TLF	= 1 << 12,	/* this layer finished */
};

struct fsm_cell {
	uint16_t actions;
	uint8_t next;
};

extern const struct fsm_cell fsm_table[FSM_EVENTS][FSM_STATES];

enum opt_verdict {
	OPT_ACK,
	OPT_NAK,	/* a better value was appended to the Nak */
	OPT_TELL,	/* the same, to a peer that insists on none but asks for one */
	OPT_REJ,
	OPT_END,	/* there can be no link with such a peer, see fsm->why */
};

struct ppp_fsm;

/* What a protocol brings along. */
struct fsm_proto {
	const char *name;
	uint16_t proto;
	/* Whoever has terminated it may open it again: the link is there still. */
	bool again;
	/* Forget what was negotiated; before every first Configure-Request. */
	void (*reset)(struct ppp_fsm *f);
	/* Append our options. */
	void (*put_request)(struct ppp_fsm *f, struct wbuf *w);
	/* Judge one option of the peer's request, remember it if good. */
	enum opt_verdict (*option)(struct ppp_fsm *f, const struct ppp_opt *opt,
				   struct wbuf *nak);
	/*
	 * May be NULL. @seen is a bitmap of the types in the request: forget
	 * what is not in it, append to @nak what should be.
	 */
	void (*missing)(struct ppp_fsm *f, const uint8_t seen[static 32],
			struct wbuf *nak);
	/* The peer dislikes an option of ours; false = cannot live with that. */
	bool (*nak)(struct ppp_fsm *f, const struct ppp_opt *opt);
	bool (*rej)(struct ppp_fsm *f, const struct ppp_opt *opt);
	/* May be NULL. A code above 7; false = unknown, answer Code-Reject. */
	bool (*extra)(struct ppp_fsm *f, const struct ppp_pkt *pkt);
	/* May be NULL. The automaton says that @pkt may be answered now. */
	void (*echo_reply)(struct ppp_fsm *f, const struct ppp_pkt *pkt);
};

/* What the owner (ppp.c) lends to all its automata. */
struct fsm_link {
	/* @pkt: code, id, length, data. */
	void (*send)(void *ctx, uint16_t proto, const uint8_t *pkt, size_t len);
	void (*timer)(void *ctx, uint16_t proto, unsigned int ms);
	int (*random)(void *ctx, uint8_t *p, size_t len);
	void (*up)(void *ctx, struct ppp_fsm *f);
	void (*down)(void *ctx, struct ppp_fsm *f);
	void (*finished)(void *ctx, struct ppp_fsm *f);
};

/**
 * struct ppp_fsm - one automaton
 * @why: why it gave up, a static text for the log, NULL if it did not
 * @peer_terminated: the peer sent a Terminate-Request
 * @restart: restart counter
 * @timer_on: the restart timer is running
 * @id: identifier of our latest packet that is not a Configure-Request
 * @req_id: identifier of our latest Configure-Request
 * @req: its options, to compare the Ack with
 * @req_open: it has not been answered yet
 * @peer_req: options we acknowledged last, to tell a repetition from a change
 * @naks: Configure-Naks sent in a row
 * @rounds: unsuccessful rounds, sent and received
 * @rx: the packet being handled, for the actions
 * @rx_raw: the same with its header
 * @reply: options of the answer to the Configure-Request being handled
 * @reply_code: Ack, Nak or Reject
 */
struct ppp_fsm {
	const struct fsm_proto *proto;
	const struct fsm_link *link;
	void *ctx;
	enum fsm_state state;
	const char *why;
	bool peer_terminated;
	unsigned int restart;
	bool timer_on;
	uint8_t id;
	uint8_t req_id;
	uint8_t req[FSM_REQUEST_MAX];
	size_t req_len;
	bool req_open;
	uint8_t peer_req[FSM_REQUEST_MAX];
	size_t peer_req_len;
	unsigned int naks;
	unsigned int rounds;
	struct ppp_pkt rx;
	struct rbuf rx_raw;
	struct rbuf reply;
	uint8_t reply_code;
};

void fsm_init(struct ppp_fsm *f, const struct fsm_proto *proto,
	      const struct fsm_link *link, void *ctx);
void fsm_up(struct ppp_fsm *f);
void fsm_down(struct ppp_fsm *f);
void fsm_open(struct ppp_fsm *f);
void fsm_close(struct ppp_fsm *f);
void fsm_timeout(struct ppp_fsm *f);
/* The packet behind the PPP header. Broken ones are dropped: returns false. */
bool fsm_input(struct ppp_fsm *f, struct rbuf in);
/* The peer rejected this protocol as a whole. */
void fsm_protocol_rejected(struct ppp_fsm *f);
/* Sends a packet of this protocol; data beyond PPP_INFO_MAX is cut off. */
void fsm_send(struct ppp_fsm *f, uint8_t code, uint8_t id, const void *data, size_t len);
/* The negotiation cannot succeed: terminates it, with @why for the log. */
void fsm_fail(struct ppp_fsm *f, const char *why);
/* Negotiating or Opened: neither finished nor on its way there. */
bool fsm_is_alive(const struct ppp_fsm *f);
/*
 * A Configure-Request with the options we have acknowledged already: the peer
 * lost patience before our Ack arrived, it does not want anything new.
 */
bool fsm_is_repetition(const struct ppp_fsm *f, struct rbuf opts);

const char *fsm_state_name(enum fsm_state s);

#endif /* SSTPD_PPP_FSM_H */
