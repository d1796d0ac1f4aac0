/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Requests to the generic netlink family of sstp.ko (uapi/sstp.yaml). */
#ifndef SSTPD_NL_SSTP_H
#define SSTPD_NL_SSTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/sstp.h>

#include "data/settings.h"
#include "netlink/nl.h"

/** nl_sstp_available() - is sstp.ko there (it is loaded if need be)? */
bool nl_sstp_available(struct nl_err *err);

/** nl_sstp_rekeys() - does that module change TLS keys, after nl_sstp_available()? */
bool nl_sstp_rekeys(void);
/** nl_sstp_replaces() - can a session take a device over from another, likewise? */
bool nl_sstp_replaces(void);
/** nl_sstp_checks_sources() - does it look where packets come from, likewise? */
bool nl_sstp_checks_sources(void);

/** nl_sstp_has_slots() - can a device have several sessions, likewise? */
bool nl_sstp_has_slots(void);

/** nl_sstp_use() - send requests by this socket, return the one before */
struct nl_sock *nl_sstp_use(struct nl_sock *sk);

/**
 * struct nl_sstp_new - SESSION_NEW
 * @ifindex: the sstp device
 * @fd: TCP socket with kTLS in both directions, which nobody else holds; -1 after the
 *	module has taken it
 * @protocols: SSTP_PROTOCOLS_* bits
 * @peer_mru: largest IP packet the peer takes, in bytes
 * @record_size: most payload of a TLS record that it takes, in bytes
 * @client: our role
 * @replace: it takes the device, or its slot, over from the session that is there
 * @slot: of the device
 * @pending: stream bytes received but not acted upon
 * @secret_len: bytes of @tx_secret and @rx_secret, TLS 1.3 traffic secrets; 0 = keys
 *	do not change
 * @rekey_records: for how many records a key is used then, at most
 * @rekey_seconds: and for how long, 0 = ever
 * @sources: where packets of the peer may come from, if there are any
 * @n_sources: of those
 */
struct nl_sstp_new {
	uint32_t ifindex;
	int *fd;
	uint32_t protocols;
	uint32_t peer_mru;
	uint32_t record_size;
	bool client;
	bool replace;
	uint32_t slot;
	const void *pending;
	size_t pending_len;
	size_t secret_len;
	const void *tx_secret;
	const void *rx_secret;
	uint32_t rekey_records;
	uint32_t rekey_seconds;
	const struct conf_route *sources;
	size_t n_sources;
};

/** nl_sstp_session_new() - 0 with @id and @session_fd, or -1 */
int nl_sstp_session_new(const struct nl_sstp_new *req, uint32_t *id,
			int *session_fd, struct nl_err *err);

/**
 * struct nl_sstp_session - which one is meant
 * @fd: a descriptor of it, -1 = there is none
 * @id: only without: as soon as a session has ended its id may be another one's
 */
struct nl_sstp_session {
	int fd;
	uint32_t id;
};

/** nl_sstp_session_set() - change what may pass; without @sources, not where from */
int nl_sstp_session_set(const struct nl_sstp_session *s, uint32_t protocols,
			uint32_t peer_mru, const struct conf_route *sources,
			size_t n_sources, struct nl_err *err);

/** nl_sstp_session_del() - end it, whoever has a descriptor of it */
int nl_sstp_session_del(const struct nl_sstp_session *s, struct nl_err *err);

/** nl_sstp_session_idle() - milliseconds since anything was received */
int nl_sstp_session_idle(const struct nl_sstp_session *s, uint32_t *ms, struct nl_err *err);

/** nl_sstp_session_is() - is @fd of a session that has not ended? Of which, on which device? */
int nl_sstp_session_is(int fd, uint32_t *id, uint32_t *ifindex, struct nl_err *err);

/**
 * struct nl_sstp_stats - what the kernel has counted in a session
 * @count: by SSTP_A_STATS_* of linux/sstp.h
 * @drops: by SSTP_A_DROPS_*
 * @has: bit n: the kernel reports count n
 */
struct nl_sstp_stats {
	uint64_t count[SSTP_A_STATS_MAX + 1];
	uint64_t drops[SSTP_A_DROPS_MAX + 1];
	uint64_t has;
};

/** nl_sstp_session_stats() - 0, or -1 if there is no such session any more */
int nl_sstp_session_stats(const struct nl_sstp_session *s, struct nl_sstp_stats *stats,
			  struct nl_err *err);

#endif /* SSTPD_NL_SSTP_H */
