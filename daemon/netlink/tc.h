/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Traffic control on the interface of a session of the server: limits of the
 * rate, and which source addresses the peer may use. All of it goes away with the
 * interface. Runs in the parent; functions return 0, or -1 with the reason.
 *
 * Egress: root qdisc tbf with fq_codel in it. Ingress: clsact, where filters look
 * at packets in this order:
 *
 *	1  matchall	police: what is above the rate is dropped, else go on
 *	2  u32		IPv4 from an address of the peer: pass
 *	3  u32		IPv6, the same
 *	4  matchall	drop
 *
 * Received packets come here joined, so that one look serves many of them.
 */
#ifndef SSTPD_TC_H
#define SSTPD_TC_H

#include <stdbool.h>
#include <stdint.h>

#include "data/settings.h"
#include "netlink/nl.h"

/** tc_is_fair() - is fq_codel what a new interface gets? Only the first netns knows. */
bool tc_is_fair(void);
/** tc_few_flows() - as it, but of a size for one machine; before the interface is up */
int tc_few_flows(uint32_t ifindex, struct nl_err *err);

/**
 * tc_shape() - limit what is sent to the peer; may be called again
 * @rate: bit/s
 * @few: it is one machine
 */
int tc_shape(uint32_t ifindex, uint64_t rate, bool few, struct nl_err *err);

/** tc_ingress() - needed once for what follows */
int tc_ingress(uint32_t ifindex, struct nl_err *err);
/** tc_police() - limit what the peer sends; may be called again. bit/s */
int tc_police(uint32_t ifindex, uint64_t rate, struct nl_err *err);
/** tc_drop() - nothing passes but what tc_allow() names */
int tc_drop(uint32_t ifindex, struct nl_err *err);
/** tc_allow() - the peer may send from these addresses */
int tc_allow(uint32_t ifindex, const struct conf_route *source,
	     struct nl_err *err);
/** tc_forget6() - all IPv6 sources that were allowed; none is left after that */
int tc_forget6(uint32_t ifindex, struct nl_err *err);

#endif /* SSTPD_TC_H */
