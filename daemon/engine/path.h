/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The data path of a session, as the engine sees it, once the parent has built
 * it: the session fd of sstp.ko (path_kmod.c), or a TUN device between which
 * and the TLS connection the engine carries packets itself (path_tun.c).
 */
#ifndef SSTPD_PATH_H
#define SSTPD_PATH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct tls;

/* Called from the event loop. They may close the path, but not free it. */
struct path_events {
	/* Kernel path: a whole SSTP packet that the kernel does not handle. */
	void (*packet)(void *ctx, const uint8_t *pkt, size_t len);
	/* The path ended by itself; @not_sstp: the peer's bytes are no SSTP. */
	void (*ended)(void *ctx, bool not_sstp, const char *why);
};

struct path;

/**
 * struct path_ops - what a data path can do
 * @send: one whole SSTP packet to the peer, ahead of data
 * @ip_input: an IP packet from the peer (TUN path only)
 * @protocols: which of IPv4 and IPv6 may pass
 * @drained: the TLS send queue is empty (TUN path only)
 * @close: give the device back; on the kernel path this ends the TLS and TCP
 *	connection too. Nothing but free() may follow.
 * @free: release the struct
 */
struct path_ops {
	void (*send)(struct path *p, const uint8_t *pkt, size_t len);
	void (*ip_input)(struct path *p, uint16_t proto, const uint8_t *ip,
			 size_t len);
	void (*protocols)(struct path *p, bool ipv4, bool ipv6);
	void (*drained)(struct path *p);
	void (*close)(struct path *p);
	void (*free)(struct path *p);
};

struct path {
	const struct path_ops *ops;
};

/** path_kmod_new() - @fd: session fd, owned by the path from now on */
struct path *path_kmod_new(int fd, const struct path_events *events, void *ctx);

/**
 * path_tun_new() - carry packets between a TUN device and a TLS connection
 * @fd: the device, owned by the path from now on
 * @tls: stays the caller's and must outlive the path
 * @mru: largest IP packet the peer takes, in bytes
 */
struct path *path_tun_new(int fd, struct tls *tls, uint16_t mru,
			  const struct path_events *events, void *ctx);

#endif /* SSTPD_PATH_H */
