// SPDX-License-Identifier: GPL-2.0-or-later
#include "parent/control.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <json-c/json.h>

#include "lib/log.h"
#include "lib/loop.h"
#include "lib/stats.h"
#include "lib/version.h"
#include "parent/cert_expiry.h"
#include "parent/cert_watch.h"
#include "parent/lease.h"
#include "parent/report.h"
#include "parent/table.h"
#include "parent/totals.h"
#include "parent/tunnel.h"
#include "parent/upgrade.h"

#define CONTROL_PATIENCE_MS	5000
/* Pause after running out of descriptors. */
#define CONTROL_PAUSE_MS	1000
#define CONTROL_CLIENTS_MAX	16
/* Of those; the others are for requests. */
#define CONTROL_MONITORS_MAX	8
/* So many sessions are shown in one turn of the loop: some milliseconds. */
#define CONTROL_SHOW_TURN	50
/* Bytes of events that a monitor has not read yet. */
#define CONTROL_BACKLOG_MAX	(1024 * 1024)

/**
 * struct control_conn
 * @monitor: it gets events, for as long as it stays
 * @out: what it is to be sent: @out_len bytes, of which @sent are on their way
 * @show: the sessions that it is to be shown, by number, NULL = none; @n_show of them, of
 *	which @shown have had their turn, and the answer has @n_said
 */
struct control_conn {
	LIST_ENTRY(control_conn) next;
	int fd;
	struct event *rd;
	struct event *wr;
	struct event *timer;
	bool monitor;
	char line[CONTROL_LINE_MAX];
	size_t len;
	char *out;
	size_t out_len;
	size_t sent;
	uint32_t *show;
	size_t n_show;
	size_t shown;
	size_t n_said;
};

static struct {
	const struct control_ops *ops;
	int fd;
	struct event *ev;
	struct event *pause;
	struct sockaddr_un addr;
	LIST_HEAD(, control_conn) conns;
	unsigned int n;
	unsigned int monitors;
	time_t started;
} control = { .fd = -1 };

/* ---- answers -------------------------------------------------------------------- */

static struct json_object *control_show(const char *arg)
{
	struct json_object *o = json_object_new_object();
	struct json_object *list, *session;
	unsigned long id = strtoul(arg, NULL, 10);
	struct entry *e = id <= UINT32_MAX ? table_find((uint32_t)id) : NULL;

	if (!e || !e->up) {
		report_add(o, "error", "no such session");
		return o;
	}
	list = json_object_new_array();
	session = report_session(e);
	report_depth(session, e);
	json_object_array_add(list, session);
	json_object_object_add(o, "sessions", list);
	return o;
}

static struct json_object *control_disconnect(const char *arg)
{
	struct json_object *o = json_object_new_object();
	unsigned long id = arg ? strtoul(arg, NULL, 10) : 0;

	if (id && id <= UINT32_MAX &&
	    control.ops->disconnect((uint32_t)id, REASON_ADMIN))
		report_add_number(o, "disconnecting", id);
	else
		report_add(o, "error", "no such session");
	return o;
}

static struct json_object *control_reconnect(const char *name)
{
	struct json_object *o = json_object_new_object();

	const char *why = control.ops->reconnect(name ? name : "");

	if (why)
		report_add(o, "error", why);
	else
		report_add(o, "reconnecting", name);
	return o;
}

static struct json_object *control_disconnect_user(const char *name)
{
	struct json_object *o = json_object_new_object();
	unsigned int n = control.ops->disconnect_user(name);

	if (n)
		report_add_number(o, "disconnecting_sessions", n);
	else
		report_add(o, "error", "no session of that user");
	return o;
}

static struct json_object *control_stats(void)
{
	struct json_object *o = json_object_new_object();

	for (int i = 0; i < STAT_COUNT; i++)
		report_add_number(o, stats_names[i].json,
				   control.ops->stat((enum stats_id)i));
	return o;
}

static void control_complain(void *ctx, const char *line)
{
	json_object_array_add(ctx, report_text(line));
}

/* @done: what it is called if @change has gone well, @error: what there is to say if not */
static struct json_object *control_change(bool (*change)(conf_report report, void *ctx),
					  const char *done, const char *error)
{
	struct json_object *o = json_object_new_object();
	struct json_object *list = json_object_new_array();

	if (change(control_complain, list))
		report_add(o, done, "yes");
	else
		report_add(o, "error", error);
	json_object_object_add(o, "complaints", list);
	return o;
}

/* A number that is one of several: the value of @label tells it from the others. */
static struct json_object *control_add_sample(struct json_object *list,
					      const char *label,
					      const char *is, uint64_t value)
{
	struct json_object *o = json_object_new_object();

	report_add(o, label, is);
	report_add_number(o, "value", value);
	json_object_array_add(list, o);
	return o;
}

static void control_add_sessions(struct json_object *o, uint64_t *rx,
				 uint64_t *tx)
{
	struct json_object *list = json_object_new_array();
	uint64_t up[2][MSG_PATH_TUN + 1] = { 0 };
	struct netcfg_counts sum = { 0 };
	struct entry *e;

	for (e = table_first(); e; e = table_next(e))
		if (e->up && !e->leader)
			up[e->server][e->kind]++;
	tunnel_count_all(&sum);
	*rx += sum.rx_bytes;
	*tx += sum.tx_bytes;
	for (int server = 0; server < 2; server++)
		for (uint32_t kind = 0; kind <= MSG_PATH_TUN; kind++)
			report_add(control_add_sample(list, "path",
						      report_path_name(kind),
						      up[server][kind]),
				   "role", server ? "server" : "client");
	json_object_object_add(o, "sessions", list);
}

static void control_add_reasons(struct json_object *o, const char *key,
				const uint64_t counts[static REASON_COUNT])
{
	struct json_object *list = json_object_new_array();

	for (int i = 0; i < REASON_COUNT; i++)
		control_add_sample(list, "reason",
				   reason_name((enum reason)i), counts[i]);
	json_object_object_add(o, key, list);
}

/* Counters from @first on, one for each of @is, which ends with NULL. */
static void control_add_stats(struct json_object *o, const char *key,
			      const char *label, enum stats_id first,
			      const char *const *is)
{
	struct json_object *list = json_object_new_array();

	for (; *is; is++, first++)
		control_add_sample(list, label, *is, control.ops->stat(first));
	json_object_object_add(o, key, list);
}

static void control_add_server(struct json_object *o)
{
	static const char *const stages[] = {
		"handshake", "call", "session", "web", NULL };
	static const char *const limits[] = {
		"handshakes", "half-open", "source", "proxy", "sessions", NULL };
	static const char *const results[] = {
		"ok", "failed", "delayed", "refused", NULL };

	report_add_number(o, "connections", control.ops->stat(STAT_CONNECTIONS));
	control_add_stats(o, "connections_now", "stage", STAT_NOW_HANDSHAKES,
			  stages);
	control_add_stats(o, "refused", "limit", STAT_REFUSED_HANDSHAKES, limits);
	report_add_number(o, "tls_failed", control.ops->stat(STAT_TLS_FAILED));
	control_add_stats(o, "logins", "result", STAT_LOGINS, results);
}

static struct json_object *control_metrics(void)
{
	struct json_object *o = json_object_new_object();
	struct json_object *established = json_object_new_array();
	uint64_t rx = totals.rx_bytes, tx = totals.tx_bytes;
	uint64_t pool_free;

	report_add(o, "version", SSTPD_VERSION);
	control_add_sessions(o, &rx, &tx);
	for (uint32_t kind = 0; kind <= MSG_PATH_TUN; kind++)
		control_add_sample(established, "path", report_path_name(kind),
				   totals.established[kind]);
	json_object_object_add(o, "established", established);
	control_add_reasons(o, "ended", totals.ended);
	control_add_reasons(o, "failed", totals.failed);
	report_add_number(o, "received_bytes", rx);
	report_add_number(o, "sent_bytes", tx);
	control_add_server(o);
	if (lease_free(&pool_free))
		report_add_number(o, "pool_free", pool_free);
	json_object_object_add(o, "certificates", cert_expiry_samples(false));
	json_object_object_add(o, "ocsp_responses", cert_expiry_samples(true));
	report_add_number(o, "certificates_refused", cert_watch_refused());
	report_add_number(o, "start_time", (uint64_t)control.started);
	return o;
}

/* The daemon itself, for people. */
static struct json_object *control_show_server(void)
{
	struct json_object *o = json_object_new_object();
	struct json_object *server = json_object_new_object();

	report_add(server, "version", SSTPD_VERSION);
	report_time(server, "since", control.started);
	report_add_number(server, "seconds", (uint64_t)(time(NULL) - control.started));
	report_add_number(server, "sessions", table_count());
	json_object_object_add(server, "certificates", cert_expiry_report());
	json_object_object_add(server, "certificates_refused",
			       json_object_new_boolean(cert_watch_refused()));
	json_object_object_add(o, "server", server);
	return o;
}

/* Whoever asked for another one wants to know which it is that goes on, and why. */
static struct json_object *control_version(void)
{
	struct json_object *o = json_object_new_object();
	const char *failure = upgrade_failure();

	report_add(o, "version", SSTPD_VERSION);
	if (failure)
		report_add(o, "not_upgraded", failure);
	return o;
}

/* ---- many sessions ---------------------------------------------------------------- */

static void control_put(struct control_conn *c, const char *text, size_t len)
{
	char *out = realloc(c->out, c->out_len + len);

	if (!out)
		log_fatal("out of memory");
	memcpy(out + c->out_len, text, len);
	c->out = out;
	c->out_len += len;
}

static void control_put_json(struct control_conn *c, struct json_object *o)
{
	const char *text = json_object_to_json_string_ext(o,
						JSON_C_TO_STRING_PLAIN |
						JSON_C_TO_STRING_NOSLASHESCAPE);

	control_put(c, text, strlen(text));
}

static int control_by_id(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

/*
 * One object like any other answer, but made piece by piece: whoever logs in meanwhile
 * does not wait for that of thousands, and there is never more of it than is being sent.
 */
static void control_show_begin(struct control_conn *c)
{
	static const char begin[] = "{\"sessions\":[";

	c->show = calloc(table_count() + 1, sizeof(*c->show));
	if (!c->show)
		log_fatal("out of memory");
	c->n_show = c->shown = c->n_said = 0;
	for (struct entry *e = table_first(); e; e = table_next(e))
		if (e->up && !e->leader)
			c->show[c->n_show++] = e->id;
	qsort(c->show, c->n_show, sizeof(*c->show), control_by_id);
	control_put(c, begin, strlen(begin));
}

/* It may have gone since. */
static void control_show_one(struct control_conn *c, uint32_t id)
{
	const struct entry *e = table_find(id);
	struct json_object *o;

	if (!e || !e->up)
		return;
	if (c->n_said++)
		control_put(c, ",", 1);
	o = report_session(e);
	control_put_json(c, o);
	json_object_put(o);
}

static void control_show_some(struct control_conn *c)
{
	for (int i = 0; i < CONTROL_SHOW_TURN && c->shown < c->n_show; i++)
		control_show_one(c, c->show[c->shown++]);
	if (c->shown < c->n_show)
		return;
	control_put(c, "]}\n", 3);
	free(c->show);
	c->show = NULL;
}

/* ---- requests ---------------------------------------------------------------------- */

/* NULL: it is being made, control_show_some() goes on with it */
static struct json_object *control_answer_word(struct control_conn *c, char *line)
{
	char *word = strtok(line, " ");
	char *arg = strtok(NULL, " ");
	struct json_object *o;

	if (word && !strcmp(word, "show") && arg && !strcmp(arg, "server"))
		return control_show_server();
	if (word && !strcmp(word, "show") && arg)
		return control_show(arg);
	if (word && !strcmp(word, "show")) {
		control_show_begin(c);
		return NULL;
	}
	if (word && !strcmp(word, "disconnect"))
		return control_disconnect(arg);
	if (word && !strcmp(word, "reconnect"))
		return control_reconnect(arg);
	if (word && !strcmp(word, "stats"))
		return control_stats();
	if (word && !strcmp(word, "metrics"))
		return control_metrics();
	if (word && !strcmp(word, "reload"))
		return control_change(control.ops->reload, "reloaded",
				      "the configuration has errors, the old one stays");
	if (word && !strcmp(word, "upgrade"))
		return control_change(control.ops->upgrade, "upgrading",
				      "the sstpd that is there now would not start, this one goes on");
	if (word && !strcmp(word, "version"))
		return control_version();
	o = json_object_new_object();
	report_add(o, "error", "unknown request");
	return o;
}

#define CONTROL_OF_USER	"disconnect-user "

static struct json_object *control_answer(struct control_conn *c, char *line)
{
	/* A name may hold blanks. */
	if (!strncmp(line, CONTROL_OF_USER, strlen(CONTROL_OF_USER)))
		return control_disconnect_user(line + strlen(CONTROL_OF_USER));
	return control_answer_word(c, line);
}

/* ---- connections ------------------------------------------------------------------- */

static void control_close(struct control_conn *c)
{
	LIST_REMOVE(c, next);
	loop_free(&c->rd);
	loop_free(&c->wr);
	loop_free(&c->timer);
	close(c->fd);
	free(c->out);
	free(c->show);
	control.n--;
	control.monitors -= c->monitor;
	free(c);
}

static void control_on_timer(int fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	control_close(arg);
}

static void control_on_write(int fd, short what, void *arg)
{
	struct control_conn *c = arg;
	ssize_t n;

	(void)what;
	n = send(fd, c->out + c->sent, c->out_len - c->sent,
		 MSG_NOSIGNAL | MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n > 0)
		c->sent += (size_t)n;
	if (n > 0 && c->sent < c->out_len)
		return;
	if (n <= 0 || (!c->monitor && !c->show)) {
		control_close(c);
		return;
	}
	c->sent = c->out_len = 0;
	if (c->show) {
		loop_arm(c->timer, CONTROL_PATIENCE_MS);
		control_show_some(c);
	} else {
		loop_watch(c->wr, false);
	}
}

/* A line more to be sent. */
static void control_say(struct control_conn *c, struct json_object *o)
{
	control_put_json(c, o);
	control_put(c, "\n", 1);
	loop_watch(c->wr, true);
}

/* The first line says that from now on nothing is missed. */
static void control_monitor(struct control_conn *c)
{
	struct json_object *o = json_object_new_object();

	if (control.monitors < CONTROL_MONITORS_MAX) {
		c->monitor = true;
		control.monitors++;
		loop_free(&c->timer);
		report_add(o, "event", "monitoring");
		report_time(o, "time", time(NULL));
	} else {
		report_add(o, "error", "too many monitors");
		loop_watch(c->rd, false);
	}
	control_say(c, o);
	json_object_put(o);
}

static void control_serve(struct control_conn *c)
{
	struct json_object *o;

	if (!strcmp(c->line, "monitor")) {
		control_monitor(c);
		return;
	}
	o = control_answer(c, c->line);
	if (o)
		control_say(c, o);
	else
		loop_watch(c->wr, true);
	json_object_put(o);
	loop_watch(c->rd, false);
}

bool control_is_heard(void)
{
	return control.monitors;
}

void control_event(const char *event, struct json_object *session,
		   const char *reason, const char *text)
{
	struct json_object *o;
	struct control_conn *c, *next;

	if (!control_is_heard()) {
		json_object_put(session);
		return;
	}
	o = json_object_new_object();
	report_add(o, "event", event);
	report_time(o, "time", time(NULL));
	if (reason)
		report_add(o, "reason", reason);
	if (text)
		report_add(o, "text", text);
	if (session)
		json_object_object_add(o, "session", session);
	for (c = LIST_FIRST(&control.conns); c; c = next) {
		next = LIST_NEXT(c, next);
		if (!c->monitor)
			continue;
		if (c->out_len < CONTROL_BACKLOG_MAX)
			control_say(c, o);
		else
			control_close(c);
	}
	json_object_put(o);
}

static void control_on_read(int fd, short what, void *arg)
{
	struct control_conn *c = arg;
	char *end;
	ssize_t n;

	(void)what;
	/* A monitor has nothing more to say: what comes is its end. */
	if (c->monitor)
		c->len = 0;
	n = recv(fd, c->line + c->len, sizeof(c->line) - 1 - c->len,
		 MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		control_close(c);
		return;
	}
	if (c->monitor)
		return;
	c->len += (size_t)n;
	c->line[c->len] = '\0';
	end = strchr(c->line, '\n');
	if (end) {
		*end = '\0';
		control_serve(c);
	} else if (c->len == sizeof(c->line) - 1) {
		control_close(c);
	}
}

static void control_on_pause_over(int fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
	loop_watch(control.ev, true);
}

static void control_on_accept(int fd, short what, void *arg)
{
	struct control_conn *c;
	int conn;

	(void)what;
	(void)arg;
	conn = accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (conn < 0) {
		/* It stays in the backlog: do not spin on it. */
		if (errno != EAGAIN && errno != ECONNABORTED) {
			log_err("control socket: accept: %s; pausing",
				strerror(errno));
			loop_watch(control.ev, false);
			loop_arm(control.pause, CONTROL_PAUSE_MS);
		}
		return;
	}
	c = control.n < CONTROL_CLIENTS_MAX ? calloc(1, sizeof(*c)) : NULL;
	if (!c) {
		close(conn);
		return;
	}
	control.n++;
	LIST_INSERT_HEAD(&control.conns, c, next);
	c->fd = conn;
	c->rd = loop_event(conn, EV_READ | EV_PERSIST, control_on_read, c);
	c->wr = loop_event(conn, EV_WRITE | EV_PERSIST, control_on_write, c);
	c->timer = loop_event(-1, 0, control_on_timer, c);
	loop_watch(c->rd, true);
	loop_arm(c->timer, CONTROL_PATIENCE_MS);
}

/* ---- life ----------------------------------------------------------------------------- */

/* A socket left by a daemon that crashed goes; one that answers stays. */
static void control_make_way(void)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd >= 0 && connect(fd, (struct sockaddr *)&control.addr,
			       sizeof(control.addr)) == 0)
		log_fatal("another sstpd serves %s; give this one its own [global] control",
			  control.addr.sun_path);
	if (fd >= 0)
		close(fd);
	unlink(control.addr.sun_path);
}

void control_start(const char *path, const struct control_ops *ops)
{
	mode_t mask;
	int fd;

	control.ops = ops;
	control.addr.sun_family = AF_UNIX;
	snprintf(control.addr.sun_path, sizeof(control.addr.sun_path), "%s",
		 path);
	control_make_way();
	control.started = time(NULL);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	mask = umask(0177);
	if (fd < 0 || bind(fd, (struct sockaddr *)&control.addr,
			   sizeof(control.addr)) < 0 || listen(fd, 16) < 0)
		log_fatal("control socket %s: %s", path, strerror(errno));
	umask(mask);
	control.fd = fd;
	control.pause = loop_event(-1, 0, control_on_pause_over, NULL);
	control.ev = loop_event(control.fd, EV_READ | EV_PERSIST,
				control_on_accept, NULL);
	loop_watch(control.ev, true);
}

void control_stop(void)
{
	if (control.fd < 0)
		return;
	loop_free(&control.ev);
	loop_free(&control.pause);
	close(control.fd);
	control.fd = -1;
	unlink(control.addr.sun_path);
}

void control_exit(void)
{
	struct control_conn *c;

	control_stop();
	while ((c = LIST_FIRST(&control.conns))) {
		if (c->sent < c->out_len &&
		    send(c->fd, c->out + c->sent, c->out_len - c->sent,
			 MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
			log_debug("control socket: last words are lost");
		control_close(c);
	}
}
