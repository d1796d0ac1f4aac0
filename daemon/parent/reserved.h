/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What accounts of the users file have for good, used or not: no pool may give it
 * to anybody else.
 */
#ifndef SSTPD_RESERVED_H
#define SSTPD_RESERVED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "auth/userdb.h"

/** reserved_set() - forget what was there, take what @db says; NULL: nothing */
void reserved_set(const struct userdb *db);

/** reserved_has() - is @addr, in host byte order, the address of an account? */
bool reserved_has(uint32_t addr);
/** reserved_has6() - is the /64 at @prefix6 that of an account? */
bool reserved_has6(const struct conf_route *prefix6);

/** reserved_bits() - upper half of an IPv6 address: what tells /64 prefixes apart */
uint64_t reserved_bits(const struct conf_route *prefix6);

/** reserved_address() - the addresses, each one once; false: no number @i */
bool reserved_address(size_t i, uint32_t *addr);

#endif /* SSTPD_RESERVED_H */
