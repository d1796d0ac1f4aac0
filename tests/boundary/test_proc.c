// SPDX-License-Identifier: GPL-2.0-or-later
/* What a child may not do any more once it is confined. */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "boundary/proc.h"
#include "lib/log.h"

#define ROOM	5000

/* As a child with a file that it was given: how many bytes does it get into it? */
static off_t grows_to(uint64_t limit)
{
	char path[] = "/tmp/test_proc.XXXXXX";
	int fd = mkstemp(path), status;
	struct stat st;
	pid_t pid;

	assert_true(fd >= 0);
	unlink(path);
	pid = fork();
	assert_true(pid >= 0);
	if (!pid) {
		proc_confine("nobody", &(struct proc_limits){ .file_size = limit });
		signal(SIGXFSZ, SIG_IGN);
		for (int i = 0; i < 2 * ROOM && write(fd, "x", 1) == 1; i++)
			;
		lseek(fd, 1 << 20, SEEK_SET);
		_exit(write(fd, "x", 1) == 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), limit == PROC_ANY_SIZE);
	assert_int_equal(fstat(fd, &st), 0);
	close(fd);
	return st.st_size;
}

static void files(void **state)
{
	(void)state;
	assert_int_equal(grows_to(ROOM), ROOM);
	assert_int_equal(grows_to(0), 0);
	assert_int_equal(grows_to(PROC_ANY_SIZE), (1 << 20) + 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(files),
	};

	log_init("test", LOG_TO_STDERR, LOG_EMERG);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
