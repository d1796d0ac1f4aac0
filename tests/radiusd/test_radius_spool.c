// SPDX-License-Identifier: GPL-2.0-or-later
/* Records in a file: what was put in comes out again, whatever else is in there. */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/log.h"
#include "lib/reason.h"
#include "radiusd/radius_spool.h"

static struct radius_spool spool;
static char path[] = "/tmp/test_spool.XXXXXX";

static int set_up(void **state)
{
	(void)state;
	strcpy(path + strlen(path) - 6, "XXXXXX");
	return !radius_spool_open(&spool, mkstemp(path)) || spool.fd < 0;
}

static int tear_down(void **state)
{
	(void)state;
	if (spool.fd >= 0)
		close(spool.fd);
	return unlink(path);
}

/* Another process begins with it. */
static void again(void)
{
	assert_true(radius_spool_open(&spool, spool.fd));
}

static struct msg_acct acct_of(uint32_t id)
{
	return (struct msg_acct){
		.id = id,
		.kind = MSG_ACCT_STOP,
		.remote.ss_family = AF_INET,
		.user = "alice",
		.in_bytes = UINT64_C(1) << 40,
	};
}

static int put(uint32_t id)
{
	const struct msg_acct acct = acct_of(id);

	return radius_spool_put(&spool, 77, 1800000000 + (int64_t)id, &acct);
}

static unsigned int count(void)
{
	struct radius_spooled one;
	unsigned int n = 0;
	int place = -1;

	while ((place = radius_spool_next(&spool, place + 1, &one)) >= 0)
		n++;
	return n;
}

static void comes_out_again(void **state)
{
	const struct msg_acct want = acct_of(2);
	struct radius_spooled one;
	int first = put(1), second = put(2), place;

	(void)state;
	assert_int_equal(first, 0);
	assert_int_equal(second, 1);
	radius_spool_drop(&spool, first);
	again();
	place = radius_spool_next(&spool, 0, &one);
	assert_int_equal(place, second);
	assert_int_equal(one.started, 77);
	assert_int_equal(one.when, 1800000002);
	assert_memory_equal(&one.acct, &want, sizeof(want));
	assert_int_equal(radius_spool_next(&spool, place + 1, &one), RADIUS_SPOOL_NONE);
	/* A free place is used before the file grows, a taken one is not. */
	assert_int_equal(put(3), first);
	assert_int_equal(put(4), 2);
	again();
	assert_int_equal(count(), 3);
}

static void leaves_nothing_behind(void **state)
{
	char text[2 * sizeof(struct radius_spooled)] = "";

	(void)state;
	radius_spool_drop(&spool, put(1));
	assert_int_equal(pread(spool.fd, text, sizeof(text), 0), sizeof(struct radius_spooled));
	assert_null(memmem(text, sizeof(text), "alice", 5));
}

static void is_bounded(void **state)
{
	struct stat st;

	(void)state;
	for (int i = 0; i < RADIUS_SPOOL_MAX; i++)
		assert_int_equal(put((uint32_t)i + 1), i);
	assert_int_equal(put(1), RADIUS_SPOOL_NONE);
	assert_int_equal(fstat(spool.fd, &st), 0);
	assert_int_equal(st.st_size, RADIUS_SPOOL_MAX * sizeof(struct radius_spooled));
	again();
	assert_int_equal(count(), RADIUS_SPOOL_MAX);
	radius_spool_drop(&spool, 17);
	assert_int_equal(put(1), 17);
}

/* A file of another version, half a record, or whatever somebody wrote. */
static void reads_only_records(void **state)
{
	struct radius_spooled one;
	uint32_t seed = 1;

	(void)state;
	for (int i = 0; i < 3; i++)
		put((uint32_t)i + 1);
	assert_int_equal(ftruncate(spool.fd, 2 * sizeof(one) + 100), 0);
	again();
	assert_int_equal(count(), 2);
	for (int i = 0; i < 2000; i++) {
		uint8_t byte = (uint8_t)(seed >> 16);

		seed = seed * 1664525 + 1013904223;
		assert_int_equal(pwrite(spool.fd, &byte, 1,
					4 + (off_t)((seed >> 8) % (sizeof(one) - 4))), 1);
		again();
		for (int place = -1; (place = radius_spool_next(&spool, place + 1, &one)) >= 0;)
			assert_true(msg_rules[MSG_ACCT].check(&one.acct));
	}
	one = (struct radius_spooled){ .magic = RADIUS_SPOOL_MAGIC + 1, .acct = acct_of(1) };
	assert_int_equal(pwrite(spool.fd, &one, sizeof(one), 0), sizeof(one));
	again();
	assert_int_equal(count(), 1);
}

/* Whatever byte of it is another one, it is no record, and somebody hears of it. */
static void sees_damage(void **state)
{
	struct radius_spooled one;
	uint8_t byte;

	(void)state;
	put(1);
	put(2);
	for (off_t at = sizeof(one); at < (off_t)(2 * sizeof(one)); at++) {
		assert_int_equal(pread(spool.fd, &byte, 1, at), 1);
		byte ^= 4;
		assert_int_equal(pwrite(spool.fd, &byte, 1, at), 1);
		again();
		assert_int_equal(count(), 1);
		assert_int_equal(spool.damaged, 1);
		byte ^= 4;
		assert_int_equal(pwrite(spool.fd, &byte, 1, at), 1);
	}
	again();
	assert_int_equal(count(), 2);
	assert_int_equal(spool.damaged, 0);
	/* What was dropped is none. */
	radius_spool_drop(&spool, 0);
	radius_spool_drop(&spool, 1);
	again();
	assert_int_equal(count(), 0);
	assert_int_equal(spool.damaged, 0);
}

/* It is told of once: then it is in another file, as long as that is not full. */
static void sets_damage_aside(void **state)
{
	struct radius_spooled one, was;
	int fd = memfd_create("aside", MFD_CLOEXEC);

	(void)state;
	assert_true(fd >= 0);
	put(1);
	put(2);
	put(3);
	assert_int_equal(pwrite(spool.fd, "bad", 3, sizeof(one) + 100), 3);
	assert_int_equal(pread(spool.fd, &was, sizeof(was), sizeof(one)), sizeof(was));
	again();
	assert_int_equal(count(), 2);
	assert_int_equal(spool.damaged, 1);
	/* Nothing else takes its place meanwhile. */
	assert_int_equal(put(4), 3);
	assert_true(radius_spool_aside(&spool, fd));
	assert_int_equal(spool.damaged, 0);
	assert_int_equal(lseek(fd, 0, SEEK_END), sizeof(one));
	assert_int_equal(pread(fd, &one, sizeof(one), 0), sizeof(one));
	assert_memory_equal(&one, &was, sizeof(one));
	assert_int_equal(put(5), 1);
	again();
	assert_int_equal(count(), 4);
	assert_int_equal(spool.damaged, 0);
	/* Full */
	assert_int_equal(ftruncate(fd, RADIUS_SPOOL_SIZE - 10), 0);
	assert_int_equal(pwrite(spool.fd, "bad", 3, 100), 3);
	again();
	assert_int_equal(count(), 3);
	assert_false(radius_spool_aside(&spool, fd));
	assert_int_equal(errno, EFBIG);
	assert_int_equal(spool.damaged, 1);
	assert_int_equal(lseek(fd, 0, SEEK_END), RADIUS_SPOOL_SIZE - 10);
	close(fd);
}

/* Whole ones, as somebody makes them who knows how. */
static void reads_no_nonsense(void **state)
{
	struct msg_acct acct;

	(void)state;
	for (int i = 0; i < 7; i++) {
		acct = acct_of(1);
		switch (i) {
		case 0: acct.id = 0; break;
		case 1: acct.kind = MSG_ACCT_STOP + 1; break;
		case 2: acct.reason = REASON_COUNT; break;
		case 3: acct.remote.ss_family = AF_UNIX; break;
		case 4: memset(acct.user, 'a', sizeof(acct.user)); break;
		case 5: acct.prefix6.len = 129; break;
		case 6: acct.class_len = GRANT_CLASS_MAX + 1; break;
		}
		assert_int_equal(radius_spool_put(&spool, 77, 1, &acct), i);
		again();
		assert_int_equal(count(), 0);
		assert_int_equal(spool.damaged, i + 1);
	}
}

/* No room for the second one: nothing of it is left, neither a record nor damage. */
static void is_full(void **state)
{
	const struct rlimit limit = { sizeof(struct radius_spooled) + 100, RLIM_INFINITY };
	const struct rlimit none = { RLIM_INFINITY, RLIM_INFINITY };

	(void)state;
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(put(1), 0);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	assert_int_equal(put(2), RADIUS_SPOOL_NONE);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &none), 0);
	assert_true(spool.failed);
	again();
	assert_int_equal(count(), 1);
	assert_int_equal(spool.damaged, 0);
	assert_int_equal(put(3), 1);
	again();
	assert_int_equal(count(), 2);
}

/* acct-spool = /etc/sstpd/users */
static void leaves_others_alone(void **state)
{
	static const char users[] = "alice:secret\nbob:secret\n";
	char text[sizeof(users)] = "";
	int fd = spool.fd;

	(void)state;
	assert_int_equal(pwrite(fd, users, sizeof(users), 0), sizeof(users));
	assert_false(radius_spool_open(&spool, dup(fd)));
	assert_int_equal(put(1), RADIUS_SPOOL_NONE);
	assert_int_equal(pread(fd, text, sizeof(text), 0), sizeof(text));
	assert_string_equal(text, users);
	close(fd);
}

static void does_without(void **state)
{
	(void)state;
	close(spool.fd);
	assert_true(radius_spool_open(&spool, -1));
	assert_int_equal(put(1), RADIUS_SPOOL_NONE);
	assert_int_equal(count(), 0);
	radius_spool_drop(&spool, 0);
	radius_spool_drop(&spool, RADIUS_SPOOL_NONE);
}

#define TEST(name)	cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(comes_out_again),
		TEST(leaves_nothing_behind),
		TEST(is_bounded),
		TEST(reads_only_records),
		TEST(sees_damage),
		TEST(sets_damage_aside),
		TEST(reads_no_nonsense),
		TEST(is_full),
		TEST(leaves_others_alone),
		TEST(does_without),
	};

	log_init("test", LOG_TO_STDERR, LOG_EMERG);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
