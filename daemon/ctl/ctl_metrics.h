/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What `sstpctl metrics` prints. */
#ifndef SSTPD_CTL_METRICS_H
#define SSTPD_CTL_METRICS_H

#include <stdio.h>

struct json_object;

/** ctl_metrics() - the daemon's answer to "stats", in OpenMetrics text format */
void ctl_metrics(FILE *out, struct json_object *stats);

#endif /* SSTPD_CTL_METRICS_H */
