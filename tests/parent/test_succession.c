// SPDX-License-Identifier: GPL-2.0-or-later
/* What an sstpd makes of the sessions of the one before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/inherit.h"
#include "lib/log.h"
#include "lib/loop.h"
#include "netlink/nl_sstp.h"
#include "parent/admission.h"
#include "parent/staff.h"
#include "parent/store.h"
#include "parent/succession.h"
#include "parent/table.h"
#include "parent/tunnel.h"
#include "rig/store_file.h"

#define ID	5
/* What the store's file has in front of struct store_life */
#define HEAD_LEN	16

static struct conf conf;
static struct ppp_state link_up;
static int session, file;

static int set_up(void **state)
{
	(void)state;
	memset(&conf, 0, sizeof(conf));
	conf.has_server = true;
	memset(&staff, 0, sizeof(staff));
	staff.conf = &conf;
	staff.n_engines = 1;
	staff.n_first = 1;
	return 0;
}

static void keep_as(struct entry e)
{
	e.server = true;
	e.state = &link_up;
	e.kernel_id = 1;
	e.ifindex = 1000000;
	link_up.lcp.opened = true;
	link_up.ipcp.opened = true;
	link_up.peer_mru = 1500;
	strcpy(e.user, "alice");
	e.session_fd = session;
	store_put(&e, "");
}

static void keep(uint32_t id, uint32_t takes_over)
{
	keep_as((struct entry){ .id = id, .takes_over = takes_over });
}

static void keep_one(void)
{
	store_open();
	session = eventfd(0, 0);
	file = store_file();
	keep(ID, 0);
}

/* next() - a process that begins with the file, and with the session's descriptor if @fd */
static int next(bool fd, int (*what)(void))
{
	char number[12];
	int status;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (!pid) {
		dup2(file, 50);
		dup2(session, 51);
		store_close();
		dup2(50, 3);
		dup2(51, 4);
		setenv("LISTEN_FDS", fd ? "2" : "1", 1);
		setenv("LISTEN_FDNAMES", fd ? "state:s1" : "state", 1);
		snprintf(number, sizeof(number), "%d", (int)getpid());
		setenv("LISTEN_PID", number, 1);
		inherit_init();
		store_open();
		succession_begin(&conf);
		_exit(what());
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static int known(void)
{
	return (int)table_count();
}

static int gets_ready(void)
{
	succession_done();
	return known();
}

static int ends(void)
{
	const struct entry *e = table_find(ID);

	return e && e->ending == REASON_CLOSED && !e->up && e->session_fd < 0 &&
	       !strcmp(e->user, "alice") && staff.engines[0].sessions == 1;
}

/* It has begun, for RADIUS and for a script: so somebody has to know that it ended. */
static void who_has_gone_ends(void **state)
{
	(void)state;
	keep_one();
	assert_int_equal(next(false, ends), 1);
	/* A descriptor of something else makes no session. */
	assert_int_equal(next(true, ends), 1);
	store_close();
	close(session);
}

static int ends_as_told(void)
{
	const struct entry *e = table_find(ID);

	return e && e->ending == REASON_SESSION_TIMEOUT && e->down_run;
}

/* A later sstpd may know more reasons. */
static int ends_for_some_reason(void)
{
	const struct entry *e = table_find(ID);

	return e && e->ending == REASON_INTERNAL && !e->down_run;
}

/* It was killed before it could see to that. */
static void who_was_told_to_end_ends(void **state)
{
	(void)state;
	store_open();
	session = eventfd(0, 0);
	file = store_file();
	keep_as((struct entry){ .id = ID, .ending = REASON_SESSION_TIMEOUT, .down_run = true });
	assert_int_equal(next(true, ends_as_told), 1);
	store_close();
	store_open();
	file = store_file();
	keep_as((struct entry){ .id = ID, .ending = 1000 });
	assert_int_equal(next(true, ends_for_some_reason), 1);
	store_close();
	close(session);
}

static int has_another_engine(void)
{
	return table_find(2)->ending == REASON_SHUTDOWN && table_find(3)->ending == REASON_CLOSED &&
	       table_find(4)->ending == REASON_CLOSED;
}

/* Only the first engine knows of clients; with another number of them it may be another's. */
static void clients_are_of_the_dialler(void **state)
{
	struct entry e = { .ifindex = 1000000, .kernel_id = 1, .state = &link_up };

	(void)state;
	conf.n_clients = 1;
	strcpy(conf.clients[0].name, "office");
	staff.n_engines = 2;
	staff.n_first = 2;
	store_open();
	session = eventfd(0, 0);
	file = store_file();
	keep(4, 0);
	for (e.id = 2; e.id <= 3; e.id++) {
		e.slot = 0;
		e.session_fd = session;
		store_put(&e, "office");
	}
	assert_int_equal(next(false, has_another_engine), 1);
	store_close();
	close(session);
}

static int has_the_later_one(void)
{
	return table_count() == 1 && table_find(ID + 1);
}

/* Killed between the record of one connection, and the end of that which it replaces. */
static void of_two_connections_the_later(void **state)
{
	(void)state;
	keep_one();
	keep(ID + 1, ID);
	assert_int_equal(next(true, has_the_later_one), 1);
	store_close();
	close(session);
	/* The later one may have a place before that of the other. */
	store_open();
	session = eventfd(0, 0);
	file = store_file();
	keep(ID + 1, ID);
	keep(ID, 0);
	assert_int_equal(next(true, has_the_later_one), 1);
	store_close();
	close(session);
}

/* Nobody has its keys; RADIUS hears how long it was, and what it was last known to have carried. */
static int has_its_account(void)
{
	struct entry *e = table_find(ID);
	struct netcfg_counts counts;

	if (!e || e->ending != REASON_INTERNAL || e->up || e->since_ms != 42)
		return 0;
	tunnel_count_last(e);
	tunnel_counts(e, &counts);
	return counts.rx_bytes == 1000 && counts.tx_packets == 7;
}

static void tun_leaves_its_account(void **state)
{
	struct entry e = { .id = ID, .server = true, .kind = MSG_PATH_TUN, .session_fd = -1,
			   .since_ms = 42, .last = { .rx_bytes = 1000, .tx_packets = 7 } };
	struct entry other = { .id = ID + 1, .server = true, .kind = MSG_PATH_TUN,
			       .session_fd = -1 };

	(void)state;
	store_open();
	session = eventfd(0, 0);
	file = store_file();
	store_put(&e, "");
	store_put(&other, "");
	assert_true(e.slot && other.slot && e.slot != other.slot);
	store_drop(&other);
	assert_int_equal(next(false, has_its_account), 1);
	store_drop(&e);
	assert_int_equal(next(false, known), 0);
	store_close();
	close(session);
}

/* What the one before has set up is known by it. */
static int keeps_control(void)
{
	struct conf_main next = { .control = "/run/other" };

	succession_control(&next);
	return !strcmp(next.control, "/run/sock") && !strcmp(store_life()->control, "/run/sock");
}

static int begins_with_its_own(void)
{
	struct conf_main next = { .control = "/run/other" };

	succession_control(&next);
	return !strcmp(next.control, "/run/other") &&
	       !strcmp(store_life()->control, "/run/other") && store_life()->started == 123;
}

static void control_stays(void **state)
{
	struct conf_main first = { .control = "/run/sock" };

	(void)state;
	keep_one();
	succession_control(&first);
	assert_int_equal(next(true, keeps_control), 1);
	store_close();
	close(session);
	/* An sstpd that knew less has not written so much. */
	store_open();
	session = eventfd(0, 0);
	file = store_file();
	store_set_life(&(struct store_life){ .started = 123 });
	assert_int_equal(ftruncate(file, HEAD_LEN + offsetof(struct store_life, control)), 0);
	assert_int_equal(next(false, begins_with_its_own), 1);
	store_close();
	close(session);
}

static int told_to_end(void)
{
	const struct entry *e = table_find(ID);

	return e && e->ending == REASON_INTERNAL && e->slot;
}

static int not_told_to_end(void)
{
	return table_count() && !told_to_end();
}

/* RADIUS and the script hear of it, unless it is by that that nobody gets ready. */
static void not_for_ever(void **state)
{
	(void)state;
	keep_one();
	assert_int_equal(next(true, known), 1);
	assert_int_equal(next(true, gets_ready), 1);
	for (int i = 0; i < 3; i++)
		assert_int_equal(next(true, not_told_to_end), 1);
	assert_int_equal(next(true, told_to_end), 1);
	assert_int_equal(next(true, known), 0);
	assert_int_equal(next(true, known), 0);
	store_close();
	close(session);
}

int main(void)
{
	struct nl_err err;
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(who_has_gone_ends, set_up),
		cmocka_unit_test_setup(who_was_told_to_end_ends, set_up),
		cmocka_unit_test_setup(clients_are_of_the_dialler, set_up),
		cmocka_unit_test_setup(of_two_connections_the_later, set_up),
		cmocka_unit_test_setup(tun_leaves_its_account, set_up),
		cmocka_unit_test_setup(control_stays, set_up),
		cmocka_unit_test_setup(not_for_ever, set_up),
	};

	log_init("test", LOG_TO_STDERR, LOG_EMERG);
	loop_init();
	tunnel_init(&conf);
	nl_sstp_available(&err);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
