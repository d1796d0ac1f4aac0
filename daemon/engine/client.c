// SPDX-License-Identifier: GPL-2.0-or-later
#include "engine/client.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/rand.h>

#include "engine/client_proxy.h"
#include "engine/session.h"
#include "engine/uplink.h"
#include "lib/addr.h"
#include "lib/log.h"
#include "lib/loop.h"
#include "tls/tls_certs.h"
#include "tls/tls_ctx.h"

/* Limits for one TCP connection attempt; TLS and HTTP (MS-SSTP: 60 s). */
#define CLIENT_CONNECT_MS	10000
#define CLIENT_DEADLINE_S	60
/* A proxy connects to the server before it answers. */
#define CLIENT_PROXY_MS		30000
/* What is on its way by a connection that was replaced arrives within that. */
#define CLIENT_DRAIN_MS		2000

enum client_state {
	CLIENT_IDLE,		/* one of several, and there is none yet that it could join */
	CLIENT_WAITING,
	CLIENT_RESOLVING,
	CLIENT_DIALLING,
	CLIENT_CONNECTING,
	CLIENT_PROXY,
	CLIENT_SESSION,
	CLIENT_DONE,
};

/**
 * struct client
 * @says: digest of the files that @ctx is made of
 * @ca: files that wait for the next client_start(), as @cert; -1 = none does
 * @session: the one in the making, or that is up
 * @old: the one that @session is to replace, or NULL; @draining: it has done so;
 *	@drained: timer that ends @old then; @again: another one is to follow after that
 * @lanes: of the first of several: so many there may be, as its server says
 */
struct client {
	uint32_t number;
	struct conf_client conf;
	enum client_state state;
	SSL_CTX *ctx;
	uint8_t says[TLS_CERTS_DIGEST];
	int ca;
	struct tls_cert_files cert;
	struct event *timer;
	struct event *writable;
	struct client_proxy *proxy;
	int fd;
	struct session *session;
	struct session *old;
	struct event *drained;
	bool draining;
	bool again;
	uint32_t lanes;
	struct msg_resolved addrs;
	uint32_t at;		/* next of @addrs to try */
	uint32_t delay_s;
	bool was_up;
	uint32_t refused;	/* logins in a row */
};

static struct client *clients[CONF_CLIENTS_MAX];
static uint32_t client_n;
static bool client_stopping;

static void client_dial_next(struct client *c);
static void client_resolve(struct client *c);

void client_configure(const struct conf_client *conf)
{
	struct client *c;

	if (client_n == CONF_CLIENTS_MAX)
		log_fatal("too many clients");
	c = calloc(1, sizeof(*c));
	if (!c)
		log_fatal("out of memory");
	c->number = client_n;
	c->conf = *conf;
	c->ca = -1;
	c->cert = (struct tls_cert_files){ -1, -1 };
	c->fd = -1;
	clients[client_n++] = c;
}

/* ---- its files --------------------------------------------------------------------- */

static void client_file(int *file, int fd)
{
	if (*file >= 0)
		close(*file);
	*file = fd;
}

void client_ca(uint32_t i, int fd)
{
	if (i >= client_n)
		log_fatal("CA file for client number %u", i);
	client_file(&clients[i]->ca, fd);
}

void client_certificate(uint32_t i, int fd)
{
	if (i >= client_n)
		log_fatal("certificate for client number %u", i);
	client_file(&clients[i]->cert.cert, fd);
}

void client_key(uint32_t i, int fd)
{
	if (i >= client_n)
		log_fatal("key for client number %u", i);
	client_file(&clients[i]->cert.key, fd);
}

/* All that its configuration names, or none of it is of use. */
static bool client_files_whole(const struct client *c)
{
	return (c->ca >= 0) == !!*c->conf.ca && (c->cert.cert >= 0) == !!*c->conf.cert &&
	       (c->cert.key >= 0) == !!*c->conf.key;
}

static void client_files_close(struct client *c)
{
	client_file(&c->ca, -1);
	client_file(&c->cert.cert, -1);
	client_file(&c->cert.key, -1);
}

static bool client_files_say(const struct client *c, uint8_t says[TLS_CERTS_DIGEST])
{
	const int files[] = { c->ca, c->cert.cert, c->cert.key };

	return tls_certs_digest(files, sizeof(files) / sizeof(files[0]), says);
}

/*
 * Return: false with the reason in @err, and what was there before still there. A context
 * with the CAs of the system takes 25 ms, in which all others wait: not for the same ones.
 */
static bool client_take_files(struct client *c, char *err, size_t err_len)
{
	uint8_t says[TLS_CERTS_DIGEST] = { 0 };
	bool known = client_files_say(c, says);
	SSL_CTX *ctx;

	if (known && c->ctx && !memcmp(says, c->says, sizeof(says))) {
		client_files_close(c);
		return true;
	}
	ctx = tls_ctx_client(&c->conf.tls, c->ca, err, err_len);
	if (ctx && c->cert.cert >= 0 && tls_certs_show(ctx, &c->cert, err, err_len) < 0) {
		SSL_CTX_free(ctx);
		ctx = NULL;
	}
	client_files_close(c);
	if (!ctx)
		return false;
	/* Connections that are there have a reference to it. */
	SSL_CTX_free(c->ctx);
	c->ctx = ctx;
	memcpy(c->says, says, sizeof(says));
	return true;
}

/* ---- several for one tunnel ---------------------------------------------------------- */

static bool client_is_up(const struct client *c)
{
	return c->was_up && (c->session || c->old);
}

/* Are they connections of one client? */
static bool client_are_one(const struct client *a, const struct client *b)
{
	return a->conf.lead == b->conf.lead;
}

/* One of the others that is up; NULL = none is */
static const struct client *client_other_up(const struct client *c)
{
	for (uint32_t i = 0; i < client_n && c->conf.connections > 1; i++)
		if (clients[i] != c && client_are_one(clients[i], c) &&
		    client_is_up(clients[i]))
			return clients[i];
	return NULL;
}

/* As many as the server has granted to those that are up. */
static struct lane client_lane(const struct client *c)
{
	const bool joins = client_other_up(c);
	struct lane lane = { .number = (uint8_t)c->conf.lane, .joins = joins };

	if (c->conf.connections == 1)
		return (struct lane){ 0 };
	lane.of = (uint8_t)(joins ? clients[c->conf.lead]->lanes : c->conf.connections);
	return lane_is_ok(&lane) ? lane : (struct lane){ 0 };
}

static void client_rest(struct client *c)
{
	c->state = CLIENT_IDLE;
	c->delay_s = 0;
}

/* One more without others would be a session of its own. */
static bool client_may_begin(const struct client *c)
{
	return !c->conf.lane || client_lane(c).of;
}

static void client_begin_others(const struct client *c)
{
	for (uint32_t i = 0; i < client_n; i++)
		if (client_are_one(clients[i], c) && clients[i]->state == CLIENT_IDLE &&
		    clients[i]->timer && clients[i]->conf.lane < clients[c->conf.lead]->lanes)
			client_resolve(clients[i]);
}

/* None is up any more: the first one begins anew, without delay, and then the others. */
static void client_begin_anew(const struct client *c)
{
	struct client *x;

	for (uint32_t i = 0; i < client_n; i++) {
		x = clients[i];
		if (x == c || !client_are_one(x, c) || x->state != CLIENT_WAITING)
			continue;
		if (x->conf.lane) {
			x->state = CLIENT_IDLE;
			loop_arm(x->timer, 0);
		} else if (x->refused < x->conf.login_retries) {
			x->delay_s = 0;
			loop_arm(x->timer, 1);
		}
	}
}

/* ---- back-off ------------------------------------------------------------------ */

static uint32_t client_jitter(uint32_t ms)
{
	uint32_t random;

	if (RAND_bytes((unsigned char *)&random, sizeof(random)) != 1)
		return ms;
	return ms + random % (ms / 4 + 1);
}

/* There is no other connection, but one. */
static void client_go_back(struct client *c)
{
	log_warn("client %s: no other connection: the one that it has goes on", c->conf.name);
	c->session = c->old;
	c->old = NULL;
	c->state = CLIENT_SESSION;
}

static void client_wait(struct client *c)
{
	if (c->old && !c->draining && !client_stopping) {
		client_go_back(c);
		return;
	}
	if (client_stopping || !c->conf.reconnect) {
		c->state = CLIENT_DONE;
		uplink_quiet();
		return;
	}
	if (c->was_up || !c->delay_s)
		c->delay_s = c->conf.retry_min_s;
	else
		c->delay_s *= 2;
	if (c->delay_s > c->conf.retry_max_s)
		c->delay_s = c->conf.retry_max_s;
	c->was_up = false;
	if (c->conf.lane && !client_other_up(c)) {
		client_rest(c);
		return;
	}
	c->state = CLIENT_WAITING;
	if (c->refused >= c->conf.login_retries)
		c->delay_s = c->conf.login_backoff_s;
	/* Once: it goes on like this until the password is right, or changed. */
	if (c->refused == c->conf.login_retries)
		log_warn("client %s: the login was refused %u times: from now on it is tried every %u s",
			 c->conf.name, c->refused, c->conf.login_backoff_s);
	log_info("client %s: next attempt in about %u s", c->conf.name,
		 c->delay_s);
	loop_arm(c->timer, client_jitter(c->delay_s * 1000));
}

static void client_resolve(struct client *c)
{
	if (!client_may_begin(c)) {
		client_rest(c);
		return;
	}
	c->state = CLIENT_RESOLVING;
	uplink_tell(MSG_RESOLVE, &(struct msg_client){ .client = c->number });
}

/* ---- session --------------------------------------------------------------------- */

static void client_session_up(void *ctx, struct session *s)
{
	struct client *c = ctx;

	c->was_up = true;
	c->refused = 0;
	clients[c->conf.lead]->lanes = session_lanes(s);
	client_begin_others(c);
	if (!c->old)
		return;
	c->draining = true;
	loop_arm(c->drained, CLIENT_DRAIN_MS);
}

static void client_on_drained(int fd, short what, void *arg)
{
	struct client *c = arg;

	(void)fd;
	(void)what;
	if (c->old)
		session_stop(c->old, REASON_REPLACED);
}

/* If nothing has taken its place yet, what comes is an ordinary connection. */
static void client_old_ended(struct client *c)
{
	bool again = c->again;

	c->old = NULL;
	c->draining = false;
	c->again = false;
	loop_arm(c->drained, 0);
	if (again)
		client_reconnect(c->number);
}

/* Too many of these, and a directory locks the account. */
static bool client_is_refused(struct client *c, enum reason reason)
{
	if (reason != REASON_AUTH_FAILED)
		return false;
	if (c->refused < UINT32_MAX)
		c->refused++;
	return c->refused >= c->conf.login_retries;
}

static void client_session_ended(void *ctx, struct session *s,
				 enum reason reason)
{
	struct client *c = ctx;

	if (s == c->old) {
		client_old_ended(c);
		return;
	}
	c->session = NULL;
	if (c->was_up && !client_other_up(c))
		client_begin_anew(c);
	/* Somebody was there, but no good server: another address may be one. */
	if (client_is_refused(c, reason) || c->was_up || client_stopping)
		client_wait(c);
	else
		client_dial_next(c);
}

static const struct session_owner client_owner = {
	.up = client_session_up,
	.ended = client_session_ended,
};

static struct session_cfg client_session_cfg(const struct client *c)
{
	const struct conf_client *conf = &c->conf;

	return (struct session_cfg){
		.client = c->number,
		.link = &conf->link,
		.host = conf->server,
		.port = conf->port,
		.path_prefix = conf->path_prefix,
		.user = conf->user,
		.identity = conf->eap.identity,
		.endpoint = conf->endpoint,
		.lane = client_lane(c),
		.deadline_s = CLIENT_DEADLINE_S,
	};
}

bool client_is_busy(uint32_t number)
{
	return number < client_n && clients[number]->state == CLIENT_SESSION;
}

/* It has begun to dial by now, and hears no answer. */
void client_adopt(const struct msg_adopt *m, int fd)
{
	struct session_cfg cfg;
	struct client *c;

	if (m->client >= client_n)
		log_fatal("a session of client number %u", m->client);
	c = clients[m->client];
	cfg = client_session_cfg(c);
	c->state = CLIENT_SESSION;
	session_adopt(m, fd, &cfg, &client_owner, c);
	c->session = session_find(m->id);
	if (!c->session)
		return;
	/* So many may be refused; and they say so. */
	clients[c->conf.lead]->lanes = c->conf.connections;
	client_begin_others(c);
}

static void client_begin(struct client *c, const struct sockaddr_storage *to)
{
	const struct conf_client *conf = &c->conf;
	const struct tls_verify verify = {
		.name = *conf->tls_name ? conf->tls_name : conf->server,
		.ca = *conf->ca,
		.pin = conf->has_pin ? conf->pin : NULL,
	};
	struct session_cfg cfg = client_session_cfg(c);
	const struct client *other = client_other_up(c);
	int fd = c->fd;

	c->fd = -1;
	if (!client_may_begin(c)) {
		close(fd);
		return;
	}
	if (c->old)
		memcpy(cfg.ifid, session_network(c->old)->ifid, sizeof(cfg.ifid));
	else if (other)
		memcpy(cfg.ifid, session_network(other->session ? other->session :
						 other->old)->ifid, sizeof(cfg.ifid));
	c->state = CLIENT_SESSION;
	c->session = session_new(fd, c->ctx, &verify, &cfg, to, &client_owner, c);
	if (!c->session) {
		log_err("client %s: cannot set up TLS", conf->name);
		client_wait(c);
	}
}

/* ---- connecting --------------------------------------------------------------------- */

static void client_proxy_over(void *ctx, const char *error)
{
	struct client *c = ctx;

	client_proxy_free(c->proxy);
	c->proxy = NULL;
	loop_arm(c->timer, 0);
	if (!error) {
		client_begin(c, &c->addrs.addrs[c->at - 1]);
		return;
	}
	log_info("client %s: proxy %s: %s", c->conf.name, c->conf.proxy,
		 error);
	close(c->fd);
	c->fd = -1;
	client_dial_next(c);
}

static void client_connect_over(struct client *c, int error)
{
	struct sockaddr_storage *to = &c->addrs.addrs[c->at - 1];
	char text[ADDR_TEXT_MAX];

	loop_free(&c->writable);
	loop_arm(c->timer, 0);
	addr_text(to, text, sizeof(text));
	if (!error) {
		log_debug("client %s: connected to %s", c->conf.name, text);
		if (!*c->conf.proxy) {
			client_begin(c, to);
			return;
		}
		c->state = CLIENT_PROXY;
		c->proxy = client_proxy_ask(c->fd, &c->conf,
					    client_proxy_over, c);
		loop_arm(c->timer, CLIENT_PROXY_MS);
		return;
	}
	log_info("client %s: cannot connect to %s: %s", c->conf.name, text,
		 strerror(error));
	close(c->fd);
	c->fd = -1;
	client_dial_next(c);
}

static void client_on_writable(int fd, short what, void *arg)
{
	socklen_t len = sizeof(int);
	int error = 0;

	(void)what;
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) < 0)
		error = errno;
	client_connect_over(arg, error);
}

static void client_dial_next(struct client *c)
{
	if (c->at >= c->addrs.n) {
		client_wait(c);
		return;
	}
	c->state = CLIENT_DIALLING;
	uplink_tell(MSG_DIAL, &(struct msg_dial){ .client = c->number, .at = c->at++ });
}

static void client_connect(struct client *c, int fd)
{
	const struct sockaddr_storage *to = &c->addrs.addrs[c->at - 1];

	c->state = CLIENT_CONNECTING;
	c->fd = fd;
	c->writable = loop_event(c->fd, EV_WRITE, client_on_writable, c);
	if (connect(c->fd, (const struct sockaddr *)to, addr_len(to)) < 0 &&
	    errno != EINPROGRESS) {
		client_connect_over(c, errno);
		return;
	}
	loop_watch(c->writable, true);
	loop_arm(c->timer, CLIENT_CONNECT_MS);
}

void client_dialled(const struct msg_dialled *m, int fd)
{
	struct client *c = m->client < client_n ? clients[m->client] : NULL;

	if (!c || c->state != CLIENT_DIALLING || client_stopping) {
		if (fd >= 0)
			close(fd);
		return;
	}
	if (fd >= 0) {
		client_connect(c, fd);
		return;
	}
	log_err("client %s: no socket: %s", c->conf.name,
		*m->error ? m->error : "no descriptor left");
	client_dial_next(c);
}

void client_resolved(const struct msg_resolved *m)
{
	struct client *c = m->client < client_n ? clients[m->client] : NULL;

	if (!c || c->state != CLIENT_RESOLVING || client_stopping)
		return;
	c->addrs = *m;
	c->at = 0;
	if (!m->n)
		log_info("client %s: cannot resolve %s: %s", c->conf.name,
			 *c->conf.proxy ? c->conf.proxy : c->conf.server,
			 m->error);
	client_dial_next(c);
}

/* No farewell on a way that is none any more; the server finds out by itself. */
void client_redial(uint32_t number)
{
	struct client *c = number < client_n ? clients[number] : NULL;

	if (!c || client_stopping)
		return;
	if (c->old)
		session_drop(c->old, REASON_WAY);
	if (c->session) {
		session_drop(c->session, REASON_WAY);
	} else if (c->state == CLIENT_WAITING && c->refused < c->conf.login_retries) {
		c->delay_s = 0;
		loop_arm(c->timer, 0);
		client_resolve(c);
	} else if (c->state == CLIENT_CONNECTING) {
		client_connect_over(c, ENETUNREACH);
	}
}

void client_reconnect(uint32_t number)
{
	struct client *c = number < client_n ? clients[number] : NULL;

	if (!c || client_stopping || c->state != CLIENT_SESSION || !c->was_up)
		return;
	if (c->draining && !c->again)
		log_info("client %s: another connection follows when the one before this has ended",
			 c->conf.name);
	/* While one is on its way, that is the one. */
	c->again = c->draining;
	if (c->old)
		return;
	if (c->refused >= c->conf.login_retries) {
		log_info("client %s: no other connection: the login was refused %u times",
			 c->conf.name, c->refused);
		return;
	}
	log_info("client %s: another connection, in the place of the one that it has",
		 c->conf.name);
	c->old = c->session;
	c->session = NULL;
	client_resolve(c);
}

static void client_on_timer(int fd, short what, void *arg)
{
	struct client *c = arg;

	(void)fd;
	(void)what;
	if (c->state == CLIENT_WAITING)
		client_resolve(c);
	else if (c->state == CLIENT_CONNECTING)
		client_connect_over(c, ETIMEDOUT);
	else if (c->state == CLIENT_PROXY)
		client_proxy_over(c, "it does not answer in time");
}

/* ---- life ------------------------------------------------------------------------------ */

static void client_start_one(struct client *c)
{
	char err[200];

	if (!client_take_files(c, err, sizeof(err)))
		log_fatal("client %s: %s", c->conf.name, err);
	c->timer = loop_event(-1, 0, client_on_timer, c);
	c->drained = loop_event(-1, 0, client_on_drained, c);
	c->lanes = 1;
	if (c->conf.lane)
		c->state = CLIENT_IDLE;
	else
		client_resolve(c);
}

/* A reload has brought files; some may have found no room, they come again. */
static void client_start_again(struct client *c)
{
	char err[200];

	if (!client_files_whole(c))
		client_files_close(c);
	else if (!client_take_files(c, err, sizeof(err)))
		log_err("client %s: %s; going on as before", c->conf.name, err);
}

void client_start(void)
{
	for (uint32_t i = 0; i < client_n; i++)
		if (clients[i]->timer)
			client_start_again(clients[i]);
		else
			client_start_one(clients[i]);
}

void client_stop(void)
{
	client_stopping = true;
	for (uint32_t i = 0; i < client_n; i++) {
		if (clients[i]->timer)
			loop_arm(clients[i]->timer, 0);
		loop_free(&clients[i]->writable);
		client_proxy_free(clients[i]->proxy);
		clients[i]->proxy = NULL;
		if (clients[i]->fd >= 0)
			close(clients[i]->fd);
		clients[i]->fd = -1;
	}
}

bool client_all_done(void)
{
	for (uint32_t i = 0; i < client_n; i++)
		if (clients[i]->state != CLIENT_DONE && clients[i]->state != CLIENT_IDLE)
			return false;
	return client_n;
}
