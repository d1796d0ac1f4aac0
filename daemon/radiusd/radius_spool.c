// SPDX-License-Identifier: GPL-2.0-or-later
#include "radiusd/radius_spool.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "lib/hash.h"
#include "lib/log.h"

static const struct radius_spooled radius_spool_empty;

static bool radius_spool_seek(const struct radius_spool *spool, int place)
{
	off_t at = (off_t)place * (off_t)sizeof(struct radius_spooled);

	return lseek(spool->fd, at, SEEK_SET) == at;
}

/* A wrong path is not to cost somebody his users file. */
static bool radius_spool_is_ours(const struct radius_spool *spool)
{
	uint32_t magic = 0;

	return radius_spool_seek(spool, 0) && read(spool->fd, &magic, sizeof(magic)) >= 0 &&
	       (!magic || (magic & 0xfff00000) == RADIUS_SPOOL_OURS);
}

bool radius_spool_open(struct radius_spool *spool, int fd)
{
	memset(spool, 0, sizeof(*spool));
	spool->fd = fd;
	if (fd < 0 || radius_spool_is_ours(spool))
		return true;
	close(fd);
	spool->fd = -1;
	return false;
}

static uint64_t radius_spool_sum(const struct radius_spooled *one)
{
	const size_t from = offsetof(struct radius_spooled, when);

	return hash_bytes((const char *)one + from, sizeof(*one) - from) + one->started;
}

/* Of ours, or of somebody who wrote into it: it goes through the same check. */
static bool radius_spool_is_record(const struct radius_spooled *one)
{
	return one->magic == RADIUS_SPOOL_MAGIC && one->sum == radius_spool_sum(one) &&
	       msg_rules[MSG_ACCT].check(&one->acct);
}

int radius_spool_next(struct radius_spool *spool, int from, struct radius_spooled *one)
{
	ssize_t n = sizeof(*one);

	if (spool->fd < 0 || from >= RADIUS_SPOOL_MAX || !radius_spool_seek(spool, from))
		return RADIUS_SPOOL_NONE;
	for (int place = from; place < RADIUS_SPOOL_MAX && n == sizeof(*one); place++) {
		memset(one, 0, sizeof(*one));
		n = read(spool->fd, one, sizeof(*one));
		if (n == sizeof(*one) && radius_spool_is_record(one)) {
			spool->used[place] = true;
			return place;
		}
		if (n < 0 || memcmp(one, &radius_spool_empty, sizeof(*one))) {
			spool->bad[place] = true;
			spool->damaged++;
		}
	}
	return RADIUS_SPOOL_NONE;
}

static bool radius_spool_try(struct radius_spool *spool, int place,
			     const struct radius_spooled *one)
{
	return radius_spool_seek(spool, place) &&
	       write(spool->fd, one, sizeof(*one)) == (ssize_t)sizeof(*one);
}

static bool radius_spool_write(struct radius_spool *spool, int place,
			       const struct radius_spooled *one)
{
	bool ok;

	errno = 0;
	ok = radius_spool_try(spool, place, one);
	if (!ok && !spool->failed)
		log_err("accounting records cannot be kept on the disk: %s",
			errno ? strerror(errno) : "it is full");
	if (ok && spool->failed)
		log_info("accounting records are kept on the disk again");
	spool->failed = !ok;
	/* Half of one is none, and no damage. */
	if (!ok)
		radius_spool_try(spool, place, &radius_spool_empty);
	return ok;
}

int radius_spool_put(struct radius_spool *spool, uint32_t started, int64_t when,
		     const struct msg_acct *acct)
{
	struct radius_spooled one;
	int place = 0;

	if (spool->fd < 0)
		return RADIUS_SPOOL_NONE;
	while (place < RADIUS_SPOOL_MAX && (spool->used[place] || spool->bad[place]))
		place++;
	if (place == RADIUS_SPOOL_MAX)
		return RADIUS_SPOOL_NONE;
	memset(&one, 0, sizeof(one));
	one.magic = RADIUS_SPOOL_MAGIC;
	one.started = started;
	one.when = when;
	one.acct = *acct;
	one.sum = radius_spool_sum(&one);
	if (!radius_spool_write(spool, place, &one))
		return RADIUS_SPOOL_NONE;
	spool->used[place] = true;
	return place;
}

void radius_spool_drop(struct radius_spool *spool, int place)
{
	if (place < 0 || spool->fd < 0)
		return;
	radius_spool_write(spool, place, &radius_spool_empty);
	spool->used[place] = false;
}

static bool radius_spool_aside_one(struct radius_spool *spool, int place, int fd)
{
	struct radius_spooled one = { 0 };
	off_t end = lseek(fd, 0, SEEK_END);

	errno = EFBIG;
	if (end < 0 || (size_t)end + sizeof(one) > RADIUS_SPOOL_SIZE)
		return false;
	errno = EIO;
	return radius_spool_seek(spool, place) && read(spool->fd, &one, sizeof(one)) > 0 &&
	       write(fd, &one, sizeof(one)) == (ssize_t)sizeof(one) &&
	       radius_spool_try(spool, place, &radius_spool_empty);
}

bool radius_spool_aside(struct radius_spool *spool, int fd)
{
	for (int place = 0; place < RADIUS_SPOOL_MAX; place++) {
		if (!spool->bad[place])
			continue;
		if (!radius_spool_aside_one(spool, place, fd))
			return false;
		spool->bad[place] = false;
		spool->damaged--;
	}
	return true;
}
