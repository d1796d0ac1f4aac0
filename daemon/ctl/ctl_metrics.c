// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/ctl_metrics.h"

#include <stdint.h>

#include <json-c/json.h>

#include "ctl/ctl_value.h"

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

/* The same of each session: @key is a member of what "show" tells of it. */
static const struct ctl_metric ctl_metrics_of_session[] = {
	{ "rx_bytes", "sstpd_session_received_bytes", "counter", "bytes",
	  "IP bytes received in a session that is up." },
	{ "tx_bytes", "sstpd_session_sent_bytes", "counter", "bytes",
	  "IP bytes sent in a session that is up." },
	{ "seconds", "sstpd_session_duration_seconds", "gauge", "seconds",
	  "For how long a session is up." },
	{ "tls_key_records", "sstpd_session_tls_key_records", "gauge", NULL,
	  "Records that one of its TLS keys has been used for, where there is a limit." },
};

/* OpenMetrics names a family, of whose counters the samples are "_total". */
static const char *ctl_metric_suffix(const struct ctl_metric *m)
{
	return *m->type == 'c' ? "_total" : "";
}

static void ctl_metric_head(FILE *out, const struct ctl_metric *m,
			    enum ctl_metrics_format format)
{
	const char *suffix = format == CTL_METRICS_PLAIN ? ctl_metric_suffix(m) : "";

	if (format == CTL_METRICS_PLAIN) {
		fprintf(out, "# HELP %s%s %s\n", m->name, suffix, m->help);
		fprintf(out, "# TYPE %s%s %s\n", m->name, suffix, m->type);
		return;
	}
	fprintf(out, "# TYPE %s %s\n", m->name, m->type);
	if (m->unit)
		fprintf(out, "# UNIT %s %s\n", m->name, m->unit);
	fprintf(out, "# HELP %s %s\n", m->name, m->help);
}

static void ctl_metric_label(FILE *out, char sep, const char *label, const char *text)
{
	fprintf(out, "%c%s=\"", sep, label);
	for (; *text; text++) {
		if (*text == '\n') {
			fputs("\\n", out);
			continue;
		}
		if (*text == '"' || *text == '\\')
			fputc('\\', out);
		fputc(*text, out);
	}
	fputc('"', out);
}

/* @sample: an object of label and value, and of the number "value"; or a number */
static void ctl_metric_sample(FILE *out, const struct ctl_metric *m,
			      struct json_object *sample)
{
	int64_t value = json_object_get_int64(sample);
	char sep = '{';

	fprintf(out, "%s%s", m->name, ctl_metric_suffix(m));
	if (json_object_is_type(sample, json_type_object)) {
		json_object_object_foreach(sample, label, text) {
			if (json_object_is_type(text, json_type_int)) {
				value = json_object_get_int64(text);
				continue;
			}
			ctl_metric_label(out, sep, label, json_object_get_string(text));
			sep = ',';
		}
		fputc('}', out);
	}
	fprintf(out, " %lld\n", (long long)value);
}

static void ctl_metric_build(FILE *out, const char *version, enum ctl_metrics_format format)
{
	static const char help[] = "Version of the daemon.";

	if (format == CTL_METRICS_PLAIN)
		fprintf(out, "# HELP sstpd_build_info %s\n# TYPE sstpd_build_info gauge\n", help);
	else
		fprintf(out, "# TYPE sstpd_build info\n# HELP sstpd_build %s\n", help);
	fputs("sstpd_build_info", out);
	ctl_metric_label(out, '{', "version", version);
	fputs("} 1\n", out);
}

static void ctl_metric_sessions(FILE *out, const struct ctl_metric *m,
				struct json_object *sessions, enum ctl_metrics_format format)
{
	static const char *const labels[] = { "user", "interface", "path", "role" };

	ctl_metric_head(out, m, format);
	for (size_t i = 0; i < json_object_array_length(sessions); i++) {
		struct json_object *s = json_object_array_get_idx(sessions, i);

		fprintf(out, "%s%s{session=\"%lld\"", m->name, ctl_metric_suffix(m),
			(long long)ctl_number(s, "id"));
		for (size_t j = 0; j < sizeof(labels) / sizeof(labels[0]); j++)
			ctl_metric_label(out, ',', labels[j], ctl_text(s, labels[j]));
		fprintf(out, "} %lld\n", (long long)ctl_number(s, m->key));
	}
}

static void ctl_metric(FILE *out, const struct ctl_metric *m, struct json_object *value,
		       enum ctl_metrics_format format)
{
	ctl_metric_head(out, m, format);
	if (!json_object_is_type(value, json_type_array)) {
		ctl_metric_sample(out, m, value);
		return;
	}
	for (size_t i = 0; i < json_object_array_length(value); i++)
		ctl_metric_sample(out, m, json_object_array_get_idx(value, i));
}

void ctl_metrics(FILE *out, struct json_object *stats, struct json_object *sessions,
		 enum ctl_metrics_format format)
{
	const size_t n = sizeof(ctl_metrics_of) / sizeof(ctl_metrics_of[0]);
	const size_t n_session = sizeof(ctl_metrics_of_session) /
				 sizeof(ctl_metrics_of_session[0]);

	if (ctl_object(stats, "version"))
		ctl_metric_build(out, ctl_text(stats, "version"), format);
	for (size_t i = 0; i < n; i++) {
		struct json_object *value = ctl_object(stats, ctl_metrics_of[i].key);

		/* A family without a sample says nothing. */
		if (value && (!json_object_is_type(value, json_type_array) ||
			      json_object_array_length(value)))
			ctl_metric(out, &ctl_metrics_of[i], value, format);
	}
	for (size_t i = 0; sessions && json_object_array_length(sessions) && i < n_session; i++)
		ctl_metric_sessions(out, &ctl_metrics_of_session[i], sessions, format);
	if (format == CTL_METRICS_OPEN)
		fputs("# EOF\n", out);
}
