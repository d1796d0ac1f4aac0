/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a service manager wants to hear: sd_notify(3). The protocol is a datagram
 * to the socket that $NOTIFY_SOCKET names, documented and stable; libsystemd
 * would be a library in every process for the sake of one sendto(). Without
 * $NOTIFY_SOCKET nothing happens.
 *
 * Nothing here waits for a manager that does not read: what finds no room is tried again
 * by the loop, in the same order.
 */
#ifndef SSTPD_NOTIFY_H
#define SSTPD_NOTIFY_H

#include <stdbool.h>
#include <stdint.h>

/** notify_send() - tell @state, such as "READY=1"; several are lines of it */
void notify_send(const char *state);

/** notify_listens() - is there a service manager at all? */
bool notify_listens(void);

/**
 * notify_keep() - have the manager keep a descriptor, for the next process (inherit.h)
 * @name: how it is called there
 * @fd: stays the caller's, and open until notify_drop(), or the end
 * @ends: it is of no use any more when it has hung up, and then the manager drops it
 *
 * Whether it does so, it does not say.
 */
void notify_keep(const char *name, int fd, bool ends);
/** notify_drop() - and to close all that are called @name */
void notify_drop(const char *name);

/** notify_flush() - before the end: give the manager some time to read what still waits */
void notify_flush(void);

/**
 * notify_watchdog_ms() - how often to say "WATCHDOG=1"
 *
 * Return: half of the time after which the manager would restart us, in
 * milliseconds; 0 if it does not watch this process.
 */
uint32_t notify_watchdog_ms(void);

#endif /* SSTPD_NOTIFY_H */
