// SPDX-License-Identifier: GPL-2.0-or-later
#include "eapd/eap_tls.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>

#include "ppp/eap.h"
#include "ppp/ppp_pkt.h"
#include "tls/tls_ctx.h"
#include "tls/tls_error.h"

/* Flags, the first byte behind the type. */
#define EAP_TLS_LENGTH	0x80	/* four bytes with the message's length follow */
#define EAP_TLS_MORE	0x40	/* fragments follow */
#define EAP_TLS_START	0x20

/**
 * struct eap_tls - one handshake
 * @in: TLS records from the peer, @out: to the peer; both belong to @ssl
 * @started: the Start was sent (server) or has come (client)
 * @announced: length of the message that is coming in, as its first fragment says
 * @received: bytes of it so far
 * @over: TLS is up; TLS 1.3, client: the server has not agreed yet
 * @agreed: client, TLS 1.3: it has (RFC 9190 2.5)
 * @failed: there only is an alert left to send
 * @type: of EAP; @inside: what is carried, NULL = nothing, for @ctx
 * @said: something was said inside: what comes is no longer of the handshake
 * @id: identifier of the latest packet
 * @waits: the answer to it is not there yet
 */
struct eap_tls {
	SSL *ssl;
	BIO *in;
	BIO *out;
	bool started;
	size_t announced;
	size_t received;
	bool over;
	bool agreed;
	bool failed;
	uint8_t type;
	eap_tls_inside inside;
	void *ctx;
	bool said;
	uint8_t id;
	bool waits;
	char why[160];
};

/* ---- life ------------------------------------------------------------ */

struct eap_tls *eap_tls_new(SSL_CTX *ctx, const char *name)
{
	struct eap_tls *t = calloc(1, sizeof(*t));

	if (!t)
		return NULL;
	t->ssl = SSL_new(ctx);
	t->in = BIO_new(BIO_s_mem());
	t->out = BIO_new(BIO_s_mem());
	/* To OpenSSL an empty name is one that need not be looked at. */
	if (!t->ssl || !t->in || !t->out ||
	    (name && (!*name || !SSL_set1_host(t->ssl, name)))) {
		BIO_free(t->in);
		BIO_free(t->out);
		SSL_free(t->ssl);
		free(t);
		return NULL;
	}
	t->type = EAP_TYPE_TLS;
	SSL_set_bio(t->ssl, t->in, t->out);
	if (SSL_is_server(t->ssl))
		SSL_set_accept_state(t->ssl);
	else
		SSL_set_connect_state(t->ssl);
	return t;
}

void eap_tls_carry(struct eap_tls *t, uint8_t type, eap_tls_inside inside, void *ctx)
{
	t->type = type;
	t->inside = inside;
	t->ctx = ctx;
}

void eap_tls_free(struct eap_tls *t)
{
	if (!t)
		return;
	SSL_free(t->ssl);
	ERR_clear_error();
	free(t);
}

const char *eap_tls_why(const struct eap_tls *t)
{
	return t->why;
}

X509 *eap_tls_peer(const struct eap_tls *t)
{
	return SSL_get0_peer_certificate(t->ssl);
}

/* ---- TLS ------------------------------------------------------------- */

static bool eap_tls_is_13(const struct eap_tls *t)
{
	return SSL_version(t->ssl) >= TLS1_3_VERSION;
}

void eap_tls_set_why(struct eap_tls *t, const char *why)
{
	if (!*t->why)
		snprintf(t->why, sizeof(t->why), "%s", why);
}

static void eap_tls_set_failed(struct eap_tls *t, const char *why)
{
	eap_tls_set_why(t, why);
	t->failed = true;
}

/* The peer does not keep to EAP-TLS: whatever there was to send, it is over. */
static void eap_tls_fail(struct eap_tls *t, const char *why)
{
	BIO_reset(t->out);
	eap_tls_set_failed(t, why);
}

/* TLS does not come about; OpenSSL may have left an alert in t->out. */
static void eap_tls_fail_ssl(struct eap_tls *t)
{
	long verify = SSL_get_verify_result(t->ssl);
	char text[100];

	if (verify != X509_V_OK) {
		snprintf(text, sizeof(text), "certificate: %s",
			 X509_verify_cert_error_string(verify));
		ERR_clear_error();
	} else {
		tls_error_text(text, sizeof(text));
	}
	eap_tls_set_failed(t, text);
}

/* RFC 9190 2.5: one byte of zero says that the server has nothing against it. */
static void eap_tls_agree(struct eap_tls *t)
{
	uint8_t byte = 0;
	int rc;

	if (!eap_tls_is_13(t))
		return;
	if (SSL_is_server(t->ssl))
		rc = SSL_write(t->ssl, &byte, 1);
	else
		rc = SSL_read(t->ssl, &byte, 1);
	if (rc == 1 && !byte)
		t->agreed = true;
	else if (rc == 1)
		eap_tls_fail(t, "data inside TLS, EAP-TLS has none");
	else if (SSL_get_error(t->ssl, rc) != SSL_ERROR_WANT_READ)
		eap_tls_fail_ssl(t);
}

/* What is to be said inside, and how it goes on. */
static void eap_tls_into(struct eap_tls *t, enum eap_tls_state state, struct rbuf inside)
{
	if (inside.len && SSL_write(t->ssl, inside.p, (int)inside.len) != (int)inside.len)
		eap_tls_fail_ssl(t);
	t->said |= inside.len;
	t->waits = state == EAP_TLS_WAITS;
	t->agreed = state == EAP_TLS_DONE;
	if (state == EAP_TLS_FAILED)
		eap_tls_set_failed(t, "nothing was agreed upon");
}

/*
 * One record from inside of TLS. False: there is none, or it has failed. With TLS 1.3 a
 * server may say by a zero, as with EAP-TLS, that its handshake is over.
 */
static bool eap_tls_read(struct eap_tls *t, uint8_t in[static EAP_TLS_INSIDE_MAX], size_t *len)
{
	int n = SSL_read(t->ssl, in, EAP_TLS_INSIDE_MAX);

	if (n == 1 && !in[0] && eap_tls_is_13(t))
		n = SSL_read(t->ssl, in, EAP_TLS_INSIDE_MAX);
	if (n <= 0 && SSL_get_error(t->ssl, n) != SSL_ERROR_WANT_READ)
		eap_tls_fail_ssl(t);
	*len = n > 0 ? (size_t)n : 0;
	return n > 0;
}

/* Tickets do not count. */
static bool eap_tls_has_more(struct eap_tls *t)
{
	uint8_t byte;

	return SSL_peek(t->ssl, &byte, 1) > 0;
}

/* One message from inside of TLS, if one has come: one record, with nothing behind it. */
static void eap_tls_out_of(struct eap_tls *t)
{
	uint8_t in[EAP_TLS_INSIDE_MAX], answer[EAP_TLS_INSIDE_MAX];
	struct wbuf w = wbuf_of(answer, sizeof(answer));
	enum eap_tls_state state;
	size_t len;

	if (eap_tls_read(t, in, &len)) {
		if (eap_tls_has_more(t)) {
			eap_tls_fail(t, "too much at a time inside of TLS");
		} else {
			state = t->inside(t->ctx, rbuf_of(in, len), &w);
			eap_tls_into(t, w.bad ? EAP_TLS_FAILED : state,
				     rbuf_of(answer, w.bad ? 0 : w.len));
		}
	}
	OPENSSL_cleanse(in, sizeof(in));
	OPENSSL_cleanse(answer, sizeof(answer));
}

/* With all of a message in t->in. */
static void eap_tls_advance(struct eap_tls *t)
{
	int rc;

	ERR_clear_error();
	if (!t->over) {
		rc = SSL_do_handshake(t->ssl);
		t->over = rc == 1;
		if (rc != 1 && SSL_get_error(t->ssl, rc) != SSL_ERROR_WANT_READ)
			eap_tls_fail_ssl(t);
	}
	if (t->over && t->inside && !t->agreed)
		eap_tls_out_of(t);
	else if (t->over && !t->agreed)
		eap_tls_agree(t);
}

bool eap_tls_keys(const struct eap_tls *t, enum eap_tls_export export,
		  uint8_t msk[static EAP_TLS_KEYS_LEN])
{
	static const char label[] = "client EAP encryption";
	static const char label13[] = "EXPORTER_EAP_TLS_Key_Material";
	uint8_t keys[EAP_TLS_EXPORT_BOTH];
	int rc;

	if (eap_tls_is_13(t))
		rc = SSL_export_keying_material(t->ssl, keys, export, label13,
						sizeof(label13) - 1, &t->type, 1, 1);
	else
		rc = SSL_export_keying_material(t->ssl, keys, export, label,
						sizeof(label) - 1, NULL, 0, 0);
	if (rc == 1)
		memcpy(msk, keys, EAP_TLS_KEYS_LEN);
	OPENSSL_cleanse(keys, sizeof(keys));
	return rc == 1;
}

bool eap_tls_hlak(const struct eap_tls *t, uint8_t hlak[static BINDING_HLAK_LEN])
{
	uint8_t msk[EAP_TLS_KEYS_LEN];
	bool ok = eap_tls_keys(t, EAP_TLS_EXPORT_BOTH, msk);

	if (ok)
		memcpy(hlak, msk, BINDING_HLAK_LEN);
	OPENSSL_cleanse(msk, sizeof(msk));
	return ok;
}

/* ---- fragments ------------------------------------------------------- */

/*
 * Windows wants to know the length of whatever is of the handshake: without, NPS takes
 * the ClientHello for outer TLVs, and its Crypto-Binding is over those, too.
 */
static bool eap_tls_says_length(const struct eap_tls *t, size_t waiting)
{
	return waiting > EAP_TLS_FRAGMENT || (waiting && t->inside && !t->said);
}

/* A packet with up to a fragment of what there is to send; @whole: its first. */
static void eap_tls_put(struct eap_tls *t, uint8_t id, uint8_t flags, bool whole,
			struct wbuf *out)
{
	uint8_t data[EAP_TLS_FRAGMENT];
	size_t waiting = BIO_ctrl_pending(t->out);
	bool server = SSL_is_server(t->ssl);
	size_t start = ppp_pkt_begin(out, server ? EAP_REQUEST : EAP_RESPONSE,
				     server ? (uint8_t)(id + 1) : id);
	int n;

	buf_put_u8(out, t->type);
	if (waiting > sizeof(data))
		flags |= EAP_TLS_MORE;
	if (whole && eap_tls_says_length(t, waiting))
		flags |= EAP_TLS_LENGTH;
	buf_put_u8(out, flags);
	if (flags & EAP_TLS_LENGTH)
		buf_put_u32(out, (uint32_t)waiting);
	n = waiting ? BIO_read(t->out, data, sizeof(data)) : 0;
	if (n > 0)
		buf_put(out, data, (size_t)n);
	ppp_pkt_end(out, start);
}

/* One fragment into t->in. True: the message is complete. */
static bool eap_tls_take(struct eap_tls *t, uint8_t flags, struct rbuf data)
{
	size_t announced = flags & EAP_TLS_LENGTH ? buf_get_u32(&data) : 0;

	if (data.bad) {
		eap_tls_fail(t, "a packet too short for its length");
		return false;
	}
	if (!t->received)
		t->announced = announced;
	t->received += data.len;
	if (t->received > EAP_TLS_MESSAGE_MAX || t->announced > EAP_TLS_MESSAGE_MAX)
		eap_tls_fail(t, "a message of more than 64 KiB");
	else if (t->announced && t->received > t->announced)
		eap_tls_fail(t, "a message longer than it says");
	else if (flags & EAP_TLS_MORE && !data.len)
		eap_tls_fail(t, "an empty fragment");
	else if (!(flags & EAP_TLS_MORE) && t->received < t->announced)
		eap_tls_fail(t, "a message shorter than it says");
	else if (data.len && BIO_write(t->in, data.p, (int)data.len) != (int)data.len)
		eap_tls_fail(t, "out of memory");
	if (t->failed || flags & EAP_TLS_MORE)
		return false;
	t->received = 0;
	t->announced = 0;
	return true;
}

/* ---- machine --------------------------------------------------------- */

/* Nothing is left to be sent, and the peer knows it. */
static bool eap_tls_is_done(const struct eap_tls *t)
{
	if (t->inside)
		return t->agreed;
	return t->over && (SSL_is_server(t->ssl) || !eap_tls_is_13(t) || t->agreed);
}

static enum eap_tls_state eap_tls_failed(struct eap_tls *t, uint8_t id, struct wbuf *out)
{
	bool alert = BIO_ctrl_pending(t->out);

	/* A server's alert is a Request: the peer answers it, then comes the end. */
	if (alert || !SSL_is_server(t->ssl))
		eap_tls_put(t, id, 0, true, out);
	return alert && SSL_is_server(t->ssl) ? EAP_TLS_GOES_ON : EAP_TLS_FAILED;
}

/* After a whole message of the peer, or an acknowledgement by an empty one. */
static enum eap_tls_state eap_tls_answer(struct eap_tls *t, uint8_t id, bool empty,
					 struct wbuf *out)
{
	bool server = SSL_is_server(t->ssl);

	if (server && eap_tls_is_done(t) && empty)
		return EAP_TLS_DONE;
	if (server && (empty || t->over))
		eap_tls_fail(t, empty ? "an empty packet in the middle of the handshake" :
					"a packet after the handshake");
	else
		eap_tls_advance(t);
	if (server && !t->failed && !BIO_ctrl_pending(t->out))
		eap_tls_fail(t, "half a TLS message");
	if (t->failed)
		return eap_tls_failed(t, id, out);
	if (t->waits)
		return EAP_TLS_WAITS;
	eap_tls_put(t, id, 0, true, out);
	return !server && eap_tls_is_done(t) && !BIO_ctrl_pending(t->out) ?
	       EAP_TLS_DONE : EAP_TLS_GOES_ON;
}

enum eap_tls_state eap_tls_say(struct eap_tls *t, struct rbuf inside, struct wbuf *out)
{
	eap_tls_into(t, EAP_TLS_GOES_ON, inside);
	if (t->failed)
		return eap_tls_failed(t, t->id, out);
	eap_tls_put(t, t->id, 0, true, out);
	return EAP_TLS_GOES_ON;
}

static enum eap_tls_state eap_tls_packet(struct eap_tls *t, uint8_t id, struct rbuf data,
					 struct wbuf *out)
{
	uint8_t flags = buf_get_u8(&data);
	bool empty = !data.len && !(flags & (EAP_TLS_MORE | EAP_TLS_LENGTH));

	if (data.bad || flags & EAP_TLS_START) {
		eap_tls_fail(t, data.bad ? "a packet without flags" : "a second start");
		return eap_tls_failed(t, id, out);
	}
	if (BIO_ctrl_pending(t->out)) {
		if (!empty) {
			eap_tls_fail(t, "a fragment is not acknowledged");
			return eap_tls_failed(t, id, out);
		}
		eap_tls_put(t, id, 0, false, out);
		return EAP_TLS_GOES_ON;
	}
	if (eap_tls_take(t, flags, data))
		return eap_tls_answer(t, id, empty, out);
	if (t->failed)
		return eap_tls_failed(t, id, out);
	eap_tls_put(t, id, 0, true, out);
	return EAP_TLS_GOES_ON;
}

/* The first packet. */
static enum eap_tls_state eap_tls_begin(struct eap_tls *t, const struct ppp_pkt *pkt,
					struct wbuf *out)
{
	struct rbuf data = pkt->data;

	t->started = true;
	if (SSL_is_server(t->ssl)) {
		eap_tls_put(t, pkt->id, EAP_TLS_START, true, out);
		return EAP_TLS_GOES_ON;
	}
	buf_get_u8(&data);
	if (!(buf_get_u8(&data) & EAP_TLS_START)) {
		eap_tls_fail(t, "the server does not begin with a start");
		return eap_tls_failed(t, pkt->id, out);
	}
	return eap_tls_answer(t, pkt->id, true, out);
}

enum eap_tls_state eap_tls_input(struct eap_tls *t, struct rbuf in, struct wbuf *out)
{
	struct ppp_pkt pkt;

	if (t->failed && !BIO_ctrl_pending(t->out))
		return EAP_TLS_FAILED;
	if (!ppp_pkt_parse(&pkt, in) ||
	    pkt.code != (SSL_is_server(t->ssl) ? EAP_RESPONSE : EAP_REQUEST)) {
		eap_tls_fail(t, "not an EAP packet");
		return EAP_TLS_FAILED;
	}
	if (t->waits) {
		eap_tls_fail(t, "a packet while the one before waits");
		return EAP_TLS_FAILED;
	}
	t->id = pkt.id;
	if (!t->started)
		return eap_tls_begin(t, &pkt, out);
	if (buf_get_u8(&pkt.data) != t->type) {
		eap_tls_fail(t, "another EAP type in the middle of the handshake");
		return eap_tls_failed(t, pkt.id, out);
	}
	return eap_tls_packet(t, pkt.id, pkt.data, out);
}
