// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Name resolution in a process of its own: getaddrinfo() blocks, for seconds
 * when a name server is down, and reads whatever the network answers.
 */
#include "boundary/child.h"

#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "boundary/msg.h"
#include "boundary/proc.h"
#include "boundary/sandbox.h"
#include "lib/log.h"
#include "lib/loop.h"

static struct imsg_chan *resolver_parent;

static void resolver_look_up(const struct msg_lookup *ask)
{
	struct msg_resolved answer = { .client = ask->client };
	const struct addrinfo hints = {
		.ai_family = AF_UNSPEC,
		.ai_socktype = SOCK_STREAM,
		.ai_flags = AI_NUMERICSERV,
	};
	struct addrinfo *list = NULL;
	struct addrinfo *ai;
	char port[8];
	int rc;

	snprintf(port, sizeof(port), "%u", ask->port);
	rc = getaddrinfo(ask->host, port, &hints, &list);
	if (rc)
		snprintf(answer.error, sizeof(answer.error), "%s",
			 gai_strerror(rc));
	for (ai = list; ai && answer.n < MSG_ADDRS_MAX; ai = ai->ai_next) {
		if (ai->ai_family != AF_INET && ai->ai_family != AF_INET6)
			continue;
		memcpy(&answer.addrs[answer.n++], ai->ai_addr, ai->ai_addrlen);
	}
	if (list)
		freeaddrinfo(list);
	imsg_send(resolver_parent, MSG_RESOLVED, &answer, -1);
}

static void resolver_on_message(void *ctx, struct imsg *m, const char *why)
{
	(void)ctx;
	if (!m) {
		log_debug("parent is gone (%s)", why);
		loop_stop();
		return;
	}
	switch (m->type) {
	case MSG_LOG_LEVEL:
		log_set_level(((const struct msg_log_level *)m->body)->level);
		break;
	case MSG_START:
		imsg_send(resolver_parent, MSG_READY, &(struct msg_none){ 0 },
			  -1);
		break;
	case MSG_PING:
		imsg_send(resolver_parent, MSG_PONG, &(struct msg_none){ 0 }, -1);
		break;
	case MSG_LOOKUP:
		resolver_look_up(m->body);
		break;
	default:
		log_fatal("unexpected message %s", msg_rules[m->type].name);
	}
}

int resolver_main(const char *user)
{
	/* Name servers that do not answer must not make it look as if it hung. */
	setenv("RES_OPTIONS", "timeout:2 attempts:2", 1);
	loop_init();
	/* No chroot: name service is made of files, and NSS modules are. */
	proc_confine(user, &(struct proc_limits){ .files = 64 });
	sandbox_enter(SANDBOX_RESOLVER);
	resolver_parent = imsg_open(PROC_CHANNEL_FD, msg_rules, MSG_TYPES,
				    MSG_PARENT, resolver_on_message, NULL);
	loop_run();
	return 0;
}
