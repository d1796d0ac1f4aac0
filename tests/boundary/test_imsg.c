// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The privilege boundary: only messages of the right shape, sender and values
 * get through; anything else closes the channel.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cmocka.h>

#include "boundary/imsg.h"
#include "boundary/msg.h"
#include "lib/loop.h"
#include "lib/reason.h"

/* The kernel has no room for that many messages more. */
static unsigned int no_memory;
static int no_memory_errno;

ssize_t sendmsg(int fd, const struct msghdr *msg, int flags)
{
	if (!no_memory)
		return syscall(SYS_sendmsg, fd, msg, flags);
	no_memory--;
	errno = no_memory_errno;
	return -1;
}

static bool valid(enum msg_process from, const void *data, size_t len,
		  bool has_fd)
{
	const char *why;

	return imsg_valid(msg_rules, MSG_TYPES, from, data, len, has_fd, &why);
}

/* A datagram of @type with a body of @size bytes. */
static bool valid_body(enum msg_process from, uint32_t type, const void *body,
		       size_t size, bool has_fd)
{
	struct imsg_hdr hdr = { .type = type, .size = (uint32_t)size };
	unsigned char *data = malloc(sizeof(hdr) + size);
	bool ok;

	assert_non_null(data);
	memcpy(data, &hdr, sizeof(hdr));
	memcpy(data + sizeof(hdr), body, size);
	ok = valid(from, data, sizeof(hdr) + size, has_fd);
	free(data);
	return ok;
}

static void every_type_has_a_rule(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < MSG_TYPES; i++) {
		assert_non_null(msg_rules[i].name);
		assert_true(msg_rules[i].from);
		assert_true(msg_rules[i].size);
		assert_true(msg_rules[i].size <= IMSG_BODY_MAX);
	}
}

/* What a child may say must not be configuration, and is always checked. */
static void children_are_checked(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < MSG_TYPES; i++) {
		if (!(msg_rules[i].from & ~MSG_PARENT))
			continue;
		if (msg_rules[i].size > sizeof(struct msg_none))
			assert_non_null(msg_rules[i].check);
	}
	assert_int_equal(msg_rules[MSG_AUTH_VERDICT].from,
			 MSG_AUTHD | MSG_EAPD | MSG_RADIUS);
	assert_int_equal(msg_rules[MSG_AUTH_ANSWER].from, MSG_PARENT);
	assert_int_equal(msg_rules[MSG_CONF_SECRET].from, MSG_PARENT);
	assert_int_equal(msg_rules[MSG_CONF_RADIUS_SECRET].from, MSG_PARENT);
}

static void shape(void **state)
{
	struct msg_session m = { .id = 7 };
	struct { struct imsg_hdr hdr; struct msg_session m; } d = {
		{ MSG_IDLE_ASK, sizeof(m) }, m,
	};

	(void)state;
	assert_true(valid(MSG_ENGINE, &d, sizeof(d), false));
	assert_false(valid(MSG_ENGINE, &d, sizeof(d) - 1, false));
	assert_false(valid(MSG_ENGINE, &d, sizeof(d.hdr), false));
	assert_false(valid(MSG_ENGINE, &d, sizeof(d.hdr) - 1, false));
	assert_false(valid(MSG_ENGINE, &d, 0, false));
	/* a descriptor that nobody asked for */
	assert_false(valid(MSG_ENGINE, &d, sizeof(d), true));
	/* someone who may not say this */
	assert_false(valid(MSG_AUTHD, &d, sizeof(d), false));
	d.hdr.size++;
	assert_false(valid(MSG_ENGINE, &d, sizeof(d), false));
	d.hdr.size--;
	d.hdr.type = MSG_TYPES;
	assert_false(valid(MSG_ENGINE, &d, sizeof(d), false));
	d.hdr.type = UINT32_MAX;
	assert_false(valid(MSG_ENGINE, &d, sizeof(d), false));
}

static void descriptor_is_needed(void **state)
{
	struct msg_conf_file m = { .kind = MSG_FILE_KEY };

	(void)state;
	assert_true(valid_body(MSG_PARENT, MSG_CONF_FILE, &m, sizeof(m), true));
	assert_false(valid_body(MSG_PARENT, MSG_CONF_FILE, &m, sizeof(m),
				false));
	m.kind = 99;
	assert_false(valid_body(MSG_PARENT, MSG_CONF_FILE, &m, sizeof(m),
				true));
}

static void strings_must_end(void **state)
{
	struct msg_session_end m = { .id = 1 };

	(void)state;
	assert_true(valid_body(MSG_ENGINE, MSG_SESSION_END, &m, sizeof(m),
			       false));
	memset(m.why, 'x', sizeof(m.why));
	assert_false(valid_body(MSG_ENGINE, MSG_SESSION_END, &m, sizeof(m),
				false));
	memset(&m, 0, sizeof(m));
	assert_false(valid_body(MSG_ENGINE, MSG_SESSION_END, &m, sizeof(m),
				false));
}

static struct msg_path_open *good_path_open(void)
{
	struct msg_path_open *m = calloc(1, sizeof(*m));

	assert_non_null(m);
	m->id = 1;
	m->net.ipv4 = true;
	m->net.peer_mru = 1500;
	m->record_size = 16384;
	m->state.lcp.opened = true;
	m->state.ipcp.opened = true;
	m->state.peer_mru = 1500;
	return m;
}

static bool path_open_ok(const struct msg_path_open *m)
{
	return valid_body(MSG_ENGINE, MSG_PATH_OPEN, m, sizeof(*m), false);
}

static void path_open_values(void **state)
{
	struct msg_path_open *m = good_path_open();
	unsigned char two = 2;

	(void)state;
	assert_true(path_open_ok(m));
	m->pending_len = MSG_PENDING_MAX + 1;
	assert_false(path_open_ok(m));
	m->pending_len = MSG_PENDING_MAX;
	assert_true(path_open_ok(m));
	m->tcp_local.ss_family = AF_UNIX;
	assert_false(path_open_ok(m));
	m->tcp_local.ss_family = AF_INET6;
	m->tcp_peer.ss_family = AF_UNIX;
	assert_false(path_open_ok(m));
	m->tcp_peer.ss_family = AF_INET;
	assert_true(path_open_ok(m));
	m->record_size = 511;
	assert_false(path_open_ok(m));
	m->record_size = 16385;
	assert_false(path_open_ok(m));
	m->record_size = 512;
	assert_true(path_open_ok(m));
	m->net.peer_mru = 4088;
	assert_false(path_open_ok(m));
	m->net.peer_mru = 0;
	assert_false(path_open_ok(m));
	m->net.peer_mru = 68;
	assert_true(path_open_ok(m));
	m->state.ipcp.req_len = PPP_STATE_OPTIONS + 1;
	assert_false(path_open_ok(m));
	/* Of a session on the TUN path nobody asks. */
	m->kind = MSG_PATH_TUN;
	assert_true(path_open_ok(m));
	m->kind = MSG_PATH_TUN + 1;
	assert_false(path_open_ok(m));
	m->kind = MSG_PATH_TUN;
	m->net.ipv4 = false;
	assert_false(path_open_ok(m));
	/* A bool is 0 or 1; anything else would be undefined behaviour. */
	memcpy(&m->net.ipv4, &two, 1);
	assert_false(path_open_ok(m));
	free(m);
}

static void auth_ask_values(void **state)
{
	struct msg_auth_ask m = { .id = 1 };

	(void)state;
	m.remote.ss_family = AF_INET;
	m.req.method = AUTH_PAP;
	assert_true(valid_body(MSG_ENGINE, MSG_AUTH_ASK, &m, sizeof(m), false));
	m.client = CONF_CLIENTS_MAX;
	assert_false(valid_body(MSG_ENGINE, MSG_AUTH_ASK, &m, sizeof(m),
				false));
	m.client = 0;
	m.req.method = AUTH_PAP | AUTH_MSCHAPV2;
	assert_false(valid_body(MSG_ENGINE, MSG_AUTH_ASK, &m, sizeof(m),
				false));
	m.req.method = AUTH_CHAP_MD5;
	assert_false(valid_body(MSG_ENGINE, MSG_AUTH_ASK, &m, sizeof(m),
				false));
	m.req.md5.len = 1;
	assert_true(valid_body(MSG_ENGINE, MSG_AUTH_ASK, &m, sizeof(m), false));
	m.req.method = AUTH_PAP;
	m.remote.ss_family = AF_UNIX;
	assert_false(valid_body(MSG_ENGINE, MSG_AUTH_ASK, &m, sizeof(m),
				false));
	m.remote.ss_family = AF_INET6;
	memset(m.req.name, 'x', sizeof(m.req.name));
	assert_false(valid_body(MSG_ENGINE, MSG_AUTH_ASK, &m, sizeof(m),
				false));
}

static bool verdict_ok(const struct msg_auth_verdict *m)
{
	return valid_body(MSG_RADIUS, MSG_AUTH_VERDICT, m, sizeof(*m), false);
}

static void verdict_values(void **state)
{
	struct msg_auth_verdict m = { .id = 1 };

	(void)state;
	assert_true(verdict_ok(&m));
	m.grant.user.n_routes = 1;
	assert_false(verdict_ok(&m));
	m.grant.user.routes[0].family = AF_INET;
	m.grant.user.routes[0].len = 32;
	assert_true(verdict_ok(&m));
	m.grant.user.routes[0].len = 33;
	assert_false(verdict_ok(&m));
	m.grant.user.routes[0].family = AF_INET6;
	assert_true(verdict_ok(&m));
	m.grant.user.routes[0].len = 129;
	assert_false(verdict_ok(&m));
	m.grant.user.n_routes = POLICY_ROUTES_MAX + 1;
	assert_false(verdict_ok(&m));
	m.grant.user.n_routes = 0;
	m.grant.class_len = GRANT_CLASS_MAX;
	assert_true(verdict_ok(&m));
	m.grant.class_len++;
	assert_false(verdict_ok(&m));
}

/* What the RADIUS client's process may ask the parent for. */
static void radius_values(void **state)
{
	struct msg_disconnect d = { .id = 1, .reason = REASON_COUNT };
	struct msg_grant_change g = { .id = 1, .what = GRANT_IDLE };

	(void)state;
	assert_false(valid_body(MSG_RADIUS, MSG_DISCONNECT, &d, sizeof(d),
				false));
	d.reason = REASON_RADIUS;
	assert_true(valid_body(MSG_RADIUS, MSG_DISCONNECT, &d, sizeof(d),
			       false));
	assert_false(valid_body(MSG_AUTHD, MSG_DISCONNECT, &d, sizeof(d),
				false));
	assert_true(valid_body(MSG_RADIUS, MSG_GRANT_CHANGE, &g, sizeof(g),
			       false));
	assert_false(valid_body(MSG_ENGINE, MSG_GRANT_CHANGE, &g, sizeof(g),
				false));
	g.what = 16;
	assert_false(valid_body(MSG_RADIUS, MSG_GRANT_CHANGE, &g, sizeof(g),
				false));
}

/* ---- over a real socketpair ------------------------------------------------ */

struct seen {
	unsigned int messages;
	unsigned int ends;
	char why[100];
	uint32_t id;
	bool had_fd;
	dev_t dev;
	ino_t ino;
};

static void on_message(void *ctx, struct imsg *m, const char *why)
{
	struct seen *seen = ctx;
	struct stat st;

	if (!m) {
		seen->ends++;
		snprintf(seen->why, sizeof(seen->why), "%s", why);
		loop_stop();
		return;
	}
	seen->messages++;
	seen->id = *(const uint32_t *)m->body;
	seen->had_fd = m->fd >= 0;
	if (seen->had_fd && fstat(m->fd, &st) == 0) {
		seen->dev = st.st_dev;
		seen->ino = st.st_ino;
	}
}

static void socket_pair(int fds[2])
{
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0,
				    fds), 0);
}

static void passes_messages_and_descriptors(void **state)
{
	struct msg_path_open *m = good_path_open();
	struct imsg_chan *rx, *tx;
	struct seen seen = { 0 };
	struct stat st;
	int fds[2];
	int file;

	(void)state;
	socket_pair(fds);
	rx = imsg_open(fds[0], msg_rules, MSG_TYPES, MSG_ENGINE, on_message,
		       &seen);
	tx = imsg_open(fds[1], msg_rules, MSG_TYPES, MSG_PARENT, on_message,
		       &seen);
	file = dup(STDIN_FILENO);
	assert_int_equal(fstat(file, &st), 0);
	m->id = 1;
	imsg_send(tx, MSG_PATH_OPEN, m, -1);
	/* More than the socket takes at once: the rest is queued. */
	for (uint32_t i = 2; i < 100; i++) {
		m->id = i;
		imsg_send(tx, MSG_PATH_OPEN, m, -1);
	}
	imsg_send(tx, MSG_PATH_SOCKET, &(struct msg_session){ .id = 100 }, file);
	while (seen.messages < 100 && !seen.ends)
		assert_true(loop_once());
	assert_int_equal(seen.ends, 0);
	assert_int_equal(seen.id, 100);
	assert_true(seen.had_fd);
	assert_true(seen.dev == st.st_dev && seen.ino == st.st_ino);
	imsg_close(tx);
	imsg_close(rx);
	free(m);
}

static void bad_message_ends_the_channel(void **state)
{
	struct imsg_hdr hdr = { .type = MSG_STOP, .size = 4 };
	struct seen seen = { 0 };
	struct imsg_chan *rx;
	char data[12] = { 0 };
	int fds[2];

	(void)state;
	socket_pair(fds);
	rx = imsg_open(fds[0], msg_rules, MSG_TYPES, MSG_ENGINE, on_message,
		       &seen);
	memcpy(data, &hdr, sizeof(hdr));
	assert_int_equal(write(fds[1], data, sizeof(data)), sizeof(data));
	loop_run();
	assert_int_equal(seen.messages, 0);
	assert_int_equal(seen.ends, 1);
	assert_string_equal(seen.why, "message type this process may not send");
	imsg_close(rx);
	close(fds[1]);
}

static void end_of_peer_is_told(void **state)
{
	struct seen seen = { 0 };
	struct imsg_chan *rx;
	int fds[2];

	(void)state;
	socket_pair(fds);
	rx = imsg_open(fds[0], msg_rules, MSG_TYPES, MSG_ENGINE, on_message,
		       &seen);
	close(fds[1]);
	loop_run();
	assert_int_equal(seen.ends, 1);
	assert_string_equal(seen.why, "closed");
	imsg_close(rx);
}

/* It asks, and does not read what it is told. */
static void who_does_not_listen_is_ended(void **state)
{
	struct msg_path_open *m = good_path_open();
	struct seen seen = { 0 };
	struct imsg_chan *tx;
	int fds[2];

	(void)state;
	socket_pair(fds);
	tx = imsg_open(fds[1], msg_rules, MSG_TYPES, MSG_PARENT, on_message, &seen);
	imsg_limit(tx, 200000);
	m->id = 1;
	for (int i = 0; i < 1000; i++)
		imsg_send(tx, MSG_PATH_OPEN, m, -1);
	assert_in_range(imsg_queued(tx), 200000, 200000 + 2 * sizeof(*m));
	loop_run();
	assert_int_equal(seen.ends, 1);
	assert_string_equal(seen.why, "it does not take its messages");
	imsg_close(tx);
	close(fds[0]);
	free(m);
}

/* What the kernel has no memory for just now is sent later, in order. */
static void waits_for_memory(void **state)
{
	static const int errors[] = { ENOMEM, ENOBUFS, ETOOMANYREFS, EAGAIN, EINTR };
	struct seen seen = { 0 };
	struct imsg_chan *rx, *tx;
	int fds[2];

	(void)state;
	socket_pair(fds);
	rx = imsg_open(fds[0], msg_rules, MSG_TYPES, MSG_ENGINE, on_message, &seen);
	tx = imsg_open(fds[1], msg_rules, MSG_TYPES, MSG_PARENT, on_message, &seen);
	for (uint32_t i = 0; i < 5; i++) {
		no_memory = 5;
		no_memory_errno = errors[i];
		seen.had_fd = false;
		imsg_send(tx, MSG_IDLE_ASK, &(struct msg_session){ .id = 2 * i + 1 }, -1);
		imsg_send(tx, MSG_PATH_SOCKET, &(struct msg_session){ .id = 2 * i + 2 },
			  dup(STDIN_FILENO));
		assert_true(imsg_queued(tx) > 0);
		while (seen.messages < 2 * i + 2 && !seen.ends)
			assert_true(loop_once());
		assert_int_equal(no_memory, 0);
		assert_int_equal(seen.ends, 0);
		assert_int_equal(seen.id, 2 * i + 2);
		assert_true(seen.had_fd);
		assert_int_equal(imsg_queued(tx), 0);
	}
	imsg_close(tx);
	imsg_close(rx);
}

static int setup(void **state)
{
	(void)state;
	loop_init();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_type_has_a_rule),
		cmocka_unit_test(children_are_checked),
		cmocka_unit_test(shape),
		cmocka_unit_test(descriptor_is_needed),
		cmocka_unit_test(strings_must_end),
		cmocka_unit_test(path_open_values),
		cmocka_unit_test(auth_ask_values),
		cmocka_unit_test(verdict_values),
		cmocka_unit_test(radius_values),
		cmocka_unit_test(passes_messages_and_descriptors),
		cmocka_unit_test(bad_message_ends_the_channel),
		cmocka_unit_test(end_of_peer_is_told),
		cmocka_unit_test(who_does_not_listen_is_ended),
		cmocka_unit_test(waits_for_memory),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
