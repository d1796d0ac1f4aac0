/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _SSTP_NETLINK_H
#define _SSTP_NETLINK_H

int sstp_nl_register(void);
void sstp_nl_unregister(void);

#endif /* _SSTP_NETLINK_H */
