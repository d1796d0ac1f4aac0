/* SPDX-License-Identifier: GPL-2.0-or-later */
/* TUN devices. Only the parent may make them. */
#ifndef SSTPD_TUN_H
#define SSTPD_TUN_H

#include <stdbool.h>

#include "netlink/nl.h"

/**
 * tun_open() - make a TUN device; it goes away with its last descriptor
 *
 * Return: descriptor, or -1; err->code is EEXIST if the name is taken.
 */
int tun_open(const char *name, struct nl_err *err);

/** tun_carrier() - is there a session behind the device? */
void tun_carrier(int fd, bool on);

#endif /* SSTPD_TUN_H */
