// SPDX-License-Identifier: GPL-2.0-or-later
/* Which daemon sstpctl asks if nobody says. */
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

#include "ctl/ctl_socket.h"

static char dir[] = "/tmp/test_ctl_socket.XXXXXX";

/* A socket that is served, or was. */
static int serve(const char *name)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	assert_true(ctl_socket_of(dir, name, addr.sun_path, sizeof(addr.sun_path)));
	unlink(addr.sun_path);
	assert_int_equal(bind(fd, (struct sockaddr *)&addr, sizeof(addr)), 0);
	assert_int_equal(listen(fd, 4), 0);
	return fd;
}

static void forget(const char *name)
{
	char path[300];

	assert_true(ctl_socket_of(dir, name, path, sizeof(path)));
	unlink(path);
}

/* Did @server get the connection? */
static void assert_found(int server)
{
	char why[400] = "";
	int fd = ctl_socket_find(dir, why, sizeof(why));
	int conn;

	if (fd < 0)
		fail_msg("%s", why);
	conn = accept4(server, NULL, NULL, SOCK_NONBLOCK);
	assert_return_code(conn, 0);
	close(conn);
	close(fd);
}

static void assert_not_found(const char *reason)
{
	char why[400] = "";

	assert_int_equal(ctl_socket_find(dir, why, sizeof(why)), -1);
	if (!strstr(why, reason))
		fail_msg("\"%s\" is not in: %s", reason, why);
}

static void that_of_the_service_comes_first(void **state)
{
	int office = serve("office"), control;

	(void)state;
	assert_found(office);
	control = serve("control");
	assert_found(control);
	/* Left by one that was killed. */
	close(control);
	assert_found(office);
	close(office);
	forget("office");
	forget("control");
}

static void among_several_one_must_be_named(void **state)
{
	int office = serve("office"), home = serve("home"), gone = serve("gone");

	(void)state;
	close(gone);
	assert_not_found("say which one by --instance (home, office) or --socket");
	close(home);
	/* That of the question before. */
	close(accept(office, NULL, NULL));
	assert_found(office);
	close(office);
	forget("office");
	forget("home");
	forget("gone");
}

static void nobody(void **state)
{
	(void)state;
	assert_not_found("sstpd does not run");
}

static void names(void **state)
{
	char path[300], name[120];

	(void)state;
	assert_true(ctl_socket_of("/run/sstpd", "office", path, sizeof(path)));
	assert_string_equal(path, "/run/sstpd/office.sock");
	assert_false(ctl_socket_of("/run/sstpd", "", path, sizeof(path)));
	assert_false(ctl_socket_of("/run/sstpd", "../x", path, sizeof(path)));
	memset(name, 'a', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	assert_false(ctl_socket_of("/run/sstpd", name, path, sizeof(path)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(that_of_the_service_comes_first),
		cmocka_unit_test(among_several_one_must_be_named),
		cmocka_unit_test(nobody),
		cmocka_unit_test(names),
	};
	int failed;

	if (!mkdtemp(dir))
		return 1;
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	rmdir(dir);
	return failed;
}
