// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The process of EAP-TLS, and of a client's PEAP. It holds the private keys of EAP-TLS,
 * the server's and the clients', and runs the handshakes that the engine carries between
 * here and the peer. OpenSSL reads bytes of strangers in it: so it is not authd, which
 * has the passwords; and it is not the engine, which must not have these keys. What PEAP
 * needs of a password, authd makes: the answer to one challenge, by way of the parent.
 *
 * What it says is worth as much as its certificates: that the peer has one for
 * the name it gave. Which account that is, authd has said with the question.
 */
#include "boundary/child.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <unistd.h>

#include <openssl/crypto.h>

#include "boundary/msg.h"
#include "boundary/proc.h"
#include "boundary/sandbox.h"
#include "eapd/eap_tls.h"
#include "eapd/peap.h"
#include "lib/log.h"
#include "lib/loop.h"
#include "ppp/eap.h"
#include "tls/cert_name.h"
#include "tls/tls_ctx.h"

/*
 * Handshakes at a time: far more than connections before their login, of which
 * there are max-half-open. Each is some 14 kB of locked memory.
 */
#define EAPD_TALKS_MAX	4096

/* A handshake that goes on; @ask: its first question, with the latest number. */
struct eapd_talk {
	LIST_ENTRY(eapd_talk) next;
	struct eap_tls *tls;
	struct peap *peap;
	struct msg_eap_ask ask;
};

/* One role's certificate and CA, while its files come in. */
struct eapd_setup {
	struct msg_conf_eap conf;
	int cert;
	int key;
	int ca;
};

static struct {
	struct imsg_chan *parent;
	struct eapd_setup setup;
	SSL_CTX **lost;		/* whose files found no room, NULL = nobody's */
	SSL_CTX *server;
	SSL_CTX *clients[CONF_CLIENTS_MAX];
	SSL_CTX *peap[CONF_CLIENTS_MAX];
	bool need_binding[CONF_CLIENTS_MAX];
	char names[CONF_CLIENTS_MAX][CONF_HOST_MAX];
	LIST_HEAD(, eapd_talk) talks;
	unsigned int n_talks;
} eapd = {
	.setup = { .cert = -1, .key = -1, .ca = -1 },
};

/* ---- configuration --------------------------------------------------------- */

static void eapd_setup_close(void)
{
	int *fds[] = { &eapd.setup.cert, &eapd.setup.key, &eapd.setup.ca };

	for (int i = 0; i < 3; i++) {
		if (*fds[i] >= 0)
			close(*fds[i]);
		*fds[i] = -1;
	}
}

/* The one that the files which come in are for */
static SSL_CTX **eapd_slot(void)
{
	const struct msg_conf_eap *conf = &eapd.setup.conf;

	if (conf->server)
		return &eapd.server;
	return conf->peap ? &eapd.peap[conf->client] : &eapd.clients[conf->client];
}

/* Handshakes that go on have a reference to the old context. */
static void eapd_setup_done(void)
{
	const struct eapd_setup *s = &eapd.setup;
	const struct tls_cert_files files = { .cert = s->cert, .key = s->key };
	SSL_CTX **slot = eapd_slot();
	char err[200];
	SSL_CTX *ctx = tls_ctx_eap(s->conf.server, s->conf.peap ? NULL : &files, s->ca, err,
				   sizeof(err));

	if (!ctx && !*slot)
		log_fatal("EAP-TLS: %s", err);
	if (ctx) {
		SSL_CTX_free(*slot);
		*slot = ctx;
		if (!s->conf.server)
			memcpy(eapd.names[s->conf.client], s->conf.name, CONF_HOST_MAX);
		if (s->conf.peap)
			eapd.need_binding[s->conf.client] = s->conf.need_binding;
	} else {
		log_err("EAP-TLS: %s; the certificate stays as it was", err);
	}
	if (eapd.lost == slot) {
		log_info("EAP-TLS: the certificate is there now");
		eapd.lost = NULL;
	}
	eapd_setup_close();
}

static void eapd_file_lost(void)
{
	if (!*eapd_slot())
		log_fatal("EAP-TLS: no descriptor left");
	if (!eapd.lost)
		log_err("EAP-TLS: no descriptor left; the certificate stays as it was until there is");
	eapd.lost = eapd_slot();
	imsg_send(eapd.parent, MSG_CONF_LOST, &(struct msg_none){ 0 }, -1);
}

static void eapd_file(struct imsg *m)
{
	const struct msg_conf_file *file = m->body;
	struct eapd_setup *s = &eapd.setup;
	int *fd = file->kind == MSG_FILE_CERTIFICATE ? &s->cert :
		  file->kind == MSG_FILE_KEY ? &s->key : &s->ca;

	if (m->fd_lost)
		eapd_file_lost();
	if (*fd >= 0)
		close(*fd);
	*fd = m->fd;
	m->fd = -1;
	if (s->ca >= 0 && (s->conf.peap || (s->cert >= 0 && s->key >= 0)))
		eapd_setup_done();
}

/* ---- handshakes ------------------------------------------------------------ */

static struct eapd_talk *eapd_find(uint32_t id)
{
	struct eapd_talk *talk;

	LIST_FOREACH(talk, &eapd.talks, next)
		if (talk->ask.ask.id == id)
			return talk;
	return NULL;
}

static void eapd_forget(uint32_t id)
{
	struct eapd_talk *talk = eapd_find(id);

	if (!talk)
		return;
	LIST_REMOVE(talk, next);
	eapd.n_talks--;
	peap_free(talk->peap);
	eap_tls_free(talk->tls);
	OPENSSL_clear_free(talk, sizeof(*talk));
}

static struct eapd_talk *eapd_begin(const struct msg_eap_ask *ask)
{
	const struct auth_request *req = &ask->ask.req;
	bool client = req->client, peap = req->method == AUTH_PEAP;
	uint32_t n = ask->ask.client;
	SSL_CTX *ctx = !client ? eapd.server : peap ? eapd.peap[n] : eapd.clients[n];
	struct eapd_talk *talk;

	if (!ctx || eapd.n_talks == EAPD_TALKS_MAX)
		return NULL;
	talk = OPENSSL_zalloc(sizeof(*talk));
	if (talk)
		talk->tls = eap_tls_new(ctx, client ? eapd.names[n] : NULL);
	if (talk && talk->tls && peap)
		talk->peap = peap_new(talk->tls, ask->user, eapd.need_binding[n]);
	if (!talk || !talk->tls || (peap && !talk->peap))
		log_fatal("out of memory");
	talk->ask = *ask;
	LIST_INSERT_HEAD(&eapd.talks, talk, next);
	eapd.n_talks++;
	return talk;
}

/* A handshake of the server begins with the Identity, that of a client anyhow. */
static bool eapd_is_first(const struct auth_request *req)
{
	return !req->client && req->packet_len > 4 && req->packet[4] == EAP_TYPE_IDENTITY;
}

static struct eapd_talk *eapd_talk(const struct msg_eap_ask *ask)
{
	struct eapd_talk *talk;

	if (eapd_is_first(&ask->ask.req))
		eapd_forget(ask->ask.id);
	talk = eapd_find(ask->ask.id);
	if (!talk && (ask->ask.req.client || eapd_is_first(&ask->ask.req)))
		talk = eapd_begin(ask);
	return talk;
}

/* The handshake is good. Is it that of an account? */
static const char *eapd_who(const struct eapd_talk *talk)
{
	const struct auth_request *req = &talk->ask.ask.req;
	X509 *cert = eap_tls_peer(talk->tls);

	if (req->client)
		return NULL;
	if (!cert || !cert_is_of(cert, account_name(req->name), talk->ask.fold))
		return "the certificate is not that of this user";
	return *talk->ask.user ? NULL : "there is no such user";
}

static void eapd_verdict(const struct eapd_talk *talk, enum eap_tls_state state,
			 struct msg_auth_verdict *v)
{
	const char *lacks = NULL;

	v->res.more = state == EAP_TLS_GOES_ON;
	if (v->res.more)
		return;
	if (state == EAP_TLS_FAILED)
		lacks = eap_tls_why(talk->tls);
	else
		lacks = eapd_who(talk);
	if (!lacks && talk->peap)
		peap_hlak(talk->peap, v->res.hlak);
	else if (!lacks && !eap_tls_hlak(talk->tls, v->res.hlak))
		lacks = "no key";
	v->res.ok = !lacks;
	if (lacks) {
		v->res.error = AUTH_ERR_CREDENTIALS;
		snprintf(v->res.message, sizeof(v->res.message), "%s: %.100s",
			 auth_method_name(talk->ask.ask.req.method), lacks);
	} else if (!talk->ask.ask.req.client) {
		memcpy(v->user, talk->ask.user, sizeof(v->user));
		v->grant.user = talk->ask.grant;
	}
}

static void eapd_answer(struct eapd_talk *talk, enum eap_tls_state state,
			struct msg_auth_verdict *v)
{
	eapd_verdict(talk, state, v);
	if (!v->res.more)
		eapd_forget(v->id);
	imsg_send(eapd.parent, MSG_AUTH_VERDICT, v, -1);
}

/* The password is authd's; what it makes of the challenges is the answer. */
static void eapd_ask_inner(const struct eapd_talk *talk)
{
	const struct msg_auth_ask *ask = &talk->ask.ask;
	struct msg_inner_ask m = {
		.id = ask->id,
		.serial = ask->req.serial,
		.client = ask->client,
	};

	peap_challenges(talk->peap, m.auth_challenge, m.peer_challenge);
	imsg_send(eapd.parent, MSG_INNER_ASK, &m, -1);
}

static void eapd_on_inner(const struct msg_inner_answer *m)
{
	struct msg_auth_verdict v = { .id = m->id, .serial = m->serial };
	struct wbuf out = wbuf_of(v.res.packet, sizeof(v.res.packet));
	struct eapd_talk *talk = eapd_find(m->id);
	struct peap_proof proof = { .ok = m->ok };
	enum eap_tls_state state;

	/* It has hung up since then, or it is another one. */
	if (!talk || !talk->peap || talk->ask.ask.req.serial != m->serial)
		return;
	memcpy(v.user, talk->ask.ask.req.name, sizeof(v.user));
	memcpy(proof.nt_response, m->nt_response, sizeof(proof.nt_response));
	memcpy(proof.auth_response, m->auth_response, sizeof(proof.auth_response));
	memcpy(proof.hlak, m->hlak, sizeof(proof.hlak));
	state = peap_proof(talk->peap, &proof, &out);
	v.res.packet_len = (uint16_t)out.len;
	eapd_answer(talk, state, &v);
	OPENSSL_cleanse(&v, sizeof(v));
	OPENSSL_cleanse(&proof, sizeof(proof));
}

static void eapd_serve(const struct msg_eap_ask *ask)
{
	const struct auth_request *req = &ask->ask.req;
	struct msg_auth_verdict v = { .id = ask->ask.id, .serial = req->serial };
	struct wbuf out = wbuf_of(v.res.packet, sizeof(v.res.packet));
	struct eapd_talk *talk = eapd_talk(ask);
	enum eap_tls_state state;

	memcpy(v.user, req->name, sizeof(v.user));
	if (!talk) {
		v.res.error = AUTH_ERR_NO_DIALIN;
		snprintf(v.res.message, sizeof(v.res.message), "%s: no handshake goes on",
			 auth_method_name(req->method));
		imsg_send(eapd.parent, MSG_AUTH_VERDICT, &v, -1);
		return;
	}
	talk->ask.ask.req.serial = req->serial;
	state = eap_tls_input(talk->tls, rbuf_of(req->packet, req->packet_len), &out);
	v.res.packet_len = (uint16_t)out.len;
	if (state == EAP_TLS_WAITS)
		eapd_ask_inner(talk);
	else
		eapd_answer(talk, state, &v);
	OPENSSL_cleanse(&v, sizeof(v));
}

/* ---- messages -------------------------------------------------------------- */

static void eapd_on_message(void *ctx, struct imsg *m, const char *why)
{
	(void)ctx;
	if (!m) {
		log_debug("parent is gone (%s)", why);
		loop_stop();
		return;
	}
	switch (m->type) {
	case MSG_CONF_EAP:
		eapd_setup_close();
		eapd.setup.conf = *(const struct msg_conf_eap *)m->body;
		break;
	case MSG_CONF_FILE:
		eapd_file(m);
		break;
	case MSG_LOG_LEVEL:
		log_set_level(((const struct msg_log_level *)m->body)->level);
		break;
	case MSG_START:
		imsg_send(eapd.parent, MSG_READY, &(struct msg_none){ 0 }, -1);
		break;
	case MSG_EAP_ASK:
		eapd_serve(m->body);
		break;
	case MSG_INNER_ANSWER:
		eapd_on_inner(m->body);
		break;
	case MSG_PING:
		imsg_send(eapd.parent, MSG_PONG, &(struct msg_none){ 0 }, -1);
		break;
	case MSG_FORGET:
		eapd_forget(((const struct msg_session *)m->body)->id);
		break;
	default:
		log_fatal("unexpected message %s", msg_rules[m->type].name);
	}
}

int eapd_main(const char *user)
{
	loop_init();
	/* Loads OpenSSL's configuration while there still are files. */
	OPENSSL_init_ssl(OPENSSL_INIT_LOAD_CONFIG, NULL);
	proc_confine(user, &(struct proc_limits){
		.root = PROC_EMPTY_DIR,
		.lock_memory = true,
		.files = 64,
	});
	sandbox_enter(SANDBOX_EAPD);
	eapd.parent = imsg_open(PROC_CHANNEL_FD, msg_rules, MSG_TYPES, MSG_PARENT,
				eapd_on_message, NULL);
	loop_run();
	return 0;
}
