/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A login as it crosses from one process to another: what the engine asks about a
 * peer, and what authd, eapd or radius answer. Plain data, fixed size, no pointers.
 */
#ifndef SSTPD_DATA_LOGIN_H
#define SSTPD_DATA_LOGIN_H

#include <stdbool.h>
#include <stdint.h>

/* RFC 2759 */
#define MSCHAP_CHALLENGE_LEN		16
#define MSCHAP_NT_HASH_LEN		16
#define MSCHAP_NT_RESPONSE_LEN		24
#define MSCHAP_AUTH_RESPONSE_LEN	42	/* "S=" + 40 hex digits */
#define MSCHAP_NEW_PASSWORD_LEN		516	/* RFC 2759 8.9 */

/* Of the key that the crypto binding takes from the authentication, MS-SSTP 3.2.5.2.2 */
#define BINDING_HLAK_LEN		32

/* RFC 1994 */
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

#define AUTH_NAME_MAX		255
#define AUTH_PASSWORD_MAX	255
#define AUTH_MESSAGE_MAX	128
/* The MRU that every peer has: no EAP packet is longer. */
#define AUTH_PACKET_MAX		1500
#define AUTH_CHANGE_LEN		(MSCHAP_NEW_PASSWORD_LEN + MSCHAP_NT_HASH_LEN)

/* Bits, for sets of them. */
enum auth_method_id {
	AUTH_PAP		= 0x01,
	AUTH_MSCHAPV2		= 0x02,
	AUTH_CHAP_MD5		= 0x04,
	AUTH_EAP_MSCHAPV2	= 0x08,
	AUTH_EAP_TLS		= 0x10,
	AUTH_EAP_RADIUS		= 0x20,	/* server: any type that RADIUS knows */
	AUTH_PEAP		= 0x40,	/* client; MS-CHAPv2 is in it */
};

#define AUTH_METHODS_MAX	7

/**
 * struct auth_methods - methods allowed, in the order they are asked for
 * @id: enum auth_method_id each, 0 ends the list
 */
struct auth_methods {
	uint8_t id[AUTH_METHODS_MAX];
};

#define AUTH_METHODS(...)	((struct auth_methods){ { __VA_ARGS__ } })

/* Who says that somebody has that name. */
enum account_from {
	ACCOUNT_OWN	= 'o',	/* client role: we ourselves */
	ACCOUNT_USERS	= 'u',	/* the users file: the name as it is in there */
	ACCOUNT_RADIUS	= 'r',	/* the RADIUS server: it has seen a proof of it */
	ACCOUNT_CLAIMED	= 'c',	/* nobody but the peer */
};

/** struct account - whose a session is; two are the same if their keys are */
struct account {
	char key[AUTH_NAME_MAX + 2];
};

/**
 * account_of() - the one place that decides whose name @user is
 * @fold: names that differ in capitals (A to Z) or in their domain are one; not for
 *	ACCOUNT_USERS, whose names are those of the file
 */
struct account account_of(enum account_from from, bool fold, const char *user);
/** account_same() - is it the same one? Nobody, the empty one, is not. */
bool account_same(const struct account *a, const struct account *b);
/** account_proved() - somebody else than the peer says so */
bool account_proved(const struct account *a);
/** account_same_name() - do two names stand for one account of the same directory? */
bool account_same_name(bool fold, const char *a, const char *b);

/** account_name() - what follows the domain in "CORP\\alice" */
const char *account_name(const char *user);
/** auth_allows() - is one of @ids (bits) in @list? */
bool auth_allows(const struct auth_methods *list, uint8_t ids);
/** auth_method_name() - "MS-CHAPv2" and the like, for the log */
const char *auth_method_name(enum auth_method_id id);

/* RFC 2759 section 6, the error codes a server may use. */
enum auth_error {
	AUTH_ERR_RESTRICTED_HOURS	= 646,
	AUTH_ERR_DISABLED		= 647,
	AUTH_ERR_PASSWORD_EXPIRED	= 648,
	AUTH_ERR_NO_DIALIN		= 649,
	AUTH_ERR_CREDENTIALS		= 691,
	AUTH_ERR_CHANGING_PASSWORD	= 709,
};

/**
 * struct auth_request - question to the password holder
 * @serial: repeated in the answer; an answer with another serial is ignored
 * @method: whose fields are valid
 * @client: we are the peer that proves itself
 * @name: server role: user name as received, "DOMAIN\" included, no NUL
 *	inside; client role: our configured user name
 * @password: server PAP only
 * @auth_challenge: MS-CHAPv2: the authenticator's challenge
 * @peer_challenge: MS-CHAPv2: the peer's (client role: chosen by the machine)
 * @nt_response: server MS-CHAPv2 only
 * @md5: CHAP-MD5; its digest is for the server role only
 * @packet_len: bytes in @packet
 * @packet: EAP-TLS, EAP by RADIUS: the peer's EAP packet; server,
 *	@change: AUTH_CHANGE_LEN bytes, the new password as it is encrypted with the old
 *	one, and what proves it
 * @change: MS-CHAPv2: a new password, and a login with it
 */
struct auth_request {
	uint32_t serial;
	enum auth_method_id method;
	bool client;
	char name[AUTH_NAME_MAX + 1];
	char password[AUTH_PASSWORD_MAX + 1];
	uint8_t auth_challenge[MSCHAP_CHALLENGE_LEN];
	uint8_t peer_challenge[MSCHAP_CHALLENGE_LEN];
	uint8_t nt_response[MSCHAP_NT_RESPONSE_LEN];
	struct chap_md5 md5;
	bool change;
	uint16_t packet_len;
	uint8_t packet[AUTH_PACKET_MAX];
};

/**
 * struct auth_result - its answer
 * @ok: server: credentials are right; client: the fields below are valid
 * @error: server, not ok: enum auth_error (0 counts as 691)
 * @retry: server, not ok: the user may try again in this call
 * @message: server: text for the user ("M=" of MS-CHAPv2), may be empty
 * @password: client PAP only
 * @nt_response: client MS-CHAPv2 only
 * @digest: client CHAP-MD5 only
 * @auth_response: MS-CHAPv2: "S=..." to send (server) or to expect (client)
 * @hlak: key for the crypto binding; all zero for PAP and CHAP-MD5
 * @more: EAP-TLS, EAP by RADIUS: neither yes nor no. With a @packet it goes on;
 *	without one this user is not of this method, so another may be tried
 * @packet_len: bytes in @packet
 * @packet: EAP packet for the peer; not for Success and Failure, which are ours.
 *	Client, change: as in the request
 */
struct auth_result {
	bool ok;
	bool more;
	uint16_t error;
	bool retry;
	char message[AUTH_MESSAGE_MAX];
	char password[AUTH_PASSWORD_MAX + 1];
	uint8_t nt_response[MSCHAP_NT_RESPONSE_LEN];
	uint8_t digest[CHAP_MD5_LEN];
	char auth_response[MSCHAP_AUTH_RESPONSE_LEN + 1];
	uint8_t hlak[BINDING_HLAK_LEN];
	uint16_t packet_len;
	uint8_t packet[AUTH_PACKET_MAX];
};

#endif /* SSTPD_DATA_LOGIN_H */
