/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * All child processes of the parent: which there are, that one which ends is
 * replaced, and that one which asks for what it cannot want is ended.
 */
#ifndef SSTPD_STAFF_H
#define SSTPD_STAFF_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "boundary/imsg.h"
#include "conf/conf.h"
#include "parent/children.h"

/* What the parent has to do when something happens to a child. */
struct staff_ops {
	/*
	 * What the others waited for from @child will not come, and what it alone
	 * held is gone. Of an engine before, of others after the next one started.
	 */
	void (*gone)(const struct child *child);
	/* An engine in the place of one that is gone has been told what to do. */
	void (*back)(const struct child *engine);
	/* An engine is gone, and none comes soon, or it was not to be trusted. */
	void (*given_up)(const struct child *engine);
	/* It ended while everything ends. */
	void (*stopped)(struct child *child);
	/* Nobody can be served any more, or it has never begun: the daemon cannot go on. */
	void (*give_up)(void);
};

/**
 * struct staff - read by everybody in the parent
 * @engines: @n_engines of them, some of which a reload may have retired; @n_first were
 *	there at the start, by which sessions are numbered
 * @all: those that the configuration has, or had, use for
 * @started: when the daemon was, wall clock
 * @is_ready: all have begun to serve
 * @stopping: nobody is replaced any more
 */
struct staff {
	const struct conf *conf;
	imsg_cb on_message;
	const struct staff_ops *ops;
	struct child engines[CONF_ENGINES_MAX];
	uint32_t n_engines;
	uint32_t n_first;
	struct child authd;
	struct child eapd;
	struct child radius;
	struct child resolver;
	struct child *all[CONF_ENGINES_MAX + 4];
	uint32_t n_all;
	time_t started;
	bool is_ready;
	bool stopping;
};

extern struct staff staff;

/**
 * staff_start() - start them; they wait for staff_configure()
 * @conf: must stay valid; what it says may change
 * @on_message: gets their messages, with the child as context
 */
void staff_start(const struct conf *conf, imsg_cb on_message,
		 const struct staff_ops *ops);
/** staff_configure() - tell all of them what to do; @file: of the configuration */
void staff_configure(const char *file);
/**
 * staff_resize() - as many engines as the configuration wants since a reload, and what
 *	they listen on
 *
 * One too many gets no new connections, and ends when its last session does.
 */
void staff_resize(void);
/** staff_engine_stopped() - it says that it has nothing left to do, and nobody asked it to stop */
void staff_engine_stopped(struct child *engine);
/** staff_end() - kill those that are left */
void staff_end(void);

/** staff_engine_of() - engines number their sessions so that each has its own */
struct child *staff_engine_of(uint32_t id);
/** staff_dialler() - dialling takes little: one engine does it for all clients */
struct child *staff_dialler(void);

/**
 * staff_lost() - the channel of @child has ended; its place is filled again
 * @why: what the parent holds against it, NULL = it went by itself
 * @trusted: up to its end it did nothing that it must not do: of an engine, its
 *	successor goes on with what the kernel carries
 */
void staff_lost(struct child *child, const char *why, bool trusted);
/** staff_hurry() - there is no later: if it is held back, it begins now */
void staff_hurry(struct child *child);
/** staff_conf_lost() - @child had no descriptor for what a reload brought */
void staff_conf_lost(struct child *child);
/**
 * staff_betrayed() - it asked for something it cannot want
 *
 * It is broken, or broken into. All it has goes away with it.
 */
void staff_betrayed(struct child *child, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

#endif /* SSTPD_STAFF_H */
