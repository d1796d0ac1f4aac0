// SPDX-License-Identifier: GPL-2.0-or-later
/* What goes through the session until it ends, and at that time. */
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <sys/socket.h>

#include "torture.h"
#include "wire.h"

#define PEER_ADDR	"10.77.0.2"
#define PACKETS		12		/* in one write: more than one record */

/*
 * The peer: takes what comes, and sends packets which come back, as long as the
 * connection lives.
 */
void *torture_peer(void *arg)
{
	static const char *const words[] = { "data4:1200" };
	static uint8_t in[65536];
	struct torture *t = arg;
	struct pollfd pfd = { .fd = t->peer->sock, .events = POLLIN | POLLOUT };
	struct wire_buf burst = { 0 };
	size_t at = 0;
	ssize_t n;

	for (int i = 0; i < PACKETS; i++)
		script_bytes(t->script, 1, (char **)words, &burst);
	while (!t->over && pfd.events && poll(&pfd, 1, 100) >= 0) {
		n = recv(pfd.fd, in, sizeof(in), MSG_DONTWAIT);
		if (n > 0)
			t->received += n;
		else if (!n || errno != EAGAIN)
			pfd.events &= ~POLLIN;
		if (!(pfd.events & POLLOUT))
			continue;
		n = send(pfd.fd, burst.data + at, burst.len - at, MSG_DONTWAIT | MSG_NOSIGNAL);
		if (n > 0)
			at = (at + n) % burst.len;
		else if (errno != EAGAIN)
			pfd.events &= ~POLLOUT;
	}
	wire_free(&burst);
	return NULL;
}

/* A program that sends through the device. */
void *torture_flood(void *arg)
{
	static const uint8_t packet[TORTURE_PACKET_LEN];
	struct torture *t = arg;

	while (!t->over) {
		for (int i = 0; i < PACKETS; i++)
			send(t->flood, packet, sizeof(packet), MSG_DONTWAIT);
		usleep(1000);
	}
	return NULL;
}

int torture_open_flood(struct torture *t)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(9) };

	inet_pton(AF_INET, PEER_ADDR, &to.sin_addr);
	t->flood = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	return connect(t->flood, (struct sockaddr *)&to, sizeof(to));
}
