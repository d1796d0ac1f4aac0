// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/ctl_top.h"

#include <langinfo.h>
#include <locale.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <json-c/json.h>

#include "ctl/ctl_list.h"
#include "ctl/ctl_value.h"

#define TOP_PERIOD_S	2
#define TOP_CLEAR	"\033[H\033[J"
/* Above the sessions: totals, titles. Below: "more", and the cursor. */
#define TOP_ROWS_OTHERS	4
#define TOP_ROWS_MIN	5
/* Each that is looked at in depth is a request more. */
#define TOP_DEPTH_MAX	100

/* ---- rates ---------------------------------------------------------------------- */

static uint64_t top_now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static struct json_object *top_same(struct json_object *list, int64_t id)
{
	for (size_t i = 0; list && i < json_object_array_length(list); i++) {
		struct json_object *s = json_object_array_get_idx(list, i);

		if (ctl_number(s, "id") == id)
			return s;
	}
	return NULL;
}

static void top_rate(struct json_object *now, struct json_object *before,
		     const char *bytes, const char *rate, uint64_t ms)
{
	int64_t moved = before ? ctl_number(now, bytes) - ctl_number(before, bytes) : 0;

	json_object_object_add(now, rate, json_object_new_int64(
			       ms && moved > 0 ? moved * 1000 / (int64_t)ms : 0));
}

static int64_t top_both(struct json_object *s)
{
	return ctl_number(s, "rx_rate") + ctl_number(s, "tx_rate");
}

/* The busiest first. */
static int top_by_rate(const void *a, const void *b)
{
	struct json_object *const *x = a, *const *y = b;
	int64_t i = top_both(*x), j = top_both(*y);

	if (i != j)
		return i < j ? 1 : -1;
	return ctl_number(*x, "id") < ctl_number(*y, "id") ? -1 : 1;
}

void ctl_top_rates(struct json_object *sessions, struct json_object *before, uint64_t ms)
{
	for (size_t i = 0; i < json_object_array_length(sessions); i++) {
		struct json_object *s = json_object_array_get_idx(sessions, i);
		struct json_object *was = top_same(before, ctl_number(s, "id"));

		top_rate(s, was, "rx_bytes", "rx_rate", ms);
		top_rate(s, was, "tx_bytes", "tx_rate", ms);
	}
	json_object_array_sort(sessions, top_by_rate);
}

/* ---- table ---------------------------------------------------------------------- */

static const struct ctl_column top_columns[] = {
	{ "ID", true, 0 }, { "USER", false, 6 }, { "REMOTE", false, 8 },
	{ "PATH", false, 0 }, { "RX b/s", true, 0 }, { "TX b/s", true, 0 },
	{ "TOTAL", true, 0 }, { "RTT", true, 0 }, { "QUEUE", true, 0 },
};

static void top_add_delay(struct ctl_table *table, struct json_object *o,
			  const char *key)
{
	char text[24] = "";

	if (o && ctl_object(o, key))
		ctl_short_delay((double)ctl_number(o, key), text, sizeof(text));
	ctl_table_add(table, text);
}

static void top_add(struct ctl_table *table, struct json_object *s)
{
	ctl_session_who(table, s);
	ctl_table_add(table, ctl_text(s, "path"));
	ctl_table_number(table, 8 * (double)ctl_number(s, "rx_rate"));
	ctl_table_number(table, 8 * (double)ctl_number(s, "tx_rate"));
	ctl_table_number(table, (double)ctl_number(s, "rx_bytes") +
				(double)ctl_number(s, "tx_bytes"));
	top_add_delay(table, ctl_object(s, "tcp"), "rtt_us");
	top_add_delay(table, ctl_object(s, "stream"), "queue_delay_us");
}

static double top_sum(struct json_object *sessions, const char *key)
{
	double sum = 0;

	for (size_t i = 0; i < json_object_array_length(sessions); i++)
		sum += (double)ctl_number(json_object_array_get_idx(sessions, i), key);
	return sum;
}

static void top_print_totals(FILE *out, struct json_object *sessions)
{
	char rx[24], tx[24], rx_all[16], tx_all[16], clock[16];
	size_t n = json_object_array_length(sessions);
	time_t now = time(NULL);
	struct tm tm;

	strftime(clock, sizeof(clock), "%H:%M:%S", localtime_r(&now, &tm));
	ctl_show_bits(8 * top_sum(sessions, "rx_rate"), rx, sizeof(rx));
	ctl_show_bits(8 * top_sum(sessions, "tx_rate"), tx, sizeof(tx));
	ctl_show_bytes(top_sum(sessions, "rx_bytes"), rx_all, sizeof(rx_all));
	ctl_show_bytes(top_sum(sessions, "tx_bytes"), tx_all, sizeof(tx_all));
	fprintf(out, "%s  %zu session%s  RX %s (%s)  TX %s (%s)\n", clock, n,
		n == 1 ? "" : "s", rx, rx_all, tx, tx_all);
}

/* How many lines of sessions fit. */
static size_t top_lines(size_t n, unsigned int rows)
{
	size_t room = rows > TOP_ROWS_OTHERS ? rows - TOP_ROWS_OTHERS : 1;

	return n > room ? room : n;
}

void ctl_top_print(FILE *out, struct json_object *sessions, unsigned int rows,
		   unsigned int width, enum ctl_bars bars)
{
	size_t n = json_object_array_length(sessions), lines = top_lines(n, rows);
	struct json_object *s;
	struct ctl_table *table;
	int64_t most = 0;

	top_print_totals(out, sessions);
	if (!n)
		return;
	most = top_both(json_object_array_get_idx(sessions, 0));
	table = ctl_table_new(top_columns, sizeof(top_columns) / sizeof(top_columns[0]));
	for (size_t i = 0; i < lines; i++) {
		s = json_object_array_get_idx(sessions, i);
		top_add(table, s);
		if (most)
			ctl_table_bar(table, (double)top_both(s) / (double)most);
	}
	ctl_table_print(table, out, width, bars);
	ctl_table_free(table);
	if (lines < n)
		fprintf(out, "%zu more\n", n - lines);
}

/* ---- the command ------------------------------------------------------------------ */

/* What only a request for the session itself tells. It may have ended meanwhile. */
static void top_depth(const struct ctl *ctl, struct json_object *s)
{
	static const char *const keys[] = { "tcp", "stream" };
	struct json_object *answer, *list, *deep;
	char request[64], why[400];

	snprintf(request, sizeof(request), "show %lld\n", (long long)ctl_number(s, "id"));
	answer = ctl_try(ctl, request, why, sizeof(why));
	list = answer ? ctl_object(answer, "sessions") : NULL;
	deep = list ? json_object_array_get_idx(list, 0) : NULL;
	for (size_t i = 0; deep && i < sizeof(keys) / sizeof(keys[0]); i++)
		if (ctl_object(deep, keys[i]))
			json_object_object_add(s, keys[i],
					       json_object_get(ctl_object(deep, keys[i])));
	json_object_put(answer);
}

static enum ctl_bars top_bars(void)
{
	const char *term = getenv("TERM");

	if (!term || !strcmp(term, "dumb"))
		return CTL_BARS_NO;
	return strcmp(nl_langinfo(CODESET), "UTF-8") ? CTL_BARS_ASCII : CTL_BARS_BLOCKS;
}

static void top_show(const struct ctl *ctl, struct json_object *answer,
		     struct json_object *list)
{
	unsigned int rows = UINT32_MAX, width = CTL_COLUMNS;
	enum ctl_bars bars = CTL_BARS_NO;
	size_t deep;

	if (ctl->json) {
		ctl_json_line(answer);
		return;
	}
	if (isatty(STDOUT_FILENO)) {
		bars = top_bars();
		if (ctl_terminal(&rows, &width) && rows < TOP_ROWS_MIN)
			rows = TOP_ROWS_MIN;
	}
	deep = top_lines(json_object_array_length(list), rows);
	for (size_t i = 0; i < deep && i < TOP_DEPTH_MAX; i++)
		top_depth(ctl, json_object_array_get_idx(list, i));
	if (isatty(STDOUT_FILENO))
		fputs(TOP_CLEAR, stdout);
	ctl_top_print(stdout, list, rows, width, bars);
	fflush(stdout);
}

/* A positive number that begins with a digit, or the end. */
static double top_positive(const char *option, const char *text)
{
	char *end;
	double value = text ? strtod(text, &end) : 0;

	if (!text || !strchr("0123456789.", *text) || *end || !(value > 0))
		ctl_die("top: %s needs a number above 0", option);
	return value;
}

int ctl_top(const struct ctl *ctl, int argc, char **argv)
{
	struct json_object *answer = NULL, *before = NULL;
	struct json_object *list = NULL, *list_before;
	uint64_t now, last = 0;
	double period = TOP_PERIOD_S, rounds = 0;

	for (int i = 0; i < argc; i += 2) {
		if (!strcmp(argv[i], "-d"))
			period = top_positive("-d", argv[i + 1]);
		else if (!strcmp(argv[i], "-n"))
			rounds = top_positive("-n", argv[i + 1]);
		else
			ctl_die("top: \"%s\" is neither -d SECONDS nor -n ROUNDS",
				argv[i]);
	}
	setlocale(LC_CTYPE, "");
	for (double round = 0; !rounds || round < rounds; round++) {
		if (round)
			usleep((useconds_t)(period * 1e6));
		answer = ctl_ask(ctl, "show\n");
		now = top_now_ms();
		list_before = list;
		list = ctl_object(answer, "sessions");
		if (!list)
			ctl_die("sstpd gave no answer");
		ctl_top_rates(list, list_before, now - last);
		top_show(ctl, answer, list);
		json_object_put(before);
		before = answer;
		last = now;
	}
	json_object_put(before);
	return 0;
}
