// SPDX-License-Identifier: GPL-2.0-or-later
/* Challenges that are good once, and numbers of sessions. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "parent/challenge.h"

static struct auth_request answer_to(const uint8_t challenge[MSCHAP_CHALLENGE_LEN])
{
	struct auth_request req = { .method = AUTH_MSCHAPV2 };

	memcpy(req.auth_challenge, challenge, MSCHAP_CHALLENGE_LEN);
	return req;
}

static void good_once(void **state)
{
	uint8_t one[MSCHAP_CHALLENGE_LEN], two[MSCHAP_CHALLENGE_LEN];
	struct auth_request req;

	(void)state;
	assert_true(challenge_new(7, one));
	req = answer_to(one);
	assert_false(challenge_use(8, &req));
	assert_true(challenge_use(7, &req));
	assert_false(challenge_use(7, &req));
	/* A new one takes the place of the old one, which a wrong answer uses up, too. */
	assert_true(challenge_new(7, one));
	assert_true(challenge_new(7, two));
	assert_memory_not_equal(one, two, sizeof(one));
	req = answer_to(one);
	assert_false(challenge_use(7, &req));
	req = answer_to(two);
	assert_false(challenge_use(7, &req));
	assert_int_equal(challenge_count(), 0);
}

static void chap_md5(void **state)
{
	struct auth_request req = { .method = AUTH_CHAP_MD5 };
	uint8_t one[MSCHAP_CHALLENGE_LEN];

	(void)state;
	assert_true(challenge_new(7, one));
	memcpy(req.md5.challenge, one, sizeof(one));
	req.md5.len = sizeof(one);
	assert_true(challenge_use(7, &req));
	/* Part of it is not it. */
	assert_true(challenge_new(7, req.md5.challenge));
	req.md5.len = 1;
	assert_false(challenge_use(7, &req));
}

static void goes_with_the_session(void **state)
{
	uint8_t one[MSCHAP_CHALLENGE_LEN];
	struct auth_request req;

	(void)state;
	for (uint32_t id = 1; id <= 6; id++)
		assert_true(challenge_new(id, one));
	challenge_drop(6);
	req = answer_to(one);
	assert_false(challenge_use(6, &req));
	/* 1, 3, 5 */
	challenge_drop_engine(0, 2);
	assert_int_equal(challenge_count(), 2);
	challenge_drop_engine(1, 2);
	assert_int_equal(challenge_count(), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_once),
		cmocka_unit_test(chap_md5),
		cmocka_unit_test(goes_with_the_session),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
