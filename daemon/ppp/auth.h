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

#include "data/login.h"
#include "lib/buf.h"
#include "lib/reason.h"
#include "ppp/eap.h"

struct auth;

/* What ppp.c lends to a running method. */
struct auth_ops {
	/* @pkt: code, id, length, data of @proto. */
	void (*send)(void *ctx, uint16_t proto, const uint8_t *pkt, size_t len);
	void (*timer)(void *ctx, unsigned int ms);
	int (*random)(void *ctx, uint8_t *p, size_t len);
	/* Server: see struct ppp_ops. */
	int (*challenge)(void *ctx, uint8_t *p, size_t len);
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
	AUTH_WAIT_CHALLENGE,	/* server: nothing to send yet */
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
 * @identity: client: what EAP says first, in the clear; empty = @name
 * @max_failures: server: wrong answers before it ends
 * @wait_ms: patience with the other side and with the password holder
 */
struct auth_cfg {
	bool client;
	struct auth_methods methods;
	bool eap_no_key;
	char name[AUTH_NAME_MAX + 1];
	char identity[AUTH_NAME_MAX + 1];
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

void auth_init(struct auth *a, const struct auth_cfg *cfg,
	       const struct auth_ops *ops, void *ctx);
void auth_start(struct auth *a, const struct auth_method *m);
/* @frame: the packet behind the PPP header of protocol a->m->proto. */
void auth_input(struct auth *a, struct rbuf frame);
void auth_result(struct auth *a, uint32_t serial, const struct auth_result *res);
/* There is a challenge now: ops->challenge() had none. */
void auth_challenge_ready(struct auth *a);
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
/*
 * Random bytes, which the server's are given. False if there are none: that is the
 * end, or a new start once there are some.
 */
bool auth_new_challenge(struct auth *a, uint8_t challenge[], size_t len);
/* @hlak may be a->hlak. */
void auth_succeed(struct auth *a, const uint8_t hlak[static BINDING_HLAK_LEN]);
void auth_fail(struct auth *a, enum reason reason, const char *text);
/* A user name as received: not empty, not too long, without NUL. */
bool auth_get_name(struct rbuf in, char name[static AUTH_NAME_MAX + 1]);

#endif /* SSTPD_AUTH_H */
