/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Logging to stderr, syslog or journald. One line per fact, written for the
 * operator: who, from where, what happened, why. What programs look for in it
 * is in fields beside the text: at the end of the line, [session=3 user=alice],
 * or as fields of the journal, SSTPD_SESSION=3. Every process of the daemon
 * calls log_init() once, before it is locked into its sandbox.
 *
 * Only the parent writes to the log. A child's stderr is a pipe to it, so that who
 * breaks into a child can neither forge a line of another process nor fill the log.
 */
#ifndef SSTPD_LOG_H
#define SSTPD_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <syslog.h>

enum log_target {
	LOG_TO_STDERR,
	LOG_TO_SYSLOG,
	LOG_TO_JOURNALD,
	LOG_TO_PARENT,		/* a child: log_relay() there writes it */
};

/**
 * log_init() - choose where this process logs to
 * @role: name of the process, shown in every line; must stay valid
 * @target: stderr, syslog, journald, or, on stderr, the parent
 * @level: least urgent level that is written, LOG_ERR .. LOG_DEBUG of syslog.h
 */
void log_init(const char *role, enum log_target target, int level);

/** log_set_level() - change the level */
void log_set_level(int level);

/** log_to_terminal() - write errors to stderr too, while someone is watching */
void log_to_terminal(bool on);

/** log_debugging() - true if debug lines are written at all */
bool log_debugging(void);

/** log_stderr_is_journal() - does systemd pass stderr of this process on to it? */
bool log_stderr_is_journal(void);

#define log_err(...)	log_write(LOG_ERR, NULL, __VA_ARGS__)
#define log_warn(...)	log_write(LOG_WARNING, NULL, __VA_ARGS__)
#define log_info(...)	log_write(LOG_INFO, NULL, __VA_ARGS__)
#define log_debug(...)	log_write(LOG_DEBUG, NULL, __VA_ARGS__)

/**
 * struct log_about - whom a line is about, for programs
 * @session: its number, 0 = none
 * @user: account, or NULL; so are all that follow
 * @peer: address and port of the other end
 * @interface: name
 * @reason: reason_name()
 */
struct log_about {
	uint32_t session;
	const char *user;
	const char *peer;
	const char *interface;
	const char *reason;
};

/** log_write() - @about may be NULL */
void log_write(int level, const struct log_about *about, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* A line on its way to the parent, its line feed included, is written at once. */
#define LOG_RELAY_MAX	2048

/**
 * log_relay() - write what a child said
 * @role: which; must stay valid
 * @line: without its line feed; not trusted. What log_write() did not make there, a
 *	library did, and it counts as an error.
 */
void log_relay(const char *role, char *line);

/** log_fatal() - log an error and end this process with status 1 */
void log_fatal(const char *fmt, ...)
	__attribute__((format(printf, 1, 2), noreturn));

/* ---- lines that somebody outside can cause ---------------------------------- */

#define LOG_LIMIT_BURST		50
#define LOG_LIMIT_PER_S		5

/**
 * struct log_limit - one for each place that logs; zero at first
 * @burst: lines at once, 0 = LOG_LIMIT_BURST
 * @per_s: lines a second after that, 0 = LOG_LIMIT_PER_S
 */
struct log_limit {
	uint32_t burst;
	uint32_t per_s;
	uint64_t at_ms;
	uint32_t used;
	uint32_t left_out;
};

/**
 * log_limit_pass() - may another line be written?
 * @now_ms: monotonic
 *
 * Return: false if not: a burst of them was, and since then there has been time
 * for so many each second only. It is counted in @left_out.
 */
bool log_limit_pass(struct log_limit *limit, uint64_t now_ms);

/*
 * Like log_write(), for a line that a stranger can cause as often as he likes.
 * The next one that is written says how many were not.
 */
#define log_limited(level, about, ...) do {				\
	static struct log_limit log_limit_here;				\
									\
	log_write_limited(&log_limit_here, level, about, __VA_ARGS__);	\
} while (0)

void log_write_limited(struct log_limit *limit, int level,
		       const struct log_about *about, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/* ---- formats, for the tests ---------------------------------------------------- */

/** log_fields() - " [session=3 user=alice]", empty without any */
void log_fields(const struct log_about *about, char *text, size_t size);

/** log_journal() - a datagram for journald; returns its length */
size_t log_journal(const char *role, int level, const struct log_about *about,
		   const char *text, char *buf, size_t size);

#endif /* SSTPD_LOG_H */
