/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How many connections each source has. A source is an IPv4 address, or an IPv6
 * /64: who has one address of such a network has all of them. Of IPv6 those of a
 * site, a /48, are counted too: who has one has 65536 sources.
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
/** sources_site_count() - of all of its site; IPv4: 0 */
unsigned int sources_site_count(const struct sockaddr_storage *addr);

#endif /* SSTPD_SOURCES_H */
