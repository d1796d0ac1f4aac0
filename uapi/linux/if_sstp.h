/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * The session fd of the sstp module, as returned by SSTP_CMD_SESSION_NEW.
 *
 * read() returns exactly one message: a struct sstp_fd_hdr and its body. A
 * buffer of SSTP_FD_MSG_MAX bytes always suffices; a shorter one that cannot
 * hold the next message gives EMSGSIZE and leaves the message queued. After
 * the message of type SSTP_FD_TYPE_END, read() returns 0. Messages of a type that
 * the reader does not know are to be skipped: later kernels have more of them.
 *
 * At most 64 packets wait for the reader. The next one, if it comes in the same TLS
 * record, too, ends the session with SSTP_END_REASON_CONTROL_OVERFLOW; those that wait
 * are read before that message.
 *
 * write() takes exactly one whole SSTP packet, header included, without a
 * struct sstp_fd_hdr, and queues it ahead of data. Its length field must be
 * the length of the write. EAGAIN (or waiting, on a blocking fd) while the
 * queue is full; EPIPE once the session has ended.
 *
 * poll(): EPOLLIN a message waits; EPOLLOUT the write queue has room;
 * EPOLLHUP the session has ended. close() ends the session.
 *
 * All fields are in host byte order; packets are as on the wire (MS-SSTP 2.2).
 */
#ifndef _UAPI_LINUX_IF_SSTP_H
#define _UAPI_LINUX_IF_SSTP_H

#include <linux/types.h>

/**
 * struct sstp_fd_hdr - start of every message read from a session fd
 * @type: enum sstp_fd_type
 * @reason: enum sstp_end_reason for SSTP_FD_TYPE_END, else 0
 * @detail: depends on @type and @reason, see enum sstp_end_reason; of an unknown
 *	@type, as @reason, it means nothing
 */
struct sstp_fd_hdr {
	__u16 type;
	__u16 reason;
	__u32 detail;
};

#define SSTP_FD_PACKET_MAX	4095
#define SSTP_FD_MSG_MAX		(sizeof(struct sstp_fd_hdr) + SSTP_FD_PACKET_MAX)

#endif /* _UAPI_LINUX_IF_SSTP_H */
