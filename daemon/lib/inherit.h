/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Descriptors that a process begins with: those that the one before it left with the
 * service manager, or kept when it executed another program in its place. Both come by
 * the protocol of sd_listen_fds(3): from number 3 on, named in the environment.
 */
#ifndef SSTPD_INHERIT_H
#define SSTPD_INHERIT_H

#include <stdbool.h>
#include <stddef.h>

/* "s4294967295" is the longest of ours. */
#define INHERIT_NAME_MAX	15

struct inherited {
	int fd;
	char name[INHERIT_NAME_MAX + 1];
};

/**
 * inherit_init() - take note of what is there, before anything is opened or forked
 *
 * They are closed on exec from now on, and the environment does not speak of them.
 */
void inherit_init(void);

/** inherit_any() - was there anything? */
bool inherit_any(void);

/**
 * inherit_next() - the first (@prev NULL) or next one that nobody has taken
 *
 * Whoever wants it takes its @fd and sets that to -1.
 */
struct inherited *inherit_next(struct inherited *prev);

/** inherit_close() - those that nobody has taken */
void inherit_close(void);

/**
 * inherit_pass_on() - whatever program is executed in the place of this one begins with @fds
 *
 * No descriptor is where it was then, that of the log among them: there is no way back,
 * but several programs may be tried.
 *
 * Return: false if it failed, with errno.
 */
bool inherit_pass_on(const struct inherited *fds, size_t n);

#endif /* SSTPD_INHERIT_H */
