// SPDX-License-Identifier: GPL-2.0-or-later
#include "radius/radius_pkt.h"

#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#define RADIUS_HEADER_LEN	20
#define RADIUS_OFF_LENGTH	2
#define RADIUS_OFF_AUTH		4
#define RADIUS_MD5_LEN		16
/* Type, length, vendor. */
#define RADIUS_VENDOR_HEAD	6

/* ---- parser ---------------------------------------------------------------- */

static bool radius_attrs_ok(struct rbuf attrs)
{
	uint8_t len;

	while (attrs.len) {
		buf_get_u8(&attrs);
		len = buf_get_u8(&attrs);
		if (len < 2)
			return false;
		buf_get(&attrs, len - 2u);
		if (attrs.bad)
			return false;
	}
	return true;
}

bool radius_parse(struct radius_pkt *pkt, struct rbuf in)
{
	struct rbuf whole = in;
	uint16_t len;

	pkt->code = buf_get_u8(&in);
	pkt->id = buf_get_u8(&in);
	len = buf_get_u16(&in);
	buf_copy(&in, pkt->authenticator, sizeof(pkt->authenticator));
	if (in.bad || len < RADIUS_HEADER_LEN || len > RADIUS_PACKET_MAX)
		return false;
	pkt->raw = buf_split(&whole, len);
	pkt->attrs = buf_split(&in, len - RADIUS_HEADER_LEN);
	return !pkt->raw.bad && !pkt->attrs.bad && radius_attrs_ok(pkt->attrs);
}

/* One of Microsoft's attributes inside of a Vendor-Specific one. */
/* Those whose attributes are built like RADIUS' own, and are of use here. */
static bool radius_knows_vendor(uint32_t vendor)
{
	return vendor == RADIUS_MICROSOFT || vendor == RADIUS_WISPR ||
	       vendor == RADIUS_MIKROTIK;
}

static bool radius_next_inner(struct radius_iter *it, struct radius_attr *attr)
{
	uint8_t len;

	attr->vendor = it->vendor;
	attr->type = buf_get_u8(&it->inner);
	len = buf_get_u8(&it->inner);
	if (len < 2)
		it->inner.bad = true;
	attr->value = buf_split(&it->inner, len - 2u);
	if (!attr->value.bad)
		return true;
	it->inner = rbuf_of(NULL, 0);
	return false;
}

static void radius_vendor(struct radius_iter *it, struct radius_attr *attr)
{
	struct rbuf inner = attr->value;

	attr->type = 0;
	attr->vendor = buf_get_u32(&inner);
	if (inner.bad || !radius_knows_vendor(attr->vendor))
		return;
	it->vendor = attr->vendor;
	it->inner = inner;
}

bool radius_next(struct radius_iter *it, struct radius_attr *attr)
{
	while (it->inner.len || it->attrs.len) {
		if (it->inner.len) {
			if (radius_next_inner(it, attr))
				return true;
			continue;
		}
		attr->vendor = 0;
		attr->type = buf_get_u8(&it->attrs);
		attr->value = buf_split(&it->attrs,
					buf_get_u8(&it->attrs) - 2u);
		if (it->attrs.bad)
			return false;
		if (attr->type == RADIUS_VENDOR_SPECIFIC)
			radius_vendor(it, attr);
		if (!radius_knows_vendor(attr->vendor))
			return true;
	}
	return false;
}

bool radius_find(const struct radius_pkt *pkt, enum radius_type type,
		 struct rbuf *value)
{
	struct radius_iter it = { .attrs = pkt->attrs };
	struct radius_attr attr;

	while (radius_next(&it, &attr)) {
		if (attr.vendor || attr.type != type)
			continue;
		*value = attr.value;
		return true;
	}
	return false;
}

bool radius_u32(struct rbuf value, uint32_t *out)
{
	if (value.len != 4)
		return false;
	*out = buf_get_u32(&value);
	return true;
}

void radius_text(struct rbuf value, char *text, size_t size)
{
	size_t len = value.len < size ? value.len : size - 1;
	size_t i;

	buf_copy(&value, text, len);
	text[len] = '\0';
	for (i = 0; i < len; i++)
		if ((unsigned char)text[i] < ' ' || text[i] == 0x7f)
			text[i] = '?';
}

/* ---- digests ---------------------------------------------------------------- */

struct radius_part {
	const void *p;
	size_t len;
};

static bool radius_md5(const struct radius_part *parts, size_t n,
		       uint8_t out[static RADIUS_MD5_LEN])
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool ok = ctx && EVP_DigestInit_ex(ctx, EVP_md5(), NULL) == 1;

	for (size_t i = 0; ok && i < n; i++)
		ok = EVP_DigestUpdate(ctx, parts[i].p, parts[i].len) == 1;
	ok = ok && EVP_DigestFinal_ex(ctx, out, NULL) == 1;
	EVP_MD_CTX_free(ctx);
	return ok;
}

/* Of a packet with @authenticator in its place, and @secret behind it. */
static bool radius_digest(const uint8_t *pkt, size_t len,
			  const uint8_t *authenticator, const char *secret,
			  uint8_t out[static RADIUS_MD5_LEN])
{
	const struct radius_part parts[] = {
		{ pkt, RADIUS_OFF_AUTH },
		{ authenticator, RADIUS_AUTHENTICATOR_LEN },
		{ pkt + RADIUS_HEADER_LEN, len - RADIUS_HEADER_LEN },
		{ secret, strlen(secret) },
	};

	return radius_md5(parts, 4, out);
}

/* HMAC-MD5 of the packet with @authenticator in its place. */
static bool radius_mac(const uint8_t *pkt, size_t len,
		       const uint8_t *authenticator, const char *secret,
		       uint8_t out[static RADIUS_MD5_LEN])
{
	uint8_t copy[RADIUS_PACKET_MAX];
	unsigned int out_len = 0;

	memcpy(copy, pkt, len);
	memcpy(copy + RADIUS_OFF_AUTH, authenticator, RADIUS_AUTHENTICATOR_LEN);
	return HMAC(EVP_md5(), secret, (int)strlen(secret), copy, len, out,
		    &out_len) && out_len == RADIUS_MD5_LEN;
}

/* ---- who made it? ------------------------------------------------------------ */

/* Right, wrong, or, with @need, missing. */
static bool radius_mac_ok(const struct radius_pkt *pkt,
			  const uint8_t *authenticator, const char *secret,
			  bool need)
{
	uint8_t copy[RADIUS_PACKET_MAX];
	uint8_t mac[RADIUS_MD5_LEN];
	struct rbuf value;

	if (!radius_find(pkt, RADIUS_MESSAGE_AUTHENTICATOR, &value))
		return !need;
	if (value.len != RADIUS_MD5_LEN)
		return false;
	/* It is computed with zeros in the place of its own value. */
	memcpy(copy, pkt->raw.p, pkt->raw.len);
	memset(copy + (value.p - pkt->raw.p), 0, RADIUS_MD5_LEN);
	return radius_mac(copy, pkt->raw.len, authenticator, secret, mac) &&
	       CRYPTO_memcmp(mac, value.p, RADIUS_MD5_LEN) == 0;
}

static bool radius_digest_ok(const struct radius_pkt *pkt,
			     const uint8_t *authenticator, const char *secret)
{
	uint8_t digest[RADIUS_MD5_LEN];

	return radius_digest(pkt->raw.p, pkt->raw.len, authenticator, secret,
			     digest) &&
	       CRYPTO_memcmp(digest, pkt->authenticator, RADIUS_MD5_LEN) == 0;
}

bool radius_response_ok(const struct radius_pkt *pkt,
			const uint8_t authenticator[static RADIUS_AUTHENTICATOR_LEN],
			const char *secret, bool need_mac)
{
	return radius_digest_ok(pkt, authenticator, secret) &&
	       radius_mac_ok(pkt, authenticator, secret, need_mac);
}

bool radius_request_ok(const struct radius_pkt *pkt, const char *secret)
{
	static const uint8_t zero[RADIUS_AUTHENTICATOR_LEN];

	return radius_digest_ok(pkt, zero, secret) &&
	       radius_mac_ok(pkt, zero, secret, false);
}

/* ---- builder ------------------------------------------------------------------ */

void radius_begin(struct wbuf *w, enum radius_code code, uint8_t id,
		  const uint8_t *authenticator)
{
	buf_put_u8(w, code);
	buf_put_u8(w, id);
	buf_put_u16(w, 0);
	if (authenticator)
		buf_put(w, authenticator, RADIUS_AUTHENTICATOR_LEN);
	else
		buf_put_zero(w, RADIUS_AUTHENTICATOR_LEN);
}

static void radius_put_head(struct wbuf *w, uint8_t type, size_t len)
{
	if (len > RADIUS_VALUE_MAX)
		w->bad = true;
	buf_put_u8(w, type);
	buf_put_u8(w, (uint8_t)(len + 2));
}

void radius_put(struct wbuf *w, enum radius_type type, const void *value,
		size_t len)
{
	radius_put_head(w, type, len);
	buf_put(w, value, len);
}

void radius_put_u32(struct wbuf *w, enum radius_type type, uint32_t value)
{
	radius_put_head(w, type, 4);
	buf_put_u32(w, value);
}

void radius_put_str(struct wbuf *w, enum radius_type type, const char *text)
{
	radius_put(w, type, text, strlen(text));
}

void radius_put_vendor(struct wbuf *w, uint32_t vendor, uint8_t type,
		       const void *value, size_t len)
{
	radius_put_head(w, RADIUS_VENDOR_SPECIFIC, RADIUS_VENDOR_HEAD + len);
	buf_put_u32(w, vendor);
	buf_put_u8(w, type);
	buf_put_u8(w, (uint8_t)(len + 2));
	buf_put(w, value, len);
}

void radius_put_ms(struct wbuf *w, enum radius_ms_type type, const void *value,
		   size_t len)
{
	radius_put_vendor(w, RADIUS_MICROSOFT, type, value, len);
}

void radius_put_mac(struct wbuf *w)
{
	radius_put_head(w, RADIUS_MESSAGE_AUTHENTICATOR, RADIUS_MD5_LEN);
	buf_put_zero(w, RADIUS_MD5_LEN);
}

/* RFC 2865 5.2: each block is masked with a digest over the one before. */
void radius_put_password(struct wbuf *w, const char *password,
			 const char *secret)
{
	uint8_t out[RADIUS_PASSWORD_MAX] = { 0 };
	uint8_t mask[RADIUS_MD5_LEN];
	size_t len = strlen(password);
	size_t i, blocks;
	struct radius_part parts[] = {
		{ secret, strlen(secret) },
		{ w->p + RADIUS_OFF_AUTH, RADIUS_AUTHENTICATOR_LEN },
	};

	if (len > sizeof(out) || w->len < RADIUS_HEADER_LEN) {
		w->bad = true;
		return;
	}
	memcpy(out, password, len);
	blocks = len ? (len + RADIUS_MD5_LEN - 1) / RADIUS_MD5_LEN : 1;
	for (i = 0; i < blocks * RADIUS_MD5_LEN; i++) {
		if (i % RADIUS_MD5_LEN == 0 && !radius_md5(parts, 2, mask))
			w->bad = true;
		out[i] ^= mask[i % RADIUS_MD5_LEN];
		if (i % RADIUS_MD5_LEN == 0)
			parts[1].p = out + i;
	}
	radius_put(w, RADIUS_USER_PASSWORD, out, blocks * RADIUS_MD5_LEN);
	OPENSSL_cleanse(mask, sizeof(mask));
	OPENSSL_cleanse(out, sizeof(out));
}

/* Fills in a Message-Authenticator if there is one: it is the first. */
static bool radius_fill_mac(struct wbuf *w, const uint8_t *authenticator,
			    const char *secret)
{
	uint8_t mac[RADIUS_MD5_LEN];
	uint8_t *attr = w->p + RADIUS_HEADER_LEN;

	if (w->len < RADIUS_HEADER_LEN + 2 + RADIUS_MD5_LEN ||
	    attr[0] != RADIUS_MESSAGE_AUTHENTICATOR)
		return true;
	if (!radius_mac(w->p, w->len, authenticator, secret, mac))
		return false;
	memcpy(attr + 2, mac, sizeof(mac));
	return true;
}

static bool radius_end(struct wbuf *w)
{
	if (w->len > RADIUS_PACKET_MAX)
		w->bad = true;
	buf_set_u16(w, RADIUS_OFF_LENGTH, (uint16_t)w->len);
	return !w->bad;
}

bool radius_sign_access(struct wbuf *w, const char *secret)
{
	return radius_end(w) && radius_fill_mac(w, w->p + RADIUS_OFF_AUTH, secret);
}

bool radius_sign_response(struct wbuf *w,
			  const uint8_t authenticator[static RADIUS_AUTHENTICATOR_LEN],
			  const char *secret)
{
	uint8_t digest[RADIUS_MD5_LEN];

	if (!radius_end(w) || !radius_fill_mac(w, authenticator, secret) ||
	    !radius_digest(w->p, w->len, authenticator, secret, digest))
		return false;
	memcpy(w->p + RADIUS_OFF_AUTH, digest, sizeof(digest));
	return true;
}

bool radius_sign_request(struct wbuf *w, const char *secret)
{
	static const uint8_t zero[RADIUS_AUTHENTICATOR_LEN];

	return radius_sign_response(w, zero, secret);
}

/* Salt, then length, key and padding, masked like a password. */
size_t radius_mppe_key(struct rbuf value,
		       const uint8_t authenticator[static RADIUS_AUTHENTICATOR_LEN],
		       const char *secret, uint8_t key[static RADIUS_KEY_MAX])
{
	const uint8_t *salt = buf_get(&value, 2);
	uint8_t plain[RADIUS_VALUE_MAX];
	uint8_t mask[RADIUS_MD5_LEN];
	size_t len = value.len;
	size_t i, key_len;
	struct radius_part parts[] = {
		{ secret, strlen(secret) },
		{ authenticator, RADIUS_AUTHENTICATOR_LEN },
		{ salt, 2 },
	};

	if (!salt || !len || len % RADIUS_MD5_LEN || len > sizeof(plain))
		return 0;
	for (i = 0; i < len; i++) {
		if (i % RADIUS_MD5_LEN == 0) {
			if (!radius_md5(parts, i ? 2 : 3, mask))
				return 0;
			parts[1].p = value.p + i;
		}
		plain[i] = value.p[i] ^ mask[i % RADIUS_MD5_LEN];
	}
	key_len = plain[0];
	if (key_len >= len || key_len > RADIUS_KEY_MAX)
		key_len = 0;
	memcpy(key, plain + 1, key_len);
	OPENSSL_cleanse(plain, sizeof(plain));
	OPENSSL_cleanse(mask, sizeof(mask));
	return key_len;
}
