// SPDX-License-Identifier: GPL-2.0-or-later
#include "netlink/sockdiag.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <linux/inet_diag.h>
#include <linux/sock_diag.h>
#include <netlink/attr.h>
#include <netlink/msg.h>

#include "lib/log.h"

struct sockdiag_reply {
	struct tcpinfo *tcp;
	bool found;
};

/* An address and port, in the form and byte order of inet_diag. */
static void sockdiag_end(const struct sockaddr_storage *ss, __be16 *port,
			 __be32 addr[static 4])
{
	const struct sockaddr_in *in4 = (const void *)ss;
	const struct sockaddr_in6 *in6 = (const void *)ss;

	if (ss->ss_family == AF_INET) {
		*port = in4->sin_port;
		memcpy(addr, &in4->sin_addr, sizeof(in4->sin_addr));
	} else {
		*port = in6->sin6_port;
		memcpy(addr, &in6->sin6_addr, sizeof(in6->sin6_addr));
	}
}

static struct nl_msg *sockdiag_msg(const struct sockaddr_storage *local,
				   const struct sockaddr_storage *peer)
{
	struct nl_msg *msg = nlmsg_alloc_simple(SOCK_DIAG_BY_FAMILY, 0);
	struct inet_diag_req_v2 req = {
		.sdiag_family = (__u8)local->ss_family,
		.sdiag_protocol = IPPROTO_TCP,
		.idiag_ext = 1 << (INET_DIAG_INFO - 1),
		.idiag_states = UINT32_MAX,
		.id.idiag_cookie = { INET_DIAG_NOCOOKIE, INET_DIAG_NOCOOKIE },
	};

	sockdiag_end(local, &req.id.idiag_sport, req.id.idiag_src);
	sockdiag_end(peer, &req.id.idiag_dport, req.id.idiag_dst);
	if (!msg || nlmsg_append(msg, &req, sizeof(req), NLMSG_ALIGNTO) < 0)
		log_fatal("out of memory");
	return msg;
}

static int sockdiag_on_reply(struct nl_msg *msg, void *arg)
{
	const struct inet_diag_msg *diag = nlmsg_data(nlmsg_hdr(msg));
	struct sockdiag_reply *reply = arg;
	struct nlattr *attr;

	attr = nlmsg_find_attr(nlmsg_hdr(msg), sizeof(*diag), INET_DIAG_INFO);
	if (!attr)
		return NL_SKIP;
	tcpinfo_take(nla_data(attr), (size_t)nla_len(attr), reply->tcp);
	reply->tcp->rx_queue = diag->idiag_rqueue;
	reply->found = true;
	return NL_OK;
}

int sockdiag_tcp(const struct sockaddr_storage *local,
		 const struct sockaddr_storage *peer, struct tcpinfo *tcp,
		 struct nl_err *err)
{
	static struct nl_sock *sk;
	struct sockdiag_reply reply = { .tcp = tcp };

	memset(tcp, 0, sizeof(*tcp));
	if (!sk)
		sk = nl_try_open(NETLINK_SOCK_DIAG);
	if (!sk || local->ss_family != peer->ss_family ||
	    (local->ss_family != AF_INET && local->ss_family != AF_INET6)) {
		err->code = EOPNOTSUPP;
		snprintf(err->text, sizeof(err->text), "not possible");
		return -1;
	}
	if (nl_talk(sk, sockdiag_msg(local, peer), sockdiag_on_reply, &reply,
		    err) < 0)
		return -1;
	return reply.found ? 0 : -1;
}
