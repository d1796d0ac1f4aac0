// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Phases and protocols of a link, against a peer written down frame by frame.
 * The link's magic number is a0a1a2a3; addresses as in test_ipcp.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <arpa/inet.h>

#include "ppp/ppp.h"
#include "rig/link_rig.h"

static struct ppp ppp;

static struct {
	struct link_rig link;		/* frames sent */
	unsigned int timer[PPP_TIMERS];
	unsigned int requests;
	uint32_t serial;
	unsigned int auth_done;
	char user[AUTH_NAME_MAX + 1];
	enum auth_method_id method;
	uint8_t hlak[BINDING_HLAK_LEN];
	unsigned int network_up;
	unsigned int network_down;
	struct ppp_network net;
	unsigned int finished;
	enum reason reason;
	char text[160];
	bool start_at_once;
	struct ppp_addrs addrs;
} rig;

static void on_send(void *ctx, const uint8_t *frame, size_t len)
{
	(void)ctx;
	assert_memory_equal(frame, "\xff\x03", 2);
	link_send(&rig.link, frame[2] << 8 | frame[3], frame + 2, len - 2);
}

static void on_timer(void *ctx, enum ppp_timer which, unsigned int ms)
{
	(void)ctx;
	assert_true(which < PPP_TIMERS);
	rig.timer[which] = ms;
}

static int on_random(void *ctx, uint8_t *p, size_t len)
{
	(void)ctx;
	return link_random(&rig.link, p, len);
}

static void on_auth_request(void *ctx, const struct auth_request *req)
{
	(void)ctx;
	rig.requests++;
	rig.serial = req->serial;
}

static void on_auth_done(void *ctx, const char *user, enum auth_method_id method,
			 const uint8_t hlak[static BINDING_HLAK_LEN])
{
	(void)ctx;
	rig.auth_done++;
	rig.method = method;
	snprintf(rig.user, sizeof(rig.user), "%s", user);
	memcpy(rig.hlak, hlak, sizeof(rig.hlak));
	if (rig.start_at_once)
		ppp_network_start(&ppp, &rig.addrs);
}

static void on_network_up(void *ctx, const struct ppp_network *net)
{
	(void)ctx;
	rig.network_up++;
	rig.net = *net;
}

static void on_network_down(void *ctx)
{
	(void)ctx;
	rig.network_down++;
}

static void on_finished(void *ctx, enum reason reason, const char *text)
{
	(void)ctx;
	rig.finished++;
	rig.reason = reason;
	snprintf(rig.text, sizeof(rig.text), "%s", text);
}

static const struct ppp_ops ops = {
	.send = on_send,
	.timer = on_timer,
	.random = on_random,
	.challenge = on_random,
	.auth_request = on_auth_request,
	.auth_done = on_auth_done,
	.network_up = on_network_up,
	.network_down = on_network_down,
	.finished = on_finished,
};

/* ---- scripts --------------------------------------------------------------- */

static void input(const char *hex)
{
	size_t len;
	uint8_t *frame = unhex(hex, &len);

	ppp_input(&ppp, frame, len);
	free(frame);
}

/* The one frame sent, from its protocol number on. */
static void expect(const char *hex)
{
	expect_one(&rig.link, hex);
}

static void expect_last(const char *hex)
{
	assert_true(rig.link.n_sent > 0);
	expect_sent(&rig.link, rig.link.n_sent - 1, hex);
	rig.link.n_sent = 0;
}

static void begin(struct ppp_cfg *cfg)
{
	memset(&rig, 0, sizeof(rig));
	rig.link.random = 0xa0;
	rig.start_at_once = true;
	inet_pton(AF_INET, cfg->server ? "10.8.0.1" : "0.0.0.0", &rig.addrs.local);
	inet_pton(AF_INET, cfg->server ? "10.8.0.5" : "0.0.0.0", &rig.addrs.peer);
	rig.addrs.ask_dns = true;
	ppp_init(&ppp, cfg, &ops, NULL);
	ppp_up(&ppp);
}

static void begin_server(void)
{
	struct ppp_cfg cfg;

	ppp_cfg_default(&cfg, true);
	cfg.auth_methods = AUTH_METHODS(AUTH_PAP);
	begin(&cfg);
	expect("c021 01 01 0012 0104 05dc 0304 c023 0506 a0a1a2a3");
}

static void open_lcp(void)
{
	input("ff03 c021 02 01 0012 0104 05dc 0304 c023 0506 a0a1a2a3");
	input("ff03 c021 01 07 000e 0104 0578 0506 11223344");
	expect("c021 02 07 000e 0104 0578 0506 11223344");
	assert_int_equal(ppp.phase, PPP_AUTHENTICATE);
}

static void pap_login(void)
{
	struct auth_result res = { .ok = true };

	input("ff03 c023 01 01 0008 0175 0170");
	ppp_auth_result(&ppp, rig.serial, &res);
}

/* A server in the Network phase, IPCP not negotiated yet. */
static void server_in_network(void)
{
	begin_server();
	open_lcp();
	pap_login();
	assert_int_equal(ppp.phase, PPP_NETWORK);
	assert_int_equal(rig.auth_done, 1);
	expect_last("8021 01 01 000a 0306 0a080001");
}

static void server_up(void)
{
	server_in_network();
	input("ff03 8021 01 04 000a 0306 0a080005");
	expect("8021 02 04 000a 0306 0a080005");
	input("ff03 8021 02 01 000a 0306 0a080001");
	assert_int_equal(rig.network_up, 1);
}

/* ---- server -------------------------------------------------------------------- */

static void server_from_start_to_end(void **state)
{
	static const uint8_t zero[BINDING_HLAK_LEN];

	(void)state;
	server_up();
	assert_string_equal(rig.user, "u");
	assert_int_equal(rig.method, AUTH_PAP);
	assert_memory_equal(rig.hlak, zero, sizeof(zero));
	assert_true(rig.net.ipv4);
	assert_false(rig.net.ipv6);
	assert_int_equal(ntohl(rig.net.local.s_addr), 0x0a080001);
	assert_int_equal(ntohl(rig.net.peer.s_addr), 0x0a080005);
	assert_int_equal(rig.net.peer_mru, 1400);
	ppp_terminate(&ppp, REASON_ADMIN, NULL);
	assert_int_equal(rig.network_down, 1);
	expect("c021 05 01 0004");
	input("ff03 c021 06 01 0004");
	assert_int_equal(rig.finished, 1);
	assert_int_equal(rig.reason, REASON_ADMIN);
	assert_int_equal(ppp.phase, PPP_DEAD);
}

static void everything_stops_at_the_end(void **state)
{
	int i;

	(void)state;
	server_up();
	ppp_terminate(&ppp, REASON_ADMIN, NULL);
	ppp_terminate(&ppp, REASON_SHUTDOWN, NULL);
	ppp_timeout(&ppp, PPP_TIMER_LCP);
	ppp_timeout(&ppp, PPP_TIMER_LCP);
	assert_int_equal(rig.finished, 1);
	for (i = 0; i < PPP_TIMERS; i++)
		assert_int_equal(rig.timer[i], 0);
	rig.link.n_sent = 0;
	input("ff03 c021 01 08 000e 0104 0578 0506 11223344");
	for (i = 0; i < PPP_TIMERS; i++)
		ppp_timeout(&ppp, i);
	ppp_terminate(&ppp, REASON_ADMIN, NULL);
	ppp_up(&ppp);
	expect_nothing(&rig.link);
	assert_int_equal(rig.finished, 1);
}

static void lower_layer_down(void **state)
{
	int i;

	(void)state;
	server_up();
	ppp_down(&ppp);
	expect_nothing(&rig.link);
	assert_int_equal(rig.network_down, 1);
	assert_int_equal(rig.finished, 0);
	for (i = 0; i < PPP_TIMERS; i++)
		assert_int_equal(rig.timer[i], 0);
	ppp_down(&ppp);
	assert_int_equal(rig.network_down, 1);
}

static void peer_says_goodbye(void **state)
{
	(void)state;
	server_up();
	input("ff03 c021 05 09 0004");
	expect("c021 06 09 0004");
	assert_int_equal(rig.network_down, 1);
	assert_int_equal(rig.finished, 0);
	assert_int_equal(ppp.reason, REASON_LCP_TERMINATED);
	ppp_timeout(&ppp, PPP_TIMER_LCP);
	assert_int_equal(rig.finished, 1);
	assert_int_equal(rig.reason, REASON_LCP_TERMINATED);
}

/* ---- who may speak when ----------------------------------------------------------- */

/* What peers propose beside IP, and how the proposal begins. */
static const struct {
	uint16_t proto;
	const char *pkt;
} not_ours[] = {
	{ 0x80fd, "01 05 000a 1206 01000040" },	/* CCP of Windows: MPPC, MPPE */
	{ 0x80fd, "01 01 000f 1a04 7800 1804 7800 1503 2f" },	/* CCP of pppd */
	{ 0x8053, "01 01 0004" },		/* ECP */
	{ 0xc029, "01 01 0006 0602" },		/* CBCP, callback */
	{ 0xc02b, "01 01 0004" },		/* BACP */
	{ 0xc02d, "01 01 0004" },		/* BAP */
	{ 0xc025, "00000000" },			/* link quality report */
	{ 0x802b, "01 01 0004" },		/* IPXCP */
	{ 0x803f, "01 01 0004" },		/* NBFCP */
	{ 0x8281, "01 01 0004" },		/* MPLSCP */
	{ 0x8057, "01 05 0004" },		/* IPV6CP, which is off */
	{ 0x00fd, "1234" },			/* compressed, or MPPE */
	{ 0x003d, "c0000000 4500" },		/* multilink */
	{ 0x002d, "0102" },			/* VJ, compressed */
	{ 0x002f, "45000028" },			/* VJ, uncompressed */
	{ 0x0281, "00001140" },			/* MPLS */
};

#define N_NOT_OURS	(sizeof(not_ours) / sizeof(not_ours[0]))

static void propose(size_t i)
{
	char hex[80];

	snprintf(hex, sizeof(hex), "ff03 %04x %s", not_ours[i].proto, not_ours[i].pkt);
	input(hex);
}

static void nothing_but_lcp_before_opened(void **state)
{
	size_t i;

	(void)state;
	begin_server();
	input("ff03 c023 01 01 0008 0175 0170");
	input("ff03 c223 02 01 0004");
	input("ff03 c227 02 01 0004");
	input("ff03 8021 01 04 000a 0306 0a080005");
	input("ff03 1234 00");
	for (i = 0; i < N_NOT_OURS; i++)
		propose(i);
	expect_nothing(&rig.link);
	assert_int_equal(rig.requests, 0);
}

static void network_protocols_wait_for_authentication(void **state)
{
	size_t i;

	(void)state;
	begin_server();
	open_lcp();
	input("ff03 8021 01 04 000a 0306 0a080005");
	input("ff03 8057 01 04 0004");
	for (i = 0; i < N_NOT_OURS; i++)
		propose(i);
	input("ff03 0021 45");
	expect_nothing(&rig.link);
	assert_int_equal(ppp.ipcp.fsm.state, FSM_INITIAL);
}

static void ipv6_waits_for_authentication(void **state)
{
	struct ppp_cfg cfg;

	(void)state;
	ppp_cfg_default(&cfg, true);
	cfg.auth_methods = AUTH_METHODS(AUTH_PAP);
	cfg.ipv6 = true;
	begin(&cfg);
	rig.link.n_sent = 0;
	input("ff03 8057 01 04 000e 010a 0000000000000002");
	open_lcp();
	input("ff03 8057 01 04 000e 010a 0000000000000002");
	expect_nothing(&rig.link);
	assert_int_equal(ppp.dropped_frames, 2);
	assert_int_equal(ppp.ipv6cp.fsm.state, FSM_INITIAL);
}

/* A Protocol-Reject for a stray authentication packet confuses real peers. */
static void other_authentication_is_dropped(void **state)
{
	(void)state;
	server_in_network();
	input("ff03 c223 02 01 0004");
	input("ff03 c227 01 01 0004");
	expect_nothing(&rig.link);
}

/* One Protocol-Reject each, with the frame in it; nobody has to wait for us. */
static void other_protocols_are_rejected(void **state)
{
	char hex[120];
	size_t i;

	(void)state;
	for (i = 0; i < N_NOT_OURS; i++) {
		server_in_network();
		propose(i);
		snprintf(hex, sizeof(hex), "c021 08 01 %04zx %04x %s",
			 6 + hex_bytes(not_ours[i].pkt), not_ours[i].proto, not_ours[i].pkt);
		expect(hex);
		assert_int_equal(ppp.rejected_frames, 1);
		assert_int_equal(ppp.phase, PPP_NETWORK);
	}
}

static void rejects_are_limited(void **state)
{
	int i;

	(void)state;
	server_in_network();
	for (i = 0; i < 30; i++)
		input("ff03 80fd 01 05 0004");
	assert_int_equal(rig.link.n_sent, 10);
	assert_int_equal(rig.timer[PPP_TIMER_REJECT], 1000);
	rig.link.n_sent = 0;
	ppp_timeout(&ppp, PPP_TIMER_REJECT);
	input("ff03 80fd 01 05 0004");
	assert_int_equal(rig.link.n_sent, 1);
}

/* HDLC framing reads as protocol 7EFF; one that is not ours like any other. */
static void hdlc_is_an_unknown_protocol(void **state)
{
	(void)state;
	begin_server();
	input("7eff 7d23 c021 7d21");
	expect_nothing(&rig.link);
	server_in_network();
	input("ff7d 23c0 21");
	expect_nothing(&rig.link);
	input("7eff 7d23 c021");
	expect("c021 08 01 000a 7eff 7d23 c021");
	assert_int_equal(ppp.phase, PPP_NETWORK);
}

/* A reject of our reject is the last word. */
static void rejects_are_not_answered(void **state)
{
	(void)state;
	server_in_network();
	input("ff03 80fd 01 05 0004");
	expect("c021 08 01 000a 80fd 01050004");
	input("ff03 c021 07 05 000e 08 01 000a 80fd 01050004");
	input("ff03 c021 08 05 0006 80fd");
	input("ff03 c021 08 05 0004");
	input("ff03 c021 07 05 0004");
	expect_nothing(&rig.link);
	assert_int_equal(ppp.phase, PPP_NETWORK);
}

static void compressed_headers_are_read(void **state)
{
	(void)state;
	server_in_network();
	input("8021 01 04 000a 0306 0a080005");
	expect("8021 02 04 000a 0306 0a080005");
	input("c021 09 05 0008 00000000");
	expect("c021 0a 05 0008 a0a1a2a3");
}

static void network_waits_for_its_addresses(void **state)
{
	(void)state;
	begin_server();
	rig.start_at_once = false;
	open_lcp();
	pap_login();
	expect("c023 02 01 0005 00");
	input("ff03 8021 01 04 000a 0306 00000000");
	expect_nothing(&rig.link);
	ppp_network_start(&ppp, &rig.addrs);
	expect("8021 01 01 000a 0306 0a080001");
	ppp_network_start(&ppp, &rig.addrs);
	expect_nothing(&rig.link);
}

static void network_does_not_start_unauthenticated(void **state)
{
	(void)state;
	begin_server();
	ppp_network_start(&ppp, &rig.addrs);
	open_lcp();
	ppp_network_start(&ppp, &rig.addrs);
	expect_nothing(&rig.link);
	assert_int_equal(ppp.ipcp.fsm.state, FSM_INITIAL);
}

/* ---- ends ------------------------------------------------------------------------- */

static void wrong_password_ends(void **state)
{
	struct auth_result res = { 0 };

	(void)state;
	begin_server();
	open_lcp();
	input("ff03 c023 01 01 0008 0175 0170");
	ppp_auth_result(&ppp, rig.serial, &res);
	assert_int_equal(rig.link.n_sent, 2);
	expect_sent(&rig.link, 0, "c023 03 01 0005 00");
	expect_sent(&rig.link, 1, "c021 05 01 0004");
	input("ff03 c021 06 01 0004");
	assert_int_equal(rig.finished, 1);
	assert_int_equal(rig.reason, REASON_AUTH_FAILED);
	assert_int_equal(rig.auth_done, 0);
}

static void lcp_restart_ends(void **state)
{
	(void)state;
	server_up();
	/* Not a restart: the same request again. */
	input("ff03 c021 01 08 000e 0104 0578 0506 11223344");
	expect("c021 02 08 000e 0104 0578 0506 11223344");
	assert_int_equal(rig.network_down, 0);
	input("ff03 c021 01 09 000e 0104 0578 0506 55667788");
	expect("c021 05 01 0004");
	assert_int_equal(rig.network_down, 1);
	input("ff03 c021 06 01 0004");
	assert_int_equal(rig.reason, REASON_LCP_RENEGOTIATION);
}

static void loop_ends(void **state)
{
	(void)state;
	server_up();
	input("ff03 c021 09 05 0008 a0a1a2a3");
	expect("c021 05 01 0004");
	ppp_timeout(&ppp, PPP_TIMER_LCP);
	ppp_timeout(&ppp, PPP_TIMER_LCP);
	assert_int_equal(rig.reason, REASON_LCP_LOOPBACK);
}

static void rejected_ipcp_ends(void **state)
{
	(void)state;
	server_in_network();
	input("ff03 c021 08 01 0006 8021");
	expect("c021 05 01 0004");
	input("ff03 c021 06 01 0004");
	assert_int_equal(rig.reason, REASON_NCP_FAILED);
	assert_non_null(strstr(rig.text, "IPCP"));
}

static void rejected_authentication_ends(void **state)
{
	(void)state;
	begin_server();
	open_lcp();
	input("ff03 c021 08 01 0006 c023");
	expect("c021 05 01 0004");
	assert_int_equal(ppp.reason, REASON_LCP_REJECTED);
}

static void rejected_lcp_ends(void **state)
{
	(void)state;
	server_up();
	input("ff03 c021 08 01 0006 c021");
	expect("c021 05 01 0004");
	assert_int_equal(rig.network_down, 1);
	assert_int_equal(ppp.reason, REASON_LCP_REJECTED);
}

static void other_rejects_do_not(void **state)
{
	(void)state;
	server_up();
	input("ff03 c021 08 01 0006 80fd");
	input("ff03 c021 08 01 0006 8057");
	input("ff03 c021 08 01 0006 0057");
	expect_nothing(&rig.link);
	assert_int_equal(ppp.phase, PPP_NETWORK);
}

static void silent_peer_ends(void **state)
{
	int i;

	(void)state;
	begin_server();
	for (i = 0; i < 10; i++)
		ppp_timeout(&ppp, PPP_TIMER_LCP);
	assert_int_equal(rig.finished, 1);
	assert_int_equal(rig.reason, REASON_LCP_FAILED);
	assert_non_null(strstr(rig.text, "does not answer"));
}

static void silent_ipcp_ends(void **state)
{
	int i;

	(void)state;
	server_in_network();
	for (i = 0; i < 10; i++)
		ppp_timeout(&ppp, PPP_TIMER_IPCP);
	expect_last("c021 05 01 0004");
	assert_int_equal(ppp.reason, REASON_NCP_FAILED);
}

static void no_common_method_ends(void **state)
{
	(void)state;
	begin_server();
	input("ff03 c021 03 01 0009 0305 c223 81");
	expect("c021 05 01 0004");
	input("ff03 c021 06 01 0004");
	assert_int_equal(rig.reason, REASON_AUTH_METHOD);
}

static void ipcp_renegotiation(void **state)
{
	(void)state;
	server_up();
	input("ff03 8021 01 05 0010 0206 002d 0f01 0306 0a080005");
	assert_int_equal(rig.network_down, 1);
	rig.link.n_sent = 0;
	input("ff03 8021 01 06 000a 0306 0a080005");
	expect("8021 02 06 000a 0306 0a080005");
	input("ff03 8021 02 02 000a 0306 0a080001");
	assert_int_equal(rig.network_up, 2);
}

/* The peer hangs up IPCP alone, and opens it again at once, or does not. */
static void ipcp_terminated_by_the_peer(void **state)
{
	(void)state;
	server_up();
	rig.link.n_sent = 0;
	input("ff03 8021 05 63 0004");
	expect("8021 06 63 0004");
	assert_int_equal(rig.network_down, 1);
	input("ff03 8021 01 06 000a 0306 0a080005");
	assert_int_equal(ppp.reason, REASON_NONE);
	input("ff03 8021 02 02 000a 0306 0a080001");
	assert_int_equal(rig.network_up, 2);
	assert_int_equal(rig.timer[PPP_TIMER_NETWORK], 0);

	input("ff03 8021 05 64 0004");
	ppp_timeout(&ppp, PPP_TIMER_IPCP);
	assert_int_equal(ppp.reason, REASON_NONE);
	assert_int_equal(rig.timer[PPP_TIMER_NETWORK], 10000);
	ppp_timeout(&ppp, PPP_TIMER_NETWORK);
	expect_last("c021 05 01 0004");
	assert_int_equal(ppp.reason, REASON_NCP_FAILED);
}

/* ---- echo --------------------------------------------------------------------------- */

static void echo_until_nobody_answers(void **state)
{
	struct ppp_cfg cfg;
	int i;

	(void)state;
	ppp_cfg_default(&cfg, true);
	cfg.auth_methods = AUTH_METHODS(AUTH_PAP);
	cfg.echo_ms = 20000;
	cfg.echo_failures = 2;
	begin(&cfg);
	rig.link.n_sent = 0;
	assert_int_equal(rig.timer[PPP_TIMER_ECHO], 0);
	open_lcp();
	assert_int_equal(rig.timer[PPP_TIMER_ECHO], 20000);
	for (i = 1; i <= 3; i++) {
		ppp_timeout(&ppp, PPP_TIMER_ECHO);
		input("ff03 c021 0a 01 0008 11223344");
	}
	assert_int_equal(rig.link.n_sent, 3);
	rig.link.n_sent = 0;
	ppp_timeout(&ppp, PPP_TIMER_ECHO);
	ppp_timeout(&ppp, PPP_TIMER_ECHO);
	assert_int_equal(rig.link.n_sent, 2);
	ppp_timeout(&ppp, PPP_TIMER_ECHO);
	assert_int_equal(ppp.reason, REASON_LCP_ECHO_TIMEOUT);
	assert_int_equal(rig.timer[PPP_TIMER_ECHO], 0);
}

/* ---- in another process ----------------------------------------------------------------- */

static struct ppp_state saved;

/* server_up(), and what it knows is with another one. */
static void server_resumed(bool ipv6)
{
	struct ppp_network net;
	struct ppp_addrs addrs;
	struct ppp_cfg cfg;

	server_up();
	rig.link.n_sent = 0;
	ppp_save(&ppp, &saved);
	net = rig.net;
	addrs = rig.addrs;
	memset(&rig, 0, sizeof(rig));
	rig.link.random = 0xb0;
	ppp_cfg_default(&cfg, true);
	cfg.auth_methods = AUTH_METHODS(AUTH_PAP);
	cfg.echo_ms = 20000;
	cfg.ipv6 = ipv6;
	ppp_init(&ppp, &cfg, &ops, NULL);
	assert_true(ppp_resume(&ppp, &saved, &addrs, &net));
	expect_nothing(&rig.link);
}

static void resumed_answers_echoes(void **state)
{
	(void)state;
	server_resumed(false);
	assert_int_equal(ppp.phase, PPP_NETWORK);
	input("ff03 c021 09 33 0008 11223344");
	expect("c021 0a 33 0008 a0a1a2a3");
	assert_int_equal(rig.timer[PPP_TIMER_ECHO], 20000);
	ppp_timeout(&ppp, PPP_TIMER_ECHO);
	expect("c021 09 41 0008 a0a1a2a3");
}

/* What the peer has repeated is acknowledged, what it wants anew ends the link. */
static void resumed_knows_what_lcp_agreed_upon(void **state)
{
	(void)state;
	server_resumed(false);
	input("ff03 c021 01 07 000e 0104 0578 0506 11223344");
	assert_int_equal(ppp.phase, PPP_NETWORK);
	rig.link.n_sent = 0;
	input("ff03 c021 01 08 000e 0104 05dc 0506 11223344");
	assert_int_equal(ppp.reason, REASON_LCP_RENEGOTIATION);
}

static void resumed_negotiates_ipcp_anew(void **state)
{
	(void)state;
	server_resumed(false);
	input("ff03 8021 01 06 000a 0306 0a080009");
	assert_int_equal(rig.network_down, 1);
	expect_sent(&rig.link, 0, "8021 01 02 000a 0306 0a080001");
	expect_sent(&rig.link, 1, "8021 03 06 000a 0306 0a080005");
	rig.link.n_sent = 0;
	input("ff03 8021 01 07 000a 0306 0a080005");
	expect("8021 02 07 000a 0306 0a080005");
	input("ff03 8021 02 02 000a 0306 0a080001");
	assert_int_equal(rig.network_up, 1);
	assert_int_equal(ntohl(rig.net.peer.s_addr), 0x0a080005);
	assert_int_equal(rig.net.peer_mru, 1400);
}

/* One that had not begun, or was on its way, waits for the peer. */
static void resumed_takes_ipv6_when_it_comes(void **state)
{
	(void)state;
	server_resumed(true);
	input("ff03 8057 01 01 000e 010a 0102030405060708");
	assert_int_equal(rig.link.n_sent, 2);
	assert_int_equal(rig.network_down, 0);
}

static void resumed_ends_in_order(void **state)
{
	(void)state;
	server_resumed(false);
	ppp_terminate(&ppp, REASON_ADMIN, NULL);
	expect("c021 05 41 0004");
	input("ff03 c021 06 41 0004");
	assert_int_equal(rig.finished, 1);
	assert_int_equal(rig.reason, REASON_ADMIN);
}

static void what_is_no_state_is_refused(void **state)
{
	struct ppp_network net = { .ipv4 = true, .peer_mru = 1400 };
	struct ppp_addrs addrs = { 0 };
	struct ppp_state st;
	struct ppp_cfg cfg;

	(void)state;
	server_resumed(false);
	assert_true(ppp_state_ok(&saved));
	st = saved;
	st.lcp.opened = false;
	assert_false(ppp_state_ok(&st));
	st = saved;
	st.ipcp.opened = false;
	assert_false(ppp_state_ok(&st));
	st = saved;
	st.lcp.req_len = PPP_STATE_OPTIONS + 1;
	assert_false(ppp_state_ok(&st));
	st = saved;
	st.ipv6cp.peer_req_len = 255;
	assert_false(ppp_state_ok(&st));
	st = saved;
	st.peer_mru = PPP_INFO_MAX + 1;
	assert_false(ppp_state_ok(&st));
	st = saved;
	st.peer_mru = 0;
	assert_false(ppp_state_ok(&st));
	ppp_cfg_default(&cfg, true);
	ppp_init(&ppp, &cfg, &ops, NULL);
	assert_false(ppp_resume(&ppp, &st, &addrs, &net));
	assert_int_equal(ppp.phase, PPP_DEAD);
}

/* ---- client ---------------------------------------------------------------------------- */

static void begin_client(enum auth_method_id method, bool allow_no_auth)
{
	struct ppp_cfg cfg;

	ppp_cfg_default(&cfg, false);
	cfg.auth_methods = AUTH_METHODS(method);
	cfg.allow_no_auth = allow_no_auth;
	strcpy(cfg.name, "me");
	begin(&cfg);
	expect("c021 01 01 000e 0104 05dc 0506 a0a1a2a3");
	input("ff03 c021 02 01 000e 0104 05dc 0506 a0a1a2a3");
}

static void client_refuses_a_server_without_authentication(void **state)
{
	(void)state;
	begin_client(AUTH_MSCHAPV2, false);
	input("ff03 c021 01 07 0004");
	assert_int_equal(rig.auth_done, 0);
	expect_last("c021 05 01 0004");
	assert_int_equal(ppp.reason, REASON_AUTH_METHOD);
}

static void client_may_be_told_to_accept_that(void **state)
{
	(void)state;
	begin_client(AUTH_MSCHAPV2, true);
	input("ff03 c021 01 07 0004");
	assert_int_equal(rig.auth_done, 1);
	assert_int_equal(rig.method, 0);
	assert_string_equal(rig.user, "me");
	expect_last("8021 01 01 0016 0306 00000000 8106 00000000 8306 00000000");
}

static void client_needs_a_common_method(void **state)
{
	(void)state;
	begin_client(AUTH_MSCHAPV2, true);
	input("ff03 c021 01 07 0008 0304 c023");
	expect("c021 03 07 0009 0305 c223 81");
	input("ff03 c021 05 08 0004");
	expect("c021 06 08 0004");
	assert_int_equal(rig.finished, 1);
	assert_int_equal(rig.timer[PPP_TIMER_LCP], 0);
	assert_int_equal(rig.reason, REASON_AUTH_METHOD);
}

static void client_up(void)
{
	struct auth_result res = { .ok = true, .password = "pw" };

	begin_client(AUTH_PAP, false);
	input("ff03 c021 01 07 0008 0304 c023");
	assert_int_equal(rig.requests, 1);
	ppp_auth_result(&ppp, rig.serial, &res);
	expect_last("c023 01 01 000a 02 6d65 02 7077");
	input("ff03 c023 02 01 0005 00");
	assert_int_equal(rig.auth_done, 1);
	expect("8021 01 01 0016 0306 00000000 8106 00000000 8306 00000000");
	input("ff03 8021 03 01 0016 0306 0a080005 8106 0a080035 8306 0a080036");
	input("ff03 8021 02 02 0016 0306 0a080005 8106 0a080035 8306 0a080036");
	input("ff03 8021 01 01 000a 0306 0a080001");
	assert_int_equal(rig.network_up, 1);
	rig.link.n_sent = 0;
}

static void client_logs_in_and_gets_an_address(void **state)
{
	(void)state;
	client_up();
	assert_int_equal(ntohl(rig.net.local.s_addr), 0x0a080005);
	assert_int_equal(ntohl(rig.net.peer.s_addr), 0x0a080001);
	assert_int_equal(ntohl(rig.net.dns[1].s_addr), 0x0a080036);
	assert_int_equal(rig.net.peer_mru, 1500);
}

/* Whatever the server asks for then, be it the login of the first time. */
static void client_ends_when_lcp_restarts(void **state)
{
	static const char *const requests[] = {
		"ff03 c021 01 08 0004",
		"ff03 c021 01 08 0008 0104 0578",
		"ff03 c021 01 08 0009 0305 c223 81",
		"ff03 c021 01 08 000e 0304 c023 0506 55667788",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
		client_up();
		/* Not a restart: the same request again. */
		input("ff03 c021 01 07 0008 0304 c023");
		expect("c021 02 07 0008 0304 c023");
		assert_int_equal(rig.network_down, 0);
		input(requests[i]);
		expect("c021 05 01 0004");
		assert_int_equal(rig.network_down, 1);
		input("ff03 c021 06 01 0004");
		assert_int_equal(rig.reason, REASON_LCP_RENEGOTIATION);
	}
}

/* Nor does it answer the login again that would be next. */
static void client_ends_when_lcp_restarts_before_the_login(void **state)
{
	(void)state;
	begin_client(AUTH_PAP, false);
	input("ff03 c021 01 07 0008 0304 c023");
	input("ff03 c021 01 08 000e 0304 c023 0506 55667788");
	expect_last("c021 05 01 0004");
	assert_int_equal(rig.auth_done, 0);
	input("ff03 c021 06 01 0004");
	assert_int_equal(rig.reason, REASON_LCP_RENEGOTIATION);
}

static void client_refuses_an_address_of_zero(void **state)
{
	(void)state;
	begin_client(AUTH_PAP, true);
	input("ff03 c021 01 07 0004");
	input("ff03 8021 02 01 0016 0306 00000000 8106 00000000 8306 00000000");
	input("ff03 8021 01 01 000a 0306 0a080001");
	assert_int_equal(rig.network_up, 0);
	input("ff03 8021 06 01 0004");
	assert_int_equal(ppp.reason, REASON_NCP_FAILED);
	assert_non_null(strstr(ppp.text, "no address"));
}

/* ---- both families ----------------------------------------------------------------------- */

static void ipv6_comes_later(void **state)
{
	struct ppp_cfg cfg;

	(void)state;
	ppp_cfg_default(&cfg, true);
	cfg.auth_methods = AUTH_METHODS(AUTH_PAP);
	cfg.ipv6 = true;
	begin(&cfg);
	rig.addrs.ifid[7] = 1;
	rig.link.n_sent = 0;
	open_lcp();
	pap_login();
	assert_int_equal(rig.link.n_sent, 3);
	expect_sent(&rig.link, 2, "8057 01 01 000e 010a 0000000000000001");
	input("ff03 8021 01 04 000a 0306 0a080005");
	input("ff03 8021 02 01 000a 0306 0a080001");
	assert_int_equal(rig.network_up, 1);
	input("ff03 8057 02 01 000e 010a 0000000000000001");
	input("ff03 8057 01 01 000e 010a 0000000000000002");
	assert_int_equal(rig.network_up, 2);
	assert_true(rig.net.ipv4 && rig.net.ipv6);
	assert_int_equal(rig.net.peer_ifid[7], 2);
	/* One of two goes: the network stays. */
	input("ff03 c021 08 01 0006 8057");
	assert_int_equal(rig.network_down, 0);
	ppp_timeout(&ppp, PPP_TIMER_IPV6CP);
	ppp_timeout(&ppp, PPP_TIMER_IPV6CP);
	assert_int_equal(ppp.phase, PPP_NETWORK);
	assert_false(ppp.net.ipv6);
	input("ff03 8021 05 07 0004");
	assert_int_equal(rig.network_down, 1);
}

#define T(f) cmocka_unit_test(f)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(server_from_start_to_end), T(everything_stops_at_the_end),
		T(lower_layer_down), T(peer_says_goodbye), T(nothing_but_lcp_before_opened),
		T(network_protocols_wait_for_authentication), T(ipv6_waits_for_authentication),
		T(other_authentication_is_dropped), T(other_protocols_are_rejected),
		T(rejects_are_limited), T(hdlc_is_an_unknown_protocol),
		T(rejects_are_not_answered), T(compressed_headers_are_read),
		T(network_waits_for_its_addresses), T(network_does_not_start_unauthenticated),
		T(wrong_password_ends), T(lcp_restart_ends), T(loop_ends),
		T(rejected_ipcp_ends), T(rejected_authentication_ends), T(rejected_lcp_ends),
		T(other_rejects_do_not), T(silent_peer_ends), T(silent_ipcp_ends),
		T(no_common_method_ends), T(ipcp_renegotiation),
		T(ipcp_terminated_by_the_peer),
		T(resumed_answers_echoes), T(resumed_knows_what_lcp_agreed_upon),
		T(resumed_negotiates_ipcp_anew), T(resumed_takes_ipv6_when_it_comes),
		T(resumed_ends_in_order), T(what_is_no_state_is_refused),
		T(echo_until_nobody_answers),
		T(client_refuses_a_server_without_authentication),
		T(client_may_be_told_to_accept_that), T(client_needs_a_common_method),
		T(client_logs_in_and_gets_an_address), T(client_ends_when_lcp_restarts),
		T(client_ends_when_lcp_restarts_before_the_login),
		T(client_refuses_an_address_of_zero),
		T(ipv6_comes_later),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
