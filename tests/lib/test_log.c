// SPDX-License-Identifier: GPL-2.0-or-later
/* What a line of the log says to programs, and how many a stranger can cause. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/log.h"

static void assert_fields(const struct log_about *about, const char *want)
{
	char text[300];

	log_fields(about, text, sizeof(text));
	assert_string_equal(text, want);
}

static void fields(void **state)
{
	(void)state;
	assert_fields(NULL, "");
	assert_fields(&(struct log_about){ 0 }, "");
	assert_fields(&(struct log_about){ .session = 3 }, " [session=3]");
	assert_fields(&(struct log_about){ .session = 4294967295U, .user = "alice",
			.peer = "[2001:db8::1]:443", .interface = "sstp0",
			.reason = "peer-disconnect" },
		" [session=4294967295 user=alice peer=\"[2001:db8::1]:443\" interface=sstp0 reason=peer-disconnect]");
}

/* A user name is what a stranger likes it to be. */
static void fields_cannot_be_forged(void **state)
{
	(void)state;
	assert_fields(&(struct log_about){ .user = "a reason=admin" },
		      " [user=\"a reason=admin\"]");
	assert_fields(&(struct log_about){ .user = "a\" b\\" },
		      " [user=\"a\\\" b\\\\\"]");
	assert_fields(&(struct log_about){ .user = "a]" }, " [user=\"a]\"]");
	assert_fields(&(struct log_about){ .user = "a\nb" }, " [user=a?b]");
	assert_fields(&(struct log_about){ .user = "\xc3\xbc\xc2\x9b\xff" },
		      " [user=\xc3\xbc???]");
}

static void journal(void **state)
{
	const struct log_about about = { .session = 7, .user = "a\nMESSAGE=b",
					 .peer = "192.0.2.1:443" };
	const char *want = "MESSAGE=text\nPRIORITY=6\nSYSLOG_FACILITY=3\n"
			   "SYSLOG_IDENTIFIER=sstpd\nSSTPD_PROCESS=parent\n"
			   "SSTPD_SESSION=7\nSSTPD_USER=a?MESSAGE=b\n"
			   "SSTPD_PEER=192.0.2.1:443\n";
	char buf[1000];
	size_t len;

	(void)state;
	len = log_journal("parent", LOG_INFO, &about, "text", buf, sizeof(buf));
	assert_int_equal(len, strlen(want));
	assert_memory_equal(buf, want, len);
	/* Too little room is no reason to write behind it. */
	for (size_t size = 1; size < strlen(want); size++)
		assert_true(log_journal("parent", LOG_INFO, &about, "text", buf,
					size) <= size);
}

/* A child may say what it likes, but not without its name. */
static void journal_of_too_much(void **state)
{
	static char text[4000], buf[4000];

	(void)state;
	for (size_t len = 0; len < sizeof(text) - 1; len++) {
		text[len] = 'x';
		memset(buf, 0, sizeof(buf));
		log_journal("engine", LOG_INFO, NULL, text, buf, sizeof(buf) - 1);
		assert_non_null(strstr(buf, "\nSSTPD_PROCESS=engine\n"));
	}
}

static void limit(void **state)
{
	struct log_limit l = { 0 };
	uint64_t now = 1000000;

	(void)state;
	for (int i = 0; i < LOG_LIMIT_BURST; i++)
		assert_true(log_limit_pass(&l, now));
	for (int i = 0; i < 7; i++)
		assert_false(log_limit_pass(&l, now));
	assert_int_equal(l.left_out, 7);
	now += 1000 / LOG_LIMIT_PER_S;
	assert_true(log_limit_pass(&l, now));
	assert_false(log_limit_pass(&l, now));
	/* After a long time all is as at first. */
	now += 3600000;
	for (int i = 0; i < LOG_LIMIT_BURST; i++)
		assert_true(log_limit_pass(&l, now));
	assert_false(log_limit_pass(&l, now));
}

/* Far more than is allowed: the burst passes, then the rate. */
static void limit_of_a_stream(void **state)
{
	struct log_limit l = { 0 };
	unsigned int passed = 0;

	(void)state;
	for (uint64_t now = 0; now < 100000; now += 50)
		passed += log_limit_pass(&l, now);
	assert_in_range(passed, 100 * LOG_LIMIT_PER_S,
			100 * LOG_LIMIT_PER_S + LOG_LIMIT_BURST);
}

/* Sends stderr into @pipe while @pipe is open. */
static int stderr_into(int pipe[2])
{
	int was = dup(STDERR_FILENO);

	assert_true(pipe2(pipe, O_CLOEXEC | O_NONBLOCK) == 0 && was >= 0);
	assert_true(dup2(pipe[1], STDERR_FILENO) >= 0);
	return was;
}

static ssize_t stderr_back(int was, const int pipe[2], char *text, size_t size)
{
	ssize_t n = read(pipe[0], text, size - 1);

	dup2(was, STDERR_FILENO);
	close(was);
	close(pipe[0]);
	close(pipe[1]);
	text[n < 0 ? 0 : n] = '\0';
	return n;
}

/* Return: lines that a child writes for this one; @line without its end */
static int said(int level, const struct log_about *about, const char *text, char *line)
{
	int pipe[2], was = stderr_into(pipe), lines = 0;

	log_init("child", LOG_TO_PARENT, LOG_INFO);
	log_write(level, about, "%s", text);
	stderr_back(was, pipe, line, LOG_RELAY_MAX + 1);
	for (char *p = line; (p = strchr(p, '\n')); lines++)
		*p = '\0';
	return lines;
}

/* Its end; before it are date and time, and the name of the program. */
static void assert_relayed(char *line, const char *want)
{
	int pipe[2], was = stderr_into(pipe);
	char text[2 * LOG_RELAY_MAX], *p = text;
	char role[16];
	int skip = 0;

	log_init("parent", LOG_TO_STDERR, LOG_INFO);
	log_relay("engine", line);
	stderr_back(was, pipe, text, sizeof(text));
	assert_int_equal(sscanf(p, "%*s %*s sstpd[%15[a-z]%n", role, &skip), 1);
	assert_int_equal(strncmp(want, role, strlen(role)), 0);
	assert_memory_equal(p + skip + 1, want + strlen(role), strlen(want) - strlen(role));
}

/* What log_relay() writes to its log, from lines that a child wrote to stderr. */
static void relay(void **state)
{
	static const struct log_about about = {
		.session = 7, .user = "al\x1fice\n", .peer = "192.0.2.1:5", .reason = "admin",
	};
	char line[LOG_RELAY_MAX + 1], long_text[LOG_RELAY_MAX];

	(void)state;
	memset(long_text, 'x', sizeof(long_text) - 1);
	long_text[sizeof(long_text) - 1] = '\0';
	assert_int_equal(said(LOG_WARNING, &about, "too\x1fmuch", line), 1);
	assert_relayed(line, "engine warning: too?much "
		       "[session=7 user=al?ice? peer=192.0.2.1:5 reason=admin]\n");
	assert_int_equal(said(LOG_INFO, NULL, "all is well", line), 1);
	assert_relayed(line, "engine all is well\n");
	assert_int_equal(said(LOG_INFO, NULL, long_text, line), 1);
	assert_true(strlen(line) < LOG_RELAY_MAX);
}

static void relay_of_what_is_no_line(void **state)
{
	static const char *const lines[][2] = {
		{ "==12==ERROR", "engine error: ==12==ERROR\n" },
		{ "", "engine error: \n" },
		{ "2000 sstpd[parent] a\x1b[2J", "engine error: 2000 sstpd[parent] a?[2J\n" },
		{ "\x1f", "engine error: ?\n" },
		{ "\x1f" "6\x1f" "0\x1f", "engine error: ?6?0?\n" },
		{ "\x1f" "9\x1f" "0\x1f" "1\x1f\x1f\x1f\x1f\x1ftext",
		  "engine error: ?9?0?1?????text\n" },
		{ "\x1f" "6\x1f" "3\x1f" "0\x1f\x1f\x1f\x1f\x1ftext",
		  "engine warning: 3 lines were lost before the next one\n" },
		{ "\x1f" "x\x1f" "x\x1f" "x\x1f\xff\x1f\x1f\x1f\x1f\xfe",
		  "engine error: ? [user=?]\n" },
	};
	char line[LOG_RELAY_MAX + 1];

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		snprintf(line, sizeof(line), "%s", lines[i][0]);
		assert_relayed(line, lines[i][1]);
	}
}

/* Return: bytes that are written of a line that has lost some before it */
static ssize_t relayed_at(int level)
{
	char line[] = "\x1f" "6\x1f" "3\x1f" "0\x1f\x1f\x1f\x1f\x1ftext";
	int pipe[2], was = stderr_into(pipe);
	char text[2 * LOG_RELAY_MAX];

	log_init("parent", LOG_TO_STDERR, level);
	log_relay("engine", line);
	return stderr_back(was, pipe, text, sizeof(text));
}

static void relay_of_what_nobody_wants(void **state)
{
	(void)state;
	assert_true(relayed_at(LOG_WARNING) > 0);
	assert_true(relayed_at(LOG_ERR) <= 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields),
		cmocka_unit_test(fields_cannot_be_forged),
		cmocka_unit_test(journal),
		cmocka_unit_test(journal_of_too_much),
		cmocka_unit_test(limit),
		cmocka_unit_test(limit_of_a_stream),
		cmocka_unit_test(relay),
		cmocka_unit_test(relay_of_what_is_no_line),
		cmocka_unit_test(relay_of_what_nobody_wants),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
