// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Throughput of a raw kTLS stream, or of plain TCP: the yardstick that tunnel
 * figures are divided by. The client writes for a time, the server counts what
 * it reads (after decryption) from the end of the warm-up to the end of the last
 * flow, and prints the result. Keys are fixed, there is no handshake.
 *
 *	ktls-stream -s ADDR [options]		server, one measurement
 *	ktls-stream -c ADDR [options]		client
 */
#include <errno.h>
#include <getopt.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ktls.h"
#include "net.h"

#define MAX_FLOWS	64
#define READ_SIZE	(256 * 1024)
#define CONNECT_MS	10000
#define ACCEPT_MS	30000

struct opts {
	const char *addr;
	bool server;
	bool plain;
	bool json;
	uint16_t port;
	unsigned int flows;
	unsigned int seconds;
	size_t write_size;
	unsigned int warm_up_ms;
	struct ktls_suite suite;
};

struct flow {
	pthread_t thread;
	const struct opts *opts;
	int fd;
	uint64_t bytes;
	int64_t first_ms;
	int64_t last_ms;
	int error;
};

static _Noreturn void die(const char *what, int error)
{
	fprintf(stderr, "ktls-stream: %s: %s\n", what, strerror(error));
	exit(1);
}

static void *flow_receive(void *arg)
{
	struct flow *flow = arg;
	char *buf = malloc(READ_SIZE);
	ssize_t n;

	if (!buf)
		die("receive buffer", ENOMEM);
	while ((n = recv(flow->fd, buf, READ_SIZE, 0)) > 0) {
		if (!flow->first_ms)
			flow->first_ms = net_now_ms() + flow->opts->warm_up_ms;
		else if (flow->bytes || net_now_ms() >= flow->first_ms)
			flow->bytes += n;
	}
	/* A control record (close_notify) reads as EIO without a cmsg buffer. */
	if (n < 0 && errno != EIO)
		flow->error = errno;
	flow->last_ms = net_now_ms();
	free(buf);
	return NULL;
}

static void *flow_send(void *arg)
{
	struct flow *flow = arg;
	int64_t end = net_now_ms() + flow->opts->seconds * 1000LL;
	char *buf = malloc(flow->opts->write_size);

	if (!buf)
		die("write buffer", ENOMEM);
	memset(buf, 0xa7, flow->opts->write_size);
	while (net_now_ms() < end) {
		ssize_t n = send(flow->fd, buf, flow->opts->write_size,
				 MSG_NOSIGNAL);

		if (n < 0) {
			flow->error = errno;
			break;
		}
		flow->bytes += n;
	}
	shutdown(flow->fd, SHUT_WR);
	free(buf);
	return NULL;
}

static int flow_open(const struct opts *opts, int listen_fd)
{
	int fd, rc;

	if (opts->server)
		fd = net_accept(listen_fd, ACCEPT_MS);
	else
		fd = net_connect(opts->addr, opts->port, CONNECT_MS);
	if (fd < 0)
		die(opts->server ? "accept" : opts->addr, -fd);
	if (opts->plain)
		return fd;
	rc = ktls_enable(fd, &opts->suite, !opts->server,
			 opts->server ? KTLS_RX : KTLS_TX);
	if (rc)
		die("kTLS", -rc);
	return fd;
}

static void run_flows(struct flow *flows, const struct opts *opts)
{
	int listen_fd = -1;

	if (opts->server) {
		listen_fd = net_listen(opts->addr, opts->port);
		if (listen_fd < 0)
			die(opts->addr, -listen_fd);
	}
	for (unsigned int i = 0; i < opts->flows; i++) {
		flows[i].opts = opts;
		flows[i].fd = flow_open(opts, listen_fd);
	}
	for (unsigned int i = 0; i < opts->flows; i++) {
		int rc = pthread_create(&flows[i].thread, NULL,
					opts->server ? flow_receive : flow_send,
					&flows[i]);
		if (rc)
			die("thread", rc);
	}
	for (unsigned int i = 0; i < opts->flows; i++) {
		pthread_join(flows[i].thread, NULL);
		close(flows[i].fd);
		if (flows[i].error)
			die("flow", flows[i].error);
	}
	if (listen_fd >= 0)
		close(listen_fd);
}

static void report(const struct flow *flows, const struct opts *opts)
{
	int64_t first = INT64_MAX, last = 0;
	uint64_t bytes = 0;
	double mbits;

	for (unsigned int i = 0; i < opts->flows; i++) {
		if (!flows[i].bytes)
			die("a flow carried nothing", ENODATA);
		bytes += flows[i].bytes;
		if (flows[i].first_ms < first)
			first = flows[i].first_ms;
		if (flows[i].last_ms > last)
			last = flows[i].last_ms;
	}
	mbits = last > first ? bytes * 8.0 / 1000.0 / (last - first) : 0;
	if (opts->json)
		printf("{\"flows\": %u, \"bytes\": %llu, \"ms\": %lld, \"mbit_s\": %.1f}\n",
		       opts->flows, (unsigned long long)bytes,
		       (long long)(last - first), mbits);
	else
		printf("%.1f Mbit/s\n", mbits);
}

static _Noreturn void usage(void)
{
	fputs("usage: ktls-stream -s|-c ADDR [-p PORT] [-P FLOWS] [-t SECONDS] [-l BYTES]\n"
	      "                   [-w WARM_UP_MS] [--tls 1.2|1.3] [--cipher NAME] [--plain] [--json]\n"
	      "ciphers: aes-128-gcm (default), aes-256-gcm, chacha20-poly1305\n",
	      stderr);
	exit(2);
}

static unsigned long number(const char *text, unsigned long max)
{
	char *end;
	unsigned long n = strtoul(text, &end, 0);

	if (*end || end == text || !n || n > max)
		usage();
	return n;
}

static void parse(struct opts *opts, int argc, char **argv)
{
	static const struct option longopts[] = {
		{ "tls", required_argument, NULL, 'T' },
		{ "cipher", required_argument, NULL, 'C' },
		{ "plain", no_argument, NULL, 'x' },
		{ "json", no_argument, NULL, 'j' },
		{ 0 },
	};
	int opt;

	while ((opt = getopt_long(argc, argv, "s:c:p:P:t:l:w:", longopts, NULL)) != -1) {
		if (opt == 's' || opt == 'c') {
			opts->addr = optarg;
			opts->server = opt == 's';
		} else if (opt == 'p') {
			opts->port = number(optarg, 65535);
		} else if (opt == 'P') {
			opts->flows = number(optarg, MAX_FLOWS);
		} else if (opt == 't') {
			opts->seconds = number(optarg, 3600);
		} else if (opt == 'l') {
			opts->write_size = number(optarg, 1 << 24);
		} else if (opt == 'w') {
			opts->warm_up_ms = number(optarg, 60000);
		} else if (opt == 'x') {
			opts->plain = true;
		} else if (opt == 'j') {
			opts->json = true;
		} else if (opt == '?' ||
			   ktls_suite_parse(&opts->suite, opt == 'T' ? optarg : NULL,
					    opt == 'C' ? optarg : NULL)) {
			usage();
		}
	}
	if (!opts->addr || optind != argc)
		usage();
}

int main(int argc, char **argv)
{
	static struct flow flows[MAX_FLOWS];
	struct opts opts = {
		.port = 4433,
		.flows = 1,
		.seconds = 3,
		.write_size = 65536,
		.suite = ktls_default,
	};

	parse(&opts, argc, argv);
	run_flows(flows, &opts);
	if (opts.server)
		report(flows, &opts);
	return 0;
}
