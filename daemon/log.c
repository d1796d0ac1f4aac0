// SPDX-License-Identifier: GPL-2.0-or-later
#include "log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static const char *log_role = "sstpd";
static enum log_target log_target = LOG_TO_STDERR;
static int log_level = LOG_INFO;
static bool log_terminal;

void log_init(const char *role, enum log_target target, int level)
{
	log_role = role;
	log_target = target;
	log_level = level;
	/* Reads /etc/localtime: not to be found after a chroot. */
	tzset();
	/* LOG_NDELAY: the socket must be open before a chroot. */
	if (target == LOG_TO_SYSLOG)
		openlog("sstpd", LOG_NDELAY | LOG_PID, LOG_DAEMON);
}

void log_set_level(int level)
{
	log_level = level;
}

void log_to_terminal(bool on)
{
	log_terminal = on;
}

bool log_debugging(void)
{
	return log_level >= LOG_DEBUG;
}

static const char *log_level_name(int level)
{
	switch (level) {
	case LOG_ERR:
		return "error: ";
	case LOG_WARNING:
		return "warning: ";
	case LOG_DEBUG:
		return "debug: ";
	default:
		return "";
	}
}

/*
 * Parts of a line (user names, texts of the peer) come from the network: a
 * control character must neither forge a line nor drive a terminal.
 */
static void log_clean(char *line)
{
	for (; *line; line++)
		if ((unsigned char)*line < 0x20 || *line == 0x7f)
			*line = '?';
}

static void log_stderr(int level, const char *text)
{
	struct timespec now;
	char line[1200];
	struct tm tm;
	char date[32];
	int len;

	clock_gettime(CLOCK_REALTIME, &now);
	localtime_r(&now.tv_sec, &tm);
	strftime(date, sizeof(date), "%Y-%m-%d %H:%M:%S", &tm);
	len = snprintf(line, sizeof(line), "%s.%03ld sstpd[%s] %s%s\n", date,
		       now.tv_nsec / 1000000, log_role, log_level_name(level),
		       text);
	/* One write per line: lines of several processes never mix. */
	if (len > 0 && write(STDERR_FILENO, line, (size_t)len) < 0)
		return;
}

static void __attribute__((format(printf, 2, 0)))
log_vwrite(int level, const char *fmt, va_list ap)
{
	int saved = errno;
	char text[1024];

	if (level <= log_level) {
		vsnprintf(text, sizeof(text), fmt, ap);
		log_clean(text);
		if (log_target == LOG_TO_SYSLOG)
			syslog(level, "[%s] %s", log_role, text);
		if (log_target == LOG_TO_STDERR ||
		    (log_terminal && level <= LOG_ERR))
			log_stderr(level, text);
	}
	errno = saved;
}

void log_write(int level, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_vwrite(level, fmt, ap);
	va_end(ap);
}

void log_fatal(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_vwrite(LOG_ERR, fmt, ap);
	va_end(ap);
	exit(1);
}
