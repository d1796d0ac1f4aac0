/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The configuration, as the file says it after all checks: the parent's own part
 * is here, what other processes are sent is in data/settings.h.
 *
 * Keys, defaults and meaning: doc/sstpd.conf.5.
 */
#ifndef SSTPD_CONF_H
#define SSTPD_CONF_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "data/session_id.h"
#include "data/settings.h"
#include "lib/pool.h"

#define CONF_ENGINES_MAX	SESSION_ENGINES_MAX
#define CONF_CONTROL_DEFAULT	"/run/sstpd/control.sock"
#define CONF_POOLS_MAX		32
#define CONF_GROUPS_MAX		32
#define CONF_RANGES_MAX		16

/* 2^24.5 records: RFC 9846 5.5 */
#define CONF_KEY_LIMIT		23726566

enum conf_at_key_limit {
	CONF_KEY_LIMIT_BY_VERSION,	/* TLS 1.3: end, TLS 1.2: warn */
	CONF_KEY_LIMIT_END,
	CONF_KEY_LIMIT_WARN,
};

/**
 * struct conf_main - [global] and [log]
 * @user: unprivileged account of the children; empty = _sstpd, else nobody
 * @engines: processes that serve connections
 * @control: path of the control socket
 * @keylog: file for TLS secrets, empty = none
 * @allow_expired: certificates of our own that are not of today are no error
 * @at_key_limit: enum conf_at_key_limit
 * @key_limit: records under one AES-GCM key
 * @rekey: the kernel changes TLS keys, where it can
 * @rekey_interval: so many seconds after the last change, 0 = whatever their age
 * @log_target: enum log_target
 * @log_level: LOG_* of syslog.h
 */
struct conf_main {
	char user[CONF_NAME_MAX];
	uint32_t engines;
	char control[108];
	char keylog[CONF_PATH_MAX];
	bool allow_expired;
	uint32_t at_key_limit;
	uint32_t key_limit;
	bool rekey;
	uint32_t rekey_interval;
	uint32_t log_target;
	int32_t log_level;
};

/** struct conf_group - [group NAME] */
struct conf_group {
	char name[CONF_NAME_MAX];
	struct conf_policy policy;
};

/**
 * struct conf_pool - [pool] or [pool NAME]
 * @name: empty for [pool]
 * @addresses: for clients; @excluded: of those, not to be given out
 * @local: our address inside every tunnel, [pool] only
 * @prefix6: each session gets a /64 of it, family 0 = none
 * @excluded6: prefixes inside it that are not given out
 */
struct conf_pool {
	char name[CONF_NAME_MAX];
	uint32_t n_addresses;
	struct pool_range addresses[CONF_RANGES_MAX];
	uint32_t n_excluded;
	struct pool_range excluded[CONF_RANGES_MAX];
	struct in_addr local;
	struct in_addr dns[2];
	struct in_addr nbns[2];
	struct conf_route prefix6;
	uint32_t n_excluded6;
	struct conf_route excluded6[CONF_RANGES_MAX];
	struct in6_addr dns6[2];
};

/**
 * struct conf - all of the file
 * @listen_line: where the file says which address of the server
 * @pools: the first is [pool]
 * @clients: first those of the file, then further connections of them
 */
struct conf {
	struct conf_main main;
	bool has_server;
	struct conf_server server;
	unsigned int listen_line[CONF_LISTEN_MAX];
	uint32_t n_pools;
	struct conf_pool pools[CONF_POOLS_MAX];
	uint32_t n_groups;
	struct conf_group groups[CONF_GROUPS_MAX];
	bool has_radius;
	struct conf_radius radius;
	struct conf_radius_secret radius_secret;
	uint32_t n_clients;
	struct conf_client clients[CONF_CLIENTS_MAX];
	struct conf_secret secrets[CONF_CLIENTS_MAX];
};

/* Where complaints go: one line each, "FILE:LINE: what is wrong, what is right". */
typedef void (*conf_report)(void *ctx, const char *line);

/**
 * conf_load() - read and check a configuration file
 * @conf: filled; holds secrets, so wipe it with conf_clear()
 * @report: called for every error and warning
 *
 * Return: number of errors; @conf is only to be used if it is 0.
 */
unsigned int conf_load(struct conf *conf, const char *file, conf_report report,
		       void *ctx);
void conf_clear(struct conf *conf);

/**
 * conf_instance() - which of the daemons of this machine, told apart by their control
 *	sockets: 0 = the one at the usual place, others mostly have a number of their own
 *	from 1 to @others
 */
unsigned int conf_instance(const struct conf_main *conf, unsigned int others);
/** conf_has_eap_tls() - does anybody log in by it, or by PEAP? */
bool conf_has_eap_tls(const struct conf *conf);
/** conf_pool_find() - [pool NAME], NULL if there is none; "" is [pool] */
const struct conf_pool *conf_pool_find(const struct conf *conf, const char *name);
/** conf_group_find() - [group NAME], NULL if there is none */
const struct conf_group *conf_group_find(const struct conf *conf,
					 const char *name);

#endif /* SSTPD_CONF_H */
