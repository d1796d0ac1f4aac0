/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * TLS records that are no data: what is to be done about them (RFC 8446 4.6, 5.1 and
 * 6, RFC 5246 7.2 and 7.4.1.1).
 */
#ifndef _SSTP_TLS_H
#define _SSTP_TLS_H

#include <linux/types.h>

/* Content types, and the messages that are told apart. */
#define SSTP_TLS_ALERT			21
#define SSTP_TLS_HANDSHAKE		22
#define SSTP_TLS_APPLICATION_DATA	23

#define SSTP_TLS_ALERT_LEN		2
#define SSTP_TLS_ALERT_WARNING		1
#define SSTP_TLS_ALERT_FATAL		2

#define SSTP_TLS_CLOSE_NOTIFY		0
#define SSTP_TLS_UNEXPECTED_MESSAGE	10
#define SSTP_TLS_BAD_RECORD_MAC		20
#define SSTP_TLS_RECORD_OVERFLOW	22
#define SSTP_TLS_DECODE_ERROR		50
#define SSTP_TLS_USER_CANCELED		90

#define SSTP_TLS_HANDSHAKE_HLEN		4
#define SSTP_TLS_HELLO_REQUEST		0
#define SSTP_TLS_NEW_SESSION_TICKET	4
#define SSTP_TLS_KEY_UPDATE		24
#define SSTP_TLS_KEY_UPDATE_LEN		(SSTP_TLS_HANDSHAKE_HLEN + 1)

/**
 * enum sstp_tls_verdict - what a record means for the connection
 * @SSTP_TLS_GO_ON: nothing
 * @SSTP_TLS_CLOSED: the peer has closed it in order
 * @SSTP_TLS_FAILED: the peer has given up, by an alert
 * @SSTP_TLS_REKEYED: the peer has changed its keys, see sstp_tls_key_update()
 * @SSTP_TLS_UNEXPECTED: the peer must not send that
 */
enum sstp_tls_verdict {
	SSTP_TLS_GO_ON,
	SSTP_TLS_CLOSED,
	SSTP_TLS_FAILED,
	SSTP_TLS_REKEYED,
	SSTP_TLS_UNEXPECTED,
};

/**
 * struct sstp_tls - how far the peer is in what it says
 * @v13: TLS 1.3, otherwise 1.2
 * @client: the peer is the server
 * @alert: the alert of SSTP_TLS_FAILED
 * @head: header of a handshake message
 * @have: bytes of it
 * @left: bytes of its body that are still to come
 */
struct sstp_tls {
	bool v13;
	bool client;
	__u8 alert;
	__u8 head[SSTP_TLS_HANDSHAKE_HLEN];
	unsigned int have;
	unsigned int left;
};

enum sstp_tls_verdict sstp_tls_alert(struct sstp_tls *tls, const __u8 *p,
				     unsigned int len);
enum sstp_tls_verdict sstp_tls_handshake(struct sstp_tls *tls, const __u8 *p,
					 unsigned int len);

int sstp_tls_key_update(const struct sstp_tls *tls, const __u8 *p, unsigned int len);

/* Nothing else may come before the rest of a handshake message. */
static inline bool sstp_tls_is_amid(const struct sstp_tls *tls)
{
	return tls->have || tls->left;
}

#endif /* _SSTP_TLS_H */
