// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A PROXY header. First byte of the input: how many bytes come at a time. The verdict
 * does not depend on that, and what follows the header is left for TLS.
 */
#include <sys/socket.h>

#include "fuzz.h"
#include "http/proxy_hdr.h"

/* Return: bytes that are left. */
static size_t feed(struct proxy_hdr *h, struct rbuf all, size_t at_a_time)
{
	enum proxy_hdr_state state = PROXY_HDR_READING;

	proxy_hdr_init(h);
	while (all.len && state == PROXY_HDR_READING) {
		size_t n = all.len < at_a_time ? all.len : at_a_time;
		uint8_t *copy = fuzz_copy(all.p, n);
		struct rbuf in = rbuf_of(copy, n);

		state = proxy_hdr_input(h, &in);
		FUZZ_CHECK(state != PROXY_HDR_READING || !in.len);
		buf_get(&all, n - in.len);
		free(copy);
	}
	FUZZ_CHECK(h->len <= sizeof(h->buf));
	FUZZ_CHECK(!h->has_source || state == PROXY_HDR_DONE);
	FUZZ_CHECK(!h->has_source || h->source.ss_family == AF_INET ||
		   h->source.ss_family == AF_INET6);
	return all.len;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rbuf in = rbuf_of(data, size);
	size_t pieces = buf_get_u8(&in) + 1;
	struct proxy_hdr whole, split;
	size_t left = feed(&whole, in, in.len + 1);
	size_t also_left = feed(&split, in, pieces);

	FUZZ_CHECK(whole.state == split.state && whole.has_source == split.has_source);
	FUZZ_CHECK(whole.state != PROXY_HDR_DONE || left == also_left);
	return 0;
}
