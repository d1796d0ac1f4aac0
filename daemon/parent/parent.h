/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The privileged process. */
#ifndef SSTPD_PARENT_H
#define SSTPD_PARENT_H

#include <stdbool.h>

#include "conf/conf.h"

#define PARENT_REFUSED	3
/* It has left its sessions to the next one, which somebody has to start (EX_TEMPFAIL). */
#define PARENT_LEFT	75

/**
 * struct parent_cfg - what the parent runs by
 * @conf: replaced by a reload
 * @file: where it comes from, absolute
 * @foreground: as sstpd was told
 * @debug: the level of the log is fixed
 * @control: control socket instead of the one in the file, or NULL
 * @ready: called once when everything serves
 */
struct parent_cfg {
	struct conf *conf;
	const char *file;
	bool foreground;
	bool debug;
	const char *control;
	void (*ready)(void);
};

/**
 * parent_main() - run the daemon until it is told to stop
 *
 * Return: exit status; PARENT_LEFT; PARENT_REFUSED: a server has refused the last login of a client
 * that does not dial again.
 */
int parent_main(const struct parent_cfg *cfg);

#endif /* SSTPD_PARENT_H */
