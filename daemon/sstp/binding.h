/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SSTP crypto binding, MS-SSTP 3.2.5.2: proves that the side which holds the
 * keys of the inner authentication also saw this TLS certificate and nonce.
 *
 *	HLAK (32 bytes, from PPP authentication) -> CMK -> Compound MAC
 *
 * The MAC covers the 112 bytes of CALL_CONNECTED as they were on the wire with
 * the MAC field zeroed, so it is computed over received bytes, never over a
 * rebuilt packet.
 */
#ifndef SSTPD_BINDING_H
#define SSTPD_BINDING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "data/login.h"
#include "sstp/sstp_pkt.h"

#define BINDING_HASH_MAX	32
#define BINDING_SHA1_LEN	20

/**
 * struct binding_cert - fingerprints of the TLS server's leaf certificate
 * @sha1: SHA-1 of its DER encoding
 * @sha256: SHA-256 of its DER encoding
 *
 * Per connection: with several certificates, of the one this handshake used.
 */
struct binding_cert {
	uint8_t sha1[BINDING_SHA1_LEN];
	uint8_t sha256[BINDING_HASH_MAX];
};

enum binding_result {
	BINDING_OK,
	BINDING_BAD_HASH,	/* hash protocol not one bit, or not offered */
	BINDING_BAD_NONCE,
	BINDING_BAD_CERT,
	BINDING_BAD_PADDING,	/* SHA-1 value not padded with zeros */
	BINDING_BAD_MAC,
	BINDING_ZERO_KEY,	/* bad MAC, but right for an all-zero HLAK: a hint */
	BINDING_ERROR,		/* the crypto library failed */
};

/* Digest length of @hash; 0 if it is not exactly one known bit. */
size_t binding_hash_len(uint8_t hash);

/* 0 or -1 (crypto library). */
int binding_cert_init(struct binding_cert *cert, const uint8_t *der, size_t len);

/* The fingerprint that goes with @hash, binding_hash_len() bytes. */
const uint8_t *binding_cert_hash(const struct binding_cert *cert, uint8_t hash);

/* 0 or -1. @cmk receives binding_hash_len() bytes. */
int binding_cmk(enum sstp_hash hash, const uint8_t hlak[static BINDING_HLAK_LEN],
		uint8_t cmk[static BINDING_HASH_MAX]);

/* 0 or -1. The MAC field of @pkt is taken as zero whatever it holds. */
int binding_mac(enum sstp_hash hash, const uint8_t hlak[static BINDING_HLAK_LEN],
		const uint8_t pkt[static SSTP_CONNECTED_LEN],
		uint8_t mac[static BINDING_HASH_MAX]);

/* Client: fills the MAC field of a packet from sstp_put_connected(). 0 or -1. */
int binding_sign(uint8_t pkt[static SSTP_CONNECTED_LEN],
		 const uint8_t hlak[static BINDING_HLAK_LEN]);

/*
 * Server: judges a CALL_CONNECTED whose form sstp_connected_check() passed.
 * binding_check() is the part that needs no key: hash, nonce, certificate,
 * padding. binding_verify() is that and the MAC.
 */
enum binding_result binding_check(const uint8_t pkt[static SSTP_CONNECTED_LEN],
				  uint8_t offered_mask,
				  const uint8_t nonce[static SSTP_NONCE_LEN],
				  const struct binding_cert *cert);
enum binding_result binding_verify(const uint8_t pkt[static SSTP_CONNECTED_LEN],
				   uint8_t offered_mask,
				   const uint8_t nonce[static SSTP_NONCE_LEN],
				   const struct binding_cert *cert,
				   const uint8_t hlak[static BINDING_HLAK_LEN]);

const char *binding_result_text(enum binding_result r);

#endif /* SSTPD_BINDING_H */
