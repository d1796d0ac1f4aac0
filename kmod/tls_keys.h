/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The keys of a kTLS socket, which change.
 */
#ifndef _SSTP_TLS_KEYS_H
#define _SSTP_TLS_KEYS_H

#include <linux/types.h>

#include "tls_derive.h"

struct sock;

bool sstp_tls_keys_can(void);
unsigned int sstp_tls_keys_secret_len(u16 cipher);
int sstp_tls_keys_change(struct sock *sk, bool tx, u8 secret[SSTP_TLS_SECRET_MAX]);

#endif /* _SSTP_TLS_KEYS_H */
