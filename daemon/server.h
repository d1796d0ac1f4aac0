/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The server role of the engine: accepts connections, within limits, and makes
 * sessions of them.
 *
 * Limits: connections that are not authenticated are counted in all and per
 * source address; whoever is above is closed at once, before TLS costs
 * anything. Each has a deadline for TLS and HTTP, and SSTP's negotiation timer
 * from then on.
 */
#ifndef SSTPD_SERVER_H
#define SSTPD_SERVER_H

#include "conf.h"

/* The configuration is copied. */
void server_configure(const struct conf_server *conf);
/* Files and sockets as they come from the parent; owned by the server. */
void server_certificate(int fd);
void server_key(int fd);
void server_listen(int fd);
/** server_start() - begin to accept; ends the process if that cannot be */
void server_start(void);
/** server_stop() - accept no more */
void server_stop(void);

#endif /* SSTPD_SERVER_H */
