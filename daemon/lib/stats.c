// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/stats.h"

const struct stats_name stats_names[STAT_COUNT] = {
	[STAT_NOW_HANDSHAKES] = {
		"now_handshakes", "now in TLS handshake or HTTP" },
	[STAT_NOW_CALLS] = { "now_calls", "now calls not authenticated" },
	[STAT_NOW_SESSIONS] = { "now_sessions", "now authenticated" },
	[STAT_NOW_WEB] = { "now_web", "now passed to the web server" },
	[STAT_CONNECTIONS] = { "connections", "connections" },
	[STAT_REFUSED_HANDSHAKES] = {
		"refused_handshakes", "refused by max-handshakes" },
	[STAT_REFUSED_HALF_OPEN] = {
		"refused_half_open", "refused by max-half-open" },
	[STAT_REFUSED_SOURCE] = {
		"refused_source", "refused by max-half-open-per-source" },
	[STAT_REFUSED_PROXY] = {
		"refused_proxy", "refused without PROXY header" },
	[STAT_REFUSED_SESSIONS] = {
		"refused_sessions", "refused by max-sessions" },
	[STAT_TLS_FAILED] = { "tls_failed", "failed in the TLS handshake" },
	[STAT_HANDSHAKE_TIMEOUTS] = {
		"handshake_timeouts", "not through within handshake-timeout" },
	[STAT_CALLS] = { "calls", "SSTP calls" },
	[STAT_HTTP_OTHER] = { "http_other", "other HTTP requests answered" },
	[STAT_HTTP_HEALTH] = { "http_health", "health checks answered" },
	[STAT_WEB] = { "web", "passed to the web server" },
	[STAT_WEB_REFUSED] = {
		"web_refused", "refused by max-web-connections" },
	[STAT_LOGINS] = { "logins", "logins" },
	[STAT_LOGINS_FAILED] = { "logins_failed", "logins failed" },
	[STAT_LOGINS_DELAYED] = { "logins_delayed", "login attempts delayed" },
	[STAT_LOGINS_REFUSED] = {
		"logins_refused", "login attempts refused unseen" },
};
