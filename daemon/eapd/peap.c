// SPDX-License-Identifier: GPL-2.0-or-later
#include "eapd/peap.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include "ppp/eap.h"
#include "ppp/mschap_pkt.h"
#include "ppp/ppp_pkt.h"

#define EAP_TYPE_EXTENSIONS	33
#define EAP_TYPE_EXPANDED	254

#define RESPONSE_VALUE_LEN	49

enum peap_step {
	STEP_START,
	STEP_ASKED,		/* a proof is being made */
	STEP_ANSWERED,		/* the server has it */
	STEP_PROVEN,		/* the server has shown that it knows the password, too */
	STEP_OVER,
};

/**
 * struct peap - one login
 * @ms_id: MS-CHAPv2-ID of the exchange going on
 * @proof: of it, for what the server has to say, and for the keys
 * @refused: why, in the server's words; it is about to end
 */
struct peap {
	struct eap_tls *tls;
	char user[AUTH_NAME_MAX + 1];
	bool need_binding;
	enum peap_step step;
	uint8_t ms_id;
	uint8_t auth_challenge[MSCHAP_CHALLENGE_LEN];
	uint8_t peer_challenge[MSCHAP_CHALLENGE_LEN];
	struct peap_proof proof;
	uint8_t hlak[BINDING_HLAK_LEN];
	char refused[100];
};

/* ---- packets -------------------------------------------------------------------- */

/**
 * struct peap_pkt - a Request from inside
 * @whole: it has the header of EAP, whose identifier is @id
 * @data: what follows the type
 */
struct peap_pkt {
	bool whole;
	uint8_t id;
	uint8_t type;
	struct rbuf data;
};

/*
 * Code, identifier and length are left out, but in packets of the types 33 and 254, and
 * some servers do not leave them out of the request for the identity.
 */
static bool peap_has_header(struct rbuf in)
{
	struct ppp_pkt pkt;
	uint8_t type;

	if (in.len < 5 || !ppp_pkt_parse(&pkt, in) || pkt.code != EAP_REQUEST ||
	    pkt.data.len + 4 != in.len)
		return false;
	type = buf_get_u8(&pkt.data);
	return type == EAP_TYPE_EXTENSIONS || type == EAP_TYPE_EXPANDED ||
	       (type == EAP_TYPE_IDENTITY && in.len == 5);
}

static bool peap_parse(struct peap_pkt *pkt, struct rbuf in)
{
	pkt->whole = peap_has_header(in);
	pkt->id = 0;
	if (pkt->whole) {
		buf_get_u8(&in);
		pkt->id = buf_get_u8(&in);
		buf_get_u16(&in);
	}
	pkt->type = buf_get_u8(&in);
	pkt->data = in;
	return !in.bad;
}

static enum eap_tls_state peap_identity(struct peap *p, struct wbuf *out)
{
	buf_put_u8(out, EAP_TYPE_IDENTITY);
	buf_put_str(out, p->user);
	return EAP_TLS_GOES_ON;
}

/*
 * MS-CHAPv2 is all we do inside. A Nak has no header, whatever it is to: Windows asks for
 * capabilities (type 254) with one, and goes on with the login after this.
 */
static enum eap_tls_state peap_nak(struct wbuf *out)
{
	buf_put_u8(out, EAP_TYPE_NAK);
	buf_put_u8(out, EAP_TYPE_MSCHAPV2);
	return EAP_TLS_GOES_ON;
}

/* ---- MS-CHAPv2 ------------------------------------------------------------------ */

static enum eap_tls_state peap_challenge(struct peap *p, const struct ppp_pkt *pkt)
{
	if (p->step != STEP_START || !mschap_get_challenge(pkt->data, p->auth_challenge) ||
	    RAND_bytes(p->peer_challenge, sizeof(p->peer_challenge)) != 1) {
		eap_tls_set_why(p->tls, "a Challenge that is none, or one too many");
		return EAP_TLS_FAILED;
	}
	p->ms_id = pkt->id;
	p->step = STEP_ASKED;
	return EAP_TLS_WAITS;
}

static enum eap_tls_state peap_confirm(enum mschap_code code, struct wbuf *out)
{
	buf_put_u8(out, EAP_TYPE_MSCHAPV2);
	buf_put_u8(out, code);
	return EAP_TLS_GOES_ON;
}

static enum eap_tls_state peap_success(struct peap *p, struct rbuf data, struct wbuf *out)
{
	const uint8_t *proof = buf_get(&data, MSCHAP_AUTH_RESPONSE_LEN);

	if (!proof || CRYPTO_memcmp(proof, p->proof.auth_response, MSCHAP_AUTH_RESPONSE_LEN)) {
		eap_tls_set_why(p->tls, "the server does not know the password");
		return EAP_TLS_FAILED;
	}
	p->step = STEP_PROVEN;
	return peap_confirm(MSCHAP_SUCCESS, out);
}

static enum eap_tls_state peap_mschap(struct peap *p, struct rbuf data, struct wbuf *out)
{
	struct ppp_pkt pkt;

	if (!ppp_pkt_parse(&pkt, data)) {
		eap_tls_set_why(p->tls, "no packet of MS-CHAPv2");
		return EAP_TLS_FAILED;
	}
	if (pkt.code == MSCHAP_CHALLENGE)
		return peap_challenge(p, &pkt);
	if (pkt.code == MSCHAP_SUCCESS && p->step == STEP_ANSWERED)
		return peap_success(p, pkt.data, out);
	if (pkt.code == MSCHAP_FAILURE && p->step == STEP_ANSWERED) {
		mschap_get_failure(pkt.data, p->refused, sizeof(p->refused));
		return peap_confirm(MSCHAP_FAILURE, out);
	}
	eap_tls_set_why(p->tls, "MS-CHAPv2 in disorder");
	return EAP_TLS_FAILED;
}

void peap_challenges(const struct peap *p, uint8_t auth[static MSCHAP_CHALLENGE_LEN],
		     uint8_t peer[static MSCHAP_CHALLENGE_LEN])
{
	memcpy(auth, p->auth_challenge, MSCHAP_CHALLENGE_LEN);
	memcpy(peer, p->peer_challenge, MSCHAP_CHALLENGE_LEN);
}

static void peap_put_response(const struct peap *p, struct wbuf *out)
{
	size_t start;

	buf_put_u8(out, EAP_TYPE_MSCHAPV2);
	start = ppp_pkt_begin(out, MSCHAP_RESPONSE, p->ms_id);
	buf_put_u8(out, RESPONSE_VALUE_LEN);
	buf_put(out, p->peer_challenge, MSCHAP_CHALLENGE_LEN);
	buf_put_zero(out, 8);
	buf_put(out, p->proof.nt_response, MSCHAP_NT_RESPONSE_LEN);
	buf_put_u8(out, 0);
	buf_put_str(out, p->user);
	ppp_pkt_end(out, start);
}

enum eap_tls_state peap_proof(struct peap *p, const struct peap_proof *proof,
			      struct wbuf *out)
{
	uint8_t inside[AUTH_NAME_MAX + 100];
	struct wbuf w = wbuf_of(inside, sizeof(inside));

	if (p->step != STEP_ASKED || !proof->ok) {
		eap_tls_set_why(p->tls, "no password for it");
		return EAP_TLS_FAILED;
	}
	p->proof = *proof;
	p->step = STEP_ANSWERED;
	peap_put_response(p, &w);
	return eap_tls_say(p->tls, rbuf_of(inside, w.len), out);
}

/* ---- the end --------------------------------------------------------------------- */

/* struct peap_result - @status: 0 = there is none; @binding: the whole TLV, NULL = none */
struct peap_result {
	uint16_t status;
	const uint8_t *binding;
};

/* One TLV. False: it is not what it should be, or nobody knows it, and must. */
static bool peap_get_tlv(struct rbuf *in, struct peap_result *r)
{
	const uint8_t *tlv = in->p;
	uint16_t type = buf_get_u16(in);
	struct rbuf value = buf_split(in, buf_get_u16(in));

	if (in->bad)
		return false;
	switch (type & PEAP_TLV_TYPE) {
	case PEAP_TLV_RESULT:
		if (r->status || value.len != 2)
			return false;
		r->status = buf_get_u16(&value);
		return r->status;
	case PEAP_TLV_BINDING:
		if (r->binding || value.len + 4 != PEAP_BINDING_TLV_LEN)
			return false;
		r->binding = tlv;
		return true;
	}
	return !(type & PEAP_TLV_MANDATORY);
}

static bool peap_get_result(struct rbuf in, struct peap_result *r)
{
	memset(r, 0, sizeof(*r));
	while (in.len)
		if (!peap_get_tlv(&in, r))
			return false;
	return r->status;
}

/* Is the Crypto-Binding @tlv made of what both layers give? Then so are all keys. */
static bool peap_is_bound(struct peap *p, const uint8_t *tlv, enum eap_tls_export export,
			  struct peap_keys *keys)
{
	uint8_t tk[EAP_TLS_KEYS_LEN];
	bool ok = eap_tls_keys(p->tls, export, tk) &&
		  peap_keys_derive(keys, tk, p->proof.hlak) &&
		  peap_binding_ok(keys, PEAP_BINDING_REQUEST, tlv) &&
		  peap_keys_hlak(keys, p->hlak);

	OPENSSL_cleanse(tk, sizeof(tk));
	return ok;
}

static const char *peap_make_keys(struct peap *p, const struct peap_result *r,
				  struct peap_keys *keys)
{
	if (!r->binding && p->need_binding)
		return "the server sends no Crypto-Binding, and \"peap-crypto-binding\" is yes";
	if (!r->binding)
		return eap_tls_hlak(p->tls, p->hlak) ? NULL : "no keys";
	/* Either is a secret of both ends of this TLS, and of nobody in between. */
	if (peap_is_bound(p, r->binding, EAP_TLS_EXPORT_BOTH, keys) ||
	    peap_is_bound(p, r->binding, EAP_TLS_EXPORT_MSK, keys))
		return NULL;
	return "the server's Crypto-Binding is forged: somebody is in between";
}

static const char *peap_judge(struct peap *p, const struct peap_result *r,
			      struct peap_keys *keys)
{
	if (r->status == PEAP_RESULT_FAILURE && *p->refused)
		return p->refused;
	/* FreeRADIUS does not say why, as it comes. */
	if (r->status == PEAP_RESULT_FAILURE)
		return p->step == STEP_ANSWERED ?
		       "the server refused the login: the user name or the password may be wrong" :
		       "the server refused the login";
	if (r->status != PEAP_RESULT_SUCCESS)
		return "a result that is none";
	if (p->step != STEP_PROVEN)
		return "the server did not prove that it knows the password";
	return peap_make_keys(p, r, keys);
}

static enum eap_tls_state peap_end(struct peap *p, const struct peap_pkt *pkt, struct wbuf *out)
{
	struct peap_keys keys;
	struct peap_result r;
	const char *wrong;
	size_t start;

	wrong = pkt->whole && peap_get_result(pkt->data, &r) ? peap_judge(p, &r, &keys) :
							       "a result that is none";
	start = ppp_pkt_begin(out, EAP_RESPONSE, pkt->id);
	buf_put_u8(out, EAP_TYPE_EXTENSIONS);
	buf_put_u16(out, PEAP_TLV_RESULT | PEAP_TLV_MANDATORY);
	buf_put_u16(out, 2);
	buf_put_u16(out, wrong ? PEAP_RESULT_FAILURE : PEAP_RESULT_SUCCESS);
	if (!wrong && r.binding &&
	    !peap_binding_put(out, &keys, PEAP_BINDING_RESPONSE, r.binding + 8))
		wrong = "no keys";
	ppp_pkt_end(out, start);
	OPENSSL_cleanse(&keys, sizeof(keys));
	p->step = STEP_OVER;
	if (wrong)
		eap_tls_set_why(p->tls, wrong);
	return wrong ? EAP_TLS_FAILED : EAP_TLS_DONE;
}

/* ---- machine ---------------------------------------------------------------------- */

enum eap_tls_state peap_input(void *ctx, struct rbuf in, struct wbuf *out)
{
	struct peap *p = ctx;
	struct peap_pkt pkt;

	if (p->step == STEP_OVER || p->step == STEP_ASKED || !peap_parse(&pkt, in)) {
		eap_tls_set_why(p->tls, "a packet where none is due");
		return EAP_TLS_FAILED;
	}
	switch (pkt.type) {
	case EAP_TYPE_IDENTITY:
		return peap_identity(p, out);
	case EAP_TYPE_NOTIFICATION:
		buf_put_u8(out, EAP_TYPE_NOTIFICATION);
		return EAP_TLS_GOES_ON;
	case EAP_TYPE_MSCHAPV2:
		return peap_mschap(p, pkt.data, out);
	case EAP_TYPE_EXTENSIONS:
		return peap_end(p, &pkt, out);
	}
	return peap_nak(out);
}

struct peap *peap_new(struct eap_tls *tls, const char *user, bool need_binding)
{
	struct peap *p = OPENSSL_zalloc(sizeof(*p));

	if (!p)
		return NULL;
	p->tls = tls;
	snprintf(p->user, sizeof(p->user), "%s", user);
	p->need_binding = need_binding;
	eap_tls_carry(tls, EAP_TYPE_PEAP, peap_input, p);
	return p;
}

void peap_free(struct peap *p)
{
	if (p)
		OPENSSL_clear_free(p, sizeof(*p));
}

void peap_hlak(const struct peap *p, uint8_t hlak[static BINDING_HLAK_LEN])
{
	memcpy(hlak, p->hlak, BINDING_HLAK_LEN);
}
