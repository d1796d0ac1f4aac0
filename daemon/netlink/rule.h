/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Policy routing rules (ip-rule(8)), as far as clients need them. All that are made here
 * carry the protocol number of netcfg_init(): they stay after a kill -9, and are known by it.
 */
#ifndef SSTPD_RULE_H
#define SSTPD_RULE_H

#include <stdbool.h>
#include <stdint.h>

#include "data/settings.h"
#include "netlink/nl.h"

#define RULE_ANY_LENGTH	(-1)

/**
 * struct rule - in order of @pref, and then as they were made
 * @family: AF_INET or AF_INET6
 * @table: that is asked
 * @longer_than: its routes that are not longer do not count, or RULE_ANY_LENGTH
 * @but_mark: not for packets with this mark, 0 = for all
 * @from: only from there, family 0 = from anywhere; @to
 * @has_uid: only what processes of @uid send
 * @proto: only packets of this protocol, to @port
 */
struct rule {
	uint8_t family;
	uint32_t pref;
	uint32_t table;
	int32_t longer_than;
	uint32_t but_mark;
	struct conf_route from;
	struct conf_route to;
	bool has_uid;
	uint32_t uid;
	uint8_t proto;
	uint16_t port;
};

/* Return: 0, or -1 with the reason; err->code is EEXIST if there is such a rule. */
int rule_add(const struct rule *rule, struct nl_err *err);
int rule_del(const struct rule *rule, struct nl_err *err);

/** rule_same() - do they say the same, whatever their @pref? */
bool rule_same(const struct rule *a, const struct rule *b);

/**
 * rule_list() - those that carry our protocol number
 * @first: ... and a @pref from there to @last
 * @rules: receives at most @max
 *
 * Return: how many there are, which may be more; -1 with the reason.
 */
int rule_list(uint8_t family, uint32_t first, uint32_t last, struct rule *rules,
	      unsigned int max, struct nl_err *err);

#endif /* SSTPD_RULE_H */
