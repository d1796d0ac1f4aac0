// SPDX-License-Identifier: GPL-2.0-or-later
#include "parent/succession.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "data/session_id.h"
#include "lib/addr.h"
#include "lib/log.h"
#include "lib/loop.h"
#include "parent/advertise.h"
#include "parent/dns.h"
#include "parent/endpoints.h"
#include "parent/key_limit.h"
#include "parent/lease.h"
#include "parent/metering.h"
#include "parent/staff.h"
#include "parent/store.h"
#include "parent/store_record.h"
#include "parent/tunnel.h"

/*
 * If it is these sessions by which one ends after the other, the one after so many ends them,
 * and if it is by that, the next one does not look at them. With that it is no more than the
 * five starts in ten seconds after which systemd starts none any more.
 */
#define SUCCESSION_ATTEMPTS	3

static enum succession_way {
	SUCCESSION_GOES_ON,
	SUCCESSION_ENDS,
	SUCCESSION_FORGETS,
} succession_way;

static bool __attribute__((format(printf, 2, 3)))
succession_fail(struct nl_err *err, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(err->text, sizeof(err->text), fmt, ap);
	va_end(ap);
	return false;
}

/* Clients are known by name: the file may list them in another order now. */
static bool succession_role(const struct conf *conf, struct entry *e, const char *client,
			    struct nl_err *err)
{
	if (e->server)
		return conf->has_server || succession_fail(err, "there is no [server] any more");
	for (e->client = 0; e->client < conf->n_clients; e->client++)
		if (!strcmp(conf->clients[e->client].name, client)) {
			e->link = conf->clients[e->client].lead;
			return true;
		}
	return succession_fail(err, "there is no [client %s] any more", client);
}

/* What it takes to go on with it, or to end it as one of ours. */
static void succession_run(struct entry *e)
{
	staff_engine_of(e->id)->sessions++;
	metering_resume(e);
	if (e->ending != REASON_NONE)
		return;
	numbers_use(&staff_engine_of(e->id)->numbers, e->id);
	if (e->server)
		lease_resume(e);
	key_limit_resume(e);
	advertise_start(e);
	dns_up(e);
	if (!e->server)
		endpoints_resume(e->link, &e->endpoint);
}

/* Nobody goes on with it, but it has begun, for a script and for RADIUS: so it ends, too. */
static void succession_end(struct entry *e, enum reason reason, const char *why)
{
	log_limited(LOG_WARNING, NULL, "a session of the sstpd before this one ends: %s", why);
	e->ending = reason;
	if (e->up)
		return;
	/* What it has carried is what was last known of that. */
	e->counted = true;
	if (e->session_fd >= 0)
		close(e->session_fd);
	e->session_fd = -1;
}

/* It had been told to, and there was no time to see to that. */
static void succession_end_as_told(struct entry *e)
{
	enum reason told = (unsigned int)e->ending < REASON_COUNT ? e->ending : REASON_INTERNAL;

	succession_end(e, told, reason_text(told));
}

/* Its number says which engine has it: of as many as there are now, and one that may. */
static bool succession_has_engine(const struct entry *e)
{
	uint32_t number = session_id_engine(e->id, staff.n_first);

	return e->server ? number < staff.n_engines : &staff.engines[number] == staff_dialler();
}

static void succession_set_up(struct entry *e, struct nl_err *err)
{
	bool in_kernel = e->kind == MSG_PATH_KERNEL;
	int rc = in_kernel ? tunnel_resume(e, err) : -1;

	if (e->ending != REASON_NONE)
		succession_end_as_told(e);
	else if (succession_way == SUCCESSION_ENDS)
		succession_end(e, REASON_INTERNAL,
			       "several of sstpd have not got ready with it");
	else if (!in_kernel) /* Its keys were in an engine's memory. */
		succession_end(e, REASON_INTERNAL,
			       "only those on the kernel path outlive an sstpd that dies");
	else if (!succession_has_engine(e))
		succession_end(e, REASON_SHUTDOWN, "[global] \"engines\" is another number now");
	else if (rc != 0)
		succession_end(e, REASON_CLOSED, err->text);
}

static bool succession_read(const struct conf *conf, const struct stored *one,
			    struct entry *e, struct nl_err *err)
{
	char client[CONF_NAME_MAX];

	if (!store_record_read(one->record, one->len, e, client))
		return succession_fail(err, "what was kept of it cannot be read");
	if (!succession_role(conf, e, client, err))
		return false;
	addr_text(&e->remote, e->remote_text, sizeof(e->remote_text));
	e->verified = true;
	e->slot = one->slot;
	e->session_fd = one->fd;
	succession_set_up(e, err);
	return true;
}

/* NULL, with the reason in @err */
static struct entry *succession_take(const struct conf *conf, const struct stored *one,
				     struct nl_err *err)
{
	uint32_t id = store_record_id(one->record, one->len);
	struct entry *e;

	if (!id || table_find(id)) {
		succession_fail(err, "nothing is known of it");
		return NULL;
	}
	e = table_add(id);
	if (succession_read(conf, one, e, err))
		return e;
	table_remove(e);
	return NULL;
}

static enum succession_way succession_started(void)
{
	struct store_life life = *store_life();
	enum succession_way way = SUCCESSION_GOES_ON;

	if (life.attempts > SUCCESSION_ATTEMPTS)
		way = SUCCESSION_FORGETS;
	else if (life.attempts == SUCCESSION_ATTEMPTS)
		way = SUCCESSION_ENDS;
	if (!life.started)
		life.started = (uint64_t)staff.started;
	staff.started = (time_t)life.started;
	life.attempts = way == SUCCESSION_FORGETS ? 0 : life.attempts + 1;
	store_set_life(&life);
	return way;
}

void succession_done(void)
{
	struct store_life life = *store_life();

	life.attempts = 0;
	store_set_life(&life);
}

static void succession_forget_all(void)
{
	struct stored one = { 0 };
	unsigned int n = 0;

	for (; store_next(&one); n++)
		store_forget(&one);
	if (n)
		log_err("sstpd does not get ready either when it ends the sessions of those before it: %u are forgotten, with their accounting",
			n);
}

static void succession_forget(uint32_t id)
{
	struct stored one = { 0 };

	while (store_next(&one))
		if (store_record_id(one.record, one.len) == id)
			store_forget(&one);
}

/* The one before us was killed while one connection took over from another. */
static void succession_forget_taken_over(void)
{
	struct stored one = { 0 };
	uint32_t old;

	while (store_next(&one)) {
		old = store_record_takes_over(one.record, one.len);
		if (old)
			succession_forget(old);
	}
}

void succession_control(struct conf_main *conf)
{
	struct store_life life = *store_life();

	if (*life.control && strcmp(life.control, conf->control)) {
		log_err("[global] \"control\" is %s now, but what the sstpd before this one has set up goes by %s: that stays, stop sstpd and start it again for another",
			conf->control, life.control);
		strcpy(conf->control, life.control);
	}
	strcpy(life.control, conf->control);
	store_set_life(&life);
}

void succession_begin(const struct conf *conf)
{
	struct stored one = { 0 };
	unsigned int n = 0, lost = 0;
	struct nl_err err;
	struct entry *e;

	succession_way = succession_started();
	if (succession_way == SUCCESSION_FORGETS)
		succession_forget_all();
	succession_forget_taken_over();
	while (store_next(&one)) {
		e = succession_take(conf, &one, &err);
		if (e) {
			succession_run(e);
			n += e->ending == REASON_NONE;
			lost += e->ending != REASON_NONE;
			continue;
		}
		log_limited(LOG_WARNING, NULL, "a session of the sstpd before this one ends: %s",
			    err.text);
		store_forget(&one);
		lost++;
	}
	if (n || lost)
		log_info("%u session%s of the sstpd before this one go%s on, %u end", n,
			 n == 1 ? "" : "s", n == 1 ? "es" : "", lost);
}

void succession_note(uint32_t id)
{
	struct store_life life = *store_life();
	uint32_t *last = id < SESSION_ID_LATER ? &life.last_id : &life.last_later;

	if (*last >= id)
		return;
	*last = id;
	store_set_life(&life);
}
