/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One of several connections that make up one tunnel between two ends of ours: which
 * slot of the network device it is for (kmod/slot.c). The client says so in LCP.
 */
#ifndef SSTPD_DATA_LANE_H
#define SSTPD_DATA_LANE_H

#include <stdbool.h>
#include <stdint.h>

/* As the module: SSTP_MAX_SLOTS. */
#define LANES_MAX	16

/**
 * struct lane
 * @number: of the slot, from 0
 * @of: so many there are to be; 0 = it is the only one, and all else is 0
 * @joins: others are up: it is to be one more of them, and to begin nothing
 */
struct lane {
	uint8_t number;
	uint8_t of;
	bool joins;
};

static inline bool lane_is_ok(const struct lane *lane)
{
	if (!lane->of)
		return !lane->number && !lane->joins;
	/* Only the first one begins. */
	return lane->of > 1 && lane->of <= LANES_MAX && lane->number < lane->of &&
	       (lane->joins || !lane->number);
}

#endif /* SSTPD_DATA_LANE_H */
