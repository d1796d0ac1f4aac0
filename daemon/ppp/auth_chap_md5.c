// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * CHAP with MD5, RFC 1994. It proves the peer to the server, but not the server
 * to the peer, and gives no key: the crypto binding is made with the all-zero
 * HLAK and protects nothing. Off unless configured.
 */
#include "ppp/auth.h"

#include <string.h>

#include "ppp/mschap_pkt.h"
#include "ppp/ppp_pkt.h"

enum chap_code {
	CHAP_CHALLENGE	= 1,
	CHAP_RESPONSE	= 2,
	CHAP_SUCCESS	= 3,
	CHAP_FAILURE	= 4,
};

/* What we draw as a server; clients take any length. */
#define MD5_CHALLENGE_LEN	16

static const uint8_t no_hlak[BINDING_HLAK_LEN];

/* ---- server ---------------------------------------------------------- */

static void md5_send_challenge(struct auth *a)
{
	struct wbuf w = wbuf_of(a->out, sizeof(a->out));
	struct chap_md5 *md5 = &a->req.md5;
	size_t start;

	md5->len = MD5_CHALLENGE_LEN;
	if (!auth_new_challenge(a, md5->challenge, md5->len))
		return;
	md5->id = ++a->id;
	start = ppp_pkt_begin(&w, CHAP_CHALLENGE, a->id);
	buf_put_u8(&w, md5->len);
	buf_put(&w, md5->challenge, md5->len);
	buf_put_str(&w, a->cfg.name);
	ppp_pkt_end(&w, start);
	a->out_len = w.len;
	auth_send_repeated(a);
}

static void md5_answer(struct auth *a, enum chap_code code, const char *message)
{
	struct wbuf w = wbuf_of(a->last, sizeof(a->last));
	size_t start = ppp_pkt_begin(&w, code, a->id);

	buf_put_str(&w, message);
	ppp_pkt_end(&w, start);
	a->last_len = w.len;
	auth_send_answer(a, a->id);
}

/* RFC 1994 has no second try. */
static void md5_refuse(struct auth *a, const struct auth_result *res)
{
	unsigned int error = res->error ? res->error : AUTH_ERR_CREDENTIALS;

	a->failures++;
	md5_answer(a, CHAP_FAILURE, res->message);
	auth_fail(a, REASON_AUTH_FAILED, mschap_error_text(error));
}

static void md5_recv_response(struct auth *a, uint8_t id, struct rbuf data)
{
	if (a->last_len && id == a->last_id) {
		auth_send_answer(a, id);
		return;
	}
	if (a->state != AUTH_SENT || id != a->id)
		return;
	if (buf_get_u8(&data) != CHAP_MD5_LEN ||
	    !buf_copy(&data, a->req.md5.digest, CHAP_MD5_LEN))
		return;
	if (auth_get_name(data, a->req.name))
		auth_ask(a);
	else
		md5_refuse(a, &mschap_bad_name);
}

static void md5_server_result(struct auth *a, const struct auth_result *res)
{
	if (!res->ok) {
		md5_refuse(a, res);
		return;
	}
	md5_answer(a, CHAP_SUCCESS, res->message);
	auth_succeed(a, no_hlak);
}

/* ---- client ---------------------------------------------------------- */

static void md5_recv_challenge(struct auth *a, uint8_t id, struct rbuf data)
{
	struct chap_md5 *md5 = &a->req.md5;
	struct rbuf value = buf_split(&data, buf_get_u8(&data));

	if (data.bad || !value.len || a->state != AUTH_WAIT_PEER)
		return;
	if (a->last_len && id == a->last_id && value.len == md5->len &&
	    !memcmp(value.p, md5->challenge, md5->len)) {
		auth_send_answer(a, id);
		return;
	}
	a->id = id;
	a->last_len = 0;
	md5->id = id;
	md5->len = value.len;
	buf_copy(&value, md5->challenge, value.len);
	auth_ask(a);
}

static void md5_client_result(struct auth *a, const struct auth_result *res)
{
	struct wbuf w = wbuf_of(a->last, sizeof(a->last));
	size_t start;

	if (!res->ok) {
		auth_fail(a, REASON_AUTH_FAILED, "no password for this user");
		return;
	}
	start = ppp_pkt_begin(&w, CHAP_RESPONSE, a->id);
	buf_put_u8(&w, CHAP_MD5_LEN);
	buf_put(&w, res->digest, CHAP_MD5_LEN);
	buf_put_str(&w, a->cfg.name);
	ppp_pkt_end(&w, start);
	a->last_len = w.len;
	auth_wait_peer(a);
	auth_send_answer(a, a->id);
}

static void md5_recv_answer(struct auth *a, uint8_t code, uint8_t id)
{
	if (a->state != AUTH_WAIT_PEER || !a->last_len || id != a->last_id)
		return;
	if (code == CHAP_SUCCESS)
		auth_succeed(a, no_hlak);
	else
		auth_fail(a, REASON_AUTH_FAILED, "the server refused user name or password");
}

/* ---- both ------------------------------------------------------------ */

static void md5_start(struct auth *a)
{
	if (a->cfg.client)
		auth_wait_peer(a);
	else
		md5_send_challenge(a);
}

static void md5_input(struct auth *a, uint8_t code, uint8_t id, struct rbuf data)
{
	if (!a->cfg.client && code == CHAP_RESPONSE)
		md5_recv_response(a, id, data);
	else if (a->cfg.client && code == CHAP_CHALLENGE)
		md5_recv_challenge(a, id, data);
	else if (a->cfg.client && (code == CHAP_SUCCESS || code == CHAP_FAILURE))
		md5_recv_answer(a, code, id);
}

static void md5_result(struct auth *a, const struct auth_result *res)
{
	if (a->cfg.client)
		md5_client_result(a, res);
	else
		md5_server_result(a, res);
}

const struct auth_method auth_chap_md5 = {
	.ids = AUTH_CHAP_MD5,
	.proto = PPP_PROTO_CHAP,
	.algorithm = 0x05,
	.start = md5_start,
	.input = md5_input,
	.result = md5_result,
};
