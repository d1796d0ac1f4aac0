// SPDX-License-Identifier: GPL-2.0-or-later
#include "parent/removal.h"

#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/log.h"
#include "lib/loop.h"
#include "netlink/netcfg.h"
#include "parent/watchdog.h"

/* At a time; some tens of milliseconds. */
#define REMOVAL_BATCH	64
#define REMOVAL_MS	1

/**
 * struct removal - an interface on its way out
 * @ifindex: of it
 * @tun: descriptor of a TUN device, to be closed behind it, or -1
 * @numbered: its name has the number @number
 * @ifname: its name when the session began
 * @user: whose session it was
 * @peer: address of its peer, or 0
 * @prefix6: that was routed there, if any
 */
struct removal {
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
	struct removal *all;
	size_t n;
	size_t room;
	struct event *timer;
	void (*gone)(uint32_t number);
} removals;

static void removal_gone(const struct removal *r)
{
	if (r->tun >= 0)
		close(r->tun);
	if (r->numbered)
		removals.gone(r->number);
}

/* The first ones, which have waited longest. */
static void removal_batch(void)
{
	size_t n = removals.n < REMOVAL_BATCH ? removals.n : REMOVAL_BATCH;
	uint32_t ifindexes[REMOVAL_BATCH] = { 0 };

	for (size_t i = 0; i < n; i++)
		ifindexes[i] = removals.all[i].ifindex;
	netcfg_links_del(ifindexes, n);
	for (size_t i = 0; i < n; i++)
		removal_gone(&removals.all[i]);
	removals.n -= n;
	memmove(removals.all, removals.all + n, removals.n * sizeof(*removals.all));
}

static void removal_on_timer(int fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
	removal_batch();
	if (removals.n)
		loop_arm(removals.timer, REMOVAL_MS);
}

void removal_init(void (*gone)(uint32_t number))
{
	removals.gone = gone;
	removals.timer = loop_event(-1, 0, removal_on_timer, NULL);
}

static struct removal *removal_new(void)
{
	struct removal *all;

	if (removals.n == removals.room) {
		removals.room = removals.room ? 2 * removals.room : REMOVAL_BATCH;
		all = realloc(removals.all, removals.room * sizeof(*all));
		if (!all)
			log_fatal("out of memory");
		removals.all = all;
	}
	return &removals.all[removals.n++];
}

void removal_add(const struct entry *e)
{
	struct removal *r = removal_new();

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
	if (removals.n == 1)
		loop_arm(removals.timer, REMOVAL_MS);
}

static bool removal_has_what_is_of(const struct removal *r, const struct entry *e)
{
	if (!strcmp(r->user, e->user))
		return true;
	if (r->peer.s_addr && r->peer.s_addr == e->net.peer.s_addr)
		return true;
	return r->prefix6.family && e->prefix6.family &&
	       !memcmp(r->prefix6.addr, e->prefix6.addr, sizeof(r->prefix6.addr));
}

bool removal_make_way(const struct entry *e, bool name)
{
	bool made = false;

	for (size_t i = removals.n; i-- > 0;) {
		struct removal r = removals.all[i];

		if (name ? strcmp(r.ifname, e->ifname) : !removal_has_what_is_of(&r, e))
			continue;
		removals.all[i] = removals.all[--removals.n];
		netcfg_links_del(&r.ifindex, 1);
		removal_gone(&r);
		made = true;
	}
	return made;
}

void removal_flush(void)
{
	while (removals.n) {
		removal_batch();
		watchdog_alive();
	}
	loop_free(&removals.timer);
	free(removals.all);
	removals.all = NULL;
	removals.room = 0;
}
