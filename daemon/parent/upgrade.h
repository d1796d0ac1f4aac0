/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Another sstpd in the place of this process, with its process id and its sessions:
 * `sstpctl upgrade`. Runs in the parent.
 */
#ifndef SSTPD_UPGRADE_H
#define SSTPD_UPGRADE_H

#include <stdbool.h>

#include "conf/conf.h"

/** upgrade_init() - note where the program is: it may be replaced by another one */
void upgrade_init(void);

/**
 * upgrade_failure() - why this program goes on in its own place
 *
 * Return: NULL if it does not: it was started by somebody, or is what was to come.
 */
const char *upgrade_failure(void);

/**
 * upgrade_check() - would the program that is there now begin with @file?
 * @report: gets what it says if not
 *
 * It is run, with -t, and waited for: some tenths of a second.
 */
bool upgrade_check(const char *file, conf_report report, void *ctx);

/** upgrade_pass_on() - @sig came too late for this program: the next one gets it */
void upgrade_pass_on(int sig);
/** upgrade_hear() - of signals that came while this program took the place of another */
void upgrade_hear(void);

/**
 * upgrade_exec() - be that program; all children are gone
 * @file: configuration
 * @control: control socket, NULL = as the file says
 * @foreground, @debug: as this one was started
 *
 * If that program cannot be executed after all, this one begins anew in its place.
 */
void upgrade_exec(const char *file, const char *control, bool foreground, bool debug)
	__attribute__((noreturn));

#endif /* SSTPD_UPGRADE_H */
