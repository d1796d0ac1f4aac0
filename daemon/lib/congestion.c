// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/congestion.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/log.h"

/* Return: the kernel's name for it, NULL to leave it as it is. */
static const char *congestion_algorithm(const char *name)
{
	if (!strcmp(name, CONGESTION_SYSTEM))
		return NULL;
	return strcmp(name, CONGESTION_AUTO) ? name : "bbr";
}

static int congestion_apply(int fd, const char *algorithm)
{
	return setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, algorithm,
			  (socklen_t)strlen(algorithm));
}

void congestion_load(const char *name)
{
	const char *algorithm = congestion_algorithm(name);
	int fd;

	if (!algorithm)
		return;
	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	if (congestion_apply(fd, algorithm) == 0)
		log_debug("TCP congestion control: %s", algorithm);
	else if (!strcmp(name, CONGESTION_AUTO))
		log_info("this kernel has no BBR (module tcp_bbr): congested links will have long queues");
	else
		log_warn("tcp-congestion = %s: %s; those there are: sysctl net.ipv4.tcp_available_congestion_control",
			 name, strerror(errno));
	close(fd);
}

void congestion_set(int fd, const char *name)
{
	const char *algorithm = congestion_algorithm(name);

	if (algorithm && congestion_apply(fd, algorithm) < 0)
		log_debug("TCP congestion control %s: %s", algorithm,
			  strerror(errno));
}
