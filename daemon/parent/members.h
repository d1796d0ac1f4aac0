/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Further connections of a session, each in a slot of its own of the same network device
 * (data/lane.h): those of a client of ours that wants several. Runs in the parent.
 *
 * Each connection is a session of its own to its engine, and an entry of the table. The
 * first one's has all that is the session's: interface, addresses, accounting, script, and
 * its place in the store. A member's has a session in the kernel, and @leader, the number
 * of the first one's. When that one ends and a member is there, that member takes its
 * place, as another connection of the same slot would (handover.h).
 *
 * A server knows them by account and endpoint, as it knows a connection that is to replace
 * another one; a client by the number of its section.
 */
#ifndef SSTPD_MEMBERS_H
#define SSTPD_MEMBERS_H

#include <stdbool.h>

#include "boundary/msg.h"
#include "lib/reason.h"
#include "parent/table.h"

/** members_init() - @disconnect ends a session */
void members_init(bool (*disconnect)(uint32_t id, enum reason reason));

/** members_known() - is there a session that @e, which joins one, can be a connection of? */
bool members_known(const struct entry *e);
/**
 * members_offer() - a login at the server is good: is it a further connection of a session?
 *
 * Then @e may be told of its addresses, and the result is true.
 */
bool members_offer(struct entry *e);
/** members_leader() - whose session @e is to be one more connection of; NULL = of none */
struct entry *members_leader(const struct entry *e);
/** members_at() - what is up in the slot of @e already, it may be @leader; NULL = nothing */
struct entry *members_at(struct entry *leader, const struct entry *e);
/** members_heir() - who goes on if @leader ends, NULL = nobody */
struct entry *members_heir(const struct entry *leader);
/** members_follow() - those of @old are those of @e now */
void members_follow(struct entry *e, const struct entry *old);
/** members_end() - those of @leader end, and are none any more at once */
void members_end(const struct entry *leader, enum reason reason);
/** members_begin_anew() - the client of @e knows of no other: what else its session has ends */
void members_begin_anew(struct entry *e, const struct entry *old);

#endif /* SSTPD_MEMBERS_H */
