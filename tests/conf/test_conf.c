// SPDX-License-Identifier: GPL-2.0-or-later
/* The configuration file: what is accepted, and what is said about the rest. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <arpa/inet.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <openssl/ssl.h>

#include "conf/conf.h"
#include "conf/conf_reload.h"
#include "lib/log.h"
#include "sstp/sstp_pkt.h"

#define SERVER \
	"[server]\n" \
	"listen = 0.0.0.0:443\n" \
	"certificate = /etc/sstpd/cert.pem\n" \
	"key = /etc/sstpd/key.pem\n" \
	"users = /etc/sstpd/users\n" \
	"[pool]\n" \
	"addresses = 10.8.0.0/24\n" \
	"local = 10.8.0.1\n"

#define CLIENT \
	"[client home]\n" \
	"server = vpn.example.com\n" \
	"user = alice\n" \
	"password = secret\n"

static struct conf conf;
static char complaints[4096];
static char file[] = "/tmp/test_conf.XXXXXX";

static void collect(void *ctx, const char *line)
{
	(void)ctx;
	strncat(complaints, line, sizeof(complaints) - strlen(complaints) - 1);
	strncat(complaints, "\n", sizeof(complaints) - strlen(complaints) - 1);
}

static unsigned int load(const char *text)
{
	FILE *f = fopen(file, "w");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
	*complaints = '\0';
	return conf_load(&conf, file, collect, NULL);
}

static int make_file(void **state)
{
	(void)state;
	int fd = mkstemp(file);

	return fd < 0 ? -1 : close(fd);
}

static int remove_file(void **state)
{
	(void)state;
	return unlink(file);
}

/* @text must give exactly one complaint: about line @line, naming @right. */
static void assert_complaint(const char *text, unsigned int line,
			     const char *right)
{
	char where[80];

	assert_int_equal(load(text), 1);
	snprintf(where, sizeof(where), "%s:%u: ", file, line);
	if (strncmp(complaints, where, strlen(where)) ||
	    !strstr(complaints, right))
		fail_msg("complaint is: %s", complaints);
}

static void assert_methods(const struct conf_link *link, struct auth_methods want)
{
	assert_memory_equal(&link->auth, &want, sizeof(want));
}

static void minimal_server(void **state)
{
	char addr[INET_ADDRSTRLEN];

	(void)state;
	assert_int_equal(load(SERVER), 0);
	assert_true(conf.has_server);
	assert_int_equal(conf.n_clients, 0);
	assert_int_equal(conf.server.n_listen, 1);
	assert_string_equal(conf.server.policy.ifname, "sstp%d");
	assert_int_equal(conf.server.link.mtu, 1400);
	assert_int_equal(conf.server.link.path, CONF_PATH_AUTO);
	assert_methods(&conf.server.link, AUTH_METHODS(AUTH_MSCHAPV2, AUTH_EAP_MSCHAPV2));
	assert_int_equal(conf.server.link.hashes, SSTP_HASH_SHA256);
	assert_int_equal(conf.server.tls.min_version, TLS1_2_VERSION);
	assert_int_equal(conf.main.log_level, LOG_INFO);
	inet_ntop(AF_INET, &conf.pools[0].local, addr, sizeof(addr));
	assert_string_equal(addr, "10.8.0.1");
}

static void minimal_client(void **state)
{
	(void)state;
	assert_int_equal(load(CLIENT), 0);
	assert_false(conf.has_server);
	assert_int_equal(conf.n_clients, 1);
	assert_string_equal(conf.clients[0].name, "home");
	assert_string_equal(conf.clients[0].server, "vpn.example.com");
	assert_int_equal(conf.clients[0].port, 443);
	assert_methods(&conf.clients[0].link, AUTH_METHODS(AUTH_MSCHAPV2));
	assert_true(conf.clients[0].reconnect);
	/* Without a pin the system's CAs must vouch for the server. */
	assert_string_equal(conf.clients[0].ca,
			    "/etc/ssl/certs/ca-certificates.crt");
	assert_string_equal(conf.secrets[0].user, "alice");
	assert_string_equal(conf.secrets[0].password, "secret");
}

/* Each is a client of its own, but what is the tunnel's is the first one's alone. */
static void several_connections(void **state)
{
	char text[2000];

	(void)state;
	snprintf(text, sizeof(text), "%sconnections = 3\nroutes = 10.0.0.0/8\nkill-switch = yes\n"
		 "[client b]\nserver = b.example.com\nuser = bob\npassword = x\n"
		 "interface = sstp1\nconnections = 2\n", CLIENT);
	assert_int_equal(load(text), 0);
	assert_int_equal(conf.n_clients, 5);
	assert_string_equal(conf.clients[1].name, "b");
	assert_string_equal(conf.clients[2].name, "home/1");
	assert_string_equal(conf.clients[3].name, "home/2");
	assert_string_equal(conf.clients[4].name, "b/1");
	for (uint32_t i = 0; i < 5; i++) {
		assert_int_equal(conf.secrets[i].client, i);
		assert_int_equal(conf.clients[i].lead, i == 1 || i == 4);
	}
	assert_int_equal(conf.clients[0].lane, 0);
	assert_int_equal(conf.clients[3].lane, 2);
	assert_string_equal(conf.secrets[3].password, "secret");
	assert_string_equal(conf.secrets[4].user, "bob");
	assert_int_equal(conf.clients[0].n_routes, 1);
	assert_int_equal(conf.clients[3].n_routes, 0);
	assert_false(conf.clients[3].kill_switch);
	snprintf(text, sizeof(text), "%sconnections = 17\n", CLIENT);
	assert_int_equal(load(text), 1);
}

#define EAP_USER \
	"[client home]\n" \
	"server = vpn.example.com\n" \
	"user = alice\n" \
	"auth = eap-tls\n"

static void eap_methods(void **state)
{
	const struct conf_eap_tls *eap = &conf.clients[0].eap;

	(void)state;
	assert_int_equal(load(EAP_USER "eap-tls-certificate = /a.pem\n"
			      "eap-tls-key = /a.key\n" "tls-name = gate.example.com\n"), 0);
	assert_true(conf_has_eap_tls(&conf));
	assert_string_equal(eap->cert.certificate, "/a.pem");
	assert_string_equal(eap->ca, "/etc/ssl/certs/ca-certificates.crt");
	assert_string_equal(eap->name, "gate.example.com");
	assert_int_equal(load(CLIENT), 0);
	assert_false(conf_has_eap_tls(&conf));
	/* A pin says nothing about the certificate inside of EAP. */
	assert_int_equal(load(EAP_USER "eap-tls-certificate = /a.pem\n" "eap-tls-key = /a.key\n"
			      "eap-tls-ca = /ca.pem\n" "eap-tls-name = radius.example.com\n"), 0);
	assert_string_equal(eap->ca, "/ca.pem");
	assert_string_equal(eap->name, "radius.example.com");
	assert_complaint(EAP_USER "eap-tls-certificate = /a.pem\n", 2, "\"eap-tls-key\"");
	assert_complaint(CLIENT "eap-tls-ca = /a.pem\n", 2, "has no eap-tls");
	assert_complaint(CLIENT "auth = mschapv2, eap-radius\n", 2, "for servers");
	assert_complaint("[client home]\n" "server = vpn.example.com\n" "user = alice\n", 2,
			 "\"password-file\"");

	assert_int_equal(load("[server]\n" "auth = eap-tls, mschapv2\n" "eap-tls-ca = /ca.pem\n"
			      SERVER), 0);
	assert_true(conf_has_eap_tls(&conf));
	assert_string_equal(conf.server.eap.cert.key, "/etc/sstpd/key.pem");
	assert_complaint("[server]\n" "auth = eap-tls\n" SERVER, 2, "\"eap-tls-ca\"");
	assert_complaint("[server]\n" "eap-tls-ca = /ca.pem\n" SERVER, 2, "has no eap-tls");
	assert_complaint("[server]\n" "auth = eap-tls\n" "eap-tls-ca = /ca.pem\n"
			 "eap-tls-key = /a.key\n" SERVER, 2, "\"eap-tls-certificate\"");
	assert_complaint("[server]\n" "auth = eap-radius\n" SERVER, 2, "must name radius");
}

/* No certificate of its own, but the server's is checked; and a Crypto-Binding has to be. */
static void peap(void **state)
{
	const struct conf_eap_tls *eap = &conf.clients[0].eap;

	(void)state;
	assert_int_equal(load(CLIENT "auth = peap\n"), 0);
	assert_true(conf_has_eap_tls(&conf));
	assert_string_equal(eap->ca, "/etc/ssl/certs/ca-certificates.crt");
	assert_string_equal(eap->name, "vpn.example.com");
	assert_string_equal(eap->identity, "");
	assert_true(eap->need_binding);
	assert_int_equal(load(CLIENT "auth = mschapv2, peap\n" "eap-tls-ca = /ca.pem\n"
			      "eap-tls-name = radius.example.com\n"
			      "eap-identity = anonymous@example.com\n"
			      "peap-crypto-binding = no\n"), 0);
	assert_string_equal(eap->ca, "/ca.pem");
	assert_string_equal(eap->name, "radius.example.com");
	assert_string_equal(eap->identity, "anonymous@example.com");
	assert_false(eap->need_binding);
	assert_complaint("[client home]\n" "server = vpn.example.com\n" "user = alice\n"
			 "auth = peap\n", 2, "\"password-file\"");
	assert_complaint(CLIENT "eap-identity = anonymous\n", 2, "has no EAP");
	assert_complaint(CLIENT "peap-crypto-binding = no\n", 2, "has no peap");
	assert_complaint(CLIENT "auth = peap\n" "eap-tls-key = /a.key\n", 2, "has no eap-tls");
	assert_complaint("[server]\n" "auth = peap\n" SERVER, 2, "for clients");
}

static void every_kind_of_value(void **state)
{
	const struct conf_client *c;

	(void)state;
	assert_int_equal(load(CLIENT
			      "auth = pap, chap-md5, MSCHAPv2\n"
			      "eap-mschapv2-zero-key = yes\n"
			      "binding-hash = sha256, sha1\n"
			      "data-path = tun\n"
			      "tls-min-version = 1.3\n"
			      "routes = 10.0.0.0/8, 192.0.2.7\n"
			      "routes = 2001:db8::/32\n"
			      "default-route = yes\n"
			      "kill-switch = yes\n"
			      "leak = ipv6\n"
			      "table = 4711\n"
			      "fwmark = 0x11\n"
			      "metric = 50\n"
			      "dns = resolvconf\n"
			      "dns-domains = ~corp.example, lab.example\n"
			      "dns-domains = ~.\n"
			      "mtu = 1300\n"
			      "tls-pin-sha256 = "
			      "00:11:22:33:44:55:66:77:88:99:AA:bb:CC:DD:EE:FF:"
			      "00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF\n"
			      "[log]\nlevel = debug\ntarget = syslog\n"), 0);
	c = &conf.clients[0];
	assert_methods(&c->link, AUTH_METHODS(AUTH_PAP, AUTH_CHAP_MD5, AUTH_MSCHAPV2));
	assert_true(c->link.eap_no_key);
	assert_int_equal(c->link.hashes, SSTP_HASH_SHA1 | SSTP_HASH_SHA256);
	assert_int_equal(c->link.path, CONF_PATH_TUN);
	assert_int_equal(c->tls.min_version, TLS1_3_VERSION);
	assert_int_equal(c->link.mtu, 1300);
	assert_true(c->default_route);
	assert_true(c->kill_switch);
	assert_true(c->leak6);
	assert_int_equal(c->table, 4711);
	assert_int_equal(c->fwmark, 0x11);
	assert_int_equal(c->metric, 50);
	assert_int_equal(c->dns, CONF_DNS_RESOLVCONF);
	assert_int_equal(c->n_domains, 3);
	assert_string_equal(c->domains[0], "~corp.example");
	assert_string_equal(c->domains[2], "~.");
	assert_int_equal(c->n_routes, 3);
	assert_int_equal(c->routes[0].len, 8);
	assert_int_equal(c->routes[1].len, 32);
	assert_int_equal(c->routes[2].family, AF_INET6);
	assert_true(c->has_pin);
	assert_int_equal(c->pin[11], 0xbb);
	/* A pin alone is enough; no CA is asked then. */
	assert_string_equal(c->ca, "");
	assert_int_equal(conf.main.log_level, LOG_DEBUG);
	assert_int_equal(conf.main.log_target, LOG_TO_SYSLOG);
}

static void hosts_and_ports(void **state)
{
	static const struct {
		const char *text;
		const char *host;
		uint16_t port;
	} good[] = {
		{ "vpn.example.com", "vpn.example.com", 443 },
		{ "vpn.example.com:8443", "vpn.example.com", 8443 },
		{ "192.0.2.1:1", "192.0.2.1", 1 },
		{ "2001:db8::1", "2001:db8::1", 443 },
		{ "[2001:db8::1]", "2001:db8::1", 443 },
		{ "[2001:db8::1]:65535", "2001:db8::1", 65535 },
	};
	static const char *const bad[] = {
		"host:", "host:0", "host:65536", "host:80x", "[::1", "[]:443",
		"[::1]443", ":443",
	};
	char text[300];

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		snprintf(text, sizeof(text),
			 "[client a]\nuser = u\npassword = p\nserver = %s\n",
			 good[i].text);
		assert_int_equal(load(text), 0);
		assert_string_equal(conf.clients[0].server, good[i].host);
		assert_int_equal(conf.clients[0].port, good[i].port);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		snprintf(text, sizeof(text),
			 "[client a]\nuser = u\npassword = p\nserver = %s\n",
			 bad[i]);
		if (!load(text))
			fail_msg("\"%s\" was accepted", bad[i]);
	}
}

static void wrong_values(void **state)
{
	(void)state;
	assert_complaint(SERVER "[log]\nlevel = loud\n", 10,
			 "must be one of: error warning info debug");
	assert_complaint(CLIENT "mtu = 9000\n", 5,
			 "must be a number from 576 to 4087");
	assert_complaint(CLIENT "mtu = -1\n", 5, "must be a number");
	assert_complaint(CLIENT "mtu = 1400 bytes\n", 5, "must be a number");
	assert_complaint(CLIENT "default-route = maybe\n", 5, "yes no");
	assert_complaint(CLIENT "leak = yes\n", 5, "no ipv6");
	assert_complaint(CLIENT "table = local\n", 5, "auto, main");
	assert_complaint(CLIENT "table = 254\n", 5, "256");
	assert_complaint(CLIENT "table = 4294967296\n", 5, "4294967295");
	assert_complaint(CLIENT "fwmark = 0\n", 5, "from 1");
	assert_complaint(CLIENT "fwmark = 0x1234567890\n", 5, "0xffffffff");
	assert_complaint(CLIENT "metric = 0\n", 5, "1");
	assert_complaint(CLIENT "kill-switch = yes\n", 2, "that is nothing");
	assert_complaint(CLIENT "table = main\ndefault-route = yes\n", 2, "table = main");
	assert_complaint(CLIENT "addresses = no\ndefault-route = yes\n", 2, "addresses = no");
	assert_complaint(CLIENT "addresses = no\nroutes = 10.0.0.0/8\n", 2, "addresses = no");
	assert_complaint(CLIENT "table = main\nroutes = 10.0.0.0/8\nkill-switch = yes\n", 2,
			 "a table of its own");
	assert_complaint(CLIENT "vrf = red\ntable = 7\n", 2, "exclude each other");
	assert_complaint(CLIENT "dns = yes\n", 5, "auto resolved resolvconf no");
	assert_complaint(CLIENT "dns-domains = corp.example,\n", 5, "corp.example");
	/* None becomes an option of a program, or another line of a file. */
	assert_complaint(CLIENT "dns-domains = -corp.example\n", 5, "corp.example");
	assert_complaint(CLIENT "dns-domains = ~-corp.example\n", 5, "corp.example");
	assert_complaint(CLIENT "dns-domains = corp example\n", 5, "corp.example");
	assert_complaint(CLIENT "dns-domains = a..b\n", 5, "corp.example");
	assert_complaint(CLIENT "dns-domains = .\n", 5, "corp.example");
	assert_complaint(CLIENT "dns-domains = ~\n", 5, "corp.example");
	assert_complaint(CLIENT "dns-domains = a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q\n", 5,
			 "more than 16");
	assert_complaint(CLIENT "routes = 10.0.0.0/8\ndns = no\ndns-domains = a\n", 2,
			 "exclude each other");
	assert_complaint(CLIENT "dns-domains = corp.example\n", 2, "\"routes\" has to lead");
	assert_complaint(CLIENT "routes = 10.1.2.3/8\n", 5,
			 "without host bits");
	assert_complaint(CLIENT "routes = 10.0.0.0/33\n", 5, "10.0.0.0/8");
	assert_complaint(CLIENT "routes = 10.0.0.0/8,,\n", 5, "10.0.0.0/8");
	assert_complaint(CLIENT "auth = eap\n", 5,
			 "mschapv2 eap-mschapv2 eap-tls eap-radius peap chap-md5 pap");
	assert_complaint(CLIENT "auth = pap, mschapv2, pap\n", 5, "pap twice");
	assert_complaint(CLIENT "auth = pap,,mschapv2\n", 5, "must be a list");
	assert_complaint(CLIENT "auth =\n", 5, "\"auth\"");
	assert_complaint(CLIENT "tls-pin-sha256 = 00:11\n", 5, "64 hex digits");
	assert_complaint(CLIENT "interface = averylonginterface\n", 5,
			 "at most 15 characters");
	assert_complaint(CLIENT "interface = sstp%d\n", 5, "like sstp0");
	assert_complaint(SERVER "[server]\ninterface = vpn0\n", 2, "%d");
	assert_complaint(SERVER "[server]\ninterface = a%sb\n", 10, "%d");
	assert_complaint(SERVER "[server]\ninterface = a%d%d\n", 10, "%d");
	assert_complaint(SERVER "[server]\ninterface = a%\n", 10, "%d");
	assert_complaint(SERVER "[pool]\nipv6-prefix = 2001:db8::/48\n", 7,
			 "needs \"ipv6 = yes\"");
	assert_complaint(SERVER "[pool]\nipv6-prefix = 2001:db8::/65\n", 10, "48 to 64");
	assert_complaint(SERVER "[pool]\nipv6-prefix = 2001:db8::1/64\n", 10, "host bits");
	assert_complaint(SERVER "[pool]\nipv6-prefix = 10.0.0.0/8\n", 10, "IPv6 prefix");
	assert_complaint(SERVER "[pool]\nipv6-dns = 9.9.9.9\n", 10, "IPv6 addresses");
	assert_int_equal(load(SERVER "ipv6-prefix = 2001:db8:1::/48\n"
			      "ipv6-dns = 2001:db8::53, 2001:db8::54\n"
			      "[server]\nipv6 = yes\n"), 0);
	assert_int_equal(conf.pools[0].prefix6.len, 48);
	assert_int_equal(conf.pools[0].dns6[1].s6_addr[15], 0x54);
	assert_complaint(SERVER "[pool]\ndns = 9.9.9.9, 8.8.8.8, 1.1.1.1\n", 10,
			 "one or two");
	assert_complaint(SERVER "[server]\nlisten = localhost\n", 10,
			 "0.0.0.0:443");
	assert_complaint(SERVER "[server]\nhost = \n", 10, "empty");
	assert_complaint(CLIENT "tls-ca = ca.pem\n", 5, "absolute path");
	assert_complaint(CLIENT "tls-min-version = 1.1\n", 5, "1.2 1.3");
}

/* Calls @check for each key that the reader itself says there is in [@section]. */
static void each_key(const char *section, void (*check)(const char *section, const char *key))
{
	static char known[sizeof(complaints)];
	char text[100], *key, *at;

	snprintf(text, sizeof(text), "[%s]\nno-such-key-anywhere = 1\n", section);
	load(text);
	strcpy(known, complaints);
	at = strstr(known, "its keys are: ");
	assert_non_null(at);
	at += strlen("its keys are: ");
	*strchr(at, '\n') = '\0';
	while ((key = strsep(&at, ", ")))
		if (*key)
			check(section, key);
}

/* Every complaint says where; the first one is about line @line. */
static void assert_places(const char *text, unsigned int line)
{
	char where[80];
	const char *at;

	snprintf(where, sizeof(where), "%s:%u: ", file, line);
	if (strncmp(complaints, where, strlen(where)))
		fail_msg("\"%s\" gives: %s", text, complaints);
	where[strlen(file) + 1] = '\0';
	for (at = complaints; *at; at = strchr(at, '\n') + 1)
		if (strncmp(at, where, strlen(where)) || !(at[strlen(where)] >= '1' &&
							    at[strlen(where)] <= '9'))
			fail_msg("\"%s\" gives: %s", text, complaints);
}

static void assert_bad_value(const char *section, const char *key)
{
	/* Nothing, what no value looks like, a file that is not there, much too long. */
	static char too_long[180];
	const char *const values[] = { "", ",", "?x ?", "/nowhere", too_long };
	char text[400];

	memset(too_long, 'x', sizeof(too_long) - 1);
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		snprintf(text, sizeof(text), "# %s\n[%s]\n\n%s = %s\n", section, section, key,
			 values[i]);
		/* For some any text will do, but not none. */
		if (load(text) && (!i || strstr(complaints, ":4: ")))
			assert_places(text, 4);
		else if (!i)
			fail_msg("\"%s\" was accepted", text);
	}
}

static void assert_typo(const char *section, const char *key)
{
	char text[200], want[100];

	snprintf(text, sizeof(text), "[%s]\n%.*s = 1\n", section, (int)strlen(key) - 1, key);
	snprintf(want, sizeof(want), "is it \"%s\"?", key);
	load(text);
	assert_places(text, 2);
	if (!strstr(complaints, want))
		fail_msg("\"%s\" gives: %s", text, complaints);
}

static const char *const sections[] = {
	"global", "log", "server", "pool", "pool x", "group x", "radius", "client x",
};

static unsigned int keys;

static void count_key(const char *section, const char *key)
{
	(void)section;
	(void)key;
	keys++;
}

/* One mistake, one complaint. */
static void needs_what_is_wrong(void **state)
{
	(void)state;
	assert_complaint("[client home]\nserver = vpn.example.com:x\nuser = alice\n"
			 "password = secret\n", 2, "\"server\"");
	assert_complaint("[client home]\nserver = vpn.example.com\nuser = alice\n"
			 "password-file = /nowhere\n", 4, "cannot open /nowhere");
	assert_complaint("[client home]\nserver = a.test\nuser = alice\npassword = p\n"
			 "tls-ciphers = none\n", 5, "names no cipher");
	assert_complaint("[client home]\nserver = a.test\nuser = alice\npassword = p\n"
			 "tls-ciphersuites = none\n", 5, "does not know");
	assert_complaint("[client home]\nserver = a.test\nuser = alice\npassword = p\n"
			 "tls-groups = P-256:none\n", 5, "does not know");
}

static void every_key_says_where(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(sections) / sizeof(sections[0]); i++) {
		each_key(sections[i], count_key);
		each_key(sections[i], assert_bad_value);
		each_key(sections[i], assert_typo);
	}
	/* None was cut off. */
	assert_true(keys >= 150);
}

#define IPV6	"[server]\nipv6 = yes\n"
#define STAFF	"[pool staff]\naddresses = 10.9.0.0/24, 10.9.2.1-10.9.2.9\n" \
		"addresses = 10.9.3.0/24\nexclude = 10.9.0.7, 10.9.3.0/25\n" \
		"dns = 10.9.0.53\nipv6-prefix = 2001:db8:9::/56\n" \
		"ipv6-exclude = 2001:db8:9::/64, 2001:db8:9:80::/57\n"

static void pools_and_groups(void **state)
{
	const struct conf_pool *pool;
	const struct conf_group *group;

	(void)state;
	assert_int_equal(load(SERVER IPV6 STAFF
			      "[group staff]\npool = staff\nrate-down = 20M\n"
			      "interface = v%u-%d\nvrf = blue\n"
			      "interface-group = 17\nsource-check = no\n"
			      "[server]\nsame-user = refuse\n"
			      "sessions-per-user = 3\n"), 0);
	pool = conf_pool_find(&conf, "staff");
	assert_non_null(pool);
	assert_int_equal(pool->n_addresses, 3);
	assert_int_equal(pool->addresses[1].last, 0x0a090209);
	assert_int_equal(pool->n_excluded, 2);
	assert_int_equal(pool->n_excluded6, 2);
	assert_null(conf_pool_find(&conf, "stuff"));
	assert_ptr_equal(conf_pool_find(&conf, ""), &conf.pools[0]);
	group = conf_group_find(&conf, "staff");
	assert_non_null(group);
	assert_int_equal(group->policy.rate_down, 20000000);
	assert_int_equal(group->policy.ifgroup, 17);
	assert_int_equal(group->policy.source_check, CONF_NO);
	assert_int_equal(group->policy.same_user, CONF_SAME_UNSET);
	assert_null(conf_group_find(&conf, ""));
	assert_int_equal(conf.server.policy.same_user, CONF_SAME_REFUSE);
	assert_int_equal(conf.server.policy.source_check, CONF_YES);

	assert_complaint(SERVER "[group g]\npool = x\n", 10, "there is no [pool x]");
	assert_complaint(SERVER "[group g]\nipv6-pool = x\n", 10, "there is no [pool x]");
	assert_complaint(SERVER "[group g]\ninterface = boss\n", 10, "needs %d or %u");
	assert_complaint(SERVER "[group g]\ninterface = %u%d\n", 10, "must not begin with %u");
	assert_complaint(SERVER "[group g]\nlisten = 0.0.0.0\n", 10,
			 "unknown key \"listen\" in [group g]; its keys are: pool");
	assert_complaint(SERVER "[pool x]\naddresses = 10.9.0.0/24\nlocal = 10.9.0.1\n",
			 11, "set it in [pool]");
	assert_complaint(SERVER "[pool x]\naddresses = 10.9.0.0/24, 10.9.0.7\n", 10,
			 "overlap");
	assert_complaint(SERVER "[pool x]\naddresses = 10.9.0.7\nexclude = 10.9.0.0/24\n",
			 10, "no address left");
	assert_complaint(SERVER "[pool x]\ndns = 10.9.0.7\n", 10, "needs \"addresses\"");
	assert_complaint(SERVER "[pool x]\nipv6-prefix = 2001:db8::/48\n", 10,
			 "needs \"ipv6 = yes\"");
	assert_complaint(SERVER IPV6 "[pool x]\nipv6-prefix = 2001:db8::/48\n"
			 "[group g]\npool = x\n", 14, "has no \"addresses\"");
	assert_complaint(SERVER IPV6 STAFF "ipv6-exclude = 2001:db8:9::1\n", 18,
			 "at most 64 bits");
	assert_complaint(SERVER "[pool ]\nx = y\n", 10, "a pool name has");
	assert_complaint(SERVER "[server]\nrate-up = 1M\nrate-up = 1M\n", 11,
			 "second time");
}

static void reloaded_pools(void **state)
{
	struct conf *now = calloc(1, sizeof(*now));

	(void)state;
	assert_non_null(now);
	assert_int_equal(load(SERVER STAFF IPV6), 0);
	*now = conf;
	assert_int_equal(load(SERVER STAFF "wins = 10.9.0.54\n" IPV6
			      "[group g]\npool = staff\n"), 0);
	assert_int_equal(conf_reload_check(now, &conf, collect, NULL), 0);
	assert_int_equal(load(SERVER STAFF "exclude = 10.9.0.9\n" IPV6), 0);
	assert_int_equal(conf_reload_check(now, &conf, collect, NULL), 1);
	assert_non_null(strstr(complaints, "[pool staff] \"addresses\" or \"exclude\""));
	assert_int_equal(load(SERVER), 0);
	assert_int_equal(conf_reload_check(now, &conf, collect, NULL), 1);
	assert_non_null(strstr(complaints, "[pool NAME] is new, gone"));
	free(now);
}

static void unknown_names(void **state)
{
	(void)state;
	assert_complaint(SERVER "[server]\nport = 443\n", 10,
			 "unknown key \"port\" in [server]; its keys are: listen");
	assert_complaint(CLIENT "listen = 0.0.0.0\n", 5, "password-file");
	assert_complaint(SERVER "[server]\nmax-session = 5\n", 10, "is it \"max-sessions\"?");
	assert_complaint(SERVER "[sever]\nx = y\n", 10, "[client NAME]");
	assert_complaint("x = y\n" SERVER, 1, "before the first section");
	assert_complaint(SERVER "nonsense\n", 9, "key = value");
}

static void missing_keys(void **state)
{
	(void)state;
	assert_int_equal(load("[server]\nlisten = 0.0.0.0\n"), 5);
	assert_non_null(strstr(complaints, "[server] needs \"certificate\""));
	assert_non_null(strstr(complaints, "[pool] needs \"local\""));
	assert_int_equal(load("[client a]\nserver = x\n"), 2);
	assert_non_null(strstr(complaints, "[client a] needs \"user\""));
	assert_int_equal(load("# nothing\n"), 1);
	assert_non_null(strstr(complaints, "neither a [server]"));
}

static void given_twice(void **state)
{
	(void)state;
	assert_complaint(CLIENT "user = bob\n", 5, "second time");
	assert_complaint(CLIENT "password-file = /etc/passwd\n", 5,
			 "second time");
	/* Lists add up. */
	assert_int_equal(load(SERVER "[server]\nlisten = [::]:443\n"), 0);
	assert_int_equal(conf.server.n_listen, 2);
	assert_int_equal(conf.listen_line[0], 2);
	assert_int_equal(conf.listen_line[1], 10);
	/* But for what is there already. */
	assert_complaint(SERVER "[server]\nlisten = [::], 0.0.0.0\n", 10,
			 "the same address twice");
}

static void one_interface_per_client(void **state)
{
	(void)state;
	assert_complaint(CLIENT "[client other]\nserver = x\nuser = u\n"
			 "password = p\n", 6, "same \"interface\" sstp0");
}

static void contradictions(void **state)
{
	(void)state;
	assert_complaint(CLIENT "reconnect-min = 61\n", 2, "reconnect-max");
	assert_complaint(CLIENT
			 "tls-min-version = 1.3\ntls-max-version = 1.2\n", 2,
			 "tls-max-version");
	assert_complaint("[pool]\naddresses = 10.8.0.1/32\nlocal = 10.8.0.1\n"
			 "[server]\nlisten = 0.0.0.0\ncertificate = /c\n"
			 "key = /k\nusers = /u\n", 2, "no address left");
}

static void certificates_and_their_keys(void **state)
{
	(void)state;
	assert_int_equal(load(SERVER "[server]\n"
			      "certificate = /c2\nkey = /k2\n"
			      "key = /k3\ncertificate = /c3\n"), 0);
	assert_int_equal(conf.server.n_certs, 3);
	assert_string_equal(conf.server.certs[1].certificate, "/c2");
	assert_string_equal(conf.server.certs[1].key, "/k2");
	assert_string_equal(conf.server.certs[2].certificate, "/c3");
	assert_string_equal(conf.server.certs[2].key, "/k3");
	assert_complaint(SERVER "[server]\ncertificate = /c2\n", 2,
			 "2 \"certificate\" but 1 \"key\"");
	assert_complaint(SERVER "[server]\ncertificate = c2\nkey = /k2\n", 10,
			 "absolute path");
	assert_true(load(SERVER "[server]\n"
			 "key = /k\nkey = /k\nkey = /k\nkey = /k\n"
			 "key = /k\nkey = /k\nkey = /k\nkey = /k\n") > 0);
	assert_non_null(strstr(complaints, "more than 8 times"));
}

static void the_front_of_a_server(void **state)
{
	const struct conf_server *server = &conf.server;

	(void)state;
	assert_int_equal(load(SERVER), 0);
	assert_int_equal(server->handshakes, 128);
	assert_int_equal(server->login.failures, 3);
	assert_int_equal(server->login.failures_source, 12);
	assert_int_equal(server->login.delay_s, 1);
	assert_int_equal(server->n_proxies, 0);
	assert_int_equal(server->web.max, 64);
	assert_false(server->web.has_server);
	assert_int_equal(load(SERVER "[server]\n"
			      "max-handshakes = 7\nlogin-failures = 0\n"
			      "login-failures-per-source = 9\n"
			      "login-delay = 2\nlogin-delay-max = 60\n"
			      "login-memory = 3600\n"
			      "proxy-protocol-from = 192.0.2.10, 10.0.0.0/8\n"
			      "proxy-protocol-from = 2001:db8::/32\n"
			      "web-server = 127.0.0.1:8080\n"
			      "max-web-connections = 5\n"
			      "health-uri = /health\n"), 0);
	assert_int_equal(server->handshakes, 7);
	assert_int_equal(server->login.failures, 0);
	assert_int_equal(server->login.failures_source, 9);
	assert_int_equal(server->login.delay_s, 2);
	assert_int_equal(server->login.delay_max_s, 60);
	assert_int_equal(server->login.memory_s, 3600);
	assert_int_equal(server->n_proxies, 3);
	assert_int_equal(server->proxies[0].len, 32);
	assert_int_equal(server->proxies[1].len, 8);
	assert_int_equal(server->proxies[2].family, AF_INET6);
	assert_true(server->web.has_server);
	assert_int_equal(server->web.max, 5);
	assert_string_equal(server->web.health, "/health");
}

static void wrong_front_of_a_server(void **state)
{
	(void)state;
	assert_complaint(SERVER "[server]\nproxy-protocol-from = proxy\n", 10,
			 "10.0.0.0/8");
	assert_complaint(SERVER "[server]\nweb-server = localhost:80\n", 10,
			 "127.0.0.1:8080");
	assert_complaint(SERVER "[server]\nweb-redirect = www.example.com\n",
			 10, "https://www.example.com/");
	assert_complaint(SERVER "[server]\nweb-redirect = https://a b\n", 10,
			 "must be a URL");
	assert_complaint(SERVER "[server]\nhealth-uri = health\n", 10,
			 "/health");
	assert_complaint(SERVER "[server]\nweb-redirect = https://a/\n"
			 "web-server = 127.0.0.1\n", 2,
			 "both \"web-redirect\" and \"web-server\"");
	assert_complaint(SERVER "[server]\nlogin-delay = 31\n", 2,
			 "above \"login-delay-max\"");
}

static void proxy_of_a_client(void **state)
{
	char secret[] = "/tmp/test_conf.XXXXXX";
	char text[400];
	int fd = mkstemp(secret);

	(void)state;
	assert_int_equal(write(fd, "sesame\n", 7), 7);
	close(fd);
	assert_int_equal(load(CLIENT "proxy = proxy.example.com\n"), 0);
	assert_string_equal(conf.clients[0].proxy, "proxy.example.com");
	assert_int_equal(conf.clients[0].proxy_port, 8080);
	snprintf(text, sizeof(text), CLIENT "proxy = [::1]:3128\n"
		 "proxy-user = al\nproxy-password-file = %s\n", secret);
	assert_int_equal(load(text), 0);
	assert_string_equal(conf.clients[0].proxy, "::1");
	assert_int_equal(conf.clients[0].proxy_port, 3128);
	assert_string_equal(conf.clients[0].proxy_password, "sesame");
	snprintf(text, sizeof(text), CLIENT "proxy = x\nproxy-user = a:l\n"
		 "proxy-password-file = %s\n", secret);
	assert_complaint(text, 2, "cannot hold a colon");
	assert_complaint(CLIENT "proxy = x\nproxy-user = al\n", 2, "together");
	assert_complaint(CLIENT "proxy = x:y\n", 5, "proxy.example.com:8080");
	unlink(secret);
}

static void certificates_of_clients(void **state)
{
	(void)state;
	assert_int_equal(load(SERVER "[server]\nclient-certificate = require\n"
			      "client-ca = /ca\n"
			      "client-certificate-is-user = yes\n"), 0);
	assert_int_equal(conf.server.client_cert, CONF_CERT_REQUIRE);
	assert_true(conf.server.cert_is_user);
	assert_complaint(SERVER "[server]\nclient-certificate = request\n", 2,
			 "needs both \"client-certificate\" and \"client-ca\"");
	assert_complaint(SERVER "[server]\nclient-ca = /ca\n", 2, "needs both");
	assert_complaint(SERVER "[server]\nclient-certificate = maybe\n", 10,
			 "must be one of: no request require");
	assert_int_equal(load(CLIENT "tls-certificate = /c\ntls-key = /k\n"),
			 0);
	assert_complaint(CLIENT "tls-certificate = /c\n", 2,
			 "needs both \"tls-certificate\" and \"tls-key\"");
}

/* ---- reload --------------------------------------------------------------------- */

static struct conf before;

/* Number of changes refused, named in @complaints. */
static unsigned int change(const char *from, const char *to)
{
	assert_int_equal(load(from), 0);
	before = conf;
	assert_int_equal(load(to), 0);
	return conf_reload_check(&before, &conf, collect, NULL);
}

static void what_may_change(void **state)
{
	(void)state;
	assert_int_equal(change(SERVER CLIENT, SERVER CLIENT), 0);
	assert_int_equal(change(SERVER, SERVER "dns = 9.9.9.9\n[server]\n"
				"mtu = 1300\nmax-sessions = 5\nhost = x\n"
				"certificate = /c\nkey = /k\n"
				"tls-min-version = 1.3\ninterface = x%d\n"
				"listen = [::]\n[global]\nengines = 2\n"
				"[log]\nlevel = debug\n"), 0);
	assert_int_equal(change(CLIENT, "[client home]\n"
				"server = vpn.example.com\nuser = alice\n"
				"password = another\n"), 0);
}

static void what_needs_a_restart(void **state)
{
	static const struct {
		const char *from;
		const char *to;
		const char *named;
	} cases[] = {
		{ SERVER, SERVER "[server]\nuser-names = fold\n", "\"user-names\"" },
		{ SERVER CLIENT, SERVER, "[client NAME]" },
		{ SERVER, SERVER CLIENT, "[client NAME]" },
		{ CLIENT, CLIENT "mtu = 1300\n", "[client home]" },
		{ SERVER CLIENT, CLIENT, "[server]" },
		{ CLIENT, CLIENT "[global]\nuser = x\n", "\"user\"" },
		{ CLIENT, CLIENT "[global]\ncontrol = /x\n", "\"control\"" },
		{ CLIENT, CLIENT "[global]\ntls-keylog = /x\n",
		  "\"tls-keylog\"" },
	};
	char other[600];
	char *at;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(change(cases[i].from, cases[i].to), 1);
		assert_non_null(strstr(complaints, cases[i].named));
		assert_non_null(strstr(complaints, "restart"));
	}
	strcpy(other, SERVER);
	at = strstr(other, "10.8.0.0/24");
	memcpy(at, "10.8.1.0/24", 11);
	assert_int_equal(change(SERVER, other), 1);
	assert_non_null(strstr(complaints, "[pool] \"addresses\""));
	strcpy(other, SERVER);
	at = strstr(other, "local = 10.8.0.1");
	memcpy(at, "local = 10.8.0.2", 16);
	assert_int_equal(change(SERVER, other), 1);
	assert_non_null(strstr(complaints, "[pool] \"local\""));
}

static void long_lines_are_refused(void **state)
{
	char text[600];

	(void)state;
	snprintf(text, sizeof(text), CLIENT "tls-name = %0400d\n", 1);
	assert_complaint(text, 5, "longer than");
	/* And the next line is not taken for its rest. */
	assert_int_equal(load(text), 1);
	assert_string_equal(conf.clients[0].tls_name, "");
}

static void password_file(void **state)
{
	char secret[] = "/tmp/test_conf.XXXXXX";
	char text[300];
	int fd = mkstemp(secret);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(write(fd, "pass;word \r\nnext\n", 17), 17);
	snprintf(text, sizeof(text),
		 "[client a]\nserver = x\nuser = u\npassword-file = %s\n",
		 secret);
	assert_int_equal(load(text), 0);
	assert_string_equal(conf.secrets[0].password, "pass;word ");

	fchmod(fd, 0644);
	assert_true(load(text) > 0);
	assert_non_null(strstr(complaints, "open to every user"));
	assert_non_null(strstr(complaints, "chmod 600"));

	fchmod(fd, 0600);
	assert_int_equal(ftruncate(fd, 0), 0);
	assert_true(load(text) > 0);
	unlink(secret);
	assert_true(load(text) > 0);
	assert_non_null(strstr(complaints, "No such file"));
	assert_int_equal(mkfifo(secret, 0600), 0);
	assert_true(load(text) > 0);
	assert_non_null(strstr(complaints, "not a regular file"));
	unlink(secret);
	close(fd);
}

/* ---- RADIUS -------------------------------------------------------------- */

static char secret_file[40];

static int make_secret(void **state)
{
	int fd;

	(void)state;
	strcpy(secret_file, "/tmp/test_conf_secret.XXXXXX");
	fd = mkstemp(secret_file);
	if (fd < 0)
		return -1;
	return write(fd, "shared\n", 7) == 7 ? close(fd) : -1;
}

static int remove_secret(void **state)
{
	(void)state;
	return unlink(secret_file);
}

/* A server that asks RADIUS, with more keys for [radius]. */
static const char *with_radius(const char *more)
{
	static char text[1000];

	snprintf(text, sizeof(text),
		 SERVER "[server]\nauth-backend = radius, users\n"
		 "[radius]\nauth-server = 192.0.2.1, [2001:db8::1]:1645\n"
		 "secret-file = %s\n%s", secret_file, more);
	return text;
}

static void radius(void **state)
{
	const struct conf_radius *r = &conf.radius;
	const struct sockaddr_in *sin = (const struct sockaddr_in *)r->auth;
	const struct sockaddr_in6 *sin6 =
		(const struct sockaddr_in6 *)(r->auth + 1);

	(void)state;
	assert_int_equal(load(SERVER), 0);
	assert_false(conf.has_radius);
	assert_int_equal(conf.server.backends, CONF_BACKEND_USERS);

	assert_int_equal(load(with_radius("")), 0);
	assert_true(conf.has_radius);
	assert_int_equal(conf.server.backends,
			 CONF_BACKEND_USERS | CONF_BACKEND_RADIUS);
	assert_string_equal(conf.radius_secret.secret, "shared");
	assert_int_equal(r->n_auth, 2);
	assert_int_equal(ntohs(sin->sin_port), 1812);
	assert_int_equal(ntohs(sin6->sin6_port), 1645);
	assert_int_equal(r->timeout_s, 3);
	assert_int_equal(r->retries, 2);
	assert_int_equal(r->dead_s, 60);
	assert_int_equal(r->interim_s, 0);
	assert_true(*r->nas_identifier);
	/* What was written before there was the key goes on working. */
	assert_int_equal(r->coa_require, 0);
	assert_string_equal(r->spool, "");
	setenv("STATE_DIRECTORY", "/var/lib/x", 1);
	assert_int_equal(load(with_radius("")), 0);
	assert_string_equal(r->spool, "/var/lib/x/accounting");
	assert_int_equal(load(with_radius("acct-spool = none\n")), 0);
	assert_string_equal(r->spool, "");
	assert_int_equal(load(with_radius("acct-spool = /y/z\n")), 0);
	assert_string_equal(r->spool, "/y/z");
	unsetenv("STATE_DIRECTORY");
	assert_int_equal(load(with_radius("coa-require = none\n")), 0);
	assert_int_equal(r->coa_require, 0);
	assert_int_equal(load(with_radius("coa-require = event-timestamp\n")), 0);
	assert_int_equal(r->coa_require, CONF_COA_TIMESTAMP);
	assert_int_equal(load(with_radius("coa-require = message-authenticator, event-timestamp\n")), 0);
	assert_int_equal(r->coa_require, CONF_COA_TIMESTAMP | CONF_COA_MAC);
	assert_int_equal(load(with_radius("coa-require = none, event-timestamp\n")), 1);
	assert_non_null(strstr(complaints, "stands alone"));

	assert_int_equal(load(with_radius("acct-server = 192.0.2.1\n"
					  "acct-server = 192.0.2.2\n"
					  "timeout = 1\nretries = 0\n"
					  "dead-time = 10\n"
					  "interim-interval = 60\n"
					  "nas-identifier = gate\n"
					  "nas-ip-address = 192.0.2.9\n"
					  "coa-listen = [::1]\n"
					  "coa-sources = 192.0.2.1, ::1\n")), 0);
	assert_int_equal(r->n_acct, 2);
	sin = (const struct sockaddr_in *)r->acct;
	assert_int_equal(ntohs(sin->sin_port), 1813);
	assert_int_equal(r->timeout_s, 1);
	assert_int_equal(r->retries, 0);
	assert_int_equal(r->interim_s, 60);
	assert_string_equal(r->nas_identifier, "gate");
	assert_int_equal(r->nas_address.s_addr, inet_addr("192.0.2.9"));
	assert_int_equal(r->n_coa, 1);
	sin6 = (const struct sockaddr_in6 *)r->coa;
	assert_int_equal(ntohs(sin6->sin6_port), 3799);
	assert_int_equal(r->n_sources, 2);
}

static void radius_alone(void **state)
{
	char text[1000];

	(void)state;
	snprintf(text, sizeof(text),
		 "[server]\nlisten = 0.0.0.0\ncertificate = /c\nkey = /k\n"
		 "auth-backend = radius\n"
		 "[pool]\naddresses = 10.8.0.0/24\nlocal = 10.8.0.1\n"
		 "[radius]\nauth-server = 192.0.2.1\nsecret-file = %s\n",
		 secret_file);
	assert_int_equal(load(text), 0);
	assert_string_equal(conf.server.users, "");
}

static void radius_wrong(void **state)
{
	(void)state;
	assert_complaint(with_radius("auth-server = radius.example\n"), 14,
			 "192.0.2.1");
	assert_complaint(with_radius("auth-server = 1.1.1.1,1.1.1.2,1.1.1.3\n"),
			 14, "more than 4 addresses");
	assert_complaint(with_radius("acct-server = 192.0.2.1:0\n"), 14,
			 "[2001:db8::1]:1813");
	assert_complaint(with_radius("timeout = 0\n"), 14, "from 1 to 30");
	assert_complaint(with_radius("retries = 11\n"), 14, "from 0 to 10");
	assert_complaint(with_radius("dead-time = 0\n"), 14, "from 1 to 3600");
	assert_complaint(with_radius("interim-interval = x\n"), 14,
			 "from 0 to 86400");
	assert_complaint(with_radius("nas-ip-address = ::1\n"), 14,
			 "an IPv4 address");
	assert_complaint(with_radius("secret-file = /nonexistent\n"), 14,
			 "second time");
	assert_complaint(with_radius("coa-listen = ::1, 192.0.2.1\n"
				     "coa-sources = 192.0.2.1\n"), 14,
			 "more than 1 address");
	assert_complaint(with_radius("coa-listen = ::1\n"
				     "coa-sources = 192.0.2.1:99\n"), 15,
			 "without a port");
	assert_complaint(with_radius("coa-listen = ::1\n"), 12,
			 "need each other");
	assert_complaint(with_radius("coa-sources = ::1\n"), 12,
			 "need each other");
	assert_complaint(with_radius("server = 192.0.2.1\n"), 14,
			 "its keys are: auth-server");
	assert_complaint(SERVER "[server]\nauth-backend = ldap\n", 10,
			 "users radius");
	assert_complaint(SERVER "[server]\nauth-backend = radius\n", 2,
			 "\"auth-server\"");
	assert_complaint(SERVER "[radius]\ntimeout = 1\n", 10,
			 "needs \"secret-file\"");
}

/* Somebody would rely on it in vain. */
static void radius_unused(void **state)
{
	char text[1000];

	(void)state;
	snprintf(text, sizeof(text), SERVER
		 "[radius]\nsecret-file = %s\nauth-server = 192.0.2.1\n",
		 secret_file);
	assert_complaint(text, 10, "is not asked");
	snprintf(text, sizeof(text), CLIENT "[radius]\nsecret-file = %s\n",
		 secret_file);
	assert_complaint(text, 6, "for a [server]");
}

static void no_file(void **state)
{
	(void)state;
	*complaints = '\0';
	assert_int_equal(conf_load(&conf, "/nonexistent/sstpd.conf", collect,
				   NULL), 1);
	assert_non_null(strstr(complaints, "No such file"));
}

static void congestion_control(void **state)
{
	(void)state;
	assert_int_equal(load(SERVER), 0);
	assert_string_equal(conf.server.link.congestion, "auto");
	assert_int_equal(load(CLIENT "tcp-congestion = cubic\n"), 0);
	assert_string_equal(conf.clients[0].link.congestion, "cubic");
	assert_true(load(CLIENT "tcp-congestion = a-name-too-long-for-tcp\n"));
	assert_non_null(strstr(complaints, "longer than 15"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(congestion_control),
		cmocka_unit_test(minimal_server),
		cmocka_unit_test(minimal_client),
		cmocka_unit_test(several_connections),
		cmocka_unit_test(eap_methods),
		cmocka_unit_test(peap),
		cmocka_unit_test(every_kind_of_value),
		cmocka_unit_test(hosts_and_ports),
		cmocka_unit_test(wrong_values),
		cmocka_unit_test(needs_what_is_wrong), cmocka_unit_test(every_key_says_where),
		cmocka_unit_test(pools_and_groups),
		cmocka_unit_test(reloaded_pools),
		cmocka_unit_test(unknown_names),
		cmocka_unit_test(missing_keys),
		cmocka_unit_test(given_twice),
		cmocka_unit_test(one_interface_per_client),
		cmocka_unit_test(contradictions),
		cmocka_unit_test(certificates_and_their_keys),
		cmocka_unit_test(the_front_of_a_server),
		cmocka_unit_test(wrong_front_of_a_server),
		cmocka_unit_test(proxy_of_a_client),
		cmocka_unit_test(certificates_of_clients),
		cmocka_unit_test(what_may_change),
		cmocka_unit_test(what_needs_a_restart),
		cmocka_unit_test(long_lines_are_refused),
		cmocka_unit_test(password_file),
		cmocka_unit_test_setup_teardown(radius, make_secret,
						remove_secret),
		cmocka_unit_test_setup_teardown(radius_alone, make_secret,
						remove_secret),
		cmocka_unit_test_setup_teardown(radius_wrong, make_secret,
						remove_secret),
		cmocka_unit_test_setup_teardown(radius_unused, make_secret,
						remove_secret),
		cmocka_unit_test(no_file),
	};

	return cmocka_run_group_tests(tests, make_file, remove_file);
}
