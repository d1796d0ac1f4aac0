/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * CoA- and Disconnect-Requests that were done: whoever recorded one on its way, or did
 * not hear our answer, sends it again, and gets the same answer without anything being
 * done. A request is known by its authenticator, a digest over all of it.
 *
 * Whether a request is of now is judged by the clock on the wall, which somebody may put
 * back: then what was done before is of now a second time, and remembered for as long.
 *
 * Pure: no clock. The memory has a fixed size and forgets nothing before its time; when
 * it is full nothing more is done, rather than something twice.
 */
#ifndef SSTPD_RADIUS_SEEN_H
#define SSTPD_RADIUS_SEEN_H

#include <stdbool.h>
#include <stdint.h>

#include "radius/radius_pkt.h"

#define RADIUS_SEEN_MAX		8192

/**
 * struct radius_clocks - what time it is
 * @ms: milliseconds, by a clock that never goes back
 * @s: seconds since 1970, by one that may
 */
struct radius_clocks {
	uint64_t ms;
	int64_t s;
};

/**
 * struct radius_seen_one - a request that was done; it is forgotten when both are over
 * @until: ms; 0 = free
 * @of_now: the last second in which it would be done, 0 = nobody looks
 * @error: what the answer was, enum radius_error_cause
 */
struct radius_seen_one {
	uint64_t until;
	int64_t of_now;
	uint32_t error;
	uint8_t authenticator[RADIUS_AUTHENTICATOR_LEN];
};

struct radius_seen {
	struct radius_seen_one list[RADIUS_SEEN_MAX];
};

/**
 * radius_seen_get() - was it done?
 *
 * Return: what is known of it, NULL if it was not, or nobody remembers.
 */
const struct radius_seen_one *
radius_seen_get(const struct radius_seen *seen,
		const uint8_t authenticator[static RADIUS_AUTHENTICATOR_LEN],
		const struct radius_clocks *now);

/** radius_seen_has_room() - may another one be done? */
bool radius_seen_has_room(const struct radius_seen *seen, const struct radius_clocks *now);

/** radius_seen_add() - it is done; remember that for @ms, and @of_now. There must be room. */
void radius_seen_add(struct radius_seen *seen,
		     const uint8_t authenticator[static RADIUS_AUTHENTICATOR_LEN],
		     uint32_t error, const struct radius_clocks *now, uint32_t ms,
		     int64_t of_now);

#endif /* SSTPD_RADIUS_SEEN_H */
