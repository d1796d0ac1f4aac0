/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One sstpd as a client: its files, its process, and what it tells by its control socket.
 *
 * A connection has a directory, so that what was left by a service that was killed is
 * found, and is cleared away by the next one and its sstpd.
 */
#ifndef SSTPD_NM_TUNNEL_H
#define SSTPD_NM_TUNNEL_H

#include <glib.h>

#include "nm/nm_conf.h"
#include "nm/nm_session.h"

/* Below the directory of sstpd's control sockets, which its AppArmor profile allows. */
#define NM_TUNNEL_RUN	"/run/sstpd"

enum nm_tunnel_end {
	NM_TUNNEL_LOGIN,	/* user or password was refused */
	NM_TUNNEL_FAILED,
};

/**
 * struct nm_tunnel_ops - what becomes of it
 * @up: there is a session; again when there is more to say of it
 * @ended: sstpd is gone, all that was its own too
 */
struct nm_tunnel_ops {
	void (*up)(const struct nm_session *session, void *arg);
	void (*ended)(enum nm_tunnel_end how, void *arg);
};

struct nm_tunnel;

/** nm_tunnel_dir() - the directory of a connection; to be freed */
char *nm_tunnel_dir(const char *uuid);

/**
 * nm_tunnel_start() - write @conf into @dir, and start sstpd
 *
 * Return: NULL with @error
 */
struct nm_tunnel *nm_tunnel_start(const char *sstpd, const char *dir,
				  const struct nm_conf *conf,
				  const struct nm_tunnel_ops *ops, void *arg,
				  GError **error);

/** nm_tunnel_end() - end it in order; @ops tell when it has ended */
void nm_tunnel_end(const struct nm_tunnel *t);

/** nm_tunnel_stop() - end it in order, and wait for that; frees @t, and calls nothing */
void nm_tunnel_stop(struct nm_tunnel *t);

#endif /* SSTPD_NM_TUNNEL_H */
