// SPDX-License-Identifier: GPL-2.0-or-later
#include "server.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "addr.h"
#include "engine.h"
#include "log.h"
#include "loop.h"
#include "proxy_wait.h"
#include "session.h"
#include "sources.h"
#include "stats.h"
#include "tls_ctx.h"

/* Connections accepted per wake-up. */
#define SERVER_BATCH	16
/* Pause after running out of descriptors. */
#define SERVER_PAUSE_MS	1000
/* So many are kept for those who are in: data paths, files of a reload. */
#define SERVER_RESERVE	64

/*
 * One configuration. Its sessions keep it until the last of them has ended,
 * for a reload must not change the rules for those who are there already.
 */
struct server_rules {
	unsigned int users;	/* sessions, and 1 for being in force */
	struct conf_server conf;
	struct tls_cert_files files[CONF_CERTS_MAX];
	int client_ca;
	SSL_CTX *ctx;
};

/* Which limits a connection falls under; in the order of STAT_NOW_*. */
enum server_class {
	SERVER_HANDSHAKE,
	SERVER_CALL,
	SERVER_SESSION,
	SERVER_WEB,
};

/* A connection that is a session; @source is NULL once it is no longer half open. */
struct server_conn {
	struct server_rules *rules;
	enum server_class class;
	struct source *source;
};

struct server {
	struct server_rules *rules;	/* in force */
	struct server_rules *next;	/* being put together */
	unsigned int n_listen;
	struct event *listen[CONF_LISTEN_MAX];
	struct event *pause;
	struct msg_stats stats;
	struct event *stats_timer;
};

static struct server server;

/* ---- configuration ------------------------------------------------------------- */

static void server_rules_close(struct server_rules *rules)
{
	for (unsigned int i = 0; i < CONF_CERTS_MAX; i++) {
		if (rules->files[i].cert >= 0)
			close(rules->files[i].cert);
		if (rules->files[i].key >= 0)
			close(rules->files[i].key);
		rules->files[i] = (struct tls_cert_files){ -1, -1 };
	}
	if (rules->client_ca >= 0)
		close(rules->client_ca);
	rules->client_ca = -1;
}

static void server_rules_drop(struct server_rules *rules)
{
	if (!rules || --rules->users)
		return;
	SSL_CTX_free(rules->ctx);
	server_rules_close(rules);
	free(rules);
}

void server_configure(const struct conf_server *conf)
{
	struct server_rules *rules = calloc(1, sizeof(*rules));

	if (!rules)
		log_fatal("out of memory");
	rules->users = 1;
	rules->conf = *conf;
	rules->client_ca = -1;
	for (unsigned int i = 0; i < CONF_CERTS_MAX; i++)
		rules->files[i] = (struct tls_cert_files){ -1, -1 };
	server_rules_drop(server.next);
	server.next = rules;
}

void server_certificate(uint32_t number, int fd)
{
	if (!server.next || number >= server.next->conf.n_certs)
		log_fatal("certificate number %u", number);
	server.next->files[number].cert = fd;
}

void server_key(uint32_t number, int fd)
{
	if (!server.next || number >= server.next->conf.n_certs)
		log_fatal("key number %u", number);
	server.next->files[number].key = fd;
}

void server_client_ca(int fd)
{
	if (!server.next)
		log_fatal("a CA without configuration");
	server.next->client_ca = fd;
}

/* ---- counters ----------------------------------------------------------------- */

static void server_on_stats_timer(int fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
	engine_tell(MSG_STATS, &server.stats);
}

static void server_stats_changed(void)
{
	if (!server.stats_timer)
		server.stats_timer = loop_event(-1, 0, server_on_stats_timer,
						NULL);
	if (!event_pending(server.stats_timer, EV_TIMEOUT, NULL))
		loop_arm(server.stats_timer, STATS_PERIOD_MS);
}

static void server_count(enum stats_id which)
{
	server.stats.count[which]++;
	server_stats_changed();
}

/* Connections of a class, which is a gauge of the statistics. */
static uint64_t *server_gauge(enum server_class class)
{
	return &server.stats.count[STAT_NOW_HANDSHAKES + class];
}

static uint64_t server_half_open(void)
{
	return *server_gauge(SERVER_HANDSHAKE) + *server_gauge(SERVER_CALL);
}

/* ---- sessions --------------------------------------------------------------- */

static void server_move(struct server_conn *conn, enum server_class class)
{
	--*server_gauge(conn->class);
	++*server_gauge(class);
	conn->class = class;
	server_stats_changed();
	if (class != SERVER_HANDSHAKE && class != SERVER_CALL) {
		sources_put(conn->source);
		conn->source = NULL;
	}
}

static bool server_has_room(void)
{
	return *server_gauge(SERVER_SESSION) < server.rules->conf.max_sessions;
}

static bool server_session_admit(void *ctx, struct session *s,
				 enum session_use use)
{
	struct server_conn *conn = ctx;

	(void)s;
	switch (use) {
	case SESSION_USE_CALL:
		server_count(server_has_room() ? STAT_CALLS :
						 STAT_REFUSED_SESSIONS);
		if (server_has_room())
			server_move(conn, SERVER_CALL);
		return conn->class == SERVER_CALL;
	case SESSION_USE_WEB:
		if (*server_gauge(SERVER_WEB) >= server.rules->conf.web.max) {
			server_count(STAT_WEB_REFUSED);
			return false;
		}
		server_count(STAT_WEB);
		server_move(conn, SERVER_WEB);
		return true;
	case SESSION_USE_HEALTH:
		server_count(STAT_HTTP_HEALTH);
		return server_has_room();
	case SESSION_USE_OTHER:
		server_count(STAT_HTTP_OTHER);
		return true;
	}
	return false;
}

static void server_session_authenticated(void *ctx, struct session *s)
{
	(void)s;
	server_move(ctx, SERVER_SESSION);
}

static void server_session_ended(void *ctx, struct session *s,
				 enum reason reason)
{
	struct server_conn *conn = ctx;

	if (conn->class == SERVER_HANDSHAKE &&
	    reason == REASON_NEGOTIATION_TIMEOUT)
		server_count(STAT_HANDSHAKE_TIMEOUTS);
	else if (conn->class == SERVER_HANDSHAKE && !s->head)
		server_count(STAT_TLS_FAILED);
	--*server_gauge(conn->class);
	server_stats_changed();
	sources_put(conn->source);
	server_rules_drop(conn->rules);
	free(conn);
}

static const struct session_owner server_owner = {
	.admit = server_session_admit,
	.authenticated = server_session_authenticated,
	.ended = server_session_ended,
};

/* ---- admission ------------------------------------------------------------------ */

static void server_log_refused(const char *who, const char *why)
{
	const struct log_about about = { .peer = who, .reason = "refused" };

	log_limited(LOG_WARNING, &about, "%s: refused, %s", who, why);
}

/* STAT_COUNT, or the counter that says why there is no room. */
static enum stats_id server_full(const struct sockaddr_storage *source)
{
	const struct conf_server *conf = &server.rules->conf;

	if (*server_gauge(SERVER_HANDSHAKE) >= conf->handshakes)
		return STAT_REFUSED_HANDSHAKES;
	if (server_half_open() >= conf->half_open)
		return STAT_REFUSED_HALF_OPEN;
	if (source && sources_count(source) >= conf->half_open_source)
		return STAT_REFUSED_SOURCE;
	return STAT_COUNT;
}

/* Closes the connection if there is no room; @source NULL is a proxy. */
static bool server_refuse(int fd, const struct sockaddr_storage *source,
			  const char *who)
{
	enum stats_id full = server_full(source);

	if (full == STAT_COUNT)
		return false;
	server_count(full);
	server_log_refused(who, stats_names[full].text);
	close(fd);
	return true;
}

static void server_admit(int fd, const struct sockaddr_storage *source)
{
	struct server_rules *rules = server.rules;
	const struct session_cfg cfg = {
		.server = true,
		.link = &rules->conf.link,
		.host = rules->conf.host,
		.web = &rules->conf.web,
		.cert_is_user = rules->conf.cert_is_user,
		.deadline_s = rules->conf.handshake_s,
	};
	struct server_conn *conn;
	char text[ADDR_TEXT_MAX];

	addr_text(source, text, sizeof(text));
	if (server_refuse(fd, source, text))
		return;
	log_debug("%s: connected", text);
	conn = calloc(1, sizeof(*conn));
	if (!conn)
		log_fatal("out of memory");
	if (!session_new(fd, rules->ctx, NULL, &cfg, source, &server_owner,
			 conn)) {
		log_err("%s: out of memory", text);
		free(conn);
		return;
	}
	conn->rules = rules;
	conn->source = sources_get(source);
	rules->users++;
	++*server_gauge(SERVER_HANDSHAKE);
	server_stats_changed();
}

/* ---- proxies ---------------------------------------------------------------------- */

static bool server_is_proxy(const struct sockaddr_storage *source)
{
	const struct conf_server *conf = &server.rules->conf;

	for (uint32_t i = 0; i < conf->n_proxies; i++)
		if (addr_within(source, conf->proxies[i].family,
				conf->proxies[i].addr, conf->proxies[i].len))
			return true;
	return false;
}

static void server_proxy_told(int fd, const struct sockaddr_storage *source,
			      const char *why)
{
	char text[ADDR_TEXT_MAX];

	--*server_gauge(SERVER_HANDSHAKE);
	if (fd >= 0) {
		server_admit(fd, source);
		return;
	}
	addr_text(source, text, sizeof(text));
	server_count(STAT_REFUSED_PROXY);
	server_log_refused(text, why);
}

static void server_enter(int fd, const struct sockaddr_storage *source)
{
	char text[ADDR_TEXT_MAX];

	server_count(STAT_CONNECTIONS);
	if (!server_is_proxy(source)) {
		server_admit(fd, source);
		return;
	}
	addr_text(source, text, sizeof(text));
	if (server_refuse(fd, NULL, text))
		return;
	++*server_gauge(SERVER_HANDSHAKE);
	proxy_wait(fd, source, server.rules->conf.handshake_s * 1000,
		   server_proxy_told);
}

/* ---- listening ----------------------------------------------------------------- */

static void server_watch(bool on)
{
	for (unsigned int i = 0; i < server.n_listen; i++)
		loop_watch(server.listen[i], on);
}

static void server_on_pause_over(int fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
	server_watch(true);
}

/* Descriptors are given out from below: a high one says how many there are. */
static bool server_near_limit(int fd)
{
	struct rlimit limit;

	return getrlimit(RLIMIT_NOFILE, &limit) == 0 &&
	       (rlim_t)fd + SERVER_RESERVE >= limit.rlim_cur;
}

static void server_on_accept(int fd, short what, void *arg)
{
	struct sockaddr_storage source;
	socklen_t len;
	int conn;

	(void)what;
	(void)arg;
	for (int i = 0; i < SERVER_BATCH; i++) {
		len = sizeof(source);
		memset(&source, 0, sizeof(source));
		conn = accept4(fd, (struct sockaddr *)&source, &len,
			       SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (conn < 0)
			break;
		if (server_near_limit(conn)) {
			close(conn);
			conn = -1;
			errno = EMFILE;
			break;
		}
		addr_unmap(&source);
		server_enter(conn, &source);
	}
	/* The connection stays in the backlog: do not spin on it. */
	if (conn < 0 && (errno == EMFILE || errno == ENFILE ||
			 errno == ENOBUFS || errno == ENOMEM)) {
		log_err("accept: %s; pausing", strerror(errno));
		server_watch(false);
		loop_arm(server.pause, SERVER_PAUSE_MS);
	}
}

void server_listen(int fd)
{
	if (server.n_listen == CONF_LISTEN_MAX)
		log_fatal("too many listening sockets");
	server.listen[server.n_listen++] =
		loop_event(fd, EV_READ | EV_PERSIST, server_on_accept, NULL);
}

void server_start(void)
{
	struct server_rules *rules = server.next;
	char err[200];

	rules->ctx = tls_ctx_server(&rules->conf.tls, rules->files,
				    rules->conf.n_certs, err, sizeof(err));
	if (rules->ctx && rules->client_ca >= 0 &&
	    !tls_ctx_ask_clients(rules->ctx, rules->client_ca,
				 rules->conf.client_cert == CONF_CERT_REQUIRE,
				 err, sizeof(err))) {
		SSL_CTX_free(rules->ctx);
		rules->ctx = NULL;
	}
	if (!rules->ctx && !server.rules)
		log_fatal("server: %s", err);
	server_rules_close(rules);
	server.next = NULL;
	if (!rules->ctx) {
		log_err("server: %s; going on as before", err);
		server_rules_drop(rules);
		return;
	}
	server_rules_drop(server.rules);
	server.rules = rules;
	if (server.pause)
		return;
	server.pause = loop_event(-1, 0, server_on_pause_over, NULL);
	server_watch(true);
}

void server_stop(void)
{
	for (unsigned int i = 0; i < server.n_listen; i++) {
		close(event_get_fd(server.listen[i]));
		loop_free(&server.listen[i]);
	}
	server.n_listen = 0;
	if (server.pause)
		loop_arm(server.pause, 0);
}
