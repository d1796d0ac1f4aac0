// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/notify.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/log.h"

#define NOTIFY_WATCHDOG_MIN_MS	100
#define NOTIFY_WATCHDOG_MAX_MS	3600000

void notify_send(const char *state)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	socklen_t len;
	int fd;

	if (!path || !*path || strlen(path) >= sizeof(addr.sun_path))
		return;
	strcpy(addr.sun_path, path);
	/* "@" stands for the zero octet of an abstract address. */
	if (*path == '@')
		addr.sun_path[0] = '\0';
	len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) +
			  strlen(path));
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	if (sendto(fd, state, strlen(state), MSG_NOSIGNAL,
		   (struct sockaddr *)&addr, len) < 0)
		log_warn("cannot notify the service manager: %s",
			 strerror(errno));
	close(fd);
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
