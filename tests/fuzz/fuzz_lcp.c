// SPDX-License-Identifier: GPL-2.0-or-later
/* LCP, both roles: first byte odd = server, then steps. */
#include "fuzz_fsm.h"
#include "ppp/lcp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct auth_methods methods = {
		{ AUTH_MSCHAPV2, AUTH_EAP_MSCHAPV2, AUTH_CHAP_MD5, AUTH_PAP }
	};
	struct rbuf in = rbuf_of(data, size);
	struct lcp lcp;

	lcp_init(&lcp, buf_get_u8(&in) & 1, 1400, &methods, &fuzz_fsm_link, NULL);
	fuzz_fsm_run(&lcp.fsm, in);
	/* What an interface's MTU is made of. */
	FUZZ_CHECK(lcp.peer_mru <= PPP_INFO_MAX);
	return 0;
}
