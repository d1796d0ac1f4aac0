/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the parent has counted since it started; for metrics, never reset. */
#ifndef SSTPD_STATS_H
#define SSTPD_STATS_H

#include <stdint.h>

#include "msg.h"

/**
 * struct stats
 * @established: sessions that came up, by enum msg_path_kind
 * @failed: sessions that ended between the question for the login and being up
 * @rx_bytes: IP bytes received in sessions that have ended
 * @tx_bytes: IP bytes sent in those
 */
struct stats {
	uint64_t established[MSG_PATH_TUN + 1];
	uint64_t failed;
	uint64_t rx_bytes;
	uint64_t tx_bytes;
};

extern struct stats stats;

#endif /* SSTPD_STATS_H */
