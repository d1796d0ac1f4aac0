// SPDX-License-Identifier: GPL-2.0-or-later
#include "engine/server.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "engine/proxy_wait.h"
#include "engine/session.h"
#include "engine/sources.h"
#include "engine/uplink.h"
#include "lib/addr.h"
#include "lib/log.h"
#include "lib/loop.h"
#include "lib/stats.h"
#include "tls/tls_ctx.h"

/* Connections accepted per wake-up. */
#define SERVER_BATCH	16
/* Pause after running out of descriptors. */
#define SERVER_PAUSE_MS	1000
/* So many are kept for those who are in: data paths, files of a reload. */
#define SERVER_RESERVE	64

/* A site (IPv6 /48) may have as much as so many sources. */
#define SERVER_SITE_SOURCES	4

/*
 * One configuration. Its sessions keep it until the last of them has ended,
 * for a reload must not change the rules for those who are there already.
 */
struct server_rules {
	unsigned int users;	/* sessions, and 1 for being in force */
	struct conf_server conf;
	struct tls_cert_files files[CONF_CERTS_MAX];
	int ocsp[CONF_CERTS_MAX];
	int client_ca;
	bool spoilt;		/* something of it got lost on the way */
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

/* @ev: NULL if this one is free */
struct server_listener {
	uint32_t number;
	struct event *ev;
};

struct server {
	struct server_rules *rules;	/* in force */
	struct server_rules *next;	/* being put together */
	bool spoilt;			/* so was the last one */
	struct server_listener listen[CONF_LISTEN_MAX];
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
		if (rules->ocsp[i] >= 0)
			close(rules->ocsp[i]);
		rules->files[i] = (struct tls_cert_files){ -1, -1 };
		rules->ocsp[i] = -1;
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
	for (unsigned int i = 0; i < CONF_CERTS_MAX; i++) {
		rules->files[i] = (struct tls_cert_files){ -1, -1 };
		rules->ocsp[i] = -1;
	}
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

void server_ocsp(uint32_t number, int fd)
{
	if (!server.next || number >= server.next->conf.n_certs)
		log_fatal("OCSP response number %u", number);
	server.next->ocsp[number] = fd;
}

void server_client_ca(int fd)
{
	if (!server.next)
		log_fatal("a CA without configuration");
	server.next->client_ca = fd;
}

void server_spoil(void)
{
	if (server.next)
		server.next->spoilt = true;
}

/* ---- counters ----------------------------------------------------------------- */

static void server_on_stats_timer(int fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
	uplink_tell(MSG_STATS, &server.stats);
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

/*
 * Whoever logs in may have a session already, whose connection is dead: the parent
 * gives him its place. That is not known before, so some more are let in to log in.
 * A session whose place was taken stays until its peer has answered, or not: whoever
 * comes again and again must not pile them up.
 */
static bool server_may_return(void)
{
	const struct conf_server *conf = &server.rules->conf;

	return *server_gauge(SERVER_CALL) < conf->half_open / 4 &&
	       *server_gauge(SERVER_SESSION) < (uint64_t)conf->max_sessions + conf->half_open;
}

static bool server_session_admit(void *ctx, struct session *s,
				 enum session_use use)
{
	struct server_conn *conn = ctx;

	(void)s;
	switch (use) {
	case SESSION_USE_CALL:
		if (!server_has_room() && !server_may_return()) {
			server_count(STAT_REFUSED_SESSIONS);
			return false;
		}
		server_count(STAT_CALLS);
		server_move(conn, SERVER_CALL);
		return true;
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

static void server_conn_free(struct server_conn *conn)
{
	--*server_gauge(conn->class);
	server_stats_changed();
	sources_put(conn->source);
	server_rules_drop(conn->rules);
	free(conn);
}

static void server_session_ended(void *ctx, struct session *s,
				 enum reason reason)
{
	struct server_conn *conn = ctx;

	if (conn->class == SERVER_HANDSHAKE &&
	    reason == REASON_NEGOTIATION_TIMEOUT)
		server_count(STAT_HANDSHAKE_TIMEOUTS);
	else if (conn->class == SERVER_HANDSHAKE && session_tls_failed(s))
		server_count(STAT_TLS_FAILED);
	if (reason == REASON_FULL)
		server_count(STAT_REFUSED_SESSIONS);
	server_conn_free(conn);
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

/*
 * The fuller it is, the less a source may have: a few cannot take it all, and who
 * has nothing yet gets in. Only where there is room for several to begin with.
 */
static uint32_t server_source_limit(void)
{
	const struct conf_server *conf = &server.rules->conf;
	uint32_t limit = conf->half_open_source;

	if (conf->half_open < 8 * limit || conf->handshakes < 4 * limit)
		return limit;
	if (4 * server_half_open() >= 3 * conf->half_open ||
	    4 * *server_gauge(SERVER_HANDSHAKE) >= 3 * conf->handshakes)
		return 1;
	if (2 * server_half_open() >= conf->half_open ||
	    2 * *server_gauge(SERVER_HANDSHAKE) >= conf->handshakes)
		return limit < 4 ? 1 : limit / 4;
	return limit;
}

static bool server_source_full(const struct sockaddr_storage *source)
{
	uint32_t limit = server_source_limit();

	return sources_count(source) >= limit ||
	       sources_site_count(source) >= SERVER_SITE_SOURCES * limit;
}

/* STAT_COUNT, or the counter that says why there is no room. */
static enum stats_id server_full(const struct sockaddr_storage *source)
{
	const struct conf_server *conf = &server.rules->conf;

	if (*server_gauge(SERVER_HANDSHAKE) >= conf->handshakes)
		return STAT_REFUSED_HANDSHAKES;
	if (server_half_open() >= conf->half_open)
		return STAT_REFUSED_HALF_OPEN;
	if (source && server_source_full(source))
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

static struct session_cfg server_session_cfg(const struct server_rules *rules)
{
	return (struct session_cfg){
		.server = true,
		.link = &rules->conf.link,
		.host = rules->conf.host,
		.web = &rules->conf.web,
		.path_prefix = rules->conf.web.path_prefix,
		.cert_is_user = rules->conf.cert_is_user,
		.fold_names = rules->conf.fold_names,
		.lanes_max = rules->conf.connections,
		.deadline_s = rules->conf.handshake_s,
	};
}

static struct server_conn *server_new_conn(struct server_rules *rules,
					   enum server_class class)
{
	struct server_conn *conn = calloc(1, sizeof(*conn));

	if (!conn)
		log_fatal("out of memory");
	conn->rules = rules;
	conn->class = class;
	rules->users++;
	++*server_gauge(class);
	server_stats_changed();
	return conn;
}

void server_adopt(const struct msg_adopt *m, int fd)
{
	const struct session_cfg cfg = server_session_cfg(server.rules);

	session_adopt(m, fd, &cfg, &server_owner,
		      server_new_conn(server.rules, SERVER_SESSION));
}

static void server_admit(int fd, const struct sockaddr_storage *source)
{
	const struct session_cfg cfg = server_session_cfg(server.rules);
	struct server_conn *conn;
	char text[ADDR_TEXT_MAX];

	addr_text(source, text, sizeof(text));
	if (server_refuse(fd, source, text))
		return;
	log_debug("%s: connected", text);
	conn = server_new_conn(server.rules, SERVER_HANDSHAKE);
	conn->source = sources_get(source);
	if (session_new(fd, server.rules->ctx, NULL, &cfg, source, &server_owner, conn))
		return;
	log_err("%s: out of memory", text);
	server_conn_free(conn);
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
	uplink_quiet();
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
	for (unsigned int i = 0; i < CONF_LISTEN_MAX; i++)
		if (server.listen[i].ev)
			loop_watch(server.listen[i].ev, on);
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

/* Return: the last connection, -1 with errno if there was none more */
static int server_accept(int fd, int most)
{
	struct sockaddr_storage source;
	socklen_t len;
	int conn = -1;

	for (int i = 0; i < most; i++) {
		len = sizeof(source);
		memset(&source, 0, sizeof(source));
		conn = accept4(fd, (struct sockaddr *)&source, &len,
			       SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (conn < 0)
			return -1;
		if (server_near_limit(conn)) {
			close(conn);
			errno = EMFILE;
			return -1;
		}
		addr_unmap(&source);
		server_enter(conn, &source);
	}
	return conn;
}

static void server_on_accept(int fd, short what, void *arg)
{
	int conn = server_accept(fd, SERVER_BATCH);

	(void)what;
	(void)arg;
	/* The connection stays in the backlog: do not spin on it. */
	if (conn < 0 && (errno == EMFILE || errno == ENFILE ||
			 errno == ENOBUFS || errno == ENOMEM)) {
		log_err("accept: %s; pausing", strerror(errno));
		server_watch(false);
		loop_arm(server.pause, SERVER_PAUSE_MS);
	}
}

static struct server_listener *server_listener(uint32_t number)
{
	for (unsigned int i = 0; i < CONF_LISTEN_MAX; i++)
		if (server.listen[i].ev && server.listen[i].number == number)
			return &server.listen[i];
	return NULL;
}

void server_listen(uint32_t number, int fd)
{
	unsigned int i = 0;

	if (server_listener(number)) {
		close(fd);
		return;
	}
	while (i < CONF_LISTEN_MAX && server.listen[i].ev)
		i++;
	if (i == CONF_LISTEN_MAX)
		log_fatal("too many listening sockets");
	server.listen[i].number = number;
	server.listen[i].ev = loop_event(fd, EV_READ | EV_PERSIST, server_on_accept, NULL);
	if (server.pause && !event_pending(server.pause, EV_TIMEOUT, NULL))
		loop_watch(server.listen[i].ev, true);
}

static void server_listener_close(struct server_listener *l)
{
	close(event_get_fd(l->ev));
	loop_free(&l->ev);
}

/* Whom the kernel has answered for us is not to be sent away. */
static void server_listener_end(struct server_listener *l)
{
	if (server.pause)
		server_accept(event_get_fd(l->ev), SOMAXCONN);
	server_listener_close(l);
}

void server_listen_end(uint32_t number)
{
	struct server_listener *l = server_listener(number);

	if (l)
		server_listener_end(l);
}

void server_listen_none(void)
{
	for (unsigned int i = 0; i < CONF_LISTEN_MAX; i++)
		if (server.listen[i].ev)
			server_listener_end(&server.listen[i]);
}

bool server_is_quiet(void)
{
	return !*server_gauge(SERVER_HANDSHAKE);
}

/* A context without its OCSP response is better than none, or an old one. */
static void server_staple(const struct server_rules *rules)
{
	char err[200] = "";

	for (unsigned int i = 0; i < rules->conf.n_certs; i++)
		if (rules->ocsp[i] >= 0 &&
		    !tls_certs_staple(rules->ctx, i, rules->ocsp[i], err,
				      sizeof(err)))
			log_err("certificate number %u: %s", i + 1, err);
}

static SSL_CTX *server_make_ctx(const struct server_rules *rules, char *err,
				size_t err_len)
{
	SSL_CTX *ctx;

	if (rules->spoilt) {
		snprintf(err, err_len, "a file of the new configuration was lost");
		return NULL;
	}
	ctx = tls_ctx_server(&rules->conf.tls, rules->files, rules->conf.n_certs, err,
			     err_len);
	if (!ctx || rules->client_ca < 0 ||
	    tls_ctx_ask_clients(ctx, rules->client_ca,
				rules->conf.client_cert == CONF_CERT_REQUIRE, err, err_len))
		return ctx;
	SSL_CTX_free(ctx);
	return NULL;
}

void server_start(void)
{
	struct server_rules *rules = server.next;
	char err[200];

	rules->ctx = server_make_ctx(rules, err, sizeof(err));
	if (rules->ctx)
		server_staple(rules);
	if (!rules->ctx && !server.rules)
		log_fatal("server: %s", err);
	server_rules_close(rules);
	server.next = NULL;
	if (!rules->ctx) {
		/* Once: one that is spoilt comes again and again. */
		if (!rules->spoilt || !server.spoilt)
			log_err("server: %s; going on as before", err);
		server.spoilt = rules->spoilt;
		server_rules_drop(rules);
		return;
	}
	if (server.spoilt)
		log_info("server: the new configuration is there now");
	server.spoilt = false;
	server_rules_drop(server.rules);
	server.rules = rules;
	if (server.pause)
		return;
	server.pause = loop_event(-1, 0, server_on_pause_over, NULL);
	server_watch(true);
}

void server_stop(void)
{
	for (unsigned int i = 0; i < CONF_LISTEN_MAX; i++)
		if (server.listen[i].ev)
			server_listener_close(&server.listen[i]);
	if (server.pause)
		loop_arm(server.pause, 0);
}
