/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Socket addresses as text and compared. */
#ifndef SSTPD_ADDR_H
#define SSTPD_ADDR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#define ADDR_TEXT_MAX	64
#define ADDR_PREFIX_MAX	50
#define ADDR_SOURCE_LEN	9

/** addr_text() - "192.0.2.1:443" or "[2001:db8::1]:443" */
void addr_text(const struct sockaddr_storage *ss, char *text, size_t size);

/** addr_prefix_text() - "192.0.2.0/24", "2001:db8::/32"; @family 0: "" */
void addr_prefix_text(int family, const uint8_t *addr, unsigned int len,
		      char text[static ADDR_PREFIX_MAX]);

/** addr_same_host() - equal but for the port; a mapped IPv4 address is IPv4 */
bool addr_same_host(const struct sockaddr_storage *a,
		    const struct sockaddr_storage *b);

/** addr_source() - what limits go by: an IPv4 address, or an IPv6 /64 */
void addr_source(const struct sockaddr_storage *ss,
		 uint8_t source[static ADDR_SOURCE_LEN]);

/** addr_within() - is @ss in the prefix of @len bits at @prefix? */
bool addr_within(const struct sockaddr_storage *ss, int family,
		 const uint8_t *prefix, unsigned int len);

/** addr_unmap() - turn an IPv4-mapped IPv6 address into plain IPv4 */
void addr_unmap(struct sockaddr_storage *ss);

/** addr_freebind() - socket @fd may be bound to @ss though that need not be there yet */
void addr_freebind(int fd, const struct sockaddr_storage *ss);

/** addr_len() - length of the address for bind() and connect() */
socklen_t addr_len(const struct sockaddr_storage *ss);

#endif /* SSTPD_ADDR_H */
