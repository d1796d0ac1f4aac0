// SPDX-License-Identifier: GPL-2.0-or-later
/* Commands that put packets into a device and see what it hands up. */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "check.h"
#include "ktls.h"
#include "net.h"
#include "script.h"
#include "segments.h"

#define PPP_FRAME	8	/* SSTP header, FF 03, protocol */

#ifndef UDP_SEGMENT
#define UDP_SEGMENT	103
#endif

static int packet_socket(unsigned int ifindex, bool vnet)
{
	struct sockaddr_ll ll = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(ETH_P_ALL),
		.sll_ifindex = ifindex,
	};
	int fd, one = 1, room = 64 << 20;

	/*
	 * Only raw sockets have PACKET_VNET_HDR; the devices have no header. With no
	 * protocol, nothing arrives, from any device, before bind() says which.
	 */
	fd = socket(AF_PACKET, (vnet ? SOCK_RAW : SOCK_DGRAM) | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	/* What waits in the device's queue must not block us, nor arrivals be lost. */
	setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &room, sizeof(room));
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room));
	if (vnet && setsockopt(fd, SOL_PACKET, PACKET_VNET_HDR, &one, sizeof(one)))
		goto err;
	if (!vnet && setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &one, sizeof(one)))
		goto err;
	if (!vnet && bind(fd, (struct sockaddr *)&ll, sizeof(ll)))
		goto err;
	return fd;

err:
	one = -errno;
	close(fd);
	return one;
}

static int cmd_tap(struct script *s, struct end *end, int argc, char **argv)
{
	end->tap_ifindex = argc ? if_nametoindex(argv[0]) : 0;
	if (!end->tap_ifindex)
		return script_fail(s, "no interface \"%s\" here", argc ? argv[0] : "");
	if (end->tap >= 0)
		close(end->tap);
	end->tap = packet_socket(end->tap_ifindex, false);
	if (end->tap < 0)
		return script_fail(s, "packet socket: %s", strerror(-end->tap));
	return 0;
}

static int need_tap(struct script *s, const struct end *end)
{
	return end->tap >= 0 ? 0 : script_fail(s, "%s has no tap", end->name);
}

static int transmit(struct script *s, const struct end *end, int fd, bool v6,
		    const struct wire_buf *buf)
{
	struct sockaddr_ll ll = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(v6 ? ETH_P_IPV6 : ETH_P_IP),
		.sll_ifindex = end->tap_ifindex,
	};

	if (sendto(fd, buf->data, buf->len, 0, (struct sockaddr *)&ll, sizeof(ll)) < 0)
		return script_fail(s, "transmit of %zu bytes: %s", buf->len,
				   strerror(errno));
	return 0;
}

static int cmd_put(struct script *s, struct end *end, int argc, char **argv)
{
	struct wire_buf buf = { 0 };
	uint32_t times = 1;
	int rc;

	rc = need_tap(s, end) || script_option_uint(s, argc, argv, "times", &times) ||
	     script_bytes(s, argc, argv, &buf);
	while (!rc && times--)
		rc = transmit(s, end, end->tap, buf.len && buf.data[0] >> 4 == 6, &buf);
	wire_free(&buf);
	return rc ? -1 : 0;
}

static int cmd_get_packet(struct script *s, struct end *end, int argc, char **argv)
{
	static uint8_t got[65536];
	struct wire_buf want = { 0 };
	ssize_t n;
	int rc;

	rc = need_tap(s, end) || script_bytes(s, argc, argv, &want);
	if (!rc && net_wait(end->tap, POLLIN, s->timeout_ms) <= 0)
		rc = script_fail(s, "no packet within %d ms", s->timeout_ms);
	if (rc)
		goto out;
	n = recv(end->tap, got, sizeof(got), 0);
	if (n < 0)
		rc = script_fail(s, "packet socket: %s", strerror(errno));
	else
		rc = script_compare(s, "packet", want.data, want.len, got, n);
out:
	wire_free(&want);
	return rc ? -1 : 0;
}

/* Among the packets, of that IP version, is one longer than BYTES: segments were merged. */
static int cmd_merged(struct script *s, struct end *end, int argc, char **argv)
{
	static uint8_t got[65536];
	ssize_t n, longest = 0;

	if (need_tap(s, end) || argc < 1)
		return script_fail(s, "merged: needs a tap and a length");
	while (net_wait(end->tap, POLLIN, 100) > 0) {
		n = recv(end->tap, got, sizeof(got), MSG_TRUNC);
		if (n > longest && (argc == 1 || got[0] >> 4 == atoi(argv[1])))
			longest = n;
	}
	if (longest < atoi(argv[0]))
		return script_fail(s, "the longest packet had %zd bytes", longest);
	return 0;
}

static int cmd_no_packet(struct script *s, struct end *end, int argc, char **argv)
{
	if (need_tap(s, end))
		return -1;
	if (net_wait(end->tap, POLLIN, argc ? atoi(argv[0]) : 200) != 0)
		return script_fail(s, "a packet came");
	return 0;
}

static int parse_spec(struct script *s, int argc, char **argv, struct seg_spec *spec)
{
	const char *flags = script_option(argc, argv, "flags", "");
	uint32_t mss = 1000, len = 5000, seed = 0;

	if (script_option_uint(s, argc, argv, "mss", &mss) ||
	    script_option_uint(s, argc, argv, "len", &len) ||
	    script_option_uint(s, argc, argv, "seed", &seed))
		return -1;
	spec->v6 = argc && argv[0][3] == '6';
	spec->mss = mss;
	spec->len = len;
	spec->seed = seed;
	spec->flags = (strstr(flags, "psh") ? SEG_PSH : 0) |
		      (strstr(flags, "fin") ? SEG_FIN : 0) |
		      (strstr(flags, "cwr") ? SEG_CWR : 0);
	if (!mss || !len || len > 65400)
		return script_fail(s, "mss and len: 1 to 65400");
	return 0;
}

/* Hand one TCP super-packet to the device of the tap. */
static int cmd_gso(struct script *s, struct end *end, int argc, char **argv)
{
	struct wire_buf buf = { 0 };
	struct seg_spec spec;
	int fd, rc;

	if (need_tap(s, end) || parse_spec(s, argc, argv, &spec))
		return -1;
	fd = packet_socket(end->tap_ifindex, true);
	if (fd < 0)
		return script_fail(s, "packet socket: %s", strerror(-fd));
	seg_build_super(&spec, &buf);
	rc = transmit(s, end, fd, spec.v6, &buf);
	wire_free(&buf);
	close(fd);
	return rc;
}

/* One packet off the far end's stream: its length within end->rx, or -1. */
static int next_frame(struct script *s, struct end *end)
{
	static uint8_t chunk[65536];
	uint8_t type;
	ssize_t n;
	int len;

	if (end->sock < 0)
		return script_fail(s, "%s has no socket in userspace", end->name);
	while ((len = wire_packet_len(end->rx.data, end->rx.len)) == 0) {
		if (net_wait(end->sock, POLLIN, s->timeout_ms) <= 0)
			return script_fail(s, "no packet within %d ms", s->timeout_ms);
		n = ktls_recv(end->sock, &type, chunk, sizeof(chunk));
		if (n <= 0 || type != KTLS_DATA)
			return script_fail(s, "the stream ended or is no data");
		wire_add(&end->rx, chunk, n);
	}
	return len < 0 ? script_fail(s, "the stream is not SSTP") : len;
}

/* The frames of the super-packet that "gso" with the same arguments sent. */
static int cmd_segments(struct script *s, struct end *end, int argc, char **argv)
{
	static uint8_t want[PPP_FRAME + 65536];
	struct seg_spec spec;

	if (parse_spec(s, argc, argv, &spec))
		return -1;
	for (size_t i = 0; i < seg_count(&spec); i++) {
		size_t len = PPP_FRAME + seg_build(&spec, i, want + PPP_FRAME);
		const uint8_t hdr[PPP_FRAME] = { 0x10, 0, len >> 8, len, 0xff, 3, 0,
						 spec.v6 ? 0x57 : 0x21 };
		char what[32];
		int got;

		memcpy(want, hdr, sizeof(hdr));
		snprintf(what, sizeof(what), "segment %zu", i);
		got = next_frame(s, end);
		if (got < 0 ||
		    script_compare(s, what, want, len, end->rx.data, got))
			return -1;
		wire_pull(&end->rx, got);
	}
	return 0;
}

static uint8_t udp_byte(size_t i)
{
	return i * 13 + (i >> 8);
}

/* One sendmsg() of "len" bytes that the stack cuts into datagrams of "mss". */
static int cmd_udp_gso(struct script *s, struct end *end, int argc, char **argv)
{
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6, .sin6_port = htons(9) };
	struct sockaddr_in v4 = { .sin_family = AF_INET, .sin_port = htons(9) };
	bool is_v6 = argc && inet_pton(AF_INET6, argv[0], &v6.sin6_addr) == 1;
	uint8_t payload[65536];
	struct seg_spec spec;
	int fd, mss, rc = 0;

	(void)end;
	if (parse_spec(s, argc, argv, &spec))
		return -1;
	if (!is_v6 && inet_pton(AF_INET, argv[0], &v4.sin_addr) != 1)
		return script_fail(s, "udp-gso: an address must follow");
	for (size_t i = 0; i < spec.len; i++)
		payload[i] = udp_byte(i);
	mss = spec.mss;
	fd = socket(is_v6 ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || setsockopt(fd, IPPROTO_UDP, UDP_SEGMENT, &mss, sizeof(mss)) ||
	    sendto(fd, payload, spec.len, 0,
		   is_v6 ? (struct sockaddr *)&v6 : (struct sockaddr *)&v4,
		   is_v6 ? sizeof(v6) : sizeof(v4)) < 0)
		rc = script_fail(s, "UDP_SEGMENT: %s", strerror(errno));
	if (fd >= 0)
		close(fd);
	return rc;
}

/* The datagrams of "udp-gso" with the same arguments. */
static int cmd_datagrams(struct script *s, struct end *end, int argc, char **argv)
{
	bool v6 = argc && strchr(argv[0], ':');
	size_t skip = PPP_FRAME + (v6 ? 40 : 20) + 8;
	struct check check = { 0 };
	struct seg_spec spec;

	if (parse_spec(s, argc, argv, &spec))
		return -1;
	for (size_t at = 0; at < spec.len; at += spec.mss) {
		size_t want = spec.len - at < spec.mss ? spec.len - at : spec.mss;
		int got = next_frame(s, end);

		if (got < 0)
			return -1;
		if ((size_t)got != skip + want)
			return script_fail(s, "a packet of %d bytes, expected %zu", got,
					   skip + want);
		for (size_t i = 0; i < want; i++) {
			if (end->rx.data[skip + i] != udp_byte(at + i))
				return script_fail(s, "payload differs at byte %zu",
						   at + i);
		}
		check_packet(&check, v6, end->rx.data + PPP_FRAME, got - PPP_FRAME);
		wire_pull(&end->rx, got);
	}
	if (check.bad_ip || check.bad_sum)
		return script_fail(s, "%llu wrong headers, %llu wrong checksums",
				   (unsigned long long)check.bad_ip,
				   (unsigned long long)check.bad_sum);
	return 0;
}

const struct command cmd_tap_table[] = {
	{ "tap", true, cmd_tap, "DEV" },
	{ "put", true, cmd_put, "[times=N] WORDS" },
	{ "packet", true, cmd_get_packet, "WORDS" },
	{ "merged", true, cmd_merged, "BYTES [4|6]" },
	{ "no-packet", true, cmd_no_packet, "[MS]" },
	{ "gso", true, cmd_gso, "tcp4|tcp6 [mss=N] [len=N] [seed=N] [flags=F,F]" },
	{ "segments", true, cmd_segments,
	  "tcp4|tcp6 [mss=N] [len=N] [seed=N] [flags=F,F]" },
	{ "udp-gso", true, cmd_udp_gso, "ADDR [mss=N] [len=N]" },
	{ "datagrams", true, cmd_datagrams, "ADDR [mss=N] [len=N]" },
	{ 0 },
};
