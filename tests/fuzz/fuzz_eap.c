// SPDX-License-Identifier: GPL-2.0-or-later
/* EAP with all its types, both roles; what they carry is for fuzz_eap_tls.c. */
#include "fuzz_auth.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	fuzz_auth_run(&auth_eap, rbuf_of(data, size));
	return 0;
}
