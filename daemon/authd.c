// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The password holder. It sees no network: a question comes in (auth.h says
 * what is in it), a verdict goes out. The server's accounts and the clients'
 * passwords are in this process only.
 */
#include "child.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include "log.h"
#include "loop.h"
#include "mschap.h"
#include "msg.h"
#include "proc.h"
#include "sandbox.h"
#include "userdb.h"

struct authd {
	struct imsg_chan *parent;
	struct mschap *mschap;
	struct userdb *users;
	struct conf_secret secrets[CONF_CLIENTS_MAX];
	bool has_secret[CONF_CLIENTS_MAX];
	/* Answers for users that do not exist take as long as for others. */
	struct userdb_user nobody;
};

static void authd_complain(void *ctx, const char *line)
{
	(void)ctx;
	log_err("%s", line);
}

static void authd_load_users(struct authd *a, struct imsg *m)
{
	FILE *in = fdopen(m->fd, "r");

	if (!in)
		log_fatal("cannot read the users file");
	m->fd = -1;
	userdb_free(a->users);
	a->users = userdb_load(in, "users file", a->mschap, authd_complain,
			       NULL);
	fclose(in);
	if (!a->users)
		log_fatal("the users file has errors");
	log_debug("%zu users", userdb_size(a->users));
}

/* Server role: is this peer who it says it is? */
static bool authd_check(struct authd *a, const struct auth_request *req,
			const struct userdb_user *user,
			struct auth_result *res)
{
	uint8_t nt_hash[MSCHAP_NT_HASH_LEN];
	struct mschap_result mschap;
	bool ok;

	if (req->method == AUTH_PAP) {
		ok = mschap_nt_hash(a->mschap, req->password,
				    strlen(req->password), nt_hash) == 0 &&
		     CRYPTO_memcmp(nt_hash, user->nt_hash,
				   sizeof(nt_hash)) == 0;
		OPENSSL_cleanse(nt_hash, sizeof(nt_hash));
		return ok;
	}
	ok = mschap_verify(a->mschap, user->nt_hash, req->name,
			   req->auth_challenge, req->peer_challenge,
			   req->nt_response, &mschap) == 1;
	if (ok) {
		memcpy(res->auth_response, mschap.auth_response,
		       sizeof(res->auth_response));
		memcpy(res->hlak, mschap.hlak, sizeof(res->hlak));
	}
	OPENSSL_cleanse(&mschap, sizeof(mschap));
	return ok;
}

static void authd_serve_server(struct authd *a, const struct msg_auth_ask *ask,
			       struct msg_auth_verdict *v)
{
	const struct userdb_user *user = NULL;

	if (a->users)
		user = userdb_find(a->users, ask->req.name);
	v->res.ok = authd_check(a, &ask->req, user ? user : &a->nobody,
				&v->res) && user;
	if (v->res.ok) {
		memcpy(v->user, user->name, sizeof(v->user));
		v->fixed = user->fixed;
		return;
	}
	OPENSSL_cleanse(&v->res, sizeof(v->res));
	v->res.error = AUTH_ERR_CREDENTIALS;
	v->res.retry = true;
	memcpy(v->user, ask->req.name, sizeof(v->user));
}

/* Client role: prove that we are who we say we are. */
static void authd_serve_client(struct authd *a, const struct msg_auth_ask *ask,
			       struct msg_auth_verdict *v)
{
	const struct conf_secret *secret = &a->secrets[ask->client];
	uint8_t nt_hash[MSCHAP_NT_HASH_LEN];
	struct mschap_result mschap;

	if (!a->has_secret[ask->client])
		return;
	memcpy(v->user, secret->user, sizeof(v->user));
	if (ask->req.method == AUTH_PAP) {
		memcpy(v->res.password, secret->password,
		       sizeof(v->res.password));
		v->res.ok = true;
		return;
	}
	if (mschap_nt_hash(a->mschap, secret->password,
			   strlen(secret->password), nt_hash) == 0 &&
	    mschap_compute(a->mschap, nt_hash, secret->user,
			   ask->req.auth_challenge, ask->req.peer_challenge,
			   &mschap) == 0) {
		memcpy(v->res.nt_response, mschap.nt_response,
		       sizeof(v->res.nt_response));
		memcpy(v->res.auth_response, mschap.auth_response,
		       sizeof(v->res.auth_response));
		memcpy(v->res.hlak, mschap.hlak, sizeof(v->res.hlak));
		v->res.ok = true;
	}
	OPENSSL_cleanse(nt_hash, sizeof(nt_hash));
	OPENSSL_cleanse(&mschap, sizeof(mschap));
}

static void authd_serve(struct authd *a, const struct msg_auth_ask *ask)
{
	struct msg_auth_verdict v = {
		.id = ask->id,
		.serial = ask->req.serial,
	};

	if (ask->req.client)
		authd_serve_client(a, ask, &v);
	else
		authd_serve_server(a, ask, &v);
	imsg_send(a->parent, MSG_AUTH_VERDICT, &v, -1);
	OPENSSL_cleanse(&v, sizeof(v));
}

static void authd_on_message(void *ctx, struct imsg *m, const char *why)
{
	const struct conf_secret *secret;
	struct authd *a = ctx;

	if (!m) {
		log_debug("parent is gone (%s)", why);
		loop_stop();
		return;
	}
	switch (m->type) {
	case MSG_CONF_USERS:
		authd_load_users(a, m);
		break;
	case MSG_CONF_SECRET:
		secret = m->body;
		if (secret->client >= CONF_CLIENTS_MAX)
			log_fatal("password for client number %u",
				  secret->client);
		a->secrets[secret->client] = *secret;
		a->has_secret[secret->client] = true;
		break;
	case MSG_START:
		imsg_send(a->parent, MSG_READY, &(struct msg_none){ 0 }, -1);
		break;
	case MSG_AUTH_ASK:
		authd_serve(a, m->body);
		break;
	case MSG_PING:
		imsg_send(a->parent, MSG_PONG, &(struct msg_none){ 0 }, -1);
		break;
	default:
		log_fatal("unexpected message %s", msg_rules[m->type].name);
	}
}

int authd_main(const char *user)
{
	static struct authd a;

	/* Before the sandbox: MD4 and DES come from a provider's file. */
	a.mschap = mschap_new();
	if (!a.mschap)
		log_fatal("no MD4 in OpenSSL, MS-CHAPv2 needs it: install the legacy provider (Debian 13: openssl-provider-legacy)");
	loop_init();
	proc_confine(user, &(struct proc_limits){
		.root = PROC_EMPTY_DIR,
		.files = 32,
	});
	if (RAND_bytes(a.nobody.nt_hash, sizeof(a.nobody.nt_hash)) != 1)
		log_fatal("no randomness");
	sandbox_enter(SANDBOX_AUTHD);
	a.parent = imsg_open(PROC_CHANNEL_FD, msg_rules, MSG_TYPES, MSG_PARENT,
			     authd_on_message, &a);
	loop_run();
	OPENSSL_cleanse(&a.secrets, sizeof(a.secrets));
	userdb_free(a.users);
	mschap_free(a.mschap);
	return 0;
}
