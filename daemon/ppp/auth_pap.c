// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * PAP, RFC 1334 section 2. The password travels in clear inside TLS and gives
 * no key: the crypto binding is made with the all-zero HLAK and protects
 * nothing. Off unless configured.
 */
#include "ppp/auth.h"

#include <string.h>

#include <openssl/crypto.h>

#include "ppp/mschap_pkt.h"
#include "ppp/ppp_pkt.h"

enum pap_code {
	PAP_AUTH_REQ	= 1,
	PAP_AUTH_ACK	= 2,
	PAP_AUTH_NAK	= 3,
};

static const uint8_t no_hlak[BINDING_HLAK_LEN];

/* ---- server ---------------------------------------------------------- */

static void pap_answer(struct auth *a, enum pap_code code, const char *message)
{
	struct wbuf w = wbuf_of(a->last, sizeof(a->last));
	size_t start = ppp_pkt_begin(&w, code, a->id);

	buf_put_u8(&w, strlen(message));
	buf_put_str(&w, message);
	ppp_pkt_end(&w, start);
	a->last_len = w.len;
	auth_send_answer(a, a->id);
}

static void pap_refuse(struct auth *a, const struct auth_result *res)
{
	unsigned int error = res->error ? res->error : AUTH_ERR_CREDENTIALS;

	a->failures++;
	pap_answer(a, PAP_AUTH_NAK, res->message);
	if (res->retry && a->failures < a->cfg.max_failures)
		auth_wait_peer(a);
	else
		auth_fail(a, REASON_AUTH_FAILED, mschap_error_text(error));
}

static void pap_recv_request(struct auth *a, uint8_t id, struct rbuf data)
{
	struct rbuf name = buf_split(&data, buf_get_u8(&data));
	struct rbuf password = buf_split(&data, buf_get_u8(&data));

	if (data.bad)
		return;
	/* pppd repeats with a new identifier: answer the latest. */
	if (a->state == AUTH_WAIT_RESULT) {
		a->id = id;
		return;
	}
	if (a->last_len && id == a->last_id) {
		auth_send_answer(a, id);
		return;
	}
	if (a->state != AUTH_WAIT_PEER)
		return;
	a->id = id;
	if (!auth_get_name(name, a->req.name) ||
	    memchr(password.p, '\0', password.len)) {
		pap_refuse(a, &mschap_bad_name);
		return;
	}
	memset(a->req.password, 0, sizeof(a->req.password));
	buf_copy(&password, a->req.password, password.len);
	auth_ask(a);
}

static void pap_server_result(struct auth *a, const struct auth_result *res)
{
	if (!res->ok) {
		pap_refuse(a, res);
		return;
	}
	pap_answer(a, PAP_AUTH_ACK, res->message);
	auth_succeed(a, no_hlak);
}

/* ---- client ---------------------------------------------------------- */

static void pap_client_result(struct auth *a, const struct auth_result *res)
{
	struct wbuf w = wbuf_of(a->out, sizeof(a->out));
	size_t start;

	if (!res->ok) {
		auth_fail(a, REASON_AUTH_FAILED, "no password for this user");
		return;
	}
	start = ppp_pkt_begin(&w, PAP_AUTH_REQ, ++a->id);
	buf_put_u8(&w, strlen(a->cfg.name));
	buf_put_str(&w, a->cfg.name);
	buf_put_u8(&w, strlen(res->password));
	buf_put_str(&w, res->password);
	ppp_pkt_end(&w, start);
	a->out_len = w.len;
	auth_send_repeated(a);
}

static void pap_recv_answer(struct auth *a, uint8_t code, uint8_t id)
{
	/* The message is not read: MikroTik puts it behind the packet's end. */
	if (a->state != AUTH_SENT || id != a->id)
		return;
	OPENSSL_cleanse(a->out, sizeof(a->out));
	if (code == PAP_AUTH_ACK)
		auth_succeed(a, no_hlak);
	else
		auth_fail(a, REASON_AUTH_FAILED, "the server refused user name or password");
}

/* ---- both ------------------------------------------------------------ */

static void pap_start(struct auth *a)
{
	if (a->cfg.client)
		auth_ask(a);
	else
		auth_wait_peer(a);
}

static void pap_input(struct auth *a, uint8_t code, uint8_t id, struct rbuf data)
{
	if (!a->cfg.client && code == PAP_AUTH_REQ)
		pap_recv_request(a, id, data);
	else if (a->cfg.client && (code == PAP_AUTH_ACK || code == PAP_AUTH_NAK))
		pap_recv_answer(a, code, id);
}

static void pap_result(struct auth *a, const struct auth_result *res)
{
	if (a->cfg.client)
		pap_client_result(a, res);
	else
		pap_server_result(a, res);
}

const struct auth_method auth_pap = {
	.ids = AUTH_PAP,
	.proto = PPP_PROTO_PAP,
	.start = pap_start,
	.input = pap_input,
	.result = pap_result,
};
