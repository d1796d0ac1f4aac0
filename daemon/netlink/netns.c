// SPDX-License-Identifier: GPL-2.0-or-later
#include "netlink/netns.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/log.h"
#include "netlink/netcfg.h"
#include "netlink/nl_sstp.h"

#define NETNS_DIR	"/run/netns"
#define NETNS_PATH_MAX	(sizeof(NETNS_DIR) + CONF_NAME_MAX + 1)

/**
 * struct netns - one that is in use
 * @route: socket there, for rtnetlink
 * @generic: the same for generic netlink
 */
struct netns {
	LIST_ENTRY(netns) next;
	char name[CONF_NAME_MAX];
	unsigned int refs;
	int fd;
	struct nl_sock *route;
	struct nl_sock *generic;
};

static struct {
	LIST_HEAD(, netns) list;
	int home;
	const struct netns *in;
	struct nl_sock *home_route;
	struct nl_sock *home_generic;
} netns = { .home = -1 };

static void netns_move(int fd)
{
	/* Work meant for one namespace must not be done in another. */
	if (setns(fd, CLONE_NEWNET) < 0)
		log_fatal("setns: %s", strerror(errno));
}

static bool netns_open_home(void)
{
	if (netns.home < 0)
		netns.home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	return netns.home >= 0;
}

static void netns_path(const char *name, char path[static NETNS_PATH_MAX])
{
	snprintf(path, NETNS_PATH_MAX, NETNS_DIR "/%s", name);
}

/* Also finds out whether we may go there at all. */
static bool netns_open(struct netns *ns)
{
	char path[NETNS_PATH_MAX];

	netns_path(ns->name, path);
	ns->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (ns->fd < 0 || !netns_open_home() ||
	    setns(ns->fd, CLONE_NEWNET) < 0)
		return false;
	ns->route = nl_try_open(NETLINK_ROUTE);
	ns->generic = nl_try_open(NETLINK_GENERIC);
	netns_move(netns.home);
	/* Why was logged; most likely there are too many descriptors. */
	errno = ENOBUFS;
	return ns->route && ns->generic;
}

static void netns_free(struct netns *ns)
{
	if (ns->route)
		nl_socket_free(ns->route);
	if (ns->generic)
		nl_socket_free(ns->generic);
	if (ns->fd >= 0)
		close(ns->fd);
	free(ns);
}

/* Somebody may have deleted it, and made another one of that name. */
static bool netns_is_called(const struct netns *ns, const char *name)
{
	char path[NETNS_PATH_MAX];
	struct stat held, now;

	if (strcmp(ns->name, name))
		return false;
	netns_path(name, path);
	return stat(path, &now) == 0 && fstat(ns->fd, &held) == 0 &&
	       held.st_dev == now.st_dev && held.st_ino == now.st_ino;
}

struct netns *netns_share(struct netns *ns)
{
	if (ns)
		ns->refs++;
	return ns;
}

struct netns *netns_hold(const char *name, struct nl_err *err)
{
	struct netns *ns;

	LIST_FOREACH(ns, &netns.list, next)
		if (netns_is_called(ns, name))
			return netns_share(ns);
	ns = calloc(1, sizeof(*ns));
	if (!ns)
		log_fatal("out of memory");
	snprintf(ns->name, sizeof(ns->name), "%s", name);
	ns->refs = 1;
	if (netns_open(ns)) {
		LIST_INSERT_HEAD(&netns.list, ns, next);
		return ns;
	}
	err->code = errno;
	snprintf(err->text, sizeof(err->text), "network namespace %s: %s%s", name,
		 strerror(errno), errno == EPERM ?
		 " (it takes CAP_SYS_ADMIN, see netns in sstpd.conf(5))" : "");
	netns_free(ns);
	return NULL;
}

bool netns_is_new(const struct netns *ns)
{
	return ns && ns->refs == 1;
}

void netns_put(struct netns *ns)
{
	if (!ns || --ns->refs)
		return;
	LIST_REMOVE(ns, next);
	netns_free(ns);
}

void netns_enter(const struct netns *ns)
{
	if (!ns)
		return;
	netns.in = ns;
	netns_move(ns->fd);
	netns.home_route = netcfg_use(ns->route);
	netns.home_generic = nl_sstp_use(ns->generic);
}

void netns_leave(void)
{
	if (!netns.in)
		return;
	netns.in = NULL;
	netns_move(netns.home);
	netcfg_use(netns.home_route);
	nl_sstp_use(netns.home_generic);
}

int netns_fd(const struct netns *ns)
{
	return ns ? ns->fd : -1;
}
