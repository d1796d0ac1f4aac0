/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * For a service manager that watches the parent: it hears that we are alive only
 * as long as the engines and authd answer too. The resolver may well hang in a
 * name for a while, and does not count.
 */
#ifndef SSTPD_WATCHDOG_H
#define SSTPD_WATCHDOG_H

#include "children.h"

/**
 * watchdog_start() - from now on, if the manager wants it at all
 * @all: the @n children; must outlive the watchdog
 */
void watchdog_start(struct child *const *all, uint32_t n);

/** watchdog_pong() - @child has answered MSG_PING */
void watchdog_pong(struct child *child);

/** watchdog_stop() - the children are about to end */
void watchdog_stop(void);

#endif /* SSTPD_WATCHDOG_H */
