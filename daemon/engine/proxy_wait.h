/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A connection of a proxy, until its PROXY header is read. */
#ifndef SSTPD_PROXY_WAIT_H
#define SSTPD_PROXY_WAIT_H

#include <stdint.h>
#include <sys/socket.h>

/*
 * @fd: the connection, with TLS next, owned by the callee; -1 if there is no
 *	good header, which @why explains
 * @source: the client, or the proxy where it speaks for itself
 */
typedef void (*proxy_wait_cb)(int fd, const struct sockaddr_storage *source,
			      const char *why);

/**
 * proxy_wait() - read the header of a new connection
 * @fd: owned from now on
 * @proxy: the other end of it
 * @ms: deadline
 * @cb: called once, from the event loop
 */
void proxy_wait(int fd, const struct sockaddr_storage *proxy, uint32_t ms,
		proxy_wait_cb cb);

#endif /* SSTPD_PROXY_WAIT_H */
