// SPDX-License-Identifier: GPL-2.0-or-later
#include "parent/listeners.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "boundary/msg.h"
#include "lib/addr.h"
#include "lib/log.h"
#include "parent/store.h"

#define LISTENERS_BACKLOG	512

/**
 * struct listener - an address
 * @number: what engines know it by
 * @fds: of each engine, -1 = none
 */
struct listener {
	uint32_t number;
	struct sockaddr_storage addr;
	int fds[CONF_ENGINES_MAX];
};

struct listeners {
	uint32_t n;
	uint32_t n_engines;
	struct listener of[CONF_LISTEN_MAX];
};

static struct listeners now, next;
static uint32_t listeners_last;

static struct listener *listeners_find(struct listeners *set,
				       const struct sockaddr_storage *addr)
{
	for (uint32_t i = 0; i < set->n; i++)
		if (!memcmp(&set->of[i].addr, addr, sizeof(*addr)))
			return &set->of[i];
	return NULL;
}

/* ---- a socket --------------------------------------------------------------------- */

static int listeners_bind(int fd, const struct sockaddr_storage *addr, const char *text)
{
	const struct sockaddr *sa = (const struct sockaddr *)addr;

	if (bind(fd, sa, addr_len(addr)) == 0)
		return 0;
	if (errno != EADDRNOTAVAIL)
		return -1;
	log_warn("%s is no address of this machine, yet", text);
	addr_freebind(fd, addr);
	return bind(fd, sa, addr_len(addr));
}

/*
 * With the sockets of other engines; else a second sstpd has to fail, not to take half.
 * There is no way back: the kernel remembers of a port that it was shared.
 */
static void listeners_share(const struct listener *l)
{
	int on = 1;

	for (uint32_t i = 0; i < CONF_ENGINES_MAX; i++)
		if (l->fds[i] >= 0)
			setsockopt(l->fds[i], SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on));
}

/* Return: -1 with errno */
static int listeners_open_one(const struct sockaddr_storage *addr, const char *text,
			      bool share)
{
	int fd, saved, on = 1, shared = share;

	fd = socket(addr->ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &shared, sizeof(shared));
	/* So that 0.0.0.0 and [::] can both be listed. */
	if (addr->ss_family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
	if (listeners_bind(fd, addr, text) == 0 && listen(fd, LISTENERS_BACKLOG) == 0)
		return fd;
	saved = errno;
	close(fd);
	errno = saved;
	return -1;
}

static void listeners_close_one(struct listener *l, uint32_t engine)
{
	if (l->fds[engine] >= 0)
		store_close_listener(l->fds[engine]);
	l->fds[engine] = -1;
}

/* Those of a single engine are not shared, but an address may follow on 0.0.0.0. */
static bool listeners_make_way(void)
{
	bool any = false;

	for (uint32_t i = 0; i < now.n; i++) {
		if (listeners_find(&next, &now.of[i].addr))
			continue;
		listeners_share(&now.of[i]);
		any = true;
	}
	return any;
}

/* Return: the one that the sstpd before this one had, or -1 */
static int listeners_take(const struct sockaddr_storage *addr, bool share)
{
	int fd = store_listener(addr), on = 1;

	if (fd >= 0 && share)
		setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on));
	return fd;
}

static int listeners_get(const struct sockaddr_storage *addr, const char *text, bool share)
{
	int fd = listeners_take(addr, share);

	if (fd >= 0)
		return fd;
	fd = listeners_open_one(addr, text, share);
	if (fd < 0 && errno == EADDRINUSE && listeners_make_way())
		fd = listeners_open_one(addr, text, true);
	if (fd >= 0)
		store_keep_listener(fd);
	return fd;
}

/* ---- a plan ------------------------------------------------------------------------ */

static bool listeners_open(struct listener *l)
{
	bool share = next.n_engines > 1;
	char text[ADDR_TEXT_MAX];

	addr_text(&l->addr, text, sizeof(text));
	for (uint32_t i = 0; i < next.n_engines; i++) {
		if (l->fds[i] >= 0)
			continue;
		l->fds[i] = listeners_get(&l->addr, text, share);
		if (l->fds[i] < 0)
			return false;
	}
	return true;
}

static void listeners_outline(const struct conf *conf)
{
	const struct conf_server *server = &conf->server;
	const struct listener *old;

	memset(&next, 0, sizeof(next));
	next.n_engines = conf->main.engines;
	for (uint32_t i = 0; i < server->n_listen; i++) {
		struct listener *l = &next.of[i];

		old = listeners_find(&now, &server->listen[i]);
		if (old) {
			*l = *old;
		} else {
			memset(l->fds, 0xff, sizeof(l->fds));
			l->addr = server->listen[i];
			l->number = ++listeners_last;
		}
	}
	next.n = server->n_listen;
}

void listeners_drop(void)
{
	for (uint32_t i = 0; i < next.n; i++) {
		const struct listener *old = listeners_find(&now, &next.of[i].addr);

		for (uint32_t j = 0; j < CONF_ENGINES_MAX; j++)
			if (!old || old->fds[j] < 0)
				listeners_close_one(&next.of[i], j);
	}
	next.n = 0;
}

bool listeners_plan(const struct conf *conf, const char *file, char *err, size_t err_len)
{
	char text[ADDR_TEXT_MAX];
	int saved;

	listeners_outline(conf);
	if (next.n_engines > 1)
		for (uint32_t i = 0; i < now.n; i++)
			listeners_share(&now.of[i]);
	for (uint32_t i = 0; i < next.n; i++) {
		if (listeners_open(&next.of[i]))
			continue;
		saved = errno;
		addr_text(&next.of[i].addr, text, sizeof(text));
		snprintf(err, err_len, "%s:%u: cannot listen on %s: %s", file,
			 conf->listen_line[i], text, strerror(saved));
		listeners_drop();
		return false;
	}
	return true;
}

/* ---- in force ------------------------------------------------------------------------ */

/* The address is not in the plan, or engines from @first on are not. */
static void listeners_end(struct listener *l, uint32_t first, const struct child *engines,
			  uint32_t n)
{
	const struct msg_listen m = { .number = l->number };

	for (uint32_t i = first; i < n; i++)
		if (l->fds[i] >= 0)
			child_tell(&engines[i], MSG_LISTEN_END, &m, -1);
	for (uint32_t i = first; i < CONF_ENGINES_MAX; i++)
		listeners_close_one(l, i);
}

static void listeners_log(const char *what, const struct sockaddr_storage *addr)
{
	char text[ADDR_TEXT_MAX];

	addr_text(addr, text, sizeof(text));
	log_info("%s %s", what, text);
}

void listeners_enforce(const struct child *engines, uint32_t n)
{
	for (uint32_t i = 0; i < now.n; i++) {
		if (listeners_find(&next, &now.of[i].addr))
			continue;
		listeners_end(&now.of[i], 0, engines, n);
		listeners_log("listening no more on", &now.of[i].addr);
	}
	for (uint32_t i = 0; i < next.n; i++) {
		listeners_end(&next.of[i], next.n_engines, engines, n);
		if (!listeners_find(&now, &next.of[i].addr))
			listeners_log("listening on", &next.of[i].addr);
	}
	now = next;
	next.n = 0;
}

bool listeners_give(const struct child *engine, char *err, size_t err_len)
{
	for (uint32_t i = 0; i < now.n; i++) {
		const struct msg_listen m = { .number = now.of[i].number };
		int fd = now.of[i].fds[engine->number];
		int copy;

		if (fd < 0)
			continue;
		/* Again, if nobody was there for a while: listeners_deafen(). */
		if (listen(fd, LISTENERS_BACKLOG) < 0) {
			snprintf(err, err_len, "cannot listen: %s", strerror(errno));
			return false;
		}
		copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
		if (copy < 0) {
			snprintf(err, err_len, "no descriptor left: %s", strerror(errno));
			return false;
		}
		child_tell(engine, MSG_LISTEN, &m, copy);
	}
	return true;
}

void listeners_deafen(const struct child *engine)
{
	for (uint32_t i = 0; i < now.n; i++)
		if (now.of[i].fds[engine->number] >= 0)
			shutdown(now.of[i].fds[engine->number], SHUT_RDWR);
}

void listeners_close(void)
{
	for (uint32_t i = 0; i < now.n; i++)
		for (uint32_t j = 0; j < CONF_ENGINES_MAX; j++)
			listeners_close_one(&now.of[i], j);
	now.n = 0;
}
