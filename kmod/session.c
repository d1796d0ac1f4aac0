// SPDX-License-Identifier: GPL-2.0-only
#include "session.h"

#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/xarray.h>
#include <net/net_namespace.h>

#include "ctrl.h"
#include "device.h"
#include "netlink.h"
#include "rx.h"
#include "socket.h"
#include "trace.h"
#include "tx.h"

/*
 * The registry: live sessions by id. Who holds its mutex may use a session he
 * found, its device and its socket: end_work takes the session out first.
 */
static DEFINE_MUTEX(registry_mutex);
static DEFINE_XARRAY_ALLOC1(registry);

void sstp_registry_lock(void)
{
	mutex_lock(&registry_mutex);
}

void sstp_registry_unlock(void)
{
	mutex_unlock(&registry_mutex);
}

/**
 * sstp_registry_find - look up a session
 * @net: only sessions whose device is in here exist
 * @id: the session's id
 *
 * Context: registry locked.
 * Return: the session or NULL.
 */
struct sstp_session *sstp_registry_find(const struct net *net, u32 id)
{
	struct sstp_session *s;

	lockdep_assert_held(&registry_mutex);
	s = xa_load(&registry, id);
	if (!s || !net_eq(dev_net(s->dev), net))
		return NULL;
	return s;
}

/**
 * sstp_registry_next - iterate
 * @net: as above
 * @id: in: where to start, out: the session's id
 *
 * Context: registry locked.
 * Return: the first session with an id of at least *@id, or NULL.
 */
struct sstp_session *sstp_registry_next(const struct net *net, unsigned long *id)
{
	struct sstp_session *s;

	lockdep_assert_held(&registry_mutex);
	for (s = xa_find(&registry, id, ULONG_MAX, XA_PRESENT); s;
	     s = xa_find_after(&registry, id, ULONG_MAX, XA_PRESENT))
		if (net_eq(dev_net(s->dev), net))
			return s;
	return NULL;
}

/*
 * Publish and start. The mutex keeps end_work, which whoever finds the session
 * may queue, from overtaking the start.
 */
static int sstp_registry_add(struct sstp_session *s)
{
	int err;

	mutex_lock(&registry_mutex);
	err = xa_alloc(&registry, &s->id, s, xa_limit_31b, GFP_KERNEL);
	if (!err) {
		WRITE_ONCE(s->last_rx, jiffies);
		WRITE_ONCE(s->started, true);
		sstp_nl_session_new_notify(s);
		trace_sstp_session_new(s);
		netif_carrier_on(s->dev);
		/* kTLS does not announce records it has parsed already. */
		sstp_turn_now(&s->rx_turn);
	}
	mutex_unlock(&registry_mutex);
	return err;
}

static void sstp_registry_del(struct sstp_session *s)
{
	mutex_lock(&registry_mutex);
	xa_erase(&registry, s->id);
	mutex_unlock(&registry_mutex);
}

/**
 * sstp_session_end - end a session
 * @s: the session
 * @reason: why; the first reason given stays
 * @detail: at most 24 bits, see enum sstp_end_reason
 *
 * Context: any in which @s cannot be freed: from one of its works, or under a
 *	lock that end_work has to take first, or by the session fd.
 */
void sstp_session_end(struct sstp_session *s, enum sstp_end_reason reason,
		      u32 detail)
{
	u32 end = reason << 24 | (detail & 0xffffff);

	/* Once queued, @s may be gone: end_work is the last to be told. */
	if (!cmpxchg(&s->end, 0, end))
		queue_work(sstp_wq, &s->end_work);
}

static void sstp_session_end_work(struct work_struct *work)
{
	struct sstp_session *s = container_of(work, struct sstp_session, end_work);
	struct net_device *dev = s->dev;

	sstp_registry_del(s);
	sstp_ctrl_close(s);
	sstp_dev_quiesce(dev);
	sstp_socket_detach(s);
	sstp_turn_cancel(&s->rx_turn);
	sstp_turn_cancel(&s->tx_turn);

	sstp_nl_session_del_notify(s);
	trace_sstp_session_end(s);
	sstp_socket_close(s);
	sstp_dev_detach(dev);
	netdev_put(dev, &s->dev_tracker);
	s->dev = NULL;
	complete(&s->ended);
}

/**
 * sstp_session_new - allocate a session
 *
 * Context: process.
 * Return: the session, to be attached or freed, or NULL.
 */
struct sstp_session *sstp_session_new(void)
{
	struct sstp_session *s;

	s = kzalloc(sizeof(*s), GFP_KERNEL_ACCOUNT);
	if (!s)
		return NULL;
	INIT_WORK(&s->end_work, sstp_session_end_work);
	sstp_turn_init(&s->tx_turn, sstp_tx_work);
	sstp_turn_init(&s->rx_turn, sstp_rx_work);
	init_completion(&s->ended);
	sstp_ctrl_init(s);
	if (sstp_tx_init(s))
		goto err_free;
	if (sstp_rx_init(s))
		goto err_tx;
	return s;

err_tx:
	sstp_tx_free(s);
err_free:
	kfree(s);
	return NULL;
}

/**
 * sstp_session_attach - bind a session to its device and socket, and start it
 * @s: the session; peer_mru and protocols are set
 * @dev: the device
 * @sock: the socket; its file reference passes to the session on success
 * @extack: says why not
 *
 * Context: process, RTNL held.
 * Return: 0 or a negative errno; then nothing refers to @s.
 */
int sstp_session_attach(struct sstp_session *s, struct net_device *dev,
			struct socket *sock, struct netlink_ext_ack *extack)
{
	int err;

	s->dev = dev;
	netdev_hold(dev, &s->dev_tracker, GFP_KERNEL); /* put by end_work */

	err = sstp_dev_attach(dev, s, extack);
	if (err)
		goto err_put;
	err = sstp_socket_attach(s, sock, extack);
	if (err)
		goto err_dev;
	err = sstp_registry_add(s);
	if (err)
		goto err_socket;
	return 0;

err_socket:
	sstp_socket_detach(s);
	s->sock = NULL;
err_dev:
	sstp_dev_detach(dev);
	sstp_turn_cancel(&s->rx_turn);
	sstp_turn_cancel(&s->tx_turn);
err_put:
	netdev_put(dev, &s->dev_tracker);
	s->dev = NULL;
	return err;
}

/**
 * sstp_session_free - end a session that may be alive, and free it
 * @s: the session
 *
 * When this returns its device is free for another.
 *
 * Context: process; the session fd is being released, or was never made.
 */
void sstp_session_free(struct sstp_session *s)
{
	if (s->started) {
		/* A last word, say Call Disconnect Ack, may be on its way. */
		flush_work(&s->tx_turn.work);
		sstp_session_end(s, SSTP_END_REASON_OWNER_CLOSED, 0);
		wait_for_completion(&s->ended);
		/* complete() is not yet the return of end_work. */
		flush_work(&s->end_work);
	}
	sstp_ctrl_free(s);
	sstp_rx_free(s);
	sstp_tx_free(s);
	kfree(s);
}
