// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/ctl_list.h"

#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "ctl/ctl_show.h"
#include "ctl/ctl_table.h"
#include "ctl/ctl_value.h"

/* Numbers of sessions that a reason names. */
#define LIST_NAMED_MAX	8

bool ctl_is_id(const char *text)
{
	return *text && strspn(text, "0123456789") == strlen(text) &&
	       strlen(text) <= 10;
}

const char *ctl_session_address(struct json_object *s)
{
	bool server = !strcmp(ctl_text(s, "role"), "server");
	const char *ipv4 = ctl_text(s, server ? "peer" : "local");
	const char *ipv6 = server ? ctl_text(s, "ipv6_prefix") : "";

	if (*ipv4)
		return ipv4;
	return *ipv6 ? ipv6 : ctl_text(s, server ? "peer_ipv6" : "local_ipv6");
}

/* ---- order ------------------------------------------------------------------------- */

static int list_by_number(struct json_object *a, struct json_object *b, const char *key)
{
	int64_t i = ctl_number(a, key), j = ctl_number(b, key);

	return i < j ? -1 : i > j;
}

/* qsort() has no context of ours. */
static const char *list_key;

static int list_by_id(const void *a, const void *b)
{
	return list_by_number(*(struct json_object *const *)a,
			      *(struct json_object *const *)b, "id");
}

static int list_by_text(const void *a, const void *b)
{
	int order = strcmp(ctl_text(*(struct json_object *const *)a, list_key),
			   ctl_text(*(struct json_object *const *)b, list_key));

	return order ? order : list_by_id(a, b);
}

/* Addresses and names with numbers in them: 10.8.0.9 before 10.8.0.10. */
static int list_by_version(const void *a, const void *b)
{
	int order = strverscmp(ctl_text(*(struct json_object *const *)a, list_key),
			       ctl_text(*(struct json_object *const *)b, list_key));

	return order ? order : list_by_id(a, b);
}

static int list_by_address(const void *a, const void *b)
{
	int order = strverscmp(ctl_session_address(*(struct json_object *const *)a),
			       ctl_session_address(*(struct json_object *const *)b));

	return order ? order : list_by_id(a, b);
}

/* The most first: that is what one looks for. */
static int list_by_most(const void *a, const void *b)
{
	int order = list_by_number(*(struct json_object *const *)b,
				   *(struct json_object *const *)a, list_key);

	return order ? order : list_by_id(a, b);
}

static int list_by_traffic(const void *a, const void *b)
{
	struct json_object *x = *(struct json_object *const *)a;
	struct json_object *y = *(struct json_object *const *)b;
	int64_t i = ctl_number(x, "rx_bytes") + ctl_number(x, "tx_bytes");
	int64_t j = ctl_number(y, "rx_bytes") + ctl_number(y, "tx_bytes");

	if (i != j)
		return i < j ? 1 : -1;
	return list_by_id(a, b);
}

static const struct list_order {
	const char *word;
	const char *key;
	int (*order)(const void *a, const void *b);
} list_orders[] = {
	{ "id", "id", list_by_id },
	{ "user", "user", list_by_text },
	{ "group", "group", list_by_text },
	{ "path", "path", list_by_text },
	{ "remote", "remote", list_by_version },
	{ "interface", "interface", list_by_version },
	{ "address", "", list_by_address },
	{ "rx", "rx_bytes", list_by_most },
	{ "tx", "tx_bytes", list_by_most },
	{ "traffic", "", list_by_traffic },
	{ "time", "seconds", list_by_most },
};

bool ctl_list_sort(struct json_object *sessions, const char *key)
{
	for (size_t i = 0; i < sizeof(list_orders) / sizeof(list_orders[0]); i++) {
		if (strcmp(key, list_orders[i].word))
			continue;
		list_key = list_orders[i].key;
		json_object_array_sort(sessions, list_orders[i].order);
		return true;
	}
	return false;
}

/* ---- choice ------------------------------------------------------------------------ */

static bool list_is(struct json_object *s, const char *key, const char *wish)
{
	return !wish || !strcmp(ctl_text(s, key), wish);
}

struct json_object *ctl_list_choose(struct json_object *sessions,
				    const struct ctl_wish *wish)
{
	struct json_object *chosen = json_object_new_array();

	for (size_t i = 0; i < json_object_array_length(sessions); i++) {
		struct json_object *s = json_object_array_get_idx(sessions, i);

		if (list_is(s, "user", wish->user) &&
		    list_is(s, "group", wish->group) && list_is(s, "path", wish->path))
			json_object_array_add(chosen, json_object_get(s));
	}
	return chosen;
}

/* ---- table ------------------------------------------------------------------------- */

static const struct ctl_column list_columns[] = {
	{ "ID", true, 0 }, { "USER", false, 6 }, { "REMOTE", false, 8 },
	{ "ADDRESS", false, 8 }, { "INTERFACE", false, 5 }, { "PATH", false, 0 },
	{ "RX", true, 0 }, { "TX", true, 0 }, { "TIME", true, 0 },
};

void ctl_session_who(struct ctl_table *table, struct json_object *s)
{
	char text[64];

	snprintf(text, sizeof(text), "%lld", (long long)ctl_number(s, "id"));
	ctl_table_add(table, text);
	ctl_table_add(table, ctl_text(s, "user"));
	ctl_host(ctl_text(s, "remote"), text, sizeof(text));
	ctl_table_add(table, text);
}

static void list_add(struct ctl_table *table, struct json_object *s)
{
	char text[24];

	ctl_session_who(table, s);
	ctl_table_add(table, ctl_session_address(s));
	ctl_table_add(table, ctl_text(s, "interface"));
	ctl_table_add(table, ctl_text(s, "path"));
	ctl_table_number(table, (double)ctl_number(s, "rx_bytes"));
	ctl_table_number(table, (double)ctl_number(s, "tx_bytes"));
	ctl_short_duration((long)ctl_number(s, "seconds"), text, sizeof(text));
	ctl_table_add(table, text);
}

/* "1, 2, 3, ...": sessions from @first on with the same reason. */
static void list_numbers(struct json_object *sessions, size_t first, const char *reason,
			 char *text, size_t size)
{
	size_t n = json_object_array_length(sessions), len = 0;
	unsigned int named = 0;

	for (size_t i = first; i < n; i++) {
		struct json_object *s = json_object_array_get_idx(sessions, i);

		if (strcmp(ctl_text(s, "path_reason"), reason))
			continue;
		if (named++ == LIST_NAMED_MAX) {
			snprintf(text + len, size - len, ", ...");
			return;
		}
		len += (size_t)snprintf(text + len, size - len, "%s%lld",
					len ? ", " : "",
					(long long)ctl_number(s, "id"));
	}
}

/* Has a session before number @i the same? */
static bool list_said(struct json_object *sessions, size_t i, const char *reason)
{
	while (i--)
		if (!strcmp(ctl_text(json_object_array_get_idx(sessions, i),
				     "path_reason"), reason))
			return true;
	return false;
}

static void list_reasons(FILE *out, struct json_object *sessions)
{
	size_t n = json_object_array_length(sessions);

	for (size_t i = 0; i < n; i++) {
		struct json_object *s = json_object_array_get_idx(sessions, i);
		const char *reason = ctl_text(s, "path_reason");
		char text[600], numbers[200] = "";

		if (!*reason || list_said(sessions, i, reason))
			continue;
		list_numbers(sessions, i, reason, numbers, sizeof(numbers));
		snprintf(text, sizeof(text), "%s (%s)", reason, numbers);
		ctl_show_line(out, "path tun", text);
	}
}

void ctl_list_print(FILE *out, struct json_object *sessions, unsigned int width)
{
	size_t n = json_object_array_length(sessions);
	struct ctl_table *table;

	if (!n) {
		fputs("no session\n", out);
		return;
	}
	table = ctl_table_new(list_columns,
			      sizeof(list_columns) / sizeof(list_columns[0]));
	for (size_t i = 0; i < n; i++)
		list_add(table, json_object_array_get_idx(sessions, i));
	ctl_table_print(table, out, width, CTL_BARS_NO);
	ctl_table_free(table);
	list_reasons(out, sessions);
}

/* ---- the command --------------------------------------------------------------------- */

static void list_wish(struct ctl_wish *wish, const char *option, const char *value)
{
	const struct {
		const char *option;
		const char **value;
	} options[] = {
		{ "--user", &wish->user }, { "--group", &wish->group },
		{ "--path", &wish->path }, { "--sort", &wish->sort },
	};

	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		if (strcmp(option, options[i].option))
			continue;
		if (!value)
			ctl_die("show: %s needs a value", option);
		*options[i].value = value;
		return;
	}
	ctl_die("show: \"%s\" is neither the number of a session nor \"server\", --user NAME, --group NAME, --path kernel|tun or --sort KEY",
		option);
}

static int list_one(const struct ctl *ctl, const char *id)
{
	struct json_object *answer;
	char request[64];

	snprintf(request, sizeof(request), "show %s\n", id);
	answer = ctl_ask(ctl, request);
	if (ctl->json)
		ctl_json(answer);
	else
		ctl_show(stdout, answer);
	json_object_put(answer);
	return 0;
}

int ctl_list(const struct ctl *ctl, int argc, char **argv)
{
	unsigned int rows, width = CTL_COLUMNS;
	struct json_object *answer, *chosen;
	struct ctl_wish wish = { NULL };

	if (argc == 1 && (ctl_is_id(argv[0]) || !strcmp(argv[0], "server")))
		return list_one(ctl, argv[0]);
	for (int i = 0; i < argc; i += 2)
		list_wish(&wish, argv[i], argv[i + 1]);
	if (wish.path && strcmp(wish.path, "kernel") && strcmp(wish.path, "tun"))
		ctl_die("show: --path is kernel or tun, not \"%s\"", wish.path);
	answer = ctl_ask(ctl, "show\n");
	if (!ctl_object(answer, "sessions"))
		ctl_die("sstpd gave no answer");
	chosen = ctl_list_choose(ctl_object(answer, "sessions"), &wish);
	json_object_object_add(answer, "sessions", chosen);
	if (wish.sort && !ctl_list_sort(chosen, wish.sort))
		ctl_die("show: --sort is id, user, group, path, remote, interface, address, rx, tx, traffic or time, not \"%s\"",
			wish.sort);
	ctl_terminal(&rows, &width);
	if (ctl->json)
		ctl_json(answer);
	else
		ctl_list_print(stdout, chosen, width);
	json_object_put(answer);
	return 0;
}
