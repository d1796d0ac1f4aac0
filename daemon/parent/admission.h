/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who may have what: a session from its question for the login to its end, as the
 * parent sees it. Engines ask, authd, eapd and radius decide who somebody is, and
 * here that becomes addresses, an interface, a data path. Nothing that an engine
 * says is believed further than what was given out.
 */
#ifndef SSTPD_ADMISSION_H
#define SSTPD_ADMISSION_H

#include <stdbool.h>
#include <stdint.h>

#include "auth/userdb.h"
#include "boundary/imsg.h"
#include "boundary/msg.h"
#include "conf/conf.h"
#include "lib/reason.h"
#include "parent/children.h"

/** admission_init() - @conf must stay valid; what it says may change */
void admission_init(const struct conf *conf);
/** admission_start() - make the pools */
void admission_start(void);
/** admission_resumed() - @n sessions were there before, whatever the limits are now */
void admission_resumed(unsigned int n);
/** admission_drop_ended() - of those that were there before, who has ended meanwhile */
void admission_drop_ended(void);
/** admission_look_at_users() - who is in the users file now, and who not any more? */
void admission_look_at_users(void);
/** admission_reserve() - the users file is this one now: what has it given away? */
void admission_reserve(const struct userdb *users);

/**
 * admission_check_users() - may the users file of @next take the place of the one in force?
 * @users: what is in it, NULL = it has none
 *
 * One without any account is none that somebody wanted while its users are connected.
 * Return: number of errors, which @report was told.
 */
unsigned int admission_check_users(const struct conf *next, const struct userdb *users,
				   conf_report report, void *ctx);

/** admission_challenge() - @id is about to authenticate somebody */
void admission_challenge(uint32_t id);
/** admission_disconnect() - ask the engine to end a session; false if unknown */
bool admission_disconnect(uint32_t id, enum reason reason);
/** admission_disconnect_user() - all of the account called @name; how many? */
unsigned int admission_disconnect_user(const char *name);
/**
 * admission_reconnect() - have that client replace its connection, or dial now if it has none
 *
 * Where one connection cannot take over from another, the one that is there ends first.
 * Return: NULL, or why it does not.
 */
const char *admission_reconnect(uint32_t client);
/**
 * admission_end_others() - end, in order, the sessions that the next sstpd cannot go on with
 *
 * Return: are there any left? Then it is to be called again.
 */
bool admission_end_others(void);
/** admission_leave() - those that are left are gone, the others are kept as they are now */
void admission_leave(void);
/** admission_drop_all() - of @engine, NULL = all: they are gone */
void admission_drop_all(const struct child *engine, enum reason reason,
			const char *why);
/**
 * admission_engine_gone() - what of its sessions cannot go on without it ends
 *
 * Those whose data path is the kernel's wait for the next engine.
 */
void admission_engine_gone(const struct child *engine);
/** admission_engine_back() - there is another one: it gets those that have waited */
void admission_engine_back(const struct child *engine);
/** admission_end_logins() - answers will not come for those who have none yet */
void admission_end_logins(void);

/* Messages; see msg.h. */
void admission_auth_ask(struct child *engine, const struct msg_auth_ask *ask);
/** admission_pass_on() - authd leaves the answer about @ask to @to, by @msg */
void admission_pass_on(struct child *to, enum msg_type type,
		       const struct msg_auth_ask *ask, const void *msg);
void admission_verdict(struct child *child, const struct msg_auth_verdict *v);
void admission_path_socket(struct child *engine, struct imsg *m);
void admission_path_open(struct child *engine, const struct msg_path_open *req);
void admission_path_update(struct child *engine, const struct msg_path_update *m);
void admission_link_state(struct child *engine, const struct msg_link_state *m);
void admission_idle_ask(const struct msg_session *m);
void admission_session_end(const struct msg_session_end *m);
void admission_grant_change(const struct msg_grant_change *m);

/** admission_inner_ask() - PEAP: eapd needs a proof of the password that authd has */
void admission_inner_ask(struct child *child, const struct msg_inner_ask *m);

#endif /* SSTPD_ADMISSION_H */
