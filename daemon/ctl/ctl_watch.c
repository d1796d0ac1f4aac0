// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/ctl_watch.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include <json-c/json.h>

#include "ctl/ctl_show.h"

#define CTL_TOP_PERIOD_S	2
#define CTL_TOP_ROWS		24
#define CTL_CLEAR		"\033[H\033[J"

/* ---- top ---------------------------------------------------------------------- */

static uint64_t ctl_now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* A positive number that begins with a digit, or the end. */
static double ctl_positive(const char *option, const char *text)
{
	char *end;
	double value = text ? strtod(text, &end) : 0;

	if (!text || !strchr("0123456789.", *text) || *end || !(value > 0))
		ctl_die("top: %s needs a number above 0", option);
	return value;
}

static struct json_object *ctl_same(struct json_object *list, int64_t id)
{
	for (size_t i = 0; list && i < json_object_array_length(list); i++) {
		struct json_object *s = json_object_array_get_idx(list, i);

		if (json_object_get_int64(json_object_object_get(s, "id")) == id)
			return s;
	}
	return NULL;
}

static int64_t ctl_get(struct json_object *s, const char *key)
{
	return json_object_get_int64(json_object_object_get(s, key));
}

static void ctl_rate(struct json_object *now, struct json_object *before,
		     const char *bytes, const char *rate, uint64_t ms)
{
	int64_t moved = before ? ctl_get(now, bytes) - ctl_get(before, bytes) : 0;

	json_object_object_add(now, rate, json_object_new_int64(
			       ms && moved > 0 ? moved * 1000 / (int64_t)ms : 0));
}

/* The busiest first. */
static int ctl_by_rate(const void *a, const void *b)
{
	struct json_object *const *x = a, *const *y = b;
	int64_t i = ctl_get(*x, "rx_rate") + ctl_get(*x, "tx_rate");
	int64_t j = ctl_get(*y, "rx_rate") + ctl_get(*y, "tx_rate");

	if (i != j)
		return i < j ? 1 : -1;
	return ctl_get(*x, "id") < ctl_get(*y, "id") ? -1 : 1;
}

/* Adds what moved since @before, @ms ago, to each session of @list. */
static void ctl_rates(struct json_object *list, struct json_object *before,
		      uint64_t ms)
{
	for (size_t i = 0; i < json_object_array_length(list); i++) {
		struct json_object *s = json_object_array_get_idx(list, i);
		struct json_object *was = ctl_same(before, ctl_get(s, "id"));

		ctl_rate(s, was, "rx_bytes", "rx_rate", ms);
		ctl_rate(s, was, "tx_bytes", "tx_rate", ms);
	}
	json_object_array_sort(list, ctl_by_rate);
}

static unsigned int ctl_rows(void)
{
	struct winsize size;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0 || size.ws_row < 5)
		return CTL_TOP_ROWS;
	return size.ws_row;
}

static void ctl_top_show(const struct ctl *ctl, struct json_object *answer,
			 struct json_object *list)
{
	bool tty = isatty(STDOUT_FILENO);

	if (ctl->json) {
		ctl_json_line(answer);
		return;
	}
	if (tty)
		fputs(CTL_CLEAR, stdout);
	ctl_show_top(stdout, list, tty ? ctl_rows() : UINT32_MAX);
	fflush(stdout);
}

int ctl_top(const struct ctl *ctl, int argc, char **argv)
{
	struct json_object *answer = NULL, *before = NULL;
	struct json_object *list = NULL, *list_before;
	uint64_t now, last = 0;
	double period = CTL_TOP_PERIOD_S, rounds = 0;

	for (int i = 0; i < argc; i += 2) {
		if (!strcmp(argv[i], "-d"))
			period = ctl_positive("-d", argv[i + 1]);
		else if (!strcmp(argv[i], "-n"))
			rounds = ctl_positive("-n", argv[i + 1]);
		else
			ctl_die("top: \"%s\" is neither -d SECONDS nor -n ROUNDS",
				argv[i]);
	}
	for (double round = 0; !rounds || round < rounds; round++) {
		if (round)
			usleep((useconds_t)(period * 1e6));
		answer = ctl_ask(ctl, "show\n");
		now = ctl_now_ms();
		list_before = list;
		if (!json_object_object_get_ex(answer, "sessions", &list))
			ctl_die("sstpd gave no answer");
		ctl_rates(list, list_before, now - last);
		ctl_top_show(ctl, answer, list);
		json_object_put(before);
		before = answer;
		last = now;
	}
	json_object_put(before);
	return 0;
}

/* ---- monitor -------------------------------------------------------------------- */

int ctl_monitor(const struct ctl *ctl)
{
	FILE *in = ctl_listen(ctl, "monitor\n");
	struct json_object *o, *error;
	char *line = NULL;
	size_t size = 0;

	while (getline(&line, &size, in) > 0) {
		o = json_tokener_parse(line);
		if (!o)
			ctl_die("sstpd sent what is no event");
		if (json_object_object_get_ex(o, "error", &error))
			ctl_die("%s", json_object_get_string(error));
		if (ctl->json)
			ctl_json_line(o);
		else
			ctl_show_event(stdout, o);
		fflush(stdout);
		json_object_put(o);
	}
	free(line);
	fclose(in);
	fputs("sstpctl: sstpd has closed the connection\n", stderr);
	return 1;
}
