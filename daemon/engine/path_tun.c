// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * TUN data path, for kernels without sstp.ko and ciphers kTLS does not know.
 *
 * To the peer: packets are read from the device into one buffer, each behind
 * its SSTP and PPP header, so that one TLS record carries many. While the TLS
 * send queue holds more than PATH_TUN_QUEUE the device is not read: its own
 * queue fills up and the senders behind it slow down.
 *
 * From the peer: each packet is written to the device at once. What it does
 * not take is dropped, as a router would.
 */
#include "engine/path.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/log.h"
#include "lib/loop.h"
#include "ppp/ppp_pkt.h"
#include "sstp/sstp_pkt.h"
#include "tls/tls.h"

#define PATH_TUN_BATCH	16384		/* bytes: one TLS record */
#define PATH_TUN_QUEUE	(4 * PATH_TUN_BATCH)
#define PATH_TUN_ROUNDS	4		/* batches per wake-up: what tls.c reads in one */
#define PATH_TUN_IP_MAX	(SSTP_PKT_MAX - SSTP_DATA_HDR_LEN)

struct path_tun {
	struct path path;
	int fd;
	struct tls *tls;
	uint16_t mru;
	bool ipv4;
	bool ipv6;
	bool ended;
	struct event *rd;
	const struct path_events *events;
	void *ctx;
};

static struct path_tun *path_tun_of(struct path *p)
{
	return (struct path_tun *)p;
}

static void path_tun_end(struct path_tun *t, const char *why)
{
	if (t->ended)
		return;
	t->ended = true;
	loop_watch(t->rd, false);
	t->events->ended(t->ctx, false, why);
}

/* The PPP protocol of an IP packet that may pass, else 0. */
static uint16_t path_tun_proto(const struct path_tun *t, const uint8_t *ip,
			       size_t len)
{
	if (!len || len > t->mru)
		return 0;
	if (ip[0] >> 4 == 4 && t->ipv4)
		return PPP_PROTO_IP;
	if (ip[0] >> 4 == 6 && t->ipv6)
		return PPP_PROTO_IPV6;
	return 0;
}

/*
 * Fills one buffer. Return: bytes in it; *@more is false if the device had
 * nothing more to give.
 */
static size_t path_tun_fill(struct path_tun *t, uint8_t *buf, bool *more)
{
	uint16_t proto;
	size_t used = 0;
	uint8_t *ip;
	ssize_t n;

	while (PATH_TUN_BATCH - used >= SSTP_DATA_HDR_LEN + PATH_TUN_IP_MAX) {
		ip = buf + used + SSTP_DATA_HDR_LEN;
		n = read(t->fd, ip, PATH_TUN_IP_MAX);
		if (n <= 0) {
			*more = false;
			if (n < 0 && errno != EAGAIN && errno != EINTR)
				path_tun_end(t, "interface deleted");
			break;
		}
		proto = path_tun_proto(t, ip, (size_t)n);
		if (!proto)
			continue;
		sstp_put_data_hdr(buf + used, proto, (size_t)n);
		used += SSTP_DATA_HDR_LEN + (size_t)n;
	}
	return used;
}

static void path_tun_on_read(int fd, short what, void *arg)
{
	struct path_tun *t = arg;
	bool more = true;
	uint8_t *buf;
	int i;

	(void)fd;
	(void)what;
	for (i = 0; i < PATH_TUN_ROUNDS && more && !t->ended; i++) {
		if (tls_queued(t->tls) >= PATH_TUN_QUEUE) {
			loop_watch(t->rd, false);
			return;
		}
		buf = tls_reserve(t->tls, PATH_TUN_BATCH);
		if (!buf)
			return;
		tls_commit(t->tls, path_tun_fill(t, buf, &more));
	}
}

static void path_tun_drained(struct path *p)
{
	struct path_tun *t = path_tun_of(p);

	if (!t->ended)
		loop_watch(t->rd, true);
}

static void path_tun_send(struct path *p, const uint8_t *pkt, size_t len)
{
	tls_write(path_tun_of(p)->tls, pkt, len);
}

/* The device goes by the version alone: that has to be what the peer said it is. */
static bool path_tun_may_enter(const struct path_tun *t, uint16_t proto,
			       const uint8_t *ip, size_t len)
{
	if (!len)
		return false;
	if (proto == PPP_PROTO_IP)
		return t->ipv4 && ip[0] >> 4 == 4;
	return t->ipv6 && ip[0] >> 4 == 6;
}

static void path_tun_ip_input(struct path *p, uint16_t proto,
			      const uint8_t *ip, size_t len)
{
	struct path_tun *t = path_tun_of(p);

	if (t->ended || !path_tun_may_enter(t, proto, ip, len))
		return;
	if (write(t->fd, ip, len) < 0 && (errno == EBADFD || errno == EIO))
		log_debug("TUN: %s", strerror(errno));
}

static void path_tun_protocols(struct path *p, bool ipv4, bool ipv6)
{
	struct path_tun *t = path_tun_of(p);

	t->ipv4 = ipv4;
	t->ipv6 = ipv6;
}

static void path_tun_close(struct path *p)
{
	struct path_tun *t = path_tun_of(p);

	if (t->fd < 0)
		return;
	t->ended = true;
	loop_free(&t->rd);
	close(t->fd);
	t->fd = -1;
}

static void path_tun_free(struct path *p)
{
	path_tun_close(p);
	free(path_tun_of(p));
}

static const struct path_ops path_tun_ops = {
	.send = path_tun_send,
	.ip_input = path_tun_ip_input,
	.protocols = path_tun_protocols,
	.drained = path_tun_drained,
	.close = path_tun_close,
	.free = path_tun_free,
};

struct path *path_tun_new(int fd, struct tls *tls, uint16_t mru,
			  const struct path_events *events, void *ctx)
{
	struct path_tun *t = calloc(1, sizeof(*t));

	if (!t)
		log_fatal("out of memory");
	t->path.ops = &path_tun_ops;
	t->fd = fd;
	t->tls = tls;
	t->mru = mru;
	t->events = events;
	t->ctx = ctx;
	evutil_make_socket_nonblocking(fd);
	t->rd = loop_event(fd, EV_READ | EV_PERSIST, path_tun_on_read, t);
	loop_watch(t->rd, true);
	return &t->path;
}
