// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What RADIUS says about sessions. The test is the RADIUS server: it reads our
 * requests and builds the answers that a server would.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <arpa/inet.h>

#include <cmocka.h>
#include <openssl/evp.h>

#include "lib/log.h"
#include "lib/reason.h"
#include "radiusd/radius_session.h"

#define SECRET	"radius secret"
#define NOW	1800000000

static const uint8_t authenticator[RADIUS_AUTHENTICATOR_LEN] = { 1, 2, 3 };

static const struct conf_radius conf = { .nas_identifier = "gate" };
static const struct radius_nas nas = { .conf = &conf, .started = 0xabcd };

static uint8_t out[RADIUS_PACKET_MAX];
static struct wbuf w;
static struct radius_pkt pkt;

static struct msg_auth_ask ask_of(enum auth_method_id method)
{
	struct msg_auth_ask ask = {
		.id = 7,
		.remote.ss_family = AF_INET,
		.req.method = method,
	};

	strcpy(ask.req.name, "alice");
	strcpy(ask.req.password, "secret");
	memset(ask.req.auth_challenge, 0xa1, MSCHAP_CHALLENGE_LEN);
	memset(ask.req.peer_challenge, 0xb2, MSCHAP_CHALLENGE_LEN);
	memset(ask.req.nt_response, 0xc3, MSCHAP_NT_RESPONSE_LEN);
	((struct sockaddr_in *)&ask.remote)->sin_addr.s_addr =
		htonl(0xc0000202);
	return ask;
}

/* Reads back what was built: from the beginning of the attributes. */
static void reread(void)
{
	assert_false(w.bad);
	assert_true(radius_parse(&pkt, rbuf_of(out, w.len)));
}

static void start(enum radius_code code)
{
	w = wbuf_of(out, sizeof(out));
	radius_begin(&w, code, 5, NULL);
}

static void assert_text(enum radius_type type, const char *want)
{
	struct rbuf value;

	if (!radius_find(&pkt, type, &value))
		fail_msg("no attribute %d", type);
	assert_int_equal(value.len, strlen(want));
	assert_memory_equal(value.p, want, value.len);
}

static void assert_number(enum radius_type type, uint32_t want)
{
	struct rbuf value;
	uint32_t n;

	if (!radius_find(&pkt, type, &value))
		fail_msg("no attribute %d", type);
	assert_true(radius_u32(value, &n));
	assert_int_equal(n, want);
}

static void assert_lacks(enum radius_type type)
{
	struct rbuf value;

	assert_false(radius_find(&pkt, type, &value));
}

static struct rbuf microsoft(enum radius_ms_type type)
{
	struct radius_iter it = { .attrs = pkt.attrs };
	struct radius_attr attr;

	while (radius_next(&it, &attr))
		if (attr.vendor == RADIUS_MICROSOFT && attr.type == type)
			return attr.value;
	fail_msg("no attribute %d of Microsoft", type);
	return rbuf_of(NULL, 0);
}

/* ---- Access-Request -------------------------------------------------------------- */

static void request_pap(void **state)
{
	struct msg_auth_ask ask = ask_of(AUTH_PAP);
	struct rbuf value;

	(void)state;
	w = wbuf_of(out, sizeof(out));
	assert_true(radius_put_access(&w, &nas, &ask, 9, authenticator, rbuf_of("", 0),
				      SECRET));
	reread();
	assert_int_equal(pkt.code, RADIUS_ACCESS_REQUEST);
	assert_int_equal(pkt.id, 9);
	/* Nothing can be put before it. */
	assert_int_equal(pkt.attrs.p[0], RADIUS_MESSAGE_AUTHENTICATOR);
	assert_text(RADIUS_USER_NAME, "alice");
	assert_text(RADIUS_NAS_IDENTIFIER, "gate");
	assert_text(RADIUS_CALLING_STATION_ID, "192.0.2.2");
	assert_text(RADIUS_ACCT_SESSION_ID, "0000ABCD00000007");
	assert_number(RADIUS_NAS_PORT, 7);
	assert_number(RADIUS_NAS_PORT_TYPE, 5);
	assert_number(RADIUS_SERVICE_TYPE, 2);
	assert_number(RADIUS_FRAMED_PROTOCOL, 1);
	assert_true(radius_find(&pkt, RADIUS_USER_PASSWORD, &value));
	assert_int_equal(value.len, 16);
	assert_memory_not_equal(value.p, "secret", 6);
	assert_lacks(RADIUS_NAS_IP_ADDRESS);
}

static void request_mschapv2(void **state)
{
	struct msg_auth_ask ask = ask_of(AUTH_MSCHAPV2);
	struct rbuf value;

	(void)state;
	w = wbuf_of(out, sizeof(out));
	assert_true(radius_put_access(&w, &nas, &ask, 9, authenticator, rbuf_of("", 0),
				      SECRET));
	reread();
	assert_lacks(RADIUS_USER_PASSWORD);
	value = microsoft(RADIUS_MS_CHAP_CHALLENGE);
	assert_int_equal(value.len, MSCHAP_CHALLENGE_LEN);
	assert_memory_equal(value.p, ask.req.auth_challenge, value.len);
	value = microsoft(RADIUS_MS_CHAP2_RESPONSE);
	assert_int_equal(value.len, 50);
	assert_memory_equal(value.p + 2, ask.req.peer_challenge, 16);
	assert_memory_equal(value.p + 26, ask.req.nt_response, 24);
}

static void request_chap(void **state)
{
	struct msg_auth_ask ask = ask_of(AUTH_CHAP_MD5);
	struct rbuf value;

	(void)state;
	ask.req.md5.id = 0x77;
	ask.req.md5.len = 20;
	memset(ask.req.md5.challenge, 0xd4, 20);
	memset(ask.req.md5.digest, 0xe5, CHAP_MD5_LEN);
	w = wbuf_of(out, sizeof(out));
	assert_true(radius_put_access(&w, &nas, &ask, 9, authenticator, rbuf_of("", 0),
				      SECRET));
	reread();
	assert_lacks(RADIUS_USER_PASSWORD);
	assert_true(radius_find(&pkt, RADIUS_CHAP_PASSWORD, &value));
	assert_int_equal(value.len, 17);
	assert_int_equal(value.p[0], 0x77);
	assert_memory_equal(value.p + 1, ask.req.md5.digest, CHAP_MD5_LEN);
	assert_true(radius_find(&pkt, RADIUS_CHAP_CHALLENGE, &value));
	assert_int_equal(value.len, 20);
	assert_memory_equal(value.p, ask.req.md5.challenge, 20);
}

/* RFC 3579 3.1: pieces of 253 bytes, and the State that was given. */
static void request_eap(void **state)
{
	struct msg_auth_ask ask = ask_of(AUTH_EAP_RADIUS);
	struct radius_iter it;
	struct radius_attr attr;
	uint8_t got[AUTH_PACKET_MAX];
	struct wbuf all;
	struct rbuf value;

	(void)state;
	ask.req.packet_len = AUTH_PACKET_MAX;
	for (size_t i = 0; i < AUTH_PACKET_MAX; i++)
		ask.req.packet[i] = (uint8_t)(i * 7);
	w = wbuf_of(out, sizeof(out));
	assert_true(radius_put_access(&w, &nas, &ask, 9, authenticator,
				      rbuf_of("st\0te", 5), SECRET));
	reread();
	assert_int_equal(pkt.attrs.p[0], RADIUS_MESSAGE_AUTHENTICATOR);
	assert_text(RADIUS_USER_NAME, "alice");
	assert_number(RADIUS_FRAMED_MTU, 1400);
	assert_lacks(RADIUS_USER_PASSWORD);
	assert_true(radius_find(&pkt, RADIUS_STATE, &value));
	assert_int_equal(value.len, 5);
	assert_memory_equal(value.p, "st\0te", 5);
	it = (struct radius_iter){ .attrs = pkt.attrs };
	all = wbuf_of(got, sizeof(got));
	while (radius_next(&it, &attr))
		if (!attr.vendor && attr.type == RADIUS_EAP_MESSAGE)
			buf_put(&all, attr.value.p, attr.value.len);
	assert_int_equal(all.len, AUTH_PACKET_MAX);
	assert_memory_equal(got, ask.req.packet, AUTH_PACKET_MAX);
	w = wbuf_of(out, sizeof(out));
	assert_true(radius_put_access(&w, &nas, &ask, 9, authenticator,
				      rbuf_of("", 0), SECRET));
	reread();
	assert_lacks(RADIUS_STATE);
}

/* RFC 2548 2.3.3 and 2.1.6 */
static void request_change(void **state)
{
	static const size_t pieces[] = { 4 + 243, 4 + 243, 4 + 30 };
	struct msg_auth_ask ask = ask_of(AUTH_MSCHAPV2);
	struct radius_iter it;
	struct radius_attr attr;
	uint8_t got[MSCHAP_NEW_PASSWORD_LEN];
	struct wbuf all = wbuf_of(got, sizeof(got));
	struct rbuf value;
	unsigned int n = 0;

	(void)state;
	ask.req.change = true;
	ask.req.packet_len = AUTH_CHANGE_LEN;
	for (size_t i = 0; i < AUTH_CHANGE_LEN; i++)
		ask.req.packet[i] = (uint8_t)(i * 7);
	w = wbuf_of(out, sizeof(out));
	assert_true(radius_put_access(&w, &nas, &ask, 9, authenticator, rbuf_of("", 0), SECRET));
	reread();
	value = microsoft(RADIUS_MS_CHAP2_CPW);
	assert_int_equal(value.len, 68);
	assert_int_equal(value.p[0], 7);
	assert_memory_equal(value.p + 2, ask.req.packet + MSCHAP_NEW_PASSWORD_LEN, 16);
	assert_memory_equal(value.p + 18, ask.req.peer_challenge, 16);
	assert_memory_equal(value.p + 42, ask.req.nt_response, 24);
	it = (struct radius_iter){ .attrs = pkt.attrs };
	while (radius_next(&it, &attr)) {
		assert_true(attr.vendor != RADIUS_MICROSOFT ||
			    attr.type != RADIUS_MS_CHAP2_RESPONSE);
		if (attr.vendor != RADIUS_MICROSOFT || attr.type != RADIUS_MS_CHAP_NT_ENC_PW)
			continue;
		assert_int_equal(attr.value.len, pieces[n++]);
		assert_int_equal(attr.value.p[0], 6);
		assert_int_equal(attr.value.p[2] << 8 | attr.value.p[3], n);
		buf_put(&all, attr.value.p + 4, attr.value.len - 4);
	}
	assert_int_equal(n, 3);
	assert_int_equal(all.len, sizeof(got));
	assert_memory_equal(got, ask.req.packet, sizeof(got));
}

static void request_too_long(void **state)
{
	struct msg_auth_ask ask = ask_of(AUTH_PAP);

	(void)state;
	memset(ask.req.name, 'x', RADIUS_VALUE_MAX + 1);
	w = wbuf_of(out, sizeof(out));
	assert_false(radius_put_access(&w, &nas, &ask, 9, authenticator,
				       rbuf_of("", 0), SECRET));
	ask = ask_of(AUTH_PAP);
	memset(ask.req.password, 'x', RADIUS_PASSWORD_MAX + 1);
	w = wbuf_of(out, sizeof(out));
	assert_false(radius_put_access(&w, &nas, &ask, 9, authenticator,
				       rbuf_of("", 0), SECRET));
}

/* ---- Access-Accept ----------------------------------------------------------------- */

/* As a server does it: RFC 2548 2.4.2. One block of 16, the key is shorter. */
static void put_key(enum radius_ms_type type, uint8_t first, size_t len)
{
	uint8_t value[2 + 32] = { 0x80, (uint8_t)type };
	uint8_t text[128];
	uint8_t *p = value + 2;
	size_t n = 0;

	p[0] = (uint8_t)len;
	for (size_t i = 0; i < len; i++)
		p[1 + i] = (uint8_t)(first + i);
	for (size_t block = 0; block < 32; block += 16) {
		uint8_t mask[16];

		memcpy(text, SECRET, n = strlen(SECRET));
		if (block) {
			memcpy(text + n, p + block - 16, 16);
			n += 16;
		} else {
			memcpy(text + n, authenticator, 16);
			memcpy(text + n + 16, value, 2);
			n += 18;
		}
		assert_true(EVP_Digest(text, n, mask, NULL, EVP_md5(), NULL));
		for (size_t i = 0; i < 16; i++)
			p[block + i] ^= mask[i];
	}
	radius_put_ms(&w, type, value, sizeof(value));
}

static void put_success(void)
{
	static const char text[] =
		"\x00S=00112233445566778899AABBCCDDEEFF00112233 M=hello";

	radius_put_ms(&w, RADIUS_MS_CHAP2_SUCCESS, text, sizeof(text) - 1);
}

static struct msg_auth_verdict verdict(enum auth_method_id method)
{
	struct msg_auth_ask ask = ask_of(method);
	struct msg_auth_verdict v = { .id = 7 };

	assert_true(radius_sign_response(&w, authenticator, SECRET));
	reread();
	radius_verdict(&ask, &pkt, authenticator, SECRET, &v);
	return v;
}

static void accept_pap(void **state)
{
	static const uint8_t no_key[BINDING_HLAK_LEN];
	struct msg_auth_verdict v;

	(void)state;
	start(RADIUS_ACCESS_ACCEPT);
	v = verdict(AUTH_PAP);
	assert_true(v.res.ok);
	assert_string_equal(v.user, "alice");
	assert_int_equal(v.grant.user.fixed.s_addr, 0);
	assert_memory_equal(v.res.hlak, no_key, sizeof(no_key));
}

static void accept_mschapv2(void **state)
{
	struct msg_auth_verdict v;

	(void)state;
	start(RADIUS_ACCESS_ACCEPT);
	put_success();
	put_key(RADIUS_MS_MPPE_SEND_KEY, 0x20, 16);
	put_key(RADIUS_MS_MPPE_RECV_KEY, 0x60, 16);
	v = verdict(AUTH_MSCHAPV2);
	assert_true(v.res.ok);
	assert_string_equal(v.res.auth_response,
			    "S=00112233445566778899AABBCCDDEEFF00112233");
	/* The peer's sending key first. */
	for (int i = 0; i < 16; i++) {
		assert_int_equal(v.res.hlak[i], 0x60 + i);
		assert_int_equal(v.res.hlak[16 + i], 0x20 + i);
	}
}

/* What an Access-Accept for MS-CHAPv2 may leave out: nothing. */
static void accept_incomplete(void **state)
{
	static const struct auth_result none;
	struct msg_auth_verdict v;

	(void)state;
	for (int lacks = 0; lacks < 5; lacks++) {
		start(RADIUS_ACCESS_ACCEPT);
		if (lacks != 0)
			put_success();
		if (lacks != 1)
			put_key(RADIUS_MS_MPPE_SEND_KEY, 0x20,
				lacks == 3 ? 8 : 16);
		if (lacks != 2)
			put_key(RADIUS_MS_MPPE_RECV_KEY, 0x60, 16);
		if (lacks == 4)
			radius_put_ms(&w, RADIUS_MS_CHAP2_SUCCESS, "\0S=12", 5);
		v = verdict(AUTH_MSCHAPV2);
		assert_false(v.res.ok);
		assert_int_equal(v.res.error, AUTH_ERR_NO_DIALIN);
		assert_memory_equal(v.res.hlak, none.hlak, sizeof(none.hlak));
	}
}

/* A key of 32 bytes is the HLAK alone, two of 16 are it together. */
static void accept_eap(void **state)
{
	static const struct {
		size_t recv, send;
		bool ok;
	} cases[] = {
		{ 31, 31, true }, { 16, 16, true }, { 16, 0, true }, { 0, 31, false }, { 0, 0, false },
	};
	struct msg_auth_verdict v;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		start(RADIUS_ACCESS_ACCEPT);
		radius_put(&w, RADIUS_EAP_MESSAGE, "\3\11\0\4", 4);
		if (cases[i].send)
			put_key(RADIUS_MS_MPPE_SEND_KEY, 0x20, cases[i].send);
		if (cases[i].recv)
			put_key(RADIUS_MS_MPPE_RECV_KEY, 0x60, cases[i].recv);
		v = verdict(AUTH_EAP_RADIUS);
		assert_int_equal(v.res.ok, cases[i].ok);
		assert_false(v.res.more);
		/* "alice" is what the peer calls itself, outside of the tunnel. */
		assert_true(v.claimed);
		for (size_t n = 0; n < BINDING_HLAK_LEN && v.res.ok; n++)
			assert_int_equal(v.res.hlak[n], n < cases[i].recv ? 0x60 + n :
					 n - cases[i].recv < cases[i].send ?
					 0x20 + n - cases[i].recv : 0);
	}
}

/* Whom the server names has proved it, whatever he called himself. */
static void accept_names(void **state)
{
	struct msg_auth_verdict v;

	(void)state;
	start(RADIUS_ACCESS_ACCEPT);
	put_key(RADIUS_MS_MPPE_RECV_KEY, 0x60, 16);
	radius_put_str(&w, RADIUS_USER_NAME, "bob");
	v = verdict(AUTH_EAP_RADIUS);
	assert_true(v.res.ok);
	assert_string_equal(v.user, "bob");
	assert_false(v.claimed);
	start(RADIUS_ACCESS_ACCEPT);
	v = verdict(AUTH_PAP);
	assert_true(v.res.ok);
	assert_false(v.claimed);
}

static void challenges(void **state)
{
	uint8_t piece[RADIUS_VALUE_MAX];
	struct msg_auth_verdict v;

	(void)state;
	memset(piece, 0x5a, sizeof(piece));
	start(RADIUS_ACCESS_CHALLENGE);
	radius_put(&w, RADIUS_EAP_MESSAGE, piece, sizeof(piece));
	radius_put(&w, RADIUS_STATE, "state", 5);
	radius_put(&w, RADIUS_EAP_MESSAGE, piece, 10);
	v = verdict(AUTH_EAP_RADIUS);
	assert_true(v.res.more);
	assert_false(v.res.ok);
	assert_int_equal(v.res.packet_len, RADIUS_VALUE_MAX + 10);
	assert_memory_equal(v.res.packet, piece, RADIUS_VALUE_MAX);
	/* Of another method; without a packet; with one that no peer need take. */
	v = verdict(AUTH_MSCHAPV2);
	assert_false(v.res.more);
	assert_int_equal(v.res.error, AUTH_ERR_NO_DIALIN);
	start(RADIUS_ACCESS_CHALLENGE);
	v = verdict(AUTH_EAP_RADIUS);
	assert_false(v.res.more);
	start(RADIUS_ACCESS_CHALLENGE);
	for (int i = 0; i < 6; i++)
		radius_put(&w, RADIUS_EAP_MESSAGE, piece, sizeof(piece));
	v = verdict(AUTH_EAP_RADIUS);
	assert_false(v.res.more);
	assert_int_equal(v.res.error, AUTH_ERR_NO_DIALIN);
}

static void other_service(void **state)
{
	struct msg_auth_verdict v;

	(void)state;
	start(RADIUS_ACCESS_ACCEPT);
	radius_put_u32(&w, RADIUS_SERVICE_TYPE, 6);
	v = verdict(AUTH_PAP);
	assert_false(v.res.ok);
	start(RADIUS_ACCESS_ACCEPT);
	radius_put_u32(&w, RADIUS_SERVICE_TYPE, 2);
	v = verdict(AUTH_PAP);
	assert_true(v.res.ok);
}

static void grants(void **state)
{
	static const uint8_t class[] = { RADIUS_CLASS, 4, 0, 255,
					 RADIUS_CLASS, 3, 7 };
	const uint32_t dns = htonl(0x0a000035);
	struct msg_auth_verdict v;

	(void)state;
	start(RADIUS_ACCESS_ACCEPT);
	radius_put_str(&w, RADIUS_USER_NAME, "alice@example");
	radius_put_u32(&w, RADIUS_FRAMED_IP_ADDRESS, 0x0a580707);
	radius_put_u32(&w, RADIUS_SESSION_TIMEOUT, 3600);
	radius_put_u32(&w, RADIUS_IDLE_TIMEOUT, 600);
	radius_put_u32(&w, RADIUS_ACCT_INTERIM_INTERVAL, 300);
	radius_put_u32(&w, RADIUS_FRAMED_MTU, 1300);
	radius_put_str(&w, RADIUS_FRAMED_ROUTE, "10.1.0.0/16 0.0.0.0 1");
	radius_put_str(&w, RADIUS_FRAMED_ROUTE, "10.2.3.4");
	radius_put_ms(&w, RADIUS_MS_PRIMARY_DNS, &dns, 4);
	radius_put(&w, RADIUS_CLASS, class + 2, 2);
	radius_put(&w, RADIUS_CLASS, class + 6, 1);
	v = verdict(AUTH_PAP);
	assert_true(v.res.ok);
	assert_string_equal(v.user, "alice@example");
	assert_int_equal(ntohl(v.grant.user.fixed.s_addr), 0x0a580707);
	assert_int_equal(v.grant.session_s, 3600);
	assert_int_equal(v.grant.idle_s, 600);
	assert_int_equal(v.grant.interim_s, 300);
	assert_int_equal(v.grant.mtu, 1300);
	assert_int_equal(v.grant.user.n_routes, 2);
	assert_int_equal(v.grant.user.routes[0].len, 16);
	assert_int_equal(v.grant.user.routes[1].len, 32);
	assert_int_equal(v.grant.dns[0].s_addr, dns);
	assert_int_equal(v.grant.class_len, sizeof(class));
	assert_memory_equal(v.grant.class, class, sizeof(class));
}

/* The login stands, what makes no sense does not. */
static void grants_without_sense(void **state)
{
	static const struct msg_auth_verdict none;
	uint8_t class[RADIUS_VALUE_MAX] = { 0 };
	struct msg_auth_verdict v;

	(void)state;
	start(RADIUS_ACCESS_ACCEPT);
	radius_put_u32(&w, RADIUS_FRAMED_IP_ADDRESS, 0);
	radius_put(&w, RADIUS_SESSION_TIMEOUT, "abc", 3);
	radius_put_u32(&w, RADIUS_FRAMED_MTU, 575);
	radius_put_u32(&w, RADIUS_FRAMED_MTU, 4088);
	radius_put_str(&w, RADIUS_FRAMED_ROUTE, "10.1.0.1/16");
	radius_put_str(&w, RADIUS_FRAMED_ROUTE, "");
	radius_put_ms(&w, RADIUS_MS_PRIMARY_DNS, "abc", 3);
	v = verdict(AUTH_PAP);
	assert_true(v.res.ok);
	assert_int_equal(v.grant.user.fixed.s_addr, 0);
	assert_memory_equal(&v.grant, &none.grant, sizeof(none.grant));

	/* The pool decides. */
	start(RADIUS_ACCESS_ACCEPT);
	radius_put_u32(&w, RADIUS_FRAMED_IP_ADDRESS, 0xfffffffe);
	radius_put_u32(&w, RADIUS_FRAMED_IP_ADDRESS, 0xffffffff);
	/* More than there is room for. */
	for (int i = 0; i < 3; i++)
		radius_put(&w, RADIUS_CLASS, class, sizeof(class));
	for (int i = 0; i < POLICY_ROUTES_MAX + 1; i++)
		radius_put_str(&w, RADIUS_FRAMED_ROUTE, "10.1.0.0/16");
	v = verdict(AUTH_PAP);
	assert_true(v.res.ok);
	assert_int_equal(v.grant.user.fixed.s_addr, 0);
	assert_int_equal(v.grant.user.n_routes, POLICY_ROUTES_MAX);
	assert_int_equal(v.grant.class_len, 2 * (RADIUS_VALUE_MAX + 2));
}

static void put_prefix(enum radius_type type, const char *text, uint8_t len)
{
	uint8_t value[18] = { 0, len };

	assert_int_equal(inet_pton(AF_INET6, text, value + 2), 1);
	/* A server may leave out bytes that are zero. */
	radius_put(&w, type, value, 2 + (len + 7u) / 8);
}

static void grants_policy(void **state)
{
	const struct policy_user *user;
	const uint32_t up = htonl(512000), down = htonl(2000000);
	struct msg_auth_verdict v;
	struct in6_addr dns;

	(void)state;
	inet_pton(AF_INET6, "2001:db8::53", &dns);
	start(RADIUS_ACCESS_ACCEPT);
	radius_put_str(&w, RADIUS_FRAMED_POOL, "branch");
	radius_put_str(&w, RADIUS_FRAMED_IPV6_POOL, "six");
	radius_put_str(&w, RADIUS_FILTER_ID, "staff");
	put_prefix(RADIUS_FRAMED_IPV6_PREFIX, "2001:db8:1:7::", 64);
	put_prefix(RADIUS_DELEGATED_IPV6_PREFIX, "2001:db8:77::", 56);
	radius_put_str(&w, RADIUS_FRAMED_IPV6_ROUTE, "2001:db8:5::/48 :: 1");
	radius_put(&w, RADIUS_DNS_SERVER_IPV6, &dns, sizeof(dns));
	dns.s6_addr[15]++;
	radius_put(&w, RADIUS_DNS_SERVER_IPV6, &dns, sizeof(dns));
	radius_put_vendor(&w, RADIUS_WISPR, RADIUS_WISPR_MAX_UP, &up, 4);
	radius_put_vendor(&w, RADIUS_WISPR, RADIUS_WISPR_MAX_DOWN, &down, 4);
	v = verdict(AUTH_PAP);
	assert_true(v.res.ok);
	user = &v.grant.user;
	assert_string_equal(user->policy.pool, "branch");
	assert_string_equal(user->policy.pool6, "six");
	assert_string_equal(user->group, "staff");
	assert_int_equal(user->prefix6.len, 64);
	assert_int_equal(user->prefix6.addr[7], 7);
	assert_int_equal(user->n_routes, 2);
	assert_int_equal(user->routes[0].len, 56);
	assert_int_equal(user->routes[0].addr[5], 0x77);
	assert_int_equal(user->routes[1].len, 48);
	assert_int_equal(v.grant.dns6[0].s6_addr[15], 0x53);
	assert_memory_equal(&v.grant.dns6[1], &dns, sizeof(dns));
	assert_int_equal(user->policy.rate_up, 512000);
	assert_int_equal(user->policy.rate_down, 2000000);
	assert_true(msg_rules[MSG_AUTH_VERDICT].check(&v));
}

/* Each of them leaves nothing behind, and the login stands. */
static void grants_policy_without_sense(void **state)
{
	static const struct {
		uint32_t vendor;
		uint8_t type;
		const char *value;
		size_t len;
	} cases[] = {
		{ 0, RADIUS_FRAMED_POOL, "", 0 },
		{ 0, RADIUS_FRAMED_POOL, "0123456789012345678901234567890123456789"
		  "0123456789012345678901234567890123456789", 80 },
		{ 0, RADIUS_FRAMED_IPV6_PREFIX, "\0\x40\x20", 3 },
		{ 0, RADIUS_FRAMED_IPV6_PREFIX, "\0", 1 },
		{ 0, RADIUS_FRAMED_IPV6_PREFIX, "\0\x38\x20\x01\x0d\xb8\0\0\0", 9 },
		{ 0, RADIUS_DELEGATED_IPV6_PREFIX, "\0\x81" "0123456789abcdef", 18 },
		{ 0, RADIUS_DELEGATED_IPV6_PREFIX, "\0\x08\x20\x01", 4 },
		{ 0, RADIUS_FRAMED_IPV6_ROUTE, "10.1.0.0/16", 11 },
		{ 0, RADIUS_FRAMED_ROUTE, "2001:db8::/32", 13 },
		{ 0, RADIUS_DNS_SERVER_IPV6, "abcd", 4 },
		{ RADIUS_WISPR, RADIUS_WISPR_MAX_UP, "\0\0\0\x10", 4 },
		{ RADIUS_WISPR, RADIUS_WISPR_MAX_UP, "\0\0\x10", 3 },
		{ RADIUS_WISPR, 1, "location", 8 },
		{ RADIUS_MIKROTIK, RADIUS_MIKROTIK_RATE_LIMIT, "fast", 4 },
		{ RADIUS_MIKROTIK, RADIUS_MIKROTIK_RATE_LIMIT, "1M/", 3 },
		{ RADIUS_MIKROTIK, RADIUS_MIKROTIK_RATE_LIMIT, "1M/2M 4M/8M", 11 },
		{ RADIUS_MIKROTIK, RADIUS_MIKROTIK_RATE_LIMIT, "1k/2M", 5 },
		{ RADIUS_MIKROTIK, 3, "group", 5 },
		{ 9, 1, "ip:vrf-id=x", 11 },
	};
	static const struct msg_auth_verdict none;
	struct msg_auth_verdict v;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		start(RADIUS_ACCESS_ACCEPT);
		if (cases[i].vendor)
			radius_put_vendor(&w, cases[i].vendor, cases[i].type,
					  cases[i].value, cases[i].len);
		else
			radius_put(&w, cases[i].type, cases[i].value, cases[i].len);
		v = verdict(AUTH_PAP);
		assert_true(v.res.ok);
		if (memcmp(&v.grant, &none.grant, sizeof(none.grant)))
			fail_msg("case %zu leaves something", i);
	}
}

static void mikrotik_rates(void **state)
{
	static const struct {
		const char *text;
		uint64_t up;
		uint64_t down;
	} cases[] = {
		{ "512k/2M", 512000, 2000000 },
		{ "10M", 10000000, 10000000 },
		{ "64000/64k ", 64000, 64000 },
		{ "1G/10G", 1000000000, 10000000000 },
	};
	struct msg_auth_verdict v;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		start(RADIUS_ACCESS_ACCEPT);
		radius_put_vendor(&w, RADIUS_MIKROTIK, RADIUS_MIKROTIK_RATE_LIMIT,
				  cases[i].text, strlen(cases[i].text));
		v = verdict(AUTH_PAP);
		assert_int_equal(v.grant.user.policy.rate_up, cases[i].up);
		assert_int_equal(v.grant.user.policy.rate_down, cases[i].down);
	}
}

/*
 * Whoever knows the secret may still send nonsense: whatever it is, the parent
 * gets a verdict of the right shape.
 */
static void mutated_answers(void **state)
{
	struct msg_auth_ask ask = ask_of(AUTH_MSCHAPV2);
	uint8_t good[RADIUS_PACKET_MAX];
	struct msg_auth_verdict v;
	struct radius_coa coa;
	uint32_t seed = 1;
	size_t len;

	(void)state;
	start(RADIUS_ACCESS_ACCEPT);
	put_success();
	put_key(RADIUS_MS_MPPE_SEND_KEY, 0x20, 16);
	put_key(RADIUS_MS_MPPE_RECV_KEY, 0x60, 16);
	radius_put_u32(&w, RADIUS_FRAMED_IP_ADDRESS, 0x0a580707);
	radius_put_str(&w, RADIUS_FRAMED_ROUTE, "10.1.0.0/16 0.0.0.0 1");
	radius_put_str(&w, RADIUS_FRAMED_ROUTE, "2001:db8::/32");
	radius_put_ms(&w, RADIUS_MS_CHAP_ERROR, "1E=691 R=1 M=no", 15);
	radius_put_str(&w, RADIUS_CLASS, "class");
	radius_put_str(&w, RADIUS_USER_NAME, "alice");
	radius_put_str(&w, RADIUS_FRAMED_POOL, "pool");
	radius_put_str(&w, RADIUS_FILTER_ID, "group");
	put_prefix(RADIUS_FRAMED_IPV6_PREFIX, "2001:db8:1:7::", 64);
	put_prefix(RADIUS_DELEGATED_IPV6_PREFIX, "2001:db8:77::", 56);
	radius_put_vendor(&w, RADIUS_MIKROTIK, RADIUS_MIKROTIK_RATE_LIMIT, "1M/20M", 6);
	assert_true(radius_sign_response(&w, authenticator, SECRET));
	len = w.len;
	memcpy(good, out, len);
	for (int i = 0; i < 50000; i++) {
		memcpy(out, good, len);
		for (int n = 0; n < 1 + i % 4; n++) {
			seed = seed * 1664525 + 1013904223;
			out[20 + (seed >> 8) % (len - 20)] = (uint8_t)(seed >> 24);
		}
		out[0] = i % 2 ? RADIUS_ACCESS_ACCEPT : RADIUS_ACCESS_REJECT;
		if (!radius_parse(&pkt, rbuf_of(out, len)))
			continue;
		memset(&v, 0, sizeof(v));
		v.id = 7;
		radius_verdict(&ask, &pkt, authenticator, SECRET, &v);
		assert_true(msg_rules[MSG_AUTH_VERDICT].check(&v));
		pkt.code = RADIUS_COA_REQUEST;
		assert_true(radius_coa_parse(&pkt, &nas, NOW, 0, &coa) ||
			    memchr(out, RADIUS_EVENT_TIMESTAMP, len));
	}
}

/* ---- Access-Reject, Access-Challenge ---------------------------------------------------- */

static void rejects(void **state)
{
	static const char error[] = "\x05" "E=648 R=0 C=00 V=3 M=too old";
	struct msg_auth_verdict v;

	(void)state;
	start(RADIUS_ACCESS_REJECT);
	v = verdict(AUTH_MSCHAPV2);
	assert_false(v.res.ok);
	assert_int_equal(v.res.error, AUTH_ERR_CREDENTIALS);
	assert_true(v.res.retry);

	start(RADIUS_ACCESS_REJECT);
	radius_put_ms(&w, RADIUS_MS_CHAP_ERROR, error, sizeof(error) - 1);
	v = verdict(AUTH_MSCHAPV2);
	assert_false(v.res.ok);
	assert_int_equal(v.res.error, AUTH_ERR_PASSWORD_EXPIRED);
	assert_false(v.res.retry);
	assert_string_equal(v.res.message, "too old");

	start(RADIUS_ACCESS_REJECT);
	radius_put_str(&w, RADIUS_REPLY_MESSAGE, "go\naway");
	v = verdict(AUTH_PAP);
	assert_false(v.res.ok);
	assert_string_equal(v.res.message, "go?away");

	start(RADIUS_ACCESS_CHALLENGE);
	v = verdict(AUTH_PAP);
	assert_false(v.res.ok);
}

/* ---- accounting ------------------------------------------------------------------------ */

static struct msg_acct acct_of(enum msg_acct_kind kind)
{
	struct msg_acct acct = {
		.id = 7,
		.kind = kind,
		.seconds = 90,
		.remote.ss_family = AF_INET6,
		.user = "alice",
		.ifname = "sstp3",
		.address.s_addr = htonl(0x0a580707),
		.in_bytes = 0x200000003,
		.out_bytes = 0xffffffff,
		.in_packets = 11,
		.out_packets = 12,
		.class_len = 3,
		.class = { RADIUS_CLASS, 3, 9 },
	};

	return acct;
}

static void put_acct(const struct msg_acct *acct)
{
	w = wbuf_of(out, sizeof(out));
	assert_true(radius_put_acct(&w, &nas, acct, NOW, 1, SECRET));
	reread();
	assert_int_equal(pkt.code, RADIUS_ACCOUNTING_REQUEST);
	assert_true(radius_request_ok(&pkt, SECRET));
}

static void accounting(void **state)
{
	struct msg_acct acct = acct_of(MSG_ACCT_START);

	(void)state;
	put_acct(&acct);
	assert_number(RADIUS_ACCT_STATUS_TYPE, 1);
	assert_number(RADIUS_EVENT_TIMESTAMP, NOW);
	assert_text(RADIUS_USER_NAME, "alice");
	assert_text(RADIUS_ACCT_SESSION_ID, "0000ABCD00000007");
	assert_text(RADIUS_CALLING_STATION_ID, "::");
	assert_text(RADIUS_NAS_PORT_ID, "sstp3");
	assert_text(RADIUS_CLASS, "\x09");
	assert_number(RADIUS_FRAMED_IP_ADDRESS, 0x0a580707);
	assert_lacks(RADIUS_ACCT_INPUT_OCTETS);
	assert_lacks(RADIUS_ACCT_TERMINATE_CAUSE);

	acct = acct_of(MSG_ACCT_INTERIM);
	put_acct(&acct);
	assert_number(RADIUS_ACCT_STATUS_TYPE, 3);
	assert_number(RADIUS_ACCT_SESSION_TIME, 90);
	assert_number(RADIUS_ACCT_INPUT_OCTETS, 3);
	assert_number(RADIUS_ACCT_INPUT_GIGAWORDS, 2);
	assert_number(RADIUS_ACCT_OUTPUT_OCTETS, 0xffffffff);
	assert_lacks(RADIUS_ACCT_OUTPUT_GIGAWORDS);
	assert_number(RADIUS_ACCT_INPUT_PACKETS, 11);
	assert_number(RADIUS_ACCT_OUTPUT_PACKETS, 12);
	assert_lacks(RADIUS_ACCT_TERMINATE_CAUSE);
}

static void terminate_causes(void **state)
{
	static const struct {
		enum reason reason;
		uint32_t cause;
	} cases[] = {
		{ REASON_PEER_DISCONNECT, 1 },
		{ REASON_LCP_TERMINATED, 1 },
		{ REASON_CLOSED, 2 },
		{ REASON_HELLO_TIMEOUT, 2 },
		{ REASON_IDLE_TIMEOUT, 4 },
		{ REASON_KEY_LIMIT, 10 },
		{ REASON_SESSION_TIMEOUT, 5 },
		{ REASON_ADMIN, 6 },
		{ REASON_RADIUS, 6 },
		{ REASON_SHUTDOWN, 7 },
		{ REASON_INTERNAL, 9 },
		{ REASON_STREAM, 17 },
	};
	struct msg_acct acct = acct_of(MSG_ACCT_STOP);

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		acct.reason = cases[i].reason;
		put_acct(&acct);
		assert_number(RADIUS_ACCT_STATUS_TYPE, 2);
		assert_number(RADIUS_ACCT_TERMINATE_CAUSE, cases[i].cause);
	}
}

static void accounting_of_the_nas(void **state)
{
	(void)state;
	for (int on = 0; on < 2; on++) {
		w = wbuf_of(out, sizeof(out));
		assert_true(radius_put_acct_nas(&w, &nas, on, NOW, 1, SECRET));
		reread();
		assert_true(radius_request_ok(&pkt, SECRET));
		assert_number(RADIUS_ACCT_STATUS_TYPE, on ? 7 : 8);
		assert_text(RADIUS_NAS_IDENTIFIER, "gate");
	}
}

/* ---- dynamic authorization ---------------------------------------------------------------- */

/* As whom, and since when, requests are read. */
static const struct radius_nas *coa_nas = &nas;
static time_t coa_since;

static bool coa_parse(struct radius_coa *coa)
{
	assert_true(radius_sign_request(&w, SECRET));
	reread();
	return radius_coa_parse(&pkt, coa_nas, NOW, coa_since, coa);
}

/* One attribute, and what the answer is; @type 0 = none. */
static void coa_requests(void **state)
{
	static const struct {
		enum radius_code code;
		bool named;
		enum radius_type type;
		const char *value;
		size_t len;
		uint32_t error;
	} cases[] = {
		{ RADIUS_DISCONNECT_REQUEST, true, 0, "", 0, 0 },
		{ RADIUS_DISCONNECT_REQUEST, false, 0, "", 0, 402 },
		{ RADIUS_DISCONNECT_REQUEST, true, RADIUS_NAS_IDENTIFIER, "gate", 4, 0 },
		{ RADIUS_DISCONNECT_REQUEST, true, RADIUS_NAS_IDENTIFIER, "gat", 3, 403 },
		{ RADIUS_DISCONNECT_REQUEST, true, RADIUS_NAS_IP_ADDRESS, "\0\0\0\1", 4, 0 },
		{ RADIUS_DISCONNECT_REQUEST, true, RADIUS_SESSION_TIMEOUT, "\0\0\0\1", 4, 404 },
		{ RADIUS_DISCONNECT_REQUEST, false, RADIUS_NAS_PORT, "\0\0\0\7", 4, 0 },
		{ RADIUS_DISCONNECT_REQUEST, true, RADIUS_NAS_PORT, "\0\0\7", 3, 407 },
		{ RADIUS_COA_REQUEST, true, 0, "", 0, 402 },
		{ RADIUS_COA_REQUEST, true, RADIUS_IDLE_TIMEOUT, "\0\0\0\1", 4, 0 },
		{ RADIUS_COA_REQUEST, true, RADIUS_FRAMED_MTU, "\0\0\0\1", 4, 401 },
		{ RADIUS_COA_REQUEST, true, RADIUS_VENDOR_SPECIFIC, "\0\0\0\11xx", 6, 401 },
		/* Mikrotik-Rate-Limit: 1M, 1k */
		{ RADIUS_COA_REQUEST, true, RADIUS_VENDOR_SPECIFIC, "\0\0\72\214\10\4" "1M", 8, 0 },
		{ RADIUS_COA_REQUEST, true, RADIUS_VENDOR_SPECIFIC, "\0\0\72\214\10\4" "1k", 8, 407 },
		{ RADIUS_DISCONNECT_REQUEST, true, RADIUS_VENDOR_SPECIFIC, "\0\0\72\214\10\4" "1M", 8, 404 },
	};
	struct radius_coa coa;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		start(cases[i].code);
		if (cases[i].named)
			radius_put_str(&w, RADIUS_USER_NAME, "alice");
		if (cases[i].type)
			radius_put(&w, cases[i].type, cases[i].value,
				   cases[i].len);
		assert_true(coa_parse(&coa));
		if (coa.error != cases[i].error)
			fail_msg("case %zu: error %u", i, coa.error);
	}
}

static void coa_ignored(void **state)
{
	static const struct {
		uint32_t when;
		bool fresh;
	} cases[] = {
		{ NOW, true }, { NOW - 300, true }, { NOW + 300, true },
		{ NOW - 301, false }, { NOW + 301, false }, { 0, false },
	};
	struct radius_coa coa;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		start(RADIUS_DISCONNECT_REQUEST);
		radius_put_str(&w, RADIUS_USER_NAME, "alice");
		radius_put_u32(&w, RADIUS_EVENT_TIMESTAMP, cases[i].when);
		assert_int_equal(coa_parse(&coa), cases[i].fresh);
	}
	start(RADIUS_ACCESS_ACCEPT);
	assert_false(coa_parse(&coa));
}

/* What the process before this one may have done, in its last second, too, is not done. */
static void coa_from_before(void **state)
{
	struct radius_coa coa;

	(void)state;
	coa_since = NOW - 10;
	for (uint32_t when = NOW - 12; when <= NOW; when += 2) {
		start(RADIUS_DISCONNECT_REQUEST);
		radius_put_str(&w, RADIUS_USER_NAME, "alice");
		radius_put_u32(&w, RADIUS_EVENT_TIMESTAMP, when);
		assert_int_equal(coa_parse(&coa), when > NOW - 10);
		assert_int_equal(!*coa.why, when > NOW - 10);
	}
	coa_since = 0;
}

/* By default both; a request without is ignored, as if it were none. */
static void coa_requires(void **state)
{
	static const struct {
		uint32_t require;
		bool timestamp, mac, fits;
	} cases[] = {
		{ 0, false, false, true },
		{ CONF_COA_TIMESTAMP, false, true, false },
		{ CONF_COA_TIMESTAMP, true, false, true },
		{ CONF_COA_MAC, true, false, false },
		{ CONF_COA_MAC, false, true, true },
		{ CONF_COA_TIMESTAMP | CONF_COA_MAC, true, true, true },
		{ CONF_COA_TIMESTAMP | CONF_COA_MAC, false, false, false },
	};
	struct conf_radius strict = { .nas_identifier = "gate" };
	const struct radius_nas strict_nas = { .conf = &strict };
	struct radius_coa coa;

	(void)state;
	coa_nas = &strict_nas;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		strict.coa_require = cases[i].require;
		start(RADIUS_COA_REQUEST);
		if (cases[i].mac)
			radius_put_mac(&w);
		radius_put_str(&w, RADIUS_USER_NAME, "alice");
		if (cases[i].timestamp)
			radius_put_u32(&w, RADIUS_EVENT_TIMESTAMP, NOW);
		if (coa_parse(&coa) != cases[i].fits)
			fail_msg("case %zu", i);
		assert_int_equal(!strstr(coa.why, "coa-require"), cases[i].fits);
		assert_int_equal(!!coa.when, cases[i].fits && cases[i].timestamp);
	}
	coa_nas = &nas;
}

/* All that a request names must fit. */
static void coa_sessions(void **state)
{
	const struct msg_acct acct = acct_of(MSG_ACCT_START);
	static const struct {
		const char *session;
		const char *user;
		uint32_t address;
		uint32_t port;
		bool fits;
	} cases[] = {
		{ "0000ABCD00000007", "", 0, 0, true },
		{ "0000ABCD00000008", "", 0, 0, false },
		{ "", "alice", 0, 0, true },
		{ "", "alic", 0, 0, false },
		{ "", "", 0x0a580707, 0, true },
		{ "", "", 0x0a580708, 0, false },
		{ "", "", 0, 7, true },
		{ "", "", 0, 8, false },
		{ "0000ABCD00000007", "alice", 0x0a580707, 7, true },
		{ "0000ABCD00000007", "bob", 0x0a580707, 7, false },
	};
	struct radius_coa coa;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		memset(&coa, 0, sizeof(coa));
		strcpy(coa.session, cases[i].session);
		strcpy(coa.user, cases[i].user);
		coa.address.s_addr = htonl(cases[i].address);
		coa.nas_port = cases[i].port;
		assert_int_equal(radius_coa_matches(&coa, &nas, &acct),
				 cases[i].fits);
	}
}

/* Capitals and domains count as user-names says. */
static void coa_names(void **state)
{
	const struct msg_acct acct = acct_of(MSG_ACCT_START);
	struct radius_coa coa;

	(void)state;
	for (int fold = 0; fold < 2; fold++) {
		memset(&coa, 0, sizeof(coa));
		coa.fold = fold;
		strcpy(coa.user, "CORP\\ALICE");
		assert_int_equal(radius_coa_matches(&coa, &nas, &acct), fold);
		strcpy(coa.user, "alice");
		assert_true(radius_coa_matches(&coa, &nas, &acct));
		strcpy(coa.user, "alicia");
		assert_false(radius_coa_matches(&coa, &nas, &acct));
	}
}

/* A prefix of our records names a session, too. */
static void coa_prefix(void **state)
{
	struct msg_acct acct = acct_of(MSG_ACCT_START);
	struct radius_coa coa;

	(void)state;
	acct.prefix6 = (struct conf_route){
		.family = AF_INET6,
		.len = 64,
		.addr = { 0x20, 0x01, 0x0d, 0xb8, 0, 1, 0, 7 },
	};
	start(RADIUS_DISCONNECT_REQUEST);
	put_prefix(RADIUS_FRAMED_IPV6_PREFIX, "2001:db8:1:7::", 64);
	assert_true(coa_parse(&coa));
	assert_int_equal(coa.error, 0);
	assert_true(radius_coa_matches(&coa, &nas, &acct));
	acct.prefix6.addr[7] = 8;
	assert_false(radius_coa_matches(&coa, &nas, &acct));
	start(RADIUS_DISCONNECT_REQUEST);
	radius_put(&w, RADIUS_FRAMED_IPV6_PREFIX, "\0", 1);
	assert_true(coa_parse(&coa));
	assert_int_equal(coa.error, RADIUS_ERROR_INVALID_VALUE);
}

static void coa_answers(void **state)
{
	uint8_t answer[RADIUS_PACKET_MAX];
	struct radius_pkt request;
	struct radius_coa coa;
	struct wbuf a;

	(void)state;
	for (int error = 0; error <= 503; error += 503) {
		start(RADIUS_DISCONNECT_REQUEST);
		radius_put_str(&w, RADIUS_USER_NAME, "alice");
		radius_put(&w, RADIUS_PROXY_STATE, "p1", 2);
		assert_true(coa_parse(&coa));
		request = pkt;
		coa.error = (uint32_t)error;
		a = wbuf_of(answer, sizeof(answer));
		assert_true(radius_put_coa(&a, &coa, &request, SECRET));
		assert_true(radius_parse(&pkt, rbuf_of(answer, a.len)));
		assert_int_equal(pkt.code, error ? RADIUS_DISCONNECT_NAK :
						   RADIUS_DISCONNECT_ACK);
		assert_int_equal(pkt.id, request.id);
		assert_true(radius_response_ok(&pkt, request.authenticator,
					       SECRET, true));
		assert_text(RADIUS_PROXY_STATE, "p1");
		if (error)
			assert_number(RADIUS_ERROR_CAUSE, 503);
		else
			assert_lacks(RADIUS_ERROR_CAUSE);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(request_pap),
		cmocka_unit_test(request_mschapv2),
		cmocka_unit_test(request_chap),
		cmocka_unit_test(request_eap),
		cmocka_unit_test(request_change),
		cmocka_unit_test(request_too_long),
		cmocka_unit_test(accept_pap),
		cmocka_unit_test(accept_mschapv2),
		cmocka_unit_test(accept_incomplete),
		cmocka_unit_test(accept_eap),
		cmocka_unit_test(accept_names),
		cmocka_unit_test(challenges),
		cmocka_unit_test(other_service),
		cmocka_unit_test(grants),
		cmocka_unit_test(grants_without_sense),
		cmocka_unit_test(grants_policy),
		cmocka_unit_test(grants_policy_without_sense),
		cmocka_unit_test(mikrotik_rates),
		cmocka_unit_test(mutated_answers),
		cmocka_unit_test(rejects),
		cmocka_unit_test(accounting),
		cmocka_unit_test(terminate_causes),
		cmocka_unit_test(accounting_of_the_nas),
		cmocka_unit_test(coa_requests),
		cmocka_unit_test(coa_ignored),
		cmocka_unit_test(coa_from_before),
		cmocka_unit_test(coa_requires),
		cmocka_unit_test(coa_sessions),
		cmocka_unit_test(coa_names),
		cmocka_unit_test(coa_prefix),
		cmocka_unit_test(coa_answers),
	};

	log_init("test", LOG_TO_STDERR, LOG_EMERG);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
