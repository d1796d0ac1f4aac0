// SPDX-License-Identifier: GPL-2.0-only
/*
 * Keys that change while the session goes on: KeyUpdate of TLS 1.3 (RFC 9846 4.7.3).
 *
 * A KeyUpdate is the last record under its sender's key. kTLS stops receiving at one
 * of the peer's until it gets the next key, and does nothing by itself on sending. So
 * each direction's key is set by the work that is the only one to receive, or send:
 * between two of its records nobody else's can come.
 *
 * rx_work tells tx_work what the peer asked for, and what the peer is to be asked, by
 * bits of @wanted. Nothing else is shared between them.
 */
#include "rekey.h"

#include <linux/jiffies.h>
#include <linux/netlink.h>
#include <linux/string.h>

#include "socket.h"
#include "tls.h"
#include "tls_keys.h"
#include "trace.h"

/*
 * An AES-GCM key is good for 2^24.5 records (RFC 9846 5.5). This is far enough below
 * for a peer to be asked, and to answer.
 */
#define SSTP_REKEY_RECORDS	BIT(23)

/*
 * Updates of the peer in that time, of keys used for less than SSTP_REKEY_FEW records:
 * an update costs about as much as a few of these.
 */
#define SSTP_REKEY_FEW		1024
#define SSTP_REKEY_MAX		10
#define SSTP_REKEY_PERIOD	(60 * HZ)

void sstp_rekey_init(struct sstp_session *s)
{
	mutex_init(&s->rekey.sending);
	s->rekey.records = SSTP_REKEY_RECORDS;
	s->rekey.tx_since = jiffies;
}

/**
 * sstp_rekey_wipe - forget the secrets
 * @s: the session, whose works do not run
 */
void sstp_rekey_wipe(struct sstp_session *s)
{
	s->rekey.can = false;
	memzero_explicit(s->rekey.tx_secret, sizeof(s->rekey.tx_secret));
	memzero_explicit(s->rekey.rx_secret, sizeof(s->rekey.rx_secret));
}

/**
 * sstp_rekey_check - do secrets and TLS go together?
 * @s: the session; version, cipher and secrets are set
 * @extack: says why not
 *
 * Return: 0 or a negative errno.
 */
int sstp_rekey_check(struct sstp_session *s, struct netlink_ext_ack *extack)
{
	struct sstp_rekey *r = &s->rekey;

	if (!r->secret_len)
		return 0;
	if (s->tls_version != TLS_1_3_VERSION) {
		NL_SET_ERR_MSG(extack, "only TLS 1.3 has traffic secrets");
		return -EINVAL;
	}
	if (r->secret_len != sstp_tls_keys_secret_len(s->tls_cipher)) {
		NL_SET_ERR_MSG(extack, "no secrets of the socket's cipher");
		return -EINVAL;
	}
	return 0;
}

/* A key that was used for long is due to be changed, however soon that is. */
static bool sstp_rekey_is_too_often(struct sstp_session *s)
{
	struct sstp_rekey *r = &s->rekey;

	if (sstp_rekey_rx_seq(s) >= min_t(u64, r->records / 2, SSTP_REKEY_FEW))
		return false;
	if (!r->few || time_after(jiffies, r->since + SSTP_REKEY_PERIOD)) {
		r->since = jiffies;
		r->few = 0;
	}
	return ++r->few > SSTP_REKEY_MAX;
}

/**
 * sstp_rekey_rx - follow the peer, if a record is a KeyUpdate and nothing else
 * @s: the session
 * @record: a handshake record
 * @len: bytes of it
 *
 * Context: rx_work.
 * Return: whether that was it.
 */
bool sstp_rekey_rx(struct sstp_session *s, const u8 *record, unsigned int len)
{
	struct sstp_rekey *r = &s->rekey;
	int request = sstp_tls_key_update(&s->rx.tls, record, len);

	if (!r->can || request < 0 || sstp_rekey_is_too_often(s) ||
	    sstp_tls_keys_change(s->sock->sk, false, r->rx_secret))
		return false;
	WRITE_ONCE(r->rx_updates, r->rx_updates + 1);
	trace_sstp_key_update(s, false, r->rx_updates);
	r->asked = false;
	clear_bit(SSTP_REKEY_ASK, &r->wanted);
	if (request) {
		set_bit(SSTP_REKEY_ANSWER, &r->wanted);
		sstp_turn_now(&s->tx_turn);
	}
	return true;
}

/**
 * sstp_rekey_ask - have the peer change its key
 * @s: the session
 *
 * Once: no more than one request may be on its way.
 *
 * Context: rx_work.
 */
void sstp_rekey_ask(struct sstp_session *s)
{
	s->rekey.asked = true;
	set_bit(SSTP_REKEY_ASK, &s->rekey.wanted);
	sstp_turn_now(&s->tx_turn);
}

/* Context: @sending held, so that no alert comes between record and key. */
static int sstp_rekey_send(struct sstp_session *s, bool ask)
{
	const u8 message[SSTP_TLS_KEY_UPDATE_LEN] = {
		SSTP_TLS_KEY_UPDATE, 0, 0, 1, ask,
	};
	int err = sstp_socket_send(s->sock, SSTP_TLS_HANDSHAKE, message,
				   sizeof(message));

	if (err == -EAGAIN)
		return err;
	if (err) {
		sstp_socket_failed(s, -err);
		return -EPIPE;
	}
	err = sstp_tls_keys_change(s->sock->sk, true, s->rekey.tx_secret);
	if (err) {
		sstp_session_end(s, SSTP_END_REASON_TLS_ERROR, -err);
		return -EPIPE;
	}
	return 0;
}

/**
 * sstp_rekey_tx - change the key for sending
 * @s: the session; the last record was sent whole
 *
 * Context: tx_work.
 * Return: 0, -EAGAIN when the socket is full (write_space will kick tx_work), -EPIPE
 * when the session has ended.
 */
int sstp_rekey_tx(struct sstp_session *s)
{
	struct sstp_rekey *r = &s->rekey;
	unsigned long wanted;
	int err;

	/* What is wanted from here on may not be answered by this one. */
	wanted = xchg(&r->wanted, 0);
	mutex_lock(&r->sending);
	err = sstp_rekey_send(s, wanted & BIT(SSTP_REKEY_ASK));
	mutex_unlock(&r->sending);
	if (!err) {
		WRITE_ONCE(r->tx_updates, r->tx_updates + 1);
		r->tx_since = jiffies;
		trace_sstp_key_update(s, true, r->tx_updates);
	}
	if (err && wanted & BIT(SSTP_REKEY_ASK))
		set_bit(SSTP_REKEY_ASK, &r->wanted);
	if (err && wanted & BIT(SSTP_REKEY_ANSWER))
		set_bit(SSTP_REKEY_ANSWER, &r->wanted);
	return err;
}
