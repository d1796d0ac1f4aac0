// SPDX-License-Identifier: GPL-2.0-or-later
#include "ppp/ppp_fsm.h"

#include <string.h>

/* ---- the table ------------------------------------------------------- */

#define INI	FSM_INITIAL
#define STG	FSM_STARTING
#define CLD	FSM_CLOSED
#define STD	FSM_STOPPED
#define CLG	FSM_CLOSING
#define SPG	FSM_STOPPING
#define REQ	FSM_REQ_SENT
#define ARC	FSM_ACK_RCVD
#define ASN	FSM_ACK_SENT
#define OPN	FSM_OPENED

#define tld	FSM_TLD
#define irc	FSM_IRC
#define zrc	FSM_ZRC
#define scr	FSM_SCR
#define sca	FSM_SCA
#define scn	FSM_SCN
#define str	FSM_STR
#define sta	FSM_STA
#define scj	FSM_SCJ
#define ser	FSM_SER
#define tlu	FSM_TLU
#define tls	FSM_TLS
#define tlf	FSM_TLF

/*
 * RFC 1661 4.1, in its order of columns: Initial, Starting, Closed, Stopped,
 * Closing, Stopping, Req-Sent, Ack-Rcvd, Ack-Sent, Opened. An event that cannot
 * happen in a state stays there and does nothing. The restart option is not
 * implemented: Open in Stopped and Opened stays.
 */
const struct fsm_cell fsm_table[FSM_EVENTS][FSM_STATES] = {
[FSM_EV_UP] = {
	{ 0, CLD }, { irc|scr, REQ }, { 0, CLD }, { 0, STD }, { 0, CLG },
	{ 0, SPG }, { 0, REQ }, { 0, ARC }, { 0, ASN }, { 0, OPN } },
[FSM_EV_DOWN] = {
	{ 0, INI }, { 0, STG }, { 0, INI }, { tls, STG }, { 0, INI },
	{ 0, STG }, { 0, STG }, { 0, STG }, { 0, STG }, { tld, STG } },
[FSM_EV_OPEN] = {
	{ tls, STG }, { 0, STG }, { irc|scr, REQ }, { 0, STD }, { 0, SPG },
	{ 0, SPG }, { 0, REQ }, { 0, ARC }, { 0, ASN }, { 0, OPN } },
[FSM_EV_CLOSE] = {
	{ 0, INI }, { tlf, INI }, { 0, CLD }, { 0, CLD }, { 0, CLG },
	{ 0, CLG }, { irc|str, CLG }, { irc|str, CLG }, { irc|str, CLG },
	{ tld|irc|str, CLG } },
[FSM_EV_TIMEOUT_MORE] = {
	{ 0, INI }, { 0, STG }, { 0, CLD }, { 0, STD }, { str, CLG },
	{ str, SPG }, { scr, REQ }, { scr, REQ }, { scr, ASN }, { 0, OPN } },
[FSM_EV_TIMEOUT_LAST] = {
	{ 0, INI }, { 0, STG }, { 0, CLD }, { 0, STD }, { tlf, CLD },
	{ tlf, STD }, { tlf, STD }, { tlf, STD }, { tlf, STD }, { 0, OPN } },
[FSM_EV_RCR_GOOD] = {
	{ 0, INI }, { 0, STG }, { sta, CLD }, { irc|scr|sca, ASN }, { 0, CLG },
	{ 0, SPG }, { sca, ASN }, { sca|tlu, OPN }, { sca, ASN },
	{ tld|scr|sca, ASN } },
[FSM_EV_RCR_BAD] = {
	{ 0, INI }, { 0, STG }, { sta, CLD }, { irc|scr|scn, REQ }, { 0, CLG },
	{ 0, SPG }, { scn, REQ }, { scn, ARC }, { scn, REQ },
	{ tld|scr|scn, REQ } },
[FSM_EV_RCA] = {
	{ 0, INI }, { 0, STG }, { sta, CLD }, { sta, STD }, { 0, CLG },
	{ 0, SPG }, { irc, ARC }, { scr, REQ }, { irc|tlu, OPN },
	{ tld|scr, REQ } },
[FSM_EV_RCN] = {
	{ 0, INI }, { 0, STG }, { sta, CLD }, { sta, STD }, { 0, CLG },
	{ 0, SPG }, { irc|scr, REQ }, { scr, REQ }, { irc|scr, ASN },
	{ tld|scr, REQ } },
[FSM_EV_RTR] = {
	{ 0, INI }, { 0, STG }, { sta, CLD }, { sta, STD }, { sta, CLG },
	{ sta, SPG }, { sta, REQ }, { sta, REQ }, { sta, REQ },
	{ tld|zrc|sta, SPG } },
[FSM_EV_RTA] = {
	{ 0, INI }, { 0, STG }, { 0, CLD }, { 0, STD }, { tlf, CLD },
	{ tlf, STD }, { 0, REQ }, { 0, REQ }, { 0, ASN }, { tld|scr, REQ } },
[FSM_EV_RUC] = {
	{ 0, INI }, { 0, STG }, { scj, CLD }, { scj, STD }, { scj, CLG },
	{ scj, SPG }, { scj, REQ }, { scj, ARC }, { scj, ASN }, { scj, OPN } },
[FSM_EV_RXJ_PERMITTED] = {
	{ 0, INI }, { 0, STG }, { 0, CLD }, { 0, STD }, { 0, CLG },
	{ 0, SPG }, { 0, REQ }, { 0, REQ }, { 0, ASN }, { 0, OPN } },
[FSM_EV_RXJ_FATAL] = {
	{ 0, INI }, { 0, STG }, { tlf, CLD }, { tlf, STD }, { tlf, CLD },
	{ tlf, STD }, { tlf, STD }, { tlf, STD }, { tlf, STD },
	{ tld|irc|str, SPG } },
[FSM_EV_RXR] = {
	{ 0, INI }, { 0, STG }, { 0, CLD }, { 0, STD }, { 0, CLG },
	{ 0, SPG }, { 0, REQ }, { 0, ARC }, { 0, ASN }, { ser, OPN } },
};

/* ---- sending --------------------------------------------------------- */

void fsm_send(struct ppp_fsm *f, uint8_t code, uint8_t id, const void *data, size_t len)
{
	uint8_t pkt[PPP_INFO_MAX];
	struct wbuf w = wbuf_of(pkt, sizeof(pkt));
	size_t start = ppp_pkt_begin(&w, code, id);

	buf_put(&w, data, len < w.cap - w.len ? len : w.cap - w.len);
	ppp_pkt_end(&w, start);
	f->link->send(f->ctx, f->proto->proto, pkt, w.len);
}

static void fsm_arm(struct ppp_fsm *f)
{
	f->timer_on = true;
	f->link->timer(f->ctx, f->proto->proto, FSM_RESTART_MS);
}

static void fsm_count_and_arm(struct ppp_fsm *f)
{
	if (f->restart)
		f->restart--;
	fsm_arm(f);
}

static void fsm_send_conf_req(struct ppp_fsm *f)
{
	struct wbuf w = wbuf_of(f->req, sizeof(f->req));

	/* A request that was answered is followed by one with a new identifier. */
	if (!f->req_open)
		f->req_id++;
	f->req_open = true;
	f->proto->put_request(f, &w);
	f->req_len = w.len;
	fsm_count_and_arm(f);
	fsm_send(f, PPP_CONF_REQ, f->req_id, f->req, f->req_len);
}

static void fsm_send_term_req(struct ppp_fsm *f)
{
	fsm_count_and_arm(f);
	fsm_send(f, PPP_TERM_REQ, ++f->id, NULL, 0);
}

static void fsm_send_code_rej(struct ppp_fsm *f)
{
	size_t len = f->rx_raw.len;

	/* Must fit the peer's MRU, which is never below this. */
	if (len > PPP_MRU_MIN - 4)
		len = PPP_MRU_MIN - 4;
	fsm_send(f, PPP_CODE_REJ, ++f->id, f->rx_raw.p, len);
}

/* ---- events ---------------------------------------------------------- */

static bool fsm_timer_runs_in(enum fsm_state s)
{
	return s >= FSM_CLOSING && s <= FSM_ACK_SENT;
}

static bool fsm_negotiates(enum fsm_state s)
{
	return s >= FSM_REQ_SENT && s <= FSM_ACK_SENT;
}

bool fsm_is_alive(const struct ppp_fsm *f)
{
	return f->state >= FSM_REQ_SENT;
}

/* A new negotiation begins. */
static void fsm_reset(struct ppp_fsm *f)
{
	f->why = NULL;
	f->peer_terminated = false;
	f->req_open = false;
	f->peer_req_len = 0;
	f->naks = 0;
	f->rounds = 0;
	f->proto->reset(f);
}

static void fsm_act_counter(struct ppp_fsm *f, uint16_t actions)
{
	if (actions & FSM_IRC)
		f->restart = actions & FSM_STR ? FSM_MAX_TERMINATE : FSM_MAX_CONFIGURE;
	if (actions & FSM_ZRC) {
		f->restart = 0;
		fsm_arm(f);
	}
}

static void fsm_act_send(struct ppp_fsm *f, uint16_t actions)
{
	if (actions & FSM_SCR)
		fsm_send_conf_req(f);
	if (actions & (FSM_SCA | FSM_SCN))
		fsm_send(f, f->reply_code, f->rx.id, f->reply.p, f->reply.len);
	if (actions & FSM_STR)
		fsm_send_term_req(f);
	/* An Ack nobody asked for takes the identifier of what provoked it. */
	if (actions & FSM_STA)
		fsm_send(f, PPP_TERM_ACK, f->rx.id, NULL, 0);
	if (actions & FSM_SCJ)
		fsm_send_code_rej(f);
	if ((actions & FSM_SER) && f->proto->echo_reply)
		f->proto->echo_reply(f, &f->rx);
}

static void fsm_event(struct ppp_fsm *f, enum fsm_event ev)
{
	const struct fsm_cell *cell = &fsm_table[ev][f->state];
	enum fsm_state old = f->state;

	f->state = cell->next;
	if (cell->actions & FSM_TLD)
		f->link->down(f->ctx, f);
	/* Configure-Requests reset before their options are judged. */
	if (!fsm_negotiates(old) && fsm_negotiates(f->state) &&
	    ev != FSM_EV_RCR_GOOD && ev != FSM_EV_RCR_BAD)
		fsm_reset(f);
	fsm_act_counter(f, cell->actions);
	fsm_act_send(f, cell->actions);
	if (f->timer_on && !fsm_timer_runs_in(f->state)) {
		f->timer_on = false;
		f->link->timer(f->ctx, f->proto->proto, 0);
	}
	if (cell->actions & FSM_TLU)
		f->link->up(f->ctx, f);
	if (cell->actions & FSM_TLF)
		f->link->finished(f->ctx, f);
}

void fsm_init(struct ppp_fsm *f, const struct fsm_proto *proto,
	      const struct fsm_link *link, void *ctx)
{
	memset(f, 0, sizeof(*f));
	f->proto = proto;
	f->link = link;
	f->ctx = ctx;
}

void fsm_up(struct ppp_fsm *f)
{
	fsm_event(f, FSM_EV_UP);
}

void fsm_down(struct ppp_fsm *f)
{
	fsm_event(f, FSM_EV_DOWN);
}

void fsm_open(struct ppp_fsm *f)
{
	fsm_event(f, FSM_EV_OPEN);
}

void fsm_close(struct ppp_fsm *f)
{
	fsm_event(f, FSM_EV_CLOSE);
}

void fsm_fail(struct ppp_fsm *f, const char *why)
{
	if (!f->why)
		f->why = why;
	fsm_close(f);
}

void fsm_timeout(struct ppp_fsm *f)
{
	if (!f->timer_on)
		return;
	if (f->restart) {
		fsm_event(f, FSM_EV_TIMEOUT_MORE);
		return;
	}
	if (fsm_negotiates(f->state) && !f->why)
		f->why = "the peer does not answer Configure-Requests";
	fsm_event(f, FSM_EV_TIMEOUT_LAST);
}

void fsm_protocol_rejected(struct ppp_fsm *f)
{
	if (!f->why)
		f->why = "the peer rejected the protocol";
	fsm_event(f, FSM_EV_RXJ_FATAL);
}

/* ---- the peer's Configure-Request ------------------------------------ */

/* Either way: one more round without agreement. */
static bool fsm_round_ok(struct ppp_fsm *f)
{
	return ++f->rounds <= FSM_MAX_ROUNDS;
}

bool fsm_is_repetition(const struct ppp_fsm *f, struct rbuf opts)
{
	return f->peer_req_len == opts.len &&
	       (!opts.len || !memcmp(f->peer_req, opts.p, opts.len));
}

static void fsm_remember_peer(struct ppp_fsm *f, struct rbuf opts)
{
	f->peer_req_len = 0;
	if (opts.len <= sizeof(f->peer_req)) {
		f->peer_req_len = opts.len;
		buf_copy(&opts, f->peer_req, opts.len);
	}
}

/* Sorts the options into @nak and @rej; false: one of them is the end. */
static bool fsm_judge_options(struct ppp_fsm *f, struct rbuf opts,
			      struct wbuf *nak, struct wbuf *rej)
{
	bool may_nak = f->naks < FSM_MAX_FAILURE;
	uint8_t seen[32] = { 0 };
	enum opt_verdict verdict;
	struct ppp_opt opt;
	size_t nak_len;

	while (ppp_opt_next(&opts, &opt) > 0) {
		nak_len = nak->len;
		verdict = OPT_REJ;	/* what stands twice in one request */
		if (!(seen[opt.type / 8] & 1 << opt.type % 8))
			verdict = f->proto->option(f, &opt, nak);
		seen[opt.type / 8] |= 1 << opt.type % 8;
		if (verdict == OPT_END)
			return false;
		/* RFC 1661 4.6: who cannot be persuaded is refused, who gives in is not. */
		if (verdict == OPT_NAK && !may_nak)
			verdict = OPT_REJ;
		if (verdict == OPT_REJ) {
			nak->len = nak_len;
			buf_put(rej, opt.raw.p, opt.raw.len);
		}
	}
	if (f->proto->missing)
		f->proto->missing(f, seen, nak);
	return true;
}

static void fsm_recv_conf_req(struct ppp_fsm *f)
{
	uint8_t nak_buf[PPP_INFO_MAX], rej_buf[PPP_INFO_MAX];
	struct wbuf nak = wbuf_of(nak_buf, sizeof(nak_buf));
	struct wbuf rej = wbuf_of(rej_buf, sizeof(rej_buf));

	if (f->state == FSM_OPENED && fsm_is_repetition(f, f->rx.data)) {
		fsm_send(f, PPP_CONF_ACK, f->rx.id, f->rx.data.p, f->rx.data.len);
		return;
	}
	/* It has our Terminate-Ack: what the restart timer would do in a moment. */
	if (f->state == FSM_STOPPING && f->peer_terminated && f->proto->again)
		fsm_event(f, FSM_EV_TIMEOUT_LAST);
	if (f->state == FSM_STOPPED || f->state == FSM_OPENED)
		fsm_reset(f);
	if (!fsm_judge_options(f, f->rx.data, &nak, &rej)) {
		fsm_close(f);
		return;
	}
	if (rej.len) {
		f->reply_code = PPP_CONF_REJ;
		f->reply = rbuf_of(rej.p, rej.len);
	} else if (nak.len) {
		f->naks++;
		f->reply_code = PPP_CONF_NAK;
		f->reply = rbuf_of(nak.p, nak.len);
	} else {
		f->naks = 0;
		f->reply_code = PPP_CONF_ACK;
		f->reply = f->rx.data;
		fsm_remember_peer(f, f->rx.data);
		fsm_event(f, FSM_EV_RCR_GOOD);
		return;
	}
	if (!fsm_round_ok(f))
		fsm_fail(f, "the peer asks for what we cannot grant, again and again");
	else
		fsm_event(f, FSM_EV_RCR_BAD);
}

/* ---- answers to our Configure-Request -------------------------------- */

/* An Ack repeats our options byte for byte. */
static bool fsm_ack_valid(const struct ppp_fsm *f)
{
	return f->rx.data.len == f->req_len &&
	       !memcmp(f->rx.data.p, f->req, f->req_len);
}

/* A Reject holds options of ours, unchanged and in our order. */
static bool fsm_rej_valid(const struct ppp_fsm *f)
{
	struct rbuf ours = rbuf_of(f->req, f->req_len);
	struct rbuf theirs = f->rx.data;
	struct ppp_opt a, b;

	if (!theirs.len)
		return false;
	while (ppp_opt_next(&theirs, &b) > 0) {
		do {
			if (ppp_opt_next(&ours, &a) <= 0)
				return false;
		} while (a.raw.len != b.raw.len || memcmp(a.raw.p, b.raw.p, a.raw.len));
	}
	return true;
}

static void fsm_recv_nak_rej(struct ppp_fsm *f)
{
	bool nak = f->rx.code == PPP_CONF_NAK;
	struct rbuf opts = f->rx.data;
	struct ppp_opt opt;
	bool ok = true;

	while (ok && ppp_opt_next(&opts, &opt) > 0)
		ok = nak ? f->proto->nak(f, &opt) : f->proto->rej(f, &opt);
	if (!ok)
		fsm_fail(f, "the peer refuses what we need");
	else if (!fsm_round_ok(f))
		fsm_fail(f, "the peer grants nothing we ask for");
	else
		fsm_event(f, FSM_EV_RCN);
}

static void fsm_recv_conf_answer(struct ppp_fsm *f)
{
	bool ack = f->rx.code == PPP_CONF_ACK;

	if (f->state <= FSM_STOPPED) {
		fsm_event(f, ack ? FSM_EV_RCA : FSM_EV_RCN);
		return;
	}
	/* An answer to an older request, a second one, or a forged one. */
	if (!f->req_open || f->rx.id != f->req_id)
		return;
	if (ack && !fsm_ack_valid(f))
		return;
	if (f->rx.code == PPP_CONF_REJ && !fsm_rej_valid(f))
		return;
	f->req_open = false;
	if (ack)
		fsm_event(f, FSM_EV_RCA);
	else if (fsm_negotiates(f->state))
		fsm_recv_nak_rej(f);
}

/* ---- other codes ----------------------------------------------------- */

static void fsm_recv_code_rej(struct ppp_fsm *f)
{
	struct rbuf data = f->rx.data;
	uint8_t code = buf_get_u8(&data);

	if (data.bad)
		return;
	if (code >= PPP_CONF_REQ && code <= PPP_CODE_REJ) {
		if (!f->why)
			f->why = "the peer rejected a basic code";
		fsm_event(f, FSM_EV_RXJ_FATAL);
	} else {
		fsm_event(f, FSM_EV_RXJ_PERMITTED);
	}
}

static void fsm_recv_other(struct ppp_fsm *f)
{
	if (f->proto->extra && f->proto->extra(f, &f->rx))
		fsm_event(f, FSM_EV_RXR);
	else
		fsm_event(f, FSM_EV_RUC);
}

bool fsm_input(struct ppp_fsm *f, struct rbuf in)
{
	f->rx_raw = in;
	if (f->state <= FSM_STARTING || !ppp_pkt_parse(&f->rx, in))
		return false;
	/* No option of a broken list is acted upon. */
	if (f->rx.code >= PPP_CONF_REQ && f->rx.code <= PPP_CONF_REJ &&
	    !ppp_opts_valid(f->rx.data))
		return false;
	switch (f->rx.code) {
	case PPP_CONF_REQ:
		fsm_recv_conf_req(f);
		break;
	case PPP_CONF_ACK:
	case PPP_CONF_NAK:
	case PPP_CONF_REJ:
		fsm_recv_conf_answer(f);
		break;
	case PPP_TERM_REQ:
		f->peer_terminated = true;
		fsm_event(f, FSM_EV_RTR);
		break;
	case PPP_TERM_ACK:
		fsm_event(f, FSM_EV_RTA);
		break;
	case PPP_CODE_REJ:
		fsm_recv_code_rej(f);
		break;
	default:
		fsm_recv_other(f);
		break;
	}
	return true;
}

const char *fsm_state_name(enum fsm_state s)
{
	static const char *const names[FSM_STATES] = {
		"Initial", "Starting", "Closed", "Stopped", "Closing", "Stopping",
		"Req-Sent", "Ack-Rcvd", "Ack-Sent", "Opened",
	};

	return (unsigned int)s < FSM_STATES ? names[s] : "unknown";
}
