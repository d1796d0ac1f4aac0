/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _SSTP_REKEY_H
#define _SSTP_REKEY_H

#include <linux/bitops.h>
#include <linux/compiler.h>
#include <linux/unaligned.h>
#include <net/tls.h>

#include "session.h"

struct netlink_ext_ack;

/* Bits of struct sstp_rekey's @wanted. */
enum {
	SSTP_REKEY_ANSWER,
	SSTP_REKEY_ASK,
};

void sstp_rekey_init(struct sstp_session *s);
void sstp_rekey_wipe(struct sstp_session *s);
int sstp_rekey_check(struct sstp_session *s, struct netlink_ext_ack *extack);

/* For rx_work. */
bool sstp_rekey_rx(struct sstp_session *s, const u8 *record, unsigned int len);
void sstp_rekey_ask(struct sstp_session *s);

/* For tx_work. */
int sstp_rekey_tx(struct sstp_session *s);

/*
 * Record numbers are kTLS's own. Only the work whose direction it is moves them, so it
 * may look without the socket's lock. The last alert is another record to be sent, but
 * then no key changes any more.
 */
static inline u64 sstp_rekey_tx_seq(const struct sstp_session *s)
{
	/* The alert of end_work: this is not needed any more then. */
	return data_race(get_unaligned_be64(tls_get_ctx(s->sock->sk)->tx.rec_seq));
}

static inline u64 sstp_rekey_rx_seq(const struct sstp_session *s)
{
	return get_unaligned_be64(tls_get_ctx(s->sock->sk)->rx.rec_seq);
}

static inline bool sstp_rekey_tx_is_old(const struct sstp_rekey *r)
{
	return r->seconds && time_after_eq(jiffies, r->tx_since + r->seconds * HZ);
}

/* Whether the key for sending is to be changed, before any further record. */
static inline bool sstp_rekey_tx_is_due(const struct sstp_session *s)
{
	return s->rekey.can && (READ_ONCE(s->rekey.wanted) ||
				sstp_rekey_tx_seq(s) >= s->rekey.records ||
				sstp_rekey_tx_is_old(&s->rekey));
}

/* Whether the peer has used its key for longer than it should. */
static inline bool sstp_rekey_rx_is_late(const struct sstp_session *s)
{
	return s->rekey.can && !s->rekey.asked &&
	       sstp_rekey_rx_seq(s) >= s->rekey.records + s->rekey.records / 4;
}

#endif /* _SSTP_REKEY_H */
