// SPDX-License-Identifier: GPL-2.0-or-later
#include "parent/watchdog.h"

#include "boundary/msg.h"
#include "lib/log.h"
#include "lib/loop.h"
#include "lib/notify.h"
#include "parent/staff.h"

/* Both together: within 30 s, yet no busy machine is taken for a hanging one. */
#define WATCHDOG_TURN_MS	5000
#define WATCHDOG_TURNS		4

static struct {
	struct event *ask;
	struct event *notify;
	uint64_t alive_ms;
} watchdog;

/*
 * Turns are counted, not seconds: if all of us stood still for a while, as on a machine
 * that was asleep, nobody is to blame. No second question before the answer to the first.
 */
static void watchdog_look(struct child *child)
{
	if (!child->chan)
		return;
	if (!child->silent)
		child_tell(child, MSG_PING, &(struct msg_none){ 0 }, -1);
	if (child->silent++ == WATCHDOG_TURNS)
		staff_lost(child, "it hangs, and was killed for that", true);
}

static void watchdog_on_ask(int fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
	loop_arm(watchdog.ask, WATCHDOG_TURN_MS);
	for (uint32_t i = 0; i < staff.n_all && !staff.stopping; i++)
		watchdog_look(staff.all[i]);
}

static void watchdog_on_notify(int fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
	notify_send("WATCHDOG=1");
	loop_arm(watchdog.notify, notify_watchdog_ms());
}

void watchdog_alive(void)
{
	uint64_t now = loop_now_ms();

	if (!watchdog.notify || now - watchdog.alive_ms < 1000)
		return;
	watchdog.alive_ms = now;
	notify_send("WATCHDOG=1");
}

void watchdog_start(void)
{
	watchdog.ask = loop_event(-1, 0, watchdog_on_ask, NULL);
	loop_arm(watchdog.ask, WATCHDOG_TURN_MS);
	if (!notify_watchdog_ms())
		return;
	watchdog.notify = loop_event(-1, 0, watchdog_on_notify, NULL);
	watchdog_on_notify(-1, 0, NULL);
}

void watchdog_stop(void)
{
	loop_free(&watchdog.ask);
	loop_free(&watchdog.notify);
}
