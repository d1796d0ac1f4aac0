// SPDX-License-Identifier: GPL-2.0-or-later
#include "snl.h"

#include <errno.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <netlink/netlink.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "net.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof(*(a)))

static const char *const reason_names[] = {
	[SSTP_END_REASON_NONE] = "none",
	[SSTP_END_REASON_OWNER_CLOSED] = "owner-closed",
	[SSTP_END_REASON_ADMIN] = "admin",
	[SSTP_END_REASON_LINK_DELETED] = "link-deleted",
	[SSTP_END_REASON_PEER_FIN] = "peer-fin",
	[SSTP_END_REASON_TLS_CLOSE_NOTIFY] = "tls-close-notify",
	[SSTP_END_REASON_TLS_ALERT] = "tls-alert",
	[SSTP_END_REASON_TLS_ERROR] = "tls-error",
	[SSTP_END_REASON_TLS_KEY_UPDATE] = "tls-key-update",
	[SSTP_END_REASON_TLS_UNEXPECTED_RECORD] = "tls-unexpected-record",
	[SSTP_END_REASON_TCP_ERROR] = "tcp-error",
	[SSTP_END_REASON_BAD_VERSION] = "bad-version",
	[SSTP_END_REASON_BAD_LENGTH] = "bad-length",
	[SSTP_END_REASON_CONTROL_OVERFLOW] = "control-overflow",
};

static const char *const attr_names[] = {
	[SSTP_A_SESSION_ID] = "id",
	[SSTP_A_SESSION_IFINDEX] = "ifindex",
	[SSTP_A_SESSION_SOCKET_FD] = "socket-fd",
	[SSTP_A_SESSION_SESSION_FD] = "session-fd",
	[SSTP_A_SESSION_PROTOCOLS] = "protocols",
	[SSTP_A_SESSION_PEER_MRU] = "peer-mru",
	[SSTP_A_SESSION_RX_PENDING] = "rx-pending",
	[SSTP_A_SESSION_TLS_VERSION] = "tls-version",
	[SSTP_A_SESSION_TLS_CIPHER] = "tls-cipher",
	[SSTP_A_SESSION_REASON] = "reason",
	[SSTP_A_SESSION_DETAIL] = "detail",
	[SSTP_A_SESSION_STATS] = "stats",
	[SSTP_A_SESSION_SLOT] = "slot",
	[SSTP_A_SESSION_REPLACE] = "replace",
	[SSTP_A_SESSION_TX_SECRET] = "tx-secret",
	[SSTP_A_SESSION_RX_SECRET] = "rx-secret",
	[SSTP_A_SESSION_RECORD_SIZE] = "record-size",
	[SSTP_A_SESSION_TLS_CLIENT] = "tls-client",
	[SSTP_A_SESSION_REKEY_RECORDS] = "rekey-records",
	[SSTP_A_SESSION_REKEY_SECONDS] = "rekey-seconds",
	[SSTP_A_SESSION_SOURCE] = "source",
};

static const char *const stat_names[] = {
	[SSTP_A_STATS_RX_PACKETS] = "rx-packets",
	[SSTP_A_STATS_RX_BYTES] = "rx-bytes",
	[SSTP_A_STATS_TX_PACKETS] = "tx-packets",
	[SSTP_A_STATS_TX_BYTES] = "tx-bytes",
	[SSTP_A_STATS_RX_STREAM_BYTES] = "rx-stream-bytes",
	[SSTP_A_STATS_TX_STREAM_BYTES] = "tx-stream-bytes",
	[SSTP_A_STATS_RX_CONTROL] = "rx-control",
	[SSTP_A_STATS_TX_CONTROL] = "tx-control",
	[SSTP_A_STATS_RX_DROPPED] = "rx-dropped",
	[SSTP_A_STATS_TX_DROPPED] = "tx-dropped",
	[SSTP_A_STATS_TX_RECORDS] = "tx-records",
	[SSTP_A_STATS_TX_QUEUE_BYTES] = "tx-queue-bytes",
	[SSTP_A_STATS_IDLE_MS] = "idle-ms",
	[SSTP_A_STATS_TLS_TX_SEQ] = "tls-tx-seq",
	[SSTP_A_STATS_TLS_RX_SEQ] = "tls-rx-seq",
	[SSTP_A_STATS_TLS_TX_UPDATES] = "tls-tx-updates",
	[SSTP_A_STATS_TLS_RX_UPDATES] = "tls-rx-updates",
	[SNL_STATS_DROPS + SSTP_A_DROPS_RX_MALFORMED] = "drops-rx-malformed",
	[SNL_STATS_DROPS + SSTP_A_DROPS_RX_PROTOCOL] = "drops-rx-protocol",
	[SNL_STATS_DROPS + SSTP_A_DROPS_RX_MEMORY] = "drops-rx-memory",
	[SNL_STATS_DROPS + SSTP_A_DROPS_RX_DOWN] = "drops-rx-down",
	[SNL_STATS_DROPS + SSTP_A_DROPS_RX_SOURCE] = "drops-rx-source",
	[SNL_STATS_DROPS + SSTP_A_DROPS_TX_PROTOCOL] = "drops-tx-protocol",
	[SNL_STATS_DROPS + SSTP_A_DROPS_TX_SIZE] = "drops-tx-size",
	[SNL_STATS_DROPS + SSTP_A_DROPS_TX_MALFORMED] = "drops-tx-malformed",
};

struct answer {
	struct snl_result *res;
	struct snl_session *sessions;
	int max;
	int count;
	int cmd;
	bool done;
};

static const char *name_of(const char *const *names, size_t n, unsigned int i)
{
	return i < n && names[i] ? names[i] : "?";
}

static int index_of(const char *const *names, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++) {
		if (names[i] && !strcmp(names[i], name))
			return i;
	}
	return -1;
}

const char *snl_reason_name(unsigned int reason)
{
	return name_of(reason_names, ARRAY_SIZE(reason_names), reason);
}

int snl_reason_parse(const char *name)
{
	return index_of(reason_names, ARRAY_SIZE(reason_names), name);
}

const char *snl_attr_name(int attr)
{
	return name_of(attr_names, ARRAY_SIZE(attr_names), attr);
}

const char *snl_stat_name(int attr)
{
	return name_of(stat_names, ARRAY_SIZE(stat_names), attr);
}

int snl_stat_parse(const char *name)
{
	return index_of(stat_names, ARRAY_SIZE(stat_names), name);
}

void snl_set(struct snl_request *req, int attr, uint32_t value)
{
	req->present |= 1ULL << attr;
	req->value[attr] = value;
}

static uint64_t attr_uint(struct nlattr *nla)
{
	switch (nla_len(nla)) {
	case 1:
		return nla_get_u8(nla);
	case 2:
		return nla_get_u16(nla);
	case 4:
		return nla_get_u32(nla);
	case 8:
		return nla_get_u64(nla);
	default:
		return 0;
	}
}

/* @base: added to the number of each attribute, up to @max */
static void parse_stats(struct nlattr *nest, int base, int max,
			struct snl_session *s)
{
	struct nlattr *nla;
	int rem;

	nla_for_each_nested(nla, nest, rem) {
		int type = nla_type(nla);

		if (type == SSTP_A_STATS_PAD || type > max)
			continue;
		if (!base && type == SSTP_A_STATS_DROPS) {
			parse_stats(nla, SNL_STATS_DROPS, SSTP_A_DROPS_MAX, s);
			continue;
		}
		s->stats_present |= 1ULL << (base + type);
		s->stats[base + type] = attr_uint(nla);
	}
}

static void parse_session(struct nlmsghdr *nlh, struct snl_session *s)
{
	struct genlmsghdr *gnlh = nlmsg_data(nlh);
	struct nlattr *nla;
	int rem;

	memset(s, 0, sizeof(*s));
	nla_for_each_attr(nla, genlmsg_attrdata(gnlh, 0), genlmsg_attrlen(gnlh, 0),
			  rem) {
		int type = nla_type(nla);

		if (type > SSTP_A_SESSION_MAX)
			continue;
		s->present |= 1ULL << type;
		if (type == SSTP_A_SESSION_STATS)
			parse_stats(nla, 0, SSTP_A_STATS_MAX, s);
		else
			s->value[type] = attr_uint(nla);
	}
}

static int on_valid(struct nl_msg *msg, void *arg)
{
	struct nlmsghdr *nlh = nlmsg_hdr(msg);
	struct genlmsghdr *gnlh = nlmsg_data(nlh);
	struct answer *a = arg;

	a->cmd = gnlh->cmd;
	if (a->count < a->max)
		parse_session(nlh, &a->sessions[a->count]);
	a->count++;
	return NL_OK;
}

static int on_sequence(struct nl_msg *msg, void *arg)
{
	(void)msg;
	(void)arg;
	return NL_OK;
}

static int on_done(struct nl_msg *msg, void *arg)
{
	struct answer *a = arg;

	(void)msg;
	a->done = true;
	return NL_STOP;
}

/* The request's offset of a bad attribute, turned into its type. */
static uint32_t attr_at(const struct nlmsghdr *request, uint32_t offset)
{
	const struct nlattr *nla;

	if (offset + sizeof(*nla) > request->nlmsg_len)
		return 0;
	nla = (const struct nlattr *)((const char *)request + offset);
	return nla->nla_type & NLA_TYPE_MASK;
}

static void add_text(struct snl_result *res, const char *before, const char *text)
{
	size_t n = strlen(res->text);

	snprintf(res->text + n, sizeof(res->text) - n, "%s%s", before, text);
}

static void parse_extack(struct nlmsgerr *err, struct snl_result *res)
{
	struct nlmsghdr *nlh = (struct nlmsghdr *)err - 1;
	size_t skip = sizeof(*err);
	struct nlattr *nla;
	int rem;

	if (!(nlh->nlmsg_flags & NLM_F_ACK_TLVS))
		return;
	if (!(nlh->nlmsg_flags & NLM_F_CAPPED))
		skip += err->msg.nlmsg_len - sizeof(err->msg);
	if (NLMSG_LENGTH(skip) > nlh->nlmsg_len)
		return;
	nla_for_each_attr(nla, (struct nlattr *)((char *)err + skip),
			  (int)(nlh->nlmsg_len - NLMSG_LENGTH(skip)), rem) {
		int type = nla_type(nla);

		if (type == NLMSGERR_ATTR_MSG)
			add_text(res, "", nla_data(nla));
		else if (type == NLMSGERR_ATTR_MISS_TYPE)
			add_text(res, " missing: ", snl_attr_name(nla_get_u32(nla)));
		else if (type == NLMSGERR_ATTR_OFFS &&
			 !(nlh->nlmsg_flags & NLM_F_CAPPED))
			add_text(res, " at: ",
				 snl_attr_name(attr_at(&err->msg, nla_get_u32(nla))));
	}
}

static int on_error(struct sockaddr_nl *from, struct nlmsgerr *err, void *arg)
{
	struct answer *a = arg;

	(void)from;
	a->done = true;
	a->res->error = -err->error;
	parse_extack(err, a->res);
	return NL_STOP;
}

static struct nl_sock *sock_open(int *family)
{
	struct nl_sock *sk = nl_socket_alloc();
	int one = 1;

	if (!sk)
		return NULL;
	if (genl_connect(sk) < 0)
		goto err;
	setsockopt(nl_socket_get_fd(sk), SOL_NETLINK, NETLINK_EXT_ACK, &one,
		   sizeof(one));
	*family = genl_ctrl_resolve(sk, SSTP_FAMILY_NAME);
	if (*family < 0)
		goto err;
	return sk;

err:
	nl_socket_free(sk);
	return NULL;
}

static int put_secret(struct nl_msg *msg, int attr, const void *secret, size_t len)
{
	static const uint8_t zeros[256];

	return nla_put(msg, attr, len < sizeof(zeros) ? len : sizeof(zeros),
		       secret ? secret : zeros);
}

static struct nl_msg *request_build(int family, int cmd, bool dump,
				    const struct snl_request *req)
{
	int flags = NLM_F_ACK | (dump ? NLM_F_DUMP : 0);
	struct nl_msg *msg = nlmsg_alloc_size(65536);

	if (!msg || !genlmsg_put(msg, NL_AUTO_PORT, NL_AUTO_SEQ, family, 0, flags,
				 cmd, SSTP_FAMILY_VERSION))
		goto err;
	for (int i = 1; req && i <= SSTP_A_SESSION_MAX; i++) {
		int rc;

		if (!(req->present & (1ULL << i)))
			continue;
		if (i == SSTP_A_SESSION_REPLACE || i == SSTP_A_SESSION_TLS_CLIENT)
			rc = nla_put_flag(msg, i);
		else if (i == SSTP_A_SESSION_RX_PENDING)
			rc = nla_put(msg, i, req->pending_len, req->pending);
		else if (i == SSTP_A_SESSION_TX_SECRET)
			rc = put_secret(msg, i, req->tx_secret, req->value[i]);
		else if (i == SSTP_A_SESSION_RX_SECRET)
			rc = put_secret(msg, i, req->rx_secret, req->value[i]);
		else
			rc = nla_put_u32(msg, i, req->value[i]);
		if (rc < 0)
			goto err;
	}
	return msg;

err:
	nlmsg_free(msg);
	return NULL;
}

static void exchange(struct nl_sock *sk, struct nl_msg *msg, struct answer *a)
{
	struct nl_cb *cb = nl_cb_alloc(NL_CB_DEFAULT);
	int rc;

	nl_cb_set(cb, NL_CB_VALID, NL_CB_CUSTOM, on_valid, a);
	nl_cb_set(cb, NL_CB_ACK, NL_CB_CUSTOM, on_done, a);
	nl_cb_set(cb, NL_CB_FINISH, NL_CB_CUSTOM, on_done, a);
	nl_cb_err(cb, NL_CB_CUSTOM, on_error, a);

	rc = nl_send_auto(sk, msg);
	while (rc >= 0 && !a->done)
		rc = nl_recvmsgs(sk, cb);
	if (rc < 0 && !a->done) {
		a->res->error = EIO;
		snprintf(a->res->text, sizeof(a->res->text), "libnl: %s",
			 nl_geterror(rc));
	}
	nl_cb_put(cb);
}

int snl_call(int cmd, const struct snl_request *req, bool dump,
	     struct snl_session *sessions, int max, struct snl_result *res)
{
	struct answer a = { .res = res, .sessions = sessions, .max = max };
	struct nl_sock *sk;
	struct nl_msg *msg;
	int family;

	memset(res, 0, sizeof(*res));
	sk = sock_open(&family);
	if (!sk) {
		res->error = ENOENT;
		snprintf(res->text, sizeof(res->text),
			 "no generic netlink family \"%s\"", SSTP_FAMILY_NAME);
		return -1;
	}
	msg = request_build(family, cmd, dump, req);
	if (msg)
		exchange(sk, msg, &a);
	else
		res->error = ENOMEM;
	nlmsg_free(msg);
	nl_socket_free(sk);
	return res->error ? -1 : a.count;
}

struct nl_sock *snl_monitor_open(void)
{
	struct nl_sock *sk;
	int family, group;

	sk = sock_open(&family);
	if (!sk)
		return NULL;
	group = genl_ctrl_resolve_grp(sk, SSTP_FAMILY_NAME, SSTP_MCGRP_SESSIONS);
	if (group < 0 || nl_socket_add_membership(sk, group) < 0) {
		nl_socket_free(sk);
		return NULL;
	}
	return sk;
}

int snl_monitor_read(struct nl_sock *sk, int timeout_ms, int *cmd,
		     struct snl_session *session)
{
	struct snl_result res = { 0 };
	struct answer a = { .res = &res, .sessions = session, .max = 1 };
	struct nl_cb *cb;
	int rc;

	rc = net_wait(nl_socket_get_fd(sk), POLLIN, timeout_ms);
	if (rc <= 0)
		return rc;
	cb = nl_cb_alloc(NL_CB_DEFAULT);
	nl_cb_set(cb, NL_CB_VALID, NL_CB_CUSTOM, on_valid, &a);
	/* Notifications answer no request. */
	nl_cb_set(cb, NL_CB_SEQ_CHECK, NL_CB_CUSTOM, on_sequence, NULL);
	rc = nl_recvmsgs(sk, cb);
	nl_cb_put(cb);
	*cmd = a.cmd;
	return rc < 0 || !a.count ? -1 : 1;
}

void snl_monitor_close(struct nl_sock *sk)
{
	nl_socket_free(sk);
}
