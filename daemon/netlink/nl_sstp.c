// SPDX-License-Identifier: GPL-2.0-or-later
#include "netlink/nl_sstp.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include <linux/sstp.h>
#include <netlink/attr.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <netlink/msg.h>

#include "data/lane.h"
#include "lib/log.h"

_Static_assert(LANES_MAX == SSTP_MAX_SLOTS, "connections of a tunnel");

/* For all but rx-pending, of which sources take most. */
#define NL_SSTP_ROOM	2048

static struct nl_sock *nl_sstp_sk;
static int nl_sstp_family;
static uint32_t nl_sstp_features;

struct nl_sock *nl_sstp_use(struct nl_sock *sk)
{
	struct nl_sock *old = nl_sstp_sk;

	nl_sstp_sk = sk;
	return old;
}

static struct nl_msg *nl_sstp_msg(uint8_t cmd)
{
	struct nl_msg *msg = nlmsg_alloc_size(SSTP_MAX_RX_PENDING + NL_SSTP_ROOM);

	if (!msg || !genlmsg_put(msg, NL_AUTO_PORT, NL_AUTO_SEQ,
				 nl_sstp_family, 0, 0, cmd,
				 SSTP_FAMILY_VERSION))
		log_fatal("out of memory");
	return msg;
}

static int nl_sstp_on_module(struct nl_msg *msg, void *arg)
{
	struct nlattr *tb[SSTP_A_MODULE_MAX + 1];
	uint32_t *version = arg;

	if (genlmsg_parse(nlmsg_hdr(msg), 0, tb, SSTP_A_MODULE_MAX, NULL) < 0)
		return NL_SKIP;
	if (tb[SSTP_A_MODULE_VERSION])
		*version = nla_get_u32(tb[SSTP_A_MODULE_VERSION]);
	if (tb[SSTP_A_MODULE_FEATURES])
		nl_sstp_features = nla_get_u32(tb[SSTP_A_MODULE_FEATURES]);
	return NL_OK;
}

bool nl_sstp_available(struct nl_err *err)
{
	/* What was before there were versions cannot say so. */
	uint32_t version = 0;

	if (!nl_sstp_sk)
		nl_sstp_sk = nl_try_open(NETLINK_GENERIC);
	if (!nl_sstp_sk) {
		err->code = EPROTONOSUPPORT;
		snprintf(err->text, sizeof(err->text), "there is no generic netlink");
		return false;
	}
	/* By its name, which loads the module if it is installed. */
	nl_sstp_family = genl_ctrl_resolve(nl_sstp_sk, SSTP_FAMILY_NAME);
	if (nl_sstp_family < 0) {
		err->code = ENOENT;
		snprintf(err->text, sizeof(err->text),
			 "module sstp is not loaded");
		return false;
	}
	if (nl_talk(nl_sstp_sk, nl_sstp_msg(SSTP_CMD_MODULE_GET), nl_sstp_on_module,
		    &version, err) < 0 && err->code != EOPNOTSUPP)
		return false;
	if (version == SSTP_UAPI_VERSION)
		return true;
	err->code = EPROTO;
	snprintf(err->text, sizeof(err->text),
		 "module sstp speaks version %u, this sstpd %u: load the module that belongs to it",
		 version, SSTP_UAPI_VERSION);
	return false;
}

bool nl_sstp_rekeys(void)
{
	return nl_sstp_features & SSTP_FEATURES_REKEY;
}

bool nl_sstp_replaces(void)
{
	return nl_sstp_features & SSTP_FEATURES_REPLACE;
}

bool nl_sstp_checks_sources(void)
{
	return nl_sstp_features & SSTP_FEATURES_SOURCE;
}

bool nl_sstp_has_slots(void)
{
	return nl_sstp_features & SSTP_FEATURES_SLOTS;
}

struct nl_sstp_reply {
	uint32_t id;
	uint32_t ifindex;
	int fd;
	struct nl_sstp_stats *stats;
};

static uint64_t nl_sstp_number(const struct nlattr *attr)
{
	return nla_len(attr) == 8 ? nla_get_u64(attr) :
	       nla_len(attr) == 4 ? nla_get_u32(attr) : 0;
}

static void nl_sstp_take_stats(struct nlattr *nest, struct nl_sstp_stats *stats)
{
	struct nlattr *tb[SSTP_A_STATS_MAX + 1];
	struct nlattr *drops[SSTP_A_DROPS_MAX + 1];

	if (nla_parse_nested(tb, SSTP_A_STATS_MAX, nest, NULL) < 0)
		return;
	for (int i = 1; i <= SSTP_A_STATS_MAX; i++) {
		if (!tb[i])
			continue;
		stats->count[i] = nl_sstp_number(tb[i]);
		stats->has |= 1ULL << i;
	}
	if (!tb[SSTP_A_STATS_DROPS] ||
	    nla_parse_nested(drops, SSTP_A_DROPS_MAX, tb[SSTP_A_STATS_DROPS],
			     NULL) < 0)
		return;
	for (int i = 1; i <= SSTP_A_DROPS_MAX; i++)
		if (drops[i])
			stats->drops[i] = nl_sstp_number(drops[i]);
}

static int nl_sstp_on_reply(struct nl_msg *msg, void *arg)
{
	struct nlattr *tb[SSTP_A_SESSION_MAX + 1];
	struct nl_sstp_reply *reply = arg;

	if (genlmsg_parse(nlmsg_hdr(msg), 0, tb, SSTP_A_SESSION_MAX, NULL) < 0)
		return NL_SKIP;
	if (tb[SSTP_A_SESSION_ID])
		reply->id = nla_get_u32(tb[SSTP_A_SESSION_ID]);
	if (tb[SSTP_A_SESSION_IFINDEX])
		reply->ifindex = nla_get_u32(tb[SSTP_A_SESSION_IFINDEX]);
	if (tb[SSTP_A_SESSION_SESSION_FD])
		reply->fd = (int)nla_get_u32(tb[SSTP_A_SESSION_SESSION_FD]);
	if (tb[SSTP_A_SESSION_STATS] && reply->stats)
		nl_sstp_take_stats(tb[SSTP_A_SESSION_STATS], reply->stats);
	return NL_OK;
}

/* As in uapi/sstp.yaml: what is wrong, or a module older than this does not know. */
static void nl_sstp_name_attr(struct nl_err *err)
{
	static const char *const names[SSTP_A_SESSION_MAX + 1] = {
		[SSTP_A_SESSION_ID] = "id",
		[SSTP_A_SESSION_IFINDEX] = "ifindex",
		[SSTP_A_SESSION_SOCKET_FD] = "socket-fd",
		[SSTP_A_SESSION_SESSION_FD] = "session-fd",
		[SSTP_A_SESSION_PROTOCOLS] = "protocols",
		[SSTP_A_SESSION_PEER_MRU] = "peer-mru",
		[SSTP_A_SESSION_RX_PENDING] = "rx-pending",
		[SSTP_A_SESSION_SLOT] = "slot",
		[SSTP_A_SESSION_REPLACE] = "replace",
		[SSTP_A_SESSION_RECORD_SIZE] = "record-size",
		[SSTP_A_SESSION_TLS_CLIENT] = "tls-client",
		[SSTP_A_SESSION_TX_SECRET] = "tx-secret",
		[SSTP_A_SESSION_RX_SECRET] = "rx-secret",
		[SSTP_A_SESSION_REKEY_RECORDS] = "rekey-records",
		[SSTP_A_SESSION_REKEY_SECONDS] = "rekey-seconds",
		[SSTP_A_SESSION_SOURCE] = "source",
	};
	size_t len = strlen(err->text);

	if (err->attr > 0 && err->attr <= SSTP_A_SESSION_MAX && names[err->attr])
		snprintf(err->text + len, sizeof(err->text) - len, " (%s)",
			 names[err->attr]);
}

static int nl_sstp_talk(struct nl_msg *msg, nl_recvmsg_msg_cb_t on_reply, void *arg,
			struct nl_err *err)
{
	int rc = nl_talk(nl_sstp_sk, msg, on_reply, arg, err);

	if (rc < 0)
		nl_sstp_name_attr(err);
	return rc;
}

static void nl_sstp_put_secrets(struct nl_msg *msg, const struct nl_sstp_new *req)
{
	nla_put(msg, SSTP_A_SESSION_TX_SECRET, (int)req->secret_len, req->tx_secret);
	nla_put(msg, SSTP_A_SESSION_RX_SECRET, (int)req->secret_len, req->rx_secret);
	nla_put_u32(msg, SSTP_A_SESSION_REKEY_RECORDS, req->rekey_records);
	if (req->rekey_seconds && nl_sstp_features & SSTP_FEATURES_REKEY_AGE)
		nla_put_u32(msg, SSTP_A_SESSION_REKEY_SECONDS, req->rekey_seconds);
}

static void nl_sstp_put_sources(struct nl_msg *msg, const struct conf_route *sources,
				size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct nlattr *nest = nla_nest_start(msg, SSTP_A_SESSION_SOURCE);

		if (!nest)
			log_fatal("out of memory");
		nla_put(msg, SSTP_A_SOURCE_ADDRESS, sources[i].family == AF_INET ? 4 : 16,
			sources[i].addr);
		nla_put_u8(msg, SSTP_A_SOURCE_PREFIX_LEN, sources[i].len);
		nla_nest_end(msg, nest);
	}
}

int nl_sstp_session_new(const struct nl_sstp_new *req, uint32_t *id,
			int *session_fd, struct nl_err *err)
{
	struct nl_msg *msg = nl_sstp_msg(SSTP_CMD_SESSION_NEW);
	struct nl_sstp_reply reply = { .fd = -1 };
	int rc;

	nla_put_u32(msg, SSTP_A_SESSION_IFINDEX, req->ifindex);
	nla_put_u32(msg, SSTP_A_SESSION_SOCKET_FD, (uint32_t)*req->fd);
	nla_put_u32(msg, SSTP_A_SESSION_PROTOCOLS, req->protocols);
	nla_put_u32(msg, SSTP_A_SESSION_PEER_MRU, req->peer_mru);
	if (req->record_size < SSTP_MAX_RECORD)
		nla_put_u32(msg, SSTP_A_SESSION_RECORD_SIZE, req->record_size);
	if (req->client)
		nla_put_flag(msg, SSTP_A_SESSION_TLS_CLIENT);
	if (req->replace)
		nla_put_flag(msg, SSTP_A_SESSION_REPLACE);
	if (req->slot)
		nla_put_u32(msg, SSTP_A_SESSION_SLOT, req->slot);
	if (req->pending_len)
		nla_put(msg, SSTP_A_SESSION_RX_PENDING, (int)req->pending_len,
			req->pending);
	if (req->secret_len)
		nl_sstp_put_secrets(msg, req);
	nl_sstp_put_sources(msg, req->sources, req->n_sources);
	rc = nl_sstp_talk(msg, nl_sstp_on_reply, &reply, err);
	/* An answer may also be lost: see whether the descriptor is there. */
	if (fcntl(*req->fd, F_GETFD) < 0)
		*req->fd = -1;
	if (rc < 0)
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

static struct nl_msg *nl_sstp_msg_to(uint8_t cmd, const struct nl_sstp_session *s)
{
	struct nl_msg *msg = nl_sstp_msg(cmd);

	if (s->fd >= 0)
		nla_put_u32(msg, SSTP_A_SESSION_SESSION_FD, (uint32_t)s->fd);
	else
		nla_put_u32(msg, SSTP_A_SESSION_ID, s->id);
	return msg;
}

int nl_sstp_session_set(const struct nl_sstp_session *s, uint32_t protocols,
			uint32_t peer_mru, const struct conf_route *sources,
			size_t n_sources, struct nl_err *err)
{
	struct nl_msg *msg = nl_sstp_msg_to(SSTP_CMD_SESSION_SET, s);

	nla_put_u32(msg, SSTP_A_SESSION_PROTOCOLS, protocols);
	nla_put_u32(msg, SSTP_A_SESSION_PEER_MRU, peer_mru);
	nl_sstp_put_sources(msg, sources, n_sources);
	return nl_sstp_talk(msg, NULL, NULL, err);
}

int nl_sstp_session_del(const struct nl_sstp_session *s, struct nl_err *err)
{
	return nl_sstp_talk(nl_sstp_msg_to(SSTP_CMD_SESSION_DEL, s), NULL, NULL, err);
}

int nl_sstp_session_is(int fd, uint32_t *id, uint32_t *ifindex, struct nl_err *err)
{
	const struct nl_sstp_session s = { .fd = fd };
	struct nl_sstp_reply reply = { .fd = -1 };
	int rc;

	rc = nl_sstp_talk(nl_sstp_msg_to(SSTP_CMD_SESSION_GET, &s), nl_sstp_on_reply,
		     &reply, err);
	*id = reply.id;
	*ifindex = reply.ifindex;
	return rc;
}

int nl_sstp_session_stats(const struct nl_sstp_session *s, struct nl_sstp_stats *stats,
			  struct nl_err *err)
{
	struct nl_sstp_reply reply = { .fd = -1, .stats = stats };

	memset(stats, 0, sizeof(*stats));
	return nl_sstp_talk(nl_sstp_msg_to(SSTP_CMD_SESSION_GET, s), nl_sstp_on_reply,
		       &reply, err);
}

int nl_sstp_session_idle(const struct nl_sstp_session *s, uint32_t *ms, struct nl_err *err)
{
	struct nl_sstp_stats stats;

	if (nl_sstp_session_stats(s, &stats, err) < 0)
		return -1;
	*ms = (uint32_t)stats.count[SSTP_A_STATS_IDLE_MS];
	return stats.has & 1ULL << SSTP_A_STATS_IDLE_MS ? 0 : -1;
}
