// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/notify.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/log.h"

#define NOTIFY_WATCHDOG_MIN_MS	100
#define NOTIFY_WATCHDOG_MAX_MS	3600000

/* A manager that reads nothing for so long has trouble of its own. */
#define NOTIFY_SEND_S		2

static const char *notify_path(void)
{
	const char *path = getenv("NOTIFY_SOCKET");
	const struct sockaddr_un *addr = NULL;

	return path && *path && strlen(path) < sizeof(addr->sun_path) ? path : NULL;
}

bool notify_listens(void)
{
	return notify_path();
}

/* @fd: goes along, if it is one */
static void notify_attach(struct msghdr *msg, void *control, size_t size, int fd)
{
	struct cmsghdr *head = control;

	if (fd < 0)
		return;
	msg->msg_control = control;
	msg->msg_controllen = size;
	head->cmsg_level = SOL_SOCKET;
	head->cmsg_type = SCM_RIGHTS;
	head->cmsg_len = CMSG_LEN(sizeof(fd));
	memcpy(CMSG_DATA(head), &fd, sizeof(fd));
}

static bool notify_deliver(int to, const char *path, const char *state, int fd)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control = { 0 };
	struct iovec iov = { (void *)state, strlen(state) };
	struct msghdr msg = {
		.msg_name = &addr,
		.msg_namelen = (socklen_t)(offsetof(struct sockaddr_un, sun_path) +
					   strlen(path)),
		.msg_iov = &iov,
		.msg_iovlen = 1,
	};

	strcpy(addr.sun_path, path);
	/* "@" stands for the zero octet of an abstract address. */
	if (*path == '@')
		addr.sun_path[0] = '\0';
	notify_attach(&msg, control.bytes, sizeof(control.bytes), fd);
	return sendmsg(to, &msg, MSG_NOSIGNAL) >= 0;
}

static void notify_tell(const char *state, int fd)
{
	const struct timeval limit = { .tv_sec = NOTIFY_SEND_S };
	const char *path = notify_path();
	int to;

	if (!path)
		return;
	to = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (to < 0)
		return;
	setsockopt(to, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
	if (!notify_deliver(to, path, state, fd))
		log_warn("cannot notify the service manager: %s", strerror(errno));
	close(to);
}

void notify_send(const char *state)
{
	notify_tell(state, -1);
}

void notify_keep(const char *name, int fd, bool ends)
{
	char state[80];

	snprintf(state, sizeof(state), "FDSTORE=1\nFDNAME=%s\nFDPOLL=%d", name, ends);
	notify_tell(state, fd);
}

void notify_drop(const char *name)
{
	char state[80];

	snprintf(state, sizeof(state), "FDSTOREREMOVE=1\nFDNAME=%s", name);
	notify_tell(state, -1);
}

uint32_t notify_watchdog_ms(void)
{
	const char *usec = getenv("WATCHDOG_USEC");
	const char *pid = getenv("WATCHDOG_PID");
	unsigned long long ms;

	if (!usec || (pid && strtoul(pid, NULL, 10) != (unsigned long)getpid()))
		return 0;
	ms = strtoull(usec, NULL, 10) / 1000 / 2;
	if (!ms)
		return 0;
	if (ms < NOTIFY_WATCHDOG_MIN_MS)
		return NOTIFY_WATCHDOG_MIN_MS;
	return ms > NOTIFY_WATCHDOG_MAX_MS ? NOTIFY_WATCHDOG_MAX_MS :
					     (uint32_t)ms;
}
