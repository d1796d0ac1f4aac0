/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The event loop of a process: one libevent base, descriptor watches, timers
 * and signals. Every process has exactly one, made by loop_init().
 */
#ifndef SSTPD_LOOP_H
#define SSTPD_LOOP_H

#include <event2/event.h>
#include <stdbool.h>
#include <stdint.h>

/** loop_init() - make the loop; ends the process on failure */
void loop_init(void);

/** loop_run() - dispatch events until loop_stop() */
void loop_run(void);
void loop_stop(void);
/** loop_once() - wait for events and dispatch them; false if none can come */
bool loop_once(void);

/**
 * loop_event() - an event that is not armed yet
 * @fd: descriptor, signal number (EV_SIGNAL), or -1 for a timer
 * @what: EV_* of libevent
 *
 * Return: the event, for event_add() and event_free(); never NULL.
 */
struct event *loop_event(int fd, short what, event_callback_fn cb, void *arg);

/** loop_arm() - (re)start @ev to fire in @ms milliseconds; 0 stops it */
void loop_arm(struct event *ev, uint32_t ms);

/** loop_watch() - want or do not want the events of @ev */
void loop_watch(struct event *ev, bool on);

/** loop_free() - free *@ev if there is one and forget it */
void loop_free(struct event **ev);

/** loop_now_ms() - milliseconds of the monotonic clock */
uint64_t loop_now_ms(void);

#endif /* SSTPD_LOOP_H */
