// SPDX-License-Identifier: GPL-2.0-or-later
#include "ppp/auth.h"

#include <string.h>

#include <openssl/crypto.h>

#include "ppp/ppp_pkt.h"

#define AUTH_REPEAT_MS	3000
#define AUTH_REPEAT_MAX	10

static const struct auth_method *const auth_methods[] = {
	&auth_mschapv2,
	&auth_eap,
	&auth_chap_md5,
	&auth_pap,
};

#define N_METHODS (sizeof(auth_methods) / sizeof(auth_methods[0]))

const struct auth_method *auth_find(uint16_t proto, uint8_t algorithm)
{
	size_t i;

	for (i = 0; i < N_METHODS; i++)
		if (auth_methods[i]->proto == proto &&
		    auth_methods[i]->algorithm == algorithm)
			return auth_methods[i];
	return NULL;
}

/* The vtable that serves @id. */
static const struct auth_method *auth_method_of(uint8_t id)
{
	size_t i;

	for (i = 0; i < N_METHODS; i++)
		if (auth_methods[i]->ids & id)
			return auth_methods[i];
	return NULL;
}

const struct auth_method *auth_preferred(const struct auth_methods *list, uint8_t refused)
{
	int i;

	for (i = 0; i < AUTH_METHODS_MAX && list->id[i]; i++)
		if (!(list->id[i] & refused))
			return auth_method_of(list->id[i]);
	return NULL;
}

void auth_init(struct auth *a, const struct auth_cfg *cfg,
	       const struct auth_ops *ops, void *ctx)
{
	memset(a, 0, sizeof(*a));
	a->cfg = *cfg;
	a->ops = ops;
	a->ctx = ctx;
}

void auth_start(struct auth *a, const struct auth_method *m)
{
	a->m = m;
	a->method = m->ids;
	memset(&a->eap, 0, sizeof(a->eap));
	m->start(a);
}

void auth_input(struct auth *a, struct rbuf frame)
{
	struct ppp_pkt pkt;

	if (a->m && ppp_pkt_parse(&pkt, frame))
		a->m->input(a, pkt.code, pkt.id, pkt.data);
}

static void auth_wipe_request(struct auth *a)
{
	OPENSSL_cleanse(a->req.password, sizeof(a->req.password));
	OPENSSL_cleanse(a->req.nt_response, sizeof(a->req.nt_response));
	OPENSSL_cleanse(a->req.md5.digest, sizeof(a->req.md5.digest));
	OPENSSL_cleanse(a->req.packet, sizeof(a->req.packet));
}

void auth_result(struct auth *a, uint32_t serial, const struct auth_result *res)
{
	if (a->state != AUTH_WAIT_RESULT || serial != a->serial)
		return;
	auth_wipe_request(a);
	a->m->result(a, res);
}

void auth_challenge_ready(struct auth *a)
{
	if (a->state == AUTH_WAIT_CHALLENGE)
		a->m->start(a);
}

void auth_timeout(struct auth *a)
{
	switch (a->state) {
	case AUTH_WAIT_CHALLENGE:
		auth_fail(a, REASON_AUTH_TIMEOUT, "no challenge in time");
		break;
	case AUTH_SENT:
		if (a->sends < AUTH_REPEAT_MAX)
			auth_send_repeated(a);
		else
			auth_fail(a, REASON_AUTH_TIMEOUT,
				  "the peer does not answer during authentication");
		break;
	case AUTH_WAIT_PEER:
		auth_fail(a, REASON_AUTH_TIMEOUT, "the peer does not authenticate");
		break;
	case AUTH_WAIT_RESULT:
		auth_fail(a, REASON_AUTH_TIMEOUT, "no decision about the password in time");
		break;
	default:
		break;
	}
}

void auth_clear(struct auth *a)
{
	if (a->state == AUTH_INITIAL)
		return;
	a->ops->timer(a->ctx, 0);
	a->state = AUTH_INITIAL;
	a->m = NULL;
	auth_wipe_request(a);
	OPENSSL_cleanse(a->hlak, sizeof(a->hlak));
	OPENSSL_cleanse(a->expect, sizeof(a->expect));
	OPENSSL_cleanse(a->out, sizeof(a->out));
	OPENSSL_cleanse(a->last, sizeof(a->last));
}

/* ---- for the methods -------------------------------------------------- */

void auth_send_repeated(struct auth *a)
{
	if (a->state != AUTH_SENT)
		a->sends = 0;
	a->state = AUTH_SENT;
	a->sends++;
	a->ops->timer(a->ctx, AUTH_REPEAT_MS);
	a->ops->send(a->ctx, a->m->proto, a->out, a->out_len);
}

void auth_send_answer(struct auth *a, uint8_t id)
{
	a->last_id = id;
	a->ops->send(a->ctx, a->m->proto, a->last, a->last_len);
}

void auth_wait_peer(struct auth *a)
{
	a->state = AUTH_WAIT_PEER;
	a->ops->timer(a->ctx, a->cfg.wait_ms);
}

void auth_ask(struct auth *a)
{
	a->state = AUTH_WAIT_RESULT;
	a->req.serial = ++a->serial;
	a->req.method = a->method;
	a->req.client = a->cfg.client;
	if (a->cfg.client)
		memcpy(a->req.name, a->cfg.name, sizeof(a->req.name));
	a->ops->timer(a->ctx, a->cfg.wait_ms);
	a->ops->request(a->ctx, &a->req);
}

bool auth_new_challenge(struct auth *a, uint8_t challenge[], size_t len)
{
	int rc = (a->cfg.client ? a->ops->random : a->ops->challenge)(a->ctx, challenge,
								      len);

	if (!rc)
		return true;
	if (rc > 0) {
		a->state = AUTH_WAIT_CHALLENGE;
		a->ops->timer(a->ctx, a->cfg.wait_ms);
		return false;
	}
	auth_fail(a, REASON_INTERNAL, "no random challenge");
	return false;
}

void auth_succeed(struct auth *a, const uint8_t hlak[static BINDING_HLAK_LEN])
{
	a->state = AUTH_SUCCEEDED;
	memmove(a->hlak, hlak, sizeof(a->hlak));
	a->ops->timer(a->ctx, 0);
	a->ops->success(a->ctx);
}

void auth_fail(struct auth *a, enum reason reason, const char *text)
{
	a->state = AUTH_FAILED;
	a->ops->timer(a->ctx, 0);
	a->ops->failure(a->ctx, reason, text);
}

bool auth_get_name(struct rbuf in, char name[static AUTH_NAME_MAX + 1])
{
	size_t len = in.len;

	if (!len || len > AUTH_NAME_MAX || memchr(in.p, '\0', len))
		return false;
	buf_copy(&in, name, len);
	name[len] = '\0';
	return true;
}
