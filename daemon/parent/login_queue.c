// SPDX-License-Identifier: GPL-2.0-or-later
#include "parent/login_queue.h"

#include <stdlib.h>
#include <sys/queue.h>

#include <openssl/crypto.h>

#include "lib/addr.h"
#include "lib/log.h"
#include "lib/loop.h"
#include "parent/brake.h"

/* Peers and MS-SSTP's negotiation timer (60 s) wait for the answer. */
#define LOGIN_HOLD_MAX_MS	20000

struct login_queue_hold {
	LIST_ENTRY(login_queue_hold) next;
	struct event *timer;
	struct msg_auth_ask ask;
};

static struct {
	const struct login_queue_ops *ops;
	struct brake *brake;
	LIST_HEAD(, login_queue_hold) holds;
	uint64_t stats[STAT_COUNT];
} queue;

void login_queue_init(const struct login_queue_ops *ops)
{
	queue.ops = ops;
	queue.brake = brake_new();
}

static void login_queue_hold_free(struct login_queue_hold *hold)
{
	LIST_REMOVE(hold, next);
	loop_free(&hold->timer);
	OPENSSL_clear_free(hold, sizeof(*hold));
}

void login_queue_exit(void)
{
	while (!LIST_EMPTY(&queue.holds))
		login_queue_hold_free(LIST_FIRST(&queue.holds));
	brake_free(queue.brake);
}

void login_queue_drop(uint32_t id)
{
	struct login_queue_hold *hold;

	LIST_FOREACH(hold, &queue.holds, next) {
		if (hold->ask.id == id) {
			login_queue_hold_free(hold);
			return;
		}
	}
}

static void login_queue_on_timer(int fd, short what, void *arg)
{
	struct login_queue_hold *hold = arg;

	(void)fd;
	(void)what;
	queue.ops->pass(&hold->ask);
	login_queue_hold_free(hold);
}

static void login_queue_wait(const struct msg_auth_ask *ask, uint32_t ms)
{
	struct login_queue_hold *hold = OPENSSL_zalloc(sizeof(*hold));

	if (!hold)
		log_fatal("out of memory");
	login_queue_drop(ask->id);
	hold->ask = *ask;
	hold->timer = loop_event(-1, 0, login_queue_on_timer, hold);
	LIST_INSERT_HEAD(&queue.holds, hold, next);
	loop_arm(hold->timer, ms);
}

static struct brake_cfg login_queue_brake_cfg(const struct conf_login *conf)
{
	return (struct brake_cfg){
		.user_free = conf->failures,
		.source_free = conf->failures_source,
		.delay_ms = conf->delay_s * 1000,
		.delay_max_ms = conf->delay_max_s * 1000,
		.memory_ms = conf->memory_s * 1000,
		.hold_max_ms = LOGIN_HOLD_MAX_MS,
	};
}

void login_queue_ask(const struct conf_login *conf, const struct msg_auth_ask *ask)
{
	const struct brake_cfg cfg = login_queue_brake_cfg(conf);
	char from[ADDR_TEXT_MAX];
	const struct log_about about = {
		.session = ask->id,
		.user = ask->req.name,
		.peer = from,
		.reason = "failed-logins",
	};
	uint32_t ms;

	ms = brake_admit(queue.brake, &cfg, &ask->remote, ask->req.name,
			 loop_now_ms());
	if (!ms) {
		queue.ops->pass(ask);
		return;
	}
	addr_text(&ask->remote, from, sizeof(from));
	if (ms == BRAKE_REFUSE) {
		queue.stats[STAT_LOGINS_REFUSED]++;
		log_limited(LOG_WARNING, &about,
			    "user %s from %s: refused, too many failed logins",
			    ask->req.name, from);
		queue.ops->refuse(ask);
		return;
	}
	queue.stats[STAT_LOGINS_DELAYED]++;
	log_limited(LOG_INFO, &about,
		    "user %s from %s: delayed by %u ms after failed logins",
		    ask->req.name, from, ms);
	login_queue_wait(ask, ms);
}

void login_queue_verdict(const struct conf_login *conf,
		   const struct sockaddr_storage *source, const char *user,
		   const struct auth_result *res)
{
	const struct brake_cfg cfg = login_queue_brake_cfg(conf);

	queue.stats[res->ok ? STAT_LOGINS : STAT_LOGINS_FAILED]++;
	if (res->ok)
		brake_succeeded(queue.brake, &cfg, source, user, loop_now_ms());
	else if (!res->error || res->error == AUTH_ERR_CREDENTIALS)
		brake_failed(queue.brake, &cfg, source, user, loop_now_ms());
}

uint64_t login_queue_stat(enum stats_id which)
{
	return queue.stats[which];
}
