/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A session that goes on over another connection, on the same interface: that of a client
 * of ours, whose TLS keys are used up, or which was told to. Runs in the parent.
 *
 * Each connection is a session of its own to its engine, and an entry of the table. At
 * the second one's login a server knows the client again: the same account, and the same
 * endpoint (data/endpoint.h). It is given what the first one has. When its network is
 * up the tunnel, and all that was begun with it, passes from the entry of the first to
 * that of the second: interface, addresses, accounting, timers. What is left of the
 * first has no tunnel, and ends when its client ends it, or after a while.
 *
 * A client's entries are known by the number of the client.
 */
#ifndef SSTPD_HANDOVER_H
#define SSTPD_HANDOVER_H

#include <stdbool.h>

#include "boundary/msg.h"
#include "lib/reason.h"
#include "parent/table.h"

/** handover_init() - @disconnect ends a session */
void handover_init(bool (*disconnect)(uint32_t id, enum reason reason));

/**
 * handover_offer() - a login at the server is good: is it the client of a session that is up?
 *
 * Then @e borrows its addresses, and the result is true.
 */
bool handover_offer(struct entry *e);
/** handover_find() - the session of that client that is up, NULL = there is none */
struct entry *handover_find(const struct entry *e);
/** handover_same_addresses() - are they for the same tunnel? */
bool handover_same_addresses(const struct ppp_network *a, const struct ppp_network *b);
/** handover_addrs() - and is to be told the rest of what that has */
void handover_addrs(const struct entry *e, struct ppp_addrs *addrs);

/** handover_old() - whose session @e would go on with; NULL = it begins one */
struct entry *handover_old(const struct entry *e);
/** handover_fits() - can it, with the network that it has come to? */
bool handover_fits(const struct entry *e, const struct entry *old,
		   const struct msg_path_open *req);
/** handover_part() - it cannot: @old is to end; its address is the borrower's alone */
void handover_part(struct entry *e, struct entry *old);
/**
 * handover_waits() - is there a third connection, from which @old has taken over?
 *
 * The kernel has room for two. That third one is told to end, and its end is near.
 */
bool handover_waits(struct entry *e, const struct entry *old);
/** handover_pass() - what is known of the session from outside is that of @e now */
void handover_pass(struct entry *e, struct entry *old);
/** handover_drain() - @old has none any more, and ends by itself, or soon */
void handover_drain(struct entry *e, struct entry *old);
/** handover_done() - tunnel_take_over() has: @e is that session from now on */
void handover_done(struct entry *e, struct entry *old);

/** handover_drop() - @e is about to go, with what it has in the kernel, and has lent */
void handover_drop(struct entry *e);

#endif /* SSTPD_HANDOVER_H */
