// SPDX-License-Identifier: GPL-2.0-only
/*
 * The generated operations for kernels whose families have no split ops (before
 * 6.2): one entry per command, which holds both doit and dumpit.
 */
#include <net/genetlink.h>
#include <net/netlink.h>

#undef genl_register_family

struct genl_split_ops {
	int (*doit)(struct sk_buff *skb, struct genl_info *info);
	int (*dumpit)(struct sk_buff *skb, struct netlink_callback *cb);
	const struct nla_policy *policy;
	unsigned int maxattr;
	u8 cmd;
	u8 flags;
};

struct sstp_split_family {
	char name[GENL_NAMSIZ];
	unsigned int version;
	u8 netnsok:1, parallel_ops:1;
	struct module *module;
	const struct genl_split_ops *split_ops;
	unsigned int n_split_ops;
	const struct genl_multicast_group *mcgrps;
	unsigned int n_mcgrps;
};

/* Here, ranges are not const, though they are not written to either. */
#undef NLA_POLICY_FULL_RANGE
#define NLA_POLICY_FULL_RANGE(tp, _range) {				\
	.type = NLA_ENSURE_UINT_OR_BINARY_TYPE(tp),			\
	.validation_type = NLA_VALIDATE_RANGE_PTR,			\
	.range = (struct netlink_range_validation *)(_range),		\
}

#include "../netlink-gen.h"

extern struct sstp_split_family sstp_nl_split_family;

#define genl_family sstp_split_family
#define sstp_nl_family sstp_nl_split_family
#include "../netlink-gen.c"
#undef genl_family
#undef sstp_nl_family

static struct genl_ops sstp_nl_merged_ops[ARRAY_SIZE(sstp_nl_ops)] __ro_after_init;

struct genl_family sstp_nl_family __ro_after_init;

static struct genl_ops *sstp_compat_op(u8 cmd)
{
	struct genl_ops *op = sstp_nl_merged_ops;

	while (op->cmd && op->cmd != cmd)
		op++;
	return op;
}

static void sstp_compat_merge(const struct genl_split_ops *split)
{
	struct genl_ops *op = sstp_compat_op(split->cmd);

	if (!op->cmd)
		sstp_nl_family.n_ops++;
	op->cmd = split->cmd;
	op->flags |= split->flags & ~(GENL_CMD_CAP_DO | GENL_CMD_CAP_DUMP);
	if (split->doit) {
		op->doit = split->doit;
		op->policy = split->policy;
		op->maxattr = split->maxattr;
	}
	if (split->dumpit)
		op->dumpit = split->dumpit;
}

int sstp_compat_genl_register(struct genl_family *family)
{
	const struct sstp_split_family *split = &sstp_nl_split_family;
	int i;

	strscpy(family->name, split->name, sizeof(family->name));
	family->version = split->version;
	family->netnsok = split->netnsok;
	family->parallel_ops = split->parallel_ops;
	family->module = split->module;
	family->ops = sstp_nl_merged_ops;
	family->mcgrps = split->mcgrps;
	family->n_mcgrps = split->n_mcgrps;
	for (i = 0; i < split->n_split_ops; i++)
		sstp_compat_merge(&split->split_ops[i]);
	return genl_register_family(family);
}
