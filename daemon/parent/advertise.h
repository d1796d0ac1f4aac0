/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The IPv6 router that the clients of the server see: each session has a /64 of
 * its own, and is told so by Router Advertisements. Runs in the parent.
 *
 * IPV6CP gives a link-local address and nothing more. Of what clients send only
 * the fact counts that something came: the kernel passes Router Solicitations
 * alone, and their contents are not looked at.
 */
#ifndef SSTPD_ADVERTISE_H
#define SSTPD_ADVERTISE_H

#include "conf/conf.h"
#include "parent/table.h"

/** advertise_init() - @conf must stay valid */
void advertise_init(const struct conf *conf);

/** advertise_start() - the tunnel has IPv6: advertise; no-op if it does already */
void advertise_start(struct entry *e);
/** advertise_stop() - no more of that; before the interface goes */
void advertise_stop(struct entry *e);

#endif /* SSTPD_ADVERTISE_H */
