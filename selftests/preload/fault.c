// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Failures of the system that cannot be brought about from outside. Preloaded
 * (LD_PRELOAD) into sstpd, with SSTP_FAULT=DIRECTORY: as often as there is a file
 * DIRECTORY/enobufs, which is then removed, the parent finds that an answer of the
 * kernel was lost (netlink, ENOBUFS).
 */
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static int is_netlink(int fd)
{
	socklen_t len = sizeof(int);
	int domain = 0;

	return getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &len) == 0 &&
	       domain == AF_NETLINK;
}

ssize_t recvmsg(int fd, struct msghdr *msg, int flags)
{
	static ssize_t (*real)(int fd, struct msghdr *msg, int flags);
	static char path[200];
	const char *dir;

	if (!real) {
		real = (ssize_t (*)(int, struct msghdr *, int))dlsym(RTLD_NEXT,
								     "recvmsg");
		dir = getenv("SSTP_FAULT");
		if (dir)
			snprintf(path, sizeof(path), "%s/enobufs", dir);
	}
	if (*path && is_netlink(fd) && unlink(path) == 0) {
		errno = ENOBUFS;
		return -1;
	}
	return real(fd, msg, flags);
}
