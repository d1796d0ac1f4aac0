// SPDX-License-Identifier: GPL-2.0-only
/*
 * The generic netlink family "sstp"; uapi/sstp.yaml describes it. Attributes
 * have passed their policy when they get here, but any may be missing.
 */
#include "netlink.h"

#include <linux/file.h>
#include <linux/net.h>
#include <linux/rtnetlink.h>
#include <linux/user_namespace.h>
#include <net/genetlink.h>
#include <net/sock.h>

#include <linux/sstp.h>

#include "ctrl.h"
#include "device.h"
#include "drop.h"
#include "life.h"
#include "netlink-gen.h"
#include "rekey.h"
#include "rx.h"
#include "session.h"
#include "slot.h"
#include "socket.h"
#include "source.h"
#include "tx.h"

static const struct sstp_session_events sstp_nl_events;

/* Return: the attribute, or NULL after saying which one is missing. */
static struct nlattr *sstp_nl_need(struct genl_info *info, int attr)
{
	if (GENL_REQ_ATTR_CHECK(info, attr)) {
		NL_SET_ERR_MSG(info->extack, "a required attribute is missing");
		return NULL;
	}
	return info->attrs[attr];
}

static struct net_device *sstp_nl_device(struct genl_info *info)
{
	struct nlattr *attr = sstp_nl_need(info, SSTP_A_SESSION_IFINDEX);
	struct net_device *dev;

	if (!attr)
		return ERR_PTR(-EINVAL);
	dev = __dev_get_by_index(genl_info_net(info), nla_get_u32(attr));
	if (!dev) {
		NL_SET_ERR_MSG_ATTR(info->extack, attr, "no such device");
		return ERR_PTR(-ENODEV);
	}
	if (!sstp_dev_is(dev)) {
		NL_SET_ERR_MSG_ATTR(info->extack, attr, "not an sstp device");
		return ERR_PTR(-EOPNOTSUPP);
	}
	return dev;
}

/*
 * The socket may live in another namespace than the device: the sender must be
 * in charge of both. Return: the socket with a reference to its file.
 */
static struct socket *sstp_nl_socket(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *attr = sstp_nl_need(info, SSTP_A_SESSION_SOCKET_FD);
	struct socket *sock;
	int err;

	if (!attr)
		return ERR_PTR(-EINVAL);
	sock = sockfd_lookup(nla_get_u32(attr), &err);
	if (!sock) {
		if (err == -ENOTSOCK)
			NL_SET_ERR_MSG_ATTR(info->extack, attr,
					    "the file descriptor is not a socket");
		else
			NL_SET_ERR_MSG_ATTR(info->extack, attr,
					    "no such file descriptor");
		return ERR_PTR(err);
	}
	if (!netlink_ns_capable(skb, sock_net(sock->sk)->user_ns, CAP_NET_ADMIN)) {
		sockfd_put(sock);
		NL_SET_ERR_MSG_ATTR(info->extack, attr,
				    "no CAP_NET_ADMIN in the socket's network namespace");
		return ERR_PTR(-EPERM);
	}
	return sock;
}

/* What is defined, but not done by this module; its feature bits say so, too. */
static int sstp_nl_refuse_unsupported(const struct genl_info *info)
{
	const struct nlattr *tx = info->attrs[SSTP_A_SESSION_TX_SECRET];
	const struct nlattr *rx = info->attrs[SSTP_A_SESSION_RX_SECRET];

	if (sstp_tls_keys_can() || (!tx && !rx))
		return 0;
	NL_SET_ERR_MSG_ATTR(info->extack, tx ? tx : rx, "this kernel cannot change TLS keys");
	return -EOPNOTSUPP;
}

static int sstp_nl_rekey_params(struct sstp_session *s, struct genl_info *info)
{
	const struct nlattr *records = info->attrs[SSTP_A_SESSION_REKEY_RECORDS];
	const struct nlattr *seconds = info->attrs[SSTP_A_SESSION_REKEY_SECONDS];
	const struct nlattr *tx = info->attrs[SSTP_A_SESSION_TX_SECRET];
	const struct nlattr *rx = info->attrs[SSTP_A_SESSION_RX_SECRET];
	struct sstp_rekey *r = &s->rekey;

	if (records)
		r->records = nla_get_u32(records);
	if (seconds)
		r->seconds = nla_get_u32(seconds);
	if (!tx && !rx)
		return 0;
	if (!tx || !rx || nla_len(tx) != nla_len(rx) || !nla_len(tx) ||
	    nla_len(tx) > sizeof(r->tx_secret)) {
		NL_SET_ERR_MSG(info->extack, "two traffic secrets, and of one hash");
		return -EINVAL;
	}
	r->secret_len = nla_len(tx);
	memcpy(r->tx_secret, nla_data(tx), r->secret_len);
	memcpy(r->rx_secret, nla_data(rx), r->secret_len);
	return 0;
}

static int sstp_nl_session_params(struct sstp_session *s, struct genl_info *info)
{
	struct nlattr *protocols = sstp_nl_need(info, SSTP_A_SESSION_PROTOCOLS);
	struct nlattr *mru, *pending, *record, *slot;
	struct sstp_sources *sources;
	int err;

	err = sstp_nl_refuse_unsupported(info);
	if (err)
		return err;
	if (!protocols)
		return -EINVAL;
	mru = sstp_nl_need(info, SSTP_A_SESSION_PEER_MRU);
	if (!mru)
		return -EINVAL;
	sources = sstp_source_parse(info);
	if (IS_ERR(sources))
		return PTR_ERR(sources);
	sstp_source_set(s, sources);
	s->protocols = nla_get_u32(protocols);
	s->peer_mru = nla_get_u32(mru);
	slot = info->attrs[SSTP_A_SESSION_SLOT];
	s->slot_index = slot ? nla_get_u32(slot) : 0;
	s->replace = nla_get_flag(info->attrs[SSTP_A_SESSION_REPLACE]);
	record = info->attrs[SSTP_A_SESSION_RECORD_SIZE];
	s->rx.tls.client = nla_get_flag(info->attrs[SSTP_A_SESSION_TLS_CLIENT]);
	s->record_size = record ? nla_get_u32(record) : SSTP_MAX_RECORD;

	pending = info->attrs[SSTP_A_SESSION_RX_PENDING];
	if (pending) {
		err = sstp_rx_pending(s, nla_data(pending), nla_len(pending));
		if (err)
			return err;
	}
	return sstp_nl_rekey_params(s, info);
}

/* Refuse what can be refused while nothing has been taken yet. */
static int sstp_nl_check_device(const struct sstp_session *s, struct genl_info *info)
{
	struct net_device *dev;
	int err;

	rtnl_lock();
	dev = sstp_nl_device(info);
	err = IS_ERR(dev) ? PTR_ERR(dev) :
			    sstp_dev_may_attach(dev, s, info->extack);
	rtnl_unlock();
	return err;
}

static int sstp_nl_attach_device(struct sstp_session *s, struct genl_info *info)
{
	struct net_device *dev;
	int err;

	rtnl_lock();
	dev = sstp_nl_device(info);
	err = IS_ERR(dev) ? PTR_ERR(dev) :
			    sstp_session_attach(s, dev, info->extack);
	rtnl_unlock();
	return err;
}

/*
 * Take the caller's descriptor, and then the socket. What fails from here on costs the
 * connection: that the peer has ended it meanwhile, or somebody has touched the
 * descriptor or the device.
 */
static int sstp_nl_take_socket(struct sstp_session *s, struct socket *sock,
			       struct genl_info *info)
{
	u32 fd = nla_get_u32(info->attrs[SSTP_A_SESSION_SOCKET_FD]);
	int err;

	err = sstp_socket_consume(sock, fd, info->extack);
	if (!err)
		err = sstp_socket_attach(s, sock, info->extack);
	if (err)
		sockfd_put(sock);
	return err;
}

/* Return: the session, bound to the device and the socket that are named. */
static int sstp_nl_session_attach(struct sstp_session *s, struct sk_buff *skb,
				  struct genl_info *info)
{
	struct socket *sock;
	int err;

	err = sstp_nl_session_params(s, info);
	if (err)
		return err;
	sock = sstp_nl_socket(skb, info);
	if (IS_ERR(sock))
		return PTR_ERR(sock);
	err = sstp_nl_check_device(s, info);
	if (!err)
		err = sstp_socket_check(s, sock, info->extack);
	if (!err)
		err = sstp_rekey_check(s, info->extack);
	if (err) {
		sockfd_put(sock);
		return err;
	}

	err = sstp_nl_take_socket(s, sock, info);
	if (!err)
		err = sstp_nl_attach_device(s, info);
	return err ? -ECANCELED : 0;
}

static struct sk_buff *sstp_nl_new_reply(struct genl_info *info, u32 id, int fd)
{
	struct sk_buff *msg = genlmsg_new(NLMSG_DEFAULT_SIZE, GFP_KERNEL);
	void *hdr;

	if (!msg)
		return NULL;
	hdr = genlmsg_put_reply(msg, info, &sstp_nl_family, 0, info->genlhdr->cmd);
	if (!hdr || nla_put_u32(msg, SSTP_A_SESSION_ID, id) ||
	    nla_put_u32(msg, SSTP_A_SESSION_SESSION_FD, fd)) {
		nlmsg_free(msg);
		return NULL;
	}
	genlmsg_end(msg, hdr);
	return msg;
}

static struct file *sstp_nl_session_file(struct sstp_session **s)
{
	struct file *file;

	*s = sstp_session_new(&sstp_nl_events);
	if (!*s)
		return ERR_PTR(-ENOMEM);
	file = sstp_ctrl_file(*s);
	if (IS_ERR(file))
		sstp_session_free(*s);
	return file;
}

/* The request is the sender's memory no longer, and freed as it is. */
static void sstp_nl_wipe(struct genl_info *info, int attr)
{
	if (info->attrs[attr])
		memzero_explicit(nla_data(info->attrs[attr]), nla_len(info->attrs[attr]));
}

static int sstp_nl_session_new(struct sk_buff *skb, struct genl_info *info)
{
	struct sstp_session *s;
	struct sk_buff *msg;
	struct file *file;
	int fd, err;

	fd = get_unused_fd_flags(O_CLOEXEC);
	if (fd < 0)
		return fd;
	file = sstp_nl_session_file(&s);
	if (IS_ERR(file)) {
		err = PTR_ERR(file);
		goto err_fd;
	}
	/* What needs memory comes first: a socket cannot be given back. */
	msg = sstp_nl_new_reply(info, s->id, fd);
	if (!msg) {
		err = -ENOMEM;
		goto err_file;
	}
	err = sstp_nl_session_attach(s, skb, info);
	if (err)
		goto err_msg;

	/* Who cannot be told the fd, as he does not read, would have it for ever. */
	if (genlmsg_reply(msg, info)) {
		err = -ECANCELED;
		goto err_file;
	}
	fd_install(fd, file);
	return 0;

err_msg:
	nlmsg_free(msg);
err_file:
	fput(file); /* frees the session */
err_fd:
	put_unused_fd(fd);
	return err;
}

int sstp_nl_session_new_doit(struct sk_buff *skb, struct genl_info *info)
{
	int err = sstp_nl_session_new(skb, info);

	sstp_nl_wipe(info, SSTP_A_SESSION_TX_SECRET);
	sstp_nl_wipe(info, SSTP_A_SESSION_RX_SECRET);
	return err;
}

/*
 * The file of the session fd that the request names, to be put by the caller; NULL if
 * it names none.
 */
static struct file *sstp_nl_session_fd(struct genl_info *info)
{
	struct nlattr *attr = info->attrs[SSTP_A_SESSION_SESSION_FD];
	struct file *file;

	if (!attr)
		return NULL;
	if (info->attrs[SSTP_A_SESSION_ID]) {
		NL_SET_ERR_MSG_ATTR(info->extack, attr, "either id or session-fd");
		return ERR_PTR(-EINVAL);
	}
	file = fget(nla_get_u32(attr));
	if (!file) {
		NL_SET_ERR_MSG_ATTR(info->extack, attr, "no such file descriptor");
		return ERR_PTR(-EBADF);
	}
	if (!sstp_ctrl_session(file)) {
		fput(file);
		NL_SET_ERR_MSG_ATTR(info->extack, attr, "not a session fd");
		return ERR_PTR(-EINVAL);
	}
	return file;
}

static struct sstp_session *sstp_nl_by_fd(struct file *file, struct genl_info *info)
{
	struct sstp_session *s = sstp_ctrl_session(file);

	if (sstp_registry_has(s))
		return s;
	NL_SET_ERR_MSG_ATTR(info->extack, info->attrs[SSTP_A_SESSION_SESSION_FD],
			    "the session has ended");
	return ERR_PTR(-ENOENT);
}

static struct sstp_session *sstp_nl_by_id(struct genl_info *info)
{
	struct nlattr *attr = sstp_nl_need(info, SSTP_A_SESSION_ID);
	struct sstp_session *s;

	if (!attr)
		return ERR_PTR(-EINVAL);
	s = sstp_registry_find(genl_info_net(info), nla_get_u32(attr));
	if (!s) {
		NL_SET_ERR_MSG_ATTR(info->extack, attr, "no such session");
		return ERR_PTR(-ENOENT);
	}
	return s;
}

/*
 * The session that the request names, which stays one until sstp_nl_unlock(): that
 * is to be called in any case.
 */
static struct sstp_session *sstp_nl_lock(struct genl_info *info, struct file **file)
{
	*file = sstp_nl_session_fd(info);
	sstp_registry_lock();
	if (IS_ERR(*file))
		return ERR_CAST(*file);
	return *file ? sstp_nl_by_fd(*file, info) : sstp_nl_by_id(info);
}

static void sstp_nl_unlock(struct file *file)
{
	sstp_registry_unlock();
	if (!IS_ERR_OR_NULL(file))
		fput(file);
}

/* Those sources are the session's, unless this fails. */
static int sstp_nl_set(struct sstp_session *s, struct genl_info *info,
		       struct sstp_sources *sources)
{
	struct nlattr *protocols = info->attrs[SSTP_A_SESSION_PROTOCOLS];
	struct nlattr *mru = info->attrs[SSTP_A_SESSION_PEER_MRU];

	if (mru && s->dev->mtu > nla_get_u32(mru)) {
		NL_SET_ERR_MSG_ATTR(info->extack, mru,
				    "the device's MTU is above peer-mru");
		return -EINVAL;
	}
	if (mru) {
		WRITE_ONCE(s->peer_mru, nla_get_u32(mru));
		sstp_dev_mtu_limit(s, nla_get_u32(mru));
	}
	if (protocols)
		WRITE_ONCE(s->protocols, nla_get_u32(protocols));
	sstp_source_set(s, sources);
	return 0;
}

int sstp_nl_session_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct sstp_sources *sources = sstp_source_parse(info);
	struct sstp_session *s;
	struct file *file;
	int err;

	if (IS_ERR(sources))
		return PTR_ERR(sources);
	rtnl_lock(); /* the MTU must not change meanwhile */
	s = sstp_nl_lock(info, &file);
	err = IS_ERR(s) ? PTR_ERR(s) : sstp_nl_set(s, info, sources);
	sstp_nl_unlock(file);
	rtnl_unlock();
	if (err)
		kfree(sources);
	return err;
}

static u64 sstp_nl_read(struct u64_stats_sync *syncp, const u64_stats_t *counter)
{
	unsigned int start;
	u64 value;

	do {
		start = u64_stats_fetch_begin(syncp);
		value = u64_stats_read(counter);
	} while (u64_stats_fetch_retry(syncp, start));
	return value;
}

static int sstp_nl_put_counters(struct sk_buff *msg, struct sstp_session *s)
{
	const struct {
		int attr;
		struct u64_stats_sync *syncp;
		const u64_stats_t *counter;
	} counters[] = {
		{ SSTP_A_STATS_RX_PACKETS, &s->rx.syncp, &s->rx.packets },
		{ SSTP_A_STATS_RX_BYTES, &s->rx.syncp, &s->rx.bytes },
		{ SSTP_A_STATS_TX_PACKETS, &s->tx.syncp, &s->tx.packets },
		{ SSTP_A_STATS_TX_BYTES, &s->tx.syncp, &s->tx.bytes },
		{ SSTP_A_STATS_RX_STREAM_BYTES, &s->rx.syncp, &s->rx.stream },
		{ SSTP_A_STATS_TX_STREAM_BYTES, &s->tx.syncp, &s->tx.stream },
		{ SSTP_A_STATS_RX_CONTROL, &s->rx.syncp, &s->rx.control },
		{ SSTP_A_STATS_TX_CONTROL, &s->tx.syncp, &s->tx.control },
		{ SSTP_A_STATS_TX_RECORDS, &s->tx.syncp, &s->tx.records },
	};
	int i;

	for (i = 0; i < ARRAY_SIZE(counters); i++)
		if (nla_put_u64_64bit(msg, counters[i].attr,
				      sstp_nl_read(counters[i].syncp,
						   counters[i].counter),
				      SSTP_A_STATS_PAD))
			return -EMSGSIZE;
	return 0;
}

static int sstp_nl_put_drops(struct sk_buff *msg, const struct sstp_session *s)
{
	struct nlattr *nest;
	int i;

	if (nla_put_u64_64bit(msg, SSTP_A_STATS_RX_DROPPED, sstp_drops_rx(s),
			      SSTP_A_STATS_PAD) ||
	    nla_put_u64_64bit(msg, SSTP_A_STATS_TX_DROPPED, sstp_drops_tx(s),
			      SSTP_A_STATS_PAD))
		return -EMSGSIZE;
	nest = nla_nest_start(msg, SSTP_A_STATS_DROPS);
	if (!nest)
		return -EMSGSIZE;
	for (i = SSTP_A_DROPS_PAD + 1; i <= SSTP_A_DROPS_MAX; i++)
		if (nla_put_u64_64bit(msg, i, atomic64_read(&s->drops[i]),
				      SSTP_A_DROPS_PAD))
			return -EMSGSIZE;
	nla_nest_end(msg, nest);
	return 0;
}

static int sstp_nl_put_seq(struct sk_buff *msg, const struct sstp_session *s)
{
	u64 tx, rx;

	sstp_socket_seq(s, &tx, &rx);
	if (nla_put_u64_64bit(msg, SSTP_A_STATS_TLS_TX_SEQ, tx, SSTP_A_STATS_PAD) ||
	    nla_put_u64_64bit(msg, SSTP_A_STATS_TLS_RX_SEQ, rx, SSTP_A_STATS_PAD) ||
	    nla_put_u64_64bit(msg, SSTP_A_STATS_TLS_TX_UPDATES,
			      READ_ONCE(s->rekey.tx_updates), SSTP_A_STATS_PAD) ||
	    nla_put_u64_64bit(msg, SSTP_A_STATS_TLS_RX_UPDATES,
			      READ_ONCE(s->rekey.rx_updates), SSTP_A_STATS_PAD))
		return -EMSGSIZE;
	return 0;
}

static int sstp_nl_put_stats(struct sk_buff *msg, struct sstp_session *s)
{
	unsigned long idle = jiffies - READ_ONCE(s->last_rx);
	struct nlattr *nest = nla_nest_start(msg, SSTP_A_SESSION_STATS);
	unsigned int queued;

	if (!nest)
		return -EMSGSIZE;
	queued = sstp_slot_tx_queued(s) + sstp_tx_waiting(&s->tx);
	if (sstp_nl_put_counters(msg, s) || sstp_nl_put_drops(msg, s) ||
	    sstp_nl_put_seq(msg, s) ||
	    nla_put_u32(msg, SSTP_A_STATS_TX_QUEUE_BYTES, queued) ||
	    nla_put_u32(msg, SSTP_A_STATS_IDLE_MS, jiffies_to_msecs(idle))) {
		nla_nest_cancel(msg, nest);
		return -EMSGSIZE;
	}
	nla_nest_end(msg, nest);
	return 0;
}

/* Context: registry locked. */
static int sstp_nl_put_session(struct sk_buff *msg, void *hdr, struct sstp_session *s)
{
	if (!hdr)
		return -EMSGSIZE;
	if (nla_put_u32(msg, SSTP_A_SESSION_ID, s->id) ||
	    nla_put_u32(msg, SSTP_A_SESSION_IFINDEX, s->dev->ifindex) ||
	    nla_put_u32(msg, SSTP_A_SESSION_PROTOCOLS, READ_ONCE(s->protocols)) ||
	    nla_put_u32(msg, SSTP_A_SESSION_PEER_MRU, READ_ONCE(s->peer_mru)) ||
	    nla_put_u16(msg, SSTP_A_SESSION_TLS_VERSION, s->tls_version) ||
	    nla_put_u16(msg, SSTP_A_SESSION_TLS_CIPHER, s->tls_cipher) ||
	    nla_put_u32(msg, SSTP_A_SESSION_SLOT, s->slot_index) ||
	    nla_put_u32(msg, SSTP_A_SESSION_RECORD_SIZE, s->record_size) ||
	    sstp_source_put(msg, s) ||
	    sstp_nl_put_stats(msg, s)) {
		genlmsg_cancel(msg, hdr);
		return -EMSGSIZE;
	}
	genlmsg_end(msg, hdr);
	return 0;
}

int sstp_nl_session_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct sstp_session *s;
	struct sk_buff *msg;
	struct file *file;
	void *hdr;
	int err;

	msg = genlmsg_new(NLMSG_DEFAULT_SIZE, GFP_KERNEL);
	if (!msg)
		return -ENOMEM;
	hdr = genlmsg_put_reply(msg, info, &sstp_nl_family, 0, info->genlhdr->cmd);

	s = sstp_nl_lock(info, &file);
	err = IS_ERR(s) ? PTR_ERR(s) : sstp_nl_put_session(msg, hdr, s);
	sstp_nl_unlock(file);

	if (err) {
		nlmsg_free(msg);
		return err;
	}
	return genlmsg_reply(msg, info);
}

int sstp_nl_session_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	const struct net *net = sock_net(skb->sk);
	unsigned long id = cb->args[0];
	struct sstp_session *s;
	void *hdr;

	sstp_registry_lock();
	for (s = sstp_registry_next(net, &id); s; s = sstp_registry_next(net, &id)) {
		hdr = genlmsg_put(skb, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq,
				  &sstp_nl_family, NLM_F_MULTI, SSTP_CMD_SESSION_GET);
		if (sstp_nl_put_session(skb, hdr, s))
			break;
		id++;
	}
	sstp_registry_unlock();

	/* A session that did not fit comes first in the next message. */
	cb->args[0] = s ? id : ULONG_MAX;
	return skb->len;
}

int sstp_nl_session_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct sstp_session *s;
	struct file *file;
	int err = 0;

	s = sstp_nl_lock(info, &file);
	if (IS_ERR(s))
		err = PTR_ERR(s);
	else
		sstp_session_end(s, SSTP_END_REASON_ADMIN, 0);
	sstp_nl_unlock(file);
	return err;
}

static u32 sstp_nl_features(void)
{
	return SSTP_FEATURES_RECORD_SIZE | SSTP_FEATURES_REPLACE | SSTP_FEATURES_SLOTS |
	       SSTP_FEATURES_SOURCE |
	       (sstp_tls_keys_can() ? SSTP_FEATURES_REKEY | SSTP_FEATURES_REKEY_AGE : 0);
}

int sstp_nl_module_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct sk_buff *msg = genlmsg_new(NLMSG_DEFAULT_SIZE, GFP_KERNEL);
	void *hdr;

	if (!msg)
		return -ENOMEM;
	hdr = genlmsg_put_reply(msg, info, &sstp_nl_family, 0, info->genlhdr->cmd);
	if (!hdr || nla_put_u32(msg, SSTP_A_MODULE_VERSION, SSTP_UAPI_VERSION) ||
	    nla_put_u32(msg, SSTP_A_MODULE_FEATURES, sstp_nl_features())) {
		nlmsg_free(msg);
		return -EMSGSIZE;
	}
	genlmsg_end(msg, hdr);
	return genlmsg_reply(msg, info);
}

/* To those who listen where the device is; it may move, or its namespace end. */
static void sstp_nl_multicast(const struct sstp_session *s, struct sk_buff *msg)
{
	struct net *net;

	rcu_read_lock();
	net = maybe_get_net(dev_net(s->dev));
	rcu_read_unlock();
	if (!net) {
		nlmsg_free(msg);
		return;
	}
	genlmsg_multicast_netns(&sstp_nl_family, net, msg, 0, SSTP_NLGRP_SESSIONS,
				GFP_KERNEL);
	put_net(net);
}

/* Tell those who listen that a session has begun. Failure to tell is not an error. */
static void sstp_nl_begun(struct sstp_session *s)
{
	struct sk_buff *msg = genlmsg_new(NLMSG_DEFAULT_SIZE, GFP_KERNEL);
	void *hdr;

	if (!msg)
		return;
	hdr = genlmsg_put(msg, 0, 0, &sstp_nl_family, 0, SSTP_CMD_SESSION_NEW_NTF);
	if (sstp_nl_put_session(msg, hdr, s)) {
		nlmsg_free(msg);
		return;
	}
	sstp_nl_multicast(s, msg);
}

/* Likewise, that it has ended. */
static void sstp_nl_ended(const struct sstp_session *s)
{
	struct sk_buff *msg = genlmsg_new(NLMSG_DEFAULT_SIZE, GFP_KERNEL);
	void *hdr;

	if (!msg)
		return;
	hdr = genlmsg_put(msg, 0, 0, &sstp_nl_family, 0, SSTP_CMD_SESSION_DEL_NTF);
	if (!hdr || nla_put_u32(msg, SSTP_A_SESSION_ID, s->id) ||
	    nla_put_u32(msg, SSTP_A_SESSION_IFINDEX, s->dev->ifindex) ||
	    nla_put_u32(msg, SSTP_A_SESSION_REASON, sstp_session_end_reason(s)) ||
	    nla_put_u32(msg, SSTP_A_SESSION_DETAIL, sstp_session_end_detail(s))) {
		nlmsg_free(msg);
		return;
	}
	genlmsg_end(msg, hdr);
	sstp_nl_multicast(s, msg);
}

static const struct sstp_session_events sstp_nl_events = {
	.begun = sstp_nl_begun,
	.ended = sstp_nl_ended,
};

int sstp_nl_register(void)
{
	return genl_register_family(&sstp_nl_family);
}

void sstp_nl_unregister(void)
{
	genl_unregister_family(&sstp_nl_family);
}
