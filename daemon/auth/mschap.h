/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * MS-CHAPv2 arithmetic: RFC 2759 section 8 and the MPPE start keys of RFC 3079
 * section 3. Used by the process that holds password data (authd).
 *
 * MD4 and DES live in OpenSSL's legacy provider. It is loaded into a library
 * context of its own, so nothing else in the process starts accepting them.
 * mschap_new() opens provider files: call it before any sandbox closes.
 *
 * Unless said otherwise functions return 0, or -1 if the crypto library
 * failed. Results are secret: wipe them with OPENSSL_cleanse().
 */
#ifndef SSTPD_MSCHAP_H
#define SSTPD_MSCHAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "data/login.h"

#define MSCHAP_KEY_LEN			16
#define MSCHAP_HLAK_LEN			32
#define MSCHAP_PASSWORD_MAX		256	/* UTF-16 units, RFC 2759 8.1 */

struct mschap;

/* NULL if the legacy provider is missing (Debian 13: openssl-provider-legacy). */
struct mschap *mschap_new(void);
void mschap_free(struct mschap *m);

/* Password as UTF-8. -1 also if it is not valid UTF-8 or too long. */
int mschap_nt_hash(struct mschap *m, const char *password, size_t len,
		   uint8_t nt_hash[static MSCHAP_NT_HASH_LEN]);

/* RFC 2759 8.2; a "DOMAIN\" in front of @user is left out as Windows does. */
int mschap_challenge_hash(struct mschap *m,
			  const uint8_t peer[static MSCHAP_CHALLENGE_LEN],
			  const uint8_t auth[static MSCHAP_CHALLENGE_LEN],
			  const char *user, uint8_t out[static 8]);
int mschap_nt_response(struct mschap *m, const uint8_t challenge[static 8],
		       const uint8_t nt_hash[static MSCHAP_NT_HASH_LEN],
		       uint8_t out[static MSCHAP_NT_RESPONSE_LEN]);
/* Text "S=" + upper-case hex, NUL-terminated. */
int mschap_auth_response(struct mschap *m,
			 const uint8_t nt_hash[static MSCHAP_NT_HASH_LEN],
			 const uint8_t nt_response[static MSCHAP_NT_RESPONSE_LEN],
			 const uint8_t challenge[static 8],
			 char out[static MSCHAP_AUTH_RESPONSE_LEN + 1]);
/*
 * The 128-bit start keys in SSTP's order: client send | client receive. The
 * same 32 bytes on both sides; this is the HLAK.
 */
int mschap_hlak(struct mschap *m, const uint8_t nt_hash[static MSCHAP_NT_HASH_LEN],
		const uint8_t nt_response[static MSCHAP_NT_RESPONSE_LEN],
		uint8_t hlak[static MSCHAP_HLAK_LEN]);

/**
 * struct mschap_result - everything one exchange yields
 * @nt_response: what the client sends
 * @auth_response: what the server sends back and the client must compare
 * @hlak: key for the crypto binding
 */
struct mschap_result {
	uint8_t nt_response[MSCHAP_NT_RESPONSE_LEN];
	char auth_response[MSCHAP_AUTH_RESPONSE_LEN + 1];
	uint8_t hlak[MSCHAP_HLAK_LEN];
};

/* The whole computation, for a client to send or a server to compare with. */
int mschap_compute(struct mschap *m, const uint8_t nt_hash[static MSCHAP_NT_HASH_LEN],
		   const char *user,
		   const uint8_t auth[static MSCHAP_CHALLENGE_LEN],
		   const uint8_t peer[static MSCHAP_CHALLENGE_LEN],
		   struct mschap_result *res);

/*
 * Server: 1 = @nt_response is right and @res filled, 0 = wrong, -1 = failure.
 * @res is wiped unless 1 is returned.
 */
int mschap_verify(struct mschap *m, const uint8_t nt_hash[static MSCHAP_NT_HASH_LEN],
		  const char *user,
		  const uint8_t auth[static MSCHAP_CHALLENGE_LEN],
		  const uint8_t peer[static MSCHAP_CHALLENGE_LEN],
		  const uint8_t nt_response[static MSCHAP_NT_RESPONSE_LEN],
		  struct mschap_result *res);

/**
 * mschap_change() - the new password of a Change-Password packet, RFC 2759 8.9-8.13
 * @old_hash: NT hash of the password that there is
 * @password: the new one, encrypted with it
 * @check: @old_hash encrypted with the new hash
 * @new_hash: secret
 *
 * Return: 1, 0 = whoever made it does not know the old password, -1 = failure.
 */
int mschap_change(struct mschap *m, const uint8_t old_hash[static MSCHAP_NT_HASH_LEN],
		  const uint8_t password[static MSCHAP_NEW_PASSWORD_LEN],
		  const uint8_t check[static MSCHAP_NT_HASH_LEN],
		  uint8_t new_hash[static MSCHAP_NT_HASH_LEN]);

/**
 * mschap_make_change() - the same from the other side
 * @text: new password, UTF-8
 *
 * Return: 0; -1 also if @text is not valid or too long.
 */
int mschap_make_change(struct mschap *m, const uint8_t old_hash[static MSCHAP_NT_HASH_LEN],
		       const char *text, uint8_t password[static MSCHAP_NEW_PASSWORD_LEN],
		       uint8_t check[static MSCHAP_NT_HASH_LEN],
		       uint8_t new_hash[static MSCHAP_NT_HASH_LEN]);

#endif /* SSTPD_MSCHAP_H */
