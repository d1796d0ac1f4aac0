/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Interfaces without a program called ip: for tests that make and end thousands, or
 * end them at a given moment. A socket acts in the namespace that it was opened in.
 * Functions return 0 or -1.
 */
#ifndef SELFTESTS_RTNL_H
#define SELFTESTS_RTNL_H

#include <stdbool.h>

struct nl_sock;

/* NULL if there is none to be had; rtnl_close() takes NULL. */
struct nl_sock *rtnl_open(void);
void rtnl_close(struct nl_sock *sk);

/* A device of the module, which is up. */
int rtnl_add_sstp(struct nl_sock *sk, const char *name, unsigned int mtu);

/* An IPv4 address; @ifindex is of the socket's namespace, here and below. */
int rtnl_add_address(struct nl_sock *sk, int ifindex, const char *addr, int prefix);

int rtnl_set_up(struct nl_sock *sk, int ifindex, bool up);
int rtnl_delete(struct nl_sock *sk, int ifindex);

/*
 * Give the namespace @netns the number @id, by which the socket's knows it until
 * nothing holds it any more. 0, or -1 if the number is taken.
 */
int rtnl_name_netns(struct nl_sock *sk, int netns, int id);
/* 0 if there is one of that number, else -1. */
int rtnl_find_netns(struct nl_sock *sk, int id);

#endif /* SELFTESTS_RTNL_H */
