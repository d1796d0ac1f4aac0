/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `sstpctl monitor`: events, as they happen. */
#ifndef SSTPD_CTL_WATCH_H
#define SSTPD_CTL_WATCH_H

#include "ctl/ctl_ask.h"

/** ctl_monitor() - until the daemon ends; returns the exit status */
int ctl_monitor(const struct ctl *ctl);

#endif /* SSTPD_CTL_WATCH_H */
