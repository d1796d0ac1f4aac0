// SPDX-License-Identifier: GPL-2.0-or-later
#include "parent/children.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "boundary/proc.h"
#include "lib/loop.h"

bool child_spawn(struct child *c, const struct conf_main *conf, imsg_cb cb)
{
	const struct proc_child proc = proc_spawn(&(struct proc_role){
		.name = c->name,
		.dials = c->dials,
		.user = *conf->user ? conf->user : proc_default_user(),
		.log_level = conf->log_level,
	});

	if (proc.fd < 0)
		return false;
	c->pid = proc.pid;
	c->ready = false;
	c->stopped = false;
	c->silent = 0;
	child_log_open(&c->log, c->name, proc.log);
	c->chan = imsg_open(proc.fd, msg_rules, MSG_TYPES, c->bit, cb, c);
	/* Others get as much as there are sessions to tell of. */
	if (c->bit == MSG_ENGINE)
		imsg_limit(c->chan, CHILD_QUEUE_MAX);
	return true;
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

bool child_end(struct child *c, char *text, size_t size)
{
	int status = 0;

	if (!c->chan)
		return true;
	imsg_close(c->chan);
	c->chan = NULL;
	/* Of one that is ending by itself this does not change the status. */
	kill(c->pid, SIGKILL);
	if (waitpid(c->pid, &status, 0) == c->pid && text)
		child_describe(status, text, size);
	child_log_close(&c->log);
	for (int i = STAT_NOW_WEB + 1; i < STAT_ENGINE_END; i++)
		c->stats_before.count[i] += c->stats.count[i];
	memset(&c->stats, 0, sizeof(c->stats));
	return !WIFSIGNALED(status) || WTERMSIG(status) != SIGSYS;
}

uint32_t child_pause_ms(struct child *c)
{
	uint64_t now = loop_now_ms();
	uint32_t pause = CHILD_PAUSE_MS;

	if (now - c->died_ms > CHILD_DEATHS_MS)
		c->deaths = 0;
	c->died_ms = now;
	if (++c->deaths <= CHILD_DEATHS_MAX)
		return 0;
	for (unsigned int i = c->deaths - CHILD_DEATHS_MAX; i > 1 && pause < CHILD_PAUSE_MAX_MS; i--)
		pause *= 2;
	return pause < CHILD_PAUSE_MAX_MS ? pause : CHILD_PAUSE_MAX_MS;
}

void child_tell(const struct child *c, uint32_t type, const void *body, int fd)
{
	if (c->chan)
		imsg_send(c->chan, type, body, fd);
	else if (fd >= 0)
		close(fd);
}
