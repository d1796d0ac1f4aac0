/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How sstpctl talks to the daemon (control.h), and gives up. */
#ifndef SSTPD_CTL_ASK_H
#define SSTPD_CTL_ASK_H

#include <stdbool.h>
#include <stdio.h>

struct json_object;

/* What sstpd.service serves; beside it NAME.conf, of sstpd@NAME.service. */
#define CTL_CONF_DIR	"/etc/sstpd"
#define CTL_CONF	CTL_CONF_DIR "/sstpd.conf"

/**
 * struct ctl - what a command runs by
 * @socket: control socket, NULL = the one that ctl_socket_find() finds
 * @conf: configuration of that instance, NULL = none was named
 * @json: print JSON instead of the human form
 */
struct ctl {
	const char *socket;
	const char *conf;
	bool json;
};

/** ctl_die() - "sstpctl: ..." to stderr, exit status 1 */
void ctl_die(const char *fmt, ...)
	__attribute__((format(printf, 1, 2), noreturn));

/**
 * ctl_try() - send a request, wait for the answer
 * @why: what went wrong, if NULL is returned
 *
 * Return: the answer, which the caller puts; NULL on failure, and if the answer
 * is an error.
 */
struct json_object *ctl_try(const struct ctl *ctl, const char *request,
			    char *why, size_t size);

/** ctl_ask() - the same, but a failure is the end of the program */
struct json_object *ctl_ask(const struct ctl *ctl, const char *request);

/** ctl_listen() - send a request whose answer goes on, a JSON object a line */
FILE *ctl_listen(const struct ctl *ctl, const char *request);

/** ctl_json() - pretty, for the answer to a command */
void ctl_json(struct json_object *o);

/** ctl_json_line() - on one line, for one of several; flushed */
void ctl_json_line(struct json_object *o);

#endif /* SSTPD_CTL_ASK_H */
