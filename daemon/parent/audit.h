/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the begin and the end of a session leave behind: a line in the log, an
 * event for `sstpctl monitor`, and the totals. Runs in the parent.
 */
#ifndef SSTPD_AUDIT_H
#define SSTPD_AUDIT_H

#include "lib/reason.h"
#include "parent/table.h"

/** audit_up() - its tunnel stands */
void audit_up(const struct entry *e);

/** audit_joined() - one more connection of @leader, audit_left() - one less */
void audit_joined(const struct entry *e, const struct entry *leader);
void audit_left(const struct entry *e, uint32_t leader, const char *why);

/** audit_moved() - @e goes on with the session of @old */
void audit_moved(const struct entry *e, const struct entry *old);

/** audit_addresses() - its ends have agreed on other addresses, or on one more protocol */
void audit_addresses(const struct entry *e);

/** audit_ipv6() - what its server advertises is other now, client role */
void audit_ipv6(const struct entry *e);

/**
 * audit_end() - it ends, and is still as it was; also if it never was up
 * @why: for the log
 */
void audit_end(const struct entry *e, enum reason reason, const char *why);

#endif /* SSTPD_AUDIT_H */
