// SPDX-License-Identifier: GPL-2.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <arpa/inet.h>

#include <cmocka.h>

#include "auth/userdb.h"

/* NT hash of "clientPass", RFC 2759 section 9.2 */
static const uint8_t client_pass[MSCHAP_NT_HASH_LEN] = {
	0x44, 0xeb, 0xba, 0x8d, 0x53, 0x12, 0xb8, 0xd6,
	0x11, 0x47, 0x44, 0x11, 0xf5, 0x69, 0x89, 0xae,
};

static struct mschap *mschap;
static char complaints[2000];

static void collect(void *ctx, const char *line)
{
	(void)ctx;
	strncat(complaints, line, sizeof(complaints) - strlen(complaints) - 1);
}

static struct userdb *load_as(const char *text, bool fold)
{
	FILE *in = fmemopen((void *)(uintptr_t)text, strlen(text), "r");
	struct userdb *db;

	assert_non_null(in);
	*complaints = '\0';
	db = userdb_load(in, "users", fold, mschap, collect, NULL);
	fclose(in);
	return db;
}

static struct userdb *load(const char *text)
{
	return load_as(text, false);
}

static int setup(void **state)
{
	(void)state;
	mschap = mschap_new();
	return mschap ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	mschap_free(mschap);
	return 0;
}

static void finds_users(void **state)
{
	const struct userdb_user *u;
	struct userdb *db;

	(void)state;
	db = load("# comment\n"
		  "\n"
		  "User:clientPass\n"
		  "hashed:$nt$44EBBA8D5312B8D611474411F56989AE:10.8.0.7\r\n"
		  "CORP\\carol:x\n");
	assert_non_null(db);
	assert_int_equal(userdb_size(db), 3);

	u = userdb_find(db, "User");
	assert_non_null(u);
	assert_memory_equal(u->nt_hash, client_pass, sizeof(client_pass));
	assert_int_equal(u->grant.fixed.s_addr, 0);

	u = userdb_find(db, "hashed");
	assert_non_null(u);
	assert_memory_equal(u->nt_hash, client_pass, sizeof(client_pass));
	assert_int_equal(u->grant.fixed.s_addr, inet_addr("10.8.0.7"));

	/* A domain is ignored unless the file has that very name. */
	assert_ptr_equal(userdb_find(db, "ANY\\hashed"), u);
	assert_non_null(userdb_find(db, "CORP\\carol"));
	assert_null(userdb_find(db, "carol"));

	assert_null(userdb_find(db, "user"));
	assert_null(userdb_find(db, ""));
	assert_null(userdb_find(db, "\\"));
	userdb_free(db);
}

/* As editors of Windows write it; lines of blanks are empty ones. */
static void windows_file(void **state)
{
	struct userdb *db;

	(void)state;
	db = load("\xef\xbb\xbf" "a:x\r\n \t\r\nb:y\r\n");
	assert_non_null(db);
	assert_int_equal(userdb_size(db), 2);
	assert_non_null(userdb_find(db, "a"));
	userdb_free(db);
}

static void marked_users(void **state)
{
	struct userdb *db;

	(void)state;
	db = load("a:x:10.8.0.7\nb:x:10.8.0.8:expired\nc:x::disabled\nd:*\ne:*::disabled\n");
	assert_non_null(db);
	for (const char *name = "abcde"; *name; name++) {
		const struct userdb_user *u = userdb_find(db, (char[]){ *name, '\0' });

		assert_int_equal(u->expired, *name == 'b');
		assert_int_equal(u->disabled, *name == 'c' || *name == 'e');
		assert_int_equal(u->no_password, *name == 'd' || *name == 'e');
		assert_int_equal(u->grant.fixed.s_addr, *name == 'a' ? inet_addr("10.8.0.7") :
				 *name == 'b' ? inet_addr("10.8.0.8") : 0);
	}
	userdb_free(db);
	/* Beside other options. */
	db = load("a:x::pool=p expired\n");
	assert_non_null(db);
	assert_true(userdb_find(db, "a")->expired);
	assert_string_equal(userdb_find(db, "a")->grant.policy.pool, "p");
	userdb_free(db);
	assert_null(load("a:x::asleep\n"));
	assert_null(load("a:x:\n"));
}

static void many_users(void **state)
{
	static char text[20 * 1000];
	char name[20];
	struct userdb *db;
	size_t len = 0;

	(void)state;
	for (int i = 999; i >= 0; i--)
		len += (size_t)snprintf(text + len, sizeof(text) - len,
					"u%03d:p%d\n", i, i);
	db = load(text);
	assert_non_null(db);
	assert_int_equal(userdb_size(db), 1000);
	for (int i = 0; i < 1000; i++) {
		snprintf(name, sizeof(name), "u%03d", i);
		assert_non_null(userdb_find(db, name));
	}
	userdb_free(db);
}

static void assert_refused(const char *text, const char *complaint)
{
	if (load(text))
		fail_msg("accepted: %s", text);
	if (!strstr(complaints, complaint))
		fail_msg("complaint is: %s", complaints);
}

static void says_what_is_wrong(void **state)
{
	char text[400];

	(void)state;
	assert_refused("a:b\nnonsense\n", "users:2: must be NAME:PASSWORD");
	assert_refused(":secret\n", "users:1: must be");
	assert_refused("a:\n", "empty password for \"a\"");
	assert_refused("a:$nt$1234\n", "32 hex digits");
	assert_refused("a:$nt$zzEBBA8D5312B8D611474411F56989AE\n", "32 hex");
	assert_refused("a:b:10.0.0\n", "must be an IPv4 address");
	assert_refused("a:b:0.0.0.0\n", "must be an IPv4 address");
	assert_refused("a:pass:with:colons\n", "colon");
	assert_refused("a:\xff\xfe\n", "not UTF-8");
	assert_refused("a:b\nc:d\na:e\n", "\"a\" is in the file twice");
	snprintf(text, sizeof(text), "%0300d:x\n", 1);
	assert_refused(text, "1 to 255 characters");
}

static void refuses_endless_lines(void **state)
{
	static char text[5000];

	(void)state;
	memset(text, 'a', sizeof(text) - 1);
	assert_refused(text, "longer than");
}

static void options(void **state)
{
	const struct userdb_user *u;
	struct userdb *db;

	(void)state;
	db = load("a:x::\n"
		  "b:x:10.8.0.7:group=staff  routes=10.1.0.0/16,2001:db8:5::/48\tpool=p"
		  " rate-down=20M rate-up=512k\n"
		  "c:x::interface=boss vrf=blue netns=green sessions-per-user=2"
		  " same-user=refuse source-check=no ipv6-prefix=2001:db8:1:7::/64"
		  " routes=10.2.0.0/16 routes=10.3.0.0/16\n");
	if (!db)
		fail_msg("%s", complaints);
	u = userdb_find(db, "a");
	assert_int_equal(u->grant.fixed.s_addr, 0);
	u = userdb_find(db, "b");
	assert_int_equal(u->grant.fixed.s_addr, inet_addr("10.8.0.7"));
	assert_string_equal(u->grant.group, "staff");
	assert_string_equal(u->grant.policy.pool, "p");
	assert_int_equal(u->grant.policy.rate_down, 20000000);
	assert_int_equal(u->grant.policy.rate_up, 512000);
	assert_int_equal(u->grant.n_routes, 2);
	assert_int_equal(u->grant.routes[1].len, 48);
	u = userdb_find(db, "c");
	assert_string_equal(u->grant.policy.ifname, "boss");
	assert_string_equal(u->grant.policy.vrf, "blue");
	assert_string_equal(u->grant.policy.netns, "green");
	assert_int_equal(u->grant.policy.sessions, 2);
	assert_int_equal(u->grant.policy.same_user, CONF_SAME_REFUSE);
	assert_int_equal(u->grant.policy.source_check, CONF_NO);
	assert_int_equal(u->grant.prefix6.len, 64);
	assert_int_equal(u->grant.n_routes, 2);
	userdb_free(db);
}

static void wrong_options(void **state)
{
	static const struct {
		const char *options;
		const char *right;
	} cases[] = {
		{ "group", "must be KEY=VALUE" },
		{ "colour=red", "is no option" },
		{ "routes=10.1.0.1/16", "without host bits" },
		{ "rate-up=fast", "like 512k or 20M" },
		{ "rate-up=63999", "from 64k" },
		{ "rate-up=11G", "to 10G" },
		{ "rate-up=20MM", "like 512k" },
		{ "netns=../x", "name of a network namespace" },
		{ "vrf=averylonginterface", "at most 15 characters" },
		{ "interface=%d%d", "%d for a number" },
		{ "ipv6-prefix=2001:db8::/48", "64 bits" },
		{ "same-user=maybe", "replace refuse" },
		{ "sessions-per-user=0", "from 1 to" },
	};
	char text[200];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		snprintf(text, sizeof(text), "ok:x\na:x::%s\n", cases[i].options);
		if (load(text))
			fail_msg("\"%s\" was taken", cases[i].options);
		if (strncmp(complaints, "users:2: option", 15) ||
		    !strstr(complaints, cases[i].right))
			fail_msg("%s: %s", cases[i].options, complaints);
	}
}

static void capitals(void **state)
{
	struct userdb *db = load_as("Bob:x\nalice:y\nCORP\\Eve:z\n", true);
	const struct userdb_user *u;

	(void)state;
	assert_non_null(db);
	u = userdb_find(db, "alice");
	assert_non_null(u);
	assert_ptr_equal(userdb_find(db, "ALICE"), u);
	assert_ptr_equal(userdb_find(db, "corp\\Alice"), u);
	/* Whatever a peer calls itself, the account is called as in the file. */
	assert_string_equal(userdb_find(db, "bOB")->name, "Bob");
	assert_string_equal(userdb_find(db, "corp\\eve")->name, "CORP\\Eve");
	assert_ptr_equal(userdb_find(db, "eve"), userdb_find(db, "corp\\eve"));
	assert_null(userdb_find(db, "corp"));
	userdb_free(db);
	assert_null(load_as("alice:x\nALICE:y\n", true));
	assert_non_null(strstr(complaints, "is in the file twice"));
	assert_null(load_as("alice:x\nbob:z\nCORP\\alice:y\n", true));
	assert_non_null(strstr(complaints, "is in the file twice"));
	db = load("alice:x\nALICE:y\nCORP\\alice:z\n");
	assert_non_null(db);
	assert_null(userdb_find(db, "Alice"));
	userdb_free(db);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(capitals),
		cmocka_unit_test(finds_users),
		cmocka_unit_test(windows_file),
		cmocka_unit_test(marked_users),
		cmocka_unit_test(options),
		cmocka_unit_test(wrong_options),
		cmocka_unit_test(many_users),
		cmocka_unit_test(says_what_is_wrong),
		cmocka_unit_test(refuses_endless_lines),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
