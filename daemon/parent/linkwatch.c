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
#include "netlink/netcfg.h"
#include "netlink/nl.h"
#include "parent/client_link.h"
#include "parent/table.h"
#include "parent/tunnel.h"

/* Changes of routes come in flocks; one look at the ways is for all of them. */
#define LINKWATCH_WAYS_MS	500

static struct nl_sock *linkwatch_sk;
static struct event *linkwatch_event;

static struct {
	void (*changed)(void);
	struct event *timer;
	bool waiting;
} linkwatch_ways;

static void linkwatch_up(uint32_t ifindex)
{
	struct entry *e = tunnel_find(NULL, ifindex);

	if (e)
		tunnel_restore(e);
}

/* ---- ways of clients ---------------------------------------------------------------- */

static void linkwatch_on_timer(int fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
	linkwatch_ways.waiting = false;
	linkwatch_ways.changed();
}

/* Not later and later, while changes come without end. */
static void linkwatch_way(void)
{
	if (linkwatch_ways.waiting || !linkwatch_ways.changed)
		return;
	linkwatch_ways.waiting = true;
	loop_arm(linkwatch_ways.timer, LINKWATCH_WAYS_MS);
}

static void linkwatch_route(const struct nlmsghdr *nlh)
{
	const struct rtmsg *rtm = NLMSG_DATA(nlh);

	if (rtm->rtm_protocol != netcfg_mark())
		linkwatch_way();
	else if (nlh->nlmsg_type == RTM_DELROUTE && rtm->rtm_type == RTN_UNREACHABLE)
		client_link_ensure();
}

static void linkwatch_of_clients(const struct nlmsghdr *nlh)
{
	switch (nlh->nlmsg_type) {
	case RTM_NEWROUTE:
	case RTM_DELROUTE:
		linkwatch_route(nlh);
		break;
	case RTM_NEWADDR:
	case RTM_DELADDR:
	case RTM_DELLINK:
	case RTM_NEWRULE:
		linkwatch_way();
		break;
	case RTM_DELRULE:
		client_link_ensure();
		linkwatch_way();
		break;
	}
}

/* ---- what comes ----------------------------------------------------------------------- */

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
	if (!linkwatch_ways.changed)
		return;
	client_link_ensure();
	linkwatch_way();
}

static void linkwatch_message(const struct nlmsghdr *nlh)
{
	const struct ifinfomsg *ifi = NLMSG_DATA(nlh);

	if (nlh->nlmsg_type != RTM_NEWLINK) {
		linkwatch_of_clients(nlh);
		return;
	}
	if (ifi->ifi_change & IFF_UP && ifi->ifi_flags & IFF_UP)
		linkwatch_up((uint32_t)ifi->ifi_index);
	/* Routes of IPv4 go with that, and nobody says so. */
	linkwatch_way();
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

static bool linkwatch_listen(bool clients)
{
	static const int groups[] = {
		RTNLGRP_LINK,
		RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR,
		RTNLGRP_IPV4_ROUTE, RTNLGRP_IPV6_ROUTE,
		RTNLGRP_IPV4_RULE, RTNLGRP_IPV6_RULE,
	};
	size_t n = clients ? sizeof(groups) / sizeof(groups[0]) : 1;

	for (size_t i = 0; i < n; i++)
		if (nl_socket_add_membership(linkwatch_sk, groups[i]) < 0)
			return false;
	return true;
}

void linkwatch_start(void (*ways)(void))
{
	linkwatch_sk = nl_try_open(NETLINK_ROUTE);
	if (!linkwatch_sk || !linkwatch_listen(ways)) {
		log_warn("changes of interfaces are not seen");
		return;
	}
	linkwatch_ways.changed = ways;
	linkwatch_ways.timer = loop_event(-1, 0, linkwatch_on_timer, NULL);
	linkwatch_event = loop_event(nl_socket_get_fd(linkwatch_sk), EV_READ | EV_PERSIST,
				     linkwatch_on_read, NULL);
	loop_watch(linkwatch_event, true);
}

void linkwatch_stop(void)
{
	loop_free(&linkwatch_event);
	loop_free(&linkwatch_ways.timer);
	if (linkwatch_sk)
		nl_socket_free(linkwatch_sk);
	linkwatch_sk = NULL;
}
