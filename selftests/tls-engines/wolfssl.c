// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * wolfSSL. As a server it sends a ticket with the handshake, and when it is told to.
 */
#include <wolfssl/options.h>
#include <wolfssl/ssl.h>

#include <errno.h>
#include <stdlib.h>

#include "engine.h"

struct conn {
	struct wire *wire;
	WOLFSSL *ssl;
};

static int recv_cb(WOLFSSL *ssl, char *buf, int len, void *wire)
{
	ssize_t n = wire_recv(wire, buf, len);

	(void)ssl;
	if (n > 0)
		return n;
	if (!n)
		return WOLFSSL_CBIO_ERR_CONN_CLOSE;
	return errno == EAGAIN ? WOLFSSL_CBIO_ERR_WANT_READ : WOLFSSL_CBIO_ERR_GENERAL;
}

static ssize_t result(const struct conn *c, const char *what, int rc)
{
	char why[WOLFSSL_MAX_ERROR_SZ];
	int error = wolfSSL_get_error(c->ssl, rc);

	if (error == WOLFSSL_ERROR_WANT_READ || error == WOLFSSL_ERROR_WANT_WRITE)
		return TLS_AGAIN;
	if (error == WOLFSSL_ERROR_ZERO_RETURN)
		return TLS_ENDED;
	return wire_broken(c->wire, what, wolfSSL_ERR_error_string(error, why));
}

static WOLFSSL_METHOD *method(const struct tls_setup *setup)
{
	if (setup->server)
		return setup->version == 13 ? wolfTLSv1_3_server_method() :
					      wolfTLSv1_2_server_method();
	return setup->version == 13 ? wolfTLSv1_3_client_method() : wolfTLSv1_2_client_method();
}

/* RFC 6066 4: 2^9 is 1, 2^10 is 2, ... */
static unsigned char fragment_code(unsigned int size)
{
	unsigned char code = 0;

	while (size > 256) {
		size /= 2;
		code++;
	}
	return code;
}

static int role(WOLFSSL_CTX *ctx, const struct tls_setup *setup)
{
	if (setup->server)
		return wolfSSL_CTX_use_certificate_file(ctx, setup->cert, WOLFSSL_FILETYPE_PEM) ==
			WOLFSSL_SUCCESS &&
		       wolfSSL_CTX_use_PrivateKey_file(ctx, setup->key, WOLFSSL_FILETYPE_PEM) ==
			WOLFSSL_SUCCESS;
	wolfSSL_CTX_set_verify(ctx, WOLFSSL_VERIFY_PEER, NULL);
	if (setup->fragment &&
	    wolfSSL_CTX_UseMaxFragment(ctx, fragment_code(setup->fragment)) != WOLFSSL_SUCCESS)
		return 0;
	return wolfSSL_CTX_load_verify_locations(ctx, setup->ca, NULL) == WOLFSSL_SUCCESS;
}

static void *open_conn(const struct tls_setup *setup, struct wire *w)
{
	struct conn *c = calloc(1, sizeof(*c));
	WOLFSSL_CTX *ctx;

	wolfSSL_Init();
	ctx = wolfSSL_CTX_new(method(setup));
	if (!c || !ctx || setup->limit || !role(ctx, setup))
		return NULL;
	c->wire = w;
	c->ssl = wolfSSL_new(ctx);
	if (!c->ssl || wolfSSL_set_fd(c->ssl, w->fd) != WOLFSSL_SUCCESS)
		return NULL;
	if (!setup->server &&
	    wolfSSL_check_domain_name(c->ssl, setup->host) != WOLFSSL_SUCCESS)
		return NULL;
	wolfSSL_SSLSetIORecv(c->ssl, recv_cb);
	wolfSSL_SetIOReadCtx(c->ssl, w);
	return c;
}

static int handshake(void *conn)
{
	struct conn *c = conn;
	int rc = wolfSSL_negotiate(c->ssl);

	return rc == WOLFSSL_SUCCESS ? 1 : result(c, "handshake", rc);
}

static ssize_t read_conn(void *conn, void *buf, size_t len)
{
	struct conn *c = conn;
	int n = wolfSSL_read(c->ssl, buf, len);

	return n <= 0 ? result(c, "read", n) : n;
}

static ssize_t write_conn(void *conn, const void *buf, size_t len)
{
	struct conn *c = conn;
	int n = wolfSSL_write(c->ssl, buf, len);

	return n <= 0 ? result(c, "write", n) : n;
}

static int update_keys(void *conn)
{
	struct conn *c = conn;
	int rc = wolfSSL_update_keys(c->ssl);

	return rc == WOLFSSL_SUCCESS ? 1 : result(c, "KeyUpdate", rc);
}

static int send_tickets(void *conn)
{
	struct conn *c = conn;
	int rc = wolfSSL_send_SessionTicket(c->ssl);

	return rc == WOLFSSL_SUCCESS ? 1 : result(c, "ticket", rc);
}

static void end(void *conn)
{
	struct conn *c = conn;

	wolfSSL_shutdown(c->ssl);
}

static const char *cipher(void *conn)
{
	struct conn *c = conn;

	return wolfSSL_get_cipher(c->ssl);
}

const struct tls_engine wolfssl_engine = {
	.name = "wolfssl",
	.open = open_conn,
	.handshake = handshake,
	.read = read_conn,
	.write = write_conn,
	.update_keys = update_keys,
	.send_tickets = send_tickets,
	.end = end,
	.cipher = cipher,
};
