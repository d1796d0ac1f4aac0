// SPDX-License-Identifier: GPL-2.0-or-later
/* What a service manager is told, and when it watches us. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/log.h"
#include "lib/loop.h"
#include "lib/notify.h"

static int listen_at(const char *name)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);

	assert_true(fd >= 0);
	strcpy(addr.sun_path, name);
	if (*name == '@')
		addr.sun_path[0] = '\0';
	assert_int_equal(bind(fd, (struct sockaddr *)&addr,
			      (socklen_t)(offsetof(struct sockaddr_un,
						   sun_path) + strlen(name))),
			 0);
	setenv("NOTIFY_SOCKET", name, 1);
	return fd;
}

static void tells(const char *name)
{
	int fd = listen_at(name);
	char text[64] = "";

	notify_send("READY=1");
	assert_int_equal(recv(fd, text, sizeof(text), 0), 7);
	assert_string_equal(text, "READY=1");
	close(fd);
}

static void tells_at_a_path(void **state)
{
	char dir[] = "/tmp/test-notify-XXXXXX";
	char path[64];

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/socket", dir);
	tells(path);
	unlink(path);
	rmdir(dir);
}

static void tells_at_an_abstract_address(void **state)
{
	char name[64];

	(void)state;
	snprintf(name, sizeof(name), "@test-notify-%d", (int)getpid());
	tells(name);
}

/* What has ended is of no use, a listening socket that refuses for a while is. */
static void keeps(void **state)
{
	char name[64], text[128];
	int fd, passed = dup(0);

	(void)state;
	snprintf(name, sizeof(name), "@test-notify-keep-%d", (int)getpid());
	fd = listen_at(name);
	for (int ends = 0; ends < 2; ends++) {
		memset(text, 0, sizeof(text));
		notify_keep("x7", passed, ends);
		assert_in_range(recv(fd, text, sizeof(text) - 1, 0), 1, sizeof(text));
		assert_string_equal(text, ends ? "FDSTORE=1\nFDNAME=x7\nFDPOLL=1" :
						 "FDSTORE=1\nFDNAME=x7\nFDPOLL=0");
	}
	close(passed);
	close(fd);
}

/* ---- a manager that does not read ------------------------------------------------------ */

#define MANY	2000

static char text[128];

/* Return: whether something was there, in @text */
static bool read_one(int fd)
{
	memset(text, 0, sizeof(text));
	return recv(fd, text, sizeof(text) - 1, 0) > 0;
}

/* fill() - until there is no room for more. Return: how many have found room */
static unsigned int fill(int fd)
{
	int to = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	struct sockaddr_un addr;
	socklen_t len = sizeof(addr);
	unsigned int n = 0;

	assert_int_equal(getsockname(fd, (struct sockaddr *)&addr, &len), 0);
	while (sendto(to, "full", 4, 0, (struct sockaddr *)&addr, len) == 4)
		n++;
	assert_int_equal(errno, EAGAIN);
	close(to);
	return n;
}

static int busy_manager(void)
{
	char name[64];
	int fd;

	snprintf(name, sizeof(name), "@test-notify-busy-%d", (int)getpid());
	fd = listen_at(name);
	assert_in_range(fill(fd), 1, 1000000);
	return fd;
}

static void empty(int fd)
{
	while (read_one(fd))
		assert_string_equal(text, "full");
}

static void next_is(int fd, const char *expected)
{
	while (!read_one(fd))
		assert_true(loop_once());
	assert_string_equal(text, expected);
}

/* All of it comes, in order, but for what is of no use any more; and nobody has waited. */
static void nothing_is_forgotten(void **state)
{
	char name[16], expected[64];
	uint64_t begin = loop_now_ms();
	int fd = busy_manager();

	(void)state;
	for (int i = 0; i < MANY; i++) {
		snprintf(name, sizeof(name), "s%d", i);
		notify_keep(name, 0, true);
		notify_send("WATCHDOG=1");
	}
	/* It has ended before the manager has heard of it; this one it may know. */
	notify_drop("s7");
	notify_drop("s5000");
	notify_keep("s7", 0, true);
	assert_in_range(loop_now_ms() - begin, 0, 20000);
	empty(fd);
	for (int i = 0; i < MANY; i++) {
		if (i == 7)
			continue;
		snprintf(expected, sizeof(expected), "FDSTORE=1\nFDNAME=s%d\nFDPOLL=1", i);
		next_is(fd, expected);
		if (!i)
			next_is(fd, "WATCHDOG=1");
	}
	next_is(fd, "FDSTOREREMOVE=1\nFDNAME=s5000");
	next_is(fd, "FDSTORE=1\nFDNAME=s7\nFDPOLL=1");
	/* And from then on at once. */
	notify_drop("s7");
	assert_true(read_one(fd));
	assert_string_equal(text, "FDSTOREREMOVE=1\nFDNAME=s7");
	assert_false(read_one(fd));
	close(fd);
}

/* The end of the process is the last chance, but not for ever. */
static void at_the_end_it_is_waited_for(void **state)
{
	uint64_t begin;
	int fd = busy_manager(), status;
	pid_t pid, got;

	(void)state;
	notify_keep("s1", 0, true);
	begin = loop_now_ms();
	notify_flush();
	assert_in_range(loop_now_ms() - begin, 1900, 60000);
	fflush(NULL);
	pid = fork();
	if (!pid) {
		usleep(300000);
		while ((!read_one(fd) || !strcmp(text, "full")) && loop_now_ms() - begin < 60000)
			usleep(1000);
		_exit(strcmp(text, "FDSTORE=1\nFDNAME=s1\nFDPOLL=1") ? 1 : 0);
	}
	/* Once is enough, but where other processes have to wait for so long. */
	do {
		notify_flush();
		got = waitpid(pid, &status, WNOHANG);
	} while (!got);
	assert_int_equal(got, pid);
	assert_int_equal(status, 0);
	close(fd);
}

static void nobody_to_tell(void **state)
{
	(void)state;
	unsetenv("NOTIFY_SOCKET");
	notify_send("READY=1");
	setenv("NOTIFY_SOCKET", "", 1);
	notify_send("READY=1");
	unsetenv("NOTIFY_SOCKET");
}

static void watchdog(void **state)
{
	char self[16];
	const struct {
		const char *usec;
		const char *pid;
		uint32_t ms;
	} cases[] = {
		{ NULL, NULL, 0 },
		{ "30000000", NULL, 15000 },
		{ "30000000", self, 15000 },
		{ "30000000", "1", 0 },
		{ "20000", NULL, 100 },
		{ "18446744073709551615", NULL, 3600000 },
		{ "soon", NULL, 0 },
	};

	(void)state;
	snprintf(self, sizeof(self), "%d", (int)getpid());
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		unsetenv("WATCHDOG_USEC");
		unsetenv("WATCHDOG_PID");
		if (cases[i].usec)
			setenv("WATCHDOG_USEC", cases[i].usec, 1);
		if (cases[i].pid)
			setenv("WATCHDOG_PID", cases[i].pid, 1);
		assert_int_equal(notify_watchdog_ms(), cases[i].ms);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tells_at_a_path),
		cmocka_unit_test(tells_at_an_abstract_address),
		cmocka_unit_test(keeps),
		cmocka_unit_test(nothing_is_forgotten),
		cmocka_unit_test(at_the_end_it_is_waited_for),
		cmocka_unit_test(nobody_to_tell),
		cmocka_unit_test(watchdog),
	};

	log_init("test", LOG_TO_STDERR, LOG_EMERG);
	loop_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
