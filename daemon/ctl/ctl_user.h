/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The commands of sstpctl that need no daemon: users file and hashes. One that runs is
 * asked whether it knows of a change, and told if that is wished.
 */
#ifndef SSTPD_CTL_USER_H
#define SSTPD_CTL_USER_H

#include "ctl/ctl_ask.h"

/* Both: exit status; what is wrong goes to stderr. */

/** ctl_user() - "user [-f FILE] [--reload] add|del|passwd|list ..."; 2 = wrong usage */
int ctl_user(const struct ctl *ctl, int argc, char **argv);

/** ctl_nt_hash() - password from stdin, its hash to stdout */
int ctl_nt_hash(const struct ctl *ctl);

#endif /* SSTPD_CTL_USER_H */
