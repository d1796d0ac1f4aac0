// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * MS-CHAPv2 over CHAP, RFC 2759. The arithmetic is mschap.c and runs where the
 * passwords are.
 *
 * A repeated Response gets the same answer again without a second decision;
 * the client likewise repeats its Response to a repeated Challenge. The client
 * has one password, so it does not make use of R=1. A Change-Password packet may come
 * only after error 648, which says that the password has expired.
 */
#include "ppp/mschap_pkt.h"

#include <stdio.h>
#include <string.h>

#include "ppp/ppp_pkt.h"

/* ---- server ---------------------------------------------------------- */

static void chap_send_challenge(struct auth *a)
{
	struct wbuf w = wbuf_of(a->out, sizeof(a->out));

	if (!auth_new_challenge(a, a->req.auth_challenge, MSCHAP_CHALLENGE_LEN))
		return;
	a->id++;
	mschap_put_challenge(&w, a->id, a);
	a->out_len = w.len;
	auth_send_repeated(a);
}

static void chap_refuse(struct auth *a, const struct auth_result *res)
{
	struct wbuf w = wbuf_of(a->last, sizeof(a->last));
	unsigned int error = res->error ? res->error : AUTH_ERR_CREDENTIALS;
	uint8_t id = a->id++;
	char text[80];
	bool retry;

	a->failures++;
	retry = res->retry && a->failures < a->cfg.max_failures;
	a->may_change = error == AUTH_ERR_PASSWORD_EXPIRED && !a->req.change;
	/* A challenge is used once. */
	if (!auth_new_challenge(a, a->req.auth_challenge, MSCHAP_CHALLENGE_LEN))
		return;
	mschap_put_failure(&w, id, a, res, retry);
	a->last_len = w.len;
	auth_send_answer(a, id);
	snprintf(text, sizeof(text), "%s (error %u)", mschap_error_text(error), error);
	if (retry || a->may_change)
		auth_wait_peer(a);
	else
		auth_fail(a, REASON_AUTH_FAILED, text);
}

static void chap_accept(struct auth *a, const struct auth_result *res)
{
	struct wbuf w = wbuf_of(a->last, sizeof(a->last));

	mschap_put_success(&w, a->id, res);
	a->last_len = w.len;
	auth_send_answer(a, a->id);
	auth_succeed(a, res->hlak);
}

/* True if @id is that of a Response we wait for; repeats what was answered. */
static bool chap_is_awaited(struct auth *a, uint8_t id)
{
	if (a->last_len && id == a->last_id && a->state != AUTH_WAIT_RESULT) {
		auth_send_answer(a, id);
		return false;
	}
	return (a->state == AUTH_SENT || a->state == AUTH_WAIT_PEER) && id == a->id;
}

static void chap_recv_response(struct auth *a, uint8_t id, struct rbuf data)
{
	struct rbuf name;

	if (!chap_is_awaited(a, id) || !mschap_get_response(data, a, &name))
		return;
	if (auth_get_name(name, a->req.name))
		auth_ask(a);
	else
		chap_refuse(a, &mschap_bad_name);
}

static void chap_recv_change(struct auth *a, uint8_t id, struct rbuf data)
{
	if (!chap_is_awaited(a, id) || !mschap_get_change(data, a))
		return;
	if (a->may_change)
		auth_ask(a);
	else
		chap_refuse(a, &mschap_no_change);
}

/* ---- client ---------------------------------------------------------- */

static void chap_recv_challenge(struct auth *a, uint8_t id, struct rbuf data)
{
	uint8_t challenge[MSCHAP_CHALLENGE_LEN];

	if (!mschap_get_challenge(data, challenge) || a->state != AUTH_WAIT_PEER)
		return;
	if (a->last_len && id == a->last_id &&
	    !memcmp(challenge, a->req.auth_challenge, sizeof(challenge))) {
		auth_send_answer(a, id);
		return;
	}
	a->id = id;
	a->last_len = 0;
	a->req.change = false;
	memcpy(a->req.auth_challenge, challenge, sizeof(challenge));
	if (auth_new_challenge(a, a->req.peer_challenge, MSCHAP_CHALLENGE_LEN))
		auth_ask(a);
}

static void chap_send_response(struct auth *a, const struct auth_result *res)
{
	struct wbuf w = wbuf_of(a->last, sizeof(a->last));

	if (!res->ok) {
		auth_fail(a, REASON_AUTH_FAILED, mschap_no_password(a));
		return;
	}
	memcpy(a->expect, res->auth_response, sizeof(a->expect));
	memcpy(a->hlak, res->hlak, sizeof(a->hlak));
	if (a->req.change)
		mschap_put_change(&w, a->id, a, res);
	else
		mschap_put_response(&w, a->id, a, res);
	a->last_len = w.len;
	auth_wait_peer(a);
	auth_send_answer(a, a->id);
}

/* The answer to our Response, not to anything else. */
static bool chap_awaits_answer(const struct auth *a, uint8_t id)
{
	return a->state == AUTH_WAIT_PEER && a->last_len && id == a->last_id;
}

static void chap_recv_success(struct auth *a, uint8_t id, struct rbuf data)
{
	if (!chap_awaits_answer(a, id))
		return;
	if (mschap_get_proof(data, a))
		auth_succeed(a, a->hlak);
	else
		auth_fail(a, REASON_AUTH_SERVER, "the server does not know the password");
}

static void chap_recv_failure(struct auth *a, uint8_t id, struct rbuf data)
{
	char text[160];

	if (!chap_awaits_answer(a, id))
		return;
	if (!a->req.change && mschap_get_expired(data, a)) {
		a->id = (uint8_t)(id + 1);
		a->req.change = true;
		if (auth_new_challenge(a, a->req.peer_challenge, MSCHAP_CHALLENGE_LEN))
			auth_ask(a);
		return;
	}
	mschap_get_failure(data, text, sizeof(text));
	auth_fail(a, REASON_AUTH_FAILED, text);
}

/* ---- both ------------------------------------------------------------ */

static void chap_start(struct auth *a)
{
	if (a->cfg.client)
		auth_wait_peer(a);
	else
		chap_send_challenge(a);
}

static void chap_server_input(struct auth *a, uint8_t code, uint8_t id, struct rbuf data)
{
	if (code == MSCHAP_RESPONSE)
		chap_recv_response(a, id, data);
	else if (code == MSCHAP_CHANGE_PASSWORD)
		chap_recv_change(a, id, data);
}

static void chap_input(struct auth *a, uint8_t code, uint8_t id, struct rbuf data)
{
	if (!a->cfg.client) {
		chap_server_input(a, code, id, data);
		return;
	}
	switch (code) {
	case MSCHAP_CHALLENGE:
		chap_recv_challenge(a, id, data);
		break;
	case MSCHAP_SUCCESS:
		chap_recv_success(a, id, data);
		break;
	case MSCHAP_FAILURE:
		chap_recv_failure(a, id, data);
		break;
	}
}

static void chap_result(struct auth *a, const struct auth_result *res)
{
	if (a->cfg.client)
		chap_send_response(a, res);
	else if (res->ok)
		chap_accept(a, res);
	else
		chap_refuse(a, res);
}

const struct auth_method auth_mschapv2 = {
	.ids = AUTH_MSCHAPV2,
	.proto = PPP_PROTO_CHAP,
	.algorithm = 0x81,
	.start = chap_start,
	.input = chap_input,
	.result = chap_result,
};
