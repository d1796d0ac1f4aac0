/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which addresses the sessions of the server have: pools, fixed addresses,
 * and what happens when a user has too many sessions. Runs in the parent.
 *
 * What the users file says is somebody's comes from no pool. No two sessions in the same
 * routing table (VRF, network namespace) have the same address. An account with a fixed
 * address that comes back before its last session is known to be dead takes the address
 * over, and the old session ends.
 */
#ifndef SSTPD_LEASE_H
#define SSTPD_LEASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "auth/userdb.h"
#include "conf/conf.h"
#include "data/network.h"
#include "parent/table.h"

/**
 * lease_init() - make the pools
 * @conf: must stay valid; what it says of names and name servers may change
 * @replace: the session of @old has to end, its address is gone already
 */
void lease_init(const struct conf *conf,
		void (*replace)(struct entry *old, const struct entry *e));
void lease_exit(void);
/** lease_reserve() - what accounts of @db have for good, used or not, nobody else gets */
void lease_reserve(const struct userdb *db);

/**
 * lease_get() - addresses for a session that has just logged in
 * @e: its user, grant and policy are set
 * @why: receives the reason if it may have none
 */
bool lease_get(struct entry *e, char *why, size_t size);
/**
 * lease_yield() - end the oldest other session of its account, whose connection may
 * be dead, for there is no room for one more
 *
 * Return: false if there is none, or it must not be.
 */
bool lease_yield(struct entry *e);
/** lease_resume() - @e has what it has, from another process */
void lease_resume(struct entry *e);
/**
 * lease_borrow() - @e may be told of the addresses of @old, which keeps them
 *
 * It is the only one: a session that has borrowed them before is replaced.
 */
void lease_borrow(struct entry *e, struct entry *old);
/** lease_show() - @e may be told of the addresses of @leader, and of nothing else */
void lease_show(struct entry *e, const struct entry *leader);
/** lease_borrower() - who has borrowed what @lender has; NULL = nobody */
struct entry *lease_borrower(const struct entry *lender);
/** lease_move() - they are those of @e now, @old has none */
void lease_move(struct entry *e, struct entry *old);
/** lease_put() - give them back; no-op without */
void lease_put(struct entry *e);

/**
 * lease_of() - walk over the sessions of @account that hold addresses of their own: none
 *	that is replaced, has moved, or has but borrowed them
 * @after: the one before it, NULL = the first
 */
struct entry *lease_of(const struct account *account, const struct entry *after);
/** lease_at() - the same of those that come from the client @endpoint, which is set */
struct entry *lease_at(const struct endpoint *endpoint, const struct entry *after);
/** lease_count() - of all accounts */
unsigned int lease_count(void);

/** lease_addrs() - what IPCP is to tell the peer of @e */
void lease_addrs(const struct entry *e, struct ppp_addrs *addrs);

/** lease_free() - IPv4 addresses that are left in all pools; false: no pool */
bool lease_free(uint64_t *n);

#endif /* SSTPD_LEASE_H */
