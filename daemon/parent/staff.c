// SPDX-License-Identifier: GPL-2.0-or-later
#include "parent/staff.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "boundary/msg.h"
#include "data/session_id.h"
#include "lib/log.h"
#include "lib/loop.h"
#include "parent/listeners.h"
#include "parent/setup.h"
#include "parent/store.h"
#include "parent/table.h"

struct staff staff = {
	.authd = { .name = "authd", .bit = MSG_AUTHD },
	.eapd = { .name = "eapd", .bit = MSG_EAPD },
	.radius = { .name = "radius", .bit = MSG_RADIUS },
	.resolver = { .name = "resolver", .bit = MSG_RESOLVER },
};

struct child *staff_engine_of(uint32_t id)
{
	return &staff.engines[session_id_engine(id, staff.n_first)];
}

struct child *staff_dialler(void)
{
	return &staff.engines[0];
}

static bool staff_configure_one(struct child *child, char *err, size_t err_len)
{
	if (child->bit == MSG_ENGINE)
		return setup_engine(staff.conf, child, staff.n_first, err, err_len);
	if (child == &staff.authd)
		return setup_authd(staff.conf, child, err, err_len);
	if (child == &staff.eapd)
		return setup_eapd(staff.conf, child, err, err_len);
	if (child == &staff.radius)
		setup_radius(staff.conf, child, (uint32_t)staff.started,
			     child->deaths || table_count());
	else
		child_tell(child, MSG_START, &(struct msg_none){ 0 }, -1);
	return true;
}

static bool staff_spawn(struct child *child, char *err, size_t err_len)
{
	if (child_spawn(child, &staff.conf->main, staff.on_message))
		return true;
	snprintf(err, err_len, "no process can be made: %s", strerror(errno));
	return false;
}

/* ---- the next one ----------------------------------------------------------------- */

/* As long as one engine is there, somebody is served. */
static bool staff_serves(void)
{
	for (uint32_t i = 0; i < staff.n_engines; i++)
		if (staff.engines[i].chan)
			return true;
	return false;
}

static void staff_later(struct child *child, uint32_t ms)
{
	if (child->deaths > CHILD_DEATHS_MAX && !staff_serves()) {
		log_err("%s ends again and again, and no engine is left: giving up",
			child->name);
		staff.ops->give_up();
		return;
	}
	log_err("%s ends again and again, the next one begins in %u s", child->name,
		ms / 1000);
	/* Whoever would wait for it is not to wait so long. */
	if (child->bit == MSG_ENGINE)
		listeners_deafen(child);
	else
		staff.ops->gone(child);
	/* What the kernel carries can wait for one that only cannot be made just now. */
	if (child->bit == MSG_ENGINE && child->deaths > CHILD_DEATHS_MAX)
		staff.ops->given_up(child);
	loop_arm(child->again, ms);
}

static void staff_tell_retired(const struct child *engine)
{
	if (engine->bit == MSG_ENGINE && engine->surplus)
		child_tell(engine, MSG_RETIRE, &(struct msg_retire){ .retire = true }, -1);
}

static void staff_again(struct child *child)
{
	char err[300];

	/* It would have nothing to do. */
	if (child->surplus && !child->sessions)
		return;
	if (staff_spawn(child, err, sizeof(err)) &&
	    staff_configure_one(child, err, sizeof(err))) {
		if (child->bit == MSG_ENGINE)
			staff.ops->back(child);
		else
			staff.ops->gone(child);
		staff_tell_retired(child);
		return;
	}
	child_end(child, NULL, 0);
	log_err("%s cannot be replaced: %s", child->name, err);
	staff_later(child, CHILD_PAUSE_MS + child_pause_ms(child));
}

void staff_hurry(struct child *child)
{
	if (!child->again || child->chan)
		return;
	loop_arm(child->again, 0);
	staff_again(child);
}

static void staff_on_again(int fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	if (!staff.stopping)
		staff_again(arg);
}

static void staff_replace(struct child *child, bool trusted)
{
	uint32_t pause = child_pause_ms(child);

	/* First of all: what an engine had must be free for the next one. */
	if (child->bit == MSG_ENGINE && trusted)
		staff.ops->gone(child);
	else if (child->bit == MSG_ENGINE)
		staff.ops->given_up(child);
	if (pause)
		staff_later(child, pause);
	else
		staff_again(child);
}

void staff_lost(struct child *child, const char *why, bool trusted)
{
	char how[120] = "";
	pid_t pid = child->pid;

	trusted = child_end(child, how, sizeof(how)) && trusted;
	if (staff.stopping) {
		staff.ops->stopped(child);
		return;
	}
	log_err("%s (process %d) is gone: %s", child->name, (int)pid,
		why ? why : how);
	if (staff.is_ready)
		staff_replace(child, trusted);
	else
		staff.ops->give_up();
}

void staff_betrayed(struct child *child, const char *fmt, ...)
{
	char text[200];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	log_err("%s %s: it is broken, or broken into", child->name, text);
	staff_lost(child, "killed for that", false);
}

/* ---- files that found no room ------------------------------------------------------ */

static void staff_on_renew(int fd, short what, void *arg)
{
	struct child *child = arg;
	char err[300];

	(void)fd;
	(void)what;
	/* The next one begins with the latest. */
	if (staff.stopping || !child->chan)
		return;
	/* Who asks and does not read what is sent makes us keep all of it. */
	snprintf(err, sizeof(err), "what was sent is not read yet");
	if (!imsg_queued(child->chan) &&
	    setup_renew(staff.conf, child, err, sizeof(err)))
		return;
	log_debug("%s: %s", child->name, err);
	staff_conf_lost(child);
}

void staff_conf_lost(struct child *child)
{
	if (!event_pending(child->renew, EV_TIMEOUT, NULL))
		loop_arm(child->renew, CHILD_RENEW_MS);
}

/* ---- start and end ----------------------------------------------------------------- */

static void staff_add_place(struct child *child)
{
	staff.all[staff.n_all++] = child;
	child->again = loop_event(-1, 0, staff_on_again, child);
	child->renew = loop_event(-1, 0, staff_on_renew, child);
}

static void staff_add_child(struct child *child)
{
	char err[300];

	staff_add_place(child);
	if (!staff_spawn(child, err, sizeof(err)))
		log_fatal("%s: %s", child->name, err);
}

static struct child *staff_new_engine(uint32_t number)
{
	const struct conf *conf = staff.conf;
	struct child *engine = &staff.engines[number];

	*engine = (struct child){
		.name = "engine",
		.bit = MSG_ENGINE,
		.number = number,
		.dials = conf->server.web.has_server || (!number && conf->n_clients),
	};
	numbers_init(&engine->numbers, number, staff.n_first, loop_now_ms());
	numbers_resume(&engine->numbers, number < staff.n_first ? store_life()->last_id :
								  store_life()->last_later);
	return engine;
}

/* Only servers have work for more than one. */
static uint32_t staff_engines_wanted(void)
{
	return staff.conf->has_server ? staff.conf->main.engines : 1;
}

void staff_start(const struct conf *conf, imsg_cb on_message,
		 const struct staff_ops *ops)
{
	staff.conf = conf;
	staff.on_message = on_message;
	staff.ops = ops;
	staff.started = time(NULL);
	staff.n_first = staff_engines_wanted();
	for (; staff.n_engines < staff.n_first; staff.n_engines++)
		staff_add_child(staff_new_engine(staff.n_engines));
	staff_add_child(&staff.authd);
	if (conf_has_eap_tls(conf))
		staff_add_child(&staff.eapd);
	if (conf->has_radius)
		staff_add_child(&staff.radius);
	if (conf->n_clients)
		staff_add_child(&staff.resolver);
}

void staff_configure(const char *file)
{
	char err[300];

	setup_open(staff.conf, file);
	for (uint32_t i = 0; i < staff.n_all; i++)
		if (!staff_configure_one(staff.all[i], err, sizeof(err)))
			log_fatal("%s", err);
	/* They are the first engines of this sstpd, but not of these sessions. */
	for (uint32_t i = 0; i < staff.n_engines; i++)
		if (staff.engines[i].sessions)
			staff.ops->back(&staff.engines[i]);
}

/* ---- as many as there shall be ------------------------------------------------------ */

static void staff_want(struct child *engine)
{
	char err[300];

	if (engine->surplus && engine->chan) {
		log_info("engine (process %d) stays", (int)engine->pid);
		child_tell(engine, MSG_RETIRE, &(struct msg_retire){ .retire = false }, -1);
	}
	engine->surplus = false;
	if (engine->chan && !listeners_give(engine, err, sizeof(err)))
		staff_conf_lost(engine);
	/* One that is to be replaced has its time for that. */
	if (!engine->chan && !event_pending(engine->again, EV_TIMEOUT, NULL))
		staff_again(engine);
}

static void staff_retire(struct child *engine)
{
	if (engine->surplus)
		return;
	engine->surplus = true;
	if (engine->chan)
		log_info("engine (process %d) ends with its last session, there are %u",
			 (int)engine->pid, engine->sessions);
	staff_tell_retired(engine);
}

void staff_resize(void)
{
	uint32_t n = staff_engines_wanted();

	for (; staff.n_engines < n; staff.n_engines++)
		staff_add_place(staff_new_engine(staff.n_engines));
	listeners_enforce(staff.engines, staff.n_engines);
	for (uint32_t i = 0; i < staff.n_engines; i++)
		if (i < n)
			staff_want(&staff.engines[i]);
		else
			staff_retire(&staff.engines[i]);
}

void staff_engine_stopped(struct child *engine)
{
	pid_t pid = engine->pid;

	/* Or it was wanted again a moment later: then another one is in its place. */
	if (!engine->surplus) {
		staff_lost(engine, "it says that it has nothing to do", true);
		return;
	}
	child_end(engine, NULL, 0);
	/* What it has not told of; its successor has it, if there is any. */
	staff.ops->gone(engine);
	staff_again(engine);
	log_info("engine (process %d) has ended, it was one too many", (int)pid);
}

void staff_end(void)
{
	for (uint32_t i = 0; i < staff.n_all; i++) {
		child_end(staff.all[i], NULL, 0);
		loop_free(&staff.all[i]->again);
		loop_free(&staff.all[i]->renew);
	}
}
