/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Drives one authentication method by steps: packets of the peer, timeouts, and
 * the verdict of the password holder. A server must not succeed without it.
 */
#ifndef SSTPD_FUZZ_AUTH_H
#define SSTPD_FUZZ_AUTH_H

#include "fuzz.h"
#include "ppp/auth.h"

enum { AUTH_STEP_PACKET, AUTH_STEP_VERDICT, AUTH_STEP_TIMEOUT, AUTH_STEPS };

#define FUZZ_AUTH_RESPONSE	"S=407A5589115FD0D6209F510FE9C04566932CDA56"

static struct {
	struct auth auth;
	bool vouched;
	unsigned int ends;
} fuzz_auth;

static inline void fuzz_auth_send(void *ctx, uint16_t proto, const uint8_t *pkt,
				  size_t len)
{
	(void)ctx;
	FUZZ_CHECK(proto == fuzz_auth.auth.m->proto && len >= 4);
	FUZZ_CHECK((size_t)(pkt[2] << 8 | pkt[3]) == len);
	fuzz_read(pkt, len);
}

static inline void fuzz_auth_timer(void *ctx, unsigned int ms)
{
	(void)ctx;
	(void)ms;
}

static inline void fuzz_auth_request(void *ctx, const struct auth_request *req)
{
	(void)ctx;
	FUZZ_CHECK(strnlen(req->name, sizeof(req->name)) < sizeof(req->name));
	FUZZ_CHECK(strnlen(req->password, sizeof(req->password)) <
		   sizeof(req->password));
}

static inline void fuzz_auth_success(void *ctx)
{
	(void)ctx;
	FUZZ_CHECK(fuzz_auth.vouched && !fuzz_auth.ends++);
}

static inline void fuzz_auth_failure(void *ctx, enum reason reason, const char *text)
{
	(void)ctx;
	(void)reason;
	FUZZ_CHECK(!fuzz_auth.ends++ && text);
}

static const struct auth_ops fuzz_auth_ops = {
	.send = fuzz_auth_send,
	.timer = fuzz_auth_timer,
	.random = fuzz_random,
	.challenge = fuzz_random,
	.request = fuzz_auth_request,
	.success = fuzz_auth_success,
	.failure = fuzz_auth_failure,
};

/*
 * First byte of @step: odd = yes, 2 = go on, with the packet that is the rest; else
 * what is wrong.
 */
static inline void fuzz_auth_verdict(const struct fuzz_step *step)
{
	struct rbuf in = rbuf_of(step->data, step->len);
	uint8_t verdict = buf_get_u8(&in);
	struct auth_result res = { .ok = verdict & 1, .more = (verdict & 3) == 2 };

	if (res.more) {
		res.packet_len = (uint16_t)(in.len < AUTH_PACKET_MAX ? in.len : AUTH_PACKET_MAX);
		buf_copy(&in, res.packet, res.packet_len);
		auth_result(&fuzz_auth.auth, fuzz_auth.auth.serial, &res);
		return;
	}
	res.retry = buf_get_u8(&in) & 1;
	res.error = buf_get_u16(&in);
	strcpy(res.message, "no");
	strcpy(res.password, "clientPass");
	strcpy(res.auth_response, FUZZ_AUTH_RESPONSE);
	fuzz_auth.vouched |= res.ok;
	auth_result(&fuzz_auth.auth, fuzz_auth.auth.serial, &res);
}

/* First byte of the input: odd = client. */
static inline void fuzz_auth_run(const struct auth_method *m, struct rbuf in)
{
	struct auth_cfg cfg = {
		.methods = AUTH_METHODS(AUTH_EAP_TLS, AUTH_PEAP, AUTH_EAP_MSCHAPV2, AUTH_EAP_RADIUS),
		.max_failures = 3,
		.wait_ms = 1000,
	};
	struct fuzz_step step;

	cfg.client = buf_get_u8(&in) & 1;
	strcpy(cfg.name, "User");
	fuzz_auth.vouched = false;
	fuzz_auth.ends = 0;
	auth_init(&fuzz_auth.auth, &cfg, &fuzz_auth_ops, NULL);
	auth_start(&fuzz_auth.auth, m);
	while (fuzz_step(&in, &step)) {
		switch (step.what % AUTH_STEPS) {
		case AUTH_STEP_PACKET:
			auth_input(&fuzz_auth.auth, rbuf_of(step.data, step.len));
			break;
		case AUTH_STEP_VERDICT:
			fuzz_auth_verdict(&step);
			break;
		case AUTH_STEP_TIMEOUT:
			auth_timeout(&fuzz_auth.auth);
			break;
		}
		fuzz_step_end(&step);
	}
	auth_clear(&fuzz_auth.auth);
}

#endif /* SSTPD_FUZZ_AUTH_H */
