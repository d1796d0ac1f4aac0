/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What sstpd tells of its session by the control socket, in JSON: pure. */
#ifndef SSTPD_NM_SESSION_H
#define SSTPD_NM_SESSION_H

#include <net/if.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

/**
 * struct nm_session - one that is up
 * @server: its address outside, family 0 = unknown
 * @local: 0.0.0.0 = there is no IPv4
 * @ipv6: there is one, with what is known of it by now
 * @heard6: what the server advertises has been heard, and is what follows
 * @local6: address that was made of it, :: = none
 * @router6: the server is a default router
 */
struct nm_session {
	char ifname[IFNAMSIZ];
	struct sockaddr_storage server;
	struct in_addr local;
	struct in_addr peer;
	struct in_addr dns[2];
	bool ipv6;
	bool heard6;
	struct in6_addr local6;
	bool router6;
	struct in6_addr dns6[2];
	uint32_t mtu;
};

/** nm_session_of_show() - the first of an answer to "show"; false = there is none */
bool nm_session_of_show(const char *json, struct nm_session *session);

/**
 * nm_session_go_on() - @session was @before, and what of its IPv6 is left
 *
 * NetworkManager can be told of another address, but not that there is none: the last one
 * stays, and what the server has withdrawn leads nowhere. An sstpd that has taken the place
 * of another one has heard nothing yet: then all is as it was.
 */
void nm_session_go_on(struct nm_session *session, const struct nm_session *before);

/** nm_session_same_names() - have both the same name servers? */
bool nm_session_same_names(const struct nm_session *a, const struct nm_session *b);

/** nm_session_of_event() - of a line of "monitor"; false = it says nothing of one that is up */
bool nm_session_of_event(const char *json, struct nm_session *session);

#endif /* SSTPD_NM_SESSION_H */
