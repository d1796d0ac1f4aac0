/* SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) OR BSD-3-Clause) */
/* Do not edit directly, auto-generated from: */
/*	Documentation/netlink/specs/sstp.yaml */
/* YNL-GEN uapi header */
/* To regenerate run: tools/net/ynl/ynl-regen.sh */

#ifndef _UAPI_LINUX_SSTP_H
#define _UAPI_LINUX_SSTP_H

#define SSTP_FAMILY_NAME	"sstp"
#define SSTP_FAMILY_VERSION	1

#define SSTP_UAPI_VERSION	1
#define SSTP_MAX_MRU		4087
#define SSTP_MAX_RX_PENDING	24576

/*
 * Network protocols that may pass, because their NCP is Opened.
 */
enum sstp_protocols {
	SSTP_PROTOCOLS_IPV4 = 1,
	SSTP_PROTOCOLS_IPV6 = 2,
};

#define SSTP_MAX_RECORD		16384
#define SSTP_MAX_SECRET		64
#define SSTP_MAX_REKEY_SECONDS	604800
#define SSTP_MAX_SOURCES	32
#define SSTP_MAX_SLOTS		16

/**
 * enum sstp_features - What the module is able to do, beyond what every
 *   version is.
 * @SSTP_FEATURES_REKEY: TLS 1.3 KeyUpdate, with tx-secret and rx-secret. kTLS
 *   is able to in Linux 6.14 and later.
 * @SSTP_FEATURES_SLOTS: Several sessions on a device, with slot.
 * @SSTP_FEATURES_REPLACE: A session takes over from the one that is there,
 *   with replace.
 * @SSTP_FEATURES_RECORD_SIZE: TLS records no larger than the peer wants them,
 *   with record-size.
 * @SSTP_FEATURES_REKEY_AGE: TLS keys change by their age, too, with
 *   rekey-seconds.
 * @SSTP_FEATURES_SOURCE: The source address of what is received is checked,
 *   with source.
 */
enum sstp_features {
	SSTP_FEATURES_REKEY = 1,
	SSTP_FEATURES_SLOTS = 2,
	SSTP_FEATURES_REPLACE = 4,
	SSTP_FEATURES_RECORD_SIZE = 8,
	SSTP_FEATURES_REKEY_AGE = 16,
	SSTP_FEATURES_SOURCE = 32,
};

/**
 * enum sstp_end_reason - Why a session ended.
 * @SSTP_END_REASON_NONE: The session has not ended.
 * @SSTP_END_REASON_OWNER_CLOSED: The session fd was closed.
 * @SSTP_END_REASON_ADMIN: session-del.
 * @SSTP_END_REASON_LINK_DELETED: The network device was deleted, or its
 *   namespace ended.
 * @SSTP_END_REASON_PEER_FIN: The peer closed TCP without a TLS close_notify.
 * @SSTP_END_REASON_TLS_CLOSE_NOTIFY: The peer closed TLS in order.
 * @SSTP_END_REASON_TLS_ALERT: The peer sent a fatal TLS alert; detail is its
 *   description.
 * @SSTP_END_REASON_TLS_ERROR: kTLS failed to decrypt or encrypt; detail is the
 *   errno.
 * @SSTP_END_REASON_TLS_KEY_UPDATE: The peer changed its TLS 1.3 keys, and the
 *   session cannot follow (see tx-secret); the record that said so was
 *   delivered before this.
 * @SSTP_END_REASON_TLS_UNEXPECTED_RECORD: A TLS record that has no business
 *   here; detail is its content type.
 * @SSTP_END_REASON_TCP_ERROR: The TCP connection failed; detail is the errno.
 * @SSTP_END_REASON_BAD_VERSION: A packet whose version octet is not 0x10;
 *   detail is the octet.
 * @SSTP_END_REASON_BAD_LENGTH: A packet whose length is less than 4; detail is
 *   the length.
 * @SSTP_END_REASON_CONTROL_OVERFLOW: The peer sent control packets faster than
 *   the owner of the session fd read them.
 */
enum sstp_end_reason {
	SSTP_END_REASON_NONE,
	SSTP_END_REASON_OWNER_CLOSED,
	SSTP_END_REASON_ADMIN,
	SSTP_END_REASON_LINK_DELETED,
	SSTP_END_REASON_PEER_FIN,
	SSTP_END_REASON_TLS_CLOSE_NOTIFY,
	SSTP_END_REASON_TLS_ALERT,
	SSTP_END_REASON_TLS_ERROR,
	SSTP_END_REASON_TLS_KEY_UPDATE,
	SSTP_END_REASON_TLS_UNEXPECTED_RECORD,
	SSTP_END_REASON_TCP_ERROR,
	SSTP_END_REASON_BAD_VERSION,
	SSTP_END_REASON_BAD_LENGTH,
	SSTP_END_REASON_CONTROL_OVERFLOW,
};

/**
 * enum sstp_fd_type - What one read() from the session fd returned. The owner
 *   skips a message of a type that it does not know.
 * @SSTP_FD_TYPE_PACKET: One whole SSTP packet, header included: a control
 *   packet (C = 1) or a data packet whose PPP protocol the kernel does not
 *   forward.
 * @SSTP_FD_TYPE_TLS_RECORD: A TLS handshake record the kernel does not act on;
 *   detail is the content type, the body is the record's plaintext (cut at 64
 *   bytes).
 * @SSTP_FD_TYPE_END: The session ended; reason and detail say why. The last
 *   message.
 */
enum sstp_fd_type {
	SSTP_FD_TYPE_PACKET,
	SSTP_FD_TYPE_TLS_RECORD,
	SSTP_FD_TYPE_END,
};

enum {
	SSTP_A_SESSION_ID = 1,
	SSTP_A_SESSION_IFINDEX,
	SSTP_A_SESSION_SOCKET_FD,
	SSTP_A_SESSION_SESSION_FD,
	SSTP_A_SESSION_PROTOCOLS,
	SSTP_A_SESSION_PEER_MRU,
	SSTP_A_SESSION_RX_PENDING,
	SSTP_A_SESSION_TLS_VERSION,
	SSTP_A_SESSION_TLS_CIPHER,
	SSTP_A_SESSION_REASON,
	SSTP_A_SESSION_DETAIL,
	SSTP_A_SESSION_STATS,
	SSTP_A_SESSION_SLOT,
	SSTP_A_SESSION_REPLACE,
	SSTP_A_SESSION_TX_SECRET,
	SSTP_A_SESSION_RX_SECRET,
	SSTP_A_SESSION_RECORD_SIZE,
	SSTP_A_SESSION_TLS_CLIENT,
	SSTP_A_SESSION_REKEY_RECORDS,
	SSTP_A_SESSION_REKEY_SECONDS,
	SSTP_A_SESSION_SOURCE,

	__SSTP_A_SESSION_MAX,
	SSTP_A_SESSION_MAX = (__SSTP_A_SESSION_MAX - 1)
};

enum {
	SSTP_A_SOURCE_ADDRESS = 1,
	SSTP_A_SOURCE_PREFIX_LEN,

	__SSTP_A_SOURCE_MAX,
	SSTP_A_SOURCE_MAX = (__SSTP_A_SOURCE_MAX - 1)
};

enum {
	SSTP_A_MODULE_VERSION = 1,
	SSTP_A_MODULE_FEATURES,

	__SSTP_A_MODULE_MAX,
	SSTP_A_MODULE_MAX = (__SSTP_A_MODULE_MAX - 1)
};

enum {
	SSTP_A_STATS_PAD = 1,
	SSTP_A_STATS_RX_PACKETS,
	SSTP_A_STATS_RX_BYTES,
	SSTP_A_STATS_TX_PACKETS,
	SSTP_A_STATS_TX_BYTES,
	SSTP_A_STATS_RX_STREAM_BYTES,
	SSTP_A_STATS_TX_STREAM_BYTES,
	SSTP_A_STATS_RX_CONTROL,
	SSTP_A_STATS_TX_CONTROL,
	SSTP_A_STATS_RX_DROPPED,
	SSTP_A_STATS_TX_DROPPED,
	SSTP_A_STATS_TX_RECORDS,
	SSTP_A_STATS_TX_QUEUE_BYTES,
	SSTP_A_STATS_IDLE_MS,
	SSTP_A_STATS_DROPS,
	SSTP_A_STATS_TLS_TX_SEQ,
	SSTP_A_STATS_TLS_RX_SEQ,
	SSTP_A_STATS_TLS_TX_UPDATES,
	SSTP_A_STATS_TLS_RX_UPDATES,

	__SSTP_A_STATS_MAX,
	SSTP_A_STATS_MAX = (__SSTP_A_STATS_MAX - 1)
};

enum {
	SSTP_A_DROPS_PAD = 1,
	SSTP_A_DROPS_RX_MALFORMED,
	SSTP_A_DROPS_RX_PROTOCOL,
	SSTP_A_DROPS_RX_MEMORY,
	SSTP_A_DROPS_RX_DOWN,
	SSTP_A_DROPS_TX_PROTOCOL,
	SSTP_A_DROPS_TX_SIZE,
	SSTP_A_DROPS_TX_MALFORMED,
	SSTP_A_DROPS_RX_SOURCE,

	__SSTP_A_DROPS_MAX,
	SSTP_A_DROPS_MAX = (__SSTP_A_DROPS_MAX - 1)
};

enum {
	SSTP_CMD_SESSION_NEW = 1,
	SSTP_CMD_SESSION_SET,
	SSTP_CMD_SESSION_GET,
	SSTP_CMD_SESSION_DEL,
	SSTP_CMD_SESSION_DEL_NTF,
	SSTP_CMD_SESSION_NEW_NTF,
	SSTP_CMD_MODULE_GET,

	__SSTP_CMD_MAX,
	SSTP_CMD_MAX = (__SSTP_CMD_MAX - 1)
};

#define SSTP_MCGRP_SESSIONS	"sessions"

#endif /* _UAPI_LINUX_SSTP_H */
