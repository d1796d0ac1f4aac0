// SPDX-License-Identifier: GPL-2.0-only
/* Pure: the unit tests compile it, too, and bring min() and memcpy(). */
#include "tls.h"

#ifdef __KERNEL__
#include <linux/minmax.h>
#include <linux/string.h>
#endif

/* Lifetime, age, a nonce of none, a ticket of one byte, no extension; all at most. */
#define SSTP_TLS_TICKET_MIN	(4 + 4 + 1 + 2 + 1 + 2)
#define SSTP_TLS_TICKET_MAX	(4 + 4 + 1 + 255 + 2 + 65535 + 2 + 65535)

static enum sstp_tls_verdict sstp_tls_one_alert(struct sstp_tls *tls, const __u8 *p)
{
	if (p[1] == SSTP_TLS_CLOSE_NOTIFY)
		return SSTP_TLS_CLOSED;
	if (p[1] == SSTP_TLS_USER_CANCELED)
		return SSTP_TLS_GO_ON;
	/* TLS 1.3 has no levels any more. */
	if (!tls->v13 && p[0] == SSTP_TLS_ALERT_WARNING)
		return SSTP_TLS_GO_ON;
	tls->alert = p[1];
	return SSTP_TLS_FAILED;
}

/**
 * sstp_tls_alert - a record of alerts
 * @tls: the connection
 * @p: the record
 * @len: bytes of it
 *
 * It holds exactly one in TLS 1.3, and may hold several in TLS 1.2.
 */
enum sstp_tls_verdict sstp_tls_alert(struct sstp_tls *tls, const __u8 *p,
				     unsigned int len)
{
	enum sstp_tls_verdict verdict = SSTP_TLS_GO_ON;

	if (!len || len % SSTP_TLS_ALERT_LEN ||
	    (tls->v13 && len != SSTP_TLS_ALERT_LEN) || sstp_tls_is_amid(tls))
		return SSTP_TLS_UNEXPECTED;
	for (; len && verdict == SSTP_TLS_GO_ON; len -= SSTP_TLS_ALERT_LEN) {
		verdict = sstp_tls_one_alert(tls, p);
		p += SSTP_TLS_ALERT_LEN;
	}
	return verdict;
}

/* It is the last message of its record, if not in pieces; then we are done, too. */
static enum sstp_tls_verdict sstp_tls_rekeyed(unsigned int size, const __u8 *p,
					      unsigned int len)
{
	if (size != 1 || len > 1 || (len && p[0] > 1))
		return SSTP_TLS_UNEXPECTED;
	return SSTP_TLS_REKEYED;
}

/* @head is complete, and followed by @len bytes of the record. */
static enum sstp_tls_verdict sstp_tls_message(struct sstp_tls *tls, const __u8 *p,
					      unsigned int len)
{
	unsigned int size = tls->head[1] << 16 | tls->head[2] << 8 | tls->head[3];
	bool known = false;

	switch (tls->head[0]) {
	case SSTP_TLS_NEW_SESSION_TICKET:
		known = tls->v13 && tls->client && size >= SSTP_TLS_TICKET_MIN &&
			size <= SSTP_TLS_TICKET_MAX;
		break;
	case SSTP_TLS_HELLO_REQUEST:
		known = !tls->v13 && tls->client && !size;
		break;
	case SSTP_TLS_KEY_UPDATE:
		if (tls->v13)
			return sstp_tls_rekeyed(size, p, len);
		break;
	}
	if (!known)
		return SSTP_TLS_UNEXPECTED;
	tls->have = 0;
	tls->left = size;
	return SSTP_TLS_GO_ON;
}

/**
 * sstp_tls_handshake - a record of handshake messages, after the handshake
 * @tls: the connection
 * @p: the record
 * @len: bytes of it
 *
 * Several messages may share a record, and one may go on in the next record.
 */
enum sstp_tls_verdict sstp_tls_handshake(struct sstp_tls *tls, const __u8 *p,
					 unsigned int len)
{
	enum sstp_tls_verdict verdict = SSTP_TLS_GO_ON;
	unsigned int n;

	if (!len)
		return SSTP_TLS_UNEXPECTED;
	while (len && verdict == SSTP_TLS_GO_ON) {
		if (tls->left) {
			n = min(len, tls->left);
			tls->left -= n;
		} else {
			n = min(len, SSTP_TLS_HANDSHAKE_HLEN - tls->have);
			memcpy(tls->head + tls->have, p, n);
			tls->have += n;
		}
		p += n;
		len -= n;
		if (tls->have == SSTP_TLS_HANDSHAKE_HLEN)
			verdict = sstp_tls_message(tls, p, len);
	}
	return verdict;
}

/**
 * sstp_tls_key_update - whether a record of handshake messages is one KeyUpdate
 * @tls: the connection
 * @p: the record
 * @len: bytes of it
 *
 * Nothing else, that is, and whole. It is no record for sstp_tls_handshake() then, if
 * keys can change.
 *
 * Return: whether the peer wants us to change ours, too; -1 if it is something else.
 */
int sstp_tls_key_update(const struct sstp_tls *tls, const __u8 *p, unsigned int len)
{
	static const __u8 head[SSTP_TLS_HANDSHAKE_HLEN] = { SSTP_TLS_KEY_UPDATE, 0, 0, 1 };

	if (!tls->v13 || sstp_tls_is_amid(tls) || len != SSTP_TLS_KEY_UPDATE_LEN ||
	    memcmp(p, head, sizeof(head)) || p[SSTP_TLS_HANDSHAKE_HLEN] > 1)
		return -1;
	return p[SSTP_TLS_HANDSHAKE_HLEN];
}
