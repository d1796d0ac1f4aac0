/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * TCP sockets in named network namespaces.
 *
 * A socket belongs for life to the namespace the thread was in when it was
 * made, so one process can hold both ends of a connection between two
 * namespaces. Functions return a file descriptor or -errno.
 */
#ifndef SELFTESTS_NET_H
#define SELFTESTS_NET_H

#include <stdbool.h>
#include <stdint.h>

/* Enter the namespace /run/netns/@name, or that path; NULL or "" stays. 0 or -errno. */
int net_enter(const char *name);

/* IPv4 or IPv6 literals in @addr; port in host byte order. */
int net_listen(const char *addr, uint16_t port);
int net_accept(int listen_fd, int timeout_ms);

/* Keeps trying while the connection is refused, until @timeout_ms is over. */
int net_connect(const char *addr, uint16_t port, int timeout_ms);

/* poll() one fd. 1 ready, 0 timed out, or -errno. */
int net_wait(int fd, short events, int timeout_ms);

/* Close a TCP socket with an RST. 0 or -1 with errno; the descriptor is gone. */
int net_reset(int fd);

/* Milliseconds of a clock that only goes forward. */
int64_t net_now_ms(void);

#endif /* SELFTESTS_NET_H */
