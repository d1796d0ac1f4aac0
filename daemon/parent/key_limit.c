// SPDX-License-Identifier: GPL-2.0-or-later
#include "parent/key_limit.h"

#include <assert.h>
#include <string.h>

#include "lib/log.h"
#include "lib/loop.h"
#include "netlink/nl_sstp.h"
#include "parent/tunnel.h"

/*
 * No machine makes more: a look comes before what is left can be used up. What one does
 * until the soonest look is a part of CONF_KEY_LIMIT that nobody misses.
 */
#define KEY_RECORDS_PER_MS	500
#define KEY_LOOK_MIN_MS		100
#define KEY_SPARE_PART		400
static_assert(CONF_KEY_LIMIT / KEY_SPARE_PART >= KEY_RECORDS_PER_MS * KEY_LOOK_MIN_MS,
	      "more than what is spared may be used before a look");
#define KEY_LOOK_AGAIN_MS	1000
/* An attempt to have another connection may fail; it is made so often. */
#define KEY_RENEW_MS		60000

static struct {
	const struct conf_main *conf;
	bool (*disconnect)(uint32_t id, enum reason reason);
	const char *(*reconnect)(uint32_t client);
} key_limit;

void key_limit_init(const struct conf_main *conf,
		    bool (*disconnect)(uint32_t id, enum reason reason),
		    const char *(*reconnect)(uint32_t client))
{
	key_limit.conf = conf;
	key_limit.disconnect = disconnect;
	key_limit.reconnect = reconnect;
}

/* That of ChaCha20-Poly1305 is beyond the last record number there is. */
bool key_limit_applies(const char *tls)
{
	return strstr(tls, "GCM");
}

uint32_t key_limit_records(void)
{
	return key_limit.conf->key_limit;
}

const char *key_limit_fixed(const struct entry *e)
{
	if (e->rekeys)
		return NULL;
	if (!strncmp(e->tls, "TLSv1.2", strlen("TLSv1.2")))
		return "TLS 1.2 has no KeyUpdate";
	if (!key_limit.conf->rekey)
		return "rekey = no";
	if (!nl_sstp_rekeys())
		return "this kernel cannot change them (Linux 6.17 can)";
	return "those of this cipher are not changed";
}

uint32_t key_limit_renew_at(const struct entry *e)
{
	if (e->server || e->rekeys || !nl_sstp_replaces() || !key_limit_applies(e->tls))
		return 0;
	return key_limit.conf->key_limit / 4 * 3;
}

uint32_t key_limit_next_ms(uint64_t used, uint64_t before, uint64_t limit)
{
	uint64_t left = used < limit ? limit - used : 0;

	if (left <= 2 * (used - before) || left <= limit / KEY_SPARE_PART)
		return 0;
	left /= KEY_RECORDS_PER_MS;
	return left > KEY_LOOK_MIN_MS ? (uint32_t)left : KEY_LOOK_MIN_MS;
}

/* A key that has been used less than one before is a new one. */
static uint64_t key_limit_before(uint64_t used, uint64_t before)
{
	return used < before ? 0 : before;
}

/*
 * The kernel changes its key at half of the limit, or before, and asks the peer to when
 * that is a quarter later: who has not done so by then is not going to.
 */
static bool key_limit_may_change(uint64_t used, uint64_t limit)
{
	return used < limit / 4 * 3;
}

static bool key_limit_ends(const struct entry *e)
{
	if (key_limit.conf->at_key_limit == CONF_KEY_LIMIT_BY_VERSION)
		return !strncmp(e->tls, "TLSv1.3", 7);
	return key_limit.conf->at_key_limit == CONF_KEY_LIMIT_END;
}

static void key_limit_reached(const struct entry *e)
{
	const struct log_about about = { .session = e->id, .user = e->user,
					 .peer = e->remote_text,
					 .interface = e->ifname };

	if (key_limit_ends(e)) {
		key_limit.disconnect(e->id, REASON_KEY_LIMIT);
		return;
	}
	log_write(LOG_WARNING, &about,
		  "session %u: %s: one of its keys has been used for %llu records, of the %u that are safe; it goes on (at-key-limit)",
		  e->id, e->tls, (unsigned long long)e->key_used,
		  key_limit.conf->key_limit);
}

static bool key_limit_count(struct entry *e)
{
	struct nl_sstp_stats stats;
	struct nl_err err;
	uint64_t tx, rx;

	/* Not yet in the kernel, or on its way to its end. */
	if (tunnel_stats(e, &stats, &err) < 0)
		return false;
	tx = stats.count[SSTP_A_STATS_TLS_TX_SEQ];
	rx = stats.count[SSTP_A_STATS_TLS_RX_SEQ];
	e->key_used = tx > rx ? tx : rx;
	return true;
}

static void key_limit_renew(struct entry *e)
{
	e->key_renewed_ms = loop_now_ms();
	key_limit.reconnect(e->client);
}

/*
 * A client has another connection, with new keys, before those of this one are used up.
 * Return: when to look again, as key_limit_next_ms()
 */
static uint32_t key_limit_next(struct entry *e, uint64_t before)
{
	const uint32_t limit = key_limit.conf->key_limit;
	const uint32_t renew_at = key_limit_renew_at(e);
	uint32_t ms;

	before = key_limit_before(e->key_used, before);
	if (renew_at && !e->key_renewed_ms) {
		ms = key_limit_next_ms(e->key_used, before, renew_at);
		if (ms)
			return ms;
		key_limit_renew(e);
	} else if (renew_at && loop_now_ms() - e->key_renewed_ms >= KEY_RENEW_MS) {
		key_limit_renew(e);
	}
	return key_limit_next_ms(e->key_used, before, limit);
}

static void key_limit_look(struct entry *e)
{
	uint64_t before = e->key_used;
	uint32_t ms;

	if (!key_limit_count(e)) {
		loop_arm(e->key_timer, KEY_LOOK_AGAIN_MS);
		return;
	}
	ms = key_limit_next(e, before);
	if (!ms && e->rekeys && key_limit_may_change(e->key_used, key_limit.conf->key_limit))
		ms = KEY_LOOK_MIN_MS;
	if (ms)
		loop_arm(e->key_timer, ms);
	else
		key_limit_reached(e);
}

static void key_limit_on_timer(int fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	key_limit_look(arg);
}

static void key_limit_watch(struct entry *e, uint32_t first_look_ms)
{
	if (e->kind != MSG_PATH_KERNEL || !key_limit_applies(e->tls))
		return;
	e->key_timer = loop_event(-1, 0, key_limit_on_timer, e);
	e->key_used = 0;
	e->key_renewed_ms = 0;
	loop_arm(e->key_timer, first_look_ms);
}

void key_limit_up(struct entry *e)
{
	key_limit_watch(e, key_limit_next_ms(0, 0, key_limit.conf->key_limit));
}

/* What has been used so far is not what is used from one look to the next. */
void key_limit_resume(struct entry *e)
{
	key_limit_watch(e, KEY_LOOK_MIN_MS);
	if (e->key_timer)
		key_limit_count(e);
}

void key_limit_down(struct entry *e)
{
	loop_free(&e->key_timer);
}
