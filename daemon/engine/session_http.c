// SPDX-License-Identifier: GPL-2.0-or-later
/* The HTTP exchange of a session, and what a server does with other requests. */
#include "engine/session_priv.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <openssl/rand.h>

#include "http/proxy_hdr.h"
#include "lib/log.h"
#include "lib/loop.h"

/* The web server's own limits are for it to set; this one is for its absence. */
#define SESSION_WEB_IDLE_MS	120000

static void session_link_up(struct session *s, struct rbuf *in)
{
	free(s->head);
	s->head = NULL;
	loop_arm(s->deadline, 0);
	s->stage = SESSION_LINK;
	if (session_link_start(s) < 0) {
		session_fail(s, REASON_INTERNAL, "no certificate hash");
		return;
	}
	/* Some clients send their first packets right behind the head. */
	if (in->len)
		session_stream(s, in->p, in->len);
}

/* ---- server: the last words to those who are no SSTP clients -------------------- */

static void session_http_answer(struct session *s, int status,
				const char *location, const char *text)
{
	uint8_t answer[1024];
	struct wbuf w = wbuf_of(answer, sizeof(answer));

	http_put_closing(&w, status, location, time(NULL));
	tls_write(s->tls, answer, w.len);
	session_fail(s, REASON_PROTOCOL, text);
}

static void session_http_refuse(struct session *s, int status)
{
	const char *redirect = s->cfg.web->redirect;
	char text[80];

	s->owner->admit(s->owner_ctx, s, SESSION_USE_OTHER);
	if (status == 404 && *redirect) {
		session_http_answer(s, 302, redirect, "HTTP request redirected");
		return;
	}
	snprintf(text, sizeof(text), "HTTP request refused with status %d",
		 status);
	session_http_answer(s, status, NULL, text);
}

static void session_http_health(struct session *s)
{
	bool room = s->owner->admit(s->owner_ctx, s, SESSION_USE_HEALTH);

	session_http_answer(s, room ? 200 : 503, NULL, room ?
			    "health check: good" :
			    "health check: no room for sessions");
}

/* ---- server: web server --------------------------------------------------------- */

static void session_on_web_active(void *ctx)
{
	loop_arm(((struct session *)ctx)->deadline, SESSION_WEB_IDLE_MS);
}

static void session_on_web_ended(void *ctx, const char *why)
{
	session_fail(ctx, REASON_CLOSED, why);
}

static const struct web_events session_web_events = {
	.active = session_on_web_active,
	.ended = session_on_web_ended,
};

/* The web server's log, its limits and its rules go by who the client is, not by us. */
static void session_web_introduce(struct session *s)
{
	uint8_t header[PROXY_HDR_PUT_MAX];
	struct wbuf w = wbuf_of(header, sizeof(header));
	struct sockaddr_storage local = { .ss_family = AF_UNSPEC };
	socklen_t len = sizeof(local);

	if (getsockname(tls_fd(s->tls), (struct sockaddr *)&local, &len) < 0)
		local.ss_family = AF_UNSPEC;
	proxy_hdr_put(&w, &s->remote, &local);
	web_input(s->web, header, w.len);
}

static void session_web_start(struct session *s, struct rbuf *in)
{
	if (!s->owner->admit(s->owner_ctx, s, SESSION_USE_WEB)) {
		session_http_answer(s, 503, NULL, "max-web-connections reached");
		return;
	}
	s->web = web_new(&s->cfg.web->server, s->tls, &session_web_events, s);
	if (!s->web) {
		session_http_answer(s, 503, NULL,
				    "cannot connect to the web server");
		return;
	}
	s->stage = SESSION_WEB;
	if (s->cfg.web->proxy)
		session_web_introduce(s);
	web_input(s->web, s->head->buf, s->head->len);
	web_input(s->web, in->p, in->len);
	free(s->head);
	s->head = NULL;
}

/* ---- server: request ------------------------------------------------------------ */

static void session_http_accept(struct session *s,
				const struct http_request *req,
				struct rbuf *in)
{
	uint8_t answer[1024];
	struct wbuf w = wbuf_of(answer, sizeof(answer));

	if (!s->owner->admit(s->owner_ctx, s, SESSION_USE_CALL)) {
		session_http_answer(s, 503, NULL,
				    "refused, max-sessions reached");
		return;
	}
	http_put_response(&w, 200, time(NULL));
	tls_write(s->tls, answer, w.len);
	if (s->stage == SESSION_ENDED)
		return;
	if (req->no_length)
		log_debug("%s: request without Content-Length",
			  s->remote_text);
	session_link_up(s, in);
}

static void session_http_request(struct session *s, struct rbuf *in)
{
	const struct conf_web *web = s->cfg.web;
	struct http_request req;
	enum http_state state;
	enum http_kind kind;
	int status;

	kind = http_request_kind(s->head, *in, web->health,
				 s->cfg.path_prefix);
	if (kind == HTTP_KIND_OTHER && web->has_server) {
		session_web_start(s, in);
		return;
	}
	state = http_head_input(s->head, in);
	if (state == HTTP_READING)
		return;
	if (state == HTTP_DONE && kind == HTTP_KIND_HEALTH) {
		session_http_health(s);
		return;
	}
	status = state == HTTP_FAILED ? s->head->status :
		 http_request_check(s->head, *s->cfg.host ? s->cfg.host : NULL,
				    s->cfg.path_prefix, &req);
	if (status == 200)
		session_http_accept(s, &req, in);
	else
		session_http_refuse(s, status);
}

/* ---- client --------------------------------------------------------------------- */

static void session_http_response(struct session *s, struct rbuf *in)
{
	enum http_state state = http_head_input(s->head, in);
	char text[80];
	int status;

	if (state == HTTP_READING)
		return;
	status = state == HTTP_DONE ? http_response_status(s->head) : -1;
	if (status >= 100 && status < 200 && !s->skipped_1xx) {
		s->skipped_1xx = true;
		http_head_init(s->head);
		session_http_response(s, in);
		return;
	}
	if (status == 200) {
		session_link_up(s, in);
		return;
	}
	if (status < 0)
		snprintf(text, sizeof(text), "server does not answer in HTTP");
	else
		snprintf(text, sizeof(text), "server answered HTTP status %d%s",
			 status, status == 404 ? " (no SSTP there?)" : "");
	session_fail(s, REASON_PROTOCOL, text);
}

/* ---- both ----------------------------------------------------------------------- */

void session_http_input(struct session *s, struct rbuf *in)
{
	if (s->cfg.server)
		session_http_request(s, in);
	else
		session_http_response(s, in);
}

void session_http_start(struct session *s)
{
	struct wbuf w;
	uint8_t request[HTTP_LINE_MAX];
	uint8_t guid[16];

	s->stage = SESSION_HTTP;
	s->head = malloc(sizeof(*s->head));
	if (!s->head)
		log_fatal("out of memory");
	http_head_init(s->head);
	if (s->cfg.server)
		return;
	if (RAND_bytes(guid, sizeof(guid)) != 1)
		log_fatal("no randomness");
	w = wbuf_of(request, sizeof(request));
	http_put_request(&w, s->cfg.host, s->cfg.port, s->cfg.path_prefix,
			 guid);
	tls_write(s->tls, request, w.len);
}
