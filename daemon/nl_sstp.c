// SPDX-License-Identifier: GPL-2.0-or-later
#include "nl_sstp.h"

#include <stdio.h>
#include <string.h>

#include <linux/sstp.h>
#include <netlink/attr.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <netlink/msg.h>

#include "log.h"

static struct nl_sock *nl_sstp_sk;
static int nl_sstp_family;

bool nl_sstp_available(struct nl_err *err)
{
	int family;

	if (!nl_sstp_sk)
		nl_sstp_sk = nl_open(NETLINK_GENERIC);
	family = genl_ctrl_resolve(nl_sstp_sk, SSTP_FAMILY_NAME);
	if (family < 0) {
		err->code = -family;
		snprintf(err->text, sizeof(err->text),
			 "module sstp is not loaded");
		return false;
	}
	nl_sstp_family = family;
	return true;
}

static struct nl_msg *nl_sstp_msg(uint8_t cmd)
{
	struct nl_msg *msg = nlmsg_alloc_size(SSTP_MAX_RX_PENDING + 1024);

	if (!msg || !genlmsg_put(msg, NL_AUTO_PORT, NL_AUTO_SEQ,
				 nl_sstp_family, 0, 0, cmd,
				 SSTP_FAMILY_VERSION))
		log_fatal("out of memory");
	return msg;
}

struct nl_sstp_reply {
	uint32_t id;
	int fd;
	uint32_t idle_ms;
	bool has_idle;
};

static int nl_sstp_on_reply(struct nl_msg *msg, void *arg)
{
	struct nlattr *tb[SSTP_A_SESSION_MAX + 1];
	struct nlattr *st[SSTP_A_STATS_MAX + 1];
	struct nl_sstp_reply *reply = arg;

	if (genlmsg_parse(nlmsg_hdr(msg), 0, tb, SSTP_A_SESSION_MAX, NULL) < 0)
		return NL_SKIP;
	if (tb[SSTP_A_SESSION_ID])
		reply->id = nla_get_u32(tb[SSTP_A_SESSION_ID]);
	if (tb[SSTP_A_SESSION_SESSION_FD])
		reply->fd = (int)nla_get_u32(tb[SSTP_A_SESSION_SESSION_FD]);
	if (tb[SSTP_A_SESSION_STATS] &&
	    nla_parse_nested(st, SSTP_A_STATS_MAX, tb[SSTP_A_SESSION_STATS],
			     NULL) == 0 && st[SSTP_A_STATS_IDLE_MS]) {
		reply->idle_ms = nla_get_u32(st[SSTP_A_STATS_IDLE_MS]);
		reply->has_idle = true;
	}
	return NL_OK;
}

int nl_sstp_session_new(const struct nl_sstp_new *req, uint32_t *id,
			int *session_fd, struct nl_err *err)
{
	struct nl_msg *msg = nl_sstp_msg(SSTP_CMD_SESSION_NEW);
	struct nl_sstp_reply reply = { .fd = -1 };

	nla_put_u32(msg, SSTP_A_SESSION_IFINDEX, req->ifindex);
	nla_put_u32(msg, SSTP_A_SESSION_SOCKET_FD, (uint32_t)req->fd);
	nla_put_u32(msg, SSTP_A_SESSION_PROTOCOLS, req->protocols);
	nla_put_u32(msg, SSTP_A_SESSION_PEER_MRU, req->peer_mru);
	if (req->pending_len)
		nla_put(msg, SSTP_A_SESSION_RX_PENDING, (int)req->pending_len,
			req->pending);
	if (nl_talk(nl_sstp_sk, msg, nl_sstp_on_reply, &reply, err) < 0)
		return -1;
	if (reply.fd < 0) {
		snprintf(err->text, sizeof(err->text),
			 "module sstp gave no session fd");
		return -1;
	}
	*id = reply.id;
	*session_fd = reply.fd;
	return 0;
}

int nl_sstp_session_set(uint32_t id, uint32_t protocols, uint32_t peer_mru,
			struct nl_err *err)
{
	struct nl_msg *msg = nl_sstp_msg(SSTP_CMD_SESSION_SET);

	nla_put_u32(msg, SSTP_A_SESSION_ID, id);
	nla_put_u32(msg, SSTP_A_SESSION_PROTOCOLS, protocols);
	nla_put_u32(msg, SSTP_A_SESSION_PEER_MRU, peer_mru);
	return nl_talk(nl_sstp_sk, msg, NULL, NULL, err);
}

int nl_sstp_session_idle(uint32_t id, uint32_t *ms, struct nl_err *err)
{
	struct nl_msg *msg = nl_sstp_msg(SSTP_CMD_SESSION_GET);
	struct nl_sstp_reply reply = { .fd = -1 };

	nla_put_u32(msg, SSTP_A_SESSION_ID, id);
	if (nl_talk(nl_sstp_sk, msg, nl_sstp_on_reply, &reply, err) < 0)
		return -1;
	*ms = reply.idle_ms;
	return reply.has_idle ? 0 : -1;
}
