// SPDX-License-Identifier: GPL-2.0-or-later
#include "ppp/lcp.h"

#include <string.h>

#include "lib/container.h"

/* Who insists on less cannot carry IP in a useful way. */
#define LCP_MRU_HOPELESS	128

/* Endpoint-Discriminator: a locally assigned address, as long as it may be. */
#define LCP_CLASS_LOCAL		1
#define LCP_ENDPOINT_MARK	"kstp"
#define LCP_ENDPOINT_MARK_LEN	4

/* A vendor's option: an OUI of those that anybody may use, what it is, and a lane. */
#define LCP_VENDOR_MARK		"\x02ks\x01"
#define LCP_VENDOR_MARK_LEN	4
#define LCP_VENDOR_LEN		(2 + LCP_VENDOR_MARK_LEN + 3)

static struct lcp *lcp_of(struct ppp_fsm *f)
{
	return container_of(f, struct lcp, fsm);
}

/* A magic number, 0 if there is no randomness. */
static uint32_t lcp_random(struct lcp *l)
{
	uint8_t bytes[4];
	struct rbuf r = rbuf_of(bytes, sizeof(bytes));

	if (l->fsm.link->random(l->fsm.ctx, bytes, sizeof(bytes)))
		return 0;
	return buf_get_u32(&r);
}

static void lcp_new_magic(struct lcp *l)
{
	l->magic = lcp_random(l);
	l->ask_magic = l->magic;
}

static void lcp_reset(struct ppp_fsm *f)
{
	struct lcp *l = lcp_of(f);

	l->asked_mru = l->mru;
	l->ask_mru = true;
	l->ask_endpoint = !l->server && endpoint_is_set(&l->endpoint);
	l->ask_lane = !l->server && l->lane.of;
	l->peer_mru = PPP_MRU_DEFAULT;
	l->peer_magic = 0;
	l->auth = l->server ? auth_preferred(&l->auth_methods, 0) : NULL;
	l->auth_refused = 0;
	l->auth_failed = false;
	l->echoes = 0;
	l->looped = false;
	l->rejected_proto = 0;
	lcp_new_magic(l);
}

/* ---- our request ----------------------------------------------------- */

static void lcp_put_auth(struct wbuf *w, const struct auth_method *m)
{
	ppp_opt_put_hdr(w, LCP_OPT_AUTH, m->algorithm ? 5 : 4);
	buf_put_u16(w, m->proto);
	if (m->algorithm)
		buf_put_u8(w, m->algorithm);
}

static void lcp_put_lane(struct wbuf *w, const struct lane *lane)
{
	ppp_opt_put_hdr(w, LCP_OPT_VENDOR, LCP_VENDOR_LEN);
	buf_put(w, LCP_VENDOR_MARK, LCP_VENDOR_MARK_LEN);
	buf_put_u8(w, lane->number);
	buf_put_u8(w, lane->of);
	buf_put_u8(w, lane->joins);
}

/* False: it is none, or of somebody else. */
static bool lcp_get_lane(struct rbuf data, struct lane *lane)
{
	const uint8_t *mark = buf_get(&data, LCP_VENDOR_MARK_LEN);
	uint8_t joins;

	*lane = (struct lane){ 0 };
	lane->number = buf_get_u8(&data);
	lane->of = buf_get_u8(&data);
	joins = buf_get_u8(&data);
	lane->joins = joins;
	return !data.bad && !data.len && joins <= 1 && lane->of && lane_is_ok(lane) &&
	       !memcmp(mark, LCP_VENDOR_MARK, LCP_VENDOR_MARK_LEN);
}

static void lcp_put_request(struct ppp_fsm *f, struct wbuf *w)
{
	struct lcp *l = lcp_of(f);

	if (l->ask_mru) {
		ppp_opt_put_hdr(w, LCP_OPT_MRU, 4);
		buf_put_u16(w, l->asked_mru);
	}
	if (l->server && l->auth)
		lcp_put_auth(w, l->auth);
	if (l->ask_magic) {
		ppp_opt_put_hdr(w, LCP_OPT_MAGIC, 6);
		buf_put_u32(w, l->magic);
	}
	if (l->ask_endpoint) {
		ppp_opt_put_hdr(w, LCP_OPT_ENDPOINT, 3 + LCP_ENDPOINT_MARK_LEN + ENDPOINT_LEN);
		buf_put_u8(w, LCP_CLASS_LOCAL);
		buf_put(w, LCP_ENDPOINT_MARK, LCP_ENDPOINT_MARK_LEN);
		buf_put(w, l->endpoint.id, ENDPOINT_LEN);
	}
	if (l->ask_lane)
		lcp_put_lane(w, &l->lane);
}

/* The method an Authentication-Protocol option names, if it is one of ours. */
static const struct auth_method *lcp_auth_option(struct rbuf data)
{
	uint16_t proto = buf_get_u16(&data);
	uint8_t algorithm = 0;

	if (data.len) {
		algorithm = buf_get_u8(&data);
		if (!algorithm)
			return NULL;
	}
	return data.bad || data.len ? NULL : auth_find(proto, algorithm);
}

/* The peer turned our method down; @theirs is what it named instead, or NULL. */
static bool lcp_next_auth(struct lcp *l, const struct auth_method *theirs)
{
	l->auth_refused |= l->auth->ids;
	if (theirs && !(theirs->ids & l->auth_refused) &&
	    auth_allows(&l->auth_methods, theirs->ids))
		l->auth = theirs;
	else
		l->auth = auth_preferred(&l->auth_methods, l->auth_refused);
	l->auth_failed = !l->auth;
	return l->auth;
}

/* Fewer, as the server likes; nothing else may be other than we have said. */
static void lcp_nak_lane(struct lcp *l, struct rbuf data)
{
	struct lane theirs;

	l->ask_lane = lcp_get_lane(data, &theirs) && theirs.of < l->lane.of &&
		      theirs.number == l->lane.number && theirs.joins == l->lane.joins;
	if (l->ask_lane)
		l->lane.of = theirs.of;
}

static bool lcp_nak(struct ppp_fsm *f, const struct ppp_opt *opt)
{
	struct lcp *l = lcp_of(f);
	struct rbuf data = opt->data;
	uint16_t mru;

	switch (opt->type) {
	case LCP_OPT_MRU:
		mru = buf_get_u16(&data);
		l->ask_mru = mru >= PPP_MRU_MIN && mru <= PPP_INFO_MAX;
		l->asked_mru = mru;
		return true;
	case LCP_OPT_MAGIC:
		if (l->ask_magic)
			lcp_new_magic(l);
		return true;
	case LCP_OPT_AUTH:
		if (!l->server)
			return true;
		return lcp_next_auth(l, lcp_auth_option(data));
	case LCP_OPT_ENDPOINT:
		l->ask_endpoint = false;
		return true;
	case LCP_OPT_VENDOR:
		if (l->ask_lane)
			lcp_nak_lane(l, opt->data);
		return true;
	default:
		return true;	/* not ours: a wish, not granted */
	}
}

static bool lcp_rej(struct ppp_fsm *f, const struct ppp_opt *opt)
{
	struct lcp *l = lcp_of(f);

	switch (opt->type) {
	case LCP_OPT_MRU:
		l->ask_mru = false;
		return true;
	case LCP_OPT_MAGIC:
		l->ask_magic = false;
		l->magic = 0;
		return true;
	case LCP_OPT_ENDPOINT:
		l->ask_endpoint = false;
		return true;
	case LCP_OPT_VENDOR:
		l->ask_lane = false;
		return true;
	default:
		l->auth_failed = opt->type == LCP_OPT_AUTH;
		return false;
	}
}

/* ---- the peer's request ---------------------------------------------- */

static enum opt_verdict lcp_opt_mru(struct lcp *l, struct rbuf data, struct wbuf *nak)
{
	uint16_t mru = buf_get_u16(&data);

	if (data.bad || data.len)
		return OPT_REJ;
	/* A Reject would have it take 1500 bytes, which it has said it cannot. */
	if (mru < LCP_MRU_HOPELESS && l->fsm.naks >= FSM_MAX_FAILURE) {
		l->fsm.why = "the peer insists on an MRU below 128";
		return OPT_END;
	}
	if (mru < PPP_MRU_MIN) {
		ppp_opt_put_hdr(nak, LCP_OPT_MRU, 4);
		buf_put_u16(nak, PPP_MRU_DEFAULT);
		return OPT_NAK;
	}
	/* A promise to receive; no need to refuse a large one, just to send less. */
	l->peer_mru = mru < PPP_INFO_MAX ? mru : PPP_INFO_MAX;
	return OPT_ACK;
}

static enum opt_verdict lcp_opt_auth(struct lcp *l, struct rbuf data, struct wbuf *nak)
{
	const struct auth_method *m = lcp_auth_option(data);

	if (l->server)
		return OPT_REJ;
	if (m && auth_allows(&l->auth_methods, m->ids)) {
		l->auth = m;
		l->auth_failed = false;
		return OPT_ACK;
	}
	l->auth_failed = true;
	m = auth_preferred(&l->auth_methods, 0);
	if (!m)
		return OPT_REJ;
	lcp_put_auth(nak, m);
	return OPT_NAK;
}

static enum opt_verdict lcp_opt_magic(struct lcp *l, struct rbuf data, struct wbuf *nak)
{
	uint32_t magic = buf_get_u32(&data);
	uint32_t better;

	if (data.bad || data.len)
		return OPT_REJ;
	if (magic && magic != l->magic) {
		l->peer_magic = magic;
		return OPT_ACK;
	}
	better = lcp_random(l);
	if (!better)
		return OPT_REJ;
	ppp_opt_put_hdr(nak, LCP_OPT_MAGIC, 6);
	buf_put_u32(nak, better);
	return OPT_NAK;
}

/* That of a client of ours; what others call themselves is nothing to us. */
static enum opt_verdict lcp_opt_endpoint(struct lcp *l, struct rbuf data)
{
	const uint8_t class = buf_get_u8(&data);
	const uint8_t *mark = buf_get(&data, LCP_ENDPOINT_MARK_LEN);
	const uint8_t *id = buf_get(&data, ENDPOINT_LEN);

	if (data.bad || data.len || class != LCP_CLASS_LOCAL || !l->server ||
	    memcmp(mark, LCP_ENDPOINT_MARK, LCP_ENDPOINT_MARK_LEN) != 0)
		return OPT_REJ;
	memcpy(l->endpoint.id, id, ENDPOINT_LEN);
	return OPT_ACK;
}

static enum opt_verdict lcp_opt_lane(struct lcp *l, struct rbuf data, struct wbuf *nak)
{
	struct lane lane;

	if (!l->server || l->lanes_max < 2 || !lcp_get_lane(data, &lane) ||
	    lane.number >= l->lanes_max)
		return OPT_REJ;
	if (lane.of <= l->lanes_max) {
		l->lane = lane;
		return OPT_ACK;
	}
	lane.of = l->lanes_max;
	lcp_put_lane(nak, &lane);
	return OPT_NAK;
}

static enum opt_verdict lcp_option(struct ppp_fsm *f, const struct ppp_opt *opt,
				   struct wbuf *nak)
{
	struct lcp *l = lcp_of(f);

	switch (opt->type) {
	case LCP_OPT_MRU:
		return lcp_opt_mru(l, opt->data, nak);
	case LCP_OPT_ACCM:
		return opt->data.len == 4 ? OPT_ACK : OPT_REJ;
	case LCP_OPT_AUTH:
		return lcp_opt_auth(l, opt->data, nak);
	case LCP_OPT_MAGIC:
		return lcp_opt_magic(l, opt->data, nak);
	case LCP_OPT_PFC:
	case LCP_OPT_ACFC:
		return opt->data.len ? OPT_REJ : OPT_ACK;
	case LCP_OPT_ENDPOINT:
		return lcp_opt_endpoint(l, opt->data);
	case LCP_OPT_VENDOR:
		return lcp_opt_lane(l, opt->data, nak);
	default:
		return OPT_REJ;
	}
}

/* What the latest request does not name has its default. */
static void lcp_missing(struct ppp_fsm *f, const uint8_t seen[static 32],
			struct wbuf *nak)
{
	struct lcp *l = lcp_of(f);

	(void)nak;
	if (!(seen[0] & 1 << LCP_OPT_MRU))
		l->peer_mru = PPP_MRU_DEFAULT;
	if (!(seen[0] & 1 << LCP_OPT_MAGIC))
		l->peer_magic = 0;
	if (l->server && !(seen[LCP_OPT_ENDPOINT / 8] & 1 << LCP_OPT_ENDPOINT % 8))
		memset(&l->endpoint, 0, sizeof(l->endpoint));
	if (l->server && !(seen[0] & 1 << LCP_OPT_VENDOR))
		memset(&l->lane, 0, sizeof(l->lane));
	if (!l->server && !(seen[0] & 1 << LCP_OPT_AUTH))
		l->auth = NULL;
}

/* ---- codes of LCP alone ---------------------------------------------- */

static void lcp_check_loop(struct lcp *l, struct rbuf data)
{
	uint32_t magic = buf_get_u32(&data);

	if (l->magic && magic == l->magic)
		l->looped = true;
}

static bool lcp_extra(struct ppp_fsm *f, const struct ppp_pkt *pkt)
{
	struct lcp *l = lcp_of(f);
	struct rbuf data = pkt->data;

	switch (pkt->code) {
	case LCP_PROTO_REJ:
		if (f->state == FSM_OPENED && data.len >= 2)
			l->rejected_proto = buf_get_u16(&data);
		return true;
	case LCP_ECHO_REP:
		l->echoes = 0;
		lcp_check_loop(l, data);
		return true;
	case LCP_ECHO_REQ:
		lcp_check_loop(l, data);
		return true;
	case LCP_DISCARD_REQ:
	case LCP_IDENTIFICATION:	/* Windows sends three of them */
	case LCP_TIME_REMAINING:
		return true;
	default:
		return false;
	}
}

static void lcp_echo_reply(struct ppp_fsm *f, const struct ppp_pkt *pkt)
{
	struct lcp *l = lcp_of(f);
	struct rbuf data = pkt->data;
	uint8_t buf[PPP_INFO_MAX];
	struct wbuf w = wbuf_of(buf, l->peer_mru - 4);

	if (pkt->code != LCP_ECHO_REQ || l->looped)
		return;
	buf_get_u32(&data);
	if (data.bad)
		return;
	buf_put_u32(&w, l->magic);
	buf_put(&w, data.p, data.len < w.cap - w.len ? data.len : w.cap - w.len);
	fsm_send(f, LCP_ECHO_REP, pkt->id, buf, w.len);
}

void lcp_echo(struct lcp *l)
{
	uint8_t data[4];
	struct wbuf w = wbuf_of(data, sizeof(data));

	if (l->fsm.state != FSM_OPENED)
		return;
	buf_put_u32(&w, l->magic);
	l->echoes++;
	fsm_send(&l->fsm, LCP_ECHO_REQ, ++l->fsm.id, data, w.len);
}

void lcp_protocol_reject(struct lcp *l, uint16_t proto, struct rbuf info)
{
	uint8_t buf[PPP_MRU_MIN - 4];	/* fits any MRU we accept */
	struct wbuf w = wbuf_of(buf, sizeof(buf));

	if (l->fsm.state != FSM_OPENED)
		return;
	buf_put_u16(&w, proto);
	buf_put(&w, info.p, info.len < w.cap - w.len ? info.len : w.cap - w.len);
	fsm_send(&l->fsm, LCP_PROTO_REJ, ++l->fsm.id, buf, w.len);
}

static const struct fsm_proto lcp_proto = {
	.name = "LCP",
	.proto = PPP_PROTO_LCP,
	.reset = lcp_reset,
	.put_request = lcp_put_request,
	.option = lcp_option,
	.missing = lcp_missing,
	.nak = lcp_nak,
	.rej = lcp_rej,
	.extra = lcp_extra,
	.echo_reply = lcp_echo_reply,
};

void lcp_init(struct lcp *l, bool server, uint16_t mru,
	      const struct auth_methods *auth_methods,
	      const struct fsm_link *link, void *ctx)
{
	memset(l, 0, sizeof(*l));
	l->server = server;
	l->mru = mru;
	l->auth_methods = *auth_methods;
	l->peer_mru = PPP_MRU_DEFAULT;
	fsm_init(&l->fsm, &lcp_proto, link, ctx);
}
