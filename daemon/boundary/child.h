/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The child processes, entered by `sstpd -P ROLE`. Each confines itself, tells
 * the parent MSG_READY and serves messages until the parent goes away.
 */
#ifndef SSTPD_CHILD_H
#define SSTPD_CHILD_H

#include <stdbool.h>

/* @user: account to run as; @dials: makes connections, too */
int engine_main(const char *user, bool dials);
int authd_main(const char *user);
int eapd_main(const char *user);
int radius_main(const char *user);
int resolver_main(const char *user);

#endif /* SSTPD_CHILD_H */
