// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/loop.h"

#include <time.h>

#include "lib/log.h"

static struct event_base *loop_base;

void loop_init(void)
{
	struct event_config *cfg = event_config_new();

	if (cfg) {
		event_config_set_flag(cfg, EVENT_BASE_FLAG_NOLOCK);
		/* A timer armed at the end of a long callback is not due yet. */
		event_config_set_flag(cfg, EVENT_BASE_FLAG_NO_CACHE_TIME);
		loop_base = event_base_new_with_config(cfg);
		event_config_free(cfg);
	}
	if (!loop_base)
		log_fatal("cannot set up the event loop (libevent)");
}

void loop_run(void)
{
	if (event_base_dispatch(loop_base) < 0)
		log_fatal("the event loop failed");
}

void loop_stop(void)
{
	event_base_loopbreak(loop_base);
}

bool loop_once(void)
{
	return event_base_loop(loop_base, EVLOOP_ONCE) == 0;
}

struct event *loop_event(int fd, short what, event_callback_fn cb, void *arg)
{
	struct event *ev = event_new(loop_base, fd, what, cb, arg);

	if (!ev)
		log_fatal("out of memory");
	return ev;
}

void loop_arm(struct event *ev, uint32_t ms)
{
	struct timeval tv = {
		.tv_sec = ms / 1000,
		.tv_usec = (ms % 1000) * 1000,
	};

	if (ms)
		event_add(ev, &tv);
	else
		event_del(ev);
}

void loop_watch(struct event *ev, bool on)
{
	if (on)
		event_add(ev, NULL);
	else
		event_del(ev);
}

void loop_free(struct event **ev)
{
	if (*ev)
		event_free(*ev);
	*ev = NULL;
}

uint64_t loop_now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}
