// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A whole PPP link, both roles: first byte odd = server, then steps. Frames of
 * the peer reach every protocol behind LCP; authd says yes to what it is asked.
 */
#include <arpa/inet.h>

#include "fuzz.h"
#include "ppp/ppp.h"

enum { FRAME, TIMEOUT, VERDICT, TERMINATE, STEPS };

static struct ppp ppp;
static uint32_t serial;		/* of an open question to authd, else 0 */
static bool vouched, finished;

static void on_send(void *ctx, const uint8_t *frame, size_t len)
{
	(void)ctx;
	FUZZ_CHECK(!finished && len >= PPP_HDR_LEN + 4 && len <= PPP_FRAME_MAX);
	FUZZ_CHECK(frame[0] == 0xff && frame[1] == 0x03 && frame[2] & 0x80);
	fuzz_read(frame, len);
}

static void on_timer(void *ctx, enum ppp_timer which, unsigned int ms)
{
	(void)ctx;
	(void)ms;
	FUZZ_CHECK(which < PPP_TIMERS);
}

static void on_auth_request(void *ctx, const struct auth_request *req)
{
	(void)ctx;
	FUZZ_CHECK(strnlen(req->name, sizeof(req->name)) < sizeof(req->name));
	serial = req->serial;
}

static void on_auth_done(void *ctx, const char *user, enum auth_method_id method,
			 const uint8_t hlak[static BINDING_HLAK_LEN])
{
	struct ppp_addrs addrs = { .ask_dns = !ppp.cfg.server };

	(void)ctx;
	(void)method;
	FUZZ_CHECK(vouched && user);
	fuzz_read(hlak, BINDING_HLAK_LEN);
	if (ppp.cfg.server) {
		addrs.local.s_addr = htonl(0x0a080001);
		addrs.peer.s_addr = htonl(0x0a080002);
	}
	ppp_network_start(&ppp, &addrs);
}

static void on_network_up(void *ctx, const struct ppp_network *net)
{
	(void)ctx;
	FUZZ_CHECK(vouched && (net->ipv4 || net->ipv6));
	FUZZ_CHECK(net->peer_mru >= 68 && net->peer_mru <= PPP_INFO_MAX);
	if (ppp.cfg.server && net->ipv4)
		FUZZ_CHECK(net->peer.s_addr == htonl(0x0a080002));
}

static void on_network_down(void *ctx)
{
	(void)ctx;
}

static void on_finished(void *ctx, enum reason reason, const char *text)
{
	(void)ctx;
	(void)reason;
	FUZZ_CHECK(!finished && text);
	finished = true;
}

static const struct ppp_ops ops = {
	.send = on_send,
	.timer = on_timer,
	.random = fuzz_random,
	.challenge = fuzz_random,
	.auth_request = on_auth_request,
	.auth_done = on_auth_done,
	.network_up = on_network_up,
	.network_down = on_network_down,
	.finished = on_finished,
};

static void take(const struct fuzz_step *step)
{
	/* Of one byte or none: yes; of more: an EAP packet in between. */
	struct auth_result res = { .ok = step->len < 2, .more = step->len >= 2 };

	switch (step->what % STEPS) {
	case FRAME:
		ppp_input(&ppp, step->data, step->len);
		break;
	case TIMEOUT:
		ppp_timeout(&ppp, (step->len ? step->data[0] : 0) % PPP_TIMERS);
		break;
	case VERDICT:
		strcpy(res.auth_response, "S=407A5589115FD0D6209F510FE9C04566932CDA56");
		res.packet_len = step->len < AUTH_PACKET_MAX ? (uint16_t)step->len :
							       AUTH_PACKET_MAX;
		memcpy(res.packet, step->data, res.packet_len);
		vouched |= serial != 0 && res.ok;
		ppp_auth_result(&ppp, serial, &res);
		break;
	case TERMINATE:
		ppp_terminate(&ppp, REASON_ADMIN, NULL);
		break;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rbuf in = rbuf_of(data, size);
	struct fuzz_step step;
	struct ppp_cfg cfg;

	ppp_cfg_default(&cfg, buf_get_u8(&in) & 1);
	cfg.auth_methods = AUTH_METHODS(AUTH_MSCHAPV2, AUTH_EAP_MSCHAPV2, AUTH_EAP_TLS,
					AUTH_EAP_RADIUS, AUTH_CHAP_MD5, AUTH_PAP);
	cfg.ipv4 = cfg.ipv6 = true;
	strcpy(cfg.name, "User");
	serial = 0;
	vouched = finished = false;
	ppp_init(&ppp, &cfg, &ops, NULL);
	ppp_up(&ppp);
	while (fuzz_step(&in, &step)) {
		take(&step);
		fuzz_step_end(&step);
	}
	ppp_clear(&ppp);
	return 0;
}
