/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The brake on guessing passwords. Failed logins are counted per user, per user
 * from one source (an IPv4 address, an IPv6 /64), and a source has as many as users
 * that failed there: one device with an old password is one, however often it
 * comes. The first few cost nothing; each one after them doubles the time until
 * the next attempt is looked at. Attempts side by side stand in line: connecting
 * more often does not buy more guesses.
 *
 * It is for who guesses, not for who is guessed: where a user has logged in before,
 * only what failed for that user there counts.
 *
 * Pure: no clock, no timers. The tables have a fixed size; when one is full the
 * longest quiet entry goes. Only good logins get into that of good logins.
 */
#ifndef SSTPD_BRAKE_H
#define SSTPD_BRAKE_H

#include <stdint.h>
#include <sys/socket.h>

/**
 * struct brake_cfg
 * @user_free: failures of a user that cost nothing
 * @source_free: users that fail at a source and cost nothing
 * @delay_ms: delay after the first that does, 0 = never any
 * @delay_max_ms: the delay grows up to here
 * @memory_ms: quiet time after which failures are forgotten
 * @hold_max_ms: longest time an attempt is made to wait; beyond, it is refused
 */
struct brake_cfg {
	uint32_t user_free;
	uint32_t source_free;
	uint32_t delay_ms;
	uint32_t delay_max_ms;
	uint32_t memory_ms;
	uint32_t hold_max_ms;
};

#define BRAKE_REFUSE	UINT32_MAX

struct brake;

/** brake_new() - never NULL */
struct brake *brake_new(void);
void brake_free(struct brake *g);

/**
 * brake_admit() - @user from @source wants to log in
 * @user: as it names itself; domain and case make no difference
 * @now: milliseconds of a clock that never goes back
 *
 * Return: milliseconds until the attempt may be looked at, BRAKE_REFUSE.
 */
uint32_t brake_admit(struct brake *g, const struct brake_cfg *cfg,
		     const struct sockaddr_storage *source, const char *user,
		     uint64_t now);

/** brake_failed() - the attempt was wrong */
void brake_failed(struct brake *g, const struct brake_cfg *cfg,
		  const struct sockaddr_storage *source, const char *user,
		  uint64_t now);

/**
 * brake_succeeded() - it was right
 *
 * That clears the user, and gives back the place in the line. It does not clear
 * the source: who has one account could else try the passwords of others for ever.
 */
void brake_succeeded(struct brake *g, const struct brake_cfg *cfg,
		     const struct sockaddr_storage *source, const char *user,
		     uint64_t now);

#endif /* SSTPD_BRAKE_H */
