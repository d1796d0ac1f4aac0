/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Named network namespaces, as `ip netns` makes them, for the sessions that live
 * in another one than the daemon. Runs in the parent, which has one thread: it
 * enters a namespace, does what is to be done there, and leaves again.
 */
#ifndef SSTPD_NETNS_H
#define SSTPD_NETNS_H

#include <stdbool.h>

#include "netlink/nl.h"

struct netns;

/**
 * netns_hold() - take a reference to a namespace
 * @name: as in /run/netns
 *
 * The namespace lives at least until netns_put(), whoever deletes its name.
 *
 * Return: NULL with the reason in @err.
 */
struct netns *netns_hold(const char *name, struct nl_err *err);
/** netns_share() - another reference; NULL is fine */
struct netns *netns_share(struct netns *ns);
/** netns_is_new() - nobody else has a reference; false for NULL */
bool netns_is_new(const struct netns *ns);
/** netns_put() - NULL is fine */
void netns_put(struct netns *ns);

/**
 * netns_enter() - be there, with all netlink requests, new sockets and devices
 * @ns: NULL = stay
 *
 * Does not nest.
 */
void netns_enter(const struct netns *ns);
void netns_leave(void);

/** netns_fd() - for setns(2) in a child process; -1 for NULL */
int netns_fd(const struct netns *ns);

#endif /* SSTPD_NETNS_H */
