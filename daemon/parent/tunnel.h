/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The tunnel of one session in the kernel: interface, addresses, routes, what its
 * policy says of it, data path. Runs in the parent, and in the network namespace
 * of the session (netns.h).
 *
 * Server: an interface per session, gone with it. Client: an interface per
 * [client] section that stays until the daemon ends, so that addresses, rules
 * and routes laid over it survive a reconnect; without a session it has no
 * carrier.
 */
#ifndef SSTPD_TUNNEL_H
#define SSTPD_TUNNEL_H

#include "boundary/msg.h"
#include "conf/conf.h"
#include "netlink/nl_sstp.h"
#include "parent/table.h"

/** tunnel_init() - @conf must stay valid */
void tunnel_init(const struct conf *conf);

/**
 * tunnel_sweep() - remove interfaces that a killed daemon left behind, and no session
 *	of ours goes on with
 *
 * Only once it is sure that no other daemon has the same control socket. Those in
 * other namespaces go when the first session comes there.
 */
void tunnel_sweep(void);

/**
 * tunnel_up() - build the tunnel of @e
 * @req: what the engine asked for; the kernel path takes the socket of @e, too
 * @fd: receives the session fd or TUN descriptor, for the engine
 *
 * Return: 0, or -1 with nothing left behind and the reason in @err.
 */
int tunnel_up(struct entry *e, const struct msg_path_open *req, int *fd,
	      struct nl_err *err);

/** tunnel_mtu_of() - of its interface, when @net is what was agreed upon */
uint32_t tunnel_mtu_of(const struct entry *e, const struct ppp_network *net);

/**
 * tunnel_take_over() - @e goes on with the tunnel of @old, by another connection
 *
 * As tunnel_up(), and nothing has happened to @old if it fails. If it does not, @old has
 * no tunnel any more, but a session in the kernel until tunnel_cut().
 */
int tunnel_take_over(struct entry *e, struct entry *old, const struct msg_path_open *req,
		     int *fd, struct nl_err *err);

/**
 * tunnel_join() - @e is one more connection of the tunnel of @leader, in its slot
 * @old: which has been that of this one, that is none any more; NULL = of nobody
 *
 * As tunnel_up(), and the interface has all that it has already. The kernel's session of
 * @old goes on until tunnel_cut().
 */
int tunnel_join(struct entry *e, const struct entry *leader, struct entry *old,
		const struct msg_path_open *req, int *fd, struct nl_err *err);
/** tunnel_part() - and is none any more */
void tunnel_part(struct entry *e);
/** tunnel_bequeath() - the tunnel of @old is that of @e now, which has joined it */
void tunnel_bequeath(struct entry *e, struct entry *old);
/** tunnel_protocols_of() - what may pass a connection that has joined */
void tunnel_protocols_of(struct entry *e, const struct ppp_network *net);

/**
 * tunnel_cut() - the kernel's session of @e ends, if there is one, whoever holds it
 *
 * Closing a descriptor does not do: a service manager's copy is closed later.
 */
void tunnel_cut(struct entry *e);

/**
 * tunnel_resume() - the tunnel of @e stands, another process has built it
 *
 * Return: 0; 1 if only its interface is there, which is up to tunnel_down(), the session
 * has ended; -1 if there is nothing. Else than 0 with the reason in @err.
 */
int tunnel_resume(struct entry *e, struct nl_err *err);

/** tunnel_update() - another network protocol has come up */
void tunnel_update(struct entry *e, const struct ppp_network *net);

/** tunnel_set_rates() - bit/s, 0 = as it is; false, with a line in the log */
bool tunnel_set_rates(struct entry *e, uint64_t down, uint64_t up);

/** tunnel_idle() - kernel path: ms since anything was received from the peer */
int tunnel_idle(const struct entry *e, uint32_t *ms, struct nl_err *err);

/** tunnel_stats() - kernel path: what the module counts of the session */
int tunnel_stats(const struct entry *e, struct nl_sstp_stats *stats,
		 struct nl_err *err);

/** tunnel_restore() - somebody may have set the interface of @e down, and up again */
void tunnel_restore(struct entry *e);

/**
 * tunnel_retire() - no packet passes any more, no route leads there
 *
 * The interface stays until tunnel_down(), for its counters.
 */
void tunnel_retire(struct entry *e);

/** tunnel_down() - undo what tunnel_up() did; no-op if it is not up */
void tunnel_down(struct entry *e);

/** tunnel_counts() - what this session has carried so far */
void tunnel_counts(const struct entry *e, struct netcfg_counts *counts);

/** tunnel_count_all() - the sum for all that are up, by one request to the kernel */
void tunnel_count_all(struct netcfg_counts *sum);

/** tunnel_find() - whose interface @ifindex of @ns is, NULL = of none that is up */
struct entry *tunnel_find(const struct netns *ns, uint32_t ifindex);

/** tunnel_count_last() - it ends: from now on tunnel_counts() says what it says now */
void tunnel_count_last(struct entry *e);

/** tunnel_client_name() - NAME of [client NAME], client role */
const char *tunnel_client_name(const struct entry *e);

#endif /* SSTPD_TUNNEL_H */
