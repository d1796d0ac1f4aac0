/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Children that hang: each is asked now and then whether it lives, and one that says
 * nothing for WATCHDOG_TURNS turns is ended and replaced. A service manager that
 * watches the daemon hears of the parent alone.
 */
#ifndef SSTPD_WATCHDOG_H
#define SSTPD_WATCHDOG_H

/** watchdog_start() - once all children serve (staff.h) */
void watchdog_start(void);
/** watchdog_stop() - the children are about to end */
void watchdog_stop(void);

/** watchdog_alive() - tell the service manager so, once a second, while much is done at once */
void watchdog_alive(void);

#endif /* SSTPD_WATCHDOG_H */
