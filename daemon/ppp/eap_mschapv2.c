// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * MS-CHAPv2 as EAP type 26: the packets of mschap_pkt.h, but that Success and
 * Failure are Requests, which the peer confirms with their OpCode alone.
 *
 * The MSK begins with the keys that plain MS-CHAPv2 gives (MS-CHAP 3.1.5.1), so
 * the HLAK is the same. Some peers have been reported to bind with the zero key
 * instead; cfg.eap_no_key is for those.
 */
#include "ppp/mschap_pkt.h"

#include <stdio.h>
#include <string.h>

#include <openssl/crypto.h>

#include "ppp/ppp_pkt.h"

/* auth.eap.step */
enum eap_mschapv2_step {
	STEP_START,
	STEP_CHALLENGE,		/* server: sent; client: answered */
	STEP_SUCCESS,		/* server: sent */
	STEP_RETRY,		/* server: Failure sent, the peer may go on */
	STEP_REFUSED,		/* server: Failure sent, and that is all */
};

static void type26_keep_key(struct auth *a, const struct auth_result *res)
{
	if (a->cfg.eap_no_key)
		memset(a->hlak, 0, sizeof(a->hlak));
	else
		memcpy(a->hlak, res->hlak, sizeof(a->hlak));
}

/* ---- server ---------------------------------------------------------- */

static void type26_start(struct auth *a)
{
	struct wbuf w;

	if (!auth_new_challenge(a, a->req.auth_challenge, MSCHAP_CHALLENGE_LEN))
		return;
	a->eap.step = STEP_CHALLENGE;
	eap_request_begin(a, &w, EAP_TYPE_MSCHAPV2);
	a->eap.ms_id = a->id;
	mschap_put_challenge(&w, a->eap.ms_id, a);
	eap_request_end(a, &w);
}

static void type26_refuse(struct auth *a, const struct auth_result *res)
{
	unsigned int error = res->error ? res->error : AUTH_ERR_CREDENTIALS;
	struct wbuf w;
	bool retry;

	a->failures++;
	retry = res->retry && a->failures < a->cfg.max_failures;
	a->may_change = error == AUTH_ERR_PASSWORD_EXPIRED && !a->req.change;
	if (!auth_new_challenge(a, a->req.auth_challenge, MSCHAP_CHALLENGE_LEN))
		return;
	snprintf(a->eap.why, sizeof(a->eap.why), "%s (error %u)",
		 mschap_error_text(error), error);
	a->eap.step = retry || a->may_change ? STEP_RETRY : STEP_REFUSED;
	eap_request_begin(a, &w, EAP_TYPE_MSCHAPV2);
	mschap_put_failure(&w, a->eap.ms_id, a, res, retry);
	eap_request_end(a, &w);
}

static void type26_accept(struct auth *a, const struct auth_result *res)
{
	struct wbuf w;

	type26_keep_key(a, res);
	a->eap.step = STEP_SUCCESS;
	eap_request_begin(a, &w, EAP_TYPE_MSCHAPV2);
	mschap_put_success(&w, a->eap.ms_id, res);
	eap_request_end(a, &w);
}

/* Peers find their own Response again by the MS-CHAPv2-ID of our answer. */
static void type26_recv_response(struct auth *a, uint8_t ms_id, struct rbuf data)
{
	struct rbuf name;

	if (!mschap_get_response(data, a, &name))
		return;
	a->eap.ms_id = ms_id;
	if (auth_get_name(name, a->req.name))
		auth_ask(a);
	else
		type26_refuse(a, &mschap_bad_name);
}

static void type26_recv_change(struct auth *a, uint8_t ms_id, struct rbuf data)
{
	if (!mschap_get_change(data, a))
		return;
	a->eap.ms_id = ms_id;
	if (a->may_change)
		auth_ask(a);
	else
		type26_refuse(a, &mschap_no_change);
}

static void type26_server_input(struct auth *a, struct rbuf data)
{
	bool wants_response = a->eap.step == STEP_CHALLENGE || a->eap.step == STEP_RETRY;
	struct rbuf peek = data;
	uint8_t opcode = buf_get_u8(&peek);
	struct ppp_pkt pkt;

	/* What confirms is an OpCode alone, or a whole packet of some peers. */
	if (opcode == MSCHAP_SUCCESS && a->eap.step == STEP_SUCCESS)
		eap_accept(a);
	else if (opcode == MSCHAP_FAILURE && a->eap.step == STEP_SUCCESS)
		eap_refuse(a, "the peer does not believe that we know its password");
	else if (opcode == MSCHAP_FAILURE &&
		 (a->eap.step == STEP_RETRY || a->eap.step == STEP_REFUSED))
		eap_refuse(a, a->eap.why);
	else if (!wants_response || !ppp_pkt_parse(&pkt, data))
		return;
	else if (opcode == MSCHAP_RESPONSE)
		type26_recv_response(a, pkt.id, pkt.data);
	else if (opcode == MSCHAP_CHANGE_PASSWORD)
		type26_recv_change(a, pkt.id, pkt.data);
}

/* ---- client ---------------------------------------------------------- */

static void type26_recv_challenge(struct auth *a, struct rbuf data)
{
	if (!mschap_get_challenge(data, a->req.auth_challenge))
		return;
	a->eap.step = STEP_START;
	a->req.change = false;
	if (auth_new_challenge(a, a->req.peer_challenge, MSCHAP_CHALLENGE_LEN))
		auth_ask(a);
}

static void type26_send_response(struct auth *a, const struct auth_result *res)
{
	struct wbuf w;

	if (!res->ok) {
		auth_fail(a, REASON_AUTH_FAILED, mschap_no_password(a));
		return;
	}
	memcpy(a->expect, res->auth_response, sizeof(a->expect));
	type26_keep_key(a, res);
	a->eap.step = STEP_CHALLENGE;
	eap_response_begin(a, &w, EAP_TYPE_MSCHAPV2);
	if (a->req.change)
		mschap_put_change(&w, a->eap.ms_id, a, res);
	else
		mschap_put_response(&w, a->eap.ms_id, a, res);
	eap_response_end(a, &w);
}

static void type26_confirm(struct auth *a, enum mschap_code opcode)
{
	struct wbuf w;

	eap_response_begin(a, &w, EAP_TYPE_MSCHAPV2);
	buf_put_u8(&w, opcode);
	eap_response_end(a, &w);
}

static void type26_recv_success(struct auth *a, struct rbuf data)
{
	if (!mschap_get_proof(data, a)) {
		auth_fail(a, REASON_AUTH_SERVER, "the server does not know the password");
		return;
	}
	a->eap.proven = true;
	type26_confirm(a, MSCHAP_SUCCESS);
}

static void type26_recv_failure(struct auth *a, uint8_t ms_id, struct rbuf data)
{
	if (!a->req.change && mschap_get_expired(data, a)) {
		a->eap.ms_id = (uint8_t)(ms_id + 1);
		a->req.change = true;
		if (auth_new_challenge(a, a->req.peer_challenge, MSCHAP_CHALLENGE_LEN))
			auth_ask(a);
		return;
	}
	mschap_get_failure(data, a->eap.why, sizeof(a->eap.why));
	type26_confirm(a, MSCHAP_FAILURE);
}

static void type26_client_input(struct auth *a, struct rbuf data)
{
	struct ppp_pkt pkt;

	if (a->eap.proven || !ppp_pkt_parse(&pkt, data))
		return;
	if (pkt.code == MSCHAP_CHALLENGE) {
		a->eap.ms_id = pkt.id;
		type26_recv_challenge(a, pkt.data);
	} else if (a->eap.step == STEP_CHALLENGE && pkt.code == MSCHAP_SUCCESS) {
		type26_recv_success(a, pkt.data);
	} else if (a->eap.step == STEP_CHALLENGE && pkt.code == MSCHAP_FAILURE) {
		type26_recv_failure(a, pkt.id, pkt.data);
	}
}

/* ---- both ------------------------------------------------------------ */

static void type26_input(struct auth *a, struct rbuf data)
{
	if (a->cfg.client)
		type26_client_input(a, data);
	else
		type26_server_input(a, data);
}

static void type26_result(struct auth *a, const struct auth_result *res)
{
	if (a->cfg.client)
		type26_send_response(a, res);
	else if (res->ok)
		type26_accept(a, res);
	else
		type26_refuse(a, res);
}

const struct eap_type eap_mschapv2 = {
	.type = EAP_TYPE_MSCHAPV2,
	.id = AUTH_EAP_MSCHAPV2,
	.start = type26_start,
	.input = type26_input,
	.result = type26_result,
};
