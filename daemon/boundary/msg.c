// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Shape, sender and plausible values of every message. The parent trusts none
 * of its children further than these checks go; children check the parent's
 * messages by the same table, against bugs.
 */
#include "boundary/msg.h"

#include <string.h>

#include "lib/reason.h"

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

static bool msg_name_ok(const char *name, size_t size)
{
	return memchr(name, '\0', size) && !strchr(name, '/') && *name != '.';
}

static bool msg_route_ok(const struct conf_route *route)
{
	return (route->family == AF_INET && route->len <= 32) ||
	       (route->family == AF_INET6 && route->len <= 128);
}

bool msg_policy_ok(const struct policy_user *user)
{
	const struct conf_policy *p = &user->policy;

	if (!ENDS(user->group) ||
	    !ENDS(p->pool) ||
	    !memchr(p->pool6, '\0', sizeof(p->pool6)) ||
	    !msg_name_ok(p->ifname, sizeof(p->ifname)) ||
	    !msg_name_ok(p->vrf, sizeof(p->vrf)) ||
	    !msg_name_ok(p->netns, sizeof(p->netns)) ||
	    p->rate_down > CONF_RATE_MAX || p->rate_up > CONF_RATE_MAX ||
	    user->n_routes > POLICY_ROUTES_MAX ||
	    (user->prefix6.family && (user->prefix6.family != AF_INET6 ||
				      user->prefix6.len != 64)))
		return false;
	for (uint32_t i = 0; i < user->n_routes; i++)
		if (!msg_route_ok(&user->routes[i]))
			return false;
	return true;
}

static bool msg_file_ok(const void *body)
{
	const struct msg_conf_file *m = body;

	return m->kind <= MSG_FILE_KEYLOG && m->number < CONF_CLIENTS_MAX;
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

/* No more connections than there can be descriptors. */
static bool msg_stats_ok(const void *body)
{
	const struct msg_stats *m = body;

	for (int i = STAT_NOW_HANDSHAKES; i <= STAT_NOW_WEB; i++)
		if (m->count[i] > INT32_MAX)
			return false;
	return true;
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

static bool msg_dial_ok(const void *body)
{
	const struct msg_dial *m = body;

	return m->client < CONF_CLIENTS_MAX && m->at < MSG_ADDRS_MAX;
}

static bool msg_dialled_ok(const void *body)
{
	const struct msg_dialled *m = body;

	return m->client < CONF_CLIENTS_MAX && ENDS(m->error);
}

static bool msg_session_ok(const void *body)
{
	const struct msg_session *m = body;

	return m->id;
}

static bool msg_challenge_ok(const void *body)
{
	const struct msg_challenge *m = body;

	return m->id;
}

/* Exactly one, with all its fields in bounds. */
static bool msg_method_ok(const struct auth_request *req)
{
	switch (req->method) {
	case AUTH_PAP:
		return true;
	case AUTH_MSCHAPV2:
	case AUTH_EAP_MSCHAPV2:
		return !req->change || req->client ||
		       req->packet_len == AUTH_CHANGE_LEN;
	case AUTH_CHAP_MD5:
		return req->md5.len;
	case AUTH_EAP_TLS:
	case AUTH_EAP_RADIUS:
		return req->packet_len && req->packet_len <= AUTH_PACKET_MAX;
	case AUTH_PEAP:
		return req->client && req->packet_len && req->packet_len <= AUTH_PACKET_MAX;
	}
	return false;
}

static bool msg_auth_ask_ok(const void *body)
{
	const struct msg_auth_ask *m = body;

	return m->id && m->client < CONF_CLIENTS_MAX &&
	       msg_bool(&m->lane.joins) && lane_is_ok(&m->lane) &&
	       msg_sockaddr(&m->remote) && msg_bool(&m->req.client) &&
	       msg_bool(&m->req.change) && msg_method_ok(&m->req) &&
	       ENDS(m->req.name) && ENDS(m->req.password);
}

static bool msg_result_ok(const struct auth_result *res)
{
	return msg_bool(&res->ok) && msg_bool(&res->retry) &&
	       msg_bool(&res->more) && !(res->ok && res->more) &&
	       res->packet_len <= AUTH_PACKET_MAX &&
	       ENDS(res->message) && ENDS(res->password) &&
	       ENDS(res->auth_response);
}

static bool msg_grant_ok(const struct grant *g)
{
	return msg_policy_ok(&g->user) && g->class_len <= GRANT_CLASS_MAX;
}

static bool msg_auth_verdict_ok(const void *body)
{
	const struct msg_auth_verdict *m = body;

	return m->id && msg_result_ok(&m->res) && ENDS(m->user) &&
	       msg_bool(&m->claimed) && msg_bool(&m->set_password) &&
	       (m->res.ok || !m->set_password) &&
	       msg_grant_ok(&m->grant);
}

static bool msg_eap_ask_ok(const void *body)
{
	const struct msg_eap_ask *m = body;

	return msg_auth_ask_ok(&m->ask) && ENDS(m->user) && msg_bool(&m->fold) &&
	       msg_policy_ok(&m->grant);
}

static bool msg_inner_ask_ok(const void *body)
{
	const struct msg_inner_ask *m = body;

	return m->id && m->client < CONF_CLIENTS_MAX;
}

static bool msg_inner_answer_ok(const void *body)
{
	const struct msg_inner_answer *m = body;

	return m->id && msg_bool(&m->ok) && ENDS(m->auth_response);
}

static bool msg_conf_eap_ok(const void *body)
{
	const struct msg_conf_eap *m = body;

	/* A client without a name would take the certificate of anybody. */
	return msg_bool(&m->server) && m->client < CONF_CLIENTS_MAX && msg_bool(&m->peap) &&
	       msg_bool(&m->need_binding) && !(m->server && m->peap) && ENDS(m->name) &&
	       !m->server == (*m->name != 0);
}

static bool msg_conf_authd_ok(const void *body)
{
	const struct msg_conf_authd *m = body;

	return msg_bool(&m->radius) && msg_bool(&m->fold);
}

static bool msg_conf_radius_ok(const void *body)
{
	const struct msg_conf_radius *m = body;

	return msg_bool(&m->again) && msg_bool(&m->fold);
}

static bool msg_radius_socket_ok(const void *body)
{
	const struct msg_radius_socket *m = body;

	return m->use <= MSG_RADIUS_COA && m->server < RADIUS_SERVERS_MAX;
}

static bool msg_acct_ok(const void *body)
{
	const struct msg_acct *m = body;

	return m->id && m->kind <= MSG_ACCT_STOP && m->reason < REASON_COUNT &&
	       msg_sockaddr(&m->remote) && ENDS(m->user) && ENDS(m->ifname) &&
	       m->prefix6.len <= 128 && m->class_len <= GRANT_CLASS_MAX;
}

static bool msg_acct_taken_ok(const void *body)
{
	const struct msg_acct_taken *m = body;

	return m->id && m->kind <= MSG_ACCT_STOP;
}

static bool msg_grant_change_ok(const void *body)
{
	const struct msg_grant_change *m = body;

	return m->id &&
	       !(m->what & ~(uint32_t)(GRANT_SESSION | GRANT_IDLE |
				       GRANT_INTERIM | GRANT_RATE)) &&
	       m->rate_down <= CONF_RATE_MAX && m->rate_up <= CONF_RATE_MAX;
}

static bool msg_disconnect_ok(const void *body)
{
	const struct msg_disconnect *m = body;

	return m->id && m->reason < REASON_COUNT;
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

static bool msg_state_ok(const struct ppp_state *st)
{
	return msg_bool(&st->lcp.opened) && msg_bool(&st->ipcp.opened) &&
	       msg_bool(&st->ipv6cp.opened) && msg_bool(&st->ask_mru) && ppp_state_ok(st);
}

static bool msg_path_open_ok(const void *body)
{
	const struct msg_path_open *m = body;

	return m->id && m->kind <= MSG_PATH_TUN && msg_net_ok(&m->net) &&
	       ENDS(m->why) && ENDS(m->tls) &&
	       (!m->tcp_local.ss_family || msg_sockaddr(&m->tcp_local)) &&
	       (!m->tcp_peer.ss_family || msg_sockaddr(&m->tcp_peer)) &&
	       m->record_size >= 512 && m->record_size <= 16384 &&
	       m->pending_len <= MSG_PENDING_MAX && m->secret_len <= MSG_SECRET_MAX &&
	       (m->kind != MSG_PATH_KERNEL || msg_state_ok(&m->state));
}

static bool msg_path_opened_ok(const void *body)
{
	const struct msg_path_opened *m = body;

	return m->id && msg_bool(&m->ok) && msg_bool(&m->busy) && msg_bool(&m->waits) &&
	       ENDS(m->ifname) && ENDS(m->error);
}

static bool msg_path_update_ok(const void *body)
{
	const struct msg_path_update *m = body;

	return m->id && msg_net_ok(&m->net);
}

static bool msg_link_state_ok(const void *body)
{
	const struct msg_link_state *m = body;

	return m->id && msg_state_ok(&m->state);
}

static bool msg_adopt_ok(const void *body)
{
	const struct msg_adopt *m = body;

	return m->id && msg_bool(&m->server) && m->client < CONF_CLIENTS_MAX &&
	       msg_sockaddr(&m->remote) && msg_state_ok(&m->state) &&
	       msg_bool(&m->addrs.ask_dns) && msg_net_ok(&m->net);
}

static bool msg_retire_ok(const void *body)
{
	const struct msg_retire *m = body;

	return msg_bool(&m->retire);
}

static bool msg_idle_ok(const void *body)
{
	const struct msg_idle *m = body;

	return m->id;
}

static bool msg_session_end_ok(const void *body)
{
	const struct msg_session_end *m = body;

	return m->id && m->reason < REASON_COUNT && ENDS(m->why);
}

#define RULE(type, body, fd, from, check) \
	[MSG_##type] = { #type, sizeof(struct body), fd, from, check }

#define CHILDREN	(MSG_ENGINE | MSG_AUTHD | MSG_EAPD | MSG_RESOLVER | \
			 MSG_RADIUS)

const struct imsg_rule msg_rules[MSG_TYPES] = {
	RULE(CONF_ENGINE, msg_conf_engine, IMSG_NO_FD, MSG_PARENT, NULL),
	RULE(CONF_SERVER, conf_server, IMSG_NO_FD, MSG_PARENT, NULL),
	RULE(CONF_CLIENT, conf_client, IMSG_NO_FD, MSG_PARENT, NULL),
	RULE(CONF_FILE, msg_conf_file, IMSG_FD, MSG_PARENT, msg_file_ok),
	RULE(LISTEN, msg_listen, IMSG_FD, MSG_PARENT, NULL),
	RULE(LISTEN_END, msg_listen, IMSG_NO_FD, MSG_PARENT, NULL),
	RULE(RETIRE, msg_retire, IMSG_NO_FD, MSG_PARENT, msg_retire_ok),
	RULE(CONF_USERS, msg_none, IMSG_FD, MSG_PARENT, NULL),
	RULE(CONF_SECRET, conf_secret, IMSG_NO_FD, MSG_PARENT, NULL),
	RULE(CONF_AUTHD, msg_conf_authd, IMSG_NO_FD, MSG_PARENT,
	     msg_conf_authd_ok),
	RULE(CONF_EAP, msg_conf_eap, IMSG_NO_FD, MSG_PARENT, msg_conf_eap_ok),
	RULE(CONF_RADIUS, msg_conf_radius, IMSG_NO_FD, MSG_PARENT,
	     msg_conf_radius_ok),
	RULE(CONF_RADIUS_SECRET, conf_radius_secret, IMSG_NO_FD, MSG_PARENT,
	     NULL),
	RULE(RADIUS_SOCKET, msg_radius_socket, IMSG_FD, MSG_PARENT,
	     msg_radius_socket_ok),
	RULE(RADIUS_SPOOL, msg_none, IMSG_FD, MSG_PARENT, NULL),
	RULE(SPOOL_DAMAGED, msg_none, IMSG_NO_FD, MSG_RADIUS, NULL),
	RULE(SPOOL_ASIDE, msg_none, IMSG_FD, MSG_PARENT, NULL),
	RULE(RADIUS_RENEW, msg_radius_socket, IMSG_NO_FD, MSG_RADIUS, msg_radius_socket_ok),
	RULE(START, msg_none, IMSG_NO_FD, MSG_PARENT, NULL),
	RULE(LOG_LEVEL, msg_log_level, IMSG_NO_FD, MSG_PARENT, NULL),
	RULE(STOP, msg_none, IMSG_NO_FD, MSG_PARENT, NULL),
	RULE(LEAVE, msg_none, IMSG_NO_FD, MSG_PARENT, NULL),
	RULE(READY, msg_none, IMSG_NO_FD, CHILDREN, NULL),
	RULE(STOPPED, msg_none, IMSG_NO_FD, MSG_ENGINE | MSG_RADIUS, NULL),
	RULE(CONF_LOST, msg_none, IMSG_NO_FD, MSG_ENGINE | MSG_AUTHD | MSG_EAPD, NULL),
	RULE(STATS, msg_stats, IMSG_NO_FD, MSG_ENGINE, msg_stats_ok),
	RULE(PING, msg_none, IMSG_NO_FD, MSG_PARENT, NULL),
	RULE(PONG, msg_none, IMSG_NO_FD,
	     MSG_ENGINE | MSG_AUTHD | MSG_EAPD | MSG_RADIUS | MSG_RESOLVER, NULL),
	RULE(RESOLVE, msg_client, IMSG_NO_FD, MSG_ENGINE, msg_client_ok),
	RULE(LOOKUP, msg_lookup, IMSG_NO_FD, MSG_PARENT, msg_lookup_ok),
	RULE(RESOLVED, msg_resolved, IMSG_NO_FD, MSG_PARENT | MSG_RESOLVER,
	     msg_resolved_ok),
	RULE(DIAL, msg_dial, IMSG_NO_FD, MSG_ENGINE, msg_dial_ok),
	RULE(DIALLED, msg_dialled, IMSG_MAY_FD, MSG_PARENT, msg_dialled_ok),
	RULE(REDIAL, msg_client, IMSG_NO_FD, MSG_PARENT, msg_client_ok),
	RULE(RECONNECT, msg_client, IMSG_NO_FD, MSG_PARENT, msg_client_ok),
	RULE(CHALLENGE_ASK, msg_session, IMSG_NO_FD, MSG_ENGINE, msg_session_ok),
	RULE(CHALLENGE, msg_challenge, IMSG_NO_FD, MSG_PARENT, msg_challenge_ok),
	RULE(AUTH_ASK, msg_auth_ask, IMSG_NO_FD, MSG_PARENT | MSG_ENGINE,
	     msg_auth_ask_ok),
	RULE(AUTH_VERDICT, msg_auth_verdict, IMSG_NO_FD,
	     MSG_AUTHD | MSG_EAPD | MSG_RADIUS, msg_auth_verdict_ok),
	RULE(RADIUS_ASK, msg_auth_ask, IMSG_NO_FD, MSG_PARENT | MSG_AUTHD,
	     msg_auth_ask_ok),
	RULE(EAP_ASK, msg_eap_ask, IMSG_NO_FD, MSG_PARENT | MSG_AUTHD,
	     msg_eap_ask_ok),
	RULE(INNER_ASK, msg_inner_ask, IMSG_NO_FD, MSG_PARENT | MSG_EAPD, msg_inner_ask_ok),
	RULE(INNER_ANSWER, msg_inner_answer, IMSG_NO_FD, MSG_PARENT | MSG_AUTHD,
	     msg_inner_answer_ok),
	RULE(FORGET, msg_session, IMSG_NO_FD, MSG_PARENT, msg_session_ok),
	RULE(ACCT, msg_acct, IMSG_NO_FD, MSG_PARENT, msg_acct_ok),
	RULE(ACCT_TAKEN, msg_acct_taken, IMSG_NO_FD, MSG_RADIUS, msg_acct_taken_ok),
	RULE(GRANT_CHANGE, msg_grant_change, IMSG_NO_FD, MSG_RADIUS,
	     msg_grant_change_ok),
	RULE(AUTH_ANSWER, msg_auth_answer, IMSG_NO_FD, MSG_PARENT,
	     msg_auth_answer_ok),
	RULE(PATH_SOCKET, msg_session, IMSG_FD, MSG_ENGINE, msg_session_ok),
	RULE(PATH_OPEN, msg_path_open, IMSG_NO_FD, MSG_ENGINE,
	     msg_path_open_ok),
	RULE(PATH_OPENED, msg_path_opened, IMSG_MAY_FD, MSG_PARENT,
	     msg_path_opened_ok),
	RULE(PATH_UPDATE, msg_path_update, IMSG_NO_FD, MSG_ENGINE,
	     msg_path_update_ok),
	RULE(LINK_STATE, msg_link_state, IMSG_NO_FD, MSG_ENGINE, msg_link_state_ok),
	RULE(ADOPT, msg_adopt, IMSG_FD, MSG_PARENT, msg_adopt_ok),
	RULE(IDLE_ASK, msg_session, IMSG_NO_FD, MSG_ENGINE, msg_session_ok),
	RULE(IDLE, msg_idle, IMSG_NO_FD, MSG_PARENT, msg_idle_ok),
	RULE(DISCONNECT, msg_disconnect, IMSG_NO_FD, MSG_PARENT | MSG_RADIUS,
	     msg_disconnect_ok),
	RULE(SESSION_END, msg_session_end, IMSG_NO_FD, MSG_ENGINE,
	     msg_session_end_ok),
};
