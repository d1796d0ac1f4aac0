/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A call with nothing around it: records what it sends and asks for, and
 * brings it into any state by the messages a good peer would send.
 */
#ifndef SSTPD_TESTS_CALL_RIG_H
#define SSTPD_TESTS_CALL_RIG_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "sstp/call.h"

#define RIG_SENT_MAX	64

struct rig_pkt {
	uint8_t data[SSTP_PKT_MAX];
	size_t len;
};

struct rig {
	struct call c;
	struct rig_pkt sent[RIG_SENT_MAX];
	unsigned int n_sent;
	unsigned int timer[CALL_TIMERS];	/* ms, 0 = stopped */
	unsigned int lower_up;
	unsigned int lower_down;
	unsigned int ppp_frames;
	unsigned int ip_packets;
	unsigned int idle_queries;
	unsigned int connected;
	unsigned int ended;
	enum reason reason;
	char text[160];
	bool random_fails;
};

/* The nonce of the vectors: 00 01 02 .. 1f. */
static const uint8_t rig_hlak[BINDING_HLAK_LEN] = { 0x11, 0x22, 0x33 };

static inline void rig_send(void *ctx, const uint8_t *pkt, size_t len)
{
	struct rig *r = ctx;

	assert_true(r->n_sent < RIG_SENT_MAX);
	assert_true(len >= SSTP_HDR_LEN && len <= SSTP_PKT_MAX);
	memcpy(r->sent[r->n_sent].data, pkt, len);
	r->sent[r->n_sent++].len = len;
}

static inline void rig_timer(void *ctx, enum call_timer which, unsigned int ms)
{
	((struct rig *)ctx)->timer[which] = ms;
}

static inline int rig_random(void *ctx, uint8_t *p, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		p[i] = i;
	return ((struct rig *)ctx)->random_fails ? -1 : 0;
}

static inline void rig_lower_up(void *ctx)
{
	((struct rig *)ctx)->lower_up++;
}

static inline void rig_lower_down(void *ctx)
{
	((struct rig *)ctx)->lower_down++;
}

static inline void rig_ppp_input(void *ctx, const uint8_t *frame, size_t len)
{
	(void)frame;
	assert_true(len > 0);
	((struct rig *)ctx)->ppp_frames++;
}

static inline void rig_ip_input(void *ctx, uint16_t proto, const uint8_t *ip, size_t len)
{
	(void)ip;
	(void)len;
	assert_true(proto == 0x0021 || proto == 0x0057);
	((struct rig *)ctx)->ip_packets++;
}

static inline void rig_idle_query(void *ctx)
{
	((struct rig *)ctx)->idle_queries++;
}

static inline void rig_connected(void *ctx)
{
	((struct rig *)ctx)->connected++;
}

static inline void rig_ended(void *ctx, enum reason reason, const char *text)
{
	struct rig *r = ctx;

	r->ended++;
	r->reason = reason;
	snprintf(r->text, sizeof(r->text), "%s", text);
}

static const struct call_ops rig_ops = {
	.send = rig_send,
	.timer = rig_timer,
	.random = rig_random,
	.lower_up = rig_lower_up,
	.lower_down = rig_lower_down,
	.ppp_input = rig_ppp_input,
	.ip_input = rig_ip_input,
	.idle_query = rig_idle_query,
	.connected = rig_connected,
	.ended = rig_ended,
};

static inline void rig_init(struct rig *r, enum call_role role)
{
	struct call_cfg cfg;

	memset(r, 0, sizeof(*r));
	call_cfg_default(&cfg, role);
	cfg.hash_mask = SSTP_HASH_SHA1 | SSTP_HASH_SHA256;
	memset(cfg.cert.sha1, 0xc1, sizeof(cfg.cert.sha1));
	memset(cfg.cert.sha256, 0xc2, sizeof(cfg.cert.sha256));
	call_init(&r->c, &cfg, &rig_ops, r);
}

/* Forgets what was recorded, not the state. */
static inline void rig_forget(struct rig *r)
{
	r->n_sent = 0;
	r->lower_up = r->lower_down = 0;
	r->ppp_frames = r->ip_packets = 0;
	r->idle_queries = r->connected = 0;
}

static inline void rig_input(struct rig *r, const struct wbuf *w)
{
	assert_false(w->bad);
	call_input(&r->c, w->p, w->len);
}

static inline void rig_nonce(uint8_t nonce[static SSTP_NONCE_LEN])
{
	size_t i;

	for (i = 0; i < SSTP_NONCE_LEN; i++)
		nonce[i] = i;
}

/* CALL_CONNECTED as a client would send it that knows @hlak. */
static inline void rig_put_connected(struct rig *r, struct wbuf *w,
				     const uint8_t hlak[static BINDING_HLAK_LEN])
{
	uint8_t nonce[SSTP_NONCE_LEN];

	rig_nonce(nonce);
	sstp_put_connected(w, SSTP_HASH_SHA256, nonce, r->c.cfg.cert.sha256, 32);
	assert_int_equal(binding_sign(w->p, hlak), 0);
}

static inline void rig_peer_msg(struct rig *r, enum sstp_msg_type type)
{
	uint8_t nonce[SSTP_NONCE_LEN], buf[256];
	struct wbuf w = wbuf_of(buf, sizeof(buf));

	rig_nonce(nonce);
	switch (type) {
	case SSTP_CALL_CONNECT_REQUEST:
		sstp_put_request(&w);
		break;
	case SSTP_CALL_CONNECT_ACK:
		sstp_put_ack(&w, SSTP_HASH_SHA1 | SSTP_HASH_SHA256, nonce);
		break;
	case SSTP_CALL_CONNECTED:
		rig_put_connected(r, &w, rig_hlak);
		break;
	case SSTP_CALL_ABORT:
		sstp_put_abort(&w, 2, 7);
		break;
	case SSTP_CALL_DISCONNECT:
		sstp_put_disconnect(&w);
		break;
	default:
		sstp_put_empty(&w, type);
		break;
	}
	rig_input(r, &w);
}

static inline void rig_to_connected(struct rig *r)
{
	if (r->c.cfg.role == CALL_SERVER) {
		rig_peer_msg(r, SSTP_CALL_CONNECT_REQUEST);
		call_auth_done(&r->c, rig_hlak);
		rig_peer_msg(r, SSTP_CALL_CONNECTED);
	} else {
		rig_peer_msg(r, SSTP_CALL_CONNECT_ACK);
		call_auth_done(&r->c, rig_hlak);
	}
}

/* A fresh call, driven into @state. */
static inline void rig_enter(struct rig *r, enum call_role role, enum call_state state)
{
	rig_init(r, role);
	if (state == CALL_IDLE)
		return;
	call_start(&r->c);
	switch (state) {
	case CALL_ACK_RECEIVED:
		rig_peer_msg(r, SSTP_CALL_CONNECT_ACK);
		break;
	case CALL_CONNECTED_PENDING:
		rig_peer_msg(r, SSTP_CALL_CONNECT_REQUEST);
		break;
	case CALL_CONNECTED:
		rig_to_connected(r);
		break;
	case CALL_ABORT_PENDING:
		rig_to_connected(r);
		rig_peer_msg(r, SSTP_CALL_DISCONNECT_ACK);	/* unasked for */
		break;
	case CALL_ABORT_TIMEOUT_PENDING:
		rig_to_connected(r);
		rig_peer_msg(r, SSTP_CALL_ABORT);
		break;
	case CALL_DISC_ACK_PENDING:
		rig_to_connected(r);
		call_disconnect(&r->c, REASON_ADMIN, NULL);
		break;
	case CALL_DISC_TIMEOUT_PENDING:
		rig_to_connected(r);
		rig_peer_msg(r, SSTP_CALL_DISCONNECT);
		break;
	case CALL_ENDED:
		call_closed(&r->c, NULL);
		break;
	default:
		break;
	}
	assert_int_equal(r->c.state, state);
	rig_forget(r);
}

/* One sent packet as short text: "ABORT(2,7)". */
static inline void rig_describe(const struct rig_pkt *pkt, char *out, size_t size)
{
	struct sstp_ctrl m;
	uint32_t status;
	uint8_t attr;

	if (!sstp_is_control(pkt->data)) {
		snprintf(out, size, "DATA");
		return;
	}
	assert_true(sstp_ctrl_parse(&m, pkt->data, pkt->len));
	assert_true(sstp_attrs_well_formed(&m));
	if ((m.type == SSTP_CALL_ABORT || m.type == SSTP_CALL_CONNECT_NAK) &&
	    sstp_status_read(&m, &attr, &status))
		snprintf(out, size, "%s(%u,%u)",
			 m.type == SSTP_CALL_ABORT ? "ABORT" : "NAK", attr, status);
	else
		snprintf(out, size, "%s", sstp_msg_name(m.type));
}

#endif /* SSTPD_TESTS_CALL_RIG_H */
