/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * TLS contexts: versions, ciphers, certificates and what a client demands of a
 * server's certificate. Files come as descriptors, since the process that
 * needs them cannot open any.
 */
#ifndef SSTPD_TLS_CTX_H
#define SSTPD_TLS_CTX_H

#include <stdbool.h>
#include <stddef.h>

#include <openssl/ssl.h>

#include "data/settings.h"
#include "tls/tls_certs.h"

/**
 * tls_ctx_wipe_freed() - memory that OpenSSL frees is wiped from now on
 *
 * To be called before anything else that has to do with OpenSSL.
 */
void tls_ctx_wipe_freed(void);

/**
 * tls_ctx_server() - context of a server
 * @files: its @n certificates, at least one
 *
 * Return: the context, or NULL with the reason in @err.
 */
SSL_CTX *tls_ctx_server(const struct conf_tls *conf,
			const struct tls_cert_files *files, unsigned int n,
			char *err, size_t err_len);

/**
 * tls_ctx_client() - context of a client
 * @ca: PEM file of trusted CAs, or -1: the caller checks a pin instead
 */
SSL_CTX *tls_ctx_client(const struct conf_tls *conf, int ca, char *err,
			size_t err_len);

/** tls_ctx_has_ca() - is there a certificate in PEM file @ca? It is at its beginning after that */
bool tls_ctx_has_ca(int ca);

/**
 * tls_ctx_ask_clients() - a server asks for certificates
 * @ca: PEM file of the CAs that may have signed them
 * @require: who has none is refused
 */
bool tls_ctx_ask_clients(SSL_CTX *ctx, int ca, bool require, char *err,
			 size_t err_len);

/**
 * tls_ctx_eap() - context for EAP-TLS, in both roles with a certificate; for PEAP
 * @files: NULL: PEAP of a client, which shows none
 * @ca: PEM file of the CAs that may have signed the peer's
 */
SSL_CTX *tls_ctx_eap(bool server, const struct tls_cert_files *files, int ca, char *err,
		     size_t err_len);

/**
 * tls_ctx_keylog() - write TLS secrets of all connections to @fd
 *
 * For debugging with tshark. Whoever reads the file can decrypt the traffic.
 */
void tls_ctx_keylog(int fd);

#endif /* SSTPD_TLS_CTX_H */
