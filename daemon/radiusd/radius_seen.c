// SPDX-License-Identifier: GPL-2.0-or-later
#include "radiusd/radius_seen.h"

#include <stddef.h>
#include <string.h>

static bool radius_seen_is_kept(const struct radius_seen_one *one,
				const struct radius_clocks *now)
{
	return one->until > now->ms || (one->of_now && one->of_now >= now->s);
}

const struct radius_seen_one *
radius_seen_get(const struct radius_seen *seen,
		const uint8_t authenticator[static RADIUS_AUTHENTICATOR_LEN],
		const struct radius_clocks *now)
{
	for (const struct radius_seen_one *one = seen->list; one < seen->list + RADIUS_SEEN_MAX;
	     one++)
		if (radius_seen_is_kept(one, now) &&
		    !memcmp(one->authenticator, authenticator, RADIUS_AUTHENTICATOR_LEN))
			return one;
	return NULL;
}

static size_t radius_seen_room(const struct radius_seen *seen,
			       const struct radius_clocks *now)
{
	size_t i = 0;

	while (i < RADIUS_SEEN_MAX && radius_seen_is_kept(&seen->list[i], now))
		i++;
	return i;
}

bool radius_seen_has_room(const struct radius_seen *seen, const struct radius_clocks *now)
{
	return radius_seen_room(seen, now) < RADIUS_SEEN_MAX;
}

void radius_seen_add(struct radius_seen *seen,
		     const uint8_t authenticator[static RADIUS_AUTHENTICATOR_LEN],
		     uint32_t error, const struct radius_clocks *now, uint32_t ms,
		     int64_t of_now)
{
	struct radius_seen_one *one = &seen->list[radius_seen_room(seen, now)];

	one->until = now->ms + ms;
	one->of_now = of_now;
	one->error = error;
	memcpy(one->authenticator, authenticator, RADIUS_AUTHENTICATOR_LEN);
}
