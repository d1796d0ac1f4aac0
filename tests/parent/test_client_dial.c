// SPDX-License-Identifier: GPL-2.0-or-later
/* Where a client's connection leads, whatever its engine says. */
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/log.h"
#include "parent/client_dial.h"
#include "parent/client_rules.h"
#include "parent/table.h"
#include "parent/tunnel.h"

static struct conf conf;

static struct sockaddr_storage host(const char *text)
{
	struct sockaddr_storage ss = { .ss_family = AF_INET };
	struct sockaddr_in *sin = (struct sockaddr_in *)&ss;

	sin->sin_port = htons(443);
	assert_int_equal(inet_pton(AF_INET, text, &sin->sin_addr), 1);
	return ss;
}

static void dial(const char *text)
{
	struct msg_resolved m = { .n = 1, .addrs[0] = host(text) };
	struct msg_dialled answer;
	int fd;

	client_dial_resolved(&m);
	fd = client_dial_socket(&(struct msg_dial){ .client = 0 }, false, false,
				&answer);
	/* Without the right to mark it there is none. */
	if (fd >= 0)
		close(fd);
}

static void only_what_was_dialled(void **state)
{
	struct sockaddr_storage server = host("127.0.0.1"), other = host("192.0.2.1");

	(void)state;
	dial("127.0.0.1");
	assert_true(client_dial_is_to(0, &server));
	assert_false(client_dial_is_to(0, &other));
	/* Nobody knows: nothing is laid for that. */
	other.ss_family = AF_UNSPEC;
	client_dial_resume(0, &other);
	assert_true(client_dial_is_to(0, &server));
}

/* The tunnel cannot be made here, but what is kept of the request is decided first. */
static void what_an_engine_says_of_its_peer(void **state)
{
	struct entry e = { .sock = -1, .tun = -1, .session_fd = -1 };
	struct msg_path_open req = { .kind = MSG_PATH_KERNEL, .tcp_peer = host("192.0.2.1") };
	struct nl_err err;
	int fd;

	(void)state;
	dial("127.0.0.1");
	assert_int_equal(tunnel_up(&e, &req, &fd, &err), -1);
	assert_int_equal(e.tcp_peer.ss_family, AF_UNSPEC);
	req.tcp_peer = host("127.0.0.1");
	assert_int_equal(tunnel_up(&e, &req, &fd, &err), -1);
	assert_int_equal(e.tcp_peer.ss_family, AF_INET);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_what_was_dialled),
		cmocka_unit_test(what_an_engine_says_of_its_peer),
	};

	log_init("test", LOG_TO_STDERR, LOG_EMERG);
	conf.n_clients = 1;
	strcpy(conf.clients[0].name, "home");
	tunnel_init(&conf);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
