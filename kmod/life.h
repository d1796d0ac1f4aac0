/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _SSTP_LIFE_H
#define _SSTP_LIFE_H

struct net_device;
struct netlink_ext_ack;
struct sstp_session;
struct sstp_session_events;

struct sstp_session *sstp_session_new(const struct sstp_session_events *events);
int sstp_session_attach(struct sstp_session *s, struct net_device *dev,
			struct netlink_ext_ack *extack);
void sstp_session_free(struct sstp_session *s);

#endif /* _SSTP_LIFE_H */
