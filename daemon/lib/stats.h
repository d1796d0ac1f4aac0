/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Counters of the server since the start of the daemon. The engine and the
 * parent count what each of them sees; the engine sends its part to the parent
 * within STATS_PERIOD_MS of a change. `sstpctl stats` shows all of them.
 */
#ifndef SSTPD_STATS_H
#define SSTPD_STATS_H

#include <stdint.h>

#define STATS_PERIOD_MS	250

enum stats_id {
	/* the engine's: what is there now */
	STAT_NOW_HANDSHAKES,
	STAT_NOW_CALLS,
	STAT_NOW_SESSIONS,
	STAT_NOW_WEB,
	/* the engine's: what happened */
	STAT_CONNECTIONS,
	STAT_REFUSED_HANDSHAKES,
	STAT_REFUSED_HALF_OPEN,
	STAT_REFUSED_SOURCE,
	STAT_REFUSED_PROXY,
	STAT_REFUSED_SESSIONS,
	STAT_TLS_FAILED,
	STAT_HANDSHAKE_TIMEOUTS,
	STAT_CALLS,
	STAT_HTTP_OTHER,
	STAT_HTTP_HEALTH,
	STAT_WEB,
	STAT_WEB_REFUSED,
	STAT_ENGINE_END,
	/* the parent's */
	STAT_LOGINS = STAT_ENGINE_END,
	STAT_LOGINS_FAILED,
	STAT_LOGINS_DELAYED,
	STAT_LOGINS_REFUSED,
	STAT_COUNT,
};

/* Names as in JSON, and what sstpctl calls them. */
struct stats_name {
	const char *json;
	const char *text;
};

extern const struct stats_name stats_names[STAT_COUNT];

#endif /* SSTPD_STATS_H */
