// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * GnuTLS. As a server it sends tickets with the handshake, and when it is told to.
 */
#include <errno.h>
#include <stdlib.h>

#include <gnutls/gnutls.h>

#include "engine.h"

struct conn {
	struct wire *wire;
	gnutls_session_t session;
	gnutls_certificate_credentials_t cred;
	gnutls_datum_t ticket_key;
};

static ssize_t pull(gnutls_transport_ptr_t wire, void *buf, size_t len)
{
	return wire_recv(wire, buf, len);
}

static int result(const struct conn *c, const char *what, ssize_t rc)
{
	if (rc == GNUTLS_E_AGAIN || rc == GNUTLS_E_INTERRUPTED)
		return TLS_AGAIN;
	return wire_broken(c->wire, what, gnutls_strerror(rc));
}

static int credentials(struct conn *c, const struct tls_setup *setup)
{
	int rc = gnutls_certificate_allocate_credentials(&c->cred);

	if (rc < 0)
		return rc;
	if (setup->server)
		return gnutls_certificate_set_x509_key_file(c->cred, setup->cert, setup->key,
							    GNUTLS_X509_FMT_PEM);
	rc = gnutls_certificate_set_x509_trust_file(c->cred, setup->ca, GNUTLS_X509_FMT_PEM);
	return rc == 1 ? 0 : GNUTLS_E_CERTIFICATE_ERROR;
}

/* What is different about the roles. */
static int role(struct conn *c, const struct tls_setup *setup)
{
	int rc = 0;

	if (setup->server) {
		rc = gnutls_session_ticket_key_generate(&c->ticket_key);
		return rc < 0 ? rc : gnutls_session_ticket_enable_server(c->session, &c->ticket_key);
	}
	gnutls_session_set_verify_cert(c->session, setup->host, 0);
	/* The same for both directions means max_fragment_length, one record_size_limit. */
	if (setup->fragment)
		rc = gnutls_record_set_max_size(c->session, setup->fragment);
	if (setup->fragment && rc >= 0)
		rc = gnutls_record_set_max_recv_size(c->session, setup->fragment);
	if (setup->limit)
		rc = gnutls_record_set_max_recv_size(c->session, setup->limit);
	return rc;
}

static void *open_conn(const struct tls_setup *setup, struct wire *w)
{
	struct conn *c = calloc(1, sizeof(*c));
	int rc;

	if (!c)
		return NULL;
	c->wire = w;
	rc = credentials(c, setup);
	if (rc >= 0)
		rc = gnutls_init(&c->session, setup->server ? GNUTLS_SERVER : GNUTLS_CLIENT);
	if (rc >= 0)
		rc = gnutls_priority_set_direct(c->session, setup->version == 13 ?
						"NORMAL:-VERS-ALL:+VERS-TLS1.3" :
						"NORMAL:-VERS-ALL:+VERS-TLS1.2", NULL);
	if (rc >= 0)
		rc = gnutls_credentials_set(c->session, GNUTLS_CRD_CERTIFICATE, c->cred);
	if (rc >= 0)
		rc = role(c, setup);
	if (rc < 0) {
		wire_broken(w, "setup", gnutls_strerror(rc));
		return NULL;
	}
	gnutls_transport_set_ptr2(c->session, w, (gnutls_transport_ptr_t)(intptr_t)w->fd);
	gnutls_transport_set_pull_function(c->session, pull);
	return c;
}

static int handshake(void *conn)
{
	struct conn *c = conn;
	int rc;

	do {
		rc = gnutls_handshake(c->session);
	} while (rc < 0 && !gnutls_error_is_fatal(rc));
	return rc < 0 ? result(c, "handshake", rc) : 1;
}

static ssize_t read_conn(void *conn, void *buf, size_t len)
{
	struct conn *c = conn;
	ssize_t n = gnutls_record_recv(c->session, buf, len);

	return n < 0 ? result(c, "read", n) : n;
}

static ssize_t write_conn(void *conn, const void *buf, size_t len)
{
	struct conn *c = conn;
	ssize_t n = gnutls_record_send(c->session, buf, len);

	return n < 0 ? result(c, "write", n) : n;
}

static int update_keys(void *conn)
{
	struct conn *c = conn;
	int rc = gnutls_session_key_update(c->session, GNUTLS_KU_PEER);

	return rc < 0 ? result(c, "KeyUpdate", rc) : 1;
}

static int send_tickets(void *conn)
{
	struct conn *c = conn;
	int rc = gnutls_session_ticket_send(c->session, 2, 0);

	return rc < 0 ? result(c, "tickets", rc) : 1;
}

static void end(void *conn)
{
	struct conn *c = conn;

	gnutls_bye(c->session, GNUTLS_SHUT_WR);
}

static const char *cipher(void *conn)
{
	struct conn *c = conn;

	return gnutls_session_get_desc(c->session);
}

const struct tls_engine gnutls_engine = {
	.name = "gnutls",
	.open = open_conn,
	.handshake = handshake,
	.read = read_conn,
	.write = write_conn,
	.update_keys = update_keys,
	.send_tickets = send_tickets,
	.end = end,
	.cipher = cipher,
};
