// SPDX-License-Identifier: GPL-2.0-or-later
#include "parent/tun.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <linux/if.h>
#include <linux/if_tun.h>

#include "lib/log.h"

int tun_open(const char *name, struct nl_err *err)
{
	struct ifreq ifr = { .ifr_flags = IFF_TUN | IFF_NO_PI | IFF_TUN_EXCL };
	int fd;

	fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0) {
		err->code = errno;
		snprintf(err->text, sizeof(err->text), "/dev/net/tun: %s",
			 strerror(errno));
		return -1;
	}
	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", name);
	if (ioctl(fd, TUNSETIFF, &ifr) == 0)
		return fd;
	/* EBUSY is how TUN says that the name is taken. */
	err->code = errno == EBUSY ? EEXIST : errno;
	snprintf(err->text, sizeof(err->text), "TUN device %s: %s", name,
		 strerror(err->code));
	close(fd);
	return -1;
}

void tun_carrier(int fd, bool on)
{
	int carrier = on;

	if (ioctl(fd, TUNSETCARRIER, &carrier) < 0)
		log_debug("TUN carrier: %s", strerror(errno));
}
