/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names of the sessions' interfaces. Pure. */
#ifndef SSTPD_IFNAME_H
#define SSTPD_IFNAME_H

#include <net/if.h>
#include <stdint.h>

/**
 * ifname_from() - a name by a template (interface, in sstpd.conf)
 * @number: for %d
 * @user: for %u; a domain is left out, what cannot be in a name becomes "_",
 *	and what does not fit is cut off
 */
void ifname_from(const char *tmpl, uint32_t number, const char *user,
		 char name[static IFNAMSIZ]);

#endif /* SSTPD_IFNAME_H */
