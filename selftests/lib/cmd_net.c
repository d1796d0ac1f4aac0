// SPDX-License-Identifier: GPL-2.0-or-later
/* Commands for the connection itself and for an end that userspace holds. */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ktls.h"
#include "net.h"
#include "script.h"

#define DEFAULT_PORT 4430

static int parse_dirs(const char *text)
{
	static const char *const names[] = {
		[KTLS_NONE] = "none", [KTLS_TX] = "tx",
		[KTLS_RX] = "rx", [KTLS_BOTH] = "both",
	};

	for (int i = KTLS_NONE; i <= KTLS_BOTH; i++) {
		if (!strcmp(text, names[i]))
			return i;
	}
	return -1;
}

static int enable(struct script *s, struct end *end, bool client, int argc,
		  char **argv)
{
	struct ktls_suite suite = ktls_default;
	int dirs, rc;

	dirs = parse_dirs(script_option(argc, argv, end->name, "both"));
	if (dirs < 0)
		return script_fail(s, "%s=: none, tx, rx or both", end->name);
	if (ktls_suite_parse(&suite, script_option(argc, argv, "tls", NULL),
			     script_option(argc, argv, "cipher", NULL)))
		return script_fail(s, "unknown TLS version or cipher");
	if (!dirs)
		return 0;
	rc = ktls_enable(end->sock, &suite, client, dirs);
	if (rc)
		return script_fail(s, "kTLS on %s: %s", end->name, strerror(-rc));
	return 0;
}

static int tcp_pair(struct script *s, struct end *server, struct end *client,
		    uint16_t port)
{
	int listen_fd;

	if (script_enter(s, server))
		return -1;
	listen_fd = net_listen(server->addr, port);
	if (listen_fd < 0)
		return script_fail(s, "listen on %s: %s", server->addr,
				   strerror(-listen_fd));
	if (script_enter(s, client)) {
		close(listen_fd);
		return -1;
	}
	client->sock = net_connect(server->addr, port, s->timeout_ms);
	if (client->sock >= 0)
		server->sock = net_accept(listen_fd, s->timeout_ms);
	close(listen_fd);
	if (client->sock < 0 || server->sock < 0)
		return script_fail(s, "connection to %s: %s", server->addr,
				   strerror(client->sock < 0 ? -client->sock :
							       -server->sock));
	return 0;
}

/*
 * Small buffers, so that little fits between a queue and a peer that is slow. On
 * the receiving side there is room for some super-packets: TCP drops those that
 * find none, and tries again after longer and longer times.
 */
static int set_buffers(struct script *s, int fd, int argc, char **argv)
{
	uint32_t size = 0, receive;

	if (script_option_uint(s, argc, argv, "buf", &size))
		return -1;
	receive = 8 * size;
	if (size && (setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size)) ||
		     setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &receive, sizeof(receive))))
		return script_fail(s, "buf=%u: %s", size, strerror(errno));
	return 0;
}

static void end_reset(struct end *end)
{
	if (end->sock >= 0)
		close(end->sock);
	if (end->session >= 0)
		close(end->session);
	end->sock = -1;
	end->session = -1;
	end->id = 0;
	end->rx.len = 0;
}

static int cmd_connect(struct script *s, struct end *none, int argc, char **argv)
{
	struct end *server = argc > 1 ? script_end(s, argv[0]) : NULL;
	struct end *client = argc > 1 ? script_end(s, argv[1]) : NULL;
	uint32_t port = DEFAULT_PORT;

	(void)none;
	if (!server || !client || server == client)
		return script_fail(s, "connect: two different ends must follow");
	if (script_option_uint(s, argc, argv, "port", &port))
		return -1;
	end_reset(server);
	end_reset(client);
	if (tcp_pair(s, server, client, port) ||
	    set_buffers(s, server->sock, argc, argv) ||
	    set_buffers(s, client->sock, argc, argv))
		return -1;
	if (enable(s, server, false, argc, argv))
		return -1;
	return enable(s, client, true, argc, argv);
}

/* One side of a connection to another process. */
static int cmd_listen(struct script *s, struct end *end, int argc, char **argv)
{
	uint32_t port = DEFAULT_PORT;
	int fd;

	if (script_option_uint(s, argc, argv, "port", &port))
		return -1;
	fd = net_listen(end->addr, port);
	if (fd < 0)
		return script_fail(s, "listen on %s: %s", end->addr, strerror(-fd));
	end->sock = net_accept(fd, s->timeout_ms);
	close(fd);
	if (end->sock < 0)
		return script_fail(s, "accept: %s", strerror(-end->sock));
	return enable(s, end, false, argc, argv);
}

static int cmd_dial(struct script *s, struct end *end, int argc, char **argv)
{
	uint32_t port = DEFAULT_PORT;

	if (argc < 1 || script_option_uint(s, argc, argv, "port", &port))
		return script_fail(s, "dial: an address must follow");
	end->sock = net_connect(argv[0], port, s->timeout_ms);
	if (end->sock < 0)
		return script_fail(s, "%s: %s", argv[0], strerror(-end->sock));
	return enable(s, end, true, argc, argv);
}

static int need_sock(struct script *s, const struct end *end)
{
	if (end->sock >= 0)
		return 0;
	return script_fail(s, "%s has no socket in userspace", end->name);
}

/* "if=open": do not mind that the peer has closed the connection. */
static int cmd_send(struct script *s, struct end *end, int argc, char **argv)
{
	uint32_t type = KTLS_DATA, size = KTLS_RECORD_MAX;
	struct wire_buf buf = { 0 };
	size_t at = 0;
	int rc;

	rc = need_sock(s, end) ||
	     script_option_uint(s, argc, argv, "type", &type) ||
	     script_option_uint(s, argc, argv, "size", &size) ||
	     script_bytes(s, argc, argv, &buf);
	while (!rc && at < buf.len) {
		size_t len = buf.len - at < size ? buf.len - at : size;
		ssize_t n = ktls_send(end->sock, type, buf.data + at, len);

		if ((n == -EPIPE || n == -ECONNRESET) &&
		    script_option(argc, argv, "if", NULL))
			break;
		if (n < 0)
			rc = script_fail(s, "send: %s", strerror(-n));
		else
			at += n;
	}
	wire_free(&buf);
	return rc ? -1 : 0;
}

/* Bytes on the socket as it is: without kTLS, what the peer takes for TLS. */
static int cmd_plain(struct script *s, struct end *end, int argc, char **argv)
{
	struct wire_buf buf = { 0 };
	int rc;

	rc = need_sock(s, end) || script_bytes(s, argc, argv, &buf);
	if (!rc && send(end->sock, buf.data, buf.len, MSG_NOSIGNAL) != (ssize_t)buf.len)
		rc = script_fail(s, "send: %s", strerror(errno));
	wire_free(&buf);
	return rc ? -1 : 0;
}

/* More of the stream into end->rx. 1 = got some, 0 = end of stream, -1. */
static int fill(struct script *s, struct end *end, int64_t deadline)
{
	static uint8_t chunk[65536];
	int64_t left = deadline - net_now_ms();
	uint8_t type;
	ssize_t n;

	n = net_wait(end->sock, POLLIN, left > 0 ? left : 0);
	if (n == 0)
		return script_fail(s, "nothing more came within %d ms; %zu bytes wait",
				   s->timeout_ms, end->rx.len);
	n = ktls_recv(end->sock, &type, chunk, sizeof(chunk));
	if (n < 0)
		return script_fail(s, "receive: %s", strerror(-n));
	if (n == 0)
		return 0;
	if (type != KTLS_DATA)
		return script_fail(s, "a record of type %u came (%02x %02x)", type,
				   chunk[0], n > 1 ? chunk[1] : 0);
	wire_add(&end->rx, chunk, n);
	return 1;
}

static int cmd_recv(struct script *s, struct end *end, int argc, char **argv)
{
	int64_t deadline = net_now_ms() + s->timeout_ms;
	struct wire_buf want = { 0 };
	int rc;

	rc = need_sock(s, end) || script_bytes(s, argc, argv, &want);
	while (!rc && end->rx.len < want.len) {
		int n = fill(s, end, deadline);

		if (n == 0)
			rc = script_fail(s, "the stream ended");
		else if (n < 0)
			rc = -1;
	}
	if (!rc)
		rc = script_compare(s, "stream", want.data, want.len, end->rx.data,
				    want.len);
	if (!rc)
		wire_pull(&end->rx, want.len);
	wire_free(&want);
	return rc ? -1 : 0;
}

/* A record that is not application data. */
static int cmd_recv_record(struct script *s, struct end *end, int argc, char **argv)
{
	uint8_t got[KTLS_RECORD_MAX], type;
	struct wire_buf want = { 0 };
	int rc, wanted;
	ssize_t n;

	if (argc < 1 || need_sock(s, end))
		return script_fail(s, "recv-record: a content type must follow");
	wanted = atoi(argv[0]);
	rc = script_bytes(s, argc - 1, argv + 1, &want);
	if (!rc && net_wait(end->sock, POLLIN, s->timeout_ms) <= 0)
		rc = script_fail(s, "no record came within %d ms", s->timeout_ms);
	if (rc)
		goto out;
	n = ktls_recv(end->sock, &type, got, sizeof(got));
	if (n <= 0)
		rc = script_fail(s, "receive: %s",
				 n ? strerror(-n) : "the stream ended");
	else if (type != wanted)
		rc = script_fail(s, "a record of type %u came", type);
	else
		rc = script_compare(s, "record", want.data, want.len, got, n);
out:
	wire_free(&want);
	return rc;
}

/* Packets seen by "drain": how many, and which was the first control packet. */
struct drained {
	uint32_t count;
	uint32_t first_control;
};

static int drain_packets(struct script *s, struct end *end, struct drained *d)
{
	size_t at = 0;
	int n;

	while ((n = wire_packet_len(end->rx.data + at, end->rx.len - at)) > 0) {
		d->count++;
		if (end->rx.data[at + 1] == 1 && !d->first_control)
			d->first_control = d->count;
		at += n;
	}
	wire_pull(&end->rx, at);
	if (n < 0)
		return script_fail(s, "packet %u of the stream is not SSTP",
				   d->count + 1);
	return 0;
}

/*
 * Whole SSTP packets until the stream pauses; all must be well formed. The first
 * control packet must be among the first first-control=N after those noted.
 */
static int cmd_drain(struct script *s, struct end *end, int argc, char **argv)
{
	uint32_t quiet = 300, least = 0, control = 0;
	struct drained d = { 0 };
	int n = 1;

	if (need_sock(s, end) || script_option_uint(s, argc, argv, "quiet", &quiet) ||
	    script_option_uint(s, argc, argv, "least", &least) ||
	    script_option_uint(s, argc, argv, "first-control", &control))
		return -1;
	while (n > 0 && net_wait(end->sock, POLLIN, quiet) > 0) {
		n = fill(s, end, net_now_ms() + quiet);
		if (n < 0 || drain_packets(s, end, &d))
			return -1;
	}
	printf("drained %u, first control %u\n", d.count, d.first_control);
	fflush(stdout);
	if (end->rx.len)
		return script_fail(s, "the stream stopped inside a packet");
	if (d.count < least)
		return script_fail(s, "%u packets came, expected %u", d.count, least);
	if (control && (!d.first_control || d.first_control > s->noted + control))
		return script_fail(s, "the first control packet was no. %u of %u, noted were %llu",
				   d.first_control, d.count,
				   (unsigned long long)s->noted);
	return 0;
}

static int cmd_recv_eof(struct script *s, struct end *end, int argc, char **argv)
{
	int n;

	(void)argc;
	(void)argv;
	if (need_sock(s, end))
		return -1;
	n = fill(s, end, net_now_ms() + s->timeout_ms);
	if (n > 0)
		return script_fail(s, "data came instead of the end of the stream");
	return n;
}

static int cmd_silent(struct script *s, struct end *end, int argc, char **argv)
{
	int ms = argc ? atoi(argv[0]) : 200;
	int fd = end->session >= 0 ? end->session : end->sock;

	if (end->rx.len)
		return script_fail(s, "%zu bytes of stream wait", end->rx.len);
	if (net_wait(fd, POLLIN, ms) != 0)
		return script_fail(s, "%s became readable", end->name);
	return 0;
}

static int cmd_fin(struct script *s, struct end *end, int argc, char **argv)
{
	(void)argc;
	(void)argv;
	if (need_sock(s, end))
		return -1;
	return shutdown(end->sock, SHUT_WR) ? script_fail(s, "shutdown: %s",
							   strerror(errno)) : 0;
}

static int cmd_rst(struct script *s, struct end *end, int argc, char **argv)
{
	(void)argc;
	(void)argv;
	if (need_sock(s, end))
		return -1;
	net_reset(end->sock);
	end->sock = -1;
	return 0;
}

static int cmd_hangup(struct script *s, struct end *end, int argc, char **argv)
{
	(void)argc;
	(void)argv;
	if (need_sock(s, end))
		return -1;
	close(end->sock);
	end->sock = -1;
	return 0;
}

const struct command cmd_net_table[] = {
	{ "connect", false, cmd_connect,
	  "SERVER CLIENT [tls=V] [cipher=C] [END=none|tx|rx|both] [port=N] [buf=N]" },
	{ "listen", true, cmd_listen, "[port=N] [tls=V] [cipher=C]" },
	{ "dial", true, cmd_dial, "ADDR [port=N] [tls=V] [cipher=C]" },
	{ "send", true, cmd_send, "[type=N] [size=N] [if=open] WORDS" },
	{ "plain", true, cmd_plain, "WORDS" },
	{ "recv", true, cmd_recv, "WORDS" },
	{ "recv-record", true, cmd_recv_record, "TYPE WORDS" },
	{ "recv-eof", true, cmd_recv_eof, "" },
	{ "drain", true, cmd_drain, "[quiet=MS] [least=N] [first-control=N]" },
	{ "silent", true, cmd_silent, "[MS]" },
	{ "fin", true, cmd_fin, "" },
	{ "rst", true, cmd_rst, "" },
	{ "hangup", true, cmd_hangup, "" },
	{ 0 },
};
