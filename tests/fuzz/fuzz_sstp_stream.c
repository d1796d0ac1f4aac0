// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Packets out of a byte stream. First byte: how many bytes come at a time; the
 * packets, and what is left, must be those of the stream in one piece.
 */
#include "fuzz.h"
#include "sstp/sstp_pkt.h"

#define STREAM_MAX	65536

struct result {
	uint8_t packets[STREAM_MAX];
	size_t packets_len;
	uint8_t left[STREAM_MAX];
	size_t left_len;
	bool broken;
};

static void cut(const uint8_t *data, size_t size, size_t piece, struct result *res)
{
	static struct sstp_stream stream;
	struct rbuf in = rbuf_of(data, 0);
	struct wbuf left = wbuf_of(res->left, sizeof(res->left));
	const uint8_t *pkt;
	size_t len, at = 0;
	int got = 0;

	sstp_stream_init(&stream);
	res->packets_len = 0;
	while (got >= 0 && at < size) {
		in = rbuf_of(data + at, piece < size - at ? piece : size - at);
		at += in.len;
		while ((got = sstp_stream_next(&stream, &in, &pkt, &len)) > 0) {
			FUZZ_CHECK(len >= SSTP_HDR_LEN && len <= SSTP_PKT_MAX);
			memcpy(res->packets + res->packets_len, pkt, len);
			res->packets_len += len;
		}
	}
	res->broken = got < 0;
	FUZZ_CHECK(res->broken || sstp_stream_drain(&stream, &in, &left));
	res->left_len = left.len;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct result whole, pieces;

	if (!size || size > STREAM_MAX)
		return 0;
	cut(data + 1, size - 1, size, &whole);
	cut(data + 1, size - 1, data[0] + 1u, &pieces);
	FUZZ_CHECK(whole.broken == pieces.broken);
	FUZZ_CHECK(whole.packets_len == pieces.packets_len);
	FUZZ_CHECK(!memcmp(whole.packets, pieces.packets, whole.packets_len));
	if (whole.broken)
		return 0;
	FUZZ_CHECK(whole.packets_len + whole.left_len == size - 1);
	FUZZ_CHECK(whole.left_len == pieces.left_len);
	FUZZ_CHECK(!memcmp(whole.left, pieces.left, whole.left_len));
	return 0;
}
