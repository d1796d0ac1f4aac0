// SPDX-License-Identifier: GPL-2.0-or-later
/* accel-ppp.conf(5), as far as it is about SSTP. */
#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#include "auth/mschap.h"
#include "auth/userdb.h"
#include "ctl/ctl_import.h"

#define ACCEL_LINE_MAX		4096
#define ACCEL_SECRETS		"/etc/ppp/chap-secrets"
#define ACCEL_MTU		1452

/* ---- reading ---------------------------------------------------------------------- */

static char *accel_trim(char *text)
{
	size_t len;

	text += strspn(text, " \t");
	len = strlen(text);
	while (len && strchr(" \t\r\n", text[len - 1]))
		text[--len] = '\0';
	return text;
}

void accel_read(struct import_list *list, FILE *in)
{
	char line[ACCEL_LINE_MAX], section[64] = "";
	unsigned int n = 0;
	char *text, *value;

	while (fgets(line, sizeof(line), in)) {
		n++;
		text = accel_trim(line);
		if (*text == '[') {
			snprintf(section, sizeof(section), "%.*s",
				 (int)strcspn(text + 1, "]"), text + 1);
			continue;
		}
		if (!*text || *text == '#' || *text == ';')
			continue;
		value = strchr(text, '=');
		/* In a list of addresses "," comes before the "=" of an option. */
		if (value && (strcspn(text, ",") < (size_t)(value - text)))
			value = NULL;
		if (value)
			*value++ = '\0';
		import_add(list, section, accel_trim(text), value ? accel_trim(value) : "", n);
	}
}

/* ---- helpers ---------------------------------------------------------------------- */

static struct import_entry *accel_find(struct import_list *list, const char *section,
				       const char *key)
{
	for (size_t i = 0; i < list->n; i++)
		if (!list->entries[i].used && !strcmp(list->entries[i].section, section) &&
		    !strcmp(list->entries[i].key, key))
			return &list->entries[i];
	return NULL;
}

/* What goes over as it stands. */
static void accel_same(struct import_output *out, struct import_list *list,
		       const char *section, const char *key, const char *ours)
{
	const char *value = import_take(list, section, key);

	if (value && *value)
		fprintf(out->conf, "%s = %s\n", ours, value);
}

/* The same of a number that means "no" if it is 0. */
static void accel_number(struct import_output *out, struct import_list *list,
			 const char *section, const char *key, const char *ours)
{
	const char *value = import_take(list, section, key);

	if (value && strtol(value, NULL, 10) > 0)
		fprintf(out->conf, "%s = %ld\n", ours, strtol(value, NULL, 10));
}

static bool accel_module(struct import_list *list, const char *name)
{
	return import_take(list, "modules", name);
}

static void accel_lose(struct import_output *out, struct import_list *list,
		       const char *section, const char *key, const char *why)
{
	struct import_entry *e;

	while ((e = accel_find(list, section, key)))
		import_lose(out, list, e, why);
}

/* ---- [server] ----------------------------------------------------------------------- */

static void accel_listen(struct import_output *out, struct import_list *list)
{
	struct import_entry *e = accel_find(list, "sstp", "bind");
	const char *port = import_take(list, "sstp", "port");
	const char *address = e ? e->value : "0.0.0.0";

	if (e && !strncmp(e->value, "unix:", 5)) {
		import_lose(out, list, e, "sstpd listens on TCP addresses only");
		address = "0.0.0.0";
	} else if (e) {
		e->used = true;
	}
	fprintf(out->conf, strchr(address, ':') ? "listen = [%s]:%s\n" : "listen = %s:%s\n",
		address, port ? port : "443");
}

static void accel_accept(struct import_output *out, struct import_list *list)
{
	struct import_entry *e = accel_find(list, "sstp", "accept");

	if (!e || strstr(e->value, "proxy") || !strstr(e->value, "ssl")) {
		if (e)
			import_lose(out, list, e, strstr(e->value, "ssl") ?
				    "say proxy-protocol-from = ADDRESS of the proxy" :
				    "sstpd ends TLS itself; a proxy in front must pass it through");
		return;
	}
	e->used = true;
}

static void accel_protocol(struct import_output *out, struct import_list *list)
{
	struct import_entry *e = accel_find(list, "sstp", "ssl-protocol");
	bool old;

	if (!e)
		return;
	old = strstr(e->value, "ssl") || strstr(e->value, "tls1.1") ||
	      strstr(e->value, "tls1,") || !strcmp(e->value, "tls1");
	if (!strstr(e->value, "tls1.2") && strstr(e->value, "tls1.3"))
		fputs("tls-min-version = 1.3\n", out->conf);
	if (strstr(e->value, "tls1.2") && !strstr(e->value, "tls1.3"))
		fputs("tls-max-version = 1.2\n", out->conf);
	e->used = true;
	if (old)
		import_lose(out, list, e, "what is older than TLS 1.2 is not spoken");
}

static void accel_certificate(struct import_output *out, struct import_list *list)
{
	const char *pem = import_take(list, "sstp", "ssl-pemfile");
	const char *key = import_take(list, "sstp", "ssl-keyfile");

	if (!pem)
		fputs("# There was none in [sstp]: ssl-pemfile\n", out->conf);
	fprintf(out->conf, "certificate = %s\n", pem ? pem : "/etc/sstpd/cert.pem");
	fprintf(out->conf, "key = %s\n", key ? key : pem ? pem : "/etc/sstpd/key.pem");
}

static void accel_web(struct import_output *out, struct import_list *list)
{
	struct import_entry *e = accel_find(list, "sstp", "http-error");

	if (e && !strncmp(e->value, "http", 4))
		fprintf(out->conf, "web-redirect = %s\n", e->value);
	else if (e && !strcmp(e->value, "deny"))
		import_lose(out, list, e, "such requests get HTTP status 404");
	if (e)
		e->used = true;
}

static void accel_auth(struct import_output *out, struct import_list *list)
{
	static const char *const methods[][2] = {
		{ "auth_mschap_v2", "mschapv2" }, { "auth_chap_md5", "chap-md5" },
		{ "auth_pap", "pap" },
	};
	const char *sep = "auth = ";

	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
		if (!accel_module(list, methods[i][0]))
			continue;
		fprintf(out->conf, "%s%s", sep, methods[i][1]);
		sep = ", ";
	}
	if (*sep == ',')
		fputc('\n', out->conf);
	accel_lose(out, list, "modules", "auth_mschap_v1",
		   "it gives SSTP's crypto binding no key that other clients agree with");
}

static void accel_mtu(struct import_output *out, struct import_list *list)
{
	const char *mtu = import_take(list, "ppp", "mtu");
	const char *most = import_take(list, "sstp", "ppp-max-mtu");
	long value = mtu ? strtol(mtu, NULL, 10) : 0;
	long limit = most ? strtol(most, NULL, 10) : ACCEL_MTU;

	if (value > limit || (!value && most))
		value = limit;
	if (value >= 576 && value <= 4087)
		fprintf(out->conf, "mtu = %ld\n", value);
}

static void accel_sessions(struct import_output *out, struct import_list *list)
{
	const char *single = import_take(list, "common", "single-session");

	accel_number(out, list, "common", "max-sessions", "max-sessions");
	if (single)
		fprintf(out->conf, "sessions-per-user = 1\nsame-user = %s\n",
			strcmp(single, "deny") ? "replace" : "refuse");
	accel_lose(out, list, "common", "session-timeout", "only of RADIUS: Session-Timeout");
	accel_lose(out, list, "sstp", "session-timeout", "only of RADIUS: Session-Timeout");
}

/* "DOWN/UP" in kilobits, or one number for both */
static void accel_shaper(struct import_output *out, struct import_list *list)
{
	const char *value;
	char *end;
	long down, up;

	if (!accel_module(list, "shaper"))
		return;
	value = import_take(list, "shaper", "rate-limit");
	if (!value)
		return;
	down = strtol(value, &end, 10);
	up = *end == '/' ? strtol(end + 1, NULL, 10) : down;
	if (down)
		fprintf(out->conf, "rate-down = %ldk\n", down);
	if (up)
		fprintf(out->conf, "rate-up = %ldk\n", up);
}

static void accel_scripts(struct import_output *out, struct import_list *list)
{
	static const char *const scripts[][2] = {
		{ "ip-up", "up-script" }, { "ip-down", "down-script" },
	};

	for (size_t i = 0; i < 2; i++) {
		struct import_entry *e = accel_find(list, "pppd_compat", scripts[i][0]);

		if (!e)
			e = accel_find(list, "pppd-compat", scripts[i][0]);
		if (!e || !accel_find(list, "modules", "pppd_compat"))
			continue;
		fprintf(out->conf, "%s = %s\n", scripts[i][1], e->value);
		import_lose(out, list, e, "taken over, but it gets no arguments: what it needs is in SSTP_*, see sstpd.conf(5)");
	}
	accel_module(list, "pppd_compat");
}

static void accel_server(struct import_output *out, struct import_list *list, bool users,
			 bool radius)
{
	const char *hash = import_take(list, "sstp", "cert-hash-proto");
	const char *ipv6 = import_take(list, "ppp", "ipv6");

	fputs("[server]\n", out->conf);
	accel_listen(out, list);
	accel_accept(out, list);
	accel_certificate(out, list);
	accel_same(out, list, "sstp", "host-name", "host");
	accel_protocol(out, list);
	accel_same(out, list, "sstp", "ssl-ciphers", "tls-ciphers");
	accel_same(out, list, "sstp", "ssl-ecdh-curve", "tls-groups");
	if (hash)
		fprintf(out->conf, "binding-hash = %s\n", hash);
	accel_web(out, list);
	accel_auth(out, list);
	if (users || !radius)
		fprintf(out->conf, "users = %s/users\n", out->dir);
	fprintf(out->conf, "auth-backend = %s\n",
		users && radius ? "users, radius" : radius ? "radius" : "users");
	accel_number(out, list, "sstp", "timeout", "handshake-timeout");
	accel_number(out, list, "sstp", "hello-interval", "hello-interval");
	accel_number(out, list, "ppp", "lcp-echo-interval", "lcp-echo-interval");
	accel_mtu(out, list);
	if (ipv6)
		fprintf(out->conf, "ipv6 = %s\n", strcmp(ipv6, "deny") ? "yes" : "no");
	accel_same(out, list, "sstp", "ifname", "interface");
	accel_sessions(out, list);
	accel_shaper(out, list);
	accel_scripts(out, list);
}

/* ---- [pool] ------------------------------------------------------------------------- */

/* "x.x.x.x-y" means the last byte alone. */
static bool accel_range(const char *range, char *text, size_t size)
{
	const char *dash = strchr(range, '-');
	const char *dot = strrchr(range, '.');
	struct in_addr first;
	char head[32];

	if (!dash) {
		snprintf(text, size, "%s", range);
		return strchr(range, '/');
	}
	if (strchr(dash, '.')) {
		snprintf(text, size, "%s", range);
		return true;
	}
	snprintf(head, sizeof(head), "%.*s", (int)(dash - range), range);
	if (!dot || dot > dash || inet_pton(AF_INET, head, &first) != 1)
		return false;
	snprintf(text, size, "%s-%.*s.%s", head, (int)(dot - range), range, dash + 1);
	return true;
}

/* A range of [ip-pool]: @range is cut at its comma, @name gets the pool's. */
static void accel_split(char *entry, char **range, const char **name)
{
	char *option = strchr(entry, ',');

	*range = entry;
	*name = "";
	while (option) {
		*option++ = '\0';
		if (!strncmp(option, "name=", 5))
			*name = option + 5;
		else if (strncmp(option, "next=", 5))
			*name = option;
		option = strchr(option, ',');
	}
}

static bool accel_is_range(const struct import_entry *e)
{
	return !strcmp(e->section, "ip-pool") &&
	       (!strcmp(e->key, "tunnel") || strspn(e->key, "0123456789") > 0);
}

/* Is @e a range that nobody has used? Then it is taken apart, in @copy. */
static bool accel_next_range(const struct import_entry *e, char copy[ACCEL_LINE_MAX],
			     char **range, const char **name)
{
	if (e->used || !accel_is_range(e))
		return false;
	snprintf(copy, ACCEL_LINE_MAX, "%s", *e->value ? e->value : e->key);
	accel_split(copy, range, name);
	return true;
}

/* All ranges of pool @pool; true if there is one. */
static bool accel_ranges(struct import_output *out, struct import_list *list,
			 const char *pool)
{
	bool found = false;

	for (size_t i = 0; i < list->n; i++) {
		struct import_entry *e = &list->entries[i];
		char copy[ACCEL_LINE_MAX], text[100];
		const char *name;
		char *range;

		if (!accel_next_range(e, copy, &range, &name) || strcmp(name, pool))
			continue;
		if (!accel_range(range, text, sizeof(text))) {
			import_lose(out, list, e, "is no range of addresses");
			continue;
		}
		fprintf(out->conf, "addresses = %s\n", text);
		e->used = found = true;
		if (strstr(e->value, "next=") || strstr(e->key, "next="))
			import_lose(out, list, e, "pools have no next one: give the range to both");
	}
	return found;
}

static void accel_two(struct import_output *out, struct import_list *list,
		      const char *section, const char *first, const char *second,
		      const char *ours)
{
	const char *one = import_take(list, section, first);
	const char *two = import_take(list, section, second);

	if (one || two)
		fprintf(out->conf, "%s = %s%s%s\n", ours, one ? one : two,
			one && two ? ", " : "", one && two ? two : "");
}

/* Whoever may say what our address is. */
static void accel_local(struct import_output *out, struct import_list *list)
{
	static const char *const sections[] = { "ip-pool", "chap-secrets", "radius" };
	char local[32] = "";

	for (size_t i = 0; i < sizeof(sections) / sizeof(sections[0]); i++) {
		struct import_entry *e = accel_find(list, sections[i], "gw-ip-address");

		if (!e)
			continue;
		if (!*local)
			snprintf(local, sizeof(local), "%.*s", (int)strcspn(e->value, "/"), e->value);
		if (strncmp(e->value, local, strlen(local)))
			import_lose(out, list, e, "the server has one address, the same in every tunnel");
		e->used = true;
	}
	if (!*local)
		fputs("# There was none in [ip-pool]: gw-ip-address\n", out->conf);
	fprintf(out->conf, "local = %s\n", *local ? local : "10.255.255.1");
}

static void accel_prefix6(struct import_output *out, struct import_list *list)
{
	bool found = false;

	for (size_t i = 0; i < list->n; i++) {
		struct import_entry *e = &list->entries[i];
		size_t len = strcspn(e->key, ",");

		if (e->used || (strcmp(e->section, "ipv6-pool") && strcmp(e->section, "ipv6pool")) ||
		    !strchr(e->key, ':'))
			continue;
		if (found || strncmp(e->key + len, ",64", 3)) {
			import_lose(out, list, e, "a session gets a /64 out of one prefix");
			continue;
		}
		fprintf(out->conf, "ipv6-prefix = %.*s\n", (int)len, e->key);
		e->used = found = true;
	}
}

static void accel_dns6(struct import_output *out, struct import_list *list)
{
	const char *one = import_take(list, "ipv6-dns", "dns");
	const char *two = import_take(list, "ipv6-dns", "dns");

	if (one)
		fprintf(out->conf, "ipv6-dns = %s%s%s\n", one, two ? ", " : "", two ? two : "");
}

/* The pools with a name that no section of ours has yet. */
static void accel_named_pools(struct import_output *out, struct import_list *list)
{
	for (size_t i = 0; i < list->n; i++) {
		struct import_entry *e = &list->entries[i];
		char copy[ACCEL_LINE_MAX];
		const char *name;
		char *range;

		if (!accel_next_range(e, copy, &range, &name))
			continue;
		fprintf(out->conf, "\n[pool %s]\n", name);
		accel_ranges(out, list, name);
	}
}

static void accel_pools(struct import_output *out, struct import_list *list)
{
	const char *pool = import_take(list, "sstp", "ip-pool");

	accel_module(list, "ippool");
	accel_module(list, "ipv6pool");
	fputs("\n[pool]\n", out->conf);
	if (!accel_ranges(out, list, pool ? pool : ""))
		fputs("# There was none in [ip-pool]\naddresses = 10.255.0.0/24\n", out->conf);
	accel_local(out, list);
	accel_two(out, list, "dns", "dns1", "dns2", "dns");
	accel_two(out, list, "wins", "wins1", "wins2", "wins");
	accel_prefix6(out, list);
	accel_dns6(out, list);
	accel_named_pools(out, list);
}

/* ---- [radius] ----------------------------------------------------------------------- */

/** struct accel_radius - lists for our keys, as they grow */
struct accel_radius {
	char auth[600];
	char acct[600];
	char secret[200];
};

static void accel_append(char *list, size_t size, const char *host, const char *port)
{
	size_t len = strlen(list);

	snprintf(list + len, size - len, "%s%s:%s", len ? ", " : "", host, port);
}

/* All servers of ours share one. */
static void accel_secret(struct import_output *out, struct import_list *list,
			 struct import_entry *e, struct accel_radius *r, const char *secret)
{
	if (!*r->secret)
		snprintf(r->secret, sizeof(r->secret), "%s", secret);
	else if (strcmp(r->secret, secret))
		import_lose(out, list, e, "its secret is another one: all servers must have the same");
}

/* "HOST,SECRET,OPTION=..." or, in the obsolete keys, "HOST:PORT,SECRET" */
static void accel_radius_server(struct import_output *out, struct import_list *list,
				struct import_entry *e, struct accel_radius *r)
{
	const char *auth = "1812", *acct = "1813";
	bool only_auth = !strcmp(e->key, "auth-server"), only_acct = !strcmp(e->key, "acct-server");
	char copy[ACCEL_LINE_MAX];
	char *save, *host, *secret, *option, *port;

	e->used = true;
	snprintf(copy, sizeof(copy), "%s", e->value);
	host = strtok_r(copy, ",", &save);
	secret = strtok_r(NULL, ",", &save);
	if (!host || !secret) {
		import_lose(out, list, e, "is not HOST,SECRET");
		return;
	}
	port = only_auth || only_acct ? strchr(host, ':') : NULL;
	if (port) {
		*port++ = '\0';
		auth = acct = port;
	}
	while ((option = strtok_r(NULL, ",", &save))) {
		if (!strncmp(option, "auth-port=", 10))
			auth = option + 10;
		else if (!strncmp(option, "acct-port=", 10))
			acct = option + 10;
	}
	if (!only_acct && strcmp(auth, "0"))
		accel_append(r->auth, sizeof(r->auth), host, auth);
	if (!only_auth && strcmp(acct, "0"))
		accel_append(r->acct, sizeof(r->acct), host, acct);
	accel_secret(out, list, e, r, secret);
}

static void accel_radius_coa(struct import_output *out, struct import_list *list,
			     struct accel_radius *r)
{
	struct import_entry *e = accel_find(list, "radius", "dae-server");
	const char *allowed = import_take(list, "radius", "dae-allowed");
	const char *comma = e ? strchr(e->value, ',') : NULL;

	if (!e)
		return;
	e->used = true;
	fprintf(out->conf, "coa-listen = %.*s\n", (int)strcspn(e->value, ","), e->value);
	if (comma)
		accel_secret(out, list, e, r, comma + 1);
	if (allowed && !strchr(allowed, '/'))
		fprintf(out->conf, "coa-sources = %s\n", allowed);
	else
		import_lose(out, list, e, "say coa-sources = ADDRESS, ... of those who may ask");
}

static void accel_radius(struct import_output *out, struct import_list *list)
{
	struct accel_radius r = { "", "", "" };
	const char *tries = import_take(list, "radius", "max-try");

	for (size_t i = 0; i < list->n; i++) {
		struct import_entry *e = &list->entries[i];

		if (!e->used && !strcmp(e->section, "radius") &&
		    (!strcmp(e->key, "server") || !strcmp(e->key, "auth-server") ||
		     !strcmp(e->key, "acct-server")))
			accel_radius_server(out, list, e, &r);
	}
	fprintf(out->conf, "\n[radius]\nauth-server = %s\n", r.auth);
	if (*r.acct)
		fprintf(out->conf, "acct-server = %s\n", r.acct);
	fprintf(out->conf, "# One line: the secret of these servers\nsecret-file = %s/secret\n", out->dir);
	accel_number(out, list, "radius", "timeout", "timeout");
	if (tries && strtol(tries, NULL, 10) > 1)
		fprintf(out->conf, "retries = %ld\n", strtol(tries, NULL, 10) - 1);
	accel_number(out, list, "radius", "acct-interim-interval", "interim-interval");
	accel_same(out, list, "radius", "nas-identifier", "nas-identifier");
	accel_same(out, list, "radius", "nas-ip-address", "nas-ip-address");
	accel_radius_coa(out, list, &r);
	if (out->secret && *r.secret)
		fprintf(out->secret, "%s\n", r.secret);
	explicit_bzero(r.secret, sizeof(r.secret));
}

/* ---- chap-secrets ------------------------------------------------------------------- */

/* A colon ends our field, and "*" or a hash would mean something else. */
static void accel_password(FILE *users, struct mschap *mschap, const char *password)
{
	uint8_t hash[MSCHAP_NT_HASH_LEN];

	if (!strchr(password, ':') && strcmp(password, USERDB_NO_PASSWORD) &&
	    strncmp(password, USERDB_HASH_PREFIX, strlen(USERDB_HASH_PREFIX))) {
		fputs(password, users);
		return;
	}
	if (mschap_nt_hash(mschap, password, strlen(password), hash) < 0)
		return;
	fputs(USERDB_HASH_PREFIX, users);
	for (size_t i = 0; i < sizeof(hash); i++)
		fprintf(users, "%02x", hash[i]);
}

static void accel_users(struct import_output *out, const char *path)
{
	struct mschap *mschap = mschap_new();
	FILE *in = fopen(path, "r");
	char line[ACCEL_LINE_MAX];
	unsigned int n = 0;

	if (!in || !mschap)
		fprintf(out->lost, "%s: %s\n", path, in ? "OpenSSL has no MD4" : strerror(errno));
	while (in && mschap && fgets(line, sizeof(line), in)) {
		char *rest = line, *name = import_word(&rest), *server = import_word(&rest);
		char *password = import_word(&rest), *address = import_word(&rest);
		struct in_addr ip;

		n++;
		if (!name)
			continue;
		if (!server || !password || !*password || strpbrk(name, ":\r\n") || *name == '#') {
			fprintf(out->lost, "%s:%u: this account cannot be one of ours\n", path, n);
			continue;
		}
		fprintf(out->users, "%s:", name);
		accel_password(out->users, mschap, password);
		if (address && inet_pton(AF_INET, address, &ip) == 1)
			fprintf(out->users, ":%s", address);
		fputc('\n', out->users);
		if (address && import_word(&rest))
			fprintf(out->lost, "%s:%u: a rate is an option of the fourth field: rate-down=\n",
				path, n);
	}
	OPENSSL_cleanse(line, sizeof(line));
	if (in)
		fclose(in);
	mschap_free(mschap);
}

/* ---- all of it ------------------------------------------------------------------------ */

static void accel_log(struct import_output *out, struct import_list *list)
{
	static const char *const levels[] = { "error", "error", "warning", "info", "info", "debug" };
	const char *level = import_take(list, "log", "level");
	long n = level ? strtol(level, NULL, 10) : -1;

	if (n >= 0 && n <= 5)
		fprintf(out->conf, "\n[log]\nlevel = %s\n", levels[n]);
	accel_module(list, "log_file");
	accel_module(list, "log_syslog");
	accel_lose(out, list, "log", "log-file", "the log goes to the journal, or syslog");
}

/* Ours, whatever it says there. */
static void accel_needless(struct import_list *list)
{
	static const char *const needless[][2] = {
		{ "modules", "sstp" }, { "modules", "sigchld" }, { "ppp", "verbose" },
		{ "sstp", "verbose" }, { "radius", "verbose" }, { "ppp", "ipv4" },
		{ "sstp", "ssl-prefer-server-ciphers" }, { "ppp", "unit-cache" },
		{ "client-ip-range", "disable" }, { "ppp", "ccp" }, { "log", "copy" },
		{ "radius", "dictionary" },
	};

	for (size_t i = 0; i < sizeof(needless) / sizeof(needless[0]); i++)
		import_take(list, needless[i][0], needless[i][1]);
}

void accel_convert(struct import_output *out, struct import_list *list)
{
	bool users = accel_module(list, "chap-secrets"), radius = accel_module(list, "radius");
	const char *secrets, *threads;

	accel_needless(list);
	accel_server(out, list, users, radius);
	accel_pools(out, list);
	if (radius)
		accel_radius(out, list);
	accel_log(out, list);
	threads = import_take(list, "core", "thread-count");
	if (threads && strtol(threads, NULL, 10) > 0)
		fprintf(out->conf, "\n[global]\nengines = %ld\n", strtol(threads, NULL, 10));
	secrets = import_take(list, "chap-secrets", "chap-secrets");
	if (users && out->users)
		accel_users(out, secrets ? secrets : ACCEL_SECRETS);
	else if (users)
		fprintf(out->lost, "%s: --into DIRECTORY makes a users file of it\n",
			secrets ? secrets : ACCEL_SECRETS);
}
