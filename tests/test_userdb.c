// SPDX-License-Identifier: GPL-2.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <arpa/inet.h>

#include <cmocka.h>

#include "userdb.h"

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

static struct userdb *load(const char *text)
{
	FILE *in = fmemopen((void *)(uintptr_t)text, strlen(text), "r");
	struct userdb *db;

	assert_non_null(in);
	*complaints = '\0';
	db = userdb_load(in, "users", mschap, collect, NULL);
	fclose(in);
	return db;
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
	assert_int_equal(u->fixed.s_addr, 0);

	u = userdb_find(db, "hashed");
	assert_non_null(u);
	assert_memory_equal(u->nt_hash, client_pass, sizeof(client_pass));
	assert_int_equal(u->fixed.s_addr, inet_addr("10.8.0.7"));

	/* A domain is ignored unless the file has that very name. */
	assert_ptr_equal(userdb_find(db, "ANY\\hashed"), u);
	assert_non_null(userdb_find(db, "CORP\\carol"));
	assert_null(userdb_find(db, "carol"));

	assert_null(userdb_find(db, "user"));
	assert_null(userdb_find(db, ""));
	assert_null(userdb_find(db, "\\"));
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
		assert_int_equal(u->fixed.s_addr, *name == 'a' ? inet_addr("10.8.0.7") :
				 *name == 'b' ? inet_addr("10.8.0.8") : 0);
	}
	userdb_free(db);
	assert_null(load("a:x:10.8.0.7:asleep\n"));
	assert_non_null(strstr(complaints, "users:1: fourth field must be expired or disabled"));
	assert_null(load("a:x:10.8.0.7:\n"));
	assert_null(load("a:x:\n"));
	assert_null(load("a:x::expired:x\n"));
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_users),
		cmocka_unit_test(marked_users),
		cmocka_unit_test(many_users),
		cmocka_unit_test(says_what_is_wrong),
		cmocka_unit_test(refuses_endless_lines),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
