/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What `sstpctl metrics` prints. */
#ifndef SSTPD_CTL_METRICS_H
#define SSTPD_CTL_METRICS_H

#include <stdio.h>

struct json_object;

enum ctl_metrics_format {
	CTL_METRICS_OPEN,	/* OpenMetrics 1.0 */
	CTL_METRICS_PLAIN,	/* Prometheus' own, all that the node exporter reads */
};

/**
 * ctl_metrics() - the daemon's answer to "metrics"
 * @sessions: array of "show", for metrics of each session; NULL = none
 */
void ctl_metrics(FILE *out, struct json_object *stats, struct json_object *sessions,
		 enum ctl_metrics_format format);

#endif /* SSTPD_CTL_METRICS_H */
