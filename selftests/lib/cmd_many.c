// SPDX-License-Identifier: GPL-2.0-or-later
/* Many sessions at once, all of them with traffic, and what they cost. */
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ktls.h"
#include "net.h"
#include "script.h"

#define MANY_MAX	4096
#define FRAME_HDR	8	/* SSTP, FF 03, PPP protocol */
#define IP_HDR		20
#define UDP_HDR		8
#define ECHO_PORT	7
#define ECHO_LEN	1400	/* the IP packet */
#define ECHOES		12	/* in one burst: more than one record */
#define SETTLED_MS	1000

/**
 * struct many - sessions, and their peers
 * @session: session fds, of the sessions' owner
 * @sock: kTLS sockets of the peers
 */
struct many {
	struct script *script;
	unsigned int count;
	int session[MANY_MAX];
	int sock[MANY_MAX];
};

static void put16(uint8_t *p, unsigned int v)
{
	p[0] = v >> 8;
	p[1] = v;
}

/*
 * A packet of peer @i: from 10.64.0.0 + @i to port 7 of 10.77.0.1. Its payload says
 * whose it is, and which.
 */
static void build_packet(uint8_t *frame, unsigned int i, uint16_t seq)
{
	uint8_t *ip = frame + FRAME_HDR, *udp = ip + IP_HDR;
	size_t len = ECHO_LEN;

	memset(frame, 0, FRAME_HDR + len);
	memcpy(frame, (uint8_t[]){ 0x10, 0, 0, 0, 0xff, 3, 0, 0x21 }, FRAME_HDR);
	put16(frame + 2, FRAME_HDR + len);
	ip[0] = 0x45;
	put16(ip + 2, len);
	put16(ip + 4, seq);
	ip[8] = 64;
	ip[9] = IPPROTO_UDP;
	memcpy(ip + 12, (uint8_t[]){ 10, 64, i >> 8, i, 10, 77, 0, 1 }, 8);
	put16(ip + 10, wire_fold(wire_sum(ip, IP_HDR, 0)));
	put16(udp, 40000);
	put16(udp + 2, ECHO_PORT);
	put16(udp + 4, len - IP_HDR);
	put16(udp + UDP_HDR, i);
	put16(udp + UDP_HDR + 2, seq);
	for (size_t k = IP_HDR + UDP_HDR + 4; k < len; k++)
		ip[k] = k * 7 + i + seq;
	put16(udp + 6, wire_l4_check(ip, len));
}

/* The same payload, to the peer, by the port it was sent to. */
static bool is_reply(const uint8_t *frame, unsigned int i, uint16_t seq)
{
	uint8_t want[FRAME_HDR + ECHO_LEN];
	size_t ip = FRAME_HDR, payload = FRAME_HDR + IP_HDR + UDP_HDR;

	build_packet(want, i, seq);
	return frame[ip + 9] == IPPROTO_UDP && !wire_l4_check(frame + ip, ECHO_LEN) &&
	       !memcmp(frame + ip + 16, want + ip + 12, 4) &&
	       !memcmp(frame + payload, want + payload, sizeof(want) - payload);
}

/* A process that sends back what comes, in the namespace of the sessions. */
static pid_t start_echo(struct script *s)
{
	struct sockaddr_in addr = {
		.sin_family = AF_INET, .sin_port = htons(ECHO_PORT),
		.sin_addr.s_addr = inet_addr("10.77.0.1"),
	};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), room = 256 << 20;
	socklen_t len = sizeof(addr);
	uint8_t packet[ECHO_LEN];
	ssize_t n;
	pid_t pid;

	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room));
	if (bind(fd, (struct sockaddr *)&addr, sizeof(addr)) < 0)
		return script_fail(s, "echo: %s", strerror(errno));
	pid = fork();
	while (!pid) {
		n = recvfrom(fd, packet, sizeof(packet), 0, (struct sockaddr *)&addr, &len);
		if (n > 0)
			sendto(fd, packet, n, 0, (struct sockaddr *)&addr, len);
	}
	close(fd);
	return pid;
}

static int open_many(struct many *m, struct end *owner, struct end *peer, const char *device)
{
	struct script *s = m->script;

	for (unsigned int i = 0; i < m->count; i++) {
		if (script_do(s, "connect %s %s port=4432", owner->name, peer->name) ||
		    script_do(s, "%s attach %s%u", owner->name, device, i))
			return -1;
		m->session[i] = owner->session;
		m->sock[i] = peer->sock;
		owner->session = peer->sock = -1;
	}
	return 0;
}

static int send_burst(struct many *m, unsigned int i, uint16_t seq)
{
	uint8_t burst[ECHOES * (FRAME_HDR + ECHO_LEN)];
	ssize_t n;

	for (unsigned int k = 0; k < ECHOES; k++)
		build_packet(burst + k * (FRAME_HDR + ECHO_LEN), i, seq + k);
	for (size_t at = 0; at < sizeof(burst); at += n) {
		size_t left = sizeof(burst) - at;

		n = ktls_send(m->sock[i], KTLS_DATA, burst + at,
			      left < KTLS_RECORD_MAX ? left : KTLS_RECORD_MAX);
		if (n < 0)
			return script_fail(m->script, "session %u: send: %s", i,
					   strerror(-n));
	}
	return 0;
}

/* All replies, in order, and nothing else. */
static int take_burst(struct many *m, unsigned int i, uint16_t seq)
{
	uint8_t burst[ECHOES * (FRAME_HDR + ECHO_LEN)], type;
	size_t have = 0;
	ssize_t n;

	while (have < sizeof(burst)) {
		if (net_wait(m->sock[i], POLLIN, m->script->timeout_ms) <= 0)
			return script_fail(m->script, "session %u: %zu bytes of %zu came",
					   i, have, sizeof(burst));
		n = ktls_recv(m->sock[i], &type, burst + have, sizeof(burst) - have);
		if (n <= 0 || type != KTLS_DATA)
			return script_fail(m->script, "session %u: receive: %zd, type %u",
					   i, n, type);
		have += n;
	}
	for (unsigned int k = 0; k < ECHOES; k++) {
		if (!is_reply(burst + k * (FRAME_HDR + ECHO_LEN), i, seq + k))
			return script_fail(m->script, "session %u: packet %u is not the reply",
					   i, seq + k);
	}
	return 0;
}

/* All of them send, then all of them look for what comes back. */
static int traffic(struct many *m, uint32_t rounds)
{
	for (uint32_t round = 0; round < rounds; round++) {
		for (unsigned int i = 0; i < m->count; i++) {
			if (send_burst(m, i, round * ECHOES))
				return -1;
		}
		for (unsigned int i = 0; i < m->count; i++) {
			if (take_burst(m, i, round * ECHOES))
				return -1;
		}
	}
	return 0;
}

static long available_kb(void)
{
	FILE *f = fopen("/proc/meminfo", "r");
	char line[128];
	long kb = -1;

	while (f && kb < 0 && fgets(line, sizeof(line), f))
		sscanf(line, "MemAvailable: %ld", &kb);
	if (f)
		fclose(f);
	return kb;
}

/* "WHAT=N", in KiB for each session, since @before */
static void report(const struct many *m, const char *what, long before)
{
	printf(" %s=%ld", what, (before - available_kb()) / (long)m->count);
	fflush(stdout);
}

/*
 * What a session held comes back in its own time, RCU's and TCP's: wait until no more
 * does, but for what is less than 1 KiB of each.
 */
static void settle(const struct many *m)
{
	long most = available_kb(), now;
	int64_t since = net_now_ms();

	while (net_now_ms() < since + SETTLED_MS) {
		poll(NULL, 0, SETTLED_MS / 10);
		now = available_kb();
		if (now > most + (long)m->count) {
			most = now;
			since = net_now_ms();
		}
	}
}

static void close_many(struct many *m)
{
	for (unsigned int i = 0; i < m->count; i++) {
		if (m->session[i] >= 0)
			close(m->session[i]);
		if (m->sock[i] >= 0)
			close(m->sock[i]);
	}
}

static int cmd_many(struct script *s, struct end *end, int argc, char **argv)
{
	static struct many m;
	struct end *peer = argc > 1 ? script_end(s, argv[0]) : NULL;
	struct rlimit files = { 2 * MANY_MAX + 100, 2 * MANY_MAX + 100 };
	uint32_t count = 1000, rounds = 3;
	long before;
	pid_t echo;
	int rc;

	if (!peer || script_option_uint(s, argc, argv, "count", &count) ||
	    script_option_uint(s, argc, argv, "rounds", &rounds) || count > MANY_MAX)
		return script_fail(s, "many: an end and the devices' name must follow");
	setrlimit(RLIMIT_NOFILE, &files);
	m.script = s;
	m.count = count;
	memset(m.session, -1, sizeof(m.session));
	memset(m.sock, -1, sizeof(m.sock));
	echo = start_echo(s);
	if (echo < 0)
		return -1;
	before = available_kb();
	printf("many");
	fflush(stdout);
	rc = open_many(&m, end, peer, argv[1]);
	if (!rc) {
		report(&m, "idle-kib", before);
		rc = traffic(&m, rounds);
		report(&m, "after-traffic-kib", before);
	}
	close_many(&m);
	kill(echo, SIGKILL);
	waitpid(echo, NULL, 0);
	settle(&m);
	report(&m, "closed-kib", before);
	printf("\n");
	return rc;
}

const struct command cmd_many_table[] = {
	{ "many", true, cmd_many, "PEER DEVICES [count=N] [rounds=N]" },
	{ 0 },
};
