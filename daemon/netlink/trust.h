/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the kernel believes a neighbour on an interface: who routes (Router
 * Advertisements, redirects), by which way a packet wants to go (source routes), who
 * is where (proxies). By default quite a lot, and the neighbour here is a client, or a
 * server whose word makes no routes.
 */
#ifndef SSTPD_TRUST_H
#define SSTPD_TRUST_H

#include "netlink/nl.h"

/**
 * trust_nothing() - from whoever is at the other end of an interface
 * @ifname: is down, in the network namespace that we are in
 *
 * What is so already is not written: where /proc/sys is read-only, the defaults for
 * new interfaces (net.ipv6.conf.default and so on) may say the same.
 *
 * Return: 0, or -1 with the reason; then the interface must not come up.
 */
int trust_nothing(const char *ifname, struct nl_err *err);

/** trust_server() - the same on a client's interface, as far as ways and routers go */
int trust_server(const char *ifname, struct nl_err *err);

#endif /* SSTPD_TRUST_H */
