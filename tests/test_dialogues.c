// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Whole negotiations of our server with the clients there are: their option
 * sets, their order, their habits, frame by frame, up to the address.
 *
 * Our magic number and challenges count up from a0; the password holder says yes.
 */
#include "link_rig.h"

#include <arpa/inet.h>

#include "ppp.h"

#define PROOF_TEXT	"S=407A5589115FD0D6209F510FE9C04566932CDA56"
#define PROOF		"533d34303741353538393131354644304436323039463531304645394330" \
			"343536363933324344413536"
/* Peer challenge, reserved, NT-Response, flags: not judged here. */
#define VALUE		"31 21402324255e262a28295f2b3a337c7e 0000000000000000 " \
			"82309ecd8d708b5ea08faa3981cd83544233114a3d85d6df 00"
#define SSTPD		"7373747064"

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

/* Lines of a dialogue begin with '>' (client) or '<' (server), NULL ends it. */
static void play(const struct auth_methods *methods, const char *const *lines)
{
	struct ppp_cfg cfg;
	unsigned int sent = 0;
	uint8_t *frame;
	size_t len;

	memset(&rig, 0, sizeof(rig));
	rig.link.random = 0xa0;
	inet_pton(AF_INET, "10.8.0.1", &rig.addrs.local);
	inet_pton(AF_INET, "10.8.0.5", &rig.addrs.peer);
	inet_pton(AF_INET, "10.8.0.53", &rig.addrs.dns[0]);
	ppp_cfg_default(&cfg, true);
	cfg.auth_methods = *methods;
	ppp_init(&ppp, &cfg, &ops, NULL);
	ppp_up(&ppp);
	for (; *lines; lines++) {
		if (**lines == '<') {
			expect_sent(&rig.link, sent++, *lines + 1);
			continue;
		}
		if (sent < rig.link.n_sent)
			fail_msg("before %s: sent %s", *lines, rig.link.sent[sent]);
		frame = unhex(*lines + 1, &len);
		assert_int_equal(frame[6] << 8 | frame[7], len - 4);
		ppp_input(&ppp, frame, len);
		free(frame);
		if (rig.asked)
			decide();
	}
	assert_int_equal(sent, rig.link.n_sent);
	assert_int_equal(rig.network_up, 1);
	assert_int_equal(ntohl(rig.net.peer.s_addr), 0x0a080005);
}

static const struct auth_methods all = { {
	AUTH_MSCHAPV2, AUTH_EAP_MSCHAPV2, AUTH_CHAP_MD5, AUTH_PAP,
} };

/* ---- Windows ------------------------------------------------------------------- */

/* It asks for callback, says three times who it is, and for MPPE. */
static void windows_10(void **state)
{
	static const char *const lines[] = {
		"< c021 01 01 0013 0104 05dc 0305 c223 81 0506 a0a1a2a3",
		"> ff03 c021 01 00 0015 0104 0ffb 0506 27d05b64 0702 0802 0d03 06",
		"< c021 04 00 0007 0d03 06",
		"> ff03 c021 02 01 0013 0104 05dc 0305 c223 81 0506 a0a1a2a3",
		"> ff03 c021 01 01 0012 0104 0ffb 0506 27d05b64 0702 0802",
		"< c021 02 01 0012 0104 0ffb 0506 27d05b64 0702 0802",
		"< c223 01 01 001a 10 a4a5a6a7a8a9aaabacadaeafb0b1b2b3" SSTPD,
		"> ff03 c021 0c 02 0012 27d05b64 4d5352415356352e3230",
		"> ff03 c021 0c 03 0017 27d05b64 4d535241532d302d4445534b544f50",
		"> ff03 c021 0c 04 0018 27d05b64 00112233445566778899aabbccddeeff",
		"> ff03 c223 02 01 0042" VALUE "434f52505c55736572 313233",
		"< c223 03 01 002e" PROOF,
		"< 8021 01 01 000a 0306 0a080001",
		"> ff03 80fd 01 05 000a 1206 01000040",
		"< c021 08 01 0010 80fd 01 05 000a 1206 01000040",
		"> ff03 8021 01 06 0022 0306 00000000 8106 00000000 8206 00000000 "
			"8306 00000000 8406 00000000",
		"< 8021 04 06 0016 8206 00000000 8306 00000000 8406 00000000",
		"> ff03 8021 02 01 000a 0306 0a080001",
		"> ff03 8021 01 07 0010 0306 00000000 8106 00000000",
		"< 8021 03 07 0010 0306 0a080005 8106 0a080035",
		"> ff03 8021 01 08 0010 0306 0a080005 8106 0a080035",
		"< 8021 02 08 0010 0306 0a080005 8106 0a080035",
		NULL,
	};

	(void)state;
	play(&all, lines);
	assert_string_equal(rig.req.name, "CORP\\User123");
	assert_int_equal(rig.net.peer_mru, 4087);
}

/* Older ones want multilink; a profile set to EAP turns MS-CHAPv2 down. */
static void windows_7_by_eap(void **state)
{
	static const char *const lines[] = {
		"< c021 01 01 0013 0104 05dc 0305 c223 81 0506 a0a1a2a3",
		"> ff03 c021 01 00 002c 0104 0ffb 0506 27d05b64 0702 0802 0d03 06 1104 064e "
			"1313 01 00112233445566778899aabbccddeeff",
		"< c021 04 00 001e 0d03 06 1104 064e 1313 01 00112233445566778899aabbccddeeff",
		"> ff03 c021 03 01 0008 0304 c227",
		"< c021 01 02 0012 0104 05dc 0304 c227 0506 a0a1a2a3",
		"> ff03 c021 01 01 0012 0104 0ffb 0506 27d05b64 0702 0802",
		"< c021 02 01 0012 0104 0ffb 0506 27d05b64 0702 0802",
		"> ff03 c021 02 02 0012 0104 05dc 0304 c227 0506 a0a1a2a3",
		"< c227 01 01 0005 01",
		"> ff03 c021 0c 02 0012 27d05b64 4d5352415356352e3230",
		"> ff03 c227 02 01 0009 01 55736572",
		"< c227 01 02 001f 1a 01 02 001a 10 a4a5a6a7a8a9aaabacadaeafb0b1b2b3" SSTPD,
		"> ff03 c227 02 02 003f 1a 02 02 003a" VALUE "55736572",
		"< c227 01 03 0033 1a 03 02 002e" PROOF,
		"> ff03 c227 02 03 0006 1a 03",
		"< c227 03 03 0004",
		"< 8021 01 01 000a 0306 0a080001",
		"> ff03 8021 02 01 000a 0306 0a080001",
		"> ff03 8021 01 06 000a 0306 00000000",
		"< 8021 03 06 000a 0306 0a080005",
		"> ff03 8021 01 07 000a 0306 0a080005",
		"< 8021 02 07 000a 0306 0a080005",
		NULL,
	};

	(void)state;
	play(&all, lines);
	assert_int_equal(rig.req.method, AUTH_EAP_MSCHAPV2);
}

/* ---- MikroTik ------------------------------------------------------------------ */

/* It begins IPV6CP unasked, and turns down what its profile does not allow. */
static void mikrotik_with_pap_only(void **state)
{
	static const char *const lines[] = {
		"< c021 01 01 0013 0104 05dc 0305 c223 81 0506 a0a1a2a3",
		"> ff03 c021 01 01 000e 0104 05dc 0506 11223344",
		"< c021 02 01 000e 0104 05dc 0506 11223344",
		"> ff03 c021 03 01 0008 0304 c023",
		"< c021 01 02 0012 0104 05dc 0304 c023 0506 a0a1a2a3",
		"> ff03 c021 02 02 0012 0104 05dc 0304 c023 0506 a0a1a2a3",
		"> ff03 c023 01 01 000e 04 55736572 04 70617373",
		"< c023 02 01 0005 00",
		"< 8021 01 01 000a 0306 0a080001",
		"> ff03 8057 01 01 000e 010a 0000000000000001",
		"< c021 08 01 0014 8057 01 01 000e 010a 0000000000000001",
		"> ff03 8021 01 01 000a 0306 00000000",
		"< 8021 03 01 000a 0306 0a080005",
		"> ff03 8021 02 01 000a 0306 0a080001",
		"> ff03 8021 01 02 000a 0306 0a080005",
		"< 8021 02 02 000a 0306 0a080005",
		NULL,
	};

	(void)state;
	play(&all, lines);
	assert_string_equal(rig.req.password, "pass");
}

/* ---- Open SSTP Client ------------------------------------------------------------ */

/* It rejects our magic number, asks for one name server, and echoes every 20 s. */
static void open_sstp_client(void **state)
{
	static const char *const lines[] = {
		"< c021 01 01 0013 0104 05dc 0305 c223 81 0506 a0a1a2a3",
		"> ff03 c021 01 00 0008 0104 05dc",
		"< c021 02 00 0008 0104 05dc",
		"> ff03 c021 04 01 000a 0506 a0a1a2a3",
		"< c021 01 02 000d 0104 05dc 0305 c223 81",
		"> ff03 c021 02 02 000d 0104 05dc 0305 c223 81",
		"< c223 01 01 001a 10 a4a5a6a7a8a9aaabacadaeafb0b1b2b3" SSTPD,
		"> ff03 c223 02 01 003a" VALUE "55736572",
		"< c223 03 01 002e" PROOF,
		"< 8021 01 01 000a 0306 0a080001",
		"> ff03 8021 01 01 0010 0306 00000000 8106 00000000",
		"< 8021 03 01 0010 0306 0a080005 8106 0a080035",
		"> ff03 8021 02 01 000a 0306 0a080001",
		"> ff03 8021 01 02 0010 0306 0a080005 8106 0a080035",
		"< 8021 02 02 0010 0306 0a080005 8106 0a080035",
		"> ff03 c021 09 05 000c 00000000 61626364",
		"< c021 0a 05 000c 00000000 61626364",
		NULL,
	};

	(void)state;
	play(&all, lines);
}

/* ---- pppd ------------------------------------------------------------------------ */

/* It asks for compression of everything, and repeats what went too fast for it. */
static void pppd_by_chap_md5(void **state)
{
	static const char *const lines[] = {
		"< c021 01 01 0013 0104 05dc 0305 c223 81 0506 a0a1a2a3",
		"> ff03 c021 01 01 0014 0206 00000000 0506 7185d492 0702 0802",
		"< c021 02 01 0014 0206 00000000 0506 7185d492 0702 0802",
		"> ff03 c021 03 01 0009 0305 c223 05",
		"< c021 01 02 0013 0104 05dc 0305 c223 05 0506 a0a1a2a3",
		"> ff03 c021 02 02 0013 0104 05dc 0305 c223 05 0506 a0a1a2a3",
		"< c223 01 01 001a 10 a4a5a6a7a8a9aaabacadaeafb0b1b2b3" SSTPD,
		"> ff03 c223 02 01 0019 10 a9fe4d40579507063147dae72dc0c6ec 55736572",
		"< c223 03 01 0004",
		"< 8021 01 01 000a 0306 0a080001",
		"> ff03 80fd 01 01 000f 1a04 7800 1804 7800 1503 2f",
		"< c021 08 01 0015 80fd 01 01 000f 1a04 7800 1804 7800 1503 2f",
		"> ff03 8021 01 01 001c 0206 002d 0f01 0306 00000000 8106 00000000 8306 00000000",
		"< 8021 04 01 0010 0206 002d 0f01 8306 00000000",
		"> ff03 8021 02 01 000a 0306 0a080001",
		"> ff03 8021 01 02 0010 0306 00000000 8106 00000000",
		"< 8021 03 02 0010 0306 0a080005 8106 0a080035",
		"> ff03 8021 01 03 0010 0306 0a080005 8106 0a080035",
		"< 8021 02 03 0010 0306 0a080005 8106 0a080035",
		NULL,
	};

	(void)state;
	play(&all, lines);
	assert_int_equal(rig.req.method, AUTH_CHAP_MD5);
}

#define T(f) cmocka_unit_test(f)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(windows_10), T(windows_7_by_eap), T(mikrotik_with_pap_only),
		T(open_sstp_client), T(pppd_by_chap_md5),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
