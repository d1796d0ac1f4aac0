// SPDX-License-Identifier: GPL-2.0-or-later
/* What one sstpd leaves to the next: records of sessions, and where they are kept. */
#include <poll.h>
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

#include "data/session_id.h"
#include "lib/inherit.h"
#include "parent/store.h"
#include "parent/store_record.h"
#include "rig/store_file.h"

#define ID		0x01020304
/* Where the store's file has its places. */
#define SLOT_SIZE	8192

static struct ppp_state link_up;

static void make_link(void)
{
	struct ppp_fsm_state *all[] = { &link_up.lcp, &link_up.ipcp };

	memset(&link_up, 0, sizeof(link_up));
	for (int i = 0; i < 2; i++) {
		all[i]->opened = true;
		all[i]->id = (uint8_t)(7 + i);
	}
	link_up.lcp.req_len = 6;
	memcpy(link_up.lcp.req, "\x05\x06\x01\x02\x03\x04", 6);
	link_up.ask_mru = true;
	link_up.asked_mru = 1400;
	link_up.peer_mru = 1500;
	link_up.magic = 0x11223344;
}

static void make_session(struct entry *e)
{
	memset(e, 0, sizeof(*e));
	make_link();
	e->id = ID;
	e->server = true;
	strcpy(e->user, "alice");
	strcpy(e->account.key, "ualice");
	strcpy(e->ifname, "sstp0");
	strcpy(e->tls, "TLSv1.3");
	e->ifindex = 17;
	e->since = 1800000000;
	e->grant.session_s = 3600;
	e->grant.user.n_routes = 2;
	e->grant.user.routes[1].family = AF_INET;
	e->grant.class_len = 3;
	memcpy(e->grant.class, "\x19\x03\xff", 3);
	e->state = &link_up;
}

/* ---- records --------------------------------------------------------------------- */

static void what_was_written_is_read(void **state)
{
	uint8_t bytes[STORE_RECORD_MAX];
	struct entry e, read = { 0 };
	char client[CONF_NAME_MAX];
	size_t len;

	(void)state;
	make_session(&e);
	len = store_record_write(&e, "office", bytes);
	assert_int_equal(store_record_id(bytes, len), ID);
	assert_int_equal(store_record_takes_over(bytes, len), 0);
	assert_true(store_record_read(bytes, len, &read, client));
	assert_string_equal(client, "office");
	assert_string_equal(read.user, "alice");
	assert_int_equal(read.since, e.since);
	assert_memory_equal(&read.grant, &e.grant, sizeof(e.grant));
	assert_memory_equal(read.state, &link_up, sizeof(link_up));
	free(read.state);
}

/* Every beginning of it, which may be a shorter one: nothing is read beyond its end. */
static void what_is_cut_off_is_harmless(void **state)
{
	uint8_t bytes[STORE_RECORD_MAX], *part;
	char client[CONF_NAME_MAX];
	struct entry e, read;
	size_t len;

	(void)state;
	make_session(&e);
	len = store_record_write(&e, "", bytes);
	for (size_t n = 0; n < len; n++) {
		/* Of that size, so that a read beyond it is found. */
		part = malloc(n ? n : 1);
		memcpy(part, bytes, n);
		memset(&read, 0, sizeof(read));
		store_record_read(part, n, &read, client);
		store_record_id(part, n);
		store_record_takes_over(part, n);
		free(read.state);
		free(part);
	}
}

static size_t add_field(uint8_t *to, uint16_t number, uint16_t len)
{
	memcpy(to, &number, 2);
	memcpy(to + 2, &len, 2);
	memset(to + 4, 'x', len);
	return 4 + (size_t)len;
}

static void another_version_may_have_other_fields(void **state)
{
	uint8_t bytes[STORE_RECORD_MAX + 2000];
	struct entry e, read = { 0 };
	char client[CONF_NAME_MAX];
	size_t len;

	(void)state;
	make_session(&e);
	len = store_record_write(&e, "", bytes);
	len += add_field(bytes + len, 65000, 300);
	assert_true(store_record_read(bytes, len, &read, client));
	free(read.state);
	/* But no longer ones than there is room for, nor texts without an end. */
	memset(&read, 0, sizeof(read));
	assert_false(store_record_read(bytes, len + add_field(bytes + len, 4, 400), &read, client));
	free(read.state);
	memset(&read, 0, sizeof(read));
	assert_false(store_record_read(bytes, len + add_field(bytes + len, 4, AUTH_NAME_MAX + 1),
				       &read, client));
	free(read.state);
	memset(&read, 0, sizeof(read));
	assert_false(store_record_read(bytes, len + add_field(bytes + len, 43, 4), &read, client));
	free(read.state);
}

/*
 * What any released sstpd has written must be read as it was meant. A change here is a
 * new number at the end, or a longer array; nothing else.
 */
static void numbers_keep_their_meaning(void **state)
{
	static const struct {
		uint16_t number;
		size_t size;
	} fields[] = {
		{ 1, 4 }, { 2, 1 }, { 3, 64 }, { 4, 256 }, { 5, 257 }, { 6, 128 }, { 7, 4 },
		{ 8, 1 }, { 9, 8 }, { 10, 8 }, { 11, 8 }, { 12, 4 }, { 13, 16 }, { 14, 4 },
		{ 15, 4 }, { 16, 1 }, { 17, 1 }, { 18, 1 }, { 19, 4 },
		{ 20, 64 }, { 21, 64 }, { 22, 8 }, { 23, 8 }, { 24, 16 }, { 25, 4 }, { 26, 16 },
		{ 27, 64 }, { 28, 4 }, { 29, 4 }, { 30, 4 },
		{ 40, 64 }, { 41, 4 }, { 42, 18 }, { 43, 4 }, { 44, 288 }, { 45, 4 }, { 46, 4 },
		{ 47, 4 }, { 48, 4 }, { 49, 8 }, { 50, 8 }, { 51, 32 }, { 52, 4 }, { 53, 512 },
		{ 60, 4 }, { 61, 18 }, { 62, 1 }, { 63, 1 }, { 64, 4 }, { 65, 4 }, { 66, 8 },
		{ 67, 8 }, { 68, 8 }, { 69, 8 }, { 70, 2 }, { 71, 2 },
		{ 72, 8 },
		{ 80, 4 }, { 81, 64 }, { 82, 128 }, { 83, 128 }, { 84, 16 }, { 85, 4 }, { 86, 1 },
		{ 87, 4 }, { 88, 4 }, { 89, 4 }, { 90, 4 }, { 91, 1 }, { 92, 8 }, { 93, 8 },
		{ 94, 8 }, { 95, 8 }, { 96, 8 }, { 97, 1 },
		{ 100, 8 }, { 101, 8 }, { 102, 8 }, { 103, 8 },
		{ 104, 8 }, { 105, 8 }, { 106, 8 }, { 107, 8 },
		{ 120, 1 }, { 121, 2 }, { 122, 2 }, { 123, 4 }, { 124, 4 },
		{ 130, 1 }, { 131, 1 }, { 132, 1 }, { 133, 1 }, { 134, 1 }, { 135, 128 },
		{ 136, 128 },
		{ 140, 1 }, { 141, 1 }, { 142, 1 }, { 143, 1 }, { 144, 1 }, { 145, 128 },
		{ 146, 128 },
		{ 150, 1 }, { 151, 1 }, { 152, 1 }, { 153, 1 }, { 154, 1 }, { 155, 128 },
		{ 156, 128 },
	};
	uint16_t number;
	size_t size, i;

	(void)state;
	for (i = 0; store_record_field(i, &number, &size); i++) {
		assert_true(i < sizeof(fields) / sizeof(*fields));
		assert_int_equal(number, fields[i].number);
		assert_int_equal(size, fields[i].size);
	}
	assert_int_equal(i, sizeof(fields) / sizeof(*fields));
}

/* ---- from one process to the next ------------------------------------------------------ */

/*
 * run_next() - a process that begins with @n descriptors, and does @what
 * Return: its exit status
 */
static int run_next(const int *fds, int n, const char *names, int (*what)(void))
{
	char number[12];
	int high[8], status;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (!pid) {
		for (int i = 0; i < n; i++)
			high[i] = dup2(fds[i], 50 + i);
		/* It knows nothing of what this one has. */
		store_close();
		for (int i = 0; i < n; i++)
			dup2(high[i], 3 + i);
		snprintf(number, sizeof(number), "%d", n);
		setenv("LISTEN_FDS", number, 1);
		snprintf(number, sizeof(number), "%d", (int)getpid());
		setenv("LISTEN_PID", number, 1);
		setenv("LISTEN_FDNAMES", names, 1);
		inherit_init();
		store_open();
		_exit(what());
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* Return: 0 = nothing, 1 = a session without a record, 2 = the session, 3 = two of them */
static int count_sessions(void)
{
	struct stored one = { 0 };
	int n = 0;

	while (store_next(&one))
		n += 1 + (store_record_id(one.record, one.len) == ID);
	return n;
}

static int count_descriptors(void)
{
	struct stored one = { 0 };
	int n = 0;

	while (store_next(&one))
		n += one.fd >= 0;
	return n;
}

/* Is the only one of a session that has not ended? */
static int lives(void)
{
	struct stored one = { 0 };
	struct pollfd p;

	if (!store_next(&one) || one.fd < 0)
		return 0;
	p.fd = one.fd;
	return poll(&p, 1, 0) == 0 || !(p.revents & POLLHUP);
}

static int life_goes_on(void)
{
	return store_life()->started == 123 && store_life()->last_id == ID;
}

static struct entry *keep_one(int *session)
{
	static struct entry e;

	*session = eventfd(0, 0);
	store_open();
	make_session(&e);
	e.session_fd = *session;
	store_put(&e, "");
	assert_true(e.slot);
	return &e;
}

static void the_next_one_finds_it(void **state)
{
	const struct store_life life = { .started = 123, .last_id = ID };
	int fds[2];
	struct entry *e = keep_one(&fds[1]);

	(void)state;
	fds[0] = store_file();
	assert_true(fds[0] >= 0);
	store_set_life(&life);
	assert_int_equal(run_next(fds, 2, "state:s1", count_sessions), 2);
	assert_int_equal(run_next(fds, 2, "state:s1", life_goes_on), 1);
	/* In another order, with what is none of ours, or with less than there was. */
	assert_int_equal(run_next((int[]){ fds[1], fds[1], fds[0] }, 3, "s1:other:state",
				  count_sessions), 2);
	/* A manager has closed what has ended; what it was is known still. */
	assert_int_equal(run_next(fds, 1, "state", count_sessions), 2);
	assert_int_equal(run_next(fds, 1, "state", count_descriptors), 0);
	assert_int_equal(run_next(fds + 1, 1, "s1", count_sessions), 1);
	assert_int_equal(run_next(fds, 2, "state:s99999999999", count_descriptors), 0);
	assert_int_equal(run_next(fds, 2, "state:s9", count_sessions), 3);
	assert_int_equal(run_next(fds, 2, "state:s9", count_descriptors), 1);
	/* What is not kept any more is not found, and its place is taken again. */
	store_drop(e);
	assert_int_equal(run_next(fds, 2, "state:s1", count_sessions), 1);
	store_put(e, "");
	assert_int_equal(e->slot, 1);
	store_close();
	close(fds[1]);
}

/* Killed while it wrote: what was there before, or what was to be there, is whole. */
static void what_was_being_written_is_whole(void **state)
{
	int fds[2];

	(void)state;
	keep_one(&fds[1]);
	fds[0] = store_file();
	/* The journal has the same: the slot is written from there. */
	assert_int_equal(pwrite(fds[0], "torn", 4, 2 * SLOT_SIZE + 20), 4);
	assert_int_equal(run_next(fds, 2, "state:s1", count_sessions), 2);
	/* The journal was being written: the slot is what it was. */
	assert_int_equal(pwrite(fds[0], "torn", 4, SLOT_SIZE + 20), 4);
	assert_int_equal(run_next(fds, 2, "state:s1", count_sessions), 2);
	/* Both: a session that nobody knows anything of. */
	assert_int_equal(pwrite(fds[0], "torn", 4, 2 * SLOT_SIZE + 20), 4);
	assert_int_equal(run_next(fds, 2, "state:s1", count_sessions), 1);
	/* Of a version that is none of ours */
	assert_int_equal(pwrite(fds[0], "\xff", 1, 8), 1);
	assert_int_equal(run_next(fds, 2, "state:s1", count_sessions), 1);
	store_close();
	close(fds[1]);
}

/* The end of one had not been heard of when the next one got its name. */
static void of_two_the_one_that_lives(void **state)
{
	int fds[3], ended[2];

	(void)state;
	keep_one(&fds[1]);
	fds[0] = store_file();
	assert_int_equal(pipe(ended), 0);
	close(ended[1]);
	fds[2] = ended[0];
	assert_int_equal(run_next(fds, 3, "state:s1:s1", lives), 1);
	assert_int_equal(run_next((int[]){ fds[0], fds[2], fds[1] }, 3, "state:s1:s1", lives), 1);
	store_close();
	close(fds[1]);
	close(fds[2]);
}

/* The next sstpd could not be executed with the names of all. */
static void not_more_than_can_be_named(void **state)
{
	size_t names = strlen("LISTEN_FDNAMES=state");
	struct entry e, *last;
	int session;

	(void)state;
	last = keep_one(&session);
	for (int i = 1; i < STORE_SESSIONS_MAX; i++) {
		make_session(&e);
		e.session_fd = session;
		store_put(&e, "");
		assert_int_equal(e.slot, i + 1);
	}
	make_session(&e);
	e.session_fd = session;
	store_put(&e, "");
	assert_int_equal(e.slot, 0);
	store_drop(last);
	store_put(&e, "");
	assert_int_equal(e.slot, 1);
	for (int i = 1; i <= STORE_SESSIONS_MAX; i++)
		names += (size_t)snprintf(NULL, 0, ":s%d", i);
	/* Listening sockets: of an engine, and as many that a reload replaces. */
	for (int i = 0; i < 2 * SESSION_ENGINES_MAX * CONF_LISTEN_MAX; i++)
		names += (size_t)snprintf(NULL, 0, ":l%d", i);
	assert_true(names + 1 <= 128 * 1024);
	store_close();
	close(session);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_written_is_read),
		cmocka_unit_test(what_is_cut_off_is_harmless),
		cmocka_unit_test(another_version_may_have_other_fields),
		cmocka_unit_test(numbers_keep_their_meaning),
		cmocka_unit_test(the_next_one_finds_it),
		cmocka_unit_test(what_was_being_written_is_whole),
		cmocka_unit_test(of_two_the_one_that_lives),
		cmocka_unit_test(not_more_than_can_be_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
