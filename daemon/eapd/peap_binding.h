/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Crypto-Binding of PEAPv0, [MS-PEAP] 2.2.8.1.1 and 3.1.5.5: proof that whoever is at the
 * other end of TLS is who knows the password inside, and the keys that come from both.
 */
#ifndef SSTPD_PEAP_BINDING_H
#define SSTPD_PEAP_BINDING_H

#include <stdbool.h>
#include <stdint.h>

#include "data/login.h"
#include "lib/buf.h"

#define PEAP_TUNNEL_KEY_LEN	40	/* of the 60 bytes of TK, what is used */
#define PEAP_ISK_LEN		32
#define PEAP_IPMK_LEN		40
#define PEAP_CMK_LEN		20

#define PEAP_TLV_BINDING	12
#define PEAP_NONCE_LEN		32
#define PEAP_MAC_LEN		20
/* Type, Length, nothing, both versions, subtype, nonce, Compound MAC */
#define PEAP_BINDING_TLV_LEN	(4 + 4 + PEAP_NONCE_LEN + PEAP_MAC_LEN)

/** struct peap_keys - @ipmk: for session keys; @cmk: for the Compound MAC; secret */
struct peap_keys {
	uint8_t ipmk[PEAP_IPMK_LEN];
	uint8_t cmk[PEAP_CMK_LEN];
};

enum peap_subtype {
	PEAP_BINDING_REQUEST	= 0,
	PEAP_BINDING_RESPONSE	= 1,
};

/**
 * peap_keys_derive() - from both layers
 * @tk: what TLS gives
 * @isk: what the method inside gives; MS-CHAPv2: the key of the client's direction first
 */
bool peap_keys_derive(struct peap_keys *keys, const uint8_t tk[static PEAP_TUNNEL_KEY_LEN],
		      const uint8_t isk[static PEAP_ISK_LEN]);

/** peap_keys_hlak() - first half of the MSK that comes from @keys; secret */
bool peap_keys_hlak(const struct peap_keys *keys, uint8_t hlak[static BINDING_HLAK_LEN]);

/** peap_binding_put() - a Crypto-Binding TLV, with its MAC */
bool peap_binding_put(struct wbuf *w, const struct peap_keys *keys, enum peap_subtype subtype,
		      const uint8_t nonce[static PEAP_NONCE_LEN]);

/** peap_binding_ok() - is @tlv of @subtype, for version 0, and made with @keys? */
bool peap_binding_ok(const struct peap_keys *keys, enum peap_subtype subtype,
		     const uint8_t tlv[static PEAP_BINDING_TLV_LEN]);

#endif /* SSTPD_PEAP_BINDING_H */
