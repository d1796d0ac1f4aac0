// SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) OR BSD-3-Clause)
/* Do not edit directly, auto-generated from: */
/*	Documentation/netlink/specs/sstp.yaml */
/* YNL-GEN kernel source */
/* To regenerate run: tools/net/ynl/ynl-regen.sh */

#include <net/netlink.h>
#include <net/genetlink.h>

#include "netlink-gen.h"

#include <uapi/linux/sstp.h>

/* Integer value ranges */
static const struct netlink_range_validation sstp_a_session_ifindex_range = {
	.min	= 1ULL,
	.max	= S32_MAX,
};

static const struct netlink_range_validation sstp_a_session_socket_fd_range = {
	.max	= S32_MAX,
};

static const struct netlink_range_validation sstp_a_session_session_fd_range = {
	.max	= S32_MAX,
};

static const struct netlink_range_validation sstp_a_session_rekey_seconds_range = {
	.min	= 1ULL,
	.max	= SSTP_MAX_REKEY_SECONDS,
};

/* Common nested types */
const struct nla_policy sstp_source_nl_policy[SSTP_A_SOURCE_PREFIX_LEN + 1] = {
	[SSTP_A_SOURCE_ADDRESS] = NLA_POLICY_MAX_LEN(16),
	[SSTP_A_SOURCE_PREFIX_LEN] = NLA_POLICY_MAX(NLA_U8, 128),
};

/* SSTP_CMD_SESSION_NEW - do */
static const struct nla_policy sstp_session_new_nl_policy[SSTP_A_SESSION_SOURCE + 1] = {
	[SSTP_A_SESSION_IFINDEX] = NLA_POLICY_FULL_RANGE(NLA_U32, &sstp_a_session_ifindex_range),
	[SSTP_A_SESSION_SOCKET_FD] = NLA_POLICY_FULL_RANGE(NLA_U32, &sstp_a_session_socket_fd_range),
	[SSTP_A_SESSION_PROTOCOLS] = NLA_POLICY_MASK(NLA_U32, 0x3),
	[SSTP_A_SESSION_PEER_MRU] = NLA_POLICY_RANGE(NLA_U32, 68, SSTP_MAX_MRU),
	[SSTP_A_SESSION_RX_PENDING] = NLA_POLICY_MAX_LEN(SSTP_MAX_RX_PENDING),
	[SSTP_A_SESSION_SLOT] = { .type = NLA_U32, },
	[SSTP_A_SESSION_REPLACE] = { .type = NLA_FLAG, },
	[SSTP_A_SESSION_TX_SECRET] = NLA_POLICY_MAX_LEN(SSTP_MAX_SECRET),
	[SSTP_A_SESSION_RX_SECRET] = NLA_POLICY_MAX_LEN(SSTP_MAX_SECRET),
	[SSTP_A_SESSION_RECORD_SIZE] = NLA_POLICY_RANGE(NLA_U32, 512, SSTP_MAX_RECORD),
	[SSTP_A_SESSION_TLS_CLIENT] = { .type = NLA_FLAG, },
	[SSTP_A_SESSION_REKEY_RECORDS] = NLA_POLICY_MIN(NLA_U32, 16),
	[SSTP_A_SESSION_REKEY_SECONDS] = NLA_POLICY_FULL_RANGE(NLA_U32, &sstp_a_session_rekey_seconds_range),
	[SSTP_A_SESSION_SOURCE] = NLA_POLICY_NESTED(sstp_source_nl_policy),
};

/* SSTP_CMD_SESSION_SET - do */
static const struct nla_policy sstp_session_set_nl_policy[SSTP_A_SESSION_SOURCE + 1] = {
	[SSTP_A_SESSION_ID] = NLA_POLICY_MIN(NLA_U32, 1),
	[SSTP_A_SESSION_SESSION_FD] = NLA_POLICY_FULL_RANGE(NLA_U32, &sstp_a_session_session_fd_range),
	[SSTP_A_SESSION_PROTOCOLS] = NLA_POLICY_MASK(NLA_U32, 0x3),
	[SSTP_A_SESSION_PEER_MRU] = NLA_POLICY_RANGE(NLA_U32, 68, SSTP_MAX_MRU),
	[SSTP_A_SESSION_SOURCE] = NLA_POLICY_NESTED(sstp_source_nl_policy),
};

/* SSTP_CMD_SESSION_GET - do */
static const struct nla_policy sstp_session_get_nl_policy[SSTP_A_SESSION_SESSION_FD + 1] = {
	[SSTP_A_SESSION_ID] = NLA_POLICY_MIN(NLA_U32, 1),
	[SSTP_A_SESSION_SESSION_FD] = NLA_POLICY_FULL_RANGE(NLA_U32, &sstp_a_session_session_fd_range),
};

/* SSTP_CMD_SESSION_DEL - do */
static const struct nla_policy sstp_session_del_nl_policy[SSTP_A_SESSION_SESSION_FD + 1] = {
	[SSTP_A_SESSION_ID] = NLA_POLICY_MIN(NLA_U32, 1),
	[SSTP_A_SESSION_SESSION_FD] = NLA_POLICY_FULL_RANGE(NLA_U32, &sstp_a_session_session_fd_range),
};

/* Ops table for sstp */
static const struct genl_split_ops sstp_nl_ops[] = {
	{
		.cmd		= SSTP_CMD_SESSION_NEW,
		.doit		= sstp_nl_session_new_doit,
		.policy		= sstp_session_new_nl_policy,
		.maxattr	= SSTP_A_SESSION_SOURCE,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= SSTP_CMD_SESSION_SET,
		.doit		= sstp_nl_session_set_doit,
		.policy		= sstp_session_set_nl_policy,
		.maxattr	= SSTP_A_SESSION_SOURCE,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= SSTP_CMD_SESSION_GET,
		.doit		= sstp_nl_session_get_doit,
		.policy		= sstp_session_get_nl_policy,
		.maxattr	= SSTP_A_SESSION_SESSION_FD,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd	= SSTP_CMD_SESSION_GET,
		.dumpit	= sstp_nl_session_get_dumpit,
		.flags	= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DUMP,
	},
	{
		.cmd		= SSTP_CMD_SESSION_DEL,
		.doit		= sstp_nl_session_del_doit,
		.policy		= sstp_session_del_nl_policy,
		.maxattr	= SSTP_A_SESSION_SESSION_FD,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd	= SSTP_CMD_MODULE_GET,
		.doit	= sstp_nl_module_get_doit,
		.flags	= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
};

static const struct genl_multicast_group sstp_nl_mcgrps[] = {
	[SSTP_NLGRP_SESSIONS] = { "sessions", },
};

struct genl_family sstp_nl_family __ro_after_init = {
	.name		= SSTP_FAMILY_NAME,
	.version	= SSTP_FAMILY_VERSION,
	.netnsok	= true,
	.parallel_ops	= true,
	.module		= THIS_MODULE,
	.split_ops	= sstp_nl_ops,
	.n_split_ops	= ARRAY_SIZE(sstp_nl_ops),
	.mcgrps		= sstp_nl_mcgrps,
	.n_mcgrps	= ARRAY_SIZE(sstp_nl_mcgrps),
};
