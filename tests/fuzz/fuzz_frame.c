// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The module's frame code. It must read a stream as the daemon's does, which is
 * other code: a peer must not get a different answer from either data path.
 */
#include "frame.h"
#include "fuzz.h"
#include "ppp/ppp_pkt.h"
#include "sstp/sstp_pkt.h"

static void same_ppp(const struct sstp_frame *f, const uint8_t *pkt)
{
	struct rbuf frame = rbuf_of(pkt + SSTP_HLEN, f->len - SSTP_HLEN);
	uint16_t proto;
	bool ok = ppp_frame_proto(&frame, &proto);

	switch (f->kind) {
	case SSTP_FRAME_IPV4:
		FUZZ_CHECK(ok && proto == PPP_PROTO_IP && frame.len >= 20);
		FUZZ_CHECK(frame.p == pkt + f->off && frame.p[0] >> 4 == 4);
		break;
	case SSTP_FRAME_IPV6:
		FUZZ_CHECK(ok && proto == PPP_PROTO_IPV6 && frame.len >= 40);
		FUZZ_CHECK(frame.p == pkt + f->off && frame.p[0] >> 4 == 6);
		break;
	case SSTP_FRAME_OWNER:
		FUZZ_CHECK(ok && proto != PPP_PROTO_IP && proto != PPP_PROTO_IPV6);
		break;
	default:
		FUZZ_CHECK(!ok || proto == PPP_PROTO_IP || proto == PPP_PROTO_IPV6);
	}
}

/* Whatever part of a packet is there, the answer is MORE or that of the whole. */
static void same_in_parts(const struct sstp_frame *f, const uint8_t *pkt)
{
	for (unsigned int n = 0; n < f->len; n += n < 16 ? 1 : f->len / 4) {
		uint8_t *part = fuzz_copy(pkt, n);

		FUZZ_CHECK(sstp_frame_parse(part, n).kind == SSTP_FRAME_MORE);
		free(part);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct sstp_stream stream;
	struct rbuf in = rbuf_of(data, size);
	const uint8_t *pkt;
	size_t len;
	int got;

	sstp_stream_init(&stream);
	for (;;) {
		struct sstp_frame f = sstp_frame_parse(data, size);

		got = sstp_stream_next(&stream, &in, &pkt, &len);
		if (got <= 0) {
			FUZZ_CHECK((f.kind == SSTP_FRAME_MORE) == (got == 0));
			FUZZ_CHECK(got == 0 || f.kind >= SSTP_FRAME_BAD_VERSION);
			return 0;
		}
		FUZZ_CHECK(f.kind > SSTP_FRAME_MORE && f.len == len);
		FUZZ_CHECK(f.kind < SSTP_FRAME_BAD_VERSION && f.len <= size);
		if (sstp_is_control(data))
			FUZZ_CHECK(f.kind == SSTP_FRAME_OWNER);
		else
			same_ppp(&f, data);
		same_in_parts(&f, data);
		data += f.len;
		size -= f.len;
	}
}
