/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The IPv6 router that the clients of the server see: each session has a /64 of
 * its own, and is told so by Router Advertisements. Runs in the parent.
 *
 * IPV6CP gives a link-local address and nothing more. Of what clients send only
 * the fact counts that something came: the kernel passes Router Solicitations
 * alone, and their contents are not looked at.
 */
#ifndef SSTPD_ROUTER_H
#define SSTPD_ROUTER_H

#include "conf.h"
#include "table.h"

/** router_init() - no-op without a prefix; @conf must stay valid */
void router_init(const struct conf_server *conf);

/** router_assign() - a prefix for @e->user, in @e->prefix6; none left = none */
void router_assign(struct entry *e);
/** router_release() - give it back */
void router_release(struct entry *e);

/** router_start() - the tunnel has IPv6: advertise; no-op if it does already */
void router_start(struct entry *e);
/** router_stop() - no more of that; before the interface goes */
void router_stop(struct entry *e);

void router_exit(void);

#endif /* SSTPD_ROUTER_H */
