/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * OCSP responses, RFC 6960, that a server has for its certificate and shows in the
 * handshake (stapling, RFC 6066 8), and what a client makes of one. Nobody asks an
 * OCSP responder here: a timer with `openssl ocsp` writes the file.
 */
#ifndef SSTPD_OCSP_H
#define SSTPD_OCSP_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include <openssl/ssl.h>

/**
 * struct ocsp_staple - a response, ready to be shown
 * @der: its bytes; NULL = there is none
 * @until: its nextUpdate, 0 = it has none
 */
struct ocsp_staple {
	unsigned char *der;
	size_t len;
	time_t until;
};

/**
 * ocsp_staple_read() - from a DER file
 * @cert: what it has to be about
 *
 * Return: false with the reason in @err if it is broken or about another one.
 */
bool ocsp_staple_read(struct ocsp_staple *staple, int fd, X509 *cert, char *err,
		      size_t err_len);
void ocsp_staple_free(struct ocsp_staple *staple);

/** ocsp_until() - nextUpdate of the first answer in DER file @fd; false if there is none */
bool ocsp_until(int fd, time_t *until);

/** ocsp_staple_show() - in the handshake of @ssl, unless it is out of date */
int ocsp_staple_show(SSL *ssl, const struct ocsp_staple *staple);

/** ocsp_ask() - connections of this client want to see one, and heed it */
void ocsp_ask(SSL_CTX *ctx);

#endif /* SSTPD_OCSP_H */
