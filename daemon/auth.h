/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PPP authentication: one vtable per method, both roles. The decision itself
 * is made elsewhere (authd): a method turns packets into a struct auth_request
 * and a struct auth_result into packets. The engine sees no password, but for
 * PAP, where the password is the packet.
 *
 *	server, MS-CHAPv2	request: name, challenges, NT-Response
 *				result: ok + "S=..." + HLAK, or error code
 *	client, MS-CHAPv2	request: challenges (name: of the server)
 *				result: NT-Response, "S=..." to expect, HLAK
 *	server, CHAP-MD5	request: name, challenge, digest; result: ok or not
 *	client, CHAP-MD5	request: challenge;	  result: the digest
 *	server, PAP		request: name, password;  result: ok or not
 *	client, PAP		request: nothing;	  result: the password
 *
 * EAP-MSCHAPv2 asks what MS-CHAPv2 asks. To LCP all of EAP is one method; eap.h
 * has its inside. Where the inside is somebody else's (eap_relay.c), request and
 * result carry whole EAP packets, several times in one authentication.
 */
#ifndef SSTPD_AUTH_H
#define SSTPD_AUTH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "binding.h"
#include "buf.h"
#include "chap_md5.h"
#include "eap.h"
#include "mschap.h"
#include "reason.h"

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
};

#define AUTH_METHODS_MAX	6

/**
 * struct auth_methods - methods allowed, in the order they are asked for
 * @id: enum auth_method_id each, 0 ends the list
 */
struct auth_methods {
	uint8_t id[AUTH_METHODS_MAX];
};

#define AUTH_METHODS(...)	((struct auth_methods){ { __VA_ARGS__ } })

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

struct auth;

/* What ppp.c lends to a running method. */
struct auth_ops {
	/* @pkt: code, id, length, data of @proto. */
	void (*send)(void *ctx, uint16_t proto, const uint8_t *pkt, size_t len);
	void (*timer)(void *ctx, unsigned int ms);
	int (*random)(void *ctx, uint8_t *p, size_t len);
	void (*request)(void *ctx, const struct auth_request *req);
	void (*success)(void *ctx);	/* auth->req.name, auth->hlak are set */
	void (*failure)(void *ctx, enum reason reason, const char *text);
};

struct auth_method {
	uint8_t ids;			/* what it stands for; EAP: all its types */
	uint16_t proto;			/* 0xC023, 0xC223, 0xC227 */
	uint8_t algorithm;		/* CHAP: 0x81, 5; 0 = none in the option */
	void (*start)(struct auth *a);
	/* One packet of @proto, its header already checked. */
	void (*input)(struct auth *a, uint8_t code, uint8_t id, struct rbuf data);
	void (*result)(struct auth *a, const struct auth_result *res);
};

enum auth_state {
	AUTH_INITIAL,
	AUTH_SENT,		/* we sent something and repeat it until answered */
	AUTH_WAIT_PEER,		/* the peer is to speak next */
	AUTH_WAIT_RESULT,	/* the password holder is */
	AUTH_SUCCEEDED,
	AUTH_FAILED,
};

/**
 * struct auth_cfg - what a method needs to know
 * @client: we are the peer that proves itself
 * @methods: those allowed; EAP looks for its types
 * @eap_no_key: EAP-MSCHAPv2 gives the crypto binding no key, as some peers do
 * @name: client: user name; server: name in Challenges
 * @max_failures: server: wrong answers before it ends
 * @wait_ms: patience with the other side and with the password holder
 */
struct auth_cfg {
	bool client;
	struct auth_methods methods;
	bool eap_no_key;
	char name[AUTH_NAME_MAX + 1];
	unsigned int max_failures;
	unsigned int wait_ms;
};

/**
 * struct auth - one authentication
 * @method: the one going on; EAP: 0 until there is a type
 * @eap: EAP only
 * @serial: of the latest request
 * @id: identifier of the exchange going on
 * @sends: how often @out has been sent
 * @failures: wrong answers so far (server)
 * @may_change: server MS-CHAPv2: a Change-Password may come, the password has expired
 * @req: the latest request; wiped once answered, but for the name
 * @expect: client MS-CHAPv2: "S=..." the server has to say
 * @hlak: the outcome
 * @last_id: identifier that @last answers
 * @last: our answer, given again when the question is repeated
 * @out: what is repeated on timeout
 */
struct auth {
	const struct auth_method *m;
	const struct auth_ops *ops;
	void *ctx;
	struct auth_cfg cfg;
	enum auth_state state;
	enum auth_method_id method;
	struct eap eap;
	uint32_t serial;
	uint8_t id;
	unsigned int sends;
	unsigned int failures;
	bool may_change;
	struct auth_request req;
	char expect[MSCHAP_AUTH_RESPONSE_LEN + 1];
	uint8_t hlak[BINDING_HLAK_LEN];
	uint8_t last_id;
	uint8_t last[AUTH_PACKET_MAX];
	size_t last_len;
	uint8_t out[AUTH_PACKET_MAX];
	size_t out_len;
};

extern const struct auth_method auth_pap;
extern const struct auth_method auth_mschapv2;
extern const struct auth_method auth_chap_md5;
extern const struct auth_method auth_eap;

/* NULL if @proto/@algorithm is no method of ours. */
const struct auth_method *auth_find(uint16_t proto, uint8_t algorithm);
/* The first of @list that is not in @refused (bits), NULL if none. */
const struct auth_method *auth_preferred(const struct auth_methods *list, uint8_t refused);
/* Is one of @ids (bits) in @list? */
bool auth_allows(const struct auth_methods *list, uint8_t ids);
/* "MS-CHAPv2" and the like, for the log. */
const char *auth_method_name(enum auth_method_id id);

void auth_init(struct auth *a, const struct auth_cfg *cfg,
	       const struct auth_ops *ops, void *ctx);
void auth_start(struct auth *a, const struct auth_method *m);
/* @frame: the packet behind the PPP header of protocol a->m->proto. */
void auth_input(struct auth *a, struct rbuf frame);
void auth_result(struct auth *a, uint32_t serial, const struct auth_result *res);
void auth_timeout(struct auth *a);
/* Stops the timer and wipes everything secret. */
void auth_clear(struct auth *a);

/* ---- for the methods -------------------------------------------------- */

/* Sends a->out now and again every 3 s until the state changes. */
void auth_send_repeated(struct auth *a);
/* Sends a->last, the answer to @id, and keeps it for repetitions of @id. */
void auth_send_answer(struct auth *a, uint8_t id);
void auth_wait_peer(struct auth *a);
/* Completes a->req and hands it over; the name must be in place. */
void auth_ask(struct auth *a);
/* Random bytes. False, and the end, if there are none. */
bool auth_new_challenge(struct auth *a, uint8_t challenge[], size_t len);
/* @hlak may be a->hlak. */
void auth_succeed(struct auth *a, const uint8_t hlak[static BINDING_HLAK_LEN]);
void auth_fail(struct auth *a, enum reason reason, const char *text);
/* A user name as received: not empty, not too long, without NUL. */
bool auth_get_name(struct rbuf in, char name[static AUTH_NAME_MAX + 1]);

#endif /* SSTPD_AUTH_H */
