/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The control socket. A request is one line, the answer one JSON object, then
 * the connection is closed:
 *
 *	show [ID]	{"sessions": [...]}
 *	disconnect ID	{"disconnecting": ID}
 *	stats		{"NAME": number, ...}, see stats.h
 *	reload		{"reloaded": "yes", "complaints": [...]}
 *	metrics		what `sstpctl metrics` prints: {"version": "...", ...}
 *	version		{"version": "..."}
 *
 * or {"error": "..."}, for reload with the complaints too. Only root can connect (mode of the socket).
 */
#ifndef SSTPD_CONTROL_H
#define SSTPD_CONTROL_H

#define CONTROL_LINE_MAX	256

/** control_start() - listen on @path; ends the process if that cannot be */
void control_start(const char *path);
void control_stop(void);

#endif /* SSTPD_CONTROL_H */
