// SPDX-License-Identifier: GPL-2.0-or-later
/* LCP options and codes. Our magic number is a0a1a2a3, 1500 is 05dc. */
#include "rig/link_rig.h"

#include "ppp/lcp.h"

#define MSCHAP	"0305 c223 81"
#define PAP	"0304 c023"
#define EAP	"0304 c227"
#define MD5	"0305 c223 05"

static struct link_rig rig;
static struct lcp lcp;

static void start(bool server, struct auth_methods methods)
{
	link_rig_init(&rig);
	lcp_init(&lcp, server, 1500, &methods, &rig_link, &rig);
	fsm_open(&lcp.fsm);
	fsm_up(&lcp.fsm);
}

static void start_server(void)
{
	start(true, AUTH_METHODS(AUTH_MSCHAPV2, AUTH_PAP));
	expect_one(&rig, "01 01 0013 0104 05dc " MSCHAP " 0506 a0a1a2a3");
}

static void start_client(enum auth_method_id method)
{
	start(false, AUTH_METHODS(method));
	expect_one(&rig, "01 01 000e 0104 05dc 0506 a0a1a2a3");
}

static void open_client(void)
{
	start_client(AUTH_MSCHAPV2);
	link_input(&lcp.fsm, "02 01 000e 0104 05dc 0506 a0a1a2a3");
	link_input(&lcp.fsm, "01 07 000f " MSCHAP " 0506 11223344");
	expect_one(&rig, "02 07 000f " MSCHAP " 0506 11223344");
	assert_int_equal(rig.up, 1);
}

static void server_asks_for_the_first(void **state)
{
	static const struct {
		struct auth_methods list;
		const char *request;
	} cases[] = {
		{ { { AUTH_PAP } }, "01 01 0012 0104 05dc " PAP " 0506 a0a1a2a3" },
		{ { { AUTH_PAP, AUTH_MSCHAPV2 } },
		  "01 01 0012 0104 05dc " PAP " 0506 a0a1a2a3" },
		{ { { AUTH_EAP_MSCHAPV2, AUTH_MSCHAPV2 } },
		  "01 01 0012 0104 05dc " EAP " 0506 a0a1a2a3" },
		{ { { AUTH_CHAP_MD5, AUTH_PAP } },
		  "01 01 0013 0104 05dc " MD5 " 0506 a0a1a2a3" },
	};
	size_t i;

	(void)state;
	start_server();
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		start(true, cases[i].list);
		expect_one(&rig, cases[i].request);
	}
}

#define ENDPOINT	"1317 01 6b737470 000102030405060708090a0b0c0d0e0f"

/* By that a server of ours knows it again; without, LCP is as it was. */
static void endpoint_of_a_client(void **state)
{
	static const struct endpoint id = { { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13,
					      14, 15 } };

	(void)state;
	link_rig_init(&rig);
	lcp_init(&lcp, false, 1500, &AUTH_METHODS(AUTH_PAP), &rig_link, &rig);
	lcp.endpoint = id;
	fsm_open(&lcp.fsm);
	fsm_up(&lcp.fsm);
	expect_one(&rig, "01 01 0025 0104 05dc 0506 a0a1a2a3 " ENDPOINT);
	link_input(&lcp.fsm, "04 01 001b " ENDPOINT);
	expect_one(&rig, "01 02 000e 0104 05dc 0506 a0a1a2a3");
	/* Somebody who wants it otherwise gets none. */
	fsm_down(&lcp.fsm);
	fsm_up(&lcp.fsm);
	expect_one(&rig, "01 03 0025 0104 05dc 0506 a4a5a6a7 " ENDPOINT);
	link_input(&lcp.fsm, "03 03 001b 1317 01 6b737470 ffffffffffffffffffffffffffffffff");
	expect_one(&rig, "01 04 000e 0104 05dc 0506 a4a5a6a7");

	start_server();
	link_input(&lcp.fsm, "01 07 001b " ENDPOINT);
	expect_one(&rig, "02 07 001b " ENDPOINT);
	assert_memory_equal(&lcp.endpoint, &id, sizeof(id));
	/* Only the last request counts. */
	link_input(&lcp.fsm, "01 08 000a 0506 11223344");
	expect_one(&rig, "02 08 000a 0506 11223344");
	assert_false(endpoint_is_set(&lcp.endpoint));
}

/* What others call themselves, what is too short or too long; and a client is asked. */
static void endpoints_that_are_none(void **state)
{
	static const char *const options[] = {
		"1303 00", "1309 03 001122334455", "1304 0100",
		"1317 02 6b737470 000102030405060708090a0b0c0d0e0f",
		"1317 01 6b737471 000102030405060708090a0b0c0d0e0f",
		"1316 01 6b737470 000102030405060708090a0b0c0d0e",
		"1318 01 6b737470 000102030405060708090a0b0c0d0e0f10",
		"1302",
	};
	char request[200], reject[200];
	size_t len;

	(void)state;
	for (size_t i = 0; i < sizeof(options) / sizeof(*options); i++) {
		start_server();
		len = 4 + strtoul((char[]){ options[i][2], options[i][3], 0 }, NULL, 16);
		snprintf(request, sizeof(request), "01 07 %04zx %s", len, options[i]);
		snprintf(reject, sizeof(reject), "04 07 %04zx %s", len, options[i]);
		link_input(&lcp.fsm, request);
		expect_one(&rig, reject);
		assert_false(endpoint_is_set(&lcp.endpoint));
	}
	start_client(AUTH_PAP);
	link_input(&lcp.fsm, "01 07 001b " ENDPOINT);
	expect_one(&rig, "04 07 001b " ENDPOINT);
	assert_false(endpoint_is_set(&lcp.endpoint));
}

#define LANE(number, of, joins)	"0009 026b7301 " number " " of " " joins

static void start_client_lane(const struct lane *lane)
{
	link_rig_init(&rig);
	lcp_init(&lcp, false, 1500, &AUTH_METHODS(AUTH_PAP), &rig_link, &rig);
	lcp.lane = *lane;
	fsm_open(&lcp.fsm);
	fsm_up(&lcp.fsm);
}

/* One that knows it grants it, or less; one that does not has LCP as it was. */
static void lane_of_a_client(void **state)
{
	(void)state;
	start_client_lane(&(struct lane){ .number = 2, .of = 4, .joins = true });
	expect_one(&rig, "01 01 0017 0104 05dc 0506 a0a1a2a3 " LANE("02", "04", "01"));
	link_input(&lcp.fsm, "03 01 000d " LANE("02", "03", "01"));
	expect_one(&rig, "01 02 0017 0104 05dc 0506 a0a1a2a3 " LANE("02", "03", "01"));
	assert_int_equal(lcp.lane.of, 3);
	/* More than was asked for, or another one, is no answer. */
	link_input(&lcp.fsm, "03 02 000d " LANE("01", "02", "01"));
	expect_one(&rig, "01 03 000e 0104 05dc 0506 a0a1a2a3");
	assert_false(lcp.ask_lane);

	start_client_lane(&(struct lane){ .of = 4 });
	expect_one(&rig, "01 01 0017 0104 05dc 0506 a0a1a2a3 " LANE("00", "04", "00"));
	link_input(&lcp.fsm, "04 01 000d " LANE("00", "04", "00"));
	expect_one(&rig, "01 02 000e 0104 05dc 0506 a0a1a2a3");
	assert_false(lcp.ask_lane);
}

static void lane_at_a_server(void **state)
{
	(void)state;
	start_server();
	link_input(&lcp.fsm, "01 07 000d " LANE("00", "04", "00"));
	expect_one(&rig, "04 07 000d " LANE("00", "04", "00"));
	start_server();
	lcp.lanes_max = 3;
	link_input(&lcp.fsm, "01 07 000d " LANE("00", "04", "00"));
	expect_one(&rig, "03 07 000d " LANE("00", "03", "00"));
	link_input(&lcp.fsm, "01 08 000d " LANE("02", "03", "01"));
	expect_one(&rig, "02 08 000d " LANE("02", "03", "01"));
	assert_int_equal(lcp.lane.number, 2);
	assert_int_equal(lcp.lane.of, 3);
	assert_true(lcp.lane.joins);
	/* Only the last request counts. */
	link_input(&lcp.fsm, "01 09 000a 0506 11223344");
	expect_one(&rig, "02 09 000a 0506 11223344");
	assert_int_equal(lcp.lane.of, 0);
}

/* No such number, no such count, not the first and yet alone, of others, of another length. */
static void lanes_that_are_none(void **state)
{
	static const char *const options[] = {
		LANE("04", "04", "01"), LANE("03", "04", "01"), LANE("00", "01", "00"),
		LANE("00", "00", "00"), LANE("00", "11", "00"), LANE("01", "04", "00"),
		LANE("00", "04", "02"), "0009 026b7302 00 04 00", "0009 00155d01 00 04 00",
		"0008 026b7301 00 04", "000a 026b7301 00 04 00 00", "0002",
	};
	char request[200], reject[200];
	size_t len;

	(void)state;
	for (size_t i = 0; i < sizeof(options) / sizeof(*options); i++) {
		start_server();
		lcp.lanes_max = 3;
		len = 4 + strtoul((char[]){ options[i][2], options[i][3], 0 }, NULL, 16);
		snprintf(request, sizeof(request), "01 07 %04zx %s", len, options[i]);
		snprintf(reject, sizeof(reject), "04 07 %04zx %s", len, options[i]);
		link_input(&lcp.fsm, request);
		expect_one(&rig, reject);
		assert_int_equal(lcp.lane.of, 0);
	}
	start_client(AUTH_PAP);
	link_input(&lcp.fsm, "01 07 000d " LANE("00", "02", "00"));
	expect_one(&rig, "04 07 000d " LANE("00", "02", "00"));
}

/* One Nak each; what the peer names is taken if it is left, else the next. */
static void server_goes_through_its_methods(void **state)
{
	static const struct {
		const char *nak;
		const char *request;
	} steps[] = {
		{ "03 01 0009 0305 c223 80", "01 02 0012 0104 05dc " EAP " 0506 a0a1a2a3" },
		{ "03 02 0008 " PAP, "01 03 0012 0104 05dc " PAP " 0506 a0a1a2a3" },
		{ "03 03 0008 " EAP, "01 04 0013 0104 05dc " MD5 " 0506 a0a1a2a3" },
	};
	size_t i;

	(void)state;
	start(true, AUTH_METHODS(AUTH_MSCHAPV2, AUTH_EAP_MSCHAPV2, AUTH_CHAP_MD5, AUTH_PAP));
	expect_one(&rig, "01 01 0013 0104 05dc " MSCHAP " 0506 a0a1a2a3");
	for (i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		link_input(&lcp.fsm, steps[i].nak);
		expect_one(&rig, steps[i].request);
		assert_false(lcp.auth_failed);
	}
	link_input(&lcp.fsm, "03 04 0009 " MSCHAP);
	assert_true(lcp.auth_failed);
}

/* The answer to a request of @option is @code: Ack and Reject repeat it. */
static void peer_option(const char *option, unsigned int code)
{
	char pkt[80], want[80];

	snprintf(pkt, sizeof(pkt), "01 07 %04zx %s", 4 + hex_bytes(option), option);
	link_input(&lcp.fsm, pkt);
	snprintf(want, sizeof(want), "%02x", code);
	if (rig.n_sent != 1 || strncmp(rig.sent[0], want, 2))
		fail_msg("%s is not answered by code %u", option, code);
	snprintf(want, sizeof(want), "%02x%s", code, pkt + 2);
	if (code != PPP_CONF_NAK)
		expect_one(&rig, want);
}

/* Each option of the peer, alone, in both roles: Ack, or the same back as Reject. */
static void peer_options(void **state)
{
	static const struct {
		const char *option;
		unsigned int server;		/* 2 = Ack, 4 = Reject, 3 = Nak */
		unsigned int client;
	} cases[] = {
		{ "", 2, 2 },
		{ "0104 0ffb", 2, 2 },			/* MRU of Windows: 4091 */
		{ "0104 ffff", 2, 2 },
		{ "0104 0240", 2, 2 },			/* 576 */
		{ "0104 023f", 3, 3 },
		{ "0104 0000", 3, 3 },
		{ "0103 05", 4, 4 },
		{ "0105 0005dc", 4, 4 },
		{ "0206 00000000", 2, 2 },		/* ACCM: nothing to escape here */
		{ "0206 ffffffff", 2, 2 },
		{ "0204 0000", 4, 4 },
		{ MSCHAP, 4, 2 },			/* nobody authenticates a server */
		{ EAP, 4, 3 },
		{ "0305 c223 80", 4, 3 },		/* MS-CHAP, version 1 */
		{ "0302", 4, 3 },
		{ "0303 c2", 4, 3 },
		{ "0408 c025 00000000", 4, 4 },		/* link quality */
		{ "0506 11223344", 2, 2 },
		{ "0506 00000000", 3, 3 },
		{ "0504 1122", 4, 4 },
		{ "0702", 2, 2 },			/* PFC */
		{ "0703 00", 4, 4 },
		{ "0802", 2, 2 },			/* ACFC */
		{ "0803 00", 4, 4 },
		{ "0903 01", 4, 4 },			/* FCS alternatives */
		{ "0a02", 4, 4 },			/* self describing padding */
		{ "0d03 06", 4, 4 },			/* callback by CBCP */
		{ "0d02", 4, 4 },
		{ "0f02", 4, 4 },			/* compound frames */
		{ "1104 064e", 4, 4 },			/* MRRU of Windows */
		{ "1202", 4, 4 },			/* short sequence numbers */
		{ "1317 01 00112233445566778899aabbccddeeff00112233", 4, 4 },
		{ "1306 01020304", 4, 4 },		/* endpoint discriminator */
		{ "1704 0001", 4, 4 },			/* link discriminator of BAP */
		{ "ff02", 4, 4 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		start_server();
		peer_option(cases[i].option, cases[i].server);
		start_client(AUTH_MSCHAPV2);
		peer_option(cases[i].option, cases[i].client);
	}
}

/* What Windows 7 sends first: MRU 4091, magic, PFC, ACFC, callback, MRRU, endpoint. */
static void windows_request(void **state)
{
	(void)state;
	start_server();
	link_input(&lcp.fsm, "01 00 0022 0104 0ffb 0506 27d05b64 0702 0802 0d03 06 "
		   "1104 064e 1309 01 020304050607");
	expect_one(&rig, "04 00 0014 0d03 06 1104 064e 1309 01 020304050607");
	link_input(&lcp.fsm, "01 01 0012 0104 0ffb 0506 27d05b64 0702 0802");
	expect_one(&rig, "02 01 0012 0104 0ffb 0506 27d05b64 0702 0802");
	assert_int_equal(lcp.peer_mru, 4087);	/* all that fits into a packet */
	assert_int_equal(lcp.peer_magic, 0x27d05b64);
}

static void small_mru_is_naked(void **state)
{
	(void)state;
	start_server();
	link_input(&lcp.fsm, "01 07 0008 0104 023f");
	expect_one(&rig, "03 07 0008 0104 05dc");
	link_input(&lcp.fsm, "01 07 0008 0104 0000");
	expect_one(&rig, "03 07 0008 0104 05dc");
	assert_int_equal(lcp.peer_mru, 1500);
}

/* Persuaded @naks times, refused @rejs times, then left alone. */
static void insist_on_mru(uint16_t mru, unsigned int naks, unsigned int rejs)
{
	char request[32], reject[32];
	unsigned int i;

	snprintf(request, sizeof(request), "01 07 0008 0104 %04x", mru);
	snprintf(reject, sizeof(reject), "04 07 0008 0104 %04x", mru);
	for (i = 0; i < naks + rejs; i++) {
		link_input(&lcp.fsm, request);
		expect_one(&rig, i < naks ? "03 07 0008 0104 05dc" : reject);
	}
	link_input(&lcp.fsm, request);
	expect_one(&rig, "05 01 0004");
	assert_int_equal(lcp.fsm.state, FSM_CLOSING);
	assert_int_equal(lcp.peer_mru, 1500);
}

static void who_insists_on_a_small_mru(void **state)
{
	static const struct {
		uint16_t mru;
		unsigned int rejs;
		const char *why;
	} cases[] = {
		{ 0, 0, "the peer insists on an MRU below 128" },
		{ 64, 0, "the peer insists on an MRU below 128" },
		{ 127, 0, "the peer insists on an MRU below 128" },
		{ 128, 15, "the peer asks for what we cannot grant, again and again" },
		{ 575, 15, "the peer asks for what we cannot grant, again and again" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < 2 * sizeof(cases) / sizeof(cases[0]); i++) {
		if (i % 2)
			start_server();
		else
			start_client(AUTH_PAP);
		insist_on_mru(cases[i / 2].mru, 5, cases[i / 2].rejs);
		assert_string_equal(lcp.fsm.why, cases[i / 2].why);
	}
}

/* Who gives in has a link, as long as that is before the end. */
static void who_gives_in_is_forgiven(void **state)
{
	(void)state;
	start_client(AUTH_PAP);
	for (unsigned int i = 0; i < 5; i++) {
		link_input(&lcp.fsm, "01 07 0008 0104 0040");
		expect_one(&rig, "03 07 0008 0104 05dc");
	}
	link_input(&lcp.fsm, "01 08 0008 0104 0578");
	expect_one(&rig, "02 08 0008 0104 0578");
	assert_int_equal(lcp.peer_mru, 1400);
}

static void mru_left_out_is_1500_again(void **state)
{
	(void)state;
	start_server();
	link_input(&lcp.fsm, "01 07 000b 0104 0300 0d03 06");
	link_input(&lcp.fsm, "01 08 0004");
	assert_int_equal(lcp.peer_mru, 1500);
}

static void zero_magic_and_ours_are_naked(void **state)
{
	(void)state;
	start_server();
	link_input(&lcp.fsm, "01 07 000a 0506 00000000");
	expect_one(&rig, "03 07 000a 0506 a4a5a6a7");
	link_input(&lcp.fsm, "01 08 000a 0506 a0a1a2a3");
	expect_one(&rig, "03 08 000a 0506 a8a9aaab");
}

/* ---- our options refused ------------------------------------------------- */

static void mru_follows_the_nak(void **state)
{
	(void)state;
	start_client(AUTH_PAP);
	link_input(&lcp.fsm, "03 01 0008 0104 0578");
	expect_one(&rig, "01 02 000e 0104 0578 0506 a0a1a2a3");
	link_input(&lcp.fsm, "03 02 0008 0104 0040");
	expect_one(&rig, "01 03 000a 0506 a0a1a2a3");
}

static void rejected_options_are_left_out(void **state)
{
	(void)state;
	start_client(AUTH_PAP);
	link_input(&lcp.fsm, "04 01 000a 0506 a0a1a2a3");
	expect_one(&rig, "01 02 0008 0104 05dc");
	assert_int_equal(lcp.magic, 0);
	link_input(&lcp.fsm, "04 02 0008 0104 05dc");
	expect_one(&rig, "01 03 0004");
}

static void naked_magic_is_replaced(void **state)
{
	(void)state;
	start_client(AUTH_PAP);
	link_input(&lcp.fsm, "03 01 000a 0506 11111111");
	expect_one(&rig, "01 02 000e 0104 05dc 0506 a4a5a6a7");
}

static void no_magic_without_randomness(void **state)
{
	(void)state;
	link_rig_init(&rig);
	rig.random_fails = true;
	lcp_init(&lcp, false, 1500, &AUTH_METHODS(AUTH_PAP), &rig_link, &rig);
	fsm_open(&lcp.fsm);
	fsm_up(&lcp.fsm);
	expect_one(&rig, "01 01 0008 0104 05dc");
}

/* ---- authentication ------------------------------------------------------- */

static void server_falls_back_to_pap(void **state)
{
	(void)state;
	start_server();
	link_input(&lcp.fsm, "03 01 0008 " PAP);
	expect_one(&rig, "01 02 0012 0104 05dc " PAP " 0506 a0a1a2a3");
	assert_ptr_equal(lcp.auth, &auth_pap);
	link_input(&lcp.fsm, "03 02 0009 " MSCHAP);	/* round and round: no */
	assert_int_equal(lcp.fsm.state, FSM_CLOSING);
	assert_true(lcp.auth_failed);
}

static void server_without_pap_ends(void **state)
{
	(void)state;
	start(true, AUTH_METHODS(AUTH_MSCHAPV2));
	link_input(&lcp.fsm, "03 01 0008 " PAP);
	assert_int_equal(lcp.fsm.state, FSM_CLOSING);
	assert_true(lcp.auth_failed);
}

static void server_insists_on_authentication(void **state)
{
	(void)state;
	start_server();
	link_input(&lcp.fsm, "04 01 0009 " MSCHAP);
	assert_int_equal(lcp.fsm.state, FSM_CLOSING);
	assert_true(lcp.auth_failed);
}

static void server_offers_what_is_left_to_an_unknown_wish(void **state)
{
	(void)state;
	start_server();
	link_input(&lcp.fsm, "03 01 0008 0304 c227");	/* EAP */
	expect_one(&rig, "01 02 0012 0104 05dc " PAP " 0506 a0a1a2a3");
}

/* What names no method is a wish for any other. */
static void server_reads_short_wishes(void **state)
{
	static const char *const naks[] = {
		"03 01 0006 0302", "03 01 0007 0303 c2", "03 01 0008 0304 c223",
		"03 01 000a 0306 c223 8100", "03 01 0009 0305 c223 00",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(naks) / sizeof(naks[0]); i++) {
		start_server();
		link_input(&lcp.fsm, naks[i]);
		expect_one(&rig, "01 02 0012 0104 05dc " PAP " 0506 a0a1a2a3");
		assert_false(lcp.auth_failed);
	}
}

static void client_agrees_to_an_allowed_method(void **state)
{
	static const struct {
		enum auth_method_id id;
		const char *option;
		const struct auth_method *method;
	} cases[] = {
		{ AUTH_PAP, "0008 " PAP, &auth_pap },
		{ AUTH_MSCHAPV2, "0009 " MSCHAP, &auth_mschapv2 },
		{ AUTH_CHAP_MD5, "0009 " MD5, &auth_chap_md5 },
		{ AUTH_EAP_MSCHAPV2, "0008 " EAP, &auth_eap },
	};
	char hex[32];
	size_t i, j;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		for (j = 0; j < sizeof(cases) / sizeof(cases[0]); j++) {
			start_client(cases[i].id);
			snprintf(hex, sizeof(hex), "01 07 %s", cases[j].option);
			link_input(&lcp.fsm, hex);
			snprintf(hex, sizeof(hex), "%s 07 %s", i == j ? "02" : "03",
				 cases[i].option);
			expect_one(&rig, hex);
			assert_ptr_equal(lcp.auth, i == j ? cases[i].method : NULL);
		}
	}
}

static void client_asks_for_its_own_method(void **state)
{
	static const char *const others[] = {
		"01 07 0008 " PAP, "01 07 0008 0304 c227", "01 07 0009 0305 c223 05",
		"01 07 0009 0305 c223 80", "01 07 0008 0304 c223", "01 07 0007 0303 c2",
		"01 07 0006 0302", "01 07 000a 0306 c223 8100", "01 07 0009 0305 c023 00",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		start_client(AUTH_MSCHAPV2);
		link_input(&lcp.fsm, others[i]);
		expect_one(&rig, "03 07 0009 " MSCHAP);
		assert_true(lcp.auth_failed);
	}
	link_input(&lcp.fsm, "01 08 0009 " MSCHAP);
	expect_one(&rig, "02 08 0009 " MSCHAP);
	assert_false(lcp.auth_failed);
}

/* With a byte more than RFC 1334 knows this is not PAP. */
static void client_takes_pap_as_specified(void **state)
{
	(void)state;
	start_client(AUTH_PAP);
	link_input(&lcp.fsm, "01 07 0009 0305 c023 00");
	expect_one(&rig, "03 07 0008 " PAP);
}

static void client_forgets_a_method_not_asked_for_again(void **state)
{
	(void)state;
	start_client(AUTH_PAP);
	link_input(&lcp.fsm, "01 07 000b " PAP " 0d03 06");
	expect_one(&rig, "04 07 0007 0d03 06");
	link_input(&lcp.fsm, "01 08 0004");
	expect_one(&rig, "02 08 0004");
	assert_null(lcp.auth);
}

/* ---- codes of LCP ----------------------------------------------------------- */

static void echo_is_answered_with_our_magic(void **state)
{
	(void)state;
	open_client();
	link_input(&lcp.fsm, "09 05 000b 11223344 aabbcc");
	expect_one(&rig, "0a 05 000b a0a1a2a3 aabbcc");
	link_input(&lcp.fsm, "09 06 0008 00000000");
	expect_one(&rig, "0a 06 0008 a0a1a2a3");
	link_input(&lcp.fsm, "09 07 0007 112233");
	expect_nothing(&rig);
}

static void echo_reply_fits_the_peer(void **state)
{
	static uint8_t pkt[4000] = { 9, 5, 4000 >> 8, 4000 & 0xff };

	(void)state;
	open_client();
	fsm_input(&lcp.fsm, rbuf_of(pkt, sizeof(pkt)));
	assert_int_equal(rig.n_sent, 1);
	assert_int_equal(strlen(rig.sent[0]) / 2, 1500);
	assert_memory_equal(rig.sent[0] + 4, "05dc", 4);
}

static void own_magic_is_a_loop(void **state)
{
	(void)state;
	open_client();
	link_input(&lcp.fsm, "09 05 0008 a0a1a2a3");
	assert_true(lcp.looped);
	expect_nothing(&rig);
}

static void echoes_are_counted(void **state)
{
	(void)state;
	open_client();
	lcp_echo(&lcp);
	expect_one(&rig, "09 01 0008 a0a1a2a3");
	lcp_echo(&lcp);
	expect_one(&rig, "09 02 0008 a0a1a2a3");
	assert_int_equal(lcp.echoes, 2);
	link_input(&lcp.fsm, "0a 02 0008 11223344");
	assert_int_equal(lcp.echoes, 0);
	fsm_close(&lcp.fsm);
	rig.n_sent = 0;
	lcp_echo(&lcp);
	expect_nothing(&rig);
}

/* Windows says who it is right after Opened, others count the time that is left. */
static void expect_silence(void)
{
	static const char *const silent[] = {
		"0c 01 0012 11223344 4d53524153 56352e3230",	/* "MSRASV5.20" */
		"0c 02 0018 11223344 4d535241532d302d 44455349 474e2d50",
		"0c 03 0004",
		"0d 04 000c 11223344 00000e10",
		"0d 05 0004",
		"0b 06 0008 11223344",
		"0b 07 0004",
	};
	enum fsm_state before = lcp.fsm.state;
	size_t i;

	for (i = 0; i < sizeof(silent) / sizeof(silent[0]); i++) {
		link_input(&lcp.fsm, silent[i]);
		expect_nothing(&rig);
		assert_int_equal(lcp.fsm.state, before);
	}
	/* Codes of CCP are none of LCP. */
	link_input(&lcp.fsm, "0e 05 0004");
	expect_sent(&rig, 0, "07 01 0008 0e 05 0004");
}

static void silent_codes(void **state)
{
	(void)state;
	start_client(AUTH_MSCHAPV2);
	expect_silence();
	open_client();
	expect_silence();
}

static void protocol_reject_received(void **state)
{
	(void)state;
	open_client();
	link_input(&lcp.fsm, "08 01 0005 80");
	link_input(&lcp.fsm, "08 01 0004");
	assert_int_equal(lcp.rejected_proto, 0);
	link_input(&lcp.fsm, "08 01 0006 80fd");
	assert_int_equal(lcp.rejected_proto, 0x80fd);
	expect_nothing(&rig);
}

static void protocol_reject_before_opened_is_ignored(void **state)
{
	(void)state;
	start_client(AUTH_PAP);
	link_input(&lcp.fsm, "08 01 0006 8021");
	assert_int_equal(lcp.rejected_proto, 0);
}

static void protocol_reject_sent_is_cut(void **state)
{
	static uint8_t info[PPP_INFO_MAX];

	(void)state;
	start_client(AUTH_PAP);
	lcp_protocol_reject(&lcp, 0x80fd, rbuf_of(info, 4));
	expect_nothing(&rig);
	open_client();
	lcp_protocol_reject(&lcp, 0x80fd, rbuf_of("\x01\x01\x00\x04", 4));
	expect_one(&rig, "08 01 000a 80fd 01010004");
	lcp_protocol_reject(&lcp, 0x80fd, rbuf_of(info, sizeof(info)));
	assert_int_equal(strlen(rig.sent[0]) / 2, PPP_MRU_MIN);
}

#define T(f) cmocka_unit_test(f)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(server_asks_for_the_first), T(server_goes_through_its_methods), T(peer_options),
		T(windows_request), T(small_mru_is_naked),
		T(who_insists_on_a_small_mru), T(who_gives_in_is_forgiven),
		T(mru_left_out_is_1500_again), T(zero_magic_and_ours_are_naked),
		T(mru_follows_the_nak), T(rejected_options_are_left_out),
		T(naked_magic_is_replaced), T(no_magic_without_randomness),
		T(server_falls_back_to_pap), T(server_without_pap_ends),
		T(server_insists_on_authentication),
		T(server_offers_what_is_left_to_an_unknown_wish),
		T(server_reads_short_wishes),
		T(client_agrees_to_an_allowed_method), T(client_asks_for_its_own_method),
		T(client_takes_pap_as_specified),
		T(client_forgets_a_method_not_asked_for_again),
		T(echo_is_answered_with_our_magic), T(echo_reply_fits_the_peer),
		T(own_magic_is_a_loop), T(echoes_are_counted), T(endpoint_of_a_client), T(endpoints_that_are_none),
		T(lane_of_a_client), T(lane_at_a_server), T(lanes_that_are_none),
		T(silent_codes),
		T(protocol_reject_received), T(protocol_reject_before_opened_is_ignored),
		T(protocol_reject_sent_is_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
