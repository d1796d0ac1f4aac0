/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The control socket. A request is one line, the answer one JSON object, then
 * the connection is closed:
 *
 *	show		{"sessions": [...]}
 *	show ID		the same of one session, with what the kernel knows of it
 *	show server	{"server": {...}}: the daemon itself, and its certificates
 *	disconnect ID	{"disconnecting": ID}
 *	reconnect NAME	{"reconnecting": NAME}: a client, by its section
 *	disconnect-user NAME	{"disconnecting_sessions": how many}; to the end of the line
 *	stats		{"NAME": number, ...}, see stats.h
 *	reload		{"reloaded": "yes", "complaints": [...]}
 *	upgrade		{"upgrading": "yes"}, and the socket is gone for a moment; else complaints
 *	metrics		what `sstpctl metrics` prints: {"version": "...", ...}
 *	version		{"version": "..."}
 *
 * or {"error": "..."}, for reload with the complaints too. But
 *
 *	monitor		{"event": "...", "time": "...", ...}
 *
 * goes on with one object a line, until the connection is closed: by the daemon
 * if nobody reads them. Only root can connect (mode of the socket).
 */
#ifndef SSTPD_CONTROL_H
#define SSTPD_CONTROL_H

#include <stdbool.h>
#include <stdint.h>

#include "conf/conf.h"
#include "lib/reason.h"
#include "lib/stats.h"

#define CONTROL_LINE_MAX	512

struct json_object;

/* Who does what is asked for. */
struct control_ops {
	/*
	 * Read the configuration and its files again; @report is called for all that
	 * is wrong with them. True: they are in force now; else all is as before.
	 */
	bool (*reload)(conf_report report, void *ctx);
	/* Another program in the place of this one; true: it is on its way. */
	bool (*upgrade)(conf_report report, void *ctx);
	/* End a session; false if there is none of that number. */
	bool (*disconnect)(uint32_t id, enum reason reason);
	/* Have a client replace its connection; NULL, or why it does not. */
	const char *(*reconnect)(const char *name);
	/* All of the account that @name is a name of; how many were there? */
	unsigned int (*disconnect_user)(const char *name);
	/* A counter, of the engines or of the parent. */
	uint64_t (*stat)(enum stats_id which);
};

/** control_start() - listen on @path; ends the process if that cannot be */
void control_start(const char *path, const struct control_ops *ops);

/** control_stop() - no more connections; monitors stay */
void control_stop(void);

/** control_exit() - close them too, with what they have not been sent yet */
void control_exit(void);

/** control_is_heard() - are there monitors? */
bool control_is_heard(void);
/**
 * control_event() - tell the monitors
 * @event: its name
 * @session: what it is about, or NULL; taken over
 * @reason: reason_name(), or NULL
 * @text: the reason in full, or NULL
 */
void control_event(const char *event, struct json_object *session,
		   const char *reason, const char *text);

#endif /* SSTPD_CONTROL_H */
