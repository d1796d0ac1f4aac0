// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The network-facing process: everything that parses bytes of strangers. It
 * has no privileges; interfaces, addresses and passwords are the business of
 * others, whom it asks by message.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "boundary/child.h"
#include "boundary/msg.h"
#include "boundary/proc.h"
#include "boundary/sandbox.h"
#include "engine/client.h"
#include "engine/server.h"
#include "engine/session.h"
#include "engine/uplink.h"
#include "lib/log.h"
#include "lib/loop.h"
#include "tls/ktls.h"
#include "tls/tls_ctx.h"

/* Stopping: LCP's farewell, then SSTP's, then the end. All within 5 s. */
#define ENGINE_HURRY_MS		2000
#define ENGINE_GIVE_UP_MS	2500

static struct {
	bool has_server;
	bool started;
	bool stopping;
	bool retiring;
	bool hurried;
	struct event *stop_timer;
} engine;

/* ---- stopping ---------------------------------------------------------------- */

static void engine_stopped(void)
{
	uplink_tell(MSG_STOPPED, &(struct msg_none){ 0 });
	uplink_flush();
	loop_stop();
}

/* The last session is gone, or a client will not dial any more. */
static void engine_quiet(void)
{
	if (session_count())
		return;
	if (engine.stopping || (engine.retiring && server_is_quiet()) ||
	    (!engine.has_server && client_all_done()))
		engine_stopped();
}

static void engine_hurry_one(struct session *s, void *arg)
{
	(void)arg;
	session_hurry(s, REASON_SHUTDOWN);
}

static void engine_on_stop_timer(int fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
	if (engine.hurried) {
		log_warn("%u sessions did not end in time", session_count());
		engine_stopped();
		return;
	}
	engine.hurried = true;
	session_each(engine_hurry_one, NULL);
	loop_arm(engine.stop_timer, ENGINE_GIVE_UP_MS);
}

static void engine_stop_one(struct session *s, void *arg)
{
	(void)arg;
	session_stop(s, REASON_SHUTDOWN);
}

static void engine_stop(void)
{
	if (engine.stopping)
		return;
	engine.stopping = true;
	server_stop();
	client_stop();
	engine.stop_timer = loop_event(-1, 0, engine_on_stop_timer, NULL);
	loop_arm(engine.stop_timer, ENGINE_HURRY_MS);
	session_each(engine_stop_one, NULL);
	engine_quiet();
}

/* Others take the connections to come; ours stay as long as they like. */
static void engine_retire(bool retire)
{
	engine.retiring = retire;
	if (!retire)
		return;
	server_listen_none();
	engine_quiet();
}

/* ---- messages -------------------------------------------------------------------- */

static void engine_file(struct imsg *m)
{
	const struct msg_conf_file *file = m->body;

	switch (file->kind) {
	case MSG_FILE_CERTIFICATE:
		server_certificate(file->number, m->fd);
		break;
	case MSG_FILE_KEY:
		server_key(file->number, m->fd);
		break;
	case MSG_FILE_OCSP:
		server_ocsp(file->number, m->fd);
		break;
	case MSG_FILE_CLIENT_CA:
		server_client_ca(m->fd);
		break;
	case MSG_FILE_CLIENT_CERT:
		client_certificate(file->number, m->fd);
		break;
	case MSG_FILE_CLIENT_KEY:
		client_key(file->number, m->fd);
		break;
	case MSG_FILE_CA:
		client_ca(file->number, m->fd);
		break;
	case MSG_FILE_KEYLOG:
		tls_ctx_keylog(m->fd);
		break;
	}
	m->fd = -1;
}

/* The first time, or with a new configuration of the server and files of the clients. */
static void engine_start(void)
{
	if (engine.has_server)
		server_start();
	client_start();
	engine.started = true;
	uplink_tell(MSG_READY, &(struct msg_none){ 0 });
}

/* What is there goes on without what a reload has brought. */
static void engine_file_lost(const struct imsg *m)
{
	if (!engine.started)
		log_fatal("no descriptor left for %s", msg_rules[m->type].name);
	server_spoil();
	uplink_tell(MSG_CONF_LOST, &(struct msg_none){ 0 });
}

static void engine_configure(struct imsg *m)
{
	if (m->fd_lost) {
		engine_file_lost(m);
		return;
	}
	switch (m->type) {
	case MSG_CONF_ENGINE:
		session_configure(m->body);
		break;
	case MSG_CONF_SERVER:
		engine.has_server = true;
		server_configure(m->body);
		break;
	case MSG_CONF_CLIENT:
		client_configure(m->body);
		break;
	case MSG_CONF_FILE:
		engine_file(m);
		break;
	case MSG_LISTEN:
		server_listen(((const struct msg_listen *)m->body)->number, m->fd);
		m->fd = -1;
		break;
	case MSG_LISTEN_END:
		server_listen_end(((const struct msg_listen *)m->body)->number);
		break;
	case MSG_LOG_LEVEL:
		log_set_level(((const struct msg_log_level *)m->body)->level);
		break;
	case MSG_START:
		engine_start();
		break;
	default:
		log_fatal("unexpected message %s", msg_rules[m->type].name);
	}
}

static void engine_end_unknown(uint32_t id, const char *why)
{
	struct msg_session_end end = { .id = id, .reason = REASON_INTERNAL };

	snprintf(end.why, sizeof(end.why), "%s", why);
	uplink_tell(MSG_SESSION_END, &end);
}

/* An answer for a session that is gone is no error. */
static void engine_session_message(struct imsg *m)
{
	const struct msg_session *any = m->body;
	struct session *s = session_find(any->id);

	if (!s) {
		/* To be ended, and here it is not: nobody else will say so. */
		if (m->type == MSG_DISCONNECT)
			engine_end_unknown(any->id, "its engine does not know it");
		return;
	}
	switch (m->type) {
	case MSG_AUTH_ANSWER:
		session_auth_answer(s, m->body);
		break;
	case MSG_CHALLENGE:
		session_challenge(s, m->body);
		break;
	case MSG_PATH_OPENED:
		session_path_opened(s, m->body, &m->fd);
		break;
	case MSG_IDLE:
		session_idle(s, ((const struct msg_idle *)m->body)->ms);
		break;
	case MSG_DISCONNECT:
		session_stop(s, ((const struct msg_disconnect *)m->body)->reason);
		break;
	}
}

/* Without a descriptor there is no way to go on with it. */
static void engine_adopt(struct imsg *m)
{
	const struct msg_adopt *adopt = m->body;

	if (m->fd < 0) {
		engine_end_unknown(adopt->id, "no descriptor left to go on with it");
		return;
	}
	/* The engine before gave out a number that was not its to give. */
	if (session_find(adopt->id) || (!adopt->server && client_is_busy(adopt->client))) {
		engine_end_unknown(adopt->id, "somebody else is in its place");
		return;
	}
	if (adopt->server)
		server_adopt(adopt, m->fd);
	else
		client_adopt(adopt, m->fd);
	m->fd = -1;
}

static void engine_on_message(void *ctx, struct imsg *m, const char *why)
{
	(void)ctx;
	if (!m) {
		log_debug("parent is gone (%s)", why);
		loop_stop();
		return;
	}
	switch (m->type) {
	case MSG_CHALLENGE:
	case MSG_AUTH_ANSWER:
	case MSG_PATH_OPENED:
	case MSG_IDLE:
	case MSG_DISCONNECT:
		engine_session_message(m);
		break;
	case MSG_RESOLVED:
		client_resolved(m->body);
		break;
	case MSG_DIALLED:
		client_dialled(m->body, m->fd);
		m->fd = -1;
		break;
	case MSG_REDIAL:
		client_redial(((const struct msg_client *)m->body)->client);
		break;
	case MSG_RECONNECT:
		client_reconnect(((const struct msg_client *)m->body)->client);
		break;
	case MSG_ADOPT:
		engine_adopt(m);
		break;
	case MSG_RETIRE:
		engine_retire(((const struct msg_retire *)m->body)->retire);
		break;
	case MSG_STOP:
		engine_stop();
		break;
	case MSG_PING:
		uplink_tell(MSG_PONG, &(struct msg_none){ 0 });
		break;
	default:
		engine_configure(m);
	}
}

int engine_main(const char *user, bool dials)
{
	tls_ctx_wipe_freed();
	loop_init();
	ktls_init();
	/* Loads OpenSSL's configuration while there still are files. */
	OPENSSL_init_ssl(OPENSSL_INIT_LOAD_CONFIG, NULL);
	/* tls-keylog grows as long as somebody wants it. */
	proc_confine(user, &(struct proc_limits){
		.root = PROC_EMPTY_DIR,
		.file_size = PROC_ANY_SIZE,
	});
	sandbox_enter(dials ? SANDBOX_DIALLER : SANDBOX_ENGINE);
	uplink_open(engine_on_message, engine_quiet);
	loop_run();
	return 0;
}
