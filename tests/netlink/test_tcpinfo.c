// SPDX-License-Identifier: GPL-2.0-or-later
/* struct tcp_info of kernels that are older or newer than the one of its header. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <linux/tcp.h>

#include "netlink/tcpinfo.h"

static struct tcp_info some_info(void)
{
	struct tcp_info info;

	memset(&info, 0, sizeof(info));
	info.tcpi_rtt = 12345;
	info.tcpi_rttvar = 67;
	info.tcpi_min_rtt = 1200;
	info.tcpi_total_retrans = 8;
	info.tcpi_snd_cwnd = 10;
	info.tcpi_notsent_bytes = 4096;
	info.tcpi_delivery_rate = 1ULL << 40;
	return info;
}

static void a_newer_kernel(void **state)
{
	struct tcp_info info = some_info();
	uint8_t longer[sizeof(info) + 64];
	struct tcpinfo tcp;

	(void)state;
	memset(longer, 0xff, sizeof(longer));
	memcpy(longer, &info, sizeof(info));
	tcpinfo_take(longer, sizeof(longer), &tcp);
	assert_int_equal(tcp.rtt_us, 12345);
	assert_int_equal(tcp.rtt_var_us, 67);
	assert_int_equal(tcp.min_rtt_us, 1200);
	assert_int_equal(tcp.retransmits, 8);
	assert_int_equal(tcp.cwnd, 10);
	assert_int_equal(tcp.unsent, 4096);
	assert_true(tcp.delivery_rate == 1ULL << 40);
}

static void an_older_kernel(void **state)
{
	struct tcp_info info = some_info();
	struct tcpinfo tcp;

	(void)state;
	tcpinfo_take(&info, offsetof(struct tcp_info, tcpi_notsent_bytes), &tcp);
	assert_int_equal(tcp.rtt_us, 12345);
	assert_int_equal(tcp.min_rtt_us, 0);
	assert_int_equal(tcp.unsent, 0);
	assert_true(tcp.delivery_rate == 0);
	tcpinfo_take(&info, 0, &tcp);
	assert_int_equal(tcp.rtt_us, 0);
}

static void no_round_trip_yet(void **state)
{
	struct tcp_info info = { .tcpi_min_rtt = UINT32_MAX };
	struct tcpinfo tcp;

	(void)state;
	tcpinfo_take(&info, sizeof(info), &tcp);
	assert_int_equal(tcp.min_rtt_us, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_newer_kernel),
		cmocka_unit_test(an_older_kernel),
		cmocka_unit_test(no_round_trip_yet),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
