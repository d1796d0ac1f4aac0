/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The certificates of a server. Which of them a connection gets is decided in
 * its handshake: those that are valid for the name the client asks for (SNI),
 * and of these, by OpenSSL, one whose key type the client can check. A client
 * that names nobody, or a stranger, gets those valid for the first name of the
 * first certificate.
 */
#ifndef SSTPD_TLS_CERTS_H
#define SSTPD_TLS_CERTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include <openssl/ssl.h>

/**
 * struct tls_cert_files - one certificate, as open files
 * @cert: PEM file with the chain, leaf first
 * @key: PEM file with its private key
 */
struct tls_cert_files {
	int cert;
	int key;
};

/**
 * tls_certs_use() - let the connections of @ctx have these certificates
 * @files: @n of them, at least one; they stay open, their offset moves
 *
 * Return: 0, or -1 with the reason in @err.
 */
int tls_certs_use(SSL_CTX *ctx, const struct tls_cert_files *files,
		  unsigned int n, char *err, size_t err_len);

/**
 * tls_certs_staple() - certificate @number of tls_certs_use() has an OCSP response
 * @fd: DER file
 *
 * Return: false with the reason in @err.
 */
bool tls_certs_staple(SSL_CTX *ctx, unsigned int number, int fd, char *err,
		      size_t err_len);

/**
 * tls_certs_in_time() - is the first certificate of PEM file @fd one of today?
 *
 * Return: false with what is wrong in @err; true also if there is none.
 */
bool tls_certs_in_time(int fd, char *err, size_t err_len);

/** tls_certs_until() - when the first certificate of PEM file @fd ends; false if none is there */
bool tls_certs_until(int fd, time_t *until);

/** tls_no_passphrase() - pem_password_cb: there is none; OpenSSL's asks at the terminal */
int tls_no_passphrase(char *buf, int size, int writing, void *arg);

/** tls_certs_show() - the same with one certificate, whatever name is asked for */
int tls_certs_show(SSL_CTX *ctx, const struct tls_cert_files *files, char *err,
		   size_t err_len);

/**
 * tls_certs_check() - can the two be used, and used together?
 * @files: read from their beginning
 * @key: false: it is the certificate that cannot be used, true: the key
 *
 * Return: false with the reason in @err.
 */
bool tls_certs_check(const struct tls_cert_files *files, bool *key, char *err,
		     size_t err_len);

#define TLS_CERTS_DIGEST	32

/**
 * tls_certs_digest() - by which one knows again what files say
 * @files: of which -1 are none; read from their beginning, at which they are again
 *	afterwards
 *
 * Return: false if they cannot be read.
 */
bool tls_certs_digest(const int *files, unsigned int n, uint8_t digest[TLS_CERTS_DIGEST]);

#endif /* SSTPD_TLS_CERTS_H */
