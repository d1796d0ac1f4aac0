/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An automaton's surroundings: records what it sends and reports. Packets are
 * written as hex strings, "01 2a 0004" and the like; spaces do not count.
 */
#ifndef SSTPD_TESTS_LINK_RIG_H
#define SSTPD_TESTS_LINK_RIG_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ppp/ppp_fsm.h"

#define LINK_SENT_MAX	64

struct link_rig {
	char sent[LINK_SENT_MAX][2 * PPP_INFO_MAX + 1];	/* hex */
	unsigned int n_sent;
	unsigned int timer_ms;
	unsigned int up;
	unsigned int down;
	unsigned int finished;
	uint8_t random;			/* next byte of "randomness" */
	bool random_fails;
};

static inline void link_send(void *ctx, uint16_t proto, const uint8_t *pkt, size_t len)
{
	struct link_rig *r = ctx;
	size_t i;

	assert_true(proto & 0x8000);
	assert_true(r->n_sent < LINK_SENT_MAX);
	assert_true(len >= 4 && len <= PPP_INFO_MAX);
	for (i = 0; i < len; i++)
		sprintf(r->sent[r->n_sent] + 2 * i, "%02x", pkt[i]);
	r->n_sent++;
}

static inline void link_timer(void *ctx, uint16_t proto, unsigned int ms)
{
	(void)proto;
	((struct link_rig *)ctx)->timer_ms = ms;
}

static inline int link_random(void *ctx, uint8_t *p, size_t len)
{
	struct link_rig *r = ctx;

	while (len--)
		*p++ = r->random++;
	return r->random_fails ? -1 : 0;
}

static inline void link_up(void *ctx, struct ppp_fsm *f)
{
	assert_int_equal(f->state, FSM_OPENED);
	((struct link_rig *)ctx)->up++;
}

static inline void link_down(void *ctx, struct ppp_fsm *f)
{
	(void)f;
	((struct link_rig *)ctx)->down++;
}

static inline void link_finished(void *ctx, struct ppp_fsm *f)
{
	(void)f;
	((struct link_rig *)ctx)->finished++;
}

static const struct fsm_link rig_link = {
	.send = link_send,
	.timer = link_timer,
	.random = link_random,
	.up = link_up,
	.down = link_down,
	.finished = link_finished,
};

static inline void link_rig_init(struct link_rig *r)
{
	memset(r, 0, sizeof(*r));
	r->random = 0xa0;
}

/* How many bytes @hex has. */
static inline size_t hex_bytes(const char *hex)
{
	size_t digits = 0;

	for (; *hex; hex++)
		digits += *hex != ' ';
	return digits / 2;
}

/* Bytes of @hex, in an allocation of exactly that size. */
static inline uint8_t *unhex(const char *hex, size_t *len)
{
	uint8_t *out = malloc(strlen(hex) / 2 + 1);
	uint8_t *exact;
	unsigned int byte;
	int used;

	*len = 0;
	while (*hex == ' ' || *hex) {
		if (*hex == ' ') {
			hex++;
			continue;
		}
		if (sscanf(hex, "%2x%n", &byte, &used) != 1 || used != 2)
			fail_msg("bad hex: %s", hex);
		out[(*len)++] = byte;
		hex += 2;
	}
	exact = malloc(*len ? *len : 1);
	memcpy(exact, out, *len);
	free(out);
	return exact;
}

/* A packet for the automaton; its Length field is checked for typing errors. */
static inline void link_input(struct ppp_fsm *f, const char *hex)
{
	size_t len;
	uint8_t *pkt = unhex(hex, &len);

	if (len >= 4 && (size_t)(pkt[2] << 8 | pkt[3]) != len)
		fail_msg("length field of %s: %zu bytes", hex, len);
	fsm_input(f, rbuf_of(pkt, len));
	free(pkt);
}

/* The next thing sent is this, "" is: nothing more was. */
static inline void expect_sent(struct link_rig *r, unsigned int i, const char *hex)
{
	char want[512] = "";
	char *p = want;

	for (; *hex; hex++)
		if (*hex != ' ')
			*p++ = *hex;
	*p = '\0';
	if (i >= r->n_sent)
		fail_msg("expected %s, but only %u packets were sent", want, r->n_sent);
	assert_string_equal(r->sent[i], want);
}

/* Exactly one packet was sent, this one; then forget it. */
static inline void expect_one(struct link_rig *r, const char *hex)
{
	assert_int_equal(r->n_sent, 1);
	expect_sent(r, 0, hex);
	r->n_sent = 0;
}

static inline void expect_nothing(struct link_rig *r)
{
	if (r->n_sent)
		fail_msg("sent %s", r->sent[0]);
}

#endif /* SSTPD_TESTS_LINK_RIG_H */
