// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Shape, sender and plausible values of every message. The parent trusts none
 * of its children further than these checks go; children check the parent's
 * messages by the same table, against bugs.
 */
#include "msg.h"

#include <string.h>

static bool msg_ends(const char *text, size_t size)
{
	return memchr(text, '\0', size);
}

#define ENDS(field)	msg_ends((field), sizeof(field))

static bool msg_bool(const bool *b)
{
	unsigned char v;

	memcpy(&v, b, 1);
	return v <= 1;
}

static bool msg_sockaddr(const struct sockaddr_storage *ss)
{
	return ss->ss_family == AF_INET || ss->ss_family == AF_INET6;
}

static bool msg_file_ok(const void *body)
{
	const struct msg_conf_file *m = body;

	return m->kind <= MSG_FILE_KEYLOG && m->client < CONF_CLIENTS_MAX;
}

static bool msg_client_ok(const void *body)
{
	const struct msg_client *m = body;

	return m->client < CONF_CLIENTS_MAX;
}

static bool msg_lookup_ok(const void *body)
{
	const struct msg_lookup *m = body;

	return m->client < CONF_CLIENTS_MAX && ENDS(m->host);
}

static bool msg_resolved_ok(const void *body)
{
	const struct msg_resolved *m = body;

	if (m->client >= CONF_CLIENTS_MAX || m->n > MSG_ADDRS_MAX ||
	    !ENDS(m->error))
		return false;
	for (uint32_t i = 0; i < m->n; i++)
		if (!msg_sockaddr(&m->addrs[i]))
			return false;
	return true;
}

static bool msg_session_ok(const void *body)
{
	const struct msg_session *m = body;

	return m->id;
}

static bool msg_auth_ask_ok(const void *body)
{
	const struct msg_auth_ask *m = body;

	return m->id && m->client < CONF_CLIENTS_MAX &&
	       msg_sockaddr(&m->remote) && msg_bool(&m->req.client) &&
	       (m->req.method == AUTH_PAP || m->req.method == AUTH_MSCHAPV2) &&
	       ENDS(m->req.name) && ENDS(m->req.password);
}

static bool msg_result_ok(const struct auth_result *res)
{
	return msg_bool(&res->ok) && msg_bool(&res->retry) &&
	       ENDS(res->message) && ENDS(res->password) &&
	       ENDS(res->auth_response);
}

static bool msg_auth_verdict_ok(const void *body)
{
	const struct msg_auth_verdict *m = body;

	return m->id && msg_result_ok(&m->res) && ENDS(m->user);
}

static bool msg_auth_answer_ok(const void *body)
{
	const struct msg_auth_answer *m = body;

	return m->id && msg_result_ok(&m->res) && msg_bool(&m->addrs.ask_dns);
}

static bool msg_net_ok(const struct ppp_network *net)
{
	return msg_bool(&net->ipv4) && msg_bool(&net->ipv6) &&
	       (net->ipv4 || net->ipv6) && net->peer_mru >= 68 &&
	       net->peer_mru <= 4087;
}

static bool msg_path_open_ok(const void *body)
{
	const struct msg_path_open *m = body;

	return m->id && m->kind <= MSG_PATH_TUN && msg_net_ok(&m->net) &&
	       ENDS(m->why) && ENDS(m->tls) &&
	       m->pending_len <= MSG_PENDING_MAX;
}

static bool msg_path_opened_ok(const void *body)
{
	const struct msg_path_opened *m = body;

	return m->id && msg_bool(&m->ok) && ENDS(m->ifname) && ENDS(m->error);
}

static bool msg_path_update_ok(const void *body)
{
	const struct msg_path_update *m = body;

	return m->id && msg_net_ok(&m->net);
}

static bool msg_idle_ok(const void *body)
{
	const struct msg_idle *m = body;

	return m->id;
}

static bool msg_session_end_ok(const void *body)
{
	const struct msg_session_end *m = body;

	return m->id && ENDS(m->why);
}

#define RULE(type, body, fd, from, check) \
	[MSG_##type] = { #type, sizeof(struct body), fd, from, check }

#define CHILDREN	(MSG_ENGINE | MSG_AUTHD | MSG_RESOLVER)

const struct imsg_rule msg_rules[MSG_TYPES] = {
	RULE(CONF_ENGINE, msg_conf_engine, IMSG_NO_FD, MSG_PARENT, NULL),
	RULE(CONF_SERVER, conf_server, IMSG_NO_FD, MSG_PARENT, NULL),
	RULE(CONF_CLIENT, conf_client, IMSG_NO_FD, MSG_PARENT, NULL),
	RULE(CONF_FILE, msg_conf_file, IMSG_FD, MSG_PARENT, msg_file_ok),
	RULE(LISTEN, msg_none, IMSG_FD, MSG_PARENT, NULL),
	RULE(CONF_USERS, msg_none, IMSG_FD, MSG_PARENT, NULL),
	RULE(CONF_SECRET, conf_secret, IMSG_NO_FD, MSG_PARENT, NULL),
	RULE(START, msg_none, IMSG_NO_FD, MSG_PARENT, NULL),
	RULE(STOP, msg_none, IMSG_NO_FD, MSG_PARENT, NULL),
	RULE(READY, msg_none, IMSG_NO_FD, CHILDREN, NULL),
	RULE(STOPPED, msg_none, IMSG_NO_FD, MSG_ENGINE, NULL),
	RULE(PING, msg_none, IMSG_NO_FD, MSG_PARENT, NULL),
	RULE(PONG, msg_none, IMSG_NO_FD, MSG_ENGINE | MSG_AUTHD, NULL),
	RULE(RESOLVE, msg_client, IMSG_NO_FD, MSG_ENGINE, msg_client_ok),
	RULE(LOOKUP, msg_lookup, IMSG_NO_FD, MSG_PARENT, msg_lookup_ok),
	RULE(RESOLVED, msg_resolved, IMSG_NO_FD, MSG_PARENT | MSG_RESOLVER,
	     msg_resolved_ok),
	RULE(AUTH_ASK, msg_auth_ask, IMSG_NO_FD, MSG_PARENT | MSG_ENGINE,
	     msg_auth_ask_ok),
	RULE(AUTH_VERDICT, msg_auth_verdict, IMSG_NO_FD, MSG_AUTHD,
	     msg_auth_verdict_ok),
	RULE(AUTH_ANSWER, msg_auth_answer, IMSG_NO_FD, MSG_PARENT,
	     msg_auth_answer_ok),
	RULE(PATH_OPEN, msg_path_open, IMSG_MAY_FD, MSG_ENGINE,
	     msg_path_open_ok),
	RULE(PATH_OPENED, msg_path_opened, IMSG_MAY_FD, MSG_PARENT,
	     msg_path_opened_ok),
	RULE(PATH_UPDATE, msg_path_update, IMSG_NO_FD, MSG_ENGINE,
	     msg_path_update_ok),
	RULE(IDLE_ASK, msg_session, IMSG_NO_FD, MSG_ENGINE, msg_session_ok),
	RULE(IDLE, msg_idle, IMSG_NO_FD, MSG_PARENT, msg_idle_ok),
	RULE(DISCONNECT, msg_session, IMSG_NO_FD, MSG_PARENT, msg_session_ok),
	RULE(SESSION_END, msg_session_end, IMSG_NO_FD, MSG_ENGINE,
	     msg_session_end_ok),
};
