// SPDX-License-Identifier: GPL-2.0-or-later
#include "ppp/auth.h"

#include <stdio.h>
#include <string.h>

#include "ppp/ppp_pkt.h"

static const struct eap_type *const eap_types[] = {
	&eap_mschapv2,
	&eap_relay_tls,
	&eap_relay_peap,
	&eap_relay_radius,
};

#define N_TYPES (sizeof(eap_types) / sizeof(eap_types[0]))

/* ---- for the types --------------------------------------------------------- */

void eap_request_begin(struct auth *a, struct wbuf *w, uint8_t type)
{
	*w = wbuf_of(a->out, sizeof(a->out));
	ppp_pkt_begin(w, EAP_REQUEST, ++a->id);
	buf_put_u8(w, type);
}

void eap_request_end(struct auth *a, struct wbuf *w)
{
	ppp_pkt_end(w, 0);
	a->out_len = w->len;
	a->sends = 0;
	auth_send_repeated(a);
}

void eap_response_begin(struct auth *a, struct wbuf *w, uint8_t type)
{
	*w = wbuf_of(a->last, sizeof(a->last));
	ppp_pkt_begin(w, EAP_RESPONSE, a->id);
	buf_put_u8(w, type);
}

void eap_response_end(struct auth *a, struct wbuf *w)
{
	ppp_pkt_end(w, 0);
	a->last_len = w->len;
	auth_wait_peer(a);
	auth_send_answer(a, a->id);
}

/* Success and Failure have the identifier of the Response they answer. */
static void eap_send_end(struct auth *a, enum eap_code code)
{
	struct wbuf w = wbuf_of(a->out, sizeof(a->out));

	ppp_pkt_end(&w, ppp_pkt_begin(&w, code, a->id));
	a->ops->send(a->ctx, a->m->proto, a->out, w.len);
}

void eap_accept(struct auth *a)
{
	eap_send_end(a, EAP_SUCCESS);
	auth_succeed(a, a->hlak);
}

static void eap_end(struct auth *a, enum reason reason, const char *text)
{
	eap_send_end(a, EAP_FAILURE);
	auth_fail(a, reason, text);
}

void eap_refuse(struct auth *a, const char *text)
{
	eap_end(a, REASON_AUTH_FAILED, text);
}

/* ---- types ----------------------------------------------------------------- */

/* The type of method @id, NULL if that is no EAP method. */
static const struct eap_type *eap_type_of(uint8_t id)
{
	size_t i;

	for (i = 0; i < N_TYPES; i++)
		if (eap_types[i]->id == id)
			return eap_types[i];
	return NULL;
}

/* A type of any number takes all wishes but "nothing else", which is 0. */
static bool eap_is_wished(const struct eap_type *type, const struct rbuf *wishes)
{
	if (!wishes)
		return true;
	if (!type->type)
		return wishes->len && wishes->p[0];
	return memchr(wishes->p, type->type, wishes->len);
}

/* The first type allowed and not refused; if @wishes is not NULL, one of those. */
static const struct eap_type *eap_choose(const struct auth *a, const struct rbuf *wishes)
{
	const struct eap_type *type;
	int i;

	for (i = 0; i < AUTH_METHODS_MAX && a->cfg.methods.id[i]; i++) {
		type = eap_type_of(a->cfg.methods.id[i]);
		if (!type || type->id & a->eap.refused)
			continue;
		if (eap_is_wished(type, wishes))
			return type;
	}
	return NULL;
}

static void eap_begin_type(struct auth *a, const struct eap_type *type)
{
	a->eap.type = type;
	a->eap.step = 0;
	a->eap.nak_allowed = true;
	a->method = type->id;
	type->start(a);
}

void eap_next_type(struct auth *a)
{
	const struct eap_type *type;

	a->eap.refused |= a->eap.type->id;
	type = eap_choose(a, NULL);
	if (type)
		eap_begin_type(a, type);
	else
		eap_end(a, REASON_AUTH_METHOD, "no EAP type is for this user");
}

/* ---- server ---------------------------------------------------------------- */

static void eap_ask_identity(struct auth *a)
{
	struct wbuf w;

	a->method = 0;
	eap_request_begin(a, &w, EAP_TYPE_IDENTITY);
	eap_request_end(a, &w);
}

/* Only a hint; the type says who it is. */
static void eap_recv_identity(struct auth *a, struct rbuf data)
{
	const struct eap_type *type = eap_choose(a, NULL);

	if (a->eap.type || !type)
		return;
	if (auth_get_name(data, a->req.name))
		eap_begin_type(a, type);
	else
		eap_refuse(a, "no user name, or one that is none");
}

static void eap_recv_nak(struct auth *a, struct rbuf wishes)
{
	const struct eap_type *type;
	char text[80];

	if (!a->eap.type || !a->eap.nak_allowed || !wishes.len)
		return;
	a->eap.refused |= a->eap.type->id;
	type = eap_choose(a, &wishes);
	if (type) {
		eap_begin_type(a, type);
		return;
	}
	snprintf(text, sizeof(text), "the peer accepts no EAP type of ours, it asks for type %u",
		 buf_get_u8(&wishes));
	eap_end(a, REASON_AUTH_METHOD, text);
}

static void eap_recv_response(struct auth *a, uint8_t id, struct rbuf data)
{
	uint8_t type = buf_get_u8(&data);

	if (a->state != AUTH_SENT || id != a->id || data.bad)
		return;
	a->eap.number = type;
	if (a->eap.type && !a->eap.type->type) {
		a->eap.type->input(a, data);
	} else if (type == EAP_TYPE_IDENTITY) {
		eap_recv_identity(a, data);
	} else if (type == EAP_TYPE_NAK) {
		eap_recv_nak(a, data);
	} else if (a->eap.type && type == a->eap.type->type) {
		a->eap.nak_allowed = false;
		a->eap.type->input(a, data);
	}
}

/* ---- client ---------------------------------------------------------------- */

static void eap_tell_identity(struct auth *a)
{
	struct wbuf w;

	eap_response_begin(a, &w, EAP_TYPE_IDENTITY);
	buf_put_str(&w, *a->cfg.identity ? a->cfg.identity : a->cfg.name);
	eap_response_end(a, &w);
}

static void eap_confirm_notification(struct auth *a)
{
	struct wbuf w;

	eap_response_begin(a, &w, EAP_TYPE_NOTIFICATION);
	eap_response_end(a, &w);
}

/* Names all the types we would take. */
static void eap_send_nak(struct auth *a)
{
	const struct eap_type *type;
	struct wbuf w;
	int i;

	eap_response_begin(a, &w, EAP_TYPE_NAK);
	for (i = 0; i < AUTH_METHODS_MAX && a->cfg.methods.id[i]; i++) {
		type = eap_type_of(a->cfg.methods.id[i]);
		if (type)
			buf_put_u8(&w, type->type);
	}
	eap_response_end(a, &w);
}

static void eap_recv_typed(struct auth *a, uint8_t number, struct rbuf data)
{
	struct rbuf one = rbuf_of(&number, 1);

	if (!a->eap.type) {
		a->eap.type = eap_choose(a, &one);
		if (!a->eap.type) {
			eap_send_nak(a);
			return;
		}
		a->method = a->eap.type->id;
	}
	if (a->eap.type->type == number)
		a->eap.type->input(a, data);
}

static void eap_recv_request(struct auth *a, uint8_t id, struct rbuf data)
{
	uint8_t type = buf_get_u8(&data);

	if (a->state != AUTH_WAIT_PEER || data.bad)
		return;
	if (a->last_len && id == a->last_id) {
		auth_send_answer(a, id);
		return;
	}
	a->id = id;
	a->eap.number = type;
	switch (type) {
	case EAP_TYPE_IDENTITY:
		eap_tell_identity(a);
		break;
	case EAP_TYPE_NOTIFICATION:
		eap_confirm_notification(a);
		break;
	default:
		eap_recv_typed(a, type, data);
	}
}

/*
 * The identifier is not looked at, old servers count it up: what makes a
 * Success good is the proof that the type had.
 */
static void eap_recv_success(struct auth *a)
{
	if (a->state != AUTH_WAIT_PEER)
		return;
	if (a->eap.proven)
		auth_succeed(a, a->hlak);
	else
		auth_fail(a, REASON_AUTH_SERVER,
			  a->eap.why[0] ? a->eap.why :
			  "the server did not prove that it knows the password");
}

static void eap_recv_failure(struct auth *a)
{
	if (a->state != AUTH_WAIT_PEER)
		return;
	auth_fail(a, REASON_AUTH_FAILED,
		  a->eap.why[0] ? a->eap.why : "the server refused the login");
}

/* ---- both ------------------------------------------------------------------ */

static void eap_start(struct auth *a)
{
	if (a->cfg.client)
		auth_wait_peer(a);
	else if (a->eap.type)	/* it waited for a challenge */
		a->eap.type->start(a);
	else
		eap_ask_identity(a);
}

static void eap_input(struct auth *a, uint8_t code, uint8_t id, struct rbuf data)
{
	if (!a->cfg.client) {
		if (code == EAP_RESPONSE)
			eap_recv_response(a, id, data);
		return;
	}
	switch (code) {
	case EAP_REQUEST:
		eap_recv_request(a, id, data);
		break;
	case EAP_SUCCESS:
		eap_recv_success(a);
		break;
	case EAP_FAILURE:
		eap_recv_failure(a);
		break;
	}
}

static void eap_result(struct auth *a, const struct auth_result *res)
{
	a->eap.type->result(a, res);
}

const struct auth_method auth_eap = {
	.ids = AUTH_EAP_MSCHAPV2 | AUTH_EAP_TLS | AUTH_PEAP | AUTH_EAP_RADIUS,
	.proto = PPP_PROTO_EAP,
	.start = eap_start,
	.input = eap_input,
	.result = eap_result,
};
