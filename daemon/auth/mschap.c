// SPDX-License-Identifier: GPL-2.0-or-later
#include "auth/mschap.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/provider.h>
#include <openssl/rand.h>

#include "lib/buf.h"

#define SHA1_LEN	20

/* RFC 2759 8.7 and RFC 3079 3.4; the NUL at the end is not part of them. */
static const char magic_sign[] = "Magic server to client signing constant";
static const char magic_pad[] = "Pad to make it do more than one iteration";
static const char magic_master[] = "This is the MPPE Master Key";
static const char magic_client_send[] =
	"On the client side, this is the send key; "
	"on the server side, it is the receive key.";
static const char magic_client_recv[] =
	"On the client side, this is the receive key; "
	"on the server side, it is the send key.";

struct mschap {
	OSSL_LIB_CTX *lib;
	OSSL_PROVIDER *legacy;
	OSSL_PROVIDER *base;
	EVP_MD *md4;
	EVP_MD *sha1;
	EVP_CIPHER *des;
	EVP_CIPHER *rc4;
};

struct mschap *mschap_new(void)
{
	struct mschap *m = calloc(1, sizeof(*m));

	if (!m)
		return NULL;
	m->lib = OSSL_LIB_CTX_new();
	if (!m->lib)
		goto err;
	m->legacy = OSSL_PROVIDER_load(m->lib, "legacy");
	m->base = OSSL_PROVIDER_load(m->lib, "default");
	if (!m->legacy || !m->base)
		goto err;
	m->md4 = EVP_MD_fetch(m->lib, "MD4", NULL);
	m->sha1 = EVP_MD_fetch(m->lib, "SHA1", NULL);
	m->des = EVP_CIPHER_fetch(m->lib, "DES-ECB", NULL);
	m->rc4 = EVP_CIPHER_fetch(m->lib, "RC4", NULL);
	if (!m->md4 || !m->sha1 || !m->des || !m->rc4)
		goto err;
	return m;
err:
	mschap_free(m);
	return NULL;
}

void mschap_free(struct mschap *m)
{
	if (!m)
		return;
	EVP_CIPHER_free(m->rc4);
	EVP_CIPHER_free(m->des);
	EVP_MD_free(m->sha1);
	EVP_MD_free(m->md4);
	if (m->base)
		OSSL_PROVIDER_unload(m->base);
	if (m->legacy)
		OSSL_PROVIDER_unload(m->legacy);
	OSSL_LIB_CTX_free(m->lib);
	free(m);
}

/* Digest of a list of (pointer, length) pairs, closed by a NULL pointer. */
static int mschap_digest(const EVP_MD *md, uint8_t *out, ...)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	const void *p;
	int rc = -1;
	va_list ap;

	va_start(ap, out);
	if (!ctx || !EVP_DigestInit_ex2(ctx, md, NULL))
		goto out;
	while ((p = va_arg(ap, const void *))) {
		if (!EVP_DigestUpdate(ctx, p, va_arg(ap, size_t)))
			goto out;
	}
	if (EVP_DigestFinal_ex(ctx, out, NULL))
		rc = 0;
out:
	va_end(ap);
	EVP_MD_CTX_free(ctx);
	return rc;
}

#define TEXT(s)	(s), sizeof(s) - 1

/* ---- password -------------------------------------------------------- */

/* Reads one UTF-8 character; sets in->bad on anything but shortest form. */
static uint32_t utf8_get(struct rbuf *in)
{
	static const uint32_t least[] = { 0, 0x80, 0x800, 0x10000 };
	uint8_t c = buf_get_u8(in);
	unsigned int more, i;
	uint32_t v;

	if (c < 0x80)
		return c;
	more = c >= 0xf0 ? 3 : c >= 0xe0 ? 2 : 1;
	if (c < 0xc0 || c > 0xf7)
		in->bad = true;
	v = c & (0x3f >> more);
	for (i = 0; i < more; i++) {
		c = buf_get_u8(in);
		if ((c & 0xc0) != 0x80)
			in->bad = true;
		v = v << 6 | (c & 0x3f);
	}
	if (v < least[more] || v > 0x10ffff || (v >= 0xd800 && v <= 0xdfff))
		in->bad = true;
	return v;
}

static void utf16le_put(struct wbuf *w, uint16_t unit)
{
	buf_put_u8(w, unit & 0xff);
	buf_put_u8(w, unit >> 8);
}

static int mschap_utf16(struct wbuf *w, const char *text, size_t len)
{
	struct rbuf in = rbuf_of(text, len);
	uint32_t v;

	while (in.len && !in.bad) {
		v = utf8_get(&in);
		if (v >= 0x10000) {
			utf16le_put(w, 0xd800 + ((v - 0x10000) >> 10));
			utf16le_put(w, 0xdc00 + ((v - 0x10000) & 0x3ff));
		} else {
			utf16le_put(w, v);
		}
	}
	return in.bad || w->bad ? -1 : 0;
}

int mschap_nt_hash(struct mschap *m, const char *password, size_t len,
		   uint8_t nt_hash[static MSCHAP_NT_HASH_LEN])
{
	uint8_t utf16[MSCHAP_PASSWORD_MAX * 2];
	struct wbuf w = wbuf_of(utf16, sizeof(utf16));
	int rc;

	rc = mschap_utf16(&w, password, len);
	if (!rc)
		rc = mschap_digest(m->md4, nt_hash, utf16, w.len, NULL);
	OPENSSL_cleanse(utf16, sizeof(utf16));
	return rc;
}

/* ---- responses ------------------------------------------------------- */

int mschap_challenge_hash(struct mschap *m,
			  const uint8_t peer[static MSCHAP_CHALLENGE_LEN],
			  const uint8_t auth[static MSCHAP_CHALLENGE_LEN],
			  const char *user, uint8_t out[static 8])
{
	uint8_t digest[SHA1_LEN];

	user = account_name(user);
	if (mschap_digest(m->sha1, digest, peer, (size_t)MSCHAP_CHALLENGE_LEN,
			  auth, (size_t)MSCHAP_CHALLENGE_LEN,
			  user, strlen(user), NULL))
		return -1;
	memcpy(out, digest, 8);
	return 0;
}

/* Spreads 56 key bits over eight bytes; DES ignores the low bit of each. */
static void des_key_expand(const uint8_t in[static 7], uint8_t out[static 8])
{
	uint64_t bits = 0;
	int i;

	for (i = 0; i < 7; i++)
		bits = bits << 8 | in[i];
	for (i = 0; i < 8; i++)
		out[i] = (bits >> (49 - 7 * i) & 0x7f) << 1;
}

static int mschap_des(struct mschap *m, const uint8_t key7[static 7],
		      const uint8_t in[static 8], uint8_t out[static 8])
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	uint8_t key[8];
	int n = 0;
	int rc = -1;

	des_key_expand(key7, key);
	if (ctx && EVP_EncryptInit_ex2(ctx, m->des, key, NULL, NULL) &&
	    EVP_CIPHER_CTX_set_padding(ctx, 0) &&
	    EVP_EncryptUpdate(ctx, out, &n, in, 8) && n == 8)
		rc = 0;
	OPENSSL_cleanse(key, sizeof(key));
	EVP_CIPHER_CTX_free(ctx);
	return rc;
}

int mschap_nt_response(struct mschap *m, const uint8_t challenge[static 8],
		       const uint8_t nt_hash[static MSCHAP_NT_HASH_LEN],
		       uint8_t out[static MSCHAP_NT_RESPONSE_LEN])
{
	uint8_t keys[21] = { 0 };
	int i, rc = 0;

	memcpy(keys, nt_hash, MSCHAP_NT_HASH_LEN);
	for (i = 0; i < 3 && !rc; i++)
		rc = mschap_des(m, keys + 7 * i, challenge, out + 8 * i);
	OPENSSL_cleanse(keys, sizeof(keys));
	return rc;
}

static void put_hex_upper(char *out, const uint8_t *in, size_t len)
{
	static const char digits[] = "0123456789ABCDEF";

	while (len--) {
		*out++ = digits[*in >> 4];
		*out++ = digits[*in++ & 0x0f];
	}
	*out = '\0';
}

static int mschap_hash_hash(struct mschap *m, const uint8_t *nt_hash, uint8_t *out)
{
	return mschap_digest(m->md4, out, nt_hash, (size_t)MSCHAP_NT_HASH_LEN, NULL);
}

int mschap_auth_response(struct mschap *m,
			 const uint8_t nt_hash[static MSCHAP_NT_HASH_LEN],
			 const uint8_t nt_response[static MSCHAP_NT_RESPONSE_LEN],
			 const uint8_t challenge[static 8],
			 char out[static MSCHAP_AUTH_RESPONSE_LEN + 1])
{
	uint8_t hash_hash[MSCHAP_NT_HASH_LEN];
	uint8_t digest[SHA1_LEN];
	int rc;

	rc = mschap_hash_hash(m, nt_hash, hash_hash);
	if (!rc)
		rc = mschap_digest(m->sha1, digest,
				   hash_hash, sizeof(hash_hash),
				   nt_response, (size_t)MSCHAP_NT_RESPONSE_LEN,
				   TEXT(magic_sign), NULL);
	if (!rc)
		rc = mschap_digest(m->sha1, digest, digest, sizeof(digest),
				   challenge, (size_t)8, TEXT(magic_pad), NULL);
	if (!rc) {
		memcpy(out, "S=", 2);
		put_hex_upper(out + 2, digest, sizeof(digest));
	}
	OPENSSL_cleanse(hash_hash, sizeof(hash_hash));
	OPENSSL_cleanse(digest, sizeof(digest));
	return rc;
}

/* ---- keys ------------------------------------------------------------ */

static int mschap_start_key(struct mschap *m, const uint8_t *master,
			    const char *magic, size_t magic_len, uint8_t *key)
{
	uint8_t pad1[40], pad2[40];
	uint8_t digest[SHA1_LEN];
	int rc;

	memset(pad1, 0x00, sizeof(pad1));
	memset(pad2, 0xf2, sizeof(pad2));
	rc = mschap_digest(m->sha1, digest, master, (size_t)MSCHAP_KEY_LEN,
			   pad1, sizeof(pad1), magic, magic_len,
			   pad2, sizeof(pad2), NULL);
	if (!rc)
		memcpy(key, digest, MSCHAP_KEY_LEN);
	OPENSSL_cleanse(digest, sizeof(digest));
	return rc;
}

int mschap_hlak(struct mschap *m, const uint8_t nt_hash[static MSCHAP_NT_HASH_LEN],
		const uint8_t nt_response[static MSCHAP_NT_RESPONSE_LEN],
		uint8_t hlak[static MSCHAP_HLAK_LEN])
{
	uint8_t hash_hash[MSCHAP_NT_HASH_LEN];
	uint8_t master[SHA1_LEN];
	int rc;

	rc = mschap_hash_hash(m, nt_hash, hash_hash);
	if (!rc)
		rc = mschap_digest(m->sha1, master, hash_hash, sizeof(hash_hash),
				   nt_response, (size_t)MSCHAP_NT_RESPONSE_LEN,
				   TEXT(magic_master), NULL);
	if (!rc)
		rc = mschap_start_key(m, master, TEXT(magic_client_send), hlak);
	if (!rc)
		rc = mschap_start_key(m, master, TEXT(magic_client_recv),
				      hlak + MSCHAP_KEY_LEN);
	OPENSSL_cleanse(hash_hash, sizeof(hash_hash));
	OPENSSL_cleanse(master, sizeof(master));
	return rc;
}

/* ---- whole exchanges ------------------------------------------------- */

int mschap_compute(struct mschap *m, const uint8_t nt_hash[static MSCHAP_NT_HASH_LEN],
		   const char *user,
		   const uint8_t auth[static MSCHAP_CHALLENGE_LEN],
		   const uint8_t peer[static MSCHAP_CHALLENGE_LEN],
		   struct mschap_result *res)
{
	uint8_t challenge[8];

	if (mschap_challenge_hash(m, peer, auth, user, challenge) ||
	    mschap_nt_response(m, challenge, nt_hash, res->nt_response) ||
	    mschap_auth_response(m, nt_hash, res->nt_response, challenge,
				 res->auth_response) ||
	    mschap_hlak(m, nt_hash, res->nt_response, res->hlak)) {
		OPENSSL_cleanse(res, sizeof(*res));
		return -1;
	}
	return 0;
}

int mschap_verify(struct mschap *m, const uint8_t nt_hash[static MSCHAP_NT_HASH_LEN],
		  const char *user,
		  const uint8_t auth[static MSCHAP_CHALLENGE_LEN],
		  const uint8_t peer[static MSCHAP_CHALLENGE_LEN],
		  const uint8_t nt_response[static MSCHAP_NT_RESPONSE_LEN],
		  struct mschap_result *res)
{
	if (mschap_compute(m, nt_hash, user, auth, peer, res))
		return -1;
	if (!CRYPTO_memcmp(res->nt_response, nt_response, MSCHAP_NT_RESPONSE_LEN))
		return 1;
	OPENSSL_cleanse(res, sizeof(*res));
	return 0;
}

/* ---- change of the password ------------------------------------------ */

static int mschap_rc4(struct mschap *m, const uint8_t key[static MSCHAP_NT_HASH_LEN],
		      const uint8_t *in, uint8_t *out, size_t len)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	int n = 0;
	int rc = -1;

	if (ctx && EVP_DecryptInit_ex2(ctx, m->rc4, key, NULL, NULL) &&
	    EVP_DecryptUpdate(ctx, out, &n, in, (int)len) && n == (int)len)
		rc = 0;
	EVP_CIPHER_CTX_free(ctx);
	return rc;
}

/* 512 bytes with the password, UTF-16, at their end; then its length, little-endian. */
static struct rbuf mschap_block_password(const uint8_t block[static MSCHAP_NEW_PASSWORD_LEN])
{
	const uint8_t *end = block + MSCHAP_NEW_PASSWORD_LEN - 4;
	size_t len = end[0] | end[1] << 8 | (size_t)end[2] << 16 | (size_t)end[3] << 24;
	struct rbuf none = { .bad = true };

	if (len > 2 * MSCHAP_PASSWORD_MAX || len % 2)
		return none;
	return rbuf_of(end - len, len);
}

/* RFC 2759 8.12: two halves of @hash, each under seven bytes of @key. */
static int mschap_hash_under_hash(struct mschap *m, const uint8_t *hash, const uint8_t *key,
				  uint8_t out[static MSCHAP_NT_HASH_LEN])
{
	int rc = mschap_des(m, key, hash, out);

	return rc ? rc : mschap_des(m, key + 7, hash + 8, out + 8);
}

int mschap_change(struct mschap *m, const uint8_t old_hash[static MSCHAP_NT_HASH_LEN],
		  const uint8_t password[static MSCHAP_NEW_PASSWORD_LEN],
		  const uint8_t check[static MSCHAP_NT_HASH_LEN],
		  uint8_t new_hash[static MSCHAP_NT_HASH_LEN])
{
	uint8_t block[MSCHAP_NEW_PASSWORD_LEN];
	uint8_t expect[MSCHAP_NT_HASH_LEN];
	struct rbuf text;
	int rc = -1;

	if (mschap_rc4(m, old_hash, password, block, sizeof(block)))
		goto out;
	text = mschap_block_password(block);
	/* With the wrong key the length is most likely impossible. */
	if (text.bad) {
		rc = 0;
		goto out;
	}
	if (mschap_digest(m->md4, new_hash, text.p, text.len, NULL) ||
	    mschap_hash_under_hash(m, old_hash, new_hash, expect))
		goto out;
	rc = !CRYPTO_memcmp(expect, check, sizeof(expect));
out:
	OPENSSL_cleanse(block, sizeof(block));
	OPENSSL_cleanse(expect, sizeof(expect));
	if (rc != 1)
		OPENSSL_cleanse(new_hash, MSCHAP_NT_HASH_LEN);
	return rc;
}

int mschap_make_change(struct mschap *m, const uint8_t old_hash[static MSCHAP_NT_HASH_LEN],
		       const char *text, uint8_t password[static MSCHAP_NEW_PASSWORD_LEN],
		       uint8_t check[static MSCHAP_NT_HASH_LEN],
		       uint8_t new_hash[static MSCHAP_NT_HASH_LEN])
{
	uint8_t block[MSCHAP_NEW_PASSWORD_LEN];
	uint8_t utf16[MSCHAP_PASSWORD_MAX * 2];
	struct wbuf w = wbuf_of(utf16, sizeof(utf16));
	int rc = -1;

	if (RAND_bytes(block, sizeof(block)) != 1 || mschap_utf16(&w, text, strlen(text)))
		goto out;
	memcpy(block + sizeof(utf16) - w.len, utf16, w.len);
	block[sizeof(utf16)] = (uint8_t)w.len;
	block[sizeof(utf16) + 1] = (uint8_t)(w.len >> 8);
	memset(block + sizeof(utf16) + 2, 0, 2);
	if (!mschap_nt_hash(m, text, strlen(text), new_hash) &&
	    !mschap_rc4(m, old_hash, block, password, sizeof(block)))
		rc = mschap_hash_under_hash(m, old_hash, new_hash, check);
out:
	OPENSSL_cleanse(block, sizeof(block));
	OPENSSL_cleanse(utf16, sizeof(utf16));
	return rc;
}
