// SPDX-License-Identifier: GPL-2.0-or-later
#include "control.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <json-c/json.h>

#include "log.h"
#include "loop.h"
#include "parent.h"
#include "stats.h"
#include "table.h"
#include "totals.h"
#include "tunnel.h"

#define CONTROL_PATIENCE_MS	5000
#define CONTROL_CLIENTS_MAX	16

struct control_conn {
	int fd;
	struct event *rd;
	struct event *wr;
	struct event *timer;
	char line[CONTROL_LINE_MAX];
	size_t len;
	char *answer;
	size_t answer_len;
	size_t sent;
};

static struct {
	int fd;
	struct event *ev;
	struct sockaddr_un addr;
	unsigned int n;
	time_t started;
} control = { .fd = -1 };

/* ---- answers -------------------------------------------------------------------- */

static void control_add(struct json_object *o, const char *key,
			const char *value)
{
	json_object_object_add(o, key, json_object_new_string(value));
}

static void control_add_number(struct json_object *o, const char *key,
			       uint64_t value)
{
	json_object_object_add(o, key, json_object_new_int64((int64_t)value));
}

static void control_add_addresses(struct json_object *o, const struct entry *e)
{
	char text[INET6_ADDRSTRLEN], prefix[INET6_ADDRSTRLEN + 4];
	uint8_t ll[16] = { 0xfe, 0x80 };

	if (e->net.ipv4) {
		inet_ntop(AF_INET, &e->net.local, text, sizeof(text));
		control_add(o, "local", text);
		inet_ntop(AF_INET, &e->net.peer, text, sizeof(text));
		control_add(o, "peer", text);
	}
	if (e->net.ipv6) {
		memcpy(ll + 8, e->net.ifid, 8);
		inet_ntop(AF_INET6, ll, text, sizeof(text));
		control_add(o, "local_ipv6", text);
		memcpy(ll + 8, e->net.peer_ifid, 8);
		inet_ntop(AF_INET6, ll, text, sizeof(text));
		control_add(o, "peer_ipv6", text);
	}
	if (e->net.ipv6 && e->prefix6_number) {
		inet_ntop(AF_INET6, e->prefix6.addr, text, sizeof(text));
		snprintf(prefix, sizeof(prefix), "%s/%u", text, e->prefix6.len);
		control_add(o, "ipv6_prefix", prefix);
	}
	for (int i = 0; i < 2 && !e->server; i++) {
		if (!e->net.dns[i].s_addr)
			continue;
		inet_ntop(AF_INET, &e->net.dns[i], text, sizeof(text));
		control_add(o, i ? "dns2" : "dns1", text);
	}
}

static const char *control_path_name(uint32_t kind)
{
	return kind == MSG_PATH_KERNEL ? "kernel" : "tun";
}

static struct json_object *control_session(const struct entry *e)
{
	struct json_object *o = json_object_new_object();
	struct netcfg_counts counts;
	struct tm tm;
	char since[32];

	tunnel_counts(e, &counts);
	gmtime_r(&e->since, &tm);
	strftime(since, sizeof(since), "%Y-%m-%dT%H:%M:%SZ", &tm);
	control_add_number(o, "id", e->id);
	control_add(o, "role", e->server ? "server" : "client");
	if (!e->server)
		control_add(o, "client", tunnel_client_name(e));
	control_add(o, "user", e->user);
	control_add(o, "remote", e->remote_text);
	control_add(o, "interface", e->ifname);
	control_add_addresses(o, e);
	control_add(o, "tls", e->tls);
	control_add(o, "auth", auth_method_name(e->method));
	control_add(o, "path", control_path_name(e->kind));
	control_add(o, "path_reason", e->why);
	control_add_number(o, "mtu", e->mtu);
	control_add_number(o, "rx_bytes", counts.rx_bytes);
	control_add_number(o, "tx_bytes", counts.tx_bytes);
	control_add(o, "since", since);
	control_add_number(o, "seconds", (loop_now_ms() - e->since_ms) / 1000);
	return o;
}

static int control_by_id(const void *a, const void *b)
{
	struct json_object *const *x = a;
	struct json_object *const *y = b;
	int64_t i = json_object_get_int64(json_object_object_get(*x, "id"));
	int64_t j = json_object_get_int64(json_object_object_get(*y, "id"));

	return i < j ? -1 : i > j;
}

static struct json_object *control_show(const char *arg)
{
	struct json_object *o = json_object_new_object();
	struct json_object *list = json_object_new_array();
	unsigned long id = arg ? strtoul(arg, NULL, 10) : 0;
	struct entry *e;

	for (e = table_first(); e; e = table_next(e))
		if (e->up && (!arg || e->id == id))
			json_object_array_add(list, control_session(e));
	json_object_array_sort(list, control_by_id);
	if (arg && !json_object_array_length(list)) {
		json_object_put(list);
		control_add(o, "error", "no such session");
		return o;
	}
	json_object_object_add(o, "sessions", list);
	return o;
}

static struct json_object *control_disconnect(const char *arg)
{
	struct json_object *o = json_object_new_object();
	unsigned long id = arg ? strtoul(arg, NULL, 10) : 0;

	if (id && id <= UINT32_MAX && 
	    parent_disconnect((uint32_t)id, REASON_ADMIN))
		control_add_number(o, "disconnecting", id);
	else
		control_add(o, "error", "no such session");
	return o;
}

static struct json_object *control_stats(void)
{
	struct json_object *o = json_object_new_object();

	for (int i = 0; i < STAT_COUNT; i++)
		control_add_number(o, stats_names[i].json,
				   parent_stat((enum stats_id)i));
	return o;
}

static void control_complain(void *ctx, const char *line)
{
	json_object_array_add(ctx, json_object_new_string(line));
}

static struct json_object *control_reload(void)
{
	struct json_object *o = json_object_new_object();
	struct json_object *list = json_object_new_array();

	if (parent_reload(control_complain, list))
		control_add(o, "reloaded", "yes");
	else
		control_add(o, "error",
			    "the configuration has errors, the old one stays");
	json_object_object_add(o, "complaints", list);
	return o;
}

/* A number that is one of several: what tells it from the others is beside it. */
static void control_add_sample(struct json_object *list, const char *role,
			       const char *path, uint64_t value)
{
	struct json_object *o = json_object_new_object();

	if (role)
		json_object_object_add(o, "role", json_object_new_string(role));
	json_object_object_add(o, "path", json_object_new_string(path));
	json_object_object_add(o, "value",
			       json_object_new_int64((int64_t)value));
	json_object_array_add(list, o);
}

static void control_add_sessions(struct json_object *o, uint64_t *rx,
				 uint64_t *tx)
{
	struct json_object *list = json_object_new_array();
	uint64_t up[2][MSG_PATH_TUN + 1] = { 0 };
	struct netcfg_counts counts;
	struct entry *e;

	for (e = table_first(); e; e = table_next(e)) {
		if (!e->up)
			continue;
		up[e->server][e->kind]++;
		tunnel_counts(e, &counts);
		*rx += counts.rx_bytes;
		*tx += counts.tx_bytes;
	}
	for (int server = 0; server < 2; server++)
		for (uint32_t kind = 0; kind <= MSG_PATH_TUN; kind++)
			control_add_sample(list, server ? "server" : "client",
					   control_path_name(kind),
					   up[server][kind]);
	json_object_object_add(o, "sessions", list);
}

static struct json_object *control_metrics(void)
{
	struct json_object *o = json_object_new_object();
	struct json_object *established = json_object_new_array();
	uint64_t rx = totals.rx_bytes, tx = totals.tx_bytes;
	uint64_t pool_free;

	json_object_object_add(o, "version",
			       json_object_new_string(SSTPD_VERSION));
	control_add_sessions(o, &rx, &tx);
	for (uint32_t kind = 0; kind <= MSG_PATH_TUN; kind++)
		control_add_sample(established, NULL, control_path_name(kind),
				   totals.established[kind]);
	json_object_object_add(o, "established", established);
	control_add_number(o, "failed", totals.failed);
	control_add_number(o, "received_bytes", rx);
	control_add_number(o, "sent_bytes", tx);
	if (parent_pool_free(&pool_free))
		control_add_number(o, "pool_free", pool_free);
	control_add_number(o, "start_time", (uint64_t)control.started);
	return o;
}

static struct json_object *control_answer(char *line)
{
	char *word = strtok(line, " ");
	char *arg = strtok(NULL, " ");
	struct json_object *o;

	if (word && !strcmp(word, "show"))
		return control_show(arg);
	if (word && !strcmp(word, "disconnect"))
		return control_disconnect(arg);
	if (word && !strcmp(word, "stats"))
		return control_stats();
	if (word && !strcmp(word, "metrics"))
		return control_metrics();
	if (word && !strcmp(word, "reload"))
		return control_reload();
	o = json_object_new_object();
	if (word && !strcmp(word, "version"))
		control_add(o, "version", SSTPD_VERSION);
	else
		control_add(o, "error", "unknown request");
	return o;
}

/* ---- connections ------------------------------------------------------------------- */

static void control_close(struct control_conn *c)
{
	loop_free(&c->rd);
	loop_free(&c->wr);
	loop_free(&c->timer);
	close(c->fd);
	free(c->answer);
	free(c);
	control.n--;
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
	n = send(fd, c->answer + c->sent, c->answer_len - c->sent,
		 MSG_NOSIGNAL | MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n > 0)
		c->sent += (size_t)n;
	if (n <= 0 || c->sent == c->answer_len)
		control_close(c);
}

static void control_serve(struct control_conn *c)
{
	struct json_object *o = control_answer(c->line);
	const char *text = json_object_to_json_string_ext(o,
						JSON_C_TO_STRING_PLAIN |
						JSON_C_TO_STRING_NOSLASHESCAPE);

	if (asprintf(&c->answer, "%s\n", text) < 0)
		log_fatal("out of memory");
	c->answer_len = strlen(c->answer);
	json_object_put(o);
	loop_watch(c->rd, false);
	loop_watch(c->wr, true);
}

static void control_on_read(int fd, short what, void *arg)
{
	struct control_conn *c = arg;
	char *end;
	ssize_t n;

	(void)what;
	n = recv(fd, c->line + c->len, sizeof(c->line) - 1 - c->len,
		 MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		control_close(c);
		return;
	}
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

static void control_on_accept(int fd, short what, void *arg)
{
	struct control_conn *c;
	int conn;

	(void)what;
	(void)arg;
	conn = accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (conn < 0)
		return;
	c = control.n < CONTROL_CLIENTS_MAX ? calloc(1, sizeof(*c)) : NULL;
	if (!c) {
		close(conn);
		return;
	}
	control.n++;
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

void control_start(const char *path)
{
	mode_t mask;

	control.addr.sun_family = AF_UNIX;
	snprintf(control.addr.sun_path, sizeof(control.addr.sun_path), "%s",
		 path);
	control_make_way();
	control.started = time(NULL);
	control.fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC |
			    SOCK_NONBLOCK, 0);
	mask = umask(0177);
	if (control.fd < 0 ||
	    bind(control.fd, (struct sockaddr *)&control.addr,
		 sizeof(control.addr)) < 0 || listen(control.fd, 16) < 0)
		log_fatal("control socket %s: %s", path, strerror(errno));
	umask(mask);
	control.ev = loop_event(control.fd, EV_READ | EV_PERSIST,
				control_on_accept, NULL);
	loop_watch(control.ev, true);
}

void control_stop(void)
{
	if (control.fd < 0)
		return;
	loop_free(&control.ev);
	close(control.fd);
	control.fd = -1;
	unlink(control.addr.sun_path);
}
