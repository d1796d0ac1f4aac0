// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "lib/text.h"

#define LOG_JOURNAL_SOCKET	"/run/systemd/journal/socket"
#define LOG_TEXT_MAX		1024
#define LOG_FIELDS_MAX		700
#define LOG_LINE_MAX		(LOG_TEXT_MAX + LOG_FIELDS_MAX + 200)
/* Before a line for the parent and between its parts; no clean text has it. */
#define LOG_RELAY_MARK		'\x1f'
/* Level, lines lost, session, user, peer, interface, reason; then the text. */
#define LOG_RELAY_PARTS		7

static const char *log_role = "sstpd";
static enum log_target log_target = LOG_TO_STDERR;
static int log_level = LOG_INFO;
static bool log_terminal;
static int log_journal_fd = -1;

/* Connected before a chroot hides the path; systemd keeps the other end. */
static void log_journal_open(void)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX,
				    .sun_path = LOG_JOURNAL_SOCKET };

	log_journal_fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (log_journal_fd >= 0 &&
	    connect(log_journal_fd, (struct sockaddr *)&addr,
		    sizeof(addr)) == 0)
		return;
	log_target = LOG_TO_STDERR;
	log_warn("cannot log to journald at " LOG_JOURNAL_SOCKET ", but to stderr: %s",
		 strerror(errno));
}

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
	if (target == LOG_TO_JOURNALD)
		log_journal_open();
}

/* systemd names device and inode of the stream it has connected (systemd.exec). */
bool log_stderr_is_journal(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	unsigned long long dev, ino;
	struct stat st;

	return stream && sscanf(stream, "%llu:%llu", &dev, &ino) == 2 &&
	       fstat(STDERR_FILENO, &st) == 0 && st.st_dev == dev &&
	       st.st_ino == ino;
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
	size_t n;

	for (; *line; line += n ? n : 1) {
		n = text_char(line);
		if (!n)
			*line = '?';
	}
}

/* ---- fields -------------------------------------------------------------------- */

#define LOG_ABOUT_N	5

struct log_field {
	const char *name;
	const char *journal;
	const char *value;
};

/* Return: how many of @fields are there; @number holds the text of one of them */
static int log_about_fields(const struct log_about *about, char number[static 12],
			    struct log_field fields[static LOG_ABOUT_N])
{
	const struct log_field all[] = {
		{ "session", "SSTPD_SESSION",
		  about && about->session ? number : NULL },
		{ "user", "SSTPD_USER",
		  about ? about->user : NULL },
		{ "peer", "SSTPD_PEER",
		  about ? about->peer : NULL },
		{ "interface", "SSTPD_INTERFACE",
		  about ? about->interface : NULL },
		{ "reason", "SSTPD_REASON",
		  about ? about->reason : NULL },
	};
	int n = 0;

	if (about)
		snprintf(number, 12, "%u", about->session);
	for (int i = 0; i < LOG_ABOUT_N; i++)
		if (all[i].value && *all[i].value)
			fields[n++] = all[i];
	return n;
}

/* In quotes if part of it could be taken for its end. */
static void log_value(FILE *out, const char *value)
{
	if (!strpbrk(value, " \"\\=[]")) {
		fputs(value, out);
		return;
	}
	fputc('"', out);
	for (; *value; value++) {
		if (*value == '"' || *value == '\\')
			fputc('\\', out);
		fputc(*value, out);
	}
	fputc('"', out);
}

void log_fields(const struct log_about *about, char *text, size_t size)
{
	struct log_field fields[LOG_ABOUT_N];
	char number[12];
	int n = log_about_fields(about, number, fields);
	FILE *out;

	*text = '\0';
	if (!n)
		return;
	out = fmemopen(text, size, "w");
	if (!out)
		return;
	for (int i = 0; i < n; i++) {
		fprintf(out, "%s%s=", i ? " " : " [", fields[i].name);
		log_value(out, fields[i].value);
	}
	fputc(']', out);
	fclose(out);
	log_clean(text);
}

size_t log_journal(const char *role, int level, const struct log_about *about,
		   const char *text, char *buf, size_t size)
{
	struct log_field fields[LOG_ABOUT_N];
	char number[12], value[LOG_FIELDS_MAX];
	int n = log_about_fields(about, number, fields);
	size_t len;

	/* However long it is, what follows is not cut off: whose it is. */
	len = (size_t)snprintf(buf, size, "MESSAGE=%.*s\nPRIORITY=%d\nSYSLOG_FACILITY=3\n"
			       "SYSLOG_IDENTIFIER=sstpd\nSSTPD_PROCESS=%s\n",
			       LOG_TEXT_MAX - 1, text, level, role);
	for (int i = 0; i < n && len < size; i++) {
		snprintf(value, sizeof(value), "%s", fields[i].value);
		/* A line feed would end the field and begin another. */
		log_clean(value);
		len += (size_t)snprintf(buf + len, size - len, "%s=%s\n",
					fields[i].journal, value);
	}
	return len < size ? len : size;
}

/* ---- targets --------------------------------------------------------------------- */

static void log_stderr(const char *role, int level, const char *text)
{
	struct timespec now;
	char line[LOG_LINE_MAX];
	struct tm tm;
	char date[32];
	int len;

	clock_gettime(CLOCK_REALTIME, &now);
	localtime_r(&now.tv_sec, &tm);
	strftime(date, sizeof(date), "%Y-%m-%d %H:%M:%S", &tm);
	len = snprintf(line, sizeof(line), "%s.%03ld sstpd[%s] %s%s\n", date,
		       now.tv_nsec / 1000000, role, log_level_name(level),
		       text);
	if (len > 0 && write(STDERR_FILENO, line, (size_t)len) < 0)
		return;
}

/* A journal that does not keep up loses lines, rather than stop the daemon. */
static void log_journald(const char *role, int level, const struct log_about *about,
			 const char *text)
{
	char buf[2 * LOG_LINE_MAX];
	size_t len = log_journal(role, level, about, text, buf, sizeof(buf));

	if (send(log_journal_fd, buf, len, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
		return;
}

/* A mark and @part, which may have none; the rest of it the parent will clean. */
static size_t log_put(char *line, size_t at, const char *part)
{
	/* the line feed */
	const size_t end = LOG_RELAY_MAX - 1;

	if (at < end)
		line[at++] = LOG_RELAY_MARK;
	for (; part && *part && at < end; part++)
		line[at++] = (unsigned char)*part < ' ' ? '?' : *part;
	return at;
}

/* As the pipe takes it: whole, or not at all when the parent does not keep up. */
static void log_parent(int level, const struct log_about *about, const char *text)
{
	static const struct log_about nobody;
	static unsigned int lost;
	char line[LOG_RELAY_MAX], number[3][12];
	size_t len = 0;

	if (!about)
		about = &nobody;
	snprintf(number[0], sizeof(number[0]), "%d", level);
	snprintf(number[1], sizeof(number[1]), "%u", lost);
	snprintf(number[2], sizeof(number[2]), "%u", about->session);
	const char *const parts[LOG_RELAY_PARTS + 1] = {
		number[0], number[1], number[2], about->user, about->peer,
		about->interface, about->reason, text,
	};

	for (int i = 0; i <= LOG_RELAY_PARTS; i++)
		len = log_put(line, len, parts[i]);
	line[len++] = '\n';
	if (write(STDERR_FILENO, line, len) == (ssize_t)len)
		lost = 0;
	else
		lost++;
}

/* @text is clean. */
static void log_emit(const char *role, int level, const struct log_about *about,
		     const char *text)
{
	char line[LOG_TEXT_MAX + LOG_FIELDS_MAX], fields[LOG_FIELDS_MAX];

	if (log_target == LOG_TO_PARENT) {
		log_parent(level, about, text);
		return;
	}
	if (log_target == LOG_TO_JOURNALD) {
		log_journald(role, level, about, text);
		*fields = '\0';
	} else {
		log_fields(about, fields, sizeof(fields));
	}
	snprintf(line, sizeof(line), "%.*s%s", LOG_TEXT_MAX - 1, text, fields);
	if (log_target == LOG_TO_SYSLOG)
		syslog(level, "[%s] %s", role, line);
	if (log_target == LOG_TO_STDERR || (log_terminal && level <= LOG_ERR))
		log_stderr(role, level, line);
}

static void __attribute__((format(printf, 3, 0)))
log_vwrite(int level, const struct log_about *about, const char *fmt, va_list ap)
{
	char text[LOG_TEXT_MAX];
	int saved = errno;

	if (level > log_level)
		return;
	vsnprintf(text, sizeof(text), fmt, ap);
	log_clean(text);
	log_emit(log_role, level, about, text);
	errno = saved;
}

/* Did log_parent() make it? */
static bool log_relay_is_ours(const char *line)
{
	const char *p = line;

	for (int i = 0; i <= LOG_RELAY_PARTS; i++) {
		p = i ? strchr(p, LOG_RELAY_MARK) : *p == LOG_RELAY_MARK ? p : NULL;
		if (!p++)
			return false;
	}
	return strtoul(line + 1, NULL, 10) <= LOG_DEBUG;
}

/* Return: what is before the next mark of @line, which goes on behind it */
static const char *log_relay_part(char **line)
{
	char *part = strsep(line, (const char[]){ LOG_RELAY_MARK, '\0' });

	log_clean(part);
	return part;
}

static void log_relay_lost(const char *role, unsigned long lost)
{
	char text[80];

	snprintf(text, sizeof(text), "%lu lines were lost before the next one", lost);
	log_emit(role, LOG_WARNING, NULL, text);
}

static void log_relay_line(const char *role, char *line)
{
	const char *part[LOG_RELAY_PARTS];
	struct log_about about;
	unsigned long lost;
	int level;

	for (int i = 0; i < LOG_RELAY_PARTS; i++)
		part[i] = log_relay_part(&line);
	log_clean(line);
	level = atoi(part[0]);
	lost = strtoul(part[1], NULL, 10);
	about = (struct log_about){
		.session = (uint32_t)strtoul(part[2], NULL, 10),
		.user = part[3],
		.peer = part[4],
		.interface = part[5],
		.reason = part[6],
	};
	if (lost && log_level >= LOG_WARNING)
		log_relay_lost(role, lost);
	if (level <= log_level)
		log_emit(role, level < LOG_ERR ? LOG_ERR : level, &about, line);
}

void log_relay(const char *role, char *line)
{
	if (log_relay_is_ours(line)) {
		log_relay_line(role, line + 1);
		return;
	}
	log_clean(line);
	log_emit(role, LOG_ERR, NULL, line);
}

void log_write(int level, const struct log_about *about, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_vwrite(level, about, fmt, ap);
	va_end(ap);
}

void log_fatal(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_vwrite(LOG_ERR, NULL, fmt, ap);
	va_end(ap);
	exit(1);
}

/* ---- limits ------------------------------------------------------------------------ */

bool log_limit_pass(struct log_limit *limit, uint64_t now_ms)
{
	uint32_t burst = limit->burst ? limit->burst : LOG_LIMIT_BURST;
	uint32_t per_s = limit->per_s ? limit->per_s : LOG_LIMIT_PER_S;
	uint64_t back = (now_ms - limit->at_ms) * per_s / 1000;

	if (back) {
		limit->used = back < limit->used ?
			      limit->used - (uint32_t)back : 0;
		limit->at_ms = now_ms;
	}
	if (limit->used == burst) {
		limit->left_out++;
		return false;
	}
	limit->used++;
	return true;
}

void log_write_limited(struct log_limit *limit, int level,
		       const struct log_about *about, const char *fmt, ...)
{
	struct timespec now;
	va_list ap;

	if (level > log_level)
		return;
	clock_gettime(CLOCK_MONOTONIC, &now);
	if (!log_limit_pass(limit, (uint64_t)now.tv_sec * 1000 +
				   (uint64_t)now.tv_nsec / 1000000))
		return;
	if (limit->left_out)
		log_write(level, NULL, "%u lines like the next one were left out",
			  limit->left_out);
	limit->left_out = 0;
	va_start(ap, fmt);
	log_vwrite(level, about, fmt, ap);
	va_end(ap);
}
