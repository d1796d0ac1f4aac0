/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a session may have, from three scopes: [server], then the [group NAME] of
 * the user, then the user's own, of the users file or of RADIUS. What a narrower
 * scope says counts. Pure.
 */
#ifndef SSTPD_POLICY_H
#define SSTPD_POLICY_H

#include <stdbool.h>

#include "conf/conf.h"
#include "data/grant.h"

/**
 * policy_resolve() - all three scopes in one
 *
 * Return: false if there is no group of that name; @out is as without it then.
 */
bool policy_resolve(const struct conf *conf, const struct policy_user *user,
		    struct conf_policy *out);

/* @what: "[group NAME]", "[pool NAME]", "ipv6 = yes" */
typedef void (*policy_report)(void *ctx, const char *what);

/** policy_check_names() - report what @user names, or needs, and the configuration does not have */
void policy_check_names(const struct conf *conf, const struct policy_user *user,
			policy_report report, void *ctx);

#endif /* SSTPD_POLICY_H */
