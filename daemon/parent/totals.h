/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the parent has counted since it started; for metrics, never reset. */
#ifndef SSTPD_TOTALS_H
#define SSTPD_TOTALS_H

#include <stdint.h>

#include "boundary/msg.h"
#include "lib/reason.h"

/**
 * struct totals
 * @established: sessions that came up, by enum msg_path_kind
 * @ended: sessions that were up and are over, by enum reason
 * @failed: sessions that ended between the question for the login and being up,
 *	by enum reason
 * @rx_bytes: IP bytes received in sessions that have ended
 * @tx_bytes: IP bytes sent in those
 */
struct totals {
	uint64_t established[MSG_PATH_TUN + 1];
	uint64_t ended[REASON_COUNT];
	uint64_t failed[REASON_COUNT];
	uint64_t rx_bytes;
	uint64_t tx_bytes;
};

extern struct totals totals;

#endif /* SSTPD_TOTALS_H */
