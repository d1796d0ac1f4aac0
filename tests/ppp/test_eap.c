// SPDX-License-Identifier: GPL-2.0-or-later
/* EAP and its type 26, both roles: each state of the machine against each packet. */
#include "rig/auth_rig.h"

#define AUTH_CHALLENGE	"5b5d7c7d7b3f2f3e3c2c602132262628"
#define PEER_CHALLENGE	"21402324255e262a28295f2b3a337c7e"
#define NT_RESPONSE	"82309ecd8d708b5ea08faa3981cd83544233114a3d85d6df"
#define PROOF		"533d34303741353538393131354644304436323039463531304645394330" \
			"343536363933324344413536"

/* Type 26: OpCode, MS-CHAPv2-ID, MS-Length, ...; the names are "srv" and "User". */
#define CHALLENGE	"1a 01 42 0018 10" AUTH_CHALLENGE "737276"
#define RESPONSE	"1a 02 42 003a 31" PEER_CHALLENGE "0000000000000000" NT_RESPONSE \
			"00 55736572"
#define SUCCESS		"1a 03 07 002e" PROOF
#define FAILURE		"1a 04 07 0009 453d363931"

static const struct auth_methods eap_only = { { AUTH_EAP_MSCHAPV2 } };

static void eap(unsigned int code, unsigned int id, const char *data)
{
	char hex[2 * 700];

	snprintf(hex, sizeof(hex), "%02x %02x %04zx %s", code, id, 4 + hex_bytes(data), data);
	input(hex);
}

static void expect_eap(unsigned int code, unsigned int id, const char *data)
{
	char hex[500];

	snprintf(hex, sizeof(hex), "%02x %02x %04zx %s", code, id, 4 + hex_bytes(data), data);
	expect_one(&rig.link, hex);
}

static void start_eap(bool client, struct auth_methods methods)
{
	begin(client, client ? "User" : "srv", 4);
	auth.cfg.methods = methods;
	auth_start(&auth, &auth_eap);
}

/* ---- server -------------------------------------------------------------------- */

/* Where the server can be; identifiers count from 5. */
enum server_at {
	AT_IDENTITY, AT_CHALLENGE, AT_DECISION, AT_SUCCESS, AT_RETRY, AT_REFUSED, AT_END,
	SERVER_ATS,
};

static void refuse(bool retry)
{
	struct auth_result res = { .error = 691, .retry = retry };

	answer(&res);
}

static void server_to(enum server_at at)
{
	struct auth_result res = good();

	start_eap(false, eap_only);
	expect_eap(1, 5, "01");
	if (at == AT_IDENTITY)
		return;
	eap(2, 5, "01 616c696173");		/* the name that counts comes later */
	expect_eap(1, 6, "1a 01 06 0018 10" AUTH_CHALLENGE "737276");
	if (at == AT_CHALLENGE)
		return;
	eap(2, 6, RESPONSE);
	assert_int_equal(rig.requests, 1);
	expect_nothing(&rig.link);
	if (at == AT_DECISION)
		return;
	if (at == AT_RETRY || at == AT_REFUSED) {
		refuse(at == AT_RETRY);
	} else {
		answer(&res);
		expect_eap(1, 7, "1a 03 42 002e" PROOF);
	}
	if (at == AT_END)
		eap(2, 7, "1a 03");
	rig.link.n_sent = 0;
}

static void server_logs_in(void **state)
{
	struct auth_result res = good();

	(void)state;
	server_to(AT_DECISION);
	assert_int_equal(rig.req.method, AUTH_EAP_MSCHAPV2);
	assert_string_equal(rig.req.name, "User");
	assert_memory_equal(rig.req.nt_response, res.nt_response, sizeof(res.nt_response));
	server_to(AT_SUCCESS);
	assert_int_equal(rig.successes, 0);
	eap(2, 7, "1a 03");
	expect_eap(3, 7, "");
	assert_int_equal(rig.successes, 1);
	assert_int_equal(auth.method, AUTH_EAP_MSCHAPV2);
	assert_memory_equal(auth.hlak, res.hlak, sizeof(res.hlak));
	assert_int_equal(rig.link.timer_ms, 0);
}

static void server_binds_without_key_if_told_so(void **state)
{
	static const uint8_t zero[BINDING_HLAK_LEN];

	(void)state;
	server_to(AT_DECISION);
	auth.cfg.eap_no_key = true;
	answer(&(struct auth_result){ .ok = true, .hlak = { 1, 2, 3 } });
	eap(2, 7, "1a 03");
	assert_int_equal(rig.successes, 1);
	assert_memory_equal(auth.hlak, zero, sizeof(zero));
}

/* What a packet leads to: d = dropped, i, c = the next Request, q = question, ... */
static void server_state_by_packet(void **state)
{
	static const struct {
		const char *data;
		const char *outcome;		/* a letter for each state */
	} rows[] = {
		/* identity, challenge, decision, success, retry, refused, end */
		{ "01 55736572",		"cdddddd" },	/* Identity */
		{ "01",				"fdddddd" },	/* without a name */
		{ "01 550073",			"fdddddd" },
		{ "02",				"ddddddd" },	/* Notification */
		{ "03 1a",			"dfddddd" },	/* Nak */
		{ "03 00",			"dfddddd" },
		{ "03 0d19",			"dfddddd" },
		{ "03",				"ddddddd" },
		{ "04 00",			"ddddddd" },	/* MD5 */
		{ "0d 00",			"ddddddd" },	/* TLS */
		{ "fe 000000 00000003",		"ddddddd" },	/* expanded Nak */
		{ RESPONSE,			"dqddqdd" },
		{ "1a 02 07 0036 31" PEER_CHALLENGE "0000000000000000" NT_RESPONSE "00",
						"drddrdd" },	/* no name */
		{ "1a 02 07 003a 30" PEER_CHALLENGE "0000000000000000" NT_RESPONSE
		  "00 55736572",		"ddddddd" },
		{ "1a 02 07 003b 31" PEER_CHALLENGE "0000000000000000" NT_RESPONSE
		  "00 55736572",		"ddddddd" },	/* MS-Length too long */
		{ "1a 02 07 0003 31",		"ddddddd" },
		{ "1a 02 07 0005 31",		"ddddddd" },
		{ "1a 02",			"ddddddd" },
		{ "1a 03",			"dddsddd" },	/* confirms Success */
		{ "1a 03 07 0004",		"dddsddd" },
		{ "1a 04",			"dddfffd" },	/* confirms Failure */
		{ "1a 07 07 0004",		"ddddddd" },	/* not a Change-Password */
		{ "1a 01 07 0018 10" AUTH_CHALLENGE "737276", "ddddddd" },
		{ "1a",				"ddddddd" },
		{ "",				"ddddddd" },
	};
	unsigned int requests, successes;
	enum server_at at;
	char outcome;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		for (at = 0; at < SERVER_ATS; at++) {
			server_to(at);
			requests = rig.requests;
			successes = rig.successes;
			eap(2, auth.id, rows[i].data);
			outcome = 'd';
			if (rig.requests > requests)
				outcome = 'q';
			else if (rig.failures)
				outcome = 'f';
			else if (rig.successes > successes)
				outcome = 's';
			else if (rig.link.n_sent && !strncmp(rig.link.sent[0] + 8, "1a01", 4))
				outcome = 'c';
			else if (rig.link.n_sent && !strncmp(rig.link.sent[0] + 8, "1a04", 4))
				outcome = 'r';
			if (outcome != rows[i].outcome[at])
				fail_msg("state %d, %s: %c", at, rows[i].data, outcome);
			if (outcome == 'd' || outcome == 'q')
				expect_nothing(&rig.link);
			if (outcome == 'f')
				expect_eap(4, auth.id, "");
			/* The same with another identifier, or another code. */
			server_to(at);
			eap(2, auth.id - 1, rows[i].data);
			eap(1, auth.id, rows[i].data);
			expect_nothing(&rig.link);
			assert_int_equal(rig.requests, requests);
			assert_int_equal(rig.failures, 0);
		}
	}
}

static void server_nak_only_at_the_start_of_a_type(void **state)
{
	(void)state;
	server_to(AT_CHALLENGE);
	eap(2, 6, "1a 02 07 0005 31");
	eap(2, 6, "03 0d");
	expect_nothing(&rig.link);
	server_to(AT_CHALLENGE);
	eap(2, 6, "03 19");
	assert_int_equal(rig.reason, REASON_AUTH_METHOD);
	assert_string_equal(rig.text,
			    "the peer accepts no EAP type of ours, it asks for type 25");
}

static void server_three_wrong_answers(void **state)
{
	(void)state;
	server_to(AT_DECISION);
	refuse(true);
	assert_memory_equal(rig.link.sent[0], "0107", 4);
	assert_memory_equal(rig.link.sent[0] + 8, "1a0442", 6);
	assert_memory_equal(rig.link.sent[0] + 18, "453d36393120523d3120433d", 24);
	rig.link.n_sent = 0;
	eap(2, 7, RESPONSE);
	refuse(true);
	assert_memory_equal(rig.link.sent[0] + 18, "453d36393120523d3120433d", 24);
	rig.link.n_sent = 0;
	eap(2, 8, RESPONSE);
	refuse(true);
	assert_memory_equal(rig.link.sent[0] + 18, "453d36393120523d3020433d", 24);
	rig.link.n_sent = 0;
	assert_int_equal(rig.requests, 3);
	assert_int_equal(rig.failures, 0);
	eap(2, 9, "1a 04");
	expect_eap(4, 9, "");
	assert_int_equal(rig.reason, REASON_AUTH_FAILED);
	assert_string_equal(rig.text, "wrong user name or password (error 691)");
}

static void server_challenges_are_used_once(void **state)
{
	uint8_t first[MSCHAP_CHALLENGE_LEN];

	(void)state;
	server_to(AT_DECISION);
	memcpy(first, auth.req.auth_challenge, sizeof(first));
	refuse(true);
	assert_memory_not_equal(first, auth.req.auth_challenge, sizeof(first));
	rig.link.n_sent = 0;
	eap(2, 7, RESPONSE);
	assert_memory_not_equal(first, rig.req.auth_challenge, sizeof(first));
}

static void server_refuses_to_change_passwords(void **state)
{
	char change[6 + 2 * 586 + 1] = "";

	(void)state;
	server_to(AT_CHALLENGE);
	memset(change, '0', sizeof(change) - 1);
	memcpy(change, "1a0707024a", 10);
	change[2 + 2 * 586] = '\0';
	eap(2, 6, change);
	assert_memory_equal(rig.link.sent[0] + 18, "453d37303920523d30", 18);
	rig.link.n_sent = 0;
	eap(2, 7, "1a 04");
	expect_eap(4, 7, "");
	assert_non_null(strstr(rig.text, "709"));
}

static void server_has_passwords_changed(void **state)
{
	struct json_object *file = vectors_load("mschapv2");
	const char *packet = vec_str(vec_get(file, "change_password"), "packet");
	char change[2 + 2 * 586 + 1];
	struct auth_result res = good();

	(void)state;
	snprintf(change, sizeof(change), "1a%s", packet);
	json_object_put(file);
	server_to(AT_DECISION);
	answer(&(struct auth_result){ .error = 648 });
	assert_memory_equal(rig.link.sent[0] + 18, "453d36343820523d3020433d", 24);
	rig.link.n_sent = 0;
	eap(2, 7, change);
	assert_int_equal(rig.requests, 2);
	assert_true(rig.req.change);
	answer(&res);
	/* Its MS-CHAPv2-ID is that of the Change-Password. */
	expect_eap(1, 8, "1a 03 2b 002e" PROOF);
	eap(2, 8, "1a 03");
	assert_int_equal(rig.successes, 1);
}

static void server_repeats_requests_ten_times(void **state)
{
	static const enum server_at ats[] = {
		AT_IDENTITY, AT_CHALLENGE, AT_SUCCESS, AT_RETRY, AT_REFUSED,
	};
	size_t i;
	int n;

	(void)state;
	for (i = 0; i < sizeof(ats) / sizeof(ats[0]); i++) {
		server_to(ats[i]);
		assert_int_equal(rig.link.timer_ms, 3000);
		for (n = 0; n < 9; n++)
			auth_timeout(&auth);
		assert_int_equal(rig.link.n_sent, 9);
		assert_string_equal(rig.link.sent[0], rig.link.sent[8]);
		auth_timeout(&auth);
		assert_int_equal(rig.reason, REASON_AUTH_TIMEOUT);
	}
}

static void server_without_randomness(void **state)
{
	(void)state;
	server_to(AT_IDENTITY);
	rig.link.random_fails = true;
	eap(2, 5, "01 55736572");
	expect_nothing(&rig.link);
	assert_int_equal(rig.reason, REASON_INTERNAL);
}

/* ---- client -------------------------------------------------------------------- */

enum client_at { AT_START, AT_NAMED, AT_ASKING, AT_ANSWERED, AT_PROVEN, AT_FAILED, CLIENT_ATS };

static void client_to(enum client_at at)
{
	struct auth_result res = good();

	start_eap(true, eap_only);
	expect_nothing(&rig.link);
	if (at == AT_START)
		return;
	eap(1, 0x20, "01 68656c6c6f");
	expect_eap(2, 0x20, "01 55736572");
	if (at == AT_NAMED)
		return;
	eap(1, 0x21, CHALLENGE);
	assert_int_equal(rig.requests, 1);
	if (at == AT_ASKING)
		return;
	answer(&res);
	expect_eap(2, 0x21, RESPONSE);
	if (at == AT_PROVEN) {
		eap(1, 0x22, SUCCESS);
		expect_eap(2, 0x22, "1a 03");
	} else if (at == AT_FAILED) {
		eap(1, 0x22, FAILURE);
		expect_eap(2, 0x22, "1a 04");
	}
}

static void client_logs_in(void **state)
{
	struct auth_result res = good();
	uint8_t challenge[MSCHAP_CHALLENGE_LEN];

	(void)state;
	client_to(AT_ASKING);
	assert_int_equal(rig.req.method, AUTH_EAP_MSCHAPV2);
	assert_true(rig.req.client);
	hex_decode(AUTH_CHALLENGE, challenge, sizeof(challenge));
	assert_memory_equal(rig.req.auth_challenge, challenge, sizeof(challenge));
	client_to(AT_PROVEN);
	assert_int_equal(rig.successes, 0);
	eap(3, 0x22, "");
	assert_int_equal(rig.successes, 1);
	assert_memory_equal(auth.hlak, res.hlak, sizeof(res.hlak));
	eap(3, 0x22, "");
	assert_int_equal(rig.successes, 1);
	/* Servers of old count the identifier up. */
	client_to(AT_PROVEN);
	eap(3, 0x23, "");
	assert_int_equal(rig.successes, 1);
}

static void client_changes_its_password(void **state)
{
	struct auth_result res = good();

	(void)state;
	client_to(AT_ANSWERED);
	eap(1, 0x22, "1a 04 42 0030 453d36343820523d3020433d"
	    "3738363946373036373631383434434338393936383536423138423043353339");
	assert_int_equal(rig.requests, 2);
	assert_true(rig.req.change);
	res.packet_len = AUTH_CHANGE_LEN;
	answer(&res);
	assert_memory_equal(rig.link.sent[0], "0222024f1a0743024a0000", 22);
	rig.link.n_sent = 0;
	eap(1, 0x23, SUCCESS);
	expect_eap(2, 0x23, "1a 03");
	eap(3, 0x23, "");
	assert_int_equal(rig.successes, 1);
}

static void client_binds_without_key_if_told_so(void **state)
{
	static const uint8_t zero[BINDING_HLAK_LEN];
	struct auth_result res = good();

	(void)state;
	client_to(AT_ASKING);
	auth.cfg.eap_no_key = true;
	answer(&res);
	eap(1, 0x22, SUCCESS);
	eap(3, 0x22, "");
	assert_int_equal(rig.successes, 1);
	assert_memory_equal(auth.hlak, zero, sizeof(zero));
}

static void client_state_by_request(void **state)
{
	static const struct {
		unsigned int code;
		const char *data;
		const char *outcome;
	} rows[] = {
		/* start, named, asking, answered, proven, failed */
		{ 1, "01",			"rrdrrr" },	/* Identity */
		{ 1, "02 68656c6c6f",		"rrdrrr" },	/* Notification */
		{ 1, "04 10 00112233445566778899aabbccddeeff", "nndddd" },	/* MD5 */
		{ 1, "0d 20",			"nndddd" },	/* TLS */
		{ 1, "19 20",			"nndddd" },	/* PEAP */
		{ 1, "fe 000000 00000001",	"nndddd" },
		{ 1, "03",			"nndddd" },	/* a Nak is no Request */
		{ 1, CHALLENGE,			"qqdqdq" },
		{ 1, "1a 01 07 0018 11" AUTH_CHALLENGE "737276", "dddddd" },
		{ 1, "1a 01 07 0019 10" AUTH_CHALLENGE "737276", "dddddd" },
		{ 1, "1a 01 07 0010 10" AUTH_CHALLENGE "737276", "dddddd" },
		{ 1, "1a 01",			"dddddd" },
		{ 1, "1a",			"dddddd" },
		{ 1, SUCCESS,			"dddrdr" },
		{ 1, "1a 03 07 0004",		"dddfdf" },	/* no proof */
		{ 1, "1a 03 07 002e" "533d" "3030303030303030303030303030303030303030"
		  "3030303030303030303030303030303030303030", "dddfdf" },
		{ 1, FAILURE,			"dddrdr" },
		{ 1, "1a 04 07 0004",		"dddrdr" },
		{ 1, "1a 05 07 0004",		"dddddd" },
		{ 1, "",			"dddddd" },
		{ 2, RESPONSE,			"dddddd" },
		{ 3, "",			"ffdfsf" },	/* Success */
		{ 4, "",			"ffdfff" },	/* Failure */
		{ 5, "",			"dddddd" },
	};
	unsigned int requests;
	enum client_at at;
	char outcome;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		for (at = 0; at < CLIENT_ATS; at++) {
			client_to(at);
			requests = rig.requests;
			eap(rows[i].code, 0x30, rows[i].data);
			outcome = 'd';
			if (rig.requests > requests)
				outcome = 'q';
			else if (rig.failures)
				outcome = 'f';
			else if (rig.successes)
				outcome = 's';
			else if (rig.link.n_sent)
				outcome = strncmp(rig.link.sent[0] + 8, "031a", 5) ? 'r' : 'n';
			if (outcome != rows[i].outcome[at])
				fail_msg("state %d, code %u, %s: %c", at, rows[i].code,
					 rows[i].data, outcome);
			if (outcome != 'r' && outcome != 'n')
				expect_nothing(&rig.link);
		}
	}
}

static void client_repeats_its_answer(void **state)
{
	(void)state;
	client_to(AT_NAMED);
	eap(1, 0x20, "01");
	expect_eap(2, 0x20, "01 55736572");
	client_to(AT_ANSWERED);
	eap(1, 0x21, CHALLENGE);
	expect_eap(2, 0x21, RESPONSE);
	assert_int_equal(rig.requests, 1);
	client_to(AT_PROVEN);
	eap(1, 0x22, SUCCESS);
	expect_eap(2, 0x22, "1a 03");
}

static void client_says_why(void **state)
{
	static const struct {
		enum client_at at;
		unsigned int code;
		enum reason reason;
		const char *text;
	} cases[] = {
		{ AT_START, 4, REASON_AUTH_FAILED, "the server refused the login" },
		{ AT_FAILED, 4, REASON_AUTH_FAILED, "password (error 691)" },
		{ AT_START, 3, REASON_AUTH_SERVER, "did not prove" },
		{ AT_FAILED, 3, REASON_AUTH_SERVER, "password (error 691)" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		client_to(cases[i].at);
		eap(cases[i].code, 0x22, "");
		assert_int_equal(rig.reason, cases[i].reason);
		assert_non_null(strstr(rig.text, cases[i].text));
		assert_int_equal(rig.successes, 0);
	}
}

static void client_without_password(void **state)
{
	(void)state;
	client_to(AT_ASKING);
	answer(&(struct auth_result){ 0 });
	assert_int_equal(rig.failures, 1);
	expect_nothing(&rig.link);
}

static void client_waits_not_for_ever(void **state)
{
	enum client_at at;

	(void)state;
	for (at = 0; at < CLIENT_ATS; at++) {
		client_to(at);
		assert_int_equal(rig.link.timer_ms, 30000);
		auth_timeout(&auth);
		assert_int_equal(rig.reason, REASON_AUTH_TIMEOUT);
	}
}

/* ---- relayed types ------------------------------------------------------------- */

static struct auth_result relayed(const char *hex)
{
	struct auth_result res = { .more = true };
	size_t len;
	uint8_t *pkt = unhex(hex, &len);

	memcpy(res.packet, pkt, len);
	res.packet_len = (uint16_t)len;
	free(pkt);
	return res;
}

/* What was asked is this packet. */
static void expect_asked(unsigned int requests, const char *hex)
{
	size_t len;
	uint8_t *pkt = unhex(hex, &len);

	expect_nothing(&rig.link);
	assert_int_equal(rig.requests, requests);
	assert_int_equal(rig.req.packet_len, len);
	assert_memory_equal(rig.req.packet, pkt, len);
	free(pkt);
}

static void relay_is_told(const char *hex)
{
	struct auth_result res = relayed(hex);

	answer(&res);
}

/* Where a server of type 13 or any type is. */
enum relay_at { AT_ASKED_FIRST, AT_PEER, AT_ASKED, AT_ACCEPTED, RELAY_ATS };

static void relay_to(enum auth_method_id id, enum relay_at at)
{
	start_eap(false, AUTH_METHODS(id));
	expect_eap(1, 5, "01");
	eap(2, 5, "01 55736572");
	expect_asked(1, "02 05 0009 01 55736572");
	assert_int_equal(rig.req.method, id);
	assert_string_equal(rig.req.name, "User");
	if (at == AT_ASKED_FIRST)
		return;
	relay_is_told("01 41 0006 0d 20");
	expect_one(&rig.link, "01 41 0006 0d 20");
	if (at == AT_PEER)
		return;
	eap(2, 0x41, "0d 00 1603");
	expect_asked(2, "02 41 0008 0d 00 1603");
	if (at == AT_ASKED)
		return;
	answer(&(struct auth_result){ .ok = true, .hlak = { 9, 8, 7 } });
	expect_eap(3, 0x41, "");
}

static void relay_logs_in(void **state)
{
	(void)state;
	relay_to(AUTH_EAP_TLS, AT_ACCEPTED);
	assert_int_equal(rig.successes, 1);
	assert_int_equal(auth.method, AUTH_EAP_TLS);
	assert_int_equal(auth.hlak[1], 8);
	relay_to(AUTH_EAP_RADIUS, AT_ACCEPTED);
	assert_int_equal(rig.successes, 1);
	assert_int_equal(auth.method, AUTH_EAP_RADIUS);
}

/* By RADIUS every type is passed on, a Nak too; type 13 alone knows its own. */
static void relay_state_by_packet(void **state)
{
	static const struct {
		const char *data;
		const char *tls;		/* asked first, peer, asked, accepted */
		const char *radius;
	} rows[] = {
		{ "01 55736572",	"dddd", "dqdd" },
		{ "02",			"dddd", "dqdd" },
		{ "03 19",		"dfdd", "dqdd" },
		{ "03",			"dddd", "dqdd" },
		{ "0d 00",		"dqdd", "dqdd" },
		{ "0d",			"dqdd", "dqdd" },
		{ "19 00",		"dddd", "dqdd" },
		{ "fe 000000 00000003",	"dddd", "dqdd" },
		{ "",			"dddd", "dddd" },
	};
	enum auth_method_id id;
	enum relay_at at;
	unsigned int requests;
	char outcome, want;
	size_t i;

	(void)state;
	for (i = 0; i < 2 * sizeof(rows) / sizeof(rows[0]); i++) {
		id = i % 2 ? AUTH_EAP_RADIUS : AUTH_EAP_TLS;
		for (at = 0; at < RELAY_ATS; at++) {
			relay_to(id, at);
			requests = rig.requests;
			eap(2, auth.id, rows[i / 2].data);
			outcome = rig.requests > requests ? 'q' : rig.failures ? 'f' : 'd';
			want = (i % 2 ? rows[i / 2].radius : rows[i / 2].tls)[at];
			if (outcome != want)
				fail_msg("%s, state %d, %s: %c", auth_method_name(id), at,
					 rows[i / 2].data, outcome);
			if (outcome == 'f')
				expect_eap(4, auth.id, "");
			expect_nothing(&rig.link);
			/* With another identifier, or as a Request: nothing. */
			relay_to(id, at);
			requests = rig.requests;
			eap(2, auth.id + 1, rows[i / 2].data);
			eap(1, auth.id, rows[i / 2].data);
			expect_nothing(&rig.link);
			assert_int_equal(rig.requests, requests);
		}
	}
}

static void relay_by_result(void **state)
{
	static const struct {
		struct auth_result res;
		char outcome;
	} rows[] = {
		{ { .ok = true }, 's' },
		{ { .error = 691 }, 'f' },
		{ { 0 }, 'f' },
		{ { .more = true }, 'm' },			/* not of this type */
		{ { .more = true, .packet_len = 6, .packet = { 1, 9, 0, 6, 13, 0x20 } }, 'r' },
		{ { .more = true, .packet_len = 6, .packet = { 1, 9, 0, 7, 13, 0x20 } }, 'f' },
		{ { .more = true, .packet_len = 6, .packet = { 2, 9, 0, 6, 13, 0x20 } }, 'f' },
		{ { .more = true, .packet_len = 4, .packet = { 3, 9, 0, 4 } }, 'f' },
		{ { .more = true, .packet_len = 1, .packet = { 1 } }, 'f' },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		relay_to(AUTH_EAP_RADIUS, AT_ASKED_FIRST);
		auth.cfg.methods = AUTH_METHODS(AUTH_EAP_RADIUS, AUTH_EAP_MSCHAPV2);
		answer(&rows[i].res);
		assert_int_equal(rig.successes, rows[i].outcome == 's');
		assert_int_equal(rig.failures, rows[i].outcome == 'f');
		if (rows[i].outcome == 'm')
			expect_eap(1, 6, "1a 01 06 0018 10" AUTH_CHALLENGE "737276");
		else if (rows[i].outcome == 'r')
			expect_one(&rig.link, "01 09 0006 0d20");
	}
	/* No other type is left. */
	relay_to(AUTH_EAP_RADIUS, AT_ASKED_FIRST);
	answer(&(struct auth_result){ .more = true });
	assert_int_equal(rig.reason, REASON_AUTH_METHOD);
}

/* A peer that turns down type 13 gets the next of the list that it wishes. */
static void relay_after_a_nak(void **state)
{
	(void)state;
	relay_to(AUTH_EAP_TLS, AT_PEER);
	auth.cfg.methods = AUTH_METHODS(AUTH_EAP_TLS, AUTH_EAP_RADIUS, AUTH_EAP_MSCHAPV2);
	eap(2, 0x41, "03 1a");
	expect_asked(2, "02 41 0009 01 55736572");
	assert_int_equal(rig.req.method, AUTH_EAP_RADIUS);
	relay_to(AUTH_EAP_TLS, AT_PEER);
	auth.cfg.methods = AUTH_METHODS(AUTH_EAP_TLS, AUTH_EAP_RADIUS, AUTH_EAP_MSCHAPV2);
	eap(2, 0x41, "03 00");
	assert_int_equal(rig.reason, REASON_AUTH_METHOD);
}

static void relay_comes_to_an_end(void **state)
{
	unsigned int n = 0;

	(void)state;
	relay_to(AUTH_EAP_RADIUS, AT_PEER);
	while (!rig.failures && ++n < 200) {
		eap(2, auth.id, "0d 00");
		if (rig.failures)
			break;
		relay_is_told("01 42 0006 0d 00");
		rig.link.n_sent = 0;
	}
	assert_int_equal(rig.failures, 1);
	assert_true(n > 60);
	assert_true(n < 120);
}

/* Longer than any MRU that was agreed upon: dropped, not cut. */
static void relay_packets_too_long(void **state)
{
	char hex[2 * AUTH_PACKET_MAX + 1];

	(void)state;
	memset(hex, '0', sizeof(hex) - 1);
	memcpy(hex, "024105dc0d", 10);
	hex[sizeof(hex) - 1] = '\0';
	relay_to(AUTH_EAP_RADIUS, AT_PEER);
	input(hex);
	assert_int_equal(rig.requests, 2);
	assert_int_equal(rig.req.packet_len, AUTH_PACKET_MAX);
	relay_to(AUTH_EAP_RADIUS, AT_PEER);
	memcpy(hex, "024105dd0d", 10);
	input(hex);
	assert_int_equal(rig.requests, 1);
}

static void relay_binds_without_key_if_told_so(void **state)
{
	(void)state;
	for (int type = 13; type <= 26; type += 13) {
		relay_to(AUTH_EAP_RADIUS, AT_PEER);
		auth.cfg.eap_no_key = true;
		eap(2, 0x41, type == 13 ? "0d 00" : "1a 00");
		answer(&(struct auth_result){ .ok = true, .hlak = { 9, 8, 7 } });
		assert_int_equal(rig.successes, 1);
		assert_int_equal(auth.hlak[0], type == 13 ? 9 : 0);
	}
}

/* ---- relayed types, client ----------------------------------------------------- */

static void relay_client_logs_in(void **state)
{
	struct auth_result last = relayed("02 32 0006 0d 00");

	(void)state;
	start_eap(true, AUTH_METHODS(AUTH_EAP_TLS));
	eap(1, 0x30, "01");
	expect_eap(2, 0x30, "01 55736572");
	eap(1, 0x31, "0d 20");
	expect_asked(1, "01 31 0006 0d 20");
	assert_int_equal(rig.req.method, AUTH_EAP_TLS);
	relay_is_told("02 31 0008 0d 00 1603");
	expect_one(&rig.link, "02 31 0008 0d 00 1603");
	/* Again: our answer was lost. */
	eap(1, 0x31, "0d 20");
	expect_one(&rig.link, "02 31 0008 0d 00 1603");
	eap(1, 0x32, "0d 00 1603");
	expect_asked(2, "01 32 0008 0d 00 1603");
	last.more = false;
	last.ok = true;
	last.hlak[0] = 9;
	answer(&last);
	expect_one(&rig.link, "02 32 0006 0d 00");
	assert_int_equal(rig.successes, 0);
	eap(3, 0x32, "");
	assert_int_equal(rig.successes, 1);
	assert_int_equal(auth.hlak[0], 9);
}

/* Outside it may have another name; what it says inside is for whom it asks. */
static void relay_client_has_two_names(void **state)
{
	(void)state;
	start_eap(true, AUTH_METHODS(AUTH_PEAP, AUTH_EAP_MSCHAPV2));
	strcpy(auth.cfg.identity, "anon");
	eap(1, 0x30, "01");
	expect_eap(2, 0x30, "01 616e6f6e");
	/* Another type: it names those that it knows. */
	eap(1, 0x31, "0d 20");
	expect_eap(2, 0x31, "03 19 1a");
	eap(1, 0x32, "19 20");
	expect_asked(1, "01 32 0006 19 20");
	assert_int_equal(rig.req.method, AUTH_PEAP);
	assert_string_equal(rig.req.name, "User");
	relay_is_told("02 32 0008 19 00 1603");
	expect_one(&rig.link, "02 32 0008 19 00 1603");
}

/* It has refused, and the server says Success all the same. */
static void relay_client_keeps_to_its_no(void **state)
{
	struct auth_result no = relayed("02 31 0008 19 00 1703");

	(void)state;
	start_eap(true, AUTH_METHODS(AUTH_PEAP));
	eap(1, 0x31, "19 20");
	no.more = false;
	strcpy(no.message, "PEAP: forged");
	answer(&no);
	expect_one(&rig.link, "02 31 0008 19 00 1703");
	eap(3, 0x31, "");
	assert_int_equal(rig.successes, 0);
	assert_int_equal(rig.reason, REASON_AUTH_SERVER);
	assert_string_equal(rig.text, "PEAP: forged");
}

static void relay_client_is_not_fooled(void **state)
{
	struct auth_result no = { .message = "EAP-TLS: certificate: expired" };
	struct auth_result alert = relayed("02 31 0008 0d 00 1503");

	(void)state;
	/* Success before the handshake is over. */
	start_eap(true, AUTH_METHODS(AUTH_EAP_TLS));
	eap(1, 0x31, "0d 20");
	relay_is_told("02 31 0008 0d 00 1603");
	eap(3, 0x31, "");
	assert_int_equal(rig.reason, REASON_AUTH_SERVER);
	assert_int_equal(rig.successes, 0);
	/* The server's certificate is not good. */
	start_eap(true, AUTH_METHODS(AUTH_EAP_TLS));
	eap(1, 0x31, "0d 20");
	alert.more = false;
	strcpy(alert.message, no.message);
	answer(&alert);
	expect_one(&rig.link, "02 31 0008 0d 00 1503");
	eap(4, 0x31, "");
	assert_int_equal(rig.failures, 1);
	assert_string_equal(rig.text, no.message);
	start_eap(true, AUTH_METHODS(AUTH_EAP_TLS));
	eap(1, 0x31, "0d 20");
	answer(&no);
	assert_int_equal(rig.failures, 1);
	assert_string_equal(rig.text, no.message);
	expect_nothing(&rig.link);
}

/* A Length beyond the frame, or below the header's: nothing of it counts. */
static void wrong_lengths_are_dropped(void **state)
{
	static const char *const bad[] = {
		"", "02", "0206 00", "0206 0000", "0206 0003 1a", "0206 0007 1a 03",
		"0206 ffff 1a 03",
	};
	static const char *const bad_requests[] = {
		"", "03", "0322 00", "0322 0000", "0322 0003", "0322 0005", "0422 0005", "0322 ffff",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		server_to(AT_SUCCESS);
		input(bad[i]);
		expect_nothing(&rig.link);
		assert_int_equal(rig.successes + rig.failures, 0);
	}
	for (size_t i = 0; i < sizeof(bad_requests) / sizeof(bad_requests[0]); i++) {
		client_to(AT_PROVEN);
		input(bad_requests[i]);
		expect_nothing(&rig.link);
		assert_int_equal(rig.successes + rig.failures, 0);
	}
	/* What is behind it is padding. */
	client_to(AT_PROVEN);
	input("0322 0004 ffff");
	assert_int_equal(rig.successes, 1);
}

/* ---- both ---------------------------------------------------------------------- */

static void longest_names_fit(void **state)
{
	struct auth_result res = good();

	(void)state;
	client_to(AT_START);
	memset(auth.cfg.name, 'n', AUTH_NAME_MAX);
	eap(1, 0x21, CHALLENGE);
	answer(&res);
	assert_int_equal(strlen(rig.link.sent[0]) / 2, 5 + 4 + 1 + 49 + 255);
	server_to(AT_IDENTITY);
	memset(auth.cfg.name, 'n', AUTH_NAME_MAX);
	eap(2, 5, "01 55");
	assert_int_equal(strlen(rig.link.sent[0]) / 2, 5 + 4 + 1 + 16 + 255);
	rig.link.n_sent = 0;
	eap(2, 6, RESPONSE);
	memset(res.message, 'm', sizeof(res.message) - 1);
	answer(&res);
	assert_int_equal(strlen(rig.link.sent[0]) / 2, 5 + 4 + 42 + 3 + AUTH_MESSAGE_MAX - 1);
}

#define T(f) cmocka_unit_test(f)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(server_logs_in), T(server_binds_without_key_if_told_so),
		T(server_state_by_packet), T(server_nak_only_at_the_start_of_a_type),
		T(server_three_wrong_answers), T(server_challenges_are_used_once),
		T(server_refuses_to_change_passwords), T(server_has_passwords_changed),
		T(server_repeats_requests_ten_times),
		T(server_without_randomness), T(client_logs_in), T(client_changes_its_password),
		T(client_binds_without_key_if_told_so), T(client_state_by_request),
		T(client_repeats_its_answer), T(client_says_why), T(client_without_password),
		T(client_waits_not_for_ever), T(relay_logs_in), T(relay_state_by_packet),
		T(relay_by_result), T(relay_after_a_nak), T(relay_comes_to_an_end),
		T(relay_packets_too_long), T(relay_binds_without_key_if_told_so),
		T(relay_client_logs_in), T(relay_client_has_two_names),
		T(relay_client_keeps_to_its_no), T(relay_client_is_not_fooled),
		T(wrong_lengths_are_dropped), T(longest_names_fit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
