// SPDX-License-Identifier: GPL-2.0-or-later
#include "conf/conf_value.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/ssl.h>

#include "conf/conf.h"
#include "lib/hex.h"
#include "lib/log.h"
#include "lib/pool.h"

struct conf_word {
	const char *name;
	uint32_t value;
};

static bool __attribute__((format(printf, 2, 3)))
conf_wrong(struct conf_err *err, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(err->text, sizeof(err->text), fmt, ap);
	va_end(ap);
	return false;
}

const struct conf_key *conf_find(const struct conf_key *keys, const char *name)
{
	for (; keys && keys->name; keys++)
		if (!strcmp(keys->name, name))
			return keys;
	return NULL;
}

static void *conf_field(const struct conf_key *key, void *base)
{
	return (char *)base + key->off;
}

/*
 * Cuts the next item of a comma separated list off *@list into @item.
 * Return: 1 = an item, 0 = none left, -1 = too long or empty.
 */
static int conf_item(const char **list, char *item, size_t size)
{
	const char *p = *list;
	size_t len;

	if (!p)
		return 0;
	len = strcspn(p, ",");
	*list = p[len] ? p + len + 1 : NULL;
	while (len && isspace((unsigned char)*p)) {
		p++;
		len--;
	}
	while (len && isspace((unsigned char)p[len - 1]))
		len--;
	if (!len || len >= size)
		return -1;
	memcpy(item, p, len);
	item[len] = '\0';
	return 1;
}

bool conf_text(const struct conf_key *key, void *base, const char *value,
	       struct conf_err *err)
{
	if (!*value)
		return conf_wrong(err, "must not be empty");
	if (strlen(value) >= key->size)
		return conf_wrong(err, "is longer than %zu characters",
				  key->size - 1);
	strcpy(conf_field(key, base), value);
	return true;
}

bool conf_path(const struct conf_key *key, void *base, const char *value,
	       struct conf_err *err)
{
	if (*value != '/')
		return conf_wrong(err, "must be an absolute path, like /etc/...");
	return conf_text(key, base, value, err);
}

static bool conf_tls_knows(int (*set)(SSL_CTX *ctx, const char *names), const char *value)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_method());
	bool known = ctx && set(ctx, value) == 1;

	SSL_CTX_free(ctx);
	ERR_clear_error();
	return known;
}

bool conf_ciphers(const struct conf_key *key, void *base, const char *value,
		  struct conf_err *err)
{
	if (!conf_text(key, base, value, err))
		return false;
	return conf_tls_knows(SSL_CTX_set_cipher_list, value) ||
	       conf_wrong(err, "names no cipher that OpenSSL knows");
}

bool conf_ciphersuites(const struct conf_key *key, void *base, const char *value,
		       struct conf_err *err)
{
	if (!conf_text(key, base, value, err))
		return false;
	return conf_tls_knows(SSL_CTX_set_ciphersuites, value) ||
	       conf_wrong(err, "names a cipher that OpenSSL does not know");
}

static int conf_set_groups(SSL_CTX *ctx, const char *names)
{
	return (int)SSL_CTX_set1_groups_list(ctx, names);
}

bool conf_groups(const struct conf_key *key, void *base, const char *value,
		 struct conf_err *err)
{
	if (!conf_text(key, base, value, err))
		return false;
	return conf_tls_knows(conf_set_groups, value) ||
	       conf_wrong(err, "names a group that this OpenSSL does not know");
}

static bool conf_word(const struct conf_word *words, const char *value,
		      uint32_t *out, struct conf_err *err)
{
	size_t len;

	for (const struct conf_word *w = words; w->name; w++) {
		if (!strcasecmp(w->name, value)) {
			*out = w->value;
			return true;
		}
	}
	len = (size_t)snprintf(err->text, sizeof(err->text), "must be one of:");
	for (; words->name && len < sizeof(err->text); words++)
		len += (size_t)snprintf(err->text + len,
					sizeof(err->text) - len, " %s",
					words->name);
	return false;
}

/* A list of words, each a bit. */
static bool conf_bits(const struct conf_word *words, const char *value,
		      uint32_t *out, struct conf_err *err)
{
	uint32_t bits = 0;
	uint32_t bit;
	char item[32];
	int rc;

	while ((rc = conf_item(&value, item, sizeof(item))) > 0) {
		if (!conf_word(words, item, &bit, err))
			return false;
		bits |= bit;
	}
	if (rc < 0)
		return conf_wrong(err, "must be a comma separated list");
	*out = bits;
	return true;
}

bool conf_yesno(const struct conf_key *key, void *base, const char *value,
		struct conf_err *err)
{
	static const struct conf_word words[] = {
		{ "yes", 1 }, { "no", 0 }, { NULL, 0 },
	};
	uint32_t v;

	if (!conf_word(words, value, &v, err))
		return false;
	*(bool *)conf_field(key, base) = v;
	return true;
}

bool conf_number(const struct conf_key *key, void *base, const char *value,
		 struct conf_err *err)
{
	unsigned long v;
	char *end;

	errno = 0;
	v = strtoul(value, &end, 10);
	if (!isdigit((unsigned char)*value) || *end || errno ||
	    v < key->min || v > key->size)
		return conf_wrong(err, "must be a number from %u to %zu",
				  key->min, key->size);
	*(uint32_t *)conf_field(key, base) = (uint32_t)v;
	return true;
}

bool conf_ipv4(const struct conf_key *key, void *base, const char *value,
	       struct conf_err *err)
{
	if (inet_pton(AF_INET, value, conf_field(key, base)) != 1)
		return conf_wrong(err, "must be an IPv4 address, like 10.8.0.1");
	return true;
}

bool conf_ipv4_two(const struct conf_key *key, void *base, const char *value,
		   struct conf_err *err)
{
	struct in_addr *addr = conf_field(key, base);
	char item[INET_ADDRSTRLEN];
	unsigned int n = 0;
	int rc;

	while ((rc = conf_item(&value, item, sizeof(item))) > 0) {
		if (n == 2 || inet_pton(AF_INET, item, &addr[n]) != 1) {
			rc = -1;
			break;
		}
		n++;
	}
	if (rc < 0)
		return conf_wrong(err, "must be one or two IPv4 addresses, like 9.9.9.9, 149.112.112.112");
	return true;
}

bool conf_ipv6_two(const struct conf_key *key, void *base, const char *value,
		   struct conf_err *err)
{
	struct in6_addr *addr = conf_field(key, base);
	char item[INET6_ADDRSTRLEN];
	unsigned int n = 0;
	int rc;

	while ((rc = conf_item(&value, item, sizeof(item))) > 0) {
		if (n == 2 || inet_pton(AF_INET6, item, &addr[n]) != 1) {
			rc = -1;
			break;
		}
		n++;
	}
	if (rc < 0)
		return conf_wrong(err, "must be one or two IPv6 addresses, like 2620:fe::fe, 2620:fe::9");
	return true;
}

/* Adds the ranges in @value to the @n of @ranges. */
static bool conf_range_list(const char *value, struct pool_range *ranges,
			    uint32_t *n, struct conf_err *err)
{
	char item[40];
	int rc;

	while ((rc = conf_item(&value, item, sizeof(item))) > 0) {
		if (*n == CONF_RANGES_MAX)
			return conf_wrong(err, "names more than %d ranges",
					  CONF_RANGES_MAX);
		if (!pool_range_parse(&ranges[*n], item, err->text,
				      sizeof(err->text)))
			return false;
		++*n;
	}
	if (rc)
		return conf_wrong(err, "must be a list like 10.8.0.0/24, 10.9.0.10-10.9.0.200");
	return true;
}

bool conf_addresses(const struct conf_key *key, void *base, const char *value,
		    struct conf_err *err)
{
	struct conf_pool *pool = base;

	(void)key;
	return conf_range_list(value, pool->addresses, &pool->n_addresses, err);
}

bool conf_exclude(const struct conf_key *key, void *base, const char *value,
		  struct conf_err *err)
{
	struct conf_pool *pool = base;

	(void)key;
	return conf_range_list(value, pool->excluded, &pool->n_excluded, err);
}

bool conf_bit_rate(uint64_t *rate, const char *text, size_t len)
{
	static const uint64_t units[] = { ['k'] = 1000, ['M'] = 1000000,
					  ['G'] = 1000000000 };
	uint64_t v = 0;
	uint8_t unit;
	size_t i;

	for (i = 0; i < len && isdigit((unsigned char)text[i]); i++) {
		v = 10 * v + (uint64_t)(text[i] - '0');
		if (v > CONF_RATE_MAX)
			return false;
	}
	if (i && i + 1 == len) {
		unit = (uint8_t)text[i];
		if (unit >= sizeof(units) / sizeof(units[0]) || !units[unit])
			return false;
		v *= units[unit];
		i++;
	}
	*rate = v;
	return len && i == len && v && v <= CONF_RATE_MAX;
}

bool conf_rate(const struct conf_key *key, void *base, const char *value,
	       struct conf_err *err)
{
	uint64_t rate;

	if (!conf_bit_rate(&rate, value, strlen(value)) || rate < CONF_RATE_MIN)
		return conf_wrong(err, "must be bits per second from 64k to 10G, like 512k or 20M");
	memcpy(conf_field(key, base), &rate, sizeof(rate));
	return true;
}

bool conf_at_key_limit(const struct conf_key *key, void *base, const char *value,
		       struct conf_err *err)
{
	static const struct conf_word words[] = {
		{ "end", CONF_KEY_LIMIT_END },
		{ "warn", CONF_KEY_LIMIT_WARN },
		{ NULL, 0 },
	};

	return conf_word(words, value, conf_field(key, base), err);
}

bool conf_same_user(const struct conf_key *key, void *base, const char *value,
		    struct conf_err *err)
{
	static const struct conf_word words[] = {
		{ "replace", CONF_SAME_REPLACE },
		{ "refuse", CONF_SAME_REFUSE },
		{ NULL, 0 },
	};

	return conf_word(words, value, conf_field(key, base), err);
}

bool conf_tristate(const struct conf_key *key, void *base, const char *value,
		   struct conf_err *err)
{
	static const struct conf_word words[] = {
		{ "yes", CONF_YES }, { "no", CONF_NO }, { NULL, 0 },
	};

	return conf_word(words, value, conf_field(key, base), err);
}

bool conf_netns(const struct conf_key *key, void *base, const char *value,
		struct conf_err *err)
{
	if (strchr(value, '/') || *value == '.')
		return conf_wrong(err, "must be the name of a network namespace, as ip netns shows it");
	return conf_text(key, base, value, err);
}

bool conf_data_path(const struct conf_key *key, void *base, const char *value,
		    struct conf_err *err)
{
	static const struct conf_word words[] = {
		{ "auto", CONF_PATH_AUTO },
		{ "kernel", CONF_PATH_KERNEL },
		{ "tun", CONF_PATH_TUN },
		{ NULL, 0 },
	};

	return conf_word(words, value, conf_field(key, base), err);
}

/* The order counts: a server asks for the first one first. */
bool conf_auth(const struct conf_key *key, void *base, const char *value,
	       struct conf_err *err)
{
	static const struct conf_word words[] = {
		{ "mschapv2", AUTH_MSCHAPV2 },
		{ "eap-mschapv2", AUTH_EAP_MSCHAPV2 },
		{ "eap-tls", AUTH_EAP_TLS },
		{ "eap-radius", AUTH_EAP_RADIUS },
		{ "peap", AUTH_PEAP },
		{ "chap-md5", AUTH_CHAP_MD5 },
		{ "pap", AUTH_PAP },
		{ NULL, 0 },
	};
	struct auth_methods list = { { 0 } };
	uint32_t method;
	char item[24];
	size_t n = 0;
	int rc;

	while ((rc = conf_item(&value, item, sizeof(item))) > 0) {
		if (!conf_word(words, item, &method, err))
			return false;
		if (auth_allows(&list, (uint8_t)method))
			return conf_wrong(err, "names %s twice", item);
		list.id[n++] = (uint8_t)method;
	}
	if (rc < 0)
		return conf_wrong(err, "must be a list like mschapv2, eap-mschapv2");
	memcpy(conf_field(key, base), &list, sizeof(list));
	return true;
}

bool conf_backends(const struct conf_key *key, void *base, const char *value,
		   struct conf_err *err)
{
	static const struct conf_word words[] = {
		{ "users", CONF_BACKEND_USERS },
		{ "radius", CONF_BACKEND_RADIUS },
		{ NULL, 0 },
	};

	return conf_bits(words, value, conf_field(key, base), err);
}

bool conf_path_or_none(const struct conf_key *key, void *base, const char *value,
		       struct conf_err *err)
{
	if (strcasecmp(value, "none"))
		return conf_path(key, base, value, err);
	*(char *)conf_field(key, base) = '\0';
	return true;
}

bool conf_coa_require(const struct conf_key *key, void *base, const char *value,
		      struct conf_err *err)
{
	static const struct conf_word words[] = {
		{ "event-timestamp", CONF_COA_TIMESTAMP },
		{ "message-authenticator", CONF_COA_MAC },
		{ "none", 0 },
		{ NULL, 0 },
	};
	uint32_t *bits = conf_field(key, base);

	if (!conf_bits(words, value, bits, err))
		return false;
	/* "none" beside another word would say nothing. */
	if (*bits && strcasestr(value, "none"))
		return conf_wrong(err, "\"none\" stands alone");
	return true;
}

bool conf_hashes(const struct conf_key *key, void *base, const char *value,
		 struct conf_err *err)
{
	static const struct conf_word words[] = {
		{ "sha256", SSTP_HASH_SHA256 },
		{ "sha1", SSTP_HASH_SHA1 },
		{ NULL, 0 },
	};

	return conf_bits(words, value, conf_field(key, base), err);
}

bool conf_client_cert(const struct conf_key *key, void *base, const char *value,
		      struct conf_err *err)
{
	static const struct conf_word words[] = {
		{ "no", CONF_CERT_NO },
		{ "request", CONF_CERT_REQUEST },
		{ "require", CONF_CERT_REQUIRE },
		{ NULL, 0 },
	};

	return conf_word(words, value, conf_field(key, base), err);
}

bool conf_user_names(const struct conf_key *key, void *base, const char *value,
		     struct conf_err *err)
{
	static const struct conf_word words[] = {
		{ "exact", false },
		{ "fold", true },
		{ NULL, 0 },
	};
	uint32_t fold;

	if (!conf_word(words, value, &fold, err))
		return false;
	*(bool *)conf_field(key, base) = fold;
	return true;
}

bool conf_tls_version(const struct conf_key *key, void *base, const char *value,
		      struct conf_err *err)
{
	static const struct conf_word words[] = {
		{ "1.2", TLS1_2_VERSION },
		{ "1.3", TLS1_3_VERSION },
		{ NULL, 0 },
	};

	return conf_word(words, value, conf_field(key, base), err);
}

bool conf_log_target(const struct conf_key *key, void *base, const char *value,
		     struct conf_err *err)
{
	static const struct conf_word words[] = {
		{ "stderr", LOG_TO_STDERR },
		{ "syslog", LOG_TO_SYSLOG },
		{ "journald", LOG_TO_JOURNALD },
		{ NULL, 0 },
	};

	return conf_word(words, value, conf_field(key, base), err);
}

bool conf_engines(const struct conf_key *key, void *base, const char *value,
		  struct conf_err *err)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);
	uint32_t *n = conf_field(key, base);

	if (strcmp(value, "auto"))
		return conf_number(key, base, value, err) ||
		       conf_wrong(err, "must be a number from %u to %zu, or \"auto\"",
				  key->min, key->size);
	*n = cores < 1 ? 1 : (uint32_t)cores;
	if (*n > key->size)
		*n = (uint32_t)key->size;
	return true;
}

bool conf_log_level(const struct conf_key *key, void *base, const char *value,
		    struct conf_err *err)
{
	static const struct conf_word words[] = {
		{ "error", LOG_ERR },
		{ "warning", LOG_WARNING },
		{ "info", LOG_INFO },
		{ "debug", LOG_DEBUG },
		{ NULL, 0 },
	};

	return conf_word(words, value, conf_field(key, base), err);
}

/*
 * Splits "host", "host:port", "[v6]:port" or a bare v6 literal.
 * @port keeps its value if none is named.
 */
static bool conf_host_port(const char *value, char *host, size_t size,
			   uint16_t *port)
{
	const char *colon = strrchr(value, ':');
	const char *end = value + strlen(value);
	unsigned long v;
	char *rest;

	if (*value == '[') {
		end = strchr(value++, ']');
		if (!end || (end[1] && end[1] != ':'))
			return false;
		colon = end[1] ? end + 1 : NULL;
	} else if (colon && strchr(value, ':') != colon) {
		colon = NULL;
	} else if (colon) {
		end = colon;
	}
	if (colon) {
		v = strtoul(colon + 1, &rest, 10);
		if (!isdigit((unsigned char)colon[1]) || *rest || !v ||
		    v > 65535)
			return false;
		*port = (uint16_t)v;
	}
	if (end == value || (size_t)(end - value) >= size)
		return false;
	memcpy(host, value, (size_t)(end - value));
	host[end - value] = '\0';
	return true;
}

static bool conf_sockaddr(struct sockaddr_storage *ss, const char *host,
			  uint16_t port)
{
	struct sockaddr_in6 *sin6 = (struct sockaddr_in6 *)ss;
	struct sockaddr_in *sin = (struct sockaddr_in *)ss;

	memset(ss, 0, sizeof(*ss));
	if (inet_pton(AF_INET, host, &sin->sin_addr) == 1) {
		sin->sin_family = AF_INET;
		sin->sin_port = htons(port);
		return true;
	}
	if (inet_pton(AF_INET6, host, &sin6->sin6_addr) == 1) {
		sin6->sin6_family = AF_INET6;
		sin6->sin6_port = htons(port);
		return true;
	}
	return false;
}

/*
 * Adds the addresses of a list to @addrs, of which @n are taken. @like shows
 * what is right.
 */
static bool conf_add_addrs(const char *value, uint16_t default_port,
			   struct sockaddr_storage *addrs, uint32_t *n,
			   uint32_t max, const char *like, struct conf_err *err)
{
	char host[CONF_HOST_MAX];
	char item[CONF_HOST_MAX];
	uint16_t port;
	int rc;

	while ((rc = conf_item(&value, item, sizeof(item))) > 0) {
		port = default_port;
		if (*n == max)
			return conf_wrong(err, "names more than %u address%s",
					  max, max == 1 ? "" : "es");
		if (!conf_host_port(item, host, sizeof(host), &port) ||
		    !conf_sockaddr(&addrs[*n], host, port))
			break;
		++*n;
	}
	if (rc)
		return conf_wrong(err, "must be addresses with an optional port, like %s",
				  like);
	return true;
}

bool conf_listen(const struct conf_key *key, void *base, const char *value,
		 struct conf_err *err)
{
	struct conf_server *server = base;

	(void)key;
	if (!conf_add_addrs(value, 443, server->listen, &server->n_listen,
			    CONF_LISTEN_MAX, "0.0.0.0:443, [::]:443", err))
		return false;
	for (uint32_t i = 1; i < server->n_listen; i++)
		for (uint32_t j = 0; j < i; j++)
			if (!memcmp(&server->listen[i], &server->listen[j],
				    sizeof(server->listen[i])))
				return conf_wrong(err, "names the same address twice");
	return true;
}

static bool conf_cert_path(const char *value, char path[static CONF_PATH_MAX],
			   struct conf_err *err)
{
	const struct conf_key key = { .size = CONF_PATH_MAX };

	return conf_path(&key, path, value, err);
}

bool conf_certificate(const struct conf_key *key, void *base,
		      const char *value, struct conf_err *err)
{
	struct conf_server *server = base;

	(void)key;
	if (server->n_certs == CONF_CERTS_MAX)
		return conf_wrong(err, "is there more than %d times",
				  CONF_CERTS_MAX);
	return conf_cert_path(value,
			      server->certs[server->n_certs++].certificate,
			      err);
}

/* The first key is that of the first certificate, and so on. */
bool conf_certificate_key(const struct conf_key *key, void *base,
			  const char *value, struct conf_err *err)
{
	struct conf_server *server = base;

	(void)key;
	if (server->n_keys == CONF_CERTS_MAX)
		return conf_wrong(err, "is there more than %d times",
				  CONF_CERTS_MAX);
	return conf_cert_path(value, server->certs[server->n_keys++].key, err);
}

bool conf_ocsp(const struct conf_key *key, void *base, const char *value,
	       struct conf_err *err)
{
	struct conf_server *server = base;

	(void)key;
	if (!server->n_certs)
		return conf_wrong(err, "must come behind the \"certificate\" that it is about");
	return conf_cert_path(value, server->certs[server->n_certs - 1].ocsp,
			      err);
}

bool conf_radius_auth(const struct conf_key *key, void *base,
		      const char *value, struct conf_err *err)
{
	struct conf_radius *radius = base;

	(void)key;
	return conf_add_addrs(value, RADIUS_PORT_AUTH, radius->auth,
			      &radius->n_auth, RADIUS_SERVERS_MAX,
			      "192.0.2.1, [2001:db8::1]:1812", err);
}

bool conf_radius_acct(const struct conf_key *key, void *base,
		      const char *value, struct conf_err *err)
{
	struct conf_radius *radius = base;

	(void)key;
	return conf_add_addrs(value, RADIUS_PORT_ACCT, radius->acct,
			      &radius->n_acct, RADIUS_SERVERS_MAX,
			      "192.0.2.1, [2001:db8::1]:1813", err);
}

bool conf_coa_listen(const struct conf_key *key, void *base,
		     const char *value, struct conf_err *err)
{
	struct conf_radius *radius = base;

	(void)key;
	return conf_add_addrs(value, RADIUS_PORT_COA, radius->coa,
			      &radius->n_coa, 1, "0.0.0.0:3799", err);
}

bool conf_coa_sources(const struct conf_key *key, void *base,
		      const char *value, struct conf_err *err)
{
	struct conf_radius *radius = base;
	uint32_t first = radius->n_sources;
	uint32_t i;

	(void)key;
	if (!conf_add_addrs(value, 0, radius->sources, &radius->n_sources,
			    CONF_SOURCES_MAX, "", err))
		return conf_wrong(err, "must be at most %d addresses without a port, like 192.0.2.1, 2001:db8::1",
				  CONF_SOURCES_MAX);
	for (i = first; i < radius->n_sources; i++)
		if (((struct sockaddr_in *)&radius->sources[i])->sin_port)
			return conf_wrong(err, "must be addresses without a port: requests come from any");
	return true;
}

bool conf_prefix(struct conf_route *route, const char *text)
{
	char addr[INET6_ADDRSTRLEN + 4];
	unsigned int bits, i, max;
	char *slash, *end;

	if (strlen(text) >= sizeof(addr))
		return false;
	strcpy(addr, text);
	slash = strchr(addr, '/');
	if (slash)
		*slash++ = '\0';
	memset(route, 0, sizeof(*route));
	if (inet_pton(AF_INET, addr, route->addr) == 1)
		route->family = AF_INET;
	else if (inet_pton(AF_INET6, addr, route->addr) == 1)
		route->family = AF_INET6;
	else
		return false;
	max = route->family == AF_INET ? 32 : 128;
	bits = max;
	if (slash) {
		bits = (unsigned int)strtoul(slash, &end, 10);
		if (!isdigit((unsigned char)*slash) || *end || bits > max)
			return false;
	}
	for (i = bits; i < max; i++)
		if (route->addr[i / 8] & (0x80 >> (i % 8)))
			return false;
	route->len = (uint8_t)bits;
	return true;
}

bool conf_prefix_list(const char *value, struct conf_route *routes, uint32_t *n,
		      uint32_t max, struct conf_err *err)
{
	char item[64];
	int rc;

	while ((rc = conf_item(&value, item, sizeof(item))) > 0) {
		if (*n == max)
			return conf_wrong(err, "names more than %u prefixes",
					  max);
		if (!conf_prefix(&routes[*n], item))
			break;
		++*n;
	}
	if (rc)
		return conf_wrong(err, "must be prefixes without host bits, like 10.0.0.0/8, 2001:db8::/32");
	return true;
}

bool conf_prefix6(const struct conf_key *key, void *base, const char *value,
		  struct conf_err *err)
{
	struct conf_route prefix;

	if (!conf_prefix(&prefix, value) || prefix.family != AF_INET6 ||
	    prefix.len < 48 || prefix.len > 64)
		return conf_wrong(err, "must be an IPv6 prefix of 48 to 64 bits without host bits, like 2001:db8:1::/48");
	memcpy(conf_field(key, base), &prefix, sizeof(prefix));
	return true;
}

bool conf_exclude6(const struct conf_key *key, void *base, const char *value,
		   struct conf_err *err)
{
	struct conf_pool *pool = base;
	uint32_t i = pool->n_excluded6;

	(void)key;
	if (!conf_prefix_list(value, pool->excluded6, &pool->n_excluded6,
			      CONF_RANGES_MAX, err))
		return false;
	for (; i < pool->n_excluded6; i++)
		if (pool->excluded6[i].family != AF_INET6 ||
		    pool->excluded6[i].len > 64)
			return conf_wrong(err, "must be IPv6 prefixes of at most 64 bits, like 2001:db8:1:5::/64");
	return true;
}

bool conf_routes(const struct conf_key *key, void *base, const char *value,
		 struct conf_err *err)
{
	struct conf_client *client = base;

	(void)key;
	return conf_prefix_list(value, client->routes, &client->n_routes,
			     CONF_ROUTES_MAX, err);
}

bool conf_leak(const struct conf_key *key, void *base, const char *value,
	       struct conf_err *err)
{
	static const struct conf_word words[] = {
		{ "no", 0 }, { "ipv6", 1 }, { NULL, 0 },
	};
	uint32_t v;

	if (!conf_word(words, value, &v, err))
		return false;
	*(bool *)conf_field(key, base) = v;
	return true;
}

/* Decimal or, as marks are written, hexadecimal; not 0. */
static bool conf_u32(const char *value, uint32_t *v)
{
	unsigned long long n;
	char *end;

	errno = 0;
	n = strtoull(value, &end, 0);
	*v = (uint32_t)n;
	return isdigit((unsigned char)*value) && !*end && !errno && n &&
	       n <= UINT32_MAX;
}

bool conf_table(const struct conf_key *key, void *base, const char *value,
		struct conf_err *err)
{
	uint32_t *table = conf_field(key, base);

	if (!strcmp(value, "auto")) {
		*table = CONF_TABLE_AUTO;
		return true;
	}
	if (!strcmp(value, "main")) {
		*table = CONF_TABLE_MAIN;
		return true;
	}
	/* 253 to 255 are the kernel's own: default, main, local. */
	if (conf_u32(value, table) && (*table < 253 || *table > 255))
		return true;
	return conf_wrong(err, "must be auto, main, or the number of a table of its own (1 to 252, 256 to 4294967295)");
}

bool conf_fwmark(const struct conf_key *key, void *base, const char *value,
		 struct conf_err *err)
{
	uint32_t *mark = conf_field(key, base);

	if (!strcmp(value, "auto")) {
		*mark = 0;
		return true;
	}
	if (conf_u32(value, mark))
		return true;
	return conf_wrong(err, "must be auto, or a number from 1 to 0xffffffff");
}

bool conf_dns(const struct conf_key *key, void *base, const char *value,
	      struct conf_err *err)
{
	static const struct conf_word words[] = {
		{ "auto", CONF_DNS_AUTO },
		{ "resolved", CONF_DNS_RESOLVED },
		{ "resolvconf", CONF_DNS_RESOLVCONF },
		{ "no", CONF_DNS_NO },
		{ NULL, 0 },
	};

	return conf_word(words, value, conf_field(key, base), err);
}

/* It becomes an argument of a program, and a word in a file. */
static bool conf_is_domain(const char *name)
{
	bool begins = true;

	if (!strcmp(name, "~."))
		return true;
	name += *name == '~';
	if (!*name)
		return false;
	for (; *name; name++) {
		if (begins ? !isalnum((unsigned char)*name) && *name != '_' :
			     !isalnum((unsigned char)*name) && !strchr("._-", *name))
			return false;
		begins = *name == '.';
	}
	return true;
}

bool conf_domains(const struct conf_key *key, void *base, const char *value,
		  struct conf_err *err)
{
	struct conf_client *client = base;
	uint32_t n = client->n_domains;
	char item[CONF_NAME_MAX];
	int rc;

	(void)key;
	while ((rc = conf_item(&value, item, sizeof(item))) > 0) {
		if (!conf_is_domain(item))
			break;
		if (n == CONF_DOMAINS_MAX)
			return conf_wrong(err, "names more than %u domains", CONF_DOMAINS_MAX);
		strcpy(client->domains[n++], item);
	}
	if (rc)
		return conf_wrong(err, "must be names of domains like corp.example or ~corp.example, of at most %d characters, or ~. for all",
				  CONF_NAME_MAX - 1);
	client->n_domains = n;
	return true;
}

bool conf_proxies(const struct conf_key *key, void *base, const char *value,
		  struct conf_err *err)
{
	struct conf_server *server = base;

	(void)key;
	return conf_prefix_list(value, server->proxies, &server->n_proxies,
			     CONF_PROXIES_MAX, err);
}

bool conf_web_server(const struct conf_key *key, void *base, const char *value,
		     struct conf_err *err)
{
	struct conf_server *server = base;
	char host[CONF_HOST_MAX];
	uint16_t port = 80;

	(void)key;
	/* An address: the engine resolves no names. */
	if (!conf_host_port(value, host, sizeof(host), &port) ||
	    !conf_sockaddr(&server->web.server, host, port))
		return conf_wrong(err, "must be an address with an optional port, like 127.0.0.1:8080");
	server->web.has_server = true;
	return true;
}

static bool conf_is_printable(const char *value)
{
	for (; *value; value++)
		if (*value <= ' ' || *value > '~')
			return false;
	return true;
}

bool conf_url(const struct conf_key *key, void *base, const char *value,
	      struct conf_err *err)
{
	if ((strncasecmp(value, "https://", 8) &&
	     strncasecmp(value, "http://", 7)) || !conf_is_printable(value))
		return conf_wrong(err, "must be a URL, like https://www.example.com/");
	return conf_text(key, base, value, err);
}

bool conf_uri(const struct conf_key *key, void *base, const char *value,
	      struct conf_err *err)
{
	if (*value != '/' || !conf_is_printable(value))
		return conf_wrong(err, "must be a path, like /health");
	return conf_text(key, base, value, err);
}

bool conf_path_prefix(const struct conf_key *key, void *base, const char *value,
		      struct conf_err *err)
{
	if (*value != '/' || !conf_is_printable(value) || strpbrk(value, "?#%") ||
	    value[strlen(value) - 1] == '/')
		return conf_wrong(err, "must be a path without a slash at its end, like /a-secret");
	return conf_text(key, base, value, err);
}

bool conf_dial(const struct conf_key *key, void *base, const char *value,
	       struct conf_err *err)
{
	struct conf_client *client = base;

	(void)key;
	client->port = 443;
	if (!conf_host_port(value, client->server, sizeof(client->server),
			    &client->port))
		return conf_wrong(err, "must be a name or address with an optional port, like vpn.example.com:443");
	return true;
}

bool conf_proxy(const struct conf_key *key, void *base, const char *value,
		struct conf_err *err)
{
	struct conf_client *client = base;

	(void)key;
	client->proxy_port = 8080;
	if (!conf_host_port(value, client->proxy, sizeof(client->proxy),
			    &client->proxy_port))
		return conf_wrong(err, "must be a name or address with an optional port, like proxy.example.com:8080");
	return true;
}

#define CONF_PIN_WRONG	"must be the certificate's SHA-256 fingerprint, 64 hex digits"

bool conf_pin(const struct conf_key *key, void *base, const char *value,
	      struct conf_err *err)
{
	struct conf_client *client = base;
	char hex[2 * CONF_PIN_LEN + 1];
	size_t n = 0;

	(void)key;
	/* Both "aabb.." and "AA:BB:.." (as openssl x509 prints) will do. */
	for (; *value && n < sizeof(hex); value++)
		if (*value != ':')
			hex[n++] = *value;
	if (n != 2 * CONF_PIN_LEN)
		return conf_wrong(err, CONF_PIN_WRONG);
	hex[n] = '\0';
	if (!hex_decode(hex, client->pin, CONF_PIN_LEN))
		return conf_wrong(err, CONF_PIN_WRONG);
	client->has_pin = true;
	return true;
}

static bool conf_ifname_chars(const char *name)
{
	return *name && strcmp(name, ".") && strcmp(name, "..") &&
	       !strpbrk(name, "/: \t");
}

bool conf_ifname(const struct conf_key *key, void *base, const char *value,
		 struct conf_err *err)
{
	if (!conf_ifname_chars(value) || strchr(value, '%') ||
	    strlen(value) >= IFNAMSIZ)
		return conf_wrong(err, "must be an interface name of at most 15 characters, like sstp0");
	return conf_text(key, base, value, err);
}

/* "%d" or "%u", each at most once, and no other %. */
static bool conf_ifname_percents(const char *name)
{
	bool number = false, user = false;

	for (const char *p = strchr(name, '%'); p; p = strchr(p + 2, '%')) {
		bool *seen = p[1] == 'd' ? &number : &user;

		if ((p[1] != 'd' && p[1] != 'u') || *seen)
			return false;
		*seen = true;
	}
	return true;
}

bool conf_ifname_tmpl(const struct conf_key *key, void *base,
		      const char *value, struct conf_err *err)
{
	/* Room for five digits in place of the two characters of "%d". */
	size_t more = strstr(value, "%d") ? 3 : 0;

	if (!conf_ifname_chars(value) || !conf_ifname_percents(value) ||
	    strlen(value) + more >= IFNAMSIZ)
		return conf_wrong(err, "must be a name of at most %zu characters, with %%d for a number or %%u for the user, like sstp%%d",
				  IFNAMSIZ - 1 - more);
	/* Firewall rules go by names. */
	if (!strncmp(value, "%u", 2))
		return conf_wrong(err, "must not begin with %%u: a user might be called like another interface, eth0; write vpn-%%u");
	return conf_text(key, base, value, err);
}
