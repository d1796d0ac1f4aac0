// SPDX-License-Identifier: GPL-2.0-only
/*
 * Take over a connected kTLS socket, and give it up.
 *
 * The session keeps the socket's *file*, so that neither close() in the owner
 * nor its death takes the socket away. Only the four callbacks are replaced:
 * kTLS rewrites sk_prot and proto_ops whenever keys are set, so nothing may be
 * stacked on those. Each callback of ours first calls the one it replaced:
 * kTLS parses records in data_ready and pushes out half-sent ones in
 * write_space.
 *
 * TCP calls these with the socket locked (by its owner or in softirq), and they
 * are swapped under lock_sock() and sk_callback_lock: when the swap is done no
 * callback of ours is running.
 */
#include "socket.h"

#include <linux/net.h>
#include <linux/tcp.h>
#include <net/inet_connection_sock.h>
#include <net/sock.h>
#include <net/tcp.h>
#include <net/tls.h>

#include <linux/sstp.h>

#include "device.h"
#include "proto.h"
#include "session.h"

static void sstp_kick_rx(struct sstp_session *s)
{
	if (!sstp_session_end_reason(s))
		sstp_turn_now(&s->rx_turn);
}

/* Much does not wait, nor does the end of the stream: see sstp_state_change(). */
static void sstp_data_ready(struct sock *sk)
{
	struct sstp_session *s;

	read_lock_bh(&sk->sk_callback_lock);
	s = sk->sk_user_data;
	if (s) {
		s->saved_data_ready(sk);
		if (tcp_inq(sk) >= SSTP_TURN_MUCH)
			sstp_kick_rx(s);
		else if (!sstp_session_end_reason(s))
			sstp_turn_soon(&s->rx_turn, sstp_dev_rx_usecs(s->dev));
	}
	read_unlock_bh(&sk->sk_callback_lock);
}

static void sstp_write_space(struct sock *sk)
{
	struct sstp_session *s;

	read_lock_bh(&sk->sk_callback_lock);
	s = sk->sk_user_data;
	if (s) {
		s->saved_write_space(sk);
		if (sk_stream_is_writeable(sk) && !sstp_session_end_reason(s))
			sstp_turn_now(&s->tx_turn);
	}
	read_unlock_bh(&sk->sk_callback_lock);
}

/* rx_work finds out what happened: it is the one to end the session. */
static void sstp_state_change(struct sock *sk)
{
	struct sstp_session *s;

	read_lock_bh(&sk->sk_callback_lock);
	s = sk->sk_user_data;
	if (s) {
		s->saved_state_change(sk);
		sstp_kick_rx(s);
	}
	read_unlock_bh(&sk->sk_callback_lock);
}

static void sstp_error_report(struct sock *sk)
{
	struct sstp_session *s;

	read_lock_bh(&sk->sk_callback_lock);
	s = sk->sk_user_data;
	if (s) {
		s->saved_error_report(sk);
		sstp_kick_rx(s);
	}
	read_unlock_bh(&sk->sk_callback_lock);
}

static bool sstp_conf_is_sw_or_nic(u8 conf)
{
	return conf == TLS_SW || conf == TLS_HW;
}

static int sstp_socket_check_tcp(struct sock *sk, struct netlink_ext_ack *extack)
{
	if (sk->sk_type != SOCK_STREAM || sk->sk_protocol != IPPROTO_TCP ||
	    (sk->sk_family != AF_INET && sk->sk_family != AF_INET6)) {
		NL_SET_ERR_MSG(extack, "the socket is not TCP");
		return -EOPNOTSUPP;
	}
	return 0;
}

static int sstp_socket_check_state(struct sock *sk, struct netlink_ext_ack *extack)
{
	if (sk->sk_state != TCP_ESTABLISHED || sk->sk_shutdown || sk->sk_err) {
		NL_SET_ERR_MSG(extack, "the socket is not connected");
		return -ENOTCONN;
	}
	return 0;
}

static int sstp_socket_check_tls(struct sstp_session *s, struct sock *sk,
				 struct netlink_ext_ack *extack)
{
	const struct inet_connection_sock *icsk = inet_csk(sk);
	const struct tls_context *ctx;

	if (!icsk->icsk_ulp_ops || strcmp(icsk->icsk_ulp_ops->name, "tls")) {
		NL_SET_ERR_MSG(extack, "the socket has no kTLS");
		return -EOPNOTSUPP;
	}
	ctx = tls_get_ctx(sk);
	if (!sstp_conf_is_sw_or_nic(ctx->tx_conf)) {
		NL_SET_ERR_MSG(extack, "the socket has no kTLS key for sending");
		return -EOPNOTSUPP;
	}
	if (!sstp_conf_is_sw_or_nic(ctx->rx_conf)) {
		NL_SET_ERR_MSG(extack, "the socket has no kTLS key for receiving");
		return -EOPNOTSUPP;
	}
	s->tls_version = ctx->prot_info.version;
	s->tls_cipher = ctx->prot_info.cipher_type;
	return 0;
}

static int sstp_socket_take(struct sstp_session *s, struct sock *sk,
			    struct netlink_ext_ack *extack)
{
	write_lock_bh(&sk->sk_callback_lock);
	if (sk->sk_user_data) {
		write_unlock_bh(&sk->sk_callback_lock);
		NL_SET_ERR_MSG(extack, "the socket is in use by the kernel already");
		return -EBUSY;
	}

	s->saved_data_ready = sk->sk_data_ready;
	s->saved_write_space = sk->sk_write_space;
	s->saved_state_change = sk->sk_state_change;
	s->saved_error_report = sk->sk_error_report;
	/* First the session, then those who look for it. */
	rcu_assign_sk_user_data(sk, s);
	sk->sk_data_ready = sstp_data_ready;
	sk->sk_write_space = sstp_write_space;
	sk->sk_state_change = sstp_state_change;
	sk->sk_error_report = sstp_error_report;
	write_unlock_bh(&sk->sk_callback_lock);
	return 0;
}

/*
 * TLS 1.3 hides how much of a record is padding, so that kTLS decrypts to memory of
 * its own and copies, unless it is told that there is none: then it decrypts to where
 * we want it, and does it over if it has been misled. That can cost twice the work
 * for a peer that pads; none of those known does.
 *
 * Before 6.1.192 and 6.12.115 such a record could land behind the place meant for it
 * (CVE-2026-74611). Here that is in a page of ours still, and the end of the session.
 */
static void sstp_socket_expect_no_pad(struct sstp_session *s, struct socket *sock)
{
	int on = 1;

	if (s->tls_version == TLS_1_3_VERSION)
		READ_ONCE(sock->ops)->setsockopt(sock, SOL_TLS, TLS_RX_EXPECT_NO_PAD,
						 KERNEL_SOCKPTR(&on), sizeof(on));
}

/**
 * sstp_socket_attach - take over a socket
 * @s: the session; gets the socket's file reference when this succeeds
 * @sock: the socket, with a reference to its file
 * @extack: says why not
 *
 * Context: process.
 * Return: 0 or a negative errno.
 */
int sstp_socket_attach(struct sstp_session *s, struct socket *sock,
		       struct netlink_ext_ack *extack)
{
	struct sock *sk = sock->sk;
	int err;

	err = sstp_socket_check_tcp(sk, extack);
	if (err)
		return err;

	lock_sock(sk);
	err = sstp_socket_check_state(sk, extack);
	if (!err)
		err = sstp_socket_check_tls(s, sk, extack);
	if (!err)
		err = sstp_socket_take(s, sk, extack);
	release_sock(sk);

	if (err)
		return err;
	sstp_socket_expect_no_pad(s, sock);
	s->sock = sock;
	return 0;
}

/**
 * sstp_socket_detach - give the socket its callbacks back
 * @s: the session, which must not have called sstp_socket_close() yet: closing
 *	frees the kTLS context that the callbacks belong to
 *
 * From then on the socket kicks no work.
 *
 * Context: process.
 */
void sstp_socket_detach(struct sstp_session *s)
{
	struct sock *sk = s->sock->sk;

	lock_sock(sk);
	write_lock_bh(&sk->sk_callback_lock);
	sk->sk_data_ready = s->saved_data_ready;
	sk->sk_write_space = s->saved_write_space;
	sk->sk_state_change = s->saved_state_change;
	sk->sk_error_report = s->saved_error_report;
	rcu_assign_sk_user_data(sk, NULL);
	write_unlock_bh(&sk->sk_callback_lock);
	release_sock(sk);
}

/* Best effort: without it the peer sees a truncated stream, nothing worse. */
static void sstp_socket_send_close_notify(struct socket *sock)
{
	union {
		struct cmsghdr hdr;
		u8 buf[CMSG_SPACE(sizeof(u8))];
	} control = {};
	u8 alert[2] = { SSTP_TLS_ALERT_WARNING, SSTP_TLS_CLOSE_NOTIFY };
	struct msghdr msg = {
		.msg_flags = MSG_DONTWAIT | MSG_NOSIGNAL,
		.msg_control = &control,
		.msg_controllen = sizeof(control.buf),
	};
	struct kvec iov = { .iov_base = alert, .iov_len = sizeof(alert) };

	control.hdr.cmsg_level = SOL_TLS;
	control.hdr.cmsg_type = TLS_SET_RECORD_TYPE;
	control.hdr.cmsg_len = CMSG_LEN(sizeof(u8));
	*(u8 *)CMSG_DATA(&control.hdr) = SSTP_TLS_ALERT;
	kernel_sendmsg(sock, &msg, &iov, 1, sizeof(alert));
}

/**
 * sstp_socket_close - close TLS and TCP, drop the reference to the socket
 * @s: the session
 *
 * The owner may hold the socket open still; it is shut down all the same.
 *
 * Context: process; nothing uses the socket any more.
 */
void sstp_socket_close(struct sstp_session *s)
{
	sstp_socket_send_close_notify(s->sock);
	kernel_sock_shutdown(s->sock, SHUT_RDWR);
	sockfd_put(s->sock);
	s->sock = NULL;
}
