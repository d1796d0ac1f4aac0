// SPDX-License-Identifier: GPL-2.0-or-later
/* What a program that is executed in the place of this one begins with. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/fds.h"
#include "lib/inherit.h"

#define MANY	40
/* With standard input, output and error there is room for so many more. */
#define SPARE	3

/* A file that says which one it is, instead of what a sanitizer or cmocka has there. */
static int make_file(int number, int at)
{
	int fd = memfd_create("file", MFD_CLOEXEC);

	dprintf(fd, "%d\n", number);
	if (fd != at) {
		dup2(fd, at);
		close(fd);
	}
	return at;
}

static void limit_descriptors(rlim_t n)
{
	const struct rlimit limit = { n, n };

	setrlimit(RLIMIT_NOFILE, &limit);
}

/*
 * run() - /bin/sh -c @script with @n descriptors, @order[i] of which is in place i
 *
 * Return: its status; 100 and errno if it could not be executed
 */
static int run(const char *script, const int *order, int n)
{
	char *argv[] = { "sh", "-c", (char *)script, NULL };
	struct inherited fds[MANY];
	int status;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (!pid) {
		fds_close_from(3);
		for (int i = 0; i < n; i++) {
			fds[i].fd = make_file(i, 3 + order[i]);
			snprintf(fds[i].name, sizeof(fds[i].name), "s%d", i);
		}
		limit_descriptors(3 + (rlim_t)n + SPARE);
		if (inherit_pass_on(fds, (size_t)n))
			execv("/bin/sh", argv);
		_exit(100 + errno);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

#define EACH_IN_ITS_PLACE							\
	"[ $LISTEN_FDS = 40 ] && [ $LISTEN_PID = $$ ] || exit 1;"		\
	"case $LISTEN_FDNAMES in s0:s1:*:s39) ;; *) exit 2 ;; esac;"		\
	"i=0; while [ $i -lt 40 ]; do"						\
	"  read is </proc/$$/fd/$((3 + i)) && [ $is = $i ] || exit 3;"		\
	"  i=$((i + 1)); done"

/* Most of the descriptors that a process may have are of sessions: there is no room for copies. */
static void each_is_in_its_place(void **state)
{
	int order[MANY];

	(void)state;
	for (int i = 0; i < MANY; i++)
		order[i] = i;
	assert_int_equal(run(EACH_IN_ITS_PLACE, order, MANY), 0);
	for (int i = 0; i < MANY; i++)
		order[i] = MANY - 1 - i;
	assert_int_equal(run(EACH_IN_ITS_PLACE, order, MANY), 0);
	/* One circle of all of them, and some that sit beyond. */
	for (int i = 0; i < MANY; i++)
		order[i] = (i * 7 + 3) % MANY;
	order[0] = MANY;
	order[20] = MANY + 1;
	assert_int_equal(run(EACH_IN_ITS_PLACE, order, MANY), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_is_in_its_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
