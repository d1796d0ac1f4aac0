// SPDX-License-Identifier: GPL-2.0-or-later
#include "watchdog.h"

#include "log.h"
#include "loop.h"
#include "notify.h"

static struct {
	struct child *const *all;
	uint32_t n;
	struct event *timer;
	uint32_t every_ms;
} watchdog;

/* One that was started again since then owes nothing. */
static const struct child *watchdog_silent(void)
{
	for (uint32_t i = 0; i < watchdog.n; i++)
		if (watchdog.all[i]->silent)
			return watchdog.all[i];
	return NULL;
}

static void watchdog_ask(void)
{
	struct child *child;

	for (uint32_t i = 0; i < watchdog.n; i++) {
		child = watchdog.all[i];
		if (!(child->bit & (MSG_ENGINE | MSG_AUTHD)))
			continue;
		child->silent = true;
		child_tell(child, MSG_PING, &(struct msg_none){ 0 }, -1);
	}
}

/* No second question before the answer to the first: nothing piles up. */
static void watchdog_on_timer(int fd, short what, void *arg)
{
	const struct child *silent = watchdog_silent();

	(void)fd;
	(void)what;
	(void)arg;
	loop_arm(watchdog.timer, watchdog.every_ms);
	if (silent) {
		log_warn("%s (process %d) has not answered for %u ms",
			 silent->name, (int)silent->pid, watchdog.every_ms);
		return;
	}
	watchdog_ask();
}

void watchdog_start(struct child *const *all, uint32_t n)
{
	watchdog.every_ms = notify_watchdog_ms();
	if (!watchdog.every_ms)
		return;
	watchdog.all = all;
	watchdog.n = n;
	watchdog.timer = loop_event(-1, 0, watchdog_on_timer, NULL);
	watchdog_ask();
	loop_arm(watchdog.timer, watchdog.every_ms);
}

void watchdog_pong(struct child *child)
{
	if (!child->silent)
		return;
	child->silent = false;
	if (!watchdog_silent())
		notify_send("WATCHDOG=1");
}

void watchdog_stop(void)
{
	loop_free(&watchdog.timer);
	watchdog.n = 0;
}
