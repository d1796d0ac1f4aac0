/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * When a session's work gets its next turn.
 *
 * A turn costs the same for one small packet as for ten, and on transmit each has a
 * TLS record of its own. So what is little waits until the last turn is some
 * microseconds ago, as a card moderates its interrupts; the first packet after a
 * pause, and whatever is much, has its turn at once.
 */
#ifndef _SSTP_TURN_H
#define _SSTP_TURN_H

#include <linux/hrtimer.h>
#include <linux/workqueue.h>

/* Default of ethtool's rx-usecs and tx-usecs, and the most that they may be. */
#define SSTP_TURN_USECS		50
#define SSTP_TURN_USECS_MAX	1000

/* Bytes that do not wait: half of a full TLS record. */
#define SSTP_TURN_MUCH		8192

/**
 * struct sstp_turn - a work that takes turns
 * @work: the work
 * @timer: queues it
 * @last: when a turn ended, in units of 1024 ns
 */
struct sstp_turn {
	struct work_struct work;
	struct hrtimer timer;
	unsigned long last;
};

void sstp_turn_init(struct sstp_turn *t, work_func_t func);
void sstp_turn_now(struct sstp_turn *t);
void sstp_turn_soon(struct sstp_turn *t, unsigned int usecs);
void sstp_turn_ended(struct sstp_turn *t);
void sstp_turn_cancel(struct sstp_turn *t);

#endif /* _SSTP_TURN_H */
