// SPDX-License-Identifier: GPL-2.0-or-later
#include "router.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/icmp6.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "log.h"
#include "loop.h"
#include "pool.h"
#include "ra.h"

/* RFC 4861 section 6.2.1 and 10: the least pause, and some more at the start. */
#define ROUTER_PAUSE_MS		3000
#define ROUTER_INITIAL		3
#define ROUTER_INTERVAL_MS	(RA_ROUTER_S / 3 * 1000)
/* Solicitations read per wake-up. */
#define ROUTER_BATCH		16

static struct {
	const struct conf_server *conf;
	struct pool *prefixes;		/* numbers from 1 on, as addresses */
	int fd;
	struct event *ev;
} router = { .fd = -1 };

/* ---- prefixes ------------------------------------------------------------------ */

static void router_make_pool(void)
{
	char last[INET_ADDRSTRLEN], spec[INET_ADDRSTRLEN + 16], err[200];
	uint32_t n = htonl(1u << (64 - router.conf->prefix6.len));

	inet_ntop(AF_INET, &n, last, sizeof(last));
	snprintf(spec, sizeof(spec), "0.0.0.1-%s", last);
	router.prefixes = pool_new(spec, err, sizeof(err));
	if (!router.prefixes)
		log_fatal("prefixes: %s", err);
}

void router_assign(struct entry *e)
{
	uint32_t number, i;

	if (!router.prefixes || !router.conf->link.ipv6)
		return;
	number = pool_get(router.prefixes, e->user);
	if (!number) {
		log_err("user %s: no IPv6 prefix left", e->user);
		return;
	}
	e->prefix6_number = number;
	e->prefix6 = router.conf->prefix6;
	e->prefix6.len = 64;
	for (i = 0, number--; i < 4; i++, number >>= 8)
		e->prefix6.addr[7 - i] |= number & 0xff;
}

void router_release(struct entry *e)
{
	if (e->prefix6_number)
		pool_put(router.prefixes, e->prefix6_number);
	e->prefix6_number = 0;
}

/* ---- advertisements ------------------------------------------------------------ */

static void router_advertise(struct entry *e)
{
	struct sockaddr_in6 to = {
		.sin6_family = AF_INET6,
		.sin6_scope_id = e->ifindex,
	};
	struct ra ra = { .mtu = e->mtu };
	uint8_t pkt[RA_LEN_MAX];
	struct wbuf w = wbuf_of(pkt, sizeof(pkt));

	memcpy(&ra.prefix, e->prefix6.addr, sizeof(ra.prefix));
	memcpy(ra.dns, router.conf->dns6, sizeof(ra.dns));
	ra_put(&w, &ra);
	inet_pton(AF_INET6, "ff02::1", &to.sin6_addr);
	if (sendto(router.fd, pkt, w.len, 0, (struct sockaddr *)&to, sizeof(to)) < 0)
		log_debug("session %u: router advertisement: %s", e->id,
			  strerror(errno));
	e->advertised_ms = loop_now_ms();
	e->advertised++;
	loop_arm(e->advertise, e->advertised < ROUTER_INITIAL ?
		 ROUTER_PAUSE_MS : ROUTER_INTERVAL_MS);
}

static void router_on_timer(int fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	router_advertise(arg);
}

/* On a point-to-point link the answer may as well go to all. */
static void router_solicited(struct entry *e)
{
	uint64_t since = loop_now_ms() - e->advertised_ms;

	if (since >= ROUTER_PAUSE_MS)
		router_advertise(e);
	else
		loop_arm(e->advertise, (uint32_t)(ROUTER_PAUSE_MS - since));
}

static struct entry *router_entry_of(uint32_t ifindex)
{
	struct entry *e;

	for (e = table_first(); e; e = table_next(e))
		if (e->advertise && e->ifindex == ifindex)
			return e;
	return NULL;
}

/* The interface it came in by; 0 = none, or it came from another link. */
static uint32_t router_ifindex(struct msghdr *msg)
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

static void router_on_solicitation(int fd, short what, void *arg)
{
	char control[128], byte;
	struct iovec iov = { .iov_base = &byte, .iov_len = 1 };
	struct entry *e;
	int i;

	(void)what;
	(void)arg;
	for (i = 0; i < ROUTER_BATCH; i++) {
		struct msghdr msg = {
			.msg_iov = &iov,
			.msg_iovlen = 1,
			.msg_control = control,
			.msg_controllen = sizeof(control),
		};

		if (recvmsg(fd, &msg, 0) < 0)
			return;
		e = router_entry_of(router_ifindex(&msg));
		if (e)
			router_solicited(e);
	}
}

/*
 * Where the kernel forwards IPv6 it is a member on every interface anyway; this
 * is for where it does not (yet).
 */
static void router_join(const struct entry *e, int option)
{
	struct ipv6_mreq group = { .ipv6mr_interface = e->ifindex };

	inet_pton(AF_INET6, "ff02::2", &group.ipv6mr_multiaddr);
	if (setsockopt(router.fd, IPPROTO_IPV6, option, &group, sizeof(group)) < 0)
		log_debug("session %u: group of all routers: %s", e->id,
			  strerror(errno));
}

void router_start(struct entry *e)
{
	if (!e->prefix6_number || !e->up || !e->net.ipv6 || e->advertise)
		return;
	e->advertise = loop_event(-1, 0, router_on_timer, e);
	router_join(e, IPV6_JOIN_GROUP);
	router_advertise(e);
}

void router_stop(struct entry *e)
{
	if (!e->advertise)
		return;
	loop_free(&e->advertise);
	router_join(e, IPV6_LEAVE_GROUP);
}

/* ---- start --------------------------------------------------------------------- */

static bool router_option(int level, int name, const void *value, socklen_t len)
{
	return setsockopt(router.fd, level, name, value, len) == 0;
}

static bool router_open(void)
{
	struct icmp6_filter filter;
	int on = 1, off = 0, hops = 255;

	ICMP6_FILTER_SETBLOCKALL(&filter);
	ICMP6_FILTER_SETPASS(ND_ROUTER_SOLICIT, &filter);
	router.fd = socket(AF_INET6, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK,
			   IPPROTO_ICMPV6);
	return router.fd >= 0 &&
	       router_option(IPPROTO_ICMPV6, ICMP6_FILTER, &filter, sizeof(filter)) &&
	       router_option(IPPROTO_IPV6, IPV6_RECVPKTINFO, &on, sizeof(on)) &&
	       router_option(IPPROTO_IPV6, IPV6_RECVHOPLIMIT, &on, sizeof(on)) &&
	       router_option(IPPROTO_IPV6, IPV6_MULTICAST_LOOP, &off, sizeof(off)) &&
	       router_option(IPPROTO_IPV6, IPV6_MULTICAST_HOPS, &hops, sizeof(hops));
}

void router_init(const struct conf_server *conf)
{
	if (!conf->prefix6.family)
		return;
	router.conf = conf;
	if (!router_open())
		log_fatal("cannot advertise IPv6 prefixes: %s", strerror(errno));
	router_make_pool();
	router.ev = loop_event(router.fd, EV_READ | EV_PERSIST,
			       router_on_solicitation, NULL);
	loop_watch(router.ev, true);
}

void router_exit(void)
{
	loop_free(&router.ev);
	if (router.fd >= 0)
		close(router.fd);
	router.fd = -1;
	pool_free(router.prefixes);
	router.prefixes = NULL;
}
