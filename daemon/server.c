// SPDX-License-Identifier: GPL-2.0-or-later
#include "server.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "addr.h"
#include "log.h"
#include "loop.h"
#include "session.h"
#include "tls_ctx.h"

/* Connections accepted per wake-up. */
#define SERVER_BATCH	16
/* Pause after running out of descriptors. */
#define SERVER_PAUSE_MS	1000

/*
 * One configuration. Its sessions keep it until the last of them has ended,
 * for a reload must not change the rules for those who are there already.
 */
struct server_rules {
	unsigned int users;	/* sessions, and 1 for being in force */
	struct conf_server conf;
	struct tls_cert_files files[CONF_CERTS_MAX];
	SSL_CTX *ctx;
};

struct server {
	struct server_rules *rules;	/* in force */
	struct server_rules *next;	/* being put together */
	unsigned int n_listen;
	struct event *listen[CONF_LISTEN_MAX];
	struct event *pause;
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

/* ---- sessions --------------------------------------------------------------- */

static void server_session_ended(void *ctx, struct session *s,
				 enum reason reason)
{
	(void)s;
	(void)reason;
	server_rules_drop(ctx);
}

static const struct session_owner server_owner = {
	.ended = server_session_ended,
};

/* Who takes part in the limits. */
struct server_census {
	const struct sockaddr_storage *source;
	unsigned int half_open;
	unsigned int from_source;
	unsigned int established;
};

static void server_count(struct session *s, void *arg)
{
	struct server_census *census = arg;

	if (!s->cfg.server)
		return;
	if (s->authenticated) {
		census->established++;
		return;
	}
	census->half_open++;
	census->from_source += addr_same_host(&s->remote, census->source);
}

/* NULL, or why there is no room for another connection. */
static const char *server_full(const struct sockaddr_storage *source)
{
	const struct conf_server *conf = &server.rules->conf;
	struct server_census census = { .source = source };

	session_each(server_count, &census);
	if (census.established >= conf->max_sessions)
		return "max-sessions reached";
	if (census.half_open >= conf->half_open)
		return "max-half-open reached";
	if (census.from_source >= conf->half_open_source)
		return "max-half-open-per-source reached";
	return NULL;
}

static void server_admit(int fd, const struct sockaddr_storage *source)
{
	struct server_rules *rules = server.rules;
	const struct session_cfg cfg = {
		.server = true,
		.link = &rules->conf.link,
		.host = rules->conf.host,
		.deadline_s = rules->conf.handshake_s,
	};
	const char *full = server_full(source);
	char text[ADDR_TEXT_MAX];

	addr_text(source, text, sizeof(text));
	if (full) {
		log_warn("%s: refused, %s", text, full);
		close(fd);
		return;
	}
	log_debug("%s: connected", text);
	if (session_new(fd, rules->ctx, NULL, &cfg, source, &server_owner,
			rules))
		rules->users++;
	else
		log_err("%s: out of memory", text);
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
		addr_unmap(&source);
		server_admit(conn, &source);
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
