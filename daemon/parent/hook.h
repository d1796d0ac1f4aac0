/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Programs of the administrator that are run when a session begins and ends
 * (up-script, down-script). As root, by the parent, without a shell: what they
 * are told is in their environment, and nothing of it is a command. Programs of the
 * system that are told of a client's name servers (dns.h) are run the same way.
 *
 * Sessions do not wait for them. Those of one session run one after the other,
 * those of different sessions side by side, HOOK_RUNNING_MAX at most; one that
 * takes longer than script-timeout is killed, with all that it has started.
 */
#ifndef SSTPD_HOOK_H
#define SSTPD_HOOK_H

#include <stdint.h>

#include "conf/conf.h"
#include "netlink/netcfg.h"
#include "parent/table.h"

#define HOOK_RUNNING_MAX	32
#define HOOK_WAITING_MAX	4096

/** hook_up() - the tunnel of @e stands; @conf: of its section */
void hook_up(const struct entry *e, const struct conf_link *conf);

/** hook_down() - it is about to go, because of @why */
void hook_down(const struct entry *e, const struct conf_link *conf,
	       const char *why);

#define HOOK_ARGS_MAX	24

/**
 * hook_program() - run a program of the system for a client, after those before it
 * @client: number; @name: what the log calls it
 * @args: absolute path and arguments, up to a NULL
 * @input: what it reads, "" = nothing
 *
 * The client's scripts that come later wait for it.
 */
void hook_program(uint32_t client, const char *name, const char *const args[],
		  const char *input, uint32_t timeout_s);

/** hook_exit() - let those that are left run, for some seconds at most */
void hook_exit(void);

#endif /* SSTPD_HOOK_H */
