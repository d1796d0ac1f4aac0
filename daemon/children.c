// SPDX-License-Identifier: GPL-2.0-or-later
#include "children.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "loop.h"
#include "proc.h"

void child_spawn(struct child *c, const struct conf_main *conf, imsg_cb cb)
{
	const char *user = *conf->user ? conf->user : proc_default_user();
	struct proc_child proc;

	proc = proc_spawn(c->name, user,
			  proc_log_option(conf->log_target, conf->log_level));
	c->pid = proc.pid;
	c->ready = false;
	c->stopped = false;
	c->silent = false;
	c->chan = imsg_open(proc.fd, msg_rules, MSG_TYPES, c->bit, cb, c);
}

static void child_describe(int status, char *text, size_t size)
{
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS)
		snprintf(text, size,
			 "it made a system call that it must not make, and was killed for it");
	else if (WIFSIGNALED(status))
		snprintf(text, size, "killed by signal %d (%s)",
			 WTERMSIG(status), strsignal(WTERMSIG(status)));
	else
		snprintf(text, size, "ended with status %d",
			 WEXITSTATUS(status));
}

void child_end(struct child *c, char *text, size_t size)
{
	int status = 0;

	if (!c->chan)
		return;
	imsg_close(c->chan);
	c->chan = NULL;
	/* Of one that is ending by itself this does not change the status. */
	kill(c->pid, SIGKILL);
	if (waitpid(c->pid, &status, 0) == c->pid && text)
		child_describe(status, text, size);
	for (int i = STAT_NOW_WEB + 1; i < STAT_ENGINE_END; i++)
		c->stats_before.count[i] += c->stats.count[i];
	memset(&c->stats, 0, sizeof(c->stats));
}

bool child_may_restart(struct child *c)
{
	uint64_t now = loop_now_ms();

	if (!c->deaths || now - c->deaths_since_ms > CHILD_DEATHS_MS) {
		c->deaths = 0;
		c->deaths_since_ms = now;
	}
	return ++c->deaths <= CHILD_DEATHS_MAX;
}

void child_tell(const struct child *c, uint32_t type, const void *body, int fd)
{
	if (c->chan)
		imsg_send(c->chan, type, body, fd);
	else if (fd >= 0)
		close(fd);
}
