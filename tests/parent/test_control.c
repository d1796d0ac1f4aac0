// SPDX-License-Identifier: GPL-2.0-or-later
/* What `show` says of many sessions, some of them in each turn of the loop. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "parent/control.c"

#include "parent/key_limit.h"
#include "parent/upgrade.h"

#define SESSIONS	1003u
#define PATH_MAX_HERE	64

static unsigned int asked, most;

/* In place of the kernel. */
bool lease_free(uint64_t *n)
{
	*n = 0;
	return false;
}

void tunnel_counts(const struct entry *e, struct netcfg_counts *counts)
{
	*counts = (struct netcfg_counts){ .rx_bytes = e->id };
	asked++;
}

void tunnel_count_all(struct netcfg_counts *sum)
{
	sum->rx_bytes = 5;
}

const char *tunnel_client_name(const struct entry *e)
{
	return e->user;
}

int tunnel_stats(const struct entry *e, struct nl_sstp_stats *stats, struct nl_err *err)
{
	(void)e;
	(void)stats;
	(void)err;
	return -1;
}

static uint64_t stat_of(enum stats_id which)
{
	(void)which;
	return 0;
}

static const struct control_ops ops = { .stat = stat_of };
static char dir[] = "/tmp/test_control.XXXXXX", path[PATH_MAX_HERE];

static int begin(void **state)
{
	static const struct conf_main conf = { .key_limit = 1000 };

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/control", dir);
	loop_init();
	key_limit_init(&conf, NULL, NULL);
	control_start(path, &ops);
	return 0;
}

static int end(void **state)
{
	(void)state;
	control_exit();
	rmdir(dir);
	return 0;
}

static int request(const char *line)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	assert_return_code(connect(fd, (struct sockaddr *)&control.addr, sizeof(control.addr)), 0);
	assert_int_equal(send(fd, line, strlen(line), 0), strlen(line));
	return fd;
}

/* What has come; false: that was all */
static bool take(int fd, char **text, size_t *len)
{
	char bytes[65536];
	ssize_t n;

	for (;;) {
		n = recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT);
		if (n <= 0)
			return n < 0;
		*text = realloc(*text, *len + (size_t)n + 1);
		assert_non_null(*text);
		memcpy(*text + *len, bytes, (size_t)n);
		*len += (size_t)n;
		(*text)[*len] = '\0';
	}
}

/* @meanwhile: called once, when some hundreds have been shown, and others have not */
static struct json_object *answer(const char *line, void (*meanwhile)(void))
{
	struct json_object *o;
	int fd = request(line);
	char *text = NULL;
	size_t len = 0;

	asked = most = 0;
	while (take(fd, &text, &len)) {
		unsigned int before = asked;

		assert_true(loop_once());
		most = asked - before > most ? asked - before : most;
		if (meanwhile && asked > SESSIONS / 2) {
			meanwhile();
			meanwhile = NULL;
		}
	}
	close(fd);
	assert_non_null(text);
	/* One line, and nothing behind it. */
	assert_ptr_equal(strchr(text, '\n'), text + len - 1);
	o = json_tokener_parse(text);
	assert_non_null(o);
	free(text);
	return o;
}

static int64_t id_at(struct json_object *list, size_t i)
{
	return json_object_get_int64(json_object_object_get(
		json_object_array_get_idx(list, i), "id"));
}

static void some_go(void)
{
	table_remove(table_find(SESSIONS));
	table_find(SESSIONS - 1)->up = false;
	/* Shown already, and one that is new. */
	table_remove(table_find(1));
	table_add(SESSIONS + 1)->up = true;
}

static void all_in_turns(void **state)
{
	struct json_object *o, *list;

	(void)state;
	for (uint32_t i = 1; i <= SESSIONS; i++)
		table_add(i)->up = true;
	o = answer("show\n", some_go);
	list = json_object_object_get(o, "sessions");
	assert_int_equal(json_object_object_length(o), 1);
	assert_int_equal(json_object_array_length(list), SESSIONS - 2);
	for (size_t i = 0; i < SESSIONS - 2; i++)
		assert_int_equal(id_at(list, i), i + 1);
	/* Others had their turns between them. */
	assert_in_range(most, 1, CONTROL_SHOW_TURN);
	json_object_put(o);
}

static void one_or_none(void **state)
{
	struct json_object *o = answer("show 77\n", NULL);

	(void)state;
	assert_int_equal(id_at(json_object_object_get(o, "sessions"), 0), 77);
	json_object_put(o);
	o = answer("show 4294967373\n", NULL);
	assert_non_null(json_object_object_get(o, "error"));
	json_object_put(o);
	while (table_first())
		table_remove(table_first());
	o = answer("show \n", NULL);
	assert_int_equal(json_object_array_length(json_object_object_get(o, "sessions")), 0);
	json_object_put(o);
}

/* However many there are: not one question for each of them. */
static void metrics_ask_once(void **state)
{
	struct json_object *o;

	(void)state;
	table_add(1)->up = true;
	o = answer("metrics\n", NULL);
	assert_int_equal(asked, 0);
	assert_int_equal(json_object_get_int64(json_object_object_get(o, "received_bytes")), 5);
	json_object_put(o);
}

/* `sstpctl upgrade` asks whoever is there then: it may be the one from before. */
static void version_says_of_a_failed_upgrade(void **state)
{
	struct json_object *o = answer("version\n", NULL);
	const char *failure;

	(void)state;
	assert_null(json_object_object_get(o, "not_upgraded"));
	json_object_put(o);
	setenv("SSTPD_UPGRADE_FAILED", "/opt/sstpd", 1);
	setenv("SSTPD_UPGRADE_WHY", "Permission denied", 1);
	upgrade_init();
	o = answer("version\n", NULL);
	failure = json_object_get_string(json_object_object_get(o, "not_upgraded"));
	assert_non_null(failure);
	assert_non_null(strstr(failure, "/opt/sstpd: Permission denied"));
	json_object_put(o);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_in_turns),
		cmocka_unit_test(one_or_none),
		cmocka_unit_test(metrics_ask_once),
		cmocka_unit_test(version_says_of_a_failed_upgrade),
	};

	log_init("test", LOG_TO_STDERR, -1);
	return cmocka_run_group_tests(tests, begin, end);
}
