// SPDX-License-Identifier: GPL-2.0-or-later
#include "parent/members.h"

#include "netlink/nl_sstp.h"
#include "parent/handover.h"
#include "parent/lease.h"
#include "parent/tunnel.h"

static struct {
	bool (*disconnect)(uint32_t id, enum reason reason);
} members;

void members_init(bool (*disconnect)(uint32_t id, enum reason reason))
{
	members.disconnect = disconnect;
}

/* ---- who belongs together ------------------------------------------------------------- */

static bool members_is_up(const struct entry *e)
{
	return e->up && !e->moved && !e->replaced;
}

static bool members_is_of(const struct entry *x, const struct entry *leader)
{
	return x->leader == leader->id && x->server == leader->server;
}

/* Has the session of @leader a slot for it, of as many as both of them have said? */
static bool members_has_slot(const struct entry *leader, const struct entry *e)
{
	return leader->lane.of == e->lane.of && e->lane.number < leader->slots;
}

/* Who logs in for a slot again and again has one that waits, not many. */
static void members_instead(const struct entry *e, const struct entry *leader)
{
	struct entry *x;

	for (x = table_first(); x; x = table_next(x))
		if (x != e && members_is_of(x, leader) && !x->up && !x->moved &&
		    x->lane.number == e->lane.number) {
			x->replaced = true;
			members.disconnect(x->id, REASON_REPLACED);
		}
}

bool members_known(const struct entry *e)
{
	const struct entry *leader = handover_find(e);

	if (!leader || !nl_sstp_has_slots() || !members_has_slot(leader, e))
		return false;
	return leader->lane.number != e->lane.number || nl_sstp_replaces();
}

bool members_offer(struct entry *e)
{
	struct entry *leader;

	e->leader = 0;
	if (!e->lane.of || !nl_sstp_has_slots())
		return false;
	leader = handover_find(e);
	if (!leader || !members_has_slot(leader, e) || leader->lane.number == e->lane.number)
		return false;
	members_instead(e, leader);
	lease_show(e, leader);
	e->policy = leader->policy;
	e->leader = leader->id;
	return true;
}

static struct entry *members_leader_of_client(const struct entry *e)
{
	struct entry *x;

	for (x = table_first(); x; x = table_next(x))
		if (!x->server && x->link == e->link && x != e && !x->leader &&
		    members_is_up(x))
			return x;
	return NULL;
}

struct entry *members_leader(const struct entry *e)
{
	if (e->server)
		return e->leader ? table_find(e->leader) : NULL;
	return e->lane.joins ? members_leader_of_client(e) : NULL;
}

struct entry *members_at(struct entry *leader, const struct entry *e)
{
	struct entry *x;

	if (leader->lane.number == e->lane.number)
		return leader;
	for (x = table_first(); x; x = table_next(x))
		if (x != e && members_is_of(x, leader) && members_is_up(x) &&
		    x->lane.number == e->lane.number)
			return x;
	return NULL;
}

/* ---- one ends ----------------------------------------------------------------------------- */

struct entry *members_heir(const struct entry *leader)
{
	if (leader->slots < 2 || leader->replaced)
		return NULL;
	for (struct entry *x = table_first(); x; x = table_next(x))
		if (members_is_of(x, leader) && members_is_up(x) && x->session_fd >= 0 &&
		    x->ending == REASON_NONE)
			return x;
	return NULL;
}

void members_follow(struct entry *e, const struct entry *old)
{
	if (old->slots < 2)
		return;
	for (struct entry *x = table_first(); x; x = table_next(x))
		if (x != e && members_is_of(x, old))
			x->leader = e->id;
}

static void members_end_one(struct entry *x, enum reason reason)
{
	if (!x->up)
		x->replaced = true;
	tunnel_cut(x);
	if (x->ending == REASON_NONE)
		members.disconnect(x->id, reason);
}

void members_end(const struct entry *leader, enum reason reason)
{
	struct entry *x;

	if (leader->slots < 2)
		return;
	for (x = table_first(); x; x = table_next(x))
		if (members_is_of(x, leader))
			members_end_one(x, reason);
}

void members_begin_anew(struct entry *e, const struct entry *old)
{
	struct entry *leader = e->leader ? table_find(e->leader) : e;

	if (e->slots < 2 || !leader)
		return;
	for (struct entry *x = table_first(); x; x = table_next(x))
		if (x != e && x != old && members_is_of(x, leader))
			members_end_one(x, REASON_REPLACED);
	if (leader != e && leader != old)
		members_end_one(leader, REASON_REPLACED);
}
