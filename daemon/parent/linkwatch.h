/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Interfaces of sessions that somebody sets down and up again (an operator, ifupdown,
 * NetworkManager): what the kernel takes away with that is laid again. Not in other
 * network namespaces.
 */
#ifndef SSTPD_LINKWATCH_H
#define SSTPD_LINKWATCH_H

void linkwatch_start(void);
void linkwatch_stop(void);

#endif /* SSTPD_LINKWATCH_H */
