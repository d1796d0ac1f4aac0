// SPDX-License-Identifier: GPL-2.0-or-later
/* What of the peer's IP packets the TUN path gives to its device: a socket, here. */
#include "rig/link_rig.h"

#include <sys/socket.h>
#include <unistd.h>

#include "engine/path.h"
#include "lib/loop.h"
#include "ppp/ppp_pkt.h"

#define IPV4	"45 00 0014 00000000 40110000 0a580002 0a580001"
#define IPV6	"60000000 00001140 fd000000 00000000 00000000 00000002" \
		"fd000000 00000000 00000000 00000001"

static const struct path_events no_events;
static struct path *path;
static int device;

static int setup(void **state)
{
	int fds[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, fds), 0);
	device = fds[0];
	path = path_tun_new(fds[1], NULL, 1400, &no_events, NULL);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	path->ops->free(path);
	close(device);
	return 0;
}

static void input(uint16_t proto, const char *hex)
{
	size_t len;
	uint8_t *ip = unhex(hex, &len);

	path->ops->ip_input(path, proto, ip, len);
	free(ip);
}

/* The device got this packet and no other; "" is: none. */
static void expect(const char *hex)
{
	uint8_t got[100];
	size_t len;
	uint8_t *want = unhex(hex, &len);

	if (len) {
		assert_int_equal(read(device, got, sizeof(got)), len);
		assert_memory_equal(got, want, len);
	}
	assert_int_equal(read(device, got, sizeof(got)), -1);
	free(want);
}

static void what_is_up_passes(void **state)
{
	(void)state;
	path->ops->protocols(path, true, true);
	input(PPP_PROTO_IP, IPV4);
	expect(IPV4);
	input(PPP_PROTO_IPV6, IPV6);
	expect(IPV6);
}

static void what_is_not_up_is_dropped(void **state)
{
	(void)state;
	input(PPP_PROTO_IP, IPV4);
	input(PPP_PROTO_IPV6, IPV6);
	expect("");
	path->ops->protocols(path, true, false);
	input(PPP_PROTO_IPV6, IPV6);
	expect("");
	path->ops->protocols(path, false, true);
	input(PPP_PROTO_IP, IPV4);
	expect("");
}

/* The device goes by the version: it would take the one for the other. */
static void another_version_is_dropped(void **state)
{
	(void)state;
	path->ops->protocols(path, true, true);
	input(PPP_PROTO_IP, IPV6);
	input(PPP_PROTO_IPV6, IPV4);
	input(PPP_PROTO_IP, "00 00 0014 00000000 40110000 0a580002 0a580001");
	input(PPP_PROTO_IP, "");
	expect("");
	/* In its number it is that of a protocol that is up. */
	path->ops->protocols(path, true, false);
	input(PPP_PROTO_IP, IPV6);
	expect("");
}

/* Lengths are for the stack to judge: it is given what came, and not a byte more. */
static void lengths_are_left_to_the_stack(void **state)
{
	(void)state;
	path->ops->protocols(path, true, true);
	input(PPP_PROTO_IP, "45 00 ffff 00000000 40110000 0a580002 0a580001");
	expect("45 00 ffff 00000000 40110000 0a580002 0a580001");
	input(PPP_PROTO_IP, "4500");
	expect("4500");
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(what_is_up_passes), T(what_is_not_up_is_dropped),
		T(another_version_is_dropped), T(lengths_are_left_to_the_stack),
	};

	loop_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
