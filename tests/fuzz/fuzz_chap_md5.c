// SPDX-License-Identifier: GPL-2.0-or-later
/* CHAP with MD5, both roles. */
#include "fuzz_auth.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	fuzz_auth_run(&auth_chap_md5, rbuf_of(data, size));
	return 0;
}
