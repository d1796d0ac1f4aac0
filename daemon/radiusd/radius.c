// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The RADIUS client's process. It holds the shared secret and reads what comes
 * from the network, so it is neither authd, which has passwords, nor the
 * parent, which has rights. Its sockets were opened by the parent.
 */
#include "boundary/child.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include "boundary/msg.h"
#include "boundary/proc.h"
#include "boundary/sandbox.h"
#include "lib/addr.h"
#include "lib/log.h"
#include "lib/loop.h"
#include "lib/reason.h"
#include "ppp/eap.h"
#include "radius/radius_client.h"
#include "radiusd/radius_seen.h"
#include "radiusd/radius_session.h"
#include "radiusd/radius_spool.h"

/* Datagrams handled per wake-up. */
#define RADIUS_BATCH		16
/* Accounting records are worth more patience than logins: an hour. */
#define RADIUS_ACCT_ROUNDS	120
#define RADIUS_ACCT_ROUND_MS	30000
/* On the disk they can wait for a week. */
#define RADIUS_SPOOL_ROUNDS	(7 * 24 * 120)
/* How long the end of the daemon waits for the last records. */
#define RADIUS_STOP_MS		3000
/* Complaints about bad answers, not more often than this. */
#define RADIUS_COMPLAIN_MS	10000

/* A login; @unfit: what the peer says does not fit into a RADIUS packet. */
struct radius_login {
	struct radius_request req;
	struct msg_auth_ask ask;
	bool unfit;
};

/* An EAP login that goes on: @state is the server's, which alone knows it. */
struct radius_talk {
	LIST_ENTRY(radius_talk) next;
	uint32_t id;
	unsigned int server;
	size_t len;
	uint8_t state[RADIUS_VALUE_MAX];
};

enum radius_record_kind {
	RADIUS_RECORD_SESSION,
	RADIUS_RECORD_ON,
	RADIUS_RECORD_OFF,
};

/*
 * An accounting record on its way.
 * @started: of the daemon that had the session
 * @place: in the spool
 */
struct radius_record {
	struct radius_request req;
	enum radius_record_kind kind;
	uint32_t started;
	int place;
	struct msg_acct acct;
	time_t when;
};

/* A session that runs, as it was when it began. */
struct radius_session {
	LIST_ENTRY(radius_session) next;
	struct msg_acct acct;
};

/* One direction of trade: authentication or accounting. */
struct radius_trade {
	const char *name;
	struct radius_client client;
	struct event *timer;
	struct event *sockets[RADIUS_SERVERS_MAX];
	const struct sockaddr_storage *servers;
	uint64_t complained;
	uint64_t forged;
};

static struct {
	struct imsg_chan *parent;
	struct conf_radius conf;
	bool again;
	bool fold;
	struct conf_radius_secret secret;
	struct radius_nas nas;
	struct radius_trade auth;
	struct radius_trade acct;
	struct event *coa;
	struct radius_spool spool;
	struct radius_seen coa_seen;
	time_t coa_since;
	struct event *stop_timer;
	bool stopping;
	LIST_HEAD(, radius_session) sessions;
	LIST_HEAD(, radius_talk) talks;
} radius = {
	.auth = { .name = "authentication" },
	.acct = { .name = "accounting" },
	.spool = { .fd = -1 },
};

/* ---- what both trades need ------------------------------------------------------ */

static void radius_timer(void *ctx, uint32_t ms)
{
	loop_arm(((struct radius_trade *)ctx)->timer, ms);
}

static void radius_on_timer(int fd, short what, void *arg)
{
	struct radius_trade *t = arg;

	(void)fd;
	(void)what;
	radius_client_tick(&t->client, loop_now_ms());
}

/* A connected socket is bound to the address that this machine had then. */
static void radius_renew(const struct radius_trade *t, unsigned int server)
{
	imsg_send(radius.parent, MSG_RADIUS_RENEW, &(struct msg_radius_socket){
		.use = t == &radius.acct ? MSG_RADIUS_ACCT : MSG_RADIUS_AUTH,
		.server = server,
	}, -1);
}

static void radius_send_to(void *ctx, unsigned int server, const void *pkt,
			   size_t len)
{
	struct radius_trade *t = ctx;

	/* Lost here or on the way: it is sent again. */
	if (t->sockets[server] &&
	    send(event_get_fd(t->sockets[server]), pkt, len, MSG_NOSIGNAL) >= 0)
		return;
	if (t->sockets[server] && (errno == EAGAIN || errno == ECONNREFUSED))
		return;
	/* Its address is not ours any more, or there was no network. */
	radius_renew(t, server);
}

static void radius_health(void *ctx, unsigned int server, bool alive)
{
	struct radius_trade *t = ctx;
	char text[ADDR_TEXT_MAX];

	addr_text(&t->servers[server], text, sizeof(text));
	if (alive)
		log_info("RADIUS %s server %s answers again", t->name, text);
	else
		log_warn("RADIUS %s server %s does not answer, left alone for %u s",
			 t->name, text, radius.conf.dead_s);
	if (!alive)
		radius_renew(t, server);
}

static void radius_complain(struct radius_trade *t, unsigned int server)
{
	const struct radius_client_stats *stats = &t->client.stats;
	uint64_t now = loop_now_ms();
	char text[ADDR_TEXT_MAX];

	if (stats->forged == t->forged ||
	    (t->complained && now - t->complained < RADIUS_COMPLAIN_MS))
		return;
	addr_text(&t->servers[server], text, sizeof(text));
	log_warn("RADIUS %s server %s: %llu answers ignored, their authenticator is wrong or they have no Message-Authenticator: is secret-file the same there?",
		 t->name, text, (unsigned long long)(stats->forged - t->forged));
	t->forged = stats->forged;
	t->complained = now;
}

/* Which of its sockets is @fd? */
static unsigned int radius_server_of(const struct radius_trade *t, int fd)
{
	unsigned int i = 0;

	while (!t->sockets[i] || event_get_fd(t->sockets[i]) != fd)
		i++;
	return i;
}

static void radius_on_readable(int fd, short what, void *arg)
{
	static uint8_t buf[RADIUS_PACKET_MAX];
	struct radius_trade *t = arg;
	unsigned int server = radius_server_of(t, fd);
	ssize_t n;

	(void)what;
	for (int i = 0; i < RADIUS_BATCH; i++) {
		/* ICMP errors say nothing certain: time tells. */
		n = recv(fd, buf, sizeof(buf), MSG_DONTWAIT);
		if (n < 0)
			break;
		radius_client_input(&t->client, server,
				    rbuf_of(buf, (size_t)n), loop_now_ms());
	}
	OPENSSL_cleanse(buf, sizeof(buf));
	radius_complain(t, server);
}

static void radius_trade_start(struct radius_trade *t, unsigned int n,
			       const struct sockaddr_storage *servers,
			       const struct radius_client_ops *ops)
{
	const struct conf_radius *conf = &radius.conf;
	struct radius_client_cfg cfg = {
		.n_servers = n,
		.timeout_ms = conf->timeout_s * 1000,
		.retries = conf->retries,
		.dead_ms = conf->dead_s * 1000,
		.rounds = 1,
		.need_mac = true,
		.secret = radius.secret.secret,
	};

	if (t == &radius.acct) {
		cfg.rounds = radius.spool.fd >= 0 ? RADIUS_SPOOL_ROUNDS :
						    RADIUS_ACCT_ROUNDS;
		cfg.round_ms = RADIUS_ACCT_ROUND_MS;
		/* Its authenticator already is a digest over all of it. */
		cfg.need_mac = false;
	}
	t->servers = servers;
	t->timer = loop_event(-1, 0, radius_on_timer, t);
	radius_client_init(&t->client, &cfg, ops, t);
}

/* ---- EAP ---------------------------------------------------------------------------- */

static struct radius_talk *radius_talk_find(uint32_t id)
{
	struct radius_talk *talk;

	LIST_FOREACH(talk, &radius.talks, next)
		if (talk->id == id)
			return talk;
	return NULL;
}

static void radius_forget(uint32_t id)
{
	struct radius_talk *talk = radius_talk_find(id);

	if (!talk)
		return;
	LIST_REMOVE(talk, next);
	free(talk);
}

static void radius_talk_keep(uint32_t id, unsigned int server,
			     const struct radius_pkt *answer)
{
	struct radius_talk *talk = radius_talk_find(id);
	struct rbuf state;

	if (!talk) {
		talk = calloc(1, sizeof(*talk));
		if (!talk)
			log_fatal("out of memory");
		talk->id = id;
		LIST_INSERT_HEAD(&radius.talks, talk, next);
	}
	talk->server = server;
	talk->len = 0;
	if (!radius_find(answer, RADIUS_STATE, &state))
		return;
	talk->len = state.len;
	buf_copy(&state, talk->state, state.len);
}

static struct rbuf radius_talk_state(uint32_t id)
{
	const struct radius_talk *talk = radius_talk_find(id);

	return talk ? rbuf_of(talk->state, talk->len) : rbuf_of("", 0);
}

/* The first packet of an EAP login is the Identity: RFC 3748 5.1. */
static bool radius_talk_begins(const struct auth_request *req)
{
	return req->packet_len > 4 && req->packet[4] == EAP_TYPE_IDENTITY;
}

/* ---- authentication ---------------------------------------------------------------- */

static bool radius_build_login(void *ctx, struct radius_request *req,
			       uint8_t id, const char *secret, struct wbuf *w)
{
	struct radius_login *login = (struct radius_login *)req;
	uint8_t authenticator[RADIUS_AUTHENTICATOR_LEN];

	(void)ctx;
	if (RAND_bytes(authenticator, sizeof(authenticator)) != 1)
		return false;
	login->unfit = !radius_put_access(w, &radius.nas, &login->ask, id,
					  authenticator,
					  radius_talk_state(login->ask.id),
					  secret);
	return !login->unfit;
}

static void radius_answer_login(struct radius_login *login,
				const struct radius_pkt *answer)
{
	const struct msg_auth_ask *ask = &login->ask;
	struct msg_auth_verdict v = {
		.id = ask->id,
		.serial = ask->req.serial,
	};
	struct radius_pkt asked;

	if (answer && radius_parse(&asked, rbuf_of(login->req.pkt,
						   login->req.len))) {
		radius_verdict(ask, answer, asked.authenticator,
			       radius.secret.secret, &v);
	} else if (login->unfit) {
		memcpy(v.user, ask->req.name, sizeof(v.user));
		v.res.error = AUTH_ERR_CREDENTIALS;
		log_debug("user %s: does not fit into a RADIUS packet", v.user);
	} else {
		memcpy(v.user, ask->req.name, sizeof(v.user));
		v.res.error = AUTH_ERR_NO_DIALIN;
		log_err("user %s: no RADIUS server has answered", v.user);
	}
	if (v.res.more)
		radius_talk_keep(v.id, login->req.answered_by, answer);
	else
		radius_forget(v.id);
	imsg_send(radius.parent, MSG_AUTH_VERDICT, &v, -1);
	OPENSSL_cleanse(&v, sizeof(v));
}

static void radius_login_done(void *ctx, struct radius_request *req,
			      const struct radius_pkt *answer)
{
	struct radius_login *login = (struct radius_login *)req;

	(void)ctx;
	radius_answer_login(login, answer);
	OPENSSL_clear_free(login, sizeof(*login));
}

static const struct radius_client_ops radius_auth_ops = {
	.build = radius_build_login,
	.send = radius_send_to,
	.timer = radius_timer,
	.done = radius_login_done,
	.health = radius_health,
};

/* Nobody waits any more for what was asked about that session. */
static void radius_cancel_login(uint32_t id)
{
	struct radius_client *c = &radius.auth.client;
	struct radius_request *req, *next;
	struct radius_login *login;

	for (req = TAILQ_FIRST(&c->requests); req; req = next) {
		next = TAILQ_NEXT(req, next);
		login = (struct radius_login *)req;
		if (login->ask.id != id)
			continue;
		radius_client_cancel(c, req);
		OPENSSL_clear_free(login, sizeof(*login));
	}
}

static void radius_ask_login(const struct msg_auth_ask *ask)
{
	struct radius_login *login = calloc(1, sizeof(*login));
	const struct radius_talk *talk;

	if (!login)
		log_fatal("out of memory");
	login->ask = *ask;
	radius_cancel_login(ask->id);
	if (radius_talk_begins(&ask->req))
		radius_forget(ask->id);
	talk = radius_talk_find(ask->id);
	if (talk)
		login->req.tried = ~(1u << talk->server);
	if (radius_client_start(&radius.auth.client, &login->req,
				loop_now_ms()))
		return;
	log_err("too many logins wait for RADIUS servers");
	radius_login_done(&radius.auth, &login->req, NULL);
}

/* ---- accounting ------------------------------------------------------------------------ */

static bool radius_build_record(void *ctx, struct radius_request *req,
				uint8_t id, const char *secret, struct wbuf *w)
{
	struct radius_record *record = (struct radius_record *)req;
	const struct radius_nas nas = {
		.conf = &radius.conf,
		.started = record->started,
	};

	(void)ctx;
	if (record->kind == RADIUS_RECORD_SESSION)
		return radius_put_acct(w, &nas, &record->acct,
				       record->when, id, secret);
	return radius_put_acct_nas(w, &radius.nas,
				   record->kind == RADIUS_RECORD_ON,
				   record->when, id, secret);
}

static void radius_check_stopped(void)
{
	if (!radius.stopping || radius.acct.client.n_requests)
		return;
	radius.stopping = false;
	imsg_send(radius.parent, MSG_STOPPED, &(struct msg_none){ 0 }, -1);
}

/* From now on the parent need not keep it. */
static void radius_taken(const struct msg_acct *acct)
{
	const struct msg_acct_taken taken = { .id = acct->id, .kind = acct->kind };

	if (acct->kind != MSG_ACCT_INTERIM)
		imsg_send(radius.parent, MSG_ACCT_TAKEN, &taken, -1);
}

static void radius_record_done(void *ctx, struct radius_request *req,
			       const struct radius_pkt *answer)
{
	struct radius_record *record = (struct radius_record *)req;

	(void)ctx;
	if (!answer && record->kind == RADIUS_RECORD_SESSION)
		log_err("accounting record lost: no server has taken it: session %u of user %s, %u s, %llu bytes in, %llu bytes out",
			record->acct.id, record->acct.user,
			record->acct.seconds,
			(unsigned long long)record->acct.in_bytes,
			(unsigned long long)record->acct.out_bytes);
	if (record->kind == RADIUS_RECORD_SESSION && record->place == RADIUS_SPOOL_NONE)
		radius_taken(&record->acct);
	radius_spool_drop(&radius.spool, record->place);
	free(record);
	radius_check_stopped();
}

static const struct radius_client_ops radius_acct_ops = {
	.build = radius_build_record,
	.send = radius_send_to,
	.timer = radius_timer,
	.done = radius_record_done,
	.health = radius_health,
};

/* An interim record that waits, of the same session as @of, or of any if that is NULL. */
static struct radius_record *radius_interim(const struct radius_record *of)
{
	struct radius_request *req;
	struct radius_record *record;

	TAILQ_FOREACH(req, &radius.acct.client.requests, next) {
		record = (struct radius_record *)req;
		if (record->kind == RADIUS_RECORD_SESSION &&
		    record->acct.kind == MSG_ACCT_INTERIM &&
		    (!of || (record->acct.id == of->acct.id && record->started == of->started)))
			return record;
	}
	return NULL;
}

static bool radius_drop_interim(const struct radius_record *of)
{
	struct radius_record *record = radius_interim(of);

	if (!record)
		return false;
	radius_client_cancel(&radius.acct.client, &record->req);
	radius_spool_drop(&radius.spool, record->place);
	free(record);
	return true;
}

/* A later record of a session says all that its interims said, and a Stop is worth more. */
static bool radius_record_start(struct radius_record *record)
{
	struct radius_client *client = &radius.acct.client;

	if (record->kind == RADIUS_RECORD_SESSION)
		radius_drop_interim(record);
	if (radius_client_start(client, &record->req, loop_now_ms()))
		return true;
	return record->acct.kind != MSG_ACCT_INTERIM && radius_drop_interim(NULL) &&
	       radius_client_start(client, &record->req, loop_now_ms());
}

static struct radius_record *radius_record_new(enum radius_record_kind kind)
{
	struct radius_record *record = calloc(1, sizeof(*record));

	if (!record)
		log_fatal("out of memory");
	record->kind = kind;
	record->when = time(NULL);
	record->started = radius.nas.started;
	record->place = RADIUS_SPOOL_NONE;
	return record;
}

static void radius_record(enum radius_record_kind kind,
			  const struct msg_acct *acct)
{
	struct radius_record *record;

	if (!radius.conf.n_acct)
		return;
	record = radius_record_new(kind);
	if (acct) {
		record->acct = *acct;
		record->when -= acct->late;
	}
	if (!radius_record_start(record)) {
		radius_record_done(&radius.acct, &record->req, NULL);
		return;
	}
	if (!acct)
		return;
	record->place = radius_spool_put(&radius.spool, record->started, record->when,
					 acct);
	if (record->place != RADIUS_SPOOL_NONE)
		radius_taken(acct);
}

/* ---- what waited when the process before this one ended -------------------------------- */

/* In the order of events, but interims, which are worth least, at the end. */
static int radius_compare_spooled(const void *a, const void *b)
{
	const struct radius_record *x = *(struct radius_record *const *)a;
	const struct radius_record *y = *(struct radius_record *const *)b;
	bool x_interim = x->acct.kind == MSG_ACCT_INTERIM;
	bool y_interim = y->acct.kind == MSG_ACCT_INTERIM;

	if (x_interim != y_interim)
		return x_interim - y_interim;
	return x->when != y->when ? (x->when > y->when) - (x->when < y->when) :
				    x->place - y->place;
}

static struct radius_record *radius_recall_one(int *place)
{
	struct radius_record *record;
	struct radius_spooled one;

	*place = radius_spool_next(&radius.spool, *place + 1, &one);
	if (*place < 0)
		return NULL;
	record = radius_record_new(RADIUS_RECORD_SESSION);
	record->started = one.started;
	record->when = (time_t)one.when;
	record->acct = one.acct;
	record->place = *place;
	return record;
}

static void radius_recall(void)
{
	static struct radius_record *records[RADIUS_SPOOL_MAX];
	size_t n = 0;

	for (int place = -1; n < RADIUS_SPOOL_MAX && (records[n] = radius_recall_one(&place));)
		n++;
	if (radius.spool.damaged) {
		log_err("%u accounting records lost: %s is damaged, or of another version of sstpd",
			radius.spool.damaged, radius.conf.spool);
		imsg_send(radius.parent, MSG_SPOOL_DAMAGED, &(struct msg_none){ 0 }, -1);
	}
	if (!n)
		return;
	log_info("%zu accounting records have waited in %s", n, radius.conf.spool);
	qsort(records, n, sizeof(records[0]), radius_compare_spooled);
	for (size_t i = 0; i < n; i++)
		if (!radius_client_start(&radius.acct.client, &records[i]->req,
					 loop_now_ms()))
			radius_record_done(&radius.acct, &records[i]->req, NULL);
}

static struct radius_session *radius_session_find(uint32_t id)
{
	struct radius_session *s;

	LIST_FOREACH(s, &radius.sessions, next)
		if (s->acct.id == id)
			return s;
	return NULL;
}

/* Has the process before this one put it into the spool, and died before it said so? */
static bool radius_has_record(const struct msg_acct *acct)
{
	const struct radius_request *req;
	const struct radius_record *record;

	if (acct->kind == MSG_ACCT_INTERIM)
		return false;
	TAILQ_FOREACH(req, &radius.acct.client.requests, next) {
		record = (const struct radius_record *)req;
		if (record->kind == RADIUS_RECORD_SESSION && record->acct.id == acct->id &&
		    record->acct.kind == acct->kind && record->started == radius.nas.started)
			return true;
	}
	return false;
}

static void radius_on_acct(const struct msg_acct *acct)
{
	struct radius_session *s = radius_session_find(acct->id);

	/* One that is unknown began before this process did. */
	if (acct->kind != MSG_ACCT_STOP && !s) {
		s = calloc(1, sizeof(*s));
		if (!s)
			log_fatal("out of memory");
		s->acct = *acct;
		LIST_INSERT_HEAD(&radius.sessions, s, next);
	} else if (acct->kind == MSG_ACCT_STOP && s) {
		LIST_REMOVE(s, next);
		free(s);
	}
	if (!radius.conf.n_acct || radius_has_record(acct))
		radius_taken(acct);
	else
		radius_record(RADIUS_RECORD_SESSION, acct);
}

/* ---- dynamic authorization ---------------------------------------------------------------- */

/* Return: how many sessions it is about */
static unsigned int radius_coa_each(const struct radius_coa *coa)
{
	struct msg_grant_change change = coa->change;
	struct radius_session *s;
	unsigned int n = 0;

	LIST_FOREACH(s, &radius.sessions, next) {
		if (!radius_coa_matches(coa, &radius.nas, &s->acct))
			continue;
		n++;
		change.id = s->acct.id;
		if (coa->disconnect)
			imsg_send(radius.parent, MSG_DISCONNECT,
				  &(struct msg_disconnect){
					.id = s->acct.id,
					.reason = REASON_RADIUS,
				  }, -1);
		else
			imsg_send(radius.parent, MSG_GRANT_CHANGE, &change, -1);
	}
	return n;
}

/* Does it fit one account only? */
static bool radius_coa_is_clear(const struct radius_coa *coa)
{
	const char *user = NULL;
	struct radius_session *s;

	LIST_FOREACH(s, &radius.sessions, next) {
		if (!radius_coa_matches(coa, &radius.nas, &s->acct))
			continue;
		if (user && strcmp(user, s->acct.user))
			return false;
		user = s->acct.user;
	}
	return true;
}

static void radius_coa_do(struct radius_coa *coa)
{
	coa->fold = radius.fold;
	if (radius_coa_each(coa))
		return;
	/*
	 * Servers write names in their own way, DOMAIN\USER or with other capitals:
	 * if nobody has that very name, the only one who may be meant is.
	 */
	coa->fold = true;
	if (radius_coa_is_clear(coa) && radius_coa_each(coa))
		return;
	coa->error = RADIUS_ERROR_NO_SESSION;
	strcpy(coa->why, "there is no such session");
}

static bool radius_coa_source_ok(const struct sockaddr_storage *source)
{
	for (uint32_t i = 0; i < radius.conf.n_sources; i++)
		if (addr_same_host(source, &radius.conf.sources[i]))
			return true;
	return false;
}

/* Anybody can send a datagram, but not fill the log. */
static void radius_coa_complain(const struct sockaddr_storage *source,
				const char *why)
{
	static uint64_t last;
	uint64_t now = loop_now_ms();
	char text[ADDR_TEXT_MAX];

	if (last && now - last < RADIUS_COMPLAIN_MS)
		return;
	last = now;
	addr_text(source, text, sizeof(text));
	log_warn("%s: RADIUS request ignored: %s", text, why);
}

/*
 * One that says when it was made is good for so long, counted from the earliest moment
 * at which it can come, or longer, if somebody puts the clock back. Another is remembered
 * for as long as somebody repeats it.
 */
#define RADIUS_COA_MEMORY_MS	(2 * RADIUS_COA_AGE_MAX * 1000)
#define RADIUS_COA_REPEAT_MS	30000

static void radius_coa_serve(const struct sockaddr_storage *source,
			     const struct radius_pkt *pkt, const struct radius_clocks *now,
			     struct radius_coa *coa)
{
	char text[ADDR_TEXT_MAX];

	if (!coa->error)
		radius_coa_do(coa);
	addr_text(source, text, sizeof(text));
	log_info("%s: %s %s%s", text,
		 coa->disconnect ? "Disconnect-Request" : "CoA-Request",
		 coa->error ? "refused: " : "accepted", coa->why);
	if (coa->when)
		radius_seen_add(&radius.coa_seen, pkt->authenticator, coa->error, now,
				RADIUS_COA_MEMORY_MS, (int64_t)coa->when + RADIUS_COA_AGE_MAX);
	else
		radius_seen_add(&radius.coa_seen, pkt->authenticator, coa->error, now,
				RADIUS_COA_REPEAT_MS, 0);
}

/* Return: whether it is worth an answer */
static bool radius_coa_answer(const struct sockaddr_storage *source,
			      const struct radius_pkt *pkt, struct wbuf *w)
{
	const struct radius_clocks now = { .ms = loop_now_ms(), .s = time(NULL) };
	const struct radius_seen_one *seen;
	struct radius_coa coa;

	/* A clock that was wrong at the start is put back. */
	if (now.s < radius.coa_since)
		radius.coa_since = now.s;
	if (!radius_coa_parse(pkt, &radius.nas, now.s, radius.coa_since, &coa)) {
		radius_coa_complain(source, coa.why);
		return false;
	}
	seen = radius_seen_get(&radius.coa_seen, pkt->authenticator, &now);
	if (seen) {
		coa.error = seen->error;
	} else if (radius_seen_has_room(&radius.coa_seen, &now)) {
		radius_coa_serve(source, pkt, &now, &coa);
	} else {
		radius_coa_complain(source, "there were too many within ten minutes to tell it from one that comes again");
		return false;
	}
	return radius_put_coa(w, &coa, pkt, radius.secret.secret);
}

static void radius_on_coa(int fd, short what, void *arg)
{
	static uint8_t buf[RADIUS_PACKET_MAX], out[RADIUS_PACKET_MAX];
	struct wbuf answer = wbuf_of(out, sizeof(out));
	struct sockaddr_storage source = { .ss_family = AF_UNSPEC };
	socklen_t len = sizeof(source);
	struct radius_pkt pkt;
	ssize_t n;

	(void)what;
	(void)arg;
	n = recvfrom(fd, buf, sizeof(buf), MSG_DONTWAIT,
		     (struct sockaddr *)&source, &len);
	if (n < 0)
		return;
	addr_unmap(&source);
	if (!radius_coa_source_ok(&source)) {
		radius_coa_complain(&source, "it is not in coa-sources");
		return;
	}
	if (!radius_parse(&pkt, rbuf_of(buf, (size_t)n)) ||
	    !radius_request_ok(&pkt, radius.secret.secret)) {
		radius_coa_complain(&source, "it is broken, or its authenticator is wrong: is secret-file the same there?");
		return;
	}
	if (radius_coa_answer(&source, &pkt, &answer))
		sendto(fd, out, answer.len, MSG_NOSIGNAL, (struct sockaddr *)&source, len);
}

/* ---- messages -------------------------------------------------------------------------------- */

static void radius_close(struct event **socket)
{
	if (!*socket)
		return;
	close(event_get_fd(*socket));
	loop_free(socket);
}

static void radius_take_socket(struct imsg *m)
{
	const struct msg_radius_socket *s = m->body;
	struct radius_trade *t = s->use == MSG_RADIUS_ACCT ? &radius.acct :
							     &radius.auth;

	if (m->fd_lost)
		return;
	if (s->use == MSG_RADIUS_COA) {
		radius.coa = loop_event(m->fd, EV_READ | EV_PERSIST,
					radius_on_coa, NULL);
	} else {
		radius_close(&t->sockets[s->server]);
		t->sockets[s->server] = loop_event(m->fd, EV_READ | EV_PERSIST,
						   radius_on_readable, t);
		loop_watch(t->sockets[s->server], true);
	}
	m->fd = -1;
}

static void radius_take_spool(struct imsg *m)
{
	int fd = m->fd;

	m->fd = -1;
	if (m->fd_lost)
		log_err("accounting records are not kept on the disk: no descriptor left");
	else if (!radius_spool_open(&radius.spool, fd))
		log_err("accounting records are not kept in %s: there is something else in it",
			radius.conf.spool);
}

/* So that the next start does not tell of it once more. */
static void radius_spool_repair(const struct imsg *m)
{
	if (m->fd_lost)
		log_err("what is damaged of %s stays there: no descriptor left",
			radius.conf.spool);
	else if (radius_spool_aside(&radius.spool, m->fd))
		log_warn("what was damaged of %s is in %s" CONF_SPOOL_DAMAGED " now",
			 radius.conf.spool, radius.conf.spool);
	else
		log_err("what is damaged of %s stays there: %s" CONF_SPOOL_DAMAGED ": %s",
			radius.conf.spool, radius.conf.spool, strerror(errno));
}

static void radius_configure(const struct msg_conf_radius *m)
{
	radius.conf = m->conf;
	radius.nas.started = m->started;
	radius.again = m->again;
	radius.fold = m->fold;
	radius.coa_since = time(NULL);
}

static void radius_start(void)
{
	radius.nas.conf = &radius.conf;
	radius_trade_start(&radius.auth, radius.conf.n_auth, radius.conf.auth,
			   &radius_auth_ops);
	radius_trade_start(&radius.acct, radius.conf.n_acct, radius.conf.acct,
			   &radius_acct_ops);
	if (radius.coa)
		loop_watch(radius.coa, true);
	radius_recall();
	/* It would end all our sessions for the server. */
	if (!radius.again)
		radius_record(RADIUS_RECORD_ON, NULL);
	imsg_send(radius.parent, MSG_READY, &(struct msg_none){ 0 }, -1);
}

/* Accounting-Off is not worth a word. Return: how many wait on the disk, or nowhere */
static unsigned int radius_waiting(bool on_disk)
{
	const struct radius_request *req;
	const struct radius_record *record;
	unsigned int n = 0;

	TAILQ_FOREACH(req, &radius.acct.client.requests, next) {
		record = (const struct radius_record *)req;
		n += record->kind == RADIUS_RECORD_SESSION && (record->place >= 0) == on_disk;
	}
	return n;
}

static void radius_on_stop_timer(int fd, short what, void *arg)
{
	unsigned int wait = radius_waiting(true), lost = radius_waiting(false);

	(void)fd;
	(void)what;
	(void)arg;
	radius.stopping = false;
	if (wait)
		log_warn("%u accounting records wait in %s for the next start: no server has taken them",
			 wait, radius.conf.spool);
	if (lost)
		log_err("%u accounting records lost: no server has taken them", lost);
	imsg_send(radius.parent, MSG_STOPPED, &(struct msg_none){ 0 }, -1);
}

static void radius_report(const struct radius_trade *t)
{
	const struct radius_client_stats *s = &t->client.stats;

	if (!s->sent)
		return;
	log_info("RADIUS %s: %llu requests, %llu repetitions, %llu answered, %llu not; ignored: %llu malformed, %llu unexpected, %llu not authentic",
		 t->name, (unsigned long long)s->sent,
		 (unsigned long long)s->repeated,
		 (unsigned long long)s->answered,
		 (unsigned long long)s->unanswered,
		 (unsigned long long)s->malformed,
		 (unsigned long long)s->unexpected,
		 (unsigned long long)s->forged);
}

/* @off: tell the server that there are no sessions any more */
static void radius_stop(bool off)
{
	radius_report(&radius.auth);
	radius_report(&radius.acct);
	if (off)
		radius_record(RADIUS_RECORD_OFF, NULL);
	radius.stopping = true;
	radius.stop_timer = loop_event(-1, 0, radius_on_stop_timer, NULL);
	loop_arm(radius.stop_timer, RADIUS_STOP_MS);
	radius_check_stopped();
}

static void radius_on_message(void *ctx, struct imsg *m, const char *why)
{
	(void)ctx;
	if (!m) {
		log_debug("parent is gone (%s)", why);
		loop_stop();
		return;
	}
	switch (m->type) {
	case MSG_CONF_RADIUS:
		radius_configure(m->body);
		break;
	case MSG_CONF_RADIUS_SECRET:
		radius.secret = *(const struct conf_radius_secret *)m->body;
		break;
	case MSG_RADIUS_SOCKET:
		radius_take_socket(m);
		break;
	case MSG_RADIUS_SPOOL:
		radius_take_spool(m);
		break;
	case MSG_SPOOL_ASIDE:
		radius_spool_repair(m);
		break;
	case MSG_START:
		radius_start();
		break;
	case MSG_RADIUS_ASK:
		radius_ask_login(m->body);
		break;
	case MSG_FORGET:
		radius_cancel_login(((const struct msg_session *)m->body)->id);
		radius_forget(((const struct msg_session *)m->body)->id);
		break;
	case MSG_ACCT:
		radius_on_acct(m->body);
		break;
	case MSG_PING:
		imsg_send(radius.parent, MSG_PONG, &(struct msg_none){ 0 }, -1);
		break;
	case MSG_LOG_LEVEL:
		log_set_level(((const struct msg_log_level *)m->body)->level);
		break;
	case MSG_STOP:
	case MSG_LEAVE:
		radius_stop(m->type == MSG_STOP);
		break;
	default:
		log_fatal("unexpected message %s", msg_rules[m->type].name);
	}
}

int radius_main(const char *user)
{
	loop_init();
	/* Loads OpenSSL's configuration while there still are files. */
	OPENSSL_init_crypto(OPENSSL_INIT_LOAD_CONFIG, NULL);
	if (!EVP_Q_digest(NULL, "MD5", NULL, "", 0,
			  (unsigned char[EVP_MAX_MD_SIZE]){ 0 }, NULL))
		log_fatal("no MD5 in OpenSSL, RADIUS needs it");
	proc_confine(user, &(struct proc_limits){
		.root = PROC_EMPTY_DIR,
		.lock_memory = true,
		.files = 64,
		.file_size = RADIUS_SPOOL_SIZE,
	});
	sandbox_enter(SANDBOX_RADIUS);
	radius.parent = imsg_open(PROC_CHANNEL_FD, msg_rules, MSG_TYPES,
				  MSG_PARENT, radius_on_message, NULL);
	loop_run();
	OPENSSL_cleanse(&radius.secret, sizeof(radius.secret));
	return 0;
}
