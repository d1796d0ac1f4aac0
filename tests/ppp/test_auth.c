// SPDX-License-Identifier: GPL-2.0-or-later
/* Packets of MS-CHAPv2, CHAP-MD5 and PAP, both roles; the arithmetic is test_mschap.c. */
#include "auth/chap_md5.h"
#include "rig/auth_rig.h"
#include "rig/vectors.h"

static struct json_object *wire, *pap_wire, *md5_wire;

static void input_wire(const char *key)
{
	input(vec_str(wire, key));
}

static void expect_wire(const char *key)
{
	expect_one(&rig.link, vec_str(wire, key));
}

/* ---- MS-CHAPv2, server ------------------------------------------------- */

static void start_server(void)
{
	begin(false, "srv", 0x29);
	auth_start(&auth, &auth_mschapv2);
	expect_wire("challenge_id2a");
	assert_int_equal(rig.link.timer_ms, 3000);
}

static void chap_server_asks_and_answers(void **state)
{
	struct auth_result res = good();
	uint8_t peer[MSCHAP_CHALLENGE_LEN];

	(void)state;
	start_server();
	input_wire("response_id2a");
	assert_int_equal(rig.requests, 1);
	assert_string_equal(rig.req.name, "User");
	assert_int_equal(rig.req.method, AUTH_MSCHAPV2);
	assert_false(rig.req.client);
	hex_decode("21402324255e262a28295f2b3a337c7e", peer, sizeof(peer));
	assert_memory_equal(rig.req.peer_challenge, peer, sizeof(peer));
	assert_memory_equal(rig.req.nt_response, res.nt_response, sizeof(res.nt_response));
	expect_nothing(&rig.link);
	strcpy(res.message, "Welcome");
	answer(&res);
	expect_wire("success_id2a");
	assert_int_equal(rig.successes, 1);
	assert_memory_equal(auth.hlak, res.hlak, sizeof(res.hlak));
	assert_int_equal(rig.link.timer_ms, 0);
}

static void chap_waits_for_a_challenge(void **state)
{
	(void)state;
	begin(false, "srv", 0x29);
	rig.no_challenge = true;
	auth_start(&auth, &auth_mschapv2);
	expect_nothing(&rig.link);
	assert_int_equal(rig.link.timer_ms, 30000);
	input_wire("response_id2a");
	assert_int_equal(rig.requests, 0);
	rig.no_challenge = false;
	auth_challenge_ready(&auth);
	expect_wire("challenge_id2a");
	/* Another one that nobody waits for changes nothing. */
	auth_challenge_ready(&auth);
	expect_nothing(&rig.link);
	input_wire("response_id2a");
	assert_int_equal(rig.requests, 1);

	begin(false, "srv", 0x29);
	rig.no_challenge = true;
	auth_start(&auth, &auth_mschapv2);
	auth_timeout(&auth);
	assert_int_equal(rig.failures, 1);
	assert_int_equal(rig.reason, REASON_AUTH_TIMEOUT);
}

static void chap_success_without_message(void **state)
{
	struct auth_result res = good();

	(void)state;
	start_server();
	input_wire("response_id2a");
	answer(&res);
	expect_wire("success_minimal_id2a");
}

static void chap_repeated_response_same_answer(void **state)
{
	struct auth_result res = good();

	(void)state;
	start_server();
	input_wire("response_id2a");
	input_wire("response_id2a");		/* while it is being decided */
	assert_int_equal(rig.requests, 1);
	expect_nothing(&rig.link);
	answer(&res);
	expect_wire("success_minimal_id2a");
	input_wire("response_id2a");
	expect_wire("success_minimal_id2a");
	assert_int_equal(rig.requests, 1);
	assert_int_equal(rig.successes, 1);
}

static void chap_late_result_is_ignored(void **state)
{
	struct auth_result res = good();

	(void)state;
	start_server();
	auth_result(&auth, 0, &res);
	auth_result(&auth, 1, &res);
	input_wire("response_id2a");
	auth_result(&auth, rig.req.serial + 1, &res);
	auth_result(&auth, rig.req.serial - 1, &res);
	expect_nothing(&rig.link);
	answer(&res);
	answer(&res);
	assert_int_equal(rig.successes, 1);
	assert_int_equal(rig.link.n_sent, 1);
}

/* Failure is text: E=691 R=1 C=<hex> V=3 M=<message>. */
static void expect_failure(unsigned int id, const char *start)
{
	char head[24], text[400] = "";
	size_t i, len = strlen(rig.link.sent[0]) / 2;

	assert_int_equal(rig.link.n_sent, 1);
	snprintf(head, sizeof(head), "04%02x%04zx", id, len);
	assert_memory_equal(rig.link.sent[0], head, 8);
	hex_decode(rig.link.sent[0] + 8, (uint8_t *)text, sizeof(text) - 1);
	assert_memory_equal(text, start, strlen(start));
	assert_memory_equal(strstr(text, " C=") + 35, " V=3 M=", 7);
	for (i = 0; i < 32; i++)
		assert_non_null(strchr("0123456789ABCDEF", strstr(text, " C=")[3 + i]));
	rig.link.n_sent = 0;
}

static void response(uint8_t id, const char *name_hex)
{
	char hex[700];

	snprintf(hex, sizeof(hex), "02%02x%04zx 31 21402324255e262a28295f2b3a337c7e "
		 "0000000000000000 82309ecd8d708b5ea08faa3981cd83544233114a3d85d6df 00 %s",
		 id, 54 + strlen(name_hex) / 2, name_hex);
	input(hex);
}

static void chap_three_wrong_answers(void **state)
{
	struct auth_result res = { .error = 691, .retry = true };
	uint8_t first[MSCHAP_CHALLENGE_LEN];

	(void)state;
	start_server();
	memcpy(first, auth.req.auth_challenge, sizeof(first));
	response(0x2a, "55736572");
	answer(&res);
	expect_failure(0x2a, "E=691 R=1 C=");
	assert_memory_not_equal(first, auth.req.auth_challenge, sizeof(first));
	response(0x2a, "55736572");		/* repeated: same answer */
	expect_failure(0x2a, "E=691 R=1 C=");
	assert_int_equal(rig.requests, 1);
	response(0x2b, "55736572");
	assert_int_equal(rig.requests, 2);
	answer(&res);
	expect_failure(0x2b, "E=691 R=1 C=");
	assert_int_equal(rig.failures, 0);
	response(0x2c, "55736572");
	answer(&res);
	expect_failure(0x2c, "E=691 R=0 C=");
	assert_int_equal(rig.failures, 1);
	assert_int_equal(rig.reason, REASON_AUTH_FAILED);
	assert_int_equal(rig.link.timer_ms, 0);
	response(0x2d, "55736572");
	assert_int_equal(rig.requests, 3);
}

static void chap_right_after_wrong(void **state)
{
	struct auth_result bad = { .retry = true }, res = good();

	(void)state;
	start_server();
	response(0x2a, "55736572");
	answer(&bad);
	expect_failure(0x2a, "E=691 R=1 C=");
	response(0x2b, "55736572");
	answer(&res);
	assert_int_equal(rig.successes, 1);
}

static void chap_final_refusal(void **state)
{
	struct auth_result res = { .error = AUTH_ERR_DISABLED, .message = "gone" };

	(void)state;
	start_server();
	response(0x2a, "55736572");
	answer(&res);
	expect_failure(0x2a, "E=647 R=0 C=");
	assert_int_equal(rig.failures, 1);
	assert_non_null(strstr(rig.text, "647"));
}

static void chap_names_that_are_none(void **state)
{
	char name[2 * 256 + 1];

	(void)state;
	start_server();
	response(0x2a, "");
	expect_failure(0x2a, "E=691 R=1 C=");
	response(0x2b, "616200");		/* NUL inside */
	expect_failure(0x2b, "E=691 R=1 C=");
	memset(name, '6', sizeof(name) - 1);
	name[512] = '\0';
	response(0x2c, name);			/* 256 bytes */
	expect_failure(0x2c, "E=691 R=0 C=");
	assert_int_equal(rig.requests, 0);
	start_server();
	name[510] = '\0';
	response(0x2a, name);
	assert_int_equal(rig.requests, 1);
	assert_int_equal(strlen(rig.req.name), 255);
}

static void chap_malformed_responses_are_dropped(void **state)
{
	static const char *const bad[] = {
		"022b0037 31 00",				/* cut */
		"022a0004",
		"022a0005 31",
		"022a0035 31 21402324255e262a28295f2b3a337c7e 0000000000000000 "
			"82309ecd8d708b5ea08faa3981cd83544233114a3d85d6df",	/* no flags */
		"022a003a 30 21402324255e262a28295f2b3a337c7e 0000000000000000 "
			"82309ecd8d708b5ea08faa3981cd83544233114a3d85d6df 00 55736572",
		"022b003a 31 21402324255e262a28295f2b3a337c7e 0000000000000000 "
			"82309ecd8d708b5ea08faa3981cd83544233114a3d85d6df 00 55736572",
		"012a0004", "032a0004", "042a0004", "072a0004", "ff2a0004", "022a0003",
	};
	size_t i;

	(void)state;
	start_server();
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		input(bad[i]);
	assert_int_equal(rig.requests, 0);
	expect_nothing(&rig.link);
	/* Reserved bytes and flags say nothing. */
	input("022a003a 31 21402324255e262a28295f2b3a337c7e ffffffffffffffff "
	      "82309ecd8d708b5ea08faa3981cd83544233114a3d85d6df ff 55736572");
	assert_int_equal(rig.requests, 1);
}

static void chap_challenge_is_repeated_ten_times(void **state)
{
	int i;

	(void)state;
	start_server();
	for (i = 0; i < 9; i++) {
		auth_timeout(&auth);
		expect_wire("challenge_id2a");
	}
	auth_timeout(&auth);
	expect_nothing(&rig.link);
	assert_int_equal(rig.failures, 1);
	assert_int_equal(rig.reason, REASON_AUTH_TIMEOUT);
}

static void chap_no_decision_in_time(void **state)
{
	(void)state;
	start_server();
	input_wire("response_id2a");
	assert_int_equal(rig.link.timer_ms, 30000);
	auth_timeout(&auth);
	assert_int_equal(rig.reason, REASON_AUTH_TIMEOUT);
}

static void chap_no_randomness(void **state)
{
	(void)state;
	begin(false, "srv", 0);
	rig.link.random_fails = true;
	auth_start(&auth, &auth_mschapv2);
	expect_nothing(&rig.link);
	assert_int_equal(rig.failures, 1);
	assert_int_equal(rig.reason, REASON_INTERNAL);
}

/* ---- MS-CHAPv2, client ----------------------------------------------------- */

static void start_client(void)
{
	begin(true, "User", 0);
	auth_start(&auth, &auth_mschapv2);
	expect_nothing(&rig.link);
}

static void respond(void)
{
	struct auth_result res = good();

	start_client();
	input_wire("challenge_id2a");
	assert_int_equal(rig.requests, 1);
	assert_true(rig.req.client);
	assert_string_equal(rig.req.name, "User");
	answer(&res);
	expect_wire("response_id2a");
}

static void chap_client_success(void **state)
{
	struct auth_result res = good();

	(void)state;
	respond();
	input_wire("success_id2a");
	assert_int_equal(rig.successes, 1);
	assert_memory_equal(auth.hlak, res.hlak, sizeof(res.hlak));
	input_wire("success_id2a");
	assert_int_equal(rig.successes, 1);
	respond();
	input_wire("success_minimal_id2a");
	assert_int_equal(rig.successes, 1);
}

static void chap_client_repeats_to_a_repetition(void **state)
{
	(void)state;
	respond();
	input_wire("challenge_id2a");
	expect_wire("response_id2a");
	assert_int_equal(rig.requests, 1);
}

static void chap_client_answers_a_new_challenge(void **state)
{
	(void)state;
	respond();
	input("012b0015 10 00000000000000000000000000000000");
	assert_int_equal(rig.requests, 2);
	input_wire("success_id2a");		/* to the first: too late */
	assert_int_equal(rig.successes, 0);
}

static void chap_client_demands_the_proof(void **state)
{
	static const char *const no_proof[] = {
		"032a0004",
		"032a0006 533d",
		/* one digit off, one short */
		"032a002e 533d34303741353538393131354644304436323039463531304645394330"
			"3435363639333243444135 37",
		"032a002d 533d34303741353538393131354644304436323039463531304645394330"
			"3435363639333243444135",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(no_proof) / sizeof(no_proof[0]); i++) {
		respond();
		input(no_proof[i]);
		assert_int_equal(rig.successes, 0);
		assert_int_equal(rig.reason, REASON_AUTH_SERVER);
		input_wire("success_id2a");
		assert_int_equal(rig.successes, 0);
	}
}

static void chap_client_wants_the_right_order(void **state)
{
	(void)state;
	start_client();
	input_wire("success_id2a");
	input_wire("failure_retry");
	assert_int_equal(rig.successes + rig.failures, 0);
	input_wire("challenge_id2a");
	input_wire("success_id2a");		/* before our Response */
	assert_int_equal(rig.successes + rig.failures, 0);
	respond();
	input("032b002e 533d34303741353538393131354644304436323039463531304645394330"
	      "343536363933324344413536");	/* to another one */
	assert_int_equal(rig.successes + rig.failures, 0);
}

static void chap_client_failures(void **state)
{
	static const struct {
		const char *hex;
		const char *text;
	} cases[] = {
		{ "042a0004", "error 0" },
		{ "042a0009 453d363931", "wrong user name or password (error 691)" },
		{ "042a0006 453d", "error 0" },
		{ "042a0009 453d3634 37", "disabled" },
		{ "042a001a 453d393939393939393939393939393939393939393939", "refused" },
		{ "042a0008 00000000", "error 0" },
		{ "042a000f 453d363436204d3d6e6f77", "this time (error 646), "
		  "in the server's words: now" },
		{ "042a000c 453d363436204d3d", "this time (error 646)" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		respond();
		input(cases[i].hex);
		assert_int_equal(rig.failures, 1);
		assert_int_equal(rig.reason, REASON_AUTH_FAILED);
		if (!strstr(rig.text, cases[i].text))
			fail_msg("%s: %s", cases[i].hex, rig.text);
	}
	respond();
	input_wire("failure_retry");
	assert_string_equal(rig.text, "wrong user name or password (error 691), "
			    "in the server's words: Authentication failed");
}

static void chap_client_changes_its_password(void **state)
{
	struct auth_result res = good();
	char head[20];

	(void)state;
	respond();
	input_wire("failure_expired");
	assert_int_equal(rig.failures, 0);
	expect_nothing(&rig.link);
	assert_int_equal(rig.requests, 2);
	assert_true(rig.req.change);
	/* The challenge is the one in the Failure. */
	assert_memory_equal(rig.req.auth_challenge, "\x78\x69\xf7\x06\x76\x18\x44\xcc", 8);
	memset(res.packet, 0x5a, AUTH_CHANGE_LEN);
	res.packet_len = AUTH_CHANGE_LEN;
	answer(&res);
	assert_int_equal(rig.link.n_sent, 1);
	assert_int_equal(strlen(rig.link.sent[0]), 2 * 586);
	snprintf(head, sizeof(head), "072b024a5a5a");
	assert_memory_equal(rig.link.sent[0], head, strlen(head));
	input("032b002e" "533d34303741353538393131354644304436323039463531304645394330"
	      "343536363933324344413536");
	assert_int_equal(rig.successes, 1);
	/* A second refusal is the end, and so is not having a new password. */
	respond();
	input_wire("failure_expired");
	answer(&res);
	input("042b0009 453d373039");
	assert_int_equal(rig.reason, REASON_AUTH_FAILED);
	assert_non_null(strstr(rig.text, "cannot be changed"));
	respond();
	input_wire("failure_expired");
	answer(&(struct auth_result){ 0 });
	assert_int_equal(rig.reason, REASON_AUTH_FAILED);
	assert_non_null(strstr(rig.text, "expired"));
}

/* An expired password is not changed without a challenge that can be used. */
static void chap_client_needs_a_whole_challenge(void **state)
{
	static const char *const bad[] = {
		"042a0009 453d363438",					/* none */
		"042a001a 453d36343820523d3020433d30303030303030303030",
		"042a0031 453d36343820523d3020433d" "3030303030303030303030303030303030"
			"30303030303030303030303030303030",		/* 33 digits */
		"042a0030 453d36343820523d3020433d" "5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a"
			"5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a",		/* not hex */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		respond();
		input(bad[i]);
		assert_int_equal(rig.requests, 1);
		assert_int_equal(rig.failures, 1);
		assert_int_equal(rig.reason, REASON_AUTH_FAILED);
		expect_nothing(&rig.link);
	}
}

static void chap_client_malformed_challenges(void **state)
{
	(void)state;
	start_client();
	input("012a0004");
	input("012a0005 10");
	input("012a0014 10 000000000000000000000000000000");
	input("012a0015 0f 00000000000000000000000000000000");
	input("012a0015 11 00000000000000000000000000000000");
	assert_int_equal(rig.requests, 0);
	/* Any name will do, also none. */
	input("012a0015 10 00000000000000000000000000000000");
	assert_int_equal(rig.requests, 1);
}

static void chap_client_without_password(void **state)
{
	struct auth_result res = { 0 };

	(void)state;
	start_client();
	input_wire("challenge_id2a");
	answer(&res);
	assert_int_equal(rig.failures, 1);
	expect_nothing(&rig.link);
}

static void chap_client_waits_not_for_ever(void **state)
{
	(void)state;
	start_client();
	assert_int_equal(rig.link.timer_ms, 30000);
	auth_timeout(&auth);
	assert_int_equal(rig.reason, REASON_AUTH_TIMEOUT);
}

/* Windows asks so after E=648; who keeps the accounts is somebody else. */
static void chap_change_password_is_refused(void **state)
{
	char change[2 * 586 + 1] = "";

	(void)state;
	start_server();
	memset(change, '0', sizeof(change) - 1);
	memcpy(change, "072b024a", 8);		/* not the identifier asked for */
	input(change);
	expect_nothing(&rig.link);
	change[3] = 'a';
	input(change);
	expect_failure(0x2a, "E=709 R=0 C=");
	assert_int_equal(rig.requests, 0);
	assert_int_equal(rig.reason, REASON_AUTH_FAILED);
	assert_non_null(strstr(rig.text, "cannot be changed (error 709)"));
}

/* The vector's Change-Password with another identifier. */
static void change_password(uint8_t id)
{
	struct json_object *file = vectors_load("mschapv2");
	char hex[2 * 586 + 1];

	snprintf(hex, sizeof(hex), "07%02x%s", id,
		 vec_str(vec_get(file, "change_password"), "packet") + 4);
	input(hex);
	json_object_put(file);
}

/* Waits for a Change-Password with identifier 0x2b. */
static void expired(void)
{
	struct auth_result res = { .error = 648 };

	start_server();
	response(0x2a, "55736572");
	answer(&res);
	expect_failure(0x2a, "E=648 R=0 C=");
	assert_int_equal(rig.failures, 0);
	assert_int_equal(rig.link.timer_ms, 30000);
}

static void chap_password_is_changed(void **state)
{
	struct json_object *file = vectors_load("mschapv2");
	struct json_object *o = vec_get(file, "change_password");
	uint8_t password[MSCHAP_NEW_PASSWORD_LEN], nt_response[MSCHAP_NT_RESPONSE_LEN];
	struct auth_result res = good();

	(void)state;
	vec_bytes(o, "encrypted_password", password, sizeof(password));
	vec_bytes(o, "nt_response", nt_response, sizeof(nt_response));
	json_object_put(file);
	expired();
	change_password(0x2c);
	expect_nothing(&rig.link);
	assert_int_equal(rig.requests, 1);
	change_password(0x2b);
	assert_int_equal(rig.requests, 2);
	assert_true(rig.req.change);
	assert_string_equal(rig.req.name, "User");
	assert_int_equal(rig.req.packet_len, AUTH_CHANGE_LEN);
	assert_memory_equal(rig.req.packet, password, sizeof(password));
	assert_memory_equal(rig.req.nt_response, nt_response, sizeof(nt_response));
	/* With the challenge that came with the refusal. */
	assert_memory_equal(rig.req.auth_challenge, auth.req.auth_challenge, 16);
	answer(&res);
	assert_int_equal(rig.link.n_sent, 1);
	assert_memory_equal(rig.link.sent[0], "032b", 4);
	assert_int_equal(rig.successes, 1);
	assert_memory_equal(auth.hlak, res.hlak, sizeof(res.hlak));
	/* The answer was lost: again the same, without a second change. */
	change_password(0x2b);
	assert_int_equal(rig.requests, 2);
	assert_int_equal(rig.link.n_sent, 2);
}

static void chap_password_is_not_changed(void **state)
{
	struct auth_result res = { .error = 709 };

	(void)state;
	expired();
	change_password(0x2b);
	answer(&res);
	expect_failure(0x2b, "E=709 R=0 C=");
	assert_int_equal(rig.failures, 1);
	/* An expired one once more is the end, too. */
	expired();
	change_password(0x2b);
	res.error = 648;
	answer(&res);
	assert_int_equal(rig.failures, 1);
	/* The peer has no new password. */
	expired();
	auth_timeout(&auth);
	assert_int_equal(rig.reason, REASON_AUTH_TIMEOUT);
}

/* The texts of RFC 2759 section 6, as Windows has them. */
static void chap_error_texts(void **state)
{
	static const struct {
		unsigned int error;
		const char *text;
	} cases[] = {
		{ 646, "this time" }, { 647, "disabled" }, { 648, "expired" },
		{ 649, "dial-in" }, { 691, "user name or password" }, { 0, "password" },
		{ 700, "refused" },
	};
	struct auth_result res = { 0 };
	char text[400];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		start_server();
		response(0x2a, "55736572");
		res.error = cases[i].error;
		answer(&res);
		if (cases[i].error != 648)
			assert_non_null(strstr(rig.text, cases[i].text));
		memset(text, 0, sizeof(text));
		hex_decode(rig.link.sent[0] + 8, (uint8_t *)text, sizeof(text) - 1);
		assert_non_null(strstr(strstr(text, " V=3 M="), cases[i].text));
	}
}

/* ---- CHAP-MD5 ------------------------------------------------------------------ */

static void start_md5_server(void)
{
	begin(false, "srv", 0x29);
	auth_start(&auth, &auth_chap_md5);
	expect_wire("challenge_id2a");
	assert_int_equal(rig.link.timer_ms, 3000);
}

#define MD5_RESPONSE	"02 2a 0019 10 000102030405060708090a0b0c0d0e0f 55736572"

static void md5_server(void **state)
{
	static const uint8_t zero[BINDING_HLAK_LEN];
	struct auth_result res = { .ok = true, .message = "hi" };
	uint8_t digest[CHAP_MD5_LEN];

	(void)state;
	start_md5_server();
	auth_timeout(&auth);
	expect_wire("challenge_id2a");
	input(MD5_RESPONSE);
	input(MD5_RESPONSE);
	assert_int_equal(rig.requests, 1);
	assert_int_equal(rig.req.method, AUTH_CHAP_MD5);
	assert_string_equal(rig.req.name, "User");
	assert_int_equal(rig.req.md5.id, 0x2a);
	assert_int_equal(rig.req.md5.len, 16);
	hex_decode("5b5d7c7d7b3f2f3e3c2c602132262628", digest, sizeof(digest));
	assert_memory_equal(rig.req.md5.challenge, digest, sizeof(digest));
	hex_decode("000102030405060708090a0b0c0d0e0f", digest, sizeof(digest));
	assert_memory_equal(rig.req.md5.digest, digest, sizeof(digest));
	/* Whatever the password holder says: there is no key. */
	memset(res.hlak, 0x77, sizeof(res.hlak));
	answer(&res);
	expect_one(&rig.link, "03 2a 0006 6869");
	assert_int_equal(rig.successes, 1);
	assert_memory_equal(auth.hlak, zero, sizeof(zero));
	input(MD5_RESPONSE);
	expect_one(&rig.link, "03 2a 0006 6869");
	assert_int_equal(rig.requests, 1);
	assert_int_equal(rig.successes, 1);
}

static void md5_server_refuses_at_once(void **state)
{
	struct auth_result res = { .retry = true, .message = "no" };

	(void)state;
	start_md5_server();
	input(MD5_RESPONSE);
	answer(&res);
	expect_one(&rig.link, "04 2a 0006 6e6f");
	assert_int_equal(rig.reason, REASON_AUTH_FAILED);
	start_md5_server();
	input("02 2a 0015 10 000102030405060708090a0b0c0d0e0f");	/* no name */
	expect_one(&rig.link, "04 2a 0004");
	assert_int_equal(rig.requests, 0);
	assert_int_equal(rig.reason, REASON_AUTH_FAILED);
}

static void md5_server_malformed(void **state)
{
	static const char *const bad[] = {
		"02 2a 0004", "02 2a 0005 10", "02 2a 0014 10 000102030405060708090a0b0c0d0e",
		"02 2a 0019 11 000102030405060708090a0b0c0d0e0f 55736572",
		"02 2a 0019 0f 000102030405060708090a0b0c0d0e0f 55736572",
		"02 2b 0019 10 000102030405060708090a0b0c0d0e0f 55736572",
		"01 2a 0004", "03 2a 0004", "04 2a 0004",
	};
	size_t i;

	(void)state;
	start_md5_server();
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		input(bad[i]);
	assert_int_equal(rig.requests + rig.failures, 0);
	expect_nothing(&rig.link);
}

static void start_md5_client(void)
{
	struct auth_result res = { .ok = true };

	hex_decode("000102030405060708090a0b0c0d0e0f", res.digest, sizeof(res.digest));
	begin(true, "User", 0);
	auth_start(&auth, &auth_chap_md5);
	expect_nothing(&rig.link);
	input("01 07 000b 03 a1a2a3 737276");
	assert_int_equal(rig.requests, 1);
	assert_int_equal(rig.req.md5.id, 7);
	assert_int_equal(rig.req.md5.len, 3);
	assert_memory_equal(rig.req.md5.challenge, "\xa1\xa2\xa3", 3);
	answer(&res);
	expect_one(&rig.link, "02 07 0019 10 000102030405060708090a0b0c0d0e0f 55736572");
}

static void md5_client(void **state)
{
	static const uint8_t zero[BINDING_HLAK_LEN];

	(void)state;
	start_md5_client();
	input("01 07 000b 03 a1a2a3 737276");
	expect_one(&rig.link, "02 07 0019 10 000102030405060708090a0b0c0d0e0f 55736572");
	assert_int_equal(rig.requests, 1);
	input("03 08 0004");
	assert_int_equal(rig.successes, 0);
	input("03 07 0006 6869");
	assert_int_equal(rig.successes, 1);
	assert_memory_equal(auth.hlak, zero, sizeof(zero));
	start_md5_client();
	input("04 07 0004");
	assert_int_equal(rig.reason, REASON_AUTH_FAILED);
	start_md5_client();
	input("01 08 000b 03 a1a2a4 737276");
	assert_int_equal(rig.requests, 2);
	input("03 07 0004");			/* to the first: too late */
	assert_int_equal(rig.successes, 0);
}

static void md5_client_malformed(void **state)
{
	static const char *const bad[] = {
		"01 07 0004", "01 07 0005 00", "01 07 0007 03 a1a2", "03 07 0004", "04 07 0004",
		"02 07 0019 10 000102030405060708090a0b0c0d0e0f 55736572",
	};
	char longest[2 * (4 + 1 + 255) + 1] = "01070104ff";
	size_t i;

	(void)state;
	begin(true, "User", 0);
	auth_start(&auth, &auth_chap_md5);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		input(bad[i]);
	assert_int_equal(rig.requests + rig.successes + rig.failures, 0);
	/* The longest there is. */
	memset(longest + 10, 'a', 2 * 255);
	input(longest);
	assert_int_equal(rig.req.md5.len, 255);
}

static void md5_digest(void **state)
{
	struct chap_md5 md5 = { 0 };
	uint8_t want[CHAP_MD5_LEN], got[CHAP_MD5_LEN];
	char password[AUTH_PASSWORD_MAX + 2];

	(void)state;
	md5.id = vec_int(md5_wire, "id");
	md5.len = vec_hex(md5_wire, "challenge", md5.challenge, sizeof(md5.challenge));
	vec_bytes(md5_wire, "digest", want, sizeof(want));
	assert_int_equal(chap_md5_digest(&md5, vec_str(md5_wire, "password"), got), 0);
	assert_memory_equal(got, want, sizeof(want));
	memset(password, 'x', sizeof(password));
	password[AUTH_PASSWORD_MAX] = '\0';
	md5.len = CHAP_MD5_CHALLENGE_MAX;
	assert_int_equal(chap_md5_digest(&md5, password, got), 0);
	password[AUTH_PASSWORD_MAX] = 'x';
	password[AUTH_PASSWORD_MAX + 1] = '\0';
	assert_int_equal(chap_md5_digest(&md5, password, got), -1);
}

/* ---- PAP --------------------------------------------------------------------- */

static void start_pap_server(void)
{
	begin(false, "srv", 0);
	auth_start(&auth, &auth_pap);
	expect_nothing(&rig.link);
}

static void pap_server(void **state)
{
	static const uint8_t zero[BINDING_HLAK_LEN];
	struct auth_result res = { .ok = true, .message = "hi" };

	(void)state;
	start_pap_server();
	input(vec_str(pap_wire, "auth_req"));
	assert_int_equal(rig.requests, 1);
	assert_string_equal(rig.req.name, "User");
	assert_string_equal(rig.req.password, "clientPass");
	memset(res.hlak, 0x77, sizeof(res.hlak));
	answer(&res);
	expect_one(&rig.link, "02 01 0007 02 6869");
	assert_int_equal(rig.successes, 1);
	/* Whatever the answer said: PAP yields no key. */
	assert_memory_equal(auth.hlak, zero, sizeof(zero));
	assert_string_equal(auth.req.password, "");
	input(vec_str(pap_wire, "auth_req"));
	expect_one(&rig.link, "02 01 0007 02 6869");
	assert_int_equal(rig.requests, 1);
}

static void pap_server_three_tries(void **state)
{
	struct auth_result res = { .retry = true };

	(void)state;
	start_pap_server();
	input("01 01 0008 0161 0162");
	answer(&res);
	expect_one(&rig.link, "03 01 0005 00");
	input("01 01 0008 0161 0162");
	expect_one(&rig.link, "03 01 0005 00");
	assert_int_equal(rig.requests, 1);
	input("01 02 0008 0161 0163");
	answer(&res);
	input("01 03 0008 0161 0164");
	answer(&res);
	assert_int_equal(rig.requests, 3);
	assert_int_equal(rig.failures, 1);
	assert_int_equal(rig.reason, REASON_AUTH_FAILED);
}

/* pppd takes a new identifier for each repetition. */
static void pap_answer_goes_to_the_latest(void **state)
{
	struct auth_result res = { .ok = true };

	(void)state;
	start_pap_server();
	input("01 01 0008 0161 0162");
	input("01 02 0008 0161 0162");
	assert_int_equal(rig.requests, 1);
	answer(&res);
	expect_one(&rig.link, "02 02 0005 00");
}

static void pap_malformed_requests(void **state)
{
	static const char *const bad[] = {
		"01 01 0004", "01 01 0005 05", "01 01 0006 0161", "01 01 0007 0161 01",
		"01 01 0007 0261 01", "01 01 0006 ff ff", "02 01 0004", "07 01 0004",
	};
	size_t i;

	(void)state;
	start_pap_server();
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		input(bad[i]);
	assert_int_equal(rig.requests, 0);
	expect_nothing(&rig.link);
	/* Whole, but not a name; not a password. */
	input("01 01 0006 00 00");
	expect_one(&rig.link, "03 01 0005 00");
	input("01 02 0009 0161 026200");
	expect_one(&rig.link, "03 02 0005 00");
	assert_int_equal(rig.requests, 0);
	/* An empty password is one. */
	input("01 03 0007 0161 00");
	assert_int_equal(rig.requests, 1);
	assert_string_equal(rig.req.password, "");
}

static void start_pap_client(void)
{
	struct auth_result res = { .ok = true, .password = "clientPass" };

	begin(true, "User", 0);
	auth_start(&auth, &auth_pap);
	assert_int_equal(rig.requests, 1);
	answer(&res);
	expect_one(&rig.link, vec_str(pap_wire, "auth_req"));
}

static void pap_client(void **state)
{
	static const uint8_t wiped[520];

	(void)state;
	start_pap_client();
	auth_timeout(&auth);
	expect_one(&rig.link, vec_str(pap_wire, "auth_req"));
	input("02 09 0005 00");
	assert_int_equal(rig.successes, 0);
	input(vec_str(pap_wire, "ack_with_surplus"));
	assert_int_equal(rig.successes, 1);
	assert_memory_equal(auth.out, wiped, sizeof(wiped));
	start_pap_client();
	input("03 01 0005 00");
	assert_int_equal(rig.reason, REASON_AUTH_FAILED);
	input("02 01 0005 00");
	assert_int_equal(rig.successes, 0);
}

static void longest_names_fit(void **state)
{
	struct auth_result res = { .ok = true };
	char name[AUTH_NAME_MAX + 1];

	(void)state;
	memset(name, 'n', AUTH_NAME_MAX);
	name[AUTH_NAME_MAX] = '\0';
	memset(res.password, 'p', AUTH_PASSWORD_MAX);
	begin(true, name, 0);
	auth_start(&auth, &auth_pap);
	answer(&res);
	assert_int_equal(strlen(rig.link.sent[0]) / 2, 4 + 1 + 255 + 1 + 255);
	begin(true, name, 0);
	auth_start(&auth, &auth_mschapv2);
	input_wire("challenge_id2a");
	answer(&res);
	assert_int_equal(strlen(rig.link.sent[0]) / 2, 4 + 1 + 49 + 255);
	/* Nor do long messages break anything. */
	begin(false, name, 0x29);
	auth_start(&auth, &auth_mschapv2);
	response(0x2a, "61");
	res = good();
	memset(res.message, 'm', sizeof(res.message) - 1);
	answer(&res);
	assert_int_equal(strlen(rig.link.sent[1]) / 2, 4 + 42 + 3 + AUTH_MESSAGE_MAX - 1);
	begin(false, name, 0x29);
	auth_start(&auth, &auth_mschapv2);
	response(0x2a, "61");
	res.ok = false;
	answer(&res);
	assert_int_equal(rig.link.n_sent, 2);
}

static void finding_methods(void **state)
{
	static const struct auth_methods all = { {
		AUTH_CHAP_MD5, AUTH_MSCHAPV2, AUTH_EAP_MSCHAPV2, AUTH_PAP,
	} };

	(void)state;
	assert_ptr_equal(auth_find(0xc223, 0x81), &auth_mschapv2);
	assert_ptr_equal(auth_find(0xc023, 0), &auth_pap);
	assert_ptr_equal(auth_find(0xc223, 0x05), &auth_chap_md5);
	assert_ptr_equal(auth_find(0xc227, 0), &auth_eap);
	assert_null(auth_find(0xc223, 0x80));
	assert_null(auth_find(0xc227, 0x05));
	assert_null(auth_find(0xc223, 0));
	assert_ptr_equal(auth_preferred(&all, 0), &auth_chap_md5);
	assert_ptr_equal(auth_preferred(&all, AUTH_CHAP_MD5), &auth_mschapv2);
	assert_ptr_equal(auth_preferred(&all, ~AUTH_EAP_MSCHAPV2), &auth_eap);
	assert_null(auth_preferred(&all, 0xff));
	assert_null(auth_preferred(&AUTH_METHODS(0), 0));
	assert_true(auth_allows(&AUTH_METHODS(AUTH_PAP, AUTH_MSCHAPV2), AUTH_MSCHAPV2));
	assert_false(auth_allows(&AUTH_METHODS(AUTH_PAP), AUTH_MSCHAPV2));
}

static void clearing_wipes(void **state)
{
	static const uint8_t zero[sizeof(auth.out)];
	struct auth_result res = good();

	(void)state;
	start_server();
	input_wire("response_id2a");
	answer(&res);
	auth_clear(&auth);
	assert_memory_equal(auth.hlak, zero, sizeof(auth.hlak));
	assert_memory_equal(auth.last, zero, sizeof(auth.last));
	rig.link.n_sent = 0;
	input_wire("response_id2a");
	auth_timeout(&auth);
	expect_nothing(&rig.link);
}

static int load(void **state)
{
	struct json_object *file = vectors_load("mschapv2");

	(void)state;
	wire = json_object_get(vec_get(file, "wire"));
	pap_wire = json_object_get(vec_get(file, "pap"));
	md5_wire = json_object_get(vec_get(file, "chap_md5"));
	json_object_put(file);
	return 0;
}

static int unload(void **state)
{
	(void)state;
	json_object_put(wire);
	json_object_put(pap_wire);
	json_object_put(md5_wire);
	return 0;
}

/* ---- each state against each packet -------------------------------------------- */

/* Where a server is, and a client; ATs that a method does not have are left out. */
enum server_at { S_OPEN, S_DECIDING, S_AGAIN, S_ACCEPTED, S_REFUSED, S_ATS };
enum client_at { C_WAITING, C_ASKING, C_ANSWERED, C_ACCEPTED, C_REFUSED, C_ATS };

#define RESPONSE_VALUE	"31 21402324255e262a28295f2b3a337c7e 0000000000000000" \
			"82309ecd8d708b5ea08faa3981cd83544233114a3d85d6df 00"
#define MD5_VALUE	"10 000102030405060708090a0b0c0d0e0f"
#define CHAP_CHALLENGE_2A	"01 2a 0018 10 5b5d7c7d7b3f2f3e3c2c602132262628 737276"
#define CHAP_CHALLENGE_2B	"01 2b 0018 10 5b5d7c7d7b3f2f3e3c2c602132262629 737276"
#define PROOF_OF_2A	"03 2a 002e 533d34303741353538393131354644304436323039463531304645" \
			"394330343536363933324344413536"

struct table_row {
	const char *hex;
	const char *outcome;	/* a letter for each state, see outcome_of() */
};

/* One method in one role. @good: a packet that leads on from the first state. */
struct table {
	const struct auth_method *m;
	bool client;
	const char *good;
	const char *accept, *refuse;	/* client: the server's last word */
	const struct table_row *rows;
	size_t n;
};

static void table_server_to(const struct table *t, enum server_at at)
{
	struct auth_result res = good();

	input(t->good);
	if (at == S_DECIDING)
		return;
	if (at != S_ACCEPTED)
		res = (struct auth_result){ .error = 691, .retry = at == S_AGAIN };
	answer(&res);
}

static void table_client_to(const struct table *t, enum client_at at)
{
	struct auth_result res = good();

	if (t->good)
		input(t->good);
	if (at == C_ASKING)
		return;
	strcpy(res.password, "x");
	answer(&res);
	if (at == C_ACCEPTED)
		input(t->accept);
	else if (at == C_REFUSED)
		input(t->refuse);
}

static void table_to(const struct table *t, int at)
{
	begin(t->client, t->client ? "User" : "srv", 0x29);
	auth_start(&auth, t->m);
	if (at && t->client)
		table_client_to(t, (enum client_at)at);
	else if (at)
		table_server_to(t, (enum server_at)at);
	rig.link.n_sent = 0;
}

/* q = question, y = logged in, f = the end, s = something was sent, d = dropped. */
static char outcome_of(unsigned int requests, unsigned int successes, unsigned int failures)
{
	if (rig.requests > requests)
		return 'q';
	if (rig.successes > successes)
		return 'y';
	if (rig.failures > failures)
		return 'f';
	return rig.link.n_sent ? 's' : 'd';
}

static void check_table(const struct table *t)
{
	unsigned int requests, successes, failures;
	char outcome;

	for (size_t i = 0; i < t->n; i++) {
		for (int at = 0; t->rows[i].outcome[at]; at++) {
			if (t->rows[i].outcome[at] == '-')
				continue;
			table_to(t, at);
			requests = rig.requests;
			successes = rig.successes;
			failures = rig.failures;
			input(t->rows[i].hex);
			outcome = outcome_of(requests, successes, failures);
			if (outcome != t->rows[i].outcome[at])
				fail_msg("%s, %s, state %d, %s: %c",
					 auth_method_name(t->m->ids), t->client ? "client" : "server",
					 at, t->rows[i].hex, outcome);
			/* One answer at most, and none with a question. */
			assert_true(rig.link.n_sent <= 1);
			if (outcome == 'q' || outcome == 'y')
				expect_nothing(&rig.link);
		}
	}
}

#define ROWS(r)	(r), sizeof(r) / sizeof((r)[0])

static void mschapv2_tables(void **state)
{
	static const struct table_row server[] = {
		/* open, deciding, again (identifier 2b), accepted, refused */
		{ "02 2a 003a" RESPONSE_VALUE "55736572",	"qdsss" },
		{ "02 2b 003a" RESPONSE_VALUE "55736572",	"ddqdd" },
		{ "02 29 003a" RESPONSE_VALUE "55736572",	"ddddd" },
		{ "02 2b 0036" RESPONSE_VALUE,			"ddsdd" },	/* no name */
		{ "02 2b 0037" RESPONSE_VALUE "00",		"ddsdd" },
		{ "02 2a 0005 31",				"ddsss" },
		{ "02 2b 0005 31",				"ddddd" },
		{ "07 2b 0005 31",				"ddddd" },
		{ CHAP_CHALLENGE_2A,				"ddddd" },
		{ PROOF_OF_2A,					"ddddd" },
		{ "04 2a 0004",					"ddddd" },
		{ "05 2a 0004",					"ddddd" },
		{ "00 2a 0004",					"ddddd" },
		{ "02 2a 00ff",					"ddddd" },	/* cut */
		{ "02 2a 0003",					"ddddd" },
		{ "02",						"ddddd" },
	};
	static const struct table_row client[] = {
		/* waiting, asking, answered, accepted, refused */
		{ CHAP_CHALLENGE_2A,				"qdsdd" },
		{ CHAP_CHALLENGE_2B,				"qdqdd" },
		{ "01 2a 0005 10",				"ddddd" },
		{ "01 2b 0005 10",				"ddddd" },
		{ PROOF_OF_2A,					"ddydd" },
		{ "03 2a 0004",					"ddfdd" },
		{ "03 2b 0004",					"ddddd" },
		{ "04 2a 0004",					"ddfdd" },
		{ "04 2b 0004",					"ddddd" },
		{ "02 2a 003a" RESPONSE_VALUE "55736572",	"ddddd" },
		{ "07 2a 0004",					"ddddd" },
		{ "03 2a 00ff",					"ddddd" },
		{ "",						"ddddd" },
	};

	(void)state;
	check_table(&(struct table){ &auth_mschapv2, false, server[0].hex, NULL, NULL,
				     ROWS(server) });
	check_table(&(struct table){ &auth_mschapv2, true, CHAP_CHALLENGE_2A, PROOF_OF_2A,
				     "04 2a 0004", ROWS(client) });
}

static void chap_md5_tables(void **state)
{
	static const struct table_row server[] = {
		/* open, deciding, (no second try), accepted, refused */
		{ "02 2a 0019" MD5_VALUE "55736572",		"qd-ss" },
		{ "02 2b 0019" MD5_VALUE "55736572",		"dd-dd" },
		{ "02 2a 0015" MD5_VALUE,			"fd-ss" },
		{ "02 2a 0005 10",				"dd-ss" },
		{ "02 2a 0006 0f00",				"dd-ss" },
		{ "01 2a 0015" MD5_VALUE,			"dd-dd" },
		{ "03 2a 0004",					"dd-dd" },
		{ "04 2a 0004",					"dd-dd" },
		{ "02 2a 00ff",					"dd-dd" },
	};
	static const struct table_row client[] = {
		{ "01 2a 0015" MD5_VALUE,			"qdsdd" },
		{ "01 2b 0015" MD5_VALUE,			"qdqdd" },
		{ "01 2a 0005 00",				"ddddd" },
		{ "01 2a 0005 10",				"ddddd" },
		{ "03 2a 0004",					"ddydd" },
		{ "04 2a 0004",					"ddfdd" },
		{ "03 2b 0004",					"ddddd" },
		{ "02 2a 0019" MD5_VALUE "55736572",		"ddddd" },
	};

	(void)state;
	check_table(&(struct table){ &auth_chap_md5, false, server[0].hex, NULL, NULL,
				     ROWS(server) });
	check_table(&(struct table){ &auth_chap_md5, true, client[0].hex, "03 2a 0004",
				     "04 2a 0004", ROWS(client) });
}

static void pap_tables(void **state)
{
	static const struct table_row server[] = {
		{ "01 05 000b 04 55736572 01 78",		"qdsss" },
		{ "01 06 000b 04 55736572 01 78",		"qdqdd" },
		{ "01 06 0007 00 01 78",			"sdsdd" },	/* no name */
		{ "01 06 000b 04 55736572 02 78",		"ddddd" },	/* lengths */
		{ "01 06 0005 04",				"ddddd" },
		{ "02 05 0004",					"ddddd" },
		{ "03 05 0004",					"ddddd" },
		{ "01 05 00ff",					"ddddd" },
	};
	static const struct table_row client[] = {
		/* A client speaks first: waiting is asking already. */
		{ "02 2a 0004",					"-dydd" },
		{ "02 2a 0005 00",				"-dydd" },
		{ "03 2a 0005 00",				"-dfdd" },
		{ "02 2b 0004",					"-dddd" },
		{ "01 2a 000b 04 55736572 01 78",		"-dddd" },
		{ "02 2a 00ff",					"-dddd" },
	};

	(void)state;
	check_table(&(struct table){ &auth_pap, false, server[0].hex, NULL, NULL, ROWS(server) });
	check_table(&(struct table){ &auth_pap, true, NULL, "02 2a 0004", "03 2a 0004",
				     ROWS(client) });
}

#define T(f) cmocka_unit_test(f)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(chap_waits_for_a_challenge),
		T(chap_server_asks_and_answers), T(chap_success_without_message),
		T(chap_repeated_response_same_answer), T(chap_late_result_is_ignored),
		T(chap_three_wrong_answers), T(chap_right_after_wrong), T(chap_final_refusal),
		T(chap_names_that_are_none), T(chap_malformed_responses_are_dropped),
		T(chap_challenge_is_repeated_ten_times), T(chap_no_decision_in_time),
		T(chap_no_randomness), T(chap_client_success),
		T(chap_client_repeats_to_a_repetition), T(chap_client_answers_a_new_challenge),
		T(chap_client_demands_the_proof), T(chap_client_wants_the_right_order),
		T(chap_client_failures), T(chap_client_changes_its_password),
		T(chap_client_needs_a_whole_challenge),
		T(chap_client_malformed_challenges),
		T(chap_client_without_password), T(chap_client_waits_not_for_ever),
		T(chap_change_password_is_refused), T(chap_password_is_changed),
		T(chap_password_is_not_changed), T(chap_error_texts),
		T(md5_server), T(md5_server_refuses_at_once), T(md5_server_malformed),
		T(md5_client), T(md5_client_malformed), T(md5_digest),
		T(pap_server), T(pap_server_three_tries), T(pap_answer_goes_to_the_latest),
		T(pap_malformed_requests), T(pap_client), T(longest_names_fit),
		T(finding_methods), T(clearing_wipes), T(mschapv2_tables), T(chap_md5_tables),
		T(pap_tables),
	};

	return cmocka_run_group_tests(tests, load, unload);
}
