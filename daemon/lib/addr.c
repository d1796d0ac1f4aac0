// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/addr.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

void addr_text(const struct sockaddr_storage *ss, char *text, size_t size)
{
	const struct sockaddr_in6 *sin6 = (const struct sockaddr_in6 *)ss;
	const struct sockaddr_in *sin = (const struct sockaddr_in *)ss;
	char host[INET6_ADDRSTRLEN] = "?";

	if (ss->ss_family == AF_INET) {
		inet_ntop(AF_INET, &sin->sin_addr, host, sizeof(host));
		snprintf(text, size, "%s:%u", host, ntohs(sin->sin_port));
	} else {
		inet_ntop(AF_INET6, &sin6->sin6_addr, host, sizeof(host));
		snprintf(text, size, "[%s]:%u", host, ntohs(sin6->sin6_port));
	}
}

void addr_freebind(int fd, const struct sockaddr_storage *ss)
{
	int on = 1;

	if (ss->ss_family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_FREEBIND, &on, sizeof(on));
	else
		setsockopt(fd, IPPROTO_IP, IP_FREEBIND, &on, sizeof(on));
}

void addr_unmap(struct sockaddr_storage *ss)
{
	struct sockaddr_in6 sin6;
	struct sockaddr_in *sin = (struct sockaddr_in *)ss;

	if (ss->ss_family != AF_INET6)
		return;
	memcpy(&sin6, ss, sizeof(sin6));
	if (!IN6_IS_ADDR_V4MAPPED(&sin6.sin6_addr))
		return;
	memset(ss, 0, sizeof(*ss));
	sin->sin_family = AF_INET;
	sin->sin_port = sin6.sin6_port;
	memcpy(&sin->sin_addr, &sin6.sin6_addr.s6_addr[12], 4);
}

bool addr_same_host(const struct sockaddr_storage *a,
		    const struct sockaddr_storage *b)
{
	if (a->ss_family != b->ss_family)
		return false;
	if (a->ss_family == AF_INET)
		return ((const struct sockaddr_in *)a)->sin_addr.s_addr ==
		       ((const struct sockaddr_in *)b)->sin_addr.s_addr;
	return !memcmp(&((const struct sockaddr_in6 *)a)->sin6_addr,
		       &((const struct sockaddr_in6 *)b)->sin6_addr,
		       sizeof(struct in6_addr));
}

static const uint8_t *addr_bytes(const struct sockaddr_storage *ss)
{
	if (ss->ss_family == AF_INET)
		return (const uint8_t *)&((const struct sockaddr_in *)ss)->sin_addr;
	return (const uint8_t *)&((const struct sockaddr_in6 *)ss)->sin6_addr;
}

void addr_source(const struct sockaddr_storage *ss,
		 uint8_t source[static ADDR_SOURCE_LEN])
{
	size_t len = ss->ss_family == AF_INET ? 4 : 8;

	memset(source, 0, ADDR_SOURCE_LEN);
	source[0] = (uint8_t)len;
	memcpy(source + 1, addr_bytes(ss), len);
}

bool addr_within(const struct sockaddr_storage *ss, int family,
		 const uint8_t *prefix, unsigned int len)
{
	const uint8_t *addr = addr_bytes(ss);
	unsigned int rest = len % 8;

	if (ss->ss_family != family || memcmp(addr, prefix, len / 8))
		return false;
	return !rest || !((addr[len / 8] ^ prefix[len / 8]) >> (8 - rest));
}

socklen_t addr_len(const struct sockaddr_storage *ss)
{
	return ss->ss_family == AF_INET ? sizeof(struct sockaddr_in) :
					  sizeof(struct sockaddr_in6);
}

void addr_prefix_text(int family, const uint8_t *addr, unsigned int len,
		      char text[static ADDR_PREFIX_MAX])
{
	char host[INET6_ADDRSTRLEN];

	*text = '\0';
	if (inet_ntop(family, addr, host, sizeof(host)))
		snprintf(text, ADDR_PREFIX_MAX, "%s/%u", host, len);
}
