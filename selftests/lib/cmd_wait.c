// SPDX-License-Identifier: GPL-2.0-or-later
/* Calls that wait: made by a process of their own, while the script goes on. */
#include <errno.h>
#include <linux/if_sstp.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "net.h"
#include "script.h"

/**
 * struct waiter - the only call there is at a time
 * @pid: who makes it, or 0
 * @result: pipe that its outcome comes from: bytes, or a negative errno
 */
static struct waiter {
	pid_t pid;
	int result;
} waiter;

static void interrupted(int signal)
{
	(void)signal;
}

static ssize_t call(const struct end *end, const struct wire_buf *data)
{
	uint8_t buf[SSTP_FD_MSG_MAX];
	ssize_t n = data->len ? write(end->session, data->data, data->len) :
				read(end->session, buf, sizeof(buf));

	return n < 0 ? -errno : n;
}

/* Whether the kernel has put it to sleep. */
static bool sleeps(pid_t pid)
{
	char path[64], state = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	f = fopen(path, "r");
	if (!f)
		return false;
	if (fscanf(f, "%*d (%*[^)]) %c", &state) != 1)
		state = 0;
	fclose(f);
	return state == 'S';
}

static int start(const struct end *end, const struct wire_buf *data)
{
	struct sigaction on_signal = { .sa_handler = interrupted };
	int fds[2];
	ssize_t n;

	if (pipe(fds))
		return -1;
	fflush(stdout);
	waiter = (struct waiter){ .pid = fork(), .result = fds[0] };
	if (waiter.pid == 0) {
		sigaction(SIGUSR1, &on_signal, NULL);
		n = call(end, data);
		_exit(write(fds[1], &n, sizeof(n)) != sizeof(n));
	}
	close(fds[1]);
	return waiter.pid < 0 ? -1 : 0;
}

/* The call has returned: what it gave, as of call(). */
static ssize_t outcome(void)
{
	ssize_t n = 0;

	if (read(waiter.result, &n, sizeof(n)) != sizeof(n))
		n = -ECHILD;
	close(waiter.result);
	waitpid(waiter.pid, NULL, 0);
	waiter.pid = 0;
	return n;
}

/*
 * "waits" reads from the session fd and has to wait; "waits WORDS" writes them, as
 * often as it takes until it has to.
 */
static int cmd_waits(struct script *s, struct end *end, int argc, char **argv)
{
	int64_t deadline = net_now_ms() + s->timeout_ms;
	struct wire_buf data = { 0 };
	int rc;

	if (end->session < 0 || waiter.pid)
		return script_fail(s, "waits: needs a session, and nobody who waits already");
	rc = script_bytes(s, argc, argv, &data) || start(end, &data) ? -1 : 0;
	while (!rc && !sleeps(waiter.pid)) {
		if (net_wait(waiter.result, POLLIN, 5) > 0 &&
		    (outcome() <= 0 || !data.len || start(end, &data)))
			rc = script_fail(s, "the call does not wait");
		else if (net_now_ms() >= deadline)
			rc = script_fail(s, "nothing makes it wait");
	}
	wire_free(&data);
	return rc;
}

/* What came of it: a number of bytes, or "fails ERRNO". */
static int cmd_returns(struct script *s, struct end *end, int argc, char **argv)
{
	ssize_t n;

	(void)end;
	if (!waiter.pid)
		return script_fail(s, "returns: nobody waits");
	if (net_wait(waiter.result, POLLIN, s->timeout_ms) <= 0)
		return script_fail(s, "it still waits after %d ms", s->timeout_ms);
	n = outcome();
	if (n < 0 || !argc || !strcmp(argv[0], "fails"))
		return script_outcome(s, argc, argv, n < 0 ? -n : 0, "");
	return n == atoi(argv[0]) ? 0 : script_fail(s, "it returned %zd", n);
}

static int cmd_signal(struct script *s, struct end *end, int argc, char **argv)
{
	(void)end;
	(void)argc;
	(void)argv;
	return waiter.pid && !kill(waiter.pid, SIGUSR1) ?
	       0 : script_fail(s, "signal: nobody waits");
}

const struct command cmd_wait_table[] = {
	{ "waits", true, cmd_waits, "[WORDS]" },
	{ "signal", true, cmd_signal, "" },
	{ "returns", true, cmd_returns, "BYTES | fails ERRNO" },
	{ 0 },
};
