/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Child processes. The daemon re-executes itself for every role, so that each
 * child has an address space of its own layout and no copy of the parent's
 * memory; what it needs comes by message. A child first drops everything it
 * does not need (proc_confine()), then reads its first message.
 */
#ifndef SSTPD_PROC_H
#define SSTPD_PROC_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* The child's end of the socketpair to the parent. */
#define PROC_CHANNEL_FD		3

/* Bytes that a child may have written to its stderr and nobody has read. */
#define PROC_LOG_PIPE		(1024 * 1024)

/**
 * struct proc_child - a running child, seen by the parent
 * @fd: the parent's end of the socketpair
 * @log: the reading end of its stderr, non-blocking
 */
struct proc_child {
	pid_t pid;
	int fd;
	int log;
};

/**
 * struct proc_role - how `sstpd -P ROLE` is started
 * @dials: an engine that makes connections
 * @user: account for all roles; one named USER-ROLE, if there is such, goes first
 * @log_level: of syslog.h; it writes to its stderr
 */
struct proc_role {
	const char *name;
	bool dials;
	const char *user;
	int log_level;
};

/** proc_spawn() - return: the child; .fd = -1 and errno if there is none */
struct proc_child proc_spawn(const struct proc_role *role);

/**
 * struct proc_limits - what a child may use
 * @root: directory to chroot to, NULL = keep the file system
 * @files: limit of open descriptors, 0 = the hard limit
 * @file_size: bytes up to which a file that it was given may grow, or PROC_ANY_SIZE
 * @lock_memory: for holders of secrets: nothing of it goes to a swap device
 */
struct proc_limits {
	const char *root;
	unsigned int files;
	uint64_t file_size;
	bool lock_memory;
};

#define PROC_ANY_SIZE		UINT64_MAX

/* An empty directory for children that need no files. */
#define PROC_EMPTY_DIR		"/run/sstpd/empty"

/**
 * proc_confine() - give up root, new privileges, core dumps and files
 * @user: account to become; without root this process stays who it is
 */
void proc_confine(const char *user, const struct proc_limits *limits);

/** proc_hide() - no core files, no debugger of other users: secrets are here */
void proc_hide(void);

/** proc_raise_files() - allow as many descriptors as the system lets us */
void proc_raise_files(void);

/** proc_default_user() - _sstpd if there is such an account, else nobody */
const char *proc_default_user(void);

/** proc_uid() - the number of the account that a role gets; false if there is none */
bool proc_uid(const char *user, const char *role, uint32_t *uid);

#endif /* SSTPD_PROC_H */
