// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The privileged process: it configures the others, gives out addresses,
 * builds and removes tunnels, and keeps the session table. It parses nothing
 * that comes from the network.
 */
#include "parent.h"

#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/crypto.h>

#include "addr.h"
#include "audit.h"
#include "children.h"
#include "conf_files.h"
#include "conf_reload.h"
#include "control.h"
#include "fixed.h"
#include "grant.h"
#include "hook.h"
#include "lease.h"
#include "log.h"
#include "login.h"
#include "loop.h"
#include "msg.h"
#include "notify.h"
#include "password.h"
#include "policy.h"
#include "proc.h"
#include "router.h"
#include "setup.h"
#include "stats.h"
#include "table.h"
#include "tunnel.h"
#include "watchdog.h"

/* The engine's own limit for stopping is 4.5 s, that of radius 3 s. */
#define PARENT_STOP_MS	8000

static struct {
	struct conf *conf;
	const struct parent_cfg *cfg;
	struct child engines[CONF_ENGINES_MAX];
	uint32_t n_engines;
	struct child authd;
	struct child eapd;
	struct child radius;
	struct child resolver;
	struct child *all[CONF_ENGINES_MAX + 4];
	uint32_t n_all;
	uint32_t last_id;
	time_t started;
	bool resolving[CONF_CLIENTS_MAX];
	bool is_ready;
	bool stopping;
	bool engines_stopped;
	int status;
	struct event *stop_timer;
	struct event *signals[4];
} parent = {
	.authd = { .name = "authd", .bit = MSG_AUTHD },
	.eapd = { .name = "eapd", .bit = MSG_EAPD },
	.radius = { .name = "radius", .bit = MSG_RADIUS },
	.resolver = { .name = "resolver", .bit = MSG_RESOLVER },
};

static void parent_on_message(void *ctx, struct imsg *m, const char *why);
static void parent_betrayed(struct child *child, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* Engines number their sessions so that each has numbers of its own. */
static struct child *parent_engine_of(uint32_t id)
{
	return &parent.engines[(id - 1) % parent.n_engines];
}

/* Dialling takes little of a processor: one engine does it for all clients. */
static struct child *parent_dialler(void)
{
	return &parent.engines[0];
}

/* ---- end ----------------------------------------------------------------------- */

static void parent_exit(int status)
{
	if (status)
		parent.status = status;
	loop_stop();
}

static void parent_on_stop_timer(int fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
	log_warn("a child does not stop, killing it");
	parent_exit(0);
}

static void parent_stop(void)
{
	if (parent.stopping)
		return;
	parent.stopping = true;
	notify_send("STOPPING=1");
	log_info("stopping: %u sessions to end", table_count());
	control_stop();
	parent.stop_timer = loop_event(-1, 0, parent_on_stop_timer, NULL);
	loop_arm(parent.stop_timer, PARENT_STOP_MS);
	for (uint32_t i = 0; i < parent.n_engines; i++)
		child_tell(&parent.engines[i], MSG_STOP,
			   &(struct msg_none){ 0 }, -1);
}

/* ---- sessions --------------------------------------------------------------------- */

/* Its login was not over: whoever knows half of it shall forget it. */
static void parent_forget(struct entry *e)
{
	if (e->talking)
		child_tell(e->method == AUTH_EAP_TLS ? &parent.eapd : &parent.radius,
			   MSG_FORGET, &(struct msg_session){ .id = e->id }, -1);
	e->talking = false;
}

static const struct conf_link *parent_link(const struct entry *e)
{
	return e->server ? &parent.conf->server.link :
			   &parent.conf->clients[e->client].link;
}

static void parent_drop(struct entry *e, enum reason reason, const char *why)
{
	audit_end(e, reason, why);
	if (e->up)
		hook_down(e, parent_link(e), why);
	grant_down(e, reason);
	router_stop(e);
	tunnel_down(e);
	lease_put(e);
	login_drop(e->id);
	parent_forget(e);
	parent_engine_of(e->id)->sessions--;
	table_remove(e);
}

/* @engine: whose sessions, NULL = all */
static void parent_drop_all(const struct child *engine, enum reason reason,
			    const char *why)
{
	struct entry *next;

	for (struct entry *e = table_first(); e; e = next) {
		next = table_next(e);
		if (!engine || parent_engine_of(e->id) == engine)
			parent_drop(e, reason, why);
	}
}

bool parent_disconnect(uint32_t id, enum reason reason)
{
	if (!table_find(id))
		return false;
	child_tell(parent_engine_of(id), MSG_DISCONNECT,
		   &(struct msg_disconnect){ .id = id, .reason = reason }, -1);
	return true;
}

uint64_t parent_stat(enum stats_id which)
{
	const struct child *engine;
	uint64_t n = 0;

	if (which >= STAT_ENGINE_END)
		return login_stat(which);
	for (uint32_t i = 0; i < parent.n_engines; i++) {
		engine = &parent.engines[i];
		n += engine->stats.count[which] +
		     engine->stats_before.count[which];
	}
	return n;
}

static void parent_on_session_end(const struct msg_session_end *m)
{
	struct entry *e = table_find(m->id);

	if (e)
		parent_drop(e, (enum reason)m->reason, m->why);
}

static void parent_on_disconnect(const struct msg_disconnect *m)
{
	parent_disconnect(m->id, (enum reason)m->reason);
}

static void parent_on_grant_change(const struct msg_grant_change *m)
{
	struct entry *e = table_find(m->id);

	if (e)
		grant_change(e, m);
}

/* ---- authentication ------------------------------------------------------------------ */

static unsigned int parent_sessions_max(void)
{
	const struct conf *conf = parent.conf;
	unsigned int n = conf->n_clients;

	if (conf->has_server)
		n += conf->server.max_sessions + conf->server.half_open;
	return 2 * n;
}

static void parent_pass_login(const struct msg_auth_ask *ask)
{
	child_tell(&parent.authd, MSG_AUTH_ASK, ask, -1);
}

static void parent_refuse_login(const struct msg_auth_ask *ask)
{
	struct msg_auth_answer answer = {
		.id = ask->id,
		.serial = ask->req.serial,
		.res = {
			.error = AUTH_ERR_CREDENTIALS,
			.message = "too many failed logins, try again later",
		},
	};

	child_tell(parent_engine_of(ask->id), MSG_AUTH_ANSWER, &answer, -1);
}

static const struct login_ops parent_login_ops = {
	.pass = parent_pass_login,
	.refuse = parent_refuse_login,
};

static struct entry *parent_new_entry(struct child *engine,
				      const struct msg_auth_ask *ask)
{
	struct entry *e = table_add(ask->id);

	engine->sessions++;
	if (ask->id > parent.last_id)
		parent.last_id = ask->id;
	e->server = !ask->req.client;
	e->client = ask->client;
	e->remote = ask->remote;
	addr_text(&e->remote, e->remote_text, sizeof(e->remote_text));
	return e;
}

static void parent_on_auth_ask(struct child *engine,
			       const struct msg_auth_ask *ask)
{
	struct entry *e = table_find(ask->id);

	if (ask->req.client ? ask->client >= parent.conf->n_clients ||
			      engine != parent_dialler() :
			      !parent.conf->has_server) {
		parent_betrayed(engine, "asks for a role that is not configured");
		return;
	}
	if (!e && engine->sessions >= parent_sessions_max()) {
		parent_betrayed(engine, "has more sessions than it may");
		return;
	}
	if (!e)
		e = parent_new_entry(engine, ask);
	if (e->server == ask->req.client || e->client != ask->client) {
		parent_betrayed(engine, "changes the role of session %u", e->id);
		return;
	}
	/*
	 * One session, one identity: no second question after a yes. A client's
	 * server may well ask again, or want a new password.
	 */
	if (e->server && e->verified) {
		log_err("session %u authenticates again", e->id);
		parent_disconnect(e->id, REASON_AUTH_FAILED);
		return;
	}
	/* Another method, since the peer has turned this one down: a new login. */
	if (e->method != ask->req.method || strcmp(e->user, ask->req.name))
		parent_forget(e);
	snprintf(e->user, sizeof(e->user), "%s", ask->req.name);
	e->method = ask->req.method;
	if (e->server && !e->talking)
		login_ask(&parent.conf->server.login, ask);
	else
		parent_pass_login(ask);
}

/* Each engine minds its part of the limit, by how many it may start. */
static bool parent_is_full(void)
{
	unsigned int n = 0;

	if (parent.n_engines == 1)
		return false;
	for (struct entry *e = table_first(); e; e = table_next(e))
		n += e->server && e->verified;
	return n >= parent.conf->server.max_sessions;
}

/* What is left of the old session must not stand in the way of the new one. */
static void parent_replace_session(struct entry *old, const struct entry *e)
{
	(void)e;
	router_stop(old);
	tunnel_retire(old);
	parent_disconnect(old->id, REASON_ADMIN);
}

/* A login that is good: what may its session have? */
static bool parent_admit(struct entry *e)
{
	const struct policy_user *user = &e->grant.user;
	char why[160];

	if (parent_is_full()) {
		log_warn("user %s: refused, max-sessions are there", e->user);
		return false;
	}
	if (!policy_resolve(parent.conf, user, &e->policy))
		log_warn("user %s: there is no [group %s], what it would say is not done",
			 e->user, user->group);
	if (lease_get(e, why, sizeof(why)))
		return true;
	log_err("user %s: %s", e->user, why);
	return false;
}

static void parent_complain(void *ctx, const char *line)
{
	(void)ctx;
	log_err("%s", line);
}

/* The pools must know what the users file has given away. */
static void parent_reserve(void)
{
	const struct conf *conf = parent.conf;
	struct userdb *db;

	if (!conf->has_server || !(conf->server.backends & CONF_BACKEND_USERS))
		return;
	db = conf_load_users(conf->server.users, parent_complain, NULL);
	/* Else what was there before still counts, as it does for authd. */
	if (db)
		fixed_set(db);
	userdb_free(db);
}

/* The users file is the place of passwords; one that is not in there is none. */
static void parent_set_password(const struct msg_auth_verdict *v, struct auth_result *res)
{
	if (password_set(parent.conf->server.users, v->user, v->nt_hash, &parent.authd)) {
		parent_reserve();
		return;
	}
	OPENSSL_cleanse(res, sizeof(*res));
	res->error = AUTH_ERR_CHANGING_PASSWORD;
	strcpy(res->message, "the new password cannot be kept");
}

static bool parent_may_decide(const struct child *child, const struct entry *e)
{
	if (child == &parent.eapd)
		return e->method == AUTH_EAP_TLS;
	return child == &parent.authd || e->server;
}

static void parent_on_verdict(struct child *child, const struct msg_auth_verdict *v)
{
	struct msg_auth_answer answer = {
		.id = v->id,
		.serial = v->serial,
		.res = v->res,
	};
	struct entry *e = table_find(v->id);

	if (!e)
		return;
	if (!parent_may_decide(child, e)) {
		parent_betrayed(child, "decides about session %u", e->id);
		return;
	}
	e->talking = v->res.more;
	if (v->set_password && child == &parent.authd && e->server)
		parent_set_password(v, &answer.res);
	if (e->server && !v->res.more)
		login_verdict(&parent.conf->server.login, &e->remote, e->user,
			      &answer.res);
	if (answer.res.ok) {
		memcpy(e->user, v->user, sizeof(e->user));
		e->grant = v->grant;
		if (e->server && !parent_admit(e)) {
			OPENSSL_cleanse(&answer.res, sizeof(answer.res));
			answer.res.error = AUTH_ERR_RESTRICTED_HOURS;
			snprintf(answer.res.message,
				 sizeof(answer.res.message), "no address");
		} else {
			e->verified = true;
		}
	}
	if (e->verified && e->server)
		lease_addrs(e, &answer.addrs);
	child_tell(parent_engine_of(v->id), MSG_AUTH_ANSWER, &answer, -1);
	OPENSSL_cleanse(&answer, sizeof(answer));
}

/* ---- data path ------------------------------------------------------------------------ */

/* The engine says what IPCP agreed upon; it must be what we gave out. */
static bool parent_may_have(const struct entry *e,
			    const struct ppp_network *net)
{
	return !e->server || !net->ipv4 ||
	       (net->peer.s_addr == e->address.s_addr &&
		net->local.s_addr == parent.conf->pools[0].local.s_addr);
}

static bool parent_may_open(const struct entry *e, const struct imsg *m)
{
	const struct msg_path_open *req = m->body;

	if (!e->verified || e->up ||
	    (req->kind == MSG_PATH_KERNEL) != (m->fd >= 0 || m->fd_lost))
		return false;
	return parent_may_have(e, &req->net);
}

static void parent_on_path_open(struct child *engine, struct imsg *m)
{
	const struct msg_path_open *req = m->body;
	struct msg_path_opened answer = { .id = req->id };
	struct entry *e = table_find(req->id);
	struct nl_err err;
	int fd = -1;

	if (!e)
		return;
	if (e->replaced) {
		snprintf(answer.error, sizeof(answer.error),
			 "replaced by a newer session of this user");
		child_tell(parent_engine_of(e->id), MSG_PATH_OPENED, &answer, -1);
		return;
	}
	if (!parent_may_open(e, m)) {
		parent_betrayed(engine, "asks for a data path that session %u may not have",
				e->id);
		return;
	}
	if (m->fd_lost)
		snprintf(err.text, sizeof(err.text),
			 "no descriptor left for its socket");
	else
		answer.ok = tunnel_up(e, req, m->fd, &fd, &err) == 0;
	if (answer.ok) {
		audit_up(e);
		grant_up(e);
		router_start(e);
		hook_up(e, parent_link(e));
	} else {
		snprintf(answer.error, sizeof(answer.error), "%s", err.text);
	}
	memcpy(answer.ifname, e->ifname, sizeof(answer.ifname));
	child_tell(parent_engine_of(e->id), MSG_PATH_OPENED, &answer, fd);
}

static void parent_on_path_update(struct child *engine,
				  const struct msg_path_update *m)
{
	struct entry *e = table_find(m->id);

	if (!e || e->replaced)
		return;
	if (!parent_may_have(e, &m->net)) {
		parent_betrayed(engine, "asks for addresses that session %u may not have",
				e->id);
		return;
	}
	tunnel_update(e, &m->net);
	router_start(e);
}

static void parent_on_idle_ask(const struct msg_session *m)
{
	struct entry *e = table_find(m->id);
	struct msg_idle answer = { .id = m->id };
	struct nl_err err;

	if (!e || !e->up || e->kind != MSG_PATH_KERNEL)
		return;
	if (tunnel_idle(e, &answer.ms, &err) < 0) {
		log_debug("session %u: session-get: %s", e->id, err.text);
		return;
	}
	child_tell(parent_engine_of(e->id), MSG_IDLE, &answer, -1);
}

/* ---- name resolution -------------------------------------------------------------------- */

static void parent_look_up(uint32_t number)
{
	const struct conf_client *client = &parent.conf->clients[number];
	struct msg_lookup ask = { .client = number };

	if (*client->proxy) {
		ask.port = client->proxy_port;
		memcpy(ask.host, client->proxy, sizeof(ask.host));
	} else {
		ask.port = client->port;
		memcpy(ask.host, client->server, sizeof(ask.host));
	}
	parent.resolving[number] = true;
	child_tell(&parent.resolver, MSG_LOOKUP, &ask, -1);
}

static void parent_on_resolve(struct child *engine, const struct msg_client *m)
{
	if (m->client >= parent.conf->n_clients || engine != parent_dialler())
		parent_betrayed(engine, "asks for client number %u", m->client);
	else
		parent_look_up(m->client);
}

static void parent_on_resolved(const struct msg_resolved *m)
{
	parent.resolving[m->client] = false;
	child_tell(parent_dialler(), MSG_RESOLVED, m, -1);
}

/* ---- a child is gone -------------------------------------------------------------------------- */

static void parent_configure(struct child *child)
{
	if (child->bit == MSG_ENGINE)
		setup_engine(parent.conf, child, parent.n_engines,
			     parent.last_id);
	else if (child == &parent.authd)
		setup_authd(parent.conf, child);
	else if (child == &parent.eapd)
		setup_eapd(parent.conf, child);
	else if (child == &parent.radius)
		setup_radius(parent.conf, child, (uint32_t)parent.started);
	else
		child_tell(child, MSG_START, &(struct msg_none){ 0 }, -1);
}

static void parent_spawn(struct child *child)
{
	child_spawn(child, &parent.conf->main, parent_on_message);
}

/* Their answers will not come. Who has one already has no need of authd. */
static void parent_end_logins(void)
{
	struct entry *e;

	for (e = table_first(); e; e = table_next(e))
		if (!e->verified)
			parent_disconnect(e->id, REASON_INTERNAL);
}

/* What the others waited for from @child, or it alone held. */
static void parent_make_up_for(const struct child *child)
{
	if (child->bit == MSG_ENGINE) {
		parent_drop_all(child, REASON_INTERNAL, "its engine is gone");
	} else if (child == &parent.resolver) {
		for (uint32_t i = 0; i < parent.conf->n_clients; i++)
			if (parent.resolving[i])
				parent_look_up(i);
	} else {
		parent_end_logins();
	}
	if (child == &parent.radius)
		grant_recall();
}

static void parent_replace(struct child *child)
{
	if (!child_may_restart(child)) {
		log_err("%s ends again and again, giving up", child->name);
		parent_exit(1);
		return;
	}
	/* First of all: what an engine had must be free for the next one. */
	if (child->bit == MSG_ENGINE)
		parent_make_up_for(child);
	parent_spawn(child);
	parent_configure(child);
	if (child->bit != MSG_ENGINE)
		parent_make_up_for(child);
}

/* The last accounting records have to reach their server. */
static void parent_engines_stopped(void)
{
	if (parent.engines_stopped)
		return;
	parent.engines_stopped = true;
	if (!parent.radius.chan) {
		parent_exit(0);
		return;
	}
	parent_drop_all(NULL, REASON_SHUTDOWN, "sstpd is stopping");
	child_tell(&parent.radius, MSG_STOP, &(struct msg_none){ 0 }, -1);
}

static void parent_stopped(struct child *child)
{
	parent.stopping = true;
	child->stopped = true;
	if (child == &parent.radius)
		parent_exit(0);
	for (uint32_t i = 0; i < parent.n_engines; i++)
		if (!parent.engines[i].stopped)
			return;
	parent_engines_stopped();
}

/* @why: what the parent holds against it, NULL = it went by itself */
static void parent_lost(struct child *child, const char *why)
{
	char how[120] = "";
	pid_t pid = child->pid;

	child_end(child, how, sizeof(how));
	if (parent.stopping) {
		if (child->bit == MSG_ENGINE || child == &parent.radius)
			parent_stopped(child);
		return;
	}
	log_err("%s (process %d) is gone: %s", child->name, (int)pid,
		why ? why : how);
	if (parent.is_ready)
		parent_replace(child);
	else
		parent_exit(1);
}

/*
 * It asked for something it cannot want: it is broken, or broken into. All it
 * has goes away with it.
 */
static void parent_betrayed(struct child *child, const char *fmt, ...)
{
	char text[200];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	log_err("%s %s: it is broken, or broken into", child->name, text);
	parent_lost(child, "killed for that");
}

/* ---- messages ------------------------------------------------------------------------------ */

static void parent_on_ready(struct child *child)
{
	child->ready = true;
	if (parent.is_ready) {
		log_info("%s (process %d) is back", child->name,
			 (int)child->pid);
		return;
	}
	for (uint32_t i = 0; i < parent.n_all; i++)
		if (!parent.all[i]->ready)
			return;
	parent.is_ready = true;
	log_info("sstpd %s is ready", SSTPD_VERSION);
	parent.cfg->ready();
	watchdog_start(parent.all, parent.n_all);
}

static void parent_on_session(struct child *engine, struct imsg *m)
{
	const struct msg_session *any = m->body;

	if (parent_engine_of(any->id) != engine) {
		parent_betrayed(engine, "speaks for session %u of another engine",
				any->id);
		return;
	}
	switch (m->type) {
	case MSG_AUTH_ASK:
		parent_on_auth_ask(engine, m->body);
		break;
	case MSG_PATH_OPEN:
		parent_on_path_open(engine, m);
		break;
	case MSG_PATH_UPDATE:
		parent_on_path_update(engine, m->body);
		break;
	case MSG_IDLE_ASK:
		parent_on_idle_ask(m->body);
		break;
	case MSG_SESSION_END:
		parent_on_session_end(m->body);
		break;
	}
}

static void parent_on_message(void *ctx, struct imsg *m, const char *why)
{
	struct child *child = ctx;

	if (!m) {
		parent_lost(child, strcmp(why, IMSG_CLOSED) ? why : NULL);
		return;
	}
	switch (m->type) {
	case MSG_READY:
		parent_on_ready(child);
		break;
	case MSG_STATS:
		child->stats = *(const struct msg_stats *)m->body;
		break;
	case MSG_PONG:
		watchdog_pong(child);
		break;
	case MSG_RESOLVE:
		parent_on_resolve(child, m->body);
		break;
	case MSG_RESOLVED:
		parent_on_resolved(m->body);
		break;
	case MSG_AUTH_ASK:
	case MSG_PATH_OPEN:
	case MSG_PATH_UPDATE:
	case MSG_IDLE_ASK:
	case MSG_SESSION_END:
		parent_on_session(child, m);
		break;
	case MSG_AUTH_VERDICT:
		parent_on_verdict(child, m->body);
		break;
	case MSG_EAP_ASK:
		child_tell(&parent.eapd, MSG_EAP_ASK, m->body, -1);
		break;
	case MSG_RADIUS_ASK:
		child_tell(&parent.radius, MSG_RADIUS_ASK, m->body, -1);
		break;
	case MSG_GRANT_CHANGE:
		parent_on_grant_change(m->body);
		break;
	case MSG_DISCONNECT:
		parent_on_disconnect(m->body);
		break;
	case MSG_STOPPED:
		parent_stopped(child);
		break;
	}
}

/* ---- reload ---------------------------------------------------------------------------- */

static void parent_take_over(const struct conf *next)
{
	/* What was said on the command line stays. */
	const struct conf_main main = parent.conf->main;

	*parent.conf = *next;
	parent.conf->main.log_target = main.log_target;
	if (parent.cfg->debug)
		parent.conf->main.log_level = main.log_level;
	log_set_level(parent.conf->main.log_level);
	for (uint32_t i = 0; i < parent.n_all; i++)
		child_tell(parent.all[i], MSG_LOG_LEVEL, &(struct msg_log_level){
			.level = parent.conf->main.log_level,
		}, -1);
}

bool parent_reload(conf_report report, void *ctx)
{
	struct conf *next;
	unsigned int errors;

	if (parent.stopping) {
		report(ctx, "sstpd is stopping");
		return false;
	}
	next = calloc(1, sizeof(*next));

	if (!next)
		log_fatal("out of memory");
	errors = conf_load(next, parent.cfg->file, report, ctx);
	if (parent.cfg->control)
		strcpy(next->main.control, parent.conf->main.control);
	if (!errors)
		errors = conf_check_files(next, report, ctx) +
			 conf_reload_check(parent.conf, next, report, ctx);
	if (!errors && !setup_again(next, parent.engines, parent.n_engines,
				    &parent.authd, &parent.eapd, report, ctx))
		errors = 1;
	if (!errors) {
		parent_take_over(next);
		parent_reserve();
		log_info("configuration reloaded from %s", parent.cfg->file);
		control_event("reload", NULL, NULL, NULL);
	} else {
		log_err("configuration not reloaded, the old one stays: %u error%s",
			errors, errors == 1 ? "" : "s");
	}
	conf_clear(next);
	free(next);
	return !errors;
}

/* ---- start ------------------------------------------------------------------------------------ */

static void parent_on_signal(int sig, short what, void *arg)
{
	(void)what;
	(void)arg;
	switch (sig) {
	case SIGHUP:
		parent_reload(parent_complain, NULL);
		break;
	case SIGCHLD:
		/* The end of its channel says that a child is gone. */
		break;
	default:
		parent_stop();
	}
}

static void parent_catch_signals(void)
{
	static const int signals[] = { SIGTERM, SIGINT, SIGHUP, SIGCHLD };

	for (int i = 0; i < 4; i++) {
		parent.signals[i] = loop_event(signals[i],
					       EV_SIGNAL | EV_PERSIST,
					       parent_on_signal, NULL);
		loop_watch(parent.signals[i], true);
	}
}

static void parent_make_dirs(void)
{
	if ((mkdir("/run/sstpd", 0755) < 0 && errno != EEXIST) ||
	    (mkdir(PROC_EMPTY_DIR, 0555) < 0 && errno != EEXIST))
		log_fatal("cannot make " PROC_EMPTY_DIR ": %s",
			  strerror(errno));
}

static void parent_add_child(struct child *child)
{
	parent.all[parent.n_all++] = child;
	parent_spawn(child);
}

static void parent_start_children(const struct conf *conf)
{
	/* Only servers have work for more than one. */
	parent.n_engines = conf->has_server ? conf->main.engines : 1;
	for (uint32_t i = 0; i < parent.n_engines; i++) {
		parent.engines[i] = (struct child){
			.name = "engine",
			.bit = MSG_ENGINE,
			.number = i,
		};
		parent_add_child(&parent.engines[i]);
	}
	parent_add_child(&parent.authd);
	if (conf_has_eap_tls(conf))
		parent_add_child(&parent.eapd);
	if (conf->has_radius)
		parent_add_child(&parent.radius);
	if (conf->n_clients)
		parent_add_child(&parent.resolver);
}

int parent_main(const struct parent_cfg *cfg)
{
	const struct conf *conf = cfg->conf;

	parent.cfg = cfg;
	parent.conf = cfg->conf;
	if (geteuid())
		log_fatal("must be started as root: it makes network interfaces");
	/* It has what authd and radius get, to give it to the next ones. */
	proc_hide();
	if (mlock(conf, sizeof(*conf)) < 0)
		log_warn("cannot lock memory: %s", strerror(errno));
	/* One for each TUN device, and for every socket on its way. */
	proc_raise_files();
	loop_init();
	parent_make_dirs();
	tunnel_init(conf);
	login_init(&parent_login_ops);
	parent.started = time(NULL);
	parent_start_children(conf);
	grant_init(&parent.radius, conf->radius.interim_s, parent_disconnect);
	parent_catch_signals();
	control_start(conf->main.control);
	tunnel_sweep();
	lease_init(conf, parent_replace_session);
	parent_reserve();
	router_init(conf);
	setup_probe_kernel();
	setup_congestion(parent.conf);
	for (uint32_t i = 0; i < parent.n_all; i++)
		parent_configure(parent.all[i]);
	loop_run();

	watchdog_stop();
	/* Whatever comes from the children now. */
	parent.stopping = true;
	parent_drop_all(NULL, parent.status ? REASON_INTERNAL : REASON_SHUTDOWN,
			parent.status ? "sstpd gives up" : "sstpd is stopping");
	hook_exit();
	tunnel_exit();
	control_exit();
	login_exit();
	for (uint32_t i = 0; i < parent.n_all; i++)
		child_end(parent.all[i], NULL, 0);
	lease_exit();
	log_info("stopped");
	return parent.status;
}
