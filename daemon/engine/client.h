/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The client role of the engine, one per [client NAME] section:
 *
 *	Waiting -> Resolving -> Dialling -> Connecting [-> Proxy] -> Session
 *	   ^                       ^            |                       |
 *	   |                       +-- the next address                 |
 *	   +------ back-off: reconnect-min, doubled up to -max ---------+
 *
 * Dialling is waiting for the parent, which makes the socket.
 *
 * A client whose connection is to be replaced goes round once more while it still has
 * that: from Session to Resolving, and back to Session either way.
 *
 * The delay gets up to a quarter of jitter, so that the clients of a restarted
 * server do not come back all at once. It starts again from reconnect-min
 * after a session that was up.
 */
#ifndef SSTPD_CLIENT_H
#define SSTPD_CLIENT_H

#include "boundary/msg.h"
#include "data/settings.h"

/* Clients are numbered in the order in which they are configured. */
void client_configure(const struct conf_client *conf);
/* The CA file of client number @i; owned by the client, of use from client_start() on. */
void client_ca(uint32_t i, int fd);
/* The same of its own certificate and key. */
void client_certificate(uint32_t i, int fd);
void client_key(uint32_t i, int fd);
/**
 * client_start() - all of them dial; ends the process on bad configuration
 *
 * Again: connections to come have the files that came since, if they are any good.
 */
void client_start(void);
/** client_resolved() - answer to MSG_RESOLVE */
void client_resolved(const struct msg_resolved *m);
/** client_dialled() - answer to MSG_DIAL; @fd: ours from now on, -1 = none */
void client_dialled(const struct msg_dialled *m, int fd);
/** client_redial() - the way to the server has changed: a connection is no good, a new one may be */
void client_redial(uint32_t number);
/**
 * client_reconnect() - another connection, in the place of the one that it has
 *
 * The parent decides, when its network is up, whether it takes over the tunnel. Then the
 * one before is drained, and ended in order. If it does not come up, that one stays.
 * After "login-retries" refused logins in a row there is no further attempt while it stays.
 */
void client_reconnect(uint32_t number);
/** client_is_busy() - it has a session */
bool client_is_busy(uint32_t number);
/**
 * client_adopt() - after client_start(): the session of the engine before goes on
 * @fd: session fd, ours from now on
 */
void client_adopt(const struct msg_adopt *m, int fd);
/** client_stop() - dial no more */
void client_stop(void);
/** client_all_done() - none will ever dial again (reconnect = no) */
bool client_all_done(void);

#endif /* SSTPD_CLIENT_H */
