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

enum eap_tls_state {
	EAP_TLS_GOES_ON,
	EAP_TLS_DONE,		/* server: EAP Success is due; client: may come */
	EAP_TLS_FAILED,
};

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

/** eap_tls_why() - EAP_TLS_FAILED: what went wrong */
const char *eap_tls_why(const struct eap_tls *t);
/** eap_tls_peer() - EAP_TLS_DONE: the peer's certificate, verified; not to be freed */
X509 *eap_tls_peer(const struct eap_tls *t);
/** eap_tls_hlak() - EAP_TLS_DONE: first half of the MSK; secret */
bool eap_tls_hlak(const struct eap_tls *t, uint8_t hlak[static BINDING_HLAK_LEN]);

#endif /* SSTPD_EAP_TLS_H */
