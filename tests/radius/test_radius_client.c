// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The RADIUS client: repetition, fail-over, dead servers, and which answers
 * count. A clock that the test moves, and servers that are the test.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "radius/radius_client.h"

#define SECRET		"secret"
#define TIMEOUT		3000
#define DEAD		60000
#define ROUND		30000

struct rig {
	struct radius_client c;
	uint64_t now;
	uint32_t timer;
	uint64_t due;
	unsigned int sent[RADIUS_SERVERS_MAX];
	unsigned int last_server;
	uint8_t last[RADIUS_PACKET_MAX];
	size_t last_len;
	unsigned int answered;
	unsigned int unanswered;
	uint8_t answer_code;
	unsigned int deaths;
	unsigned int recoveries;
	uint8_t kind;
	bool fail_build;
};

static bool rig_build(void *ctx, struct radius_request *req, uint8_t id,
		      const char *secret, struct wbuf *w)
{
	const uint8_t random[RADIUS_AUTHENTICATOR_LEN] = { 42, id };
	struct rig *r = ctx;

	(void)req;
	if (r->fail_build)
		return false;
	if (r->kind == RADIUS_ACCOUNTING_REQUEST) {
		radius_begin(w, RADIUS_ACCOUNTING_REQUEST, id, NULL);
		return radius_sign_request(w, secret);
	}
	radius_begin(w, RADIUS_ACCESS_REQUEST, id, random);
	radius_put_mac(w);
	return radius_sign_access(w, secret);
}

static void rig_send(void *ctx, unsigned int server, const void *pkt, size_t len)
{
	struct rig *r = ctx;

	r->sent[server]++;
	r->last_server = server;
	r->last_len = len;
	memcpy(r->last, pkt, len);
}

static void rig_timer(void *ctx, uint32_t ms)
{
	struct rig *r = ctx;

	r->timer = ms;
	r->due = r->now + ms;
}

static void rig_done(void *ctx, struct radius_request *req,
		     const struct radius_pkt *answer)
{
	struct rig *r = ctx;

	if (answer) {
		r->answered++;
		r->answer_code = answer->code;
	} else {
		r->unanswered++;
	}
	free(req);
}

static void rig_health(void *ctx, unsigned int server, bool alive)
{
	struct rig *r = ctx;

	(void)server;
	if (alive)
		r->recoveries++;
	else
		r->deaths++;
}

static const struct radius_client_ops rig_ops = {
	.build = rig_build,
	.send = rig_send,
	.timer = rig_timer,
	.done = rig_done,
	.health = rig_health,
};

static void rig_init(struct rig *r, unsigned int servers, unsigned int rounds)
{
	const struct radius_client_cfg cfg = {
		.n_servers = servers,
		.timeout_ms = TIMEOUT,
		.retries = 2,
		.dead_ms = DEAD,
		.rounds = rounds,
		.round_ms = ROUND,
		.need_mac = true,
		.secret = SECRET,
	};

	memset(r, 0, sizeof(*r));
	r->now = 1000;
	r->kind = RADIUS_ACCESS_REQUEST;
	radius_client_init(&r->c, &cfg, &rig_ops, r);
}

static struct radius_request *rig_start(struct rig *r)
{
	struct radius_request *req = calloc(1, sizeof(*req));

	assert_non_null(req);
	assert_true(radius_client_start(&r->c, req, r->now));
	return req;
}

static void rig_exit(struct rig *r)
{
	struct radius_request *req;

	while ((req = TAILQ_FIRST(&r->c.requests))) {
		radius_client_cancel(&r->c, req);
		free(req);
	}
}

/* Lets time pass, as the timer asks for it. */
static void rig_pass(struct rig *r, uint64_t ms)
{
	uint64_t end = r->now + ms;

	while (r->timer && r->due <= end) {
		r->now = r->due;
		radius_client_tick(&r->c, r->now);
	}
	r->now = end;
}

/* What the server that was asked last would say, or something near it. */
struct reply {
	uint8_t code;
	const char *secret;
	bool no_mac;
	uint8_t id_off;
	bool cut;
};

static void rig_reply_to(struct rig *r, unsigned int server,
			 const struct reply *reply, const uint8_t *asked)
{
	uint8_t out[RADIUS_PACKET_MAX];
	struct wbuf w = wbuf_of(out, sizeof(out));

	radius_begin(&w, reply->code, (uint8_t)(asked[1] + reply->id_off), NULL);
	if (!reply->no_mac)
		radius_put_mac(&w);
	assert_true(radius_sign_response(&w, asked + 4, reply->secret ?
					 reply->secret : SECRET));
	radius_client_input(&r->c, server,
			    rbuf_of(out, w.len - (reply->cut ? 1 : 0)), r->now);
}

static void rig_reply(struct rig *r, const struct reply *reply)
{
	rig_reply_to(r, r->last_server, reply, r->last);
}

static const struct reply accept_it = { .code = RADIUS_ACCESS_ACCEPT };

static void answered_at_once(void **state)
{
	static const uint8_t codes[] = {
		RADIUS_ACCESS_ACCEPT, RADIUS_ACCESS_REJECT,
		RADIUS_ACCESS_CHALLENGE,
	};
	struct rig r;

	(void)state;
	for (size_t i = 0; i < sizeof(codes); i++) {
		rig_init(&r, 1, 1);
		rig_start(&r);
		assert_int_equal(r.sent[0], 1);
		assert_int_equal(r.timer, TIMEOUT);
		rig_reply(&r, &(struct reply){ .code = codes[i] });
		assert_int_equal(r.answered, 1);
		assert_int_equal(r.answer_code, codes[i]);
		assert_int_equal(r.timer, 0);
		assert_int_equal(r.c.n_requests, 0);
	}
}

static void repeated_unchanged(void **state)
{
	uint8_t first[RADIUS_PACKET_MAX];
	struct rig r;

	(void)state;
	rig_init(&r, 1, 1);
	rig_start(&r);
	memcpy(first, r.last, r.last_len);
	rig_pass(&r, TIMEOUT - 1);
	assert_int_equal(r.sent[0], 1);
	rig_pass(&r, 1);
	assert_int_equal(r.sent[0], 2);
	assert_memory_equal(r.last, first, r.last_len);
	rig_pass(&r, TIMEOUT);
	assert_int_equal(r.sent[0], 3);
	assert_int_equal(r.unanswered, 0);
	rig_pass(&r, TIMEOUT);
	assert_int_equal(r.sent[0], 3);
	assert_int_equal(r.unanswered, 1);
	assert_int_equal(r.deaths, 1);
	assert_int_equal(r.timer, 0);
}

/* Each answer that must not count, and the counter that it moves. */
static void answers_that_do_not_count(void **state)
{
	static const struct {
		struct reply reply;
		size_t counter;
	} cases[] = {
		{ { .code = RADIUS_ACCESS_ACCEPT, .secret = "other" },
		  offsetof(struct radius_client_stats, forged) },
		{ { .code = RADIUS_ACCESS_ACCEPT, .no_mac = true },
		  offsetof(struct radius_client_stats, forged) },
		{ { .code = RADIUS_ACCESS_ACCEPT, .id_off = 1 },
		  offsetof(struct radius_client_stats, unexpected) },
		{ { .code = RADIUS_ACCESS_ACCEPT, .cut = true },
		  offsetof(struct radius_client_stats, malformed) },
		{ { .code = RADIUS_ACCOUNTING_RESPONSE },
		  offsetof(struct radius_client_stats, malformed) },
		{ { .code = RADIUS_ACCESS_REQUEST },
		  offsetof(struct radius_client_stats, malformed) },
		{ { .code = RADIUS_COA_ACK },
		  offsetof(struct radius_client_stats, malformed) },
	};
	const uint64_t *counter;
	struct rig r;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		rig_init(&r, 1, 1);
		rig_start(&r);
		rig_reply(&r, &cases[i].reply);
		counter = (const void *)((const char *)&r.c.stats +
					 cases[i].counter);
		assert_int_equal(*counter, 1);
		assert_int_equal(r.answered, 0);
		/* The right one may still come. */
		rig_reply(&r, &accept_it);
		assert_int_equal(r.answered, 1);
	}
}

static void garbage_is_counted(void **state)
{
	static const uint8_t garbage[64] = { 2, 0, 0, 255 };
	struct rig r;

	(void)state;
	rig_init(&r, 1, 1);
	rig_start(&r);
	for (size_t len = 0; len <= sizeof(garbage); len++)
		radius_client_input(&r.c, 0, rbuf_of(garbage, len), r.now);
	assert_int_equal(r.c.stats.malformed, sizeof(garbage) + 1);
	assert_int_equal(r.answered, 0);
	rig_exit(&r);
}

static void late_and_twice(void **state)
{
	uint8_t asked[RADIUS_PACKET_MAX];
	struct rig r;

	(void)state;
	rig_init(&r, 2, 1);
	rig_start(&r);
	memcpy(asked, r.last, r.last_len);
	rig_pass(&r, 3 * TIMEOUT);
	assert_int_equal(r.last_server, 1);
	/* The first one is too late, and no other server may answer for it. */
	rig_reply_to(&r, 0, &accept_it, asked);
	assert_int_equal(r.answered, 0);
	assert_int_equal(r.c.stats.unexpected, 1);
	rig_reply(&r, &accept_it);
	assert_int_equal(r.answered, 1);
	rig_reply(&r, &accept_it);
	assert_int_equal(r.answered, 1);
	assert_int_equal(r.c.stats.unexpected, 2);
}

static void fails_over(void **state)
{
	struct rig r;

	(void)state;
	rig_init(&r, 3, 1);
	rig_start(&r);
	rig_pass(&r, 3 * TIMEOUT);
	assert_int_equal(r.sent[0], 3);
	assert_int_equal(r.sent[1], 1);
	assert_int_equal(r.deaths, 1);
	rig_reply(&r, &accept_it);
	/* The dead one is left alone ... */
	rig_start(&r);
	assert_int_equal(r.last_server, 1);
	rig_reply(&r, &accept_it);
	assert_int_equal(r.sent[0], 3);
	/* ... until its time is over. */
	rig_pass(&r, DEAD);
	rig_start(&r);
	assert_int_equal(r.last_server, 0);
	rig_reply(&r, &accept_it);
	assert_int_equal(r.recoveries, 1);
	assert_int_equal(r.answered, 3);
}

static void all_are_dead(void **state)
{
	struct rig r;

	(void)state;
	rig_init(&r, 2, 1);
	rig_start(&r);
	rig_pass(&r, 6 * TIMEOUT);
	assert_int_equal(r.unanswered, 1);
	assert_int_equal(r.deaths, 2);
	/* They are asked all the same: one may be back. */
	rig_start(&r);
	assert_int_equal(r.last_server, 0);
	rig_pass(&r, 3 * TIMEOUT);
	assert_int_equal(r.last_server, 1);
	rig_reply(&r, &accept_it);
	assert_int_equal(r.answered, 1);
	assert_int_equal(r.recoveries, 1);
	assert_int_equal(r.deaths, 2);
}

/* A server that ignores one request but answers others is alive. */
static void ignores_one(void **state)
{
	struct rig r;

	(void)state;
	rig_init(&r, 2, 1);
	rig_start(&r);
	rig_pass(&r, TIMEOUT / 2);
	rig_start(&r);
	rig_reply(&r, &accept_it);
	rig_pass(&r, 3 * TIMEOUT);
	assert_int_equal(r.deaths, 0);
	assert_int_equal(r.last_server, 1);
	rig_reply(&r, &accept_it);
	assert_int_equal(r.answered, 2);
}

static void rounds(void **state)
{
	struct rig r;

	(void)state;
	rig_init(&r, 2, 3);
	r.kind = RADIUS_ACCOUNTING_REQUEST;
	rig_start(&r);
	rig_pass(&r, 6 * TIMEOUT);
	assert_int_equal(r.sent[0] + r.sent[1], 6);
	assert_int_equal(r.unanswered, 0);
	rig_pass(&r, ROUND - 1);
	assert_int_equal(r.sent[0] + r.sent[1], 6);
	rig_pass(&r, 1);
	assert_int_equal(r.sent[0] + r.sent[1], 7);
	rig_pass(&r, 6 * TIMEOUT + ROUND);
	assert_int_equal(r.sent[0] + r.sent[1], 13);
	rig_reply(&r, &(struct reply){ .code = RADIUS_ACCOUNTING_RESPONSE });
	assert_int_equal(r.answered, 1);
	rig_start(&r);
	rig_pass(&r, 18 * TIMEOUT + 2 * ROUND);
	assert_int_equal(r.unanswered, 1);
	assert_int_equal(r.timer, 0);
}

/* More requests than a server has identifiers: the rest waits its turn. */
static void identifiers_run_out(void **state)
{
	static struct rig r;
	bool used[RADIUS_IDS] = { false };

	(void)state;
	rig_init(&r, 1, 1);
	for (unsigned int i = 0; i < RADIUS_IDS; i++) {
		rig_start(&r);
		assert_false(used[r.last[1]]);
		used[r.last[1]] = true;
	}
	rig_start(&r);
	assert_int_equal(r.sent[0], RADIUS_IDS);
	rig_reply(&r, &accept_it);
	assert_int_equal(r.answered, 1);
	rig_pass(&r, TIMEOUT);
	/* Everybody again, and the one that waited. */
	assert_int_equal(r.c.stats.sent, RADIUS_IDS + 1);
	rig_pass(&r, 3 * TIMEOUT);
	assert_int_equal(r.c.n_requests, 0);
	assert_int_equal(r.unanswered, RADIUS_IDS);
}

static void there_is_a_limit(void **state)
{
	static struct rig r;
	struct radius_request req = { .server = 0 };

	(void)state;
	rig_init(&r, 1, 1);
	for (unsigned int i = 0; i < RADIUS_REQUESTS_MAX; i++)
		rig_start(&r);
	assert_false(radius_client_start(&r.c, &req, r.now));
	rig_exit(&r);
	assert_int_equal(r.c.n_requests, 0);
}

/* It ends, but not before radius_client_start() has returned. */
static void cannot_be_built(void **state)
{
	struct rig r;

	(void)state;
	rig_init(&r, 2, 5);
	r.fail_build = true;
	rig_start(&r);
	assert_int_equal(r.unanswered, 0);
	rig_pass(&r, 1);
	assert_int_equal(r.unanswered, 1);
	assert_int_equal(r.sent[0] + r.sent[1], 0);
	assert_int_equal(r.deaths, 0);
	assert_int_equal(r.timer, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answered_at_once),
		cmocka_unit_test(repeated_unchanged),
		cmocka_unit_test(answers_that_do_not_count),
		cmocka_unit_test(garbage_is_counted),
		cmocka_unit_test(late_and_twice),
		cmocka_unit_test(fails_over),
		cmocka_unit_test(all_are_dead),
		cmocka_unit_test(ignores_one),
		cmocka_unit_test(rounds),
		cmocka_unit_test(identifiers_run_out),
		cmocka_unit_test(there_is_a_limit),
		cmocka_unit_test(cannot_be_built),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
