/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The packets of MS-CHAPv2, RFC 2759. CHAP carries them as they are, EAP as the
 * data of type 26, where the code is called OpCode and the identifier
 * MS-CHAPv2-ID.
 */
#ifndef SSTPD_MSCHAP_PKT_H
#define SSTPD_MSCHAP_PKT_H

#include "ppp/auth.h"

enum mschap_code {
	MSCHAP_CHALLENGE	= 1,
	MSCHAP_RESPONSE		= 2,
	MSCHAP_SUCCESS		= 3,
	MSCHAP_FAILURE		= 4,
	MSCHAP_CHANGE_PASSWORD	= 7,
};

/* A whole packet, code to data, appended to @w. */
void mschap_put_challenge(struct wbuf *w, uint8_t id, const struct auth *a);
void mschap_put_response(struct wbuf *w, uint8_t id, const struct auth *a,
			 const struct auth_result *res);
void mschap_put_success(struct wbuf *w, uint8_t id, const struct auth_result *res);
/* With a->req.auth_challenge, which must be a new one. */
void mschap_put_failure(struct wbuf *w, uint8_t id, const struct auth *a,
			const struct auth_result *res, bool retry);

/* Reads the data of a Challenge. */
bool mschap_get_challenge(struct rbuf data, uint8_t challenge[static MSCHAP_CHALLENGE_LEN]);
/*
 * Reads the data of a Response into a->req; *@name is left for auth_get_name().
 * Reserved bytes and flags are not looked at.
 */
bool mschap_get_response(struct rbuf data, struct auth *a, struct rbuf *name);
/* The data of a Success proves that the server knows the password. */
bool mschap_get_proof(struct rbuf data, const struct auth *a);
/* Says in words what the data of a Failure says, with the server's own behind. */
void mschap_get_failure(struct rbuf data, char *text, size_t size);

/*
 * Reads the data of a Change-Password into a->req: encrypted password and hash are
 * in req.packet. It has one length.
 */
bool mschap_get_change(struct rbuf data, struct auth *a);
/* What it answers: the data of a Failure with error 648, whose challenge goes to a->req. */
bool mschap_get_expired(struct rbuf data, struct auth *a);
void mschap_put_change(struct wbuf *w, uint8_t id, const struct auth *a,
		       const struct auth_result *res);

/* Client: why there is no answer. */
const char *mschap_no_password(const struct auth *a);
/* What an enum auth_error means. */
const char *mschap_error_text(unsigned int error);

/* The refusals that need no password holder. */
extern const struct auth_result mschap_bad_name;
extern const struct auth_result mschap_no_change;

#endif /* SSTPD_MSCHAP_PKT_H */
