/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The privileged process. */
#ifndef SSTPD_PARENT_H
#define SSTPD_PARENT_H

#include <stdbool.h>
#include <stdint.h>

#include "conf.h"
#include "stats.h"

#define SSTPD_VERSION	"0.1.0"

/**
 * struct parent_cfg - what the parent runs by
 * @conf: replaced by parent_reload()
 * @file: where it comes from, absolute
 * @debug: the level of the log is fixed
 * @control: control socket instead of the one in the file, or NULL
 * @ready: called once when everything serves
 */
struct parent_cfg {
	struct conf *conf;
	const char *file;
	bool debug;
	const char *control;
	void (*ready)(void);
};

/**
 * parent_main() - run the daemon until it is told to stop
 *
 * Return: exit status.
 */
int parent_main(const struct parent_cfg *cfg);

/**
 * parent_reload() - read the configuration and its files again
 * @report: called for everything that is wrong with them
 *
 * Return: true if they are in force now; else all is as before.
 */
bool parent_reload(conf_report report, void *ctx);

/** parent_disconnect() - ask the engine to end a session; false if unknown */
bool parent_disconnect(uint32_t id, enum reason reason);

/** parent_stat() - a counter, of the engine or of the parent */
uint64_t parent_stat(enum stats_id which);

#endif /* SSTPD_PARENT_H */
