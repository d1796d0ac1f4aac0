/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The privilege boundary: every message between the daemon's processes.
 *
 *	            parent (root: netlink, TUN, addresses, session table)
 *	           /              |           |            \
 *	    engine            authd        radius         resolver
 *	    TLS HTTP SSTP     passwords    RADIUS         names of servers
 *	    PPP TUN pump                   client
 *
 * A star: children talk to the parent only, so that it alone decides who gets
 * what. In particular a verdict of authd reaches the engine through the parent,
 * which thereby knows which session belongs to which authenticated user, and
 * gives addresses and interfaces to no other.
 *
 * Each message is one struct of fixed size (imsg.h). A message of the wrong
 * size, from the wrong sender or with an impossible value ends the daemon:
 * a child that sends one is broken or broken into.
 */
#ifndef SSTPD_MSG_H
#define SSTPD_MSG_H

#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include "auth.h"
#include "conf.h"
#include "imsg.h"
#include "policy.h"
#include "ppp.h"
#include "stats.h"

/* Processes, as bits of imsg_rule.from. */
enum msg_process {
	MSG_PARENT	= 0x01,
	MSG_ENGINE	= 0x02,
	MSG_AUTHD	= 0x04,
	MSG_RESOLVER	= 0x08,
	MSG_RADIUS	= 0x10,
};

enum msg_type {
	/*
	 * parent -> engine: what to do, before MSG_START; a reload sends
	 * MSG_CONF_SERVER, its files and MSG_START again
	 */
	MSG_CONF_ENGINE,	/* msg_conf_engine */
	MSG_CONF_SERVER,	/* conf_server */
	MSG_CONF_CLIENT,	/* conf_client; clients are numbered in order */
	MSG_CONF_FILE,		/* msg_conf_file, fd = the open file */
	MSG_LISTEN,		/* msg_none, fd = listening socket */
	/* parent -> authd, before MSG_START and on reload */
	MSG_CONF_USERS,		/* msg_none, fd = users file */
	MSG_CONF_SECRET,	/* conf_secret */
	MSG_CONF_AUTHD,		/* msg_conf_authd */
	/* parent -> radius, before MSG_START */
	MSG_CONF_RADIUS,	/* msg_conf_radius */
	MSG_CONF_RADIUS_SECRET,	/* conf_radius_secret */
	MSG_RADIUS_SOCKET,	/* msg_radius_socket, fd = UDP socket */
	/* parent -> child */
	MSG_START,		/* msg_none: configuration is complete */
	MSG_LOG_LEVEL,		/* msg_log_level: from now on */
	MSG_STOP,		/* msg_none: end every session, then MSG_STOPPED */
	/* child -> parent */
	MSG_READY,		/* msg_none: in the sandbox, serving */
	MSG_STOPPED,		/* msg_none: nothing left to end */
	MSG_STATS,		/* msg_stats: counters of the engine */
	/* liveness: parent -> engine, authd, and back */
	MSG_PING,		/* msg_none */
	MSG_PONG,		/* msg_none */
	/* name resolution: engine -> parent -> resolver -> parent -> engine */
	MSG_RESOLVE,		/* msg_client */
	MSG_LOOKUP,		/* msg_lookup */
	MSG_RESOLVED,		/* msg_resolved */
	/* authentication: engine -> parent -> authd -> parent -> engine */
	MSG_AUTH_ASK,		/* msg_auth_ask */
	MSG_AUTH_VERDICT,	/* msg_auth_verdict */
	MSG_AUTH_ANSWER,	/* msg_auth_answer */
	/*
	 * authd -> parent -> radius: the same question, which is not for the
	 * users file; radius answers with MSG_AUTH_VERDICT
	 */
	MSG_RADIUS_ASK,		/* msg_auth_ask */
	MSG_ACCT,		/* msg_acct: parent -> radius */
	MSG_GRANT_CHANGE,	/* msg_grant_change: radius -> parent */
	/* data path: engine -> parent, parent -> engine */
	MSG_PATH_OPEN,		/* msg_path_open, fd = kTLS socket (kernel) */
	MSG_PATH_OPENED,	/* msg_path_opened, fd = session fd or TUN */
	MSG_PATH_UPDATE,	/* msg_path_update: a further NCP opened */
	MSG_IDLE_ASK,		/* msg_session */
	MSG_IDLE,		/* msg_idle */
	MSG_DISCONNECT,		/* msg_disconnect: parent (or radius) ends a session */
	MSG_SESSION_END,	/* msg_session_end: engine is done with it */
	MSG_TYPES,
};

#define MSG_TEXT_MAX		160
#define MSG_PENDING_MAX		24576
#define MSG_ADDRS_MAX		8

struct msg_none {
	uint32_t unused;
};

/**
 * struct msg_conf_engine - [global] as far as the engine needs it
 * @first_id: number for its first session
 * @step_id: from there to the next, so that no other engine has the same
 * @no_kernel: why the kernel data path cannot be used, empty if it can
 */
struct msg_conf_engine {
	uint32_t first_id;
	uint32_t step_id;
	char no_kernel[MSG_TEXT_MAX];
};

/** struct msg_log_level - @level: LOG_* of syslog.h */
struct msg_log_level {
	int32_t level;
};

enum msg_file_kind {
	MSG_FILE_CERTIFICATE,
	MSG_FILE_KEY,
	MSG_FILE_CLIENT_CA,	/* for clients' certificates */
	MSG_FILE_CA,
	MSG_FILE_CLIENT_CERT,
	MSG_FILE_CLIENT_KEY,
	MSG_FILE_KEYLOG,
};

/**
 * struct msg_conf_file - what the descriptor is for
 * @kind: enum msg_file_kind
 * @number: of the certificate, or of the client (role client)
 */
struct msg_conf_file {
	uint32_t kind;
	uint32_t number;
};

/** struct msg_stats - since the start, by enum stats_id */
struct msg_stats {
	uint64_t count[STAT_ENGINE_END];
};

struct msg_client {
	uint32_t client;
};

struct msg_lookup {
	uint32_t client;
	uint16_t port;
	char host[CONF_HOST_MAX];
};

/**
 * struct msg_resolved - addresses of a server, best first
 * @n: 0 if there are none, @error says why
 */
struct msg_resolved {
	uint32_t client;
	uint32_t n;
	struct sockaddr_storage addrs[MSG_ADDRS_MAX];
	char error[MSG_TEXT_MAX];
};

/** struct msg_session - @id: number the engine gave the session, never 0 */
struct msg_session {
	uint32_t id;
};

/**
 * struct msg_auth_ask - a question of a session to authd
 * @client: number of the client, if @req.client
 * @remote: address of the other end of TCP, for the log
 */
struct msg_auth_ask {
	uint32_t id;
	uint32_t client;
	struct sockaddr_storage remote;
	struct auth_request req;
};

/** struct msg_conf_authd - @radius: ask it about users that are not local */
struct msg_conf_authd {
	bool radius;
};

/**
 * struct msg_conf_radius - [radius], and
 * @started: when sstpd was, tells its sessions from earlier ones, s since 1970
 * @again: it goes on with the sessions that an earlier process had
 */
struct msg_conf_radius {
	struct conf_radius conf;
	uint32_t started;
	bool again;
};

enum msg_radius_use {
	MSG_RADIUS_AUTH,
	MSG_RADIUS_ACCT,
	MSG_RADIUS_COA,
};

/**
 * struct msg_radius_socket - what the UDP socket is for
 * @use: enum msg_radius_use
 * @server: number of the server it is connected to; MSG_RADIUS_COA: 0
 */
struct msg_radius_socket {
	uint32_t use;
	uint32_t server;
};

#define GRANT_CLASS_MAX		512

/**
 * struct grant - what comes with a login
 * @user: addresses, routes, policy
 * @session_s: longest duration, seconds, 0 = any
 * @idle_s: longest time without an IP packet from the peer, seconds, 0 = any
 * @interim_s: between accounting updates, seconds, 0 = as configured
 * @mtu: upper limit of the interface MTU, bytes, 0 = as configured
 * @dns: 0.0.0.0 = as configured
 * @nbns: the same
 * @dns6: the same, all zero = as configured
 * @class_len: bytes in @class
 * @class: Class attributes as received, type and length included, for the
 *	accounting records
 */
struct grant {
	struct policy_user user;
	uint32_t session_s;
	uint32_t idle_s;
	uint32_t interim_s;
	uint32_t mtu;
	struct in_addr dns[2];
	struct in_addr nbns[2];
	struct in6_addr dns6[2];
	uint32_t class_len;
	uint8_t class[GRANT_CLASS_MAX];
};

/* Bits of msg_grant_change.what. */
enum grant_what {
	GRANT_SESSION	= 0x01,
	GRANT_IDLE	= 0x02,
	GRANT_INTERIM	= 0x04,
	GRANT_RATE	= 0x08,
};

/** struct msg_grant_change - new values of the fields in @what */
struct msg_grant_change {
	uint32_t id;
	uint32_t what;
	uint32_t session_s;
	uint32_t idle_s;
	uint32_t interim_s;
	uint64_t rate_down;
	uint64_t rate_up;
};

enum msg_acct_kind {
	MSG_ACCT_START,
	MSG_ACCT_INTERIM,
	MSG_ACCT_STOP,
};

/**
 * struct msg_acct - a session of the server has begun, goes on, is over
 * @kind: enum msg_acct_kind
 * @reason: MSG_ACCT_STOP: enum reason
 * @seconds: duration so far
 * @address: of the peer in the tunnel, 0.0.0.0 = none
 * @prefix6: the peer's IPv6 prefix, family 0 = none
 * @in_bytes: IP bytes from the peer
 * @out_bytes: IP bytes to the peer
 */
struct msg_acct {
	uint32_t id;
	uint32_t kind;
	uint32_t reason;
	uint32_t seconds;
	struct sockaddr_storage remote;
	char user[AUTH_NAME_MAX + 1];
	char ifname[IFNAMSIZ];
	struct in_addr address;
	struct conf_route prefix6;
	uint64_t in_bytes;
	uint64_t out_bytes;
	uint64_t in_packets;
	uint64_t out_packets;
	uint32_t class_len;
	uint8_t class[GRANT_CLASS_MAX];
};

/**
 * struct msg_auth_verdict - answer of authd or radius, to the parent
 * @user: server role: name of the account that was matched
 */
struct msg_auth_verdict {
	uint32_t id;
	uint32_t serial;
	struct auth_result res;
	char user[AUTH_NAME_MAX + 1];
	struct grant grant;
};

/** struct msg_disconnect - @reason: enum reason */
struct msg_disconnect {
	uint32_t id;
	uint32_t reason;
};

/**
 * struct msg_auth_answer - the same for the engine, with addresses for IPCP
 * @addrs: server role, @res.ok: what to hand out
 */
struct msg_auth_answer {
	uint32_t id;
	uint32_t serial;
	struct auth_result res;
	struct ppp_addrs addrs;
};

enum msg_path_kind {
	MSG_PATH_KERNEL,
	MSG_PATH_TUN,
};

/**
 * struct msg_path_open - the network phase is up, build the data path
 * @kind: enum msg_path_kind
 * @net: what IPCP and IPV6CP agreed upon
 * @why: MSG_PATH_TUN: reason for not taking the kernel path
 * @tls: version and cipher, for sstpctl
 * @tcp_local: this end of the TCP connection; family 0 = it is gone already
 * @tcp_peer: the other end: with the PROXY protocol not the client, but the
 *	proxy
 * @pending_len: MSG_PATH_KERNEL: bytes in @pending
 * @pending: stream bytes that were decrypted and not acted upon yet
 */
struct msg_path_open {
	uint32_t id;
	uint32_t kind;
	struct ppp_network net;
	char why[MSG_TEXT_MAX];
	char tls[64];
	struct sockaddr_storage tcp_local;
	struct sockaddr_storage tcp_peer;
	uint32_t pending_len;
	uint8_t pending[MSG_PENDING_MAX];
};

/**
 * struct msg_path_opened - how that went
 * @ok: the descriptor is the session fd or the TUN device
 * @error: not ok: what failed
 */
struct msg_path_opened {
	uint32_t id;
	bool ok;
	char ifname[IFNAMSIZ];
	char error[MSG_TEXT_MAX];
};

struct msg_path_update {
	uint32_t id;
	struct ppp_network net;
};

/** struct msg_idle - @ms since anything was received from the peer */
struct msg_idle {
	uint32_t id;
	uint32_t ms;
};

/**
 * struct msg_session_end - the last word of a session
 * @reason: enum reason
 * @why: for the log
 */
struct msg_session_end {
	uint32_t id;
	uint32_t reason;
	char why[MSG_TEXT_MAX];
};

extern const struct imsg_rule msg_rules[MSG_TYPES];

#endif /* SSTPD_MSG_H */
