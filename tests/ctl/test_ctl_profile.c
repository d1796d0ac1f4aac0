// SPDX-License-Identifier: GPL-2.0-or-later
/* `sstpctl profile`: what each kind of client is told, whatever its user is called. */
#include <arpa/inet.h>
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
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "ctl/ctl_profile.h"
#include "rig/output.h"

/* With everything in it that the languages quote by. */
#define HOSTILE	"o'x\u2019 \"$(id)\" \\`"

static char *print(const char *kind, const struct ctl_profile *p)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	assert_non_null(ctl_profile_kind(kind));
	ctl_profile_kind(kind)->print(out, p);
	fclose(out);
	return text;
}

static struct ctl_profile profile(const char *user)
{
	struct ctl_profile p = {
		.server = "vpn.example.com",
		.port = 443,
		.method = AUTH_MSCHAPV2,
		.n_routes = 2,
		.routes = { { AF_INET, 8, { 10 } }, { AF_INET6, 32, { 0x20, 0x01, 0x0d, 0xb8 } } },
	};

	strcpy(p.user, user);
	return p;
}

static void assert_has(char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("\"%s\" is not in:\n%s", part, text);
}

static void windows(void **state)
{
	struct ctl_profile p = profile(HOSTILE);
	char *text = print("windows", &p);

	(void)state;
	assert_has(text, "Add-VpnConnection -Name $name -ServerAddress 'vpn.example.com' -TunnelType Sstp `\n"
			 "    -AuthenticationMethod MSChapv2 -EncryptionLevel Required `\n"
			 "    -SplitTunneling -RememberCredential -Force\n");
	assert_has(text, "Add-VpnConnectionRoute -ConnectionName $name -DestinationPrefix '10.0.0.0/8'\n");
	assert_has(text, "rasdial $name 'o''x\u2019\u2019 \"$(id)\" \\`' *\n");
	assert_null(strstr(text, "Import-Certificate"));
	free(text);
	p.n_routes = 0;
	p.private_ca = true;
	p.port = 4443;
	p.method = AUTH_EAP_TLS;
	text = print("windows", &p);
	assert_has(text, "'vpn.example.com:4443'");
	assert_has(text, "New-EapConfiguration -Tls -UserCertificate");
	assert_has(text, "    -RememberCredential -Force\n# All traffic goes through the tunnel");
	assert_has(text, "Import-Certificate");
	free(text);
}

static void mikrotik(void **state)
{
	struct ctl_profile p = profile(HOSTILE);
	char *text = print("mikrotik", &p);

	(void)state;
	assert_has(text, " user=\"o'x\u2019 \\\"\\$(id)\\\" \\\\`\" password=\"\" ");
	assert_has(text, "authentication=mschap2 tls-version=only-1.2 ciphers=aes256-gcm-sha384");
	assert_has(text, "add-default-route=no");
	assert_has(text, "/ip/route/add dst-address=10.0.0.0/8 gateway=sstp-vpn\n");
	assert_has(text, "/ipv6/route/add dst-address=2001:db8::/32 gateway=sstp-vpn\n");
	free(text);
}

static void networkmanager(void **state)
{
	struct ctl_profile p = profile("  CORP\\bob");
	char *text = print("networkmanager", &p);

	(void)state;
	assert_has(text, "service-type=org.freedesktop.NetworkManager.sstp\n"
			 "gateway=vpn.example.com\nuser=\\s\\sCORP\\\\bob\npassword-flags=1\n"
			 "refuse-eap=yes\nrefuse-pap=yes\nrefuse-chap=yes\nrefuse-mschap=yes\ntls-ext=yes\n");
	assert_has(text, "[ipv4]\nmethod=auto\nnever-default=true\nroute1=10.0.0.0/8\n");
	assert_has(text, "[ipv6]\nmethod=auto\nnever-default=true\nroute1=2001:db8::/32\n");
	free(text);
}

/* ---- from a configuration ------------------------------------------------------- */

static char dir[] = "/tmp/test_ctl_profile.XXXXXX";

static char *path_of(const char *name)
{
	static char path[8][80];
	static unsigned int next;

	snprintf(path[next % 8], sizeof(path[0]), "%s/%s", dir, name);
	return path[next++ % 8];
}

static void write_file(const char *name, const char *text)
{
	FILE *f = fopen(path_of(name), "w");

	assert_non_null(f);
	assert_int_equal(fchmod(fileno(f), 0600), 0);
	fputs(text, f);
	fclose(f);
}

static void write_cert(const char *names)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *cert = X509_new();
	X509_NAME *subject = X509_get_subject_name(cert);
	X509_EXTENSION *ext = X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, names);
	FILE *f = fopen(path_of("cert.pem"), "w");

	X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, (const uint8_t *)"x", -1, -1, 0);
	X509_set_version(cert, 2);
	X509_set_issuer_name(cert, subject);
	ASN1_INTEGER_set(X509_get_serialNumber(cert), 1);
	X509_gmtime_adj(X509_getm_notBefore(cert), 0);
	X509_gmtime_adj(X509_getm_notAfter(cert), 86400);
	X509_add_ext(cert, ext, -1);
	X509_set_pubkey(cert, key);
	assert_int_not_equal(X509_sign(cert, key, EVP_sha256()), 0);
	assert_int_equal(PEM_write_X509(f, cert), 1);
	fclose(f);
	X509_EXTENSION_free(ext);
	X509_free(cert);
	EVP_PKEY_free(key);
}

static void write_conf(const char *more)
{
	char text[1000];

	snprintf(text, sizeof(text), "[server]\nlisten = 0.0.0.0:4443\ncertificate = %s\n"
		 "key = %s\nusers = %s\n%s\n[pool]\naddresses = 10.8.0.0/24\nlocal = 10.8.0.1\n",
		 path_of("cert.pem"), path_of("cert.pem"), path_of("users"), more);
	write_file("conf", text);
}

static int profile_command(void *arg)
{
	char **argv = arg;
	int argc = 0;

	while (argv[argc])
		argc++;
	return ctl_profile(&(struct ctl){ NULL }, argc, argv);
}

/* Runs "profile USER --for KIND --conf FILE"; what it says is in @output. */
static int run(char *output, size_t size, char *user, char *kind)
{
	char *argv[] = { user, "--for", kind, "--conf", path_of("conf"), NULL };

	return output_of(output, size, NULL, profile_command, argv);
}

/* The same with "--routes PREFIX". */
static int run_routes(char *output, size_t size, char *kind, char *prefix)
{
	char *argv[] = { "alice", "--for", kind, "--conf", path_of("conf"), "--routes", prefix,
			 NULL };

	return output_of(output, size, NULL, profile_command, argv);
}

static void from_the_configuration(void **state)
{
	char output[4000];

	(void)state;
	write_cert("DNS:*.example.com,DNS:vpn.example.com");
	write_file("users", "alice:secret-word\ncarol:*\n");
	write_conf("path-prefix = /hidden\nauth = mschapv2, eap-tls\n"
		   "eap-tls-ca = /nonexistent/ca.pem\neap-tls-certificate = /nonexistent/c.pem\n"
		   "eap-tls-key = /nonexistent/k.pem\n");
	if (run(output, sizeof(output), "alice", "sstpd"))
		fail_msg("%s", output);
	assert_has(output, "[client vpn]\nserver = vpn.example.com:4443\nuser = alice\n"
			   "password-file = /etc/sstpd/vpn.password\nauth = mschapv2\npath-prefix = /hidden\n");
	assert_has(output, "\ntls-pin-sha256 = ");
	assert_has(output, "\ndefault-route = yes\n");
	assert_null(strstr(output, "secret-word"));
	/* Who has no password has a certificate. */
	assert_int_equal(run(output, sizeof(output), "carol", "sstpd"), 0);
	assert_has(output, "\nauth = eap-tls\n");
	assert_null(strstr(output, "password-file ="));
	assert_int_equal(run(output, sizeof(output), "carol", "mikrotik"), 1);
	assert_has(output, "no way to log in that this server allows to a user without a password");
}

static void ipv6(void **state)
{
	char output[4000];

	(void)state;
	write_cert("DNS:vpn.example.com");
	write_file("users", "alice:secret-word\n");
	write_conf("");
	assert_int_equal(run(output, sizeof(output), "alice", "sstpd"), 0);
	assert_null(strstr(output, "ipv6"));
	assert_int_equal(run_routes(output, sizeof(output), "sstpd", "2001:db8::/32"), 1);
	assert_has(output, "has no \"ipv6 = yes\", its sessions carry no IPv6");
	write_conf("ipv6 = yes");
	assert_int_equal(run(output, sizeof(output), "alice", "sstpd"), 0);
	assert_has(output, "\nipv6 = yes\n");
	assert_has(output, "\ndefault-route = yes\n");
	assert_int_equal(run_routes(output, sizeof(output), "sstpd", "2001:db8::/32"), 0);
	assert_has(output, "\nipv6 = yes\nroutes = 2001:db8::/32\n");
	assert_int_equal(run_routes(output, sizeof(output), "windows", "2001:db8::/32"), 0);
	assert_has(output, "-DestinationPrefix '2001:db8::/32'\n");
}

static void what_is_wrong(void **state)
{
	char output[4000];

	(void)state;
	write_cert("DNS:vpn.example.com");
	write_file("users", "alice:secret-word\n");
	write_conf("host = other.example.com");
	assert_int_equal(run(output, sizeof(output), "bob", "windows"), 1);
	assert_has(output, "has no user \"bob\"");
	assert_int_equal(run(output, sizeof(output), "alice", "windows"), 0);
	assert_has(output, "warning: other.example.com is not in the certificate");
	assert_int_equal(run(output, sizeof(output), "alice", "amiga"), 1);
	assert_has(output, "say --for windows,");
	assert_int_equal(run(output, sizeof(output), "al\nice", "windows"), 1);
	assert_has(output, "cannot be written");
	write_cert("DNS:*.example.com");
	write_conf("");
	assert_int_equal(run(output, sizeof(output), "alice", "windows"), 1);
	assert_has(output, "names no host; say --server NAME");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(windows),
		cmocka_unit_test(mikrotik),
		cmocka_unit_test(networkmanager),
		cmocka_unit_test(from_the_configuration),
		cmocka_unit_test(ipv6),
		cmocka_unit_test(what_is_wrong),
	};
	int failed;

	if (!mkdtemp(dir))
		return 1;
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	unlink(path_of("cert.pem"));
	unlink(path_of("users"));
	unlink(path_of("conf"));
	rmdir(dir);
	return failed;
}
