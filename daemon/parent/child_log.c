// SPDX-License-Identifier: GPL-2.0-or-later
#include "parent/child_log.h"

#include <string.h>
#include <unistd.h>

#include "boundary/proc.h"
#include "lib/loop.h"

/* How often one wake-up reads, and the end of a child, each time half of @buf or more. */
#define CHILD_LOG_TURN	4
#define CHILD_LOG_REST	(PROC_LOG_PIPE / LOG_RELAY_MAX)
/* More than a thousand logins a second cause. */
#define CHILD_LOG_BURST	10000
#define CHILD_LOG_PER_S	1000

static void child_log_left_out(struct child_log *log)
{
	if (log->limit.left_out)
		log_warn("%s: %u lines were left out, it said too much", log->role,
			 log->limit.left_out);
	log->limit.left_out = 0;
}

static void child_log_line(struct child_log *log, char *line)
{
	if (!*line || !log_limit_pass(&log->limit, loop_now_ms()))
		return;
	child_log_left_out(log);
	log_relay(log->role, line);
}

/* Write the lines that @log->buf holds; keep what has no end yet. */
static void child_log_lines(struct child_log *log)
{
	char *line = log->buf, *end;

	while ((end = memchr(line, '\n', log->len))) {
		*end++ = '\0';
		if (!log->too_long)
			child_log_line(log, line);
		log->too_long = false;
		log->len -= (size_t)(end - line);
		line = end;
	}
	memmove(log->buf, line, log->len);
	if (log->len < sizeof(log->buf) - 1)
		return;
	log->buf[log->len] = '\0';
	if (!log->too_long)
		child_log_line(log, log->buf);
	log->too_long = true;
	log->len = 0;
}

/* Return: false if there is no more, or never will be */
static bool child_log_read(struct child_log *log)
{
	ssize_t n = read(log->fd, log->buf + log->len, sizeof(log->buf) - 1 - log->len);

	if (n <= 0) {
		/* At the end of it the pipe would be readable for ever. */
		if (!n)
			loop_watch(log->readable, false);
		return false;
	}
	log->len += (size_t)n;
	child_log_lines(log);
	return true;
}

static void child_log_on_readable(int fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	for (int i = 0; i < CHILD_LOG_TURN; i++)
		if (!child_log_read(arg))
			return;
}

void child_log_open(struct child_log *log, const char *role, int fd)
{
	*log = (struct child_log){
		.role = role,
		.fd = fd,
		.limit = { .burst = CHILD_LOG_BURST, .per_s = CHILD_LOG_PER_S },
	};
	log->readable = loop_event(fd, EV_READ | EV_PERSIST, child_log_on_readable, log);
	loop_watch(log->readable, true);
}

void child_log_close(struct child_log *log)
{
	for (int i = 0; i < CHILD_LOG_REST && child_log_read(log); i++)
		;
	/* Killed in the middle of a line. */
	log->buf[log->len] = '\0';
	if (!log->too_long)
		child_log_line(log, log->buf);
	child_log_left_out(log);
	loop_free(&log->readable);
	close(log->fd);
}
