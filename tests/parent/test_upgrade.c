// SPDX-License-Identifier: GPL-2.0-or-later
/* A program in the place of another: this one in its own. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/log.h"
#include "parent/store.h"
#include "parent/upgrade.h"

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

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(signals_wait),
	};

	if (argc > 2 && !strcmp(argv[2], "next"))
		return be_next();
	log_init("test", LOG_TO_STDERR, LOG_EMERG);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
