// SPDX-License-Identifier: GPL-2.0-or-later
#include "boundary/imsg.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/crypto.h>

#include "lib/log.h"
#include "lib/loop.h"

/* Messages taken per wake-up, so that timers and sockets get their turn. */
#define IMSG_BATCH	32

struct imsg_out {
	STAILQ_ENTRY(imsg_out) next;
	int fd;
	struct imsg_hdr hdr;
	unsigned char body[];
};

struct imsg_chan {
	int fd;
	const struct imsg_rule *rules;
	uint32_t n_rules;
	uint32_t peer;
	imsg_cb cb;
	void *ctx;
	bool closed;
	bool in_callback;
	bool overrun;
	size_t queued;
	size_t limit;		/* of that, 0 = none */
	struct event *rd;
	struct event *wr;
	STAILQ_HEAD(, imsg_out) out;
};

bool imsg_valid(const struct imsg_rule *rules, uint32_t n_rules, uint32_t peer,
		const void *data, size_t len, bool has_fd, const char **why)
{
	const struct imsg_rule *rule;
	struct imsg_hdr hdr;

	*why = "shorter than a message header";
	if (len < sizeof(hdr))
		return false;
	memcpy(&hdr, data, sizeof(hdr));
	*why = "unknown message type";
	if (hdr.type >= n_rules || !rules[hdr.type].name)
		return false;
	rule = &rules[hdr.type];
	*why = "message type this process may not send";
	if (!(rule->from & peer))
		return false;
	*why = "message of the wrong size";
	if (hdr.size != rule->size || len != sizeof(hdr) + rule->size)
		return false;
	*why = "message without its descriptor";
	if (rule->fd == IMSG_FD && !has_fd)
		return false;
	*why = "message with a descriptor it should not have";
	if (rule->fd == IMSG_NO_FD && has_fd)
		return false;
	*why = "message with a value out of range";
	if (rule->check &&
	    !rule->check((const unsigned char *)data + sizeof(hdr)))
		return false;
	*why = NULL;
	return true;
}

static void imsg_out_free(struct imsg_chan *chan, struct imsg_out *out)
{
	chan->queued -= sizeof(*out) + out->hdr.size;
	if (out->fd >= 0)
		close(out->fd);
	OPENSSL_cleanse(out->body, out->hdr.size);
	free(out);
}

static void imsg_release(struct imsg_chan *chan)
{
	struct imsg_out *out;

	while ((out = STAILQ_FIRST(&chan->out))) {
		STAILQ_REMOVE_HEAD(&chan->out, next);
		imsg_out_free(chan, out);
	}
	loop_free(&chan->rd);
	loop_free(&chan->wr);
	close(chan->fd);
	free(chan);
}

void imsg_close(struct imsg_chan *chan)
{
	if (!chan || chan->closed)
		return;
	chan->closed = true;
	if (!chan->in_callback)
		imsg_release(chan);
}

/*
 * Takes the descriptors out of @msg: the first one is kept, others closed. A cut
 * list without any is one that found no room in our table: @lost.
 */
static int imsg_take_fd(struct msghdr *msg, bool *too_many, bool *lost)
{
	struct cmsghdr *cmsg;
	size_t n, i;
	int kept = -1;
	int fd;

	*too_many = msg->msg_flags & MSG_CTRUNC;
	for (cmsg = CMSG_FIRSTHDR(msg); cmsg; cmsg = CMSG_NXTHDR(msg, cmsg)) {
		if (cmsg->cmsg_level != SOL_SOCKET ||
		    cmsg->cmsg_type != SCM_RIGHTS)
			continue;
		n = (cmsg->cmsg_len - CMSG_LEN(0)) / sizeof(fd);
		for (i = 0; i < n; i++) {
			memcpy(&fd, CMSG_DATA(cmsg) + i * sizeof(fd),
			       sizeof(fd));
			if (kept < 0) {
				kept = fd;
			} else {
				close(fd);
				*too_many = true;
			}
		}
	}
	*lost = *too_many && kept < 0;
	if (*lost)
		*too_many = false;
	return kept;
}

static void imsg_fail(struct imsg_chan *chan, const char *why)
{
	loop_watch(chan->rd, false);
	chan->cb(chan->ctx, NULL, why);
}

/* Return: false once the channel has nothing more to give. */
static bool imsg_read_one(struct imsg_chan *chan)
{
	static union {
		struct imsg_hdr hdr;
		max_align_t align;
		unsigned char data[sizeof(struct imsg_hdr) + IMSG_BODY_MAX];
	} in;
	union {
		struct cmsghdr align;
		char data[CMSG_SPACE(4 * sizeof(int))];
	} ctl;
	struct iovec iov = { .iov_base = in.data, .iov_len = sizeof(in.data) };
	struct msghdr msg = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = ctl.data,
		.msg_controllen = sizeof(ctl.data),
	};
	const char *why = "more than one descriptor";
	struct imsg m;
	bool too_many;
	ssize_t len;

	len = recvmsg(chan->fd, &msg, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	if (len < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	if (len <= 0) {
		/* Messages that it had not read are no error of the channel. */
		imsg_fail(chan, len < 0 && errno != ECONNRESET ?
			  strerror(errno) : IMSG_CLOSED);
		return false;
	}
	m.fd = imsg_take_fd(&msg, &too_many, &m.fd_lost);
	if (too_many || !imsg_valid(chan->rules, chan->n_rules, chan->peer,
				    in.data, (size_t)len,
				    m.fd >= 0 || m.fd_lost, &why)) {
		if (m.fd >= 0)
			close(m.fd);
		imsg_fail(chan, why);
		return false;
	}
	m.type = in.hdr.type;
	m.body = in.data + sizeof(struct imsg_hdr);
	chan->cb(chan->ctx, &m, NULL);
	if (m.fd >= 0)
		close(m.fd);
	OPENSSL_cleanse(in.data, (size_t)len);
	return true;
}

static void imsg_on_read(int fd, short what, void *arg)
{
	struct imsg_chan *chan = arg;
	int i;

	(void)fd;
	(void)what;
	chan->in_callback = true;
	if (chan->overrun)
		imsg_fail(chan, "it does not take its messages");
	for (i = 0; i < IMSG_BATCH && !chan->closed && !chan->overrun; i++)
		if (!imsg_read_one(chan))
			break;
	chan->in_callback = false;
	if (chan->closed)
		imsg_release(chan);
}

static ssize_t imsg_sendmsg(struct imsg_chan *chan, struct imsg_out *out)
{
	union {
		struct cmsghdr align;
		char data[CMSG_SPACE(sizeof(int))];
	} ctl = { .data = { 0 } };
	struct iovec iov = {
		.iov_base = &out->hdr,
		.iov_len = sizeof(out->hdr) + out->hdr.size,
	};
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	struct cmsghdr *cmsg;

	if (out->fd >= 0) {
		msg.msg_control = ctl.data;
		msg.msg_controllen = sizeof(ctl.data);
		cmsg = CMSG_FIRSTHDR(&msg);
		cmsg->cmsg_level = SOL_SOCKET;
		cmsg->cmsg_type = SCM_RIGHTS;
		cmsg->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(cmsg), &out->fd, sizeof(int));
	}
	return sendmsg(chan->fd, &msg, MSG_DONTWAIT | MSG_NOSIGNAL);
}

/* ETOOMANYREFS: so many descriptors are on their way to this user's processes. */
static bool imsg_not_now(int error)
{
	return error == EAGAIN || error == EINTR || error == ENOBUFS || error == ENOMEM ||
	       error == ETOOMANYREFS;
}

/* A dead peer shows up as the end of the read side; here it is ignored. */
static void imsg_on_write(int fd, short what, void *arg)
{
	struct imsg_chan *chan = arg;
	struct imsg_out *out;

	(void)fd;
	(void)what;
	while ((out = STAILQ_FIRST(&chan->out))) {
		if (imsg_sendmsg(chan, out) < 0 && imsg_not_now(errno))
			return;
		STAILQ_REMOVE_HEAD(&chan->out, next);
		imsg_out_free(chan, out);
	}
	loop_watch(chan->wr, false);
}

size_t imsg_queued(const struct imsg_chan *chan)
{
	return chan->queued;
}

bool imsg_unread(const struct imsg_chan *chan)
{
	int bytes = 0;

	return ioctl(chan->fd, FIONREAD, &bytes) == 0 && bytes > 0;
}

void imsg_limit(struct imsg_chan *chan, size_t bytes)
{
	chan->limit = bytes;
}

/* Not here: whoever sends does not expect the channel to go away meanwhile. */
static void imsg_overrun(struct imsg_chan *chan, int fd)
{
	if (fd >= 0)
		close(fd);
	chan->overrun = true;
	event_active(chan->rd, EV_READ, 0);
}

void imsg_send(struct imsg_chan *chan, uint32_t type, const void *body, int fd)
{
	size_t size = chan->rules[type].size;
	struct imsg_out *out;

	if (chan->overrun || (chan->limit && chan->queued > chan->limit)) {
		imsg_overrun(chan, fd);
		return;
	}
	out = malloc(sizeof(*out) + size);
	if (!out)
		log_fatal("out of memory");
	chan->queued += sizeof(*out) + size;
	out->fd = fd;
	out->hdr.type = type;
	out->hdr.size = (uint32_t)size;
	if (size)
		memcpy(out->body, body, size);
	STAILQ_INSERT_TAIL(&chan->out, out, next);
	if (STAILQ_FIRST(&chan->out) == out)
		imsg_on_write(chan->fd, EV_WRITE, chan);
	if (!STAILQ_EMPTY(&chan->out))
		loop_watch(chan->wr, true);
}

void imsg_flush(struct imsg_chan *chan)
{
	struct pollfd pfd = { .fd = chan->fd, .events = POLLOUT };

	while (!STAILQ_EMPTY(&chan->out)) {
		if (poll(&pfd, 1, 5000) <= 0 || (pfd.revents & POLLHUP))
			return;
		imsg_on_write(chan->fd, EV_WRITE, chan);
	}
}

struct imsg_chan *imsg_open(int fd, const struct imsg_rule *rules,
			    uint32_t n_rules, uint32_t peer, imsg_cb cb,
			    void *ctx)
{
	struct imsg_chan *chan = calloc(1, sizeof(*chan));

	if (!chan)
		log_fatal("out of memory");
	chan->fd = fd;
	chan->rules = rules;
	chan->n_rules = n_rules;
	chan->peer = peer;
	chan->cb = cb;
	chan->ctx = ctx;
	STAILQ_INIT(&chan->out);
	chan->rd = loop_event(fd, EV_READ | EV_PERSIST, imsg_on_read, chan);
	chan->wr = loop_event(fd, EV_WRITE | EV_PERSIST, imsg_on_write, chan);
	loop_watch(chan->rd, true);
	return chan;
}
