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
#include <linux/time64.h>
#include <linux/workqueue.h>

/* Default of ethtool's rx-usecs and tx-usecs, and the most that they may be. */
#define SSTP_TURN_USECS		50
#define SSTP_TURN_USECS_MAX	1000

/* How long a work waits that could do nothing, and does not know for what. */
#define SSTP_TURN_PAUSE_MIN	(1 * USEC_PER_MSEC)
#define SSTP_TURN_PAUSE_MAX	(100 * USEC_PER_MSEC)

/* Bytes that do not wait: half of a full TLS record. */
#define SSTP_TURN_MUCH		8192

/**
 * struct sstp_turn - a work that takes turns
 * @work: the work
 * @timer: queues it
 * @late: likewise, see sstp_turn_later()
 * @last: when a turn ended, in units of 1024 ns
 * @pause: how long the next pause is, in microseconds
 * @paused: no turn before the timer says so
 * @over: the timers queue nothing any more
 */
struct sstp_turn {
	struct work_struct work;
	struct hrtimer timer;
	struct hrtimer late;
	unsigned long last;
	unsigned int pause;
	bool paused;
	bool over;
};

extern struct workqueue_struct *sstp_wq;

void sstp_turn_init(struct sstp_turn *t, work_func_t func);
void sstp_turn_now(struct sstp_turn *t);
void sstp_turn_soon(struct sstp_turn *t, unsigned int usecs);
void sstp_turn_later(struct sstp_turn *t, unsigned int msecs);
void sstp_turn_pause(struct sstp_turn *t);
void sstp_turn_ended(struct sstp_turn *t);
void sstp_turn_cancel(struct sstp_turn *t);

/* What a pause was for has gone well. */
static inline void sstp_turn_went_well(struct sstp_turn *t)
{
	t->pause = SSTP_TURN_PAUSE_MIN;
}

#endif /* _SSTP_TURN_H */
