// SPDX-License-Identifier: GPL-2.0-or-later
#include "conf/conf.h"

#include <arpa/inet.h>
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <ini.h>
#include <linux/sstp.h>
#include <openssl/crypto.h>
#include <openssl/ssl.h>

#include "conf/conf_policy.h"
#include "conf/conf_value.h"
#include "lib/log.h"
#include "lib/pool.h"
#include "lib/secret_file.h"

#define CONF_CA_DEFAULT		"/etc/ssl/certs/ca-certificates.crt"

/* AES-GCM first: kTLS knows it. AES-CBC last: old MikroTik knows little else. */
#define CONF_CIPHERS \
	"ECDHE+AESGCM+AES128:ECDHE+AESGCM:ECDHE+CHACHA20:" \
	"kRSA+AESGCM+AES128:kRSA+AESGCM:ECDHE+AES+SHA:kRSA+AES+SHA"
#define CONF_CIPHERSUITES \
	"TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:" \
	"TLS_CHACHA20_POLY1305_SHA256"

#define KEYS_MAX	64	/* per section; a bit each in struct conf_seen */

#define WRONG_MAX	8	/* more errors are not worth to be told apart */

/* @wrong: keys that have no value because theirs was refused */
struct conf_seen {
	uint64_t keys;
	unsigned int line;
	unsigned int n_wrong;
	const char *wrong[WRONG_MAX];
};

struct conf_reader {
	struct conf *conf;
	const char *file;
	FILE *in;
	unsigned int line;
	unsigned int errors;
	bool inline_password;
	conf_report report;
	void *ctx;
	struct conf_seen main;
	struct conf_seen log;
	struct conf_seen server;
	struct conf_seen server_policy;
	struct conf_seen pools[CONF_POOLS_MAX];
	struct conf_seen groups[CONF_GROUPS_MAX];
	struct conf_seen radius;
	struct conf_seen clients[CONF_CLIENTS_MAX];
};

static CONF_VALUE(conf_password_file);

#define FIELD(type, field)	offsetof(struct type, field), \
				sizeof(((struct type *)0)->field)
#define RANGE(type, field, lo, hi)	offsetof(struct type, field), hi, lo

static const struct conf_key conf_main_keys[] = {
	{ "user", conf_text, FIELD(conf_main, user), 0, false },
	{ "engines", conf_engines,
	  RANGE(conf_main, engines, 1, CONF_ENGINES_MAX), false },
	{ "control", conf_path, FIELD(conf_main, control), 0, false },
	{ "allow-expired", conf_yesno, FIELD(conf_main, allow_expired), 0, false },
	{ "at-key-limit", conf_at_key_limit, FIELD(conf_main, at_key_limit), 0, false },
	{ "key-limit", conf_number,
	  RANGE(conf_main, key_limit, 1000, CONF_KEY_LIMIT), false },
	{ "rekey", conf_yesno, FIELD(conf_main, rekey), 0, false },
	{ "rekey-interval", conf_number,
	  RANGE(conf_main, rekey_interval, 0, SSTP_MAX_REKEY_SECONDS), false },
	{ "tls-keylog", conf_path, FIELD(conf_main, keylog), 0, false },
	{ 0 },
};

static const struct conf_key conf_log_keys[] = {
	{ "target", conf_log_target, FIELD(conf_main, log_target), 0, false },
	{ "level", conf_log_level, FIELD(conf_main, log_level), 0, false },
	{ 0 },
};

#define CONF_TLS_KEYS(type) \
	{ "tls-min-version", conf_tls_version, \
	  FIELD(type, tls.min_version), 0, false }, \
	{ "tls-max-version", conf_tls_version, \
	  FIELD(type, tls.max_version), 0, false }, \
	{ "tls-ciphers", conf_ciphers, FIELD(type, tls.ciphers), 0, false }, \
	{ "tls-ciphersuites", conf_ciphersuites, \
	  FIELD(type, tls.ciphersuites), 0, false }, \
	{ "tls-groups", conf_groups, FIELD(type, tls.groups), 0, false }

#define CONF_EAP_KEYS(type) \
	{ "eap-tls-certificate", conf_path, \
	  FIELD(type, eap.cert.certificate), 0, false }, \
	{ "eap-tls-key", conf_path, FIELD(type, eap.cert.key), 0, false }, \
	{ "eap-tls-ca", conf_path, FIELD(type, eap.ca), 0, false }

#define CONF_LINK_KEYS(type) \
	{ "mtu", conf_number, RANGE(type, link.mtu, 576, 4087), false }, \
	{ "data-path", conf_data_path, FIELD(type, link.path), 0, false }, \
	{ "auth", conf_auth, FIELD(type, link.auth), 0, false }, \
	{ "eap-mschapv2-zero-key", conf_yesno, \
	  FIELD(type, link.eap_no_key), 0, false }, \
	{ "binding-hash", conf_hashes, FIELD(type, link.hashes), 0, false }, \
	{ "hello-interval", conf_number, \
	  RANGE(type, link.hello_s, 1, 3600), false }, \
	{ "stall-timeout", conf_number, \
	  RANGE(type, link.stall_s, 1, 3600), false }, \
	{ "lcp-echo-interval", conf_number, \
	  RANGE(type, link.echo_s, 0, 3600), false }, \
	{ "ipv6", conf_yesno, FIELD(type, link.ipv6), 0, false }, \
	{ "tcp-congestion", conf_text, \
	  FIELD(type, link.congestion), 0, false }, \
	{ "up-script", conf_path, FIELD(type, link.up_script), 0, false }, \
	{ "down-script", conf_path, FIELD(type, link.down_script), 0, false }, \
	{ "script-timeout", conf_number, \
	  RANGE(type, link.script_s, 1, 300), false }

static const struct conf_key conf_server_keys[] = {
	{ "listen", conf_listen, 0, 0, 0, true },
	{ "certificate", conf_certificate, 0, 0, 0, true },
	{ "key", conf_certificate_key, 0, 0, 0, true },
	{ "ocsp-response", conf_ocsp, 0, 0, 0, true },
	{ "certificate-watch", conf_yesno, FIELD(conf_server, cert_watch), 0, false },
	{ "users", conf_path, FIELD(conf_server, users), 0, false },
	{ "auth-backend", conf_backends,
	  FIELD(conf_server, backends), 0, false },
	{ "user-names", conf_user_names,
	  FIELD(conf_server, fold_names), 0, false },
	{ "host", conf_text, FIELD(conf_server, host), 0, false },
	{ "max-sessions", conf_number,
	  RANGE(conf_server, max_sessions, 1, 60000), false },
	{ "max-connections", conf_number,
	  RANGE(conf_server, connections, 1, LANES_MAX), false },
	{ "max-handshakes", conf_number,
	  RANGE(conf_server, handshakes, 1, 60000), false },
	{ "max-half-open", conf_number,
	  RANGE(conf_server, half_open, 1, 60000), false },
	{ "max-half-open-per-source", conf_number,
	  RANGE(conf_server, half_open_source, 1, 60000), false },
	{ "handshake-timeout", conf_number,
	  RANGE(conf_server, handshake_s, 1, 60), false },
	{ "login-failures", conf_number,
	  RANGE(conf_server, login.failures, 0, 1000), false },
	{ "login-failures-per-source", conf_number,
	  RANGE(conf_server, login.failures_source, 0, 1000), false },
	{ "login-delay", conf_number,
	  RANGE(conf_server, login.delay_s, 0, 3600), false },
	{ "login-delay-max", conf_number,
	  RANGE(conf_server, login.delay_max_s, 1, 3600), false },
	{ "login-memory", conf_number,
	  RANGE(conf_server, login.memory_s, 1, 86400), false },
	{ "client-certificate", conf_client_cert,
	  FIELD(conf_server, client_cert), 0, false },
	{ "client-ca", conf_path, FIELD(conf_server, client_ca), 0, false },
	{ "client-certificate-is-user", conf_yesno,
	  FIELD(conf_server, cert_is_user), 0, false },
	{ "proxy-protocol-from", conf_proxies, 0, 0, 0, true },
	{ "web-redirect", conf_url, FIELD(conf_server, web.redirect), 0, false },
	{ "web-server", conf_web_server, 0, 0, 0, false },
	{ "web-server-proxy-protocol", conf_yesno,
	  FIELD(conf_server, web.proxy), 0, false },
	{ "max-web-connections", conf_number,
	  RANGE(conf_server, web.max, 1, 60000), false },
	{ "path-prefix", conf_path_prefix,
	  FIELD(conf_server, web.path_prefix), 0, false },
	{ "health-uri", conf_uri, FIELD(conf_server, web.health), 0, false },
	CONF_EAP_KEYS(conf_server),
	CONF_TLS_KEYS(conf_server),
	CONF_LINK_KEYS(conf_server),
	{ 0 },
};

static const struct conf_key conf_pool_keys[] = {
	{ "addresses", conf_addresses, 0, 0, 0, true },
	{ "exclude", conf_exclude, 0, 0, 0, true },
	{ "local", conf_ipv4, FIELD(conf_pool, local), 0, false },
	{ "dns", conf_ipv4_two, FIELD(conf_pool, dns), 0, false },
	{ "wins", conf_ipv4_two, FIELD(conf_pool, nbns), 0, false },
	{ "ipv6-prefix", conf_prefix6, FIELD(conf_pool, prefix6), 0, false },
	{ "ipv6-exclude", conf_exclude6, 0, 0, 0, true },
	{ "ipv6-dns", conf_ipv6_two, FIELD(conf_pool, dns6), 0, false },
	{ 0 },
};

static const struct conf_key conf_radius_keys[] = {
	{ "auth-server", conf_radius_auth, 0, 0, 0, true },
	{ "acct-server", conf_radius_acct, 0, 0, 0, true },
	{ "timeout", conf_number, RANGE(conf_radius, timeout_s, 1, 30), false },
	{ "retries", conf_number, RANGE(conf_radius, retries, 0, 10), false },
	{ "dead-time", conf_number, RANGE(conf_radius, dead_s, 1, 3600), false },
	{ "acct-spool", conf_path_or_none, FIELD(conf_radius, spool), 0, false },
	{ "interim-interval", conf_number,
	  RANGE(conf_radius, interim_s, 0, 86400), false },
	{ "nas-identifier", conf_text,
	  FIELD(conf_radius, nas_identifier), 0, false },
	{ "nas-ip-address", conf_ipv4,
	  FIELD(conf_radius, nas_address), 0, false },
	{ "coa-listen", conf_coa_listen, 0, 0, 0, false },
	{ "coa-sources", conf_coa_sources, 0, 0, 0, true },
	{ "coa-require", conf_coa_require,
	  FIELD(conf_radius, coa_require), 0, false },
	{ 0 },
};

/* Also a key of [radius], but its value goes to another struct. */
static const struct conf_key conf_radius_secret_keys[] = {
	{ "secret-file", conf_password_file,
	  FIELD(conf_radius_secret, secret), 0, false },
	{ 0 },
};

static const struct conf_key conf_client_keys[] = {
	{ "server", conf_dial, 0, 0, 0, false },
	{ "user", conf_text, FIELD(conf_client, user), 0, false },
	{ "interface", conf_ifname,
	  FIELD(conf_client, link.ifname), 0, false },
	{ "proxy", conf_proxy, 0, 0, 0, false },
	{ "proxy-user", conf_text, FIELD(conf_client, proxy_user), 0, false },
	{ "proxy-password-file", conf_password_file,
	  FIELD(conf_client, proxy_password), 0, false },
	{ "tls-name", conf_text, FIELD(conf_client, tls_name), 0, false },
	{ "tls-ca", conf_path, FIELD(conf_client, ca), 0, false },
	{ "tls-certificate", conf_path, FIELD(conf_client, cert), 0, false },
	{ "tls-key", conf_path, FIELD(conf_client, key), 0, false },
	{ "certificate-watch", conf_yesno, FIELD(conf_client, cert_watch), 0, false },
	{ "tls-pin-sha256", conf_pin, 0, 0, 0, false },
	{ "routes", conf_routes, 0, 0, 0, true },
	{ "default-route", conf_yesno,
	  FIELD(conf_client, default_route), 0, false },
	{ "kill-switch", conf_yesno, FIELD(conf_client, kill_switch), 0, false },
	{ "leak", conf_leak, FIELD(conf_client, leak6), 0, false },
	{ "addresses", conf_yesno, FIELD(conf_client, addresses), 0, false },
	{ "table", conf_table, FIELD(conf_client, table), 0, false },
	{ "fwmark", conf_fwmark, FIELD(conf_client, fwmark), 0, false },
	{ "metric", conf_number,
	  RANGE(conf_client, metric, 1, CONF_METRIC_MAX), false },
	{ "vrf", conf_ifname, FIELD(conf_client, vrf), 0, false },
	{ "netns", conf_netns, FIELD(conf_client, netns), 0, false },
	{ "dns", conf_dns, FIELD(conf_client, dns), 0, false },
	{ "dns-domains", conf_domains, 0, 0, 0, true },
	{ "connections", conf_number,
	  RANGE(conf_client, connections, 1, LANES_MAX), false },
	{ "reconnect", conf_yesno, FIELD(conf_client, reconnect), 0, false },
	{ "reconnect-before-expiry", conf_number,
	  RANGE(conf_client, renew_before_s, 0, 90 * 86400), false },
	{ "reconnect-min", conf_number,
	  RANGE(conf_client, retry_min_s, 1, 3600), false },
	{ "reconnect-max", conf_number,
	  RANGE(conf_client, retry_max_s, 1, 3600), false },
	{ "login-retries", conf_number,
	  RANGE(conf_client, login_retries, 1, 1000), false },
	{ "login-backoff", conf_number,
	  RANGE(conf_client, login_backoff_s, 1, 86400), false },
	{ "path-prefix", conf_path_prefix,
	  FIELD(conf_client, path_prefix), 0, false },
	CONF_EAP_KEYS(conf_client),
	{ "eap-tls-name", conf_text, FIELD(conf_client, eap.name), 0, false },
	{ "eap-identity", conf_text, FIELD(conf_client, eap.identity), 0, false },
	{ "peap-crypto-binding", conf_yesno,
	  FIELD(conf_client, eap.need_binding), 0, false },
	CONF_TLS_KEYS(conf_client),
	CONF_LINK_KEYS(conf_client),
	{ 0 },
};

/* Also keys of [client NAME], but their values go to another struct. */
static const struct conf_key conf_secret_keys[] = {
	{ "password", conf_text, FIELD(conf_secret, password), 0, false },
	{ "password-file", conf_password_file,
	  FIELD(conf_secret, password), 0, false },
	{ "new-password-file", conf_password_file,
	  FIELD(conf_secret, new_password), 0, false },
	{ 0 },
};

static bool conf_password_file(const struct conf_key *key, void *base,
			       const char *value, struct conf_err *err)
{
	return !secret_file_line(value, (char *)base + key->off, key->size,
				 err->text, sizeof(err->text));
}

static void __attribute__((format(printf, 3, 4)))
conf_error(struct conf_reader *r, unsigned int line, const char *fmt, ...)
{
	char text[2000];
	int len = 0;
	va_list ap;

	if (line)
		len = snprintf(text, sizeof(text), "%s:%u: ", r->file, line);
	else
		len = snprintf(text, sizeof(text), "%s: ", r->file);
	va_start(ap, fmt);
	vsnprintf(text + len, sizeof(text) - (size_t)len, fmt, ap);
	va_end(ap);
	r->errors++;
	r->report(r->ctx, text);
}

#define CONF_TYPO_MAX	32

/* How many characters have to be put in, taken out or changed: Levenshtein. */
static unsigned int conf_distance(const char *a, const char *b)
{
	unsigned int row[CONF_TYPO_MAX + 1], left, up, best;
	size_t n = strlen(b);

	if (n > CONF_TYPO_MAX)
		return UINT_MAX;
	for (unsigned int i = 0; i <= n; i++)
		row[i] = i;
	for (; *a; a++) {
		up = row[0]++;
		for (size_t i = 1; i <= n; i++) {
			best = up + (*a != b[i - 1]);
			left = row[i - 1] + 1;
			up = row[i];
			best = left < best ? left : best;
			row[i] = up + 1 < best ? up + 1 : best;
		}
	}
	return row[n];
}

/* The key that was meant, perhaps; NULL if none is like @name */
static const char *conf_nearest(const char *name, const struct conf_key *keys,
				const struct conf_key *more)
{
	const struct conf_key *tables[] = { keys, more };
	const char *nearest = NULL;
	/* Of short words any two are alike. */
	unsigned int best = strlen(name) > 5 ? 3 : 2;
	unsigned int d;

	for (int table = 0; table < 2; table++)
		for (const struct conf_key *key = tables[table]; key && key->name; key++) {
			d = conf_distance(name, key->name);
			if (d >= best)
				continue;
			best = d;
			nearest = key->name;
		}
	return nearest;
}

static void conf_unknown_key(struct conf_reader *r, const char *section,
			     const char *name, const struct conf_key *keys,
			     const struct conf_key *more)
{
	const struct conf_key *tables[] = { keys, more };
	char known[1500] = "";
	const char *near;
	size_t len = 0;

	for (int table = 0; table < 2; table++)
		for (const struct conf_key *key = tables[table];
		     key && key->name && len < sizeof(known); key++)
			len += (size_t)snprintf(known + len,
						sizeof(known) - len, "%s%s",
						len ? ", " : "", key->name);
	near = conf_nearest(name, keys, more);
	if (near)
		conf_error(r, r->line, "unknown key \"%s\" in [%s]: is it \"%s\"?",
			   name, section, near);
	else
		conf_error(r, r->line, "unknown key \"%s\" in [%s]; its keys are: %s",
			   name, section, known);
}

static void conf_set(struct conf_reader *r, struct conf_seen *seen,
		     unsigned int bit, const struct conf_key *key, void *base,
		     const char *value)
{
	struct conf_err err = { "" };

	if ((seen->keys & (UINT64_C(1) << bit)) && !key->list) {
		conf_error(r, r->line, "\"%s\" is set a second time",
			   key->name);
		return;
	}
	seen->keys |= UINT64_C(1) << bit;
	if (key->parse(key, base, value, &err))
		return;
	conf_error(r, r->line, "\"%s\": %s", key->name, err.text);
	if (seen->n_wrong < WRONG_MAX)
		seen->wrong[seen->n_wrong++] = key->name;
}

static void conf_client_defaults(struct conf_client *client, const char *name)
{
	struct conf_link *link = &client->link;

	snprintf(client->name, sizeof(client->name), "%s", name);
	client->tls.min_version = TLS1_2_VERSION;
	client->tls.max_version = TLS1_3_VERSION;
	strcpy(client->tls.ciphers, CONF_CIPHERS);
	strcpy(client->tls.ciphersuites, CONF_CIPHERSUITES);
	link->mtu = 1400;
	link->path = CONF_PATH_AUTO;
	/* Not EAP: some servers ask for it first and then know no type of ours. */
	link->auth = AUTH_METHODS(AUTH_MSCHAPV2);
	link->hashes = SSTP_HASH_SHA256;
	link->hello_s = 60;
	link->stall_s = 60;
	link->echo_s = 0;
	strcpy(link->congestion, CONGESTION_AUTO);
	link->script_s = 10;
	strcpy(link->ifname, "sstp0");
	client->eap.need_binding = true;
	client->addresses = true;
	client->reconnect = true;
	client->cert_watch = true;
	client->retry_min_s = 1;
	client->retry_max_s = 60;
	client->login_retries = 3;
	client->login_backoff_s = 600;
	client->connections = 1;
}

/*
 * The section "KIND NAME" among the *@n of an array of structs that begin with
 * their names; one more if there is none yet.
 *
 * Return: its index, -1 if it cannot be.
 */
static int conf_index(struct conf_reader *r, const char *kind, const char *name,
		      void *array, size_t size, uint32_t *n, uint32_t max)
{
	uint32_t i;

	if (!*name || strlen(name) >= CONF_NAME_MAX) {
		conf_error(r, r->line, "a %s name has 1 to %d characters", kind,
			   CONF_NAME_MAX - 1);
		return -1;
	}
	for (i = 0; i < *n; i++)
		if (!strcmp((char *)array + i * size, name))
			return (int)i;
	if (i == max) {
		conf_error(r, r->line, "more than %u [%s] sections", max, kind);
		return -1;
	}
	snprintf((char *)array + i * size, CONF_NAME_MAX, "%s", name);
	++*n;
	return (int)i;
}

/* The client of section "client NAME"; a new one if there is none yet. */
static int conf_client_index(struct conf_reader *r, const char *name)
{
	struct conf *conf = r->conf;
	uint32_t n = conf->n_clients;
	int i = conf_index(r, "client", name, conf->clients,
			   sizeof(conf->clients[0]), &conf->n_clients,
			   CONF_CLIENTS_MAX);

	if (conf->n_clients == n)
		return i;
	conf_client_defaults(&conf->clients[i], name);
	conf->secrets[i].client = (uint32_t)i;
	r->clients[i].line = r->line;
	return i;
}

static void conf_client_key(struct conf_reader *r, const char *section,
			    const char *name, const char *value)
{
	const struct conf_key *key;
	int i;

	i = conf_client_index(r, section + strlen("client "));
	if (i < 0)
		return;
	key = conf_find(conf_client_keys, name);
	if (key) {
		conf_set(r, &r->clients[i],
			 (unsigned int)(key - conf_client_keys), key,
			 &r->conf->clients[i], value);
		return;
	}
	key = conf_find(conf_secret_keys, name);
	if (!strcmp(name, "password"))
		r->inline_password = true;
	/* One bit for two: a password comes from one place. */
	if (key)
		conf_set(r, &r->clients[i], key == &conf_secret_keys[2] ?
			 KEYS_MAX - 2 : KEYS_MAX - 1, key,
			 &r->conf->secrets[i], value);
	else
		conf_unknown_key(r, section, name, conf_client_keys,
				 conf_secret_keys);
}

/* [pool] is the first, and has no name. */
static void conf_pool_key(struct conf_reader *r, const char *section,
			  const char *name, const char *value)
{
	const struct conf_key *key = conf_find(conf_pool_keys, name);
	struct conf *conf = r->conf;
	int i = 0;

	if (strcmp(section, "pool"))
		i = conf_index(r, "pool", section + strlen("pool "),
			       conf->pools, sizeof(conf->pools[0]),
			       &conf->n_pools, CONF_POOLS_MAX);
	if (i < 0)
		return;
	if (!r->pools[i].line)
		r->pools[i].line = r->line;
	if (!key)
		conf_unknown_key(r, section, name, conf_pool_keys, NULL);
	else if (i && !strcmp(name, "local"))
		conf_error(r, r->line, "\"local\" is the same in all pools; set it in [pool]");
	else
		conf_set(r, &r->pools[i], (unsigned int)(key - conf_pool_keys),
			 key, &conf->pools[i], value);
}

static void conf_group_key(struct conf_reader *r, const char *section,
			   const char *name, const char *value)
{
	const struct conf_key *key = conf_find(conf_policy_keys, name);
	struct conf *conf = r->conf;
	int i;

	i = conf_index(r, "group", section + strlen("group "), conf->groups,
		       sizeof(conf->groups[0]), &conf->n_groups,
		       CONF_GROUPS_MAX);
	if (i < 0)
		return;
	if (!r->groups[i].line)
		r->groups[i].line = r->line;
	if (key)
		conf_set(r, &r->groups[i],
			 (unsigned int)(key - conf_policy_keys), key,
			 &conf->groups[i].policy, value);
	else
		conf_unknown_key(r, section, name, conf_policy_keys, NULL);
}

static void conf_server_key(struct conf_reader *r, const char *name,
			    const char *value)
{
	const struct conf_key *key = conf_find(conf_server_keys, name);
	struct conf *conf = r->conf;
	uint32_t i = conf->server.n_listen;

	if (!r->server.line)
		r->server.line = r->line;
	if (key) {
		conf_set(r, &r->server, (unsigned int)(key - conf_server_keys),
			 key, &conf->server, value);
		for (; i < conf->server.n_listen; i++)
			conf->listen_line[i] = r->line;
		return;
	}
	key = conf_find(conf_policy_keys, name);
	if (key)
		conf_set(r, &r->server_policy,
			 (unsigned int)(key - conf_policy_keys), key,
			 &r->conf->server.policy, value);
	else
		conf_unknown_key(r, "server", name, conf_server_keys,
				 conf_policy_keys);
}

static void conf_radius_key(struct conf_reader *r, const char *name,
			    const char *value)
{
	const struct conf_key *key = conf_find(conf_radius_keys, name);

	if (!r->radius.line)
		r->radius.line = r->line;
	if (key) {
		conf_set(r, &r->radius, (unsigned int)(key - conf_radius_keys),
			 key, &r->conf->radius, value);
		return;
	}
	key = conf_find(conf_radius_secret_keys, name);
	if (key)
		conf_set(r, &r->radius, KEYS_MAX - 1, key,
			 &r->conf->radius_secret, value);
	else
		conf_unknown_key(r, "radius", name, conf_radius_keys,
				 conf_radius_secret_keys);
}

static int conf_on_value(void *user, const char *section, const char *name,
			 const char *value)
{
	struct conf_reader *r = user;
	const struct {
		const char *name;
		const struct conf_key *keys;
		struct conf_seen *seen;
		void *base;
	} sections[] = {
		{ "global", conf_main_keys, &r->main, &r->conf->main },
		{ "log", conf_log_keys, &r->log, &r->conf->main },
	};
	const struct conf_key *key;

	if (!strncmp(section, "client ", strlen("client "))) {
		conf_client_key(r, section, name, value);
		return 1;
	}
	if (!strcmp(section, "pool") ||
	    !strncmp(section, "pool ", strlen("pool "))) {
		conf_pool_key(r, section, name, value);
		return 1;
	}
	if (!strncmp(section, "group ", strlen("group "))) {
		conf_group_key(r, section, name, value);
		return 1;
	}
	if (!strcmp(section, "server")) {
		conf_server_key(r, name, value);
		return 1;
	}
	if (!strcmp(section, "radius")) {
		conf_radius_key(r, name, value);
		return 1;
	}
	for (size_t i = 0; i < sizeof(sections) / sizeof(sections[0]); i++) {
		if (strcmp(section, sections[i].name))
			continue;
		if (!sections[i].seen->line)
			sections[i].seen->line = r->line;
		key = conf_find(sections[i].keys, name);
		if (key)
			conf_set(r, sections[i].seen,
				 (unsigned int)(key - sections[i].keys), key,
				 sections[i].base, value);
		else
			conf_unknown_key(r, section, name, sections[i].keys,
					 NULL);
		return 1;
	}
	conf_error(r, r->line, *section ?
		   "unknown section [%s]; sections are [global], [log], [server], [pool], [pool NAME], [group NAME], [radius], [client NAME]" :
		   "a key before the first section%s; begin with [server] or [client NAME]",
		   section);
	return 1;
}

/* libinih counts lines but does not tell; and it would cut long lines in two. */
static char *conf_read_line(char *line, int size, void *stream)
{
	struct conf_reader *r = stream;
	int c;

	if (!fgets(line, size, r->in))
		return NULL;
	r->line++;
	if (strchr(line, '\n') || feof(r->in))
		return line;
	conf_error(r, r->line, "line is longer than %d characters", size - 2);
	do {
		c = fgetc(r->in);
	} while (c != EOF && c != '\n');
	strcpy(line, "\n");
	return line;
}

/* What a service manager has made for us to keep things in. */
static void conf_default_spool(struct conf_radius *radius)
{
	const char *dir = getenv("STATE_DIRECTORY");

	if (dir && *dir == '/' && !strchr(dir, ':') &&
	    strlen(dir) + sizeof("/accounting") <= sizeof(radius->spool))
		snprintf(radius->spool, sizeof(radius->spool), "%.*s/accounting",
			 CONF_PATH_MAX - (int)sizeof("/accounting"), dir);
}

static void conf_defaults(struct conf *conf)
{
	struct conf_server *server = &conf->server;
	struct conf_client as_client;

	memset(conf, 0, sizeof(*conf));
	conf->main.engines = 1;
	strcpy(conf->main.control, CONF_CONTROL_DEFAULT);
	conf->main.key_limit = CONF_KEY_LIMIT;
	conf->main.rekey = true;
	conf->main.rekey_interval = 24 * 3600;
	conf->main.log_target = LOG_TO_STDERR;
	conf->main.log_level = LOG_INFO;

	memset(&as_client, 0, sizeof(as_client));
	conf_client_defaults(&as_client, "");
	server->tls = as_client.tls;
	server->link = as_client.link;
	server->link.auth = AUTH_METHODS(AUTH_MSCHAPV2, AUTH_EAP_MSCHAPV2);
	strcpy(server->policy.ifname, "sstp%d");
	server->policy.same_user = CONF_SAME_REPLACE;
	server->policy.source_check = CONF_YES;
	conf->n_pools = 1;
	server->cert_watch = true;
	server->max_sessions = 1000;
	server->connections = 4;
	server->handshakes = 128;
	server->half_open = 256;
	server->half_open_source = 16;
	server->handshake_s = 15;
	server->backends = CONF_BACKEND_USERS;

	conf->radius.timeout_s = 3;
	conf->radius.retries = 2;
	conf->radius.dead_s = 60;
	conf_default_spool(&conf->radius);
	gethostname(conf->radius.nas_identifier,
		    sizeof(conf->radius.nas_identifier) - 1);
	server->login.failures = 3;
	server->login.failures_source = 12;
	server->login.delay_s = 1;
	server->login.delay_max_s = 30;
	server->login.memory_s = 600;
	server->web.max = 64;
}

static void conf_need(struct conf_reader *r, const struct conf_seen *seen,
		      const char *section, const char *key, bool have)
{
	for (unsigned int i = 0; i < seen->n_wrong; i++)
		have |= !strcmp(seen->wrong[i], key);
	if (!have)
		conf_error(r, seen->line, "[%s] needs \"%s\"", section, key);
}

static void conf_check_server_auth(struct conf_reader *r)
{
	struct conf_server *server = &r->conf->server;
	const struct auth_methods *auth = &server->link.auth;
	struct conf_eap_tls *eap = &server->eap;

	if (auth_allows(auth, AUTH_EAP_RADIUS) &&
	    !(server->backends & CONF_BACKEND_RADIUS))
		conf_error(r, r->server.line,
			   "[server] \"auth\" has eap-radius: \"auth-backend\" must name radius");
	if (auth_allows(auth, AUTH_PEAP))
		conf_error(r, r->server.line,
			   "[server] \"auth\" has peap, which is for clients; a server has it by eap-radius");
	if (auth_allows(auth, AUTH_EAP_RADIUS) && server->cert_is_user)
		conf_error(r, r->server.line,
			   "[server] \"client-certificate-is-user\" and eap-radius exclude each other: only the RADIUS server knows who logs in");
	if (!auth_allows(auth, AUTH_EAP_TLS)) {
		if (*eap->ca || *eap->cert.certificate || *eap->cert.key)
			conf_error(r, r->server.line,
				   "[server] has \"eap-tls-...\", but \"auth\" has no eap-tls");
		return;
	}
	if (!(server->backends & CONF_BACKEND_USERS))
		conf_error(r, r->server.line,
			   "[server] \"auth\" has eap-tls, which is for users of the users file; where RADIUS decides alone, that is eap-radius");
	conf_need(r, &r->server, "server", "eap-tls-ca", *eap->ca);
	if (!*eap->cert.certificate && !*eap->cert.key)
		eap->cert = server->certs[0];
	conf_need(r, &r->server, "server", "eap-tls-certificate",
		  *eap->cert.certificate);
	conf_need(r, &r->server, "server", "eap-tls-key", *eap->cert.key);
}

unsigned int conf_instance(const struct conf_main *conf, unsigned int others)
{
	unsigned int sum = 0;

	if (!strcmp(conf->control, CONF_CONTROL_DEFAULT))
		return 0;
	for (const char *p = conf->control; *p; p++)
		sum = 31 * sum + (unsigned char)*p;
	return 1 + sum % others;
}

const struct conf_pool *conf_pool_find(const struct conf *conf, const char *name)
{
	for (uint32_t i = 0; i < conf->n_pools; i++)
		if (!strcmp(conf->pools[i].name, name))
			return &conf->pools[i];
	return NULL;
}

const struct conf_group *conf_group_find(const struct conf *conf,
					 const char *name)
{
	for (uint32_t i = 0; i < conf->n_groups; i++)
		if (!strcmp(conf->groups[i].name, name))
			return &conf->groups[i];
	return NULL;
}

/* Nobody in a network can have one of these. */
static bool conf_no_host(uint32_t first, uint32_t last)
{
	static const struct pool_range none[] = {
		{ 0x00000000, 0x00ffffff }, { 0x7f000000, 0x7fffffff },
		{ 0xe0000000, 0xffffffff },
	};

	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		if (first <= none[i].last && last >= none[i].first)
			return true;
	return false;
}

static void conf_check_addresses(struct conf_reader *r, unsigned int line,
				 const char *section,
				 const struct conf_pool *conf)
{
	const uint32_t local = ntohl(r->conf->pools[0].local.s_addr);
	struct pool *pool;
	char err[200];

	for (uint32_t i = 0; i < conf->n_addresses; i++)
		if (conf_no_host(conf->addresses[i].first, conf->addresses[i].last))
			conf_error(r, line,
				   "[%s] \"addresses\" has some that no host can have: multicast, loopback or reserved",
				   section);
	pool = pool_new(conf->addresses, conf->n_addresses, err, sizeof(err));
	if (!pool) {
		conf_error(r, line, "[%s] \"addresses\": %s", section, err);
		return;
	}
	/* The server's own address may be in the pool, but is not given out. */
	pool_exclude(pool, (struct pool_range){ local, local });
	for (uint32_t i = 0; i < conf->n_excluded; i++)
		pool_exclude(pool, conf->excluded[i]);
	if (!pool_size(pool))
		conf_error(r, line,
			   "[%s] \"addresses\" has no address left beside \"local\" and \"exclude\"",
			   section);
	pool_free(pool);
}

static void conf_check_pool(struct conf_reader *r, uint32_t i)
{
	const struct conf_pool *pool = &r->conf->pools[i];
	/* Without [pool] it is [server] that wants one. */
	const struct conf_seen *seen = r->pools[i].line ? &r->pools[i] : &r->server;
	unsigned int line = seen->line;
	char section[CONF_NAME_MAX + 6];

	snprintf(section, sizeof(section), i ? "pool %s" : "pool", pool->name);
	if (!i)
		conf_need(r, seen, section, "local",
			  pool->local.s_addr);
	if (!i && pool->local.s_addr &&
	    conf_no_host(ntohl(pool->local.s_addr), ntohl(pool->local.s_addr)))
		conf_error(r, line, "[%s] \"local\" is multicast, loopback or reserved",
			   section);
	/* One that is for IPv6 alone has no other. */
	if (!i || !pool->prefix6.family)
		conf_need(r, seen, section, "addresses",
			  pool->n_addresses);
	if (pool->prefix6.family && !r->conf->server.link.ipv6)
		conf_error(r, line,
			   "[%s] \"ipv6-prefix\" needs \"ipv6 = yes\" in [server]",
			   section);
	if (pool->n_addresses)
		conf_check_addresses(r, line, section, pool);
}

/* Names that are not there, and what would give two sessions one interface. */
static void conf_check_policy(struct conf_reader *r, unsigned int line,
			      const char *section,
			      const struct conf_policy *policy)
{
	const struct conf_pool *pool = conf_pool_find(r->conf, policy->pool);
	const struct conf_pool *pool6 = conf_pool_find(r->conf, policy->pool6);

	if (!pool)
		conf_error(r, line, "[%s] \"pool\": there is no [pool %s]",
			   section, policy->pool);
	else if (*policy->pool && !pool->n_addresses)
		conf_error(r, line, "[%s] \"pool\": [pool %s] has no \"addresses\"",
			   section, policy->pool);
	if (!pool6)
		conf_error(r, line, "[%s] \"ipv6-pool\": there is no [pool %s]",
			   section, policy->pool6);
	else if (*policy->pool6 && !pool6->prefix6.family)
		conf_error(r, line, "[%s] \"ipv6-pool\": [pool %s] has no \"ipv6-prefix\"",
			   section, policy->pool6);
	if (*policy->ifname && !strchr(policy->ifname, '%'))
		conf_error(r, line, "[%s] \"interface\" is for several sessions, it needs %%d or %%u, like sstp%%d",
			   section);
}

static void conf_check_policies(struct conf_reader *r)
{
	const struct conf *conf = r->conf;
	char section[CONF_NAME_MAX + 7];

	conf_check_policy(r, r->server.line, "server", &conf->server.policy);
	for (uint32_t i = 0; i < conf->n_groups; i++) {
		snprintf(section, sizeof(section), "group %s",
			 conf->groups[i].name);
		conf_check_policy(r, r->groups[i].line, section,
				  &conf->groups[i].policy);
	}
}

static void conf_check_server(struct conf_reader *r)
{
	struct conf_server *server = &r->conf->server;

	conf_need(r, &r->server, "server", "listen", server->n_listen);
	conf_need(r, &r->server, "server", "certificate", server->n_certs);
	conf_need(r, &r->server, "server", "key", server->n_keys);
	if (server->n_certs && server->n_keys &&
	    server->n_certs != server->n_keys)
		conf_error(r, r->server.line,
			   "[server] has %u \"certificate\" but %u \"key\"; each certificate needs its own",
			   server->n_certs, server->n_keys);
	conf_need(r, &r->server, "server", "users", *server->users ||
		  !(server->backends & CONF_BACKEND_USERS));
	if (server->backends & CONF_BACKEND_RADIUS &&
	    !r->conf->radius.n_auth)
		conf_error(r, r->server.line,
			   "[server] \"auth-backend\" names radius: there must be a [radius] section with \"auth-server\"");
	if ((server->client_cert != CONF_CERT_NO) != !!*server->client_ca)
		conf_error(r, r->server.line,
			   "[server] needs both \"client-certificate\" and \"client-ca\", or neither");
	if (*server->web.redirect && server->web.has_server)
		conf_error(r, r->server.line,
			   "[server] has both \"web-redirect\" and \"web-server\"; one answer is all there is");
	if (server->web.proxy && !server->web.has_server)
		conf_error(r, r->server.line,
			   "[server] has \"web-server-proxy-protocol\", but no \"web-server\"");
	if (server->login.delay_s > server->login.delay_max_s)
		conf_error(r, r->server.line,
			   "[server] \"login-delay\" is above \"login-delay-max\"");
	conf_check_server_auth(r);
	for (uint32_t i = 0; i < r->conf->n_pools; i++)
		conf_check_pool(r, i);
	conf_check_policies(r);
}

/* What is configured must be of use, or somebody relies on it in vain. */
static void conf_check_radius(struct conf_reader *r)
{
	const struct conf_radius *radius = &r->conf->radius;
	const struct conf_server *server = &r->conf->server;

	conf_need(r, &r->radius, "radius", "secret-file",
		  *r->conf->radius_secret.secret);
	if (!r->conf->has_server)
		conf_error(r, r->radius.line,
			   "[radius] is for a [server], and there is none");
	else if (radius->n_auth && !(server->backends & CONF_BACKEND_RADIUS))
		conf_error(r, r->radius.line,
			   "[radius] \"auth-server\" is not asked: write \"auth-backend = radius\" or \"users, radius\" in [server]");
	if (!radius->n_coa != !radius->n_sources)
		conf_error(r, r->radius.line,
			   "[radius] \"coa-listen\" and \"coa-sources\" need each other");
}

static void conf_check_tls(struct conf_reader *r, const struct conf_seen *seen,
			   const char *section, const struct conf_tls *tls)
{
	if (tls->min_version > tls->max_version)
		conf_error(r, seen->line,
			   "[%s] \"tls-min-version\" is above \"tls-max-version\"",
			   section);
}

static void conf_check_proxy(struct conf_reader *r, const struct conf_seen *seen,
			     const char *section,
			     const struct conf_client *client)
{
	if (strchr(client->proxy_user, ':'))
		conf_error(r, seen->line,
			   "[%s] \"proxy-user\" cannot hold a colon", section);
	if (!*client->proxy_user != !*client->proxy_password ||
	    (*client->proxy_user && !*client->proxy))
		conf_error(r, seen->line,
			   "[%s] needs \"proxy\", \"proxy-user\" and \"proxy-password-file\" together, or \"proxy\" alone",
			   section);
}

static void conf_check_client_auth(struct conf_reader *r,
				   const struct conf_seen *seen,
				   const char *section,
				   struct conf_client *client, bool has_password)
{
	static const uint8_t by_password = AUTH_PAP | AUTH_MSCHAPV2 |
					   AUTH_CHAP_MD5 | AUTH_EAP_MSCHAPV2 |
					   AUTH_PEAP;
	static const uint8_t by_eap = AUTH_EAP_MSCHAPV2 | AUTH_EAP_TLS | AUTH_PEAP;
	const struct auth_methods *auth = &client->link.auth;
	struct conf_eap_tls *eap = &client->eap;

	if (auth_allows(auth, AUTH_EAP_RADIUS))
		conf_error(r, seen->line,
			   "[%s] \"auth\" has eap-radius, which is for servers; a client names the EAP method itself",
			   section);
	if (auth_allows(auth, by_password))
		conf_need(r, seen, section, "password-file", has_password);
	if (*eap->identity && !auth_allows(auth, by_eap))
		conf_error(r, seen->line,
			   "[%s] has \"eap-identity\", but \"auth\" has no EAP", section);
	if (!eap->need_binding && !auth_allows(auth, AUTH_PEAP))
		conf_error(r, seen->line,
			   "[%s] has \"peap-crypto-binding\", but \"auth\" has no peap", section);
	if (!auth_allows(auth, AUTH_EAP_TLS) && (*eap->cert.certificate || *eap->cert.key))
		conf_error(r, seen->line,
			   "[%s] has \"eap-tls-certificate\" or its key, but \"auth\" has no eap-tls",
			   section);
	if (!auth_allows(auth, AUTH_EAP_TLS | AUTH_PEAP)) {
		if (*eap->ca)
			conf_error(r, seen->line,
				   "[%s] has \"eap-tls-...\", but \"auth\" has no eap-tls and no peap",
				   section);
		return;
	}
	if (auth_allows(auth, AUTH_EAP_TLS)) {
		conf_need(r, seen, section, "eap-tls-certificate",
			  *eap->cert.certificate);
		conf_need(r, seen, section, "eap-tls-key", *eap->cert.key);
	}
	if (!*eap->ca)
		strcpy(eap->ca, *client->ca ? client->ca : CONF_CA_DEFAULT);
	if (!*eap->name)
		strcpy(eap->name, *client->tls_name ? client->tls_name :
						      client->server);
}

static void conf_check_client_routes(struct conf_reader *r, const struct conf_seen *seen,
				     const char *section, const struct conf_client *client)
{
	bool own = !*client->vrf && !*client->netns && client->table != CONF_TABLE_MAIN;

	if (*client->netns && client->table != CONF_TABLE_AUTO)
		conf_error(r, seen->line,
			   "[%s] \"netns\" and \"table\" exclude each other: a namespace has its own tables",
			   section);
	if (*client->vrf && client->table != CONF_TABLE_AUTO)
		conf_error(r, seen->line,
			   "[%s] \"vrf\" and \"table\" exclude each other: a VRF has its own table",
			   section);
	else if (client->default_route && client->table == CONF_TABLE_MAIN)
		conf_error(r, seen->line,
			   "[%s] \"default-route\" cannot be in \"table = main\": the server itself would be behind it",
			   section);
	if (!client->addresses && (client->default_route || client->n_routes))
		conf_error(r, seen->line,
			   "[%s] \"addresses = no\" leaves routes to others, too: without \"default-route\" and \"routes\"",
			   section);
	if (!client->kill_switch)
		return;
	if (!own)
		conf_error(r, seen->line,
			   "[%s] \"kill-switch\" takes a table of its own: without \"vrf\" and \"netns\", not \"table = main\"",
			   section);
	if (!client->default_route && !client->n_routes)
		conf_error(r, seen->line,
			   "[%s] \"kill-switch\" is for what goes through the tunnel, and that is nothing: \"default-route\" or \"routes\" say what",
			   section);
}

static void conf_check_client_dns(struct conf_reader *r, const struct conf_seen *seen,
				  const char *section, const struct conf_client *client)
{
	if (*client->netns && (client->dns == CONF_DNS_RESOLVED ||
			       client->dns == CONF_DNS_RESOLVCONF || client->n_domains))
		conf_error(r, seen->line,
			   "[%s] \"dns\" and \"dns-domains\" are for what asks outside of \"netns\", where the tunnel is not",
			   section);
	if (!client->n_domains)
		return;
	if (client->dns == CONF_DNS_NO)
		conf_error(r, seen->line,
			   "[%s] \"dns-domains\" and \"dns = no\" exclude each other",
			   section);
	if (!client->default_route && !client->n_routes)
		conf_error(r, seen->line,
			   "[%s] \"dns-domains\" are asked of name servers in the tunnel, and nothing goes there: \"routes\" has to lead to them",
			   section);
}

static void conf_check_client(struct conf_reader *r, uint32_t i)
{
	struct conf_client *client = &r->conf->clients[i];
	const struct conf_seen *seen = &r->clients[i];
	struct conf_secret *secret = &r->conf->secrets[i];
	char section[CONF_NAME_MAX + 10];
	uint32_t j;

	snprintf(section, sizeof(section), "client %s", client->name);
	conf_need(r, seen, section, "server", *client->server);
	conf_need(r, seen, section, "user", *client->user);
	conf_check_client_auth(r, seen, section, client, *secret->password);
	conf_check_tls(r, seen, section, &client->tls);
	conf_check_proxy(r, seen, section, client);
	conf_check_client_routes(r, seen, section, client);
	conf_check_client_dns(r, seen, section, client);
	if (!*client->cert != !*client->key)
		conf_error(r, seen->line,
			   "[%s] needs both \"tls-certificate\" and \"tls-key\", or neither",
			   section);
	memcpy(secret->user, client->user, sizeof(secret->user));
	if (!*client->ca && !client->has_pin)
		strcpy(client->ca, CONF_CA_DEFAULT);
	if (client->retry_min_s > client->retry_max_s)
		conf_error(r, seen->line,
			   "[%s] \"reconnect-min\" is above \"reconnect-max\"",
			   section);
	for (j = 0; j < i; j++)
		if (!strcmp(r->conf->clients[j].link.ifname,
			    client->link.ifname))
			conf_error(r, seen->line,
				   "[%s] has the same \"interface\" %s as [client %s]; each needs its own",
				   section, client->link.ifname,
				   r->conf->clients[j].name);
}

/* What is the tunnel's, and not a connection's, is the first one's alone. */
static void conf_lane(struct conf *conf, uint32_t lead, uint32_t lane)
{
	struct conf_client *client = &conf->clients[conf->n_clients];
	struct conf_secret *secret = &conf->secrets[conf->n_clients];

	*client = conf->clients[lead];
	snprintf(client->name, sizeof(client->name), "%.*s/%u", CONF_NAME_MAX - 4,
		 conf->clients[lead].name, lane % LANES_MAX);
	client->lane = lane;
	client->n_routes = 0;
	client->default_route = false;
	client->kill_switch = false;
	client->dns = CONF_DNS_NO;
	client->n_domains = 0;
	*secret = conf->secrets[lead];
	secret->client = conf->n_clients++;
}

/* Behind all sections: each further connection is dialled, and logs in, as a client does. */
static void conf_lanes(struct conf_reader *r)
{
	struct conf *conf = r->conf;
	const uint32_t n = conf->n_clients;
	uint32_t sum = 0;

	for (uint32_t i = 0; i < n; i++)
		sum += conf->clients[i].connections;
	if (sum > CONF_CLIENTS_MAX) {
		conf_error(r, 0, "all clients together have more than %u connections",
			   CONF_CLIENTS_MAX);
		return;
	}
	for (uint32_t i = 0; i < n; i++) {
		conf->clients[i].lead = i;
		for (uint32_t lane = 1; lane < conf->clients[i].connections; lane++)
			conf_lane(conf, i, lane);
	}
}

static FILE *conf_open(const char *file)
{
	FILE *in = fopen(file, "re");
	struct stat st;

	if (!in || fstat(fileno(in), &st) < 0 || !S_ISDIR(st.st_mode))
		return in;
	fclose(in);
	errno = EISDIR;
	return NULL;
}

/* A password in the file itself is as open as the file. */
static void conf_check_mode(struct conf_reader *r)
{
	char text[400];
	struct stat st;

	if (!r->inline_password || fstat(fileno(r->in), &st) < 0 ||
	    !(st.st_mode & 04))
		return;
	snprintf(text, sizeof(text),
		 "%s: warning: holds a password and is readable by every user; chmod 600, or use password-file",
		 r->file);
	r->report(r->ctx, text);
}

unsigned int conf_load(struct conf *conf, const char *file, conf_report report,
		       void *ctx)
{
	struct conf_reader r = {
		.conf = conf,
		.file = file,
		.report = report,
		.ctx = ctx,
	};
	int rc;

	conf_defaults(conf);
	r.in = conf_open(file);
	if (!r.in) {
		conf_error(&r, 0, "cannot open: %s", strerror(errno));
		return r.errors;
	}
	rc = ini_parse_stream(conf_read_line, &r, conf_on_value, &r);
	if (rc)
		conf_error(&r, rc > 0 ? (unsigned int)rc : 0,
			   "neither [section] nor key = value");
	conf_check_mode(&r);
	fclose(r.in);

	conf->has_server = r.server.line;
	if (conf->has_server) {
		conf_check_server(&r);
		conf_check_tls(&r, &r.server, "server", &conf->server.tls);
	}
	conf->has_radius = r.radius.line;
	if (conf->has_radius)
		conf_check_radius(&r);
	for (uint32_t i = 0; i < conf->n_clients; i++)
		conf_check_client(&r, i);
	if (!r.errors)
		conf_lanes(&r);
	if (!conf->has_server && !conf->n_clients && !r.errors)
		conf_error(&r, 0, "neither a [server] nor a [client NAME] section");
	return r.errors;
}

bool conf_has_eap_tls(const struct conf *conf)
{
	bool has = conf->has_server &&
		   auth_allows(&conf->server.link.auth, AUTH_EAP_TLS);

	for (uint32_t i = 0; i < conf->n_clients; i++)
		has |= auth_allows(&conf->clients[i].link.auth, AUTH_EAP_TLS | AUTH_PEAP);
	return has;
}

void conf_clear(struct conf *conf)
{
	OPENSSL_cleanse(conf, sizeof(*conf));
}
