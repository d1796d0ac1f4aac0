// SPDX-License-Identifier: GPL-2.0-or-later
/* The ways in which a session can end. */
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "ktls.h"
#include "net.h"
#include "rtnl.h"
#include "torture.h"

static int owner_close(struct actor *a)
{
	return write(a->torture->tell_owner, "", 1) == 1 ? 0 : -1;
}

static int owner_kill(struct actor *a)
{
	return kill(a->torture->owner, SIGKILL);
}

static int peer_fin(struct actor *a)
{
	return shutdown(a->torture->peer->sock, SHUT_WR);
}

static int peer_rst(struct actor *a)
{
	int fd = a->torture->peer->sock;

	a->torture->peer->sock = -1;
	return net_reset(fd);
}

/* Fatal, handshake_failure. */
static int peer_alert(struct actor *a)
{
	return ktls_send(a->torture->peer->sock, KTLS_ALERT, "\x02\x28", 2) == 2 ? 0 : -1;
}

/* Its socket would hold the namespace. */
void torture_drop_rtnl(struct actor *a)
{
	rtnl_close(a->rtnl);
	a->rtnl = NULL;
}

static int link_delete(struct actor *a)
{
	int rc = rtnl_delete(a->rtnl, a->torture->ifindex);

	torture_drop_rtnl(a);
	return rc;
}

static int link_down(struct actor *a)
{
	int rc = rtnl_set_up(a->rtnl, a->torture->ifindex, false);

	torture_drop_rtnl(a);
	return rc;
}

/* Not possible while there is a session: try from before its end to after it. */
static int rmmod(struct actor *a)
{
	int64_t deadline = net_now_ms() + a->torture->script->timeout_ms;

	while (syscall(SYS_delete_module, "sstp", O_NONBLOCK)) {
		if (net_now_ms() >= deadline)
			return -1;
		usleep(200);
	}
	return 0;
}

static int netns_delete(struct actor *a)
{
	int fd = a->torture->netns;

	a->torture->netns = -1;
	return close(fd);
}

static const struct way ways[] = {
	{ "close", owner_close, .ends = true },
	{ "kill", owner_kill, .must = true, .ends = true },
	{ "fin", peer_fin, .ends = true },
	{ "rst", peer_rst, .must = true, .ends = true },
	{ "alert", peer_alert, .ends = true },
	{ "link-delete", link_delete, .ends = true, .link = true },
	{ "link-down", link_down, .link = true },
	{ "rmmod", rmmod, .must = true },
	{ "netns-delete", netns_delete, .must = true, .ends = true, .netns = true },
	{ 0 },
};

const struct way *torture_way(const char *name, size_t len)
{
	for (const struct way *w = ways; w->name; w++) {
		if (strlen(w->name) == len && !strncmp(w->name, name, len))
			return w;
	}
	return NULL;
}
