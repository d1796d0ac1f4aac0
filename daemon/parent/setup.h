/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the parent gives a child at its start: its part of the
 * configuration, and open files and sockets where it could not open them.
 */
#ifndef SSTPD_SETUP_H
#define SSTPD_SETUP_H

#include "boundary/msg.h"
#include "conf/conf.h"
#include "parent/children.h"

/** setup_probe_kernel() - before the first engine: what data paths are there, of those in @conf? */
void setup_probe_kernel(const struct conf *conf);

/** setup_congestion() - before the first engine: load what it is going to use */
void setup_congestion(const struct conf *conf);

/**
 * setup_open() - before the first engine: listen, open the key log
 * @file: of the configuration, for errors
 *
 * Ends the daemon if an address or the file cannot be had.
 */
void setup_open(const struct conf *conf, const char *file);

/*
 * Each begins the work of a new process, with files as they were when the
 * configuration was accepted (kept.h). Return: false with the reason in @err if
 * something cannot be had just now; the process has only a part of it then.
 */

/** setup_engine() - number engine->number; at the start there were @n_first */
bool setup_engine(const struct conf *conf, const struct child *engine,
		  uint32_t n_first, char *err, size_t err_len);

bool setup_authd(const struct conf *conf, const struct child *authd, char *err,
		 size_t err_len);
bool setup_eapd(const struct conf *conf, const struct child *eapd, char *err,
		size_t err_len);

/**
 * setup_radius()
 * @started: when the first sstpd of these sessions was, seconds since 1970
 * @again: there are sessions, the server must not be told that there are none
 */
void setup_radius(const struct conf *conf, const struct child *radius,
		  uint32_t started, bool again);

/** setup_radius_renew() - another socket in place of one that is no use any more */
void setup_radius_renew(const struct conf *conf, const struct child *radius,
			const struct msg_radius_socket *m);

/** setup_radius_aside() - a file for what is damaged of the records that wait */
void setup_radius_aside(const struct conf *conf, const struct child *radius);

/**
 * setup_again() - give engines, authd and eapd a changed configuration
 * @authd: NULL: accounts and passwords stay, only certificates and the like are new
 *
 * Return: false, with nothing given, if a file cannot be had; @report is told.
 */
bool setup_again(const struct conf *conf, const struct child *engines,
		 uint32_t n_engines, const struct child *authd,
		 const struct child *eapd, conf_report report, void *ctx);

/**
 * setup_renew() - the files of the configuration once more, for an engine, authd or eapd
 *	that had no room for them, and what an engine listens on
 *
 * Return: false with the reason in @err if they cannot be had just now.
 */
bool setup_renew(const struct conf *conf, const struct child *child, char *err,
		 size_t err_len);

#endif /* SSTPD_SETUP_H */
