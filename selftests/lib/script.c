// SPDX-License-Identifier: GPL-2.0-or-later
#include "script.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "net.h"
#include "pump.h"

/* Longest line: a few frames of 4095 bytes in hex. */
#define LINE_MAX_BYTES	(256 * 1024)

const struct command *const script_tables[] = {
	cmd_hostile_table,
	cmd_load_table,
	cmd_many_table,
	cmd_mixed_table,
	cmd_net_table,
	cmd_process_table,
	cmd_pump_table,
	cmd_session_table,
	cmd_tap_table,
	cmd_torture_table,
	cmd_wait_table,
	NULL,
};

static const struct {
	const char *name;
	int number;
} errnos[] = {
	{ "EACCES", EACCES }, { "EAGAIN", EAGAIN }, { "EBADF", EBADF },
	{ "EBUSY", EBUSY }, { "EEXIST", EEXIST }, { "EFAULT", EFAULT },
	{ "EINTR", EINTR }, { "EINVAL", EINVAL }, { "EMSGSIZE", EMSGSIZE },
	{ "ENODEV", ENODEV }, { "ENOENT", ENOENT }, { "ENOMEM", ENOMEM },
	{ "ENOPROTOOPT", ENOPROTOOPT }, { "ENOTCONN", ENOTCONN },
	{ "ENOTSOCK", ENOTSOCK }, { "ENOTUNIQ", ENOTUNIQ }, { "ENXIO", ENXIO },
	{ "EOPNOTSUPP", EOPNOTSUPP }, { "EPERM", EPERM }, { "EPIPE", EPIPE },
	{ "EPROTO", EPROTO }, { "EPROTONOSUPPORT", EPROTONOSUPPORT },
	{ "EPROTOTYPE", EPROTOTYPE }, { "ERANGE", ERANGE },
	{ "ESOCKTNOSUPPORT", ESOCKTNOSUPPORT },
};

int script_fail(struct script *s, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(s->error, sizeof(s->error), fmt, ap);
	va_end(ap);
	return -1;
}

/* NAME=NETNS[@ADDR]; an empty NETNS is the caller's. */
int script_add_end(struct script *s, const char *spec)
{
	struct end *end = &s->ends[s->n_ends];
	const char *eq = strchr(spec, '=');
	const char *at = strchr(spec, '@');

	if (s->n_ends == SCRIPT_ENDS || !eq || eq == spec)
		return -1;
	memset(end, 0, sizeof(*end));
	snprintf(end->name, sizeof(end->name), "%.*s", (int)(eq - spec), spec);
	snprintf(end->netns, sizeof(end->netns), "%.*s",
		 (int)(at ? at - eq - 1 : (long)strlen(eq + 1)), eq + 1);
	snprintf(end->addr, sizeof(end->addr), "%s", at ? at + 1 : "");
	end->sock = -1;
	end->session = -1;
	end->tap = -1;
	s->n_ends++;
	return 0;
}

struct end *script_end(struct script *s, const char *name)
{
	for (int i = 0; i < s->n_ends; i++) {
		if (!strcmp(s->ends[i].name, name))
			return &s->ends[i];
	}
	return NULL;
}

int script_enter(struct script *s, const struct end *end)
{
	int rc;

	if (s->stay)
		return 0;
	rc = net_enter(end->netns);
	if (rc)
		return script_fail(s, "namespace %s: %s", end->netns, strerror(-rc));
	return 0;
}

const char *script_option(int argc, char **argv, const char *key,
			  const char *fallback)
{
	size_t len = strlen(key);

	for (int i = 0; i < argc && strcmp(argv[i], "fails"); i++) {
		if (!strncmp(argv[i], key, len) && argv[i][len] == '=')
			return argv[i] + len + 1;
	}
	return fallback;
}

int script_option_uint(struct script *s, int argc, char **argv, const char *key,
		       uint32_t *value)
{
	const char *text = script_option(argc, argv, key, NULL);
	char *end;

	if (!text)
		return 0;
	*value = strtoul(text, &end, 0);
	if (*end || end == text)
		return script_fail(s, "%s=%s: not a number", key, text);
	return 0;
}

int script_bytes(struct script *s, int argc, char **argv, struct wire_buf *buf)
{
	size_t open_frame = WIRE_CLOSED;

	for (int i = 0; i < argc && strcmp(argv[i], "fails"); i++) {
		if (strchr(argv[i], '='))
			continue;
		if (wire_word(buf, argv[i], &open_frame, s->error, sizeof(s->error)))
			return -1;
	}
	if (open_frame != WIRE_CLOSED)
		return script_fail(s, "a bracket is not closed");
	return 0;
}

static const char *errno_name(int error)
{
	for (size_t i = 0; i < sizeof(errnos) / sizeof(*errnos); i++) {
		if (errnos[i].number == error)
			return errnos[i].name;
	}
	return strerror(error);
}

int script_outcome(struct script *s, int argc, char **argv, int error,
		   const char *text)
{
	const char *want = NULL;
	int i = 0;

	while (i < argc && strcmp(argv[i], "fails"))
		i++;
	if (i == argc && !error)
		return 0;
	if (i == argc)
		return script_fail(s, "failed: %s: %s", errno_name(error), text);
	if (i + 1 < argc)
		want = argv[i + 1];
	if (!want)
		return script_fail(s, "fails: an errno name must follow");
	if (!error)
		return script_fail(s, "succeeded, expected %s", want);
	if (strcmp(errno_name(error), want))
		return script_fail(s, "failed with %s: \"%s\", expected %s",
				   errno_name(error), text, want);
	/* The words that follow must occur in the text, in this order. */
	for (i += 2; i < argc; i++) {
		const char *at = strstr(text, argv[i]);

		if (!at)
			return script_fail(s, "%s as expected, but the text \"%s\" lacks \"%s\"",
					   want, text, argv[i]);
		text = at + strlen(argv[i]);
	}
	return 0;
}

static void hex(char *out, size_t size, const uint8_t *data, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len && n + 3 < size; i++)
		n += snprintf(out + n, size - n, "%02x", data[i]);
}

int script_compare(struct script *s, const char *what, const uint8_t *want,
		   size_t want_len, const uint8_t *got, size_t got_len)
{
	char want_hex[65] = "", got_hex[65] = "";
	size_t at = 0;

	if (want_len == got_len && !memcmp(want, got, want_len))
		return 0;
	while (at < want_len && at < got_len && want[at] == got[at])
		at++;
	hex(want_hex, sizeof(want_hex), want + at, want_len - at);
	hex(got_hex, sizeof(got_hex), got + at, got_len - at);
	return script_fail(s,
			   "%s: %zu bytes, expected %zu; from byte %zu on: %s, expected %s",
			   what, got_len, want_len, at, got_hex, want_hex);
}

static const struct command *find_command(const char *name, bool wants_end)
{
	for (size_t t = 0; script_tables[t]; t++) {
		for (const struct command *c = script_tables[t]; c->name; c++) {
			if (c->wants_end == wants_end && !strcmp(c->name, name))
				return c;
		}
	}
	return NULL;
}

static int split(char *line, char **words)
{
	char *save, *word;
	int n = 0;

	for (word = strtok_r(line, " \t\n", &save); word;
	     word = strtok_r(NULL, " \t\n", &save)) {
		if (*word == '#')
			break;
		if (n == SCRIPT_WORDS)
			return -1;
		words[n++] = word;
	}
	return n;
}

static int run_line(struct script *s, char *line)
{
	char *words[SCRIPT_WORDS];
	const struct command *cmd;
	struct end *end;
	int n, at;

	n = split(line, words);
	if (n < 0)
		return script_fail(s, "more than %d words", SCRIPT_WORDS);
	if (!n)
		return 0;
	end = script_end(s, words[0]);
	at = end ? 1 : 0;
	cmd = at < n ? find_command(words[at], !!end) : NULL;
	if (!cmd)
		return script_fail(s, "no such end or command: %s",
				   words[at < n ? at : 0]);
	if (end && script_enter(s, end))
		return -1;
	return cmd->run(s, end, n - at - 1, words + at + 1);
}

int script_do(struct script *s, const char *fmt, ...)
{
	char line[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	return run_line(s, line);
}

int script_run(struct script *s, FILE *in)
{
	char *line = malloc(LINE_MAX_BYTES);
	char *copy = malloc(LINE_MAX_BYTES);
	int number = 0, rc = 0;

	if (!line || !copy)
		abort();
	while (!rc && fgets(line, LINE_MAX_BYTES, in)) {
		number++;
		strcpy(copy, line);
		rc = run_line(s, copy);
		if (!rc)
			continue;
		line[strcspn(line, "\n")] = 0;
		fprintf(stderr, "line %d: %.200s: %s\n", number, line, s->error);
	}
	free(line);
	free(copy);
	return rc;
}

static void end_close(struct end *end)
{
	int *fds[] = { &end->session, &end->sock, &end->tap };

	for (size_t i = 0; i < sizeof(fds) / sizeof(*fds); i++) {
		if (*fds[i] >= 0)
			close(*fds[i]);
		*fds[i] = -1;
	}
	pump_free(end->pump);
	end->pump = NULL;
	wire_free(&end->rx);
}

void script_close(struct script *s)
{
	for (int i = 0; i < s->n_ends; i++)
		end_close(&s->ends[i]);
	if (s->monitor)
		snl_monitor_close(s->monitor);
	s->monitor = NULL;
}
