/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a child says: its stderr is a pipe that ends here. Each line goes into the
 * log under the name of the child, whatever it says it is.
 */
#ifndef SSTPD_CHILD_LOG_H
#define SSTPD_CHILD_LOG_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/log.h"

struct event;

/**
 * struct child_log - the pipe of one child
 * @role: its name; must stay valid
 * @len: bytes of a line that has not ended yet, in @buf
 * @too_long: what comes is the rest of a line of which a part has been written
 */
struct child_log {
	const char *role;
	int fd;
	struct event *readable;
	struct log_limit limit;
	size_t len;
	bool too_long;
	char buf[2 * LOG_RELAY_MAX];
};

/**
 * child_log_open() - write its lines from now on
 * @fd: the reading end, non-blocking; closed by child_log_close()
 */
void child_log_open(struct child_log *log, const char *role, int fd);

/** child_log_close() - write what is still in the pipe of a child that is dead */
void child_log_close(struct child_log *log);

#endif /* SSTPD_CHILD_LOG_H */
