/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What outlives this process: descriptors of the kernel's sessions and of listening
 * sockets, and a file in memory that says what they are. The service manager keeps a
 * copy of each (sd_notify(3), FDSTORE=1), or they stay open when another program is
 * executed in place (inherit.h). So nothing is lost when this process is killed.
 *
 * A descriptor that the manager has is open until the manager closes it: closing ours
 * ends nothing any more. Runs in the parent.
 */
#ifndef SSTPD_STORE_H
#define SSTPD_STORE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>
#include <time.h>

#include "conf/conf.h"
#include "parent/table.h"

/**
 * store_open() - find what the sstpd before this one left, or begin a new one
 *
 * Once, and after inherit_init().
 */
void store_open(void);
/** store_close() - at the end; what was kept stays kept */
void store_close(void);

/* ---- sessions -------------------------------------------------------------------- */

/*
 * No more are kept: the names of all descriptors come to the next sstpd in one variable
 * of its environment, and with one of 128 KiB or more the kernel executes nothing.
 */
#define STORE_SESSIONS_MAX	19000

/**
 * store_put() - keep @e as it is now
 * @client: name of its [client], empty in the server's role
 *
 * Nothing is where store_open() was not. Its session_fd, if it has one, is kept with it;
 * its @slot is set; 0 = there was no room. To be called again when anything of it changes
 * that the next sstpd has to know.
 */
void store_put(struct entry *e, const char *client);
/** store_drop() - do not keep it any more; no-op if it is not kept */
void store_drop(struct entry *e);
/**
 * store_leave() - @e ends, but somebody has yet to hear of that: what is known of it stays
 *
 * Return: where, for store_release(); 0 = it was not kept.
 */
uint32_t store_leave(struct entry *e, const char *client);
/** store_release() - not any more; 0 is fine */
void store_release(uint32_t slot);

/**
 * struct stored - a session that the sstpd before this one kept
 * @slot: where
 * @fd: of the kernel's session, which becomes the session_fd of whoever goes on with it;
 *	-1 = it is gone: a service manager drops that of a session which has ended
 * @record: see store_record_read(); @len 0 = there is none that is whole
 */
struct stored {
	uint32_t slot;
	int fd;
	size_t len;
	const uint8_t *record;
};

/**
 * store_next() - the first (@one zeroed) or next session that was kept
 *
 * Return: false beyond the last one.
 */
bool store_next(struct stored *one);
/** store_forget() - one of them that nobody goes on with; closes @fd if there is one */
void store_forget(const struct stored *one);

/* ---- listening sockets -------------------------------------------------------------- */

/** store_listener() - one at @ss that was kept and that nobody has taken yet, or -1 */
int store_listener(const struct sockaddr_storage *ss);
/** store_keep_listener() - keep @fd from now on */
void store_keep_listener(int fd);
/** store_close_listener() - close @fd, and have the copy closed if one is kept */
void store_close_listener(int fd);
/** store_close_listeners() - those that nobody has taken: they are not configured any more */
void store_close_listeners(void);

/* ---- the daemon as a whole ----------------------------------------------------------- */

/**
 * struct store_life - what goes on when one sstpd follows the other
 * @started: when the first of them was, wall clock: in accounting ids
 * @last_id: the highest number of a session that an engine of the start has given
 * @last_later: the same of engines that came with a reload (session_id.h)
 * @attempts: how many have begun with these sessions, and none of them has been ready
 * @control: control socket of all of them; a later sstpd may have more behind it
 */
struct store_life {
	uint64_t started;
	uint32_t last_id;
	uint32_t last_later;
	uint32_t attempts;
	char control[sizeof(((struct conf_main *)0)->control)];
};

/** store_life() - to be read; it is zero where nothing was left */
const struct store_life *store_life(void);
void store_set_life(const struct store_life *life);

/**
 * store_pass_on() - everything that is kept, to a program in the place of this one
 *
 * See inherit_pass_on(). Return: false if it failed, with errno.
 */
bool store_pass_on(void);

#endif /* SSTPD_STORE_H */
