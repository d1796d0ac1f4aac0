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

#include "boundary/imsg.h"
#include "boundary/msg.h"
#include "conf/conf.h"
#include "parent/child_log.h"
#include "parent/numbers.h"

/*
 * A child that has died more often than that, never so many ms apart, will go on doing
 * so: the next one comes after a pause, then after twice that.
 */
#define CHILD_DEATHS_MAX	5
#define CHILD_DEATHS_MS		120000
#define CHILD_PAUSE_MS		1000
#define CHILD_PAUSE_MAX_MS	60000

/* What a child had no room for is sent again after so long. */
#define CHILD_RENEW_MS		1000

/* Bytes that may wait for an engine: answers to thousands of logins at a time. */
#define CHILD_QUEUE_MAX		(16 * 1024 * 1024)

/**
 * struct child - a process, or the place of one
 * @name: its role, as in `sstpd -P`
 * @bit: what it may send
 * @number: engines: which of them, from 0
 * @dials: engines: makes connections, too
 * @chan: NULL if the configuration has no use for it, or it is dead just now
 * @log: what it says, as long as there is @chan
 * @ready: it said MSG_READY
 * @stopped: it has nothing left to end
 * @surplus: engines: there are more than the configuration wants, and no new
 *	connection goes there
 * @sessions: engines: in the parent's table
 * @silent: for how many turns of the watchdog it has owed an answer to MSG_PING
 * @numbers: engines: of its sessions
 * @stats: what an engine last counted; @stats_before: what its predecessors had
 * @deaths: in a row; the last one at @died_ms
 * @again: when the next one comes
 * @renew: when it gets once more what a reload brought
 */
struct child {
	const char *name;
	enum msg_process bit;
	uint32_t number;
	bool dials;
	pid_t pid;
	struct imsg_chan *chan;
	struct child_log log;
	bool ready;
	bool stopped;
	bool surplus;
	unsigned int silent;
	unsigned int sessions;
	struct numbers numbers;
	struct msg_stats stats;
	struct msg_stats stats_before;
	unsigned int deaths;
	uint64_t died_ms;
	struct event *again;
	struct event *renew;
};

/**
 * child_spawn() - start it; @cb gets its messages, with the child as context
 *
 * Return: false, with errno, if there can be none just now.
 */
bool child_spawn(struct child *c, const struct conf_main *conf, imsg_cb cb);

/**
 * child_end() - kill it, if it still lives, and close its channel
 * @text: how it ended, for the log, of @size bytes; or NULL
 *
 * Once it returns nothing of the process is left: no socket, and of its sessions what
 * the parent holds.
 *
 * Return: false if it made a system call that it must not make.
 */
bool child_end(struct child *c, char *text, size_t size);

/** child_pause_ms() - note that it died; how long until the next one may come? */
uint32_t child_pause_ms(struct child *c);

/** child_tell() - imsg_send() to it; into the void if there is no such process */
void child_tell(const struct child *c, uint32_t type, const void *body, int fd);

#endif /* SSTPD_CHILDREN_H */
