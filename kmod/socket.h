/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _SSTP_SOCKET_H
#define _SSTP_SOCKET_H

#include <linux/types.h>

struct netlink_ext_ack;
struct sstp_session;
struct socket;

int sstp_socket_attach(struct sstp_session *s, struct socket *sock,
		       struct netlink_ext_ack *extack);
void sstp_socket_detach(struct sstp_session *s);
void sstp_socket_close(struct sstp_session *s);

#endif /* _SSTP_SOCKET_H */
