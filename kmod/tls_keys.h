/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * TLS 1.3 traffic secrets, and the keys that are made of them (RFC 9846 7.1 to 7.3).
 */
#ifndef _SSTP_TLS_KEYS_H
#define _SSTP_TLS_KEYS_H

#include <linux/types.h>

struct sock;

/* As long as the longest hash of a cipher suite. */
#define SSTP_TLS_SECRET_MAX	48

bool sstp_tls_keys_can(void);
unsigned int sstp_tls_keys_secret_len(u16 cipher);
int sstp_tls_keys_change(struct sock *sk, bool tx, u8 secret[SSTP_TLS_SECRET_MAX]);

#endif /* _SSTP_TLS_KEYS_H */
