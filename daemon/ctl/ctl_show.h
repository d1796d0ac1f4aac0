/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The human form of `sstpctl show`, at most 80 columns wide. */
#ifndef SSTPD_CTL_SHOW_H
#define SSTPD_CTL_SHOW_H

#include <stdio.h>

struct json_object;

/** ctl_show() - every session of the answer to a "show" request, ten lines each */
void ctl_show(FILE *out, struct json_object *answer);

/** ctl_show_line() - @text behind @label, broken at blanks into lines of 80 columns */
void ctl_show_line(FILE *out, const char *label, const char *text);

/** ctl_show_event() - one event of a "monitor" request */
void ctl_show_event(FILE *out, struct json_object *event);

/** ctl_show_stats() - the same of a "stats" request */
void ctl_show_stats(FILE *out, struct json_object *answer);

#endif /* SSTPD_CTL_SHOW_H */
