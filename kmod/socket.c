// SPDX-License-Identifier: GPL-2.0-only
/*
 * Take over a connected kTLS socket, and give it up.
 *
 * The session owns the socket's *file*, alone: whoever handed it over has no
 * descriptor of it any more, nor has anybody else (sstp_socket_is_sole()). So nobody
 * sleeps in send() with kTLS's lock, or the socket's, while a work or the end of the
 * session wants it; nobody reads the keys, or changes options.
 *
 * Only the four callbacks are replaced: kTLS rewrites sk_prot and proto_ops whenever
 * keys are set, so nothing may be stacked on those. Each callback of ours first calls
 * the one it replaced: kTLS parses records in data_ready and pushes out half-sent ones
 * in write_space.
 *
 * TCP calls these with the socket locked (by its owner or in softirq), all but
 * sk_error_report, and they are swapped under lock_sock() and sk_callback_lock: when
 * the swap is done no callback of ours is about to kick a work.
 */
#include "socket.h"

#include <linux/delay.h>
#include <linux/fdtable.h>
#include <linux/file.h>
#include <linux/net.h>
#include <linux/tcp.h>
#include <linux/unaligned.h>
#include <net/inet_connection_sock.h>
#include <net/sock.h>
#include <net/tcp.h>
#include <net/tls.h>

#include <linux/sstp.h>

#include "device.h"
#include "session.h"
#include "tls.h"

/*
 * What the socket's own callback is. It is called without the lock: kTLS reports an
 * error from within data_ready.
 */
static void sstp_call_saved(struct sock *sk, enum sstp_callback which)
{
	void (*saved)(struct sock *sk) = NULL;
	struct sstp_session *s;

	read_lock_bh(&sk->sk_callback_lock);
	s = sk->sk_user_data;
	if (s)
		saved = s->saved[which];
	read_unlock_bh(&sk->sk_callback_lock);
	if (saved)
		saved(sk);
}

/* Context: sk_callback_lock held. Return: the session if its works may be kicked. */
static struct sstp_session *sstp_sk_session(const struct sock *sk)
{
	struct sstp_session *s = sk->sk_user_data;

	/* Who has not started yet looks for himself when he does. */
	if (!s || !smp_load_acquire(&s->started) || sstp_session_end_reason(s))
		return NULL;
	return s;
}

static void sstp_kick_rx(struct sock *sk)
{
	struct sstp_session *s;

	read_lock_bh(&sk->sk_callback_lock);
	s = sstp_sk_session(sk);
	if (s)
		sstp_turn_now(&s->rx_turn);
	read_unlock_bh(&sk->sk_callback_lock);
}

/* Much does not wait, nor does the end of the stream: see sstp_state_change(). */
static void sstp_data_ready(struct sock *sk)
{
	struct sstp_session *s;

	sstp_call_saved(sk, SSTP_DATA_READY);

	read_lock_bh(&sk->sk_callback_lock);
	s = sstp_sk_session(sk);
	if (s && tcp_inq(sk) >= SSTP_TURN_MUCH)
		sstp_turn_now(&s->rx_turn);
	else if (s)
		sstp_turn_soon(&s->rx_turn, sstp_dev_rx_usecs(s->dev));
	read_unlock_bh(&sk->sk_callback_lock);
}

static void sstp_write_space(struct sock *sk)
{
	struct sstp_session *s;

	sstp_call_saved(sk, SSTP_WRITE_SPACE);
	if (!sk_stream_is_writeable(sk))
		return;

	read_lock_bh(&sk->sk_callback_lock);
	s = sstp_sk_session(sk);
	if (s)
		sstp_turn_now(&s->tx_turn);
	read_unlock_bh(&sk->sk_callback_lock);
}

/* rx_work finds out what happened: it is the one to end the session. */
static void sstp_state_change(struct sock *sk)
{
	sstp_call_saved(sk, SSTP_STATE_CHANGE);
	sstp_kick_rx(sk);
}

static void sstp_error_report(struct sock *sk)
{
	sstp_call_saved(sk, SSTP_ERROR_REPORT);
	sstp_kick_rx(sk);
}

/*
 * Packets that come while the socket is locked are handled by whoever unlocks it, before
 * he does. That may be a work of kTLS's own, and where the control group is full it would
 * reclaim memory first, and wait for swap whose way leads through this session. So they
 * are handled as those are that find the socket unlocked: there nothing waits.
 *
 * Context: the socket is locked by its owner.
 */
static int sstp_backlog_rcv(struct sock *sk, struct sk_buff *skb)
{
	const struct sstp_session *s = sk->sk_user_data;
	int ret;

	local_bh_disable();
	ret = s->saved_backlog_rcv(sk, skb);
	local_bh_enable();
	return ret;
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
	s->rx.tls.v13 = s->tls_version == TLS_1_3_VERSION;
	/* Not where a card has the keys. */
	s->rekey.can = s->rekey.secret_len && ctx->tx_conf == TLS_SW &&
		       ctx->rx_conf == TLS_SW;
	return 0;
}

static int sstp_socket_check_user(const struct sock *sk,
				  struct netlink_ext_ack *extack)
{
	if (sk->sk_user_data) {
		NL_SET_ERR_MSG(extack, "the socket is in use by the kernel already");
		return -EBUSY;
	}
	return 0;
}

/* Context: the socket is locked, by its owner or its spinlock. */
static int sstp_socket_check_locked(struct sstp_session *s, struct sock *sk,
				    struct netlink_ext_ack *extack)
{
	int err = sstp_socket_check_state(sk, extack);

	if (!err)
		err = sstp_socket_check_tls(s, sk, extack);
	if (!err)
		err = sstp_socket_check_user(sk, extack);
	return err;
}

/*
 * Whether nobody but this task has the file: its descriptor and our own reference are
 * all there is. Copies of the descriptor, and those on their way through a socket or
 * held by io_uring, and calls that are using it count, too.
 */
static bool sstp_socket_is_sole(const struct socket *sock, unsigned int descriptors)
{
	return file_count(sock->file) == 1 + descriptors;
}

/**
 * sstp_socket_check - can a session take over a socket?
 * @s: the session
 * @sock: the socket, with a reference to its file
 * @extack: says why not
 *
 * Looks, and changes nothing. Waits for nobody, either: who has the socket locked
 * may have done so for good.
 *
 * Context: process, in which the socket has one descriptor.
 * Return: 0 or a negative errno.
 */
int sstp_socket_check(struct sstp_session *s, struct socket *sock,
		      struct netlink_ext_ack *extack)
{
	struct sock *sk = sock->sk;
	int err;

	err = sstp_socket_check_tcp(sk, extack);
	if (err)
		return err;
	if (!sstp_socket_is_sole(sock, 1)) {
		NL_SET_ERR_MSG(extack, "somebody else holds the socket, too");
		return -EBUSY;
	}

	local_bh_disable();
	bh_lock_sock(sk);
	if (sock_owned_by_user(sk)) {
		NL_SET_ERR_MSG(extack, "the socket is being used");
		err = -EBUSY;
	} else {
		err = sstp_socket_check_locked(s, sk, extack);
	}
	bh_unlock_sock(sk);
	local_bh_enable();
	return err;
}

/* How often, a millisecond each, whoever has the file for a moment is waited for. */
#define SSTP_SOCKET_LOOKS	20

/**
 * sstp_socket_consume - take the caller's descriptor of a socket away
 * @sock: the socket, with a reference to its file
 * @fd: the descriptor
 * @extack: says why not
 *
 * Who reads /proc/PID/fd, such as lsof(8), holds the file for a moment: he is waited
 * for, a few milliseconds.
 *
 * Context: process, no locks.
 * Return: 0 when the reference is the only one, else -EBUSY.
 */
int sstp_socket_consume(struct socket *sock, unsigned int fd,
			struct netlink_ext_ack *extack)
{
	int looks;

	close_fd(fd);
	for (looks = 0; !sstp_socket_is_sole(sock, 0); looks++) {
		if (looks == SSTP_SOCKET_LOOKS) {
			NL_SET_ERR_MSG(extack, "somebody took hold of the socket meanwhile");
			return -EBUSY;
		}
		fsleep(USEC_PER_MSEC);
	}
	return 0;
}

static void sstp_socket_set_callbacks(struct sstp_session *s, struct sock *sk)
{
	write_lock_bh(&sk->sk_callback_lock);
	s->saved[SSTP_DATA_READY] = sk->sk_data_ready;
	s->saved[SSTP_WRITE_SPACE] = sk->sk_write_space;
	s->saved[SSTP_STATE_CHANGE] = sk->sk_state_change;
	s->saved[SSTP_ERROR_REPORT] = sk->sk_error_report;
	/* First the session, then those who look for it. */
	rcu_assign_sk_user_data(sk, s);
	s->saved_backlog_rcv = sk->sk_backlog_rcv;
	sk->sk_backlog_rcv = sstp_backlog_rcv;
	sk->sk_data_ready = sstp_data_ready;
	sk->sk_write_space = sstp_write_space;
	sk->sk_state_change = sstp_state_change;
	sk->sk_error_report = sstp_error_report;
	write_unlock_bh(&sk->sk_callback_lock);
}

/*
 * The last reference is dropped by a kernel thread, which closes others' files as
 * well: it shall not linger there. Nor is data to be announced only when there is much
 * of it; and when each record went out is said by messages that nobody reads, which take
 * the room of what is received.
 *
 * A work that reclaims memory, be it for a control group that is full, may wait for
 * swap whose way leads through this session: for itself. So the socket does not, when
 * they use it: where there is no memory it says so, and they try again. The reserves,
 * open to who does not reclaim, are not for a load that never ends.
 */
static void sstp_socket_take(struct sstp_session *s, struct sock *sk)
{
	sock_reset_flag(sk, SOCK_LINGER);
	WRITE_ONCE(sk->sk_rcvlowat, 1);
	WRITE_ONCE(sk->sk_tsflags, 0);
	sk->sk_allocation |= __GFP_NOMEMALLOC | __GFP_NOWARN;
	sstp_socket_set_callbacks(s, sk);
}

/*
 * TLS 1.3 hides how much of a record is padding, so that kTLS decrypts to memory of
 * its own and copies, unless it is told that there is none: then it decrypts to where
 * we want it, and does it over if it has been misled. That can cost twice the work
 * for a peer that pads; none of those known does.
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
 * @sock: the socket, with the only reference to its file
 * @extack: says why not
 *
 * Context: process, without the RTNL.
 * Return: 0 or a negative errno.
 */
int sstp_socket_attach(struct sstp_session *s, struct socket *sock,
		       struct netlink_ext_ack *extack)
{
	struct sock *sk = sock->sk;
	int err;

	lock_sock(sk);
	err = sstp_socket_check_locked(s, sk, extack);
	if (!err)
		sstp_socket_take(s, sk);
	release_sock(sk);

	if (err)
		return err;
	s->sock = sock;
	sstp_socket_expect_no_pad(s, sock);
	return 0;
}

/*
 * Nobody waits for a work that has the socket: two looks in a row agree, unless it was
 * interrupted amid a carry.
 */
static u64 sstp_socket_seq_of(const char *rec_seq)
{
	u64 seq = 0, before;

	do {
		before = seq;
		barrier();
		/* see above */
		seq = data_race(get_unaligned_be64(rec_seq));
	} while (seq != before);
	return seq;
}

/**
 * sstp_socket_seq - how many TLS records there were under the keys in use
 * @s: the session, which has not ended
 * @tx: sent
 * @rx: received
 *
 * Context: any; registry locked, so that the session keeps its socket.
 */
void sstp_socket_seq(const struct sstp_session *s, u64 *tx, u64 *rx)
{
	const struct tls_context *ctx = tls_get_ctx(s->sock->sk);

	*tx = sstp_socket_seq_of(ctx->tx.rec_seq);
	*rx = sstp_socket_seq_of(ctx->rx.rec_seq);
}

/* The last word to the peer. Return: an alert, or -1 if there is nothing to say. */
static int sstp_socket_last_alert(const struct sstp_session *s)
{
	switch (sstp_session_end_reason(s)) {
	case SSTP_END_REASON_TLS_ALERT:
		return -1;
	case SSTP_END_REASON_TLS_UNEXPECTED_RECORD:
		return SSTP_TLS_UNEXPECTED_MESSAGE;
	case SSTP_END_REASON_TLS_ERROR:
		break;
	default:
		return SSTP_TLS_CLOSE_NOTIFY;
	}
	switch (sstp_session_end_detail(s)) {
	case EBADMSG:
		return SSTP_TLS_BAD_RECORD_MAC;
	case EMSGSIZE:
		return SSTP_TLS_RECORD_OVERFLOW;
	default:
		return SSTP_TLS_DECODE_ERROR;
	}
}

/**
 * sstp_socket_send - send a TLS record that is no data
 * @sock: the socket
 * @type: the content type
 * @data: what is in it
 * @len: bytes of that
 *
 * It does not wait for the peer.
 *
 * Context: process.
 * Return: 0, -EAGAIN when the socket is full, or another negative errno.
 */
int sstp_socket_send(struct socket *sock, u8 type, const void *data, unsigned int len)
{
	union {
		struct cmsghdr hdr;
		u8 buf[CMSG_SPACE(sizeof(u8))];
	} control = {};
	struct msghdr msg = {
		.msg_flags = MSG_DONTWAIT | MSG_NOSIGNAL,
		.msg_control = &control,
		.msg_controllen = sizeof(control.buf),
	};
	struct kvec iov = { .iov_base = (void *)data, .iov_len = len };
	int sent;

	control.hdr.cmsg_level = SOL_TLS;
	control.hdr.cmsg_type = TLS_SET_RECORD_TYPE;
	control.hdr.cmsg_len = CMSG_LEN(sizeof(u8));
	*(u8 *)CMSG_DATA(&control.hdr) = type;
	sent = kernel_sendmsg(sock, &msg, &iov, 1, len);
	if (sent == -EINTR || sent == -ERESTARTSYS)
		return -EAGAIN;
	return min(sent, 0);
}

/**
 * sstp_socket_failed - end a session that cannot send any more
 * @s: the session
 * @err: errno of the socket: of TCP, or of kTLS, also if it was receiving
 */
void sstp_socket_failed(struct sstp_session *s, int err)
{
	if (err == EBADMSG || err == EINVAL || err == EMSGSIZE)
		sstp_session_end(s, SSTP_END_REASON_TLS_ERROR, err);
	else
		sstp_session_end(s, SSTP_END_REASON_TCP_ERROR, err);
}

/* Best effort: without it the peer sees a truncated stream, nothing worse. */
static void sstp_socket_send_alert(struct sstp_session *s, u8 description)
{
	u8 alert[SSTP_TLS_ALERT_LEN] = {
		description == SSTP_TLS_CLOSE_NOTIFY ? SSTP_TLS_ALERT_WARNING :
						       SSTP_TLS_ALERT_FATAL,
		description,
	};

	/* Not between a KeyUpdate and its key. */
	mutex_lock(&s->rekey.sending);
	sstp_socket_send(s->sock, SSTP_TLS_ALERT, alert, sizeof(alert));
	mutex_unlock(&s->rekey.sending);
}

/**
 * sstp_socket_shutdown - close TLS and TCP
 * @s: the session, which is ending
 *
 * From then on nothing in the socket waits for the peer.
 *
 * Context: process.
 */
void sstp_socket_shutdown(struct sstp_session *s)
{
	int alert = sstp_socket_last_alert(s);

	/* An error of what was received is none of sending, but TCP cannot know. */
	if (sstp_session_end_reason(s) == SSTP_END_REASON_TLS_ERROR)
		sock_error(s->sock->sk);
	if (alert >= 0)
		sstp_socket_send_alert(s, alert);
	kernel_sock_shutdown(s->sock, SHUT_RDWR);
}

/**
 * sstp_socket_put - give the socket its callbacks back, drop the reference to it
 * @s: the session, whose works are cancelled
 *
 * Context: process.
 */
void sstp_socket_put(struct sstp_session *s)
{
	struct sock *sk = s->sock->sk;

	lock_sock(sk);
	write_lock_bh(&sk->sk_callback_lock);
	sk->sk_data_ready = s->saved[SSTP_DATA_READY];
	sk->sk_write_space = s->saved[SSTP_WRITE_SPACE];
	sk->sk_state_change = s->saved[SSTP_STATE_CHANGE];
	sk->sk_error_report = s->saved[SSTP_ERROR_REPORT];
	sk->sk_backlog_rcv = s->saved_backlog_rcv;
	rcu_assign_sk_user_data(sk, NULL);
	write_unlock_bh(&sk->sk_callback_lock);
	sk->sk_allocation &= ~(__GFP_NOMEMALLOC | __GFP_NOWARN);
	release_sock(sk);

	sockfd_put(s->sock);
	s->sock = NULL;
}
