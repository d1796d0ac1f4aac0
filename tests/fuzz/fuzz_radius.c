// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A RADIUS packet, as if its authenticator were right: an answer to an
 * Access-Request by the method that the first byte names, or a request of RFC 5176.
 */
#include <arpa/inet.h>
#include <syslog.h>

#include "fuzz.h"
#include "lib/log.h"
#include "radiusd/radius_session.h"

#define SECRET	"secret"
#define NOW	1800000000

static const uint8_t authenticator[RADIUS_AUTHENTICATOR_LEN];
static const struct conf_radius conf = { .nas_identifier = "gate" };
static const struct radius_nas nas = { .conf = &conf, .started = 1 };

static const enum auth_method_id methods[] = {
	AUTH_PAP, AUTH_CHAP_MD5, AUTH_MSCHAPV2, AUTH_EAP_MSCHAPV2, AUTH_EAP_RADIUS,
};

static void fuzz_attributes(const struct radius_pkt *pkt)
{
	struct radius_iter it = { .attrs = pkt->attrs };
	uint8_t key[RADIUS_KEY_MAX];
	struct radius_attr attr;
	char text[64];

	while (radius_next(&it, &attr)) {
		FUZZ_CHECK(attr.value.len <= RADIUS_VALUE_MAX);
		fuzz_read(attr.value.p, attr.value.len);
		radius_text(attr.value, text, sizeof(text));
		FUZZ_CHECK(strnlen(text, sizeof(text)) < sizeof(text));
		FUZZ_CHECK(radius_mppe_key(attr.value, authenticator, SECRET, key) <=
			   sizeof(key));
	}
}

static void fuzz_answer(const struct radius_pkt *pkt, enum auth_method_id method)
{
	struct msg_auth_ask ask = { .id = 1, .req.method = method };
	struct msg_auth_verdict v = { 0 };

	strcpy(ask.req.name, "alice");
	strcpy(ask.req.password, "secret");
	radius_verdict(&ask, pkt, authenticator, SECRET, &v);
	FUZZ_CHECK(!v.res.ok || pkt->code == RADIUS_ACCESS_ACCEPT);
	FUZZ_CHECK(v.res.packet_len <= sizeof(v.res.packet));
}

static void fuzz_coa(const struct radius_pkt *pkt)
{
	uint8_t out[RADIUS_PACKET_MAX];
	struct wbuf w = wbuf_of(out, sizeof(out));
	struct radius_coa coa;

	if (!radius_coa_parse(pkt, &nas, NOW, 0, &coa))
		return;
	FUZZ_CHECK(!coa.error || strnlen(coa.why, sizeof(coa.why)) < sizeof(coa.why));
	radius_put_coa(&w, &coa, pkt, SECRET);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rbuf in = rbuf_of(data, size);
	uint8_t method = buf_get_u8(&in) % (sizeof(methods) / sizeof(methods[0]));
	struct radius_pkt pkt;

	/* What cannot be done is logged, which is not the point here. */
	log_set_level(LOG_EMERG);
	if (!radius_parse(&pkt, in))
		return 0;
	fuzz_attributes(&pkt);
	radius_response_ok(&pkt, authenticator, SECRET, true);
	radius_request_ok(&pkt, SECRET);
	fuzz_answer(&pkt, methods[method]);
	fuzz_coa(&pkt);
	return 0;
}
