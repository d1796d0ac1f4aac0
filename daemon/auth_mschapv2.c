// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * MS-CHAPv2, RFC 2759, the packets of it. The arithmetic is mschap.c and runs
 * where the passwords are.
 *
 * A repeated Response gets the same answer again without a second decision;
 * the client likewise repeats its Response to a repeated Challenge. The client
 * has one password, so it does not make use of R=1.
 */
#include "auth.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#include "ppp_pkt.h"

enum chap_code {
	CHAP_CHALLENGE	= 1,
	CHAP_RESPONSE	= 2,
	CHAP_SUCCESS	= 3,
	CHAP_FAILURE	= 4,
};

/* Peer challenge, 8 reserved, NT-Response, flags. */
#define CHAP_RESPONSE_VALUE_LEN	(MSCHAP_CHALLENGE_LEN + 8 + MSCHAP_NT_RESPONSE_LEN + 1)

/* ---- server ---------------------------------------------------------- */

/* A challenge is used once. False, and the end, without randomness. */
static bool chap_new_challenge(struct auth *a)
{
	a->id++;
	if (!a->ops->random(a->ctx, a->req.auth_challenge, MSCHAP_CHALLENGE_LEN))
		return true;
	auth_fail(a, REASON_INTERNAL, "no random challenge");
	return false;
}

static void chap_send_challenge(struct auth *a)
{
	struct wbuf w = wbuf_of(a->out, sizeof(a->out));
	size_t start;

	if (!chap_new_challenge(a))
		return;
	start = ppp_pkt_begin(&w, CHAP_CHALLENGE, a->id);
	buf_put_u8(&w, MSCHAP_CHALLENGE_LEN);
	buf_put(&w, a->req.auth_challenge, MSCHAP_CHALLENGE_LEN);
	buf_put_str(&w, a->cfg.name);
	ppp_pkt_end(&w, start);
	a->out_len = w.len;
	auth_send_repeated(a);
}

/* Sends Success or Failure with @text as the answer to @id. */
static void chap_answer(struct auth *a, enum chap_code code, uint8_t id,
			const char *text)
{
	struct wbuf w = wbuf_of(a->last, sizeof(a->last));
	size_t start = ppp_pkt_begin(&w, code, id);

	buf_put_str(&w, text);
	ppp_pkt_end(&w, start);
	a->last_len = w.len;
	auth_send_answer(a, id);
}

static void chap_refuse(struct auth *a, const struct auth_result *res)
{
	unsigned int error = res->error ? res->error : AUTH_ERR_CREDENTIALS;
	char hex[2 * MSCHAP_CHALLENGE_LEN + 1];
	char text[80 + AUTH_MESSAGE_MAX];
	uint8_t id = a->id;
	bool retry;
	int i;

	a->failures++;
	retry = res->retry && a->failures < a->cfg.max_failures;
	if (!chap_new_challenge(a))
		return;
	for (i = 0; i < MSCHAP_CHALLENGE_LEN; i++)
		snprintf(hex + 2 * i, 3, "%02X", a->req.auth_challenge[i]);
	snprintf(text, sizeof(text), "E=%u R=%d C=%s V=3 M=%s", error, retry, hex,
		 res->message);
	chap_answer(a, CHAP_FAILURE, id, text);
	snprintf(text, sizeof(text), "wrong user name or password (error %u)", error);
	if (retry)
		auth_wait_peer(a);
	else
		auth_fail(a, REASON_AUTH_FAILED, text);
}

static void chap_accept(struct auth *a, const struct auth_result *res)
{
	char text[MSCHAP_AUTH_RESPONSE_LEN + 4 + AUTH_MESSAGE_MAX];

	snprintf(text, sizeof(text), "%s%s%s", res->auth_response,
		 res->message[0] ? " M=" : "", res->message);
	chap_answer(a, CHAP_SUCCESS, a->id, text);
	auth_succeed(a, res->hlak);
}

static void chap_recv_response(struct auth *a, uint8_t id, struct rbuf data)
{
	static const struct auth_result bad_name = {
		.error = AUTH_ERR_CREDENTIALS,
		.retry = true,
	};
	uint8_t value_len;

	if (a->last_len && id == a->last_id && a->state != AUTH_WAIT_RESULT) {
		auth_send_answer(a, id);
		return;
	}
	if ((a->state != AUTH_SENT && a->state != AUTH_WAIT_PEER) || id != a->id)
		return;
	value_len = buf_get_u8(&data);
	buf_copy(&data, a->req.peer_challenge, MSCHAP_CHALLENGE_LEN);
	buf_get(&data, 8);
	buf_copy(&data, a->req.nt_response, MSCHAP_NT_RESPONSE_LEN);
	buf_get(&data, 1);
	if (data.bad || value_len != CHAP_RESPONSE_VALUE_LEN)
		return;
	if (auth_get_name(data, a->req.name))
		auth_ask(a);
	else
		chap_refuse(a, &bad_name);
}

/* ---- client ---------------------------------------------------------- */

static void chap_recv_challenge(struct auth *a, uint8_t id, struct rbuf data)
{
	uint8_t challenge[MSCHAP_CHALLENGE_LEN];

	if (buf_get_u8(&data) != MSCHAP_CHALLENGE_LEN ||
	    !buf_copy(&data, challenge, sizeof(challenge)))
		return;
	if (a->state != AUTH_WAIT_PEER)
		return;
	if (a->last_len && id == a->last_id &&
	    !memcmp(challenge, a->req.auth_challenge, sizeof(challenge))) {
		auth_send_answer(a, id);
		return;
	}
	a->id = id;
	a->last_len = 0;
	memcpy(a->req.auth_challenge, challenge, sizeof(challenge));
	if (a->ops->random(a->ctx, a->req.peer_challenge, MSCHAP_CHALLENGE_LEN))
		auth_fail(a, REASON_INTERNAL, "no random challenge");
	else
		auth_ask(a);
}

static void chap_send_response(struct auth *a, const struct auth_result *res)
{
	struct wbuf w = wbuf_of(a->last, sizeof(a->last));
	size_t start;

	if (!res->ok) {
		auth_fail(a, REASON_AUTH_FAILED, "no password for this user");
		return;
	}
	memcpy(a->expect, res->auth_response, sizeof(a->expect));
	memcpy(a->hlak, res->hlak, sizeof(a->hlak));
	start = ppp_pkt_begin(&w, CHAP_RESPONSE, a->id);
	buf_put_u8(&w, CHAP_RESPONSE_VALUE_LEN);
	buf_put(&w, a->req.peer_challenge, MSCHAP_CHALLENGE_LEN);
	buf_put_zero(&w, 8);
	buf_put(&w, res->nt_response, MSCHAP_NT_RESPONSE_LEN);
	buf_put_u8(&w, 0);
	buf_put_str(&w, a->cfg.name);
	ppp_pkt_end(&w, start);
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
	uint8_t hlak[BINDING_HLAK_LEN];
	const uint8_t *proof;

	if (!chap_awaits_answer(a, id))
		return;
	/* A message may follow; the proof is what counts. */
	proof = buf_get(&data, MSCHAP_AUTH_RESPONSE_LEN);
	if (!proof || CRYPTO_memcmp(proof, a->expect, MSCHAP_AUTH_RESPONSE_LEN)) {
		auth_fail(a, REASON_AUTH_SERVER, "the server does not know the password");
		return;
	}
	memcpy(hlak, a->hlak, sizeof(hlak));
	auth_succeed(a, hlak);
	OPENSSL_cleanse(hlak, sizeof(hlak));
}

static const char *chap_error_text(unsigned int error)
{
	switch (error) {
	case AUTH_ERR_RESTRICTED_HOURS:
		return "not allowed to log on at this time";
	case AUTH_ERR_DISABLED:
		return "the account is disabled";
	case AUTH_ERR_PASSWORD_EXPIRED:
		return "the password has expired";
	case AUTH_ERR_NO_DIALIN:
		return "the account has no dial-in permission";
	case AUTH_ERR_CREDENTIALS:
		return "wrong user name or password";
	default:
		return "the server refused";
	}
}

static void chap_recv_failure(struct auth *a, uint8_t id, struct rbuf data)
{
	char text[8 + AUTH_MESSAGE_MAX] = "";
	char reason[64 + 32];
	size_t len = data.len < sizeof(text) - 1 ? data.len : sizeof(text) - 1;
	unsigned int error = 0;

	if (!chap_awaits_answer(a, id))
		return;
	buf_copy(&data, text, len);
	if (!strncmp(text, "E=", 2))
		error = strtoul(text + 2, NULL, 10) & 0xffff;
	snprintf(reason, sizeof(reason), "%s (error %u)", chap_error_text(error), error);
	auth_fail(a, REASON_AUTH_FAILED, reason);
}

/* ---- both ------------------------------------------------------------ */

static void chap_start(struct auth *a)
{
	if (a->cfg.client)
		auth_wait_peer(a);
	else
		chap_send_challenge(a);
}

static void chap_input(struct auth *a, uint8_t code, uint8_t id, struct rbuf data)
{
	if (!a->cfg.client) {
		if (code == CHAP_RESPONSE)
			chap_recv_response(a, id, data);
		return;
	}
	switch (code) {
	case CHAP_CHALLENGE:
		chap_recv_challenge(a, id, data);
		break;
	case CHAP_SUCCESS:
		chap_recv_success(a, id, data);
		break;
	case CHAP_FAILURE:
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
	.name = "MS-CHAPv2",
	.id = AUTH_MSCHAPV2,
	.proto = PPP_PROTO_CHAP,
	.algorithm = 0x81,
	.start = chap_start,
	.input = chap_input,
	.result = chap_result,
};
