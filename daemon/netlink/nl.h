/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One netlink request and its answer, with the kernel's own words for what it
 * did not like (extended acknowledgement). Requests block: the kernel answers
 * at once.
 */
#ifndef SSTPD_NL_H
#define SSTPD_NL_H

#include <stddef.h>

#include <netlink/netlink.h>

#define NL_ERR_MAX	160

/**
 * struct nl_err - why a request failed
 * @code: errno value
 * @attr: type of the attribute that was wrong, 0 = not said
 */
struct nl_err {
	int code;
	int attr;
	char text[NL_ERR_MAX];
};

/** nl_open() - a connected socket of @protocol; ends the process on failure */
struct nl_sock *nl_open(int protocol);

/** nl_try_open() - the same, but NULL with a warning on failure */
struct nl_sock *nl_try_open(int protocol);

/**
 * nl_talk() - send a request and wait for its end
 * @sk: NULL, and it fails
 * @msg: the request; freed
 * @reply: called with @arg for every message of the answer, may be NULL
 *
 * Return: 0, or -1 with @err filled.
 */
int nl_talk(struct nl_sock *sk, struct nl_msg *msg, nl_recvmsg_msg_cb_t reply,
	    void *arg, struct nl_err *err);

/**
 * nl_drain() - no answer came, or not all of it (ENOBUFS)
 *
 * What does come of it must not be taken for the answer to the next request.
 * nl_talk() does this by itself.
 */
void nl_drain(struct nl_sock *sk);

#endif /* SSTPD_NL_H */
