/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The brake on guessing passwords. Failed logins are counted per source (an
 * IPv4 address, an IPv6 /64) and per user. The first few cost nothing; each one
 * after them doubles the time until the next attempt of that source, or for
 * that user, is looked at. Attempts side by side stand in line: connecting more
 * often does not buy more guesses.
 *
 * Pure: no clock, no timers. The table has a fixed size; when it is full the
 * longest quiet entry goes.
 */
#ifndef SSTPD_GUARD_H
#define SSTPD_GUARD_H

#include <stdint.h>
#include <sys/socket.h>

/**
 * struct guard_cfg
 * @user_free: failures of a user that cost nothing
 * @source_free: the same for a source, which may be many users
 * @delay_ms: delay after the first that does, 0 = never any
 * @delay_max_ms: the delay grows up to here
 * @memory_ms: quiet time after which failures are forgotten
 * @hold_max_ms: longest time an attempt is made to wait; beyond, it is refused
 */
struct guard_cfg {
	uint32_t user_free;
	uint32_t source_free;
	uint32_t delay_ms;
	uint32_t delay_max_ms;
	uint32_t memory_ms;
	uint32_t hold_max_ms;
};

#define GUARD_REFUSE	UINT32_MAX

struct guard;

/** guard_new() - never NULL */
struct guard *guard_new(void);
void guard_free(struct guard *g);

/**
 * guard_admit() - @user from @source wants to log in
 * @user: as it names itself; domain and case make no difference
 * @now: milliseconds of a clock that never goes back
 *
 * Return: milliseconds until the attempt may be looked at, GUARD_REFUSE.
 */
uint32_t guard_admit(struct guard *g, const struct guard_cfg *cfg,
		     const struct sockaddr_storage *source, const char *user,
		     uint64_t now);

/** guard_failed() - the attempt was wrong */
void guard_failed(struct guard *g, const struct guard_cfg *cfg,
		  const struct sockaddr_storage *source, const char *user,
		  uint64_t now);

/**
 * guard_succeeded() - it was right
 *
 * That clears the user, not the source: who has one account could else try the
 * passwords of others for ever.
 */
void guard_succeeded(struct guard *g, const char *user);

#endif /* SSTPD_GUARD_H */
