/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A client is heard from the addresses of its session only (`source-check`). sstp.ko
 * looks itself, where it is able to; else filters on the interface do, of which each
 * costs every other interface that has some (netlink/tc.h). What it is stays so as long
 * as the interface is there.
 *
 * Runs in the parent, in the namespace of the interface.
 */
#ifndef SSTPD_SOURCE_CHECK_H
#define SSTPD_SOURCE_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "data/settings.h"
#include "netlink/nl.h"
#include "parent/table.h"

/** source_check_choose() - who is to look, for a session whose data path is known */
void source_check_choose(struct entry *e);

/** source_check_by_filters() - it is filters, and so needs tc_ingress()? */
bool source_check_by_filters(const struct entry *e);

/** source_check_begin() - nothing passes yet; before the interface is up */
int source_check_begin(const struct entry *e, struct nl_err *err);

/** source_check_allow() - the sources of one family pass, for the first time or anew */
int source_check_allow(const struct entry *e, uint8_t family, bool again,
		       struct nl_err *err);

/* A client's address, what is routed to it, and for IPv6 link-local, :: and a prefix. */
#define SOURCE_CHECK_MAX	(POLICY_ROUTES_MAX + 4)

/**
 * source_check_list() - where the module lets it send from
 * @list: SOURCE_CHECK_MAX of them
 *
 * Return: how many, 0 = it does not look
 */
size_t source_check_list(const struct entry *e, struct conf_route *list);

#endif /* SSTPD_SOURCE_CHECK_H */
