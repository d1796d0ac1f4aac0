/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Accounting records that the process for RADIUS has not taken over yet: it may be dead,
 * or die with them unread. Start and Stop wait here for the next one; an interim record
 * need not, all sessions that are up are told of again then.
 */
#ifndef SSTPD_LEDGER_H
#define SSTPD_LEDGER_H

#include "boundary/msg.h"
#include "parent/children.h"

/* As many as the spool has room for. */
#define LEDGER_MAX	4096

/**
 * ledger_send() - tell @radius, and keep it until ledger_taken()
 * @slot: of the store, where the next sstpd finds what this record is made of: it is
 *	released then; 0 = there is none
 */
void ledger_send(const struct child *radius, const struct msg_acct *acct, uint32_t slot);

/** ledger_taken() - it is in the spool, or in the other process's memory */
void ledger_taken(const struct msg_acct_taken *m);

/** ledger_again() - @radius is another process: all that waits, in order */
void ledger_again(const struct child *radius);

/**
 * ledger_exit() - says what is lost
 * @followed: another sstpd follows, and sends what has a slot of the store
 */
void ledger_exit(bool followed);

#endif /* SSTPD_LEDGER_H */
