/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which packets see the routes of clients. These are in a table of their own, not in
 * the main one; all but the packets that carry our mark, which those to the servers do,
 * are led there by rules:
 *
 *	SLOT	from OUR ADDRESS to SERVER lookup main		(of each connection)
 *	SLOT	DNS of our resolver lookup main			(with kill-switch)
 *	SLOT+1	lookup main suppress_prefixlength 23
 *	SLOT+1	not fwmark MARK lookup TABLE suppress_prefixlength 23
 *	SLOT+1	lookup main suppress_prefixlength 7
 *	SLOT+1	not fwmark MARK lookup TABLE suppress_prefixlength 7
 *	...
 *
 * A pair for each length of a prefix in `routes`, the longest first: the route that
 * wins is the longest of both tables, of equal ones that of the main table, as if all
 * were in one. `default-route` is the last pair, and what is shorter than /4 in the main
 * table is a default route, too: such come in halves.
 *
 * The rule of a connection is for packets that come from the server, which carry no mark:
 * the kernel asks for the way back (rp_filter), and a firewall may. Nothing else has both
 * addresses.
 *
 * The rules are there from the start to the end of the daemon. SLOT+2 is where the next
 * ones are made if those there are others: there is always one whole set.
 */
#ifndef SSTPD_CLIENT_RULES_H
#define SSTPD_CLIENT_RULES_H

#include <stdbool.h>
#include <stdint.h>

#include "conf/conf.h"
#include "netlink/rule.h"

/** client_rules_init() - @conf must stay valid */
void client_rules_init(const struct conf *conf);

/** client_rules_wanted() - do its routes go to a table of our own? */
bool client_rules_wanted(const struct conf_client *client);
/** client_rules_has_default() - does `default-route` take this family? */
bool client_rules_has_default(const struct conf_client *client, uint8_t family);
/** client_rules_table() - where they go; 0 = main, that of its VRF, or of its namespace */
uint32_t client_rules_table(const struct conf_client *client);
/** client_rules_mark() - what its packets to the server carry */
uint32_t client_rules_mark(const struct conf_client *client);

/**
 * client_rules_plan() - what there has to be for one family, in order (for tests)
 * @rules: receives them; freed by the caller
 *
 * Return: how many
 */
unsigned int client_rules_plan(const struct conf *conf, uint8_t family,
			       struct rule **rules);

/** client_rules_sweep() - at the start: connections of an earlier run have no rule any more */
void client_rules_sweep(void);

/**
 * client_rules_ensure() - make what is missing, remove what is not ours any more
 *
 * At the start; and again if somebody has deleted one.
 */
void client_rules_ensure(void);

/** client_rules_server() - @client is about to connect from @from to @to; family 0 = unknown */
void client_rules_server(uint32_t client, const struct conf_route *from,
			 const struct conf_route *to);

/** client_rules_exit() - remove all of them */
void client_rules_exit(void);

#endif /* SSTPD_CLIENT_RULES_H */
