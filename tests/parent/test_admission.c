// SPDX-License-Identifier: GPL-2.0-or-later
/* Who is let in, in whose place, and who is ended: from a question to its verdict. */
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include <fcntl.h>

#include "lib/log.h"
#include "lib/loop.h"
#include "netlink/netcfg.h"
#include "netlink/nl_sstp.h"
#include "parent/admission.h"
#include "parent/handover.h"
#include "parent/key_limit.h"
#include "parent/lease.h"
#include "parent/ledger.h"
#include "parent/login_queue.h"
#include "parent/metering.h"
#include "parent/staff.h"
#include "parent/store.h"
#include "parent/store_record.h"
#include "parent/table.h"

#define NET	0x0a080000	/* 10.8.0.0 */

static struct conf conf;
static uint32_t last_id;
static unsigned int ended;

static void on_give_up(void)
{
	ended++;
}

/* A child that is ended is one of a daemon that has not begun. */
static const struct staff_ops staff_ops = { .give_up = on_give_up };

/* The others are not there: what they are told is told to nobody. */
static int set_up(void **state)
{
	struct conf_server *server = &conf.server;

	(void)state;
	memset(&conf, 0, sizeof(conf));
	conf.has_server = true;
	conf.has_radius = true;
	server->backends = CONF_BACKEND_RADIUS;
	server->max_sessions = 10;
	server->half_open = 10;
	server->policy.same_user = CONF_SAME_REPLACE;
	server->link.auth = AUTH_METHODS(AUTH_PAP, AUTH_EAP_RADIUS);
	conf.n_pools = 1;
	conf.pools[0].n_addresses = 1;
	conf.pools[0].addresses[0] = (struct pool_range){ NET + 1, NET + 20 };
	conf.pools[0].local.s_addr = htonl(NET + 1);
	memset(&staff, 0, sizeof(staff));
	staff.conf = &conf;
	staff.ops = &staff_ops;
	ended = 0;
	staff.n_engines = 1;
	staff.n_first = 1;
	staff.engines[0].bit = MSG_ENGINE;
	last_id = 0;
	numbers_init(&staff.engines[0].numbers, 0, 1, loop_now_ms());
	staff.radius.bit = MSG_RADIUS;
	staff.authd.bit = MSG_AUTHD;
	staff.eapd.bit = MSG_EAPD;
	admission_init(&conf);
	admission_start();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	admission_drop_all(NULL, REASON_SHUTDOWN, "end");
	login_queue_exit();
	lease_exit();
	return 0;
}

static struct entry *ask(uint32_t id, const char *user)
{
	struct msg_auth_ask ask = {
		.id = id,
		.remote.ss_family = AF_INET,
		.req = { .serial = 1, .method = AUTH_EAP_RADIUS },
	};

	snprintf(ask.req.name, sizeof(ask.req.name), "%s", user);
	admission_auth_ask(&staff.engines[0], &ask);
	assert_non_null(table_find(id));
	return table_find(id);
}

static void on_message(void *ctx, struct imsg *m, const char *why)
{
	(void)ctx;
	(void)m;
	(void)why;
}

/* authd leaves it to RADIUS, which is there for that. */
static struct entry *pass_on(struct entry *e)
{
	const struct msg_auth_ask ask = { .id = e->id };
	int fds[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	staff.radius.chan = imsg_open(fds[0], msg_rules, MSG_TYPES, MSG_RADIUS, on_message,
				      NULL);
	admission_pass_on(&staff.radius, MSG_RADIUS_ASK, &ask, &ask);
	imsg_close(staff.radius.chan);
	staff.radius.chan = NULL;
	close(fds[1]);
	return e;
}

static void verdict(struct child *child, const struct entry *e, bool claimed)
{
	struct msg_auth_verdict v = {
		.id = e->id,
		.serial = e->serial,
		.res.ok = true,
		.claimed = claimed,
	};

	snprintf(v.user, sizeof(v.user), "%s", e->user);
	admission_verdict(child, &v);
}

/* Return: a session whose login was good; whether it is let in, @verified says */
static struct entry *login(const char *user)
{
	struct entry *e = pass_on(ask(++last_id, user));

	verdict(&staff.radius, e, false);
	return e;
}

static struct entry *claims(const char *user)
{
	struct entry *e = pass_on(ask(++last_id, user));

	verdict(&staff.radius, e, true);
	return e;
}

/* Whoever calls himself bob outside of a tunnel is not bob, whatever that would bring. */
static void claimed_names(void **state)
{
	struct entry *bob, *claim, *own;

	(void)state;
	conf.server.policy.sessions = 1;
	bob = login("bob");
	assert_true(bob->verified);
	claim = claims("bob");
	assert_true(claim->verified);
	assert_false(bob->replaced);
	/* One of the users file is another one, too. */
	own = ask(++last_id, "bob");
	verdict(&staff.authd, own, false);
	assert_true(own->verified);
	assert_true(own->in_users);
	assert_false(bob->replaced);
	assert_false(claim->replaced);
	/* He himself is. */
	assert_true(login("bob")->verified);
	assert_true(bob->replaced);
	assert_false(own->replaced);
	assert_false(claim->replaced);
}

static void place_of_who_returns(void **state)
{
	struct entry *bob, *carol, *again;

	(void)state;
	conf.server.max_sessions = 2;
	bob = login("bob");
	assert_true(bob->verified && login("dave")->verified);
	carol = login("carol");
	assert_false(carol->verified);
	assert_false(carol->waiting);
	assert_int_equal(carol->address.s_addr, 0);
	again = login("bob");
	assert_true(again->verified);
	assert_true(bob->replaced);
	/* Nor for a name that is claimed, nor where nobody is to be replaced. */
	assert_false(claims("bob")->verified);
	conf.server.policy.same_user = CONF_SAME_REFUSE;
	assert_false(login("bob")->verified);
	assert_false(again->replaced);
	/* There is room again. */
	admission_session_end(&(struct msg_session_end){ .id = again->id });
	assert_true(login("carol")->verified);
}

static void disconnect_user(void **state)
{
	(void)state;
	login("bob");
	login("BOB");
	login("CORP\\bob");
	ask(++last_id, "bob");
	assert_int_equal(admission_disconnect_user("bob"), 1);
	assert_int_equal(admission_disconnect_user("Bob"), 0);
	assert_int_equal(admission_disconnect_user("CORP\\bob"), 1);
	conf.server.fold_names = true;
	assert_int_equal(admission_disconnect_user("Bob"), 3);
	assert_int_equal(admission_disconnect_user("bo"), 0);
	assert_int_equal(admission_disconnect_user(""), 0);
}

/* Only one verdict for one question, and of those who may give it. */
static void verdicts(void **state)
{
	struct entry *e = pass_on(ask(++last_id, "bob"));
	struct msg_auth_verdict v = { .id = e->id, .serial = e->serial + 1, .res.ok = true };

	(void)state;
	admission_verdict(&staff.radius, &v);
	assert_false(e->verified);
	v.id++;
	v.serial--;
	admission_verdict(&staff.radius, &v);
	assert_false(e->verified);
	v.id--;
	admission_verdict(&staff.radius, &v);
	assert_true(e->verified);
	/* It was "bob" that was asked about; this is a word too much. */
	strcpy(v.user, "root");
	admission_verdict(&staff.radius, &v);
	assert_string_equal(e->user, "");
	assert_int_equal(ended, 0);
}

/* Where RADIUS is for accounting alone, or the user is in the file, it lets nobody in. */
static void verdicts_of_others(void **state)
{
	struct child *const others[] = { &staff.radius, &staff.eapd };
	struct entry *e;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		e = ask(++last_id, "bob");
		verdict(others[i], e, false);
		assert_false(e->verified);
		assert_true(e->waiting);
		assert_int_equal(ended, i + 1);
		verdict(&staff.authd, e, false);
		assert_true(e->verified);
	}
	/* Nor does one decide what was left to the other. */
	e = pass_on(ask(++last_id, "bob"));
	verdict(&staff.eapd, e, false);
	assert_false(e->verified);
	assert_int_equal(ended, 3);
}

/* Descriptors that this process may have: half of them, so few, are kept back. */
static void limit_descriptors(unsigned int spare)
{
	struct rlimit limit;
	int next = dup(STDERR_FILENO);

	assert_true(next >= 0);
	close(next);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	limit.rlim_cur = spare ? 2 * ((rlim_t)next + spare) : 1024;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
}

/* The last descriptors are for the children: who logs in then is told that there is no room. */
static void no_descriptor_left(void **state)
{
	struct entry *e;

	(void)state;
	limit_descriptors(200);
	assert_true(login("bob")->verified);
	limit_descriptors(8);
	assert_true(login("carol")->verified);
	limit_descriptors(3);
	e = login("dave");
	assert_false(e->verified);
	assert_int_equal(e->ending, REASON_FULL);
	assert_int_equal(e->address.s_addr, 0);
	/* One who returns needs no more than he had. */
	assert_true(login("bob")->verified);
	limit_descriptors(0);
	assert_true(login("dave")->verified);
}

/* Each that is let in has its descriptors to come. */
static void descriptors_of_many_at_once(void **state)
{
	unsigned int in = 0;
	char name[20];

	(void)state;
	limit_descriptors(10);
	for (int i = 0; i < 10; i++) {
		snprintf(name, sizeof(name), "user%d", i);
		in += login(name)->verified;
	}
	limit_descriptors(0);
	assert_int_equal(in, 5);
}

/* authd reads nothing: who comes then is told so, nothing grows. */
static void authd_does_not_read(void **state)
{
	const uint32_t many = 4000;
	struct entry *e;
	size_t queued;
	int fds[2];

	(void)state;
	conf.server.max_sessions = 2 * many;
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, fds), 0);
	staff.authd.chan = imsg_open(fds[0], msg_rules, MSG_TYPES, MSG_AUTHD, on_message,
				     NULL);
	e = ask(++last_id, "bob");
	assert_true(e->waiting);
	while (e->waiting && last_id < many)
		e = ask(++last_id, "bob");
	assert_false(e->waiting);
	queued = imsg_queued(staff.authd.chan);
	assert_in_range(queued, 1, 5 * 1024 * 1024);
	assert_false(ask(++last_id, "bob")->waiting);
	assert_int_equal(imsg_queued(staff.authd.chan), queued);
	assert_int_equal(ended, 0);
	imsg_close(staff.authd.chan);
	staff.authd.chan = NULL;
	close(fds[1]);
}

/* ---- an engine that ends ------------------------------------------------------------ */

/*
 * As after MSG_PATH_OPENED; the kernel's session is a file like another. That there was
 * no authd is forgotten.
 */
static void up_in_kernel(struct entry *e)
{
	e->ending = REASON_NONE;
	e->up = true;
	e->kind = MSG_PATH_KERNEL;
	e->net = (struct ppp_network){ .ipv6 = true, .peer_mru = 1400 };
	e->session_fd = open("/dev/null", O_RDONLY);
}

/* Nothing of the machine is to be undone for it. */
static void not_up(struct entry *e)
{
	e->up = false;
	close(e->session_fd);
	e->session_fd = -1;
}

static struct msg_link_state state_of(const struct entry *e)
{
	struct msg_link_state m = { .id = e->id };

	m.state.lcp.opened = true;
	m.state.ipv6cp.opened = true;
	m.state.peer_mru = 1400;
	return m;
}

static void what_an_engine_may_say(void **state)
{
	struct entry *e = login("bob");
	struct msg_link_state m = state_of(e);

	(void)state;
	admission_link_state(&staff.engines[0], &m);
	assert_int_equal(ended, 1);
	assert_null(e->state);
	up_in_kernel(e);
	admission_link_state(&staff.engines[0], &m);
	assert_int_equal(ended, 1);
	assert_non_null(e->state);
	/* Its successor would have no address for that. */
	m.state.ipcp.opened = true;
	admission_link_state(&staff.engines[0], &m);
	assert_int_equal(ended, 2);
	assert_false(e->state->ipcp.opened);
	not_up(e);
}

/* As the next sstpd would find it; REASON_NONE: it would go on. */
static bool is_kept(const struct entry *e, enum reason ending)
{
	struct stored one = { 0 };
	struct entry read = { 0 };
	char client[CONF_NAME_MAX];
	bool same;

	if (!store_next(&one))
		return false;
	assert_true(store_record_read(one.record, one.len, &read, client));
	free(read.state);
	same = read.id == e->id && read.ending == ending;
	return same && !store_next(&one);
}

/* Whoever is killed between "end" and the end leaves it to the next one to say so. */
static void kept_until_the_end(void **state)
{
	struct entry *e = login("bob");
	const struct msg_session_end end = { .id = e->id, .reason = REASON_CLOSED };
	struct msg_link_state m = state_of(e);
	struct stored one = { 0 };

	(void)state;
	store_open();
	up_in_kernel(e);
	admission_link_state(&staff.engines[0], &m);
	assert_true(is_kept(e, REASON_NONE));
	admission_disconnect(e->id, REASON_SESSION_TIMEOUT);
	assert_true(is_kept(e, REASON_SESSION_TIMEOUT));
	/* It may not know yet. */
	admission_link_state(&staff.engines[0], &m);
	assert_true(is_kept(e, REASON_SESSION_TIMEOUT));
	not_up(e);
	admission_session_end(&end);
	assert_false(store_next(&one));
	store_close();
}

/* Its end is not over before the process for RADIUS has it. */
static void kept_until_stop_is_taken(void **state)
{
	struct entry *e = login("bob"), was;
	const struct msg_session_end end = { .id = e->id, .reason = REASON_CLOSED };
	struct msg_link_state m = state_of(e);
	struct stored one = { 0 };

	(void)state;
	store_open();
	metering_init(&staff.radius, 0, admission_disconnect);
	up_in_kernel(e);
	metering_up(e);
	admission_link_state(&staff.engines[0], &m);
	not_up(e);
	was = *e;
	admission_session_end(&end);
	assert_true(is_kept(&was, REASON_CLOSED));
	ledger_taken(&(struct msg_acct_taken){ .id = was.id, .kind = MSG_ACCT_START });
	assert_true(is_kept(&was, REASON_CLOSED));
	ledger_taken(&(struct msg_acct_taken){ .id = was.id, .kind = MSG_ACCT_STOP });
	assert_false(store_next(&one));
	metering_init(NULL, 0, NULL);
	store_close();
}

/* Accounting knows a session by its number, also when it is over. */
static void no_number_twice(void **state)
{
	struct entry *e = login("bob");
	const struct msg_session_end end = { .id = e->id, .reason = REASON_CLOSED };
	struct msg_auth_ask again = { .id = e->id, .req.method = AUTH_EAP_RADIUS };

	(void)state;
	admission_session_end(&end);
	assert_null(table_find(end.id));
	admission_auth_ask(&staff.engines[0], &again);
	assert_int_equal(ended, 1);
	assert_null(table_find(end.id));
	again.id = UINT32_MAX;
	admission_auth_ask(&staff.engines[0], &again);
	assert_int_equal(ended, 2);
	assert_null(table_find(again.id));
}

/* ---- PEAP of a client --------------------------------------------------------------- */

static struct entry *dial(enum auth_method_id method)
{
	struct msg_auth_ask ask = {
		.id = ++last_id,
		.remote.ss_family = AF_INET,
		.req = { .serial = 1, .client = true, .method = method },
	};

	conf.n_clients = 2;
	conf.clients[0].link.auth = AUTH_METHODS(AUTH_PEAP, AUTH_EAP_TLS);
	conf.clients[1].link.auth = AUTH_METHODS(AUTH_MSCHAPV2);
	admission_auth_ask(&staff.engines[0], &ask);
	assert_non_null(table_find(ask.id));
	table_find(ask.id)->ending = REASON_NONE;
	return table_find(ask.id);
}

static void pass_to_eapd(struct entry *e)
{
	const struct msg_eap_ask ask = { .ask = { .id = e->id } };
	int fds[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	staff.eapd.chan = imsg_open(fds[0], msg_rules, MSG_TYPES, MSG_EAPD, on_message, NULL);
	admission_pass_on(&staff.eapd, MSG_EAP_ASK, &ask.ask, &ask);
	imsg_close(staff.eapd.chan);
	staff.eapd.chan = NULL;
	close(fds[1]);
	e->waiting = true;
}

/* Return: whether eapd was ended for it. */
static bool asks_inside(const struct entry *e, uint32_t serial, uint32_t client)
{
	const struct msg_inner_ask m = { .id = e->id, .serial = serial, .client = client };
	unsigned int before = ended;

	admission_inner_ask(&staff.eapd, &m);
	return ended > before;
}

static void proofs_for_whom(void **state)
{
	struct entry *e = dial(AUTH_PEAP);

	(void)state;
	e->waiting = true;
	assert_true(asks_inside(e, e->serial, 0));	/* nobody has told it of this one */
	pass_to_eapd(e);
	assert_true(asks_inside(e, e->serial, 1));	/* another's password */
	assert_int_equal(e->proven, 0);
	assert_false(asks_inside(e, e->serial - 1, 0));	/* that is over */
	assert_int_equal(e->proven, 0);
	assert_false(asks_inside(e, e->serial, 0));
	assert_int_equal(e->proven, e->serial);
	assert_true(asks_inside(e, e->serial, 0));	/* no oracle */
	e->waiting = false;
	assert_false(asks_inside(e, e->serial, 0));
	e->server = true;		/* it ends without a tunnel of a client */
	e = dial(AUTH_EAP_TLS);
	pass_to_eapd(e);
	assert_true(asks_inside(e, e->serial, 0));
	e->server = true;
	e = ask(++last_id, "bob");
	pass_to_eapd(e);
	assert_true(asks_inside(e, e->serial, 0));
}

/* An engine that does not do what it is told is not needed for that. */
static void told_to_end(void **state)
{
	struct entry *e = login("bob");
	uint32_t id = e->id;
	struct event *overdue;

	(void)state;
	assert_true(admission_disconnect(id, REASON_ADMIN));
	overdue = e->overdue;
	assert_true(admission_disconnect(id, REASON_ADMIN));
	assert_ptr_equal(e->overdue, overdue);
	event_active(overdue, EV_TIMEOUT, 0);
	assert_true(loop_once());
	assert_null(table_find(id));
}

static struct {
	unsigned int n;
	struct msg_adopt last;
	bool fd;
} adopted;

static void on_adopt(void *ctx, struct imsg *m, const char *why)
{
	(void)ctx;
	(void)why;
	assert_non_null(m);
	assert_int_equal(m->type, MSG_ADOPT);
	adopted.n++;
	adopted.last = *(const struct msg_adopt *)m->body;
	adopted.fd = m->fd >= 0;
	loop_stop();
}

static struct imsg_chan *engine;

/* Another engine, which listens until it has been told of a session. */
static void engine_comes_back(void)
{
	int fds[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	staff.engines[0].chan = imsg_open(fds[0], msg_rules, MSG_TYPES, MSG_ENGINE,
					  on_message, NULL);
	engine = imsg_open(fds[1], msg_rules, MSG_TYPES, MSG_PARENT, on_adopt, NULL);
	admission_engine_back(&staff.engines[0]);
	loop_run();
}

static void engine_is_done(void)
{
	imsg_close(engine);
	imsg_close(staff.engines[0].chan);
	staff.engines[0].chan = NULL;
}

static void who_goes_on_without_engine(void **state)
{
	struct entry *stays = login("bob"), *logs_in = ask(++last_id, "carol");
	struct msg_link_state m = state_of(stays);
	uint32_t gone = logs_in->id;

	(void)state;
	up_in_kernel(stays);
	admission_link_state(&staff.engines[0], &m);
	admission_engine_gone(&staff.engines[0]);
	assert_ptr_equal(table_find(stays->id), stays);
	assert_null(table_find(gone));
	assert_int_equal(staff.engines[0].sessions, 1);

	engine_comes_back();
	assert_int_equal(adopted.n, 1);
	assert_true(adopted.fd);
	assert_int_equal(adopted.last.id, stays->id);
	assert_true(adopted.last.server);
	/* Addresses are the parent's word, not the engine's. */
	assert_int_equal(adopted.last.addrs.peer.s_addr, stays->address.s_addr);
	assert_true(adopted.last.net.ipv6);
	engine_is_done();
	not_up(stays);
}

/* ---- an sstpd after another ------------------------------------------------------------ */

/* As many as the old limits let in are no reason to take an engine for broken into. */
static void more_than_the_limits_say_now(void **state)
{
	(void)state;
	conf.server.max_sessions = 1;
	conf.server.half_open = 1;
	staff.engines[0].sessions = 20;
	login_queue_exit();
	admission_init(&conf);
	admission_resumed(20);
	ask(++last_id, "bob");
	assert_int_equal(ended, 0);
	staff.engines[0].sessions = 1;
}

/* [pool] "local" is another one since the restart; the session has what it had. */
static void our_address_was_another(void **state)
{
	const struct in_addr old = { htonl(NET + 200) };
	struct entry *e = login("bob");
	struct msg_path_update m = { .id = e->id };
	struct msg_link_state s;

	(void)state;
	up_in_kernel(e);
	e->net.ipv4 = true;
	e->net.local = old;
	e->net.peer = e->address;
	m.net = e->net;
	e->kind = MSG_PATH_TUN;	/* no request to the kernel */
	admission_path_update(&staff.engines[0], &m);
	assert_int_equal(ended, 0);
	m.net.local.s_addr = htonl(NET + 201);
	admission_path_update(&staff.engines[0], &m);
	assert_int_equal(ended, 1);

	/* Its engine is told so, and says nothing else when IPCP is negotiated anew. */
	e->kind = MSG_PATH_KERNEL;
	s = state_of(e);
	admission_link_state(&staff.engines[0], &s);
	engine_comes_back();
	assert_int_equal(adopted.last.addrs.local.s_addr, old.s_addr);
	engine_is_done();
	not_up(e);
}

/* ---- another connection of a client ------------------------------------------------- */

static struct entry *borrows(struct entry *of)
{
	struct entry *e = login(of->user);

	lease_borrow(e, of);
	e->ending = REASON_NONE;
	return e;
}

static void opens(const struct entry *e, struct in_addr address)
{
	struct msg_path_open req = { .id = e->id, .net = { .ipv4 = true, .peer = address } };

	req.net.local = conf.pools[0].local;
	admission_path_open(&staff.engines[0], &req);
}

/* An address that is lent is that of one other connection, however many come. */
static void one_borrower(void **state)
{
	struct entry *bob = login("bob"), *second, *third;
	const struct in_addr address = bob->address;
	uint64_t left, n;

	(void)state;
	up_in_kernel(bob);
	second = borrows(bob);
	third = borrows(bob);
	assert_true(lease_free(&left));
	assert_int_not_equal(second->ending, REASON_NONE);
	assert_int_equal(second->address.s_addr, 0);
	assert_int_equal(third->address.s_addr, address.s_addr);
	/* The second one's engine cannot know yet. */
	opens(second, address);
	assert_false(second->up);
	assert_int_equal(ended, 0);
	/* The lender goes: what it had is the borrower's, and comes back once. */
	not_up(bob);
	admission_session_end(&(struct msg_session_end){ .id = bob->id });
	assert_true(lease_free(&n));
	assert_int_equal(n, left);
	assert_int_equal(third->before, 0);
	assert_true(third->pooled);
	admission_session_end(&(struct msg_session_end){ .id = second->id });
	admission_session_end(&(struct msg_session_end){ .id = third->id });
	assert_true(lease_free(&n));
	assert_int_equal(n, left + 1);
}

/* Whoever takes the place of a session takes that of its next connection, too. */
static void replaced_lender(void **state)
{
	struct entry *bob = login("bob"), *second, *other;
	const struct in_addr address = bob->address;

	(void)state;
	conf.server.policy.sessions = 1;
	up_in_kernel(bob);
	second = pass_on(ask(++last_id, "bob"));
	second->verified = true;
	second->account = bob->account;
	lease_borrow(second, bob);
	not_up(bob);
	other = login("bob");
	assert_true(other->verified && bob->replaced);
	assert_true(second->replaced);
	assert_int_equal(second->address.s_addr, 0);
	opens(second, address);
	assert_false(second->up);
	assert_int_equal(ended, 0);
}

static void takes_over(struct entry *e, struct entry *old)
{
	up_in_kernel(e);
	e->ifindex = old->ifindex;
	close(old->session_fd);
	old->session_fd = -1;
	old->up = false;
	handover_done(e, old);
}

/* What is left of a connection has no say, and takes nothing with it. */
static void moves(void **state)
{
	struct entry *bob = login("bob"), *second;
	struct msg_link_state m = state_of(bob);
	const struct in_addr address = bob->address;
	const uint32_t began_as = bob->id;
	uint64_t left, n;

	(void)state;
	key_limit_init(&conf.main, NULL, NULL);
	conf.server.fold_names = true;
	up_in_kernel(bob);
	/* Of no interface that there is. */
	bob->ifindex = INT32_MAX;
	metering_up(bob);
	second = borrows(bob);
	assert_true(lease_free(&left));
	snprintf(second->user, sizeof(second->user), "BOB");
	takes_over(second, bob);
	assert_int_equal(table_number(second), began_as);
	assert_string_equal(second->user, "bob");
	assert_non_null(second->metering_timer);
	assert_null(bob->metering_timer);
	assert_ptr_equal(table_find_session(began_as), second);
	admission_link_state(&staff.engines[0], &m);
	admission_idle_ask(&(struct msg_session){ .id = bob->id });
	assert_int_equal(ended, 0);
	assert_null(bob->state);
	opens(bob, address);
	assert_int_equal(ended, 1);
	assert_false(bob->up);
	assert_int_equal(second->address.s_addr, address.s_addr);
	assert_true(second->pooled);
	admission_session_end(&(struct msg_session_end){ .id = bob->id });
	assert_true(lease_free(&n));
	assert_int_equal(n, left);
	not_up(second);
	admission_session_end(&(struct msg_session_end){ .id = second->id });
	assert_true(lease_free(&n));
	assert_int_equal(n, left + 1);
}

static unsigned int told_to_end_n;

static bool count_end(uint32_t id, enum reason reason)
{
	told_to_end_n++;
	return admission_disconnect(id, reason);
}

/* The kernel has two connections of a client at a time: the third waits, and not for ever. */
static void third_waits(void **state)
{
	struct entry *first = login("bob"), *second, *third;
	struct nl_err err;

	(void)state;
	told_to_end_n = 0;
	handover_init(count_end);
	nl_sstp_available(&err);
	up_in_kernel(first);
	first->ifindex = INT32_MAX;
	second = borrows(first);
	up_in_kernel(second);
	second->ifindex = first->ifindex;
	first->up = false;
	handover_done(second, first);
	third = borrows(second);
	assert_true(handover_waits(third, second));
	assert_int_equal(first->ending, REASON_REPLACED);
	/* It asks again and again. */
	assert_true(handover_waits(third, second));
	assert_int_equal(told_to_end_n, 1);
	/* A peer that says nothing any more: its session is cut. */
	while (first->session_fd >= 0)
		assert_true(loop_once());
	assert_int_equal(told_to_end_n, 1);
	assert_true(handover_waits(third, second));
	admission_session_end(&(struct msg_session_end){ .id = first->id });
	assert_false(handover_waits(third, second));
	not_up(second);
}

/* By its first number, by that of its last connection, and never one of no number. */
static void number_of_one_that_moved(void **state)
{
	struct entry *first = login("bob"), *second = login("bob"), *third = login("bob");
	const uint32_t began_as = first->id;

	(void)state;
	assert_ptr_equal(table_find_session(began_as), first);
	assert_null(table_find_session(0));
	second->began_as = began_as;
	first->moved = true;
	assert_ptr_equal(table_find_session(began_as), second);
	admission_session_end(&(struct msg_session_end){ .id = began_as });
	assert_ptr_equal(table_find_session(began_as), second);
	third->began_as = began_as;
	second->moved = true;
	assert_ptr_equal(table_find_session(began_as), third);
	assert_ptr_equal(table_find_session(second->id), third);
}

/* One of several connections, and the others are not here: no session begins with it. */
static void none_of_the_others(void **state)
{
	struct entry *bob = login("bob"), *e;

	(void)state;
	bob->endpoint.id[0] = 1;
	up_in_kernel(bob);
	bob->slots = 4;
	bob->lane.of = 4;
	e = pass_on(ask(++last_id, "carol"));
	e->endpoint = bob->endpoint;
	e->lane = (struct lane){ .number = 1, .of = 4, .joins = true };
	verdict(&staff.radius, e, false);
	assert_false(e->verified);
	assert_false(e->waiting);
	assert_int_equal(e->ending, REASON_ALONE);
	assert_int_equal(e->address.s_addr, 0);
	/* Nor is it one of somebody else's. */
	assert_int_equal(e->leader, 0);
	assert_false(bob->replaced);
	not_up(bob);
}

#define TEST(name)	cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(claimed_names), TEST(none_of_the_others),
		TEST(place_of_who_returns),
		TEST(disconnect_user),
		TEST(verdicts),
		TEST(verdicts_of_others),
		TEST(authd_does_not_read),
		TEST(no_descriptor_left),
		TEST(descriptors_of_many_at_once),
		TEST(what_an_engine_may_say),
		TEST(kept_until_the_end),
		TEST(kept_until_stop_is_taken),
		TEST(no_number_twice),
		TEST(proofs_for_whom),
		TEST(told_to_end),
		TEST(who_goes_on_without_engine),
		TEST(more_than_the_limits_say_now),
		TEST(our_address_was_another),
		TEST(one_borrower),
		TEST(replaced_lender),
		TEST(moves),
		TEST(third_waits),
		TEST(number_of_one_that_moved),
	};

	log_init("test", LOG_TO_STDERR, LOG_EMERG);
	loop_init();
	netcfg_init(0);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
