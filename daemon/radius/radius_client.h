/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * RADIUS client: which server is asked, how often, and which answer counts.
 * Pure: time comes in as an argument, packets leave through struct
 * radius_client_ops. One struct for authentication, another for accounting.
 *
 * A request goes to the first server that is not dead. Unanswered, it is sent
 * again unchanged, then to the next server. A server that left a request
 * unanswered altogether is dead for a while, unless it answered another one
 * meanwhile; if all are, they are tried all the same. Each server has its own
 * socket and so its own 256 identifiers; requests beyond that wait.
 */
#ifndef SSTPD_RADIUS_CLIENT_H
#define SSTPD_RADIUS_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "data/settings.h"
#include "radius/radius_pkt.h"

#define RADIUS_IDS		256
/* Requests under way and waiting, all servers together. */
#define RADIUS_REQUESTS_MAX	4096

struct radius_request;

struct radius_client_ops {
	/* Build @req for the server with @secret: into @w, signed. False: drop it. */
	bool (*build)(void *ctx, struct radius_request *req, uint8_t id,
		      const char *secret, struct wbuf *w);
	void (*send)(void *ctx, unsigned int server, const void *pkt, size_t len);
	/* Call radius_client_tick() in @ms; 0 = not any more. */
	void (*timer)(void *ctx, uint32_t ms);
	/*
	 * The end of @req, which the owner then frees. @answer is authentic,
	 * or NULL if no server gave one.
	 */
	void (*done)(void *ctx, struct radius_request *req,
		     const struct radius_pkt *answer);
	/* For the log: @server is dead, or alive again. */
	void (*health)(void *ctx, unsigned int server, bool alive);
};

/**
 * struct radius_client_cfg
 * @n_servers: in order of preference
 * @timeout_ms: until a request is sent again
 * @retries: how often it is, to the same server
 * @dead_ms: how long a dead server is left alone
 * @rounds: how often all servers are tried
 * @round_ms: pause between two rounds
 * @need_mac: answers must have a Message-Authenticator
 * @secret: shared with all of them; must stay valid
 */
struct radius_client_cfg {
	unsigned int n_servers;
	uint32_t timeout_ms;
	unsigned int retries;
	uint32_t dead_ms;
	unsigned int rounds;
	uint32_t round_ms;
	bool need_mac;
	const char *secret;
};

/**
 * struct radius_request - one request; embedded in what the owner keeps of it
 * @server: asked now; n_servers while it waits for an identifier or a round
 * @tried: bit mask of servers asked in this round; set before the start, servers
 *	to leave out
 * @answered_by: the server that did
 * @sends: how often this one was
 * @due: when something is to be done
 * @first_sent: to this server
 * @pkt: as sent; its authenticator is in there
 */
struct radius_request {
	TAILQ_ENTRY(radius_request) next;
	unsigned int server;
	uint32_t tried;
	unsigned int answered_by;
	unsigned int sends;
	unsigned int rounds;
	uint8_t id;
	uint64_t due;
	uint64_t first_sent;
	uint8_t pkt[RADIUS_PACKET_MAX];
	size_t len;
};

struct radius_server {
	struct radius_request *ids[RADIUS_IDS];
	uint8_t next_id;
	bool dead;
	uint64_t dead_until;
	uint64_t last_answer;
};

/**
 * struct radius_client_stats - what became of requests, and of other answers
 * @sent: requests, each server anew
 * @repeated: packets sent again unchanged
 * @answered: as far as the answer counted
 * @unanswered: given up, by all servers
 * @malformed: no RADIUS packet, or of no kind we wait for
 * @unexpected: nobody waits for it: late, repeated, or made up
 * @forged: its authenticators are wrong, or missing: wrong secret, or attack
 */
struct radius_client_stats {
	uint64_t sent;
	uint64_t repeated;
	uint64_t answered;
	uint64_t unanswered;
	uint64_t malformed;
	uint64_t unexpected;
	uint64_t forged;
};

TAILQ_HEAD(radius_requests, radius_request);

struct radius_client {
	struct radius_client_cfg cfg;
	const struct radius_client_ops *ops;
	void *ctx;
	struct radius_requests requests;
	unsigned int n_requests;
	struct radius_server servers[RADIUS_SERVERS_MAX];
	struct radius_client_stats stats;
};

void radius_client_init(struct radius_client *c,
			const struct radius_client_cfg *cfg,
			const struct radius_client_ops *ops, void *ctx);

/**
 * radius_client_start() - send @req, zeroed but for the owner's part of it
 *
 * Return: false if there are too many already; it stays the caller's then.
 * done() does not come before this function returns.
 */
bool radius_client_start(struct radius_client *c, struct radius_request *req,
			 uint64_t now);

/** radius_client_input() - a datagram came from @server */
void radius_client_input(struct radius_client *c, unsigned int server,
			 struct rbuf in, uint64_t now);

/** radius_client_tick() - the time that was asked for has come */
void radius_client_tick(struct radius_client *c, uint64_t now);

/** radius_client_cancel() - forget @req; done() will not come */
void radius_client_cancel(struct radius_client *c, struct radius_request *req);

#endif /* SSTPD_RADIUS_CLIENT_H */
