// SPDX-License-Identifier: GPL-2.0-or-later
/* Accounting records outlive the process that was to send them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/log.h"
#include "lib/loop.h"
#include "parent/ledger.h"

static struct child radius;
static int other_end;

static void on_message(void *ctx, struct imsg *m, const char *why)
{
	(void)ctx;
	(void)m;
	(void)why;
}

static void begins(void)
{
	int fds[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds), 0);
	radius.chan = imsg_open(fds[0], msg_rules, MSG_TYPES, MSG_RADIUS, on_message, NULL);
	other_end = fds[1];
}

static void dies(void)
{
	imsg_close(radius.chan);
	radius.chan = NULL;
	close(other_end);
}

static void happens(enum msg_acct_kind kind, uint32_t id)
{
	ledger_send(&radius, &(struct msg_acct){ .id = id, .kind = kind, .user = "alice" }, 0);
}

static void taken(enum msg_acct_kind kind, uint32_t id)
{
	ledger_taken(&(struct msg_acct_taken){ .id = id, .kind = kind });
}

/* The next message is that one; @id 0: there is none. */
static void assert_comes(enum msg_acct_kind kind, uint32_t id)
{
	struct {
		struct imsg_hdr hdr;
		struct msg_acct acct;
	} in;
	ssize_t len = recv(other_end, &in, sizeof(in), MSG_DONTWAIT);

	assert_int_equal(len < 0, !id);
	if (!id)
		return;
	assert_int_equal(in.hdr.type, MSG_ACCT);
	assert_int_equal(in.acct.kind, kind);
	assert_int_equal(in.acct.id, id);
}

static int tear_down(void **state)
{
	(void)state;
	ledger_exit(false);
	return 0;
}

static void unread(void **state)
{
	(void)state;
	begins();
	happens(MSG_ACCT_START, 1);
	happens(MSG_ACCT_STOP, 1);
	dies();
	begins();
	ledger_again(&radius);
	assert_comes(MSG_ACCT_START, 1);
	assert_comes(MSG_ACCT_STOP, 1);
	assert_comes(0, 0);
	taken(MSG_ACCT_START, 1);
	dies();
	begins();
	ledger_again(&radius);
	assert_comes(MSG_ACCT_STOP, 1);
	taken(MSG_ACCT_STOP, 1);
	ledger_again(&radius);
	assert_comes(0, 0);
	dies();
}

static void nobody_there(void **state)
{
	(void)state;
	happens(MSG_ACCT_START, 1);
	happens(MSG_ACCT_INTERIM, 1);
	happens(MSG_ACCT_STOP, 1);
	ledger_again(&radius);
	begins();
	ledger_again(&radius);
	assert_comes(MSG_ACCT_START, 1);
	assert_comes(MSG_ACCT_STOP, 1);
	assert_comes(0, 0);
	dies();
}

static void unknown(void **state)
{
	(void)state;
	happens(MSG_ACCT_STOP, 1);
	taken(MSG_ACCT_STOP, 2);
	taken(MSG_ACCT_START, 1);
	begins();
	ledger_again(&radius);
	assert_comes(MSG_ACCT_STOP, 1);
	taken(MSG_ACCT_STOP, 1);
	taken(MSG_ACCT_STOP, 1);
	dies();
}

static void bounded(void **state)
{
	(void)state;
	for (uint32_t id = 1; id <= LEDGER_MAX + 1; id++)
		happens(MSG_ACCT_STOP, id);
	for (uint32_t id = 1; id < LEDGER_MAX; id++)
		taken(MSG_ACCT_STOP, id);
	begins();
	ledger_again(&radius);
	assert_comes(MSG_ACCT_STOP, LEDGER_MAX);
	assert_comes(0, 0);
	dies();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(unread, tear_down),
		cmocka_unit_test_teardown(nobody_there, tear_down),
		cmocka_unit_test_teardown(unknown, tear_down),
		cmocka_unit_test_teardown(bounded, tear_down),
	};

	loop_init();
	log_init("test", LOG_TO_STDERR, -1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
