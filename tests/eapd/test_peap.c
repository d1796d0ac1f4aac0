// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * PEAP of our client against a server that is played here, which can do everything wrong:
 * another certificate, another password, no Crypto-Binding or a forged one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "auth/mschap.h"
#include "eapd/peap.h"
#include "ppp/eap.h"
#include "rig/certs.h"
#include "tls/tls_ctx.h"

#define USER		"CORP\\alice"
#define PASSWORD	"clientPass"
#define FLAG_START	0x20
#define FLAG_MORE	0x40
#define FLAG_LENGTH	0x80

static EVP_PKEY *key;
static X509 *ca, *other_ca;
static struct mschap *mschap;

/* ---- [MS-PEAP] 4.4.1: an example with all keys ------------------------------------- */

static const uint8_t example_tk[PEAP_TUNNEL_KEY_LEN] = {
	0x73, 0x8b, 0xb5, 0xf4, 0x62, 0xd5, 0x8e, 0x7e, 0xd8, 0x44, 0xe1, 0xf0, 0x0d, 0x0e,
	0xbe, 0x50, 0xc5, 0x0a, 0x20, 0x50, 0xde, 0x11, 0x99, 0x77, 0x10, 0xd6, 0x5f, 0x45,
	0xfb, 0x5f, 0xba, 0xb7, 0xe3, 0x18, 0x1e, 0x92, 0x4f, 0x42, 0x97, 0x38,
};
static const uint8_t example_isk[PEAP_ISK_LEN] = {
	0x67, 0x3e, 0x96, 0x14, 0x01, 0xbe, 0xfb, 0xa5, 0x60, 0x71, 0x7b, 0x3b, 0x5d, 0xdd,
	0x40, 0x38, 0x65, 0x67, 0xf9, 0xf4, 0x16, 0xfd, 0x3e, 0x9d, 0xfc, 0x71, 0x16, 0x3b,
	0xdf, 0xf2, 0xfa, 0x95,
};
static const uint8_t example_ipmk[PEAP_IPMK_LEN] = {
	0x3a, 0x91, 0x1c, 0x25, 0x54, 0x73, 0xe8, 0x3e, 0x9a, 0x0c, 0xc3, 0x33, 0xae, 0x1f,
	0x8a, 0x35, 0xcd, 0xc7, 0x41, 0x63, 0xe7, 0xf6, 0x0f, 0x6c, 0x65, 0xef, 0x71, 0xc2,
	0x64, 0x42, 0xaa, 0xac, 0xa2, 0xb6, 0xf1, 0xeb, 0x4f, 0x25, 0xec, 0xa3,
};
/* The first half of the MSK: the beginning of both session keys there. */
static const uint8_t example_hlak[BINDING_HLAK_LEN] = {
	0x6a, 0x02, 0xd7, 0x82, 0x20, 0x1b, 0xc7, 0x13, 0x8b, 0xf8, 0xef, 0xf7, 0x33, 0xb4,
	0x96, 0x97, 0x0d, 0x7c, 0xab, 0x30, 0x0a, 0xc9, 0x57, 0x72, 0x78, 0xe1, 0xdd, 0xd5,
	0xae, 0xf7, 0x66, 0x97,
};
/* The client's Crypto-Binding TLV; nonce and Compound MAC are the example's. */
static const uint8_t example_tlv[PEAP_BINDING_TLV_LEN] = {
	0x00, 0x0c, 0x00, 0x38, 0x00, 0x00, 0x00, 0x01, 0x6c, 0x6b, 0xa3, 0x87, 0x84, 0x23,
	0x74, 0x57, 0xcc, 0xc9, 0x0b, 0x1a, 0x90, 0x8c, 0xbd, 0xf4, 0x71, 0x1b, 0x69, 0x99,
	0x4d, 0x0c, 0xfe, 0x8d, 0x3d, 0xb4, 0x4e, 0xcb, 0xcd, 0xad, 0x37, 0xe9, 0x42, 0xe0,
	0x86, 0x07, 0x1d, 0x1c, 0x8b, 0x8c, 0x8e, 0x45, 0x8f, 0x70, 0x21, 0xf0, 0x6a, 0x6e,
	0xab, 0x16, 0xb6, 0x46,
};

static void keys_of_the_example(void **state)
{
	uint8_t hlak[BINDING_HLAK_LEN], tlv[PEAP_BINDING_TLV_LEN];
	struct wbuf w = wbuf_of(tlv, sizeof(tlv));
	struct peap_keys keys;

	(void)state;
	assert_true(peap_keys_derive(&keys, example_tk, example_isk));
	assert_memory_equal(keys.ipmk, example_ipmk, sizeof(example_ipmk));
	assert_true(peap_keys_hlak(&keys, hlak));
	assert_memory_equal(hlak, example_hlak, sizeof(hlak));
	assert_true(peap_binding_put(&w, &keys, PEAP_BINDING_RESPONSE, example_tlv + 8));
	assert_int_equal(w.len, sizeof(example_tlv));
	assert_memory_equal(tlv, example_tlv, sizeof(tlv));
}

static void every_bit_of_a_binding_counts(void **state)
{
	uint8_t tlv[PEAP_BINDING_TLV_LEN];
	struct peap_keys keys;

	(void)state;
	peap_keys_derive(&keys, example_tk, example_isk);
	assert_true(peap_binding_ok(&keys, PEAP_BINDING_RESPONSE, example_tlv));
	assert_false(peap_binding_ok(&keys, PEAP_BINDING_REQUEST, example_tlv));
	for (size_t bit = 0; bit < 8 * sizeof(tlv); bit++) {
		memcpy(tlv, example_tlv, sizeof(tlv));
		tlv[bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_false(peap_binding_ok(&keys, PEAP_BINDING_RESPONSE, tlv));
	}
}

/* ---- certificates -------------------------------------------------------------------- */

static X509 *make_cert(const char *cn, X509 *issuer, const char *san)
{
	return signed_cert(cn, key, issuer, key, san);
}

static int group_setup(void **state)
{
	(void)state;
	key = EVP_EC_gen("P-256");
	ca = make_cert("CA", NULL, NULL);
	other_ca = make_cert("another CA", NULL, NULL);
	mschap = mschap_new();
	return mschap ? 0 : -1;
}

static int group_teardown(void **state)
{
	(void)state;
	X509_free(ca);
	X509_free(other_ca);
	EVP_PKEY_free(key);
	mschap_free(mschap);
	return 0;
}

/* ---- the server ---------------------------------------------------------------------- */

enum binding {
	BINDING_GOOD,
	BINDING_NONE,
	BINDING_FORGED,
	BINDING_RESPONSE,
	BINDING_SHORT,
	BINDING_TWICE,
	BINDING_OTHER_TYPE,
};

/**
 * struct wish - how the server is
 * @password: what it believes the client's is, NULL = PASSWORD
 * @export: bytes it asks of TLS for the keys, 0 = 128
 * @header: its request for the identity has the header of EAP
 * @zero: the zero byte of EAP-TLS before it, in the same message
 * @capabilities: it begins with type 254, as Windows does
 * @mute: it does not say that the password is wrong
 * @hasty: the result without any login
 * @liar: Success, though it does not know the password
 * @curious: a second Challenge, once there is an answer to the first
 * @twice: its request for the identity, two times in one message
 * @tlvs: more of the result
 */
struct wish {
	int version;
	const char *password;
	enum binding binding;
	size_t export;
	bool header;
	bool zero;
	bool capabilities;
	bool mute;
	bool hasty;
	bool liar;
	bool curious;
	bool twice;
	struct rbuf tlvs;
};

static struct {
	struct wish wish;
	SSL_CTX *server_ctx, *client_ctx;
	SSL *ssl;
	BIO *in, *out;
	struct eap_tls *client;
	struct peap *peap;
	uint8_t id, step;
	uint8_t identity[100];
	size_t identity_len;
	uint8_t challenge[MSCHAP_CHALLENGE_LEN];
	uint8_t hlak[BINDING_HLAK_LEN];
	struct peap_keys keys;
	enum eap_tls_state client_is;
	uint8_t request[16384], response[AUTH_PACKET_MAX];
	size_t request_len, response_len;
	bool accepted, client_refused, more;
} rig;

static void end(void)
{
	peap_free(rig.peap);
	eap_tls_free(rig.client);
	SSL_free(rig.ssl);
	SSL_CTX_free(rig.server_ctx);
	SSL_CTX_free(rig.client_ctx);
	memset(&rig, 0, sizeof(rig));
}

static void begin(struct wish wish, X509 *trusted, const char *san, bool need_binding)
{
	X509 *cert = make_cert("srv", ca, san);
	int fd = memfd_create("pem", 0);
	FILE *f = fdopen(dup(fd), "w");
	char err[200] = "";

	PEM_write_X509(f, trusted);
	fclose(f);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	rig.client_ctx = tls_ctx_eap(false, NULL, fd, err, sizeof(err));
	assert_string_equal(err, "");
	close(fd);
	rig.server_ctx = SSL_CTX_new(TLS_server_method());
	SSL_CTX_use_certificate(rig.server_ctx, cert);
	SSL_CTX_use_PrivateKey(rig.server_ctx, key);
	SSL_CTX_set_max_proto_version(rig.server_ctx, wish.version);
	X509_free(cert);
	rig.ssl = SSL_new(rig.server_ctx);
	rig.in = BIO_new(BIO_s_mem());
	rig.out = BIO_new(BIO_s_mem());
	SSL_set_bio(rig.ssl, rig.in, rig.out);
	SSL_set_accept_state(rig.ssl);
	rig.client = eap_tls_new(rig.client_ctx, "srv.test");
	rig.peap = peap_new(rig.client, USER, need_binding);
	rig.wish = wish;
}

static void nt_hash(const char *password, uint8_t hash[static MSCHAP_NT_HASH_LEN])
{
	assert_int_equal(mschap_nt_hash(mschap, password, strlen(password), hash), 0);
}

/* What TLS gives, by the labels of RFC 5216 and RFC 9427. */
static void tunnel_key(uint8_t msk[static 64])
{
	static const uint8_t type = EAP_TYPE_PEAP;
	size_t export = rig.wish.export ? rig.wish.export : 128;
	uint8_t both[128];

	if (SSL_version(rig.ssl) == TLS1_3_VERSION)
		assert_int_equal(SSL_export_keying_material(rig.ssl, both, export,
				 "EXPORTER_EAP_TLS_Key_Material", 29, &type, 1, 1), 1);
	else
		assert_int_equal(SSL_export_keying_material(rig.ssl, both, export,
				 "client EAP encryption", 21, NULL, 0, 0), 1);
	memcpy(msk, both, 64);
}

static void inner(const void *data, size_t len)
{
	assert_int_equal(SSL_write(rig.ssl, data, (int)len), (int)len);
}

static void ask_identity(void)
{
	static const uint8_t short_one[] = { EAP_TYPE_IDENTITY };
	static const uint8_t whole[] = { EAP_REQUEST, 9, 0, 5, EAP_TYPE_IDENTITY };

	if (rig.wish.zero)
		inner("", 1);
	if (rig.wish.header)
		inner(whole, sizeof(whole));
	else
		inner(short_one, sizeof(short_one));
	if (rig.wish.twice)
		inner(short_one, sizeof(short_one));
}

static void send_challenge(void)
{
	uint8_t pkt[] = { EAP_TYPE_MSCHAPV2, 1, 77, 0, 24, 16, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12,
			  13, 14, 15, 16, 's', 'r', 'v' };

	memcpy(rig.challenge, pkt + 6, sizeof(rig.challenge));
	inner(pkt, sizeof(pkt));
}

static void send_binding(struct wbuf *w)
{
	const bool response = rig.wish.binding == BINDING_RESPONSE;
	uint8_t msk[64], nonce[PEAP_NONCE_LEN] = { 42 };
	size_t at = w->len;

	tunnel_key(msk);
	if (rig.wish.binding == BINDING_FORGED)
		msk[0] ^= 1;
	peap_keys_derive(&rig.keys, msk, rig.hlak);
	peap_binding_put(w, &rig.keys, response ? PEAP_BINDING_RESPONSE : PEAP_BINDING_REQUEST,
			 nonce);
	if (rig.wish.binding == BINDING_TWICE)
		peap_binding_put(w, &rig.keys, PEAP_BINDING_REQUEST, nonce);
	if (rig.wish.binding == BINDING_SHORT) {
		w->len--;
		buf_set_u16(w, at + 2, 55);
	}
	if (rig.wish.binding == BINDING_OTHER_TYPE)
		buf_set_u16(w, at, 13);
	peap_keys_hlak(&rig.keys, rig.hlak);
}

static void send_result(uint16_t status)
{
	uint8_t pkt[300];
	struct wbuf w = wbuf_of(pkt, sizeof(pkt));
	uint8_t msk[64];

	buf_put(&w, (const uint8_t[]){ EAP_REQUEST, 99, 0, 0, 33 }, 5);
	buf_put_u16(&w, 0x8003);
	buf_put_u16(&w, 2);
	buf_put_u16(&w, status);
	if (rig.wish.tlvs.len)
		buf_put(&w, rig.wish.tlvs.p, rig.wish.tlvs.len);
	if (status == 1 && rig.wish.binding != BINDING_NONE) {
		send_binding(&w);
	} else {
		tunnel_key(msk);
		memcpy(rig.hlak, msk, sizeof(rig.hlak));
	}
	buf_set_u16(&w, 2, (uint16_t)w.len);
	inner(pkt, w.len);
	rig.step = 4;
}

static void check_response(struct rbuf in)
{
	const char *password = rig.wish.password ? rig.wish.password : PASSWORD;
	uint8_t hash[MSCHAP_NT_HASH_LEN], success[60] = { EAP_TYPE_MSCHAPV2, 3, 77, 0, 46 };
	static const uint8_t failure[] = "\x1a\x04\x4d\0\x1f" "E=691 R=0 C=0 V=3 M=not him";
	struct mschap_result res;

	assert_int_equal(in.len, 1 + 4 + 1 + 49 + strlen(USER));
	assert_int_equal(in.p[0], EAP_TYPE_MSCHAPV2);
	assert_int_equal(in.p[2], 77);
	assert_memory_equal(in.p + 55, USER, strlen(USER));
	nt_hash(password, hash);
	rig.step = 3;
	if (rig.wish.curious) {
		rig.wish.curious = false;
		send_challenge();
		return;
	}
	if (mschap_verify(mschap, hash, USER, rig.challenge, in.p + 6, in.p + 30, &res) == 1) {
		memcpy(rig.hlak, res.hlak, sizeof(rig.hlak));
		memcpy(success + 5, res.auth_response, MSCHAP_AUTH_RESPONSE_LEN);
		inner(success, 5 + MSCHAP_AUTH_RESPONSE_LEN);
	} else if (rig.wish.mute) {
		send_result(2);
	} else if (rig.wish.liar) {
		memcpy(success + 5, "S=0123456789012345678901234567890123456789", 42);
		inner(success, 47);
	} else {
		inner(failure, sizeof(failure) - 1);
	}
}

static void check_end(struct rbuf in)
{
	assert_true(in.len >= 11);
	assert_memory_equal(in.p, ((const uint8_t[]){ EAP_RESPONSE, 99, 0 }), 3);
	assert_int_equal(in.p[3], in.len);
	assert_memory_equal(in.p + 4, ((const uint8_t[]){ 33, 0x80, 3, 0, 2, 0 }), 6);
	rig.client_refused = in.p[10] != 1;
	if (!rig.client_refused && rig.wish.binding == BINDING_GOOD) {
		assert_int_equal(in.len, 11 + PEAP_BINDING_TLV_LEN);
		assert_true(peap_binding_ok(&rig.keys, PEAP_BINDING_RESPONSE, in.p + 11));
	}
	rig.accepted = !rig.client_refused;
	rig.step = 5;
}

static void on_inner(struct rbuf in)
{
	static const uint8_t capabilities[] = { EAP_REQUEST, 8, 0, 16, 254, 0, 1, 0x37, 0, 0, 0, 34,
						0, 0, 0, 1 };
	/* [MS-PEAP] 3.1.5.6: the header is left out, though that request has one. */
	static const uint8_t nak[] = { EAP_TYPE_NAK, EAP_TYPE_MSCHAPV2 };

	switch (rig.step) {
	case 1:
		assert_int_equal(in.p[0], EAP_TYPE_IDENTITY);
		memcpy(rig.identity, in.p + 1, in.len - 1);
		rig.identity_len = in.len - 1;
		if (rig.wish.capabilities) {
			rig.wish.capabilities = false;
			inner(capabilities, sizeof(capabilities));
			rig.step = 6;
		} else if (rig.wish.hasty) {
			send_result(1);
		} else {
			send_challenge();
			rig.step = 2;
		}
		break;
	case 6:
		assert_int_equal(in.len, sizeof(nak));
		assert_memory_equal(in.p, nak, sizeof(nak));
		send_challenge();
		rig.step = 2;
		break;
	case 2:
		check_response(in);
		break;
	case 3:
		assert_int_equal(in.len, 2);
		assert_int_equal(in.p[0], EAP_TYPE_MSCHAPV2);
		send_result(in.p[1] == 3 ? 1 : 2);
		break;
	case 4:
		check_end(in);
		break;
	}
}

/* A message of TLS has come whole. */
static void server_tls(void)
{
	uint8_t data[4096];
	int n;

	if (!SSL_is_init_finished(rig.ssl)) {
		n = SSL_do_handshake(rig.ssl);
		if (n == 1) {
			ask_identity();
			rig.step = 1;
		}
		return;
	}
	n = SSL_read(rig.ssl, data, sizeof(data));
	if (n > 0)
		on_inner(rbuf_of(data, (size_t)n));
}

static void server_request(uint8_t flags)
{
	struct wbuf w = wbuf_of(rig.request, sizeof(rig.request));
	uint8_t data[8192];
	int n = BIO_read(rig.out, data, sizeof(data));

	buf_put_u8(&w, EAP_REQUEST);
	buf_put_u8(&w, ++rig.id);
	buf_put_u16(&w, 0);
	buf_put_u8(&w, EAP_TYPE_PEAP);
	/* Servers say which version they know at most: 1. We go on with 0. */
	buf_put_u8(&w, flags | (flags & FLAG_START ? 1 : 0));
	if (n > 0)
		buf_put(&w, data, (size_t)n);
	buf_set_u16(&w, 2, (uint16_t)w.len);
	rig.request_len = w.len;
}

/* authd, in the middle of it. */
static void answer_challenges(void)
{
	uint8_t auth[MSCHAP_CHALLENGE_LEN], peer[MSCHAP_CHALLENGE_LEN], hash[MSCHAP_NT_HASH_LEN];
	struct wbuf out = wbuf_of(rig.response, sizeof(rig.response));
	struct peap_proof proof = { .ok = true };
	struct mschap_result res;

	peap_challenges(rig.peap, auth, peer);
	nt_hash(PASSWORD, hash);
	assert_int_equal(mschap_compute(mschap, hash, USER, auth, peer, &res), 0);
	memcpy(proof.nt_response, res.nt_response, sizeof(proof.nt_response));
	memcpy(proof.auth_response, res.auth_response, sizeof(proof.auth_response));
	memcpy(proof.hlak, res.hlak, sizeof(proof.hlak));
	rig.client_is = peap_proof(rig.peap, &proof, &out);
	rig.response_len = out.len;
}

static bool step(void)
{
	struct wbuf out = wbuf_of(rig.response, sizeof(rig.response));

	rig.client_is = eap_tls_input(rig.client, rbuf_of(rig.request, rig.request_len), &out);
	assert_false(out.bad);
	rig.response_len = out.len;
	if (rig.client_is == EAP_TLS_WAITS) {
		assert_int_equal(out.len, 0);
		answer_challenges();
	}
	assert_true(rig.response_len >= 6);
	assert_int_equal(rig.response[0], EAP_RESPONSE);
	assert_int_equal(rig.response[1], rig.id);
	assert_int_equal(rig.response[4], EAP_TYPE_PEAP);
	assert_int_equal(rig.response[5] & 0x07, 0);
	return rig.client_is == EAP_TLS_GOES_ON;
}

static void to_server(void)
{
	size_t head = rig.response[5] & FLAG_LENGTH ? 10 : 6;
	bool begins = !rig.more;

	rig.more = rig.response[5] & FLAG_MORE;
	/*
	 * NPS wants to know the length of all that is of the handshake; the first fragment
	 * says it.
	 */
	if (rig.response_len > 6 && rig.response[6] != 0x17 && !rig.step && begins)
		assert_true(rig.response[5] & FLAG_LENGTH);
	if (rig.step)
		assert_false(rig.response[5] & FLAG_LENGTH);
	BIO_write(rig.in, rig.response + head, (int)(rig.response_len - head));
	if (!(rig.response[5] & FLAG_MORE) && (rig.response_len > head || rig.step))
		server_tls();
}

static void run(void)
{
	server_request(FLAG_START);
	for (unsigned int i = 0; i < 30 && step(); i++) {
		to_server();
		server_request(0);
	}
	to_server();
}

/* ---- logins -------------------------------------------------------------------------- */

static const int versions[] = { TLS1_2_VERSION, TLS1_3_VERSION };

static void expect_login(struct wish wish, bool need_binding)
{
	uint8_t hlak[BINDING_HLAK_LEN];

	for (size_t i = 0; i < 2; i++) {
		wish.version = versions[i];
		begin(wish, ca, "DNS:srv.test", need_binding);
		run();
		assert_string_equal(eap_tls_why(rig.client), "");
		assert_int_equal(rig.client_is, EAP_TLS_DONE);
		assert_true(rig.accepted);
		assert_int_equal(rig.identity_len, strlen(USER));
		assert_memory_equal(rig.identity, USER, strlen(USER));
		peap_hlak(rig.peap, hlak);
		assert_memory_equal(hlak, rig.hlak, sizeof(hlak));
		end();
	}
}

static void logins(void **state)
{
	(void)state;
	expect_login((struct wish){ 0 }, true);
	expect_login((struct wish){ 0 }, false);
	expect_login((struct wish){ .header = true }, true);
	expect_login((struct wish){ .capabilities = true }, true);
	/* One that need not be known. */
	expect_login((struct wish){ .tlvs = rbuf_of("\0\x55\0\1x", 5) }, true);
	/* hostapd 2.10: by TLS 1.3 that is another key. */
	expect_login((struct wish){ .export = 64 }, true);
	/* FreeRADIUS 3; only if it was said that that will do. */
	expect_login((struct wish){ .binding = BINDING_NONE, .header = true }, false);
}

/* ---- refusals ------------------------------------------------------------------------ */

static void expect_refusal(struct wish wish, bool need_binding, const char *why)
{
	for (size_t i = 0; i < 2; i++) {
		wish.version = versions[i];
		begin(wish, ca, "DNS:srv.test", need_binding);
		run();
		assert_int_equal(rig.client_is, EAP_TLS_FAILED);
		assert_false(rig.accepted);
		if (!strstr(eap_tls_why(rig.client), why))
			fail_msg("why: %s, not %s", eap_tls_why(rig.client), why);
		end();
	}
}

static void refusals(void **state)
{
	(void)state;
	expect_refusal((struct wish){ .binding = BINDING_NONE }, true, "sends no Crypto-Binding");
	expect_refusal((struct wish){ .binding = BINDING_FORGED }, true, "Crypto-Binding is forged");
	/* One that is there must be good, whether it has to be there or not. */
	expect_refusal((struct wish){ .binding = BINDING_FORGED }, false, "Crypto-Binding is forged");
	expect_refusal((struct wish){ .binding = BINDING_RESPONSE }, true, "Crypto-Binding is forged");
	expect_refusal((struct wish){ .password = "another" }, true, "not him");
	expect_refusal((struct wish){ .password = "another", .mute = true }, true,
		       "the password may be wrong");
	expect_refusal((struct wish){ .password = "another", .liar = true }, true,
		       "the server does not know the password");
	expect_refusal((struct wish){ .hasty = true }, false, "did not prove that it knows");
	expect_refusal((struct wish){ .curious = true }, true, "a Challenge that is none, or one");
	expect_refusal((struct wish){ .twice = true }, true, "too much at a time");
}

/* Nothing that is not quite a Crypto-Binding is as if there were none. */
static void results(void **state)
{
	static const struct rbuf bad[] = {
		{ .p = (const uint8_t *)"\x80\x55\0\1x", .len = 5 },	/* mandatory, unknown */
		{ .p = (const uint8_t *)"\x80\3\0\2\0\1", .len = 6 },	/* a second result */
		{ .p = (const uint8_t *)"\0\3\0\2\0\2", .len = 6 },
		{ .p = (const uint8_t *)"\0\x55\0\2x", .len = 5 },	/* too long */
		{ .p = (const uint8_t *)"\0\x55\0", .len = 3 },
		{ .p = (const uint8_t *)"\0\x0c\0\0", .len = 4 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		expect_refusal((struct wish){ .binding = BINDING_NONE, .tlvs = bad[i] }, false,
			       "a result that is none");
	expect_refusal((struct wish){ .binding = BINDING_SHORT }, false, "a result that is none");
	expect_refusal((struct wish){ .binding = BINDING_TWICE }, false, "a result that is none");
	expect_refusal((struct wish){ .binding = BINDING_OTHER_TYPE }, true, "no Crypto-Binding");
}

/* Some say so in TLS 1.3; in the same message, or in one of its own. */
static void handshake_is_over(void **state)
{
	(void)state;
	begin((struct wish){ .version = TLS1_3_VERSION, .zero = true }, ca, "DNS:srv.test", true);
	run();
	assert_int_equal(rig.client_is, EAP_TLS_DONE);
	assert_true(rig.accepted);
	end();
	begin((struct wish){ .version = TLS1_2_VERSION, .zero = true }, ca, "DNS:srv.test", true);
	run();
	assert_int_equal(rig.client_is, EAP_TLS_FAILED);
	end();
}

/* No name would be any name. */
static void a_name_has_to_be(void **state)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());

	(void)state;
	assert_null(eap_tls_new(ctx, ""));
	SSL_CTX_free(ctx);
}

static void certificates(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2; i++) {
		begin((struct wish){ .version = versions[i] }, other_ca, "DNS:srv.test", true);
		run();
		assert_int_equal(rig.client_is, EAP_TLS_FAILED);
		assert_non_null(strstr(eap_tls_why(rig.client), "certificate: unable to get"));
		/* Nobody has heard who we are. */
		assert_int_equal(rig.identity_len, 0);
		end();
		begin((struct wish){ .version = versions[i] }, ca, "DNS:other.test", true);
		run();
		assert_int_equal(rig.client_is, EAP_TLS_FAILED);
		assert_non_null(strstr(eap_tls_why(rig.client), "certificate: hostname mismatch"));
		assert_int_equal(rig.identity_len, 0);
		end();
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_of_the_example),
		cmocka_unit_test(every_bit_of_a_binding_counts),
		cmocka_unit_test(logins),
		cmocka_unit_test(refusals),
		cmocka_unit_test(results),
		cmocka_unit_test(handshake_is_over),
		cmocka_unit_test(a_name_has_to_be),
		cmocka_unit_test(certificates),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
