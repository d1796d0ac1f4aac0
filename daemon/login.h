/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Login attempts on their way to authd, held back as long as guard.h says.
 * Runs in the parent: it knows both the question and the verdict.
 */
#ifndef SSTPD_LOGIN_H
#define SSTPD_LOGIN_H

#include "conf.h"
#include "msg.h"
#include "stats.h"

/* Where an attempt goes when its time has come, or has not in time. */
struct login_ops {
	void (*pass)(const struct msg_auth_ask *ask);
	void (*refuse)(const struct msg_auth_ask *ask);
};

void login_init(const struct login_ops *ops);
void login_exit(void);

/** login_ask() - an attempt, server role; copied if it has to wait */
void login_ask(const struct conf_login *conf, const struct msg_auth_ask *ask);

/**
 * login_verdict() - how it went
 *
 * Only a wrong password counts against user and source: not that no RADIUS server
 * has answered, nor that an account may not log in.
 */
void login_verdict(const struct conf_login *conf,
		   const struct sockaddr_storage *source, const char *user,
		   const struct auth_result *res);

/** login_drop() - the session is gone, with it what it asked */
void login_drop(uint32_t id);

/** login_stat() - value of a counter of the parent */
uint64_t login_stat(enum stats_id which);

#endif /* SSTPD_LOGIN_H */
