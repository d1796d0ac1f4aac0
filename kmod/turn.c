// SPDX-License-Identifier: GPL-2.0-only
#include "turn.h"

#include <linux/ktime.h>
#include <linux/timekeeping.h>

/* Unbound: encryption and decryption go where there is a processor to spare. */
struct workqueue_struct *sstp_wq;

static unsigned long sstp_turn_clock(void)
{
	return ktime_get_ns() >> 10;
}

static enum hrtimer_restart sstp_turn_due(struct hrtimer *timer)
{
	struct sstp_turn *t = container_of(timer, struct sstp_turn, timer);

	WRITE_ONCE(t->paused, false);
	if (!READ_ONCE(t->over))
		sstp_turn_now(t);
	return HRTIMER_NORESTART;
}

static enum hrtimer_restart sstp_turn_late(struct hrtimer *timer)
{
	struct sstp_turn *t = container_of(timer, struct sstp_turn, late);

	if (!READ_ONCE(t->over))
		sstp_turn_now(t);
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
	hrtimer_setup(&t->late, sstp_turn_late, CLOCK_MONOTONIC, HRTIMER_MODE_REL);
	t->last = sstp_turn_clock() - SSTP_TURN_USECS_MAX;
	sstp_turn_went_well(t);
}

/**
 * sstp_turn_now - a turn, as soon as there is a worker and no pause
 * @t: the turn
 *
 * Context: any; see struct sstp_session for what to hold.
 */
void sstp_turn_now(struct sstp_turn *t)
{
	if (!READ_ONCE(t->paused))
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
	else if (!READ_ONCE(t->paused) && !hrtimer_is_queued(&t->timer))
		hrtimer_start(&t->timer, (usecs - since) * NSEC_PER_USEC,
			      HRTIMER_MODE_REL);
}

/**
 * sstp_turn_later - a turn after a while, in case that nobody asks for one before
 * @t: the turn
 * @msecs: that while
 *
 * Context: the work.
 */
void sstp_turn_later(struct sstp_turn *t, unsigned int msecs)
{
	if (!hrtimer_is_queued(&t->late))
		hrtimer_start(&t->late, ms_to_ktime(msecs), HRTIMER_MODE_REL);
}

/**
 * sstp_turn_pause - no turn for a while, then one
 * @t: the turn
 *
 * Each time it is twice as long, until sstp_turn_went_well().
 *
 * Context: the work, which returns then.
 */
void sstp_turn_pause(struct sstp_turn *t)
{
	WRITE_ONCE(t->paused, true);
	hrtimer_start(&t->timer, ns_to_ktime((u64)t->pause * NSEC_PER_USEC),
		      HRTIMER_MODE_REL);
	t->pause = min_t(unsigned int, 2 * t->pause, SSTP_TURN_PAUSE_MAX);
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
 * @t: the turn; nobody asks for another one, but the work itself while it runs
 *
 * Context: process.
 */
void sstp_turn_cancel(struct sstp_turn *t)
{
	WRITE_ONCE(t->over, true);
	/* Whoever did not see that yet has queued the work when this is done. */
	hrtimer_cancel(&t->timer);
	hrtimer_cancel(&t->late);
	cancel_work_sync(&t->work);
	/* Its last turn may have started them: they do nothing, and go now. */
	hrtimer_cancel(&t->timer);
	hrtimer_cancel(&t->late);
}
