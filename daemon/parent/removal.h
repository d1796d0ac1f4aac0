/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Interfaces of sessions that have ended, on their way out. The kernel takes as long to
 * remove one as to remove many at once: what ends in the same turn of the event loop goes
 * together, and of thousands so many at a time that the loop gets turns in between.
 *
 * For what is in the namespace of the daemon. Runs in the parent.
 */
#ifndef SSTPD_REMOVAL_H
#define SSTPD_REMOVAL_H

#include <stdbool.h>
#include <stdint.h>

#include "parent/table.h"

/** removal_init() - @gone is told of each number of a removal_add() that is free again */
void removal_init(void (*gone)(uint32_t number));

/** removal_add() - remove the interface of @e, of whose TUN descriptor this takes possession */
void removal_add(const struct entry *e);

/**
 * removal_make_way() - an interface that has what @e is to have goes now
 * @name: that is its name, otherwise its address or prefix, or its user's routes
 *
 * Return: whether one has gone.
 */
bool removal_make_way(const struct entry *e, bool name);

/** removal_flush() - all of them now, before the daemon ends */
void removal_flush(void);

#endif /* SSTPD_REMOVAL_H */
