/* SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) OR BSD-3-Clause) */
/* Do not edit directly, auto-generated from: */
/*	Documentation/netlink/specs/sstp.yaml */
/* YNL-GEN kernel header */
/* To regenerate run: tools/net/ynl/ynl-regen.sh */

#ifndef _LINUX_SSTP_GEN_H
#define _LINUX_SSTP_GEN_H

#include <net/netlink.h>
#include <net/genetlink.h>

#include <uapi/linux/sstp.h>

/* Common nested types */
extern const struct nla_policy sstp_source_nl_policy[SSTP_A_SOURCE_PREFIX_LEN + 1];

int sstp_nl_session_new_doit(struct sk_buff *skb, struct genl_info *info);
int sstp_nl_session_set_doit(struct sk_buff *skb, struct genl_info *info);
int sstp_nl_session_get_doit(struct sk_buff *skb, struct genl_info *info);
int sstp_nl_session_get_dumpit(struct sk_buff *skb,
			       struct netlink_callback *cb);
int sstp_nl_session_del_doit(struct sk_buff *skb, struct genl_info *info);
int sstp_nl_module_get_doit(struct sk_buff *skb, struct genl_info *info);

enum {
	SSTP_NLGRP_SESSIONS,
};

extern struct genl_family sstp_nl_family;

#endif /* _LINUX_SSTP_GEN_H */
