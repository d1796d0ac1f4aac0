// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Kernel data path: IP packets never come here. The session fd gives control
 * packets and events (uapi/linux/if_sstp.h), and takes control packets.
 */
#include "engine/path.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <unistd.h>

#include <linux/if_sstp.h>
#include <linux/sstp.h>
#include <openssl/ssl.h>

#include "lib/log.h"
#include "lib/loop.h"

/* Messages taken per wake-up. */
#define PATH_KMOD_BATCH	16
/* Packets that wait while the kernel's own queue is full. */
#define PATH_KMOD_QUEUE	256

struct path_kmod_out {
	STAILQ_ENTRY(path_kmod_out) next;
	size_t len;
	uint8_t pkt[];
};

struct path_kmod {
	struct path path;
	int fd;
	const struct path_events *events;
	void *ctx;
	struct event *rd;
	struct event *wr;
	STAILQ_HEAD(, path_kmod_out) out;
	unsigned int queued;
	bool ended;
};

static struct path_kmod *path_kmod_of(struct path *p)
{
	return (struct path_kmod *)p;
}

static void path_kmod_end(struct path_kmod *k, bool not_sstp, const char *why)
{
	if (k->ended)
		return;
	k->ended = true;
	loop_watch(k->rd, false);
	loop_watch(k->wr, false);
	k->events->ended(k->ctx, not_sstp, why);
}

static void path_kmod_end_text(const struct sstp_fd_hdr *hdr, char *why,
			       size_t size)
{
	switch (hdr->reason) {
	case SSTP_END_REASON_ADMIN:
		snprintf(why, size, "session deleted by netlink");
		break;
	case SSTP_END_REASON_LINK_DELETED:
		snprintf(why, size, "interface deleted");
		break;
	case SSTP_END_REASON_PEER_FIN:
		snprintf(why, size, "peer closed TCP");
		break;
	case SSTP_END_REASON_TLS_CLOSE_NOTIFY:
		snprintf(why, size, "peer closed TLS");
		break;
	case SSTP_END_REASON_TLS_ALERT:
		snprintf(why, size, "peer sent TLS alert: %s",
			 SSL_alert_desc_string_long((int)hdr->detail));
		break;
	case SSTP_END_REASON_TLS_ERROR:
		snprintf(why, size, "kTLS failed: %s",
			 strerror((int)hdr->detail));
		break;
	case SSTP_END_REASON_TLS_KEY_UPDATE:
		snprintf(why, size, "peer changed its TLS keys, which the kernel data path cannot follow, or not so often");
		break;
	case SSTP_END_REASON_TLS_UNEXPECTED_RECORD:
		snprintf(why, size, "unexpected TLS record of type %u",
			 hdr->detail);
		break;
	case SSTP_END_REASON_TCP_ERROR:
		snprintf(why, size, "TCP: %s", strerror((int)hdr->detail));
		break;
	case SSTP_END_REASON_BAD_VERSION:
		snprintf(why, size, "not SSTP: version octet 0x%02x",
			 hdr->detail);
		break;
	case SSTP_END_REASON_BAD_LENGTH:
		snprintf(why, size, "not SSTP: packet length %u", hdr->detail);
		break;
	case SSTP_END_REASON_CONTROL_OVERFLOW:
		snprintf(why, size, "too many control packets");
		break;
	default:
		snprintf(why, size, "kernel ended the session (reason %u, detail %u)",
			 hdr->reason, hdr->detail);
	}
}

static void path_kmod_ended(struct path_kmod *k, const struct sstp_fd_hdr *hdr)
{
	char why[160];

	path_kmod_end_text(hdr, why, sizeof(why));
	path_kmod_end(k, hdr->reason == SSTP_END_REASON_BAD_VERSION ||
			 hdr->reason == SSTP_END_REASON_BAD_LENGTH, why);
}

/* Return: false if there is nothing more for now. */
static bool path_kmod_read_one(struct path_kmod *k)
{
	uint8_t buf[SSTP_FD_MSG_MAX];
	struct sstp_fd_hdr hdr;
	ssize_t n;

	n = read(k->fd, buf, sizeof(buf));
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	if (n < (ssize_t)sizeof(hdr)) {
		path_kmod_end(k, false, n < 0 ? strerror(errno) :
			      "kernel closed the session");
		return false;
	}
	memcpy(&hdr, buf, sizeof(hdr));
	switch (hdr.type) {
	case SSTP_FD_TYPE_PACKET:
		k->events->packet(k->ctx, buf + sizeof(hdr),
				  (size_t)n - sizeof(hdr));
		break;
	case SSTP_FD_TYPE_TLS_RECORD:
		log_debug("TLS record of type %u, %zd bytes", hdr.detail,
			  n - (ssize_t)sizeof(hdr));
		break;
	case SSTP_FD_TYPE_END:
		path_kmod_ended(k, &hdr);
		return false;
	default:
		/* A later module may have more to say. */
		log_debug("message of type %u from the kernel", hdr.type);
	}
	return !k->ended;
}

static void path_kmod_on_read(int fd, short what, void *arg)
{
	struct path_kmod *k = arg;

	(void)fd;
	(void)what;
	for (int i = 0; i < PATH_KMOD_BATCH; i++)
		if (!path_kmod_read_one(k))
			return;
}

/* Return: false if the kernel's queue is full. */
static bool path_kmod_write(struct path_kmod *k, const uint8_t *pkt, size_t len)
{
	if (write(k->fd, pkt, len) >= 0)
		return true;
	/* EPIPE: END is waiting to be read and says why. */
	return errno != EAGAIN && errno != EINTR;
}

static void path_kmod_on_write(int fd, short what, void *arg)
{
	struct path_kmod *k = arg;
	struct path_kmod_out *out;

	(void)fd;
	(void)what;
	while ((out = STAILQ_FIRST(&k->out))) {
		if (!path_kmod_write(k, out->pkt, out->len))
			return;
		STAILQ_REMOVE_HEAD(&k->out, next);
		k->queued--;
		free(out);
	}
	loop_watch(k->wr, false);
}

static void path_kmod_send(struct path *p, const uint8_t *pkt, size_t len)
{
	struct path_kmod *k = path_kmod_of(p);
	struct path_kmod_out *out;

	if (k->ended)
		return;
	if (STAILQ_EMPTY(&k->out) && path_kmod_write(k, pkt, len))
		return;
	out = k->queued < PATH_KMOD_QUEUE ? malloc(sizeof(*out) + len) : NULL;
	if (!out) {
		path_kmod_end(k, false, "peer takes no data");
		return;
	}
	out->len = len;
	memcpy(out->pkt, pkt, len);
	STAILQ_INSERT_TAIL(&k->out, out, next);
	k->queued++;
	loop_watch(k->wr, true);
}

static void path_kmod_ip_input(struct path *p, uint16_t proto,
			       const uint8_t *ip, size_t len)
{
	(void)p;
	(void)proto;
	(void)ip;
	(void)len;
}

/* The parent tells the kernel by SESSION_SET. */
static void path_kmod_protocols(struct path *p, bool ipv4, bool ipv6)
{
	(void)p;
	(void)ipv4;
	(void)ipv6;
}

static void path_kmod_drained(struct path *p)
{
	(void)p;
}

static void path_kmod_close(struct path *p)
{
	struct path_kmod *k = path_kmod_of(p);

	if (k->fd < 0)
		return;
	k->ended = true;
	loop_free(&k->rd);
	loop_free(&k->wr);
	close(k->fd);
	k->fd = -1;
}

static void path_kmod_free(struct path *p)
{
	struct path_kmod *k = path_kmod_of(p);
	struct path_kmod_out *out;

	path_kmod_close(p);
	while ((out = STAILQ_FIRST(&k->out))) {
		STAILQ_REMOVE_HEAD(&k->out, next);
		free(out);
	}
	free(k);
}

static const struct path_ops path_kmod_ops = {
	.send = path_kmod_send,
	.ip_input = path_kmod_ip_input,
	.protocols = path_kmod_protocols,
	.drained = path_kmod_drained,
	.close = path_kmod_close,
	.free = path_kmod_free,
};

struct path *path_kmod_new(int fd, const struct path_events *events, void *ctx)
{
	struct path_kmod *k = calloc(1, sizeof(*k));

	if (!k)
		log_fatal("out of memory");
	evutil_make_socket_nonblocking(fd);
	k->path.ops = &path_kmod_ops;
	k->fd = fd;
	k->events = events;
	k->ctx = ctx;
	STAILQ_INIT(&k->out);
	k->rd = loop_event(fd, EV_READ | EV_PERSIST, path_kmod_on_read, k);
	k->wr = loop_event(fd, EV_WRITE | EV_PERSIST, path_kmod_on_write, k);
	loop_watch(k->rd, true);
	return &k->path;
}
