// SPDX-License-Identifier: GPL-2.0-or-later
#include "eapd/peap_binding.h"

#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "ppp/eap.h"

#define SHA1_LEN	20
#define SEED_MAX	64
#define HEAD_LEN	4	/* Type and Length */
#define MAC_AT		(PEAP_BINDING_TLV_LEN - PEAP_MAC_LEN)

static bool peap_hmac(const uint8_t *key, size_t key_len, const uint8_t *data, size_t len,
		      uint8_t mac[static SHA1_LEN])
{
	return HMAC(EVP_sha1(), key, (int)key_len, data, len, mac, NULL);
}

/* PRF+ of [MS-PEAP] 3.1.5.5.2.2: T(n) = HMAC-SHA1(K, T(n-1) | S | n | 0 | 0) */
static bool peap_prf(const uint8_t key[static PEAP_IPMK_LEN], const uint8_t *seed,
		     size_t seed_len, uint8_t *out, size_t out_len)
{
	uint8_t in[SHA1_LEN + SEED_MAX + 3], t[SHA1_LEN];
	struct wbuf w;
	bool ok = true;
	size_t n;

	for (size_t done = 0, i = 1; ok && done < out_len; done += n, i++) {
		w = wbuf_of(in, sizeof(in));
		buf_put(&w, t, i == 1 ? 0 : sizeof(t));
		buf_put(&w, seed, seed_len);
		buf_put_u8(&w, (uint8_t)i);
		buf_put_u16(&w, 0);
		ok = !w.bad && peap_hmac(key, PEAP_IPMK_LEN, in, w.len, t);
		n = out_len - done < sizeof(t) ? out_len - done : sizeof(t);
		memcpy(out + done, t, n);
	}
	OPENSSL_cleanse(in, sizeof(in));
	OPENSSL_cleanse(t, sizeof(t));
	return ok;
}

bool peap_keys_derive(struct peap_keys *keys, const uint8_t tk[static PEAP_TUNNEL_KEY_LEN],
		      const uint8_t isk[static PEAP_ISK_LEN])
{
	static const char label[] = "Inner Methods Compound Keys";
	uint8_t seed[SEED_MAX], both[PEAP_IPMK_LEN + PEAP_CMK_LEN];
	struct wbuf w = wbuf_of(seed, sizeof(seed));
	bool ok;

	buf_put_str(&w, label);
	buf_put(&w, isk, PEAP_ISK_LEN);
	ok = peap_prf(tk, seed, w.len, both, sizeof(both));
	memcpy(keys->ipmk, both, PEAP_IPMK_LEN);
	memcpy(keys->cmk, both + PEAP_IPMK_LEN, PEAP_CMK_LEN);
	OPENSSL_cleanse(seed, sizeof(seed));
	OPENSSL_cleanse(both, sizeof(both));
	return ok;
}

bool peap_keys_hlak(const struct peap_keys *keys, uint8_t hlak[static BINDING_HLAK_LEN])
{
	/* The zero at its end belongs to it, other than with the label above. */
	static const uint8_t label[] = "Session Key Generating Function";

	return peap_prf(keys->ipmk, label, sizeof(label), hlak, BINDING_HLAK_LEN);
}

/* Over the TLV without its MAC, and the type of PEAP. */
static bool peap_binding_mac(const struct peap_keys *keys,
			     const uint8_t tlv[static PEAP_BINDING_TLV_LEN],
			     uint8_t mac[static PEAP_MAC_LEN])
{
	uint8_t in[PEAP_BINDING_TLV_LEN + 1] = { 0 };

	memcpy(in, tlv, MAC_AT);
	in[PEAP_BINDING_TLV_LEN] = EAP_TYPE_PEAP;
	return peap_hmac(keys->cmk, sizeof(keys->cmk), in, sizeof(in), mac);
}

bool peap_binding_put(struct wbuf *w, const struct peap_keys *keys, enum peap_subtype subtype,
		      const uint8_t nonce[static PEAP_NONCE_LEN])
{
	uint8_t tlv[PEAP_BINDING_TLV_LEN];
	struct wbuf t = wbuf_of(tlv, sizeof(tlv));

	buf_put_u16(&t, PEAP_TLV_BINDING);
	buf_put_u16(&t, sizeof(tlv) - HEAD_LEN);
	buf_put_zero(&t, 3);
	buf_put_u8(&t, subtype);
	buf_put(&t, nonce, PEAP_NONCE_LEN);
	buf_put_zero(&t, PEAP_MAC_LEN);
	if (!peap_binding_mac(keys, tlv, tlv + MAC_AT))
		return false;
	buf_put(w, tlv, sizeof(tlv));
	return true;
}

bool peap_binding_ok(const struct peap_keys *keys, enum peap_subtype subtype,
		     const uint8_t tlv[static PEAP_BINDING_TLV_LEN])
{
	uint8_t mac[PEAP_MAC_LEN];

	return tlv[5] == 0 && tlv[7] == subtype && peap_binding_mac(keys, tlv, mac) &&
	       !CRYPTO_memcmp(mac, tlv + MAC_AT, sizeof(mac));
}
