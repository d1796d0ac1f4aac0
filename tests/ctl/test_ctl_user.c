// SPDX-License-Identifier: GPL-2.0-or-later
/* `sstpctl user`: what it asks at a terminal, and whether it says what is in effect. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <pty.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "auth/mschap.h"
#include "ctl/ctl_names.h"
#include "ctl/ctl_user.h"
#include "rig/output.h"

#define ANSWER_RELOADED	"{\"reloaded\": \"yes\", \"complaints\": []}"
#define ANSWER_VERSION	"{\"version\": \"1\"}"
#define ANSWER_REFUSED	"{\"error\": \"the configuration has errors\"}"

static char dir[] = "/tmp/test_ctl_user.XXXXXX";
static char users[200], sock[108], config[200];

static void write_file(const char *path, const char *text)
{
	FILE *out = fopen(path, "w");

	assert_non_null(out);
	fchmod(fileno(out), 0600);
	fputs(text, out);
	fclose(out);
}

static void write_users(const char *text)
{
	write_file(users, text);
}

static void write_config(const char *users_file)
{
	char text[600];

	snprintf(text, sizeof(text), "[server]\nlisten = 0.0.0.0\ncertificate = /c\nkey = /k\n"
		 "users = %s\n[pool]\naddresses = 10.8.0.0/24\nlocal = 10.8.0.1\n"
		 "[group staff]\nsessions-per-user = 1\n", users_file);
	write_file(config, text);
}

static char *read_users(void)
{
	static char text[2000];
	FILE *in = fopen(users, "r");

	assert_non_null(in);
	text[fread(text, 1, sizeof(text) - 1, in)] = '\0';
	fclose(in);
	return text;
}

/* A daemon that answers one request, if it is the one it waits for. */
static pid_t daemon_that_says(const char *request, const char *answer)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0), conn;
	char line[200] = "";
	pid_t pid;

	strcpy(addr.sun_path, sock);
	unlink(sock);
	assert_int_equal(bind(fd, (struct sockaddr *)&addr, sizeof(addr)), 0);
	assert_int_equal(listen(fd, 4), 0);
	pid = fork();
	if (pid) {
		close(fd);
		return pid;
	}
	conn = accept(fd, NULL, NULL);
	if (read(conn, line, sizeof(line) - 1) < 0 || strcmp(line, request))
		_exit(1);
	dprintf(conn, "%s\n", answer);
	_exit(0);
}

static void assert_ended_well(pid_t pid)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	unlink(sock);
}

struct command {
	struct ctl ctl;
	int n;
	char **words;
};

static int user_command(void *arg)
{
	const struct command *command = arg;
	char *argv[12] = { "-f", users };

	memcpy(argv + 2, command->words, (size_t)command->n * sizeof(*command->words));
	return ctl_user(&command->ctl, command->n + 2, argv);
}

/* Runs "user -f FILE WORD..." with @input; what it prints is in @output. */
static int run(char *output, size_t size, const char *input, bool json, int n, char **words)
{
	struct command command = {
		.ctl = { .socket = sock, .json = json },
		.n = n,
		.words = words,
	};

	return output_of(output, size, input, user_command, &command);
}

#define RUN(output, input, json, ...)						\
	run(output, sizeof(output), input, json,				\
	    (int)(sizeof((char *[]){ __VA_ARGS__ }) / sizeof(char *)),		\
	    (char *[]){ __VA_ARGS__ })

static void says_what_is_missing(void **state)
{
	char output[2000];
	pid_t pid;

	(void)state;
	write_users("");
	pid = daemon_that_says("version\n", ANSWER_VERSION);
	assert_int_equal(RUN(output, "sesame\n", false, "add", "bob"), 0);
	assert_ended_well(pid);
	assert_non_null(strstr(output, "added bob in "));
	assert_non_null(strstr(output, "; not in effect before `sstpctl reload`\n"));
	assert_non_null(strstr(read_users(), "bob:$nt$"));
	assert_int_equal(RUN(output, "", false, "disable", "bob"), 0);
	assert_non_null(strstr(output, "disabled bob in "));
	assert_non_null(strstr(output, "; not in effect: sstpd does not run"));
}

static void reloads_if_told_to(void **state)
{
	char output[2000];
	pid_t pid;

	(void)state;
	write_users("");
	pid = daemon_that_says("reload\n", ANSWER_RELOADED);
	assert_int_equal(RUN(output, "sesame\n", false, "--reload", "add", "bob"), 0);
	assert_ended_well(pid);
	assert_non_null(strstr(output, "; in effect\n"));
	pid = daemon_that_says("reload\n", ANSWER_RELOADED);
	assert_int_equal(RUN(output, "", true, "--reload", "del", "bob"), 0);
	assert_ended_well(pid);
	assert_non_null(strstr(output, "\"deleted\": \"bob\""));
	assert_non_null(strstr(output, "\"in_effect\": true"));
}

static void a_refused_reload_is_a_failure(void **state)
{
	char output[2000];
	pid_t pid;

	(void)state;
	write_users("");
	pid = daemon_that_says("reload\n", ANSWER_REFUSED);
	assert_int_equal(RUN(output, "sesame\n", false, "--reload", "add", "bob"), 1);
	assert_ended_well(pid);
	assert_non_null(strstr(output, "not in effect: the configuration has errors"));
	assert_non_null(strstr(read_users(), "bob:"));
}

/* Waits until the terminal shows @text. */
static void expect(int fd, const char *text)
{
	char seen[2000] = "";
	size_t used = 0;
	ssize_t n;

	while (!strstr(seen, text)) {
		n = read(fd, seen + used, sizeof(seen) - 1 - used);
		if (n <= 0)
			fail_msg("\"%s\" does not come, only: %s", text, seen);
		used += (size_t)n;
	}
}

/* Types both passwords; returns the exit status. */
static int type(const char *first, const char *second)
{
	const struct ctl ctl = { .socket = sock };
	char *argv[] = { "-f", users, "add", "bob" };
	int fd, status;
	pid_t pid = forkpty(&fd, NULL, NULL, NULL);

	/* A package may be built where there are no terminals. */
	if (pid < 0 && (errno == ENOENT || errno == ENODEV))
		skip();
	assert_return_code(pid, errno);
	if (!pid)
		_exit(ctl_user(&ctl, 4, argv));
	expect(fd, "password: ");
	dprintf(fd, "%s\n", first);
	expect(fd, "once more: ");
	dprintf(fd, "%s\n", second);
	expect(fd, "\n");
	while (read(fd, (char[100]){ 0 }, 100) > 0)
		continue;
	close(fd);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void asks_twice_at_a_terminal(void **state)
{
	(void)state;
	write_users("");
	assert_int_equal(type("sesame", "sesam"), 1);
	assert_string_equal(read_users(), "");
	assert_int_equal(type("sesame", "sesame"), 0);
	assert_non_null(strstr(read_users(), "bob:$nt$"));
}

/* ---- what is named, and not there ---- */

/* "user add bob - OPTION" of the users file that the configuration names */
static int add_by_conf(void *option)
{
	const struct ctl ctl = { .socket = sock, .conf = config };
	char *argv[] = { "add", "bob", "-", option };

	return ctl_user(&ctl, 4, argv);
}

static void warns_of_groups(void **state)
{
	char output[2000];

	(void)state;
	write_users("");
	write_config(users);
	assert_int_equal(output_of(output, sizeof(output), "sesame\n", add_by_conf,
				   "group=staff"), 0);
	assert_null(strstr(output, "warning"));
	assert_non_null(strstr(read_users(), "::group=staff\n"));
	write_users("");
	assert_int_equal(output_of(output, sizeof(output), "sesame\n", add_by_conf,
				   "group=nope"), 0);
	assert_non_null(strstr(output, "warning: "));
	assert_non_null(strstr(output, "config.conf has no [group nope], which user bob needs"));
	assert_non_null(strstr(read_users(), "::group=nope\n"));
	write_users("");
	assert_int_equal(output_of(output, sizeof(output), "sesame\n", add_by_conf,
				   "ipv6-pool=six"), 0);
	assert_non_null(strstr(output, "has no [pool six], which user bob needs"));
	unlink(config);
}

/* As with -f; the configuration is one of @dir. */
static int warn_of(void *name)
{
	const struct ctl_names where = { .dir = dir, .users = users };
	struct mschap *mschap = mschap_new();

	ctl_names_warn(&where, name, mschap);
	mschap_free(mschap);
	return 0;
}

static void warns_of_groups_of_a_file(void **state)
{
	char output[2000];

	(void)state;
	write_users("");
	assert_int_equal(RUN(output, "sesame\n", false, "add", "bob", "-", "group=nope"), 0);
	assert_non_null(strstr(output, "warning: user bob needs [group nope], and no configuration in /etc/sstpd that"));
	write_users("bob:x::group=nope\nal:x::group=staff\n");
	write_config("/another/file");
	output_of(output, sizeof(output), NULL, warn_of, "bob");
	assert_non_null(strstr(output, "warning: user bob needs [group nope], and no configuration in "));
	write_config(users);
	output_of(output, sizeof(output), NULL, warn_of, "bob");
	assert_non_null(strstr(output, "config.conf has no [group nope], which user bob needs"));
	output_of(output, sizeof(output), NULL, warn_of, "al");
	assert_string_equal(output, "");
	unlink(config);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(says_what_is_missing),
		cmocka_unit_test(reloads_if_told_to),
		cmocka_unit_test(a_refused_reload_is_a_failure),
		cmocka_unit_test(asks_twice_at_a_terminal),
		cmocka_unit_test(warns_of_groups),
		cmocka_unit_test(warns_of_groups_of_a_file),
	};
	int failed;

	if (!mkdtemp(dir))
		return 1;
	snprintf(users, sizeof(users), "%s/users", dir);
	snprintf(sock, sizeof(sock), "%s/sock", dir);
	snprintf(config, sizeof(config), "%s/config.conf", dir);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	unlink(users);
	unlink(sock);
	unlink(config);
	rmdir(dir);
	return failed;
}
