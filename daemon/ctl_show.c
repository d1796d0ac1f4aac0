// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl_show.h"

#include <string.h>

#include <json-c/json.h>

#include "stats.h"

#define CTL_COLUMNS	80
#define CTL_INDENT	"    "
#define CTL_LABEL	12	/* columns of a label, without the indent */

void ctl_show_bytes(double bytes, char *text, size_t size)
{
	static const char *const units[] = { "B", "kB", "MB", "GB", "TB", "PB" };
	unsigned int unit = 0;

	while (bytes >= 1000 && unit < 5) {
		bytes /= 1000;
		unit++;
	}
	snprintf(text, size, "%.*f %s", unit ? 1 : 0, bytes, units[unit]);
}

void ctl_show_duration(long seconds, char *text, size_t size)
{
	long days = seconds / 86400;
	long hours = seconds / 3600 % 24;
	long minutes = seconds / 60 % 60;

	if (days)
		snprintf(text, size, "%ld day%s %ld h", days,
			 days == 1 ? "" : "s", hours);
	else if (hours)
		snprintf(text, size, "%ld h %ld min", hours, minutes);
	else if (minutes)
		snprintf(text, size, "%ld min %ld s", minutes, seconds % 60);
	else
		snprintf(text, size, "%ld s", seconds);
}

static const char *ctl_text(struct json_object *s, const char *key)
{
	struct json_object *value;

	if (!json_object_object_get_ex(s, key, &value))
		return "";
	return json_object_get_string(value);
}

static int64_t ctl_number(struct json_object *s, const char *key)
{
	struct json_object *value;

	if (!json_object_object_get_ex(s, key, &value))
		return 0;
	return json_object_get_int64(value);
}

/* Breaks @text at blanks so that no line is wider than the terminal. */
static void ctl_line(FILE *out, const char *label, const char *text)
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
		ctl_line(out, "IPv4", text);
	}
	if (*ctl_text(s, "local_ipv6")) {
		snprintf(text, sizeof(text), "%s, peer %s",
			 ctl_text(s, "local_ipv6"), ctl_text(s, "peer_ipv6"));
		ctl_line(out, "IPv6", text);
	}
	if (*ctl_text(s, "ipv6_prefix"))
		ctl_line(out, "prefix", ctl_text(s, "ipv6_prefix"));
	if (*ctl_text(s, "dns1")) {
		snprintf(text, sizeof(text), "%s%s%s", ctl_text(s, "dns1"),
			 *ctl_text(s, "dns2") ? ", " : "",
			 ctl_text(s, "dns2"));
		ctl_line(out, "DNS", text);
	}
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
	ctl_line(out, "remote", ctl_text(s, "remote"));
	snprintf(text, sizeof(text), "%s, MTU %lld", ctl_text(s, "interface"),
		 (long long)ctl_number(s, "mtu"));
	ctl_line(out, "interface", text);
	ctl_show_addresses(out, s);
	ctl_line(out, "TLS", ctl_text(s, "tls"));
	ctl_line(out, "login", ctl_text(s, "auth"));
	snprintf(text, sizeof(text), *reason ? "%s (%s)" : "%s",
		 ctl_text(s, "path"), reason);
	ctl_line(out, "data path", text);
	ctl_show_bytes((double)ctl_number(s, "rx_bytes"), rx, sizeof(rx));
	ctl_show_bytes((double)ctl_number(s, "tx_bytes"), tx, sizeof(tx));
	snprintf(text, sizeof(text), "%s received, %s sent", rx, tx);
	ctl_line(out, "traffic", text);
	ctl_show_duration((long)ctl_number(s, "seconds"), duration,
			  sizeof(duration));
	snprintf(text, sizeof(text), "%s (%s)", ctl_text(s, "since"), duration);
	ctl_line(out, "since", text);
}

void ctl_show_stats(FILE *out, struct json_object *answer)
{
	for (int i = 0; i < STAT_COUNT; i++)
		fprintf(out, "%12lld %s\n",
			(long long)ctl_number(answer, stats_names[i].json),
			stats_names[i].text);
}

void ctl_show(FILE *out, struct json_object *answer)
{
	struct json_object *list;
	size_t i, n;

	if (!json_object_object_get_ex(answer, "sessions", &list))
		return;
	n = json_object_array_length(list);
	for (i = 0; i < n; i++)
		ctl_show_session(out, json_object_array_get_idx(list, i));
	if (!n)
		fputs("no session\n", out);
}
