/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * `sstpctl profile`: what the other end has to be told, from the server's own
 * configuration; never the password.
 */
#ifndef SSTPD_CTL_PROFILE_H
#define SSTPD_CTL_PROFILE_H

#include "conf/conf.h"
#include "ctl/ctl_ask.h"

/**
 * struct ctl_profile - what a client must know
 * @server: name to dial; @port in host order
 * @method: how it logs in
 * @private_ca: no CA of this system has signed the server's certificate
 * @pin: SHA-256 of that certificate, hex
 * @revocation: URL of its revocation list, empty = it names none
 * @path_prefix: of the server's web part
 * @client_cert: the server insists on a certificate in TLS
 * @tls13: it speaks nothing older
 * @ipv6: it has IPv6 for its sessions
 * @routes: what goes through the tunnel; none = everything
 */
struct ctl_profile {
	char server[CONF_HOST_MAX];
	uint16_t port;
	char user[AUTH_NAME_MAX + 1];
	enum auth_method_id method;
	bool private_ca;
	char pin[2 * CONF_PIN_LEN + 1];
	char revocation[CONF_PATH_MAX];
	char path_prefix[CONF_NAME_MAX];
	bool client_cert;
	bool tls13;
	bool ipv6;
	uint32_t n_routes;
	struct conf_route routes[CONF_ROUTES_MAX];
};

/** ctl_profile() - "profile USER --for KIND ..."; Return: exit status */
int ctl_profile(const struct ctl *ctl, int argc, char **argv);

/**
 * struct ctl_profile_kind - a sort of client
 * @methods: that it knows, the best first; ends with 0
 * @print: everything, ready to be used
 */
struct ctl_profile_kind {
	const char *name;
	enum auth_method_id methods[AUTH_METHODS_MAX];
	void (*print)(FILE *out, const struct ctl_profile *p);
};

/** ctl_profile_kind() - windows, mikrotik, networkmanager, sstpd; else NULL */
const struct ctl_profile_kind *ctl_profile_kind(const char *name);

#endif /* SSTPD_CTL_PROFILE_H */
