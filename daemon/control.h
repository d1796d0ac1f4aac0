/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The control socket. A request is one line, the answer one JSON object, then
 * the connection is closed:
 *
 *	show		{"sessions": [...]}
 *	show ID		the same of one session, with what the kernel knows of it
 *	disconnect ID	{"disconnecting": ID}
 *	stats		{"NAME": number, ...}, see stats.h
 *	reload		{"reloaded": "yes", "complaints": [...]}
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

#define CONTROL_LINE_MAX	256

struct json_object;

/** control_start() - listen on @path; ends the process if that cannot be */
void control_start(const char *path);

/** control_stop() - no more connections; monitors stay */
void control_stop(void);

/** control_exit() - close them too, with what they have not been sent yet */
void control_exit(void);

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
