/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _SSTP_NETLINK_H
#define _SSTP_NETLINK_H

struct sstp_session;

int sstp_nl_register(void);
void sstp_nl_unregister(void);
void sstp_nl_session_new_notify(struct sstp_session *s);
void sstp_nl_session_del_notify(const struct sstp_session *s);

#endif /* _SSTP_NETLINK_H */
