// SPDX-License-Identifier: GPL-2.0-or-later
/* What a line of the log says to programs, and how many a stranger can cause. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "log.h"

static void assert_fields(const struct log_about *about, const char *want)
{
	char text[300];

	log_fields(about, text, sizeof(text));
	assert_string_equal(text, want);
}

static void fields(void **state)
{
	(void)state;
	assert_fields(NULL, "");
	assert_fields(&(struct log_about){ 0 }, "");
	assert_fields(&(struct log_about){ .session = 3 }, " [session=3]");
	assert_fields(&(struct log_about){ .session = 4294967295U, .user = "alice",
			.peer = "[2001:db8::1]:443", .interface = "sstp0",
			.reason = "peer-disconnect" },
		" [session=4294967295 user=alice peer=\"[2001:db8::1]:443\" interface=sstp0 reason=peer-disconnect]");
}

/* A user name is what a stranger likes it to be. */
static void fields_cannot_be_forged(void **state)
{
	(void)state;
	assert_fields(&(struct log_about){ .user = "a reason=admin" },
		      " [user=\"a reason=admin\"]");
	assert_fields(&(struct log_about){ .user = "a\" b\\" },
		      " [user=\"a\\\" b\\\\\"]");
	assert_fields(&(struct log_about){ .user = "a]" }, " [user=\"a]\"]");
	assert_fields(&(struct log_about){ .user = "a\nb" }, " [user=a?b]");
}

static void journal(void **state)
{
	const struct log_about about = { .session = 7, .user = "a\nMESSAGE=b",
					 .peer = "192.0.2.1:443" };
	const char *want = "MESSAGE=text\nPRIORITY=6\nSYSLOG_FACILITY=3\n"
			   "SYSLOG_IDENTIFIER=sstpd\nSSTPD_PROCESS=parent\n"
			   "SSTPD_SESSION=7\nSSTPD_USER=a?MESSAGE=b\n"
			   "SSTPD_PEER=192.0.2.1:443\n";
	char buf[1000];
	size_t len;

	(void)state;
	len = log_journal("parent", LOG_INFO, &about, "text", buf, sizeof(buf));
	assert_int_equal(len, strlen(want));
	assert_memory_equal(buf, want, len);
	/* Too little room is no reason to write behind it. */
	for (size_t size = 1; size < strlen(want); size++)
		assert_true(log_journal("parent", LOG_INFO, &about, "text", buf,
					size) <= size);
}

static void limit(void **state)
{
	struct log_limit l = { 0 };
	uint64_t now = 1000000;

	(void)state;
	for (int i = 0; i < LOG_LIMIT_BURST; i++)
		assert_true(log_limit_pass(&l, now));
	for (int i = 0; i < 7; i++)
		assert_false(log_limit_pass(&l, now));
	assert_int_equal(l.left_out, 7);
	now += 1000 / LOG_LIMIT_PER_S;
	assert_true(log_limit_pass(&l, now));
	assert_false(log_limit_pass(&l, now));
	/* After a long time all is as at first. */
	now += 3600000;
	for (int i = 0; i < LOG_LIMIT_BURST; i++)
		assert_true(log_limit_pass(&l, now));
	assert_false(log_limit_pass(&l, now));
}

/* Far more than is allowed: the burst passes, then the rate. */
static void limit_of_a_stream(void **state)
{
	struct log_limit l = { 0 };
	unsigned int passed = 0;

	(void)state;
	for (uint64_t now = 0; now < 100000; now += 50)
		passed += log_limit_pass(&l, now);
	assert_in_range(passed, 100 * LOG_LIMIT_PER_S,
			100 * LOG_LIMIT_PER_S + LOG_LIMIT_BURST);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields),
		cmocka_unit_test(fields_cannot_be_forged),
		cmocka_unit_test(journal),
		cmocka_unit_test(limit),
		cmocka_unit_test(limit_of_a_stream),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
