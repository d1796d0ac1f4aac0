// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/ctl_metrics.h"

#include <stdint.h>

#include <json-c/json.h>

/* How a number of the answer is called outside. */
static const struct ctl_metric {
	const char *key;
	const char *name;
	const char *type;
	const char *unit;
	const char *help;
} ctl_metrics_of[] = {
	{ "sessions", "sstpd_sessions", "gauge", NULL,
	  "Sessions that are up, by role and data path." },
	{ "established", "sstpd_sessions_established", "counter", NULL,
	  "Sessions that came up, by data path." },
	{ "ended", "sstpd_sessions_ended", "counter", NULL,
	  "Sessions that were up and are over, by reason." },
	{ "failed", "sstpd_sessions_failed", "counter", NULL,
	  "Sessions that ended before they were up, by reason." },
	{ "received_bytes", "sstpd_received_bytes", "counter", "bytes",
	  "IP bytes received in all sessions." },
	{ "sent_bytes", "sstpd_sent_bytes", "counter", "bytes",
	  "IP bytes sent in all sessions." },
	{ "connections", "sstpd_connections", "counter", NULL,
	  "TCP connections taken by the server." },
	{ "connections_now", "sstpd_connections_open", "gauge", NULL,
	  "TCP connections of the server, by the stage they are at." },
	{ "refused", "sstpd_connections_refused", "counter", NULL,
	  "TCP connections closed at once, by the limit that was reached." },
	{ "tls_failed", "sstpd_tls_handshakes_failed", "counter", NULL,
	  "TLS handshakes that failed." },
	{ "logins", "sstpd_logins", "counter", NULL,
	  "Attempts to log in at the server, by result." },
	{ "pool_free", "sstpd_pool_free_addresses", "gauge", "addresses",
	  "Addresses of the pool that nobody has." },
	{ "certificates", "sstpd_certificate_not_after_seconds", "gauge", "seconds",
	  "Until when a certificate is good, in Unix time, by file." },
	{ "ocsp_responses", "sstpd_ocsp_response_next_update_seconds", "gauge", "seconds",
	  "Until when an OCSP response is good, in Unix time, by file." },
	{ "certificates_refused", "sstpd_certificates_refused", "gauge", NULL,
	  "Whether files of certificates have changed and cannot be used." },
	{ "start_time", "sstpd_start_time_seconds", "gauge", "seconds",
	  "When the daemon started, in Unix time." },
};

static void ctl_metric_head(FILE *out, const struct ctl_metric *m)
{
	fprintf(out, "# TYPE %s %s\n", m->name, m->type);
	if (m->unit)
		fprintf(out, "# UNIT %s %s\n", m->name, m->unit);
	fprintf(out, "# HELP %s %s\n", m->name, m->help);
}

/* @labels: an object of label and value, and of the number "value" */
static void ctl_metric_sample(FILE *out, const struct ctl_metric *m,
			      struct json_object *sample)
{
	const char *suffix = *m->type == 'c' ? "_total" : "";
	int64_t value = json_object_get_int64(sample);
	char sep = '{';

	fprintf(out, "%s%s", m->name, suffix);
	if (json_object_is_type(sample, json_type_object)) {
		json_object_object_foreach(sample, label, text) {
			if (json_object_is_type(text, json_type_int)) {
				value = json_object_get_int64(text);
				continue;
			}
			fprintf(out, "%c%s=\"%s\"", sep, label,
				json_object_get_string(text));
			sep = ',';
		}
		fputc('}', out);
	}
	fprintf(out, " %lld\n", (long long)value);
}

void ctl_metrics(FILE *out, struct json_object *stats)
{
	struct json_object *value;

	if (json_object_object_get_ex(stats, "version", &value))
		fprintf(out, "# TYPE sstpd_build info\n"
			"# HELP sstpd_build Version of the daemon.\n"
			"sstpd_build_info{version=\"%s\"} 1\n",
			json_object_get_string(value));
	for (size_t i = 0; i < sizeof(ctl_metrics_of) / sizeof(ctl_metrics_of[0]);
	     i++) {
		const struct ctl_metric *m = &ctl_metrics_of[i];

		if (!json_object_object_get_ex(stats, m->key, &value))
			continue;
		ctl_metric_head(out, m);
		if (!json_object_is_type(value, json_type_array)) {
			ctl_metric_sample(out, m, value);
			continue;
		}
		for (size_t j = 0; j < json_object_array_length(value); j++)
			ctl_metric_sample(out, m,
					  json_object_array_get_idx(value, j));
	}
	fputs("# EOF\n", out);
}
