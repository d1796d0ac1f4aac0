/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * System call filter of the children, on top of the lost user id, the empty
 * root directory and no_new_privs (proc_confine()).
 */
#ifndef SSTPD_SANDBOX_H
#define SSTPD_SANDBOX_H

enum sandbox_kind {
	SANDBOX_ENGINE,
	SANDBOX_AUTHD,
	SANDBOX_EAPD,
	SANDBOX_RADIUS,
};

/**
 * sandbox_enter() - from now on only listed system calls work
 *
 * Others fail with EPERM instead of killing the process: a library update that
 * tries a new call first and falls back must not take every session down.
 * Ends the process if the filter cannot be installed.
 */
void sandbox_enter(enum sandbox_kind kind);

#endif /* SSTPD_SANDBOX_H */
