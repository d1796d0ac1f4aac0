// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The privileged process: it configures the others (staff.c), gives out addresses,
 * builds and removes tunnels, and keeps the session table (admission.c). It parses
 * nothing that comes from the network. Here: its start and end, a reload, and where
 * each message goes.
 */
#include "parent/parent.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "boundary/msg.h"
#include "boundary/proc.h"
#include "conf/conf_reload.h"
#include "lib/log.h"
#include "lib/loop.h"
#include "lib/notify.h"
#include "lib/stats.h"
#include "lib/version.h"
#include "parent/admission.h"
#include "parent/advertise.h"
#include "parent/audit.h"
#include "parent/cert_expiry.h"
#include "parent/cert_renew.h"
#include "parent/cert_watch.h"
#include "parent/client_dial.h"
#include "parent/client_link.h"
#include "parent/conf_files.h"
#include "parent/control.h"
#include "parent/dns.h"
#include "parent/handover.h"
#include "parent/hook.h"
#include "parent/kept.h"
#include "parent/key_limit.h"
#include "parent/lease.h"
#include "parent/ledger.h"
#include "parent/linkwatch.h"
#include "parent/listeners.h"
#include "parent/login_queue.h"
#include "parent/members.h"
#include "parent/metering.h"
#include "parent/removal.h"
#include "parent/setup.h"
#include "parent/staff.h"
#include "parent/store.h"
#include "parent/succession.h"
#include "parent/table.h"
#include "parent/tunnel.h"
#include "parent/upgrade.h"
#include "parent/watchdog.h"

/* The engine's own limit for stopping is 4.5 s, that of radius 3 s. */
#define PARENT_STOP_MS	8000

/* How often, and how long each time, sessions are waited for that cannot go on. */
#define PARENT_LEAVE_TURNS	100
#define PARENT_LEAVE_MS		50

/* Bytes that may wait for an engine that gets another socket. */
#define PARENT_DIAL_QUEUE	(64 * 1024)

enum parent_end {
	PARENT_STOPS,		/* and all sessions with it */
	PARENT_LEAVES,		/* the service manager starts another one */
	PARENT_BECOMES,		/* another program in its place */
};

static struct {
	struct conf *conf;
	const struct parent_cfg *cfg;
	bool resolving[CONF_CLIENTS_MAX];
	bool engines_stopped;
	bool refused;
	bool asked;	/* to stop; else it ends by itself */
	int status;
	enum parent_end end;
	unsigned int leave_turns;
	struct event *stop_timer;
	struct event *leave_timer;
	struct event *signals[5];
} parent;

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

static void parent_stopped(struct child *child);

static void parent_stop(void)
{
	parent.asked = true;
	if (staff.stopping)
		return;
	/* First of all: a child that cannot be made would have us stop, too. */
	staff.stopping = true;
	/* What waits for it would be lost. */
	staff_hurry(&staff.radius);
	parent.refused = false;
	notify_send("STOPPING=1");
	log_info("stopping: %u sessions to end", table_count());
	control_stop();
	listeners_close();
	parent.stop_timer = loop_event(-1, 0, parent_on_stop_timer, NULL);
	loop_arm(parent.stop_timer, PARENT_STOP_MS);
	for (uint32_t i = 0; i < staff.n_engines; i++)
		child_tell(&staff.engines[i], MSG_STOP,
			   &(struct msg_none){ 0 }, -1);
	for (uint32_t i = 0; i < staff.n_engines; i++)
		if (!staff.engines[i].chan)
			parent_stopped(&staff.engines[i]);
}

/* What is on its way to a RADIUS server goes there, or into the spool. */
static void parent_dismiss_radius(enum msg_type how)
{
	if (staff.radius.chan)
		child_tell(&staff.radius, how, &(struct msg_none){ 0 }, -1);
	else
		parent_exit(0);
}

/* The last accounting records have to reach their server. */
static void parent_engines_stopped(void)
{
	if (parent.engines_stopped || parent.end != PARENT_STOPS)
		return;
	parent.engines_stopped = true;
	/* Else this is done at the end of all. */
	if (staff.radius.chan)
		admission_drop_all(NULL, REASON_SHUTDOWN, "sstpd is stopping");
	parent_dismiss_radius(MSG_STOP);
}

static void parent_stopped(struct child *child)
{
	/* Without a server an engine ends when no client dials any more. */
	if (!staff.stopping && child->bit == MSG_ENGINE && parent.conf->has_server) {
		staff_engine_stopped(child);
		return;
	}
	staff.stopping = true;
	child->stopped = true;
	if (child == &staff.radius)
		parent_exit(0);
	for (uint32_t i = 0; i < staff.n_engines; i++)
		if (!staff.engines[i].stopped)
			return;
	parent_engines_stopped();
}

/* ---- a successor ---------------------------------------------------------------- */

static void parent_on_leave_timer(int fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
	if (admission_end_others() && ++parent.leave_turns < PARENT_LEAVE_TURNS) {
		loop_arm(parent.leave_timer, PARENT_LEAVE_MS);
		return;
	}
	admission_leave();
	loop_arm(parent.stop_timer, PARENT_STOP_MS);
	parent_dismiss_radius(MSG_LEAVE);
}

/* The engines go on until then, and say goodbye to those who cannot stay. */
static void parent_leave(enum parent_end how)
{
	if (staff.stopping)
		return;
	staff.stopping = true;
	parent.end = how;
	parent.refused = false;
	staff_hurry(&staff.radius);
	log_info("%s follows, %u sessions", how == PARENT_LEAVES ? "another sstpd" : "a new sstpd",
		 table_count());
	control_stop();
	parent.stop_timer = loop_event(-1, 0, parent_on_stop_timer, NULL);
	parent.leave_timer = loop_event(-1, 0, parent_on_leave_timer, NULL);
	loop_arm(parent.leave_timer, 1);
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
	child_tell(&staff.resolver, MSG_LOOKUP, &ask, -1);
}

static void parent_on_resolve(struct child *engine, const struct msg_client *m)
{
	if (m->client >= parent.conf->n_clients || engine != staff_dialler())
		staff_betrayed(engine, "asks for client number %u", m->client);
	/* The answer to the one before is on its way. */
	else if (!parent.resolving[m->client])
		parent_look_up(m->client);
}

static void parent_on_resolved(const struct msg_resolved *m)
{
	struct msg_resolved answer = *m;

	parent.resolving[m->client] = false;
	client_dial_resolved(&answer);
	child_tell(staff_dialler(), MSG_RESOLVED, &answer, -1);
}

static void parent_on_dial(struct child *engine, const struct msg_dial *m)
{
	struct msg_dialled answer;
	int fd;

	if (m->client >= parent.conf->n_clients || engine != staff_dialler()) {
		staff_betrayed(engine, "dials for client number %u", m->client);
		return;
	}
	/* Who asks and does not read what is sent makes us keep all of it: sockets. */
	fd = client_dial_socket(m, imsg_queued(engine->chan) > PARENT_DIAL_QUEUE,
				table_client(m->client), &answer);
	child_tell(engine, MSG_DIALLED, &answer, fd);
}

/* Routes have changed, or addresses. */
static void parent_on_ways(void)
{
	struct child *engine = staff_dialler();

	for (uint32_t i = 0; i < parent.conf->n_clients; i++)
		if (client_dial_look(i) && engine->chan)
			child_tell(engine, MSG_REDIAL, &(struct msg_client){ .client = i },
				   -1);
}

/* The server of a client advertises something else. */
static void parent_on_ipv6(uint32_t client)
{
	const struct entry *e = table_client(client);

	if (e)
		audit_ipv6(e);
}

/* ---- a child is gone ------------------------------------------------------------ */

/* What the others waited for from @child, or it alone held. */
static void parent_make_up_for(const struct child *child)
{
	if (child->bit == MSG_ENGINE) {
		admission_engine_gone(child);
	} else if (child == &staff.resolver) {
		for (uint32_t i = 0; i < parent.conf->n_clients; i++)
			if (parent.resolving[i])
				parent_look_up(i);
	} else {
		admission_end_logins();
	}
	if (child == &staff.radius)
		metering_recall();
}

static void parent_give_up_sessions(const struct child *engine)
{
	admission_drop_all(engine, REASON_INTERNAL, "its engine is gone");
}

/* A child that ends while everything ends. */
static void parent_child_stopped(struct child *child)
{
	if (child->bit == MSG_ENGINE || child == &staff.radius)
		parent_stopped(child);
}

/* In order, if it has served anybody: the last accounting records are to be sent. */
static void parent_give_up(void)
{
	parent.status = 1;
	if (staff.is_ready)
		parent_stop();
	else
		loop_stop();
}

static const struct staff_ops parent_staff_ops = {
	.gone = parent_make_up_for,
	.back = admission_engine_back,
	.given_up = parent_give_up_sessions,
	.stopped = parent_child_stopped,
	.give_up = parent_give_up,
};

/* ---- messages ------------------------------------------------------------------------------ */

static void parent_on_disconnect(const struct msg_disconnect *m)
{
	const struct entry *e = table_find_session(m->id);

	if (e)
		admission_disconnect(e->id, (enum reason)m->reason);
}

static void parent_on_ready(struct child *child)
{
	/* An engine says it after each reload. */
	if (child->ready)
		return;
	child->ready = true;
	if (staff.is_ready) {
		log_info("%s (process %d) %s", child->name, (int)child->pid,
			 child->died_ms ? "is back" : "has begun");
		return;
	}
	for (uint32_t i = 0; i < staff.n_all; i++)
		if (!staff.all[i]->ready)
			return;
	staff.is_ready = true;
	succession_done();
	log_info("sstpd %s is ready", SSTPD_VERSION);
	parent.cfg->ready();
	watchdog_start();
}

/* A service manager that starts us again and again would lock the account. */
static void parent_note_refusal(const struct msg_session_end *m)
{
	const struct entry *e = table_find(m->id);

	if (e && !e->server && !parent.conf->clients[e->client].reconnect)
		parent.refused = m->reason == REASON_AUTH_FAILED;
}

static void parent_on_session(struct child *engine, struct imsg *m)
{
	const struct msg_session *any = m->body;

	if (staff_engine_of(any->id) != engine) {
		staff_betrayed(engine, "speaks for session %u of another engine",
				any->id);
		return;
	}
	switch (m->type) {
	case MSG_CHALLENGE_ASK:
		admission_challenge(any->id);
		break;
	case MSG_AUTH_ASK:
		admission_auth_ask(engine, m->body);
		break;
	case MSG_PATH_SOCKET:
		admission_path_socket(engine, m);
		break;
	case MSG_PATH_OPEN:
		admission_path_open(engine, m->body);
		break;
	case MSG_PATH_UPDATE:
		admission_path_update(engine, m->body);
		break;
	case MSG_LINK_STATE:
		admission_link_state(engine, m->body);
		break;
	case MSG_IDLE_ASK:
		admission_idle_ask(m->body);
		break;
	case MSG_SESSION_END:
		parent_note_refusal(m->body);
		admission_session_end(m->body);
		break;
	}
}

static void parent_on_message(void *ctx, struct imsg *m, const char *why)
{
	struct child *child = ctx;
	bool closed;

	if (!m) {
		closed = !strcmp(why, IMSG_CLOSED);
		staff_lost(child, closed ? NULL : why, closed);
		return;
	}
	/* Whatever it says, it lives. */
	child->silent = 0;
	switch (m->type) {
	case MSG_READY:
		parent_on_ready(child);
		break;
	case MSG_CONF_LOST:
		staff_conf_lost(child);
		break;
	case MSG_STATS:
		child->stats = *(const struct msg_stats *)m->body;
		break;
	case MSG_PONG:
		break;
	case MSG_RESOLVE:
		parent_on_resolve(child, m->body);
		break;
	case MSG_RESOLVED:
		parent_on_resolved(m->body);
		break;
	case MSG_DIAL:
		parent_on_dial(child, m->body);
		break;
	case MSG_CHALLENGE_ASK:
	case MSG_AUTH_ASK:
	case MSG_PATH_SOCKET:
	case MSG_PATH_OPEN:
	case MSG_PATH_UPDATE:
	case MSG_LINK_STATE:
	case MSG_IDLE_ASK:
	case MSG_SESSION_END:
		parent_on_session(child, m);
		break;
	case MSG_AUTH_VERDICT:
		admission_verdict(child, m->body);
		break;
	case MSG_EAP_ASK:
		admission_pass_on(&staff.eapd, MSG_EAP_ASK,
				  &((const struct msg_eap_ask *)m->body)->ask,
				  m->body);
		break;
	case MSG_INNER_ASK:
		admission_inner_ask(child, m->body);
		break;
	case MSG_INNER_ANSWER:
		child_tell(&staff.eapd, MSG_INNER_ANSWER, m->body, -1);
		break;
	case MSG_RADIUS_ASK:
		admission_pass_on(&staff.radius, MSG_RADIUS_ASK, m->body,
				  m->body);
		break;
	case MSG_RADIUS_RENEW:
		setup_radius_renew(parent.conf, child, m->body);
		break;
	case MSG_SPOOL_DAMAGED:
		setup_radius_aside(parent.conf, child);
		break;
	case MSG_ACCT_TAKEN:
		ledger_taken(m->body);
		break;
	case MSG_GRANT_CHANGE:
		admission_grant_change(m->body);
		break;
	case MSG_DISCONNECT:
		parent_on_disconnect(m->body);
		break;
	case MSG_STOPPED:
		parent_stopped(child);
		break;
	}
}

/* ---- what the control socket asks for ------------------------------------------------ */

static uint64_t parent_stat(enum stats_id which)
{
	const struct child *engine;
	uint64_t n = 0;

	if (which >= STAT_ENGINE_END)
		return login_queue_stat(which);
	for (uint32_t i = 0; i < staff.n_engines; i++) {
		engine = &staff.engines[i];
		n += engine->stats.count[which] +
		     engine->stats_before.count[which];
	}
	return n;
}

static void parent_take_over(const struct conf *next)
{
	/* What was said on the command line stays. */
	const struct conf_main main = parent.conf->main;

	*parent.conf = *next;
	parent.conf->main.log_target = main.log_target;
	if (parent.cfg->debug)
		parent.conf->main.log_level = main.log_level;
	log_set_level(parent.conf->main.log_level);
	for (uint32_t i = 0; i < staff.n_all; i++)
		child_tell(staff.all[i], MSG_LOG_LEVEL, &(struct msg_log_level){
			.level = parent.conf->main.log_level,
		}, -1);
}

static bool parent_reload(conf_report report, void *ctx)
{
	char err[CONF_PATH_MAX + 200];
	struct userdb *users = NULL;
	struct conf *next;
	unsigned int errors;

	if (staff.stopping) {
		report(ctx, "sstpd is stopping");
		return false;
	}
	next = calloc(1, sizeof(*next));

	if (!next)
		log_fatal("out of memory");
	kept_begin();
	errors = conf_load(next, parent.cfg->file, report, ctx);
	if (parent.cfg->control)
		strcpy(next->main.control, parent.conf->main.control);
	if (!errors)
		errors = conf_check_files(next, true, &users, report, ctx) +
			 conf_reload_check(parent.conf, next, report, ctx);
	if (!errors)
		errors = admission_check_users(next, users, report, ctx);
	if (!errors && next->has_server &&
	    !listeners_plan(next, parent.cfg->file, err, sizeof(err))) {
		report(ctx, err);
		errors = 1;
	}
	if (!errors && !setup_again(next, staff.engines, staff.n_engines,
				    &staff.authd, &staff.eapd, report, ctx)) {
		listeners_drop();
		errors = 1;
	}
	if (!errors) {
		kept_accept(true);
		parent_take_over(next);
		if (next->has_server)
			staff_resize();
		admission_reserve(users);
		cert_expiry_look();
		cert_renew_look();
		cert_watch_reloaded();
		log_info("configuration reloaded from %s", parent.cfg->file);
		control_event("reload", NULL, NULL, NULL);
	} else {
		kept_refuse();
		log_err("configuration not reloaded, the old one stays: %u error%s",
			errors, errors == 1 ? "" : "s");
	}
	userdb_free(users);
	conf_clear(next);
	free(next);
	return !errors;
}

static void parent_complain(void *ctx, const char *line)
{
	(void)ctx;
	log_err("%s", line);
}

/* Certificates on the disk are others: a reload of them alone. */
static bool parent_take_certs(void)
{
	unsigned int errors;

	if (staff.stopping)
		return false;
	kept_begin();
	errors = conf_check_certs(parent.conf, parent_complain, NULL);
	if (!errors && !setup_again(parent.conf, staff.engines, staff.n_engines, NULL,
				    &staff.eapd, parent_complain, NULL))
		errors = 1;
	if (errors) {
		kept_refuse();
		log_err("the files of certificates are not taken up, those from before stay: %u error%s",
			errors, errors == 1 ? "" : "s");
		return false;
	}
	kept_accept(false);
	cert_expiry_look();
	cert_renew_look();
	log_info("the files of certificates that have changed are in force");
	control_event("certificates", NULL, NULL, NULL);
	return true;
}

static bool parent_upgrade(conf_report report, void *ctx)
{
	if (staff.stopping || !staff.is_ready) {
		report(ctx, staff.stopping ? "sstpd is stopping" : "sstpd is starting");
		return false;
	}
	if (!upgrade_check(parent.cfg->file, report, ctx))
		return false;
	parent_leave(PARENT_BECOMES);
	return true;
}

/* By the number that it has, or had when it began. */
static bool parent_disconnect(uint32_t id, enum reason reason)
{
	const struct entry *e = table_find_session(id);

	return admission_disconnect(e ? e->id : id, reason);
}

static const char *parent_reconnect(const char *name)
{
	const struct conf *conf = parent.conf;
	const char *why;

	for (uint32_t i = 0; i < conf->n_clients; i++) {
		if (strcmp(conf->clients[i].name, name))
			continue;
		why = admission_reconnect(i);
		/* Those of its other connections that are there. */
		for (uint32_t n = i + 1; n < conf->n_clients && !why; n++)
			if (conf->clients[n].lead == i && table_client(n))
				admission_reconnect(n);
		return why;
	}
	return "no client of that name";
}

static const struct control_ops parent_control_ops = {
	.reload = parent_reload,
	.upgrade = parent_upgrade,
	.disconnect = parent_disconnect,
	.reconnect = parent_reconnect,
	.disconnect_user = admission_disconnect_user,
	.stat = parent_stat,
};

/* ---- start ------------------------------------------------------------------------------------ */

static void parent_on_signal(int sig, short what, void *arg)
{
	(void)what;
	(void)arg;
	switch (sig) {
	case SIGHUP:
		parent_reload(parent_complain, NULL);
		break;
	case SIGUSR2:
		if (notify_listens())
			parent_leave(PARENT_LEAVES);
		else
			parent_upgrade(parent_complain, NULL);
		break;
	case SIGCHLD:
		/* The end of its channel says that a child is gone. */
		break;
	default:
		/* Whoever says so means what is in our place by then. */
		if (parent.end == PARENT_BECOMES)
			upgrade_pass_on(sig);
		else
			parent_stop();
	}
}

static void parent_catch_signals(void)
{
	static const int signals[] = { SIGTERM, SIGINT, SIGHUP, SIGCHLD, SIGUSR2 };

	for (int i = 0; i < 5; i++) {
		parent.signals[i] = loop_event(signals[i],
					       EV_SIGNAL | EV_PERSIST,
					       parent_on_signal, NULL);
		loop_watch(parent.signals[i], true);
	}
	upgrade_hear();
}

static void parent_make_dirs(void)
{
	if ((mkdir("/run/sstpd", 0755) < 0 && errno != EEXIST) ||
	    (mkdir(PROC_EMPTY_DIR, 0555) < 0 && errno != EEXIST))
		log_fatal("cannot make " PROC_EMPTY_DIR ": %s",
			  strerror(errno));
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
	kept_lock();
	/* One for each session, of the kernel or of a TUN device, and for sockets on their way. */
	proc_raise_files();
	loop_init();
	parent_make_dirs();
	upgrade_init();
	store_open();
	succession_control(&parent.conf->main);
	tunnel_init(conf);
	admission_init(conf);
	staff_start(conf, parent_on_message, &parent_staff_ops);
	metering_init(conf->has_radius ? &staff.radius : NULL, conf->radius.interim_s,
		      admission_disconnect);
	key_limit_init(&conf->main, admission_disconnect, admission_reconnect);
	handover_init(admission_disconnect);
	members_init(admission_disconnect);
	parent_catch_signals();
	control_start(conf->main.control, &parent_control_ops);
	setup_probe_kernel(parent.conf);
	/* Before anything of an earlier run goes: there may have been a kill switch. */
	client_link_begin();
	admission_start();
	advertise_init(conf);
	dns_init(conf);
	client_link_on_names(dns_advertised);
	client_link_on_ipv6(parent_on_ipv6);
	succession_begin(conf);
	admission_resumed(table_count());
	tunnel_sweep();
	dns_sweep();
	linkwatch_start(conf->n_clients ? parent_on_ways : NULL);
	cert_expiry_start(conf);
	cert_renew_start(conf, admission_reconnect);
	cert_watch_start(conf, parent_take_certs);
	setup_congestion(parent.conf);
	staff_configure(cfg->file);
	/* Now that there is somebody to tell. */
	admission_drop_ended();
	admission_look_at_users();
	metering_go_on();
	loop_run();

	watchdog_stop();
	cert_watch_stop();
	cert_renew_stop();
	cert_expiry_stop();
	/* Whatever comes from the children now. */
	staff.stopping = true;
	if (parent.end == PARENT_STOPS)
		admission_drop_all(NULL, parent.status ? REASON_INTERNAL : REASON_SHUTDOWN,
				   parent.status ? "sstpd gives up" : "sstpd is stopping");
	removal_flush();
	hook_exit();
	linkwatch_stop();
	/* A kill switch ends when somebody stops the service: not with what goes wrong, nor
	 * with the last client.
	 */
	client_link_exit(parent.status || !parent.asked, parent.end != PARENT_STOPS);
	control_exit();
	login_queue_exit();
	staff_end();
	ledger_exit(parent.end != PARENT_STOPS);
	lease_exit();
	kept_wipe();
	notify_flush();
	if (parent.end == PARENT_BECOMES)
		upgrade_exec(cfg->file, cfg->control, cfg->foreground, cfg->debug);
	store_close();
	log_info("stopped");
	if (!parent.status && parent.end == PARENT_LEAVES)
		return PARENT_LEFT;
	return !parent.status && parent.refused ? PARENT_REFUSED : parent.status;
}
