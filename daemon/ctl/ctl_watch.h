/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The commands of sstpctl that go on: top and monitor. */
#ifndef SSTPD_CTL_WATCH_H
#define SSTPD_CTL_WATCH_H

#include "ctl/ctl_ask.h"

/** ctl_top() - "top [-d SECONDS] [-n ROUNDS]"; returns the exit status */
int ctl_top(const struct ctl *ctl, int argc, char **argv);

/** ctl_monitor() - until the daemon ends; returns the exit status */
int ctl_monitor(const struct ctl *ctl);

#endif /* SSTPD_CTL_WATCH_H */
