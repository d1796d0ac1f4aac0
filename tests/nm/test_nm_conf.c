// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * From NetworkManager's keys to a configuration: sstpd's own parser reads each one that is
 * made, so that what it takes from there is what the key said, and nothing else.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "conf/conf.h"
#include "nm/nm_conf.h"

#define PASSWORD	"pa ss;word\"'\\ "

static char dir[] = "/tmp/test_nm_conf.XXXXXX";
static struct nm_conf made;
static struct conf conf;
static char complaints[2000];

/* ---- settings ---------------------------------------------------------------------- */

/* "KEY", "VALUE", ..., NULL; what comes first counts. */
struct keys {
	const char *const *data;
	const char *const *secrets;
};

static const char *find(const char *const *list, const char *key)
{
	for (; list && *list; list += 2)
		if (!strcmp(list[0], key))
			return list[1];
	return NULL;
}

static const char *find_data(const void *ctx, const char *key)
{
	static const char *const basic[] = {
		"gateway", "vpn.example.com", "user", "alice", NULL,
	};
	const struct keys *keys = ctx;
	const char *value = find(keys->data, key);

	return value ? value : find(basic, key);
}

static const char *find_secret(const void *ctx, const char *key)
{
	static const char *const basic[] = { "password", PASSWORD, NULL };
	const struct keys *keys = ctx;
	const char *value = find(keys->secrets, key);

	return value ? value : find(basic, key);
}

static bool make_of(const struct keys *keys)
{
	return nm_conf_make(&made, &(struct nm_settings){
		.data = find_data,
		.secret = find_secret,
		.ctx = keys,
		.ifname = "sstp-1234abcd",
		.dir = dir,
	});
}

#define DATA(...) \
	(&(struct keys){ .data = (const char *const[]){ __VA_ARGS__, NULL } })
#define SECRETS(...) .secrets = (const char *const[]){ __VA_ARGS__, NULL }
#define NOTHING	(&(struct keys){ NULL, NULL })

/* ---- what sstpd makes of it ---------------------------------------------------------- */

static char *path_of(const char *name)
{
	static char path[100];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return path;
}

static void write_file(const char *name, const char *text)
{
	FILE *f = fopen(path_of(name), "w");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
	chmod(path_of(name), 0600);
}

static void collect(void *ctx, const char *line)
{
	(void)ctx;
	strncat(complaints, line, sizeof(complaints) - strlen(complaints) - 1);
}

/* The only client in it. */
static const struct conf_client *load(const struct keys *keys)
{
	if (!make_of(keys))
		fail_msg("%s", made.err);
	for (unsigned int i = 0; i < made.n_files; i++)
		write_file(made.files[i].name, made.files[i].text ? made.files[i].text : "");
	write_file("sstpd.conf", made.text);
	*complaints = '\0';
	if (conf_load(&conf, path_of("sstpd.conf"), collect, NULL))
		fail_msg("%s\n%s", complaints, made.text);
	assert_int_equal(conf.n_clients, 1);
	assert_false(conf.has_server);
	return &conf.clients[0];
}

static void assert_refused(const struct keys *keys, const char *key)
{
	if (make_of(keys))
		fail_msg("accepted:\n%s", made.text);
	if (strncmp(made.err, key, strlen(key)))
		fail_msg("\"%s\" does not begin with \"%s\"", made.err, key);
}

static const struct nm_file *file_of(const char *name)
{
	for (unsigned int i = 0; i < made.n_files; i++)
		if (!strcmp(made.files[i].name, name))
			return &made.files[i];
	fail_msg("no file %s", name);
	return NULL;
}

static void assert_methods(const struct conf_client *c, struct auth_methods want)
{
	assert_memory_equal(&c->link.auth, &want, sizeof(want));
}

/* ---- tests ------------------------------------------------------------------------- */

static void the_rest_is_networkmanagers(void **state)
{
	const struct conf_client *c = load(NOTHING);

	(void)state;
	assert_string_equal(c->server, "vpn.example.com");
	assert_int_equal(c->port, 443);
	assert_string_equal(c->user, "alice");
	assert_string_equal(conf.secrets[0].password, PASSWORD);
	assert_string_equal(c->link.ifname, "sstp-1234abcd");
	assert_false(c->addresses);
	assert_false(c->reconnect);
	assert_false(c->default_route);
	assert_int_equal(c->n_routes, 0);
	assert_int_equal(c->table, CONF_TABLE_MAIN);
	assert_int_equal(c->dns, CONF_DNS_NO);
	assert_false(c->link.ipv6);
	assert_methods(c, AUTH_METHODS(AUTH_MSCHAPV2, AUTH_EAP_MSCHAPV2, AUTH_PEAP,
				       AUTH_CHAP_MD5, AUTH_PAP));
}

static void gateways(void **state)
{
	(void)state;
	assert_int_equal(load(DATA("gateway", "vpn.example.com:8443"))->port, 8443);
	assert_string_equal(load(DATA("gateway", "[2001:db8::1]:8443"))->server, "2001:db8::1");
	assert_string_equal(load(DATA("gateway", "2001:db8::1"))->server, "2001:db8::1");
	assert_refused(DATA("gateway", ""), "gateway: ");
	assert_refused(DATA("gateway", "a\nserver = b"), "gateway: ");
}

static void users_and_domains(void **state)
{
	(void)state;
	assert_string_equal(load(DATA("domain", "CORP"))->user, "CORP\\alice");
	assert_string_equal(load(DATA("user", "=a:#b"))->user, "=a:#b");
	assert_string_equal(load(DATA("user", "b\xc3\xb6se;r"))->user, "b\xc3\xb6se;r");
	assert_refused(DATA("user", ""), "user: ");
	assert_refused(DATA("domain", "a\nb"), "domain and user: ");
}

static void the_connections_user(void **state)
{
	const struct keys keys = { .data = (const char *const[]){ "user", "", NULL } };
	const struct nm_settings s = {
		.data = find_data,
		.secret = find_secret,
		.ctx = &keys,
		.user = "bob",
		.ifname = "sstp1",
		.dir = dir,
		.ipv6 = true,
	};

	(void)state;
	assert_true(nm_conf_make(&made, &s));
	assert_non_null(strstr(made.text, "\nuser = bob\n"));
	assert_non_null(strstr(made.text, "\nipv6 = yes\n"));
}

static void passwords(void **state)
{
	(void)state;
	assert_refused(&(struct keys){ SECRETS("password", "") }, "password: ");
	assert_refused(&(struct keys){ SECRETS("password", "a\nb") }, "password: ");
	assert_refused(&(struct keys){ SECRETS("password", "a\r") }, "password: ");
	load(&(struct keys){ SECRETS("password", "[client x]") });
	assert_string_equal(conf.secrets[0].password, "[client x]");
	/* Only the file has it. */
	load(NOTHING);
	assert_null(strstr(made.text, "pa ss"));
}

static void methods(void **state)
{
	(void)state;
	assert_methods(load(DATA("refuse-eap", "yes", "refuse-pap", "yes", "refuse-chap", "yes",
				 "refuse-mschap", "yes")), AUTH_METHODS(AUTH_MSCHAPV2));
	assert_methods(load(DATA("refuse-mschapv2", "yes", "refuse-pap", "yes",
				 "refuse-chap", "yes", "refuse-mschap", "no")),
		       AUTH_METHODS(AUTH_EAP_MSCHAPV2, AUTH_PEAP));
	assert_methods(load(DATA("refuse-mschapv2", "yes", "refuse-eap", "yes",
				 "refuse-pap", "yes")), AUTH_METHODS(AUTH_CHAP_MD5));
	assert_refused(DATA("refuse-mschapv2", "yes", "refuse-eap", "yes", "refuse-pap", "yes",
			    "refuse-chap", "yes"), "refuse-...: ");
	/* Whoever wrote that did not mean "no". */
	assert_refused(DATA("refuse-pap", "true"), "refuse-pap: ");
}

static void numbers(void **state)
{
	(void)state;
	assert_int_equal(load(DATA("mtu", "1300"))->link.mtu, 1300);
	assert_int_equal(load(DATA("lcp-echo-interval", "30", "lcp-echo-failure", "5"))
			 ->link.echo_s, 30);
	assert_int_equal(load(DATA("lcp-echo-interval", "0"))->link.echo_s, 0);
	assert_string_equal(load(DATA("unit", "7"))->link.ifname, "sstp7");
	assert_string_equal(made.ifname, "sstp7");
	assert_refused(DATA("mtu", "99"), "mtu: ");
	assert_refused(DATA("mtu", "1400\nroutes = 0.0.0.0/1"), "mtu: ");
	assert_refused(DATA("mtu", " 1400"), "mtu: ");
	assert_refused(DATA("unit", "-1"), "unit: ");
	assert_refused(DATA("lcp-echo-interval", "3601"), "lcp-echo-interval: ");
}

static void proxies(void **state)
{
	const struct keys keys = {
		.data = (const char *const[]){ "proxy-server", "proxy.example.com",
					       "proxy-port", "3128", "proxy-user", "bob", NULL },
		SECRETS("proxy-password", "geheim"),
	};
	const struct conf_client *c = load(&keys);

	(void)state;
	assert_string_equal(c->proxy, "proxy.example.com");
	assert_int_equal(c->proxy_port, 3128);
	assert_string_equal(c->proxy_user, "bob");
	assert_string_equal(c->proxy_password, "geheim");
	c = load(DATA("proxy-server", "2001:db8::1", "proxy-port", "0"));
	assert_string_equal(c->proxy, "2001:db8::1");
	assert_int_equal(c->proxy_port, 8080);
	/* An editor writes that where there is none. */
	assert_string_equal(load(DATA("proxy-port", "0", "proxy-user", "x"))->proxy, "");
	assert_refused(DATA("proxy-server", "p", "proxy-port", "65536"), "proxy-port: ");
	assert_refused(DATA("proxy-server", "p", "proxy-user", "bob"), "proxy-password: ");
	assert_refused(DATA("proxy-server", "p\ndns = auto"), "proxy-server: ");
}

/* Paths get into no line: what they name is copied. */
static void certificates(void **state)
{
	const struct conf_client *c = load(DATA("ca-cert", "/home/a b/\\303\\274 ;\\\\.pem"));
	char path[100];

	(void)state;
	snprintf(path, sizeof(path), "%s/ca.pem", dir);
	assert_string_equal(c->ca, path);
	assert_string_equal(file_of("ca.pem")->from, "/home/a b/\xc3\xbc ;\\.pem");
	load(DATA("ca-cert", "file:///home/a/ca.pem"));
	assert_string_equal(file_of("ca.pem")->from, "/home/a/ca.pem");
	load(DATA("ca-cert", "/a\ntls-ca = /b"));
	assert_null(strstr(made.text, "/b"));
	assert_refused(DATA("ca-cert", "ca.pem"), "ca-cert: ");
}

static void by_certificate(void **state)
{
	const struct keys keys = {
		.data = (const char *const[]){
			"connection-type", "tls", "tls-identity", "alice@corp.example",
			"tls-ca-cert", "/ca.pem", "crl-file", "/crl.pem",
			"tls-user-cert", "/alice.pem", "tls-user-key", "/alice.key",
			"tls-remotename", "radius.corp.example", "tls-verify-method", "name",
			NULL },
		SECRETS("tls-user-key-secret", "open sesame", "password", ""),
	};
	const struct conf_client *c = load(&keys);

	(void)state;
	assert_methods(c, AUTH_METHODS(AUTH_EAP_TLS));
	assert_string_equal(c->user, "alice@corp.example");
	assert_string_equal(c->eap.name, "radius.corp.example");
	assert_string_equal(c->eap.cert.certificate, path_of("user.pem"));
	assert_string_equal(c->eap.cert.key, path_of("user.key"));
	assert_string_equal(c->eap.ca, path_of("eap-ca.pem"));
	assert_string_equal(file_of("eap-ca.pem")->from, "/ca.pem");
	assert_string_equal(file_of("eap-ca.pem")->more, "/crl.pem");
	assert_string_equal(file_of("user.key")->passphrase, "open sesame");
	assert_true(file_of("user.key")->key);
	assert_string_equal(file_of("user.pem")->passphrase, "open sesame");
	assert_false(file_of("user.pem")->key);
}

static void less_of_a_certificate(void **state)
{
	const struct conf_client *c;

	(void)state;
	c = load(DATA("connection-type", "tls", "tls-subject-name", "bob",
		      "tls-user-cert", "/a", "tls-user-key", "/b",
		      "tls-remotename", "x", "tls-verify-method", "suffix"));
	assert_string_equal(c->user, "bob");
	assert_string_equal(c->eap.name, "vpn.example.com");
	assert_refused(DATA("connection-type", "tls"), "tls-user-cert");
	assert_refused(DATA("connection-type", "tls", "tls-user-cert", "/a", "tls-user-key", "/b",
			    "crl-file", "/c"), "crl-file: ");
	assert_refused(DATA("connection-type", "smartcard"), "connection-type: ");
	assert_refused(DATA("connection-type", "tls", "tls-user-cert", "/a", "tls-user-key", "/b",
			    "tls-remotename", "x\ntls-ca = /dev/null"), "tls-remotename: ");
}

/* Each is a value that sstpd.conf would read as another one, or as more than one. */
static void hostile_values(void **state)
{
	static const char *const values[] = {
		"a\nup-script = /tmp/x", "a\rup-script = /tmp/x", "a\n[server]", "\n", "a\tb",
		"a\x7f", " a", "a ", "a ; b", ";a", "a\x1b[2J",
	};
	static const char *const keys[] = { "gateway", "user", "proxy-server" };
	char text[300];

	(void)state;
	for (size_t k = 0; k < 3; k++) {
		for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
			assert_refused(DATA(keys[k], values[i]), keys[k]);
		memset(text, 'a', sizeof(text) - 1);
		text[sizeof(text) - 1] = '\0';
		assert_refused(DATA(keys[k], text), keys[k]);
	}
	/* The longest line that there may be, and one more. */
	text[198 - strlen("user = ")] = '\0';
	assert_string_equal(load(DATA("user", text))->user, text);
	strcat(text, "a");
	assert_refused(DATA("user", text), "user: ");
}

static void what_is_said_of_keys(void **state)
{
	static const char *const silent[] = {
		"ca-cert", "connection-type", "crl-file", "domain", "gateway", "lcp-echo-failure",
		"lcp-echo-interval", "mppe-stateful", "mtu", "no-secret", "no-vj-comp",
		"nobsdcomp", "nodeflate", "password-flags", "proxy-password-flags", "proxy-port",
		"proxy-server", "proxy-user", "refuse-chap", "refuse-eap", "refuse-mschap",
		"refuse-mschapv2", "refuse-pap", "require-mppe", "require-mppe-128",
		"require-mppe-40", "tls-ca-cert", "tls-ext", "tls-identity", "tls-max-version",
		"tls-remotename", "tls-subject-name", "tls-user-cert", "tls-user-key",
		"tls-user-key-secret-flags", "tls-verify-key-usage", "unit", "user", "uuid",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(silent) / sizeof(silent[0]); i++)
		assert_null(nm_conf_note(silent[i], "yes"));
	assert_null(nm_conf_note("ignore-cert-warn", "no"));
	assert_non_null(nm_conf_note("ignore-cert-warn", "yes"));
	assert_null(nm_conf_note("tls-verify-method", "name"));
	assert_non_null(nm_conf_note("tls-verify-method", "none"));
	assert_non_null(nm_conf_note("kill-switch", "yes"));
	/* And that is all that becomes of them. */
	load(DATA("kill-switch", "yes", "routes", "0.0.0.0/0", "up-script", "/bin/sh"));
	assert_string_equal(conf.clients[0].link.up_script, "");
	assert_int_equal(conf.clients[0].n_routes, 0);
}

/* Nothing here turns the check of the server's certificate off. */
static void certificates_are_checked(void **state)
{
	const struct conf_client *c = load(DATA("ignore-cert-warn", "yes",
						"tls-verify-method", "none",
						"tls-verify-key-usage", "no"));

	(void)state;
	assert_string_equal(c->ca, "/etc/ssl/certs/ca-certificates.crt");
	assert_false(c->has_pin);
}

static int make_directory(void **state)
{
	(void)state;
	return mkdtemp(dir) ? 0 : -1;
}

static int remove_directory(void **state)
{
	static const char *const names[] = {
		"sstpd.conf", "password", "proxy-password", "ca.pem", "eap-ca.pem", "user.pem",
		"user.key",
	};

	(void)state;
	conf_clear(&conf);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		unlink(path_of(names[i]));
	return rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_rest_is_networkmanagers),
		cmocka_unit_test(gateways),
		cmocka_unit_test(users_and_domains),
		cmocka_unit_test(the_connections_user),
		cmocka_unit_test(passwords),
		cmocka_unit_test(methods),
		cmocka_unit_test(numbers),
		cmocka_unit_test(proxies),
		cmocka_unit_test(certificates),
		cmocka_unit_test(by_certificate),
		cmocka_unit_test(less_of_a_certificate),
		cmocka_unit_test(hostile_values),
		cmocka_unit_test(what_is_said_of_keys),
		cmocka_unit_test(certificates_are_checked),
	};

	return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
