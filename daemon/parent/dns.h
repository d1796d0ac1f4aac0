/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Name servers of a client's tunnel: who looks after those of this host is told of them
 * when a session is up, and that they are gone when it is over. By the programs that
 * are made for that (dns_plan.h), run as scripts are (hook.h).
 *
 * What was told is known beyond the end of this process (dns_note.h). An sstpd that goes
 * on with a session of the one before says nothing again.
 */
#ifndef SSTPD_DNS_H
#define SSTPD_DNS_H

#include "conf/conf.h"
#include "parent/table.h"

/** dns_init() - find what the sstpd before this one has told; @conf must stay valid */
void dns_init(const struct conf *conf);
/** dns_sweep() - take back what no session goes on with; once the others are resumed */
void dns_sweep(void);

/**
 * dns_up() - the tunnel of @e stands, stands still, or has other name servers
 *
 * A no-op for sessions that are no client's, and if there is nothing new.
 */
void dns_up(const struct entry *e);
/** dns_advertised() - name servers of IPv6 that the server of @client advertises now */
void dns_advertised(uint32_t client, const struct in6_addr *servers, unsigned int n);
/** dns_down() - the session is over; no-op if another one of the client is up */
void dns_down(const struct entry *e);

#endif /* SSTPD_DNS_H */
