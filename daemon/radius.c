// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The RADIUS client's process. It holds the shared secret and reads what comes
 * from the network, so it is neither authd, which has passwords, nor the
 * parent, which has rights. Its sockets were opened by the parent.
 */
#include "child.h"

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

#include "addr.h"
#include "log.h"
#include "loop.h"
#include "msg.h"
#include "proc.h"
#include "radius_client.h"
#include "radius_session.h"
#include "sandbox.h"

/* Datagrams handled per wake-up. */
#define RADIUS_BATCH		16
/* Accounting records are worth more patience than logins: an hour. */
#define RADIUS_ACCT_ROUNDS	120
#define RADIUS_ACCT_ROUND_MS	30000
/* How long the end of the daemon waits for the last records. */
#define RADIUS_STOP_MS		3000
/* Complaints about bad answers, not more often than this. */
#define RADIUS_COMPLAIN_MS	10000

/* A login. */
struct radius_login {
	struct radius_request req;
	struct msg_auth_ask ask;
};

enum radius_record_kind {
	RADIUS_RECORD_SESSION,
	RADIUS_RECORD_ON,
	RADIUS_RECORD_OFF,
};

/* An accounting record on its way. */
struct radius_record {
	struct radius_request req;
	enum radius_record_kind kind;
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

/* The last answer to a CoA source, for a request that comes again. */
struct radius_coa_memory {
	struct sockaddr_storage source;
	uint8_t request[RADIUS_AUTHENTICATOR_LEN];
	uint8_t answer[RADIUS_PACKET_MAX];
	size_t len;
};

static struct {
	struct imsg_chan *parent;
	struct conf_radius conf;
	bool again;
	struct conf_radius_secret secret;
	struct radius_nas nas;
	struct radius_trade auth;
	struct radius_trade acct;
	struct event *coa;
	struct radius_coa_memory coa_last;
	struct event *stop_timer;
	bool stopping;
	LIST_HEAD(, radius_session) sessions;
} radius = {
	.auth = { .name = "authentication" },
	.acct = { .name = "accounting" },
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

static void radius_send_to(void *ctx, unsigned int server, const void *pkt,
			   size_t len)
{
	struct radius_trade *t = ctx;

	/* Lost here or on the way: it is sent again. */
	if (send(event_get_fd(t->sockets[server]), pkt, len, MSG_NOSIGNAL) < 0)
		log_debug("RADIUS %s server %u: send: %s", t->name, server,
			  strerror(errno));
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

	while (event_get_fd(t->sockets[i]) != fd)
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
		cfg.rounds = RADIUS_ACCT_ROUNDS;
		cfg.round_ms = RADIUS_ACCT_ROUND_MS;
		/* Its authenticator already is a digest over all of it. */
		cfg.need_mac = false;
	}
	t->servers = servers;
	t->timer = loop_event(-1, 0, radius_on_timer, t);
	radius_client_init(&t->client, &cfg, ops, t);
	for (unsigned int i = 0; i < n; i++) {
		if (!t->sockets[i])
			log_fatal("no socket for RADIUS %s server %u", t->name,
				  i);
		loop_watch(t->sockets[i], true);
	}
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
	return radius_put_access(w, &radius.nas, &login->ask, id,
				 authenticator, secret);
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
	} else {
		memcpy(v.user, ask->req.name, sizeof(v.user));
		v.res.error = AUTH_ERR_NO_DIALIN;
		log_err("user %s: no RADIUS server has answered", v.user);
	}
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

static void radius_ask_login(const struct msg_auth_ask *ask)
{
	struct radius_login *login = calloc(1, sizeof(*login));

	if (!login)
		log_fatal("out of memory");
	login->ask = *ask;
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

	(void)ctx;
	if (record->kind == RADIUS_RECORD_SESSION)
		return radius_put_acct(w, &radius.nas, &record->acct,
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

static void radius_record(enum radius_record_kind kind,
			  const struct msg_acct *acct)
{
	struct radius_record *record;

	if (!radius.conf.n_acct)
		return;
	record = calloc(1, sizeof(*record));
	if (!record)
		log_fatal("out of memory");
	record->kind = kind;
	record->when = time(NULL);
	if (acct)
		record->acct = *acct;
	if (!radius_client_start(&radius.acct.client, &record->req,
				 loop_now_ms()))
		radius_record_done(&radius.acct, &record->req, NULL);
}

static struct radius_session *radius_session_find(uint32_t id)
{
	struct radius_session *s;

	LIST_FOREACH(s, &radius.sessions, next)
		if (s->acct.id == id)
			return s;
	return NULL;
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
	radius_record(RADIUS_RECORD_SESSION, acct);
}

/* ---- dynamic authorization ---------------------------------------------------------------- */

static void radius_coa_do(struct radius_coa *coa)
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
	if (n)
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

/* The same request again, because our answer was lost? */
static bool radius_coa_again(const struct sockaddr_storage *source,
			     const struct radius_pkt *pkt)
{
	const struct radius_coa_memory *last = &radius.coa_last;

	return last->len && addr_same_host(source, &last->source) &&
	       !memcmp(last->request, pkt->authenticator,
		       sizeof(last->request));
}

static bool radius_coa_answer(const struct sockaddr_storage *source,
			      const struct radius_pkt *pkt)
{
	struct radius_coa_memory *last = &radius.coa_last;
	struct wbuf w = wbuf_of(last->answer, sizeof(last->answer));
	char text[ADDR_TEXT_MAX];
	struct radius_coa coa;

	if (radius_coa_again(source, pkt))
		return true;
	last->len = 0;
	addr_text(source, text, sizeof(text));
	if (!radius_coa_parse(pkt, &radius.nas, time(NULL), &coa)) {
		log_warn("%s: RADIUS request ignored: code %u, or its Event-Timestamp is not of now",
			 text, pkt->code);
		return false;
	}
	if (!coa.error)
		radius_coa_do(&coa);
	log_info("%s: %s %s%s", text,
		 coa.disconnect ? "Disconnect-Request" : "CoA-Request",
		 coa.error ? "refused: " : "accepted", coa.why);
	if (!radius_put_coa(&w, &coa, pkt, radius.secret.secret))
		return false;
	last->source = *source;
	memcpy(last->request, pkt->authenticator, sizeof(last->request));
	last->len = w.len;
	return true;
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

static void radius_on_coa(int fd, short what, void *arg)
{
	static uint8_t buf[RADIUS_PACKET_MAX];
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
	if (radius_coa_answer(&source, &pkt))
		sendto(fd, radius.coa_last.answer, radius.coa_last.len,
		       MSG_NOSIGNAL, (struct sockaddr *)&source, len);
}

/* ---- messages -------------------------------------------------------------------------------- */

static void radius_take_socket(struct imsg *m)
{
	const struct msg_radius_socket *s = m->body;
	struct radius_trade *t = s->use == MSG_RADIUS_ACCT ? &radius.acct :
							     &radius.auth;

	if (s->use == MSG_RADIUS_COA)
		radius.coa = loop_event(m->fd, EV_READ | EV_PERSIST,
					radius_on_coa, NULL);
	else
		t->sockets[s->server] = loop_event(m->fd, EV_READ | EV_PERSIST,
						   radius_on_readable, t);
	m->fd = -1;
}

static void radius_configure(const struct msg_conf_radius *m)
{
	radius.conf = m->conf;
	radius.nas.started = m->started;
	radius.again = m->again;
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
	/* It would end all our sessions for the server. */
	if (!radius.again)
		radius_record(RADIUS_RECORD_ON, NULL);
	imsg_send(radius.parent, MSG_READY, &(struct msg_none){ 0 }, -1);
}

static void radius_on_stop_timer(int fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
	radius.stopping = false;
	log_err("%u accounting records lost: no server has taken them",
		radius.acct.client.n_requests);
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

static void radius_stop(void)
{
	radius_report(&radius.auth);
	radius_report(&radius.acct);
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
	case MSG_START:
		radius_start();
		break;
	case MSG_RADIUS_ASK:
		radius_ask_login(m->body);
		break;
	case MSG_ACCT:
		radius_on_acct(m->body);
		break;
	case MSG_LOG_LEVEL:
		log_set_level(((const struct msg_log_level *)m->body)->level);
		break;
	case MSG_STOP:
		radius_stop();
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
	});
	sandbox_enter(SANDBOX_RADIUS);
	radius.parent = imsg_open(PROC_CHANNEL_FD, msg_rules, MSG_TYPES,
				  MSG_PARENT, radius_on_message, NULL);
	loop_run();
	OPENSSL_cleanse(&radius.secret, sizeof(radius.secret));
	return 0;
}
