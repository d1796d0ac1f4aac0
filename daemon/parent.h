/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The privileged process. */
#ifndef SSTPD_PARENT_H
#define SSTPD_PARENT_H

#include <stdbool.h>
#include <stdint.h>

#include "conf.h"

#define SSTPD_VERSION	"0.1.0"

/**
 * parent_main() - run the daemon until it is told to stop
 * @ready: called once when everything serves
 *
 * Return: exit status.
 */
int parent_main(const struct conf *conf, void (*ready)(void));

/** parent_disconnect() - ask the engine to end a session; false if unknown */
bool parent_disconnect(uint32_t id);

/** parent_pool_free() - addresses that are left; false if there is no pool */
bool parent_pool_free(uint64_t *n);

#endif /* SSTPD_PARENT_H */
