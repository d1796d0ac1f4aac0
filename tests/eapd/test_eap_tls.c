// SPDX-License-Identifier: GPL-2.0-or-later
/* EAP-TLS: our server and our client talk, and each meets packets that no peer should send. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include "eapd/eap_tls.h"
#include "ppp/auth.h"
#include "ppp/eap.h"
#include "rig/certs.h"
#include "tls/cert_name.h"
#include "tls/tls_ctx.h"

/* A chain of more than one fragment: the subject alternative names are long. */
#define LONG_NAMES	20

static EVP_PKEY *ca_key, *rsa, *ec;
static X509 *ca, *other_ca;

/* ---- certificates -------------------------------------------------------------- */

static X509 *make_cert(const char *cn, EVP_PKEY *key, X509 *issuer, const char *san)
{
	return signed_cert(cn, key, issuer, ca_key, san);
}

/* As make_cert(), with an alternative name of @type that may have a NUL in it. */
static X509 *make_cert_nul(const char *cn, int cn_len, EVP_PKEY *key, int type,
			   const char *san, int san_len)
{
	X509 *cert = make_cert("", key, ca, NULL);
	GENERAL_NAMES *names = GENERAL_NAMES_new();
	GENERAL_NAME *name = GENERAL_NAME_new();
	ASN1_IA5STRING *text = ASN1_IA5STRING_new();

	X509_NAME_delete_entry(X509_get_subject_name(cert), 0);
	X509_NAME_add_entry_by_txt(X509_get_subject_name(cert), "CN", MBSTRING_ASC,
				   (const unsigned char *)cn, cn_len, -1, 0);
	ASN1_STRING_set(text, san, san_len);
	GENERAL_NAME_set0_value(name, type, text);
	sk_GENERAL_NAME_push(names, name);
	assert_int_equal(X509_add1_ext_i2d(cert, NID_subject_alt_name, names, 0, 0), 1);
	GENERAL_NAMES_free(names);
	assert_true(X509_sign(cert, ca_key, EVP_sha256()) > 0);
	return cert;
}

static FILE *memory(int *fd)
{
	*fd = memfd_create("pem", 0);
	return fdopen(dup(*fd), "w");
}

static void rewind_fd(int fd)
{
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
}

/* A context with a certificate for @cn, that trusts @trusted; @crl may be NULL. */
static SSL_CTX *make_ctx(bool server, X509 *cert, EVP_PKEY *key, X509 *trusted, X509_CRL *crl)
{
	struct tls_cert_files files;
	char err[200] = "";
	SSL_CTX *ctx;
	FILE *f;
	int fd;

	f = memory(&files.cert);
	PEM_write_X509(f, cert);
	fclose(f);
	f = memory(&files.key);
	PEM_write_PrivateKey(f, key, NULL, NULL, 0, NULL, NULL);
	fclose(f);
	f = memory(&fd);
	PEM_write_X509(f, trusted);
	if (crl)
		PEM_write_X509_CRL(f, crl);
	fclose(f);
	rewind_fd(files.cert);
	rewind_fd(files.key);
	rewind_fd(fd);
	ctx = tls_ctx_eap(server, &files, fd, err, sizeof(err));
	assert_string_equal(err, "");
	assert_non_null(ctx);
	close(files.cert);
	close(files.key);
	close(fd);
	return ctx;
}

static const char *long_san(void)
{
	static char san[4000] = "DNS:srv.test";

	for (int i = 0; i < LONG_NAMES && strlen(san) < 3000; i++)
		sprintf(san + strlen(san), ",DNS:a-name-that-makes-the-certificate-longer-and-longer-"
					   "until-it-fills-more-than-one-fragment-%02d.example.com", i);
	return san;
}

static int group_setup(void **state)
{
	(void)state;
	ca_key = EVP_EC_gen("P-256");
	rsa = EVP_RSA_gen(2048);
	ec = EVP_EC_gen("P-256");
	ca = make_cert("CA", ca_key, NULL, NULL);
	other_ca = make_cert("another CA", ca_key, NULL, NULL);
	return 0;
}

static int group_teardown(void **state)
{
	(void)state;
	X509_free(ca);
	X509_free(other_ca);
	EVP_PKEY_free(ca_key);
	EVP_PKEY_free(rsa);
	EVP_PKEY_free(ec);
	return 0;
}

/* ---- two ends ------------------------------------------------------------------ */

static struct {
	SSL_CTX *server_ctx, *client_ctx;
	struct eap_tls *server, *client;
	uint8_t request[AUTH_PACKET_MAX], response[AUTH_PACKET_MAX];
	size_t request_len, response_len;
	enum eap_tls_state server_is, client_is;
	unsigned int rounds;
} rig;

static const uint8_t identity[] = { EAP_RESPONSE, 7, 0, 6, EAP_TYPE_IDENTITY, 'u' };

static void end(void)
{
	eap_tls_free(rig.server);
	eap_tls_free(rig.client);
	SSL_CTX_free(rig.server_ctx);
	SSL_CTX_free(rig.client_ctx);
	memset(&rig, 0, sizeof(rig));
}

static void begin_with(X509 *server_cert, X509 *user_cert, X509 *client_trusts, X509_CRL *crl,
		       const char *name, int version)
{
	rig.server_ctx = make_ctx(true, server_cert, rsa, ca, crl);
	rig.client_ctx = make_ctx(false, user_cert, ec, client_trusts, NULL);
	assert_int_equal(SSL_CTX_set_max_proto_version(rig.server_ctx, version), 1);
	rig.server = eap_tls_new(rig.server_ctx, NULL);
	rig.client = eap_tls_new(rig.client_ctx, name);
	X509_free(server_cert);
	X509_free(user_cert);
}

static void begin(int version)
{
	begin_with(make_cert("srv", rsa, ca, long_san()), make_cert("alice", ec, ca, NULL), ca,
		   NULL, "srv.test", version);
}

static void to_server(const uint8_t *pkt, size_t len)
{
	struct wbuf out = wbuf_of(rig.request, sizeof(rig.request));

	rig.server_is = eap_tls_input(rig.server, rbuf_of(pkt, len), &out);
	assert_false(out.bad);
	rig.request_len = out.len;
}

static void to_client(const uint8_t *pkt, size_t len)
{
	struct wbuf out = wbuf_of(rig.response, sizeof(rig.response));

	rig.client_is = eap_tls_input(rig.client, rbuf_of(pkt, len), &out);
	assert_false(out.bad);
	rig.response_len = out.len;
}

/* One packet each way. False: the server has said its last word. */
static bool step(void)
{
	if (!rig.rounds++)
		to_server(identity, sizeof(identity));
	else
		to_server(rig.response, rig.response_len);
	if (rig.server_is != EAP_TLS_GOES_ON || rig.rounds > 50)
		return false;
	assert_int_equal(rig.request[0], EAP_REQUEST);
	assert_int_equal(rig.request[1], (6 + rig.rounds + 1) & 0xff);
	to_client(rig.request, rig.request_len);
	assert_int_equal(rig.response[0], EAP_RESPONSE);
	assert_int_equal(rig.response[1], rig.request[1]);
	return true;
}

static void run(void)
{
	while (step())
		;
}

static void assert_same_key(void)
{
	uint8_t server[BINDING_HLAK_LEN], client[BINDING_HLAK_LEN];

	assert_true(eap_tls_hlak(rig.server, server));
	assert_true(eap_tls_hlak(rig.client, client));
	assert_memory_equal(server, client, sizeof(server));
}

/* ---- good handshakes ----------------------------------------------------------- */

static void both_log_in(void **state)
{
	static const int versions[] = { TLS1_2_VERSION, TLS1_3_VERSION };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		begin(versions[i]);
		run();
		assert_string_equal(eap_tls_why(rig.server), "");
		assert_string_equal(eap_tls_why(rig.client), "");
		assert_int_equal(rig.server_is, EAP_TLS_DONE);
		assert_int_equal(rig.client_is, EAP_TLS_DONE);
		assert_int_equal(rig.request_len, 0);
		/* The last Response acknowledges, with flags of zero. */
		assert_int_equal(rig.response_len, 6);
		assert_int_equal(rig.response[5], 0);
		assert_same_key();
		assert_true(cert_is_of(eap_tls_peer(rig.server), "alice", false));
		end();
	}
}

static void long_messages_come_in_fragments(void **state)
{
	unsigned int fragments = 0;
	size_t announced = 0, got = 0;

	(void)state;
	begin(TLS1_2_VERSION);
	while (step()) {
		if (rig.request[5] & 0xc0) {
			fragments++;
			if (rig.request[5] & 0x80)
				announced = (size_t)rig.request[6] << 24 | rig.request[7] << 16 |
					    rig.request[8] << 8 | rig.request[9];
			assert_int_equal(rig.response_len, 6);
			got += rig.request_len - (rig.request[5] & 0x80 ? 10 : 6);
		} else if (announced && got < announced) {
			got += rig.request_len - 6;
		}
		assert_true(rig.request_len <= EAP_TLS_FRAGMENT + 10);
	}
	assert_int_equal(rig.server_is, EAP_TLS_DONE);
	assert_true(fragments >= 2);
	assert_int_equal(got, announced);
	end();
}

/* ---- refusals ------------------------------------------------------------------ */

static X509_CRL *crl_with(X509 *cert)
{
	X509_CRL *crl = X509_CRL_new();
	X509_REVOKED *revoked = X509_REVOKED_new();
	ASN1_TIME *time = X509_gmtime_adj(NULL, -60);

	X509_CRL_set_version(crl, 1);
	X509_CRL_set_issuer_name(crl, X509_get_subject_name(ca));
	X509_CRL_set1_lastUpdate(crl, time);
	X509_REVOKED_set_serialNumber(revoked, X509_get_serialNumber(cert));
	X509_REVOKED_set_revocationDate(revoked, time);
	X509_gmtime_adj(time, 3600);
	X509_CRL_set1_nextUpdate(crl, time);
	X509_CRL_add0_revoked(crl, revoked);
	X509_CRL_sign(crl, ca_key, EVP_sha256());
	ASN1_TIME_free(time);
	return crl;
}

/* Both know why: the one that refuses by itself, the other by the alert. */
static void expect_refused(const char *server, const char *client)
{
	run();
	assert_int_equal(rig.server_is, EAP_TLS_FAILED);
	assert_int_equal(rig.client_is, EAP_TLS_FAILED);
	if (!strstr(eap_tls_why(rig.server), server) || !strstr(eap_tls_why(rig.client), client))
		fail_msg("server: %s; client: %s", eap_tls_why(rig.server), eap_tls_why(rig.client));
	end();
}

static void strangers_are_refused(void **state)
{
	static const int versions[] = { TLS1_2_VERSION, TLS1_3_VERSION };
	X509_CRL *crl;
	X509 *cert;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		begin_with(make_cert("srv", rsa, ca, "DNS:srv.test"),
			   make_cert("alice", ec, other_ca, NULL), ca, NULL, "srv.test", versions[i]);
		expect_refused("certificate: unable to get", "unknown ca");

		begin_with(make_cert("srv", rsa, ca, "DNS:srv.test"),
			   make_cert("alice", ec, ca, NULL), other_ca, NULL, "srv.test", versions[i]);
		expect_refused("unknown ca", "certificate: ");

		begin_with(make_cert("srv", rsa, ca, "DNS:other.test"),
			   make_cert("alice", ec, ca, NULL), ca, NULL, "srv.test", versions[i]);
		expect_refused("certificate", "certificate: hostname mismatch");

		cert = make_cert("alice", ec, ca, NULL);
		crl = crl_with(cert);
		begin_with(make_cert("srv", rsa, ca, "DNS:srv.test"), cert, ca, crl, "srv.test",
			   versions[i]);
		expect_refused("certificate: certificate revoked", "certificate revoked");
		X509_CRL_free(crl);
	}
}

static void names_of_certificates(void **state)
{
	static const struct {
		const char *san;
		const char *name;
		bool is_of;
	} cases[] = {
		{ NULL, "alice", true },
		{ NULL, "Alice", false },
		{ NULL, "alic", false },
		{ NULL, "", false },
		{ "email:alice@example.com", "alice@example.com", true },
		{ "email:bob@example.com", "alice@example.com", false },
		{ "otherName:msUPN;UTF8:alice@corp", "alice@corp", true },
		{ "otherName:1.2.3.4;UTF8:alice@corp", "alice@corp", false },
		{ "DNS:host", "host", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		X509 *cert = make_cert("alice", ec, ca, cases[i].san);

		if (cert_is_of(cert, cases[i].name, false) != cases[i].is_of)
			fail_msg("case %zu", i);
		X509_free(cert);
	}
}

/* For some, a name ends at a NUL: what a CA signed for one is then of another. */
static void names_with_nul_are_refused(void **state)
{
	static const char cn[] = "alice\0.evil", mail[] = "alice@corp\0.evil";
	static const char dns[] = "srv.test\0.evil.test";
	X509 *cert = make_cert_nul(cn, sizeof(cn) - 1, ec, GEN_EMAIL, mail, sizeof(mail) - 1);

	(void)state;
	assert_false(cert_is_of(cert, "alice", false));
	assert_false(cert_is_of(cert, "alice@corp", false));
	X509_free(cert);
	cert = make_cert_nul("alice", 5, ec, GEN_EMAIL, mail, 10);
	assert_true(cert_is_of(cert, "alice", false));
	assert_true(cert_is_of(cert, "alice@corp", false));
	X509_free(cert);
	cert = make_cert_nul(dns, sizeof(dns) - 1, rsa, GEN_DNS, dns, sizeof(dns) - 1);
	begin_with(cert, make_cert("alice", ec, ca, NULL), ca, NULL, "srv.test", TLS1_3_VERSION);
	expect_refused("certificate", "certificate: hostname mismatch");
}

/* ---- state by packet ----------------------------------------------------------- */

enum server_at { AT_START, AT_STARTED, AT_FRAGMENT, AT_SENDING, AT_OVER, SERVER_ATS };

/* A ClientHello with keys of newer algorithms (OpenSSL 3.5) has several fragments. */
static bool more_of(const uint8_t *pkt)
{
	return pkt[5] & 0x40;
}

static void start_client(void)
{
	uint8_t pkt[] = { EAP_REQUEST, 1, 0, 6, EAP_TYPE_TLS, 0x20 };

	to_client(pkt, sizeof(pkt));
	pkt[5] = 0;
	while (more_of(rig.response)) {
		pkt[1]++;
		to_client(pkt, sizeof(pkt));
	}
}

static void server_to(enum server_at at)
{
	static const uint8_t first[] = { EAP_RESPONSE, 8, 0, 14, EAP_TYPE_TLS, 0xc0, 0, 0, 4, 0,
					 0x16, 3, 1, 1 };

	begin(TLS1_2_VERSION);
	if (at == AT_START)
		return;
	step();
	if (at == AT_FRAGMENT)
		to_server(first, sizeof(first));
	if (at == AT_SENDING) {
		to_server(rig.response, rig.response_len);
		while (more_of(rig.response)) {
			to_client(rig.request, rig.request_len);
			to_server(rig.response, rig.response_len);
		}
	}
	if (at != AT_OVER)
		return;
	while (rig.client_is != EAP_TLS_DONE)
		assert_true(step());
}

/* g = goes on, d = done, f = failed at once, a = an alert first. */
static char server_outcome(void)
{
	if (rig.server_is == EAP_TLS_DONE)
		return 'd';
	if (rig.server_is == EAP_TLS_FAILED)
		return 'f';
	return *eap_tls_why(rig.server) ? 'a' : 'g';
}

static void server_state_by_packet(void **state)
{
	static const struct {
		uint8_t code;
		uint8_t data[12];
		size_t len;
		const char *outcome;
	} rows[] = {
		/* start, started, fragment, sending, over */
		{ EAP_RESPONSE, { 13, 0 }, 2,				"gffgd" },
		{ EAP_RESPONSE, { 13 }, 1,				"gffff" },
		{ EAP_RESPONSE, { 13, 0x20 }, 2,			"gffff" },
		{ EAP_RESPONSE, { 13, 0x40 }, 2,			"gffff" },
		{ EAP_RESPONSE, { 13, 0x80 }, 2,			"gffff" },
		{ EAP_RESPONSE, { 13, 0x80, 0, 0 }, 4,			"gffff" },
		{ EAP_RESPONSE, { 13, 0x80, 0, 0, 0, 0 }, 6,		"gffff" },
		{ EAP_RESPONSE, { 13, 0xc0, 0, 1, 0, 1, 22 }, 7,	"gfgff" },
		{ EAP_RESPONSE, { 13, 0xc0, 0xff, 0xff, 0xff, 0xff, 22 }, 7, "gfgff" },
		{ EAP_RESPONSE, { 13, 0x80, 0, 0, 0, 2, 22 }, 7,	"gffff" },
		{ EAP_RESPONSE, { 13, 0x80, 0, 0, 0, 1, 22, 3 }, 8,	"gffff" },
		{ EAP_RESPONSE, { 13, 0x40, 22 }, 3,			"gggfg" },
		{ EAP_RESPONSE, { 13, 0, 22, 3, 1 }, 5,			"gffff" },
		{ EAP_RESPONSE, { 13, 0, 'G', 'E', 'T', ' ', '/', ' ', 'H', 'T' }, 10, "gffff" },
		{ EAP_RESPONSE, { 13, 0, 22, 3, 1, 0, 4, 2, 0, 0, 0 }, 11, "gafff" },
		{ EAP_RESPONSE, { 25, 0 }, 2,				"gffff" },
		{ EAP_RESPONSE, { 3, 26 }, 2,				"gffff" },
		{ EAP_RESPONSE, { 1, 'u' }, 2,				"gffff" },
		{ EAP_RESPONSE, { 0 }, 0,				"gffff" },
		{ EAP_REQUEST, { 13, 0 }, 2,				"fffff" },
		{ EAP_SUCCESS, { 0 }, 0,				"fffff" },
	};
	enum server_at at;
	uint8_t pkt[16];
	char outcome;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		for (at = 0; at < SERVER_ATS; at++) {
			server_to(at);
			pkt[0] = rows[i].code;
			pkt[1] = rig.request[1];
			pkt[2] = 0;
			pkt[3] = (uint8_t)(4 + rows[i].len);
			memcpy(pkt + 4, rows[i].data, rows[i].len);
			to_server(pkt, 4 + rows[i].len);
			outcome = server_outcome();
			if (outcome != rows[i].outcome[at])
				fail_msg("row %zu, state %d: %c (%s)", i, at, outcome,
					 eap_tls_why(rig.server));
			/* Nothing brings a failed one back. */
			if (outcome == 'f' || outcome == 'a') {
				to_server((const uint8_t[]){ 2, 9, 0, 6, 13, 0 }, 6);
				assert_int_equal(rig.server_is, EAP_TLS_FAILED);
			}
			end();
		}
	}
}

static void client_by_packet(void **state)
{
	static const struct {
		uint8_t data[8];
		size_t len;
		const char *outcome;		/* before the start, after it */
	} rows[] = {
		{ { 13, 0x20 }, 2,			"gf" },
		{ { 13, 0x20, 1, 2, 3 }, 5,		"gf" },
		{ { 13, 0 }, 2,				"fg" },
		{ { 13 }, 1,				"ff" },
		{ { 13, 0x40 }, 2,			"ff" },
		{ { 13, 0x80, 0, 0 }, 4,		"ff" },
		{ { 13, 0xc0, 0, 1, 0, 1, 22 }, 7,	"ff" },
		{ { 13, 0x40, 22 }, 3,			"fg" },
		{ { 13, 0, 'H', 'T', 'T', 'P' }, 6,	"fg" },
		{ { 25, 0x20 }, 2,			"gf" },
		{ { 0 }, 0,				"ff" },
	};
	uint8_t pkt[16] = { EAP_REQUEST, 1, 0, 6, 13, 0x20 };
	char outcome;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		for (int started = 0; started < 2; started++) {
			begin(TLS1_3_VERSION);
			if (started)
				start_client();
			pkt[1] = 9;
			pkt[3] = (uint8_t)(4 + rows[i].len);
			memcpy(pkt + 4, rows[i].data, rows[i].len);
			to_client(pkt, 4 + rows[i].len);
			outcome = rig.client_is == EAP_TLS_FAILED ? 'f' : 'g';
			if (outcome != rows[i].outcome[started] || rig.client_is == EAP_TLS_DONE)
				fail_msg("row %zu, %d: %c (%s)", i, started, outcome,
					 eap_tls_why(rig.client));
			end();
		}
	}
}

/* A peer without end costs 64 KiB, then it is told so. */
static void messages_are_bounded(void **state)
{
	static uint8_t pkt[AUTH_PACKET_MAX];
	size_t len = 6 + EAP_TLS_FRAGMENT, sent = 0;

	(void)state;
	server_to(AT_STARTED);
	memcpy(pkt, (const uint8_t[]){ EAP_RESPONSE, 8, len >> 8, len & 0xff, 13, 0x40 }, 6);
	do {
		to_server(pkt, len);
		sent += EAP_TLS_FRAGMENT;
		assert_true(sent < EAP_TLS_MESSAGE_MAX + 2 * EAP_TLS_FRAGMENT);
	} while (rig.server_is == EAP_TLS_GOES_ON);
	assert_true(sent > EAP_TLS_MESSAGE_MAX);
	assert_string_equal(eap_tls_why(rig.server), "a message of more than 64 KiB");
	end();
}

#define T(f) cmocka_unit_test(f)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(both_log_in), T(long_messages_come_in_fragments), T(strangers_are_refused),
		T(names_of_certificates), T(names_with_nul_are_refused),
		T(server_state_by_packet), T(client_by_packet), T(messages_are_bounded),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
