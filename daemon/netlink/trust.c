// SPDX-License-Identifier: GPL-2.0-or-later
#include "netlink/trust.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define TRUST_PATH_MAX	128

/* @always: every kernel with that protocol has it */
static const struct trust {
	const char *family;
	const char *key;
	const char *value;
	bool always;
} trust_none[] = {
	{ "ipv4", "accept_redirects", "0", true },
	{ "ipv4", "send_redirects", "0", true },
	{ "ipv4", "accept_source_route", "0", true },
	{ "ipv4", "proxy_arp", "0", true },
	{ "ipv4", "route_localnet", "0", true },
	{ "ipv4", "bootp_relay", "0", true },
	{ "ipv6", "accept_ra", "0", true },
	{ "ipv6", "autoconf", "0", true },
	{ "ipv6", "accept_redirects", "0", true },
	{ "ipv6", "accept_source_route", "-1", true },
	{ "ipv6", "proxy_ndp", "0", true },
	{ "ipv6", "accept_untracked_na", "0", false },
	{ "ipv6", "seg6_enabled", "0", false },
	{ "ipv6", "rpl_seg_enabled", "0", false },
	{ "ipv6", "ioam6_enabled", "0", false },
};

/*
 * What a server may not say: that packets go another way, that it is a router, which
 * prefixes there are. autoconf.c takes of its advertisements what may be had.
 */
static const struct trust trust_ways[] = {
	{ "ipv4", "accept_redirects", "0", true },
	{ "ipv6", "accept_redirects", "0", true },
	{ "ipv6", "accept_ra", "0", true },
	{ "ipv6", "autoconf", "0", true },
};

#define TRUST_SET(ifname, list, err) \
	trust_set_all(ifname, list, sizeof(list) / sizeof((list)[0]), err)

static int trust_fail(const char *path, struct nl_err *err)
{
	err->code = errno;
	snprintf(err->text, sizeof(err->text), "%s: %s", path, strerror(errno));
	return -1;
}

static bool trust_is(const char *path, const char *value)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char text[16];
	ssize_t len;

	if (fd < 0)
		return false;
	len = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (len <= 0)
		return false;
	text[len] = '\0';
	text[strcspn(text, "\n")] = '\0';
	return !strcmp(text, value);
}

static int trust_set(const char *path, const struct trust *t, struct nl_err *err)
{
	int fd, rc = 0;

	if (trust_is(path, t->value))
		return 0;
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT && !t->always ? 0 : trust_fail(path, err);
	if (write(fd, t->value, strlen(t->value)) < 0)
		rc = trust_fail(path, err);
	close(fd);
	return rc;
}

static int trust_set_all(const char *ifname, const struct trust *list, size_t n,
			 struct nl_err *err)
{
	char path[TRUST_PATH_MAX];

	for (size_t i = 0; i < n; i++) {
		snprintf(path, sizeof(path), "/proc/sys/net/%s", list[i].family);
		/* A kernel without IPv6 believes nothing by it. */
		if (!strcmp(list[i].family, "ipv6") && access(path, F_OK) < 0 &&
		    errno == ENOENT)
			continue;
		snprintf(path, sizeof(path), "/proc/sys/net/%s/conf/%s/%s",
			 list[i].family, ifname, list[i].key);
		if (trust_set(path, &list[i], err) < 0)
			return -1;
	}
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
