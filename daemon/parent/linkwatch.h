/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Interfaces of sessions that somebody sets down and up again (an operator, ifupdown,
 * NetworkManager): what the kernel takes away with that is laid again. Not in other
 * network namespaces. And changes of the network that concern the connections of clients.
 */
#ifndef SSTPD_LINKWATCH_H
#define SSTPD_LINKWATCH_H

/** linkwatch_start() - @ways: the way to somewhere may be another one, NULL = nobody asks */
void linkwatch_start(void (*ways)(void));
void linkwatch_stop(void);

#endif /* SSTPD_LINKWATCH_H */
