/* SPDX-License-Identifier: GPL-2.0-or-later */
/* CHAP with MD5, RFC 1994: the digest. Used by the password holder (authd). */
#ifndef SSTPD_CHAP_MD5_H
#define SSTPD_CHAP_MD5_H

#include <stdint.h>

#define CHAP_MD5_LEN		16
#define CHAP_MD5_CHALLENGE_MAX	255

/**
 * struct chap_md5 - a challenge and the answer to it
 * @id: identifier of the Challenge packet, part of the digest
 * @len: bytes in @challenge, 1..255
 * @challenge: the Value of the Challenge
 * @digest: the Value of the Response
 */
struct chap_md5 {
	uint8_t id;
	uint8_t len;
	uint8_t challenge[CHAP_MD5_CHALLENGE_MAX];
	uint8_t digest[CHAP_MD5_LEN];
};

/* @password has at most AUTH_PASSWORD_MAX bytes. 0, or -1 if there is no MD5. */
int chap_md5_digest(const struct chap_md5 *md5, const char *password,
		    uint8_t digest[static CHAP_MD5_LEN]);

#endif /* SSTPD_CHAP_MD5_H */
