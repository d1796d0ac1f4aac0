// SPDX-License-Identifier: GPL-2.0-or-later
#include "sstp/binding.h"

#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

/* Where things are in CALL_CONNECTED, MS-SSTP 2.2.11. */
#define OFF_HASH	15
#define OFF_NONCE	16
#define OFF_CERT	48
#define OFF_MAC		80
#define FIELD_LEN	32

static const char cmk_seed[] = "SSTP inner method derived CMK";

static const EVP_MD *binding_md(uint8_t hash)
{
	switch (hash) {
	case SSTP_HASH_SHA1:
		return EVP_sha1();
	case SSTP_HASH_SHA256:
		return EVP_sha256();
	default:
		return NULL;
	}
}

size_t binding_hash_len(uint8_t hash)
{
	switch (hash) {
	case SSTP_HASH_SHA1:
		return BINDING_SHA1_LEN;
	case SSTP_HASH_SHA256:
		return BINDING_HASH_MAX;
	default:
		return 0;
	}
}

const uint8_t *binding_cert_hash(const struct binding_cert *cert, uint8_t hash)
{
	return hash == SSTP_HASH_SHA1 ? cert->sha1 : cert->sha256;
}

int binding_cert_init(struct binding_cert *cert, const uint8_t *der, size_t len)
{
	if (!EVP_Digest(der, len, cert->sha1, NULL, EVP_sha1(), NULL) ||
	    !EVP_Digest(der, len, cert->sha256, NULL, EVP_sha256(), NULL))
		return -1;
	return 0;
}

static int binding_hmac(enum sstp_hash hash, const uint8_t *key, size_t key_len,
			const uint8_t *data, size_t len, uint8_t *out)
{
	unsigned int out_len = 0;

	if (!binding_md(hash) ||
	    !HMAC(binding_md(hash), key, key_len, data, len, out, &out_len))
		return -1;
	return out_len == binding_hash_len(hash) ? 0 : -1;
}

int binding_cmk(enum sstp_hash hash, const uint8_t hlak[static BINDING_HLAK_LEN],
		uint8_t cmk[static BINDING_HASH_MAX])
{
	uint8_t input[sizeof(cmk_seed) - 1 + 3];
	struct wbuf w = wbuf_of(input, sizeof(input));

	/* First round of IKEv2's PRF+; the length is little-endian, alone in SSTP. */
	buf_put(&w, cmk_seed, sizeof(cmk_seed) - 1);
	buf_put_u8(&w, binding_hash_len(hash));
	buf_put_u8(&w, 0);
	buf_put_u8(&w, 1);
	return binding_hmac(hash, hlak, BINDING_HLAK_LEN, input, w.len, cmk);
}

int binding_mac(enum sstp_hash hash, const uint8_t hlak[static BINDING_HLAK_LEN],
		const uint8_t pkt[static SSTP_CONNECTED_LEN],
		uint8_t mac[static BINDING_HASH_MAX])
{
	uint8_t cleared[SSTP_CONNECTED_LEN] = { 0 };
	uint8_t cmk[BINDING_HASH_MAX];
	int rc;

	/* All 32 bytes of the field are zero under the MAC, also for SHA-1. */
	memcpy(cleared, pkt, OFF_MAC);
	rc = binding_cmk(hash, hlak, cmk);
	if (!rc)
		rc = binding_hmac(hash, cmk, binding_hash_len(hash), cleared,
				  sizeof(cleared), mac);
	OPENSSL_cleanse(cmk, sizeof(cmk));
	return rc;
}

int binding_sign(uint8_t pkt[static SSTP_CONNECTED_LEN],
		 const uint8_t hlak[static BINDING_HLAK_LEN])
{
	uint8_t mac[BINDING_HASH_MAX] = { 0 };

	if (binding_mac(pkt[OFF_HASH], hlak, pkt, mac))
		return -1;
	memcpy(pkt + OFF_MAC, mac, FIELD_LEN);
	return 0;
}

/* A hash value shorter than its field is followed by zeros. */
static bool binding_padding_zero(const uint8_t *field, size_t len)
{
	static const uint8_t zero[FIELD_LEN];

	return !memcmp(field + len, zero, FIELD_LEN - len);
}

static enum binding_result binding_verify_mac(const uint8_t *pkt,
					      const uint8_t *hlak)
{
	static const uint8_t zero_hlak[BINDING_HLAK_LEN];
	const uint8_t hash = pkt[OFF_HASH];
	const size_t len = binding_hash_len(hash);
	uint8_t mac[BINDING_HASH_MAX];

	if (binding_mac(hash, hlak, pkt, mac))
		return BINDING_ERROR;
	if (!CRYPTO_memcmp(mac, pkt + OFF_MAC, len))
		return BINDING_OK;
	/* Refused all the same; tells the operator what the client does wrong. */
	if (binding_mac(hash, zero_hlak, pkt, mac))
		return BINDING_ERROR;
	if (!CRYPTO_memcmp(mac, pkt + OFF_MAC, len))
		return BINDING_ZERO_KEY;
	return BINDING_BAD_MAC;
}

enum binding_result binding_check(const uint8_t pkt[static SSTP_CONNECTED_LEN],
				  uint8_t offered_mask,
				  const uint8_t nonce[static SSTP_NONCE_LEN],
				  const struct binding_cert *cert)
{
	const uint8_t hash = pkt[OFF_HASH];
	const size_t len = binding_hash_len(hash);

	if (!len || !(hash & offered_mask))
		return BINDING_BAD_HASH;
	if (CRYPTO_memcmp(pkt + OFF_NONCE, nonce, SSTP_NONCE_LEN))
		return BINDING_BAD_NONCE;
	if (CRYPTO_memcmp(pkt + OFF_CERT, binding_cert_hash(cert, hash), len))
		return BINDING_BAD_CERT;
	if (!binding_padding_zero(pkt + OFF_CERT, len) ||
	    !binding_padding_zero(pkt + OFF_MAC, len))
		return BINDING_BAD_PADDING;
	return BINDING_OK;
}

enum binding_result binding_verify(const uint8_t pkt[static SSTP_CONNECTED_LEN],
				   uint8_t offered_mask,
				   const uint8_t nonce[static SSTP_NONCE_LEN],
				   const struct binding_cert *cert,
				   const uint8_t hlak[static BINDING_HLAK_LEN])
{
	enum binding_result r = binding_check(pkt, offered_mask, nonce, cert);

	return r == BINDING_OK ? binding_verify_mac(pkt, hlak) : r;
}

static const char *const binding_texts[] = {
	[BINDING_OK]		= "crypto binding verified",
	[BINDING_BAD_HASH]	= "hash protocol was not offered",
	[BINDING_BAD_NONCE]	= "nonce is not the one sent",
	[BINDING_BAD_CERT]	= "client saw another TLS certificate",
	[BINDING_BAD_PADDING]	= "hash value padded with other than zero",
	[BINDING_BAD_MAC]	= "Compound MAC is wrong",
	[BINDING_ZERO_KEY]	= "Compound MAC was made with the all-zero key",
	[BINDING_ERROR]		= "crypto library failed",
};

const char *binding_result_text(enum binding_result r)
{
	if ((unsigned int)r >= sizeof(binding_texts) / sizeof(binding_texts[0]))
		return "unknown result";
	return binding_texts[r];
}
