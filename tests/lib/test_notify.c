// SPDX-License-Identifier: GPL-2.0-or-later
/* What a service manager is told, and when it watches us. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

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
		cmocka_unit_test(nobody_to_tell),
		cmocka_unit_test(watchdog),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
