/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Logging to stderr or syslog. One line per fact, written for the operator:
 * who, from where, what happened, why. Every process of the daemon calls
 * log_init() once, before it is locked into its sandbox.
 */
#ifndef SSTPD_LOG_H
#define SSTPD_LOG_H

#include <stdbool.h>
#include <stdint.h>
#include <syslog.h>

enum log_target {
	LOG_TO_STDERR,
	LOG_TO_SYSLOG,
};

/**
 * log_init() - choose where this process logs to
 * @role: name of the process, shown in every line; must stay valid
 * @target: stderr or syslog
 * @level: least urgent level that is written, LOG_ERR .. LOG_DEBUG of syslog.h
 */
void log_init(const char *role, enum log_target target, int level);

/** log_set_level() - change the level */
void log_set_level(int level);

/** log_to_terminal() - write errors to stderr too, while someone is watching */
void log_to_terminal(bool on);

/** log_debugging() - true if debug lines are written at all */
bool log_debugging(void);

#define log_err(...)	log_write(LOG_ERR, __VA_ARGS__)
#define log_warn(...)	log_write(LOG_WARNING, __VA_ARGS__)
#define log_info(...)	log_write(LOG_INFO, __VA_ARGS__)
#define log_debug(...)	log_write(LOG_DEBUG, __VA_ARGS__)

void log_write(int level, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/** log_fatal() - log an error and end this process with status 1 */
void log_fatal(const char *fmt, ...)
	__attribute__((format(printf, 1, 2), noreturn));

#endif /* SSTPD_LOG_H */
