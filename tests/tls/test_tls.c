// SPDX-License-Identifier: GPL-2.0-or-later
/* What a client demands of a server's certificate: two of our ends, over a socket. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "lib/loop.h"
#include "tls/ktls.h"
#include "tls/tls.h"
#include "tls/tls_ctx.h"
#include "tls/tls_error.h"

#define NAME	"vpn.example.test"

static struct conf_tls settings = {
	.min_version = TLS1_2_VERSION,
	.max_version = TLS1_3_VERSION,
	.ciphers = "ALL",
	.ciphersuites = "TLS_AES_128_GCM_SHA256",
};

static EVP_PKEY *ca_key, *key;
static X509 *ca;

/* ---- certificates -------------------------------------------------------------- */

static void add_ext(X509 *cert, int nid, const char *value)
{
	X509_EXTENSION *ext = X509V3_EXT_conf_nid(NULL, NULL, nid, value);

	assert_non_null(ext);
	X509_add_ext(cert, ext, -1);
	X509_EXTENSION_free(ext);
}

/* A name for DNS, that may have a NUL in it. */
static void add_san(X509 *cert, const char *san, size_t len)
{
	GENERAL_NAMES *names = GENERAL_NAMES_new();
	GENERAL_NAME *name = GENERAL_NAME_new();
	ASN1_IA5STRING *text = ASN1_IA5STRING_new();

	ASN1_STRING_set(text, san, (int)len);
	GENERAL_NAME_set0_value(name, GEN_DNS, text);
	sk_GENERAL_NAME_push(names, name);
	assert_int_equal(X509_add1_ext_i2d(cert, NID_subject_alt_name, names, 0, 0), 1);
	GENERAL_NAMES_free(names);
}

static X509 *make_cert(const char *cn, size_t cn_len, EVP_PKEY *of)
{
	X509 *cert = X509_new();
	X509_NAME *name = X509_get_subject_name(cert);

	X509_set_version(cert, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(cert), of == key);
	X509_gmtime_adj(X509_getm_notBefore(cert), -60);
	X509_gmtime_adj(X509_getm_notAfter(cert), 3600);
	X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)cn,
				   (int)cn_len, -1, 0);
	X509_set_issuer_name(cert, ca ? X509_get_subject_name(ca) : name);
	X509_set_pubkey(cert, of);
	return cert;
}

static int pem_fd(X509 *cert)
{
	int fd = memfd_create("pem", 0);
	FILE *f = fdopen(dup(fd), "w");

	if (cert)
		PEM_write_X509(f, cert);
	else
		PEM_write_PrivateKey(f, key, NULL, NULL, 0, NULL, NULL);
	fclose(f);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	return fd;
}

static int group_setup(void **state)
{
	(void)state;
	loop_init();
	ktls_init();
	ca_key = EVP_EC_gen("P-256");
	key = EVP_EC_gen("P-256");
	ca = make_cert("CA", 2, ca_key);
	add_ext(ca, NID_basic_constraints, "critical,CA:TRUE");
	return X509_sign(ca, ca_key, EVP_sha256()) > 0 ? 0 : -1;
}

static int group_teardown(void **state)
{
	(void)state;
	X509_free(ca);
	EVP_PKEY_free(ca_key);
	EVP_PKEY_free(key);
	return 0;
}

/* ---- two ends ------------------------------------------------------------------ */

struct end {
	bool up;
	bool ended;
	char why[200];
	char tls[64];		/* what was agreed on */
};

static void on_up(void *arg)
{
	((struct end *)arg)->up = true;
}

static void on_nothing(void *arg)
{
	(void)arg;
}

static void on_ended(void *arg, const char *why)
{
	struct end *e = arg;

	e->ended = true;
	snprintf(e->why, sizeof(e->why), "%s", why);
}

static const struct tls_events events = {
	.up = on_up,
	.readable = on_nothing,
	.drained = on_nothing,
	.ended = on_ended,
};

static SSL_CTX *server_ctx(X509 *cert)
{
	struct tls_cert_files files = { .cert = pem_fd(cert), .key = pem_fd(NULL) };
	char err[200] = "";
	SSL_CTX *ctx = tls_ctx_server(&settings, &files, 1, err, sizeof(err));

	assert_string_equal(err, "");
	close(files.cert);
	close(files.key);
	return ctx;
}

static SSL_CTX *client_ctx(void)
{
	char err[200] = "";
	int fd = pem_fd(ca);
	SSL_CTX *ctx = tls_ctx_client(&settings, fd, err, sizeof(err));

	assert_string_equal(err, "");
	close(fd);
	return ctx;
}

/* What a client that dials NAME comes to when it meets @cert, which is freed. */
static struct end dial(X509 *cert)
{
	const struct tls_verify verify = { .name = NAME, .ca = true };
	SSL_CTX *server = server_ctx(cert), *client = client_ctx();
	struct end ends[2] = { 0 };
	struct tls *t[2];
	int fds[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
	t[0] = tls_new(server, fds[0], NULL, &events, &ends[0]);
	t[1] = tls_new(client, fds[1], &verify, &events, &ends[1]);
	while (!ends[1].up && !ends[1].ended)
		assert_true(loop_once());
	tls_describe(t[1], ends[1].tls, sizeof(ends[1].tls));
	tls_close(t[1]);
	tls_close(t[0]);
	SSL_CTX_free(server);
	SSL_CTX_free(client);
	X509_free(cert);
	return ends[1];
}

/* ---- floods --------------------------------------------------------------------- */

/* A peer that does what it wants; our end counts what it gets. */
struct flood {
	struct end end;
	struct tls *tls;
	SSL *peer;
	BIO *made;		/* what the peer is going to send, all at once */
	int fd;
	size_t got;
	unsigned int wakes;
	bool answers;
	bool takes;		/* the peer empties the socket while our end reads */
	bool drained;
};

static void flood_up(void *arg)
{
	((struct flood *)arg)->end.up = true;
}

static void flood_ended(void *arg, const char *why)
{
	on_ended(&((struct flood *)arg)->end, why);
}

static void flood_drained(void *arg)
{
	((struct flood *)arg)->drained = true;
}

static void flood_readable(void *arg)
{
	struct flood *f = arg;
	uint8_t buf[16384];
	ssize_t n;

	f->wakes++;
	while (f->takes && recv(f->fd, buf, sizeof(buf), MSG_DONTWAIT) > 0)
		;
	while ((n = tls_read(f->tls, buf, sizeof(buf))) > 0) {
		f->got += (size_t)n;
		if (f->answers)
			tls_write(f->tls, "y", 1);
	}
}

static const struct tls_events flood_events = {
	.up = flood_up,
	.readable = flood_readable,
	.drained = flood_drained,
	.ended = flood_ended,
};

static void flood_begin(struct flood *f)
{
	X509 *cert = make_cert(NAME, sizeof(NAME) - 1, key);
	SSL_CTX *client = SSL_CTX_new(TLS_client_method());
	int buffer = 8 << 20;
	SSL_CTX *server;
	int fds[2];

	memset(f, 0, sizeof(*f));
	assert_true(X509_sign(cert, ca_key, EVP_sha256()) > 0);
	server = server_ctx(cert);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
	setsockopt(fds[1], SOL_SOCKET, SO_SNDBUF, &buffer, sizeof(buffer));
	f->fd = fds[1];
	f->tls = tls_new(server, fds[0], NULL, &flood_events, f);
	f->peer = SSL_new(client);
	SSL_set_fd(f->peer, f->fd);
	while (SSL_connect(f->peer) != 1 || !f->end.up)
		assert_true(loop_once());
	f->wakes = 0;
	f->made = BIO_new(BIO_s_mem());
	BIO_up_ref(f->made);
	SSL_set0_wbio(f->peer, f->made);
	SSL_CTX_free(server);
	SSL_CTX_free(client);
	X509_free(cert);
}

static void flood_update(struct flood *f)
{
	assert_int_equal(SSL_key_update(f->peer, SSL_KEY_UPDATE_NOT_REQUESTED), 1);
	assert_int_equal(SSL_do_handshake(f->peer), 1);
}

static void flood_write(struct flood *f, const void *data, int len)
{
	assert_int_equal(SSL_write(f->peer, data, len), len);
}

/* All of it is there before our end looks. Return: its length. */
static size_t flood_send(struct flood *f)
{
	char *p;
	long len = BIO_get_mem_data(f->made, &p);

	assert_int_equal(send(f->fd, p, (size_t)len, MSG_DONTWAIT), len);
	BIO_reset(f->made);
	return (size_t)len;
}

static void flood_end(struct flood *f)
{
	tls_close(f->tls);
	SSL_free(f->peer);
	BIO_free(f->made);
	close(f->fd);
}

/* Keys may change now and then, but not all the time. */
static void floods_of_key_updates(void **state)
{
	struct flood f;

	(void)state;
	flood_begin(&f);
	for (int i = 0; i < 10; i++)
		flood_update(&f);
	flood_write(&f, "x", 1);
	flood_send(&f);
	while (!f.got)
		assert_true(loop_once());
	for (int i = 0; i < 1000; i++)
		flood_update(&f);
	flood_write(&f, "x", 1);
	flood_send(&f);
	while (!f.end.ended && f.got < 2)
		assert_true(loop_once());
	assert_true(f.end.ended);
	assert_non_null(strstr(f.end.why, "floods"));
	flood_end(&f);
}

/* Others have their turn: one wake-up takes 64 KiB, and a record more. */
static void floods_of_small_records(void **state)
{
	static const int small[] = { 1, 16, 16384 };
	static const uint8_t data[16384];
	struct flood f;
	size_t want, sent;

	(void)state;
	for (int i = 0; i < 3; i++) {
		flood_begin(&f);
		for (want = 0; BIO_pending(f.made) < 300000; want += (size_t)small[i])
			flood_write(&f, data, small[i]);
		sent = flood_send(&f);
		while (f.got < want && !f.end.ended)
			assert_true(loop_once());
		assert_int_equal(f.got, want);
		assert_true(f.wakes >= sent / (65536 + 16384));
		flood_end(&f);
	}
}

/* Of a wake-up the first eight go by themselves, as in a handshake, all others together. */
static void answers_go_together(void **state)
{
	unsigned int records = 0;
	size_t came = 0;
	char buf[4096];
	struct flood f;
	int n;

	(void)state;
	flood_begin(&f);
	f.answers = true;
	for (int i = 0; i < 1000; i++)
		flood_write(&f, "x", 1);
	flood_send(&f);
	while (f.got < 1000)
		assert_true(loop_once());
	while (came < 1000 && (n = SSL_read(f.peer, buf, sizeof(buf))) > 0) {
		came += (size_t)n;
		records++;
	}
	assert_int_equal(came, 1000);
	assert_true(records <= 9 * f.wakes);
	assert_true(records < 1000 / 8);
	flood_end(&f);
}

/* Who waits for room in the queue hears of it, too, when room came with something to read. */
static void a_queue_ends_while_reading(void **state)
{
	static const uint8_t data[16384];
	struct flood f;

	(void)state;
	flood_begin(&f);
	f.takes = true;
	while (!tls_queued(f.tls))
		tls_write(f.tls, data, sizeof(data));
	flood_write(&f, "x", 1);
	flood_send(&f);
	while (!f.got)
		assert_true(loop_once());
	assert_int_equal(tls_queued(f.tls), 0);
	assert_true(f.drained);
	flood_end(&f);
}

/* ---- tests --------------------------------------------------------------------- */

/* @usage is what the certificate is for; @by signs it. */
static struct end dial_with(const char *san, size_t len, const char *usage, EVP_PKEY *by)
{
	X509 *cert = make_cert(san, len, key);

	add_san(cert, san, len);
	add_ext(cert, NID_ext_key_usage, usage);
	assert_true(X509_sign(cert, by, EVP_sha256()) > 0);
	return dial(cert);
}

#define DIAL(san)	dial_with(san, sizeof(san) - 1, "serverAuth", ca_key)

static void expect_refused(struct end e, const char *why)
{
	assert_false(e.up);
	if (!strstr(e.why, why))
		fail_msg("%s", e.why);
}

static void the_right_certificate(void **state)
{
	(void)state;
	assert_true(DIAL(NAME).up);
	assert_true(DIAL("*.example.test").up);
}

/* OpenSSL's own first one: from 3.5 on nobody who records it reads it later. */
static void the_group_that_both_have_first(void **state)
{
	bool hybrid = OpenSSL_version_num() >= 0x30500000L;

	(void)state;
	assert_string_equal(DIAL(NAME).tls, hybrid ?
			    "TLSv1.3 TLS_AES_128_GCM_SHA256 X25519MLKEM768" :
			    "TLSv1.3 TLS_AES_128_GCM_SHA256 x25519");
}

/* What both ends would have by themselves is not this one. */
static void the_group_that_is_configured(void **state)
{
	struct end e;

	(void)state;
	strcpy(settings.groups, "P-521");
	e = DIAL(NAME);
	*settings.groups = '\0';
	assert_string_equal(e.tls, "TLSv1.3 TLS_AES_128_GCM_SHA256 secp521r1");
}

static void other_names(void **state)
{
	(void)state;
	expect_refused(DIAL("other.example.test"), "server certificate: hostname mismatch");
	expect_refused(DIAL("vp*.example.test"), "server certificate: hostname mismatch");
	expect_refused(DIAL(NAME ".evil.test"), "server certificate: hostname mismatch");
	/* For some, a name ends at a NUL. */
	expect_refused(DIAL(NAME "\0.evil.test"), "server certificate: hostname mismatch");
	expect_refused(DIAL(NAME "\0"), "server certificate: hostname mismatch");
}

static void other_uses_and_signers(void **state)
{
	(void)state;
	expect_refused(dial_with(NAME, sizeof(NAME) - 1, "clientAuth", ca_key),
		       "server certificate: unsuitable certificate purpose");
	expect_refused(dial_with(NAME, sizeof(NAME) - 1, "serverAuth", key),
		       "server certificate: ");
}

#define T(f) cmocka_unit_test(f)

/* The log says what the socket said, not that OpenSSL has no words for it. */
static void errors_of_the_system(void **state)
{
	char text[80];

	(void)state;
	ERR_clear_error();
	ERR_raise(ERR_LIB_SYS, ETIMEDOUT);
	tls_error_text(text, sizeof(text));
	assert_string_equal(text, strerror(ETIMEDOUT));
	ERR_raise(ERR_LIB_SSL, SSL_R_BAD_LENGTH);
	tls_error_text(text, sizeof(text));
	assert_string_equal(text, "bad length");
	tls_error_text(text, sizeof(text));
	assert_string_equal(text, "unknown TLS error");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(the_right_certificate), T(the_group_that_both_have_first),
		T(the_group_that_is_configured),
		T(other_names), T(other_uses_and_signers),
		T(errors_of_the_system), T(floods_of_key_updates), T(floods_of_small_records),
		T(answers_go_together), T(a_queue_ends_while_reading),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
