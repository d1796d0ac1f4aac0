// SPDX-License-Identifier: GPL-2.0-only
#include "session.h"

#include <linux/mutex.h>
#include <linux/xarray.h>
#include <net/net_namespace.h>

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

/** sstp_registry_has - whether a session, which may have ended, is there */
bool sstp_registry_has(const struct sstp_session *s)
{
	lockdep_assert_held(&registry_mutex);
	return xa_load(&registry, s->id) == s;
}

/**
 * sstp_registry_reserve - give a session its id, by which nobody finds it yet
 * @s: the session; keeps the id until sstp_registry_release()
 *
 * Context: process.
 * Return: 0 or a negative errno.
 */
int sstp_registry_reserve(struct sstp_session *s)
{
	return xa_alloc(&registry, &s->id, NULL, xa_limit_31b, GFP_KERNEL);
}

/** sstp_registry_release - nobody finds the session, and the id is free for another */
void sstp_registry_release(struct sstp_session *s)
{
	xa_erase(&registry, s->id);
}

/**
 * sstp_registry_add - let a session be found by its id
 * @s: the session
 *
 * The place has been reserved, so that this does not fail.
 *
 * Context: registry locked: end_work, which whoever finds the session may queue,
 *	does not overtake what else is done under the mutex.
 */
void sstp_registry_add(struct sstp_session *s)
{
	lockdep_assert_held(&registry_mutex);
	xa_store(&registry, s->id, s, GFP_KERNEL);
}

/** sstp_registry_del - let a session be found no more; it keeps its id */
void sstp_registry_del(struct sstp_session *s)
{
	mutex_lock(&registry_mutex);
	xa_store(&registry, s->id, NULL, GFP_KERNEL);
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
