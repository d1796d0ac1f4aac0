// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which changes on the disk are noticed, and when they are taken up: once they have come
 * to an end, and only if the bytes are others.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/log.h"
#include "lib/loop.h"
#include "parent/cert_watch.h"
#include "parent/kept.h"
#include "parent/path_watch.h"

static char dir[] = "/tmp/test_cert_watch.XXXXXX";
static struct conf conf;
static unsigned int taken;
static bool good;

static const char *path_of(const char *name)
{
	static char path[8][100];
	static unsigned int next;
	char *p = path[next++ % 8];

	snprintf(p, sizeof(path[0]), "%s/%s", dir, name);
	return p;
}

static void write_file(const char *name, const char *text)
{
	FILE *f = fopen(path_of(name), "w");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static void link_to(const char *name, const char *target)
{
	assert_int_equal(symlink(target, path_of("new-link")), 0);
	assert_int_equal(rename(path_of("new-link"), path_of(name)), 0);
}

static void make_dir(const char *name)
{
	assert_int_equal(mkdir(path_of(name), 0700), 0);
}

/* ---- events --------------------------------------------------------------------------- */

static int watch(const char *name)
{
	int fd = path_watch_open();

	assert_true(fd >= 0);
	assert_true(path_watch(fd, path_of(name)));
	assert_int_equal(poll(&(struct pollfd){ .fd = fd, .events = POLLIN }, 1, 0), 0);
	return fd;
}

static void assert_event(int fd)
{
	assert_int_equal(poll(&(struct pollfd){ .fd = fd, .events = POLLIN }, 1, 10000), 1);
	path_watch_drain(fd);
	close(fd);
}

static void a_file_is_replaced(void **state)
{
	int fd;

	(void)state;
	write_file("plain", "1");
	fd = watch("plain");
	write_file("plain.new", "2");
	assert_int_equal(rename(path_of("plain.new"), path_of("plain")), 0);
	assert_event(fd);
	fd = watch("plain");
	write_file("plain", "3");
	assert_event(fd);
	fd = watch("plain");
	assert_int_equal(chmod(path_of("plain"), 0400), 0);
	assert_event(fd);
}

/* live/NAME/cert.pem -> ../../archive/NAME/cert1.pem */
static void certbot_turns_a_link(void **state)
{
	int fd;

	(void)state;
	make_dir("live");
	make_dir("live/vpn");
	make_dir("archive");
	make_dir("archive/vpn");
	write_file("archive/vpn/cert1.pem", "1");
	link_to("live/vpn/cert.pem", "../../archive/vpn/cert1.pem");
	fd = watch("live/vpn/cert.pem");
	write_file("archive/vpn/cert2.pem", "2");
	/* It is in the directory of the file itself, too. */
	path_watch_drain(fd);
	link_to("live/vpn/cert.pem", "../../archive/vpn/cert2.pem");
	assert_event(fd);
	fd = watch("live/vpn/cert.pem");
	write_file("archive/vpn/cert2.pem", "3");
	assert_event(fd);
}

/* tls.crt -> ..data/tls.crt, ..data -> ..1: the directory is what is switched. */
static void kubernetes_turns_a_directory(void **state)
{
	int fd;

	(void)state;
	make_dir("..1");
	make_dir("..2");
	write_file("..1/tls.crt", "1");
	write_file("..2/tls.crt", "2");
	link_to("..data", "..1");
	link_to("tls.crt", "..data/tls.crt");
	fd = watch("tls.crt");
	link_to("..data", "..2");
	assert_event(fd);
}

static void what_is_not_there_comes(void **state)
{
	int fd = watch("later/cert.pem");

	(void)state;
	make_dir("later");
	assert_event(fd);
	fd = watch("later/cert.pem");
	write_file("later/cert.pem", "1");
	assert_event(fd);
	/* The kernel would follow it for ever. */
	link_to("round", "round");
	close(watch("round"));
}

/* ---- taking up ------------------------------------------------------------------------ */

static bool take(void)
{
	char err[300];

	taken++;
	if (!good)
		return false;
	kept_begin();
	close(kept_open(conf.server.certs[0].certificate, KEPT_PLAIN, err, sizeof(err)));
	close(kept_open(conf.server.certs[0].key, KEPT_SECRET, err, sizeof(err)));
	kept_accept(false);
	return true;
}

/* Runs for that long, which is much longer than the watch waits for more. */
static void on_end(int fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	*(bool *)arg = true;
}

static void run_until(unsigned int n, uint32_t ms)
{
	bool over = false;
	struct event *end = loop_event(-1, 0, on_end, &over);

	loop_arm(end, ms);
	while (taken < n && !over)
		loop_once();
	loop_free(&end);
}

#define LONG_MS		30000	/* for what has to happen */
#define QUIET_MS	2500	/* for what must not */

static void start(void)
{
	conf.has_server = true;
	conf.server.cert_watch = true;
	conf.server.n_certs = 1;
	snprintf(conf.server.certs[0].certificate, CONF_PATH_MAX, "%s", path_of("c"));
	snprintf(conf.server.certs[0].key, CONF_PATH_MAX, "%s", path_of("k"));
	write_file("c", "certificate 1");
	write_file("k", "key 1");
	assert_int_equal(chmod(path_of("k"), 0600), 0);
	good = true;
	assert_true(take());
	taken = 0;
	cert_watch_start(&conf, take);
}

static void both_are_taken_up_together(void **state)
{
	(void)state;
	start();
	run_until(1, QUIET_MS);
	assert_int_equal(taken, 0);
	write_file("c", "certificate 2");
	write_file("k", "key 2");
	run_until(1, LONG_MS);
	assert_int_equal(taken, 1);
	assert_true(kept_is_current(conf.server.certs[0].certificate, KEPT_PLAIN));
	assert_true(kept_is_current(conf.server.certs[0].key, KEPT_SECRET));
	run_until(2, QUIET_MS);
	assert_int_equal(taken, 1);
	cert_watch_stop();
}

static void a_touch_is_nothing(void **state)
{
	(void)state;
	start();
	write_file("c", "certificate 1");
	write_file("other", "of the same directory");
	run_until(1, QUIET_MS);
	assert_int_equal(taken, 0);
	cert_watch_stop();
}

static void what_is_no_good_is_tried_once(void **state)
{
	(void)state;
	start();
	good = false;
	write_file("c", "garbage");
	run_until(1, LONG_MS);
	assert_int_equal(taken, 1);
	assert_true(cert_watch_refused());
	write_file("other", "of the same directory");
	run_until(2, QUIET_MS);
	assert_int_equal(taken, 1);
	good = true;
	write_file("c", "certificate 3");
	run_until(2, LONG_MS);
	assert_int_equal(taken, 2);
	assert_false(cert_watch_refused());
	/* Away altogether: that is said, too. */
	good = false;
	assert_int_equal(unlink(path_of("k")), 0);
	run_until(3, LONG_MS);
	assert_int_equal(taken, 3);
	cert_watch_stop();
}

static void no_is_no(void **state)
{
	(void)state;
	start();
	conf.server.cert_watch = false;
	cert_watch_reloaded();
	write_file("c", "certificate 4");
	run_until(1, QUIET_MS);
	assert_int_equal(taken, 0);
	conf.server.cert_watch = true;
	cert_watch_reloaded();
	run_until(1, LONG_MS);
	assert_int_equal(taken, 1);
	cert_watch_stop();
}

static int begin(void **state)
{
	(void)state;
	log_init("test", LOG_TO_STDERR, LOG_ERR);
	loop_init();
	return mkdtemp(dir) ? 0 : -1;
}

static int end(void **state)
{
	char command[100];

	(void)state;
	kept_wipe();
	snprintf(command, sizeof(command), "rm -rf %s", dir);
	return system(command);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_is_replaced),
		cmocka_unit_test(certbot_turns_a_link),
		cmocka_unit_test(kubernetes_turns_a_directory),
		cmocka_unit_test(what_is_not_there_comes),
		cmocka_unit_test(both_are_taken_up_together),
		cmocka_unit_test(a_touch_is_nothing),
		cmocka_unit_test(what_is_no_good_is_tried_once),
		cmocka_unit_test(no_is_no),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
