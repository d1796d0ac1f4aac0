/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * EAP-TLS, RFC 5216 and, with TLS 1.3, RFC 9190: a TLS handshake in EAP packets,
 * both roles. Bytes in, bytes out; OpenSSL works on memory. What arrives is kept
 * as it arrives, never by a length that a packet claims, and 64 KiB are the most
 * that one message may have.
 */
#ifndef SSTPD_EAP_TLS_H
#define SSTPD_EAP_TLS_H

#include <stdbool.h>
#include <stdint.h>

#include <openssl/ssl.h>

#include "lib/buf.h"
#include "sstp/binding.h"

/* Bytes of TLS in one packet: it fits an MRU of 1280, the least that there is with IPv6. */
#define EAP_TLS_FRAGMENT	1240
#define EAP_TLS_MESSAGE_MAX	65536
/* What is said inside of TLS is no longer than that. */
#define EAP_TLS_INSIDE_MAX	4096
#define EAP_TLS_KEYS_LEN	64

enum eap_tls_state {
	EAP_TLS_GOES_ON,
	EAP_TLS_DONE,		/* server: EAP Success is due; client: may come */
	EAP_TLS_FAILED,
	EAP_TLS_WAITS,		/* what is inside needs something before it can answer */
};

/* Bytes asked of TLS, of which the first are the MSK: TLS 1.3 makes others for each length. */
enum eap_tls_export {
	EAP_TLS_EXPORT_BOTH	= 2 * EAP_TLS_KEYS_LEN,	/* EMSK, too: RFC 9190 2.3, RFC 9427 2.1 */
	EAP_TLS_EXPORT_MSK	= EAP_TLS_KEYS_LEN,	/* hostapd 2.10, for PEAP */
};

/*
 * What is inside of TLS, if there is more than TLS: a message of the peer, and the answer.
 * EAP_TLS_FAILED: eap_tls_set_why() was called; there may be an answer all the same.
 */
typedef enum eap_tls_state (*eap_tls_inside)(void *ctx, struct rbuf in, struct wbuf *out);

struct eap_tls;

/**
 * eap_tls_new() - begin a handshake
 * @ctx: of a server or a client (tls_ctx.h); its role decides ours
 * @name: client: name that the server's certificate must have, NULL = any
 *
 * Return: NULL if there is no memory for it.
 */
struct eap_tls *eap_tls_new(SSL_CTX *ctx, const char *name);
void eap_tls_free(struct eap_tls *t);

/**
 * eap_tls_input() - one EAP packet of the peer
 * @in: Response (server) or Request (client). The first one of a server may be
 *	of any type: it is answered with the Start.
 * @out: EAP packet to send; stays empty if there is none
 */
enum eap_tls_state eap_tls_input(struct eap_tls *t, struct rbuf in, struct wbuf *out);

/**
 * eap_tls_carry() - before the first packet of a client: another type of EAP, with
 *	something inside of TLS
 */
void eap_tls_carry(struct eap_tls *t, uint8_t type, eap_tls_inside inside, void *ctx);
/** eap_tls_say() - after EAP_TLS_WAITS: the answer, @inside */
enum eap_tls_state eap_tls_say(struct eap_tls *t, struct rbuf inside, struct wbuf *out);
/** eap_tls_set_why() - the first reason is what counts */
void eap_tls_set_why(struct eap_tls *t, const char *why);
/** eap_tls_keys() - the MSK as TLS alone gives it; secret */
bool eap_tls_keys(const struct eap_tls *t, enum eap_tls_export export,
		  uint8_t msk[static EAP_TLS_KEYS_LEN]);

/** eap_tls_why() - EAP_TLS_FAILED: what went wrong */
const char *eap_tls_why(const struct eap_tls *t);
/** eap_tls_peer() - EAP_TLS_DONE: the peer's certificate, verified; not to be freed */
X509 *eap_tls_peer(const struct eap_tls *t);
/** eap_tls_hlak() - EAP_TLS_DONE: first half of the MSK; secret */
bool eap_tls_hlak(const struct eap_tls *t, uint8_t hlak[static BINDING_HLAK_LEN]);

#endif /* SSTPD_EAP_TLS_H */
