// SPDX-License-Identifier: GPL-2.0-or-later
/* The process that the session belongs to. */
#include <errno.h>
#include <fcntl.h>
#include <linux/if_sstp.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "torture.h"

/* Until the session ends, or the owner is to end it. */
static void hold_session(int session, int told)
{
	uint8_t msg[SSTP_FD_MSG_MAX] __attribute__((aligned(8)));
	const struct sstp_fd_hdr *hdr = (const struct sstp_fd_hdr *)msg;
	struct pollfd fds[] = {
		{ .fd = session, .events = POLLIN }, { .fd = told, .events = POLLIN },
	};

	while (poll(fds, 2, -1) > 0 && !fds[1].revents) {
		if (read(session, msg, sizeof(msg)) < (ssize_t)sizeof(*hdr) ||
		    hdr->type == SSTP_FD_TYPE_END)
			break;
	}
	close(session);
}

/* Begins when @go is closed; holds nothing but the session; says its id to @ready. */
static _Noreturn void own(struct torture *t, int go, int ready, int told)
{
	struct script *s = t->script;
	char end;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (read(go, &end, 1))
		_exit(1);
	close(go);
	if (script_do(s, "%s attach %s socket-of=%s", t->session->name, TORTURE_DEVICE,
		      t->server->name) ||
	    script_enter(s, t->peer)) {
		fprintf(stderr, "owner: %s\n", s->error);
		_exit(1);
	}
	torture_drop_rtnl(&t->actors[0]);
	torture_drop_rtnl(&t->actors[1]);
	torture_close(&t->netns);
	torture_close(&t->flood);
	torture_close(&t->peer->sock);
	if (write(ready, &t->session->id, sizeof(t->session->id)) < 0)
		_exit(1);
	hold_session(t->session->session, told);
	_exit(0);
}

int torture_start_owner(struct torture *t)
{
	int go[2], ready[2], told[2], rc = 0;

	if (pipe2(go, O_CLOEXEC) || pipe2(ready, O_CLOEXEC) || pipe2(told, O_CLOEXEC))
		return script_fail(t->script, "pipe: %s", strerror(errno));
	fflush(stdout);
	t->owner = fork();
	if (!t->owner) {
		close(go[1]);
		close(told[1]);
		own(t, go[0], ready[1], told[0]);
	}
	close(go[0]);
	close(ready[1]);
	close(told[0]);
	t->tell_owner = told[1];
	/* A session takes no socket that somebody else holds. */
	torture_close(&t->server->sock);
	close(go[1]);
	if (t->owner < 0 || read(ready[0], &t->session->id, sizeof(t->session->id)) !=
			    sizeof(t->session->id))
		rc = script_fail(t->script, "there is no session");
	close(ready[0]);
	return rc;
}
