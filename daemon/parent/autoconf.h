/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Stateless address autoconfiguration (RFC 4862) of a client's interface: its addresses
 * are made of the prefixes that the server advertises. Runs in the parent.
 *
 * The kernel could do that, but takes more: a prefix that is called on-link becomes a
 * route, also if it is the network of another interface. Here it makes an address and
 * nothing else, and none in a network that this host is in already. That the server is a
 * router is passed on, and which name servers it names; what that leads to is not decided
 * here. Where addresses are somebody else's to set, it makes them, and does not set them.
 */
#ifndef SSTPD_AUTOCONF_H
#define SSTPD_AUTOCONF_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

struct event;
struct netns;

/* Of one session, and of the one before it. */
#define AUTOCONF_ADDRS_MAX	8

/**
 * struct autoconf_addr - an address that we made
 * @until_ms: the kernel removes it then; loop_now_ms(), 0 = never
 * @now: this session's advertisements have named its prefix
 */
struct autoconf_addr {
	struct in6_addr addr;
	uint64_t until_ms;
	bool now;
};

/**
 * struct autoconf - of one interface; all zero to begin with
 * @name: of the client, for the log
 * @mark: of packets that do not go through tunnels
 * @only_told: somebody else sets the addresses
 * @netns: namespace of the interface, NULL = ours; entered by whoever calls
 * @ifid: our own identifier: that of IPV6CP may be the server's choice, and with the
 *	prefix it would choose any address of the world as one of this machine
 * @fd: where advertisements are heard, while there is a session; @heard: events of it
 * @pause: then the next one is looked at
 * @solicit: timer of the next solicitation; @solicited: how many there were
 * @patience: timer: none was answered in time
 * @expiry: timer: nothing was heard of the router any more
 * @aging: timer: the next of @addrs expires
 * @tidy: what an earlier session has left is away
 * @warned: the log has been told of a prefix that is not taken
 * @names_expiry: timer: nothing was heard of the name servers any more
 * @router: tells whether the server is a default router; @arg
 * @names: tells the @n name servers that there are now
 * @ready: there is an advertisement, or none came in time; said again with each
 * @heard_all: all that an advertisement says, or what has expired, has been told
 */
struct autoconf {
	const char *name;
	uint32_t mark;
	bool only_told;
	const struct netns *netns;
	uint32_t ifindex;
	uint8_t ifid[8];
	int fd;
	struct event *heard;
	struct event *pause;
	struct event *solicit;
	struct event *patience;
	unsigned int solicited;
	struct event *expiry;
	struct event *aging;
	bool tidy;
	bool warned;
	struct event *names_expiry;
	void (*router)(void *arg, bool is);
	void (*names)(void *arg, const struct in6_addr *servers, unsigned int n);
	void (*ready)(void *arg);
	void (*heard_all)(void *arg);
	void *arg;
	unsigned int n;
	struct autoconf_addr addrs[AUTOCONF_ADDRS_MAX];
};

/**
 * autoconf_start() - a session is up: listen and ask; or ask again, it is up still
 *
 * Addresses of an earlier session stay until this one has others.
 */
void autoconf_start(struct autoconf *a, uint32_t ifindex);

/** autoconf_stop() - the session is over, the addresses stay; no-op if there is none */
void autoconf_stop(struct autoconf *a);

/** autoconf_forget() - stop, and remove the addresses */
void autoconf_forget(struct autoconf *a);

/** autoconf_address() - one that is of this session, NULL = there is none */
const struct in6_addr *autoconf_address(const struct autoconf *a);

#endif /* SSTPD_AUTOCONF_H */
