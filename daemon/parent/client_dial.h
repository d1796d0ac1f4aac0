/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The outer connections of clients: their sockets, which are marked here because an
 * engine has no right to, and the way that they take. Runs in the parent.
 */
#ifndef SSTPD_CLIENT_DIAL_H
#define SSTPD_CLIENT_DIAL_H

#include <stdbool.h>
#include <stdint.h>

#include "boundary/msg.h"
#include "conf/conf.h"

/** client_dial_init() - @conf must stay valid */
void client_dial_init(const struct conf *conf);

/**
 * client_dial_resolved() - the name of a client's server was looked up
 *
 * If that failed, @m is made the answer of the last time: name servers may be behind the
 * tunnel that is not there.
 */
void client_dial_resolved(struct msg_resolved *m);

/**
 * client_dial_socket() - a socket for the next connection, marked
 * @m: for which of the addresses last resolved; the engine may make up any
 * @busy: there is to be none just now
 * @again: a connection of the client is up, and to be replaced: only to the same host
 *
 * Return: the socket, or -1 with the reason in @answer.
 */
int client_dial_socket(const struct msg_dial *m, bool busy, bool again,
		       struct msg_dialled *answer);

/** client_dial_is_to() - is the latest socket for a connection to the host of @peer? */
bool client_dial_is_to(uint32_t client, const struct sockaddr_storage *peer);

/** client_dial_resume() - another process has made the connection to @peer, which goes on */
void client_dial_resume(uint32_t client, const struct sockaddr_storage *peer);

/**
 * client_dial_look() - the routes of this machine have changed
 *
 * Return: true if the connection cannot go on by that, or a new attempt is worth while.
 */
bool client_dial_look(uint32_t client);

#endif /* SSTPD_CLIENT_DIAL_H */
