// SPDX-License-Identifier: GPL-2.0-or-later
#include "parent/source_check.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "netlink/nl_sstp.h"
#include "netlink/tc.h"

void source_check_choose(struct entry *e)
{
	e->source_in_module = e->kind == MSG_PATH_KERNEL && nl_sstp_checks_sources();
}

bool source_check_by_filters(const struct entry *e)
{
	return e->policy.source_check == CONF_YES && !e->source_in_module;
}

static int source_check_fail(struct nl_err *err, const char *need)
{
	char text[NL_ERR_MAX];

	snprintf(text, sizeof(text), "%s", err->text);
	snprintf(err->text, sizeof(err->text), "source-check (needs %s): %.80s", need, text);
	return -1;
}

int source_check_begin(const struct entry *e, struct nl_err *err)
{
	if (!source_check_by_filters(e) || tc_drop(e->ifindex, err) == 0)
		return 0;
	return source_check_fail(err, "cls_matchall, act_gact");
}

/* ---- which they are ---------------------------------------------------------- */

static size_t source_check_routes(const struct entry *e, uint8_t family,
				  struct conf_route *list)
{
	const struct policy_user *user = &e->grant.user;
	size_t n = 0;

	for (uint32_t i = 0; i < user->n_routes; i++)
		if (user->routes[i].family == family)
			list[n++] = user->routes[i];
	return n;
}

static size_t source_check_ipv4(const struct entry *e, struct conf_route *list)
{
	list[0] = (struct conf_route){ .family = AF_INET, .len = 32 };
	memcpy(list[0].addr, &e->net.peer, 4);
	return 1 + source_check_routes(e, AF_INET, list + 1);
}

static size_t source_check_ipv6(const struct entry *e, struct conf_route *list)
{
	size_t n = 0;

	list[n] = (struct conf_route){
		.family = AF_INET6,
		.len = 128,
		.addr = { 0xfe, 0x80 },
	};
	memcpy(list[n++].addr + 8, e->net.peer_ifid, 8);
	/* Of a host that is about to take an address: RFC 4861, RFC 4862. */
	list[n++] = (struct conf_route){ .family = AF_INET6, .len = 128 };
	if (e->prefix6.family)
		list[n++] = e->prefix6;
	return n + source_check_routes(e, AF_INET6, list + n);
}

/* ---- who is told ------------------------------------------------------------- */

size_t source_check_list(const struct entry *e, struct conf_route *list)
{
	size_t n = 0;

	if (!e->server || e->policy.source_check != CONF_YES || !e->source_in_module)
		return 0;
	if (e->net.ipv4)
		n += source_check_ipv4(e, list);
	if (e->net.ipv6)
		n += source_check_ipv6(e, list + n);
	return n;
}

int source_check_allow(const struct entry *e, uint8_t family, bool again,
		       struct nl_err *err)
{
	struct conf_route list[SOURCE_CHECK_MAX];
	size_t n;

	if (!source_check_by_filters(e))
		return 0;
	if (again && family == AF_INET6 && tc_forget6(e->ifindex, err) < 0)
		return source_check_fail(err, "cls_u32");
	n = family == AF_INET ? source_check_ipv4(e, list) : source_check_ipv6(e, list);
	for (size_t i = 0; i < n; i++)
		if (tc_allow(e->ifindex, &list[i], err) < 0)
			return source_check_fail(err, "cls_u32");
	return 0;
}
