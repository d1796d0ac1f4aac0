// SPDX-License-Identifier: GPL-2.0-or-later
/* IPV6CP. The first random identifier is a0a1..a7, the next a8a9..af. */
#include "rig/link_rig.h"

#include "ppp/ipv6cp.h"

static struct link_rig rig;
static struct ipv6cp cp;

static int setup(void **state)
{
	(void)state;
	link_rig_init(&rig);
	ipv6cp_init(&cp, &rig_link, &rig);
	return 0;
}

static void go(void)
{
	fsm_open(&cp.fsm);
	fsm_up(&cp.fsm);
	expect_one(&rig, "01 01 000e 010a a0a1a2a3a4a5a6a7");
}

static void two_identifiers(void **state)
{
	(void)state;
	go();
	link_input(&cp.fsm, "01 07 000e 010a 0000000000000001");
	expect_one(&rig, "02 07 000e 010a 0000000000000001");
	link_input(&cp.fsm, "02 01 000e 010a a0a1a2a3a4a5a6a7");
	assert_int_equal(rig.up, 1);
	assert_int_equal(cp.peer_ifid[7], 1);
}

static void configured_identifier(void **state)
{
	(void)state;
	cp.ifid[7] = 9;
	fsm_open(&cp.fsm);
	fsm_up(&cp.fsm);
	expect_one(&rig, "01 01 000e 010a 0000000000000009");
}

static void zero_and_ours_are_naked(void **state)
{
	(void)state;
	go();
	link_input(&cp.fsm, "01 07 000e 010a 0000000000000000");
	expect_one(&rig, "03 07 000e 010a a8a9aaabacadaeaf");
	link_input(&cp.fsm, "01 08 000e 010a a0a1a2a3a4a5a6a7");
	expect_one(&rig, "03 08 000e 010a b0b1b2b3b4b5b6b7");
	cp.suggest[7] = 5;
	link_input(&cp.fsm, "01 09 000e 010a 0000000000000000");
	expect_one(&rig, "03 09 000e 010a 0000000000000005");
}

static void we_follow_a_nak(void **state)
{
	(void)state;
	go();
	link_input(&cp.fsm, "03 01 000e 010a 0000000000000007");
	expect_one(&rig, "01 02 000e 010a 0000000000000007");
	link_input(&cp.fsm, "03 02 000e 010a 0000000000000000");
	expect_one(&rig, "01 03 000e 010a a8a9aaabacadaeaf");
}

static void other_options_are_rejected(void **state)
{
	(void)state;
	go();
	link_input(&cp.fsm, "01 07 0008 0204 004f");
	expect_one(&rig, "04 07 0008 0204 004f");
	link_input(&cp.fsm, "01 08 000d 0109 00000000000001");
	expect_one(&rig, "04 08 000d 0109 00000000000001");
}

static void no_identifier_no_ipv6(void **state)
{
	(void)state;
	go();
	link_input(&cp.fsm, "04 01 000e 010a a0a1a2a3a4a5a6a7");
	assert_int_equal(cp.fsm.state, FSM_CLOSING);
}

#define T(f) cmocka_unit_test_setup(f, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(two_identifiers), T(configured_identifier), T(zero_and_ours_are_naked),
		T(we_follow_a_nak), T(other_options_are_rejected), T(no_identifier_no_ipv6),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
