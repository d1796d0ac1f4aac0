// SPDX-License-Identifier: GPL-2.0-or-later
#include "parent/metering.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lib/log.h"
#include "lib/loop.h"
#include "parent/ledger.h"
#include "parent/store.h"
#include "parent/tunnel.h"

/* Looks at the packet counters in one Idle-Timeout; more is not more exact. */
#define GRANT_IDLE_LOOKS	8

static struct {
	const struct child *radius;
	uint32_t interim_s;
	bool (*disconnect)(uint32_t id, enum reason reason);
} grant;

void metering_init(const struct child *radius, uint32_t interim_s,
		bool (*disconnect)(uint32_t id, enum reason reason))
{
	grant.radius = radius;
	grant.interim_s = interim_s;
	grant.disconnect = disconnect;
}

/* ---- accounting ---------------------------------------------------------------- */

static void metering_account(struct entry *e, enum msg_acct_kind kind,
			  enum reason reason)
{
	struct msg_acct acct = {
		.id = table_number(e),
		.kind = kind,
		.reason = reason,
		.seconds = (uint32_t)((loop_now_ms() - e->since_ms) / 1000),
		.remote = e->remote,
		.class_len = e->grant.class_len,
	};
	struct netcfg_counts counts = { 0 };

	if (!grant.radius)
		return;
	if (kind != MSG_ACCT_START)
		tunnel_counts(e, &counts);
	acct.in_bytes = counts.rx_bytes;
	acct.out_bytes = counts.tx_bytes;
	acct.in_packets = counts.rx_packets;
	acct.out_packets = counts.tx_packets;
	if (e->net.ipv4)
		acct.address = e->net.peer;
	if (e->net.ipv6)
		acct.prefix6 = e->prefix6;
	memcpy(acct.user, e->user, sizeof(acct.user));
	memcpy(acct.ifname, e->ifname, sizeof(acct.ifname));
	memcpy(acct.class, e->grant.class, sizeof(acct.class));
	/* Whoever is killed before that is taken leaves it to the next one. */
	ledger_send(grant.radius, &acct, kind == MSG_ACCT_STOP ? store_leave(e, "") : 0);
}

/* ---- time -------------------------------------------------------------------------- */

static uint32_t metering_interim_s(const struct entry *e)
{
	return e->grant.interim_s ? e->grant.interim_s : grant.interim_s;
}

static uint64_t metering_idle_look_ms(const struct entry *e)
{
	return (uint64_t)e->grant.idle_s * 1000 / GRANT_IDLE_LOOKS;
}

static void metering_rearm(struct entry *e)
{
	uint64_t now = loop_now_ms();
	uint64_t due = UINT64_MAX;

	if (e->grant.session_s)
		due = e->since_ms + (uint64_t)e->grant.session_s * 1000;
	if (e->grant.idle_s && e->idle_look_ms + metering_idle_look_ms(e) < due)
		due = e->idle_look_ms + metering_idle_look_ms(e);
	if (metering_interim_s(e) &&
	    e->interim_ms + (uint64_t)metering_interim_s(e) * 1000 < due)
		due = e->interim_ms + (uint64_t)metering_interim_s(e) * 1000;
	if (due == UINT64_MAX)
		loop_arm(e->metering_timer, 0);
	else if (due <= now)
		loop_arm(e->metering_timer, 1);
	else
		loop_arm(e->metering_timer, due - now < UINT32_MAX ?
			 (uint32_t)(due - now) : UINT32_MAX);
}

/*
 * Only what the peer sends counts: what goes to it may be router advertisements
 * or a port scan. Keep-alives of SSTP and PPP do not pass the interface.
 */
static bool metering_is_idle(struct entry *e, uint64_t now)
{
	struct netcfg_counts counts;

	e->idle_look_ms = now;
	tunnel_counts(e, &counts);
	if (counts.rx_packets != e->idle_packets) {
		e->idle_packets = counts.rx_packets;
		e->idle_since_ms = now;
	}
	return now - e->idle_since_ms >= (uint64_t)e->grant.idle_s * 1000;
}

static void metering_end(struct entry *e, enum reason reason)
{
	/* Once: the engine may take its time. */
	loop_arm(e->metering_timer, 0);
	e->grant.session_s = 0;
	e->grant.idle_s = 0;
	grant.disconnect(e->id, reason);
}

static void metering_on_timer(int fd, short what, void *arg)
{
	uint64_t now = loop_now_ms();
	struct entry *e = arg;

	(void)fd;
	(void)what;
	if (e->grant.session_s &&
	    now - e->since_ms >= (uint64_t)e->grant.session_s * 1000) {
		metering_end(e, REASON_SESSION_TIMEOUT);
		return;
	}
	if (e->grant.idle_s && now - e->idle_look_ms >= metering_idle_look_ms(e) &&
	    metering_is_idle(e, now)) {
		metering_end(e, REASON_IDLE_TIMEOUT);
		return;
	}
	if (metering_interim_s(e) &&
	    now - e->interim_ms >= (uint64_t)metering_interim_s(e) * 1000) {
		e->interim_ms = now;
		metering_account(e, MSG_ACCT_INTERIM, REASON_NONE);
		/*
		 * The next sstpd is to be in time with the one after this, and may find
		 * nothing left that it could count.
		 */
		if (e->slot) {
			tunnel_counts(e, &e->last);
			store_put(e, "");
		}
	}
	metering_rearm(e);
}

/* ---- life ----------------------------------------------------------------------------- */

void metering_up(struct entry *e)
{
	if (!e->server)
		return;
	e->idle_look_ms = e->since_ms;
	e->idle_since_ms = e->since_ms;
	e->interim_ms = e->since_ms;
	e->metering_timer = loop_event(-1, 0, metering_on_timer, e);
	metering_account(e, MSG_ACCT_START, REASON_NONE);
	metering_rearm(e);
}

void metering_resume(struct entry *e)
{
	if (!e->server)
		return;
	e->metering_timer = loop_event(-1, 0, metering_on_timer, e);
	metering_rearm(e);
}

void metering_move(struct entry *e, struct entry *old)
{
	if (!old->metering_timer)
		return;
	loop_free(&old->metering_timer);
	e->interim_ms = old->interim_ms;
	e->idle_look_ms = old->idle_look_ms;
	e->idle_since_ms = old->idle_since_ms;
	e->idle_packets = old->idle_packets;
	metering_resume(e);
}

void metering_change(struct entry *e, const struct msg_grant_change *change)
{
	if (!e->metering_timer)
		return;
	if (change->what & GRANT_SESSION)
		e->grant.session_s = change->session_s;
	if (change->what & GRANT_IDLE)
		e->grant.idle_s = change->idle_s;
	if (change->what & GRANT_INTERIM)
		e->grant.interim_s = change->interim_s;
	if (change->what & GRANT_RATE)
		tunnel_set_rates(e, change->rate_down, change->rate_up);
	e->idle_look_ms = loop_now_ms();
	e->idle_since_ms = e->idle_look_ms;
	metering_rearm(e);
}

void metering_go_on(void)
{
	struct entry *e;

	if (!grant.radius || !grant.radius->chan)
		return;
	for (e = table_first(); e; e = table_next(e))
		if (e->metering_timer)
			metering_account(e, MSG_ACCT_INTERIM, REASON_NONE);
}

void metering_recall(void)
{
	ledger_again(grant.radius);
	metering_go_on();
}

void metering_down(struct entry *e, enum reason reason)
{
	if (!e->metering_timer)
		return;
	loop_free(&e->metering_timer);
	metering_account(e, MSG_ACCT_STOP, reason);
}
