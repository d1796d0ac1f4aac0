// SPDX-License-Identifier: GPL-2.0-or-later
#include "parent/upgrade.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/log.h"
#include "lib/loop.h"
#include "parent/store.h"
#include "parent/watchdog.h"

/* Its check reads a few files; the service manager's watchdog gives us 30 s. */
#define UPGRADE_CHECK_MS	25000
#define UPGRADE_TEXT_MAX	2000

static char upgrade_program[PATH_MAX];

static bool upgrade_runs(const char *path)
{
	struct stat named, running;

	return stat(path, &named) == 0 && stat("/proc/self/exe", &running) == 0 &&
	       named.st_dev == running.st_dev && named.st_ino == running.st_ino;
}

/*
 * From a program that was to be replaced to itself, which goes on: the other one, and why
 * that could not be executed. It has no log any more when it learns of that.
 */
#define UPGRADE_FAILED_PROGRAM	"SSTPD_UPGRADE_FAILED"
#define UPGRADE_FAILED_WHY	"SSTPD_UPGRADE_WHY"

/* Of the upgrade by which this process began; empty = it was none, or went well */
static char upgrade_error[PATH_MAX + 200];

const char *upgrade_failure(void)
{
	return *upgrade_error ? upgrade_error : NULL;
}

/* Return: true if it is so. */
static bool upgrade_has_failed(void)
{
	const char *program = getenv(UPGRADE_FAILED_PROGRAM), *why = getenv(UPGRADE_FAILED_WHY);
	bool failed = program && why && strlen(program) < sizeof(upgrade_program);

	if (failed) {
		strcpy(upgrade_program, program);
		snprintf(upgrade_error, sizeof(upgrade_error),
			 "not upgraded, the program from before goes on: cannot execute %s: %s; put that right, and try again",
			 program, why);
		log_err("%s", upgrade_error);
		/* Else ps(1) without arguments would say "exe". */
		prctl(PR_SET_NAME, "sstpd");
	}
	unsetenv(UPGRADE_FAILED_PROGRAM);
	unsetenv(UPGRADE_FAILED_WHY);
	return failed;
}

void upgrade_init(void)
{
	const char *started_as = (const char *)getauxval(AT_EXECFN);
	ssize_t n;

	if (upgrade_has_failed())
		return;
	n = readlink("/proc/self/exe", upgrade_program, sizeof(upgrade_program) - 1);

	if (n < 0)
		log_warn("cannot find this program: %s", strerror(errno));
	upgrade_program[n < 0 ? 0 : n] = '\0';
	/* A link that leads here: an installer may have it lead to another one. */
	if (started_as && started_as[0] == '/' && strlen(started_as) < sizeof(upgrade_program) &&
	    upgrade_runs(started_as))
		strcpy(upgrade_program, started_as);
}

/* ---- would it begin? ------------------------------------------------------------------ */

static void __attribute__((noreturn)) upgrade_run_check(const char *file, int out)
{
	dup2(out, STDOUT_FILENO);
	dup2(out, STDERR_FILENO);
	execl(upgrade_program, "sstpd", "-t", "-c", file, (char *)NULL);
	dprintf(STDERR_FILENO, "cannot execute %s: %s\n", upgrade_program, strerror(errno));
	_exit(127);
}

/* Return: what poll() does, whatever signals come. */
static int upgrade_poll(int fd, uint64_t until)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	uint64_t now;
	int n;

	do {
		now = loop_now_ms();
		n = now < until ? poll(&p, 1, (int)(until - now)) : 0;
	} while (n < 0 && errno == EINTR);
	return n;
}

/* All that it says, until it ends or its time is over. */
static void upgrade_listen(int fd, char text[UPGRADE_TEXT_MAX])
{
	uint64_t until = loop_now_ms() + UPGRADE_CHECK_MS;
	size_t len = 0, room;
	char rest[256];
	ssize_t n;
	int ready;

	while ((ready = upgrade_poll(fd, until)) > 0) {
		room = UPGRADE_TEXT_MAX - 1 - len;
		n = room ? read(fd, text + len, room) : read(fd, rest, sizeof(rest));
		if (n <= 0)
			break;
		len += room ? (size_t)n : 0;
	}
	if (!ready)
		len = (size_t)snprintf(text, UPGRADE_TEXT_MAX, "%s -t has not ended within %u s",
				       upgrade_program, UPGRADE_CHECK_MS / 1000);
	text[len < UPGRADE_TEXT_MAX ? len : UPGRADE_TEXT_MAX - 1] = '\0';
}

static bool upgrade_wait(pid_t pid, int fd, char text[UPGRADE_TEXT_MAX])
{
	int status;

	upgrade_listen(fd, text);
	/* No effect on one that has ended. */
	kill(pid, SIGKILL);
	return waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static void upgrade_complain(char *text, conf_report report, void *ctx)
{
	char *rest = text;
	const char *line;

	while ((line = strtok_r(rest, "\n", &rest)))
		report(ctx, line);
}

bool upgrade_check(const char *file, conf_report report, void *ctx)
{
	char text[UPGRADE_TEXT_MAX];
	bool good = false;
	int ends[2];
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) < 0) {
		report(ctx, "no descriptor left to check the new program");
		return false;
	}
	/* This process is deaf meanwhile. */
	watchdog_alive();
	pid = fork();
	if (!pid)
		upgrade_run_check(file, ends[1]);
	close(ends[1]);
	if (pid > 0)
		good = upgrade_wait(pid, ends[0], text);
	else
		snprintf(text, sizeof(text), "no process can be made: %s", strerror(errno));
	close(ends[0]);
	if (!good)
		upgrade_complain(text, report, ctx);
	return good;
}

/* ---- signals ---------------------------------------------------------------------------- */

static void upgrade_mask(int how)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGUSR2);
	sigprocmask(how, &set, NULL);
}

static int upgrade_passed_on;

void upgrade_pass_on(int sig)
{
	upgrade_passed_on = sig;
}

void upgrade_hear(void)
{
	upgrade_mask(SIG_UNBLOCK);
}

/* ---- be it ----------------------------------------------------------------------------- */

/* There is no other program: this one begins anew, whatever has become of its file. */
static void __attribute__((noreturn)) upgrade_stay(char *const argv[])
{
	const char *why = strerror(errno);

	if (setenv(UPGRADE_FAILED_PROGRAM, upgrade_program, 1) == 0 &&
	    setenv(UPGRADE_FAILED_WHY, why, 1) == 0)
		execv("/proc/self/exe", argv);
	/* The log is still open. Nobody is left to end anything in order. */
	log_fatal("cannot execute %s, nor the program from before again: %s: sstpd and all its sessions end",
		  upgrade_program, why);
}

void upgrade_exec(const char *file, const char *control, bool foreground, bool debug)
{
	const char *argv[8] = { "sstpd", "-c", file };
	size_t n = 3;

	if (control) {
		argv[n++] = "-s";
		argv[n++] = control;
	}
	if (foreground)
		argv[n++] = debug ? "-d" : "-f";
	argv[n] = NULL;
	/* It would end by them until it knows what they mean. */
	upgrade_mask(SIG_BLOCK);
	if (upgrade_passed_on)
		kill(getpid(), upgrade_passed_on);
	if (!store_pass_on())
		log_fatal("cannot pass on what is kept: %s", strerror(errno));
	execv(upgrade_program, (char *const *)argv);
	upgrade_stay((char *const *)argv);
}
