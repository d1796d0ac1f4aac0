// SPDX-License-Identifier: GPL-2.0-or-later
#include "parent/linkwatch.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>

#include "lib/log.h"
#include "lib/loop.h"
#include "netlink/nl.h"
#include "parent/table.h"
#include "parent/tunnel.h"

static struct nl_sock *linkwatch_sk;
static struct event *linkwatch_event;

static void linkwatch_up(uint32_t ifindex)
{
	struct entry *e;

	for (e = table_first(); e; e = table_next(e))
		if (e->up && e->ifindex == ifindex && !e->netns)
			tunnel_restore(e);
}

/*
 * So many changes at a time are those of sessions that come and go. A client's interface
 * is there for long, and there are few.
 */
static void linkwatch_missed(void)
{
	log_debug("changes of interfaces have been missed");
	for (struct entry *e = table_first(); e; e = table_next(e))
		if (e->up && !e->server)
			tunnel_restore(e);
}

static void linkwatch_message(const struct nlmsghdr *nlh)
{
	const struct ifinfomsg *ifi = NLMSG_DATA(nlh);

	if (nlh->nlmsg_type == RTM_NEWLINK && ifi->ifi_change & IFF_UP &&
	    ifi->ifi_flags & IFF_UP)
		linkwatch_up((uint32_t)ifi->ifi_index);
}

static void linkwatch_on_read(int fd, short what, void *arg)
{
	union {
		struct nlmsghdr nlh;
		char data[32768];
	} in;
	const struct nlmsghdr *nlh;
	ssize_t n;
	size_t len;

	(void)what;
	(void)arg;
	n = recv(fd, in.data, sizeof(in.data), MSG_DONTWAIT);
	if (n < 0 && errno == ENOBUFS)
		linkwatch_missed();
	len = n > 0 ? (size_t)n : 0;
	for (nlh = &in.nlh; NLMSG_OK(nlh, len); nlh = NLMSG_NEXT(nlh, len))
		linkwatch_message(nlh);
}

void linkwatch_start(void)
{
	linkwatch_sk = nl_try_open(NETLINK_ROUTE);
	if (!linkwatch_sk || nl_socket_add_membership(linkwatch_sk, RTNLGRP_LINK) < 0) {
		log_warn("changes of interfaces are not seen");
		return;
	}
	linkwatch_event = loop_event(nl_socket_get_fd(linkwatch_sk), EV_READ | EV_PERSIST,
				     linkwatch_on_read, NULL);
	loop_watch(linkwatch_event, true);
}

void linkwatch_stop(void)
{
	loop_free(&linkwatch_event);
	if (linkwatch_sk)
		nl_socket_free(linkwatch_sk);
	linkwatch_sk = NULL;
}
