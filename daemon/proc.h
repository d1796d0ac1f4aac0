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
#include <sys/types.h>

/* The child's end of the socketpair to the parent. */
#define PROC_CHANNEL_FD		3

/** struct proc_child - a running child, seen by the parent */
struct proc_child {
	pid_t pid;
	int fd;
};

/**
 * proc_spawn() - start `sstpd -P @role`
 * @log: value for its -l option: target and level of the log
 *
 * Ends the process on failure: the daemon cannot run without its children.
 */
struct proc_child proc_spawn(const char *role, const char *user,
			     const char *log);

/**
 * struct proc_limits - what a child may use
 * @root: directory to chroot to, NULL = keep the file system
 * @files: limit of open descriptors, 0 = the hard limit
 * @lock_memory: for holders of secrets: nothing of it goes to a swap device
 */
struct proc_limits {
	const char *root;
	unsigned int files;
	bool lock_memory;
};

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

/** proc_log_option() - value of -l for a child */
const char *proc_log_option(unsigned int target, int level);

#endif /* SSTPD_PROC_H */
