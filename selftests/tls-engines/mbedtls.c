// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * mbedTLS. It has no KeyUpdate.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>

#include <mbedtls/ctr_drbg.h>
#include <mbedtls/entropy.h>
#include <mbedtls/error.h>
#include <mbedtls/net_sockets.h>
#include <mbedtls/ssl.h>
#include <psa/crypto.h>

#include "engine.h"

struct conn {
	struct wire *wire;
	mbedtls_ssl_context ssl;
	mbedtls_ssl_config conf;
	mbedtls_entropy_context entropy;
	mbedtls_ctr_drbg_context rng;
	mbedtls_x509_crt cert;
	mbedtls_pk_context key;
};

static int recv_cb(void *wire, unsigned char *buf, size_t len)
{
	ssize_t n = wire_recv(wire, buf, len);

	if (n >= 0)
		return n;
	return errno == EAGAIN ? MBEDTLS_ERR_SSL_WANT_READ : MBEDTLS_ERR_NET_RECV_FAILED;
}

static int send_cb(void *wire, const unsigned char *buf, size_t len)
{
	ssize_t n = send(((struct wire *)wire)->fd, buf, len, MSG_NOSIGNAL);

	if (n >= 0)
		return n;
	return errno == EAGAIN ? MBEDTLS_ERR_SSL_WANT_WRITE : MBEDTLS_ERR_NET_SEND_FAILED;
}

static ssize_t result(const struct conn *c, const char *what, int rc)
{
	char why[128];

	switch (rc) {
	case MBEDTLS_ERR_SSL_WANT_READ:
	case MBEDTLS_ERR_SSL_WANT_WRITE:
		return TLS_AGAIN;
	case MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY:
		return TLS_ENDED;
	case 0: /* the socket has ended, not TLS */
		return wire_broken(c->wire, what, "no close_notify");
	}
	mbedtls_strerror(rc, why, sizeof(why));
	return wire_broken(c->wire, what, why);
}

static int role(struct conn *c, const struct tls_setup *setup)
{
	int rc = mbedtls_x509_crt_parse_file(&c->cert, setup->server ? setup->cert : setup->ca);

	if (rc)
		return rc;
	if (setup->server) {
		rc = mbedtls_pk_parse_keyfile(&c->key, setup->key, NULL,
					      mbedtls_ctr_drbg_random, &c->rng);
		return rc ? rc : mbedtls_ssl_conf_own_cert(&c->conf, &c->cert, &c->key);
	}
	mbedtls_ssl_conf_ca_chain(&c->conf, &c->cert, NULL);
	mbedtls_ssl_conf_authmode(&c->conf, MBEDTLS_SSL_VERIFY_REQUIRED);
	if (setup->fragment) {
		unsigned char code = MBEDTLS_SSL_MAX_FRAG_LEN_512;

		while (256u << code < setup->fragment)
			code++;
		return mbedtls_ssl_conf_max_frag_len(&c->conf, code);
	}
	return setup->limit ? MBEDTLS_ERR_SSL_FEATURE_UNAVAILABLE : 0;
}

static int configure(struct conn *c, const struct tls_setup *setup)
{
	mbedtls_ssl_protocol_version version = setup->version == 13 ?
		MBEDTLS_SSL_VERSION_TLS1_3 : MBEDTLS_SSL_VERSION_TLS1_2;
	int rc;

	if (psa_crypto_init() != PSA_SUCCESS)
		return MBEDTLS_ERR_SSL_INTERNAL_ERROR;
	rc = mbedtls_ctr_drbg_seed(&c->rng, mbedtls_entropy_func, &c->entropy, NULL, 0);
	if (!rc)
		rc = mbedtls_ssl_config_defaults(&c->conf, setup->server ?
						 MBEDTLS_SSL_IS_SERVER : MBEDTLS_SSL_IS_CLIENT,
						 MBEDTLS_SSL_TRANSPORT_STREAM,
						 MBEDTLS_SSL_PRESET_DEFAULT);
	mbedtls_ssl_conf_rng(&c->conf, mbedtls_ctr_drbg_random, &c->rng);
	mbedtls_ssl_conf_min_tls_version(&c->conf, version);
	mbedtls_ssl_conf_max_tls_version(&c->conf, version);
	return rc ? rc : role(c, setup);
}

static void *open_conn(const struct tls_setup *setup, struct wire *w)
{
	struct conn *c = calloc(1, sizeof(*c));
	int rc;

	if (!c)
		return NULL;
	c->wire = w;
	mbedtls_ssl_init(&c->ssl);
	mbedtls_ssl_config_init(&c->conf);
	mbedtls_entropy_init(&c->entropy);
	mbedtls_ctr_drbg_init(&c->rng);
	mbedtls_x509_crt_init(&c->cert);
	mbedtls_pk_init(&c->key);
	rc = configure(c, setup);
	if (!rc)
		rc = mbedtls_ssl_setup(&c->ssl, &c->conf);
	if (!rc && !setup->server)
		rc = mbedtls_ssl_set_hostname(&c->ssl, setup->host);
	if (rc) {
		result(c, "setup", rc);
		return NULL;
	}
	mbedtls_ssl_set_bio(&c->ssl, w, send_cb, recv_cb, NULL);
	return c;
}

static int handshake(void *conn)
{
	struct conn *c = conn;
	int rc = mbedtls_ssl_handshake(&c->ssl);

	return rc ? result(c, "handshake", rc) : 1;
}

static ssize_t read_conn(void *conn, void *buf, size_t len)
{
	struct conn *c = conn;
	int n;

	do {
		n = mbedtls_ssl_read(&c->ssl, buf, len);
	} while (n == MBEDTLS_ERR_SSL_RECEIVED_NEW_SESSION_TICKET);
	return n <= 0 ? result(c, "read", n) : n;
}

static ssize_t write_conn(void *conn, const void *buf, size_t len)
{
	struct conn *c = conn;
	int n = mbedtls_ssl_write(&c->ssl, buf, len);

	return n < 0 ? result(c, "write", n) : n;
}

static void end(void *conn)
{
	struct conn *c = conn;

	mbedtls_ssl_close_notify(&c->ssl);
}

static const char *cipher(void *conn)
{
	struct conn *c = conn;

	return mbedtls_ssl_get_ciphersuite(&c->ssl);
}

const struct tls_engine mbedtls_engine = {
	.name = "mbedtls",
	.open = open_conn,
	.handshake = handshake,
	.read = read_conn,
	.write = write_conn,
	.end = end,
	.cipher = cipher,
};
