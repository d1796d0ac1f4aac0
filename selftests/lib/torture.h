/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Two ways to end a session at the same time, under traffic in both directions. One
 * round, which nothing may outlive:
 *
 *	namespace of the peer end         a namespace of the round
 *	+---------------------------+     +-------------------------------------+
 *	| peer --- TCP + kTLS --- session |  sstp0  forwards what the peer      |
 *	|                           |     |         sends back to it; what the  |
 *	|                           |     |         flood sends goes there, too |
 *	+---------------------------+     +-------------------------------------+
 *
 * The session belongs to a process of its own, the owner, which can be killed. The
 * namespace is held by one descriptor, which can be closed, and by the flood, which
 * is left out where the namespace is to end. That of the peer knows it by a number as
 * long as anything holds it. The kernel takes its time to end a namespace: the next
 * rounds begin meanwhile.
 */
#ifndef SELFTESTS_TORTURE_H
#define SELFTESTS_TORTURE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

#include "script.h"

#define TORTURE_DEVICE		"sstp0"
#define TORTURE_PACKET_LEN	1200

struct torture;
struct actor;

/**
 * struct way - how a session can end
 * @name: in a script
 * @run: does it; -1 if that was not possible, which may be due to the other one
 * @must: it may not fail
 * @ends: the session is over after it
 * @netns: needs that nobody else holds the namespace
 * @link: uses actor->rtnl
 */
struct way {
	const char *name;
	int (*run)(struct actor *a);
	bool must, ends, netns, link;
};

/**
 * struct actor - a thread that ends the session
 * @torture: what it belongs to
 * @way: how it does
 * @rtnl: socket in the namespace, or NULL
 * @at: when, of CLOCK_MONOTONIC
 * @rc: what came of it
 */
struct actor {
	pthread_t thread;
	struct torture *torture;
	const struct way *way;
	struct nl_sock *rtnl;
	struct timespec at;
	int rc;
};

/**
 * struct torture - what a round is made of
 * @script: whose ends are used
 * @server: end whose socket becomes the session's
 * @peer: the other side of the connection
 * @session: end in the namespace of the round
 * @actors: both that end the session
 * @round: counts them, from 1
 * @random: state of the numbers that decide who is first
 * @home: rtnetlink socket in the peer's namespace
 * @netns: that of the round
 * @ifindex: of the device
 * @owner: process
 * @tell_owner: pipe; a byte makes it close the session
 * @flood: UDP socket in the namespace, or -1
 * @received: bytes that came to the peer
 * @over: threads of traffic are to end
 */
struct torture {
	struct script *script;
	struct end *server, *peer, *session;
	struct actor actors[2];
	unsigned int round;
	uint64_t random;
	struct nl_sock *home;
	int netns;
	int ifindex;
	pid_t owner;
	int tell_owner;
	int flood;
	atomic_size_t received;
	atomic_bool over;
};

/* By its name, which is the first @len bytes there; NULL if there is none. */
const struct way *torture_way(const char *name, size_t len);

/* Close the socket of an actor, which would hold the namespace. */
void torture_drop_rtnl(struct actor *a);

/* The session, in a process of its own. 0, or -1 with the script's error set. */
int torture_start_owner(struct torture *t);

/* Threads, for a struct torture: the peer, and a program that sends to it. */
void *torture_peer(void *arg);
void *torture_flood(void *arg);
/* The socket of the latter, in the namespace that the caller is in. 0 or -1. */
int torture_open_flood(struct torture *t);

/* Close it, if there is one. */
static inline void torture_close(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

#endif /* SELFTESTS_TORTURE_H */
