// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A later module, preloaded (LD_PRELOAD) into sstpd: ahead of each message of a session fd
 * comes one of a type that nobody knows yet.
 */
#include <dlfcn.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include <linux/if_sstp.h>

struct later {
	struct sstp_fd_hdr hdr;
	char body[9];
};

/* Whoever reads so many bytes reads a message. */
ssize_t read(int fd, void *buf, size_t size)
{
	static const struct later later = { { 77, 78, 79 }, "whatever" };
	static ssize_t (*real)(int fd, void *buf, size_t size);
	static bool told;

	if (!real)
		real = (ssize_t (*)(int, void *, size_t))dlsym(RTLD_NEXT, "read");
	told = size == SSTP_FD_MSG_MAX && !told;
	if (!told)
		return real(fd, buf, size);
	memcpy(buf, &later, sizeof(later));
	return sizeof(later);
}
