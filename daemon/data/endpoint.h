/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the connections of one client have in common: a random number of its own, which
 * only its server hears, inside TLS. By it, and the user, a server knows the client that
 * comes by another connection (LCP's Endpoint-Discriminator, RFC 1990 section 5.1.3).
 */
#ifndef SSTPD_DATA_ENDPOINT_H
#define SSTPD_DATA_ENDPOINT_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define ENDPOINT_LEN	16

/** struct endpoint - @id: all zero = none */
struct endpoint {
	uint8_t id[ENDPOINT_LEN];
};

static inline bool endpoint_is_set(const struct endpoint *e)
{
	static const struct endpoint none;

	return memcmp(e, &none, sizeof(none)) != 0;
}

#endif /* SSTPD_DATA_ENDPOINT_H */
