// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The SSTP call, both roles: first byte odd = client, then steps. Nonce, key and
 * certificate are those of the first binding vector, so that a seed can connect.
 */
#include "fuzz.h"
#include "sstp/call.h"

enum { PACKET, TIMEOUT, AUTH_DONE, IDLE, DISCONNECT, FRAME, CLOSED, STEPS };

static const uint8_t nonce[SSTP_NONCE_LEN] = {
	0x41, 0x2b, 0x48, 0x9a, 0xeb, 0xd7, 0xec, 0xc7, 0xd0, 0x89, 0x66,
	0xf2, 0x6b, 0xe7, 0xcd, 0x72, 0xb2, 0x31, 0xa0, 0xe9, 0x21, 0x0d,
	0x7c, 0x91, 0xb3, 0x08, 0x86, 0x2b, 0x03, 0x44, 0xc4, 0x35,
};
static const uint8_t cert_sha256[BINDING_HASH_MAX] = {
	0x79, 0x93, 0xef, 0x31, 0x4c, 0x49, 0x3d, 0xac, 0xe9, 0xf0, 0x2d,
	0x60, 0xe7, 0xe6, 0x1c, 0x84, 0xb6, 0x69, 0x0a, 0xaf, 0xe9, 0xd7,
	0xae, 0xea, 0x92, 0xcb, 0xbe, 0x8a, 0xd5, 0x99, 0x42, 0x2d,
};
static const uint8_t hlak[BINDING_HLAK_LEN] = {
	0x2a, 0x1b, 0xb4, 0x0d, 0x55, 0xab, 0x0f, 0x5e, 0xf3, 0x2f, 0x06,
	0xf2, 0xb3, 0xcc, 0x73, 0xc4, 0x8f, 0xd3, 0xfa, 0xc4, 0x1d, 0x7a,
	0x13, 0x15, 0xa1, 0x92, 0x28, 0xd9, 0x02, 0x4c, 0xa1, 0x64,
};

static struct call call;
static unsigned int ended;

static void on_send(void *ctx, const uint8_t *pkt, size_t len)
{
	(void)ctx;
	FUZZ_CHECK(!ended && len >= SSTP_HDR_LEN && len <= SSTP_PKT_MAX);
	FUZZ_CHECK((size_t)((pkt[2] << 8 | pkt[3]) & 0xfff) == len);
	fuzz_read(pkt, len);
}

static void on_timer(void *ctx, enum call_timer which, unsigned int ms)
{
	(void)ctx;
	FUZZ_CHECK(which < CALL_TIMERS && !(ended && ms));
}

static int on_random(void *ctx, uint8_t *p, size_t len)
{
	(void)ctx;
	memcpy(p, nonce, len < sizeof(nonce) ? len : sizeof(nonce));
	return 0;
}

static void on_event(void *ctx)
{
	(void)ctx;
	FUZZ_CHECK(!ended);
}

static void on_ppp(void *ctx, const uint8_t *frame, size_t len)
{
	(void)ctx;
	FUZZ_CHECK(!ended && len > 0);
	fuzz_read(frame, len);
}

static void on_ip(void *ctx, uint16_t proto, const uint8_t *ip, size_t len)
{
	(void)ctx;
	FUZZ_CHECK(call.state == CALL_CONNECTED);
	FUZZ_CHECK(proto == 0x0021 || proto == 0x0057);
	fuzz_read(ip, len);
}

/* The point of the binding: no server gets here without the key. */
static void on_connected(void *ctx)
{
	(void)ctx;
	FUZZ_CHECK(call.have_hlak && call.state == CALL_CONNECTED);
}

static void on_ended(void *ctx, enum reason reason, const char *text)
{
	(void)ctx;
	(void)reason;
	FUZZ_CHECK(!ended++ && text);
}

static const struct call_ops ops = {
	.send = on_send,
	.timer = on_timer,
	.random = on_random,
	.lower_up = on_event,
	.lower_down = on_event,
	.ppp_input = on_ppp,
	.ip_input = on_ip,
	.idle_query = on_event,
	.connected = on_connected,
	.ended = on_ended,
};

static void take(const struct fuzz_step *step)
{
	unsigned int number = step->len ? step->data[0] : 0;

	switch (step->what % STEPS) {
	case PACKET:
		if (step->len >= SSTP_HDR_LEN && step->len <= SSTP_PKT_MAX)
			call_input(&call, step->data, step->len);
		break;
	case TIMEOUT:
		call_timeout(&call, number % CALL_TIMERS);
		break;
	case AUTH_DONE:
		call_auth_done(&call, hlak);
		break;
	case IDLE:
		call_idle(&call, number * 1000);
		break;
	case DISCONNECT:
		call_disconnect(&call, REASON_ADMIN, NULL);
		break;
	case FRAME:
		if (step->len >= 4 && step->len <= 4091)
			call_ppp_output(&call, step->data, step->len);
		break;
	case CLOSED:
		if (number & 1)
			call_closed(&call, NULL);
		else
			call_stream_error(&call);
		break;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rbuf in = rbuf_of(data, size);
	struct fuzz_step step;
	struct call_cfg cfg;

	call_cfg_default(&cfg, buf_get_u8(&in) & 1 ? CALL_CLIENT : CALL_SERVER);
	memcpy(cfg.cert.sha256, cert_sha256, sizeof(cert_sha256));
	ended = 0;
	call_init(&call, &cfg, &ops, NULL);
	call_start(&call);
	while (fuzz_step(&in, &step)) {
		take(&step);
		fuzz_step_end(&step);
	}
	call_clear(&call);
	return 0;
}
