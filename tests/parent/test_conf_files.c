// SPDX-License-Identifier: GPL-2.0-or-later
/* What is wrong in a file that the configuration names: the complaint says in which one. */
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
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "lib/log.h"
#include "parent/conf_files.h"
#include "parent/kept.h"

#define GARBAGE	"this is nothing that anybody could use\n"

static char dir[] = "/tmp/test_files.XXXXXX";
static EVP_PKEY *key, *other_key;
static char complaints[2000];
static struct conf conf;

static const char *path_of(const char *name)
{
	static char path[8][80];
	static unsigned int next;
	char *p = path[next++ % 8];

	snprintf(p, sizeof(path[0]), "%s/%s", dir, name);
	return p;
}

static FILE *make(const char *name)
{
	FILE *f = fopen(path_of(name), "w");

	assert_non_null(f);
	assert_int_equal(fchmod(fileno(f), 0600), 0);
	return f;
}

static void write_text(const char *name, const char *text)
{
	FILE *f = make(name);

	fputs(text, f);
	fclose(f);
}

static void write_cert(const char *name)
{
	X509 *cert = X509_new();
	X509_NAME *subject = X509_get_subject_name(cert);
	FILE *f = make(name);

	X509_set_version(cert, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(cert), 1);
	X509_gmtime_adj(X509_getm_notBefore(cert), -60);
	X509_gmtime_adj(X509_getm_notAfter(cert), 3600);
	X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, (const unsigned char *)"vpn", -1,
				   -1, 0);
	X509_set_issuer_name(cert, subject);
	X509_set_pubkey(cert, key);
	assert_true(X509_sign(cert, key, EVP_sha256()) > 0);
	PEM_write_X509(f, cert);
	X509_free(cert);
	fclose(f);
}

static void write_key(const char *name, EVP_PKEY *of, const char *passphrase)
{
	FILE *f = make(name);

	PEM_write_PrivateKey(f, of, passphrase ? EVP_aes_128_cbc() : NULL,
			     (const unsigned char *)passphrase,
			     passphrase ? (int)strlen(passphrase) : 0, NULL, NULL);
	fclose(f);
}

/* Every file is as it should be. */
static void write_all(void)
{
	static const char *const certs[] = { "cert", "eap-cert", "cert-c", "eap-cert-c" };
	static const char *const cas[] = { "ca", "eap-ca", "ca-c", "eap-ca-c" };
	static const char *const names[] = { "key", "eap-key", "key-c", "eap-key-c" };

	for (int i = 0; i < 4; i++) {
		write_cert(certs[i]);
		write_cert(cas[i]);
		write_key(names[i], key, NULL);
	}
	write_cert("eap-ca-p");
	write_text("users", "alice:secret\nbob:secret\n");
	write_text("password", "secret\n");
	write_text("password-p", "secret\n");
	write_text("up", "#!/bin/sh\n");
	assert_int_equal(chmod(path_of("up"), 0700), 0);
	write_text("conf", "");
}

/* More of the configuration. */
static const char *more = "";

static void write_conf(void)
{
	FILE *f = make("conf");

	fprintf(f, "[server]\nlisten = 0.0.0.0\ncertificate = %s\nkey = %s\nusers = %s\n"
		"client-certificate = request\nclient-ca = %s\nauth = mschapv2, eap-tls\n"
		"eap-tls-certificate = %s\neap-tls-key = %s\neap-tls-ca = %s\nup-script = %s\n"
		"[pool]\naddresses = 10.8.0.0/24\nlocal = 10.8.0.1\n",
		path_of("cert"), path_of("key"), path_of("users"), path_of("ca"),
		path_of("eap-cert"), path_of("eap-key"), path_of("eap-ca"), path_of("up"));
	fprintf(f, "[client c]\nserver = a.test\nuser = alice\npassword-file = %s\ntls-ca = %s\n"
		"tls-certificate = %s\ntls-key = %s\nauth = mschapv2, eap-tls\n"
		"eap-tls-certificate = %s\neap-tls-key = %s\neap-tls-ca = %s\n",
		path_of("password"), path_of("ca-c"), path_of("cert-c"), path_of("key-c"),
		path_of("eap-cert-c"), path_of("eap-key-c"), path_of("eap-ca-c"));
	fprintf(f, "[client p]\nserver = b.test\nuser = alice\npassword-file = %s\n"
		"interface = sstp1\ntls-pin-sha256 = %064d\nauth = peap\neap-tls-ca = %s\n",
		path_of("password-p"), 0, path_of("eap-ca-p"));
	fputs(more, f);
	fclose(f);
}

static void collect(void *ctx, const char *line)
{
	(void)ctx;
	strncat(complaints, line, sizeof(complaints) - strlen(complaints) - 1);
	strncat(complaints, "\n", sizeof(complaints) - strlen(complaints) - 1);
}

static unsigned int check(void)
{
	unsigned int errors;

	*complaints = '\0';
	write_conf();
	errors = conf_load(&conf, path_of("conf"), collect, NULL);
	if (!errors)
		errors = conf_check_files(&conf, false, NULL, collect, NULL);
	kept_wipe();
	conf_clear(&conf);
	return errors;
}

/* One complaint, which has the path of @name, and @what */
static void assert_complaint(const char *name, const char *what)
{
	char path[100];

	snprintf(path, sizeof(path), "%s%s", path_of(name), strchr(":", *what) ? what : "");
	if (check() != 1 || !strstr(complaints, path) || !strstr(complaints, what))
		fail_msg("%s: %s", name, complaints);
	write_all();
}

static int set_up(void **state)
{
	(void)state;
	key = EVP_EC_gen("P-256");
	other_key = EVP_EC_gen("P-256");
	if (!mkdtemp(dir))
		return -1;
	write_all();
	return 0;
}

static int tear_down(void **state)
{
	char command[100];

	(void)state;
	EVP_PKEY_free(key);
	EVP_PKEY_free(other_key);
	snprintf(command, sizeof(command), "rm -r %s", dir);
	return system(command);
}

static void good_files(void **state)
{
	(void)state;
	if (check())
		fail_msg("%s", complaints);
}

static void missing_and_useless(void **state)
{
	static const char *const names[] = {
		"cert", "key", "users", "ca", "eap-cert", "eap-key", "eap-ca", "up", "password",
		"ca-c", "cert-c", "key-c", "eap-cert-c", "eap-key-c", "eap-ca-c", "eap-ca-p",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		assert_int_equal(unlink(path_of(names[i])), 0);
		assert_complaint(names[i], "No such file");
		assert_int_equal(unlink(path_of(names[i])), 0);
		assert_int_equal(mkdir(path_of(names[i]), 0700), 0);
		if (check() != 1 || !strstr(complaints, path_of(names[i])))
			fail_msg("%s is a directory: %s", names[i], complaints);
		assert_int_equal(rmdir(path_of(names[i])), 0);
		write_all();
	}
}

static void garbage(void **state)
{
	static const char *const names[] = {
		"cert", "key", "ca", "eap-cert", "eap-key", "eap-ca", "ca-c", "cert-c", "key-c",
		"eap-cert-c", "eap-key-c", "eap-ca-c", "eap-ca-p",
	};
	static const char *const texts[] = { "", GARBAGE };

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		for (int j = 0; j < 2; j++) {
			write_text(names[i], texts[j]);
			assert_complaint(names[i], "");
		}
	write_text("password", "");
	assert_complaint("password", "must begin with a line");
}

static void keys(void **state)
{
	static const char *const names[] = { "key", "eap-key", "key-c", "eap-key-c" };

	(void)state;
	for (int i = 0; i < 4; i++) {
		write_key(names[i], other_key, NULL);
		assert_complaint(names[i], "cannot use the private key: ");
		write_key(names[i], key, "secret");
		assert_complaint(names[i], "it has a passphrase");
		assert_int_equal(chmod(path_of(names[i]), 0644), 0);
		assert_complaint(names[i], "is open to every user");
	}
}

static void lines(void **state)
{
	(void)state;
	write_text("users", "alice:secret\n\nbob\n");
	assert_complaint("users", ":3: ");
	write_text("users", "# nobody\nalice:secret\nalice:again\n");
	assert_complaint("users", ":3: ");
	write_text("users", "alice:secret::rate-down=fast\n");
	assert_complaint("users", ":1: ");
}

/* What a start would end over, and what it would warn of. */
static void start(void **state)
{
	static const struct {
		const char *more;
		unsigned int errors;
		const char *complaint;
	} cases[] = {
		{ "[global]\nuser = nobody\n", 0, "" },
		{ "[global]\nuser = no-such-user\n", 1, "no unprivileged user \"no-such-user\"" },
		{ "[global]\nuser = root\n", 1, "no unprivileged user \"root\"" },
		{ "[global]\ntls-keylog = /tmp/keylog\n", 0, "" },
		{ "[global]\ntls-keylog = /dev/null\n", 0, "" },
		{ "[global]\ntls-keylog = /no/such/keylog\n", 1, "cannot write to /no/such: " },
		{ "[global]\ntls-keylog = /no-such-directory/keylog\n", 1, "No such file" },
		{ "acct-spool = /no/such/spool\n", 0, "cannot write to /no/such: " },
	};
	char text[500];

	(void)state;
	write_text("secret", "sesame\n");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		snprintf(text, sizeof(text), "[radius]\nacct-server = 192.0.2.1\nsecret-file = %s\n%s",
			 path_of("secret"), cases[i].more);
		more = text;
		assert_int_equal(check(), cases[i].errors);
		if (*cases[i].complaint ? !strstr(complaints, cases[i].complaint) : !!*complaints)
			fail_msg("%s: %s", cases[i].more, complaints);
	}
	more = "";
}

/* No error: they may be the next to be written. */
static void names_in_the_users_file(void **state)
{
	(void)state;
	write_text("users", "alice:secret::group=nope\nbob:secret::pool=no ipv6-pool=six\n");
	assert_int_equal(check(), 0);
	assert_non_null(strstr(complaints, "warning: user alice: there is no [group nope] in the configuration\n"));
	assert_non_null(strstr(complaints, "user bob: there is no [pool no] in the configuration\n"));
	assert_non_null(strstr(complaints, "user bob: there is no [pool six] in the configuration\n"));
	assert_non_null(strstr(complaints, "user bob: there is no \"ipv6 = yes\" in the configuration\n"));
	write_text("users", "alice:secret\nbob:secret\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_files), cmocka_unit_test(missing_and_useless),
		cmocka_unit_test(garbage), cmocka_unit_test(keys), cmocka_unit_test(lines),
		cmocka_unit_test(start), cmocka_unit_test(names_in_the_users_file),
	};

	log_init("test", LOG_TO_STDERR, -1);
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
