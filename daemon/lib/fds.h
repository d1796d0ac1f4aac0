/* SPDX-License-Identifier: GPL-2.0-or-later */
/* System calls about descriptors that not every libc has a function for: musl has not. */
#ifndef SSTPD_FDS_H
#define SSTPD_FDS_H

#include <linux/close_range.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

/* Closes @first and all above it. */
static inline void fds_close_from(unsigned int first)
{
	syscall(SYS_close_range, first, ~0U, 0U);
}

/* The same, but once another program is executed. */
static inline void fds_close_on_exec_from(unsigned int first)
{
	syscall(SYS_close_range, first, ~0U, CLOSE_RANGE_CLOEXEC);
}

/* Return: a descriptor, close-on-exec, that can be read when @pid has ended, or -1. */
static inline int fds_of_process(pid_t pid)
{
	return (int)syscall(SYS_pidfd_open, pid, 0U);
}

#endif /* SSTPD_FDS_H */
