// SPDX-License-Identifier: GPL-2.0-or-later
/* IPCP, both roles: first byte odd = server, then steps. */
#include <arpa/inet.h>

#include "fuzz_fsm.h"
#include "ppp/ipcp.h"

static const struct in_addr server_address = { 0x0100080a };	/* 10.8.0.1 */
static const struct in_addr client_address = { 0x0200080a };	/* 10.8.0.2 */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rbuf in = rbuf_of(data, size);
	bool server = buf_get_u8(&in) & 1;
	struct ipcp ipcp;

	ipcp_init(&ipcp, server, &fuzz_fsm_link, NULL);
	ipcp.ask_dns = !server;
	if (server) {
		ipcp.want_local = server_address;
		ipcp.want_peer = client_address;
		ipcp.give[0] = server_address;
	}
	fuzz_fsm_run(&ipcp.fsm, in);
	/* No client gets an address but its own. */
	if (server && ipcp.fsm.state == FSM_OPENED)
		FUZZ_CHECK(ipcp.peer.s_addr == client_address.s_addr);
	return 0;
}
