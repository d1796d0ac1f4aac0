/* SPDX-License-Identifier: GPL-2.0-or-later */
/* CHAP with MD5, RFC 1994: the digest. Used by the password holder (authd). */
#ifndef SSTPD_CHAP_MD5_H
#define SSTPD_CHAP_MD5_H

#include <stdint.h>

#include "data/login.h"

/* @password has at most AUTH_PASSWORD_MAX bytes. 0, or -1 if there is no MD5. */
int chap_md5_digest(const struct chap_md5 *md5, const char *password,
		    uint8_t digest[static CHAP_MD5_LEN]);

#endif /* SSTPD_CHAP_MD5_H */
