// SPDX-License-Identifier: GPL-2.0-or-later
#include "auth/chap_md5.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "data/login.h"
#include "lib/buf.h"

int chap_md5_digest(const struct chap_md5 *md5, const char *password,
		    uint8_t digest[static CHAP_MD5_LEN])
{
	uint8_t text[1 + AUTH_PASSWORD_MAX + CHAP_MD5_CHALLENGE_MAX];
	struct wbuf w = wbuf_of(text, sizeof(text));
	size_t len;
	int rc = -1;

	buf_put_u8(&w, md5->id);
	buf_put_str(&w, password);
	buf_put(&w, md5->challenge, md5->len);
	if (!w.bad && EVP_Q_digest(NULL, "MD5", NULL, text, w.len, digest, &len))
		rc = 0;
	OPENSSL_cleanse(text, sizeof(text));
	return rc;
}
