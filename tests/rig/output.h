/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a command of sstpctl prints, and how it ends: it may end its process. */
#ifndef TESTS_RIG_OUTPUT_H
#define TESTS_RIG_OUTPUT_H

#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

/**
 * output_of() - run @command with @arg in a process of its own
 * @output: receives what that says, on stdout and stderr; cut off after @size - 1 bytes
 * @input: what it reads, NULL = as the test
 *
 * Return: its exit status.
 */
static inline int output_of(char *output, size_t size, const char *input,
			    int (*command)(void *arg), void *arg)
{
	int in[2], out[2], status;
	size_t used = 0;
	ssize_t n;
	pid_t pid;

	assert_int_equal(pipe(in), 0);
	assert_int_equal(pipe(out), 0);
	if (input)
		dprintf(in[1], "%s", input);
	close(in[1]);
	fflush(NULL);
	pid = fork();
	if (!pid) {
		if (input)
			dup2(in[0], STDIN_FILENO);
		dup2(out[1], STDOUT_FILENO);
		dup2(out[1], STDERR_FILENO);
		status = command(arg);
		fflush(stdout);
		_exit(status);
	}
	close(in[0]);
	close(out[1]);
	while ((n = read(out[0], output + used, size - 1 - used)) > 0)
		used += (size_t)n;
	output[used] = '\0';
	close(out[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

#endif /* TESTS_RIG_OUTPUT_H */
