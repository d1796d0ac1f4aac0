// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * IPCP. The server is 10.8.0.1 (0a080001), hands out 10.8.0.5 and the DNS
 * servers 10.8.0.53 and 10.8.0.54; no NBNS.
 */
#include "rig/link_rig.h"

#include <arpa/inet.h>

#include "ppp/ipcp.h"

static struct link_rig rig;
static struct ipcp ipcp;

static struct in_addr addr(const char *text)
{
	struct in_addr a;

	assert_int_equal(inet_pton(AF_INET, text, &a), 1);
	return a;
}

static void begin(bool server)
{
	link_rig_init(&rig);
	ipcp_init(&ipcp, server, &rig_link, &rig);
}

static void go(void)
{
	fsm_open(&ipcp.fsm);
	fsm_up(&ipcp.fsm);
}

static void start_server(void)
{
	begin(true);
	ipcp.want_local = addr("10.8.0.1");
	ipcp.want_peer = addr("10.8.0.5");
	ipcp.give[0] = addr("10.8.0.53");
	ipcp.give[2] = addr("10.8.0.54");
	go();
	expect_one(&rig, "01 01 000a 0306 0a080001");
}

static void start_client(void)
{
	begin(false);
	ipcp.ask_dns = true;
	go();
	expect_one(&rig, "01 01 0016 0306 00000000 8106 00000000 8306 00000000");
}

/* Windows: address, DNS and NBNS, all zero. */
static void server_hands_out(void **state)
{
	(void)state;
	start_server();
	link_input(&ipcp.fsm, "01 05 0022 0306 00000000 8106 00000000 8206 00000000 "
		   "8306 00000000 8406 00000000");
	expect_one(&rig, "04 05 0010 8206 00000000 8406 00000000");
	link_input(&ipcp.fsm, "01 06 0016 0306 00000000 8106 00000000 8306 00000000");
	expect_one(&rig, "03 06 0016 0306 0a080005 8106 0a080035 8306 0a080036");
	link_input(&ipcp.fsm, "01 07 0016 0306 0a080005 8106 0a080035 8306 0a080036");
	expect_one(&rig, "02 07 0016 0306 0a080005 8106 0a080035 8306 0a080036");
	link_input(&ipcp.fsm, "02 01 000a 0306 0a080001");
	assert_int_equal(rig.up, 1);
	assert_int_equal(ipcp.local.s_addr, addr("10.8.0.1").s_addr);
	assert_int_equal(ipcp.peer.s_addr, addr("10.8.0.5").s_addr);
}

static void server_grants_no_other_address(void **state)
{
	int i;

	(void)state;
	start_server();
	for (i = 0; i < 5; i++) {
		link_input(&ipcp.fsm, "01 05 000a 0306 c0a80001");
		expect_one(&rig, "03 05 000a 0306 0a080005");
	}
	link_input(&ipcp.fsm, "01 05 000a 0306 c0a80001");
	expect_one(&rig, "04 05 000a 0306 c0a80001");
	assert_int_equal(ipcp.peer.s_addr, 0);
}

static void server_wants_the_address_named(void **state)
{
	int i;

	(void)state;
	start_server();
	link_input(&ipcp.fsm, "01 05 0004");
	expect_one(&rig, "03 05 000a 0306 0a080005");
	for (i = 0; i < 20; i++)
		link_input(&ipcp.fsm, "01 05 0004");
	assert_int_equal(ipcp.fsm.state, FSM_CLOSING);
}

static void server_keeps_its_own_address(void **state)
{
	(void)state;
	start_server();
	link_input(&ipcp.fsm, "03 01 000a 0306 0a400001");
	expect_one(&rig, "01 02 000a 0306 0a080001");
	link_input(&ipcp.fsm, "04 02 000a 0306 0a080001");
	expect_one(&rig, "01 03 0004");
}

static void compression_is_rejected(void **state)
{
	(void)state;
	start_server();
	link_input(&ipcp.fsm, "01 05 0010 0206 002d 0f01 0306 0a080005");
	expect_one(&rig, "04 05 000a 0206 002d 0f01");
	link_input(&ipcp.fsm, "01 06 000e 010a 0a080005 0a080001");
	expect_one(&rig, "04 06 000e 010a 0a080005 0a080001");
}

/* Whoever has insisted for long, and then gives in, gets an address all the same. */
static void server_forgives(void **state)
{
	(void)state;
	start_server();
	for (int i = 0; i < 8; i++) {
		link_input(&ipcp.fsm, "01 05 000a 0306 c0a85802");
		expect_one(&rig, i < 5 ? "03 05 000a 0306 0a080005" :
					 "04 05 000a 0306 c0a85802");
	}
	link_input(&ipcp.fsm, "01 06 0010 0306 00000000 8106 00000000");
	expect_one(&rig, "03 06 0010 0306 0a080005 8106 0a080035");
	link_input(&ipcp.fsm, "01 07 000a 0306 0a080005");
	expect_one(&rig, "02 07 000a 0306 0a080005");
}

static void odd_sizes_are_rejected(void **state)
{
	(void)state;
	start_server();
	link_input(&ipcp.fsm, "01 05 0009 0305 0a0800");
	assert_memory_equal(rig.sent[0], "04", 2);
	link_input(&ipcp.fsm, "01 06 000b 8107 0a080035 00");
	assert_memory_equal(rig.sent[1], "04", 2);
}

static void client_takes_what_it_is_given(void **state)
{
	(void)state;
	start_client();
	link_input(&ipcp.fsm, "04 01 000a 8306 00000000");
	expect_one(&rig, "01 02 0010 0306 00000000 8106 00000000");
	link_input(&ipcp.fsm, "03 02 0010 0306 0a080005 8106 0a080035");
	expect_one(&rig, "01 03 0010 0306 0a080005 8106 0a080035");
	link_input(&ipcp.fsm, "02 03 0010 0306 0a080005 8106 0a080035");
	link_input(&ipcp.fsm, "01 09 000a 0306 0a080001");
	expect_one(&rig, "02 09 000a 0306 0a080001");
	assert_int_equal(rig.up, 1);
	assert_int_equal(ipcp.local.s_addr, addr("10.8.0.5").s_addr);
	assert_int_equal(ipcp.peer.s_addr, addr("10.8.0.1").s_addr);
	assert_int_equal(ipcp.dns[0].s_addr, addr("10.8.0.53").s_addr);
	assert_int_equal(ipcp.dns[1].s_addr, 0);
}

static void client_refuses_what_is_no_address(void **state)
{
	static const char *const bad[] = { "00000000", "7f000001", "e0000001", "ffffffff" };
	char nak[64];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		start_client();
		snprintf(nak, sizeof(nak), "03 01 000a 0306 %s", bad[i]);
		link_input(&ipcp.fsm, nak);
		assert_int_equal(ipcp.fsm.state, FSM_CLOSING);
		/* A name server of that kind is just not used. */
		start_client();
		snprintf(nak, sizeof(nak), "03 01 000a 8106 %s", bad[i]);
		link_input(&ipcp.fsm, nak);
		expect_one(&rig, "01 02 0010 0306 00000000 8306 00000000");
		assert_int_equal(ipcp.dns[0].s_addr, 0);
	}
}

static void client_insists_on_a_configured_address(void **state)
{
	(void)state;
	begin(false);
	ipcp.want_local = addr("10.8.0.9");
	go();
	expect_one(&rig, "01 01 000a 0306 0a080009");
	link_input(&ipcp.fsm, "03 01 000a 0306 0a080005");
	assert_int_equal(ipcp.fsm.state, FSM_CLOSING);
}

static void client_needs_an_address(void **state)
{
	(void)state;
	start_client();
	link_input(&ipcp.fsm, "04 01 000a 0306 00000000");
	assert_int_equal(ipcp.fsm.state, FSM_CLOSING);
}

/* Options it never asked for change nothing. */
static void client_ignores_gifts(void **state)
{
	(void)state;
	begin(false);
	go();
	expect_one(&rig, "01 01 000a 0306 00000000");
	link_input(&ipcp.fsm, "03 01 0010 0306 0a080005 8106 0a080035");
	expect_one(&rig, "01 02 000a 0306 0a080005");
	assert_int_equal(ipcp.dns[0].s_addr, 0);
}

static void client_gives_nothing(void **state)
{
	(void)state;
	start_client();
	link_input(&ipcp.fsm, "01 09 000a 0306 00000000");
	expect_one(&rig, "04 09 000a 0306 00000000");
	link_input(&ipcp.fsm, "01 0a 000a 8106 00000000");
	expect_one(&rig, "04 0a 000a 8106 00000000");
	link_input(&ipcp.fsm, "01 0b 0004");
	expect_one(&rig, "02 0b 0004");
}

static void client_holds_the_server_to_a_configured_address(void **state)
{
	(void)state;
	begin(false);
	ipcp.want_peer = addr("10.8.0.1");
	go();
	rig.n_sent = 0;
	link_input(&ipcp.fsm, "01 09 000a 0306 0a080002");
	expect_one(&rig, "03 09 000a 0306 0a080001");
}

#define T(f) cmocka_unit_test(f)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(server_hands_out), T(server_grants_no_other_address),
		T(server_wants_the_address_named), T(server_keeps_its_own_address),
		T(server_forgives), T(compression_is_rejected), T(odd_sizes_are_rejected),
		T(client_takes_what_it_is_given), T(client_refuses_what_is_no_address),
		T(client_insists_on_a_configured_address), T(client_needs_an_address),
		T(client_ignores_gifts), T(client_gives_nothing),
		T(client_holds_the_server_to_a_configured_address),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
