/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An authentication's surroundings: what it sends, asks for and reports, on top
 * of link_rig.h. The password holder knows the exchange of RFC 2759 9.2.
 */
#ifndef SSTPD_TESTS_AUTH_RIG_H
#define SSTPD_TESTS_AUTH_RIG_H

#include "rig/link_rig.h"
#include "rig/vectors.h"

#include "ppp/auth.h"

static struct auth auth;

/* What the methods asked for, on top of what link_rig.h records. */
static struct {
	struct link_rig link;
	bool no_challenge;
	unsigned int requests;
	struct auth_request req;
	unsigned int successes;
	unsigned int failures;
	enum reason reason;
	char text[160];
} rig;

static inline void on_timer(void *ctx, unsigned int ms)
{
	(void)ctx;
	rig.link.timer_ms = ms;
}

static inline void on_send(void *ctx, uint16_t proto, const uint8_t *pkt, size_t len)
{
	(void)ctx;
	assert_int_equal(proto, auth.m->proto);
	link_send(&rig.link, proto, pkt, len);
}

/* The challenges of RFC 2759 9.2, in the order they are drawn. */
static inline int on_random(void *ctx, uint8_t *p, size_t len)
{
	static const char *const challenge[] = {
		"5b5d7c7d7b3f2f3e3c2c602132262628", "21402324255e262a28295f2b3a337c7e",
	};
	uint8_t *bytes;

	(void)ctx;
	assert_int_equal(len, MSCHAP_CHALLENGE_LEN);
	bytes = unhex(challenge[auth.cfg.client], &len);
	memcpy(p, bytes, len);
	/* A second challenge is another one. */
	p[15] += rig.link.random++;
	free(bytes);
	return rig.link.random_fails ? -1 : 0;
}

/* The password holder's, who may take his time. */
static inline int on_challenge(void *ctx, uint8_t *p, size_t len)
{
	return rig.no_challenge ? 1 : on_random(ctx, p, len);
}

static inline void on_request(void *ctx, const struct auth_request *req)
{
	(void)ctx;
	rig.requests++;
	rig.req = *req;
}

static inline void on_success(void *ctx)
{
	(void)ctx;
	rig.successes++;
}

static inline void on_failure(void *ctx, enum reason reason, const char *text)
{
	(void)ctx;
	rig.failures++;
	rig.reason = reason;
	snprintf(rig.text, sizeof(rig.text), "%s", text);
}

static const struct auth_ops ops = {
	.send = on_send,
	.timer = on_timer,
	.random = on_random,
	.challenge = on_challenge,
	.request = on_request,
	.success = on_success,
	.failure = on_failure,
};

static inline void begin(bool client, const char *name, uint8_t id)
{
	struct auth_cfg cfg = { .client = client, .max_failures = 3, .wait_ms = 30000 };

	memset(&rig, 0, sizeof(rig));
	snprintf(cfg.name, sizeof(cfg.name), "%s", name);
	auth_init(&auth, &cfg, &ops, NULL);
	auth.id = id;
}

static inline void input(const char *hex)
{
	size_t len;
	uint8_t *pkt = unhex(hex, &len);

	auth_input(&auth, rbuf_of(pkt, len));
	free(pkt);
}

static inline struct auth_result good(void)
{
	struct auth_result res = { .ok = true };

	strcpy(res.auth_response, "S=407A5589115FD0D6209F510FE9C04566932CDA56");
	memset(res.hlak, 0x77, sizeof(res.hlak));
	hex_decode("82309ecd8d708b5ea08faa3981cd83544233114a3d85d6df",
		   res.nt_response, sizeof(res.nt_response));
	return res;
}

static inline void answer(const struct auth_result *res)
{
	auth_result(&auth, rig.req.serial, res);
}

#endif /* SSTPD_TESTS_AUTH_RIG_H */
