/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TESTS_RIG_STORE_FILE_H
#define TESTS_RIG_STORE_FILE_H

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/** store_file() - descriptor of the file in memory that parent/store.c has made, or -1 */
static inline int store_file(void)
{
	char path[40], is[80];
	ssize_t n;

	for (int fd = 3; fd < 100; fd++) {
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
		n = readlink(path, is, sizeof(is) - 1);
		if (n < 0)
			continue;
		is[n] = '\0';
		if (strstr(is, "sstpd-state"))
			return fd;
	}
	return -1;
}

#endif /* TESTS_RIG_STORE_FILE_H */
