// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A disk somewhere else, for memory that has to go there (see test-reclaim.sh). The
 * server keeps it in memory of its own that is locked, and speaks what the kernel's nbd
 * does (linux/nbd.h), without the negotiation in front of it.
 *
 *	remote-disk serve ADDR PORT MB		one client, until it is gone
 *	remote-disk attach ADDR PORT MB DEVICE	until the device is disconnected
 *	remote-disk fill MB			writes to as much memory, and finds it
 *						again as it was, all of it twice
 */
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/nbd.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net.h"

#define PATIENCE_MS	60000
#define BLOCK	4096
#define MB	(1024 * 1024)

static _Noreturn void die(const char *what)
{
	fprintf(stderr, "remote-disk: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void *memory(size_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
		       -1, 0);

	if (p == MAP_FAILED)
		die("mmap");
	return p;
}

/* Whether all of it came, or went. */
static bool whole(ssize_t (*move)(int fd, void *buf, size_t size), int fd, void *buf,
		  size_t size)
{
	while (size) {
		ssize_t n = move(fd, buf, size);

		if (n <= 0)
			return false;
		buf = (char *)buf + n;
		size -= n;
	}
	return true;
}

static ssize_t get(int fd, void *buf, size_t size)
{
	return recv(fd, buf, size, 0);
}

static ssize_t put(int fd, void *buf, size_t size)
{
	return send(fd, buf, size, MSG_NOSIGNAL);
}

static bool answer(int fd, const struct nbd_request *request, char *disk, size_t size)
{
	struct nbd_reply reply = { .magic = htobe32(NBD_REPLY_MAGIC) };
	uint32_t type = be32toh(request->type) & 0xffff;
	uint64_t from = be64toh(request->from);
	uint32_t len = be32toh(request->len);

	memcpy(reply.handle, request->handle, sizeof(reply.handle));
	if (type == NBD_CMD_DISC)
		return false;
	if (type != NBD_CMD_READ && type != NBD_CMD_WRITE)
		len = 0;
	if (from > size || len > size - from)
		return false;
	if (type == NBD_CMD_WRITE && !whole(get, fd, disk + from, len))
		return false;
	return whole(put, fd, &reply, sizeof(reply)) &&
	       (type != NBD_CMD_READ || whole(put, fd, disk + from, len));
}

static int serve(const char *addr, uint16_t port, size_t size)
{
	char *disk = memory(size);
	struct nbd_request request;
	int listener, fd;

	/* What serves others that wait for memory does not wait for any. */
	if (mlockall(MCL_CURRENT | MCL_FUTURE) < 0)
		die("mlockall");
	listener = net_listen(addr, port);
	if (listener < 0) {
		errno = -listener;
		die("listen");
	}
	fd = net_accept(listener, PATIENCE_MS);
	if (fd < 0) {
		errno = -fd;
		die("accept");
	}
	while (whole(get, fd, &request, sizeof(request)) &&
	       be32toh(request.magic) == NBD_REQUEST_MAGIC)
		if (!answer(fd, &request, disk, size))
			break;
	return 0;
}

static int attach(const char *addr, uint16_t port, size_t size, const char *device)
{
	int fd = net_connect(addr, port, PATIENCE_MS);
	int disk = open(device, O_RDWR);

	if (fd < 0) {
		errno = -fd;
		die("connect");
	}
	if (disk < 0)
		die(device);
	if (ioctl(disk, NBD_SET_BLKSIZE, (unsigned long)BLOCK) < 0 ||
	    ioctl(disk, NBD_SET_SIZE_BLOCKS, size / BLOCK) < 0 ||
	    ioctl(disk, NBD_SET_SOCK, (unsigned long)fd) < 0)
		die("nbd");
	if (ioctl(disk, NBD_DO_IT) < 0)
		die("NBD_DO_IT");
	return 0;
}

/* No two words of it are the same, so that no page is another's. */
static int fill(size_t size)
{
	uint64_t *words = memory(size);
	size_t count = size / sizeof(*words);

	for (size_t i = 0; i < count; i++)
		words[i] = i * 0x9e3779b97f4a7c15ULL;
	for (int turn = 0; turn < 2; turn++)
		for (size_t i = 0; i < count; i++)
			if (words[i] != i * 0x9e3779b97f4a7c15ULL) {
				fprintf(stderr, "remote-disk: byte %zu is wrong\n",
					i * sizeof(*words));
				return 1;
			}
	puts("intact");
	return 0;
}

int main(int argc, char *argv[])
{
	const char *verb = argc > 1 ? argv[1] : "";

	if (argc == 5 && !strcmp(verb, "serve"))
		return serve(argv[2], atoi(argv[3]), atoi(argv[4]) * (size_t)MB);
	if (argc == 6 && !strcmp(verb, "attach"))
		return attach(argv[2], atoi(argv[3]), atoi(argv[4]) * (size_t)MB,
			      argv[5]);
	if (argc == 3 && !strcmp(verb, "fill"))
		return fill(atoi(argv[2]) * (size_t)MB);
	fprintf(stderr, "usage: remote-disk serve ADDR PORT MB | attach ADDR PORT MB DEVICE"
			" | fill MB\n");
	return 2;
}
