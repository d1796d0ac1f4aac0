// SPDX-License-Identifier: GPL-2.0-or-later
#include "ppp/mschap_pkt.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#include "lib/hex.h"
#include "ppp/ppp_pkt.h"

/* Peer challenge, 8 reserved, NT-Response, flags. */
#define RESPONSE_VALUE_LEN	(MSCHAP_CHALLENGE_LEN + 8 + MSCHAP_NT_RESPONSE_LEN + 1)
/* Encrypted password and hash, peer challenge, reserved, NT-Response, flags. */
#define CHANGE_LEN		(AUTH_CHANGE_LEN + MSCHAP_CHALLENGE_LEN + 8 + \
				 MSCHAP_NT_RESPONSE_LEN + 2)

const struct auth_result mschap_bad_name = {
	.error = AUTH_ERR_CREDENTIALS,
	.retry = true,
};

const struct auth_result mschap_no_change = {
	.error = AUTH_ERR_CHANGING_PASSWORD,
	.message = "the password has not expired",
};

const char *mschap_error_text(unsigned int error)
{
	switch (error) {
	case AUTH_ERR_RESTRICTED_HOURS:
		return "not allowed to log on at this time";
	case AUTH_ERR_DISABLED:
		return "the account is disabled";
	case AUTH_ERR_PASSWORD_EXPIRED:
		return "the password has expired";
	case AUTH_ERR_NO_DIALIN:
		return "the account has no dial-in permission";
	case AUTH_ERR_CREDENTIALS:
		return "wrong user name or password";
	case AUTH_ERR_CHANGING_PASSWORD:
		return "the password cannot be changed";
	default:
		return "the server refused";
	}
}

const char *mschap_no_password(const struct auth *a)
{
	return a->req.change ? "the password has expired (error 648), and there is no new-password-file" :
			       "no password for this user";
}

void mschap_put_challenge(struct wbuf *w, uint8_t id, const struct auth *a)
{
	size_t start = ppp_pkt_begin(w, MSCHAP_CHALLENGE, id);

	buf_put_u8(w, MSCHAP_CHALLENGE_LEN);
	buf_put(w, a->req.auth_challenge, MSCHAP_CHALLENGE_LEN);
	buf_put_str(w, a->cfg.name);
	ppp_pkt_end(w, start);
}

void mschap_put_response(struct wbuf *w, uint8_t id, const struct auth *a,
			 const struct auth_result *res)
{
	size_t start = ppp_pkt_begin(w, MSCHAP_RESPONSE, id);

	buf_put_u8(w, RESPONSE_VALUE_LEN);
	buf_put(w, a->req.peer_challenge, MSCHAP_CHALLENGE_LEN);
	buf_put_zero(w, 8);
	buf_put(w, res->nt_response, MSCHAP_NT_RESPONSE_LEN);
	buf_put_u8(w, 0);
	buf_put_str(w, a->cfg.name);
	ppp_pkt_end(w, start);
}

void mschap_put_success(struct wbuf *w, uint8_t id, const struct auth_result *res)
{
	size_t start = ppp_pkt_begin(w, MSCHAP_SUCCESS, id);

	buf_put_str(w, res->auth_response);
	if (res->message[0]) {
		buf_put_str(w, " M=");
		buf_put_str(w, res->message);
	}
	ppp_pkt_end(w, start);
}

void mschap_put_failure(struct wbuf *w, uint8_t id, const struct auth *a,
			const struct auth_result *res, bool retry)
{
	size_t start = ppp_pkt_begin(w, MSCHAP_FAILURE, id);
	unsigned int error = res->error ? res->error : AUTH_ERR_CREDENTIALS;
	char text[80];
	int i, len;

	len = snprintf(text, sizeof(text), "E=%u R=%d C=", error, retry);
	for (i = 0; i < MSCHAP_CHALLENGE_LEN; i++)
		len += snprintf(text + len, sizeof(text) - len, "%02X",
				a->req.auth_challenge[i]);
	buf_put_str(w, text);
	buf_put_str(w, " V=3 M=");
	buf_put_str(w, res->message[0] ? res->message : mschap_error_text(error));
	ppp_pkt_end(w, start);
}

bool mschap_get_challenge(struct rbuf data, uint8_t challenge[static MSCHAP_CHALLENGE_LEN])
{
	return buf_get_u8(&data) == MSCHAP_CHALLENGE_LEN &&
	       buf_copy(&data, challenge, MSCHAP_CHALLENGE_LEN);
}

bool mschap_get_response(struct rbuf data, struct auth *a, struct rbuf *name)
{
	uint8_t value_len = buf_get_u8(&data);

	buf_copy(&data, a->req.peer_challenge, MSCHAP_CHALLENGE_LEN);
	buf_get(&data, 8);
	buf_copy(&data, a->req.nt_response, MSCHAP_NT_RESPONSE_LEN);
	buf_get(&data, 1);
	*name = data;
	a->req.change = false;
	return !data.bad && value_len == RESPONSE_VALUE_LEN;
}

bool mschap_get_change(struct rbuf data, struct auth *a)
{
	if (data.len != CHANGE_LEN)
		return false;
	a->req.change = true;
	a->req.packet_len = AUTH_CHANGE_LEN;
	buf_copy(&data, a->req.packet, AUTH_CHANGE_LEN);
	buf_copy(&data, a->req.peer_challenge, MSCHAP_CHALLENGE_LEN);
	buf_get(&data, 8);
	return buf_copy(&data, a->req.nt_response, MSCHAP_NT_RESPONSE_LEN);
}

bool mschap_get_expired(struct rbuf data, struct auth *a)
{
	char text[80] = "";
	char *challenge;

	buf_copy(&data, text, data.len < sizeof(text) ? data.len : sizeof(text) - 1);
	challenge = strstr(text, " C=");
	if (strncmp(text, "E=648 ", 6) || !challenge)
		return false;
	challenge += 3;
	challenge[strspn(challenge, "0123456789abcdefABCDEF")] = '\0';
	return hex_decode(challenge, a->req.auth_challenge, MSCHAP_CHALLENGE_LEN);
}

void mschap_put_change(struct wbuf *w, uint8_t id, const struct auth *a,
		       const struct auth_result *res)
{
	size_t start = ppp_pkt_begin(w, MSCHAP_CHANGE_PASSWORD, id);

	buf_put(w, res->packet, AUTH_CHANGE_LEN);
	buf_put(w, a->req.peer_challenge, MSCHAP_CHALLENGE_LEN);
	buf_put_zero(w, 8);
	buf_put(w, res->nt_response, MSCHAP_NT_RESPONSE_LEN);
	buf_put_u16(w, 0);
	ppp_pkt_end(w, start);
}

bool mschap_get_proof(struct rbuf data, const struct auth *a)
{
	/* A message may follow; the proof is what counts. */
	const uint8_t *proof = buf_get(&data, MSCHAP_AUTH_RESPONSE_LEN);

	return proof && !CRYPTO_memcmp(proof, a->expect, MSCHAP_AUTH_RESPONSE_LEN);
}

void mschap_get_failure(struct rbuf data, char *text, size_t size)
{
	char theirs[80 + AUTH_MESSAGE_MAX] = "";
	unsigned int error = 0;
	const char *message;
	size_t len;

	buf_copy(&data, theirs, data.len < sizeof(theirs) - 1 ? data.len : sizeof(theirs) - 1);
	if (!strncmp(theirs, "E=", 2))
		error = strtoul(theirs + 2, NULL, 10) & 0xffff;
	len = snprintf(text, size, "%s (error %u)", mschap_error_text(error), error);
	message = strstr(theirs, " M=");
	if (message && message[3] && len < size)
		snprintf(text + len, size - len, ", in the server's words: %s", message + 3);
}
