// SPDX-License-Identifier: GPL-2.0-or-later
#include "tls/tls.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <event2/buffer.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "lib/log.h"
#include "lib/loop.h"
#include "tls/cert_name.h"
#include "tls/ktls.h"
#include "tls/tls_ctx.h"
#include "tls/tls_error.h"

/* One record; also what one SSL_write() is given at most. */
#define TLS_RECORD_MAX	16384

/*
 * What one wake-up may read off the socket. A call of OpenSSL comes back only
 * with data, or when there is nothing more to read: it would go on with
 * records that carry none for as long as the peer sends them.
 */
#define TLS_WAKE_MAX	65536
/*
 * Records that are no data (KeyUpdate, renegotiation, alerts) cost much and
 * carry nothing: so many at once, and one more each TLS_OTHER_MS.
 */
#define TLS_OTHER_MAX	16
#define TLS_OTHER_MS	1000

enum tls_mode {
	TLS_HANDSHAKE,
	TLS_OPENSSL,		/* OpenSSL runs the record layer */
	TLS_KERNEL,		/* kTLS does */
	TLS_ENDED,
	TLS_LENT,		/* tls_lend() */
};

/* Answers of a wake-up that go out at once: as many as a handshake has. */
#define TLS_PROMPT	8

struct tls {
	SSL *ssl;
	int fd;
	enum tls_mode mode;
	bool paused;
	bool read_wants_write;
	bool corked;		/* what is written waits for the end of the wake-up */
	unsigned int prompt;	/* but so much more does not */
	const struct tls_events *events;
	void *arg;
	struct event *rd;
	struct event *wr;
	struct evbuffer *out;
	struct evbuffer_iovec room;	/* tls_reserve() */
	size_t retry;		/* length of the SSL_write() to be repeated */
	struct ktls_watch watch;
	size_t wake_left;	/* of TLS_WAKE_MAX */
	uint64_t other_seen;	/* of watch.rx_other, all but the last few */
	uint64_t other_ms;	/* when the handshake was over, then as of other_seen */
	bool check_pin;
	uint8_t pin[CONF_PIN_LEN];
};

static void tls_end(struct tls *t, const char *why)
{
	if (t->mode == TLS_ENDED || t->mode == TLS_LENT)
		return;
	t->mode = TLS_ENDED;
	loop_watch(t->rd, false);
	loop_watch(t->wr, false);
	t->events->ended(t->arg, why);
}

/* Says what went wrong in the last SSL_*() call that returned @rc. */
static void tls_end_ssl(struct tls *t, int rc, const char *doing)
{
	int code = SSL_get_error(t->ssl, rc);
	char why[200], detail[120];
	long verify;

	if (code == SSL_ERROR_ZERO_RETURN) {
		tls_end(t, "peer closed TLS");
		return;
	}
	verify = SSL_get_verify_result(t->ssl);
	if (t->mode == TLS_HANDSHAKE && verify != X509_V_OK &&
	    SSL_get_verify_mode(t->ssl) != SSL_VERIFY_NONE)
		snprintf(detail, sizeof(detail), "%s certificate: %s",
			 SSL_is_server(t->ssl) ? "client" : "server",
			 X509_verify_cert_error_string(verify));
	else if (code == SSL_ERROR_SYSCALL && !ERR_peek_error())
		snprintf(detail, sizeof(detail), "%s",
			 errno ? strerror(errno) : "peer closed TCP");
	else
		tls_error_text(detail, sizeof(detail));
	ERR_clear_error();
	/* SSL_shutdown() must not be tried after a fatal error. */
	SSL_set_quiet_shutdown(t->ssl, 1);
	if (strstr(detail, "unexpected eof"))
		snprintf(why, sizeof(why), "peer closed TCP");
	else
		snprintf(why, sizeof(why), "%s: %s", doing, detail);
	tls_end(t, why);
}

/* ---- bounds ----------------------------------------------------------------- */

/* The peer makes work and sends nothing. */
static bool tls_floods(struct tls *t)
{
	uint64_t seconds;

	if (t->mode != TLS_OPENSSL ||
	    t->watch.rx_other - t->other_seen <= TLS_OTHER_MAX)
		return false;
	seconds = (loop_now_ms() - t->other_ms) / TLS_OTHER_MS;
	t->other_ms += seconds * TLS_OTHER_MS;
	t->other_seen += seconds;
	if (t->other_seen > t->watch.rx_other)
		t->other_seen = t->watch.rx_other;
	return t->watch.rx_other - t->other_seen > TLS_OTHER_MAX;
}

/* Stands between OpenSSL and the socket: enough is as good as "would block". */
static long tls_on_bio(BIO *bio, int oper, const char *argp, size_t len,
		       int argi, long argl, int ret, size_t *processed)
{
	struct tls *t = (struct tls *)BIO_get_callback_arg(bio);

	(void)argp;
	(void)len;
	(void)argi;
	(void)argl;
	if (oper == BIO_CB_READ && (!t->wake_left || tls_floods(t))) {
		BIO_set_retry_read(bio);
		return -1;
	}
	if (oper == (BIO_CB_READ | BIO_CB_RETURN) && ret > 0)
		t->wake_left -= *processed < t->wake_left ? *processed :
							    t->wake_left;
	return ret;
}

/* ---- handshake ------------------------------------------------------------ */

static bool tls_pin_ok(struct tls *t)
{
	struct binding_cert cert;

	if (!t->check_pin)
		return true;
	return tls_cert(t, &cert) == 0 &&
	       CRYPTO_memcmp(cert.sha256, t->pin, sizeof(t->pin)) == 0;
}

static void tls_shake_hands(struct tls *t)
{
	int rc;

	ERR_clear_error();
	errno = 0;
	rc = SSL_do_handshake(t->ssl);
	if (rc == 1) {
		loop_watch(t->wr, false);
		if (!tls_pin_ok(t)) {
			tls_end(t, "server certificate: does not have the pinned SHA-256 fingerprint");
			return;
		}
		t->mode = TLS_OPENSSL;
		t->other_seen = t->watch.rx_other;
		t->other_ms = loop_now_ms();
		t->events->up(t->arg);
		return;
	}
	switch (SSL_get_error(t->ssl, rc)) {
	case SSL_ERROR_WANT_READ:
		loop_watch(t->wr, false);
		return;
	case SSL_ERROR_WANT_WRITE:
		loop_watch(t->wr, true);
		return;
	default:
		tls_end_ssl(t, rc, "TLS handshake");
	}
}

/* ---- sending ---------------------------------------------------------------- */

/* Return: bytes taken, 0 = would block, -1 = ended. */
static ssize_t tls_push_ssl(struct tls *t, const void *data, size_t len)
{
	int rc;

	/* An SSL_write() that was refused is repeated with the same bytes. */
	if (t->retry)
		len = t->retry;
	ERR_clear_error();
	errno = 0;
	rc = SSL_write(t->ssl, data, (int)len);
	if (rc > 0) {
		t->retry = 0;
		return rc;
	}
	switch (SSL_get_error(t->ssl, rc)) {
	case SSL_ERROR_WANT_READ:
	case SSL_ERROR_WANT_WRITE:
		t->retry = len;
		return 0;
	default:
		tls_end_ssl(t, rc, "sending");
		return -1;
	}
}

static ssize_t tls_push_kernel(struct tls *t, const void *data, size_t len)
{
	char why[100];
	ssize_t n;

	n = send(t->fd, data, len, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (n >= 0)
		return n;
	if (errno == EAGAIN || errno == EINTR)
		return 0;
	snprintf(why, sizeof(why), "sending: %s", strerror(errno));
	tls_end(t, why);
	return -1;
}

static void tls_flush(struct tls *t)
{
	size_t len;
	ssize_t n;

	while ((len = evbuffer_get_length(t->out))) {
		if (len > tls_record_size(t))
			len = tls_record_size(t);
		if (t->mode == TLS_OPENSSL)
			n = tls_push_ssl(t, evbuffer_pullup(t->out,
							    (ssize_t)len), len);
		else if (t->mode == TLS_KERNEL)
			n = tls_push_kernel(t, evbuffer_pullup(t->out,
							       (ssize_t)len),
					    len);
		else
			return;
		if (n < 0)
			return;
		if (!n) {
			loop_watch(t->wr, true);
			return;
		}
		evbuffer_drain(t->out, (size_t)n);
	}
	loop_watch(t->wr, t->read_wants_write);
}

/* Whoever waits for the end of the queue is told, from wherever it goes out. */
static void tls_send_queued(struct tls *t)
{
	bool had = evbuffer_get_length(t->out);

	tls_flush(t);
	if (had && !evbuffer_get_length(t->out) &&
	    (t->mode == TLS_OPENSSL || t->mode == TLS_KERNEL))
		t->events->drained(t->arg);
}

/* An answer or two at once, thousands together. */
static bool tls_may_go(struct tls *t)
{
	return !t->corked || (t->prompt && t->prompt--);
}

void tls_write(struct tls *t, const void *data, size_t len)
{
	bool idle = !evbuffer_get_length(t->out);

	if (t->mode != TLS_OPENSSL && t->mode != TLS_KERNEL)
		return;
	if (evbuffer_add(t->out, data, len) < 0)
		log_fatal("out of memory");
	if (idle && tls_may_go(t))
		tls_flush(t);
}

uint8_t *tls_reserve(struct tls *t, size_t len)
{
	if (evbuffer_reserve_space(t->out, (ssize_t)len, &t->room, 1) != 1)
		return NULL;
	return t->room.iov_base;
}

void tls_commit(struct tls *t, size_t len)
{
	bool idle = !evbuffer_get_length(t->out);

	if (!len)
		return;
	t->room.iov_len = len;
	if (evbuffer_commit_space(t->out, &t->room, 1) < 0)
		log_fatal("tls_commit() without tls_reserve()");
	if (idle && tls_may_go(t))
		tls_flush(t);
}

size_t tls_queued(const struct tls *t)
{
	return evbuffer_get_length(t->out);
}

/* ---- receiving ---------------------------------------------------------------- */

static ssize_t tls_pull_ssl(struct tls *t, void *buf, size_t size)
{
	int rc;

	ERR_clear_error();
	errno = 0;
	rc = SSL_read(t->ssl, buf, (int)size);
	if (rc > 0)
		return rc;
	if (tls_floods(t)) {
		tls_end(t, "peer floods with TLS records that carry no data");
		return -1;
	}
	switch (SSL_get_error(t->ssl, rc)) {
	case SSL_ERROR_WANT_READ:
		return 0;
	case SSL_ERROR_WANT_WRITE:
		/* The answer to a KeyUpdate does not fit the socket. */
		t->read_wants_write = true;
		loop_watch(t->wr, true);
		return 0;
	default:
		tls_end_ssl(t, rc, "receiving");
		return -1;
	}
}

/* A record that is not data, on a kTLS socket. */
static ssize_t tls_kernel_record(struct tls *t, uint8_t type,
				 const uint8_t *data, size_t len)
{
	char why[80];

	/* NewSessionTicket means nothing to us. */
	if (type == SSL3_RT_HANDSHAKE && len &&
	    data[0] == SSL3_MT_NEWSESSION_TICKET)
		return 0;
	if (type == SSL3_RT_ALERT && len >= 2 && data[1] == SSL_AD_CLOSE_NOTIFY)
		snprintf(why, sizeof(why), "peer closed TLS");
	else if (type == SSL3_RT_ALERT && len >= 2)
		snprintf(why, sizeof(why), "peer sent TLS alert: %s",
			 SSL_alert_desc_string_long(data[1]));
	else
		snprintf(why, sizeof(why), "unexpected TLS record of type %u",
			 type);
	tls_end(t, why);
	return -1;
}

static ssize_t tls_pull_kernel(struct tls *t, void *buf, size_t size)
{
	union {
		struct cmsghdr align;
		char data[CMSG_SPACE(sizeof(uint8_t))];
	} ctl;
	struct iovec iov = { .iov_base = buf, .iov_len = size };
	struct msghdr msg = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = ctl.data,
		.msg_controllen = sizeof(ctl.data),
	};
	struct cmsghdr *cmsg;
	char why[100];
	uint8_t type;
	ssize_t n;

	n = recvmsg(t->fd, &msg, MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (n < 0) {
		snprintf(why, sizeof(why), "receiving: %s", strerror(errno));
		tls_end(t, why);
		return -1;
	}
	cmsg = CMSG_FIRSTHDR(&msg);
	if (cmsg && cmsg->cmsg_level == SOL_TLS &&
	    cmsg->cmsg_type == TLS_GET_RECORD_TYPE) {
		memcpy(&type, CMSG_DATA(cmsg), sizeof(type));
		if (type != SSL3_RT_APPLICATION_DATA)
			return tls_kernel_record(t, type, buf, (size_t)n);
	}
	if (n == 0) {
		tls_end(t, "peer closed TCP");
		return -1;
	}
	return n;
}

bool tls_heard(const struct tls *t)
{
	return BIO_number_read(SSL_get_rbio(t->ssl));
}

ssize_t tls_read(struct tls *t, void *buf, size_t size)
{
	if (t->mode == TLS_OPENSSL)
		return tls_pull_ssl(t, buf, size);
	if (t->mode == TLS_KERNEL)
		return tls_pull_kernel(t, buf, size);
	return t->mode == TLS_HANDSHAKE ? 0 : -1;
}

void tls_pause(struct tls *t, bool pause)
{
	if (t->mode == TLS_ENDED || t->mode == TLS_LENT ||
	    t->paused == pause)
		return;
	t->paused = pause;
	loop_watch(t->rd, !pause);
	/* Bytes inside OpenSSL do not make the socket readable. */
	if (!pause && t->mode == TLS_OPENSSL && SSL_has_pending(t->ssl))
		event_active(t->rd, EV_READ, 0);
}

/* Thousands of answers go out as a few records, not each as one, by a call of its own. */
static void tls_readable(struct tls *t)
{
	t->corked = true;
	t->prompt = TLS_PROMPT;
	t->events->readable(t->arg);
	t->corked = false;
	if (evbuffer_get_length(t->out))
		tls_send_queued(t);
}

static void tls_on_read(int fd, short what, void *arg)
{
	struct tls *t = arg;

	(void)fd;
	(void)what;
	t->wake_left = TLS_WAKE_MAX;
	if (t->mode == TLS_HANDSHAKE)
		tls_shake_hands(t);
	/* Data right behind the peer's Finished may be in OpenSSL already. */
	if ((t->mode == TLS_OPENSSL || t->mode == TLS_KERNEL) && !t->paused)
		tls_readable(t);
	if (t->mode == TLS_OPENSSL && !t->paused && SSL_pending(t->ssl))
		event_active(t->rd, EV_READ, 0);
}

static void tls_on_write(int fd, short what, void *arg)
{
	struct tls *t = arg;

	(void)fd;
	(void)what;
	t->wake_left = TLS_WAKE_MAX;
	if (t->mode == TLS_HANDSHAKE) {
		tls_shake_hands(t);
		return;
	}
	if (t->read_wants_write) {
		t->read_wants_write = false;
		t->events->readable(t->arg);
	}
	tls_send_queued(t);
}

/* ---- life ------------------------------------------------------------------------ */

static bool tls_set_verify(struct tls *t, const struct tls_verify *v)
{
	X509_VERIFY_PARAM *param = SSL_get0_param(t->ssl);
	uint8_t addr[16];
	bool is_addr;

	is_addr = inet_pton(AF_INET, v->name, addr) == 1 ||
		  inet_pton(AF_INET6, v->name, addr) == 1;
	/* RFC 6066 3: a name in SNI, never an address. */
	if (!is_addr && !SSL_set_tlsext_host_name(t->ssl, v->name))
		return false;
	if (v->pin) {
		t->check_pin = true;
		memcpy(t->pin, v->pin, sizeof(t->pin));
	}
	if (!v->ca)
		return v->pin;
	if (is_addr)
		return X509_VERIFY_PARAM_set1_ip_asc(param, v->name);
	X509_VERIFY_PARAM_set_hostflags(param,
					X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
	return SSL_set1_host(t->ssl, v->name);
}

static void tls_listen(struct tls *t)
{
	t->rd = loop_event(t->fd, EV_READ | EV_PERSIST, tls_on_read, t);
	t->wr = loop_event(t->fd, EV_WRITE | EV_PERSIST, tls_on_write, t);
}

struct tls *tls_new(SSL_CTX *ctx, int fd, const struct tls_verify *verify,
		    const struct tls_events *events, void *arg)
{
	struct tls *t = calloc(1, sizeof(*t));

	if (!t) {
		close(fd);
		return NULL;
	}
	t->fd = fd;
	t->events = events;
	t->arg = arg;
	t->ssl = SSL_new(ctx);
	t->out = evbuffer_new();
	tls_listen(t);
	if (!t->ssl || !t->out || !SSL_set_fd(t->ssl, fd) ||
	    (verify && !tls_set_verify(t, verify))) {
		t->mode = TLS_ENDED;
		tls_close(t);
		return NULL;
	}
	ktls_watch(t->ssl, &t->watch);
	BIO_set_callback_ex(SSL_get_rbio(t->ssl), tls_on_bio);
	BIO_set_callback_arg(SSL_get_rbio(t->ssl), (char *)t);
	if (verify)
		SSL_set_connect_state(t->ssl);
	else
		SSL_set_accept_state(t->ssl);
	loop_watch(t->rd, true);
	/* The client speaks first, from the event loop. */
	if (verify)
		loop_watch(t->wr, true);
	return t;
}

/* close_notify on a kTLS socket: an alert record, made by the kernel. */
static void tls_kernel_goodbye(struct tls *t)
{
	uint8_t alert[2] = { SSL3_AL_WARNING, SSL_AD_CLOSE_NOTIFY };
	union {
		struct cmsghdr align;
		char data[CMSG_SPACE(sizeof(uint8_t))];
	} ctl = { .data = { 0 } };
	struct iovec iov = { .iov_base = alert, .iov_len = sizeof(alert) };
	struct msghdr msg = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = ctl.data,
		.msg_controllen = sizeof(ctl.data),
	};
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(&msg);

	cmsg->cmsg_level = SOL_TLS;
	cmsg->cmsg_type = TLS_SET_RECORD_TYPE;
	cmsg->cmsg_len = CMSG_LEN(sizeof(uint8_t));
	*CMSG_DATA(cmsg) = SSL3_RT_ALERT;
	/* If it does not go out now, FIN alone must do. */
	if (sendmsg(t->fd, &msg, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
		log_debug("close_notify: %s", strerror(errno));
}

void tls_close(struct tls *t)
{
	if (!t)
		return;
	if (t->mode == TLS_OPENSSL && !t->retry)
		SSL_shutdown(t->ssl);
	else if (t->mode == TLS_KERNEL)
		tls_kernel_goodbye(t);
	ERR_clear_error();
	loop_free(&t->rd);
	loop_free(&t->wr);
	SSL_free(t->ssl);
	if (t->fd >= 0)
		close(t->fd);
	if (t->out)
		evbuffer_free(t->out);
	OPENSSL_cleanse(&t->watch, sizeof(t->watch));
	free(t);
}

int tls_cert(struct tls *t, struct binding_cert *cert)
{
	unsigned char *der = NULL;
	bool ours = SSL_is_server(t->ssl);
	X509 *x509;
	int len;
	int rc;

	/* The one of this handshake: a context may have several. */
	x509 = ours ? SSL_get_certificate(t->ssl) :
		      SSL_get1_peer_certificate(t->ssl);
	if (!x509)
		return -1;
	len = i2d_X509(x509, &der);
	rc = len > 0 ? binding_cert_init(cert, der, (size_t)len) : -1;
	OPENSSL_free(der);
	if (!ours)
		X509_free(x509);
	return rc;
}

bool tls_peer_name(struct tls *t, char *name, size_t size)
{
	X509 *cert = SSL_get0_peer_certificate(t->ssl);

	/* Without one there is no name; with one it has been verified. */
	if (!cert)
		return false;
	cert_common_name(cert, name, size);
	return true;
}

void tls_describe(const struct tls *t, char *text, size_t size)
{
	int group = (int)SSL_get_negotiated_group(t->ssl);
	const char *name = group ? SSL_group_to_name(t->ssl, group) : NULL;

	snprintf(text, size, "%s %s%s%s", SSL_get_version(t->ssl),
		 SSL_get_cipher_name(t->ssl), name ? " " : "", name ? name : "");
}

bool tls_at_boundary(const struct tls *t)
{
	return t->mode == TLS_OPENSSL && !evbuffer_get_length(t->out) &&
	       !t->retry && !t->read_wants_write && !SSL_has_pending(t->ssl);
}

bool tls_kernel_possible(const struct tls *t, char *why, size_t size)
{
	return ktls_possible(t->ssl, &t->watch, why, size);
}

int tls_to_kernel(struct tls *t, char *why, size_t size)
{
	struct ktls_keys keys;
	int rc;

	if (ktls_derive(t->ssl, &t->watch, &keys) < 0) {
		snprintf(why, size, "cannot derive the TLS keys");
		return -1;
	}
	rc = ktls_enable(t->fd, &keys, why, size);
	OPENSSL_cleanse(&keys, sizeof(keys));
	if (!rc) {
		t->mode = TLS_KERNEL;
		OPENSSL_cleanse(t->watch.client_secret, KTLS_SECRET_MAX);
		OPENSSL_cleanse(t->watch.server_secret, KTLS_SECRET_MAX);
	}
	return rc;
}

size_t tls_secrets(const struct tls *t, uint8_t *tx, uint8_t *rx)
{
	const struct ktls_watch *w = &t->watch;
	bool server = SSL_is_server(t->ssl);

	if (SSL_version(t->ssl) != TLS1_3_VERSION)
		return 0;
	memcpy(tx, server ? w->server_secret : w->client_secret, w->secret_len);
	memcpy(rx, server ? w->client_secret : w->server_secret, w->secret_len);
	return w->secret_len;
}

int tls_fd(const struct tls *t)
{
	return t->fd;
}

uint32_t tls_record_size(const struct tls *t)
{
	const SSL_SESSION *session = SSL_get_session(t->ssl);
	uint8_t code = TLSEXT_max_fragment_length_DISABLED;

	if (session)
		code = SSL_SESSION_get_max_fragment_length(session);
	/* RFC 6066 4: 2^9, 2^10, 2^11, 2^12 */
	return code == TLSEXT_max_fragment_length_DISABLED ? TLS_RECORD_MAX :
							     256u << code;
}

int tls_lend(struct tls *t)
{
	int fd = t->fd;

	tls_pause(t, true);
	t->mode = TLS_LENT;
	/* The events hold the number, which is about to mean something else. */
	loop_free(&t->rd);
	loop_free(&t->wr);
	t->fd = -1;
	return fd;
}

void tls_give_back(struct tls *t, int fd)
{
	t->fd = fd;
	t->mode = TLS_KERNEL;
	tls_listen(t);
}
