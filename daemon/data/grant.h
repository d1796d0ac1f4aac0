/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What an account may have, as authd or radius say it and the parent carries out.
 * Plain data.
 */
#ifndef SSTPD_DATA_GRANT_H
#define SSTPD_DATA_GRANT_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

#include "data/settings.h"

#define POLICY_ROUTES_MAX	16

/**
 * struct policy_user - what an account says about its sessions
 * @group: [group NAME], empty = none
 * @policy: the account's own
 * @fixed: its IPv4 address, 0.0.0.0 = any of the pool
 * @prefix6: its /64, family 0 = any of the pool
 * @routes: networks behind the client
 */
struct policy_user {
	char group[CONF_NAME_MAX];
	struct conf_policy policy;
	struct in_addr fixed;
	struct conf_route prefix6;
	uint32_t n_routes;
	struct conf_route routes[POLICY_ROUTES_MAX];
};

#define GRANT_CLASS_MAX		512

/**
 * struct grant - what comes with a login
 * @user: addresses, routes, policy
 * @session_s: longest duration, seconds, 0 = any
 * @idle_s: longest time without an IP packet from the peer, seconds, 0 = any
 * @interim_s: between accounting updates, seconds, 0 = as configured
 * @mtu: upper limit of the interface MTU, bytes, 0 = as configured
 * @dns: 0.0.0.0 = as configured
 * @nbns: the same
 * @dns6: the same, all zero = as configured
 * @class_len: bytes in @class
 * @class: Class attributes as received, type and length included, for the
 *	accounting records
 */
struct grant {
	struct policy_user user;
	uint32_t session_s;
	uint32_t idle_s;
	uint32_t interim_s;
	uint32_t mtu;
	struct in_addr dns[2];
	struct in_addr nbns[2];
	struct in6_addr dns6[2];
	uint32_t class_len;
	uint8_t class[GRANT_CLASS_MAX];
};

#endif /* SSTPD_DATA_GRANT_H */
