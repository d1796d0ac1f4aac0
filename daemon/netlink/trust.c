// SPDX-License-Identifier: GPL-2.0-or-later
#include "netlink/trust.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_link.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/rtnetlink.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <netlink/attr.h>
#include <netlink/msg.h>

#include "netlink/netcfg.h"

#define TRUST_PATH_MAX	128

/*
 * @at: its place in what RTM_GETLINK says
 * @always: every kernel with that protocol has it
 */
static const struct trust {
	bool ipv6;
	const char *key;
	unsigned int at;
	int32_t value;
	bool always;
} trust_none[] = {
	{ false, "accept_redirects", IPV4_DEVCONF_ACCEPT_REDIRECTS - 1, 0, true },
	{ false, "send_redirects", IPV4_DEVCONF_SEND_REDIRECTS - 1, 0, true },
	{ false, "accept_source_route", IPV4_DEVCONF_ACCEPT_SOURCE_ROUTE - 1, 0, true },
	{ false, "proxy_arp", IPV4_DEVCONF_PROXY_ARP - 1, 0, true },
	{ false, "route_localnet", IPV4_DEVCONF_ROUTE_LOCALNET - 1, 0, true },
	{ false, "bootp_relay", IPV4_DEVCONF_BOOTP_RELAY - 1, 0, true },
	{ true, "accept_ra", DEVCONF_ACCEPT_RA, 0, true },
	{ true, "autoconf", DEVCONF_AUTOCONF, 0, true },
	{ true, "accept_redirects", DEVCONF_ACCEPT_REDIRECTS, 0, true },
	{ true, "accept_source_route", DEVCONF_ACCEPT_SOURCE_ROUTE, -1, true },
	{ true, "proxy_ndp", DEVCONF_PROXY_NDP, 0, true },
	{ true, "accept_untracked_na", DEVCONF_ACCEPT_UNTRACKED_NA, 0, false },
	{ true, "seg6_enabled", DEVCONF_SEG6_ENABLED, 0, false },
	{ true, "rpl_seg_enabled", DEVCONF_RPL_SEG_ENABLED, 0, false },
	{ true, "ioam6_enabled", DEVCONF_IOAM6_ENABLED, 0, false },
};

/*
 * What a server may not say: that packets go another way, that it is a router, which
 * prefixes there are. autoconf.c takes of its advertisements what may be had.
 */
static const struct trust trust_ways[] = {
	{ false, "accept_redirects", IPV4_DEVCONF_ACCEPT_REDIRECTS - 1, 0, true },
	{ true, "accept_redirects", DEVCONF_ACCEPT_REDIRECTS, 0, true },
	{ true, "accept_ra", DEVCONF_ACCEPT_RA, 0, true },
	{ true, "autoconf", DEVCONF_AUTOCONF, 0, true },
};

#define TRUST_SET(ifname, list, err) \
	trust_set_all(ifname, list, sizeof(list) / sizeof((list)[0]), err)

static int trust_fail(const char *path, struct nl_err *err)
{
	err->code = errno;
	snprintf(err->text, sizeof(err->text), "%s: %s", path, strerror(errno));
	return -1;
}

/* Of an interface: the values of one protocol, as many as the kernel has. */
struct trust_values {
	int32_t of[128];
	unsigned int n;
};

struct trust_now {
	struct trust_values ipv4;
	struct trust_values ipv6;
};

/* @spec: IFLA_AF_SPEC */
static void trust_read(const struct nlattr *spec, int family, int type,
		       struct trust_values *values)
{
	const struct nlattr *one = nla_find(nla_data(spec), nla_len(spec), family);

	one = one ? nla_find(nla_data(one), nla_len(one), type) : NULL;
	if (one)
		values->n = (unsigned int)nla_memcpy(values->of, one, sizeof(values->of)) /
			    sizeof(values->of[0]);
}

static int trust_on_link(struct nl_msg *msg, void *arg)
{
	struct nlmsghdr *head = nlmsg_hdr(msg);
	const struct nlattr *spec = NULL;
	struct trust_now *now = arg;

	if (head->nlmsg_type == RTM_NEWLINK)
		spec = nlmsg_find_attr(head, sizeof(struct ifinfomsg), IFLA_AF_SPEC);
	if (spec) {
		trust_read(spec, AF_INET, IFLA_INET_CONF, &now->ipv4);
		trust_read(spec, AF_INET6, IFLA_INET6_CONF, &now->ipv6);
	}
	return NL_OK;
}

/* All in one answer: each file of /proc/sys costs more, and here are fifteen. */
static int trust_ask(const char *ifname, struct trust_now *now, struct nl_err *err)
{
	struct ifinfomsg head = { .ifi_family = AF_UNSPEC };
	struct nl_msg *msg = nlmsg_alloc_simple(RTM_GETLINK, 0);

	memset(now, 0, sizeof(*now));
	if (!msg || nlmsg_append(msg, &head, sizeof(head), NLMSG_ALIGNTO) < 0 ||
	    nla_put_string(msg, IFLA_IFNAME, ifname) < 0 ||
	    nla_put_u32(msg, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS) < 0) {
		nlmsg_free(msg);
		errno = ENOMEM;
		return trust_fail(ifname, err);
	}
	return nl_talk(netcfg_sock(), msg, trust_on_link, now, err);
}

static bool trust_is(const struct trust_now *now, const struct trust *t)
{
	const struct trust_values *values = t->ipv6 ? &now->ipv6 : &now->ipv4;

	return t->at < values->n && values->of[t->at] == t->value;
}

/* A kernel without IPv6 believes nothing by it. */
static bool trust_needs_none(const struct trust *t)
{
	return !t->always || (t->ipv6 && access("/proc/sys/net/ipv6", F_OK) < 0);
}

static int trust_set(const char *ifname, const struct trust *t, struct nl_err *err)
{
	char path[TRUST_PATH_MAX], value[16];
	int fd, rc = 0;

	snprintf(path, sizeof(path), "/proc/sys/net/%s/conf/%s/%s", t->ipv6 ? "ipv6" : "ipv4",
		 ifname, t->key);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT && trust_needs_none(t))
		return 0;
	if (fd < 0)
		return trust_fail(path, err);
	snprintf(value, sizeof(value), "%d", t->value);
	if (write(fd, value, strlen(value)) < 0)
		rc = trust_fail(path, err);
	close(fd);
	return rc;
}

static int trust_set_all(const char *ifname, const struct trust *list, size_t n,
			 struct nl_err *err)
{
	struct trust_now now;

	if (trust_ask(ifname, &now, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (!trust_is(&now, &list[i]) && trust_set(ifname, &list[i], err) < 0)
			return -1;
	return 0;
}

int trust_nothing(const char *ifname, struct nl_err *err)
{
	return TRUST_SET(ifname, trust_none, err);
}

int trust_server(const char *ifname, struct nl_err *err)
{
	return TRUST_SET(ifname, trust_ways, err);
}
