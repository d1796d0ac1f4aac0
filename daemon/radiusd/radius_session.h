/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What RADIUS packets say about a session: Access-Request out of a question to
 * the password holder, verdict and grant out of its answer, Accounting-Request,
 * and the requests of RFC 5176. Pure but for the log.
 */
#ifndef SSTPD_RADIUS_SESSION_H
#define SSTPD_RADIUS_SESSION_H

#include <net/if.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "boundary/msg.h"
#include "radius/radius_pkt.h"

/* Two 32-bit numbers in hex. */
#define RADIUS_SESSION_ID_LEN	16

/**
 * struct radius_nas - how we present ourselves
 * @started: tells the sessions of this run of the daemon from earlier ones
 */
struct radius_nas {
	const struct conf_radius *conf;
	uint32_t started;
};

/* Values of Service-Type and Framed-Protocol, the only ones we have. */
#define RADIUS_SERVICE_FRAMED	2
#define RADIUS_FRAMED_PPP	1

/** radius_session_id() - Acct-Session-Id of session @id */
void radius_session_id(const struct radius_nas *nas, uint32_t id,
		       char text[static RADIUS_SESSION_ID_LEN + 1]);

/** radius_put_nas() - who asks */
void radius_put_nas(struct wbuf *w, const struct radius_nas *nas);
/** radius_put_session() - the same, and about which session */
void radius_put_session(struct wbuf *w, const struct radius_nas *nas,
			uint32_t id, const struct sockaddr_storage *remote);

/* ---- authentication ---------------------------------------------------------- */

/**
 * radius_put_access() - Access-Request, signed
 * @authenticator: random
 * @state: of the Access-Challenge that this answers; empty = of none
 *
 * Return: false if @ask is for a method that cannot be asked about.
 */
bool radius_put_access(struct wbuf *w, const struct radius_nas *nas,
		       const struct msg_auth_ask *ask, uint8_t id,
		       const uint8_t authenticator[static RADIUS_AUTHENTICATOR_LEN],
		       struct rbuf state, const char *secret);

/**
 * radius_verdict() - what an authentic @answer means
 * @authenticator: of the request
 * @v: zeroed; filled but for id and serial
 *
 * What the answer asks for and cannot be done is logged. An Access-Accept that
 * leaves out what the method needs is no login.
 */
void radius_verdict(const struct msg_auth_ask *ask,
		    const struct radius_pkt *answer,
		    const uint8_t authenticator[static RADIUS_AUTHENTICATOR_LEN],
		    const char *secret, struct msg_auth_verdict *v);

/**
 * radius_prefix() - value of Framed-IPv6-Prefix and its like, RFC 3162 2.3
 *
 * Return: false if it is none, or has host bits.
 */
bool radius_prefix(struct rbuf value, struct conf_route *prefix);

/** radius_grant() - take one attribute of an Access-Accept into @v */
void radius_grant(struct msg_auth_verdict *v, const struct radius_attr *attr);

/**
 * radius_rate() - one of the attributes that limit rates?
 * @down: bit/s towards the client; @up: from it; those not named stay
 * @name: of the attribute
 * @why: NULL, or the reason why both stay
 */
bool radius_rate(const struct radius_attr *attr, uint64_t *down, uint64_t *up,
		 const char **name, const char **why);

/* ---- accounting ---------------------------------------------------------------- */

/** radius_put_acct() - Accounting-Request, signed; @when: of the event */
bool radius_put_acct(struct wbuf *w, const struct radius_nas *nas,
		     const struct msg_acct *acct, time_t when, uint8_t id,
		     const char *secret);

/** radius_put_acct_nas() - Accounting-On or -Off: the daemon starts or ends */
bool radius_put_acct_nas(struct wbuf *w, const struct radius_nas *nas, bool on,
			 time_t when, uint8_t id, const char *secret);

/* ---- dynamic authorization -------------------------------------------------------- */

/* RFC 5176 3.5 */
enum radius_error_cause {
	RADIUS_ERROR_UNSUPPORTED_ATTRIBUTE	= 401,
	RADIUS_ERROR_MISSING_ATTRIBUTE		= 402,
	RADIUS_ERROR_NAS_MISMATCH		= 403,
	RADIUS_ERROR_INVALID_REQUEST		= 404,
	RADIUS_ERROR_UNSUPPORTED_SERVICE	= 405,
	RADIUS_ERROR_INVALID_VALUE		= 407,
	RADIUS_ERROR_NO_SESSION			= 503,
};

/**
 * struct radius_coa - a CoA- or Disconnect-Request
 * @error: enum radius_error_cause, 0 = can be done
 * @why: the same in words
 * @session: Acct-Session-Id, empty = any; so with the other six
 * @prefix6: Framed-IPv6-Prefix, family 0 = any
 * @fold: see account_of()
 * @when: it was made then, seconds since 1970; 0 = it does not say
 * @change: CoA-Request; its id is 0
 */
struct radius_coa {
	bool disconnect;
	uint32_t error;
	char why[100];
	char session[64];
	char user[AUTH_NAME_MAX + 1];
	struct in_addr address;
	uint32_t nas_port;
	char station[INET6_ADDRSTRLEN];
	char port_id[IFNAMSIZ];
	struct conf_route prefix6;
	bool fold;
	uint32_t when;
	struct msg_grant_change change;
};

/** radius_station() - Calling-Station-Id: the peer's address, without the port */
void radius_station(const struct sockaddr_storage *ss, char text[static INET6_ADDRSTRLEN]);

/* RFC 5176 6.3: how far the clocks of both may be apart, seconds */
#define RADIUS_COA_AGE_MAX	300

/**
 * radius_coa_parse() - what an authentic request asks for
 * @now: seconds since 1970
 * @since: what is from then or before is refused: nobody remembers whether it was done
 *
 * Return: false if it is to be ignored: neither of both, too old, or without what
 * coa-require asks for; @coa->why says which.
 */
bool radius_coa_parse(const struct radius_pkt *pkt,
		      const struct radius_nas *nas, time_t now, time_t since,
		      struct radius_coa *coa);

/** radius_coa_matches() - is it about the session that @acct describes? */
bool radius_coa_matches(const struct radius_coa *coa,
			const struct radius_nas *nas,
			const struct msg_acct *acct);

/** radius_put_coa() - the answer: ACK, or NAK if coa->error is set */
bool radius_put_coa(struct wbuf *w, const struct radius_coa *coa,
		    const struct radius_pkt *request, const char *secret);

#endif /* SSTPD_RADIUS_SESSION_H */
