// SPDX-License-Identifier: GPL-2.0-or-later
#include "engine/proxy_wait.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "http/proxy_hdr.h"
#include "lib/log.h"
#include "lib/loop.h"

struct proxy_wait {
	int fd;
	struct sockaddr_storage proxy;
	struct proxy_hdr hdr;
	struct event *rd;
	struct event *timer;
	proxy_wait_cb cb;
};

static void proxy_wait_over(struct proxy_wait *w, const char *why)
{
	struct proxy_wait was = *w;

	loop_free(&w->rd);
	loop_free(&w->timer);
	free(w);
	if (why) {
		close(was.fd);
		was.fd = -1;
	}
	was.cb(was.fd, was.hdr.has_source ? &was.hdr.source : &was.proxy, why);
}

static void proxy_wait_on_read(int fd, short what, void *arg)
{
	struct proxy_wait *w = arg;
	uint8_t bytes[PROXY_HDR_MAX];
	struct rbuf in;
	ssize_t n;

	(void)what;
	/* What follows the header is TLS and stays in the socket. */
	n = recv(fd, bytes, sizeof(bytes), MSG_PEEK | MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		proxy_wait_over(w, n ? strerror(errno) : "closed by the proxy");
		return;
	}
	in = rbuf_of(bytes, (size_t)n);
	proxy_hdr_input(&w->hdr, &in);
	if (w->hdr.state == PROXY_HDR_BAD ||
	    recv(fd, bytes, (size_t)n - in.len, MSG_DONTWAIT) !=
	    (ssize_t)((size_t)n - in.len))
		proxy_wait_over(w, "no PROXY header");
	else if (w->hdr.state == PROXY_HDR_DONE)
		proxy_wait_over(w, NULL);
}

static void proxy_wait_on_timer(int fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	proxy_wait_over(arg, "no PROXY header in time");
}

void proxy_wait(int fd, const struct sockaddr_storage *proxy, uint32_t ms,
		proxy_wait_cb cb)
{
	struct proxy_wait *w = calloc(1, sizeof(*w));

	if (!w)
		log_fatal("out of memory");
	w->fd = fd;
	w->proxy = *proxy;
	w->cb = cb;
	proxy_hdr_init(&w->hdr);
	w->rd = loop_event(fd, EV_READ | EV_PERSIST, proxy_wait_on_read, w);
	w->timer = loop_event(-1, 0, proxy_wait_on_timer, w);
	loop_watch(w->rd, true);
	loop_arm(w->timer, ms);
}
