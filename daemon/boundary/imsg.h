/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Messages between the daemon's processes, over a SOCK_SEQPACKET socketpair:
 * one datagram = one type, one struct of a fixed size, at most one file
 * descriptor. Which types exist, how large they are and who may send them is
 * data (struct imsg_rule); anything else that arrives closes the channel. A
 * receiver thus never sees a message of the wrong shape.
 */
#ifndef SSTPD_IMSG_H
#define SSTPD_IMSG_H

#include <stddef.h>
#include <stdbool.h>
#include <stdint.h>

enum imsg_fd_rule {
	IMSG_NO_FD,
	IMSG_MAY_FD,
	IMSG_FD,
};

/**
 * struct imsg_rule - the shape of one message type
 * @name: for the log
 * @size: exact size of the struct, in bytes
 * @fd: whether a descriptor comes along
 * @from: bit mask of the processes that may send it
 * @check: rejects values that have no business in the struct; may be NULL
 */
struct imsg_rule {
	const char *name;
	size_t size;
	enum imsg_fd_rule fd;
	uint32_t from;
	bool (*check)(const void *body);
};

/**
 * struct imsg - one received message
 * @type: index of its rule
 * @body: the struct, valid during the callback
 * @fd: descriptor or -1; closed after the callback unless it sets -1
 * @fd_lost: there was one, but we have no room for it (EMFILE)
 */
struct imsg {
	uint32_t type;
	const void *body;
	int fd;
	bool fd_lost;
};

struct imsg_chan;

/* @why of a channel whose other end has gone. */
#define IMSG_CLOSED	"closed"

/** imsg_cb - a message came in; @m is NULL if the channel ended, with @why */
typedef void (*imsg_cb)(void *ctx, struct imsg *m, const char *why);

#define IMSG_BODY_MAX	65536

/**
 * imsg_open() - serve one end of a socketpair
 * @fd: the socket; owned by the channel from now on
 * @rules: table of @n_rules rules, indexed by type
 * @peer: bit of the process at the other end
 * @cb: called with @ctx for every message and once at the end
 */
struct imsg_chan *imsg_open(int fd, const struct imsg_rule *rules,
			    uint32_t n_rules, uint32_t peer, imsg_cb cb,
			    void *ctx);

/** imsg_close() - close the channel; may be called from its callback */
void imsg_close(struct imsg_chan *chan);

/**
 * imsg_send() - queue a message
 * @body: struct of the size that the rule of @type says
 * @fd: descriptor to pass, or -1; owned (and closed) by the channel
 *
 * The queued copy is wiped once it is sent: bodies may hold secrets.
 */
void imsg_send(struct imsg_chan *chan, uint32_t type, const void *body, int fd);

/** imsg_unread() - there are messages of the other end that were not looked at yet */
bool imsg_unread(const struct imsg_chan *chan);

/** imsg_queued() - bytes of messages that were not sent yet */
size_t imsg_queued(const struct imsg_chan *chan);

/**
 * imsg_limit() - end the channel if more than @bytes wait: the other end asks,
 * and does not listen
 */
void imsg_limit(struct imsg_chan *chan, size_t bytes);

/** imsg_flush() - write what is queued, waiting for the other side if need be */
void imsg_flush(struct imsg_chan *chan);

/** imsg_valid() - check a datagram of @len bytes, header included (for tests) */
bool imsg_valid(const struct imsg_rule *rules, uint32_t n_rules, uint32_t peer,
		const void *data, size_t len, bool has_fd, const char **why);

/** struct imsg_hdr - starts every datagram; host byte order */
struct imsg_hdr {
	uint32_t type;
	uint32_t size;
};

#endif /* SSTPD_IMSG_H */
