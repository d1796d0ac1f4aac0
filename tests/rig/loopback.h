/* SPDX-License-Identifier: GPL-2.0-or-later */
/* 127.0.0.1 for tests that are run where nobody has set it up: a build without network. */
#ifndef TESTS_RIG_LOOPBACK_H
#define TESTS_RIG_LOOPBACK_H

#include <net/if.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

/* Nothing happens where that is somebody else's to decide. */
static inline void loopback_up(void)
{
	struct ifreq lo = { .ifr_name = "lo" };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return;
	if (ioctl(fd, SIOCGIFFLAGS, &lo) == 0 && !(lo.ifr_flags & IFF_UP)) {
		lo.ifr_flags |= IFF_UP;
		if (ioctl(fd, SIOCSIFFLAGS, &lo) < 0)
			perror("lo cannot be set up");
	}
	close(fd);
}

#endif /* TESTS_RIG_LOOPBACK_H */
