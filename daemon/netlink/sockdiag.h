/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What TCP knows of a connection, whoever holds its socket (sock_diag(7)): on
 * the kernel path that is the module, on the TUN path the engine.
 */
#ifndef SSTPD_SOCKDIAG_H
#define SSTPD_SOCKDIAG_H

#include <stdint.h>
#include <sys/socket.h>

#include "netlink/nl.h"
#include "netlink/tcpinfo.h"

/**
 * sockdiag_tcp() - look up a connection of this network namespace
 * @local: address and port of this end, as getsockname() says
 * @peer: of the other end, of the same family
 *
 * Return: 0, or -1 with @err filled: no such connection any more, or a kernel
 * without tcp_diag.
 */
int sockdiag_tcp(const struct sockaddr_storage *local,
		 const struct sockaddr_storage *peer, struct tcpinfo *tcp,
		 struct nl_err *err);

#endif /* SSTPD_SOCKDIAG_H */
