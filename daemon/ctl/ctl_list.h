/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `sstpctl show`: which sessions, in which order, a line each. */
#ifndef SSTPD_CTL_LIST_H
#define SSTPD_CTL_LIST_H

#include <stdbool.h>
#include <stdio.h>

#include "ctl/ctl_ask.h"

struct ctl_table;

/** ctl_list() - "show [ID] [--user NAME]..."; Return: exit status */
int ctl_list(const struct ctl *ctl, int argc, char **argv);

/**
 * struct ctl_wish - which sessions, and in which order; NULL = all, by number
 * @path: "kernel" or "tun"
 * @sort: a word that ctl_list_sort() knows
 */
struct ctl_wish {
	const char *user;
	const char *group;
	const char *path;
	const char *sort;
};

/** ctl_list_choose() - a new array of those of @sessions that are wished for */
struct json_object *ctl_list_choose(struct json_object *sessions,
				    const struct ctl_wish *wish);

/** ctl_list_sort() - false: nothing can be sorted by @key */
bool ctl_list_sort(struct json_object *sessions, const char *key);

/** ctl_list_print() - as a table, and why a session is not on the kernel path */
void ctl_list_print(FILE *out, struct json_object *sessions, unsigned int width);

/** ctl_session_who() - the cells that every table of sessions begins with: ID USER REMOTE */
void ctl_session_who(struct ctl_table *table, struct json_object *session);
/** ctl_session_address() - that of a session's client inside the tunnel */
const char *ctl_session_address(struct json_object *session);

/** ctl_is_id() - could be the number of a session */
bool ctl_is_id(const char *text);

#endif /* SSTPD_CTL_LIST_H */
