// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Packets per second of small UDP packets. The client sends as fast as the stack
 * takes them, for a time; the server counts what arrives, and prints the rate from
 * the end of the warm-up to the last packet. It gives up waiting after a second of
 * silence.
 *
 *	udp-rate -s ADDR [-p PORT] [-w MS]			server
 *	udp-rate -c ADDR [-p PORT] [-t SECONDS] [-l BYTES]	client
 */
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net.h"

#define BATCH		32
#define SIZE_MAX_UDP	1472
#define FIRST_MS	30000
#define SILENCE_MS	1000

static _Noreturn void die(const char *what)
{
	fprintf(stderr, "udp-rate: %s: %s\n", what, strerror(errno));
	exit(1);
}

static struct mmsghdr msgs[BATCH];
static struct iovec iov[BATCH];
static char data[BATCH][SIZE_MAX_UDP];

static void make_batch(size_t size)
{
	for (int i = 0; i < BATCH; i++) {
		iov[i] = (struct iovec){ data[i], size };
		msgs[i].msg_hdr.msg_iov = &iov[i];
		msgs[i].msg_hdr.msg_iovlen = 1;
	}
}

static void send_for(int fd, unsigned int seconds)
{
	int64_t end = net_now_ms() + seconds * 1000LL;

	while (net_now_ms() < end)
		if (sendmmsg(fd, msgs, BATCH, 0) < 0 && errno != ENOBUFS)
			die("sendmmsg");
}

static void count(int fd, unsigned int warm_up_ms)
{
	int64_t start = 0, last = 0;
	uint64_t packets = 0;
	bool counting = false;

	while (net_wait(fd, POLLIN, start ? SILENCE_MS : FIRST_MS) > 0) {
		int n = recvmmsg(fd, msgs, BATCH, MSG_DONTWAIT, NULL);

		if (n < 0)
			die("recvmmsg");
		last = net_now_ms();
		if (!start)
			start = last;
		if (counting) {
			packets += n;
		} else if (last - start >= warm_up_ms) {
			counting = true;
			start = last;
		}
	}
	if (!packets || last <= start) {
		fputs("udp-rate: nothing arrived\n", stderr);
		exit(1);
	}
	printf("%.0f\n", packets * 1000.0 / (last - start));
}

static _Noreturn void usage(void)
{
	fputs("usage: udp-rate -s|-c ADDR [-p PORT] [-t SECONDS] [-l BYTES] [-w MS]\n",
	      stderr);
	exit(2);
}

int main(int argc, char **argv)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(9) };
	unsigned int seconds = 3, size = 64, warm_up_ms = 0;
	const char *addr = NULL;
	bool server = false;
	int opt, fd;

	while ((opt = getopt(argc, argv, "s:c:p:t:l:w:")) != -1) {
		if (opt == 's' || opt == 'c') {
			addr = optarg;
			server = opt == 's';
		} else if (opt == 'p') {
			to.sin_port = htons(atoi(optarg));
		} else if (opt == 't') {
			seconds = atoi(optarg);
		} else if (opt == 'l') {
			size = atoi(optarg);
		} else if (opt == 'w') {
			warm_up_ms = atoi(optarg);
		} else {
			usage();
		}
	}
	if (!addr || inet_pton(AF_INET, addr, &to.sin_addr) != 1 || !size ||
	    size > SIZE_MAX_UDP)
		usage();
	fd = socket(AF_INET, SOCK_DGRAM, 0);
	if (fd < 0)
		die("socket");
	make_batch(server ? SIZE_MAX_UDP : size);
	if (server ? bind(fd, (struct sockaddr *)&to, sizeof(to)) :
		     connect(fd, (struct sockaddr *)&to, sizeof(to)))
		die(addr);
	if (server)
		count(fd, warm_up_ms);
	else
		send_for(fd, seconds);
	return 0;
}
