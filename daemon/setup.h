/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the parent gives a child at its start: its part of the
 * configuration, and open files and sockets where it could not open them.
 */
#ifndef SSTPD_SETUP_H
#define SSTPD_SETUP_H

#include "children.h"
#include "conf.h"

/** setup_probe_kernel() - before the first engine: what data paths are there? */
void setup_probe_kernel(void);

/** setup_congestion() - before the first engine: load what it is going to use */
void setup_congestion(const struct conf *conf);

/*
 * Each begins the work of a new process. They end the daemon if a file or an
 * address cannot be had.
 */

/**
 * setup_engine() - number engine->number of @n_engines
 * @last_id: highest number of a session so far
 */
void setup_engine(const struct conf *conf, const struct child *engine,
		  uint32_t n_engines, uint32_t last_id);

void setup_authd(const struct conf *conf, const struct child *authd);
void setup_eapd(const struct conf *conf, const struct child *eapd);

/** setup_radius() - @started: when sstpd was, seconds since 1970 */
void setup_radius(const struct conf *conf, const struct child *radius,
		  uint32_t started);

/**
 * setup_again() - give engines, authd and eapd a changed configuration
 *
 * Return: false, with nothing given, if a file cannot be had; @report is told.
 */
bool setup_again(const struct conf *conf, const struct child *engines,
		 uint32_t n_engines, const struct child *authd,
		 const struct child *eapd, conf_report report, void *ctx);

#endif /* SSTPD_SETUP_H */
