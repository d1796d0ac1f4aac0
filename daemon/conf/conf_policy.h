/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * POLICY KEYS of the configuration, which [server], [group NAME] and the users
 * file have in common.
 */
#ifndef SSTPD_CONF_POLICY_H
#define SSTPD_CONF_POLICY_H

#include "conf/conf_value.h"

/* For struct conf_policy; ends with an empty name. */
extern const struct conf_key conf_policy_keys[];

#endif /* SSTPD_CONF_POLICY_H */
