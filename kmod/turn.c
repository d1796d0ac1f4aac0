// SPDX-License-Identifier: GPL-2.0-only
#include "turn.h"

#include <linux/ktime.h>
#include <linux/time64.h>
#include <linux/timekeeping.h>

#include "session.h"

static unsigned long sstp_turn_clock(void)
{
	return ktime_get_ns() >> 10;
}

static enum hrtimer_restart sstp_turn_due(struct hrtimer *timer)
{
	sstp_turn_now(container_of(timer, struct sstp_turn, timer));
	return HRTIMER_NORESTART;
}

/**
 * sstp_turn_init - the first turn may be at once
 * @t: the turn
 * @func: its work
 */
void sstp_turn_init(struct sstp_turn *t, work_func_t func)
{
	INIT_WORK(&t->work, func);
	hrtimer_setup(&t->timer, sstp_turn_due, CLOCK_MONOTONIC, HRTIMER_MODE_REL);
	t->last = sstp_turn_clock() - SSTP_TURN_USECS_MAX;
}

/**
 * sstp_turn_now - a turn, as soon as there is a worker
 * @t: the turn
 *
 * Context: any; see struct sstp_session for what to hold.
 */
void sstp_turn_now(struct sstp_turn *t)
{
	queue_work(sstp_wq, &t->work);
}

/**
 * sstp_turn_soon - a turn, but not before some time after the last
 * @t: the turn
 * @usecs: that time
 *
 * Context: as sstp_turn_now(); the lock that is held is also what serializes the
 *	callers, and what the work takes to see what this call is for. So a timer
 *	that is still queued here has its turn after that can be seen.
 */
void sstp_turn_soon(struct sstp_turn *t, unsigned int usecs)
{
	unsigned long since = sstp_turn_clock() - READ_ONCE(t->last);

	if (since >= usecs)
		sstp_turn_now(t);
	else if (!hrtimer_is_queued(&t->timer))
		hrtimer_start(&t->timer, (usecs - since) * NSEC_PER_USEC,
			      HRTIMER_MODE_REL);
}

/**
 * sstp_turn_ended - the last thing a work does in its turn
 * @t: the turn
 */
void sstp_turn_ended(struct sstp_turn *t)
{
	WRITE_ONCE(t->last, sstp_turn_clock());
}

/**
 * sstp_turn_cancel - no turn from now on
 * @t: the turn; nobody asks for another one
 *
 * Context: process.
 */
void sstp_turn_cancel(struct sstp_turn *t)
{
	hrtimer_cancel(&t->timer);
	cancel_work_sync(&t->work);
}
