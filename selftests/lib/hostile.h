/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The SSTP stream of a peer that means harm. Each packet is right in most
 * respects, so that whoever looks further is reached, and wrong in some.
 */
#ifndef SELFTESTS_HOSTILE_H
#define SELFTESTS_HOSTILE_H

#include <stdbool.h>
#include <stdint.h>

#include "mixed.h"
#include "wire.h"

struct hostile {
	uint64_t random;
	struct mixed mixed;
};

void hostile_init(struct hostile *h, uint64_t seed);

/* Append a packet that must not end the session (MS-SSTP 3.1.5.1, RFC 1661). */
void hostile_packet(struct hostile *h, struct wire_buf *out);

/* Append bytes behind which nothing can be delimited: they must end it. */
void hostile_poison(struct hostile *h, struct wire_buf *out);

#endif /* SELFTESTS_HOSTILE_H */
