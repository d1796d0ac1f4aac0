/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PEAPv0 of a client, [MS-PEAP]: what is said inside of TLS, once that is up. MS-CHAPv2
 * as EAP type 26, then the result of both sides with a Crypto-Binding. Bytes in, bytes
 * out; the transport is eap_tls.h, the password somebody else's.
 *
 *	server: Identity	client: the user's name (outside it may be another)
 *	server: 26, Challenge	client: the proof, once the password holder has made it
 *	server: 26, Success	client: confirmed, if the server knows the password too
 *	server: 33, Result and	client: the same, if the Crypto-Binding is good
 *		Crypto-Binding
 */
#ifndef SSTPD_PEAP_H
#define SSTPD_PEAP_H

#include "data/login.h"
#include "eapd/eap_tls.h"
#include "eapd/peap_binding.h"
#include "lib/buf.h"

#define PEAP_TLV_RESULT		3
#define PEAP_TLV_MANDATORY	0x8000
#define PEAP_TLV_TYPE		0x3fff

#define PEAP_RESULT_SUCCESS	1
#define PEAP_RESULT_FAILURE	2

/** struct peap_proof - what the password holder has made of both challenges */
struct peap_proof {
	bool ok;
	uint8_t nt_response[MSCHAP_NT_RESPONSE_LEN];
	char auth_response[MSCHAP_AUTH_RESPONSE_LEN + 1];
	uint8_t hlak[BINDING_HLAK_LEN];
};

struct peap;

/**
 * peap_new() - PEAP over @tls, which has not begun yet
 * @user: who we are, inside
 * @need_binding: no login without Crypto-Binding
 */
struct peap *peap_new(struct eap_tls *tls, const char *user, bool need_binding);
void peap_free(struct peap *p);

/** peap_input() - eap_tls_inside: what came out of TLS; @ctx: struct peap */
enum eap_tls_state peap_input(void *ctx, struct rbuf in, struct wbuf *out);

/** peap_challenges() - EAP_TLS_WAITS: of these two somebody has to make a proof */
void peap_challenges(const struct peap *p, uint8_t auth[static MSCHAP_CHALLENGE_LEN],
		     uint8_t peer[static MSCHAP_CHALLENGE_LEN]);
/** peap_proof() - here it is; @out: EAP packet to send */
enum eap_tls_state peap_proof(struct peap *p, const struct peap_proof *proof,
			      struct wbuf *out);

/** peap_hlak() - EAP_TLS_DONE: key for the binding of SSTP; secret */
void peap_hlak(const struct peap *p, uint8_t hlak[static BINDING_HLAK_LEN]);

#endif /* SSTPD_PEAP_H */
