// SPDX-License-Identifier: GPL-2.0-or-later
#include "parent/descriptors.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

/* sstpctl, scripts, netlink, the other children with their files */
#define DESCRIPTORS_RESERVE	80
/* Of each engine: its channel, its log, and one of each file of a certificate. */
#define DESCRIPTORS_ENGINE	5
#define DESCRIPTORS_CERT	3
/* A session has its socket, and what is made of it, on its way up. */
#define DESCRIPTORS_SESSION	2

/* A reload opens the files of all engines before it tells one of them. */
static rlim_t descriptors_reserve(const struct conf *conf, rlim_t limit)
{
	const struct conf_server *server = &conf->server;
	rlim_t n = DESCRIPTORS_RESERVE;

	n += (rlim_t)conf->main.engines *
	     (DESCRIPTORS_ENGINE + server->n_listen + DESCRIPTORS_CERT * server->n_certs);
	/* Where somebody has set a small limit there are sessions all the same. */
	return n < limit / 2 ? n : limit / 2;
}

static int descriptors_next(void)
{
	int fd = open("/", O_PATH | O_CLOEXEC);

	if (fd >= 0)
		close(fd);
	return fd;
}

bool descriptors_have_room(const struct conf *conf, unsigned int coming)
{
	struct rlimit limit;
	int next;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return true;
	next = descriptors_next();
	return next >= 0 &&
	       (rlim_t)next + (rlim_t)(coming + 1) * DESCRIPTORS_SESSION +
	       descriptors_reserve(conf, limit.rlim_cur) <= limit.rlim_cur;
}
