// SPDX-License-Identifier: GPL-2.0-or-later
#include "nm/nm_session.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include <json-c/json.h>

static const char *nm_session_text(struct json_object *o, const char *key)
{
	struct json_object *value;

	return json_object_object_get_ex(o, key, &value) ? json_object_get_string(value) : NULL;
}

static void nm_session_addr(struct json_object *o, const char *key, int family, void *addr)
{
	const char *text = nm_session_text(o, key);

	if (text)
		inet_pton(family, text, addr);
}

/* "192.0.2.1:443", "[2001:db8::1]:443" */
static void nm_session_server(const char *text, struct sockaddr_storage *server)
{
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)server;
	struct sockaddr_in *in = (struct sockaddr_in *)server;
	char host[INET6_ADDRSTRLEN];
	const char *from = text, *to;

	if (!text)
		return;
	if (*text == '[')
		from++;
	to = *text == '[' ? strchr(from, ']') : strrchr(from, ':');
	if (!to || (size_t)(to - from) >= sizeof(host))
		return;
	memcpy(host, from, (size_t)(to - from));
	host[to - from] = '\0';
	if (inet_pton(AF_INET, host, &in->sin_addr) == 1)
		server->ss_family = AF_INET;
	else if (inet_pton(AF_INET6, host, &in6->sin6_addr) == 1)
		server->ss_family = AF_INET6;
}

static bool nm_session_read(struct json_object *o, struct nm_session *session)
{
	const char *ifname = nm_session_text(o, "interface");
	struct json_object *mtu, *router;

	memset(session, 0, sizeof(*session));
	if (!ifname || !*ifname)
		return false;
	snprintf(session->ifname, sizeof(session->ifname), "%s", ifname);
	nm_session_server(nm_session_text(o, "remote"), &session->server);
	nm_session_addr(o, "local", AF_INET, &session->local);
	nm_session_addr(o, "peer", AF_INET, &session->peer);
	nm_session_addr(o, "dns1", AF_INET, &session->dns[0]);
	nm_session_addr(o, "dns2", AF_INET, &session->dns[1]);
	session->ipv6 = nm_session_text(o, "local_ipv6");
	nm_session_addr(o, "ipv6_address", AF_INET6, &session->local6);
	nm_session_addr(o, "ipv6_dns1", AF_INET6, &session->dns6[0]);
	nm_session_addr(o, "ipv6_dns2", AF_INET6, &session->dns6[1]);
	session->heard6 = json_object_object_get_ex(o, "ipv6_router", &router);
	if (session->heard6)
		session->router6 = json_object_get_boolean(router);
	if (json_object_object_get_ex(o, "mtu", &mtu))
		session->mtu = (uint32_t)json_object_get_int64(mtu);
	return true;
}

void nm_session_go_on(struct nm_session *session, const struct nm_session *before)
{
	if (!IN6_IS_ADDR_UNSPECIFIED(&session->local6) ||
	    IN6_IS_ADDR_UNSPECIFIED(&before->local6))
		return;
	session->local6 = before->local6;
	session->router6 = !session->heard6 && before->router6;
	if (session->heard6)
		memset(session->dns6, 0, sizeof(session->dns6));
	else
		memcpy(session->dns6, before->dns6, sizeof(session->dns6));
	session->heard6 = true;
}

bool nm_session_same_names(const struct nm_session *a, const struct nm_session *b)
{
	return !memcmp(a->dns, b->dns, sizeof(a->dns)) &&
	       !memcmp(a->dns6, b->dns6, sizeof(a->dns6));
}

bool nm_session_of_show(const char *json, struct nm_session *session)
{
	struct json_object *o = json_tokener_parse(json);
	struct json_object *all, *first;
	bool is = false;

	if (o && json_object_object_get_ex(o, "sessions", &all) &&
	    json_object_is_type(all, json_type_array)) {
		first = json_object_array_get_idx(all, 0);
		is = first && nm_session_read(first, session);
	}
	json_object_put(o);
	return is;
}

static bool nm_session_is_up(const char *event)
{
	static const char *const events[] = {
		"session-up", "session-moved", "session-addresses", "session-ipv6",
	};

	for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++)
		if (!strcmp(event, events[i]))
			return true;
	return false;
}

bool nm_session_of_event(const char *json, struct nm_session *session)
{
	struct json_object *o = json_tokener_parse(json);
	const char *event = o ? nm_session_text(o, "event") : NULL;
	struct json_object *in;
	bool is = false;

	if (event && nm_session_is_up(event))
		is = nm_session_read(json_object_object_get_ex(o, "session", &in) ? in : o,
				     session);
	json_object_put(o);
	return is;
}
