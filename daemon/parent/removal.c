// SPDX-License-Identifier: GPL-2.0-or-later
#include "parent/removal.h"

#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <unistd.h>

#include "lib/container.h"
#include "lib/hash.h"
#include "lib/log.h"
#include "lib/loop.h"
#include "netlink/netcfg.h"
#include "parent/watchdog.h"

/* At a time; some tens of milliseconds. */
#define REMOVAL_BATCH	64
#define REMOVAL_MS	1

enum removal_key {
	REMOVAL_NAME,
	REMOVAL_USER,
	REMOVAL_PEER,
	REMOVAL_PREFIX,
	REMOVAL_KEYS,
};

/**
 * struct removal - an interface on its way out
 * @by: in the tables of what somebody else may want of it
 * @ifindex: of it
 * @tun: descriptor of a TUN device, to be closed behind it, or -1
 * @numbered: its name has the number @number
 * @ifname: its name when the session began
 * @user: whose session it was
 * @peer: address of its peer, or 0
 * @prefix6: that was routed there, if any
 */
struct removal {
	TAILQ_ENTRY(removal) next;
	struct hash_node by[REMOVAL_KEYS];
	uint32_t ifindex;
	int tun;
	bool numbered;
	uint32_t number;
	char ifname[IFNAMSIZ];
	char user[AUTH_NAME_MAX + 1];
	struct in_addr peer;
	struct conf_route prefix6;
};

static struct {
	TAILQ_HEAD(, removal) all;
	struct hash by[REMOVAL_KEYS];
	struct event *timer;
	void (*gone)(uint32_t number);
} removals = { .all = TAILQ_HEAD_INITIALIZER(removals.all) };

/* Out of the tables: nobody finds it any more. */
static void removal_take(struct removal *r)
{
	for (int key = 0; key < REMOVAL_KEYS; key++)
		hash_remove(&removals.by[key], &r->by[key]);
	TAILQ_REMOVE(&removals.all, r, next);
}

/* The @n of @some, which are in no table. */
static void removal_delete(struct removal *const *some, size_t n)
{
	uint32_t ifindexes[REMOVAL_BATCH] = { 0 };

	for (size_t i = 0; i < n; i++)
		ifindexes[i] = some[i]->ifindex;
	netcfg_links_del(ifindexes, n);
	for (size_t i = 0; i < n; i++) {
		if (some[i]->tun >= 0)
			close(some[i]->tun);
		if (some[i]->numbered)
			removals.gone(some[i]->number);
		free(some[i]);
	}
}

/* The first ones, which have waited longest. */
static void removal_batch(void)
{
	struct removal *some[REMOVAL_BATCH], *r;
	size_t n = 0;

	while (n < REMOVAL_BATCH && (r = TAILQ_FIRST(&removals.all))) {
		removal_take(r);
		some[n++] = r;
	}
	removal_delete(some, n);
}

static void removal_on_timer(int fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
	removal_batch();
	if (!TAILQ_EMPTY(&removals.all))
		loop_arm(removals.timer, REMOVAL_MS);
}

void removal_init(void (*gone)(uint32_t number))
{
	removals.gone = gone;
	removals.timer = loop_event(-1, 0, removal_on_timer, NULL);
}

static void removal_know(struct removal *r, enum removal_key key, uint64_t hash)
{
	hash_add(&removals.by[key], &r->by[key], hash);
}

static uint64_t removal_hash6(const struct conf_route *prefix6)
{
	return hash_bytes(prefix6->addr, sizeof(prefix6->addr));
}

void removal_add(const struct entry *e)
{
	struct removal *r = calloc(1, sizeof(*r));

	if (!r)
		log_fatal("out of memory");
	*r = (struct removal){
		.ifindex = e->ifindex,
		.tun = e->tun,
		.numbered = e->numbered,
		.number = e->ifnumber,
		.peer = e->net.peer,
		.prefix6 = e->prefix6,
	};
	memcpy(r->ifname, e->ifname, sizeof(r->ifname));
	memcpy(r->user, e->user, sizeof(r->user));
	if (TAILQ_EMPTY(&removals.all))
		loop_arm(removals.timer, REMOVAL_MS);
	TAILQ_INSERT_TAIL(&removals.all, r, next);
	removal_know(r, REMOVAL_NAME, hash_text(r->ifname));
	removal_know(r, REMOVAL_USER, hash_text(r->user));
	if (r->peer.s_addr)
		removal_know(r, REMOVAL_PEER, hash_u32(r->peer.s_addr));
	if (r->prefix6.family)
		removal_know(r, REMOVAL_PREFIX, removal_hash6(&r->prefix6));
}

static bool removal_is(const struct removal *r, enum removal_key key, const struct entry *e)
{
	switch (key) {
	case REMOVAL_NAME:
		return !strcmp(r->ifname, e->ifname);
	case REMOVAL_USER:
		return !strcmp(r->user, e->user);
	case REMOVAL_PEER:
		return r->peer.s_addr == e->net.peer.s_addr;
	case REMOVAL_PREFIX:
		return !memcmp(r->prefix6.addr, e->prefix6.addr, sizeof(r->prefix6.addr));
	case REMOVAL_KEYS:
		break;
	}
	return false;
}

/* Takes it out of the tables; NULL: there is none. */
static struct removal *removal_take_one(enum removal_key key, uint64_t hash,
					const struct entry *e)
{
	struct hash_node *node = hash_first(&removals.by[key], hash);
	struct removal *r;

	for (; node; node = hash_same(node)) {
		r = container_of(node - key, struct removal, by);
		if (!removal_is(r, key, e))
			continue;
		removal_take(r);
		return r;
	}
	return NULL;
}

/* All that have the same @key as @e. */
static bool removal_clear(enum removal_key key, uint64_t hash, const struct entry *e)
{
	struct removal *some[REMOVAL_BATCH], *r;
	bool made = false;
	size_t n = 0;

	while ((r = removal_take_one(key, hash, e))) {
		made = true;
		some[n++] = r;
		if (n == REMOVAL_BATCH) {
			removal_delete(some, n);
			n = 0;
		}
	}
	if (n)
		removal_delete(some, n);
	return made;
}

bool removal_make_way(const struct entry *e, bool name)
{
	bool made = false;

	if (name)
		return removal_clear(REMOVAL_NAME, hash_text(e->ifname), e);
	/* A user's routes can lead to one interface; an account without may be that of many. */
	if (e->grant.user.n_routes)
		made = removal_clear(REMOVAL_USER, hash_text(e->user), e);
	if (e->net.peer.s_addr)
		made |= removal_clear(REMOVAL_PEER, hash_u32(e->net.peer.s_addr), e);
	if (e->prefix6.family)
		made |= removal_clear(REMOVAL_PREFIX, removal_hash6(&e->prefix6), e);
	return made;
}

void removal_flush(void)
{
	while (!TAILQ_EMPTY(&removals.all)) {
		removal_batch();
		watchdog_alive();
	}
	loop_free(&removals.timer);
	for (int key = 0; key < REMOVAL_KEYS; key++)
		hash_free(&removals.by[key]);
}
