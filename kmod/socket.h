/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _SSTP_SOCKET_H
#define _SSTP_SOCKET_H

#include <linux/types.h>

struct netlink_ext_ack;
struct sstp_session;
struct socket;

/* In this order. */
int sstp_socket_check(struct sstp_session *s, struct socket *sock,
		      struct netlink_ext_ack *extack);
int sstp_socket_consume(struct socket *sock, unsigned int fd,
			struct netlink_ext_ack *extack);
int sstp_socket_attach(struct sstp_session *s, struct socket *sock,
		       struct netlink_ext_ack *extack);
int sstp_socket_send(struct socket *sock, u8 type, const void *data, unsigned int len);
void sstp_socket_failed(struct sstp_session *s, int err);
void sstp_socket_seq(const struct sstp_session *s, u64 *tx, u64 *rx);
void sstp_socket_shutdown(struct sstp_session *s);
void sstp_socket_put(struct sstp_session *s);

#endif /* _SSTP_SOCKET_H */
