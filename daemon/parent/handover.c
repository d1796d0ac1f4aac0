// SPDX-License-Identifier: GPL-2.0-or-later
#include "parent/handover.h"

#include <string.h>

#include "lib/log.h"
#include "lib/loop.h"
#include "netlink/nl_sstp.h"
#include "parent/advertise.h"
#include "parent/audit.h"
#include "parent/cert_renew.h"
#include "parent/dns.h"
#include "parent/key_limit.h"
#include "parent/lease.h"
#include "parent/metering.h"
#include "parent/tunnel.h"

/* A client ends the connection before by itself, soon. */
#define HANDOVER_DRAIN_MS	10000
/* So long it may take to say goodbye when another one waits for its end. */
#define HANDOVER_GOODBYE_MS	1000

static struct {
	bool (*disconnect)(uint32_t id, enum reason reason);
} handover;

void handover_init(bool (*disconnect)(uint32_t id, enum reason reason))
{
	handover.disconnect = disconnect;
}

/* ---- a server knows its client again --------------------------------------------------- */

/* Is there something of it that another connection can go on with? */
static bool handover_is_whole(const struct entry *e)
{
	return e->up && e->kind == MSG_PATH_KERNEL && e->session_fd >= 0 && !e->replaced &&
	       e->ending == REASON_NONE;
}

static bool handover_is_same_account(const struct entry *a, const struct entry *b)
{
	return account_proved(&a->account) && account_same(&a->account, &b->account);
}

struct entry *handover_find(const struct entry *e)
{
	struct entry *old;

	if (!endpoint_is_set(&e->endpoint))
		return NULL;
	for (old = lease_at(&e->endpoint, NULL); old; old = lease_at(&e->endpoint, old))
		if (old != e && handover_is_whole(old) && handover_is_same_account(old, e))
			break;
	return old;
}

bool handover_offer(struct entry *e)
{
	struct entry *old;

	e->before = 0;
	old = nl_sstp_replaces() ? handover_find(e) : NULL;
	/* One of several takes the place of that with the same number. */
	if (!old || old->lane.number != e->lane.number)
		return false;
	lease_borrow(e, old);
	return true;
}

void handover_addrs(const struct entry *e, struct ppp_addrs *addrs)
{
	const struct entry *old = e->leader ? table_find(e->leader) : handover_old(e);

	if (!old || !old->net.ipv6)
		return;
	memcpy(addrs->ifid, old->net.ifid, sizeof(addrs->ifid));
	memcpy(addrs->peer_ifid, old->net.peer_ifid, sizeof(addrs->peer_ifid));
}

/* ---- its network is up -------------------------------------------------------------------- */

struct entry *handover_old(const struct entry *e)
{
	if (!e->server)
		return table_client(e->client);
	return e->before ? table_find(e->before) : NULL;
}

bool handover_same_addresses(const struct ppp_network *a, const struct ppp_network *b)
{
	return a->ipv4 == b->ipv4 && a->ipv6 == b->ipv6 &&
	       (!a->ipv4 || (a->local.s_addr == b->local.s_addr &&
			     a->peer.s_addr == b->peer.s_addr)) &&
	       (!a->ipv6 || (!memcmp(a->ifid, b->ifid, sizeof(a->ifid)) &&
			     !memcmp(a->peer_ifid, b->peer_ifid, sizeof(a->peer_ifid))));
}

bool handover_fits(const struct entry *e, const struct entry *old,
		   const struct msg_path_open *req)
{
	return nl_sstp_replaces() && handover_is_whole(old) && req->kind == MSG_PATH_KERNEL &&
	       handover_same_addresses(&req->net, &old->net) &&
	       tunnel_mtu_of(e, &req->net) == old->mtu;
}

void handover_part(struct entry *e, struct entry *old)
{
	if (e->server)
		lease_move(e, old);
	log_info("session %u: its new connection has come to something else, or cannot take it over: it ends, session %u begins",
		 old->id, e->id);
}

static void handover_on_drained(int fd, short what, void *arg)
{
	struct entry *old = arg;

	(void)fd;
	(void)what;
	if (old->ending == REASON_NONE)
		handover.disconnect(old->id, REASON_REPLACED);
	else
		tunnel_cut(old);
}

bool handover_waits(struct entry *e, const struct entry *old)
{
	struct entry *first = old->follows ? table_find(old->follows) : NULL;

	if (!first || !first->moved)
		return false;
	if (e->waits)
		return true;
	e->waits = true;
	log_info("session %u: it waits for the end of session %u, from which session %u has taken over",
		 e->id, first->id, old->id);
	if (first->ending == REASON_NONE)
		handover.disconnect(first->id, REASON_REPLACED);
	loop_arm(first->drained, HANDOVER_GOODBYE_MS);
	return true;
}

/* The same for whoever looks from outside: since when, how much, until when. */
static void handover_inherit(struct entry *e, const struct entry *old)
{
	e->began_as = table_number(old);
	memcpy(e->user, old->user, sizeof(e->user));
	e->since = old->since;
	e->since_ms = old->since_ms;
	e->base = old->base;
	e->grant = old->grant;
	e->policy = old->policy;
	e->lease_serial = old->lease_serial;
}

void handover_pass(struct entry *e, struct entry *old)
{
	handover_inherit(e, old);
	audit_moved(e, old);
	if (e->server)
		lease_move(e, old);
	metering_move(e, old);
	advertise_stop(old);
	advertise_start(e);
	dns_up(e);
}

void handover_drain(struct entry *e, struct entry *old)
{
	key_limit_down(old);
	key_limit_up(e);
	cert_renew_up(e);
	e->follows = old->id;
	old->moved = true;
	old->drained = loop_event(-1, 0, handover_on_drained, old);
	loop_arm(old->drained, HANDOVER_DRAIN_MS);
}

void handover_done(struct entry *e, struct entry *old)
{
	handover_pass(e, old);
	handover_drain(e, old);
}

/* ---- life ---------------------------------------------------------------------------------- */

void handover_drop(struct entry *e)
{
	struct entry *x;

	loop_free(&e->drained);
	if (e->moved)
		tunnel_cut(e);
	if (!e->server)
		return;
	x = lease_borrower(e);
	if (x)
		lease_move(x, e);
}
