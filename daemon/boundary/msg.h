/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The privilege boundary: every message between the daemon's processes.
 *
 *	            parent (root: netlink, TUN, addresses, session table)
 *	           /              |           |          |           \
 *	    engine            authd        eapd       radius        resolver
 *	    TLS HTTP SSTP     passwords    keys of    RADIUS        names of
 *	    PPP TUN pump                   EAP-TLS    client        servers
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

#include "boundary/imsg.h"
#include "data/endpoint.h"
#include "data/grant.h"
#include "data/lane.h"
#include "data/login.h"
#include "data/network.h"
#include "data/ppp_state.h"
#include "data/settings.h"
#include "lib/stats.h"

/* Processes, as bits of imsg_rule.from. */
enum msg_process {
	MSG_PARENT	= 0x01,
	MSG_ENGINE	= 0x02,
	MSG_AUTHD	= 0x04,
	MSG_RESOLVER	= 0x08,
	MSG_RADIUS	= 0x10,
	MSG_EAPD	= 0x20,
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
	MSG_LISTEN,		/* msg_listen, fd = listening socket, which it may have already */
	MSG_LISTEN_END,		/* msg_listen: no more on that one */
	MSG_RETIRE,		/* msg_retire: there are too many engines */
	/* parent -> authd, before MSG_START and on reload */
	MSG_CONF_AUTHD,		/* msg_conf_authd */
	MSG_CONF_USERS,		/* msg_none, fd = users file */
	MSG_CONF_SECRET,	/* conf_secret */
	/*
	 * parent -> eapd, before MSG_START and with a reload: then certificate,
	 * key and CA of this role as MSG_CONF_FILE
	 */
	MSG_CONF_EAP,		/* msg_conf_eap */
	/* parent -> radius, before MSG_START */
	MSG_CONF_RADIUS,	/* msg_conf_radius */
	MSG_CONF_RADIUS_SECRET,	/* conf_radius_secret */
	MSG_RADIUS_SOCKET,	/* msg_radius_socket, fd = UDP socket */
	MSG_RADIUS_SPOOL,	/* msg_none, fd = file for records that wait */
	MSG_SPOOL_DAMAGED,	/* msg_none: radius -> parent: a file for what is damaged of it */
	MSG_SPOOL_ASIDE,	/* msg_none, fd = that file: the answer, if it can be had */
	/*
	 * radius -> parent: it cannot send by that one, or has none; another
	 * MSG_RADIUS_SOCKET is the answer, or none if there is no way
	 */
	MSG_RADIUS_RENEW,	/* msg_radius_socket */
	/* parent -> child */
	MSG_START,		/* msg_none: configuration is complete */
	MSG_LOG_LEVEL,		/* msg_log_level: from now on */
	MSG_STOP,		/* msg_none: end every session, then MSG_STOPPED */
	MSG_LEAVE,		/* msg_none: to radius, as MSG_STOP, but sessions go on */
	/* child -> parent */
	MSG_READY,		/* msg_none: in the sandbox, serving */
	MSG_STOPPED,		/* msg_none: nothing left to end */
	MSG_CONF_LOST,		/* msg_none: no room for a file of a reload: again, later */
	MSG_STATS,		/* msg_stats: counters of the engine */
	/* liveness: parent -> child, and back */
	MSG_PING,		/* msg_none */
	MSG_PONG,		/* msg_none */
	/* name resolution: engine -> parent -> resolver -> parent -> engine */
	MSG_RESOLVE,		/* msg_client */
	MSG_LOOKUP,		/* msg_lookup */
	MSG_RESOLVED,		/* msg_resolved */
	/*
	 * a client's connection: engine -> parent -> engine; the socket carries a mark,
	 * which the engine has no right to
	 */
	MSG_DIAL,		/* msg_dial */
	MSG_DIALLED,		/* msg_dialled, fd = socket, if there is no error */
	MSG_REDIAL,		/* msg_client: parent -> engine: the way has changed */
	/* parent -> engine: another connection, in the place of the one that it has */
	MSG_RECONNECT,		/* msg_client */
	/* what a server sends as a challenge: engine -> parent -> engine */
	MSG_CHALLENGE_ASK,	/* msg_session */
	MSG_CHALLENGE,		/* msg_challenge */
	/* authentication: engine -> parent -> authd -> parent -> engine */
	MSG_AUTH_ASK,		/* msg_auth_ask */
	MSG_AUTH_VERDICT,	/* msg_auth_verdict */
	MSG_AUTH_ANSWER,	/* msg_auth_answer */
	/*
	 * authd -> parent -> radius: the same question, which is not for the
	 * users file; radius answers with MSG_AUTH_VERDICT
	 */
	MSG_RADIUS_ASK,		/* msg_auth_ask */
	/* authd -> parent -> eapd: so with EAP-TLS */
	MSG_EAP_ASK,		/* msg_eap_ask */
	/* PEAP of a client: eapd -> parent -> authd, and back: what is said inside of TLS */
	MSG_INNER_ASK,		/* msg_inner_ask */
	MSG_INNER_ANSWER,	/* msg_inner_answer */
	MSG_FORGET,		/* msg_session: parent -> eapd, radius: it is gone */
	MSG_ACCT,		/* msg_acct: parent -> radius */
	MSG_ACCT_TAKEN,		/* msg_acct_taken: radius -> parent; not of interims */
	MSG_GRANT_CHANGE,	/* msg_grant_change: radius -> parent */
	/* data path: engine -> parent, parent -> engine */
	/*
	 * The kernel path takes a socket only from its sole owner: it comes first,
	 * and the engine has closed its descriptor when the request comes.
	 */
	MSG_PATH_SOCKET,	/* msg_session, fd = kTLS socket */
	MSG_PATH_OPEN,		/* msg_path_open */
	/* fd = session fd or TUN, or the kTLS socket given back */
	MSG_PATH_OPENED,	/* msg_path_opened */
	MSG_PATH_UPDATE,	/* msg_path_update: a further NCP opened */
	/* engine -> parent: what its successor has to know of a session on the kernel path */
	MSG_LINK_STATE,		/* msg_link_state */
	/* parent -> the successor, behind MSG_START, fd = session fd */
	MSG_ADOPT,		/* msg_adopt */
	MSG_IDLE_ASK,		/* msg_session */
	MSG_IDLE,		/* msg_idle */
	MSG_DISCONNECT,		/* msg_disconnect: parent (or radius) ends a session */
	MSG_SESSION_END,	/* msg_session_end: engine is done with it */
	MSG_TYPES,
};

#define MSG_TEXT_MAX		160
#define MSG_PENDING_MAX		24576
#define MSG_ADDRS_MAX		8
#define MSG_SECRET_MAX		48

struct msg_none {
	uint32_t unused;
};

/**
 * struct msg_conf_engine - [global] as far as the engine needs it
 * @first_id: number for its first session
 * @number: which engine it is, from 0
 * @n_engines: of how many at the start of the daemon: session_ids_of()
 * @no_kernel: why the kernel data path cannot be used, empty if it can
 * @rekey: it changes TLS keys, and wants the secrets for that
 * @slots: its devices can have several sessions
 */
struct msg_conf_engine {
	uint32_t first_id;
	uint32_t number;
	uint32_t n_engines;
	char no_kernel[MSG_TEXT_MAX];
	bool rekey;
	bool slots;
};

/** struct msg_listen - @number: of an address, the same in all engines */
struct msg_listen {
	uint32_t number;
};

/**
 * struct msg_retire - @retire: listen on nothing, and MSG_STOPPED once the last session
 *	is gone; else it is wanted again, MSG_LISTEN follows
 */
struct msg_retire {
	bool retire;
};

/** struct msg_log_level - @level: LOG_* of syslog.h */
struct msg_log_level {
	int32_t level;
};

enum msg_file_kind {
	MSG_FILE_CERTIFICATE,	/* these three to eapd, too */
	MSG_FILE_KEY,
	MSG_FILE_OCSP,
	MSG_FILE_CA,
	MSG_FILE_CLIENT_CA,	/* for clients' certificates */
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

/** struct msg_dial - @at: which of the addresses last resolved */
struct msg_dial {
	uint32_t client;
	uint32_t at;
};

/** struct msg_dialled - @error: empty if the socket is there */
struct msg_dialled {
	uint32_t client;
	char error[MSG_TEXT_MAX];
};

/** struct msg_session - @id: number the engine gave the session, never 0 */
struct msg_session {
	uint32_t id;
};

/** struct msg_challenge - it is good once, and the ones before it no more */
struct msg_challenge {
	uint32_t id;
	uint8_t challenge[MSCHAP_CHALLENGE_LEN];
};

/**
 * struct msg_auth_ask - a question of a session to authd
 * @client: number of the client, if @req.client
 * @remote: address of the other end of TCP, for the log
 * @endpoint: server: what the client says that its connections have in common
 * @lane: which of them it is, as far as both ends agree on that
 */
struct msg_auth_ask {
	uint32_t id;
	uint32_t client;
	struct endpoint endpoint;
	struct lane lane;
	struct sockaddr_storage remote;
	struct auth_request req;
};

/**
 * struct msg_eap_ask - the same to eapd, from authd
 * @user: server: account of this name, empty = there is none
 * @fold: the certificate may have the name in other capitals
 * @grant: what it may have
 */
struct msg_eap_ask {
	struct msg_auth_ask ask;
	char user[AUTH_NAME_MAX + 1];
	bool fold;
	struct policy_user grant;
};

/** struct msg_inner_ask - both challenges of MS-CHAPv2, for the password of @client */
struct msg_inner_ask {
	uint32_t id;
	uint32_t serial;
	uint32_t client;
	uint8_t auth_challenge[MSCHAP_CHALLENGE_LEN];
	uint8_t peer_challenge[MSCHAP_CHALLENGE_LEN];
};

/** struct msg_inner_answer - fields as in struct auth_result; not @ok: there is no password */
struct msg_inner_answer {
	uint32_t id;
	uint32_t serial;
	bool ok;
	uint8_t nt_response[MSCHAP_NT_RESPONSE_LEN];
	char auth_response[MSCHAP_AUTH_RESPONSE_LEN + 1];
	uint8_t hlak[BINDING_HLAK_LEN];
};

/**
 * struct msg_conf_eap - whose files follow
 * @client: number of the client, unless @server
 * @peap: client: for PEAP, it has no certificate of its own; else for EAP-TLS
 * @need_binding: PEAP: not without a Crypto-Binding
 * @name: client: name that the server's certificate must have
 */
struct msg_conf_eap {
	bool server;
	uint32_t client;
	bool peap;
	bool need_binding;
	char name[CONF_HOST_MAX];
};

/**
 * struct msg_conf_authd - before the users file
 * @radius: ask it about users that are not local
 * @fold: see account_of()
 */
struct msg_conf_authd {
	bool radius;
	bool fold;
};

/**
 * struct msg_conf_radius - [radius], and
 * @started: when sstpd was, tells its sessions from earlier ones, s since 1970
 * @again: it goes on with the sessions that an earlier process had
 * @fold: see account_of()
 */
struct msg_conf_radius {
	struct conf_radius conf;
	uint32_t started;
	bool again;
	bool fold;
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
 * @late: seconds for which it has waited for a process for RADIUS
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
	uint32_t late;
};

/** struct msg_acct_taken - a record that does not depend on the parent any more */
struct msg_acct_taken {
	uint32_t id;
	uint32_t kind;
};

/**
 * struct msg_auth_verdict - answer of authd, eapd or radius, to the parent
 * @user: server role: name of the account that was matched
 * @claimed: the same, but it is only what the peer calls itself
 * @set_password: authd: the user has a new password, of which @nt_hash is the hash;
 *	only if it can be put into the users file the login is good
 */
struct msg_auth_verdict {
	uint32_t id;
	uint32_t serial;
	struct auth_result res;
	char user[AUTH_NAME_MAX + 1];
	bool claimed;
	bool set_password;
	uint8_t nt_hash[MSCHAP_NT_HASH_LEN];
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
 * @challenge: server role, not @res.ok: for the next try, as in msg_challenge
 */
struct msg_auth_answer {
	uint32_t id;
	uint32_t serial;
	struct auth_result res;
	struct ppp_addrs addrs;
	uint8_t challenge[MSCHAP_CHALLENGE_LEN];
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
 * @record_size: most payload of a TLS record that the peer takes, in bytes
 * @pending_len: MSG_PATH_KERNEL: bytes in @pending
 * @pending: stream bytes that were decrypted and not acted upon yet
 * @secret_len: MSG_PATH_KERNEL: bytes of both secrets, 0 = TLS keys do not change
 * @tx_secret: TLS 1.3 traffic secret of our keys; wiped as soon as the kernel has it
 * @rx_secret: the same of the peer's
 * @state: MSG_PATH_KERNEL: as in struct msg_link_state
 */
struct msg_path_open {
	uint32_t id;
	uint32_t kind;
	struct ppp_network net;
	char why[MSG_TEXT_MAX];
	char tls[64];
	struct sockaddr_storage tcp_local;
	struct sockaddr_storage tcp_peer;
	uint32_t record_size;
	uint32_t pending_len;
	uint8_t pending[MSG_PENDING_MAX];
	uint32_t secret_len;
	uint8_t tx_secret[MSG_SECRET_MAX];
	uint8_t rx_secret[MSG_SECRET_MAX];
	struct ppp_state state;
};

/**
 * struct msg_path_opened - how that went
 * @ok: the descriptor is the session fd or the TUN device; if not, it is the socket
 * @busy: not ok: it may be if asked again
 * @waits: and is to be asked for until it is: it waits for its turn
 * @error: not ok: what failed
 */
struct msg_path_opened {
	uint32_t id;
	bool ok;
	bool busy;
	bool waits;
	char ifname[IFNAMSIZ];
	char error[MSG_TEXT_MAX];
};

struct msg_path_update {
	uint32_t id;
	struct ppp_network net;
};

/** struct msg_link_state - it replaces the one before */
struct msg_link_state {
	uint32_t id;
	struct ppp_state state;
};

/**
 * struct msg_adopt - a session whose engine is gone, and which goes on
 * @client: number of the client, unless @server
 * @remote: address of the other end of TCP
 * @state: what that engine said last
 * @addrs: for IPCP and IPV6CP, should they begin anew
 * @net: what they have agreed upon
 */
struct msg_adopt {
	uint32_t id;
	bool server;
	uint32_t client;
	struct sockaddr_storage remote;
	struct ppp_state state;
	struct ppp_addrs addrs;
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

/** msg_policy_ok() - strings end, names can be names (for tests) */
bool msg_policy_ok(const struct policy_user *user);

#endif /* SSTPD_MSG_H */
