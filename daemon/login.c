// SPDX-License-Identifier: GPL-2.0-or-later
#include "login.h"

#include <stdlib.h>
#include <sys/queue.h>

#include <openssl/crypto.h>

#include "addr.h"
#include "guard.h"
#include "log.h"
#include "loop.h"

/* Peers and MS-SSTP's negotiation timer (60 s) wait for the answer. */
#define LOGIN_HOLD_MAX_MS	20000

struct login_hold {
	LIST_ENTRY(login_hold) next;
	struct event *timer;
	struct msg_auth_ask ask;
};

static struct {
	const struct login_ops *ops;
	struct guard *guard;
	LIST_HEAD(, login_hold) holds;
	uint64_t stats[STAT_COUNT];
} login;

void login_init(const struct login_ops *ops)
{
	login.ops = ops;
	login.guard = guard_new();
}

static void login_hold_free(struct login_hold *hold)
{
	LIST_REMOVE(hold, next);
	loop_free(&hold->timer);
	OPENSSL_clear_free(hold, sizeof(*hold));
}

void login_exit(void)
{
	while (!LIST_EMPTY(&login.holds))
		login_hold_free(LIST_FIRST(&login.holds));
	guard_free(login.guard);
}

void login_drop(uint32_t id)
{
	struct login_hold *hold;

	LIST_FOREACH(hold, &login.holds, next) {
		if (hold->ask.id == id) {
			login_hold_free(hold);
			return;
		}
	}
}

static void login_on_timer(int fd, short what, void *arg)
{
	struct login_hold *hold = arg;

	(void)fd;
	(void)what;
	login.ops->pass(&hold->ask);
	login_hold_free(hold);
}

static void login_wait(const struct msg_auth_ask *ask, uint32_t ms)
{
	struct login_hold *hold = OPENSSL_zalloc(sizeof(*hold));

	if (!hold)
		log_fatal("out of memory");
	login_drop(ask->id);
	hold->ask = *ask;
	hold->timer = loop_event(-1, 0, login_on_timer, hold);
	LIST_INSERT_HEAD(&login.holds, hold, next);
	loop_arm(hold->timer, ms);
}

static struct guard_cfg login_guard_cfg(const struct conf_login *conf)
{
	return (struct guard_cfg){
		.user_free = conf->failures,
		.source_free = conf->failures_source,
		.delay_ms = conf->delay_s * 1000,
		.delay_max_ms = conf->delay_max_s * 1000,
		.memory_ms = conf->memory_s * 1000,
		.hold_max_ms = LOGIN_HOLD_MAX_MS,
	};
}

void login_ask(const struct conf_login *conf, const struct msg_auth_ask *ask)
{
	const struct guard_cfg cfg = login_guard_cfg(conf);
	char from[ADDR_TEXT_MAX];
	const struct log_about about = {
		.session = ask->id,
		.user = ask->req.name,
		.peer = from,
		.reason = "failed-logins",
	};
	uint32_t ms;

	ms = guard_admit(login.guard, &cfg, &ask->remote, ask->req.name,
			 loop_now_ms());
	if (!ms) {
		login.ops->pass(ask);
		return;
	}
	addr_text(&ask->remote, from, sizeof(from));
	if (ms == GUARD_REFUSE) {
		login.stats[STAT_LOGINS_REFUSED]++;
		log_limited(LOG_WARNING, &about,
			    "user %s from %s: refused, too many failed logins",
			    ask->req.name, from);
		login.ops->refuse(ask);
		return;
	}
	login.stats[STAT_LOGINS_DELAYED]++;
	log_limited(LOG_INFO, &about,
		    "user %s from %s: delayed by %u ms after failed logins",
		    ask->req.name, from, ms);
	login_wait(ask, ms);
}

void login_verdict(const struct conf_login *conf,
		   const struct sockaddr_storage *source, const char *user,
		   const struct auth_result *res)
{
	const struct guard_cfg cfg = login_guard_cfg(conf);

	login.stats[res->ok ? STAT_LOGINS : STAT_LOGINS_FAILED]++;
	if (res->ok)
		guard_succeeded(login.guard, user);
	else if (!res->error || res->error == AUTH_ERR_CREDENTIALS)
		guard_failed(login.guard, &cfg, source, user, loop_now_ms());
}

uint64_t login_stat(enum stats_id which)
{
	return login.stats[which];
}
