// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A server and a client, whole: HTTP, call, PPP and the password arithmetic,
 * joined by two byte queues and a clock that jumps from timer to timer. The
 * queues deliver byte by byte, in odd pieces, or all at once.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <arpa/inet.h>

#include "auth/chap_md5.h"
#include "auth/mschap.h"
#include "http/http_msg.h"
#include "ppp/ppp.h"
#include "sstp/call.h"

#define QUEUE_MAX	65536
#define N_TIMERS	(CALL_TIMERS + PPP_TIMERS)

struct side {
	struct side *other;
	bool server;
	struct http_head head;
	bool http_done;
	struct sstp_stream stream;
	struct call call;
	struct ppp ppp;
	struct ppp_addrs addrs;
	const char *password;
	const char *auth_response;	/* server: instead of the right one */
	/* bytes on their way to the other side */
	uint8_t out[QUEUE_MAX];
	size_t out_len;
	bool closed;
	uint64_t deadline[N_TIMERS];	/* 0 = off */
	uint64_t last_rx;
	bool deaf;			/* packets to this side get lost */
	/* an answer of the password holder that is still due */
	struct auth_request req;
	bool asked;
	bool decide_late;
	/* what happened */
	bool connected;
	unsigned int connected_count;
	struct ppp_network net;
	unsigned int network_up;
	unsigned int network_down;
	unsigned int ip_packets;
	unsigned int ended;
	enum reason reason;
	enum reason ppp_reason;
	char text[160];
};

static struct side client, server;
static struct mschap *mschap;
static uint64_t now;
static unsigned int late_ms;		/* how late every timer fires */
static uint32_t seed;

/* ---- what the machines ask for ------------------------------------------- */

static void side_send(void *ctx, const uint8_t *pkt, size_t len)
{
	struct side *s = ctx;

	assert_true(s->out_len + len <= QUEUE_MAX);
	memcpy(s->out + s->out_len, pkt, len);
	s->out_len += len;
}

static int side_random(void *ctx, uint8_t *p, size_t len)
{
	(void)ctx;
	while (len--) {
		seed = seed * 1664525 + 1013904223;
		*p++ = seed >> 24;
	}
	return 0;
}

static void side_arm(struct side *s, unsigned int i, unsigned int ms)
{
	s->deadline[i] = ms ? now + ms : 0;
}

static void side_call_timer(void *ctx, enum call_timer which, unsigned int ms)
{
	side_arm(ctx, which, ms);
}

static void side_lower_up(void *ctx)
{
	ppp_up(&((struct side *)ctx)->ppp);
}

static void side_lower_down(void *ctx)
{
	ppp_down(&((struct side *)ctx)->ppp);
}

static void side_ppp_input(void *ctx, const uint8_t *frame, size_t len)
{
	ppp_input(&((struct side *)ctx)->ppp, frame, len);
}

static void side_ip_input(void *ctx, uint16_t proto, const uint8_t *ip, size_t len)
{
	struct side *s = ctx;

	(void)ip;
	(void)len;
	assert_int_equal(proto, 0x0021);
	assert_true(s->connected);
	s->ip_packets++;
}

static void side_idle_query(void *ctx)
{
	struct side *s = ctx;

	call_idle(&s->call, now - s->last_rx);
}

static void side_connected(void *ctx)
{
	struct side *s = ctx;

	s->connected = true;
	s->connected_count++;
}

static void side_ended(void *ctx, enum reason reason, const char *text)
{
	struct side *s = ctx;

	s->ended++;
	s->closed = true;
	s->reason = reason;
	s->ppp_reason = s->ppp.reason;
	snprintf(s->text, sizeof(s->text), "%s", text);
}

static const struct call_ops call_ops = {
	.send = side_send,
	.timer = side_call_timer,
	.random = side_random,
	.lower_up = side_lower_up,
	.lower_down = side_lower_down,
	.ppp_input = side_ppp_input,
	.ip_input = side_ip_input,
	.idle_query = side_idle_query,
	.connected = side_connected,
	.ended = side_ended,
};

static void side_ppp_send(void *ctx, const uint8_t *frame, size_t len)
{
	call_ppp_output(&((struct side *)ctx)->call, frame, len);
}

static void side_ppp_timer(void *ctx, enum ppp_timer which, unsigned int ms)
{
	side_arm(ctx, CALL_TIMERS + which, ms);
}

/* The password holder: what authd does. */
static void side_decide(struct side *s)
{
	struct auth_request *req = &s->req;
	struct auth_result res = { 0 };
	struct mschap_result r = { 0 };
	uint8_t hash[MSCHAP_NT_HASH_LEN];

	s->asked = false;
	assert_int_equal(mschap_nt_hash(mschap, s->password, strlen(s->password), hash), 0);
	if (req->method == AUTH_PAP) {
		res.ok = req->client || !strcmp(req->password, s->password);
		strcpy(res.password, s->password);
	} else if (req->method == AUTH_CHAP_MD5) {
		assert_int_equal(chap_md5_digest(&req->md5, s->password, res.digest), 0);
		res.ok = req->client || !memcmp(req->md5.digest, res.digest, CHAP_MD5_LEN);
	} else if (req->client) {
		res.ok = !mschap_compute(mschap, hash, req->name, req->auth_challenge,
					 req->peer_challenge, &r);
	} else {
		res.ok = mschap_verify(mschap, hash, req->name, req->auth_challenge,
				       req->peer_challenge, req->nt_response, &r) == 1;
	}
	res.retry = true;
	memcpy(res.nt_response, r.nt_response, sizeof(res.nt_response));
	memcpy(res.auth_response, r.auth_response, sizeof(res.auth_response));
	memcpy(res.hlak, r.hlak, sizeof(res.hlak));
	if (s->auth_response)
		strcpy(res.auth_response, s->auth_response);
	ppp_auth_result(&s->ppp, req->serial, &res);
}

static void side_auth_request(void *ctx, const struct auth_request *req)
{
	struct side *s = ctx;

	s->req = *req;
	s->asked = true;
}

static void side_auth_done(void *ctx, const char *user, enum auth_method_id method,
			   const uint8_t hlak[static BINDING_HLAK_LEN])
{
	struct side *s = ctx;

	(void)method;
	assert_string_equal(user, "User");
	call_auth_done(&s->call, hlak);
	if (call_is_live(&s->call))
		ppp_network_start(&s->ppp, &s->addrs);
}

static void side_network_up(void *ctx, const struct ppp_network *net)
{
	struct side *s = ctx;

	s->network_up++;
	s->net = *net;
}

static void side_network_down(void *ctx)
{
	((struct side *)ctx)->network_down++;
}

static void side_finished(void *ctx, enum reason reason, const char *text)
{
	call_disconnect(&((struct side *)ctx)->call, reason, text);
}

static const struct ppp_ops ppp_ops = {
	.send = side_ppp_send,
	.timer = side_ppp_timer,
	.random = side_random,
	.challenge = side_random,
	.auth_request = side_auth_request,
	.auth_done = side_auth_done,
	.network_up = side_network_up,
	.network_down = side_network_down,
	.finished = side_finished,
};

/* ---- the world --------------------------------------------------------------- */

static struct call_cfg client_call, server_call;
static struct ppp_cfg client_ppp, server_ppp;

static void side_init(struct side *s, struct side *other, bool is_server)
{
	memset(s, 0, sizeof(*s));
	s->other = other;
	s->server = is_server;
	s->password = "clientPass";
	http_head_init(&s->head);
	sstp_stream_init(&s->stream);
	if (is_server) {
		inet_pton(AF_INET, "10.8.0.1", &s->addrs.local);
		inet_pton(AF_INET, "10.8.0.5", &s->addrs.peer);
		inet_pton(AF_INET, "10.8.0.53", &s->addrs.dns[0]);
	} else {
		s->addrs.ask_dns = true;
	}
}

/* Defaults, for the tests to change before begin(). */
static int setup(void **state)
{
	(void)state;
	now = 1000;
	late_ms = 0;
	seed = 42;
	side_init(&client, &server, false);
	side_init(&server, &client, true);
	call_cfg_default(&client_call, CALL_CLIENT);
	call_cfg_default(&server_call, CALL_SERVER);
	memset(&server_call.cert, 0xc5, sizeof(server_call.cert));
	client_call.cert = server_call.cert;
	ppp_cfg_default(&client_ppp, false);
	ppp_cfg_default(&server_ppp, true);
	strcpy(client_ppp.name, "User");
	return 0;
}

static void begin(void)
{
	static const uint8_t guid[16];
	struct wbuf w = wbuf_of(client.out, QUEUE_MAX);

	call_init(&client.call, &client_call, &call_ops, &client);
	call_init(&server.call, &server_call, &call_ops, &server);
	ppp_init(&client.ppp, &client_ppp, &ppp_ops, &client);
	ppp_init(&server.ppp, &server_ppp, &ppp_ops, &server);
	client.last_rx = server.last_rx = now;
	http_put_request(&w, "vpn.example.org", 443, "", guid);
	client.out_len = w.len;
}

static void side_http(struct side *s, struct rbuf *in)
{
	uint8_t response[1024];
	struct wbuf w = wbuf_of(response, sizeof(response));
	struct http_request req;

	if (http_head_input(&s->head, in) != HTTP_DONE) {
		assert_int_equal(s->head.state, HTTP_READING);
		return;
	}
	s->http_done = true;
	if (s->server) {
		assert_int_equal(http_request_check(&s->head, "vpn.example.org", "", &req), 200);
		http_put_response(&w, 200, 0);
		side_send(s, response, w.len);
	} else {
		assert_int_equal(http_response_status(&s->head), 200);
	}
	call_start(&s->call);
}

static void side_input(struct side *s, const uint8_t *bytes, size_t n)
{
	struct rbuf in = rbuf_of(bytes, n);
	const uint8_t *pkt;
	size_t len;
	int rc;

	s->last_rx = now;
	if (!s->http_done)
		side_http(s, &in);
	if (!s->http_done)
		return;
	while ((rc = sstp_stream_next(&s->stream, &in, &pkt, &len)) > 0)
		call_input(&s->call, pkt, len);
	if (rc < 0)
		call_stream_error(&s->call);
}

/* Takes at most @chunk bytes to the other side. */
static bool deliver(struct side *from, size_t chunk)
{
	static uint8_t bytes[QUEUE_MAX];
	size_t n = from->out_len < chunk ? from->out_len : chunk;

	if (!n)
		return false;
	memcpy(bytes, from->out, n);
	from->out_len -= n;
	memmove(from->out, from->out + n, from->out_len);
	if (!from->other->closed && !from->other->deaf)
		side_input(from->other, bytes, n);
	return true;
}

static bool decide(struct side *s)
{
	if (!s->asked || s->decide_late)
		return false;
	side_decide(s);
	return true;
}

/* One's end is seen by the other when all bytes have arrived. */
static bool hang_up(struct side *s)
{
	if (!s->closed || s->out_len || s->other->closed || s->other->deaf ||
	    !s->other->http_done)
		return false;
	call_closed(&s->other->call, NULL);
	return true;
}

/* Runs until nobody has anything to do without time passing. */
static void settle(size_t chunk)
{
	bool busy = true;

	while (busy) {
		busy = deliver(&client, chunk);
		busy |= deliver(&server, chunk);
		busy |= decide(&client);
		busy |= decide(&server);
		busy |= hang_up(&client);
		busy |= hang_up(&server);
	}
}

static void fire(struct side *s, unsigned int i)
{
	s->deadline[i] = 0;
	if (i < CALL_TIMERS)
		call_timeout(&s->call, i);
	else
		ppp_timeout(&s->ppp, i - CALL_TIMERS);
}

/* Lets @ms pass, every timer at its time. */
static void pass(uint64_t ms)
{
	uint64_t end = now + ms;

	for (;;) {
		struct side *who = NULL;
		uint64_t next = end;
		unsigned int i, which = 0, k;

		for (k = 0; k < 2; k++) {
			struct side *s = k ? &server : &client;

			for (i = 0; i < N_TIMERS; i++) {
				if (!s->deadline[i] || s->deadline[i] > next)
					continue;
				next = s->deadline[i];
				who = s;
				which = i;
			}
		}
		if (!who)
			break;
		now = next + late_ms;
		fire(who, which);
		settle(SIZE_MAX);
	}
	if (now < end)
		now = end;
}

static void send_ip(struct side *s)
{
	uint8_t pkt[SSTP_DATA_HDR_LEN + 20] = { 0 };

	sstp_put_data_hdr(pkt, 0x0021, 20);
	pkt[SSTP_DATA_HDR_LEN] = 0x45;
	side_send(s, pkt, sizeof(pkt));
	settle(SIZE_MAX);
}

static void expect_up(void)
{
	assert_int_equal(client.connected_count, 1);
	assert_int_equal(server.connected_count, 1);
	assert_int_equal(client.network_up, 1);
	assert_int_equal(server.network_up, 1);
	assert_int_equal(client.ended + server.ended, 0);
	assert_int_equal(ntohl(client.net.local.s_addr), 0x0a080005);
	assert_int_equal(ntohl(client.net.peer.s_addr), 0x0a080001);
	assert_int_equal(ntohl(client.net.dns[0].s_addr), 0x0a080035);
	assert_int_equal(client.net.dns[1].s_addr, 0);
	assert_int_equal(client.net.local.s_addr, server.net.peer.s_addr);
	assert_int_equal(server.net.peer_mru, 1500);
}

static void up(void)
{
	begin();
	settle(SIZE_MAX);
	expect_up();
}

static void expect_end(struct side *s, enum reason reason)
{
	unsigned int i;

	assert_int_equal(s->ended, 1);
	if (s->reason != reason)
		fail_msg("%s ended by %d, %s", s->server ? "server" : "client",
			 s->reason, s->text);
	for (i = 0; i < N_TIMERS; i++)
		assert_int_equal(s->deadline[i], 0);
}

/* ---- coming up ------------------------------------------------------------------ */

static void any_delivery(void **state)
{
	static const size_t chunks[] = { 1, 2, 3, 5, 7, 13, 64, 1000, SIZE_MAX };
	size_t i;

	for (i = 0; i < sizeof(chunks) / sizeof(chunks[0]); i++) {
		setup(state);
		begin();
		settle(chunks[i]);
		expect_up();
		/* Without a single timer: nothing was lost or waited for. */
		assert_int_equal(now, 1000);
	}
}

static void traffic_passes_after_connected_only(void **state)
{
	(void)state;
	server.decide_late = true;
	begin();
	settle(SIZE_MAX);
	assert_true(server.asked);
	send_ip(&client);
	send_ip(&server);
	assert_int_equal(client.ip_packets + server.ip_packets, 0);
	assert_int_equal(server.call.dropped_frames, 1);
	server.decide_late = false;
	settle(SIZE_MAX);
	expect_up();
	send_ip(&client);
	send_ip(&server);
	assert_int_equal(client.ip_packets, 1);
	assert_int_equal(server.ip_packets, 1);
}

static void pap(void **state)
{
	(void)state;
	client_ppp.auth_methods = server_ppp.auth_methods = AUTH_METHODS(AUTH_PAP);
	up();
}

static void chap_md5(void **state)
{
	(void)state;
	client_ppp.auth_methods = server_ppp.auth_methods = AUTH_METHODS(AUTH_CHAP_MD5);
	up();
}

static void eap_mschapv2_too(void **state)
{
	static const uint8_t zero[BINDING_HLAK_LEN];

	client_ppp.auth_methods = server_ppp.auth_methods = AUTH_METHODS(AUTH_EAP_MSCHAPV2);
	up();
	assert_memory_not_equal(server.ppp.auth.hlak, zero, sizeof(zero));
	setup(state);
	client_ppp.auth_methods = server_ppp.auth_methods = AUTH_METHODS(AUTH_EAP_MSCHAPV2);
	client_ppp.eap_no_key = server_ppp.eap_no_key = true;
	up();
	assert_memory_equal(server.ppp.auth.hlak, zero, sizeof(zero));
}

/* The server asks in its order, the client takes the first that it may. */
static void methods_in_common(void **state)
{
	static const struct {
		struct auth_methods server;
		struct auth_methods client;
		enum auth_method_id method;
	} cases[] = {
		{ { { AUTH_MSCHAPV2, AUTH_PAP } }, { { AUTH_PAP } }, AUTH_PAP },
		{ { { AUTH_MSCHAPV2, AUTH_EAP_MSCHAPV2 } }, { { AUTH_EAP_MSCHAPV2 } },
		  AUTH_EAP_MSCHAPV2 },
		{ { { AUTH_EAP_MSCHAPV2, AUTH_MSCHAPV2 } },
		  { { AUTH_MSCHAPV2, AUTH_EAP_MSCHAPV2 } }, AUTH_EAP_MSCHAPV2 },
		{ { { AUTH_CHAP_MD5, AUTH_PAP } }, { { AUTH_MSCHAPV2, AUTH_PAP } }, AUTH_PAP },
		{ { { AUTH_MSCHAPV2, AUTH_EAP_MSCHAPV2, AUTH_CHAP_MD5, AUTH_PAP } },
		  { { AUTH_CHAP_MD5 } }, AUTH_CHAP_MD5 },
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		setup(state);
		server_ppp.auth_methods = cases[i].server;
		client_ppp.auth_methods = cases[i].client;
		up();
		assert_int_equal(server.req.method, cases[i].method);
	}
}

static void sha1(void **state)
{
	(void)state;
	client_call.hash_mask = SSTP_HASH_SHA1;
	server_call.hash_mask = SSTP_HASH_SHA1 | SSTP_HASH_SHA256;
	up();
	assert_int_equal(client.call.hash, SSTP_HASH_SHA1);
}

static void ipv6_too(void **state)
{
	(void)state;
	client_ppp.ipv6 = server_ppp.ipv6 = true;
	begin();
	settle(SIZE_MAX);
	assert_true(client.net.ipv4 && client.net.ipv6);
	assert_true(server.net.ipv4 && server.net.ipv6);
	assert_memory_equal(client.net.ifid, server.net.peer_ifid, 8);
	assert_memory_equal(client.net.peer_ifid, server.net.ifid, 8);
	assert_memory_not_equal(client.net.ifid, server.net.ifid, 8);
}

static void ipv6_at_one_end(void **state)
{
	(void)state;
	client_ppp.ipv6 = true;
	up();
	assert_false(client.net.ipv6);
	pass(200000);
	assert_int_equal(client.ended + server.ended, 0);
	assert_int_equal(client.network_down, 0);
}

static void slow_decision(void **state)
{
	(void)state;
	server.decide_late = true;
	begin();
	settle(SIZE_MAX);
	pass(20000);
	server.decide_late = false;
	settle(SIZE_MAX);
	expect_up();
}

/* ---- not coming up ----------------------------------------------------------------- */

static void wrong_password(void **state)
{
	(void)state;
	client.password = "wrong";
	begin();
	settle(SIZE_MAX);
	pass(60000);
	expect_end(&client, REASON_AUTH_FAILED);
	/* R=1 was offered, the client has no other password and leaves. */
	expect_end(&server, REASON_PEER_DISCONNECT);
	assert_int_equal(server.ppp_reason, REASON_AUTH_FAILED);
	assert_non_null(strstr(client.text, "691"));
	assert_int_equal(client.connected_count + server.connected_count, 0);
	assert_int_equal(client.network_up + server.network_up, 0);
}

static void wrong_password_one_try(void **state)
{
	(void)state;
	client.password = "wrong";
	server_ppp.auth_tries = 1;
	begin();
	settle(SIZE_MAX);
	pass(60000);
	expect_end(&client, REASON_AUTH_FAILED);
	expect_end(&server, REASON_AUTH_FAILED);
}

/* Nor does it matter how the client leaves. */
static void wrong_password_and_gone(void **state)
{
	(void)state;
	client.password = "wrong";
	begin();
	while (!server.ppp.auth.failures) {
		deliver(&client, SIZE_MAX);
		deliver(&server, SIZE_MAX);
		decide(&client);
		decide(&server);
	}
	call_closed(&server.call, NULL);
	assert_int_equal(server.reason, REASON_CLOSED);
	assert_int_equal(server.ppp_reason, REASON_AUTH_FAILED);
}

static void wrong_pap_password(void **state)
{
	(void)state;
	client_ppp.auth_methods = server_ppp.auth_methods = AUTH_METHODS(AUTH_PAP);
	client.password = "wrong";
	begin();
	settle(SIZE_MAX);
	pass(60000);
	expect_end(&client, REASON_AUTH_FAILED);
	assert_int_equal(server.ended, 1);
}

/* Somebody in the middle has a certificate of its own. */
static void wrong_certificate(void **state)
{
	(void)state;
	client_call.cert.sha256[31] ^= 1;
	begin();
	settle(SIZE_MAX);
	pass(60000);
	expect_end(&server, REASON_BINDING);
	assert_non_null(strstr(server.text, "another TLS certificate"));
	expect_end(&client, REASON_PEER_ABORT);
	assert_int_equal(server.connected_count, 0);
	assert_int_equal(server.network_up, 0);
}

/* The zero-key MAC protects nothing, but it has to be there. */
static void wrong_certificate_with_pap(void **state)
{
	(void)state;
	client_ppp.auth_methods = server_ppp.auth_methods = AUTH_METHODS(AUTH_PAP);
	client_call.cert.sha256[0] ^= 1;
	begin();
	settle(SIZE_MAX);
	pass(60000);
	expect_end(&server, REASON_BINDING);
}

static void server_that_knows_no_password(void **state)
{
	(void)state;
	server.auth_response = "S=0000000000000000000000000000000000000000";
	begin();
	settle(SIZE_MAX);
	pass(60000);
	expect_end(&client, REASON_AUTH_SERVER);
	assert_int_equal(client.connected_count, 0);
	assert_int_equal(server.connected_count, 0);
	assert_int_equal(server.ended, 1);
}

static void no_common_hash(void **state)
{
	(void)state;
	client_call.hash_mask = SSTP_HASH_SHA1;
	begin();
	settle(SIZE_MAX);
	pass(60000);
	expect_end(&client, REASON_NO_HASH);
	expect_end(&server, REASON_PEER_ABORT);
}

static void no_common_method(void **state)
{
	(void)state;
	client_ppp.auth_methods = AUTH_METHODS(AUTH_PAP);
	begin();
	settle(SIZE_MAX);
	pass(60000);
	expect_end(&server, REASON_AUTH_METHOD);
	expect_end(&client, REASON_AUTH_METHOD);
}

static void insists_on_another_address(void **state)
{
	(void)state;
	inet_pton(AF_INET, "192.168.9.9", &client.addrs.local);
	begin();
	settle(SIZE_MAX);
	pass(60000);
	expect_end(&client, REASON_NCP_FAILED);
	assert_int_equal(server.ended, 1);
	assert_int_equal(server.network_up, 0);
}

/* The client never sends CALL_CONNECTED: no data, and an end. */
static void client_without_binding(void **state)
{
	(void)state;
	begin();
	client.call.have_hlak = true;	/* so that it believes to have sent it */
	settle(SIZE_MAX);
	assert_int_equal(server.network_up, 1);
	send_ip(&client);
	assert_int_equal(server.ip_packets, 0);
	pass(59000);
	assert_int_equal(server.ended, 0);
	pass(10000);
	assert_int_equal(server.reason, REASON_NEGOTIATION_TIMEOUT);
	assert_int_equal(server.connected_count, 0);
}

static void client_that_says_nothing(void **state)
{
	(void)state;
	begin();
	client.out_len = 0;
	server.http_done = true;
	call_start(&server.call);
	pass(59999);
	assert_int_equal(server.ended, 0);
	pass(1);
	expect_end(&server, REASON_NEGOTIATION_TIMEOUT);
	assert_int_equal(server.out_len, 0);
}

/* ---- going down ----------------------------------------------------------------------- */

static void orderly_end(struct side *who, struct side *other)
{
	up();
	ppp_terminate(&who->ppp, REASON_ADMIN, NULL);
	settle(SIZE_MAX);
	pass(10000);
	expect_end(who, REASON_ADMIN);
	assert_int_equal(other->ended, 1);
	assert_int_equal(other->ppp_reason, REASON_LCP_TERMINATED);
	assert_int_equal(who->network_down, 1);
	assert_int_equal(other->network_down, 1);
}

static void client_leaves(void **state)
{
	(void)state;
	orderly_end(&client, &server);
}

static void server_disconnects(void **state)
{
	(void)state;
	orderly_end(&server, &client);
}

static void quick_end(void **state)
{
	(void)state;
	up();
	call_disconnect(&server.call, REASON_SHUTDOWN, NULL);
	settle(SIZE_MAX);
	pass(1000);
	expect_end(&server, REASON_SHUTDOWN);
	expect_end(&client, REASON_PEER_DISCONNECT);
}

static void both_at_once(void **state)
{
	(void)state;
	up();
	call_disconnect(&server.call, REASON_ADMIN, NULL);
	call_disconnect(&client.call, REASON_ADMIN, NULL);
	settle(SIZE_MAX);
	pass(5000);
	expect_end(&server, REASON_ADMIN);
	expect_end(&client, REASON_ADMIN);
}

static void transport_breaks(void **state)
{
	(void)state;
	up();
	call_closed(&client.call, "connection reset");
	settle(SIZE_MAX);
	expect_end(&client, REASON_CLOSED);
	expect_end(&server, REASON_CLOSED);
	assert_string_equal(client.text, "connection reset");
	assert_int_equal(server.network_down, 1);
}

/* ---- silence --------------------------------------------------------------------------- */

static void quiet_tunnel_lives(void **state)
{
	(void)state;
	client_ppp.echo_ms = server_ppp.echo_ms = 30000;
	up();
	pass(24 * 3600 * 1000ULL);
	assert_int_equal(client.ended + server.ended, 0);
}

static void quiet_tunnel_lives_by_sstp_echo_alone(void **state)
{
	(void)state;
	up();
	pass(24 * 3600 * 1000ULL);
	assert_int_equal(client.ended + server.ended, 0);
}

static void quiet_tunnel_lives_with_late_timers(void **state)
{
	(void)state;
	late_ms = 3;
	up();
	pass(24 * 3600 * 1000ULL);
	assert_int_equal(client.ended + server.ended, 0);
}

static void dead_peer_is_noticed(void **state)
{
	(void)state;
	up();
	client.deaf = server.deaf = true;
	pass(119999);
	assert_int_equal(client.ended + server.ended, 0);
	pass(1);
	expect_end(&client, REASON_HELLO_TIMEOUT);
	expect_end(&server, REASON_HELLO_TIMEOUT);
}

static void dead_peer_is_noticed_by_lcp_echo(void **state)
{
	(void)state;
	server_ppp.echo_ms = 5000;
	up();
	client.deaf = server.deaf = true;
	pass(5000 * 5 + 6000 + 5000);
	expect_end(&server, REASON_LCP_ECHO_TIMEOUT);
}

static int load(void **state)
{
	(void)state;
	mschap = mschap_new();
	return mschap ? 0 : -1;
}

static int unload(void **state)
{
	(void)state;
	mschap_free(mschap);
	return 0;
}

#define T(f) cmocka_unit_test_setup(f, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(any_delivery), T(traffic_passes_after_connected_only), T(pap),
		T(chap_md5), T(eap_mschapv2_too), T(methods_in_common), T(sha1), T(ipv6_too), T(ipv6_at_one_end),
		T(slow_decision), T(wrong_password), T(wrong_password_one_try),
		T(wrong_password_and_gone), T(wrong_pap_password), T(wrong_certificate),
		T(wrong_certificate_with_pap),
		T(server_that_knows_no_password), T(no_common_hash), T(no_common_method),
		T(insists_on_another_address), T(client_without_binding),
		T(client_that_says_nothing), T(client_leaves), T(server_disconnects),
		T(quick_end), T(both_at_once), T(transport_breaks), T(quiet_tunnel_lives),
		T(quiet_tunnel_lives_by_sstp_echo_alone),
		T(quiet_tunnel_lives_with_late_timers), T(dead_peer_is_noticed),
		T(dead_peer_is_noticed_by_lcp_echo),
	};

	return cmocka_run_group_tests(tests, load, unload);
}
