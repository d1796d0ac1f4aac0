/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * System call filter of the children, on top of the lost user id, the empty
 * root directory and no_new_privs (proc_confine()). Three answers to a call:
 *
 *	listed		it is made
 *	hostile		the process is killed (SECCOMP_RET_KILL_PROCESS) and started
 *			again. These are calls that no library makes behind our back,
 *			but that somebody who runs code of his own here would begin
 *			with: another program, another process, other people's memory,
 *			code in writable memory, other kinds of sockets, the parts of
 *			the kernel where its holes are.
 *	any other	EPERM. A library update that tries a new call first and falls
 *			back, or looks for a file, must not end every session; and to
 *			an attacker a call that is not carried out is of no use.
 *
 * Killing for all of them would turn each such update into an outage. Killing for
 * none of them would let whoever broke in try on, in a process with the server's
 * key and everybody's connections, and nobody would hear of it.
 */
#ifndef SSTPD_SANDBOX_H
#define SSTPD_SANDBOX_H

#include <seccomp.h>

enum sandbox_kind {
	SANDBOX_ENGINE,		/* serves connections that it is given */
	SANDBOX_DIALLER,	/* and makes some: to servers, to the web server */
	SANDBOX_AUTHD,
	SANDBOX_EAPD,
	SANDBOX_RADIUS,
	SANDBOX_RESOLVER,
};

/**
 * sandbox_begin() - a filter that refuses everything
 *
 * Return: the filter, for this machine's architecture, or NULL.
 */
scmp_filter_ctx sandbox_begin(void);

/**
 * sandbox_fill() - tell a filter what is listed, and what is hostile
 * @filter: from sandbox_begin(), of one architecture
 * @kind: of process
 *
 * Return: 0, or a negative error number of libseccomp.
 */
int sandbox_fill(scmp_filter_ctx filter, enum sandbox_kind kind);

/**
 * sandbox_enter() - from now on only listed system calls work
 *
 * Ends the process if the filter cannot be installed.
 */
void sandbox_enter(enum sandbox_kind kind);

#endif /* SSTPD_SANDBOX_H */
