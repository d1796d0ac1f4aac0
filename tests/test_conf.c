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

#include "conf.h"
#include "log.h"
#include "sstp_pkt.h"

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

static void minimal_server(void **state)
{
	char addr[INET_ADDRSTRLEN];

	(void)state;
	assert_int_equal(load(SERVER), 0);
	assert_true(conf.has_server);
	assert_int_equal(conf.n_clients, 0);
	assert_int_equal(conf.server.n_listen, 1);
	assert_string_equal(conf.server.link.ifname, "sstp%d");
	assert_int_equal(conf.server.link.mtu, 1400);
	assert_int_equal(conf.server.link.path, CONF_PATH_AUTO);
	assert_int_equal(conf.server.link.auth, AUTH_MSCHAPV2);
	assert_int_equal(conf.server.link.hashes, SSTP_HASH_SHA256);
	assert_int_equal(conf.server.tls.min_version, TLS1_2_VERSION);
	assert_int_equal(conf.main.log_level, LOG_INFO);
	inet_ntop(AF_INET, &conf.server.local, addr, sizeof(addr));
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
	assert_true(conf.clients[0].reconnect);
	/* Without a pin the system's CAs must vouch for the server. */
	assert_string_equal(conf.clients[0].ca,
			    "/etc/ssl/certs/ca-certificates.crt");
	assert_string_equal(conf.secrets[0].user, "alice");
	assert_string_equal(conf.secrets[0].password, "secret");
}

static void every_kind_of_value(void **state)
{
	const struct conf_client *c;

	(void)state;
	assert_int_equal(load(CLIENT
			      "auth = pap, MSCHAPv2\n"
			      "binding-hash = sha256, sha1\n"
			      "data-path = tun\n"
			      "tls-min-version = 1.3\n"
			      "routes = 10.0.0.0/8, 192.0.2.7\n"
			      "routes = 2001:db8::/32\n"
			      "default-route = yes\n"
			      "mtu = 1300\n"
			      "tls-pin-sha256 = "
			      "00:11:22:33:44:55:66:77:88:99:AA:bb:CC:DD:EE:FF:"
			      "00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF\n"
			      "[log]\nlevel = debug\ntarget = syslog\n"), 0);
	c = &conf.clients[0];
	assert_int_equal(c->link.auth, AUTH_PAP | AUTH_MSCHAPV2);
	assert_int_equal(c->link.hashes, SSTP_HASH_SHA1 | SSTP_HASH_SHA256);
	assert_int_equal(c->link.path, CONF_PATH_TUN);
	assert_int_equal(c->tls.min_version, TLS1_3_VERSION);
	assert_int_equal(c->link.mtu, 1300);
	assert_true(c->default_route);
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
	assert_complaint(CLIENT "routes = 10.1.2.3/8\n", 5,
			 "without host bits");
	assert_complaint(CLIENT "routes = 10.0.0.0/33\n", 5, "10.0.0.0/8");
	assert_complaint(CLIENT "routes = 10.0.0.0/8,,\n", 5, "10.0.0.0/8");
	assert_complaint(CLIENT "auth = eap\n", 5, "mschapv2 pap");
	assert_complaint(CLIENT "auth =\n", 5, "\"auth\"");
	assert_complaint(CLIENT "tls-pin-sha256 = 00:11\n", 5, "64 hex digits");
	assert_complaint(CLIENT "interface = averylonginterface\n", 5,
			 "at most 15 characters");
	assert_complaint(CLIENT "interface = sstp%d\n", 5, "like sstp0");
	assert_complaint(SERVER "[server]\ninterface = vpn0\n", 10, "%d");
	assert_complaint(SERVER "[server]\ninterface = a%sb\n", 10, "%d");
	assert_complaint(SERVER "[pool]\ndns = 9.9.9.9, 8.8.8.8, 1.1.1.1\n", 10,
			 "one or two");
	assert_complaint(SERVER "[server]\nlisten = localhost\n", 10,
			 "0.0.0.0:443");
	assert_complaint(SERVER "[server]\nhost = \n", 10, "empty");
	assert_complaint(CLIENT "tls-ca = ca.pem\n", 5, "absolute path");
	assert_complaint(CLIENT "tls-min-version = 1.1\n", 5, "1.2 1.3");
}

static void unknown_names(void **state)
{
	(void)state;
	assert_complaint(SERVER "[server]\nport = 443\n", 10,
			 "unknown key \"port\" in [server]; its keys are: listen");
	assert_complaint(CLIENT "listen = 0.0.0.0\n", 5, "password-file");
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

static void no_file(void **state)
{
	(void)state;
	*complaints = '\0';
	assert_int_equal(conf_load(&conf, "/nonexistent/sstpd.conf", collect,
				   NULL), 1);
	assert_non_null(strstr(complaints, "No such file"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(minimal_server),
		cmocka_unit_test(minimal_client),
		cmocka_unit_test(every_kind_of_value),
		cmocka_unit_test(hosts_and_ports),
		cmocka_unit_test(wrong_values),
		cmocka_unit_test(unknown_names),
		cmocka_unit_test(missing_keys),
		cmocka_unit_test(given_twice),
		cmocka_unit_test(one_interface_per_client),
		cmocka_unit_test(contradictions),
		cmocka_unit_test(long_lines_are_refused),
		cmocka_unit_test(password_file),
		cmocka_unit_test(no_file),
	};

	return cmocka_run_group_tests(tests, make_file, remove_file);
}
