// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How long nothing is forwarded: the client sends a packet each millisecond, at the
 * highest priority; the server, told to end by SIGTERM, prints the longest time
 * between two that arrived, the longest that one was on its way, both in ms by the
 * kernel's clock, and how many of how many are missing.
 *
 *	udp-gap -s|-c ADDR [-p PORT]
 */
#include <arpa/inet.h>
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define EVERY_NS	1000000
#define SECOND_NS	1000000000LL

struct packet {
	int64_t number;
	int64_t sent_ns;
};

static volatile sig_atomic_t told;

static void on_term(int sig)
{
	(void)sig;
	told = 1;
}

static _Noreturn void die(const char *what)
{
	fprintf(stderr, "udp-gap: %s: %s\n", what, strerror(errno));
	exit(1);
}

static int64_t ns_of(const struct timespec *t)
{
	return t->tv_sec * SECOND_NS + t->tv_nsec;
}

/* ---- client ------------------------------------------------------------------------ */

static void send_all(int fd)
{
	struct packet packet = { 0 };
	struct timespec at, now;

	clock_gettime(CLOCK_MONOTONIC, &at);
	while (!told) {
		clock_gettime(CLOCK_REALTIME, &now);
		packet.sent_ns = ns_of(&now);
		/* What finds no room is one of those that are missing. */
		if (send(fd, &packet, sizeof(packet), 0) < 0 && errno != ENOBUFS &&
		    errno != ECONNREFUSED && errno != EINTR)
			die("send");
		packet.number++;
		at.tv_nsec += EVERY_NS;
		at.tv_sec += at.tv_nsec / SECOND_NS;
		at.tv_nsec %= SECOND_NS;
		clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL);
	}
}

/* ---- server ------------------------------------------------------------------------ */

/* Return: when it arrived, whenever we get round to it; -1 if we are told to end. */
static int64_t receive(int fd, struct packet *packet)
{
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof(struct timespec))];
	} control;
	struct iovec iov = { packet, sizeof(*packet) };
	struct msghdr msg = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control.bytes,
		.msg_controllen = sizeof(control.bytes),
	};
	struct timespec arrived;

	while (recvmsg(fd, &msg, 0) != sizeof(*packet)) {
		if (told)
			return -1;
		if (errno != EAGAIN && errno != EINTR)
			die("recvmsg");
	}
	if (!CMSG_FIRSTHDR(&msg))
		die("no timestamp");
	memcpy(&arrived, CMSG_DATA(CMSG_FIRSTHDR(&msg)), sizeof(arrived));
	return ns_of(&arrived);
}

static void receive_all(int fd)
{
	int64_t at, last = 0, gap = 0, delay = 0, first = -1, n = 0;
	struct packet packet = { 0 };

	while ((at = receive(fd, &packet)) >= 0) {
		if (first < 0)
			first = packet.number;
		if (last && at - last > gap)
			gap = at - last;
		if (at - packet.sent_ns > delay)
			delay = at - packet.sent_ns;
		last = at;
		n++;
	}
	printf("%.2f %.2f %lld %lld\n", gap / 1e6, delay / 1e6,
	       (long long)(packet.number - first + 1 - n),
	       (long long)(packet.number - first + 1));
}

/* ---- both --------------------------------------------------------------------------- */

static _Noreturn void usage(void)
{
	fputs("usage: udp-gap -s|-c ADDR [-p PORT]\n", stderr);
	exit(2);
}

int main(int argc, char **argv)
{
	const struct sigaction act = { .sa_handler = on_term };
	const struct sched_param param = { .sched_priority = 50 };
	const struct timeval soon = { .tv_usec = 50000 };
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(9) };
	const char *addr = NULL;
	bool server = false;
	int opt, fd, on = 1;

	while ((opt = getopt(argc, argv, "s:c:p:")) != -1) {
		if (opt == 's' || opt == 'c') {
			addr = optarg;
			server = opt == 's';
		} else if (opt == 'p') {
			to.sin_port = htons(atoi(optarg));
		} else {
			usage();
		}
	}
	if (!addr || inet_pton(AF_INET, addr, &to.sin_addr) != 1)
		usage();
	fd = socket(AF_INET, SOCK_DGRAM, 0);
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof(on)) ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &soon, sizeof(soon)))
		die("socket");
	if (server ? bind(fd, (struct sockaddr *)&to, sizeof(to)) :
		     connect(fd, (struct sockaddr *)&to, sizeof(to)))
		die(addr);
	sigaction(SIGTERM, &act, NULL);
	if (sched_setscheduler(0, SCHED_FIFO, &param))
		die("sched_setscheduler");
	if (server)
		receive_all(fd);
	else
		send_all(fd);
	return 0;
}
