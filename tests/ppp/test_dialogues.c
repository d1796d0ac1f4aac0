// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Whole negotiations of our server with the clients there are: their option
 * sets, their order, their habits, frame by frame, up to the address, as
 * tests/vectors/dialogues.json has them. selftests/daemon-dialogues.sh plays the same
 * with the daemon.
 *
 * Our magic number and challenges count up from a0; the password holder says yes.
 */
#include "rig/link_rig.h"
#include "rig/vectors.h"

#include <arpa/inet.h>

#include "ppp/ppp.h"

#define PROOF_TEXT	"S=407A5589115FD0D6209F510FE9C04566932CDA56"

static const struct {
	const char *word;
	const char *hex;
} words[] = {
	{ "MAGIC", "a0a1a2a3" },
	{ "CHALLENGE", "a4a5a6a7a8a9aaabacadaeafb0b1b2b3" },
	{ "SERVER", "7373747064" },
	/* Peer challenge, reserved, NT-Response, flags: not judged here. */
	{ "VALUE", "31" "21402324255e262a28295f2b3a337c7e" "0000000000000000"
		   "82309ecd8d708b5ea08faa3981cd83544233114a3d85d6df" "00" },
	{ "PROOF", "533d34303741353538393131354644304436323039463531304645394330"
		   "343536363933324344413536" },
	{ "MD5", "a9fe4d40579507063147dae72dc0c6ec" },
};

static struct ppp ppp;

static struct {
	struct link_rig link;
	struct auth_request req;
	bool asked;
	unsigned int network_up;
	struct ppp_network net;
	struct ppp_addrs addrs;
} rig;

static void on_send(void *ctx, const uint8_t *frame, size_t len)
{
	(void)ctx;
	/* SoftEther and Open SSTP Client insist on the uncompressed header. */
	assert_memory_equal(frame, "\xff\x03", 2);
	link_send(&rig.link, frame[2] << 8 | frame[3], frame + 2, len - 2);
}

static void on_timer(void *ctx, enum ppp_timer which, unsigned int ms)
{
	(void)ctx;
	(void)which;
	(void)ms;
}

static int on_random(void *ctx, uint8_t *p, size_t len)
{
	(void)ctx;
	return link_random(&rig.link, p, len);
}

static void on_auth_request(void *ctx, const struct auth_request *req)
{
	(void)ctx;
	rig.req = *req;
	rig.asked = true;
}

static void on_auth_done(void *ctx, const char *user, enum auth_method_id method,
			 const uint8_t hlak[static BINDING_HLAK_LEN])
{
	(void)ctx;
	(void)user;
	(void)method;
	(void)hlak;
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
	fail_msg("network down");
}

static void on_finished(void *ctx, enum reason reason, const char *text)
{
	(void)ctx;
	fail_msg("finished: %s, %s", reason_text(reason), text);
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

static void decide(void)
{
	struct auth_result res = { .ok = true, .auth_response = PROOF_TEXT };

	rig.asked = false;
	ppp_auth_result(&ppp, rig.req.serial, &res);
}

/* @line without its first character, with what its words stand for. */
static const char *in_hex(const char *line)
{
	static char hex[1024];
	char copy[512], *word, *rest = copy;

	hex[0] = '\0';
	snprintf(copy, sizeof(copy), "%s", line + 1);
	while ((word = strsep(&rest, " "))) {
		for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
			if (!strcmp(word, words[i].word))
				word = (char *)words[i].hex;
		strncat(hex, word, sizeof(hex) - strlen(hex) - 1);
	}
	return hex;
}

static void client_says(const char *line)
{
	uint8_t *frame;
	size_t len;

	frame = unhex(in_hex(line), &len);
	assert_int_equal(frame[6] << 8 | frame[7], len - 4);
	ppp_input(&ppp, frame, len);
	free(frame);
	if (rig.asked)
		decide();
}

static void set_up(const struct auth_methods *methods)
{
	struct ppp_cfg cfg;

	memset(&rig, 0, sizeof(rig));
	rig.link.random = 0xa0;
	inet_pton(AF_INET, "10.8.0.1", &rig.addrs.local);
	inet_pton(AF_INET, "10.8.0.5", &rig.addrs.peer);
	inet_pton(AF_INET, "10.8.0.53", &rig.addrs.dns[0]);
	ppp_cfg_default(&cfg, true);
	cfg.auth_methods = *methods;
	ppp_init(&ppp, &cfg, &ops, NULL);
	ppp_up(&ppp);
}

static const struct auth_methods all = { {
	AUTH_MSCHAPV2, AUTH_EAP_MSCHAPV2, AUTH_CHAP_MD5, AUTH_PAP,
} };

static void play(struct json_object *dialogue)
{
	struct json_object *lines = vec_get(dialogue, "lines");
	unsigned int sent = 0;

	set_up(&all);
	for (size_t i = 0; i < json_object_array_length(lines); i++) {
		const char *line = json_object_get_string(json_object_array_get_idx(lines, i));

		if (*line == '<') {
			expect_sent(&rig.link, sent++, in_hex(line));
			continue;
		}
		if (sent < rig.link.n_sent)
			fail_msg("before %s: sent %s", line, rig.link.sent[sent]);
		client_says(line);
	}
	assert_int_equal(sent, rig.link.n_sent);
	assert_int_equal(rig.network_up, 1);
	assert_int_equal(ntohl(rig.net.peer.s_addr), 0x0a080005);
	assert_string_equal(rig.req.name, vec_str(dialogue, "user"));
	assert_string_equal(auth_method_name(rig.req.method), vec_str(dialogue, "method"));
	if (rig.req.method == AUTH_PAP)
		assert_string_equal(rig.req.password, "pass");
	if (vec_has(dialogue, "peer_mru"))
		assert_int_equal(rig.net.peer_mru, vec_int(dialogue, "peer_mru"));
}

static void dialogue(void **state)
{
	struct json_object *file = vectors_load("dialogues");
	struct json_object *all_of_them = vec_get(file, "dialogues"), *one;

	for (size_t i = 0; i < json_object_array_length(all_of_them); i++) {
		one = json_object_array_get_idx(all_of_them, i);
		if (!strcmp(vec_str(one, "client"), *state)) {
			play(one);
			json_object_put(file);
			return;
		}
	}
	fail_msg("no dialogue with %s", (char *)*state);
}

#define T(client) { client, dialogue, NULL, NULL, (void *)(client) }

int main(void)
{
	const struct CMUnitTest tests[] = {
		T("Windows 10"), T("Windows 7, set to EAP"), T("MikroTik, PAP only"),
		T("Open SSTP Client"), T("pppd, CHAP-MD5"),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
