// SPDX-License-Identifier: GPL-2.0-or-later
/* A program in the place of another: this one in its own, or what has come there since. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/inherit.h"
#include "lib/log.h"
#include "parent/store.h"
#include "parent/upgrade.h"

/* What a line of a child's log begins with, LOG_TO_PARENT */
#define LOG_MARK	'\x1f'

static volatile sig_atomic_t heard;

static void on_signal(int sig)
{
	(void)sig;
	heard++;
}

/* What was in its place has been told to stop, or somebody who reloads comes too early. */
static int be_next(void)
{
	static const int signals[] = { SIGTERM, SIGINT, SIGHUP, SIGUSR2 };

	/* The first one was told to the program before. */
	for (int i = 1; i < 4; i++)
		kill(getpid(), signals[i]);
	for (int i = 0; i < 4; i++)
		signal(signals[i], on_signal);
	upgrade_hear();
	return heard == 4 ? 0 : 1;
}

static void signals_wait(void **state)
{
	int status;
	pid_t pid;

	(void)state;
	fflush(NULL);
	pid = fork();
	if (!pid) {
		upgrade_init();
		store_open();
		upgrade_pass_on(SIGTERM);
		upgrade_exec("next", NULL, true, false);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

/* ---- what its path leads to ------------------------------------------------------------- */

#define OTHER_STATUS	7

static char dir[40];
static char link_path[64], other_path[64];

static void make_other(void)
{
	FILE *f;

	strcpy(dir, "/tmp/sstpd-upgrade.XXXXXX");
	assert_non_null(mkdtemp(dir));
	snprintf(link_path, sizeof(link_path), "%s/sstpd", dir);
	snprintf(other_path, sizeof(other_path), "%s/other", dir);
	f = fopen(other_path, "w");
	assert_non_null(f);
	fprintf(f, "#!/bin/sh\nexit %d\n", OTHER_STATUS);
	assert_int_equal(fchmod(fileno(f), 0755), 0);
	assert_int_equal(fclose(f), 0);
}

/* As it was started by @link: then that leads to @other. */
static int be_switched(const char *link, const char *other)
{
	upgrade_init();
	store_open();
	if (upgrade_failure() || unlink(link) < 0 || symlink(other, link) < 0)
		return 2;
	upgrade_exec("next", NULL, true, false);
}

/* What @link led to could not be executed; now it leads to what can be. */
static int be_itself(const char *link)
{
	char path[sizeof(link_path)];

	snprintf(path, sizeof(path), "%s", link);
	inherit_init();
	upgrade_init();
	store_open();
	if (!upgrade_failure() || !strstr(upgrade_failure(), path))
		return 4;
	if (getenv("SSTPD_UPGRADE_FAILED") || unlink(path) < 0 || symlink("other", path) < 0)
		return 3;
	upgrade_exec("next", NULL, true, false);
}

/* Return: status of a process that this program became, by a link that led to @first then. */
static int switched_to(const char *first)
{
	char self[4096] = "";
	int status;
	pid_t pid;

	make_other();
	assert_true(readlink("/proc/self/exe", self, sizeof(self) - 1) > 0);
	assert_int_equal(symlink(self, link_path), 0);
	fflush(NULL);
	pid = fork();
	if (!pid) {
		execl(link_path, link_path, "switch", first, (char *)NULL);
		_exit(127);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	unlink(link_path);
	unlink(other_path);
	rmdir(dir);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void link_is_followed(void **state)
{
	(void)state;
	assert_int_equal(switched_to("other"), OTHER_STATUS);
}

static void what_cannot_be_executed_is_survived(void **state)
{
	(void)state;
	assert_int_equal(switched_to("nothing"), OTHER_STATUS);
}

/* Neither: the kernel takes no such environment. Whoever reads the log knows why all has ended. */
static void its_end_is_in_the_log(void **state)
{
	static char too_much[256 * 1024];
	char said[1000] = "";
	int ends[2], status;
	pid_t pid;

	(void)state;
	assert_int_equal(pipe(ends), 0);
	fflush(NULL);
	pid = fork();
	if (!pid) {
		log_init("test", LOG_TO_PARENT, LOG_ERR);
		dup2(ends[1], STDERR_FILENO);
		memset(too_much, 'x', sizeof(too_much) - 1);
		setenv("TOO_MUCH", too_much, 1);
		upgrade_init();
		store_open();
		upgrade_exec("next", NULL, true, false);
	}
	close(ends[1]);
	assert_true(read(ends[0], said, sizeof(said) - 1) > 0);
	close(ends[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 1);
	/* A line of the log, not of stderr alone. */
	assert_int_equal(said[0], LOG_MARK);
	assert_non_null(strstr(said, "Argument list too long: sstpd and all its sessions end"));
}

int main(int argc, char **argv)
{
	const char *failed = getenv("SSTPD_UPGRADE_FAILED");
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(signals_wait),
		cmocka_unit_test(link_is_followed),
		cmocka_unit_test(what_cannot_be_executed_is_survived),
		cmocka_unit_test(its_end_is_in_the_log),
	};

	if (argc > 2 && !strcmp(argv[1], "switch"))
		return be_switched(argv[0], argv[2]);
	if (argc > 2 && !strcmp(argv[2], "next"))
		return failed ? be_itself(failed) : be_next();
	log_init("test", LOG_TO_STDERR, LOG_EMERG);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
