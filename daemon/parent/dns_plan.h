/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who is told what of the name servers of a client's tunnel. Nothing is done here.
 *
 * Only with `default-route`, for all names, or with `dns-domains`, for these. And what
 * the server says is not all believed: a name server has to be in `routes`, or behind
 * `default-route`. Else it would choose where questions go to.
 */
#ifndef SSTPD_DNS_PLAN_H
#define SSTPD_DNS_PLAN_H

#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>

#include "data/network.h"
#include "data/settings.h"
#include "parent/hook.h"

enum dns_whom {
	DNS_NOBODY,
	DNS_RESOLVED,		/* systemd-resolved, by resolvectl(1) */
	DNS_RESOLVCONF,		/* resolvconf(8), of openresolv or of Debian */
};

/**
 * struct dns_host - what there is on this host
 * @resolvectl: path of the program, "" = none; @resolvconf
 * @resolved: systemd-resolved runs
 * @debian: that resolvconf is Debian's, which keeps a list of name servers for all names
 */
struct dns_host {
	char resolvectl[CONF_PATH_MAX];
	char resolvconf[CONF_PATH_MAX];
	bool resolved;
	bool debian;
};

#define DNS_SERVERS_MAX	4	/* two of IPCP, two of advertisements */

/**
 * struct dns_offer - name servers that the server has named
 * @servers: whole addresses
 */
struct dns_offer {
	unsigned int n;
	struct conf_route servers[DNS_SERVERS_MAX];
};

/**
 * struct dns_told - what somebody is, or shall be, told; all zero = nobody anything
 * @whom: enum dns_whom
 * @ifindex: the tunnel's interface; @ifname
 * @all: of all names, @domains are but searched in then
 */
struct dns_told {
	uint32_t whom;
	uint32_t ifindex;
	char ifname[IFNAMSIZ];
	bool all;
	uint32_t n_servers;
	struct conf_route servers[DNS_SERVERS_MAX];
	uint32_t n_domains;
	char domains[CONF_DOMAINS_MAX][CONF_NAME_MAX];
};

/** dns_is_wanted() - names are to be asked in the tunnel, if there is somebody to ask */
bool dns_is_wanted(const struct conf_client *client);

/** dns_all_are_wanted() - and these are all names */
bool dns_all_are_wanted(const struct conf_client *client);

/** dns_want() - what is to be told of @offer; the interface is left to the caller */
void dns_want(const struct conf_client *client, const struct dns_host *host,
	      const struct dns_offer *offer, struct dns_told *told);

/** struct dns_command - @n words, the first of which is a path; @input: what it reads */
struct dns_command {
	unsigned int n;
	char words[HOOK_ARGS_MAX][CONF_PATH_MAX];
	char input[2048];
};

#define DNS_COMMANDS_MAX	3

/** dns_plan_tell() - what has to be run for @told, in order. Return: how many */
unsigned int dns_plan_tell(const struct dns_told *told, const struct dns_host *host,
			   struct dns_command commands[static DNS_COMMANDS_MAX]);

/** dns_plan_undo() - the same to take it back; 0 if the program is not there any more */
unsigned int dns_plan_undo(const struct dns_told *told, const struct dns_host *host,
			   struct dns_command commands[static DNS_COMMANDS_MAX]);

#endif /* SSTPD_DNS_PLAN_H */
