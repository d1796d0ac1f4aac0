// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Failures of the system that cannot be brought about from outside. Preloaded
 * (LD_PRELOAD) into sstpd, with SSTP_FAULT=DIRECTORY: a file in there is removed and has
 * the parent
 *	enobufs		find that an answer of the kernel was lost (netlink, ENOBUFS)
 *	die-at-fork	be killed as soon as it has begun another process, such as a script
 * An engine that gets SIGUSR1 is deaf and mute from then on: it does all that it did before,
 * but to end a session when it is told to, and to say what has become of its links.
 */
#include <dlfcn.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "boundary/msg.h"
#include "boundary/proc.h"

static volatile sig_atomic_t deaf_and_mute;

static void on_signal(int sig)
{
	(void)sig;
	deaf_and_mute = 1;
}

static void __attribute__((constructor)) begin(int argc, char **argv)
{
	for (int i = 0; i + 1 < argc; i++)
		if (!strcmp(argv[i], "-P") && !strcmp(argv[i + 1], "engine"))
			signal(SIGUSR1, on_signal);
}

/* Is it a message of @type, to or from the parent, that is not to arrive? */
static int is_lost(uint32_t type, int fd, const struct msghdr *msg, ssize_t len)
{
	struct imsg_hdr hdr;

	if (!deaf_and_mute || fd != PROC_CHANNEL_FD || len < (ssize_t)sizeof(hdr))
		return 0;
	memcpy(&hdr, msg->msg_iov[0].iov_base, sizeof(hdr));
	return hdr.type == type;
}

static int is_asked_for(const char *fault)
{
	const char *dir = getenv("SSTP_FAULT");
	char path[200];

	if (!dir)
		return 0;
	snprintf(path, sizeof(path), "%s/%s", dir, fault);
	return unlink(path) == 0;
}

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
	ssize_t len;

	if (!real)
		real = (ssize_t (*)(int, struct msghdr *, int))dlsym(RTLD_NEXT,
								     "recvmsg");
	if (is_netlink(fd) && is_asked_for("enobufs")) {
		errno = ENOBUFS;
		return -1;
	}
	do {
		len = real(fd, msg, flags);
	} while (is_lost(MSG_DISCONNECT, fd, msg, len));
	return len;
}

ssize_t sendmsg(int fd, const struct msghdr *msg, int flags)
{
	static ssize_t (*real)(int fd, const struct msghdr *msg, int flags);
	const ssize_t len = (ssize_t)msg->msg_iov[0].iov_len;

	if (!real)
		real = (ssize_t (*)(int, const struct msghdr *, int))dlsym(RTLD_NEXT,
									   "sendmsg");
	return is_lost(MSG_LINK_STATE, fd, msg, len) ? len : real(fd, msg, flags);
}

pid_t fork(void)
{
	pid_t (*real)(void) = (pid_t (*)(void))dlsym(RTLD_NEXT, "fork");
	pid_t pid = real();

	if (pid > 0 && is_asked_for("die-at-fork"))
		kill(getpid(), SIGKILL);
	return pid;
}
