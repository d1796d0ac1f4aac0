// SPDX-License-Identifier: GPL-2.0-or-later
#include "parent/admission.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#include "conf/policy.h"
#include "lib/addr.h"
#include "lib/log.h"
#include "lib/loop.h"
#include "netlink/nl.h"
#include "netlink/nl_sstp.h"
#include "parent/advertise.h"
#include "parent/audit.h"
#include "parent/cert_renew.h"
#include "parent/challenge.h"
#include "parent/client_link.h"
#include "parent/conf_files.h"
#include "parent/descriptors.h"
#include "parent/dns.h"
#include "parent/endpoints.h"
#include "parent/handover.h"
#include "parent/hook.h"
#include "parent/key_limit.h"
#include "parent/lease.h"
#include "parent/login_queue.h"
#include "parent/members.h"
#include "parent/metering.h"
#include "parent/password.h"
#include "parent/staff.h"
#include "parent/store.h"
#include "parent/succession.h"
#include "parent/table.h"
#include "parent/tunnel.h"
#include "parent/watchdog.h"

/* Questions that authd has not read yet: it is seldom behind by one. */
#define ADMISSION_QUEUE_MAX	(4 * 1024 * 1024)

/*
 * What an engine is told to end is over after ten seconds, also if the peer is silent.
 * If thousands end at a time we may be behind with what engines have said long ago:
 * so often it is waited for once more.
 */
#define ADMISSION_END_MS	60000
#define ADMISSION_END_TURNS	10

static struct {
	const struct conf *conf;
	unsigned int sessions_max;
	unsigned int resumed;	/* sessions of the sstpd before this one */
	unsigned int coming;	/* those that are */
	uint32_t serial;	/* of the latest question */
} admission;

/* ---- sessions --------------------------------------------------------------------- */

/* Its login was not over: whoever knows half of it shall forget it. */
static void admission_forget(struct entry *e)
{
	const struct msg_session gone = { .id = e->id };

	if (e->heard & MSG_EAPD)
		child_tell(&staff.eapd, MSG_FORGET, &gone, -1);
	if (e->heard & MSG_RADIUS)
		child_tell(&staff.radius, MSG_FORGET, &gone, -1);
	e->heard = 0;
	e->talking = false;
}

/* Who has hung up since then is not asked about: nobody would end that. */
void admission_pass_on(struct child *to, enum msg_type type,
		       const struct msg_auth_ask *ask, const void *msg)
{
	struct entry *e = table_find(ask->id);

	if (!e)
		return;
	/* The next one may take a minute to begin: longer than anybody waits. */
	if (!to->chan) {
		admission_disconnect(e->id, REASON_INTERNAL);
		return;
	}
	e->heard |= to->bit;
	child_tell(to, type, msg, -1);
}

static const struct conf_link *admission_link(const struct entry *e)
{
	return e->server ? &admission.conf->server.link :
			   &admission.conf->clients[e->client].link;
}

/* The kernel has it, we hold it, and know enough of it. */
static bool admission_can_go_on(const struct entry *e)
{
	return e->up && e->kind == MSG_PATH_KERNEL && e->session_fd >= 0 && e->state &&
	       !e->replaced && e->ending == REASON_NONE;
}

/* And it is kept: of very many not all are. */
static bool admission_outlives_us(const struct entry *e)
{
	return admission_can_go_on(e) && e->slot;
}

static const char *admission_client(const struct entry *e)
{
	return e->server ? "" : admission.conf->clients[e->client].name;
}

/* If nobody can go on with it, somebody has to say that it has ended if we cannot. */
static bool admission_is_owed_an_end(const struct entry *e)
{
	return e->up && (e->kind == MSG_PATH_TUN || e->state) && !e->replaced && !e->leader &&
	       e->ending == REASON_NONE;
}

/* For the sstpd after this one, as it is now. */
static void admission_keep(struct entry *e)
{
	if (!e->server)
		client_link_ifid(e->link, e->own_ifid);
	if (admission_is_owed_an_end(e))
		store_put(e, admission_client(e));
}

/*
 * Before RADIUS and the script hear of it: whoever is killed meanwhile leaves it to the next
 * one to end it for both.
 */
static void admission_keep_beginning(struct entry *e)
{
	if (!admission_is_owed_an_end(e))
		return;
	e->ending = REASON_INTERNAL;
	store_put(e, admission_client(e));
	e->ending = REASON_NONE;
}

/* Until it has: we may be killed before, and the next one has to do what is left of it. */
static void admission_keep_ending(struct entry *e)
{
	if (e->slot)
		store_put(e, admission_client(e));
}

/* Whenever we are killed, the next one finds one of both, or knows which of them counts. */
static void admission_keep_instead(struct entry *e, struct entry *old)
{
	e->takes_over = old->id;
	admission_keep(e);
	e->takes_over = 0;
	store_drop(old);
}

static void admission_set_coming(struct entry *e, bool coming)
{
	admission.coming += coming;
	admission.coming -= e->coming;
	e->coming = coming;
}

/* Its other connections go on, and one of those has what was this one's. */
static void admission_promote(struct entry *heir, struct entry *e)
{
	tunnel_bequeath(heir, e);
	handover_pass(heir, e);
	members_follow(heir, e);
	e->moved = true;
	admission_keep_instead(heir, e);
}

/* What several have does not go with one of them. */
static void admission_leave_others(struct entry *e, enum reason reason, const char *why)
{
	struct entry *heir;

	if (e->leader) {
		if (e->up && !e->moved) {
			audit_left(e, e->leader, why);
			tunnel_part(e);
			e->moved = true;
		}
		return;
	}
	if (!e->up || e->slots < 2)
		return;
	heir = members_heir(e);
	if (heir) {
		audit_left(e, heir->id, why);
		admission_promote(heir, e);
	} else {
		members_end(e, reason);
	}
}

static void admission_drop(struct entry *e, enum reason reason, const char *why)
{
	admission_leave_others(e, reason, why);
	admission_set_coming(e, false);
	tunnel_count_last(e);
	audit_end(e, reason, why);
	/* Also if its interface went with the sstpd before this one. */
	if (e->counted && !e->down_run)
		hook_down(e, admission_link(e), why);
	/* As the next one would find it. */
	e->ending = reason;
	e->down_run = true;
	dns_down(e);
	key_limit_down(e);
	metering_down(e, reason);
	advertise_stop(e);
	store_drop(e);
	tunnel_down(e);
	handover_drop(e);
	lease_put(e);
	login_queue_drop(e->id);
	admission_forget(e);
	staff_engine_of(e->id)->sessions--;
	loop_free(&e->overdue);
	table_remove(e);
	/* There may be thousands. */
	watchdog_alive();
}

/* If it has been told to end, it ends by that. */
static void admission_drop_for(struct entry *e, enum reason reason, const char *why)
{
	if (e->ending != REASON_NONE)
		admission_drop(e, e->ending, reason_text(e->ending));
	else
		admission_drop(e, reason, why);
}

void admission_engine_gone(const struct child *engine)
{
	struct entry *next;

	for (struct entry *e = table_first(); e; e = next) {
		next = table_next(e);
		if (staff_engine_of(e->id) != engine || admission_can_go_on(e))
			continue;
		admission_drop_for(e, REASON_INTERNAL, "its engine is gone");
	}
	challenge_drop_engine(engine->number, staff.n_first);
}

/* Our end of it: where it has one, that of the configuration which it logged in under. */
static struct in_addr admission_local(const struct entry *e)
{
	return e->up && e->net.ipv4 ? e->net.local : admission.conf->pools[0].local;
}

static void admission_addrs(const struct entry *e, struct ppp_addrs *addrs)
{
	if (!e->server) {
		addrs->ask_dns = true;
		return;
	}
	lease_addrs(e, addrs);
	addrs->local = admission_local(e);
}

static bool admission_adopt_one(struct entry *e, const struct child *engine)
{
	struct msg_adopt m = {
		.id = e->id,
		.server = e->server,
		.client = e->client,
		.remote = e->remote,
		.state = *e->state,
		.net = e->net,
	};
	int fd = fcntl(e->session_fd, F_DUPFD_CLOEXEC, 0);

	if (fd < 0)
		return false;
	admission_addrs(e, &m.addrs);
	/* The answer was for the one that is gone. */
	e->waiting = false;
	child_tell(engine, MSG_ADOPT, &m, fd);
	return true;
}

void admission_engine_back(const struct child *engine)
{
	struct entry *next;
	unsigned int n = 0;

	/* It has read nothing yet, and is not to be ended for that. */
	imsg_limit(engine->chan, CHILD_QUEUE_MAX +
		   (size_t)engine->sessions * 2 * sizeof(struct msg_adopt));
	/* Since then one may have been told to end. */
	admission_engine_gone(engine);
	for (struct entry *e = table_first(); e; e = next) {
		next = table_next(e);
		if (staff_engine_of(e->id) != engine)
			continue;
		if (admission_adopt_one(e, engine))
			n++;
		else
			admission_drop(e, REASON_INTERNAL, "no descriptor left to go on with it");
	}
	if (n)
		log_info("%s (process %d) goes on with %u session%s", engine->name,
			 (int)engine->pid, n, n == 1 ? "" : "s");
}

/* @engine: whose sessions, NULL = all */
void admission_drop_all(const struct child *engine, enum reason reason,
			    const char *why)
{
	struct entry *next;

	for (struct entry *e = table_first(); e; e = next) {
		next = table_next(e);
		if (!engine || staff_engine_of(e->id) == engine)
			admission_drop_for(e, reason, why);
	}
	if (engine)
		challenge_drop_engine(engine->number, staff.n_first);
}

/* Its successor goes on with all others; the kernel ends what nobody holds. */
static void admission_on_overdue(int fd, short what, void *arg)
{
	struct entry *e = arg;
	struct child *engine = staff_engine_of(e->id);
	char why[80];

	(void)fd;
	(void)what;
	if (!engine->chan) {
		admission_drop(e, e->ending, reason_text(e->ending));
		return;
	}
	if (imsg_unread(engine->chan) && ++e->overdue_n < ADMISSION_END_TURNS) {
		loop_arm(e->overdue, ADMISSION_END_MS);
		return;
	}
	snprintf(why, sizeof(why), "it does not end session %u, and was killed for that",
		 e->id);
	staff_lost(engine, why, true);
}

/* Of a session, and not of one connection? */
static bool admission_ends_all(enum reason reason)
{
	return reason != REASON_REPLACED && reason != REASON_KEY_LIMIT &&
	       reason != REASON_INTERNAL;
}

bool admission_disconnect(uint32_t id, enum reason reason)
{
	struct entry *e = table_find(id);

	if (!e)
		return false;
	e->ending = reason;
	if (e->up && !e->leader && admission_ends_all(reason))
		members_end(e, reason);
	admission_keep_ending(e);
	/* Not once more for each time that somebody says so. */
	if (!e->overdue) {
		e->overdue = loop_event(-1, 0, admission_on_overdue, e);
		loop_arm(e->overdue, ADMISSION_END_MS);
	}
	child_tell(staff_engine_of(id), MSG_DISCONNECT,
		   &(struct msg_disconnect){ .id = id, .reason = reason }, -1);
	return true;
}

unsigned int admission_disconnect_user(const char *name)
{
	bool fold = admission.conf->server.fold_names;
	unsigned int n = 0;

	for (struct entry *e = table_first(); e; e = table_next(e)) {
		if (!e->server || !e->verified || !account_same_name(fold, name, e->user))
			continue;
		if (e->up && e->leader)
			continue; /* with its session */
		admission_disconnect(e->id, REASON_ADMIN);
		n++;
	}
	return n;
}

const char *admission_reconnect(uint32_t client)
{
	struct child *engine = staff_dialler();
	const struct entry *e = table_client(client);

	if (!engine->chan)
		return "no engine runs just now";
	if (!e)
		child_tell(engine, MSG_REDIAL, &(struct msg_client){ .client = client }, -1);
	else if (e->kind == MSG_PATH_KERNEL && nl_sstp_replaces())
		child_tell(engine, MSG_RECONNECT, &(struct msg_client){ .client = client }, -1);
	else if (!admission.conf->clients[client].reconnect)
		return "only in the kernel can a connection be replaced, and \"reconnect = no\"";
	else
		admission_disconnect(e->id, REASON_REPLACED);
	return NULL;
}

void admission_session_end(const struct msg_session_end *m)
{
	struct entry *e = table_find(m->id);

	challenge_drop(m->id);
	if (e)
		admission_drop(e, (enum reason)m->reason, m->why);
}

void admission_grant_change(const struct msg_grant_change *m)
{
	struct entry *e = table_find_session(m->id);

	if (!e)
		return;
	metering_change(e, m);
	admission_keep(e);
}

/* ---- authentication ------------------------------------------------------------------ */

/*
 * What no configuration since the start of the daemon can explain: a reload that lowers
 * the limits leaves those alone who are there, and so does a restart.
 */
static unsigned int admission_sessions_max(void)
{
	const struct conf *conf = admission.conf;
	/* Each has one, and another one to replace it. */
	unsigned int n = 2 * conf->n_clients;

	if (conf->has_server)
		n += conf->server.max_sessions + conf->server.half_open;
	n += admission.resumed;
	if (2 * n > admission.sessions_max)
		admission.sessions_max = 2 * n;
	return admission.sessions_max;
}

static void admission_pass_login(const struct msg_auth_ask *ask)
{
	if (!staff.authd.chan) {
		admission_disconnect(ask->id, REASON_INTERNAL);
		return;
	}
	child_tell(&staff.authd, MSG_AUTH_ASK, ask, -1);
}

/* A server whose peer may try again needs a challenge for that. */
static void admission_answer(struct entry *e, struct msg_auth_answer *answer)
{
	answer->id = e->id;
	answer->serial = e->engine_serial;
	e->waiting = false;
	if (e->server && !answer->res.ok && !challenge_new(e->id, answer->challenge))
		log_fatal("no randomness");
	child_tell(staff_engine_of(e->id), MSG_AUTH_ANSWER, answer, -1);
}

static void admission_refuse(struct entry *e, enum auth_error error, const char *message)
{
	struct msg_auth_answer answer = { .res.error = error };

	snprintf(answer.res.message, sizeof(answer.res.message), "%s", message);
	admission_answer(e, &answer);
}

static void admission_refuse_login(const struct msg_auth_ask *ask)
{
	struct entry *e = table_find(ask->id);

	/* Not that the password is wrong: it was not looked at. */
	if (e)
		admission_refuse(e, AUTH_ERR_RESTRICTED_HOURS,
				 "too many failed logins, try again later");
}

static const struct login_queue_ops admission_login_ops = {
	.pass = admission_pass_login,
	.refuse = admission_refuse_login,
};

/* NULL: it may not have that number */
static struct entry *admission_new_entry(struct child *engine,
				      const struct msg_auth_ask *ask)
{
	struct msg_disconnect late = { .reason = REASON_NEGOTIATION_TIMEOUT };
	struct entry *e;

	switch (numbers_ask(&engine->numbers, ask->id, loop_now_ms())) {
	case NUMBERS_GOOD:
		break;
	case NUMBERS_LATE:
		late.id = ask->id;
		child_tell(engine, MSG_DISCONNECT, &late, -1);
		return NULL;
	case NUMBERS_FORGED:
		staff_betrayed(engine, "gives a session the number %u", ask->id);
		return NULL;
	}
	e = table_add(ask->id);
	engine->sessions++;
	e->server = !ask->req.client;
	e->client = ask->client;
	e->link = e->server ? 0 : admission.conf->clients[e->client].lead;
	e->lane = ask->lane;
	e->remote = ask->remote;
	addr_text(&e->remote, e->remote_text, sizeof(e->remote_text));
	e->endpoint = e->server ? ask->endpoint : *endpoints_of(e->link);
	return e;
}

void admission_challenge(uint32_t id)
{
	struct msg_challenge answer = { .id = id };

	/* Of sessions that end without a word there are none. */
	if (challenge_count() >= admission_sessions_max())
		log_warn("session %u: no challenge, there are too many", id);
	else if (challenge_new(id, answer.challenge))
		child_tell(staff_engine_of(id), MSG_CHALLENGE, &answer, -1);
}

/* Is the answer one to a challenge of ours that was not answered before? */
static bool admission_is_fresh(const struct entry *e, const struct auth_request *req)
{
	const unsigned int challenged = AUTH_MSCHAPV2 | AUTH_EAP_MSCHAPV2 | AUTH_CHAP_MD5;

	return !e->server || !(req->method & challenged) || challenge_use(e->id, req);
}

/* What the configuration does not allow gives no password, and is no oracle. */
static bool admission_allows(const struct entry *e, const struct auth_request *req)
{
	return auth_allows(&admission_link(e)->auth, (uint8_t)req->method);
}

static void admission_ask(struct entry *e, const struct msg_auth_ask *from)
{
	struct msg_auth_ask ask = *from;

	e->waiting = true;
	e->engine_serial = from->req.serial;
	e->serial = ++admission.serial;
	ask.req.serial = e->serial;
	/* Another method, since the peer has turned this one down: a new login. */
	if (e->method != ask.req.method || strcmp(e->user, ask.req.name))
		admission_forget(e);
	snprintf(e->user, sizeof(e->user), "%s", ask.req.name);
	e->method = ask.req.method;
	if (!admission_allows(e, &ask.req))
		admission_refuse(e, AUTH_ERR_NO_DIALIN, "this method is not allowed");
	else if (staff.authd.chan && imsg_queued(staff.authd.chan) > ADMISSION_QUEUE_MAX)
		admission_refuse(e, AUTH_ERR_RESTRICTED_HOURS, "too many logins");
	else if (e->server && !e->talking)
		login_queue_ask(&admission.conf->server.login, &ask);
	else
		admission_pass_login(&ask);
	OPENSSL_cleanse(&ask, sizeof(ask));
}

void admission_auth_ask(struct child *engine,
			       const struct msg_auth_ask *ask)
{
	struct entry *e = table_find(ask->id);

	if (ask->req.client ? ask->client >= admission.conf->n_clients ||
			      engine != staff_dialler() :
			      !admission.conf->has_server) {
		staff_betrayed(engine, "asks for a role that is not configured");
		return;
	}
	if (!e && engine->sessions >= admission_sessions_max()) {
		staff_betrayed(engine, "has more sessions than it may");
		return;
	}
	if (!e)
		e = admission_new_entry(engine, ask);
	if (!e)
		return;
	if (e->server == ask->req.client || e->client != ask->client) {
		staff_betrayed(engine, "changes the role of session %u", e->id);
		return;
	}
	/*
	 * One session, one identity: no second question after a yes. A client's
	 * server may well ask again, or want a new password.
	 */
	if (e->server && e->verified) {
		log_err("session %u authenticates again", e->id);
		admission_disconnect(e->id, REASON_AUTH_FAILED);
		return;
	}
	/* Nor before the answer to the one before it. */
	if (e->waiting) {
		log_err("session %u authenticates twice at a time", e->id);
		admission_disconnect(e->id, REASON_AUTH_FAILED);
		return;
	}
	if (!admission_is_fresh(e, &ask->req)) {
		staff_betrayed(engine, "brings an answer of session %u to no challenge of ours",
			       e->id);
		return;
	}
	admission_ask(e, ask);
}

/* What is left of the old session must not stand in the way of the new one. */
static void admission_replace_session(struct entry *old, const struct entry *e)
{
	char why[80];

	admission_set_coming(old, false);
	/* Before the new one's: it must not close what that one opens. */
	snprintf(why, sizeof(why), "replaced by session %u of this user", e->id);
	if (old->up)
		hook_down(old, admission_link(old), why);
	old->down_run = old->up;
	advertise_stop(old);
	tunnel_retire(old);
	admission_disconnect(old->id, REASON_ADMIN);
}

/*
 * Who has a session already takes the place of that one, whose connection may be dead;
 * whoever else has logged in above max-sessions, or above what we can hold, is told that
 * there is no room, not that the login was wrong.
 */
static bool admission_has_place(struct entry *e)
{
	bool full = lease_count() > admission.conf->server.max_sessions;

	if (e->leader)
		full = false;
	if (e->before || (!full && descriptors_have_room(admission.conf, admission.coming)))
		return true;
	if (!e->leader && (e->replaces || lease_yield(e)))
		return true;
	if (full)
		log_warn("user %s: refused, max-sessions are there", e->user);
	else
		log_warn("user %s: refused, no descriptor left for a session: raise the limit of open files (LimitNOFILE= of the unit)",
			 e->user);
	lease_put(e);
	return false;
}

/* A login that is good: what may its session have? */
static bool admission_admit(struct entry *e)
{
	const struct policy_user *user = &e->grant.user;
	char why[200];

	if (!policy_resolve(admission.conf, user, &e->policy))
		log_warn("user %s: there is no [group %s], what it would say is not done",
			 e->user, user->group);
	if (members_offer(e) || handover_offer(e) || lease_get(e, why, sizeof(why)))
		return true;
	log_err("user %s: %s", e->user, why);
	return false;
}

static void admission_complain(void *ctx, const char *line)
{
	(void)ctx;
	log_err("%s", line);
}

/* Who is not in the users file any more, or disabled there, ends at once. */
static void admission_end_removed(const struct userdb *db)
{
	bool fold = admission.conf->server.fold_names;
	const struct userdb_user *user;
	struct entry *e;

	for (e = table_first(); e; e = table_next(e)) {
		if (!e->server || !e->verified || !e->in_users)
			continue;
		user = userdb_find(db, e->user);
		/* "alice" is what a login as "CORP\alice" finds, but not its account. */
		if (user && !account_same_name(fold, user->name, e->user))
			user = NULL;
		if (user && !user->disabled)
			continue;
		log_warn("session %u: user %s is %s now", e->id, e->user,
			 user ? "disabled" : "removed");
		admission_disconnect(e->id, REASON_ADMIN);
	}
}

static bool admission_has_users(const struct conf *conf)
{
	return conf->has_server && conf->server.backends & CONF_BACKEND_USERS;
}

static unsigned int admission_count_users(void)
{
	unsigned int n = 0;

	for (struct entry *e = table_first(); e; e = table_next(e))
		n += e->server && e->verified && e->in_users;
	return n;
}

unsigned int admission_check_users(const struct conf *next, const struct userdb *users,
				   conf_report report, void *ctx)
{
	unsigned int n = admission_count_users();
	char text[CONF_PATH_MAX + 200];

	if (!users || !n || userdb_size(users))
		return 0;
	snprintf(text, sizeof(text),
		 "%s: there is no account in it, which would end %u session%s; disable the accounts (sstpctl user disable) if that is what you want",
		 next->server.users, n, n == 1 ? "" : "s");
	report(ctx, text);
	return 1;
}

/* The pools must know what the users file has given away. */
void admission_reserve(const struct userdb *users)
{
	if (!users)
		return;
	lease_reserve(users);
	admission_end_removed(users);
}

/* Of the start, or with a new password in it */
void admission_look_at_users(void)
{
	struct userdb *db = NULL;

	/* Else what was there before still counts, as it does for authd. */
	if (admission_has_users(admission.conf))
		db = conf_load_users(&admission.conf->server, admission_complain, NULL);
	admission_reserve(db);
	userdb_free(db);
}

/* The users file is the place of passwords; one that is not in there is none. */
static void admission_set_password(const struct msg_auth_verdict *v, struct auth_result *res)
{
	if (password_set(&admission.conf->server, v->user, v->nt_hash, &staff.authd)) {
		admission_look_at_users();
		return;
	}
	OPENSSL_cleanse(res, sizeof(*res));
	res->error = AUTH_ERR_CHANGING_PASSWORD;
	strcpy(res->message, "the new password cannot be kept");
}

static enum account_from admission_from(const struct child *child, const struct entry *e,
					const struct msg_auth_verdict *v)
{
	if (!e->server)
		return ACCOUNT_OWN;
	if (child != &staff.radius)
		return ACCOUNT_USERS;
	return v->claimed ? ACCOUNT_CLAIMED : ACCOUNT_RADIUS;
}

/* Return: whether there is an answer to be sent; else the session is ended. */
static bool admission_yes(const struct child *child, struct entry *e,
			  const struct msg_auth_verdict *v, struct auth_result *res)
{
	memcpy(e->user, v->user, sizeof(e->user));
	e->grant = v->grant;
	e->in_users = child != &staff.radius;
	e->account = account_of(admission_from(child, e, v),
				admission.conf->server.fold_names, e->user);
	if (e->server && e->lane.joins && !members_known(e)) {
		log_info("user %s: connection %u of %u: the others are not here", e->user,
			 e->lane.number + 1u, e->lane.of);
		e->waiting = false;
		admission_disconnect(e->id, REASON_ALONE);
		return false;
	}
	if (e->server && !admission_admit(e)) {
		OPENSSL_cleanse(res, sizeof(*res));
		res->error = AUTH_ERR_RESTRICTED_HOURS;
		snprintf(res->message, sizeof(res->message), "no address");
		return true;
	}
	if (e->server && !admission_has_place(e)) {
		e->waiting = false;
		admission_disconnect(e->id, REASON_FULL);
		return false;
	}
	e->verified = true;
	admission_set_coming(e, e->server);
	numbers_use(&staff_engine_of(e->id)->numbers, e->id);
	succession_note(e->id);
	return true;
}

/* authd, and whom it has left the answer to. */
static bool admission_may_decide(const struct child *child, const struct entry *e)
{
	if (child == &staff.authd)
		return true;
	if (!(e->heard & child->bit))
		return false;
	return child == &staff.eapd ? e->method == AUTH_EAP_TLS || e->method == AUTH_PEAP :
				      e->server;
}

/* eapd gets a proof of that client's password whose login it does: one for one question. */
void admission_inner_ask(struct child *child, const struct msg_inner_ask *m)
{
	struct entry *e = table_find(m->id);

	if (!e || !e->waiting || m->serial != e->serial)
		return;
	if (!admission_may_decide(child, e) || e->server || e->method != AUTH_PEAP ||
	    e->client != m->client || e->proven == e->serial) {
		staff_betrayed(child, "asks for a proof of the password of client number %u",
			       m->client);
		return;
	}
	e->proven = e->serial;
	child_tell(&staff.authd, MSG_INNER_ASK, m, -1);
}

void admission_verdict(struct child *child, const struct msg_auth_verdict *v)
{
	struct msg_auth_answer answer = { .res = v->res };
	struct entry *e = table_find(v->id);

	/* One verdict for one question, of this session and none that had its number. */
	if (!e || !e->waiting || v->serial != e->serial)
		return;
	if (!admission_may_decide(child, e)) {
		staff_betrayed(child, "decides about session %u", e->id);
		return;
	}
	e->talking = v->res.more;
	/* Whoever says the last word forgets by itself. */
	if (!v->res.more)
		e->heard &= ~child->bit;
	if (v->set_password && child == &staff.authd && e->server)
		admission_set_password(v, &answer.res);
	if (e->server && !v->res.more)
		login_queue_verdict(&admission.conf->server.login, &e->remote, e->user,
			      &answer.res);
	if (!answer.res.ok || admission_yes(child, e, v, &answer.res)) {
		if (e->verified && e->server) {
			lease_addrs(e, &answer.addrs);
			handover_addrs(e, &answer.addrs);
		}
		admission_answer(e, &answer);
	}
	OPENSSL_cleanse(&answer, sizeof(answer));
}

/* Their answers will not come. Who has one already has no need of authd. */
void admission_end_logins(void)
{
	struct entry *e;

	for (e = table_first(); e; e = table_next(e))
		if (!e->verified)
			admission_disconnect(e->id, REASON_INTERNAL);
}

/* ---- data path ------------------------------------------------------------------------ */

/* The engine says what IPCP agreed upon; it must be what we gave out. */
static bool admission_may_have(const struct entry *e,
			    const struct ppp_network *net)
{
	return !e->server || !net->ipv4 ||
	       (net->peer.s_addr == e->address.s_addr &&
		net->local.s_addr == admission_local(e).s_addr);
}

/* Else its successor would be blamed for addresses that nobody has. */
static bool admission_may_be(const struct ppp_state *state, const struct ppp_network *net)
{
	return (!state->ipcp.opened || net->ipv4) && (!state->ipv6cp.opened || net->ipv6);
}

static bool admission_may_open(const struct entry *e, const struct msg_path_open *req)
{
	if (!e->verified || e->up || e->moved ||
	    (req->kind != MSG_PATH_KERNEL && e->sock >= 0))
		return false;
	if (req->kind == MSG_PATH_KERNEL && !admission_may_be(&req->state, &req->net))
		return false;
	return admission_may_have(e, &req->net);
}

/* Without one if there was no room for it; the request will be told so. */
void admission_path_socket(struct child *engine, struct imsg *m)
{
	const struct msg_session *req = m->body;
	struct entry *e = table_find(req->id);

	if (!e)
		return;
	if (!e->verified || e->up || e->moved || e->sock >= 0) {
		staff_betrayed(engine, "gives a socket that session %u may not have",
			       e->id);
		return;
	}
	e->sock = m->fd;
	m->fd = -1;
}

/* The socket goes back with a refusal, if it is there still. */
static void admission_refuse_path(struct entry *e, struct msg_path_opened *answer)
{
	child_tell(staff_engine_of(e->id), MSG_PATH_OPENED, answer, e->sock);
	e->sock = -1;
}

/* Two connections of one client, and the second cannot go on with what the first has. */
static void admission_part(struct entry *e, struct entry *old)
{
	members_end(old, REASON_REPLACED);
	handover_part(e, old);
	if (e->server) {
		old->replaced = true;
		admission_replace_session(old, e);
		return;
	}
	admission_disconnect(old->id, REASON_REPLACED);
	admission_drop(old, REASON_REPLACED, reason_text(REASON_REPLACED));
}

static void admission_set_state(struct entry *e, const struct ppp_state *state)
{
	if (!e->state)
		e->state = calloc(1, sizeof(*e->state));
	if (e->state)
		*e->state = *state;
}

static void admission_begins(struct entry *e)
{
	audit_up(e);
	metering_up(e);
	key_limit_up(e);
	cert_renew_up(e);
	advertise_start(e);
	dns_up(e);
	hook_up(e, admission_link(e));
}

static bool admission_may_join(const struct entry *e, const struct entry *leader,
			       const struct msg_path_open *req, struct nl_err *err)
{
	const char *why = NULL;

	if (req->kind != MSG_PATH_KERNEL)
		why = "only the kernel path has several connections";
	else if (!leader || leader->kind != MSG_PATH_KERNEL || leader->ending != REASON_NONE)
		why = "the session that it was a connection of is not there any more";
	else if (!handover_same_addresses(&req->net, &leader->net) ||
		 tunnel_mtu_of(e, &req->net) != leader->mtu)
		why = "it has come to other addresses than the connections that are there";
	else if (e->lane.number >= leader->slots)
		why = "the interface has no such slot";
	if (!why)
		return true;
	err->code = EINVAL;
	snprintf(err->text, sizeof(err->text), "%s", why);
	return false;
}

static void admission_refuse_join(struct entry *e, const struct nl_err *err)
{
	struct msg_path_opened answer = { .id = e->id, .busy = err->code == EBUSY };

	snprintf(answer.error, sizeof(answer.error), "%s", err->text);
	admission_refuse_path(e, &answer);
}

/* @old: what has been in that slot so far, NULL = nothing */
static void admission_join(struct entry *e, struct entry *leader, struct entry *old,
			   const struct msg_path_open *req)
{
	struct msg_path_opened answer = { .id = req->id, .ok = true };
	struct nl_err err = { 0 };
	int fd = -1;

	if (!admission_may_join(e, leader, req, &err) ||
	    tunnel_join(e, leader, old, req, &fd, &err) < 0) {
		admission_refuse_join(e, &err);
		return;
	}
	admission_set_coming(e, false);
	admission_set_state(e, &req->state);
	if (old) {
		audit_moved(e, old);
		handover_drain(e, old);
	} else {
		audit_joined(e, leader);
		key_limit_up(e);
		cert_renew_up(e);
	}
	memcpy(answer.ifname, e->ifname, sizeof(answer.ifname));
	child_tell(staff_engine_of(e->id), MSG_PATH_OPENED, &answer, fd);
	if (!e->lane.joins)
		members_begin_anew(e, old);
}

void admission_path_open(struct child *engine, const struct msg_path_open *req)
{
	struct msg_path_opened answer = { .id = req->id };
	struct entry *e = table_find(req->id), *old, *leader;
	struct nl_err err = { 0 };
	int fd = -1;

	if (!e)
		return;
	if (e->replaced) {
		snprintf(answer.error, sizeof(answer.error),
			 "replaced by a newer session of this user");
		admission_refuse_path(e, &answer);
		return;
	}
	if (!admission_may_open(e, req)) {
		staff_betrayed(engine, "asks for a data path that session %u may not have",
				e->id);
		return;
	}
	if (e->server && !descriptors_have_room(admission.conf, 0)) {
		snprintf(answer.error, sizeof(answer.error),
			 "no descriptor left for another session");
		admission_refuse_path(e, &answer);
		return;
	}
	leader = members_leader(e);
	old = leader ? members_at(leader, e) : handover_old(e);
	if ((e->leader || leader) && (!leader || old != leader)) {
		admission_join(e, leader, old, req);
		return;
	}
	e->leader = 0;
	if (old && e->lane.joins && !handover_fits(e, old, req) && members_heir(old)) {
		snprintf(answer.error, sizeof(answer.error),
			 "it has come to something else than the connections that are there");
		admission_refuse_path(e, &answer);
		return;
	}
	if (old && !handover_fits(e, old, req)) {
		admission_part(e, old);
		old = NULL;
	}
	if (old && handover_waits(e, old)) {
		answer.busy = answer.waits = true;
		snprintf(answer.error, sizeof(answer.error), "it waits for its turn");
		admission_refuse_path(e, &answer);
		return;
	}
	answer.ok = (old ? tunnel_take_over(e, old, req, &fd, &err) :
			   tunnel_up(e, req, &fd, &err)) == 0;
	if (!answer.ok) {
		answer.busy = req->kind == MSG_PATH_KERNEL && err.code == EBUSY;
		snprintf(answer.error, sizeof(answer.error), "%s", err.text);
		admission_refuse_path(e, &answer);
		return;
	}
	admission_set_coming(e, false);
	if (req->kind == MSG_PATH_KERNEL)
		admission_set_state(e, &req->state);
	if (old) {
		handover_done(e, old);
		members_follow(e, old);
		admission_keep_instead(e, old);
		if (!e->lane.joins)
			members_begin_anew(e, old);
	} else {
		admission_keep_beginning(e);
		admission_begins(e);
		admission_keep(e);
	}
	memcpy(answer.ifname, e->ifname, sizeof(answer.ifname));
	child_tell(staff_engine_of(e->id), MSG_PATH_OPENED, &answer, fd);
}

static void admission_update_member(struct entry *e, const struct ppp_network *net)
{
	const struct entry *leader = table_find(e->leader);

	if (!e->up)
		return;
	if (leader && handover_same_addresses(net, &leader->net)) {
		e->net = *net;
		tunnel_protocols_of(e, net);
		return;
	}
	log_info("session %u: it has come to other addresses than the other connections", e->id);
	admission_disconnect(e->id, REASON_REPLACED);
}

void admission_path_update(struct child *engine,
				  const struct msg_path_update *m)
{
	struct entry *e = table_find(m->id);

	if (!e || e->replaced || e->moved)
		return;
	if (!admission_may_have(e, &m->net)) {
		staff_betrayed(engine, "asks for addresses that session %u may not have",
				e->id);
		return;
	}
	if (e->leader) {
		admission_update_member(e, &m->net);
		return;
	}
	tunnel_update(e, &m->net);
	audit_addresses(e);
	dns_up(e);
	advertise_start(e);
	admission_keep(e);
}

void admission_link_state(struct child *engine, const struct msg_link_state *m)
{
	struct entry *e = table_find(m->id);

	if (!e || e->moved)
		return;
	if (!e->up || e->kind != MSG_PATH_KERNEL) {
		staff_betrayed(engine, "describes session %u, which is not the kernel's", e->id);
		return;
	}
	if (!e->replaced && !admission_may_be(&m->state, &e->net)) {
		staff_betrayed(engine, "describes session %u as what it is not", e->id);
		return;
	}
	admission_set_state(e, &m->state);
	admission_keep(e);
}

void admission_idle_ask(const struct msg_session *m)
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
	child_tell(staff_engine_of(e->id), MSG_IDLE, &answer, -1);
}

/* ---- life -------------------------------------------------------------------------- */

void admission_init(const struct conf *conf)
{
	admission.conf = conf;
	admission.sessions_max = 0;
	admission.resumed = 0;
	login_queue_init(&admission_login_ops);
}

/* After the engines have begun: what the pools need of memory is theirs first. */
void admission_start(void)
{
	lease_init(admission.conf, admission_replace_session);
	admission_sessions_max();
}

bool admission_end_others(void)
{
	bool any = false;

	for (struct entry *e = table_first(); e; e = table_next(e)) {
		if (!e->up || admission_outlives_us(e))
			continue;
		any = true;
		if (e->ending == REASON_NONE)
			admission_disconnect(e->id, REASON_SHUTDOWN);
	}
	return any;
}

void admission_drop_ended(void)
{
	struct entry *next;

	for (struct entry *e = table_first(); e; e = next) {
		next = table_next(e);
		if (e->ending != REASON_NONE)
			admission_drop(e, e->ending, reason_text(e->ending));
	}
}

void admission_resumed(unsigned int n)
{
	admission.resumed = n;
}

void admission_leave(void)
{
	struct entry *next;

	for (struct entry *e = table_first(); e; e = next) {
		next = table_next(e);
		admission_keep(e);
		if (!admission_outlives_us(e))
			admission_drop_for(e, REASON_SHUTDOWN, "sstpd is stopping");
	}
}
