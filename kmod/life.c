// SPDX-License-Identifier: GPL-2.0-only
/*
 * How a session begins and ends; session.h says who owns what meanwhile.
 */
#include "life.h"

#include <linux/memcontrol.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "ctrl.h"
#include "device.h"
#include "rekey.h"
#include "rx.h"
#include "session.h"
#include "socket.h"
#include "source.h"
#include "trace.h"
#include "tx.h"

static void sstp_session_end_work(struct work_struct *work)
{
	struct sstp_session *s = container_of(work, struct sstp_session, end_work);
	struct net_device *dev = s->dev;

	sstp_registry_del(s);
	sstp_ctrl_close(s);
	sstp_dev_quiesce(s);
	sstp_socket_shutdown(s);
	sstp_turn_cancel(&s->rx_turn);
	sstp_turn_cancel(&s->tx_turn);
	sstp_rekey_wipe(s);
	sstp_socket_put(s);

	s->events->ended(s);
	trace_sstp_session_end(s);
	sstp_dev_detach(s);
	netdev_put(dev, &s->dev_tracker);
	s->dev = NULL;
	complete(&s->ended);
}

/**
 * sstp_session_new - allocate a session
 * @events: who is told that it begins and ends
 *
 * Context: process.
 * Return: the session, to be attached or freed, or NULL.
 */
struct sstp_session *sstp_session_new(const struct sstp_session_events *events)
{
	struct sstp_session *s;

	s = kzalloc_obj(*s, GFP_KERNEL_ACCOUNT);
	if (!s)
		return NULL;
	INIT_WORK(&s->end_work, sstp_session_end_work);
	sstp_turn_init(&s->tx_turn, sstp_tx_work);
	sstp_turn_init(&s->rx_turn, sstp_rx_work);
	init_completion(&s->ended);
	sstp_rekey_init(s);
	sstp_ctrl_init(s, sstp_session_free);
	s->events = events;
	s->memcg = get_mem_cgroup_from_mm(current->mm);
	if (sstp_registry_reserve(s))
		goto err_memcg;
	if (sstp_tx_init(s))
		goto err_release;
	sstp_rx_init(s);
	return s;

err_release:
	sstp_registry_release(s);
err_memcg:
	mem_cgroup_put(s->memcg);
	kfree(s);
	return NULL;
}

/*
 * Publish and start; nothing fails behind the device. The mutex keeps end_work, which
 * whoever finds the session may queue, from overtaking the start.
 */
static int sstp_session_start(struct sstp_session *s, struct netlink_ext_ack *extack)
{
	int err;

	sstp_registry_lock();
	WRITE_ONCE(s->last_rx, jiffies);
	err = sstp_dev_attach(s->dev, s, extack);
	if (err)
		goto unlock;
	sstp_registry_add(s);
	/* Pairs with the look of the socket's callbacks. */
	smp_store_release(&s->started, true);
	s->events->begun(s);
	trace_sstp_session_new(s);
	sstp_dev_begun(s);
	/* kTLS does not announce records it has parsed already. */
	sstp_turn_now(&s->rx_turn);
	/* And of packets that the one before has left, nobody has told tx_work. */
	sstp_turn_now(&s->tx_turn);
unlock:
	sstp_registry_unlock();
	return err;
}

/**
 * sstp_session_attach - bind a session to its device, and start it
 * @s: the session, which has its socket; peer_mru, protocols and replace are set
 * @dev: the device
 * @extack: says why not
 *
 * Context: process, RTNL held.
 * Return: 0 or a negative errno; then @s has nothing but its socket.
 */
int sstp_session_attach(struct sstp_session *s, struct net_device *dev,
			struct netlink_ext_ack *extack)
{
	int err;

	s->dev = dev;
	netdev_hold(dev, &s->dev_tracker, GFP_KERNEL); /* put by end_work */

	err = sstp_session_start(s, extack);
	if (err) {
		netdev_put(dev, &s->dev_tracker);
		s->dev = NULL;
	}
	return err;
}

/**
 * sstp_session_free - end a session that may be alive, and free it
 * @s: the session
 *
 * When this returns its device is free for another. It does not wait for the peer.
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
	if (s->sock) {
		sstp_socket_shutdown(s);
		sstp_socket_put(s);
	}
	sstp_registry_release(s);
	sstp_rekey_wipe(s);
	sstp_source_free(s);
	sstp_ctrl_free(s);
	sstp_rx_free(s);
	sstp_tx_free(s);
	mem_cgroup_put(s->memcg);
	kfree(s);
}
