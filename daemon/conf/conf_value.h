/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Values of the configuration file: text in, checked field out. A parser
 * returns false after it wrote to @err what would have been right.
 */
#ifndef SSTPD_CONF_VALUE_H
#define SSTPD_CONF_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct conf_err {
	char text[300];
};

/**
 * struct conf_key - one key of one section
 * @name: as in the file
 * @parse: reads @value into the field
 * @off: offset of the field in the section's struct
 * @size: size of the field (text), or greatest value (numbers)
 * @min: least value (numbers)
 * @list: the key may be given again, values add up
 */
struct conf_key {
	const char *name;
	bool (*parse)(const struct conf_key *key, void *base, const char *value,
		      struct conf_err *err);
	size_t off;
	size_t size;
	uint32_t min;
	bool list;
};

#define CONF_VALUE(name) \
	bool name(const struct conf_key *key, void *base, const char *value, \
		  struct conf_err *err)

CONF_VALUE(conf_text);		/* char[size], not empty */
CONF_VALUE(conf_path);		/* char[size], starts with / */
CONF_VALUE(conf_ciphers);	/* char[size], OpenSSL knows one of them */
CONF_VALUE(conf_ciphersuites);	/* the same for TLS 1.3 */
CONF_VALUE(conf_groups);		/* and for the key exchange */
CONF_VALUE(conf_yesno);		/* bool */
CONF_VALUE(conf_number);	/* uint32_t, min..size */
CONF_VALUE(conf_ipv4);		/* struct in_addr */
CONF_VALUE(conf_ipv4_two);	/* struct in_addr[2] */
CONF_VALUE(conf_ipv6_two);	/* struct in6_addr[2] */
CONF_VALUE(conf_prefix6);	/* struct conf_route, IPv6, 48..64 bits */
CONF_VALUE(conf_addresses);	/* struct conf_pool: addresses, n_addresses */
CONF_VALUE(conf_exclude);	/* struct conf_pool: excluded, n_excluded */
CONF_VALUE(conf_exclude6);	/* struct conf_pool: excluded6, n_excluded6 */
CONF_VALUE(conf_rate);		/* uint64_t, bit/s */
CONF_VALUE(conf_user_names);	/* bool: names are folded */
CONF_VALUE(conf_at_key_limit);	/* uint32_t: enum conf_at_key_limit */
CONF_VALUE(conf_same_user);	/* uint32_t: enum conf_same_user */
CONF_VALUE(conf_tristate);	/* uint32_t: enum conf_tristate */
CONF_VALUE(conf_netns);		/* char[size], a file name */
CONF_VALUE(conf_data_path);	/* uint32_t: enum conf_path */
CONF_VALUE(conf_auth);		/* struct auth_methods */
CONF_VALUE(conf_hashes);	/* uint32_t: SSTP_HASH_* bits */
CONF_VALUE(conf_client_cert);	/* uint32_t: enum conf_client_cert */
CONF_VALUE(conf_tls_version);	/* uint32_t: TLS1_x_VERSION */
CONF_VALUE(conf_log_target);	/* uint32_t: enum log_target */
CONF_VALUE(conf_engines);	/* uint32_t: a number, "auto" */
CONF_VALUE(conf_log_level);	/* int32_t: LOG_* */
CONF_VALUE(conf_backends);	/* uint32_t: enum conf_backend bits */
CONF_VALUE(conf_radius_auth);	/* struct conf_radius: auth, n_auth */
CONF_VALUE(conf_radius_acct);	/* struct conf_radius: acct, n_acct */
CONF_VALUE(conf_coa_listen);	/* struct conf_radius: coa, n_coa */
CONF_VALUE(conf_coa_sources);	/* struct conf_radius: sources, n_sources */
CONF_VALUE(conf_path_or_none);	/* char[size], empty = none */
CONF_VALUE(conf_coa_require);	/* uint32_t: enum conf_coa_require bits */
CONF_VALUE(conf_listen);	/* struct conf_server: listen, n_listen */
CONF_VALUE(conf_certificate);	/* struct conf_server: certs, n_certs */
CONF_VALUE(conf_ocsp);		/* the same, of the certificate before it */
CONF_VALUE(conf_certificate_key); /* struct conf_server: certs, n_keys */
CONF_VALUE(conf_routes);	/* struct conf_client: routes, n_routes */
CONF_VALUE(conf_leak);		/* bool: IPv6 may */
CONF_VALUE(conf_table);		/* uint32_t: a number, CONF_TABLE_* */
CONF_VALUE(conf_fwmark);	/* uint32_t: a number, 0 = auto */
CONF_VALUE(conf_dns);		/* uint32_t: enum conf_dns */
CONF_VALUE(conf_domains);	/* struct conf_client: domains, n_domains */
CONF_VALUE(conf_proxies);	/* struct conf_server: proxies, n_proxies */
CONF_VALUE(conf_web_server);	/* struct conf_server: web */
CONF_VALUE(conf_url);		/* char[size], http:// or https:// */
CONF_VALUE(conf_uri);		/* char[size], starts with /, no blanks */
CONF_VALUE(conf_path_prefix);	/* the same, no / at its end */
CONF_VALUE(conf_dial);		/* struct conf_client: server, port */
CONF_VALUE(conf_proxy);		/* struct conf_client: proxy, proxy_port */
CONF_VALUE(conf_pin);		/* struct conf_client: pin, has_pin */
CONF_VALUE(conf_ifname);	/* char[IFNAMSIZ], no % */
CONF_VALUE(conf_ifname_tmpl);	/* char[IFNAMSIZ], %d and %u at most once */

struct conf_route;

/**
 * conf_find() - the key of this name
 * @keys: ends with an empty name
 *
 * Return: NULL if there is none.
 */
const struct conf_key *conf_find(const struct conf_key *keys, const char *name);

/** conf_prefix_list() - adds the prefixes of a list to the *@n of @routes */
bool conf_prefix_list(const char *value, struct conf_route *routes, uint32_t *n,
		      uint32_t max, struct conf_err *err);

/**
 * conf_bit_rate() - "20M", "512k", "1500000": bits per second
 *
 * Return: false if it is none, or 0.
 */
bool conf_bit_rate(uint64_t *rate, const char *text, size_t len);

/**
 * conf_prefix() - "10.0.0.0/8", "192.0.2.7", "2001:db8::/32" as a route
 *
 * Return: false if it is no prefix or has host bits.
 */
bool conf_prefix(struct conf_route *route, const char *text);

#endif /* SSTPD_CONF_VALUE_H */
