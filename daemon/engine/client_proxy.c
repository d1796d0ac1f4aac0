// SPDX-License-Identifier: GPL-2.0-or-later
#include "engine/client_proxy.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <openssl/crypto.h>

#include "http/http_msg.h"
#include "lib/log.h"
#include "lib/loop.h"

struct client_proxy {
	const struct conf_client *conf;
	client_proxy_cb cb;
	void *ctx;
	struct event *wr;
	struct event *rd;
	struct http_head head;
};

static void client_proxy_on_write(int fd, short what, void *arg)
{
	struct client_proxy *p = arg;
	uint8_t request[2 * HTTP_LINE_MAX];
	struct wbuf w = wbuf_of(request, sizeof(request));
	ssize_t n;

	(void)what;
	http_put_connect(&w, p->conf->server, p->conf->port,
			 p->conf->proxy_user, p->conf->proxy_password);
	/* The first bytes of a connection: there is room for all of them. */
	n = w.bad ? -1 : send(fd, request, w.len, MSG_DONTWAIT | MSG_NOSIGNAL);
	OPENSSL_cleanse(request, sizeof(request));
	if (n == (ssize_t)w.len)
		loop_watch(p->rd, true);
	else
		p->cb(p->ctx, n < 0 ? strerror(errno) : "cannot send at once");
}

static void client_proxy_answered(struct client_proxy *p, size_t surplus)
{
	int status = p->head.state == HTTP_DONE ?
		     http_connect_status(&p->head) : -1;
	char text[80];

	if (status == 200 && !surplus) {
		p->cb(p->ctx, NULL);
		return;
	}
	if (status == 200)
		snprintf(text, sizeof(text), "it sends more than its answer");
	else if (status < 0)
		snprintf(text, sizeof(text), "it does not answer in HTTP");
	else
		snprintf(text, sizeof(text), "it answered HTTP status %d%s",
			 status, status == 407 ?
			 " (proxy-user or proxy-password-file)" : "");
	p->cb(p->ctx, text);
}

static void client_proxy_on_read(int fd, short what, void *arg)
{
	struct client_proxy *p = arg;
	uint8_t bytes[1024];
	struct rbuf in;
	ssize_t n;

	(void)what;
	n = recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		p->cb(p->ctx, n ? strerror(errno) : "it closed the connection");
		return;
	}
	in = rbuf_of(bytes, (size_t)n);
	if (http_head_input(&p->head, &in) != HTTP_READING)
		client_proxy_answered(p, in.len);
}

struct client_proxy *client_proxy_ask(int fd, const struct conf_client *conf,
				      client_proxy_cb cb, void *ctx)
{
	struct client_proxy *p = calloc(1, sizeof(*p));

	if (!p)
		log_fatal("out of memory");
	p->conf = conf;
	p->cb = cb;
	p->ctx = ctx;
	http_head_init(&p->head);
	p->wr = loop_event(fd, EV_WRITE, client_proxy_on_write, p);
	p->rd = loop_event(fd, EV_READ | EV_PERSIST, client_proxy_on_read, p);
	loop_watch(p->wr, true);
	return p;
}

void client_proxy_free(struct client_proxy *p)
{
	if (!p)
		return;
	loop_free(&p->wr);
	loop_free(&p->rd);
	free(p);
}
