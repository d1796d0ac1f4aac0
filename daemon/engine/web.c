// SPDX-License-Identifier: GPL-2.0-or-later
#include "engine/web.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <event2/buffer.h>

#include "lib/addr.h"
#include "lib/log.h"
#include "lib/loop.h"

#define WEB_READ_MAX	16384

struct web {
	int fd;
	struct tls *tls;
	const struct web_events *events;
	void *arg;
	struct event *rd;
	struct event *wr;
	struct evbuffer *out;	/* for the web server */
	bool connected;
	bool eof;		/* it has closed; what it said is on its way */
	bool over;
};

static void web_end(struct web *w, const char *why)
{
	if (w->over)
		return;
	w->over = true;
	loop_watch(w->rd, false);
	loop_watch(w->wr, false);
	w->events->ended(w->arg, why);
}

static void web_end_errno(struct web *w, const char *doing)
{
	char why[100];

	snprintf(why, sizeof(why), "web server: %s: %s", doing,
		 strerror(errno));
	web_end(w, why);
}

/* ---- to the client -------------------------------------------------------------- */

static void web_on_read(int fd, short what, void *arg)
{
	static uint8_t buf[WEB_READ_MAX];
	struct web *w = arg;
	ssize_t n;

	(void)what;
	n = recv(fd, buf, sizeof(buf), MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n < 0) {
		web_end_errno(w, "receiving");
		return;
	}
	if (n == 0) {
		w->eof = true;
		loop_watch(w->rd, false);
	} else {
		w->events->active(w->arg);
		tls_write(w->tls, buf, (size_t)n);
		if (!w->over && tls_queued(w->tls) >= WEB_QUEUE_MAX)
			loop_watch(w->rd, false);
	}
	if (w->eof && !tls_queued(w->tls))
		web_end(w, "web server closed");
}

void web_drained(struct web *w)
{
	if (w->over)
		return;
	if (w->eof)
		web_end(w, "web server closed");
	else if (w->connected)
		loop_watch(w->rd, true);
}

/* ---- to the web server ------------------------------------------------------------ */

static void web_flush(struct web *w)
{
	int n;

	while (evbuffer_get_length(w->out)) {
		n = evbuffer_write(w->out, w->fd);
		if (n < 0 && errno != EAGAIN && errno != EINTR) {
			web_end_errno(w, "sending");
			return;
		}
		if (n <= 0)
			break;
		w->events->active(w->arg);
	}
	loop_watch(w->wr, evbuffer_get_length(w->out));
	if (evbuffer_get_length(w->out) < WEB_QUEUE_MAX)
		tls_pause(w->tls, false);
}

static void web_on_write(int fd, short what, void *arg)
{
	socklen_t len = sizeof(int);
	struct web *w = arg;
	int error = 0;

	(void)what;
	if (!w->connected) {
		if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) < 0)
			error = errno;
		errno = error;
		if (error) {
			web_end_errno(w, "cannot connect");
			return;
		}
		w->connected = true;
		loop_watch(w->rd, true);
	}
	web_flush(w);
}

void web_input(struct web *w, const void *data, size_t len)
{
	if (w->over)
		return;
	if (evbuffer_add(w->out, data, len) < 0)
		log_fatal("out of memory");
	w->events->active(w->arg);
	if (w->connected)
		loop_watch(w->wr, true);
}

bool web_full(struct web *w)
{
	if (evbuffer_get_length(w->out) < WEB_QUEUE_MAX)
		return false;
	tls_pause(w->tls, true);
	return true;
}

/* ---- life ------------------------------------------------------------------------- */

struct web *web_new(const struct sockaddr_storage *server, struct tls *tls,
		    const struct web_events *events, void *arg)
{
	struct web *w;
	int fd;

	fd = socket(server->ss_family, SOCK_STREAM | SOCK_NONBLOCK |
		    SOCK_CLOEXEC, 0);
	if (fd < 0)
		return NULL;
	if (connect(fd, (const struct sockaddr *)server, addr_len(server)) < 0 &&
	    errno != EINPROGRESS) {
		close(fd);
		return NULL;
	}
	w = calloc(1, sizeof(*w));
	if (!w)
		log_fatal("out of memory");
	w->fd = fd;
	w->tls = tls;
	w->events = events;
	w->arg = arg;
	w->out = evbuffer_new();
	if (!w->out)
		log_fatal("out of memory");
	w->rd = loop_event(fd, EV_READ | EV_PERSIST, web_on_read, w);
	w->wr = loop_event(fd, EV_WRITE | EV_PERSIST, web_on_write, w);
	loop_watch(w->wr, true);
	return w;
}

void web_free(struct web *w)
{
	if (!w)
		return;
	loop_free(&w->rd);
	loop_free(&w->wr);
	evbuffer_free(w->out);
	close(w->fd);
	free(w);
}
