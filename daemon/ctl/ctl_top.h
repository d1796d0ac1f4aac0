/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `sstpctl top`: what each session carries, the busiest first. */
#ifndef SSTPD_CTL_TOP_H
#define SSTPD_CTL_TOP_H

#include <stdint.h>
#include <stdio.h>

#include "ctl/ctl_ask.h"
#include "ctl/ctl_table.h"

/** ctl_top() - "top [-d SECONDS] [-n ROUNDS]"; returns the exit status */
int ctl_top(const struct ctl *ctl, int argc, char **argv);

/**
 * ctl_top_rates() - give each session its "rx_rate" and "tx_rate", bytes per second
 * @before: the same list, @ms ago, or NULL
 *
 * Then the busiest is the first of @sessions.
 */
void ctl_top_rates(struct json_object *sessions, struct json_object *before, uint64_t ms);

/**
 * ctl_top_print() - totals, then a line a session
 * @sessions: with rates; with "tcp" and "stream" of `show ID` where they are known
 * @rows: lines there is room for
 */
void ctl_top_print(FILE *out, struct json_object *sessions, unsigned int rows,
		   unsigned int width, enum ctl_bars bars);

#endif /* SSTPD_CTL_TOP_H */
