/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The parent's session table: who is connected, as far as authd vouches for
 * it, and what was set up in the kernel for that session.
 */
#ifndef SSTPD_TABLE_H
#define SSTPD_TABLE_H

#include <net/if.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "boundary/msg.h"
#include "data/endpoint.h"
#include "data/lane.h"
#include "lib/addr.h"
#include "lib/hash.h"
#include "lib/reason.h"
#include "netlink/netcfg.h"

struct event;
struct netns;
struct advertise_socket;

/**
 * struct entry - one session
 * @node: in the table, by @id: number the engine gave it
 * @server: our role
 * @client: number of the client, client role; @link: of that whose interface it has
 * @lane: which of several connections it is, and of how many
 * @slots: that its network device has, while it is @up
 * @leader: it is but one more connection of that session (members.h), and what the
 *	interface has is not its own; 0 = it is a session
 * @user: its name (server: matched by authd; before that: name claimed)
 * @account: whose it is, once it is @verified
 * @method: how it authenticates
 * @waiting: a question is on its way, and @serial is in the verdict on it;
 *	@engine_serial: what the engine called it
 * @proven: PEAP of a client: serial of the question that eapd has had a proof for
 * @verified: authd said yes
 * @coming: server: it is let in, and has no data path yet
 * @in_users: server: the account is one of the users file
 * @talking: it takes more than one question, and the first was admitted
 * @heard: MSG_EAPD, MSG_RADIUS: who has heard of its login, and may remember it
 * @policy: server: what it may have
 * @pool: server: [pool] of its address; @pool6: of its prefix
 * @address: server: address of the peer, 0.0.0.0 = none; @pooled: from @pool
 * @prefix6: server: IPv6 prefix of the peer, family 0 = none
 * @prefix6_number: its number in @pool6, 0 = not from there
 * @lease_serial: order of the sessions
 * @by_address: in lease.c's tables, while it holds @address and @prefix6; @by_prefix,
 *	@by_account, @by_endpoint: likewise
 * @replaced: a newer session of the same account has taken the address
 * @replaces: its login has done so with an older one
 * @endpoint: what its client's connections have in common, none = unknown
 * @before: server: session that it is to go on with, of which it has borrowed @address and
 *	@prefix6; 0 = none; @lent_to: the session that was the last to borrow from this one
 * @moved: another connection has gone on with it (handover.h): it has no tunnel any more;
 *	@drained: timer of its end
 * @follows: the one whose session it has gone on with, which may be there still; 0 = none
 * @waits: for the end of that one's: there are two connections at a time, not three
 * @began_as: its number when it began, 0 = @id
 * @down_run: its down-script has been
 * @up: the tunnel stands; all that follows is valid only then
 * @kind: enum msg_path_kind
 * @why: reason for the TUN path
 * @tcp_local: see struct msg_path_open; @tcp_peer
 * @numbered: server: its name has the number @ifnumber of the template
 * @netns: namespace of the interface, NULL = that of the daemon
 * @table: its routing table, 0 = main
 * @sock: kTLS socket on its way to the kernel, or -1
 * @kernel_id: id of the kernel's session
 * @session_fd: our descriptor of it, or -1: it outlives the engine by that, unless @moved
 * @state: what the engine's successor has to know, NULL = it has not said
 * @slot: where it is kept for the next sstpd, 0 = it is not (store.h)
 * @own_ifid: client: what the addresses end in that it makes of advertised prefixes, as it
 *	is kept; see client_link_ifid()
 * @takes_over: session that it has taken the place of, while both are kept; 0 = none
 * @ending: why we have told its engine to end it, REASON_NONE = we have not;
 *	@overdue: timer of how long that may take; @overdue_n: how often it has fired
 * @tun: our descriptor of the TUN device, server role
 * @base: what the interface had carried when the session began
 * @last: what the session had carried, once it is @counted, or when all were for the
 *	time @counted_in
 * @by_ifindex: in tunnel.c's table, while it is @up
 * @router: where Router Advertisements are sent, NULL = none are
 * @advertise: timer of the next one
 * @advertised: how many were; @advertised_ms: when the last was
 * @since: wall clock; @since_ms: loop_now_ms()
 * @grant: what came with the login, server role; the rest belongs to grant.c
 * @rekeys: the kernel changes its TLS keys
 * @source_in_module: sstp.ko looks where its packets come from, see source_check.h
 * @cert_until: client: when the first certificate ends that it has shown, 0 = it has none
 * @key_timer: the next look at how often its TLS keys have been used; @key_used: so
 *	often at the last one; @key_renewed_ms: when its client was last told to have another
 *	connection for that, 0 = not yet
 * @interim_ms: last interim update
 * @idle_look_ms: last look at the packet counters
 * @idle_since_ms: when @idle_packets had been received first
 */
struct entry {
	struct hash_node node;
	uint32_t id;
	bool server;
	uint32_t client;
	uint32_t link;
	struct lane lane;
	uint32_t slots;
	uint32_t leader;
	char user[AUTH_NAME_MAX + 1];
	struct account account;
	struct sockaddr_storage remote;
	char remote_text[ADDR_TEXT_MAX];
	enum auth_method_id method;
	bool waiting;
	uint32_t serial;
	uint32_t engine_serial;
	uint32_t proven;
	bool verified;
	bool coming;
	bool in_users;
	bool talking;
	uint32_t heard;
	struct conf_policy policy;
	const struct conf_pool *pool;
	const struct conf_pool *pool6;
	struct in_addr address;
	bool pooled;
	struct conf_route prefix6;
	uint32_t prefix6_number;
	uint64_t lease_serial;
	struct hash_node by_address;
	struct hash_node by_prefix;
	struct hash_node by_account;
	struct hash_node by_endpoint;
	bool replaced;
	bool replaces;
	struct endpoint endpoint;
	uint32_t before;
	uint32_t lent_to;
	bool moved;
	struct event *drained;
	uint32_t follows;
	bool waits;
	uint32_t began_as;
	bool down_run;
	bool up;
	struct ppp_network net;
	uint32_t kind;
	char why[MSG_TEXT_MAX];
	char tls[64];
	struct sockaddr_storage tcp_local;
	struct sockaddr_storage tcp_peer;
	char ifname[IFNAMSIZ];
	uint32_t ifindex;
	bool numbered;
	uint32_t ifnumber;
	struct netns *netns;
	uint32_t table;
	uint32_t mtu;
	int sock;
	uint32_t kernel_id;
	int session_fd;
	struct ppp_state *state;
	uint32_t slot;
	uint8_t own_ifid[8];
	uint32_t takes_over;
	enum reason ending;
	struct event *overdue;
	unsigned int overdue_n;
	int tun;
	struct netcfg_counts base;
	struct netcfg_counts last;
	bool counted;
	uint64_t counted_in;
	struct hash_node by_ifindex;
	struct advertise_socket *router;
	struct event *advertise;
	unsigned int advertised;
	uint64_t advertised_ms;
	int64_t since; /* a record of the store has it, on 32 bits, too */
	uint64_t since_ms;
	struct grant grant;
	int64_t cert_until; /* likewise */
	bool rekeys;
	bool source_in_module;
	struct event *key_timer;
	uint64_t key_used;
	uint64_t key_renewed_ms;
	struct event *metering_timer;
	uint64_t interim_ms;
	uint64_t idle_look_ms;
	uint64_t idle_since_ms;
	uint64_t idle_packets;
};

struct entry *table_add(uint32_t id);
struct entry *table_find(uint32_t id);
/** table_find_session() - the session that is, was until it moved, or began as, number @id */
struct entry *table_find_session(uint32_t id);
/** table_client() - the session of this client that is up, or NULL */
struct entry *table_client(uint32_t client);
/** table_number() - by which a session is known to RADIUS and to scripts as long as it goes on */
static inline uint32_t table_number(const struct entry *e)
{
	return e->began_as ? e->began_as : e->id;
}

/** table_connections() - how many the session of @leader has, with its own (members.h) */
unsigned int table_connections(const struct entry *leader);

void table_remove(struct entry *e);
/** table_first() / table_next() - walk; take the next one before removing */
struct entry *table_first(void);
struct entry *table_next(struct entry *e);
unsigned int table_count(void);

#endif /* SSTPD_TABLE_H */
