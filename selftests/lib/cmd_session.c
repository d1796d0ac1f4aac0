// SPDX-License-Identifier: GPL-2.0-or-later
/* Commands for an end that is a session of the module. */
#include <errno.h>
#include <fcntl.h>
#include <linux/ethtool.h>
#include <linux/if_sstp.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net.h"
#include "script.h"

#define NOTE_STILL_MS		200
#define FLOOD_STALLED_MS	200

/* A socket, or something else, that must not be accepted in place of ours. */
static int odd_fd(const struct end *end, const char *kind)
{
	if (!strcmp(kind, "udp"))
		return socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (!strcmp(kind, "unix"))
		return socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (!strcmp(kind, "unconnected"))
		return socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (!strcmp(kind, "listening"))
		return net_listen(end->addr, 0);
	if (!strcmp(kind, "file"))
		return open("/dev/null", O_RDWR | O_CLOEXEC);
	return -1;
}

static int attach_fd(const struct end *end, const char *kind, int *opened)
{
	*opened = -1;
	if (!kind)
		return end->sock;
	if (kind[0] >= '0' && kind[0] <= '9')
		return atoi(kind);
	*opened = odd_fd(end, kind);
	return *opened;
}

static int pending_bytes(struct script *s, const char *text, struct wire_buf *buf)
{
	char *copy = strdup(text), *save, *word;
	size_t open_frame = WIRE_CLOSED;
	int rc = 0;

	for (word = strtok_r(copy, ",", &save); word && !rc;
	     word = strtok_r(NULL, ",", &save))
		rc = wire_word(buf, word, &open_frame, s->error, sizeof(s->error));
	free(copy);
	return rc;
}

/* "id=", "protocols=" ... replace or add; "omit=" takes away. */
static int request_options(struct script *s, int argc, char **argv,
			   struct snl_request *req)
{
	const char *omit = script_option(argc, argv, "omit", "");

	for (int attr = 1; attr <= SSTP_A_SESSION_MAX; attr++) {
		const char *name = snl_attr_name(attr);
		uint32_t value;

		if (attr != SSTP_A_SESSION_RX_PENDING && attr != SSTP_A_SESSION_STATS &&
		    script_option(argc, argv, name, NULL)) {
			if (script_option_uint(s, argc, argv, name, &value))
				return -1;
			snl_set(req, attr, value);
		}
		if (!strcmp(omit, name))
			req->present &= ~(1ULL << attr);
	}
	return 0;
}

static int attach_request(struct script *s, int argc, char **argv,
			  struct snl_request *req, struct wire_buf *pending)
{
	const char *text = script_option(argc, argv, "rx-pending", NULL);
	unsigned int ifindex = argc ? if_nametoindex(argv[0]) : 0;

	if (!ifindex && !script_option(argc, argv, "ifindex", NULL))
		return script_fail(s, "attach: no interface \"%s\" here",
				   argc ? argv[0] : "");
	snl_set(req, SSTP_A_SESSION_IFINDEX, ifindex);
	snl_set(req, SSTP_A_SESSION_PROTOCOLS,
		SSTP_PROTOCOLS_IPV4 | SSTP_PROTOCOLS_IPV6);
	snl_set(req, SSTP_A_SESSION_PEER_MRU, SSTP_MAX_MRU);
	if (text) {
		if (pending_bytes(s, text, pending))
			return -1;
		req->present |= 1ULL << SSTP_A_SESSION_RX_PENDING;
		req->pending = pending->data;
		req->pending_len = pending->len;
	}
	return request_options(s, argc, argv, req);
}

/* The end whose socket is handed over: itself, or that of another namespace. */
static struct end *socket_owner(struct script *s, struct end *end, int argc, char **argv)
{
	const char *name = script_option(argc, argv, "socket-of", NULL);

	return name ? script_end(s, name) : end;
}

/*
 * A device takes packets a moment after its carrier is on: the kernel activates
 * its queue in a work of its own. Until then it would drop what we put in.
 */
static void wait_running(const char *dev, int timeout_ms)
{
	struct ethtool_value link = { .cmd = ETHTOOL_GLINK };
	int64_t deadline = net_now_ms() + timeout_ms;
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ifreq ifr = { 0 };

	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", dev);
	while (ioctl(fd, SIOCGIFFLAGS, &ifr) == 0 && ifr.ifr_flags & IFF_UP &&
	       !(ifr.ifr_flags & IFF_RUNNING) && net_now_ms() < deadline)
		usleep(1000);
	/* That work holds the RTNL, and so does this. */
	ifr.ifr_data = (char *)&link;
	ioctl(fd, SIOCETHTOOL, &ifr);
	close(fd);
}

/*
 * Somebody else who has the socket while it is handed over: a second descriptor, or a
 * message on its way. What he has it by is put into @held.
 */
static int attach_hold(struct script *s, const char *how, int sock, int held[2])
{
	union {
		struct cmsghdr hdr;
		char bytes[CMSG_SPACE(sizeof(int))];
	} ctl = { 0 };
	struct iovec iov = { .iov_base = "", .iov_len = 1 };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1,
			      .msg_control = &ctl, .msg_controllen = sizeof(ctl) };

	held[0] = -1;
	held[1] = -1;
	if (!how)
		return 0;
	if (!strcmp(how, "dup"))
		held[0] = fcntl(sock, F_DUPFD_CLOEXEC, 0);
	if (!strcmp(how, "message") &&
	    !socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, held)) {
		ctl.hdr.cmsg_level = SOL_SOCKET;
		ctl.hdr.cmsg_type = SCM_RIGHTS;
		ctl.hdr.cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(&ctl.hdr), &sock, sizeof(int));
		if (sendmsg(held[0], &msg, 0) < 0)
			return script_fail(s, "SCM_RIGHTS: %s", strerror(errno));
	}
	return held[0] < 0 ? script_fail(s, "cannot hold the socket by %s", how) : 0;
}

/* The module has taken the descriptor away. */
static int attach_reply(struct script *s, struct end *end, struct end *owner,
			const struct snl_session *reply)
{
	uint64_t want = 1ULL << SSTP_A_SESSION_ID | 1ULL << SSTP_A_SESSION_SESSION_FD;

	if ((reply->present & want) != want || !reply->value[SSTP_A_SESSION_ID])
		return script_fail(s, "the reply lacks the id or the session fd");
	end->id = reply->value[SSTP_A_SESSION_ID];
	end->session = reply->value[SSTP_A_SESSION_SESSION_FD];
	if (!(fcntl(end->session, F_GETFD) & FD_CLOEXEC))
		return script_fail(s, "session fd %d is not close-on-exec",
				   end->session);
	if (fcntl(owner->sock, F_GETFD) >= 0)
		return script_fail(s, "the socket's descriptor is still there");
	owner->sock = -1;
	return 0;
}

static int cmd_attach(struct script *s, struct end *end, int argc, char **argv)
{
	struct end *owner = socket_owner(s, end, argc, argv);
	struct snl_session reply = { 0 };
	struct snl_request req = { 0 };
	struct wire_buf pending = { 0 };
	struct snl_result res = { 0 };
	int rc, opened = -1, held[2];

	if (!owner)
		return script_fail(s, "socket-of=: no such end");
	if (attach_hold(s, script_option(argc, argv, "held", NULL), owner->sock, held))
		return -1;
	snl_set(&req, SSTP_A_SESSION_SOCKET_FD,
		attach_fd(owner, script_option(argc, argv, "fd", NULL), &opened));
	rc = attach_request(s, argc, argv, &req, &pending);
	if (rc)
		goto out;
	snl_call(SSTP_CMD_SESSION_NEW, &req, false, &reply, 1, &res);
	rc = script_outcome(s, argc, argv, res.error, res.text);
	if (!rc && !res.error)
		rc = attach_reply(s, end, owner, &reply);
	if (!rc && end->session >= 0)
		wait_running(argv[0], s->timeout_ms);
out:
	wire_free(&pending);
	if (opened >= 0)
		close(opened);
	for (int i = 0; i < 2; i++)
		if (held[i] >= 0)
			close(held[i]);
	return rc;
}

static int simple_call(struct script *s, struct end *end, int cmd, int argc,
		       char **argv, struct snl_session *reply)
{
	struct snl_request req = { 0 };
	struct snl_result res;

	if (script_option(argc, argv, "by", NULL))
		snl_set(&req, SSTP_A_SESSION_SESSION_FD, end->session);
	else
		snl_set(&req, SSTP_A_SESSION_ID, end->id);
	if (request_options(s, argc, argv, &req))
		return -1;
	snl_call(cmd, &req, false, reply, reply ? 1 : 0, &res);
	return script_outcome(s, argc, argv, res.error, res.text);
}

static int cmd_set(struct script *s, struct end *end, int argc, char **argv)
{
	return simple_call(s, end, SSTP_CMD_SESSION_SET, argc, argv, NULL);
}

static int cmd_del(struct script *s, struct end *end, int argc, char **argv)
{
	return simple_call(s, end, SSTP_CMD_SESSION_DEL, argc, argv, NULL);
}

static void print_session(const struct snl_session *session)
{
	for (int i = 1; i <= SSTP_A_SESSION_MAX; i++) {
		if (i != SSTP_A_SESSION_STATS && session->present & (1ULL << i))
			printf("%s=%u ", snl_attr_name(i), session->value[i]);
	}
	for (int i = 1; i <= SNL_STATS_MAX; i++) {
		if (session->stats_present & (1ULL << i))
			printf("%s=%llu ", snl_stat_name(i),
			       (unsigned long long)session->stats[i]);
	}
	printf("\n");
	fflush(stdout);
}

static int cmd_get(struct script *s, struct end *end, int argc, char **argv)
{
	struct snl_session reply = { 0 };

	if (simple_call(s, end, SSTP_CMD_SESSION_GET, argc, argv, &reply))
		return -1;
	if (reply.present)
		print_session(&reply);
	return 0;
}

static int cmd_dump(struct script *s, struct end *end, int argc, char **argv)
{
	static struct snl_session all[256];
	struct snl_result res;
	uint32_t want = UINT32_MAX;
	int n;

	(void)end;
	if (script_option_uint(s, argc, argv, "count", &want))
		return -1;
	n = snl_call(SSTP_CMD_SESSION_GET, NULL, true, all, 256, &res);
	if (script_outcome(s, argc, argv, res.error, res.text))
		return -1;
	if (n < 0)
		return 0;
	for (int i = 0; i < n && i < 256; i++)
		print_session(&all[i]);
	if (want != UINT32_MAX && want != (uint32_t)n)
		return script_fail(s, "%d sessions, expected %u", n, want);
	return 0;
}

static bool holds(uint64_t have, const char *op, uint64_t want)
{
	if (!strcmp(op, "=="))
		return have == want;
	if (!strcmp(op, ">="))
		return have >= want;
	return !strcmp(op, "<=") && have <= want;
}

/* The counter NAME of this end's session. */
static int read_stat(struct script *s, struct end *end, const char *name, uint64_t *value)
{
	int stat = snl_stat_parse(name);
	struct snl_session reply;

	if (stat < 0)
		return script_fail(s, "no counter is called '%s'", name);
	if (simple_call(s, end, SSTP_CMD_SESSION_GET, 0, NULL, &reply))
		return -1;
	if (!(reply.stats_present & (1ULL << stat)))
		return script_fail(s, "the kernel does not report %s", name);
	*value = reply.stats[stat];
	return 0;
}

/* "NAME OP VALUE": wait until it holds; "NAME OP VALUE now": it must hold. */
static int cmd_stat(struct script *s, struct end *end, int argc, char **argv)
{
	int64_t deadline = net_now_ms() + s->timeout_ms;
	bool now = argc > 3 && !strcmp(argv[3], "now");
	uint64_t have, want;

	if (argc < 3)
		return script_fail(s, "stat: NAME ==|>=|<= VALUE");
	want = strtoull(argv[2], NULL, 0);
	for (;;) {
		if (read_stat(s, end, argv[0], &have))
			return -1;
		if (holds(have, argv[1], want))
			return 0;
		if (now || net_now_ms() >= deadline)
			return script_fail(s, "%s is %llu", argv[0],
					   (unsigned long long)have);
		usleep(5000);
	}
}

/* "OTHER": wait until all packets that OTHER's session has sent have come in here. */
static int cmd_drained(struct script *s, struct end *end, int argc, char **argv)
{
	int64_t deadline = net_now_ms() + s->timeout_ms;
	struct end *other = argc == 1 ? script_end(s, argv[0]) : NULL;
	uint64_t sent, got;

	if (!other)
		return script_fail(s, "drained: OTHER");
	for (;;) {
		if (script_enter(s, other) || read_stat(s, other, "tx-packets", &sent) ||
		    script_enter(s, end) || read_stat(s, end, "rx-packets", &got))
			return -1;
		if (got == sent)
			return 0;
		if (net_now_ms() >= deadline)
			return script_fail(s, "%llu packets of %llu",
					   (unsigned long long)got, (unsigned long long)sent);
		usleep(5000);
	}
}

/* "NAME": wait until it stands still, and keep it for a later command. */
static int cmd_note(struct script *s, struct end *end, int argc, char **argv)
{
	int64_t deadline = net_now_ms() + s->timeout_ms, changed = net_now_ms();
	uint64_t have;

	if (argc != 1)
		return script_fail(s, "note: NAME");
	if (read_stat(s, end, argv[0], &s->noted))
		return -1;
	while (net_now_ms() - changed < NOTE_STILL_MS) {
		if (net_now_ms() >= deadline)
			return script_fail(s, "%s does not stand still", argv[0]);
		usleep(5000);
		if (read_stat(s, end, argv[0], &have))
			return -1;
		if (have != s->noted)
			changed = net_now_ms();
		s->noted = have;
	}
	return 0;
}

static int need_session(struct script *s, const struct end *end)
{
	if (end->session >= 0)
		return 0;
	return script_fail(s, "%s has no session fd", end->name);
}

static int cmd_write(struct script *s, struct end *end, int argc, char **argv)
{
	struct wire_buf buf = { 0 };
	ssize_t n = 0;
	int rc;

	rc = need_session(s, end) || script_bytes(s, argc, argv, &buf);
	if (!rc) {
		n = write(end->session, buf.data, buf.len);
		rc = script_outcome(s, argc, argv, n < 0 ? errno : 0, "");
	}
	if (!rc && n >= 0 && (size_t)n != buf.len)
		rc = script_fail(s, "write took %zd of %zu bytes", n, buf.len);
	wire_free(&buf);
	return rc ? -1 : 0;
}

/* Write without waiting until the queue stays full: "min=" and "max=" bound it. */
static int cmd_flood(struct script *s, struct end *end, int argc, char **argv)
{
	uint32_t min = 1, max = 1000000, count = 0;
	struct wire_buf buf = { 0 };
	int flags, rc;

	rc = need_session(s, end) || script_option_uint(s, argc, argv, "min", &min) ||
	     script_option_uint(s, argc, argv, "max", &max) ||
	     script_bytes(s, argc, argv, &buf);
	if (rc)
		return -1;
	flags = fcntl(end->session, F_GETFL);
	fcntl(end->session, F_SETFL, flags | O_NONBLOCK);
	/* TCP may take some more a moment after it has begun to refuse. */
	do {
		while (count <= max && write(end->session, buf.data, buf.len) > 0)
			count++;
	} while (count <= max && errno == EAGAIN &&
		 net_wait(end->session, POLLOUT, FLOOD_STALLED_MS) > 0);
	if (count <= max && errno != EAGAIN)
		rc = script_fail(s, "write: %s", strerror(errno));
	else if (count < min || count > max)
		rc = script_fail(s, "%u writes were taken, expected %u to %u", count,
				 min, max);
	fcntl(end->session, F_SETFL, flags);
	wire_free(&buf);
	return rc;
}

/* The next message, header included. Its length or -1. */
static ssize_t next_message(struct script *s, struct end *end, uint8_t *buf)
{
	ssize_t n;

	if (need_session(s, end))
		return -1;
	if (net_wait(end->session, POLLIN, s->timeout_ms) <= 0)
		return script_fail(s, "no message within %d ms", s->timeout_ms);
	n = read(end->session, buf, SSTP_FD_MSG_MAX);
	if (n < 0)
		return script_fail(s, "read: %s", strerror(errno));
	if (n < (ssize_t)sizeof(struct sstp_fd_hdr))
		return script_fail(s, "read() gave %zd bytes", n);
	return n;
}

static const char *message_text(const struct sstp_fd_hdr *hdr, size_t len)
{
	static char text[128];

	if (hdr->type == SSTP_FD_TYPE_END)
		snprintf(text, sizeof(text), "end %s %u", snl_reason_name(hdr->reason),
			 hdr->detail);
	else if (hdr->type == SSTP_FD_TYPE_TLS_RECORD)
		snprintf(text, sizeof(text), "TLS record of type %u", hdr->detail);
	else
		snprintf(text, sizeof(text), "packet of %zu bytes",
			 len - sizeof(*hdr));
	return text;
}

static int expect_body(struct script *s, const char *what, int argc, char **argv,
		       const uint8_t *msg, size_t len)
{
	size_t skip = sizeof(struct sstp_fd_hdr);
	struct wire_buf want = { 0 };
	int rc;

	rc = script_bytes(s, argc, argv, &want);
	if (!rc)
		rc = script_compare(s, what, want.data, want.len, msg + skip,
				    len - skip);
	wire_free(&want);
	return rc;
}

/* After the end there is nothing but EOF and EPOLLHUP. */
static int expect_after_end(struct script *s, const struct end *end)
{
	struct pollfd pfd = { .fd = end->session, .events = POLLIN };
	uint8_t byte;

	if (read(end->session, &byte, 1) != 0)
		return script_fail(s, "read() after the end did not return 0");
	if (poll(&pfd, 1, 0) < 1 || !(pfd.revents & POLLHUP))
		return script_fail(s, "no POLLHUP after the end");
	return 0;
}

static int expect_end(struct script *s, struct end *end, int argc, char **argv,
		      const struct sstp_fd_hdr *hdr)
{
	int reason = argc ? snl_reason_parse(argv[0]) : -1;

	if (reason < 0)
		return script_fail(s, "expect end: a reason must follow");
	if (hdr->reason != reason ||
	    (argc > 1 && hdr->detail != strtoul(argv[1], NULL, 0)))
		return script_fail(s, "came: %s", message_text(hdr, 0));
	return expect_after_end(s, end);
}

static int cmd_expect(struct script *s, struct end *end, int argc, char **argv)
{
	union {
		struct sstp_fd_hdr hdr;
		uint8_t bytes[SSTP_FD_MSG_MAX];
	} msg;
	const char *what = argc ? argv[0] : "";
	ssize_t len;

	len = next_message(s, end, msg.bytes);
	if (len < 0)
		return -1;
	if (!strcmp(what, "packet") && msg.hdr.type == SSTP_FD_TYPE_PACKET)
		return expect_body(s, "packet", argc - 1, argv + 1, msg.bytes, len);
	if (!strcmp(what, "record") && msg.hdr.type == SSTP_FD_TYPE_TLS_RECORD &&
	    argc > 1 && msg.hdr.detail == strtoul(argv[1], NULL, 0))
		return expect_body(s, "record", argc - 2, argv + 2, msg.bytes, len);
	if (!strcmp(what, "end") && msg.hdr.type == SSTP_FD_TYPE_END)
		return expect_end(s, end, argc - 1, argv + 1, &msg.hdr);
	return script_fail(s, "came: %s", message_text(&msg.hdr, len));
}

/* The end, for that reason or whatever it is, and whatever is said before it. */
static int cmd_ended(struct script *s, struct end *end, int argc, char **argv)
{
	union {
		struct sstp_fd_hdr hdr;
		uint8_t bytes[SSTP_FD_MSG_MAX];
	} msg;

	do {
		if (next_message(s, end, msg.bytes) < 0)
			return -1;
	} while (msg.hdr.type != SSTP_FD_TYPE_END);
	if (argc && strcmp(argv[0], snl_reason_name(msg.hdr.reason)))
		return script_fail(s, "the reason is %s", snl_reason_name(msg.hdr.reason));
	return expect_after_end(s, end);
}

/* A read into a buffer that is too short leaves the message where it is. */
static int cmd_short_read(struct script *s, struct end *end, int argc, char **argv)
{
	uint8_t buf[SSTP_FD_MSG_MAX];
	size_t size = argc ? (size_t)atoi(argv[0]) : 1;

	if (need_session(s, end))
		return -1;
	if (net_wait(end->session, POLLIN, s->timeout_ms) <= 0)
		return script_fail(s, "no message within %d ms", s->timeout_ms);
	if (read(end->session, buf, size) >= 0)
		return script_outcome(s, argc, argv, 0, "");
	return script_outcome(s, argc, argv, errno, "");
}

/* A read into memory that is not there, or a write from it. */
static int cmd_nowhere(struct script *s, struct end *end, int argc, char **argv)
{
	bool reads = argc && !strcmp(argv[0], "read");
	ssize_t n;
	void *p;

	if (need_session(s, end))
		return -1;
	if (reads && net_wait(end->session, POLLIN, s->timeout_ms) <= 0)
		return script_fail(s, "no message within %d ms", s->timeout_ms);
	p = mmap(NULL, SSTP_FD_MSG_MAX, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED)
		return script_fail(s, "mmap: %s", strerror(errno));
	n = reads ? read(end->session, p, SSTP_FD_MSG_MAX) : write(end->session, p, 8);
	n = n < 0 ? errno : 0;
	munmap(p, SSTP_FD_MSG_MAX);
	return script_outcome(s, argc, argv, n, "");
}

static int cmd_poll(struct script *s, struct end *end, int argc, char **argv)
{
	struct pollfd pfd = { .fd = end->session, .events = POLLIN | POLLOUT };
	int64_t deadline = net_now_ms() + s->timeout_ms;
	short want = 0;

	for (int i = 0; i < argc; i++)
		want |= !strcmp(argv[i], "in") ? POLLIN :
			!strcmp(argv[i], "out") ? POLLOUT :
			!strcmp(argv[i], "hup") ? POLLHUP : 0;
	for (;;) {
		pfd.revents = 0;
		poll(&pfd, 1, 0);
		pfd.revents &= POLLIN | POLLOUT | POLLHUP;
		if (pfd.revents == want)
			return 0;
		if (net_now_ms() >= deadline)
			return script_fail(s, "poll says%s%s%s",
					   pfd.revents & POLLIN ? " in" : "",
					   pfd.revents & POLLOUT ? " out" : "",
					   pfd.revents & POLLHUP ? " hup" : "");
		usleep(5000);
	}
}

static int cmd_close(struct script *s, struct end *end, int argc, char **argv)
{
	(void)argc;
	(void)argv;
	if (need_session(s, end))
		return -1;
	close(end->session);
	end->session = -1;
	return 0;
}

static int cmd_monitor(struct script *s, struct end *end, int argc, char **argv)
{
	(void)end;
	(void)argc;
	(void)argv;
	if (s->monitor)
		snl_monitor_close(s->monitor);
	s->monitor = snl_monitor_open();
	return s->monitor ? 0 : script_fail(s, "cannot subscribe to the group");
}

/* The notification that this end's session has begun, or why it has ended. */
static int cmd_notified(struct script *s, struct end *end, int argc, char **argv)
{
	bool begun = argc && !strcmp(argv[0], "new");
	int reason = argc && !begun ? snl_reason_parse(argv[0]) : -1;
	int want = begun ? SSTP_CMD_SESSION_NEW_NTF : SSTP_CMD_SESSION_DEL_NTF;
	struct snl_session ntf;
	int cmd, n;

	if (!s->monitor || (reason < 0 && !begun))
		return script_fail(s, "notified: needs \"monitor\" before and a reason");
	do {
		n = snl_monitor_read(s->monitor, s->timeout_ms, &cmd, &ntf);
		if (n <= 0)
			return script_fail(s, "no notification within %d ms",
					   s->timeout_ms);
	} while (ntf.value[SSTP_A_SESSION_ID] != end->id || cmd != want);
	if (begun && !ntf.value[SSTP_A_SESSION_PEER_MRU])
		return script_fail(s, "the notification does not describe the session");
	if (!begun && ntf.value[SSTP_A_SESSION_REASON] != (uint32_t)reason)
		return script_fail(s, "notified of the end with reason %s",
				   snl_reason_name(ntf.value[SSTP_A_SESSION_REASON]));
	return 0;
}

const struct command cmd_session_table[] = {
	{ "attach", true, cmd_attach,
	  "DEV [protocols=N] [peer-mru=N] [rx-pending=W,W] [ifindex=N] [fd=N|KIND] "
	  "[socket-fd=N] [socket-of=END] [omit=ATTR] [record-size=N] [slot=N] "
	  "[replace=1] [tls-client=1] [held=dup|message]" },
	{ "set", true, cmd_set, "[id=N | by=fd] [protocols=N] [peer-mru=N]" },
	{ "del", true, cmd_del, "[id=N | by=fd]" },
	{ "show", true, cmd_get, "[id=N | by=fd]" },
	{ "dump", true, cmd_dump, "[count=N]" },
	{ "stat", true, cmd_stat, "NAME ==|>=|<= VALUE [now]" },
	{ "drained", true, cmd_drained, "OTHER" },
	{ "note", true, cmd_note, "NAME" },
	{ "write", true, cmd_write, "WORDS" },
	{ "flood", true, cmd_flood, "[min=N] [max=N] WORDS" },
	{ "expect", true, cmd_expect,
	  "packet WORDS | record TYPE WORDS | end REASON [DETAIL]" },
	{ "ended", true, cmd_ended, "[REASON]" },
	{ "short-read", true, cmd_short_read, "SIZE" },
	{ "nowhere", true, cmd_nowhere, "read|write" },
	{ "poll", true, cmd_poll, "[in] [out] [hup]" },
	{ "close", true, cmd_close, "" },
	{ "monitor", true, cmd_monitor, "" },
	{ "notified", true, cmd_notified, "new | REASON" },
	{ 0 },
};
