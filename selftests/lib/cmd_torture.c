// SPDX-License-Identifier: GPL-2.0-or-later
/* Rounds of what torture.h says. */
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "net.h"
#include "rnd.h"
#include "rtnl.h"
#include "torture.h"

#define NUMBER		1000		/* of a namespace: the kernel begins at 0 */
#define NUMBERS		8		/* so many may be there at a time */
#define MODULE_DIR	"/sys/module/sstp"
#define ADDR		"10.77.0.9"	/* not that of the packets: they are forwarded */
#define FLOWING		100		/* packets each way, before the ends */
#define SOON_NS		10000000	/* all who end it have to be asleep by then */
#define JITTER_NS	4000000		/* either may be first, by so much */

static int forward(void)
{
	int fd = open("/proc/sys/net/ipv4/ip_forward", O_WRONLY | O_CLOEXEC);
	ssize_t n = write(fd, "1", 1);

	close(fd);
	return n == 1 ? 0 : -1;
}

static int make_device(struct torture *t)
{
	struct nl_sock *sk = rtnl_open();
	int rc = sk ? rtnl_add_sstp(sk, TORTURE_DEVICE, 1400) : -1;

	t->ifindex = if_nametoindex(TORTURE_DEVICE);
	if (!rc)
		rc = rtnl_add_address(sk, t->ifindex, ADDR, 24);
	rtnl_close(sk);
	return rc;
}

/* A namespace with the device, and what acts or sends in it. The caller stays in it. */
static int make_netns(struct torture *t)
{
	struct end *n = t->session;
	bool held = true;

	if (unshare(CLONE_NEWNET))
		return -1;
	t->netns = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
	snprintf(n->netns, sizeof(n->netns), "/proc/self/fd/%d", t->netns);
	if (make_device(t) || forward())
		return -1;
	for (int i = 0; i < 2; i++) {
		if (t->actors[i].way->link)
			t->actors[i].rtnl = rtnl_open();
		if (t->actors[i].way->netns)
			held = false;
	}
	return held ? torture_open_flood(t) : 0;
}

static int wait_until(struct torture *t, bool (*holds)(struct torture *t), const char *what)
{
	int64_t deadline = net_now_ms() + t->script->timeout_ms;

	while (!holds(t)) {
		if (net_now_ms() >= deadline)
			return script_fail(t->script, "waited in vain: %s", what);
		usleep(500);
	}
	return 0;
}

static int number(const struct torture *t)
{
	return NUMBER + t->round % NUMBERS;
}

/* It gets its number, which an earlier one may still have. */
static bool numbered(struct torture *t)
{
	return !rtnl_name_netns(t->home, t->netns, number(t));
}

static bool netns_gone(struct torture *t)
{
	return rtnl_find_netns(t->home, number(t));
}

/* All that a round begins with, and no traffic yet. The caller stays with the peer. */
static int set_up(struct torture *t)
{
	struct script *s = t->script;

	t->netns = t->flood = t->tell_owner = -1;
	t->owner = 0;
	t->received = 0;
	t->over = false;
	if (access(MODULE_DIR, F_OK) && system("modprobe sstp"))
		return script_fail(s, "the module cannot be loaded");
	if (make_netns(t))
		return script_fail(s, "namespace: %s", strerror(errno));
	if (wait_until(t, numbered, "for an earlier namespace to end") ||
	    script_do(s, "connect %s %s", t->server->name, t->peer->name) ||
	    torture_start_owner(t))
		return -1;
	return script_enter(s, t->peer);
}

static int wait_flow(struct torture *t)
{
	int64_t deadline = net_now_ms() + t->script->timeout_ms;

	if (script_do(t->script, "%s stat rx-packets >= %d", t->session->name, FLOWING))
		return -1;
	while (t->received < FLOWING * TORTURE_PACKET_LEN) {
		if (net_now_ms() >= deadline)
			return script_fail(t->script, "%zu bytes came to the peer",
					   (size_t)t->received);
		usleep(1000);
	}
	return 0;
}

static void *act(void *arg)
{
	struct actor *a = arg;

	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &a->at, NULL);
	a->rc = a->way->run(a);
	return NULL;
}

/* But its process id is still taken: somebody may be about to kill it. */
static bool owner_gone(struct torture *t)
{
	siginfo_t info = { 0 };

	return waitid(P_PID, t->owner, &info, WEXITED | WNOHANG | WNOWAIT) || info.si_pid;
}

static bool module_unused(struct torture *t)
{
	char text[16] = "";
	int fd = open(MODULE_DIR "/refcnt", O_RDONLY | O_CLOEXEC);
	ssize_t n = read(fd, text, sizeof(text) - 1);

	(void)t;
	close(fd);
	return n <= 0 || !strcmp(text, "0\n");
}

/* Both at the same time; the owner is gone after that. */
static int end_session(struct torture *t)
{
	struct actor *a = t->actors;
	struct timespec now;
	int rc = 0;

	clock_gettime(CLOCK_MONOTONIC, &now);
	for (int i = 0; i < 2; i++) {
		long ns = now.tv_nsec + SOON_NS + rnd(&t->random, JITTER_NS);

		a[i].at.tv_sec = now.tv_sec + ns / 1000000000;
		a[i].at.tv_nsec = ns % 1000000000;
		if (pthread_create(&a[i].thread, NULL, act, &a[i]))
			abort();
	}
	if (a[0].way->ends || a[1].way->ends)
		rc = wait_until(t, owner_gone, "for the session to end");
	else
		usleep((SOON_NS + JITTER_NS) / 1000);
	kill(t->owner, SIGKILL);
	for (int i = 0; i < 2; i++) {
		pthread_join(a[i].thread, NULL);
		if (!rc && a[i].rc && a[i].way->must)
			rc = script_fail(t->script, "%s failed", a[i].way->name);
	}
	return rc;
}

/* Let go of all that is left of a round. Nothing but the namespace may stay behind. */
static int tear_down(struct torture *t)
{
	if (t->owner > 0) {
		kill(t->owner, SIGKILL);
		waitpid(t->owner, NULL, 0);
	}
	torture_close(&t->tell_owner);
	torture_close(&t->flood);
	torture_close(&t->server->sock);
	torture_close(&t->peer->sock);
	torture_drop_rtnl(&t->actors[0]);
	torture_drop_rtnl(&t->actors[1]);
	torture_close(&t->netns);
	if (script_enter(t->script, t->peer))
		return -1;
	return wait_until(t, module_unused, "for the session to let go of the module");
}

static int run_round(struct torture *t)
{
	pthread_t peer, flood;
	int rc;

	if (pthread_create(&peer, NULL, torture_peer, t))
		abort();
	if (t->flood >= 0 && pthread_create(&flood, NULL, torture_flood, t))
		abort();
	rc = wait_flow(t);
	/* What looked for the flow is in the namespace still. */
	if (script_enter(t->script, t->peer))
		rc = -1;
	if (!rc)
		rc = end_session(t);
	t->over = true;
	pthread_join(peer, NULL);
	if (t->flood >= 0)
		pthread_join(flood, NULL);
	return rc;
}

static int choose_ways(struct torture *t, const char *pair)
{
	size_t len = strcspn(pair, "+");

	for (int i = 0; i < 2; i++)
		t->actors[i].torture = t;
	t->actors[0].way = torture_way(pair, len);
	t->actors[1].way = pair[len] ? torture_way(pair + len + 1, strlen(pair + len + 1)) : NULL;
	return t->actors[0].way && t->actors[1].way ? 0 : -1;
}

static int one_round(struct torture *t)
{
	int rc = set_up(t) || run_round(t) ? -1 : 0;
	const char *first = strdupa(t->script->error);

	if (tear_down(t) && !rc)
		return script_fail(t->script, "round %u, behind it: %s", t->round,
				   strdupa(t->script->error));
	return rc ? script_fail(t->script, "round %u: %s", t->round, first) : 0;
}

static int cmd_torture(struct script *s, struct end *end, int argc, char **argv)
{
	static struct torture t;
	uint32_t rounds = 1, seed = 1;
	int rc = 0;

	t = (struct torture){ .script = s, .session = end };
	if (argc < 3 || choose_ways(&t, argv[2]) ||
	    !(t.server = script_end(s, argv[0])) || !(t.peer = script_end(s, argv[1])) ||
	    script_option_uint(s, argc, argv, "rounds", &rounds) ||
	    script_option_uint(s, argc, argv, "seed", &seed))
		return script_fail(s, "torture: two ends and WAY+WAY must follow");
	t.random = seed;
	t.home = script_enter(s, t.peer) ? NULL : rtnl_open();
	if (!t.home)
		return script_fail(s, "torture: no rtnetlink in the peer's namespace");
	for (t.round = 1; t.round <= rounds && !rc; t.round++)
		rc = one_round(&t);
	for (int i = 0; i < NUMBERS && !rc; i++, t.round++)
		rc = wait_until(&t, netns_gone, "for a namespace to end");
	rtnl_close(t.home);
	end->netns[0] = 0;
	return rc;
}

const struct command cmd_torture_table[] = {
	{ "torture", true, cmd_torture, "SERVER PEER WAY+WAY [rounds=N] [seed=N]" },
	{ 0 },
};
