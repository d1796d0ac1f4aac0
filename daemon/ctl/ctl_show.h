/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The human form of `sstpctl show`, at most 80 columns wide. */
#ifndef SSTPD_CTL_SHOW_H
#define SSTPD_CTL_SHOW_H

#include <stdio.h>

struct json_object;

/** ctl_show() - print the answer to a "show" request */
void ctl_show(FILE *out, struct json_object *answer);

/**
 * ctl_show_top() - a table of sessions with their rates
 * @sessions: array; each with "rx_rate" and "tx_rate", bytes per second
 * @rows: lines there is room for
 */
void ctl_show_top(FILE *out, struct json_object *sessions, unsigned int rows);

/** ctl_show_event() - one event of a "monitor" request */
void ctl_show_event(FILE *out, struct json_object *event);

/** ctl_show_stats() - the same of a "stats" request */
void ctl_show_stats(FILE *out, struct json_object *answer);

/** ctl_show_bytes() - "1.5 GB"; @text has room for 16 characters */
void ctl_show_bytes(double bytes, char *text, size_t size);

/** ctl_show_duration() - "3 days 4 h", "5 h 6 min", "7 min 8 s", "9 s" */
void ctl_show_duration(long seconds, char *text, size_t size);

#endif /* SSTPD_CTL_SHOW_H */
