// SPDX-License-Identifier: GPL-2.0-or-later
/* `sstpctl import`: nothing is wrong in what it makes, and nothing is lost in silence. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "conf/conf.h"
#include "ctl/ctl_import.h"
#include "rig/output.h"

#define FILES	"tests/ctl/import/"

static char dir[] = "/tmp/test_ctl_import.XXXXXX";
static char lost[8000];
static struct conf conf;

static char *path_of(const char *name)
{
	static char path[100];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return path;
}

static const char *text_of(const char *name)
{
	static char text[4000];
	FILE *in = fopen(path_of(name), "r");

	assert_non_null(in);
	text[fread(text, 1, sizeof(text) - 1, in)] = '\0';
	fclose(in);
	return text;
}

static int import_into(void *argv)
{
	return ctl_import(&(struct ctl){ NULL }, 3, argv);
}

/* Imports @file into the directory; what is lost is in @lost. */
static void import(char *file)
{
	char *argv[] = { "--into", dir, file };

	if (output_of(lost, sizeof(lost), NULL, import_into, argv))
		fail_msg("%s", lost);
}

static void complain(void *ctx, const char *line)
{
	(void)ctx;
	print_error("%s\n", line);
}

static void load(void)
{
	assert_int_equal(conf_load(&conf, path_of("sstpd.conf"), complain, NULL), 0);
}

static void clean(void)
{
	conf_clear(&conf);
	unlink(path_of("sstpd.conf"));
	unlink(path_of("users"));
	unlink(path_of("secret"));
}

static void assert_lost(const char *line)
{
	if (!strstr(lost, line))
		fail_msg("\"%s\" is not in:\n%s", line, lost);
}

static void accel_ppp(void **state)
{
	const struct conf_server *s = &conf.server;
	struct stat st;

	(void)state;
	import(FILES "accel-ppp.conf");
	load();
	assert_true(conf.has_server && conf.has_radius);
	assert_string_equal(s->certs[0].certificate, "/etc/ssl/vpn.pem");
	assert_string_equal(s->certs[0].key, "/etc/ssl/vpn.key");
	assert_string_equal(s->host, "vpn.example.com");
	assert_string_equal(s->web.redirect, "https://www.example.com/");
	assert_int_equal(s->backends, CONF_BACKEND_USERS | CONF_BACKEND_RADIUS);
	assert_int_equal(s->link.auth.id[0], AUTH_MSCHAPV2);
	assert_int_equal(s->link.auth.id[1], AUTH_PAP);
	assert_int_equal(s->link.auth.id[2], 0);
	assert_int_equal(s->link.mtu, 1400);
	assert_true(s->link.ipv6);
	assert_int_equal(s->max_sessions, 500);
	assert_int_equal(s->policy.sessions, 1);
	assert_int_equal(s->policy.same_user, CONF_SAME_REPLACE);
	assert_int_equal(s->policy.rate_down, 20480000);
	assert_int_equal(s->policy.rate_up, 2048000);
	assert_int_equal(conf.n_pools, 2);
	assert_int_equal(conf.pools[0].n_addresses, 1);
	assert_non_null(conf_pool_find(&conf, "guests"));
	assert_int_equal(conf.radius.n_auth, 2);
	assert_int_equal(conf.radius.n_acct, 2);
	assert_int_equal(conf.radius.retries, 2);
	assert_string_equal(conf.radius_secret.secret, "radius-secret");
	assert_int_equal(conf.main.engines, 4);
	assert_string_equal(text_of("users"), "alice:pass word:10.8.0.9\n"
			    "bob:$nt$01b1a1c9f157edfe5b874014c603366c\ncarol:x\n");
	assert_int_equal(stat(path_of("users"), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	clean();
}

/* Every line of the file has its place in ours, needs none, or is told of. */
static void what_accel_ppp_has_alone(void **state)
{
	static const char *const lines[] = {
		":36: [sstp] ssl-protocol tls1,tls1.2,tls1.3: what is older than TLS 1.2",
		":5: [modules] auth_mschap_v1: ", ":12: [modules] connlimit: no equivalent",
		":15: [core] log-error /var/log/accel-ppp/core.log: no equivalent",
		":24: [ppp] min-mtu 1280: no equivalent", ":29: [ppp] lcp-echo-failure 3: no",
		":48: [sstp] sndbuf 65536: no equivalent", ":77: [ip-pool] attr Framed-Pool: no",
		":79: [ip-pool] 10.9.0.0/24,name=guests,next=vpn: pools have no next one",
		":83: [ipv6-pool] delegate ", ":90: [pppd_compat] ip-up ", ":94: [shaper] attr ",
		":97: [log] log-file ", "chap-secrets:4: a rate is ", "chap-secrets:5: this account",
	};
	unsigned int n = 0;

	(void)state;
	import(FILES "accel-ppp.conf");
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		assert_lost(lines[i]);
	for (const char *s = lost; *s; s++)
		n += *s == '\n';
	assert_int_equal(n, sizeof(lines) / sizeof(lines[0]));
	assert_null(strstr(lost, "radius-secret"));
	clean();
}

static void peer(void **state)
{
	const struct conf_client *c = &conf.clients[0];

	(void)state;
	import(FILES "peer");
	load();
	assert_int_equal(conf.n_clients, 1);
	assert_string_equal(c->name, "office");
	assert_string_equal(c->server, "vpn.example.com");
	assert_int_equal(c->port, 4443);
	assert_string_equal(c->ca, "/etc/ssl/ca.pem");
	assert_string_equal(c->proxy, "proxy.example.com");
	assert_string_equal(c->user, "CORP\\alice");
	assert_string_equal(conf.secrets[0].password, "open sesame");
	assert_int_equal(c->link.auth.id[0], AUTH_MSCHAPV2);
	assert_int_equal(c->link.auth.id[1], 0);
	assert_int_equal(c->link.mtu, 1400);
	assert_true(c->default_route);
	assert_true(c->reconnect);
	assert_int_equal(c->retry_min_s, 5);
	assert_lost(":5: sstpc --cert-warn: certificates are always checked");
	assert_int_equal(c->dns, CONF_DNS_AUTO);
	assert_null(strstr(lost, "usepeerdns"));
	assert_lost(":17: lcp-echo-failure 3: no equivalent");
	assert_null(strstr(lost, "sesame"));
	assert_null(strstr(lost, "routes = "));
	clean();
}

static void peer_without_defaultroute(void **state)
{
	(void)state;
	import(FILES "peer-bare");
	load();
	assert_string_equal(conf.clients[0].server, "vpn.example.com");
	assert_false(conf.clients[0].default_route);
	assert_lost("say routes = ADDRESS/32");
	clean();
}

static void words(void **state)
{
	char line[] = " one \"two three\" 'fo\\'ur' # five";
	char *rest = line;

	(void)state;
	assert_string_equal(import_word(&rest), "one");
	assert_string_equal(import_word(&rest), "two three");
	assert_string_equal(import_word(&rest), "fo'ur");
	assert_null(import_word(&rest));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(accel_ppp),
		cmocka_unit_test(what_accel_ppp_has_alone),
		cmocka_unit_test(peer),
		cmocka_unit_test(peer_without_defaultroute),
		cmocka_unit_test(words),
	};
	int failed;

	if (!mkdtemp(dir))
		return 1;
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	rmdir(dir);
	return failed;
}
