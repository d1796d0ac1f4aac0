/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * For a service manager that watches the parent: it hears that we are alive only
 * as long as the engine and authd answer too. The resolver may well hang in a
 * name for a while, and does not count.
 */
#ifndef SSTPD_WATCHDOG_H
#define SSTPD_WATCHDOG_H

#include "imsg.h"
#include "msg.h"

/** watchdog_start() - from now on, if the manager wants it at all */
void watchdog_start(struct imsg_chan *engine, struct imsg_chan *authd);

/** watchdog_pong() - process @from has answered MSG_PING */
void watchdog_pong(enum msg_process from);

/** watchdog_stop() - the channels are about to be closed */
void watchdog_stop(void);

#endif /* SSTPD_WATCHDOG_H */
