// SPDX-License-Identifier: GPL-2.0-or-later
/* Sockets that the process for RADIUS asks for anew: as often as is of use, not as it likes. */
#include <arpa/inet.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/loop.h"
#include "parent/setup.h"
#include "rig/loopback.h"

#define NOT_BEFORE_MS	900

static struct conf conf;
static struct child radius = { .name = "radius", .bit = MSG_RADIUS };
static int peer;

static void on_message(void *ctx, struct imsg *m, const char *why)
{
	(void)ctx;
	(void)m;
	(void)why;
}

static void at(struct sockaddr_storage *ss)
{
	struct sockaddr_in *sin = (struct sockaddr_in *)ss;

	sin->sin_family = AF_INET;
	sin->sin_port = htons(1812);
	sin->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
}

static int set_up(void **state)
{
	int fds[2];

	(void)state;
	memset(&conf, 0, sizeof(conf));
	conf.has_radius = true;
	conf.radius.n_auth = 2;
	conf.radius.n_acct = 1;
	at(&conf.radius.auth[0]);
	at(&conf.radius.auth[1]);
	at(&conf.radius.acct[0]);
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, fds), 0);
	radius.chan = imsg_open(fds[0], msg_rules, MSG_TYPES, MSG_RADIUS, on_message, NULL);
	peer = fds[1];
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	imsg_close(radius.chan);
	close(peer);
	return 0;
}

static void ask(enum msg_radius_use use, uint32_t server)
{
	const struct msg_radius_socket m = { .use = use, .server = server };

	setup_radius_renew(&conf, &radius, &m);
}

/* Messages that have come; the descriptors go with them. */
static unsigned int come(void)
{
	char data[1024];
	unsigned int n = 0;

	while (recv(peer, data, sizeof(data), MSG_DONTWAIT) > 0)
		n++;
	assert_int_equal(errno, EAGAIN);
	return n;
}

static void not_too_often(void **state)
{
	uint64_t began = loop_now_ms(), now;

	(void)state;
	for (int i = 0; i < 1000; i++)
		ask(MSG_RADIUS_AUTH, 0);
	/* A busy machine may take longer for that than one has to wait. */
	assert_in_range(come(), 1, 1 + (loop_now_ms() - began) / NOT_BEFORE_MS);
	/* Each has its own time. */
	ask(MSG_RADIUS_AUTH, 1);
	ask(MSG_RADIUS_ACCT, 0);
	assert_int_equal(come(), 2);
	do {
		usleep(10000);
		ask(MSG_RADIUS_AUTH, 0);
		now = loop_now_ms();
	} while (!come());
	assert_true(now - began >= NOT_BEFORE_MS - 100);
}

static void only_what_there_is(void **state)
{
	(void)state;
	ask(MSG_RADIUS_AUTH, 2);
	ask(MSG_RADIUS_ACCT, 1);
	ask(MSG_RADIUS_COA, 0);
	assert_int_equal(come(), 0);
}

/* It asks, and does not read: nothing is kept for it. */
static void not_unread(void **state)
{
	size_t queued;

	(void)state;
	while (!imsg_queued(radius.chan))
		imsg_send(radius.chan, MSG_PING, &(struct msg_none){ 0 }, -1);
	queued = imsg_queued(radius.chan);
	usleep(NOT_BEFORE_MS * 1000);
	ask(MSG_RADIUS_AUTH, 0);
	setup_radius_aside(&conf, &radius);
	assert_int_equal(imsg_queued(radius.chan), queued);
}

static int begin(void **state)
{
	(void)state;
	loop_init();
	return 0;
}

#define TEST(name)	cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(not_too_often),
		TEST(only_what_there_is),
		TEST(not_unread),
	};

	loopback_up();
	return cmocka_run_group_tests(tests, begin, NULL);
}
