// SPDX-License-Identifier: GPL-2.0-or-later
#include "radius/radius_client.h"

#include <string.h>

#include <openssl/crypto.h>

/* ---- servers ---------------------------------------------------------------- */

static bool radius_is_dead(struct radius_server *s, uint64_t now)
{
	return s->dead && now < s->dead_until;
}

static void radius_set_alive(struct radius_client *c, unsigned int i,
			     uint64_t now)
{
	struct radius_server *s = &c->servers[i];

	s->last_answer = now;
	if (!s->dead)
		return;
	s->dead = false;
	c->ops->health(c->ctx, i, true);
}

static void radius_set_dead(struct radius_client *c, unsigned int i,
			    uint64_t now)
{
	struct radius_server *s = &c->servers[i];

	s->dead_until = now + c->cfg.dead_ms;
	if (s->dead)
		return;
	s->dead = true;
	c->ops->health(c->ctx, i, false);
}

/* The next one for @req, n_servers if it has asked them all. */
static unsigned int radius_choose(struct radius_client *c,
				  const struct radius_request *req,
				  uint64_t now)
{
	unsigned int i, dead = c->cfg.n_servers;

	for (i = 0; i < c->cfg.n_servers; i++) {
		if (req->tried & (1u << i))
			continue;
		if (!radius_is_dead(&c->servers[i], now))
			return i;
		if (dead == c->cfg.n_servers)
			dead = i;
	}
	/* Nobody else is left: it may have come back. */
	return dead;
}

/* ---- identifiers ------------------------------------------------------------- */

static bool radius_take_id(struct radius_server *s, struct radius_request *req)
{
	for (unsigned int i = 0; i < RADIUS_IDS; i++) {
		if (s->ids[s->next_id]) {
			s->next_id++;
			continue;
		}
		req->id = s->next_id;
		s->ids[s->next_id++] = req;
		return true;
	}
	return false;
}

static void radius_give_id(struct radius_client *c, struct radius_request *req)
{
	if (req->server < c->cfg.n_servers)
		c->servers[req->server].ids[req->id] = NULL;
	req->server = c->cfg.n_servers;
}

/* ---- requests ----------------------------------------------------------------- */

static void radius_rearm(struct radius_client *c, uint64_t now)
{
	struct radius_request *req;
	uint64_t due = UINT64_MAX;

	TAILQ_FOREACH(req, &c->requests, next)
		if (req->due < due)
			due = req->due;
	if (due == UINT64_MAX)
		c->ops->timer(c->ctx, 0);
	else
		c->ops->timer(c->ctx, due > now ? (uint32_t)(due - now) : 1);
}

void radius_client_cancel(struct radius_client *c, struct radius_request *req)
{
	radius_give_id(c, req);
	TAILQ_REMOVE(&c->requests, req, next);
	c->n_requests--;
	OPENSSL_cleanse(req->pkt, sizeof(req->pkt));
}

static void radius_finish(struct radius_client *c, struct radius_request *req,
			  const struct radius_pkt *answer)
{
	if (!answer)
		c->stats.unanswered++;
	radius_client_cancel(c, req);
	c->ops->done(c->ctx, req, answer);
}

static void radius_send(struct radius_client *c, struct radius_request *req,
			uint64_t now)
{
	req->sends++;
	req->due = now + c->cfg.timeout_ms;
	c->ops->send(c->ctx, req->server, req->pkt, req->len);
}

/* Puts @req on the way to @server. */
static void radius_ask(struct radius_client *c, struct radius_request *req,
		       unsigned int server, uint64_t now)
{
	struct wbuf w = wbuf_of(req->pkt, sizeof(req->pkt));

	if (!radius_take_id(&c->servers[server], req)) {
		req->due = now + c->cfg.timeout_ms;
		return;
	}
	req->server = server;
	req->tried |= 1u << server;
	req->sends = 0;
	if (!c->ops->build(c->ctx, req, req->id, c->cfg.secret, &w)) {
		/* It ends like one without an answer, at the next tick. */
		radius_give_id(c, req);
		req->tried = UINT32_MAX;
		req->rounds = c->cfg.rounds;
		req->due = now;
		return;
	}
	req->len = w.len;
	req->first_sent = now;
	c->stats.sent++;
	radius_send(c, req, now);
}

/* @req is not on its way to any server. */
static void radius_advance(struct radius_client *c, struct radius_request *req,
			   uint64_t now)
{
	unsigned int server = radius_choose(c, req, now);

	if (server < c->cfg.n_servers) {
		radius_ask(c, req, server, now);
	} else if (++req->rounds < c->cfg.rounds) {
		req->tried = 0;
		req->due = now + c->cfg.round_ms;
	} else {
		radius_finish(c, req, NULL);
	}
}

static void radius_on_due(struct radius_client *c, struct radius_request *req,
			  uint64_t now)
{
	unsigned int server = req->server;

	if (server < c->cfg.n_servers) {
		if (req->sends <= c->cfg.retries) {
			c->stats.repeated++;
			radius_send(c, req, now);
			return;
		}
		/* Silence to this request alone is no sign of death. */
		if (c->servers[server].last_answer < req->first_sent)
			radius_set_dead(c, server, now);
		radius_give_id(c, req);
	}
	radius_advance(c, req, now);
}

bool radius_client_start(struct radius_client *c, struct radius_request *req,
			 uint64_t now)
{
	unsigned int server;

	if (c->n_requests >= RADIUS_REQUESTS_MAX)
		return false;
	req->server = c->cfg.n_servers;
	TAILQ_INSERT_TAIL(&c->requests, req, next);
	c->n_requests++;
	server = radius_choose(c, req, now);
	if (server < c->cfg.n_servers)
		radius_ask(c, req, server, now);
	else
		req->due = now;
	radius_rearm(c, now);
	return true;
}

void radius_client_tick(struct radius_client *c, uint64_t now)
{
	struct radius_request *req, *next;

	for (req = TAILQ_FIRST(&c->requests); req; req = next) {
		next = TAILQ_NEXT(req, next);
		if (req->due <= now)
			radius_on_due(c, req, now);
	}
	radius_rearm(c, now);
}

/* Is this one of the answers there are to a request with @code? */
static bool radius_answers(uint8_t answer, uint8_t request)
{
	if (request == RADIUS_ACCOUNTING_REQUEST)
		return answer == RADIUS_ACCOUNTING_RESPONSE;
	return answer == RADIUS_ACCESS_ACCEPT ||
	       answer == RADIUS_ACCESS_REJECT ||
	       answer == RADIUS_ACCESS_CHALLENGE;
}

void radius_client_input(struct radius_client *c, unsigned int server,
			 struct rbuf in, uint64_t now)
{
	struct radius_pkt answer, asked;
	struct radius_request *req;

	if (!radius_parse(&answer, in)) {
		c->stats.malformed++;
		return;
	}
	req = c->servers[server].ids[answer.id];
	if (!req) {
		c->stats.unexpected++;
		return;
	}
	if (!radius_parse(&asked, rbuf_of(req->pkt, req->len)) ||
	    !radius_answers(answer.code, asked.code)) {
		c->stats.malformed++;
		return;
	}
	if (!radius_response_ok(&answer, asked.authenticator, c->cfg.secret,
				c->cfg.need_mac)) {
		c->stats.forged++;
		return;
	}
	c->stats.answered++;
	radius_set_alive(c, server, now);
	/* The owner needs the request's authenticator: not radius_finish(). */
	req->answered_by = server;
	radius_give_id(c, req);
	TAILQ_REMOVE(&c->requests, req, next);
	c->n_requests--;
	c->ops->done(c->ctx, req, &answer);
	radius_rearm(c, now);
}

void radius_client_init(struct radius_client *c,
			const struct radius_client_cfg *cfg,
			const struct radius_client_ops *ops, void *ctx)
{
	memset(c, 0, sizeof(*c));
	c->cfg = *cfg;
	c->ops = ops;
	c->ctx = ctx;
	TAILQ_INIT(&c->requests);
}
