/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How many connections each source has. A source is an IPv4 address, or an IPv6
 * /64: who has one address of such a network has all of them.
 */
#ifndef SSTPD_SOURCES_H
#define SSTPD_SOURCES_H

#include <sys/socket.h>

struct source;

/** sources_get() - count one more connection of @addr; never NULL */
struct source *sources_get(const struct sockaddr_storage *addr);
/** sources_put() - one less; NULL is fine */
void sources_put(struct source *source);
/** sources_count() - connections of @addr */
unsigned int sources_count(const struct sockaddr_storage *addr);

#endif /* SSTPD_SOURCES_H */
