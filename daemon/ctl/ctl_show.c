// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/ctl_show.h"

#include <string.h>

#include <json-c/json.h>

#include "ctl/ctl_table.h"
#include "ctl/ctl_value.h"
#include "lib/stats.h"

#define CTL_INDENT	"    "
#define CTL_LABEL	12	/* columns of a label, without the indent */

void ctl_show_line(FILE *out, const char *label, const char *text)
{
	size_t room = CTL_COLUMNS - strlen(CTL_INDENT) - CTL_LABEL;
	size_t len;

	do {
		len = strlen(text);
		if (len > room) {
			len = room;
			while (len && text[len] != ' ')
				len--;
			if (!len)
				len = room;
		}
		fprintf(out, CTL_INDENT "%-*s%.*s\n", CTL_LABEL, label,
			(int)len, text);
		label = "";
		text += len;
		while (*text == ' ')
			text++;
	} while (*text);
}

static void ctl_show_addresses(FILE *out, struct json_object *s)
{
	char text[200];

	if (*ctl_text(s, "local")) {
		snprintf(text, sizeof(text), "%s, peer %s",
			 ctl_text(s, "local"), ctl_text(s, "peer"));
		ctl_show_line(out, "IPv4", text);
	}
	if (*ctl_text(s, "local_ipv6")) {
		snprintf(text, sizeof(text), "%s, peer %s",
			 ctl_text(s, "local_ipv6"), ctl_text(s, "peer_ipv6"));
		ctl_show_line(out, "IPv6", text);
	}
	if (*ctl_text(s, "ipv6_address"))
		ctl_show_line(out, "", ctl_text(s, "ipv6_address"));
	if (*ctl_text(s, "ipv6_prefix"))
		ctl_show_line(out, "prefix", ctl_text(s, "ipv6_prefix"));
	if (*ctl_text(s, "dns1")) {
		snprintf(text, sizeof(text), "%s%s%s", ctl_text(s, "dns1"),
			 *ctl_text(s, "dns2") ? ", " : "",
			 ctl_text(s, "dns2"));
		ctl_show_line(out, "DNS", text);
	}
}

static void ctl_show_tcp(FILE *out, struct json_object *tcp)
{
	char rate[16], unsent[16], text[200];

	snprintf(text, sizeof(text),
		 "RTT %.1f ms (least %.1f ms), %lld retransmits, %lld lost now",
		 (double)ctl_number(tcp, "rtt_us") / 1000,
		 (double)ctl_number(tcp, "min_rtt_us") / 1000,
		 (long long)ctl_number(tcp, "retransmits"),
		 (long long)ctl_number(tcp, "lost"));
	ctl_show_line(out, "TCP outside", text);
	ctl_show_bytes((double)ctl_number(tcp, "delivery_rate"), rate,
		       sizeof(rate));
	ctl_show_bytes((double)ctl_number(tcp, "unsent_bytes"), unsent,
		       sizeof(unsent));
	snprintf(text, sizeof(text),
		 "window %lld x %lld B, %lld on their way, %s/s, %s unsent",
		 (long long)ctl_number(tcp, "cwnd"),
		 (long long)ctl_number(tcp, "mss"),
		 (long long)ctl_number(tcp, "unacked"), rate, unsent);
	ctl_show_line(out, "", text);
}

/* "sent: generation 2, used for 812 records, 23725754 left" */
static void ctl_show_key(FILE *out, const char *label, const char *direction,
			 long long updates, long long used, long long limit)
{
	char text[200];
	int n = snprintf(text, sizeof(text), "%s: generation %lld, used for %lld records",
			 direction, updates, used);

	if (limit)
		snprintf(text + n, sizeof(text) - (size_t)n, ", %lld left",
			 used < limit ? limit - used : 0);
	ctl_show_line(out, label, text);
}

static void ctl_show_keys(FILE *out, struct json_object *s, struct json_object *st)
{
	long long limit = (long long)ctl_number(s, "tls_key_limit");
	char text[200];

	ctl_show_key(out, "TLS keys", "sent", (long long)ctl_number(st, "tls_tx_updates"),
		     (long long)ctl_number(st, "tls_tx_seq"), limit);
	ctl_show_key(out, "", "received", (long long)ctl_number(st, "tls_rx_updates"),
		     (long long)ctl_number(st, "tls_rx_seq"), limit);
	if (json_object_get_boolean(ctl_object(s, "tls_keys_change")))
		snprintf(text, sizeof(text), "change before that");
	else
		snprintf(text, sizeof(text), "do not change: %s",
			 ctl_text(s, "tls_keys_reason"));
	ctl_show_line(out, "", text);
	if (!ctl_object(s, "tls_keys_renew"))
		return;
	snprintf(text, sizeof(text), "the connection is replaced after %lld records",
		 (long long)ctl_number(s, "tls_keys_renew"));
	ctl_show_line(out, "", text);
}

static void ctl_show_stream(FILE *out, struct json_object *s, struct json_object *st)
{
	char size[16], queue[16], text[200];
	int n;

	ctl_show_bytes((double)ctl_number(st, "tx_bytes_per_record"), size,
		       sizeof(size));
	snprintf(text, sizeof(text), "%lld sent, %s each",
		 (long long)ctl_number(st, "tx_records"), size);
	ctl_show_line(out, "TLS records", text);
	ctl_show_keys(out, s, st);
	ctl_show_bytes((double)ctl_number(st, "queue_bytes"), queue,
		       sizeof(queue));
	n = snprintf(text, sizeof(text), "%s", queue);
	if (ctl_object(st, "queue_delay_us"))
		snprintf(text + n, sizeof(text) - (size_t)n, ", about %.1f ms",
			 (double)ctl_number(st, "queue_delay_us") / 1000);
	ctl_show_line(out, "queue", text);
	snprintf(text, sizeof(text),
		 "%lld received, %lld sent; last word of the peer %.1f s ago",
		 (long long)ctl_number(st, "rx_control"),
		 (long long)ctl_number(st, "tx_control"),
		 (double)ctl_number(st, "idle_ms") / 1000);
	ctl_show_line(out, "control", text);
}

/* Only the reasons that there are: "rx malformed 3, tx size 1". */
static void ctl_show_drops(FILE *out, struct json_object *drops)
{
	char text[400] = "";
	size_t len = 0;

	json_object_object_foreach(drops, key, value) {
		if (!json_object_get_int64(value) || len > sizeof(text) - 60)
			continue;
		len += (size_t)snprintf(text + len, sizeof(text) - len,
					"%s%.2s %.20s %lld", len ? ", " : "",
					key, key + 3,
					(long long)json_object_get_int64(value));
	}
	ctl_show_line(out, "dropped", len ? text : "none");
}

/* What a request for one session adds. */
static void ctl_show_depth(FILE *out, struct json_object *s)
{
	if (ctl_object(s, "tcp"))
		ctl_show_tcp(out, ctl_object(s, "tcp"));
	if (ctl_object(s, "stream"))
		ctl_show_stream(out, s, ctl_object(s, "stream"));
	if (ctl_object(s, "drops"))
		ctl_show_drops(out, ctl_object(s, "drops"));
}

/* In Mbit/s, without zeros that say nothing. */
static size_t ctl_rate(char *text, size_t size, const char *what, long long rate)
{
	return (size_t)snprintf(text, size, "%s %.6g Mbit/s, ", what,
				(double)rate / 1e6);
}

static void ctl_policy(FILE *out, struct json_object *s)
{
	static const char *const names[][2] = {
		{ "group", "group" }, { "VRF", "vrf" }, { "namespace", "netns" },
	};
	char text[300] = "";
	size_t len = 0;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (*ctl_text(s, names[i][1]))
			len += (size_t)snprintf(text + len, sizeof(text) - len,
						"%s %.63s, ", names[i][0],
						ctl_text(s, names[i][1]));
	if (ctl_number(s, "rate_down"))
		len += ctl_rate(text + len, sizeof(text) - len, "down",
				(long long)ctl_number(s, "rate_down"));
	if (ctl_number(s, "rate_up"))
		len += ctl_rate(text + len, sizeof(text) - len, "up",
				(long long)ctl_number(s, "rate_up"));
	if (!len)
		return;
	text[len - 2] = '\0';
	ctl_show_line(out, "policy", text);
}

static void ctl_show_session(FILE *out, struct json_object *s)
{
	const char *reason = ctl_text(s, "path_reason");
	char rx[16], tx[16], duration[40];
	char text[400];

	if (*ctl_text(s, "client"))
		fprintf(out, "session %lld: client %.20s, user %.28s\n",
			(long long)ctl_number(s, "id"), ctl_text(s, "client"),
			ctl_text(s, "user"));
	else
		fprintf(out, "session %lld: user %.50s\n",
			(long long)ctl_number(s, "id"), ctl_text(s, "user"));
	ctl_show_line(out, "remote", ctl_text(s, "remote"));
	snprintf(text, sizeof(text), "%s, MTU %lld, MRU %lld, peer's MRU %lld",
		 ctl_text(s, "interface"), (long long)ctl_number(s, "mtu"),
		 (long long)ctl_number(s, "mru"),
		 (long long)ctl_number(s, "peer_mru"));
	ctl_show_line(out, "interface", text);
	ctl_show_addresses(out, s);
	ctl_policy(out, s);
	ctl_show_line(out, "TLS", ctl_text(s, "tls"));
	ctl_show_line(out, "login", ctl_text(s, "auth"));
	snprintf(text, sizeof(text), *reason ? "%s (%s)" : "%s",
		 ctl_text(s, "path"), reason);
	ctl_show_line(out, "data path", text);
	ctl_show_bytes((double)ctl_number(s, "rx_bytes"), rx, sizeof(rx));
	ctl_show_bytes((double)ctl_number(s, "tx_bytes"), tx, sizeof(tx));
	snprintf(text, sizeof(text), "%s received, %s sent", rx, tx);
	ctl_show_line(out, "traffic", text);
	ctl_show_duration((long)ctl_number(s, "seconds"), duration,
			  sizeof(duration));
	snprintf(text, sizeof(text), "%s (%s)", ctl_text(s, "since"), duration);
	ctl_show_line(out, "since", text);
	ctl_show_depth(out, s);
}

/* "2026-01-31T23:59:59Z session-up 3" and, indented, who, where and why. */
void ctl_show_event(FILE *out, struct json_object *event)
{
	struct json_object *s = ctl_object(event, "session");
	char rx[16], tx[16], duration[40], text[400];

	fprintf(out, "%.20s %.20s", ctl_text(event, "time"),
		ctl_text(event, "event"));
	if (s)
		fprintf(out, " %lld", (long long)ctl_number(s, "id"));
	fputc('\n', out);
	if (!s)
		return;
	snprintf(text, sizeof(text), "%.64s %s %s", ctl_text(s, "user"),
		 *ctl_text(s, "client") ? "to" : "from", ctl_text(s, "remote"));
	ctl_show_line(out, "who", text);
	if (*ctl_text(s, "interface")) {
		snprintf(text, sizeof(text), "%s, %s, data path %s",
			 ctl_text(s, "interface"), ctl_text(s, "peer"),
			 ctl_text(s, "path"));
		ctl_show_line(out, "where", text);
	}
	if (!*ctl_text(event, "reason"))
		return;
	snprintf(text, sizeof(text), "%s: %s", ctl_text(event, "reason"),
		 ctl_text(event, "text"));
	ctl_show_line(out, "why", text);
	if (!*ctl_text(s, "interface"))
		return;
	ctl_show_bytes((double)ctl_number(s, "rx_bytes"), rx, sizeof(rx));
	ctl_show_bytes((double)ctl_number(s, "tx_bytes"), tx, sizeof(tx));
	ctl_show_duration((long)ctl_number(s, "seconds"), duration,
			  sizeof(duration));
	snprintf(text, sizeof(text), "%s received, %s sent in %s", rx, tx,
		 duration);
	ctl_show_line(out, "traffic", text);
}

void ctl_show_stats(FILE *out, struct json_object *answer)
{
	for (int i = 0; i < STAT_COUNT; i++)
		fprintf(out, "%12lld %s\n",
			(long long)ctl_number(answer, stats_names[i].json),
			stats_names[i].text);
}

/* "good until 2026-01-31T23:59:59Z (29 days 3 h)" */
static void ctl_show_cert(FILE *out, struct json_object *cert)
{
	long left = (long)ctl_number(cert, "seconds_left");
	char duration[40], text[200];

	ctl_show_line(out, ctl_text(cert, "use"), ctl_text(cert, "file"));
	ctl_show_duration(left < 0 ? -left : left, duration, sizeof(duration));
	snprintf(text, sizeof(text), left < 0 ? "OVER since %.30s (%s)" :
						"good until %.30s (%s)",
		 ctl_text(cert, "until"), duration);
	ctl_show_line(out, "", text);
}

static void ctl_show_server(FILE *out, struct json_object *s)
{
	struct json_object *certs = ctl_object(s, "certificates");
	char duration[40], text[200];

	fprintf(out, "sstpd %.40s\n", ctl_text(s, "version"));
	ctl_show_duration((long)ctl_number(s, "seconds"), duration, sizeof(duration));
	snprintf(text, sizeof(text), "%s (%s)", ctl_text(s, "since"), duration);
	ctl_show_line(out, "since", text);
	snprintf(text, sizeof(text), "%lld", (long long)ctl_number(s, "sessions"));
	ctl_show_line(out, "sessions", text);
	for (size_t i = 0; certs && i < json_object_array_length(certs); i++)
		ctl_show_cert(out, json_object_array_get_idx(certs, i));
	if (json_object_get_boolean(ctl_object(s, "certificates_refused")))
		ctl_show_line(out, "refused",
			 "files of certificates have changed and cannot be used: the log says why, `sstpctl reload` tries again");
}

void ctl_show(FILE *out, struct json_object *answer)
{
	struct json_object *list;
	size_t i, n;

	if (ctl_object(answer, "server"))
		ctl_show_server(out, ctl_object(answer, "server"));
	if (!json_object_object_get_ex(answer, "sessions", &list))
		return;
	n = json_object_array_length(list);
	for (i = 0; i < n; i++)
		ctl_show_session(out, json_object_array_get_idx(list, i));
	if (!n)
		fputs("no session\n", out);
}
