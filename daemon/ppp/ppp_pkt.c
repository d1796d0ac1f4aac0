// SPDX-License-Identifier: GPL-2.0-or-later
#include "ppp/ppp_pkt.h"

bool ppp_frame_proto(struct rbuf *frame, uint16_t *proto)
{
	uint8_t first;

	/* No protocol number begins with 0xff, so this is unambiguous. */
	if (frame->len >= 1 && frame->p[0] == 0xff) {
		buf_get_u8(frame);
		if (buf_get_u8(frame) != 0x03)
			return false;
	}
	/* The last octet of a protocol number is odd, any other is even. */
	first = buf_get_u8(frame);
	*proto = first;
	if (!(first & 1)) {
		*proto = first << 8 | buf_get_u8(frame);
		if (!(*proto & 1))
			return false;
	}
	return !frame->bad;
}

bool ppp_pkt_parse(struct ppp_pkt *pkt, struct rbuf in)
{
	uint16_t len;

	pkt->code = buf_get_u8(&in);
	pkt->id = buf_get_u8(&in);
	len = buf_get_u16(&in);
	if (in.bad || len < 4)
		return false;
	pkt->data = buf_split(&in, len - 4);
	return !in.bad;
}

size_t ppp_pkt_begin(struct wbuf *w, uint8_t code, uint8_t id)
{
	size_t start = w->len;

	buf_put_u8(w, code);
	buf_put_u8(w, id);
	buf_put_u16(w, 0);
	return start;
}

void ppp_pkt_end(struct wbuf *w, size_t start)
{
	buf_set_u16(w, start + 2, w->len - start);
}

int ppp_opt_next(struct rbuf *opts, struct ppp_opt *opt)
{
	struct rbuf peek = *opts;
	uint8_t len;

	if (opts->bad)
		return -1;
	if (!opts->len)
		return 0;
	opt->type = buf_get_u8(&peek);
	len = buf_get_u8(&peek);
	if (peek.bad || len < 2)
		return -1;
	opt->raw = buf_split(opts, len);
	opt->data = buf_split(&peek, len - 2);
	return opts->bad ? -1 : 1;
}

bool ppp_opts_valid(struct rbuf opts)
{
	struct ppp_opt opt;
	int rc;

	while ((rc = ppp_opt_next(&opts, &opt)) > 0)
		;
	return !rc;
}
