// SPDX-License-Identifier: GPL-2.0-or-later
#include "parent/autoconf.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/icmp6.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/rand.h>

#include "lib/log.h"
#include "lib/loop.h"
#include "netlink/netcfg.h"
#include "netlink/netns.h"
#include "parent/ra.h"

/* RFC 4861 section 10 */
#define AUTOCONF_SOLICITATIONS	3
#define AUTOCONF_SOLICIT_MS	4000
/* A router answers within half a second; for so long somebody waits for that. */
#define AUTOCONF_PATIENCE_MS	2000
/* The server may send as many advertisements as it likes: one is looked at in that time. */
#define AUTOCONF_PAUSE_MS	250
#define AUTOCONF_RA_MAX		2048
/* Name servers that are there for longer, are for ever. */
#define AUTOCONF_NAMES_S	(7 * 86400u)
/* The longest time that a timer is set to. */
#define AUTOCONF_AGING_MS	(86400000u)

/* ---- addresses -------------------------------------------------------------------- */

static struct autoconf_addr *autoconf_find(struct autoconf *a, const struct in6_addr *addr)
{
	for (unsigned int i = 0; i < a->n; i++)
		if (IN6_ARE_ADDR_EQUAL(&a->addrs[i].addr, addr))
			return &a->addrs[i];
	return NULL;
}

static void autoconf_remove(struct autoconf *a, unsigned int i)
{
	struct nl_err err;

	/* It may have expired. */
	if (!a->only_told &&
	    netcfg_addr6_prefix(a->ifindex, &a->addrs[i].addr, true, 0, 0, &err) < 0)
		log_debug("client %s: removing an address: %s", a->name, err.text);
	a->addrs[i] = a->addrs[--a->n];
}

/* Nobody hears twice of what an advertisement says again and again. */
static void autoconf_refuse(struct autoconf *a, const struct in6_addr *addr,
			    const char *why)
{
	char text[INET6_ADDRSTRLEN];

	if (!a->warned)
		log_warn("client %s: no address %s: %s", a->name,
			 inet_ntop(AF_INET6, addr, text, sizeof(text)), why);
	a->warned = true;
}

static const char *autoconf_objection(const struct autoconf *a, const struct in6_addr *addr)
{
	if (netcfg_is_near(addr, a->ifindex, a->mark))
		return "it is of a network that this host is in already";
	if (a->n == AUTOCONF_ADDRS_MAX)
		return "the server has advertised too many";
	return NULL;
}

static void autoconf_set(struct autoconf *a, const struct in6_addr *addr,
			 const struct ra_prefix *p)
{
	struct autoconf_addr *known = autoconf_find(a, addr);
	const char *why = known ? NULL : autoconf_objection(a, addr);
	struct nl_err err;

	if (!why && !a->only_told &&
	    netcfg_addr6_prefix(a->ifindex, addr, known, p->preferred_s, p->valid_s, &err) < 0)
		why = err.text;
	if (why) {
		autoconf_refuse(a, addr, why);
		return;
	}
	if (!known) {
		known = &a->addrs[a->n++];
		known->addr = *addr;
	}
	known->now = true;
	known->until_ms = p->valid_s == UINT32_MAX ? 0 :
			  loop_now_ms() + p->valid_s * UINT64_C(1000);
}

static void autoconf_take(struct autoconf *a, const struct ra_prefix *p)
{
	struct in6_addr addr = p->prefix;
	struct autoconf_addr *known;

	memcpy(addr.s6_addr + 8, a->ifid, sizeof(a->ifid));
	known = autoconf_find(a, &addr);
	if (p->valid_s)
		autoconf_set(a, &addr, p);
	else if (known)
		autoconf_remove(a, (unsigned int)(known - a->addrs));
}

/* Those that have expired; once this session has its own, those of the one before it. */
static void autoconf_tidy(struct autoconf *a)
{
	uint64_t now = loop_now_ms();
	bool has = false;
	unsigned int i;

	for (i = 0; i < a->n; i++)
		has |= a->addrs[i].now;
	for (i = 0; i < a->n; ) {
		if ((a->addrs[i].until_ms && a->addrs[i].until_ms <= now) ||
		    (has && !a->tidy && !a->addrs[i].now))
			autoconf_remove(a, i);
		else
			i++;
	}
	a->tidy |= has;
}

static void autoconf_arm_aging(struct autoconf *a)
{
	uint64_t now = loop_now_ms(), until, next = 0;

	for (unsigned int i = 0; i < a->n; i++) {
		until = a->addrs[i].until_ms;
		if (until && (!next || until < next))
			next = until;
	}
	if (next)
		next = next > now ? next - now : 1;
	loop_arm(a->aging, next < AUTOCONF_AGING_MS ? (uint32_t)next : AUTOCONF_AGING_MS);
}

static void autoconf_on_aging(int fd, short what, void *arg)
{
	struct autoconf *a = arg;

	(void)fd;
	(void)what;
	netns_enter(a->netns);
	autoconf_tidy(a);
	netns_leave();
	autoconf_arm_aging(a);
	a->heard_all(a->arg);
}

/* ---- advertisements --------------------------------------------------------------- */

static void autoconf_on_expiry(int fd, short what, void *arg)
{
	struct autoconf *a = arg;

	(void)fd;
	(void)what;
	netns_enter(a->netns);
	a->router(a->arg, false);
	netns_leave();
	a->heard_all(a->arg);
}

static void autoconf_on_names_expiry(int fd, short what, void *arg)
{
	struct autoconf *a = arg;

	(void)fd;
	(void)what;
	a->names(a->arg, NULL, 0);
	a->heard_all(a->arg);
}

static void autoconf_take_names(struct autoconf *a, const struct ra_offer *offer)
{
	if (!offer->has_dns)
		return;
	a->names(a->arg, offer->dns, offer->n_dns);
	loop_arm(a->names_expiry, offer->n_dns && offer->dns_s <= AUTOCONF_NAMES_S ?
				  offer->dns_s * 1000 : 0);
}

static void autoconf_input(struct autoconf *a, struct rbuf *r)
{
	struct ra_offer offer;

	if (!ra_get(r, &offer)) {
		log_debug("client %s: malformed Router Advertisement", a->name);
		return;
	}
	loop_arm(a->solicit, 0);
	autoconf_tidy(a);
	for (unsigned int i = 0; i < offer.n; i++)
		autoconf_take(a, &offer.prefixes[i]);
	autoconf_tidy(a);
	autoconf_arm_aging(a);
	a->ready(a->arg);
	a->router(a->arg, offer.router_s);
	loop_arm(a->expiry, offer.router_s * 1000);
	autoconf_take_names(a, &offer);
	a->heard_all(a->arg);
}

/*
 * RFC 4861 6.1.2: from this link, by its link-local address. What was heard before the
 * socket was bound came from anywhere.
 */
static bool autoconf_is_near(const struct autoconf *a, struct msghdr *msg)
{
	const struct sockaddr_in6 *from = msg->msg_name;
	int hops = 0;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c))
		if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_HOPLIMIT)
			memcpy(&hops, CMSG_DATA(c), sizeof(hops));
	return hops == 255 && IN6_IS_ADDR_LINKLOCAL(&from->sin6_addr) &&
	       from->sin6_scope_id == a->ifindex && !(msg->msg_flags & MSG_TRUNC);
}

static void autoconf_on_heard(int fd, short what, void *arg)
{
	union {
		struct cmsghdr align;
		char data[CMSG_SPACE(sizeof(int))];
	} control;
	uint8_t buf[AUTOCONF_RA_MAX];
	struct sockaddr_in6 from;
	struct iovec iov = { .iov_base = buf, .iov_len = sizeof(buf) };
	struct msghdr msg = {
		.msg_name = &from,
		.msg_namelen = sizeof(from),
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control.data,
		.msg_controllen = sizeof(control.data),
	};
	struct autoconf *a = arg;
	struct rbuf r;
	ssize_t n;

	(void)what;
	n = recvmsg(fd, &msg, 0);
	if (n < 0)
		return;
	loop_watch(a->heard, false);
	loop_arm(a->pause, AUTOCONF_PAUSE_MS);
	if (!autoconf_is_near(a, &msg))
		return;
	r = rbuf_of(buf, (size_t)n);
	netns_enter(a->netns);
	autoconf_input(a, &r);
	netns_leave();
}

static void autoconf_on_pause(int fd, short what, void *arg)
{
	struct autoconf *a = arg;

	(void)fd;
	(void)what;
	loop_watch(a->heard, true);
}

/* ---- solicitations ---------------------------------------------------------------- */

static void autoconf_on_unanswered(int fd, short what, void *arg)
{
	struct autoconf *a = arg;

	(void)fd;
	(void)what;
	netns_enter(a->netns);
	a->ready(a->arg);
	netns_leave();
}

static void autoconf_on_solicit(int fd, short what, void *arg)
{
	struct nd_router_solicit rs = { .nd_rs_type = ND_ROUTER_SOLICIT };
	struct sockaddr_in6 to = { .sin6_family = AF_INET6 };
	struct autoconf *a = arg;

	(void)fd;
	(void)what;
	to.sin6_scope_id = a->ifindex;
	inet_pton(AF_INET6, "ff02::2", &to.sin6_addr);
	if (sendto(a->fd, &rs, sizeof(rs), 0, (struct sockaddr *)&to, sizeof(to)) < 0)
		log_debug("client %s: Router Solicitation: %s", a->name, strerror(errno));
	if (++a->solicited < AUTOCONF_SOLICITATIONS)
		loop_arm(a->solicit, AUTOCONF_SOLICIT_MS);
}

static bool autoconf_option(int fd, int level, int name, const void *value, socklen_t len)
{
	return setsockopt(fd, level, name, value, len) == 0;
}

static bool autoconf_set_up(int fd, uint32_t ifindex)
{
	int on = 1, hops = 255, bound = (int)ifindex;
	struct icmp6_filter filter;

	ICMP6_FILTER_SETBLOCKALL(&filter);
	ICMP6_FILTER_SETPASS(ND_ROUTER_ADVERT, &filter);
	return autoconf_option(fd, IPPROTO_ICMPV6, ICMP6_FILTER, &filter, sizeof(filter)) &&
	       autoconf_option(fd, SOL_SOCKET, SO_BINDTOIFINDEX, &bound, sizeof(bound)) &&
	       autoconf_option(fd, IPPROTO_IPV6, IPV6_RECVHOPLIMIT, &on, sizeof(on)) &&
	       autoconf_option(fd, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, &hops, sizeof(hops));
}

static bool autoconf_listen(struct autoconf *a)
{
	a->fd = socket(AF_INET6, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_ICMPV6);
	if (a->fd < 0 || !autoconf_set_up(a->fd, a->ifindex)) {
		log_err("client %s: cannot hear Router Advertisements: %s", a->name,
			strerror(errno));
		if (a->fd >= 0)
			close(a->fd);
		return false;
	}
	a->heard = loop_event(a->fd, EV_READ | EV_PERSIST, autoconf_on_heard, a);
	a->pause = loop_event(-1, 0, autoconf_on_pause, a);
	a->solicit = loop_event(-1, 0, autoconf_on_solicit, a);
	a->patience = loop_event(-1, 0, autoconf_on_unanswered, a);
	a->expiry = loop_event(-1, 0, autoconf_on_expiry, a);
	a->aging = loop_event(-1, 0, autoconf_on_aging, a);
	a->names_expiry = loop_event(-1, 0, autoconf_on_names_expiry, a);
	loop_watch(a->heard, true);
	return true;
}

/* ---- life ------------------------------------------------------------------------- */

/* At random, as RFC 8981 3.3.1 has it; the same for all sessions and prefixes. */
static bool autoconf_choose_ifid(struct autoconf *a)
{
	static const uint8_t none[8];

	while (!memcmp(a->ifid, none, sizeof(none)))
		if (RAND_bytes(a->ifid, sizeof(a->ifid)) != 1)
			return false;
	a->ifid[0] &= 0xfd;
	return true;
}

static void autoconf_ask(struct autoconf *a)
{
	a->solicited = 0;
	loop_arm(a->patience, AUTOCONF_PATIENCE_MS);
	autoconf_on_solicit(-1, 0, a);
}

void autoconf_start(struct autoconf *a, uint32_t ifindex)
{
	if (a->heard && a->ifindex == ifindex) {
		autoconf_ask(a);
		return;
	}
	autoconf_stop(a);
	/* Addresses of the interface that was there before have gone with it. */
	if (a->ifindex != ifindex)
		a->n = 0;
	a->ifindex = ifindex;
	for (unsigned int i = 0; i < a->n; i++)
		a->addrs[i].now = false;
	a->tidy = false;
	a->warned = false;
	if (autoconf_choose_ifid(a) && autoconf_listen(a))
		autoconf_ask(a);
}

void autoconf_stop(struct autoconf *a)
{
	if (!a->heard)
		return;
	loop_free(&a->heard);
	loop_free(&a->pause);
	loop_free(&a->solicit);
	loop_free(&a->patience);
	loop_free(&a->expiry);
	loop_free(&a->aging);
	loop_free(&a->names_expiry);
	close(a->fd);
}

void autoconf_forget(struct autoconf *a)
{
	autoconf_stop(a);
	while (a->n)
		autoconf_remove(a, 0);
}

const struct in6_addr *autoconf_address(const struct autoconf *a)
{
	for (unsigned int i = 0; i < a->n; i++)
		if (a->addrs[i].now)
			return &a->addrs[i].addr;
	return NULL;
}
