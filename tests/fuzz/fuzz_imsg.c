// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A datagram of a child that was taken over, as the parent checks it. First
 * byte: who sends it and whether with a descriptor; then type (1 byte) and body,
 * which is cut or filled with zeros to the size of that type.
 */
#include "boundary/msg.h"
#include "fuzz.h"

#define ENDS(text)	(strnlen((text), sizeof(text)) < sizeof(text))

/* What the parent relies on when it uses the body. */
static void use(uint32_t type, const void *body)
{
	const union {
		struct msg_resolved resolved;
		struct msg_auth_ask ask;
		struct msg_auth_verdict verdict;
		struct msg_path_open open;
		struct msg_session_end end;
	} *m = body;

	switch (type) {
	case MSG_RESOLVED:
		FUZZ_CHECK(m->resolved.n <= MSG_ADDRS_MAX && ENDS(m->resolved.error));
		break;
	case MSG_AUTH_ASK:
		FUZZ_CHECK(ENDS(m->ask.req.name) && ENDS(m->ask.req.password));
		break;
	case MSG_AUTH_VERDICT:
		FUZZ_CHECK(ENDS(m->verdict.user) && ENDS(m->verdict.res.message));
		break;
	case MSG_PATH_OPEN:
		FUZZ_CHECK(m->open.pending_len <= MSG_PENDING_MAX);
		FUZZ_CHECK(ENDS(m->open.why) && ENDS(m->open.tls));
		FUZZ_CHECK(m->open.kind != MSG_PATH_KERNEL || ppp_state_ok(&m->open.state));
		break;
	case MSG_SESSION_END:
		FUZZ_CHECK(ENDS(m->end.why));
		break;
	}
}

static bool valid(const void *datagram, size_t len, uint32_t peer, bool has_fd)
{
	const char *why;
	bool ok = imsg_valid(msg_rules, MSG_TYPES, peer, datagram, len, has_fd, &why);

	FUZZ_CHECK(ok == !why);
	return ok;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static _Alignas(16) uint8_t datagram[sizeof(struct imsg_hdr) + IMSG_BODY_MAX];
	struct rbuf in = rbuf_of(data, size);
	uint8_t flags = buf_get_u8(&in);
	uint32_t peer = MSG_ENGINE << flags % 3;
	struct imsg_hdr hdr = { .type = buf_get_u8(&in) };
	uint8_t *raw;

	if (in.bad)
		return 0;
	raw = fuzz_copy(in.p, in.len);
	valid(raw, in.len, peer, flags & 4);
	free(raw);
	hdr.size = hdr.type < MSG_TYPES ? (uint32_t)msg_rules[hdr.type].size : 0;
	memset(datagram, 0, sizeof(hdr) + hdr.size);
	memcpy(datagram, &hdr, sizeof(hdr));
	memcpy(datagram + sizeof(hdr), in.p, in.len < hdr.size ? in.len : hdr.size);
	if (valid(datagram, sizeof(hdr) + hdr.size, peer, flags & 4)) {
		FUZZ_CHECK(msg_rules[hdr.type].from & peer);
		use(hdr.type, datagram + sizeof(hdr));
	}
	return 0;
}
