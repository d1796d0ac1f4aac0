/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * EAP, RFC 3748, in both roles. auth_eap.c is the EAP layer: identifiers,
 * Identity, Notification, Nak and the end; a type is a vtable inside of it,
 * as EAP is one inside of auth.h.
 */
#ifndef SSTPD_EAP_H
#define SSTPD_EAP_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/buf.h"

enum eap_code {
	EAP_REQUEST	= 1,
	EAP_RESPONSE	= 2,
	EAP_SUCCESS	= 3,
	EAP_FAILURE	= 4,
};

enum eap_type_number {
	EAP_TYPE_IDENTITY	= 1,
	EAP_TYPE_NOTIFICATION	= 2,
	EAP_TYPE_NAK		= 3,
	EAP_TYPE_TLS		= 13,
	EAP_TYPE_PEAP		= 25,
	EAP_TYPE_MSCHAPV2	= 26,
};

struct auth;
struct auth_result;

struct eap_type {
	uint8_t type;			/* enum eap_type_number; 0: server, any */
	uint8_t id;			/* enum auth_method_id */
	/* Server: the first Request. */
	void (*start)(struct auth *a);
	/* @data: what follows the Type field of a Request or Response. */
	void (*input)(struct auth *a, struct rbuf data);
	void (*result)(struct auth *a, const struct auth_result *res);
};

/**
 * struct eap - the EAP part of one authentication
 * @type: going on, NULL before
 * @refused: server: enum auth_method_id bits the peer has turned down
 * @nak_allowed: server: only the first Request of a type may be answered so
 * @proven: client: the type is over and good, Success may come
 * @step: the type's own state, 0 at its start
 * @ms_id: EAP-MSCHAPv2: MS-CHAPv2-ID of the exchange going on
 * @number: type of the latest packet
 * @rounds: relayed types: questions so far
 * @why: why the login failed as far as the type knows, empty = it did not
 */
struct eap {
	const struct eap_type *type;
	uint8_t refused;
	bool nak_allowed;
	bool proven;
	uint8_t step;
	uint8_t ms_id;
	uint8_t number;
	uint8_t rounds;
	char why[160];
};

extern const struct eap_type eap_mschapv2;
extern const struct eap_type eap_relay_tls;
extern const struct eap_type eap_relay_peap;
extern const struct eap_type eap_relay_radius;

/* ---- for the types ------------------------------------------------------ */

/*
 * Server: a new Request, sent and repeated by eap_request_end(). Between the two
 * the type appends its data to @w; a->id is the identifier already.
 */
void eap_request_begin(struct auth *a, struct wbuf *w, uint8_t type);
void eap_request_end(struct auth *a, struct wbuf *w);
/* Server: the end, with a->hlak. */
void eap_accept(struct auth *a);
void eap_refuse(struct auth *a, const char *text);
/* Server: this type is not for this user; the next one of the list, if any. */
void eap_next_type(struct auth *a);
/* Client: a Response to the latest Request, in the same way. */
void eap_response_begin(struct auth *a, struct wbuf *w, uint8_t type);
void eap_response_end(struct auth *a, struct wbuf *w);

#endif /* SSTPD_EAP_H */
