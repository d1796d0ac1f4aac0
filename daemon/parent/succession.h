/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One sstpd follows the other: the sessions that the one before kept (store.h) become
 * this one's, with their interfaces, addresses, routes, leases and clocks as they are.
 * Nothing inside notices: no script runs, no accounting record begins or ends.
 */
#ifndef SSTPD_SUCCESSION_H
#define SSTPD_SUCCESSION_H

#include "conf/conf.h"

/**
 * succession_control() - the control socket of the sstpd before this one is this one's
 *
 * Its interfaces, rules, tables, routes and notes are marked by that (conf_instance()): by
 * another one they would be taken for somebody else's, and stay for ever. After
 * store_open(), before anything is looked for by it.
 */
void succession_control(struct conf_main *conf);

/**
 * succession_begin() - put them into the table
 *
 * After lease_init() and advertise_init(), when it is known how many engines there are,
 * and before anything of an earlier run is swept. Those that cannot go on end here.
 */
void succession_begin(const struct conf *conf);

/** succession_done() - this sstpd has got ready with them */
void succession_done(void);

/** succession_note() - session @id has logged in: its number is used for good */
void succession_note(uint32_t id);

#endif /* SSTPD_SUCCESSION_H */
