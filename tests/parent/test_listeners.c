// SPDX-License-Identifier: GPL-2.0-or-later
/* Addresses listened on: what is planned, in force, and what it costs those before. */
#include <arpa/inet.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/addr.h"
#include "parent/listeners.h"
#include "rig/loopback.h"

static struct conf conf;
static char err[200];
/* Free when the tests began. */
static uint16_t ports[3];

static struct sockaddr_storage at(const char *host, uint16_t port)
{
	struct sockaddr_storage ss = { 0 };
	struct sockaddr_in *sin = (struct sockaddr_in *)&ss;

	sin->sin_family = AF_INET;
	sin->sin_port = htons(port);
	assert_int_equal(inet_pton(AF_INET, host, &sin->sin_addr), 1);
	return ss;
}

static int bound_to(uint16_t port)
{
	struct sockaddr_storage ss = at("127.0.0.1", port);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&ss, addr_len(&ss)), 0);
	assert_int_equal(listen(fd, 1), 0);
	return fd;
}

static uint16_t port_of(int fd)
{
	struct sockaddr_in sin;
	socklen_t len = sizeof(sin);

	assert_int_equal(getsockname(fd, (struct sockaddr *)&sin, &len), 0);
	return ntohs(sin.sin_port);
}

static int set_up(void **state)
{
	int fds[3];

	(void)state;
	memset(&conf, 0, sizeof(conf));
	conf.has_server = true;
	conf.main.engines = 1;
	/* Three of them: one that is closed may be given again. */
	for (int i = 0; i < 3; i++) {
		fds[i] = bound_to(0);
		ports[i] = port_of(fds[i]);
	}
	for (int i = 0; i < 3; i++)
		close(fds[i]);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	listeners_close();
	return 0;
}

static void want(uint32_t i, const char *host, uint16_t port)
{
	conf.server.listen[i] = at(host, port);
	conf.listen_line[i] = 10 + i;
	conf.server.n_listen = i + 1;
}

static bool plan(void)
{
	return listeners_plan(&conf, "x.conf", err, sizeof(err));
}

static void enforce(void)
{
	assert_true(plan());
	listeners_enforce(NULL, 0);
}

static int connect_to(uint16_t port)
{
	struct sockaddr_storage ss = at("127.0.0.1", port);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	assert_true(fd >= 0);
	if (connect(fd, (struct sockaddr *)&ss, addr_len(&ss)) == 0)
		return fd;
	assert_int_equal(errno, ECONNREFUSED);
	close(fd);
	return -1;
}

static bool listens(uint16_t port)
{
	int fd = connect_to(port);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

static unsigned int descriptors(void)
{
	unsigned int n = 0;

	for (int fd = 0; fd < 200; fd++)
		n += lseek(fd, 0, SEEK_CUR) >= 0 || errno != EBADF;
	return n;
}

static void others(void **state)
{
	unsigned int before = descriptors();
	char byte;
	int waits;

	(void)state;
	want(0, "127.0.0.1", ports[0]);
	want(1, "127.0.0.1", ports[1]);
	enforce();
	assert_true(listens(ports[0]) && listens(ports[1]));
	waits = connect_to(ports[1]);
	want(0, "127.0.0.1", ports[1]);
	want(1, "127.0.0.1", ports[2]);
	enforce();
	assert_false(listens(ports[0]));
	assert_true(listens(ports[1]) && listens(ports[2]));
	/* The socket is the same, who waits there still does. */
	assert_int_equal(recv(waits, &byte, 1, MSG_DONTWAIT), -1);
	assert_int_equal(errno, EAGAIN);
	close(waits);
	listeners_close();
	assert_int_equal(descriptors(), before);
}

static void somebody_has_it(void **state)
{
	int fd = bound_to(ports[2]);
	unsigned int before;

	(void)state;
	want(0, "127.0.0.1", ports[0]);
	enforce();
	before = descriptors();
	want(0, "127.0.0.1", ports[1]);
	want(1, "127.0.0.1", ports[2]);
	assert_false(plan());
	assert_non_null(strstr(err, "x.conf:11: cannot listen on 127.0.0.1:"));
	assert_non_null(strstr(err, strerror(EADDRINUSE)));
	assert_true(listens(ports[0]));
	assert_false(listens(ports[1]));
	assert_int_equal(descriptors(), before);
	/* Once it is free */
	close(fd);
	enforce();
	assert_false(listens(ports[0]));
	assert_true(listens(ports[1]) && listens(ports[2]));
}

/* Something else in the new configuration is wrong. */
static void not_to_be(void **state)
{
	unsigned int before;

	(void)state;
	want(0, "127.0.0.1", ports[0]);
	enforce();
	before = descriptors();
	want(1, "127.0.0.1", ports[1]);
	conf.main.engines = 3;
	assert_true(plan());
	listeners_drop();
	assert_int_equal(descriptors(), before);
	assert_true(listens(ports[0]));
	assert_false(listens(ports[1]));
}

/* All addresses in the place of one, and back: neither can be had beside the other. */
static void in_its_place(void **state)
{
	(void)state;
	want(0, "127.0.0.1", ports[0]);
	enforce();
	want(0, "0.0.0.0", ports[0]);
	enforce();
	assert_true(listens(ports[0]));
	want(0, "127.0.0.1", ports[0]);
	enforce();
	assert_true(listens(ports[0]));
	want(0, "127.0.0.2", ports[0]);
	enforce();
	assert_false(listens(ports[0]));
}

/* A socket for each engine, and none is left of those that are too many. */
static void engines(void **state)
{
	unsigned int before;

	(void)state;
	want(0, "127.0.0.1", ports[0]);
	want(1, "127.0.0.1", ports[1]);
	enforce();
	before = descriptors();
	conf.main.engines = 4;
	enforce();
	assert_int_equal(descriptors(), before + 6);
	conf.main.engines = 2;
	enforce();
	assert_int_equal(descriptors(), before + 2);
	assert_true(listens(ports[0]) && listens(ports[1]));
}

/* So many that there is no descriptor for the last of them */
static void no_descriptor_left(void **state)
{
	struct rlimit limit, few;
	unsigned int before;

	(void)state;
	want(0, "127.0.0.1", ports[0]);
	enforce();
	before = descriptors();
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	few = limit;
	few.rlim_cur = before + 10;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
	conf.main.engines = CONF_ENGINES_MAX;
	assert_false(plan());
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
	assert_non_null(strstr(err, strerror(EMFILE)));
	assert_int_equal(descriptors(), before);
	assert_true(listens(ports[0]));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(others),
		TEST(somebody_has_it),
		TEST(not_to_be),
		TEST(in_its_place),
		TEST(engines),
		TEST(no_descriptor_left),
	};

	loopback_up();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
