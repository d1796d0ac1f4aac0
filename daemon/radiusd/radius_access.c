// SPDX-License-Identifier: GPL-2.0-or-later
/* Logins: Access-Request, and what comes back. */
#include "radiusd/radius_session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#include "auth/mschap.h"
#include "lib/log.h"

/* Longest EAP packet to be sent to a peer: they all have an MRU of that. */
#define RADIUS_EAP_MTU		1400

/* ---- request ----------------------------------------------------------------- */

/* What a value of Microsoft has room for behind code, identifier, sequence number. */
#define RADIUS_ENC_PW_PIECE	243

/* The encrypted password, in pieces: RFC 2548 2.1.6 */
static void radius_put_enc_pw(struct wbuf *w, struct rbuf password)
{
	uint8_t value[4 + RADIUS_ENC_PW_PIECE];
	struct wbuf v;
	size_t len;

	for (uint16_t sequence = 1; password.len; sequence++) {
		len = password.len < RADIUS_ENC_PW_PIECE ? password.len :
							   RADIUS_ENC_PW_PIECE;
		v = wbuf_of(value, sizeof(value));
		buf_put_u8(&v, RADIUS_MS_CHAP_NT_ENC_PW);
		buf_put_u8(&v, 0);
		buf_put_u16(&v, sequence);
		buf_put(&v, buf_get(&password, len), len);
		radius_put_ms(w, RADIUS_MS_CHAP_NT_ENC_PW, value, v.len);
	}
}

/* Code, ident, encrypted hash, peer challenge, reserved, response, flags: RFC 2548 2.3.3 */
static void radius_put_change(struct wbuf *w, const struct auth_request *req)
{
	uint8_t value[2 + MSCHAP_NT_HASH_LEN + MSCHAP_CHALLENGE_LEN + 8 +
		      MSCHAP_NT_RESPONSE_LEN + 2];
	struct wbuf v = wbuf_of(value, sizeof(value));

	buf_put_u8(&v, 7);
	buf_put_u8(&v, 0);
	buf_put(&v, req->packet + MSCHAP_NEW_PASSWORD_LEN, MSCHAP_NT_HASH_LEN);
	buf_put(&v, req->peer_challenge, MSCHAP_CHALLENGE_LEN);
	buf_put_zero(&v, 8);
	buf_put(&v, req->nt_response, MSCHAP_NT_RESPONSE_LEN);
	buf_put_u16(&v, 0);
	radius_put_ms(w, RADIUS_MS_CHAP_CHALLENGE, req->auth_challenge,
		      MSCHAP_CHALLENGE_LEN);
	radius_put_ms(w, RADIUS_MS_CHAP2_CPW, value, v.len);
	radius_put_enc_pw(w, rbuf_of(req->packet, MSCHAP_NEW_PASSWORD_LEN));
}

/* Ident, flags, peer challenge, reserved, response: RFC 2548 2.3.2 */
static void radius_put_mschapv2(struct wbuf *w, const struct auth_request *req)
{
	uint8_t value[2 + MSCHAP_CHALLENGE_LEN + 8 + MSCHAP_NT_RESPONSE_LEN];
	struct wbuf v = wbuf_of(value, sizeof(value));

	buf_put_zero(&v, 2);
	buf_put(&v, req->peer_challenge, MSCHAP_CHALLENGE_LEN);
	buf_put_zero(&v, 8);
	buf_put(&v, req->nt_response, MSCHAP_NT_RESPONSE_LEN);
	radius_put_ms(w, RADIUS_MS_CHAP_CHALLENGE, req->auth_challenge,
		      MSCHAP_CHALLENGE_LEN);
	radius_put_ms(w, RADIUS_MS_CHAP2_RESPONSE, value, v.len);
	OPENSSL_cleanse(value, sizeof(value));
}

static void radius_put_chap(struct wbuf *w, const struct chap_md5 *md5)
{
	uint8_t value[1 + CHAP_MD5_LEN];
	struct wbuf v = wbuf_of(value, sizeof(value));

	buf_put_u8(&v, md5->id);
	buf_put(&v, md5->digest, CHAP_MD5_LEN);
	radius_put(w, RADIUS_CHAP_PASSWORD, value, v.len);
	radius_put(w, RADIUS_CHAP_CHALLENGE, md5->challenge, md5->len);
}

/* RFC 3579 3.1; RFC 2869 5.13: in pieces. Framed-MTU bounds what comes back. */
static void radius_put_eap(struct wbuf *w, const struct auth_request *req)
{
	struct rbuf packet = rbuf_of(req->packet, req->packet_len);
	size_t len;

	while (packet.len) {
		len = packet.len < RADIUS_VALUE_MAX ? packet.len : RADIUS_VALUE_MAX;
		radius_put(w, RADIUS_EAP_MESSAGE, buf_get(&packet, len), len);
	}
	radius_put_u32(w, RADIUS_FRAMED_MTU, RADIUS_EAP_MTU);
}

static bool radius_put_method(struct wbuf *w, const struct auth_request *req,
			      const char *secret)
{
	switch (req->method) {
	case AUTH_PAP:
		radius_put_password(w, req->password, secret);
		return true;
	case AUTH_CHAP_MD5:
		radius_put_chap(w, &req->md5);
		return true;
	case AUTH_MSCHAPV2:
	case AUTH_EAP_MSCHAPV2:
		if (req->change)
			radius_put_change(w, req);
		else
			radius_put_mschapv2(w, req);
		return true;
	case AUTH_EAP_RADIUS:
		radius_put_eap(w, req);
		return true;
	case AUTH_EAP_TLS:
	case AUTH_PEAP:
		break;
	}
	return false;
}

bool radius_put_access(struct wbuf *w, const struct radius_nas *nas,
		       const struct msg_auth_ask *ask, uint8_t id,
		       const uint8_t authenticator[static RADIUS_AUTHENTICATOR_LEN],
		       struct rbuf state, const char *secret)
{
	radius_begin(w, RADIUS_ACCESS_REQUEST, id, authenticator);
	/* First: what stands before it can be forged (CVE-2024-3596). */
	radius_put_mac(w);
	radius_put_str(w, RADIUS_USER_NAME, ask->req.name);
	if (!radius_put_method(w, &ask->req, secret))
		return false;
	if (state.len)
		radius_put(w, RADIUS_STATE, state.p, state.len);
	radius_put_session(w, nas, ask->id, &ask->remote);
	return radius_sign_access(w, secret);
}

/* ---- Access-Reject ------------------------------------------------------------- */

/* "E=691 R=1 C=... V=3 M=text": RFC 2759 section 6, behind an identifier. */
static void radius_mschap_error(struct rbuf value, struct auth_result *res)
{
	char text[RADIUS_VALUE_MAX + 1];
	const char *p;

	buf_get_u8(&value);
	radius_text(value, text, sizeof(text));
	p = strstr(text, "E=");
	if (p)
		res->error = (uint16_t)strtoul(p + 2, NULL, 10);
	p = strstr(text, "R=");
	res->retry = p && p[2] == '1';
	p = strstr(text, "M=");
	if (p)
		snprintf(res->message, sizeof(res->message), "%s", p + 2);
}

static void radius_reject(const struct radius_pkt *answer,
			  struct auth_result *res)
{
	struct radius_iter it = { .attrs = answer->attrs };
	struct radius_attr attr;

	res->error = AUTH_ERR_CREDENTIALS;
	res->retry = true;
	while (radius_next(&it, &attr)) {
		if (attr.vendor == RADIUS_MICROSOFT &&
		    attr.type == RADIUS_MS_CHAP_ERROR)
			radius_mschap_error(attr.value, res);
		else if (!attr.vendor && attr.type == RADIUS_REPLY_MESSAGE &&
			 !*res->message)
			radius_text(attr.value, res->message,
				    sizeof(res->message));
	}
}

/* ---- Access-Accept: proof and key --------------------------------------------------- */

struct radius_keys {
	bool success;
	size_t send_len;
	size_t recv_len;
	uint8_t send[RADIUS_KEY_MAX];
	uint8_t recv[RADIUS_KEY_MAX];
};

/* "S=..." behind an identifier; a message may follow. */
static bool radius_mschap_success(struct rbuf value, struct auth_result *res)
{
	const uint8_t *text;

	buf_get_u8(&value);
	text = buf_get(&value, MSCHAP_AUTH_RESPONSE_LEN);
	if (!text || memcmp(text, "S=", 2))
		return false;
	radius_text(rbuf_of(text, MSCHAP_AUTH_RESPONSE_LEN), res->auth_response,
		    sizeof(res->auth_response));
	return true;
}

/* Our sending is the peer's receiving, and the HLAK takes the peer's view. */
static const char *radius_login_mschapv2(const struct radius_keys *keys,
					 struct auth_result *res)
{
	if (!keys->success)
		return "no MS-CHAP2-Success in it";
	if (keys->send_len != MSCHAP_KEY_LEN || keys->recv_len != MSCHAP_KEY_LEN)
		return "no 128-bit MS-MPPE-Send-Key and MS-MPPE-Recv-Key in it, which the crypto binding needs (FreeRADIUS: use_mppe in mods-available/mschap)";
	memcpy(res->hlak, keys->recv, MSCHAP_KEY_LEN);
	memcpy(res->hlak + MSCHAP_KEY_LEN, keys->send, MSCHAP_KEY_LEN);
	return NULL;
}

/*
 * The MSK begins with what is our receiving: 32 bytes, or as many of both keys
 * as EAP-MSCHAPv2 has.
 */
static const char *radius_login_eap(const struct radius_keys *keys,
				    struct auth_result *res)
{
	uint8_t msk[2 * RADIUS_KEY_MAX] = { 0 };

	if (!keys->recv_len)
		return "no MS-MPPE-Recv-Key in it, which the crypto binding needs: the EAP method has no key, or the server keeps it";
	memcpy(msk, keys->recv, keys->recv_len);
	memcpy(msk + keys->recv_len, keys->send, keys->send_len);
	memcpy(res->hlak, msk, sizeof(res->hlak));
	OPENSSL_cleanse(msk, sizeof(msk));
	return NULL;
}

/* ---- Access-Challenge ------------------------------------------------------------------ */

static void radius_challenge(const struct radius_pkt *answer,
			     struct msg_auth_verdict *v)
{
	struct wbuf w = wbuf_of(v->res.packet, sizeof(v->res.packet));
	struct radius_iter it = { .attrs = answer->attrs };
	struct radius_attr attr;

	while (radius_next(&it, &attr))
		if (!attr.vendor && attr.type == RADIUS_EAP_MESSAGE)
			buf_put(&w, attr.value.p, attr.value.len);
	if (w.bad || !w.len) {
		v->res.error = AUTH_ERR_NO_DIALIN;
		log_err("user %s: Access-Challenge with an EAP packet of %s", v->user,
			w.bad ? "more than 1500 bytes (FreeRADIUS: fragment_size in mods-available/eap)" :
				"no bytes");
		return;
	}
	v->res.more = true;
	v->res.packet_len = (uint16_t)w.len;
}

/* ---- Access-Accept ---------------------------------------------------------------------- */

/* RFC 2865 5.6: a service that we cannot give is no login. */
static const char *radius_service(const struct radius_pkt *answer)
{
	struct rbuf value;
	uint32_t service;

	if (radius_find(answer, RADIUS_SERVICE_TYPE, &value) &&
	    (!radius_u32(value, &service) || service != RADIUS_SERVICE_FRAMED))
		return "its Service-Type is not Framed";
	return NULL;
}

static void radius_key(const struct radius_attr *attr,
		       const uint8_t *authenticator, const char *secret,
		       struct radius_keys *keys, struct auth_result *res)
{
	if (attr->vendor != RADIUS_MICROSOFT)
		return;
	if (attr->type == RADIUS_MS_CHAP2_SUCCESS)
		keys->success = radius_mschap_success(attr->value, res);
	else if (attr->type == RADIUS_MS_MPPE_SEND_KEY)
		keys->send_len = radius_mppe_key(attr->value, authenticator,
						 secret, keys->send);
	else if (attr->type == RADIUS_MS_MPPE_RECV_KEY)
		keys->recv_len = radius_mppe_key(attr->value, authenticator,
						 secret, keys->recv);
}

static void radius_account(const struct msg_auth_ask *ask,
			   const struct radius_pkt *answer, struct msg_auth_verdict *v)
{
	struct rbuf value;

	/* RFC 2865 5.1: the name for the accounting records. */
	if (radius_find(answer, RADIUS_USER_NAME, &value) && value.len)
		radius_text(value, v->user, sizeof(v->user));
	else
		/* The identity outside of an EAP tunnel is whatever the peer likes. */
		v->claimed = ask->req.method == AUTH_EAP_RADIUS;
}

static void radius_accept(const struct msg_auth_ask *ask,
			  const struct radius_pkt *answer,
			  const uint8_t *authenticator, const char *secret,
			  struct msg_auth_verdict *v)
{
	struct radius_iter it = { .attrs = answer->attrs };
	struct radius_keys keys = { .success = false };
	const char *lacks = radius_service(answer);
	struct radius_attr attr;

	radius_account(ask, answer, v);
	while (radius_next(&it, &attr)) {
		radius_key(&attr, authenticator, secret, &keys, &v->res);
		radius_grant(v, &attr);
	}
	if (!lacks && ask->req.method & (AUTH_MSCHAPV2 | AUTH_EAP_MSCHAPV2))
		lacks = radius_login_mschapv2(&keys, &v->res);
	if (!lacks && ask->req.method == AUTH_EAP_RADIUS)
		lacks = radius_login_eap(&keys, &v->res);
	OPENSSL_cleanse(&keys, sizeof(keys));
	v->res.ok = !lacks;
	if (!lacks)
		return;
	OPENSSL_cleanse(&v->res, sizeof(v->res));
	v->res.error = AUTH_ERR_NO_DIALIN;
	log_err("user %s: Access-Accept is of no use: %s", v->user, lacks);
}

void radius_verdict(const struct msg_auth_ask *ask,
		    const struct radius_pkt *answer,
		    const uint8_t authenticator[static RADIUS_AUTHENTICATOR_LEN],
		    const char *secret, struct msg_auth_verdict *v)
{
	memcpy(v->user, ask->req.name, sizeof(v->user));
	switch (answer->code) {
	case RADIUS_ACCESS_ACCEPT:
		radius_accept(ask, answer, authenticator, secret, v);
		break;
	case RADIUS_ACCESS_REJECT:
		radius_reject(answer, &v->res);
		break;
	default:
		if (ask->req.method == AUTH_EAP_RADIUS) {
			radius_challenge(answer, v);
			break;
		}
		v->res.error = AUTH_ERR_NO_DIALIN;
		log_err("user %s: the RADIUS server wants an answer to a challenge, which this method has none for",
			v->user);
	}
}
