// SPDX-License-Identifier: GPL-2.0-or-later
/* CoA- and Disconnect-Requests, RFC 5176. */
#include "radiusd/radius_session.h"

#include <arpa/inet.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void __attribute__((format(printf, 3, 4)))
radius_coa_refuse(struct radius_coa *coa, enum radius_error_cause cause,
		  const char *fmt, ...)
{
	va_list ap;

	/* The first reason is the one told. */
	if (coa->error)
		return;
	coa->error = cause;
	va_start(ap, fmt);
	vsnprintf(coa->why, sizeof(coa->why), fmt, ap);
	va_end(ap);
}

static void radius_coa_number(struct radius_coa *coa, uint8_t type,
			      uint32_t number)
{
	struct msg_grant_change *c = &coa->change;

	switch (type) {
	case RADIUS_NAS_PORT:
		coa->nas_port = number;
		break;
	case RADIUS_FRAMED_IP_ADDRESS:
		coa->address.s_addr = htonl(number);
		break;
	case RADIUS_SESSION_TIMEOUT:
		c->what |= GRANT_SESSION;
		c->session_s = number;
		break;
	case RADIUS_IDLE_TIMEOUT:
		c->what |= GRANT_IDLE;
		c->idle_s = number;
		break;
	case RADIUS_ACCT_INTERIM_INTERVAL:
		c->what |= GRANT_INTERIM;
		c->interim_s = number;
		break;
	}
}

static void radius_coa_nas(struct radius_coa *coa, const struct radius_nas *nas,
			   const struct radius_attr *attr)
{
	struct rbuf value = attr->value;
	uint32_t address = 0;

	if (attr->type == RADIUS_NAS_IDENTIFIER) {
		if (value.len == strlen(nas->conf->nas_identifier) &&
		    !memcmp(value.p, nas->conf->nas_identifier, value.len))
			return;
	} else if (radius_u32(value, &address) &&
		   (!nas->conf->nas_address.s_addr ||
		    htonl(address) == nas->conf->nas_address.s_addr)) {
		return;
	}
	radius_coa_refuse(coa, RADIUS_ERROR_NAS_MISMATCH,
			  "it names another NAS");
}

static void radius_coa_vendor(struct radius_coa *coa,
			      const struct radius_attr *attr)
{
	struct msg_grant_change *c = &coa->change;
	const char *name, *why;

	if (!radius_rate(attr, &c->rate_down, &c->rate_up, &name, &why))
		radius_coa_refuse(coa, RADIUS_ERROR_UNSUPPORTED_ATTRIBUTE,
				  "attribute %u of vendor %u", attr->type,
				  attr->vendor);
	else if (why)
		radius_coa_refuse(coa, RADIUS_ERROR_INVALID_VALUE, "%s: %s",
				  name, why);
	else
		c->what |= GRANT_RATE;
}

static void radius_coa_attr(struct radius_coa *coa,
			    const struct radius_nas *nas,
			    const struct radius_attr *attr)
{
	uint32_t number;

	if (attr->vendor) {
		radius_coa_vendor(coa, attr);
		return;
	}
	switch (attr->type) {
	case RADIUS_USER_NAME:
		radius_text(attr->value, coa->user, sizeof(coa->user));
		break;
	case RADIUS_ACCT_SESSION_ID:
		radius_text(attr->value, coa->session, sizeof(coa->session));
		break;
	case RADIUS_NAS_IDENTIFIER:
	case RADIUS_NAS_IP_ADDRESS:
		radius_coa_nas(coa, nas, attr);
		break;
	case RADIUS_NAS_PORT:
	case RADIUS_FRAMED_IP_ADDRESS:
	case RADIUS_SESSION_TIMEOUT:
	case RADIUS_IDLE_TIMEOUT:
	case RADIUS_ACCT_INTERIM_INTERVAL:
		if (radius_u32(attr->value, &number))
			radius_coa_number(coa, attr->type, number);
		else
			radius_coa_refuse(coa, RADIUS_ERROR_INVALID_VALUE,
					  "attribute %u has a wrong length",
					  attr->type);
		break;
	case RADIUS_CALLING_STATION_ID:
		radius_text(attr->value, coa->station, sizeof(coa->station));
		break;
	case RADIUS_NAS_PORT_ID:
		radius_text(attr->value, coa->port_id, sizeof(coa->port_id));
		break;
	case RADIUS_FRAMED_IPV6_PREFIX:
		if (!radius_prefix(attr->value, &coa->prefix6))
			radius_coa_refuse(coa, RADIUS_ERROR_INVALID_VALUE,
					  "Framed-IPv6-Prefix is no prefix");
		break;
	/* Our records have them, they tell no session from another. */
	case RADIUS_CLASS:
	case RADIUS_NAS_PORT_TYPE:
	case RADIUS_FRAMED_PROTOCOL:
	case RADIUS_CALLED_STATION_ID:
	case RADIUS_NAS_IPV6_ADDRESS:
		break;
	case RADIUS_SERVICE_TYPE:
		/* Authorize Only asks for a login anew: RFC 5176 3. */
		if (!radius_u32(attr->value, &number) || number != RADIUS_SERVICE_FRAMED)
			radius_coa_refuse(coa, RADIUS_ERROR_UNSUPPORTED_SERVICE,
					  "Service-Type is not Framed");
		break;
	case RADIUS_EVENT_TIMESTAMP:
	case RADIUS_MESSAGE_AUTHENTICATOR:
	case RADIUS_PROXY_STATE:
	case RADIUS_REPLY_MESSAGE:
	case RADIUS_ACCT_TERMINATE_CAUSE:
		break;
	default:
		radius_coa_refuse(coa, RADIUS_ERROR_UNSUPPORTED_ATTRIBUTE,
				  "attribute %u", attr->type);
	}
}

/*
 * A request recorded earlier must not work again. Why would it be none of now?
 * @when: receives when it was made, 0 = it does not say
 */
static const char *radius_coa_stale(const struct radius_pkt *pkt, time_t now,
				    time_t since, uint32_t *when)
{
	struct rbuf value;

	if (!radius_find(pkt, RADIUS_EVENT_TIMESTAMP, &value))
		return NULL;
	if (!radius_u32(value, when) || !*when ||
	    llabs((long long)*when - (long long)now) > RADIUS_COA_AGE_MAX)
		return "its Event-Timestamp is not of now: are the clocks right?";
	/* In this very second the process before this one may have done it. */
	if ((long long)*when <= (long long)since)
		return "its Event-Timestamp is from before this process began";
	return NULL;
}

static const char *radius_coa_lacks(const struct radius_pkt *pkt, uint32_t require)
{
	struct rbuf value;

	if (require & CONF_COA_TIMESTAMP &&
	    !radius_find(pkt, RADIUS_EVENT_TIMESTAMP, &value))
		return "it has no Event-Timestamp (coa-require)";
	if (require & CONF_COA_MAC &&
	    !radius_find(pkt, RADIUS_MESSAGE_AUTHENTICATOR, &value))
		return "it has no Message-Authenticator (coa-require)";
	return NULL;
}

bool radius_coa_parse(const struct radius_pkt *pkt,
		      const struct radius_nas *nas, time_t now, time_t since,
		      struct radius_coa *coa)
{
	const char *why = radius_coa_lacks(pkt, nas->conf->coa_require);
	struct radius_iter it = { .attrs = pkt->attrs };
	struct radius_attr attr;

	memset(coa, 0, sizeof(*coa));
	coa->disconnect = pkt->code == RADIUS_DISCONNECT_REQUEST;
	if (!coa->disconnect && pkt->code != RADIUS_COA_REQUEST)
		why = "it is neither a CoA- nor a Disconnect-Request";
	if (!why)
		why = radius_coa_stale(pkt, now, since, &coa->when);
	if (why) {
		snprintf(coa->why, sizeof(coa->why), "%s", why);
		return false;
	}
	while (radius_next(&it, &attr))
		radius_coa_attr(coa, nas, &attr);
	if (!*coa->session && !*coa->user && !coa->address.s_addr &&
	    !coa->nas_port && !*coa->station && !*coa->port_id &&
	    !coa->prefix6.family)
		radius_coa_refuse(coa, RADIUS_ERROR_MISSING_ATTRIBUTE,
				  "it names no session");
	else if (coa->disconnect && coa->change.what)
		radius_coa_refuse(coa, RADIUS_ERROR_INVALID_REQUEST,
				  "a Disconnect-Request changes nothing");
	else if (!coa->disconnect && !coa->change.what)
		radius_coa_refuse(coa, RADIUS_ERROR_MISSING_ATTRIBUTE,
				  "it changes nothing");
	return true;
}

bool radius_coa_matches(const struct radius_coa *coa,
			const struct radius_nas *nas,
			const struct msg_acct *acct)
{
	char session[RADIUS_SESSION_ID_LEN + 1];
	char station[INET6_ADDRSTRLEN];

	radius_session_id(nas, acct->id, session);
	radius_station(&acct->remote, station);
	return (!*coa->session || !strcmp(coa->session, session)) &&
	       (!*coa->station || !strcmp(coa->station, station)) &&
	       (!*coa->port_id || !strcmp(coa->port_id, acct->ifname)) &&
	       (!*coa->user || account_same_name(coa->fold, coa->user, acct->user)) &&
	       (!coa->address.s_addr ||
		coa->address.s_addr == acct->address.s_addr) &&
	       (!coa->prefix6.family ||
		!memcmp(&coa->prefix6, &acct->prefix6, sizeof(coa->prefix6))) &&
	       (!coa->nas_port || coa->nas_port == acct->id);
}

static enum radius_code radius_coa_code(const struct radius_coa *coa)
{
	if (coa->disconnect)
		return coa->error ? RADIUS_DISCONNECT_NAK :
				    RADIUS_DISCONNECT_ACK;
	return coa->error ? RADIUS_COA_NAK : RADIUS_COA_ACK;
}

bool radius_put_coa(struct wbuf *w, const struct radius_coa *coa,
		    const struct radius_pkt *request, const char *secret)
{
	struct radius_iter it = { .attrs = request->attrs };
	struct radius_attr attr;

	radius_begin(w, radius_coa_code(coa), request->id, NULL);
	radius_put_mac(w);
	if (coa->error)
		radius_put_u32(w, RADIUS_ERROR_CAUSE, coa->error);
	/* RFC 5176 3.1: back to the proxy that added it. */
	while (radius_next(&it, &attr))
		if (!attr.vendor && attr.type == RADIUS_PROXY_STATE)
			radius_put(w, RADIUS_PROXY_STATE, attr.value.p,
				   attr.value.len);
	return radius_sign_response(w, request->authenticator, secret);
}
