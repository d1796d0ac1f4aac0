/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Login attempts on their way to authd, held back as long as brake.h says.
 * Runs in the parent: it knows both the question and the verdict.
 */
#ifndef SSTPD_LOGIN_QUEUE_H
#define SSTPD_LOGIN_QUEUE_H

#include "boundary/msg.h"
#include "conf/conf.h"
#include "lib/stats.h"

/* Where an attempt goes when its time has come, or has not in time. */
struct login_queue_ops {
	void (*pass)(const struct msg_auth_ask *ask);
	void (*refuse)(const struct msg_auth_ask *ask);
};

void login_queue_init(const struct login_queue_ops *ops);
void login_queue_exit(void);

/** login_queue_ask() - an attempt, server role; copied if it has to wait */
void login_queue_ask(const struct conf_login *conf, const struct msg_auth_ask *ask);

/**
 * login_queue_verdict() - how it went
 *
 * Only a wrong password counts against user and source: not that no RADIUS server
 * has answered, nor that an account may not log in.
 */
void login_queue_verdict(const struct conf_login *conf,
		   const struct sockaddr_storage *source, const char *user,
		   const struct auth_result *res);

/** login_queue_drop() - the session is gone, with it what it asked */
void login_queue_drop(uint32_t id);

/** login_queue_stat() - value of a counter of the parent */
uint64_t login_queue_stat(enum stats_id which);

#endif /* SSTPD_LOGIN_QUEUE_H */
