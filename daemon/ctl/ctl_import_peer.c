// SPDX-License-Identifier: GPL-2.0-or-later
/* A file of /etc/ppp/peers that runs sstpc: options of pppd(8) and, in pty, of sstpc(8). */
#include <stdlib.h>
#include <string.h>

#include "ctl/ctl_import.h"

#define PEER_LINE_MAX	4096

/* Options of pppd that take a word more. */
static bool peer_has_value(const char *option)
{
	static const char *const options[] = {
		"pty", "user", "name", "password", "remotename", "linkname", "ipparam", "plugin",
		"sstp-sock", "mtu", "mru", "lcp-echo-interval", "lcp-echo-failure", "ifname",
		"unit", "holdoff", "maxfail", "file", "call", "logfile", "domain", "ip-up-script",
		"ip-down-script", "connect", "disconnect", "ipv6", "ms-dns", "idle", "maxconnect",
		"ca", "cert", "key", "need-peer-eap", "defaultroute-metric", "set", "debug-level",
	};

	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		if (!strcmp(option, options[i]))
			return true;
	return false;
}

void peer_read(struct import_list *list, FILE *in)
{
	char line[PEER_LINE_MAX];
	unsigned int n = 0;
	char *rest, *option, *value;

	while (fgets(line, sizeof(line), in)) {
		n++;
		rest = line;
		while ((option = import_word(&rest))) {
			value = peer_has_value(option) ? import_word(&rest) : NULL;
			import_add(list, "", option, value ? value : "", n);
		}
	}
	explicit_bzero(line, sizeof(line));
}

static void peer_same(struct import_output *out, struct import_list *list,
		      const char *option, const char *ours)
{
	const char *value = import_take(list, "", option);

	if (value && *value)
		fprintf(out->conf, "%s = %s\n", ours, value);
}

static struct import_entry *peer_find(struct import_list *list, const char *option)
{
	for (size_t i = 0; i < list->n; i++)
		if (!strcmp(list->entries[i].key, option))
			return &list->entries[i];
	return NULL;
}

/* "http://USER:PASSWORD@HOST:PORT" */
static void peer_proxy(struct import_output *out, struct import_list *list,
		       struct import_entry *e, char *url)
{
	char *host = strstr(url, "://") ? strstr(url, "://") + 3 : url;
	char *at = strrchr(host, '@');

	if (at) {
		*at = '\0';
		host[strcspn(host, ":")] = '\0';
		fprintf(out->conf, "proxy-user = %s\nproxy-password-file = %s/proxy.password\n",
			host, out->dir);
		import_lose(out, list, e, "the proxy's password goes into the file that proxy-password-file names");
		host = at + 1;
	}
	fprintf(out->conf, "proxy = %.*s\n", (int)strcspn(host, "/"), host);
}

/* An option of sstpc that takes a word more; NULL if it is not one. */
static const char *const *peer_sstpc_option(const char *option)
{
	static const char *const options[][2] = {
		{ "--ca-cert", "tls-ca" }, { "--host", "tls-name" }, { "--proxy", "" },
		{ "--ca-path", NULL }, { "--ca-dir", NULL }, { "--ipparam", NULL },
		{ "--log-level", NULL }, { "--log-fileno", NULL }, { "--uuid", NULL },
		{ "--user", "user" }, { "--password", NULL }, { "--priv-user", NULL },
		{ "--priv-group", NULL }, { "--priv-dir", NULL }, { "--crl-file", NULL },
	};

	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		if (!strcmp(option, options[i][0]))
			return options[i];
	return NULL;
}

static bool peer_needless(const char *option)
{
	static const char *const options[] = {
		"--nolaunchpppd", "--ipparam", "--log-level", "--log-fileno", "--uuid",
		"--save-server-route", "--tls-ext", "--log-stderr", "--log-syslog", "--nodaemon",
		"--priv-user", "--priv-group", "--priv-dir", "--log-stdout",
	};

	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		if (!strcmp(option, options[i]))
			return true;
	return false;
}

static void peer_lose_option(struct import_output *out, const struct import_list *list,
			     const struct import_entry *e, const char *option)
{
	fprintf(out->lost, "%s:%u: sstpc %s: %s\n", list->file, e->line, option,
		!strcmp(option, "--cert-warn") ?
		"certificates are always checked; tls-pin-sha256 trusts one that nobody has signed" :
		"no equivalent");
}

/* The command of pty: "sstpc [OPTION]... HOST" */
static void peer_sstpc(struct import_output *out, struct import_list *list,
		       struct import_entry *e)
{
	char *rest = e->value, *word = import_word(&rest), *value, *option;
	const char *const *known;

	e->used = true;
	if (!word || !strstr(word, "sstpc")) {
		import_lose(out, list, e, "does not run sstpc");
		return;
	}
	while ((option = import_word(&rest))) {
		if (*option != '-') {
			fprintf(out->conf, "server = %s\n", option);
			continue;
		}
		value = strchr(option, '=');
		if (value)
			*value++ = '\0';
		known = peer_sstpc_option(option);
		if (known && !value)
			value = import_word(&rest);
		if (known && value && known[1] && *known[1])
			fprintf(out->conf, "%s = %s\n", known[1], value);
		else if (known && value && known[1])
			peer_proxy(out, list, e, value);
		else if (!peer_needless(option))
			peer_lose_option(out, list, e, option);
	}
}

/* What is not refused, or the one that is required. */
static void peer_auth(struct import_output *out, struct import_list *list)
{
	static const char *const methods[][3] = {
		{ "refuse-mschap-v2", "require-mschap-v2", "mschapv2" },
		{ "refuse-chap", "require-chap", "chap-md5" },
		{ "refuse-pap", "require-pap", "pap" },
	};
	bool wanted[3], any = false;

	for (size_t i = 0; i < 3; i++) {
		wanted[i] = !peer_find(list, methods[i][0]);
		import_take(list, "", methods[i][0]);
	}
	/* "require" is about who the server is, but those who write it mean themselves. */
	if (import_take(list, "", "require-mschap-v2"))
		wanted[1] = wanted[2] = false;
	for (size_t i = 0; i < 3; i++) {
		if (!wanted[i])
			continue;
		fprintf(out->conf, "%s%s", any ? ", " : "auth = ", methods[i][2]);
		any = true;
	}
	if (any)
		fputc('\n', out->conf);
	import_take(list, "", "refuse-eap");
	import_take(list, "", "refuse-mschap");
}

/* Ours, whatever it says there. */
static void peer_drop_needless(struct import_list *list)
{
	static const char *const options[] = {
		"plugin", "sstp-sock", "noauth", "lock", "nobsdcomp", "nodeflate", "novj", "novjccomp",
		"noipdefault", "nodefaultroute", "require-mppe", "require-mppe-128", "nodetach",
		"updetach", "noccp", "noipv6", "ipparam", "remotename", "hide-password", "nopcomp",
		"noaccomp", "ipcp-accept-local", "ipcp-accept-remote", "nomppe-stateful",
	};

	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		while (import_take(list, "", options[i]))
			continue;
}

static void peer_flag(struct import_output *out, struct import_list *list,
		      const char *option, const char *line)
{
	if (import_take(list, "", option))
		fprintf(out->conf, "%s\n", line);
}

static void peer_user(struct import_output *out, struct import_list *list)
{
	const char *user = import_take(list, "", "user"), *name = import_take(list, "", "name");
	struct import_entry *password = peer_find(list, "password");

	if (user || name)
		fprintf(out->conf, "user = %s\n", user ? user : name);
	fprintf(out->conf, "# One line; with pppd it may have been in /etc/ppp/chap-secrets.\n"
		"password-file = %s/secret\n", out->dir);
	if (password && out->secret)
		fprintf(out->secret, "%s\n", password->value);
	if (password && !out->secret)
		import_lose(out, list, password, "put it into the file that password-file names, or say --into DIRECTORY");
	if (password)
		password->used = true;
}

static void peer_unit(struct import_output *out, struct import_list *list)
{
	const char *unit = import_take(list, "", "unit");

	if (unit)
		fprintf(out->conf, "interface = ppp%s\n", unit);
}

static void peer_routes(struct import_output *out, struct import_list *list)
{
	if (import_take(list, "", "defaultroute"))
		fputs("default-route = yes\n", out->conf);
	else
		fprintf(out->lost, "%s: without defaultroute pppd leads to the server's address in the tunnel, whatever that is: say routes = ADDRESS/32\n",
			list->file);
}

void peer_convert(struct import_output *out, struct import_list *list, const char *name)
{
	const char *link = import_take(list, "", "linkname");
	struct import_entry *pty = peer_find(list, "pty");

	fprintf(out->conf, "[client %s]\n", link ? link : name);
	if (pty)
		peer_sstpc(out, list, pty);
	else
		fputs("# There was no pty that runs sstpc\nserver = vpn.example.com\n", out->conf);
	peer_user(out, list);
	peer_auth(out, list);
	peer_same(out, list, "mtu", "mtu");
	peer_same(out, list, "lcp-echo-interval", "lcp-echo-interval");
	peer_same(out, list, "ifname", "interface");
	peer_unit(out, list);
	peer_routes(out, list);
	peer_flag(out, list, "replacedefaultroute", "# of replacedefaultroute: it always does");
	peer_flag(out, list, "+ipv6", "ipv6 = yes");
	peer_same(out, list, "holdoff", "reconnect-min");
	fprintf(out->conf, "reconnect = %s\n", import_take(list, "", "persist") ? "yes" : "no");
	/* Without it pppd does not ask for name servers. */
	if (!import_take(list, "", "usepeerdns"))
		fputs("dns = no\n", out->conf);
	peer_flag(out, list, "debug", "\n[log]\nlevel = debug");
	peer_drop_needless(list);
}
