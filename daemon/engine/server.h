/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The server role of the engine: accepts connections, within limits, and makes
 * sessions of them.
 *
 * Limits: connections in TLS handshake or HTTP, and calls that are not
 * authenticated, are counted in all and per source; whoever is above is closed
 * at once, before TLS costs anything. Each has a deadline for TLS and HTTP, and
 * SSTP's negotiation timer from then on. Whether there is room for a session is
 * answered in HTTP: a client shows that, and a load balancer asks for it.
 */
#ifndef SSTPD_SERVER_H
#define SSTPD_SERVER_H

#include "boundary/msg.h"
#include "data/settings.h"

/*
 * A configuration, which is copied, then its files and sockets; they belong to
 * the server from then on. None of it counts before server_start().
 */
void server_configure(const struct conf_server *conf);
void server_certificate(uint32_t number, int fd);
void server_key(uint32_t number, int fd);
void server_ocsp(uint32_t number, int fd);
void server_client_ca(int fd);
/** server_listen() - @number: of the address; nothing new if we listen on it already */
void server_listen(uint32_t number, int fd);
/** server_spoil() - something of it got lost: the old one stays */
void server_spoil(void);

/**
 * server_start() - serve by the configuration that came last
 *
 * The first time it begins to accept, and ends the process if that cannot be.
 * Later it is for connections to come: sessions keep what they began with. If
 * the new configuration is of no use the old one stays.
 */
void server_start(void);
/**
 * server_adopt() - a session of the engine before goes on, by the rules in force
 * @fd: session fd, ours from now on
 */
void server_adopt(const struct msg_adopt *m, int fd);
/** server_listen_end() - serve who waits there already, and nobody later */
void server_listen_end(uint32_t number);
/** server_listen_none() - the same on all addresses */
void server_listen_none(void);
/** server_is_quiet() - is there nobody of whom a session may come? */
bool server_is_quiet(void);
/** server_stop() - accept no more */
void server_stop(void);

#endif /* SSTPD_SERVER_H */
