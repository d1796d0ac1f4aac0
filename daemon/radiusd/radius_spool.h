/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Accounting records that no server has acknowledged yet, in a file that outlives this
 * process and the daemon. The parent has opened it; here it is places of a fixed size,
 * of which there are so many and no more. A place whose record is acknowledged is
 * overwritten with zeros. What is neither that nor a whole record got damaged, or is of
 * another version: it goes to a file beside this one, that is told of it once. A file that
 * begins with something else is none of ours, and stays as it is.
 *
 * A crash of the machine may lose what it had not written yet; one of the daemon does
 * not.
 */
#ifndef SSTPD_RADIUS_SPOOL_H
#define SSTPD_RADIUS_SPOOL_H

#include <stdbool.h>
#include <stdint.h>

#include "boundary/msg.h"
#include "radius/radius_client.h"

#define RADIUS_SPOOL_MAX	RADIUS_REQUESTS_MAX
/* No place: the record is in memory alone. */
#define RADIUS_SPOOL_NONE	(-1)

/**
 * struct radius_spooled - a record as it is in the file, in the machine's byte order
 * @magic: RADIUS_SPOOL_MAGIC; anything else is no record
 * @started: of the daemon that had the session, see struct radius_nas
 * @sum: of all that follows, and of @started
 * @when: seconds since 1970, of the event
 */
struct radius_spooled {
	uint32_t magic;
	uint32_t started;
	uint64_t sum;
	int64_t when;
	struct msg_acct acct;
};

/* Another size is another format. */
#define RADIUS_SPOOL_OURS	0x53f00000u
#define RADIUS_SPOOL_MAGIC	(RADIUS_SPOOL_OURS | (uint32_t)sizeof(struct radius_spooled))
/* The file is no longer than that. */
#define RADIUS_SPOOL_SIZE	(RADIUS_SPOOL_MAX * sizeof(struct radius_spooled))

/**
 * struct radius_spool
 * @fd: the file, -1 = there is none
 * @failed: it could not be written, which was said
 * @damaged: how many places radius_spool_next() could not use: those in @bad, where
 *	nothing is put
 * @used: places that are taken
 */
struct radius_spool {
	int fd;
	bool failed;
	unsigned int damaged;
	bool bad[RADIUS_SPOOL_MAX];
	bool used[RADIUS_SPOOL_MAX];
};

/**
 * radius_spool_open() - begin
 * @fd: belongs to @spool from now on; -1 = no file
 *
 * Return: false if there is something else in it; then it is closed.
 */
bool radius_spool_open(struct radius_spool *spool, int fd);

/**
 * radius_spool_next() - the first record at place @from or behind it
 * @one: receives it
 *
 * Return: its place, which is taken then, or RADIUS_SPOOL_NONE.
 */
int radius_spool_next(struct radius_spool *spool, int from, struct radius_spooled *one);

/** radius_spool_put() - keep a record; its place, or RADIUS_SPOOL_NONE */
int radius_spool_put(struct radius_spool *spool, uint32_t started, int64_t when,
		     const struct msg_acct *acct);

/** radius_spool_drop() - it is acknowledged, or given up; no-op without a place */
void radius_spool_drop(struct radius_spool *spool, int place);

/**
 * radius_spool_aside() - move what is damaged to the end of another file
 * @fd: that file, which gets no larger than this one may be
 *
 * Return: true; or false with errno if some of it had no room there, and stays.
 */
bool radius_spool_aside(struct radius_spool *spool, int fd);

#endif /* SSTPD_RADIUS_SPOOL_H */
