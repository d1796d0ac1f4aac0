/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The parent's view of its child processes: their start, their end, and whether
 * one that ended may start again. A child that ends takes with it what it alone
 * held; the parent and the other children go on.
 */
#ifndef SSTPD_CHILDREN_H
#define SSTPD_CHILDREN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "conf.h"
#include "imsg.h"
#include "msg.h"

/* A child that ends more often than that, in so many ms, will go on doing so. */
#define CHILD_DEATHS_MAX	5
#define CHILD_DEATHS_MS		60000

/**
 * struct child - a process, or the place of one
 * @name: its role, as in `sstpd -P`
 * @bit: what it may send
 * @number: engines: which of them, from 0
 * @chan: NULL if the configuration has no use for it
 * @ready: it said MSG_READY
 * @stopped: it has nothing left to end
 * @sessions: engines: in the parent's table
 * @silent: it owes an answer to MSG_PING
 * @stats: what an engine last counted; @stats_before: what its predecessors had
 * @deaths: since @deaths_since_ms
 */
struct child {
	const char *name;
	enum msg_process bit;
	uint32_t number;
	pid_t pid;
	struct imsg_chan *chan;
	bool ready;
	bool stopped;
	bool silent;
	unsigned int sessions;
	struct msg_stats stats;
	struct msg_stats stats_before;
	unsigned int deaths;
	uint64_t deaths_since_ms;
};

/** child_spawn() - start it; @cb gets its messages, with the child as context */
void child_spawn(struct child *c, const struct conf_main *conf, imsg_cb cb);

/**
 * child_end() - kill it, if it still lives, and close its channel
 * @text: how it ended, for the log, of @size bytes; or NULL
 *
 * Once it returns nothing of the process is left: no socket, no session.
 */
void child_end(struct child *c, char *text, size_t size);

/** child_may_restart() - note that it died; false if it does so all the time */
bool child_may_restart(struct child *c);

/** child_tell() - imsg_send() to it; into the void if there is no such process */
void child_tell(const struct child *c, uint32_t type, const void *body, int fd);

#endif /* SSTPD_CHILDREN_H */
