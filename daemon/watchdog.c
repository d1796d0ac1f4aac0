// SPDX-License-Identifier: GPL-2.0-or-later
#include "watchdog.h"

#include "log.h"
#include "loop.h"
#include "notify.h"

static struct {
	struct imsg_chan *engine;
	struct imsg_chan *authd;
	struct event *timer;
	uint32_t every_ms;
	uint32_t silent;	/* enum msg_process of those that owe an answer */
} watchdog;

static void watchdog_ask(void)
{
	watchdog.silent = MSG_ENGINE | MSG_AUTHD;
	imsg_send(watchdog.engine, MSG_PING, &(struct msg_none){ 0 }, -1);
	imsg_send(watchdog.authd, MSG_PING, &(struct msg_none){ 0 }, -1);
}

/* No second question before the answer to the first: nothing piles up. */
static void watchdog_on_timer(int fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
	loop_arm(watchdog.timer, watchdog.every_ms);
	if (watchdog.silent) {
		log_warn("%s has not answered for %u ms",
			 watchdog.silent & MSG_ENGINE ? "engine" : "authd",
			 watchdog.every_ms);
		return;
	}
	watchdog_ask();
}

void watchdog_start(struct imsg_chan *engine, struct imsg_chan *authd)
{
	watchdog.every_ms = notify_watchdog_ms();
	if (!watchdog.every_ms)
		return;
	watchdog.engine = engine;
	watchdog.authd = authd;
	watchdog.timer = loop_event(-1, 0, watchdog_on_timer, NULL);
	watchdog_ask();
	loop_arm(watchdog.timer, watchdog.every_ms);
}

void watchdog_pong(enum msg_process from)
{
	if (!(watchdog.silent & from))
		return;
	watchdog.silent &= ~(uint32_t)from;
	if (!watchdog.silent)
		notify_send("WATCHDOG=1");
}

void watchdog_stop(void)
{
	loop_free(&watchdog.timer);
	watchdog.silent = 0;
}
