/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What accounts of the users file have for good, used or not: no pool may give it
 * to anybody else.
 */
#ifndef SSTPD_FIXED_H
#define SSTPD_FIXED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "userdb.h"

/** fixed_set() - forget what was there, take what @db says; NULL: nothing */
void fixed_set(const struct userdb *db);

/** fixed_has() - is @addr, in host byte order, the address of an account? */
bool fixed_has(uint32_t addr);
/** fixed_has6() - is the /64 at @prefix6 that of an account? */
bool fixed_has6(const struct conf_route *prefix6);

/** fixed_bits() - upper half of an IPv6 address: what tells /64 prefixes apart */
uint64_t fixed_bits(const struct conf_route *prefix6);

/** fixed_address() - the addresses, each one once; false: no number @i */
bool fixed_address(size_t i, uint32_t *addr);

#endif /* SSTPD_FIXED_H */
