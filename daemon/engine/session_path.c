// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The hand-over of a session to its data path.
 *
 *	SESSION_LINK	-> call Connected, an NCP Opened ->
 *	SESSION_BOUNDARY   kernel path: everything sent, TLS at a record boundary
 *	SESSION_ASKED	   TLS keys with kTLS, the parent was given the socket
 *	SESSION_UP	   the parent sent a session fd (or TUN device)
 *
 * Whenever the kernel path turns out not to be possible, the TUN path is taken
 * with that reason, over OpenSSL or, if kTLS has the keys by then, over the
 * kTLS socket. Nothing received meanwhile is lost: see session_stream().
 */
#include "engine/session_priv.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#include "engine/uplink.h"
#include "lib/log.h"
#include "lib/loop.h"

/* IPV6CP often opens first; an interface with both is wanted if there is one. */
#define SESSION_IPCP_WAIT_MS	3000

/*
 * The kernel takes a socket that nobody else holds. A child of the parent that has not
 * yet become another program does, or who looks through /proc: not for long.
 */
#define SESSION_BUSY_MS		20
#define SESSION_BUSY_MAX	10

static bool session_network_is_up(const struct session *s)
{
	return s->net.ipv4 || s->net.ipv6;
}

static const char *session_no_kernel(const struct session *s, char *why,
				     size_t size)
{
	if (s->cfg.link->path == CONF_PATH_TUN)
		return "configured";
	if (*session_kernel_lacks())
		return session_kernel_lacks();
	if (!tls_kernel_possible(s->tls, why, size))
		return why;
	return NULL;
}

static void session_forget_secrets(struct msg_path_open *open)
{
	open->secret_len = 0;
	OPENSSL_cleanse(open->tx_secret, sizeof(open->tx_secret));
	OPENSSL_cleanse(open->rx_secret, sizeof(open->rx_secret));
}

static void session_choose_tun(struct session *s, const char *why)
{
	session_forget_secrets(s->open);
	s->open->kind = MSG_PATH_TUN;
	snprintf(s->open->why, sizeof(s->open->why), "%s", why);
}

/* Another connection of a client whose tunnel carries IPv6: it asks for what it had. */
static bool session_had_ipv6(const struct session *s)
{
	static const uint8_t none[sizeof(s->addrs.ifid)];

	return memcmp(s->addrs.ifid, none, sizeof(none)) != 0;
}

void session_path_check(struct session *s)
{
	char text[MSG_TEXT_MAX];
	const char *why;

	if (s->stage != SESSION_LINK || s->stopping ||
	    s->call.state != CALL_CONNECTED || !session_network_is_up(s))
		return;
	if (!s->waited && (!s->net.ipv4 || (session_had_ipv6(s) && !s->net.ipv6))) {
		loop_arm(s->advance, SESSION_IPCP_WAIT_MS);
		return;
	}
	s->open = calloc(1, sizeof(*s->open));
	if (!s->open)
		log_fatal("out of memory");
	s->open->id = s->id;
	s->open->kind = MSG_PATH_KERNEL;
	tls_describe(s->tls, s->open->tls, sizeof(s->open->tls));
	why = session_no_kernel(s, text, sizeof(text));
	if (why)
		session_choose_tun(s, why);
	s->stage = SESSION_BOUNDARY;
	event_active(s->advance, EV_TIMEOUT, 0);
}

/* Both ends, for the parent's look-ups. One that has just gone has no peer. */
static void session_path_ends(const struct session *s, struct msg_path_open *open)
{
	socklen_t len = sizeof(struct sockaddr_storage);
	int fd = tls_fd(s->tls);

	if (getsockname(fd, (struct sockaddr *)&open->tcp_local, &len) < 0)
		open->tcp_local.ss_family = AF_UNSPEC;
	len = sizeof(struct sockaddr_storage);
	if (getpeername(fd, (struct sockaddr *)&open->tcp_peer, &len) < 0)
		open->tcp_peer.ss_family = AF_UNSPEC;
}

/* PPP has come to its end meanwhile: nobody wants a data path any more. */
static void session_path_back(struct session *s)
{
	struct msg_path_open *open = s->open;

	session_forget_secrets(open);
	s->open = NULL;
	s->stage = SESSION_LINK;
	session_stream(s, open->pending, open->pending_len);
	if (s->stage != SESSION_ENDED)
		tls_pause(s->tls, false);
	free(open);
}

static void session_path_ask(struct session *s)
{
	if (!session_network_is_up(s)) {
		session_path_back(s);
		return;
	}
	/* Configured "kernel" means: rather no tunnel than the slow one. */
	if (s->open->kind == MSG_PATH_TUN &&
	    s->cfg.link->path == CONF_PATH_KERNEL) {
		char text[MSG_TEXT_MAX + 40];

		snprintf(text, sizeof(text), "no kernel data path: %s",
			 s->open->why);
		s->stage = SESSION_LINK;
		call_disconnect(&s->call, REASON_INTERNAL, text);
		return;
	}
	session_path_ends(s, s->open);
	s->open->record_size = tls_record_size(s->tls);
	s->open->net = s->net;
	s->told = s->net;
	if (s->open->kind == MSG_PATH_KERNEL)
		ppp_save(&s->ppp, &s->open->state);
	s->stage = SESSION_ASKED;
	tls_pause(s->tls, true);
	if (s->open->kind == MSG_PATH_KERNEL)
		uplink_tell_fd(MSG_PATH_SOCKET, &(struct msg_session){ .id = s->id },
			       tls_lend(s->tls));
	uplink_tell(MSG_PATH_OPEN, s->open);
}

void session_path_readable(struct session *s)
{
	size_t room = MSG_PENDING_MAX - s->open->pending_len;
	ssize_t n;

	if (s->stage != SESSION_BOUNDARY)
		return;
	if (room)
		n = tls_read(s->tls, s->open->pending + s->open->pending_len,
			     room);
	else
		n = 0;
	if (n < 0)
		return;
	if (n > 0) {
		s->last_rx = loop_now_ms();
		s->open->pending_len += (uint32_t)n;
	}
	if (s->open->pending_len == MSG_PENDING_MAX)
		session_choose_tun(s, "peer sent too much during the hand-over");
	session_path_advance(s);
}

void session_path_advance(struct session *s)
{
	char why[MSG_TEXT_MAX];

	if (s->stage == SESSION_LINK) {
		s->waited = true;
		session_path_check(s);
		return;
	}
	if (s->stage == SESSION_ASKED && s->busy)
		session_path_ask(s);
	if (s->stage != SESSION_BOUNDARY)
		return;
	if (s->open->kind == MSG_PATH_KERNEL) {
		/* drained() or readable() bring us back. */
		if (!tls_at_boundary(s->tls))
			return;
		if (session_kernel_rekeys())
			s->open->secret_len = (uint32_t)tls_secrets(s->tls, s->open->tx_secret,
								    s->open->rx_secret);
		switch (tls_to_kernel(s->tls, why, sizeof(why))) {
		case 0:
			break;
		case -1:
			session_choose_tun(s, why);
			break;
		default:
			call_closed(&s->call, why);
			return;
		}
	}
	session_path_ask(s);
}

/*
 * Between the kernel taking the socket and us learning of it, a packet written
 * by us would end up in the middle of one of the kernel's. There is no harm in
 * waiting: it is a matter of microseconds.
 */
void session_path_hold(struct session *s, const uint8_t *pkt, size_t len)
{
	if (s->held_len + len > sizeof(s->held)) {
		log_debug("session %u: packet dropped during hand-over", s->id);
		return;
	}
	memcpy(s->held + s->held_len, pkt, len);
	s->held_len += len;
}

static void session_release_held(struct session *s)
{
	struct rbuf in = rbuf_of(s->held, s->held_len);
	struct sstp_stream stream;
	const uint8_t *pkt;
	size_t len;

	sstp_stream_init(&stream);
	s->held_len = 0;
	while (sstp_stream_next(&stream, &in, &pkt, &len) > 0) {
		if (s->path)
			s->path->ops->send(s->path, pkt, len);
		else
			tls_write(s->tls, pkt, len);
	}
}

static void session_on_packet(void *ctx, const uint8_t *pkt, size_t len)
{
	struct session *s = ctx;

	if (s->stage != SESSION_ENDED)
		call_input(&s->call, pkt, len);
}

static void session_on_path_ended(void *ctx, bool not_sstp, const char *why)
{
	struct session *s = ctx;

	if (s->stage == SESSION_ENDED)
		return;
	log_debug("session %u: data path ended: %s", s->id, why);
	if (s->tls)
		call_disconnect(&s->call, REASON_INTERNAL, why);
	else if (not_sstp)
		call_stream_error(&s->call);
	else
		call_closed(&s->call, why);
}

static const struct path_events session_path_events = {
	.packet = session_on_packet,
	.ended = session_on_path_ended,
};

static void session_path_up(struct session *s, int fd)
{
	struct msg_path_open *open = s->open;

	session_forget_secrets(open);
	s->open = NULL;
	s->stage = SESSION_UP;
	s->up = true;
	if (open->kind == MSG_PATH_KERNEL) {
		s->path = path_kmod_new(fd, &session_path_events, s);
		tls_close(s->tls);
		s->tls = NULL;
	} else {
		s->path = path_tun_new(fd, s->tls, s->net.peer_mru,
				       &session_path_events, s);
	}
	s->path->ops->protocols(s->path, s->net.ipv4, s->net.ipv6);
	session_release_held(s);
	if (s->owner->up)
		s->owner->up(s->owner_ctx, s);
	/* A further NCP may have opened while the parent was busy. */
	session_path_protocols(s);
	session_path_remember(s);
	if (s->tls) {
		session_stream(s, open->pending, open->pending_len);
		if (s->stage != SESSION_ENDED)
			tls_pause(s->tls, false);
	}
	free(open);
}

void session_path_adopt(struct session *s, int fd)
{
	s->stage = SESSION_UP;
	s->up = true;
	s->path = path_kmod_new(fd, &session_path_events, s);
	if (s->owner->up)
		s->owner->up(s->owner_ctx, s);
}

/* While an NCP is negotiated anew, what was agreed upon before goes on to count. */
void session_path_remember(const struct session *s)
{
	struct msg_link_state m = { .id = s->id };

	if (s->stage != SESSION_UP || s->tls || !session_network_is_up(s))
		return;
	ppp_save(&s->ppp, &m.state);
	uplink_tell(MSG_LINK_STATE, &m);
}

/* @waits: somebody sees to it that it will be its turn */
static bool session_path_may_ask_again(struct session *s, bool waits)
{
	s->busy = waits ? 1 : s->busy + 1;
	return s->busy <= SESSION_BUSY_MAX;
}

void session_path_opened(struct session *s, const struct msg_path_opened *m,
			 int *fd)
{
	char text[MSG_TEXT_MAX];

	if (s->stage != SESSION_ASKED)
		return;
	if (m->ok && *fd >= 0) {
		session_path_up(s, *fd);
		*fd = -1;
		return;
	}
	if (s->open->kind == MSG_PATH_KERNEL && *fd < 0) {
		call_closed(&s->call, m->error);
		return;
	}
	if (s->open->kind == MSG_PATH_KERNEL) {
		tls_give_back(s->tls, *fd);
		*fd = -1;
		if (m->busy && session_path_may_ask_again(s, m->waits)) {
			loop_arm(s->advance, SESSION_BUSY_MS);
			return;
		}
		log_warn("session %u: kernel data path: %s", s->id, m->error);
		session_choose_tun(s, m->error);
		session_release_held(s);
		if (s->stage == SESSION_ASKED)
			session_path_ask(s);
		return;
	}
	snprintf(text, sizeof(text), "no data path: %.*s",
		 (int)sizeof(text) - 20, m->error);
	s->stage = SESSION_LINK;
	tls_pause(s->tls, false);
	call_disconnect(&s->call, REASON_INTERNAL, text);
}

void session_path_protocols(struct session *s)
{
	struct msg_path_update update = { .id = s->id, .net = s->net };

	if (s->stage != SESSION_UP || !session_network_is_up(s))
		return;
	s->path->ops->protocols(s->path, s->net.ipv4, s->net.ipv6);
	if (!memcmp(&s->net, &s->told, sizeof(s->net)))
		return;
	s->told = s->net;
	uplink_tell(MSG_PATH_UPDATE, &update);
}

void session_path_close(struct session *s)
{
	if (s->path)
		s->path->ops->close(s->path);
}

void session_path_free(struct session *s)
{
	if (s->path)
		s->path->ops->free(s->path);
	s->path = NULL;
	if (s->open)
		session_forget_secrets(s->open);
	free(s->open);
	s->open = NULL;
}
