// SPDX-License-Identifier: GPL-2.0-or-later
/* IPV6CP: steps. */
#include "fuzz_fsm.h"
#include "ppp/ipv6cp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ipv6cp ipv6cp;

	ipv6cp_init(&ipv6cp, &fuzz_fsm_link, NULL);
	fuzz_fsm_run(&ipv6cp.fsm, rbuf_of(data, size));
	if (ipv6cp.fsm.state == FSM_OPENED)
		FUZZ_CHECK(memcmp(ipv6cp.ifid, ipv6cp.peer_ifid, IPV6CP_IFID_LEN));
	return 0;
}
