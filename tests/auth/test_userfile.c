// SPDX-License-Identifier: GPL-2.0-or-later
/* Changes of a users file: what changes, what stays, what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <dirent.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "auth/userfile.h"

#define HASH	"$nt$44ebba8db5312b8d611474411f56989a"
#define OTHER	"$nt$00000000000000000000000000000000"

static struct mschap *mschap;
static char dir[] = "/tmp/test_userfile.XXXXXX";
static char path[100];
static char err[400];

static int group_setup(void **state)
{
	(void)state;
	mschap = mschap_new();
	if (!mschap || !mkdtemp(dir))
		return -1;
	snprintf(path, sizeof(path), "%s/users", dir);
	return 0;
}

static int group_teardown(void **state)
{
	(void)state;
	mschap_free(mschap);
	unlink(path);
	return rmdir(dir);
}

static void put(const char *text, mode_t mode)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
	assert_int_equal(chmod(path, mode), 0);
}

static void print_user(void *ctx, const char *name, const char *address,
		       const char *options)
{
	fprintf(ctx, "%s %s %s\n", name, address, options);
}

static void assert_file(const char *want)
{
	char got[4096];
	FILE *f = fopen(path, "r");

	assert_non_null(f);
	got[fread(got, 1, sizeof(got) - 1, f)] = '\0';
	fclose(f);
	assert_string_equal(got, want);
}

static int change(enum userfile_op op, const char *name, const char *secret,
		  const char *address)
{
	const struct userfile_change change = {
		.op = op,
		.name = name,
		.secret = secret,
		.address = address,
	};

	*err = '\0';
	return userfile_change(path, &change, mschap, err, sizeof(err));
}

static void changes(void **state)
{
	(void)state;
	put("# our users\nalice:secret\n\nbob:" OTHER ":10.8.0.7\r\n", 0640);
	assert_int_equal(change(USERFILE_ADD, "carol", HASH, NULL), 0);
	assert_file("# our users\nalice:secret\n\nbob:" OTHER ":10.8.0.7\n"
		    "carol:" HASH "\n");
	assert_int_equal(change(USERFILE_ADD, "CORP\\dan", HASH, "10.8.0.8"), 0);
	assert_int_equal(change(USERFILE_PASSWD, "bob", HASH, NULL), 0);
	assert_int_equal(change(USERFILE_DEL, "alice", NULL, NULL), 0);
	assert_file("# our users\n\nbob:" HASH ":10.8.0.7\n"
		    "carol:" HASH "\nCORP\\dan:" HASH ":10.8.0.8\n");
	assert_int_equal(change(USERFILE_PASSWD, "carol", OTHER, NULL), 0);
	assert_int_equal(change(USERFILE_DEL, "CORP\\dan", NULL, NULL), 0);
	assert_file("# our users\n\nbob:" HASH ":10.8.0.7\ncarol:" OTHER "\n");
}

static void marks(void **state)
{
	struct userfile_change mark = { .op = USERFILE_MARK, .name = "alice" };

	(void)state;
	put("alice:secret\nbob:" OTHER ":10.8.0.7:disabled\r\ncarol:*::pool=p expired routes=2001:db8::/48\n", 0600);
	mark.mark = "expired";
	assert_int_equal(userfile_change(path, &mark, mschap, err, sizeof(err)), 0);
	mark.name = "bob";
	assert_int_equal(userfile_change(path, &mark, mschap, err, sizeof(err)), 0);
	assert_file("alice:secret::expired\nbob:" OTHER ":10.8.0.7:expired\n"
		    "carol:*::pool=p expired routes=2001:db8::/48\n");
	mark.name = "carol";
	mark.mark = NULL;
	assert_int_equal(userfile_change(path, &mark, mschap, err, sizeof(err)), 0);
	/* A new password has not expired; a disabled account stays so. */
	assert_int_equal(change(USERFILE_PASSWD, "bob", HASH, NULL), 0);
	assert_int_equal(change(USERFILE_PASSWD, "alice", HASH, NULL), 0);
	assert_file("alice:" HASH "\nbob:" HASH ":10.8.0.7\n"
		    "carol:*::pool=p routes=2001:db8::/48\n");
	mark.mark = "disabled";
	assert_int_equal(userfile_change(path, &mark, mschap, err, sizeof(err)), 0);
	assert_int_equal(change(USERFILE_PASSWD, "carol", HASH, NULL), 0);
	assert_file("alice:" HASH "\nbob:" HASH ":10.8.0.7\n"
		    "carol:" HASH "::pool=p routes=2001:db8::/48 disabled\n");
	mark.mark = "asleep";
	assert_int_equal(userfile_change(path, &mark, mschap, err, sizeof(err)), -1);
	mark.name = "nobody";
	assert_int_equal(userfile_change(path, &mark, mschap, err, sizeof(err)), -1);
}

static void the_last_line_may_have_no_end(void **state)
{
	(void)state;
	put("alice:secret", 0600);
	assert_int_equal(change(USERFILE_ADD, "bob", HASH, NULL), 0);
	assert_file("alice:secret\nbob:" HASH "\n");
	assert_int_equal(change(USERFILE_DEL, "alice", NULL, NULL), 0);
	assert_int_equal(change(USERFILE_DEL, "bob", NULL, NULL), 0);
	assert_file("");
	assert_int_equal(change(USERFILE_ADD, "bob", HASH, NULL), 0);
	assert_file("bob:" HASH "\n");
}

static void mode_stays_and_nothing_is_left_behind(void **state)
{
	struct dirent *entry;
	struct stat st;
	int files = 0;
	DIR *d;

	(void)state;
	put("alice:secret\n", 0640);
	assert_int_equal(change(USERFILE_ADD, "bob", HASH, NULL), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
	assert_int_equal(change(USERFILE_ADD, "bob", HASH, NULL), -1);
	d = opendir(dir);
	while ((entry = readdir(d)))
		files += entry->d_name[0] != '.';
	closedir(d);
	assert_int_equal(files, 1);
}

static void a_link_stays_a_link(void **state)
{
	char target[120];
	struct stat st;

	(void)state;
	snprintf(target, sizeof(target), "%s/target", dir);
	put("alice:secret\n", 0600);
	assert_int_equal(rename(path, target), 0);
	assert_int_equal(symlink(target, path), 0);
	assert_int_equal(change(USERFILE_DEL, "alice", NULL, NULL), 0);
	assert_int_equal(lstat(path, &st), 0);
	assert_true(S_ISLNK(st.st_mode));
	assert_file("");
	unlink(target);
	unlink(path);
}

static void refused(void **state)
{
	static const struct {
		enum userfile_op op;
		const char *name;
		const char *secret;
		const char *address;
		const char *why;
	} cases[] = {
		{ USERFILE_ADD, "alice", HASH, NULL, "has this user already" },
		{ USERFILE_DEL, "bob", NULL, NULL, "has no such user" },
		{ USERFILE_DEL, "alic", NULL, NULL, "has no such user" },
		{ USERFILE_DEL, "# comment", NULL, NULL, "no #" },
		{ USERFILE_PASSWD, "Alice", HASH, NULL, "has no such user" },
		{ USERFILE_ADD, "a:b", HASH, NULL, "no colon" },
		{ USERFILE_ADD, "", HASH, NULL, "1 to 255" },
		{ USERFILE_ADD, "a\nb", HASH, NULL, "user name" },
		{ USERFILE_ADD, "bob", HASH, "10.8.0", "IPv4 address" },
		{ USERFILE_ADD, "bob", HASH, "10.8.0.1\nx:y", "IPv4 address" },
		{ USERFILE_ADD, "bob", "$nt$xy", NULL, "32 hex digits" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		put("# comment\nalice:secret\n", 0600);
		assert_int_equal(change(cases[i].op, cases[i].name,
					cases[i].secret, cases[i].address), -1);
		if (!strstr(err, cases[i].why))
			fail_msg("case %zu says: %s", i, err);
		assert_file("# comment\nalice:secret\n");
	}
	put("alice:secret\nno colon\n", 0600);
	assert_int_equal(change(USERFILE_ADD, "bob", HASH, NULL), -1);
	assert_non_null(strstr(err, "users:2: must be NAME:PASSWORD"));
	put("alice:secret\n", 0644);
	assert_int_equal(change(USERFILE_ADD, "bob", HASH, NULL), -1);
	assert_non_null(strstr(err, "chmod 600"));
	unlink(path);
	assert_int_equal(change(USERFILE_DEL, "bob", NULL, NULL), -1);
	assert_non_null(strstr(err, "No such file"));
}

static void a_new_file_is_for_its_owner(void **state)
{
	struct stat st;

	(void)state;
	unlink(path);
	assert_int_equal(change(USERFILE_ADD, "alice", HASH, NULL), 0);
	assert_file("alice:" HASH "\n");
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
}

/* Every process adds users of its own; none is lost. */
static void at_the_same_time(void **state)
{
	char name[20], text[4096];
	int users = 0;
	int status;
	FILE *out;

	(void)state;
	put("", 0600);
	for (int p = 0; p < 4; p++) {
		if (fork())
			continue;
		for (int i = 0; i < 10; i++) {
			snprintf(name, sizeof(name), "user%d-%d", p, i);
			if (change(USERFILE_ADD, name, HASH, NULL))
				_exit(1);
		}
		_exit(0);
	}
	while (wait(&status) > 0)
		assert_int_equal(status, 0);
	out = fmemopen(text, sizeof(text), "w");
	assert_int_equal(userfile_list(path, print_user, out, err, sizeof(err)), 0);
	fclose(out);
	for (char *p = text; (p = strchr(p, '\n')); p++)
		users++;
	assert_int_equal(users, 40);
}

static void list(void **state)
{
	char text[400] = "";
	FILE *out = fmemopen(text, sizeof(text), "w");

	(void)state;
	put("# our users\nalice:secret\n\nbob:" OTHER ":10.8.0.7\r\n"
	    "carol:x::pool=p routes=2001:db8::/48\ndave:x:10.8.0.8:group=g\n", 0600);
	assert_int_equal(userfile_list(path, print_user, out, err, sizeof(err)), 0);
	fclose(out);
	assert_string_equal(text, "alice  \nbob 10.8.0.7 \n"
			    "carol  pool=p routes=2001:db8::/48\ndave 10.8.0.8 group=g\n");
	unlink(path);
	assert_int_equal(userfile_list(path, print_user, stdout, err,
				       sizeof(err)), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(changes),
		cmocka_unit_test(marks),
		cmocka_unit_test(the_last_line_may_have_no_end),
		cmocka_unit_test(mode_stays_and_nothing_is_left_behind),
		cmocka_unit_test(a_link_stays_a_link),
		cmocka_unit_test(refused),
		cmocka_unit_test(a_new_file_is_for_its_owner),
		cmocka_unit_test(at_the_same_time),
		cmocka_unit_test(list),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
