// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * EAP types whose inside is not the engine's: whole packets go to whoever knows
 * what they mean, and what comes back goes to the peer.
 *
 *	EAP-TLS, both roles	the process that holds the key (eapd.c)
 *	PEAP, client		the same, which asks the password holder in between
 *	EAP by RADIUS, server	the RADIUS server, which chooses the type: RFC 3579
 *
 * The other end decides on identifiers; repetition, Success and Failure stay
 * here, as for every type.
 */
#include "ppp/auth.h"

#include <stdio.h>
#include <string.h>

#include "ppp/mschap_pkt.h"
#include "ppp/ppp_pkt.h"

/* A certificate chain of 64 KiB in fragments of 1300 bytes, both ways. */
#define RELAY_ROUNDS_MAX	110

/* Asks with a packet of the latest type. One that is too long is dropped. */
static void relay_ask(struct auth *a, enum eap_code code, struct rbuf data)
{
	struct wbuf w = wbuf_of(a->req.packet, sizeof(a->req.packet));
	size_t start = ppp_pkt_begin(&w, code, a->id);

	buf_put_u8(&w, a->eap.number);
	buf_put(&w, data.p, data.len);
	if (w.bad)
		return;
	ppp_pkt_end(&w, start);
	a->req.packet_len = (uint16_t)w.len;
	a->eap.rounds++;
	auth_ask(a);
}

static bool relay_goes_on_for_ever(const struct auth *a)
{
	return a->eap.rounds >= RELAY_ROUNDS_MAX;
}

/* The packet in @res, if it is one of @code. */
static bool relay_packet(const struct auth_result *res, enum eap_code code, struct ppp_pkt *pkt)
{
	return ppp_pkt_parse(pkt, rbuf_of(res->packet, res->packet_len)) && pkt->code == code;
}

/* Some peers bind without the key of type 26, whoever serves it. */
static void relay_keep_key(struct auth *a, const struct auth_result *res)
{
	if (a->cfg.eap_no_key && a->eap.number == EAP_TYPE_MSCHAPV2)
		memset(a->hlak, 0, sizeof(a->hlak));
	else
		memcpy(a->hlak, res->hlak, sizeof(a->hlak));
}

/* ---- server ---------------------------------------------------------- */

static void relay_start(struct auth *a)
{
	a->eap.number = EAP_TYPE_IDENTITY;
	a->eap.rounds = 0;
	relay_ask(a, EAP_RESPONSE, rbuf_of(a->req.name, strlen(a->req.name)));
}

static void relay_request(struct auth *a, const struct auth_result *res)
{
	struct ppp_pkt pkt;

	if (!relay_packet(res, EAP_REQUEST, &pkt)) {
		eap_refuse(a, "whoever decides about the login sent no EAP Request");
		return;
	}
	a->id = pkt.id;
	a->out_len = pkt.data.len + 4;
	memcpy(a->out, res->packet, a->out_len);
	auth_send_repeated(a);
}

static void relay_refuse(struct auth *a, const struct auth_result *res)
{
	unsigned int error = res->error ? res->error : AUTH_ERR_CREDENTIALS;
	char text[AUTH_MESSAGE_MAX + 20];

	a->failures++;
	snprintf(text, sizeof(text), "%s (error %u)",
		 res->message[0] ? res->message : mschap_error_text(error), error);
	eap_refuse(a, text);
}

static void relay_server_result(struct auth *a, const struct auth_result *res)
{
	if (res->more && !res->packet_len) {
		eap_next_type(a);
	} else if (res->more) {
		relay_request(a, res);
	} else if (res->ok) {
		relay_keep_key(a, res);
		eap_accept(a);
	} else {
		relay_refuse(a, res);
	}
}

/* ---- client ---------------------------------------------------------- */

static void relay_client_result(struct auth *a, const struct auth_result *res)
{
	struct ppp_pkt pkt;

	if (!relay_packet(res, EAP_RESPONSE, &pkt)) {
		auth_fail(a, REASON_AUTH_SERVER,
			  res->message[0] ? res->message : "no answer to the server's EAP");
		return;
	}
	if (res->ok) {
		a->eap.proven = true;
		relay_keep_key(a, res);
	} else if (!res->more) {
		snprintf(a->eap.why, sizeof(a->eap.why), "%s", res->message);
	}
	a->last_len = pkt.data.len + 4;
	memcpy(a->last, res->packet, a->last_len);
	auth_wait_peer(a);
	auth_send_answer(a, a->id);
}

/* ---- both ------------------------------------------------------------ */

static void relay_input(struct auth *a, struct rbuf data)
{
	if (a->cfg.client && a->eap.proven)
		return;
	if (!relay_goes_on_for_ever(a))
		relay_ask(a, a->cfg.client ? EAP_REQUEST : EAP_RESPONSE, data);
	else if (a->cfg.client)
		auth_fail(a, REASON_AUTH_SERVER, "the server's EAP comes to no end");
	else
		eap_refuse(a, "EAP comes to no end");
}

static void relay_result(struct auth *a, const struct auth_result *res)
{
	if (a->cfg.client)
		relay_client_result(a, res);
	else
		relay_server_result(a, res);
}

const struct eap_type eap_relay_tls = {
	.type = EAP_TYPE_TLS,
	.id = AUTH_EAP_TLS,
	.start = relay_start,
	.input = relay_input,
	.result = relay_result,
};

/* A client's: servers have it by RADIUS. */
const struct eap_type eap_relay_peap = {
	.type = EAP_TYPE_PEAP,
	.id = AUTH_PEAP,
	.start = relay_start,
	.input = relay_input,
	.result = relay_result,
};

const struct eap_type eap_relay_radius = {
	.id = AUTH_EAP_RADIUS,
	.start = relay_start,
	.input = relay_input,
	.result = relay_result,
};
