// SPDX-License-Identifier: GPL-2.0-or-later
/* What an Access-Accept grants. What cannot be done is a line in the log. */
#include "radiusd/radius_session.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "conf/conf_value.h"
#include "lib/log.h"

/* RFC 2865 5.8: the peer may choose its address, the NAS shall. */
#define RADIUS_ADDRESS_PEER	0xffffffff
#define RADIUS_ADDRESS_NAS	0xfffffffe

/* One attribute of an Access-Accept for the user of @v. */
struct radius_accept {
	struct msg_auth_verdict *v;
	const struct radius_attr *attr;
	uint32_t number;
};

static void radius_cannot(const struct radius_accept *a, const char *name,
			  const char *why)
{
	log_warn("user %s: RADIUS asks for %s, which is not done: %s",
		 a->v->user, name, why);
}

/* Those that a gateway is likely to be sent. */
static const char *radius_name(uint8_t type, char *number, size_t size)
{
	static const struct {
		uint8_t type;
		const char *name;
	} names[] = {
		{ 10, "Framed-Routing" },
		{ 29, "Termination-Action" },
		{ 62, "Port-Limit" },
		{ 64, "Tunnel-Type" },
		{ 96, "Framed-Interface-Id" },
		{ 168, "Framed-IPv6-Address" },
		{ 171, "Delegated-IPv6-Prefix-Pool" },
		{ 172, "Stateful-IPv6-Address-Pool" },
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].type == type)
			return names[i].name;
	snprintf(number, size, "attribute %u", type);
	return number;
}

/* ---- routes and prefixes ------------------------------------------------------ */

static void radius_add_route(const struct radius_accept *a, const char *name,
			     const struct conf_route *route)
{
	struct policy_user *user = &a->v->grant.user;

	if (user->n_routes == POLICY_ROUTES_MAX)
		radius_cannot(a, name, "too many routes");
	else
		user->routes[user->n_routes++] = *route;
}

static void radius_route(const struct radius_accept *a, const char *name,
			 uint8_t family, const char *like)
{
	char text[RADIUS_VALUE_MAX + 1], why[100];
	struct conf_route route;

	/* "10.1.0.0/16 0.0.0.0 1": what follows the prefix is about the NAS. */
	radius_text(a->attr->value, text, sizeof(text));
	text[strcspn(text, " ")] = '\0';
	if (conf_prefix(&route, text) && route.family == family) {
		radius_add_route(a, name, &route);
		return;
	}
	snprintf(why, sizeof(why),
		 "must begin with a prefix without host bits, like %s", like);
	radius_cannot(a, name, why);
}

/* Reserved, length in bits, as many bytes as that takes: RFC 3162 2.3 */
bool radius_prefix(struct rbuf value, struct conf_route *prefix)
{
	struct rbuf bytes;
	uint8_t len;

	memset(prefix, 0, sizeof(*prefix));
	buf_get_u8(&value);
	len = buf_get_u8(&value);
	bytes = value;
	if (value.bad || len > 128 || bytes.len > 16 || bytes.len * 8 < len)
		return false;
	memcpy(prefix->addr, bytes.p, bytes.len);
	prefix->family = AF_INET6;
	prefix->len = len;
	for (unsigned int i = len; i < 128; i++)
		if (prefix->addr[i / 8] & (0x80 >> i % 8))
			return false;
	return true;
}

static void radius_ipv6_prefix(const struct radius_accept *a)
{
	struct conf_route *mine = &a->v->grant.user.prefix6;
	struct conf_route prefix;

	if (!radius_prefix(a->attr->value, &prefix) || prefix.len != 64)
		radius_cannot(a, "Framed-IPv6-Prefix", "must be a prefix of 64 bits, from which a client makes addresses");
	else if (mine->family)
		radius_cannot(a, "Framed-IPv6-Prefix", "a session has one");
	else
		*mine = prefix;
}

/* There is no DHCPv6 to tell the client by; the prefix leads to it all the same. */
static void radius_delegated(const struct radius_accept *a)
{
	struct conf_route prefix;

	if (!radius_prefix(a->attr->value, &prefix)) {
		radius_cannot(a, "Delegated-IPv6-Prefix", "it is malformed");
		return;
	}
	radius_add_route(a, "Delegated-IPv6-Prefix", &prefix);
	log_info("user %s: Delegated-IPv6-Prefix is routed to the client, which has to know it: it is not told by DHCPv6",
		 a->v->user);
}

/* ---- names -------------------------------------------------------------------- */

static void radius_take_name(const struct radius_accept *a, const char *name,
			     char *out)
{
	char text[RADIUS_VALUE_MAX + 1];

	radius_text(a->attr->value, text, sizeof(text));
	if (!*text || strlen(text) >= CONF_NAME_MAX)
		radius_cannot(a, name, "a name has 1 to 63 characters");
	else if (*out && strcmp(out, text))
		radius_cannot(a, name, "a session has one");
	else
		strcpy(out, text);
}

static void radius_dns6(const struct radius_accept *a)
{
	struct in6_addr *dns = a->v->grant.dns6;

	if (a->attr->value.len != sizeof(*dns))
		radius_cannot(a, "DNS-Server-IPv6-Address", "its length is not 16");
	else if (IN6_IS_ADDR_UNSPECIFIED(&dns[0]))
		memcpy(&dns[0], a->attr->value.p, sizeof(*dns));
	else if (IN6_IS_ADDR_UNSPECIFIED(&dns[1]))
		memcpy(&dns[1], a->attr->value.p, sizeof(*dns));
	else
		radius_cannot(a, "DNS-Server-IPv6-Address", "clients are told two");
}

/* ---- rates -------------------------------------------------------------------- */

static bool radius_in_range(uint64_t rate)
{
	return rate >= CONF_RATE_MIN && rate <= CONF_RATE_MAX;
}

/* "512k/2M", as a router receives and sends; one alone is both. */
static const char *radius_rate_limit(struct rbuf value, uint64_t *down,
				     uint64_t *up)
{
	char text[RADIUS_VALUE_MAX + 1];
	size_t len, first;

	radius_text(value, text, sizeof(text));
	len = strcspn(text, " ");
	first = strcspn(text, " /");
	if (text[len + strspn(text + len, " ")])
		return "bursts and priorities are not supported, only UP/DOWN";
	if (!conf_bit_rate(up, text, first))
		return "must be like 512k/2M";
	if (first == len)
		*down = *up;
	else if (!conf_bit_rate(down, text + first + 1, len - first - 1))
		return "must be like 512k/2M";
	return radius_in_range(*up) && radius_in_range(*down) ? NULL :
	       "rates are from 64k to 10G";
}

static const char *radius_wispr(const struct radius_attr *attr, uint64_t *rate)
{
	uint32_t number;

	if (!radius_u32(attr->value, &number))
		return "its length is not 4";
	if (!radius_in_range(number))
		return "rates are from 64000 bit/s on";
	*rate = number;
	return NULL;
}

bool radius_rate(const struct radius_attr *attr, uint64_t *down, uint64_t *up,
		 const char **name, const char **why)
{
	uint64_t d = *down, u = *up;

	if (attr->vendor == RADIUS_WISPR && attr->type == RADIUS_WISPR_MAX_UP) {
		*name = "WISPr-Bandwidth-Max-Up";
		*why = radius_wispr(attr, &u);
	} else if (attr->vendor == RADIUS_WISPR &&
		   attr->type == RADIUS_WISPR_MAX_DOWN) {
		*name = "WISPr-Bandwidth-Max-Down";
		*why = radius_wispr(attr, &d);
	} else if (attr->vendor == RADIUS_MIKROTIK &&
		   attr->type == RADIUS_MIKROTIK_RATE_LIMIT) {
		*name = "Mikrotik-Rate-Limit";
		*why = radius_rate_limit(attr->value, &d, &u);
	} else {
		return false;
	}
	if (!*why) {
		*down = d;
		*up = u;
	}
	return true;
}

static void radius_other_vendor(const struct radius_accept *a)
{
	struct conf_policy *policy = &a->v->grant.user.policy;
	const char *name, *why;
	char text[60];

	if (radius_rate(a->attr, &policy->rate_down, &policy->rate_up, &name,
			&why)) {
		if (why)
			radius_cannot(a, name, why);
		return;
	}
	snprintf(text, sizeof(text), a->attr->type ?
		 "attribute %2$u of vendor %1$u" : "an attribute of vendor %1$u",
		 a->attr->vendor, a->attr->type);
	radius_cannot(a, text, "it is not supported");
}

/* ---- the rest ----------------------------------------------------------------- */

static void radius_class(const struct radius_accept *a)
{
	struct grant *g = &a->v->grant;
	struct wbuf w = wbuf_of(g->class, sizeof(g->class));

	w.len = g->class_len;
	radius_put(&w, RADIUS_CLASS, a->attr->value.p, a->attr->value.len);
	if (w.bad)
		radius_cannot(a, "Class", "too long");
	else
		g->class_len = (uint32_t)w.len;
}

/* IPv4 runs down to 576 over our interfaces. */
static void radius_mtu(const struct radius_accept *a)
{
	if (a->number < 576 || a->number > 4087)
		radius_cannot(a, "Framed-MTU", "must be 576 to 4087");
	else
		a->v->grant.mtu = a->number;
}

static void radius_address(const struct radius_accept *a)
{
	/* Both leave the choice to our pool: peers here do not insist. */
	if (a->number == RADIUS_ADDRESS_PEER || a->number == RADIUS_ADDRESS_NAS)
		return;
	if (!a->number)
		radius_cannot(a, "Framed-IP-Address 0.0.0.0", "no address");
	else
		a->v->grant.user.fixed.s_addr = htonl(a->number);
}

/* Values that we have no choice about. */
static void radius_must_be(const struct radius_accept *a, const char *name,
			   uint32_t want, const char *why)
{
	if (a->number != want)
		radius_cannot(a, name, why);
}

static void radius_own(const struct radius_accept *a)
{
	struct grant *g = &a->v->grant;
	char name[40];

	switch (a->attr->type) {
	case RADIUS_FRAMED_IP_ADDRESS:
		radius_address(a);
		break;
	case RADIUS_FRAMED_IP_NETMASK:
		radius_must_be(a, "Framed-IP-Netmask", UINT32_MAX,
			       "a PPP peer has one address; Framed-Route gives it a network");
		break;
	case RADIUS_FRAMED_PROTOCOL:
		radius_must_be(a, "Framed-Protocol", RADIUS_FRAMED_PPP,
			       "it is PPP");
		break;
	case RADIUS_FRAMED_COMPRESSION:
		radius_must_be(a, "Framed-Compression", 0,
			       "headers are not compressed");
		break;
	case RADIUS_FRAMED_MTU:
		radius_mtu(a);
		break;
	case RADIUS_FRAMED_ROUTE:
		radius_route(a, "Framed-Route", AF_INET, "10.1.0.0/16");
		break;
	case RADIUS_FRAMED_IPV6_ROUTE:
		radius_route(a, "Framed-IPv6-Route", AF_INET6,
			     "2001:db8:1::/48");
		break;
	case RADIUS_FRAMED_IPV6_PREFIX:
		radius_ipv6_prefix(a);
		break;
	case RADIUS_DELEGATED_IPV6_PREFIX:
		radius_delegated(a);
		break;
	case RADIUS_DNS_SERVER_IPV6:
		radius_dns6(a);
		break;
	case RADIUS_FRAMED_POOL:
		radius_take_name(a, "Framed-Pool", g->user.policy.pool);
		break;
	case RADIUS_FRAMED_IPV6_POOL:
		radius_take_name(a, "Framed-IPv6-Pool", g->user.policy.pool6);
		break;
	case RADIUS_FILTER_ID:
		radius_take_name(a, "Filter-Id", g->user.group);
		break;
	case RADIUS_CLASS:
		radius_class(a);
		break;
	case RADIUS_SESSION_TIMEOUT:
		g->session_s = a->number;
		break;
	case RADIUS_IDLE_TIMEOUT:
		g->idle_s = a->number;
		break;
	case RADIUS_ACCT_INTERIM_INTERVAL:
		g->interim_s = a->number;
		break;
	case RADIUS_USER_NAME:
	case RADIUS_SERVICE_TYPE:
	case RADIUS_REPLY_MESSAGE:
	case RADIUS_STATE:
	case RADIUS_PROXY_STATE:
	case RADIUS_EAP_MESSAGE:
	case RADIUS_MESSAGE_AUTHENTICATOR:
		break;
	default:
		radius_cannot(a, radius_name(a->attr->type, name, sizeof(name)),
			      "it is not supported");
	}
}

static void radius_microsoft(const struct radius_accept *a)
{
	struct grant *g = &a->v->grant;
	char name[40];

	switch (a->attr->type) {
	case RADIUS_MS_PRIMARY_DNS:
	case RADIUS_MS_SECONDARY_DNS:
		g->dns[a->attr->type - RADIUS_MS_PRIMARY_DNS].s_addr =
			htonl(a->number);
		break;
	case RADIUS_MS_PRIMARY_NBNS:
	case RADIUS_MS_SECONDARY_NBNS:
		g->nbns[a->attr->type - RADIUS_MS_PRIMARY_NBNS].s_addr =
			htonl(a->number);
		break;
	case RADIUS_MS_CHAP2_SUCCESS:
	case RADIUS_MS_CHAP_DOMAIN:
	case RADIUS_MS_MPPE_SEND_KEY:
	case RADIUS_MS_MPPE_RECV_KEY:
	/* Everything is encrypted, by TLS. */
	case RADIUS_MS_MPPE_POLICY:
	case RADIUS_MS_MPPE_TYPES:
		break;
	default:
		snprintf(name, sizeof(name), "attribute %u of Microsoft",
			 a->attr->type);
		radius_cannot(a, name, "it is not supported");
	}
}

static bool radius_is_number(const struct radius_attr *attr)
{
	if (attr->vendor == RADIUS_MICROSOFT)
		return attr->type >= RADIUS_MS_PRIMARY_DNS &&
		       attr->type <= RADIUS_MS_SECONDARY_NBNS;
	if (attr->vendor)
		return false;
	switch (attr->type) {
	case RADIUS_SERVICE_TYPE:
	case RADIUS_FRAMED_PROTOCOL:
	case RADIUS_FRAMED_IP_ADDRESS:
	case RADIUS_FRAMED_IP_NETMASK:
	case RADIUS_FRAMED_MTU:
	case RADIUS_FRAMED_COMPRESSION:
	case RADIUS_SESSION_TIMEOUT:
	case RADIUS_IDLE_TIMEOUT:
	case RADIUS_ACCT_INTERIM_INTERVAL:
		return true;
	}
	return false;
}

void radius_grant(struct msg_auth_verdict *v, const struct radius_attr *attr)
{
	struct radius_accept a = { .v = v, .attr = attr };
	char name[60];

	if (radius_is_number(attr) && !radius_u32(attr->value, &a.number)) {
		snprintf(name, sizeof(name), "attribute %u%s", attr->type,
			 attr->vendor ? " of Microsoft" : "");
		radius_cannot(&a, name, "its length is not 4");
	} else if (!attr->vendor) {
		radius_own(&a);
	} else if (attr->vendor == RADIUS_MICROSOFT) {
		radius_microsoft(&a);
	} else {
		radius_other_vendor(&a);
	}
}
