/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Congestion control of the TCP connection outside: how much of it is on its way
 * at a time, and so how long a queue it makes at a bottleneck. Most of Linux'
 * algorithms fill whatever buffer is there before they slow down; BBR sends at the
 * rate at which the path delivers.
 */
#ifndef SSTPD_CONGESTION_H
#define SSTPD_CONGESTION_H

#include <stdbool.h>

/* As the kernel's TCP_CA_NAME_MAX, the closing zero included. */
#define CONGESTION_NAME_MAX	16

#define CONGESTION_AUTO		"auto"		/* BBR, where the kernel has it */
#define CONGESTION_SYSTEM	"system"	/* leave it as it is */

/**
 * congestion_load() - make @name available to unprivileged processes
 * @name: an algorithm, CONGESTION_AUTO or CONGESTION_SYSTEM
 *
 * A privileged process has to ask once: only for it the kernel loads a module.
 * Logs a warning if there is no such algorithm.
 */
void congestion_load(const char *name);

/** congestion_set() - for socket @fd; if that fails it stays as it is */
void congestion_set(int fd, const char *name);

#endif /* SSTPD_CONGESTION_H */
