// SPDX-License-Identifier: GPL-2.0-or-later
#include "parent/advertise.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/icmp6.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/log.h"
#include "lib/loop.h"
#include "netlink/netns.h"
#include "parent/ra.h"
#include "parent/tunnel.h"

/* RFC 4861 section 6.2.1 and 10: the least pause, and some more at the start. */
#define ROUTER_PAUSE_MS		3000
#define ROUTER_INITIAL		3
#define ROUTER_INTERVAL_MS	(RA_ROUTER_S / 3 * 1000)
/* Solicitations read per wake-up. */
#define ROUTER_BATCH		16

/**
 * struct advertise_socket - for all sessions in one network namespace
 * @ns: the namespace, NULL = that of the daemon
 * @sessions: how many use it
 */
struct advertise_socket {
	LIST_ENTRY(advertise_socket) next;
	const struct netns *ns;
	unsigned int sessions;
	int fd;
	struct event *ev;
};

static struct {
	const struct conf *conf;
	LIST_HEAD(, advertise_socket) sockets;
} advertise;

/* ---- advertisements ------------------------------------------------------------ */

/* Of the grant, else of the pool, else of [pool]. */
static void advertise_dns(const struct entry *e, struct in6_addr dns[2])
{
	const struct in6_addr *from[] = {
		e->grant.dns6, e->pool6->dns6, advertise.conf->pools[0].dns6,
	};
	size_t i = 0;

	while (i < 2 && IN6_IS_ADDR_UNSPECIFIED(from[i]))
		i++;
	memcpy(dns, from[i], 2 * sizeof(*dns));
}

/* @dst: who gets it */
static void advertise_send(struct entry *e, const struct in6_addr *dst)
{
	struct sockaddr_in6 to = {
		.sin6_family = AF_INET6,
		.sin6_addr = *dst,
		.sin6_scope_id = e->ifindex,
	};
	struct ra ra = { .mtu = e->mtu };
	uint8_t pkt[RA_LEN_MAX];
	struct wbuf w = wbuf_of(pkt, sizeof(pkt));

	memcpy(&ra.prefix, e->prefix6.addr, sizeof(ra.prefix));
	advertise_dns(e, ra.dns);
	ra_put(&w, &ra);
	if (sendto(e->router->fd, pkt, w.len, 0, (struct sockaddr *)&to, sizeof(to)) < 0)
		log_debug("session %u: router advertisement: %s", e->id,
			  strerror(errno));
	e->advertised_ms = loop_now_ms();
	e->advertised++;
	loop_arm(e->advertise, e->advertised < ROUTER_INITIAL ?
		 ROUTER_PAUSE_MS : ROUTER_INTERVAL_MS);
}

static void advertise_to_all(struct entry *e)
{
	struct in6_addr all;

	inet_pton(AF_INET6, "ff02::1", &all);
	advertise_send(e, &all);
}

static void advertise_on_timer(int fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	advertise_to_all(arg);
}

/*
 * On a point-to-point link the answer may as well go to all. The first one may have come
 * before the client listened: who asks then gets it once more, at once, and alone, as
 * there has to be a pause between two that go to all.
 */
static void advertise_solicited(struct entry *e, const struct in6_addr *from)
{
	uint64_t since = loop_now_ms() - e->advertised_ms;

	if (since >= ROUTER_PAUSE_MS)
		advertise_to_all(e);
	else if (e->advertised == 1 && IN6_IS_ADDR_LINKLOCAL(from))
		advertise_send(e, from);
	else
		loop_arm(e->advertise, (uint32_t)(ROUTER_PAUSE_MS - since));
}

static struct entry *advertise_entry_of(const struct advertise_socket *r,
				     uint32_t ifindex)
{
	struct entry *e = tunnel_find(r->ns, ifindex);

	return e && e->router == r ? e : NULL;
}

/* The interface it came in by; 0 = none, or it came from another link. */
static uint32_t advertise_ifindex(struct msghdr *msg)
{
	struct in6_pktinfo info = { .ipi6_ifindex = 0 };
	int hops = 0;
	struct cmsghdr *c;

	for (c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c)) {
		if (c->cmsg_level != IPPROTO_IPV6)
			continue;
		if (c->cmsg_type == IPV6_PKTINFO)
			memcpy(&info, CMSG_DATA(c), sizeof(info));
		else if (c->cmsg_type == IPV6_HOPLIMIT)
			memcpy(&hops, CMSG_DATA(c), sizeof(hops));
	}
	return hops == 255 ? info.ipi6_ifindex : 0;
}

static void advertise_on_solicitation(int fd, short what, void *arg)
{
	union {
		struct cmsghdr align;
		char data[CMSG_SPACE(sizeof(struct in6_pktinfo)) + CMSG_SPACE(sizeof(int))];
	} control;
	char byte;
	struct iovec iov = { .iov_base = &byte, .iov_len = 1 };
	struct sockaddr_in6 from = { .sin6_family = AF_INET6 };
	struct entry *e;
	int i;

	(void)what;
	for (i = 0; i < ROUTER_BATCH; i++) {
		struct msghdr msg = {
			.msg_name = &from,
			.msg_namelen = sizeof(from),
			.msg_iov = &iov,
			.msg_iovlen = 1,
			.msg_control = control.data,
			.msg_controllen = sizeof(control.data),
		};

		if (recvmsg(fd, &msg, 0) < 0)
			return;
		e = advertise_entry_of(arg, advertise_ifindex(&msg));
		if (e)
			advertise_solicited(e, &from.sin6_addr);
	}
}

/* ---- sockets ------------------------------------------------------------------- */

static bool advertise_option(int fd, int level, int name, const void *value,
			  socklen_t len)
{
	return setsockopt(fd, level, name, value, len) == 0;
}

static bool advertise_set_up(int fd)
{
	struct icmp6_filter filter;
	int on = 1, off = 0, hops = 255;

	ICMP6_FILTER_SETBLOCKALL(&filter);
	ICMP6_FILTER_SETPASS(ND_ROUTER_SOLICIT, &filter);
	return advertise_option(fd, IPPROTO_ICMPV6, ICMP6_FILTER, &filter, sizeof(filter)) &&
	       advertise_option(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, &on, sizeof(on)) &&
	       advertise_option(fd, IPPROTO_IPV6, IPV6_RECVHOPLIMIT, &on, sizeof(on)) &&
	       advertise_option(fd, IPPROTO_IPV6, IPV6_MULTICAST_LOOP, &off, sizeof(off)) &&
	       advertise_option(fd, IPPROTO_IPV6, IPV6_UNICAST_HOPS, &hops, sizeof(hops)) &&
	       advertise_option(fd, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, &hops, sizeof(hops));
}

static int advertise_open(const struct netns *ns)
{
	int fd;

	netns_enter(ns);
	fd = socket(AF_INET6, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK,
		    IPPROTO_ICMPV6);
	netns_leave();
	if (fd >= 0 && advertise_set_up(fd))
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

static struct advertise_socket *advertise_get(const struct netns *ns)
{
	struct advertise_socket *r;

	LIST_FOREACH(r, &advertise.sockets, next) {
		if (r->ns != ns)
			continue;
		r->sessions++;
		return r;
	}
	r = calloc(1, sizeof(*r));
	if (!r)
		log_fatal("out of memory");
	r->ns = ns;
	r->sessions = 1;
	r->fd = advertise_open(ns);
	if (r->fd < 0) {
		log_err("cannot advertise IPv6 prefixes: %s", strerror(errno));
		free(r);
		return NULL;
	}
	r->ev = loop_event(r->fd, EV_READ | EV_PERSIST, advertise_on_solicitation, r);
	loop_watch(r->ev, true);
	LIST_INSERT_HEAD(&advertise.sockets, r, next);
	return r;
}

static void advertise_put(struct advertise_socket *r)
{
	if (--r->sessions)
		return;
	LIST_REMOVE(r, next);
	loop_free(&r->ev);
	close(r->fd);
	free(r);
}

/* ---- sessions ------------------------------------------------------------------ */

/*
 * Where the kernel forwards IPv6 it is a member on every interface anyway; this
 * is for where it does not (yet).
 */
static void advertise_join(const struct entry *e, int option)
{
	struct ipv6_mreq group = { .ipv6mr_interface = e->ifindex };

	inet_pton(AF_INET6, "ff02::2", &group.ipv6mr_multiaddr);
	if (setsockopt(e->router->fd, IPPROTO_IPV6, option, &group, sizeof(group)) < 0)
		log_debug("session %u: group of all routers: %s", e->id,
			  strerror(errno));
}

void advertise_start(struct entry *e)
{
	if (!e->prefix6.family || !e->up || !e->net.ipv6 || e->router)
		return;
	e->router = advertise_get(e->netns);
	if (!e->router)
		return;
	e->advertise = loop_event(-1, 0, advertise_on_timer, e);
	advertise_join(e, IPV6_JOIN_GROUP);
	advertise_to_all(e);
}

void advertise_stop(struct entry *e)
{
	if (!e->router)
		return;
	loop_free(&e->advertise);
	advertise_join(e, IPV6_LEAVE_GROUP);
	advertise_put(e->router);
	e->router = NULL;
}

void advertise_init(const struct conf *conf)
{
	advertise.conf = conf;
}
