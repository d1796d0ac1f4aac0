// SPDX-License-Identifier: GPL-2.0-or-later
/* Commands that keep tunnels running while other programs use them. */
#include <errno.h>
#include <linux/if_sstp.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ktls.h"
#include "net.h"
#include "pump.h"
#include "script.h"

static volatile sig_atomic_t stopped;

static void on_stop(int sig)
{
	(void)sig;
	stopped = 1;
}

/* The end becomes a tunnel in userspace, served by "hold". */
static int cmd_tun(struct script *s, struct end *end, int argc, char **argv)
{
	uint32_t record = KTLS_RECORD_MAX;

	if (!argc || script_option_uint(s, argc, argv, "record", &record))
		return script_fail(s, "tun: a device name must follow");
	pump_free(end->pump);
	end->pump = pump_new(argv[0], record);
	if (!end->pump)
		return script_fail(s, "TUN device %s: %s", argv[0], strerror(errno));
	return 0;
}

static int cmd_summary(struct script *s, struct end *end, int argc, char **argv)
{
	(void)argc;
	(void)argv;
	if (!end->pump)
		return script_fail(s, "%s is no tunnel in userspace", end->name);
	pump_print(end->pump, end->name, stdout);
	fflush(stdout);
	return 0;
}

static void print_message(const struct end *end, const uint8_t *msg, size_t len)
{
	const struct sstp_fd_hdr *hdr = (const struct sstp_fd_hdr *)msg;

	if (hdr->type == SSTP_FD_TYPE_END) {
		printf("%s end %s %u\n", end->name, snl_reason_name(hdr->reason),
		       hdr->detail);
	} else {
		printf("%s %s ", end->name,
		       hdr->type == SSTP_FD_TYPE_PACKET ? "packet" : "record");
		for (size_t i = sizeof(*hdr); i < len && i < 64; i++)
			printf("%02x", msg[i]);
		printf("\n");
	}
	fflush(stdout);
}

/* One message of a session; the fd is closed after the last. */
static void serve_session(struct end *end)
{
	uint8_t msg[SSTP_FD_MSG_MAX] __attribute__((aligned(8)));
	ssize_t n = read(end->session, msg, sizeof(msg));

	if (n >= (ssize_t)sizeof(struct sstp_fd_hdr)) {
		print_message(end, msg, n);
		return;
	}
	close(end->session);
	end->session = -1;
}

static int serve_stream(struct script *s, struct end *end)
{
	static uint8_t chunk[65536];
	uint8_t type;
	ssize_t n = ktls_recv(end->sock, &type, chunk, sizeof(chunk));

	if (n > 0 && type == KTLS_DATA) {
		wire_add(&end->rx, chunk, n);
		if (pump_stream(end->pump, &end->rx) < 0)
			return script_fail(s, "%s: the stream is not SSTP", end->name);
		return 0;
	}
	printf("%s stream ended (%zd)\n", end->name, n);
	fflush(stdout);
	close(end->sock);
	end->sock = -1;
	return 0;
}

static int serve(struct script *s, struct end *end, const struct pollfd *pfd)
{
	if (!(pfd->revents & (POLLIN | POLLHUP | POLLERR)))
		return 0;
	if (pfd->fd == end->session) {
		serve_session(end);
	} else if (pfd->fd == end->sock) {
		return serve_stream(s, end);
	} else if (end->sock >= 0 && pump_tun(end->pump, end->sock) < 0) {
		printf("%s send: %s\n", end->name, strerror(errno));
		close(end->sock);
		end->sock = -1;
	}
	return 0;
}

static int watch(const struct script *s, struct pollfd *pfds, int *owners)
{
	int n = 0;

	for (int i = 0; i < s->n_ends; i++) {
		const struct end *end = &s->ends[i];
		int fds[3] = { end->session, -1, -1 };

		if (end->pump && end->sock >= 0) {
			fds[1] = end->sock;
			fds[2] = pump_tun_fd(end->pump);
		}
		for (int k = 0; k < 3; k++) {
			if (fds[k] < 0)
				continue;
			pfds[n] = (struct pollfd){ .fd = fds[k], .events = POLLIN };
			owners[n++] = i;
		}
	}
	return n;
}

/*
 * Print "ready", then serve sessions and tunnels until all have ended or the
 * process gets SIGTERM; the script goes on after that.
 */
static int cmd_hold(struct script *s, struct end *none, int argc, char **argv)
{
	struct sigaction sa = { .sa_handler = on_stop };
	struct pollfd pfds[3 * SCRIPT_ENDS];
	int owners[3 * SCRIPT_ENDS];
	int n;

	(void)none;
	(void)argc;
	(void)argv;
	sigaction(SIGTERM, &sa, NULL);
	sigaction(SIGINT, &sa, NULL);
	printf("ready\n");
	fflush(stdout);
	while (!stopped && (n = watch(s, pfds, owners)) > 0) {
		if (poll(pfds, n, 500) < 0)
			continue;
		for (int i = 0; i < n; i++) {
			if (serve(s, &s->ends[owners[i]], &pfds[i]))
				return -1;
		}
	}
	stopped = 0;
	return 0;
}

const struct command cmd_pump_table[] = {
	{ "tun", true, cmd_tun, "DEV [record=N]" },
	{ "summary", true, cmd_summary, "" },
	{ "hold", false, cmd_hold, "" },
	{ 0 },
};
