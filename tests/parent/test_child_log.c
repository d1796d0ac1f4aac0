// SPDX-License-Identifier: GPL-2.0-or-later
/* What a child says is written under its name, to its last word, or counted. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "boundary/proc.h"
#include "lib/loop.h"
#include "parent/child_log.h"

#define LINE	(LOG_RELAY_MAX - 1)

static struct child_log child;
static int child_end;
static char *text;

static int set_up(void **state)
{
	int pipe[2];

	(void)state;
	if (pipe2(pipe, O_CLOEXEC | O_NONBLOCK) < 0)
		return -1;
	fcntl(pipe[1], F_SETPIPE_SZ, PROC_LOG_PIPE);
	child_end = pipe[1];
	child_log_open(&child, "engine", pipe[0]);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	free(text);
	text = NULL;
	return 0;
}

/* Return: whether the pipe has taken @line, which then ends there */
static bool say(const char *line)
{
	return write(child_end, line, strlen(line)) == (ssize_t)strlen(line);
}

/* The child is dead. Sets @text to all that goes into the log then. */
static void end(void)
{
	int was = dup(STDERR_FILENO);
	FILE *log = tmpfile();
	long len;

	assert_non_null(log);
	close(child_end);
	assert_true(was >= 0 && dup2(fileno(log), STDERR_FILENO) >= 0);
	child_log_close(&child);
	assert_true(dup2(was, STDERR_FILENO) >= 0);
	close(was);
	fseek(log, 0, SEEK_END);
	len = ftell(log);
	rewind(log);
	text = calloc(1, (size_t)len + 1);
	assert_non_null(text);
	assert_int_equal(fread(text, 1, (size_t)len, log), len);
	fclose(log);
}

static unsigned int count(const char *what)
{
	unsigned int n = 0;

	for (const char *p = text; (p = strstr(p, what)); p++)
		n++;
	return n;
}

/* A full pipe, in lines as long as log_write() makes them. */
static void last_words(void **state)
{
	char line[LINE + 2] = "";
	unsigned int n = 0;

	(void)state;
	memset(line, 'x', LINE);
	line[LINE] = '\n';
	while (say(line))
		n++;
	assert_true(n > 10);
	end();
	assert_int_equal(count("sstpd[engine] error: xx"), n);
}

static void half_a_line(void **state)
{
	(void)state;
	assert_true(say("one\ntw"));
	end();
	assert_non_null(strstr(text, "sstpd[engine] error: one\n"));
	assert_non_null(strstr(text, "sstpd[engine] error: tw\n"));
}

static void a_line_too_long(void **state)
{
	char line[3 * sizeof(child.buf)] = "";

	(void)state;
	memset(line, 'x', sizeof(line) - 1);
	assert_true(say(line));
	assert_true(say("\nanother\n"));
	end();
	assert_int_equal(count("error: xx"), 1);
	assert_int_equal(count("sstpd[engine] error: another\n"), 1);
}

/* Return: how many lines are said to have been left out, in all */
static unsigned int left_out(void)
{
	unsigned int n = 0, more;

	for (const char *p = text; (p = strstr(p, "engine: ")); p++)
		if (sscanf(p, "engine: %u lines were left out", &more) == 1)
			n += more;
	return n;
}

/* Of what is not written, each line is counted: also when none comes after it. */
static void too_much(void **state)
{
	unsigned int n = 0, said;

	(void)state;
	while (n < 30000 && say("word\n"))
		n++;
	assert_int_equal(n, 30000);
	end();
	said = count("error: word\n");
	assert_in_range(said, 10000, n - 1);
	assert_int_equal(left_out(), n - said);
}

#define TEST(name)	cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(last_words),
		TEST(half_a_line),
		TEST(a_line_too_long),
		TEST(too_much),
	};

	log_init("test", LOG_TO_STDERR, LOG_INFO);
	loop_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
