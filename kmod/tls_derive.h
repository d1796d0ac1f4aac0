/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The next traffic secret of TLS 1.3, and the key that is made of it (RFC 9846 7.1 to
 * 7.3). Shared with the unit tests: no kernel types beyond <linux/types.h>.
 */
#ifndef _SSTP_TLS_DERIVE_H
#define _SSTP_TLS_DERIVE_H

#include <linux/types.h>

/* As long as the longest hash of a cipher suite. */
#define SSTP_TLS_SECRET_MAX	48
#define SSTP_TLS_KEY_MAX	32
#define SSTP_TLS_NONCE_LEN	12

/**
 * struct sstp_tls_key - to be wiped after use
 * @key: the key
 * @len: bytes of it
 * @nonce: of record 0
 */
struct sstp_tls_key {
	__u8 key[SSTP_TLS_KEY_MAX];
	unsigned int len;
	__u8 nonce[SSTP_TLS_NONCE_LEN];
};

unsigned int sstp_tls_derive_secret_len(__u16 cipher);
void sstp_tls_derive_next(__u16 cipher, __u8 *secret, struct sstp_tls_key *key);

#endif /* _SSTP_TLS_DERIVE_H */
