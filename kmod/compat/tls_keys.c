// SPDX-License-Identifier: GPL-2.0-only
/*
 * For kernels whose kTLS takes a key once and for all, or that have no HMAC in their
 * library: keys do not change.
 */
#include "tls_keys.h"

#include <linux/errno.h>

bool sstp_tls_keys_can(void)
{
	return false;
}

unsigned int sstp_tls_keys_secret_len(u16 cipher)
{
	return 0;
}

int sstp_tls_keys_change(struct sock *sk, bool tx, u8 secret[SSTP_TLS_SECRET_MAX])
{
	return -EOPNOTSUPP;
}
