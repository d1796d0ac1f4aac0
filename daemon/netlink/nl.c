// SPDX-License-Identifier: GPL-2.0-or-later
#include "netlink/nl.h"

#include <errno.h>
#include <linux/netlink.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <netlink/attr.h>
#include <netlink/msg.h>
#include <openssl/crypto.h>

#include "lib/log.h"

struct nl_wait {
	bool done;
	const struct nlmsghdr *request;
	struct nl_err *err;
};

struct nl_sock *nl_try_open(int protocol)
{
	struct timeval patience = { .tv_sec = 10 };
	struct nl_sock *sk = nl_socket_alloc();
	int on = 1;
	int rc;

	if (!sk)
		log_fatal("out of memory");
	/* One lost answer would put libnl's count out for good; see nl_drain(). */
	nl_socket_disable_seq_check(sk);
	rc = nl_connect(sk, protocol);
	if (rc < 0) {
		log_warn("netlink family %d: %s", protocol, nl_geterror(rc));
		nl_socket_free(sk);
		return NULL;
	}
	setsockopt(nl_socket_get_fd(sk), SOL_NETLINK, NETLINK_EXT_ACK, &on,
		   sizeof(on));
	setsockopt(nl_socket_get_fd(sk), SOL_SOCKET, SO_RCVTIMEO, &patience,
		   sizeof(patience));
	return sk;
}

struct nl_sock *nl_open(int protocol)
{
	struct nl_sock *sk = nl_try_open(protocol);

	if (!sk)
		log_fatal("there must be netlink");
	return sk;
}

static int nl_attr_at(const struct nlmsghdr *request, uint32_t offset)
{
	struct nlattr attr;

	if (offset < NLMSG_HDRLEN || offset > request->nlmsg_len ||
	    request->nlmsg_len - offset < sizeof(attr))
		return 0;
	memcpy(&attr, (const char *)request + offset, sizeof(attr));
	return attr.nla_type & NLA_TYPE_MASK;
}

/* The attributes of an error message stand behind the request it repeats. */
static void nl_extack(struct nlmsgerr *e, struct nl_wait *wait)
{
	struct nlmsghdr *nlh = (struct nlmsghdr *)((char *)e - NLMSG_HDRLEN);
	struct nlattr *tb[NLMSGERR_ATTR_MAX + 1];
	int skip = sizeof(*e);
	int len;

	if (!(nlh->nlmsg_flags & NLM_F_ACK_TLVS))
		return;
	if (!(nlh->nlmsg_flags & NLM_F_CAPPED))
		skip += (int)e->msg.nlmsg_len - NLMSG_HDRLEN;
	len = (int)nlh->nlmsg_len - NLMSG_HDRLEN - skip;
	if (len <= 0 || nla_parse(tb, NLMSGERR_ATTR_MAX,
				  (struct nlattr *)((char *)e + skip), len,
				  NULL) < 0)
		return;
	if (tb[NLMSGERR_ATTR_MSG])
		snprintf(wait->err->text, sizeof(wait->err->text), "%.*s",
			 nla_len(tb[NLMSGERR_ATTR_MSG]),
			 (char *)nla_data(tb[NLMSGERR_ATTR_MSG]));
	if (tb[NLMSGERR_ATTR_OFFS])
		wait->err->attr = nl_attr_at(wait->request,
					     nla_get_u32(tb[NLMSGERR_ATTR_OFFS]));
}

static int nl_on_error(struct sockaddr_nl *from, struct nlmsgerr *e, void *arg)
{
	struct nl_wait *wait = arg;

	(void)from;
	wait->done = true;
	wait->err->code = -e->error;
	snprintf(wait->err->text, sizeof(wait->err->text), "%s",
		 strerror(-e->error));
	nl_extack(e, wait);
	return NL_STOP;
}

static int nl_on_any(struct nl_msg *msg, void *arg)
{
	(void)msg;
	(void)arg;
	return NL_OK;
}

static int nl_on_done(struct nl_msg *msg, void *arg)
{
	struct nl_wait *wait = arg;

	(void)msg;
	wait->done = true;
	return NL_STOP;
}

void nl_drain(struct nl_sock *sk)
{
	char byte;

	while (recv(nl_socket_get_fd(sk), &byte, sizeof(byte),
		    MSG_DONTWAIT | MSG_TRUNC) >= 0 || errno == ENOBUFS)
		;
}

int nl_talk(struct nl_sock *sk, struct nl_msg *msg, nl_recvmsg_msg_cb_t reply,
	    void *arg, struct nl_err *err)
{
	struct nl_cb *cb = nl_cb_alloc(NL_CB_DEFAULT);
	struct nl_wait wait = { .err = err };
	int rc;

	memset(err, 0, sizeof(*err));
	if (!cb || !msg)
		log_fatal("out of memory");
	nl_cb_err(cb, NL_CB_CUSTOM, nl_on_error, &wait);
	nl_cb_set(cb, NL_CB_ACK, NL_CB_CUSTOM, nl_on_done, &wait);
	nl_cb_set(cb, NL_CB_FINISH, NL_CB_CUSTOM, nl_on_done, &wait);
	nl_cb_set(cb, NL_CB_SEQ_CHECK, NL_CB_CUSTOM, nl_on_any, NULL);
	if (reply)
		nl_cb_set(cb, NL_CB_VALID, NL_CB_CUSTOM, reply, arg);
	wait.request = nlmsg_hdr(msg);
	rc = sk ? nl_send_auto(sk, msg) : -NLE_BAD_SOCK;
	while (rc >= 0 && !wait.done)
		rc = nl_recvmsgs(sk, cb);
	/* nl_recvmsgs() repeats the error that nl_on_error() stored. */
	if (rc < 0 && !err->code) {
		err->code = EIO;
		snprintf(err->text, sizeof(err->text), "netlink: %s",
			 nl_geterror(rc));
		if (sk)
			nl_drain(sk);
	}
	nl_cb_put(cb);
	/* It may hold secrets. */
	OPENSSL_cleanse(nlmsg_hdr(msg), nlmsg_hdr(msg)->nlmsg_len);
	nlmsg_free(msg);
	return err->code ? -1 : 0;
}
